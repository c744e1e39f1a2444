#!/usr/bin/env python3
"""One press of a camera button at a ground station of other people's making (pymavlink).

    button.py PORT NUMBER [PARAMETER ...]

Speaks MAVLink 2 over UDP to 127.0.0.1:PORT and sends camera 100 the command with this number until it is answered for good. Prints one
JSON object: the result of the ACK, and the words that came within two seconds of it. Ends with 1 when the camera does not answer in time.
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
WORDS_S = 2.0
CAMERA = 100


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("number", type=int)
    parser.add_argument("parameters", type=float, nargs="*")
    arguments = parser.parse_args()
    link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{arguments.port}", source_system=255, source_component=190)
    padded = [*arguments.parameters, *[0.0] * (7 - len(arguments.parameters))]
    until, beat_at, ask_at, vehicle, result, words = time.monotonic() + PATIENCE_S, 0.0, 0.0, None, None, []
    while time.monotonic() < until:
        if time.monotonic() >= beat_at:
            beat_at = time.monotonic() + 1.0
            link.mav.heartbeat_send(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE)
        if vehicle is not None and result is None and time.monotonic() >= ask_at:
            ask_at = time.monotonic() + REPEAT_S
            link.mav.command_long_send(vehicle, CAMERA, arguments.number, 0, *padded)
        message = link.recv_match(blocking=True, timeout=0.1)
        if message is None or message.get_srcComponent() != CAMERA:
            continue
        if message.get_type() == "HEARTBEAT":
            vehicle = message.get_srcSystem()
        if message.get_type() == "STATUSTEXT":
            words.append(message.text)
        if message.get_type() == "COMMAND_ACK" and message.command == arguments.number and result is None \
                and message.result != mavlink.MAV_RESULT_IN_PROGRESS:
            result, until = message.result, time.monotonic() + WORDS_S
    if result is None:
        sys.exit(f"button.py: waited {PATIENCE_S} s for the ACK of command {arguments.number}")
    print(json.dumps({"result": result, "words": words}))


if __name__ == "__main__":
    main()
