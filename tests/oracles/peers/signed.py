#!/usr/bin/env python3
"""A ground station of other people's making (pymavlink) that signs.

    signed.py talk PORT KEY FILE      asks the camera who it is, and keeps each datagram that it sent in FILE, a line of hex each
    signed.py replay PORT KEY FILE    sends the datagrams of FILE again as they are, then asks as before by itself

Speaks MAVLink 2 over UDP to 127.0.0.1:PORT, signed with the key in the file KEY. Prints one JSON object: who was heard with a right
signature, how many frames without one, and how many answers came back for the replay (a heartbeat may: whoever signs is told the time). Ends with 1 when the camera does not answer.
"""
import argparse
import json
import os
import socket
import sys
import time

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402  the dialect is chosen by the environment

mavlink = mavutil.mavlink
PATIENCE_S = 60.0
REPEAT_S = 0.5
CAMERA, CAMERA_INFORMATION = 100, 259


def replay(address, path):
    raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    raw.setblocking(False)
    for line in open(path):
        raw.sendto(bytes.fromhex(line), address)
    return raw


def answers(raw):
    count = 0
    while raw is not None:
        try:
            data = raw.recv(2048)
        except BlockingIOError:
            break
        count += int.from_bytes(data[7:10], "little") in (mavlink.MAVLINK_MSG_ID_COMMAND_ACK, CAMERA_INFORMATION)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["talk", "replay"])
    parser.add_argument("port", type=int)
    parser.add_argument("key")
    parser.add_argument("file")
    arguments = parser.parse_args()
    address = ("127.0.0.1", arguments.port)
    raw = replay(address, arguments.file) if arguments.what == "replay" else None

    link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{arguments.port}", source_system=254, source_component=190)
    unsigned = []
    link.setup_signing(bytes.fromhex(open(arguments.key).read()), allow_unsigned_callback=lambda _, number: unsigned.append(number))
    sent = []
    write = link.write
    link.write = lambda data: (sent.append(bytes(data).hex()), write(data))

    until, ask_at, heard, vehicle, told = time.monotonic() + PATIENCE_S, 0.0, set(), None, False
    while time.monotonic() < until and not (told and (vehicle, 1) in heard):
        if time.monotonic() >= ask_at:
            ask_at = time.monotonic() + REPEAT_S
            link.mav.heartbeat_send(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE)
            if vehicle is not None:
                link.mav.command_long_send(
                    vehicle, CAMERA, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, CAMERA_INFORMATION, 0, 0, 0, 0, 0, 0)
        message = link.recv_match(blocking=True, timeout=0.1)
        if message is None or not message.get_signed():
            continue
        heard.add((message.get_srcSystem(), message.get_srcComponent()))
        if message.get_srcComponent() == CAMERA:
            vehicle = message.get_srcSystem()
            told |= message.get_type() == "CAMERA_INFORMATION"
    if not told:
        sys.exit(f"signed.py: waited {PATIENCE_S} s for CAMERA_INFORMATION; heard {heard}, unsigned {unsigned}")
    if arguments.what == "talk":
        open(arguments.file, "w").writelines(f"{line}\n" for line in sent)
    facts = {"signed": sorted(heard), "unsigned": len(unsigned), "sent": len(sent), "answers_to_replay": answers(raw)}
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
