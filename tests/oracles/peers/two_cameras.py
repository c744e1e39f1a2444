#!/usr/bin/env python3
"""Two ground stations of other people's making (pymavlink) that share the two cameras of one aircraft.

    two_cameras.py PORT

Speak MAVLink 2 over UDP to 127.0.0.1:PORT as systems 255 and 254. They ask for a photo before there is a flight, start one recording
twice, take photos with both cameras, ask again for one whose message is taken for lost, change the mode, ask to format, and stop. Prints
one JSON object. Ends with 1, saying what it waited for, when a camera does not answer in time.
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
EO, IR = 100, 101


class Station:
    """Asks again each second until it is answered, as stations do."""

    def __init__(self, port, system):
        self.link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{port}", source_system=system, source_component=190)
        self.vehicle = None
        self.beat_at = 0.0
        self.images = {}
        self.words = []

    def beat(self):
        if time.monotonic() >= self.beat_at:
            self.beat_at = time.monotonic() + 1.0
            self.link.mav.heartbeat_send(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE)

    def hear(self, message):
        """What comes unasked."""
        if message.get_type() == "CAMERA_IMAGE_CAPTURED":
            self.images.setdefault(message.get_srcComponent(), []).append((message.image_index, message.capture_result))
        if message.get_type() == "STATUSTEXT":
            self.words.append(message.text)

    def wait(self, what, wanted, ask=lambda: None):
        until, ask_at = time.monotonic() + PATIENCE_S, 0.0
        while time.monotonic() < until:
            self.beat()
            if time.monotonic() >= ask_at:
                ask_at = time.monotonic() + REPEAT_S
                ask()
            message = self.link.recv_match(blocking=True, timeout=0.1)
            if message is None:
                continue
            self.hear(message)
            if wanted(message):
                return message
        sys.exit(f"two_cameras.py: waited {PATIENCE_S} s for {what}")

    def find(self, components):
        found = set()

        def all_there(message):
            if message.get_type() == "HEARTBEAT" and message.type == mavlink.MAV_TYPE_CAMERA:
                self.vehicle = message.get_srcSystem()
                found.add(message.get_srcComponent())
            return found >= components
        self.wait(f"heartbeats of {components}", all_there)

    def command(self, camera, number, *parameters):
        """The result of the ACK."""
        padded = [*parameters, *[0.0] * (7 - len(parameters))]

        def is_ack(message):
            return (message.get_type() == "COMMAND_ACK" and message.command == number and message.get_srcComponent() == camera
                    and message.result != mavlink.MAV_RESULT_IN_PROGRESS)
        return self.wait(f"the ACK of command {number}", is_ack,
                         lambda: self.link.mav.command_long_send(self.vehicle, camera, number, 0, *padded)).result

    def message(self, camera, number, name, index=0):
        """A message on request."""
        def is_it(message):
            return message.get_type() == name and message.get_srcComponent() == camera
        return self.wait(name, is_it, lambda: self.link.mav.command_long_send(
            self.vehicle, camera, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, number, index, 0, 0, 0, 0, 0))

    def status(self, camera):
        return self.message(camera, mavlink.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS, "CAMERA_CAPTURE_STATUS")

    def until(self, camera, what, holds):
        """CAMERA_CAPTURE_STATUS once it says so."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            status = self.status(camera)
            if holds(status):
                return status
        sys.exit(f"two_cameras.py: waited {PATIENCE_S} s until {what}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    port = parser.parse_args().port
    one, two = Station(port, 255), Station(port, 254)
    one.find({EO, IR})
    two.find({EO, IR})
    acks = {"photo_without_flight": one.command(EO, mavlink.MAV_CMD_IMAGE_START_CAPTURE, 0, 0, 1, 1)}
    names = {camera: bytes(one.message(camera, mavlink.MAVLINK_MSG_ID_CAMERA_INFORMATION, "CAMERA_INFORMATION").model_name).rstrip(b"\0").decode()
             for camera in (EO, IR)}
    acks["start"] = one.command(EO, mavlink.MAV_CMD_VIDEO_START_CAPTURE)
    before = {camera: one.until(camera, "both record", lambda status: status.recording_time_ms > 1000).recording_time_ms for camera in (EO, IR)}
    acks["start_by_another"] = two.command(IR, mavlink.MAV_CMD_VIDEO_START_CAPTURE)
    acks["start_by_another_again"] = two.command(EO, mavlink.MAV_CMD_VIDEO_START_CAPTURE)
    after = {camera: two.status(camera).recording_time_ms for camera in (EO, IR)}
    acks["photo"] = one.command(EO, mavlink.MAV_CMD_IMAGE_START_CAPTURE, 0, 0, 1, 2)
    acks["photo_repeated"] = one.command(EO, mavlink.MAV_CMD_IMAGE_START_CAPTURE, 0, 0, 1, 2)
    acks["photo_ir"] = two.command(IR, mavlink.MAV_CMD_IMAGE_START_CAPTURE, 0, 0, 1, 1)
    one.until(EO, "a photo is taken", lambda status: status.image_count == 1)
    two.until(IR, "a thermal photo is taken", lambda status: status.image_count == 1)
    acks["series"] = two.command(EO, mavlink.MAV_CMD_IMAGE_START_CAPTURE, 0, 1, 3, 0)
    one.until(EO, "a series is taken", lambda status: status.image_count == 4 and status.image_status == 0)
    again = one.message(EO, mavlink.MAVLINK_MSG_ID_CAMERA_IMAGE_CAPTURED, "CAMERA_IMAGE_CAPTURED", 2)
    acks["mode"] = one.command(EO, mavlink.MAV_CMD_SET_CAMERA_MODE, 0, mavlink.CAMERA_MODE_IMAGE)
    mode = one.message(EO, mavlink.MAVLINK_MSG_ID_CAMERA_SETTINGS, "CAMERA_SETTINGS").mode_id
    acks["format"] = one.command(EO, mavlink.MAV_CMD_STORAGE_FORMAT, 1, 1)
    acks["zoom"] = one.command(EO, mavlink.MAV_CMD_SET_CAMERA_ZOOM, 0, 1)
    acks["stop"] = two.command(IR, mavlink.MAV_CMD_VIDEO_STOP_CAPTURE)
    for camera in (EO, IR):
        one.until(camera, "recording is off", lambda status: status.video_status == 0)
    print(json.dumps({
        "names": names,
        "acks": acks,
        "mode": mode,
        "recording_ms": {"before": before, "after": after},
        "images": one.images,
        "asked_again": {"index": again.image_index, "result": again.capture_result, "lat": again.lat / 1e7, "lon": again.lon / 1e7,
                        "utc_us": again.time_utc, "file": again.file_url},
        "words": one.words,
    }))


if __name__ == "__main__":
    main()
