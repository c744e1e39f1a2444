//! MAVLink as a conversation: frames, links, peers, clocks, camera.
