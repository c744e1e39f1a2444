#!/usr/bin/env python3
"""pymavlink's signing beside ours, with a key of 01 and thirty-one times 07.

    signing.py sign TIMESTAMP ANY     one frame of every message it knows, signed, a line of hex each
    signing.py check TIMESTAMP FILE   for each line of hex in FILE, a frame: whether it is taken or refused
"""
import sys

from pymavlink.dialects.v20 import common as dialect

KEY = bytes([1] + [7] * 31)


def endpoint(timestamp):
    end = dialect.MAVLink(None, srcSystem=255, srcComponent=190)
    end.signing.secret_key = KEY
    end.signing.link_id = 3
    end.signing.timestamp = timestamp
    end.signing.sign_outgoing = True
    end.robust_parsing = True
    return end


def every_message():
    """One of each, with something in each field that is not zero."""
    for cls in dialect.mavlink_map.values():
        kinds = dict(zip(cls.ordered_fieldnames, cls.array_lengths))
        texts = {name for name, kind in zip(cls.fieldnames, cls.fieldtypes) if kind == "char"}
        value = lambda name: b"words" if name in texts else [7] * kinds[name] if kinds[name] else 7
        yield cls(*[value(name) for name in cls.fieldnames])


def main():
    what, timestamp, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    end = endpoint(timestamp)
    if what == "sign":
        for message in every_message():
            print(message.pack(end).hex())
        return
    for line in open(path):
        read = end.parse_char(bytes.fromhex(line.strip()))
        bad = read is None or read.get_type() == "BAD_DATA"
        print("refused" if bad else "taken")


main()
