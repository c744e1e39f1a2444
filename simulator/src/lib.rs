//! A simulated vehicle with a camera and faults, for other people's software and ours.
