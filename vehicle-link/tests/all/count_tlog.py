"""What pymavlink makes of a telemetry log: frames per message id, how many it refused, and the ids
that it does not know."""

import collections
import json
import sys

from pymavlink import mavutil

log = mavutil.mavlink_connection(sys.argv[1], dialect=sys.argv[2])
counts, unknown, refused = collections.Counter(), set(), 0
while (message := log.recv_msg()) is not None:
    kind = message.get_type()
    if kind == "BAD_DATA":
        refused += 1
    elif kind.startswith("UNKNOWN_"):
        unknown.add(int(kind.removeprefix("UNKNOWN_")))
    else:
        counts[message.get_msgId()] += 1
json.dump({"counts": counts, "unknown": sorted(unknown), "refused": refused}, sys.stdout)
