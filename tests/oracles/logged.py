#!/usr/bin/env python3
"""Whether a raw telemetry log holds what was sent: frame for frame, byte for byte, from the first, nothing between.

    logged.py TELEMETRY_FOLDER SENT.tlog
"""
import argparse
import json
import sys

import track


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("telemetry")
    parser.add_argument("sent")
    arguments = parser.parse_args()
    logged = [data for _, data in track.logged(arguments.telemetry)]
    sent = [data for _, data in track.frames(arguments.sent)]
    differs = next((i for i, pair in enumerate(zip(logged, sent)) if pair[0] != pair[1]), None)
    print(json.dumps({
        "same": differs is None and 0 < len(logged) <= len(sent),
        "logged": len(logged),
        "sent": len(sent),
        "first_difference": differs,
        "logged_there": logged[differs].hex() if differs is not None else None,
        "sent_there": sent[differs].hex() if differs is not None else None,
    }))


if __name__ == "__main__":
    sys.exit(main())
