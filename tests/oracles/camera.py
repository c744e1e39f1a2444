#!/usr/bin/env python3
"""A ground station of other people's making (pymavlink) that starts and stops the camera.

    camera.py PORT

Speaks MAVLink 2 over UDP to 127.0.0.1:PORT. Prints one JSON object: what the camera says of itself, each ACK's result, and the recording
time while it records. Ends with 1, saying what it waited for, when the camera does not answer in time.
"""
import argparse
import json
import os
import sys
import time

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402  the dialect is chosen by the environment

mavlink = mavutil.mavlink
PATIENCE_S = 60.0
REPEAT_S = 1.0
RECORDED_MS = 4500


class Station:
    """Asks again each second until it is answered, as stations do."""

    def __init__(self, port):
        self.link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{port}", source_system=255, source_component=190)
        self.camera = None
        self.beat_at = 0.0

    def wait(self, what, wanted, ask=lambda: None):
        until, ask_at = time.monotonic() + PATIENCE_S, 0.0
        while time.monotonic() < until:
            if time.monotonic() >= self.beat_at:
                self.beat_at = time.monotonic() + 1.0
                self.link.mav.heartbeat_send(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE)
            if time.monotonic() >= ask_at:
                ask_at = time.monotonic() + REPEAT_S
                ask()
            message = self.link.recv_match(blocking=True, timeout=0.1)
            if message is not None and wanted(message):
                return message
        sys.exit(f"camera.py: waited {PATIENCE_S} s for {what}")

    def find(self):
        def is_camera(message):
            return message.get_type() == "HEARTBEAT" and message.type == mavlink.MAV_TYPE_CAMERA
        found = self.wait("a camera's heartbeat", is_camera)
        self.camera = (found.get_srcSystem(), found.get_srcComponent())

    def ours(self, message, name):
        return message.get_type() == name and (message.get_srcSystem(), message.get_srcComponent()) == self.camera

    def command(self, number, *parameters):
        """The result of the ACK."""
        padded = [*parameters, *[0.0] * (7 - len(parameters))]

        def ask():
            self.link.mav.command_long_send(*self.camera, number, 0, *padded)

        def is_ack(message):
            return self.ours(message, "COMMAND_ACK") and message.command == number
        return self.wait(f"the ACK of command {number}", is_ack, ask).result

    def message(self, number, name):
        """A message on request."""
        def ask():
            self.link.mav.command_long_send(*self.camera, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, number, 0, 0, 0, 0, 0, 0)
        return self.wait(name, lambda message: self.ours(message, name), ask)

    def status(self):
        return self.message(mavlink.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS, "CAMERA_CAPTURE_STATUS")

    def until(self, what, holds):
        """CAMERA_CAPTURE_STATUS once it says so."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            status = self.status()
            if holds(status):
                return status
        sys.exit(f"camera.py: waited {PATIENCE_S} s until {what}")


def shown(status):
    return {"video_status": status.video_status, "recording_ms": status.recording_time_ms, "available_mib": status.available_capacity}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    station = Station(parser.parse_args().port)
    station.find()
    information = station.message(mavlink.MAVLINK_MSG_ID_CAMERA_INFORMATION, "CAMERA_INFORMATION")
    storage = station.message(mavlink.MAVLINK_MSG_ID_STORAGE_INFORMATION, "STORAGE_INFORMATION")
    before = station.status()
    acks = {"start": station.command(mavlink.MAV_CMD_VIDEO_START_CAPTURE)}
    recording = [station.until("recording is on", lambda status: status.video_status == 1 and status.recording_time_ms > 0)]
    acks["start_again"] = station.command(mavlink.MAV_CMD_VIDEO_START_CAPTURE)
    acks["format"] = station.command(mavlink.MAV_CMD_STORAGE_FORMAT, 1, 1)
    while recording[-1].recording_time_ms < RECORDED_MS:
        last = recording[-1].recording_time_ms
        recording.append(station.until("the recording time moves", lambda status: status.recording_time_ms > last + 500 or status.video_status != 1))
        if recording[-1].video_status != 1:
            break
    acks["stop"] = station.command(mavlink.MAV_CMD_VIDEO_STOP_CAPTURE)
    after = station.until("recording is off", lambda status: status.video_status == 0)
    acks["stop_again"] = station.command(mavlink.MAV_CMD_VIDEO_STOP_CAPTURE)
    text = bytes(information.vendor_name).rstrip(b"\0").decode()
    print(json.dumps({
        "information": {
            "vendor": text,
            "model": bytes(information.model_name).rstrip(b"\0").decode(),
            "resolution": [information.resolution_h, information.resolution_v],
            "flags": information.flags,
        },
        "storage": {"total_mib": storage.total_capacity, "available_mib": storage.available_capacity, "status": storage.status},
        "before": shown(before),
        "recording_ms": [status.recording_time_ms for status in recording],
        "after": shown(after),
        "acks": acks,
    }))


if __name__ == "__main__":
    main()
