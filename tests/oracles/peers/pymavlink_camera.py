"""pymavlink asks the cameras of an aircraft for their messages (UDP to 127.0.0.1:PORT). Prints a table of calls as JSON.

    pymavlink_camera.py PORT messages   each message, by REQUEST_MESSAGE and by the older command
    pymavlink_camera.py PORT photos     each photo taken, asked for again by its index: their files

A call passes once it is acknowledged as it must be and the message has come; it is asked again each second, as stations do.
"""

import os
import sys
import time

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402  the dialect is chosen by the environment

from calls import Calls  # noqa: E402

MAV = mavutil.mavlink
PATIENCE_S = 40.0
EO, IR = 100, 101
ACCEPTED, DENIED = MAV.MAV_RESULT_ACCEPTED, MAV.MAV_RESULT_DENIED
# message: its id, the older command with its parameters, and whether it is of a stream, which only the first camera has
MESSAGES = {
    "CAMERA_INFORMATION": (259, 521, (1,), False),
    "CAMERA_SETTINGS": (260, 522, (1,), False),
    "STORAGE_INFORMATION": (261, 525, (1, 1), False),
    "CAMERA_CAPTURE_STATUS": (262, 527, (1,), False),
    "VIDEO_STREAM_INFORMATION": (269, 2504, (1,), True),
    "VIDEO_STREAM_STATUS": (270, 2505, (1,), True),
    "CAMERA_FOV_STATUS": (271, None, (), False),
}


class Station:
    def __init__(self, port):
        self.link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{port}", source_system=255, source_component=190)
        self.beat_at, self.vehicle = 0.0, None

    def hear(self):
        if time.monotonic() >= self.beat_at:
            self.beat_at = time.monotonic() + 1.0
            self.link.mav.heartbeat_send(MAV.MAV_TYPE_GCS, MAV.MAV_AUTOPILOT_INVALID, 0, 0, MAV.MAV_STATE_ACTIVE)
        return self.link.recv_match(blocking=True, timeout=0.1)

    def find(self):
        """Waits until both cameras are heard."""
        heard, until = set(), time.monotonic() + PATIENCE_S
        while not heard >= {EO, IR}:
            if time.monotonic() > until:
                raise RuntimeError(f"only heard {heard}")
            message = self.hear()
            if message is not None and message.get_type() == "HEARTBEAT" and message.type == MAV.MAV_TYPE_CAMERA:
                self.vehicle = message.get_srcSystem()
                heard.add(message.get_srcComponent())

    def ask(self, camera, number, parameters, expected, message=None, is_it=lambda _: True):
        """Gives a command until it is acknowledged as expected and, where one is named, the message has come; gives that. A message
        that is not it may be the late answer to the question before."""
        until, ask_at, acknowledged, come = time.monotonic() + PATIENCE_S, 0.0, False, None
        padded = [*parameters, *[0.0] * (7 - len(parameters))]
        while not (acknowledged and (come or message is None)):
            if time.monotonic() > until:
                raise RuntimeError(f"acknowledged: {acknowledged}, {message}: {come is not None}")
            if time.monotonic() >= ask_at:
                ask_at = time.monotonic() + 1.0
                self.link.mav.command_long_send(self.vehicle, camera, number, 0, *padded)
            heard = self.hear()
            if heard is None or heard.get_srcComponent() != camera:
                continue
            if heard.get_type() == "COMMAND_ACK" and heard.command == number:
                if heard.result != expected:
                    raise RuntimeError(f"result {heard.result}")
                acknowledged = True
            if heard.get_type() == message and is_it(heard):
                come = heard
        return come


def messages(calls, station):
    streams = None
    for name, (number, older, parameters, of_a_stream) in MESSAGES.items():
        for camera in (EO, IR):
            there = not of_a_stream or camera == EO
            wanted = (ACCEPTED, name) if there else (DENIED, None)
            come = calls.do(f"512 {name} {camera}", lambda: station.ask(camera, 512, (number, 0), *wanted))
            streams = come.count if name == "VIDEO_STREAM_INFORMATION" and come else streams
            if older is not None:
                calls.do(f"{older} {name} {camera}", lambda: station.ask(camera, older, parameters, *wanted))
    # No photo has this index; which one is not said; no such command.
    calls.do("512 CAMERA_IMAGE_CAPTURED", lambda: station.ask(EO, 512, (263, 9), DENIED))
    calls.do("2002 CAMERA_IMAGE_CAPTURED", lambda: station.ask(EO, 2002, (9,), DENIED))
    calls.do("512 CAMERA_IMAGE_CAPTURED of none", lambda: station.ask(EO, 512, (263, float("nan")), DENIED))
    calls.do("unknown", lambda: station.ask(EO, 42_999, (), MAV.MAV_RESULT_UNSUPPORTED))
    return {"streams": streams}


def photos(calls, station):
    files = []
    for camera in (EO, IR):
        status = calls.do(f"527 CAMERA_CAPTURE_STATUS {camera}", lambda: station.ask(camera, 527, (1,), ACCEPTED, "CAMERA_CAPTURE_STATUS"))
        for index in range(status.image_count if status else 0):
            number, parameters = ((512, (263, index)), (2002, (index,)))[index % 2]
            photo = calls.do(f"{number} CAMERA_IMAGE_CAPTURED {camera} {index}",
                             lambda: station.ask(camera, number, parameters, ACCEPTED, "CAMERA_IMAGE_CAPTURED",
                                                 lambda photo: photo.image_index == index),
                             lambda photo: None if photo.capture_result == 1 else "not taken")
            files.append(photo.file_url if photo else None)
    return {"files": files}


def main(port, what):
    calls, station = Calls(), Station(port)
    calls.do("cameras", station.find)
    calls.finish(**{"messages": messages, "photos": photos}[what](calls, station))


main(*sys.argv[1:])
