#!/usr/bin/env python3
"""A vehicle out of a telemetry log: sends a log's frames over UDP, each as it stands, at the pace at which they were heard.

    replay.py LOG.tlog HOST:PORT [--from S] [--until S] [--sent FILE.tlog]

pymavlink's UDP socket sends; --from and --until are seconds after the log's first frame. Afterwards FILE has the frames that were sent and
that pymavlink holds for good (CRC and all), in order, with the log's own stamps. Whatever comes back is not answered: a log cannot.
"""
import argparse
import sys
import time

from pymavlink import mavutil
from pymavlink.dialects.v20 import ardupilotmega as dialect

import track


def good(data):
    """Whether pymavlink reads the frame."""
    reader = dialect.MAVLink(None)
    reader.robust_parsing = True
    return all(message.get_type() != "BAD_DATA" for message in reader.parse_buffer(data) or [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("to")
    parser.add_argument("--from", dest="begin", type=float, default=0.0)
    parser.add_argument("--until", type=float, default=float("inf"))
    parser.add_argument("--sent")
    arguments = parser.parse_args()
    log = list(track.frames(arguments.log))
    first = log[0][0]
    chosen = [(stamp, data) for stamp, data in log if arguments.begin <= (stamp - first) / 1e6 <= arguments.until]
    if arguments.sent:
        with open(arguments.sent, "wb") as file:
            file.writelines(stamp.to_bytes(8, "big") + data for stamp, data in chosen if good(data))
    link = mavutil.mavlink_connection(f"udpout:{arguments.to}")
    begun = time.monotonic()
    for stamp, data in chosen:
        late = begun + (stamp - chosen[0][0]) / 1e6 - time.monotonic()
        if late > 0:
            time.sleep(late)
        link.write(data)
    print(f"{len(chosen)} frames sent")


if __name__ == "__main__":
    sys.exit(main())
