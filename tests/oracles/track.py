#!/usr/bin/env python3
"""The telemetry of recorded frames against the vehicle's own messages beside it.

    track.py VIDEO.ts TELEMETRY_FOLDER

VIDEO is read as in truth.py; the folder holds the flight's opened raw logs (*.tlog), read here by pymavlink. What the vehicle said of
its position and gimbal is put on its own clock, that clock on the log's by the message that travelled fastest, and compared with the KLV
by linear interpolation. Prints one JSON object.
"""
import argparse
import glob
import json
import math
import os
import struct
import sys

import numpy
import pyproj
from pymavlink.dialects.v20 import ardupilotmega as dialect

import truth

GEOD = pyproj.Geod(ellps="WGS84")
WINDOW_US = 5e6


def frames(path):
    """(stamp_us, bytes) of each frame of a log, as they are."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at + 16 <= len(data):
        stamp = struct.unpack_from(">Q", data, at)[0]
        start = at + 8
        if data[start] == 0xFE:
            size = data[start + 1] + 8
        elif data[start] == 0xFD:
            size = data[start + 1] + 12 + (13 if data[start + 2] & 1 else 0)
        else:
            sys.exit(f"track.py: {path}: no frame at byte {start}")
        yield stamp, data[start:start + size]
        at = start + size


def logged(folder):
    """All frames of the opened logs, in order."""
    return [frame for path in sorted(glob.glob(os.path.join(folder, "*"))) for frame in frames(path)]


def messages(log):
    """(stamp_us, message) of those pymavlink reads."""
    reader = dialect.MAVLink(None)
    reader.robust_parsing = True
    for stamp, data in log:
        for message in reader.parse_buffer(data) or []:
            if message.get_type() != "BAD_DATA":
                yield stamp, message


def on_the_vehicles_clock(samples):
    """(stamp_us, boot_ms, values) → times (the fastest message within WINDOW_US sets the offset, for a vehicle's clock may slip
    while its machine is busy) and values, each time once, rising."""
    stamps = numpy.array([stamp for stamp, _, _ in samples], float)
    boots = numpy.array([boot * 1000 for _, boot, _ in samples], float)
    late = stamps - boots
    by_time = {}
    for (_, _, values), stamp, boot in zip(samples, stamps, boots):
        first, last = numpy.searchsorted(stamps, (stamp - WINDOW_US, stamp + WINDOW_US))
        by_time[boot + late[first:last].min()] = values
    times = sorted(by_time)
    return numpy.array(times, float), numpy.array([by_time[time] for time in times], float)


def elevation(quaternion):
    """Degrees above the horizon of a gimbal's attitude, for gimbals that lock roll and pitch to it."""
    w, x, y, z = quaternion
    return math.degrees(math.asin(max(-1.0, min(1.0, 2.0 * (w * y - z * x)))))


def above_horizon(row):
    """Degrees above the horizon of a frame's line of sight: relative azimuth and elevation on the airframe's attitude."""
    azimuth, up, pitch, roll = (math.radians(row[name]) for name in ("azimuth", "elevation", "pitch", "roll"))
    ahead, right, down = math.cos(up) * math.cos(azimuth), math.cos(up) * math.sin(azimuth), -math.sin(up)
    down = -math.sin(pitch) * ahead + math.cos(pitch) * (math.sin(roll) * right + math.cos(roll) * down)
    return -math.degrees(math.asin(max(-1.0, min(1.0, down))))


def positions(rows, said):
    """Metres between KLV and track, for frames inside it."""
    times, values = on_the_vehicles_clock(said)
    errors, moved = [], 0.0
    for row in rows:
        if "lat" in row and times[0] <= row["time_us"] <= times[-1]:
            lat, lon = (numpy.interp(row["time_us"], times, values[:, i]) for i in (0, 1))
            errors.append(GEOD.inv(row["lon"], row["lat"], lon, lat)[2])
            moved = max(moved, GEOD.inv(values[0][1], values[0][0], row["lon"], row["lat"])[2])
    return errors, moved


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video")
    parser.add_argument("telemetry")
    arguments = parser.parse_args()
    rows, decoded = truth.klv_rows(arguments.video)
    said, heading, gimbal = [], [], []
    log = logged(arguments.telemetry)
    for stamp, message in messages(log):
        kind = message.get_type()
        if kind == "GLOBAL_POSITION_INT" and (message.lat or message.lon):
            said.append((stamp, message.time_boot_ms, (message.lat / 1e7, message.lon / 1e7)))
        elif kind == "ATTITUDE":
            heading.append((stamp, message.time_boot_ms, (math.sin(message.yaw), math.cos(message.yaw))))
        elif kind == "GIMBAL_DEVICE_ATTITUDE_STATUS":
            gimbal.append((stamp, message.time_boot_ms, (elevation(message.q),)))
    errors, moved = positions(rows, said) if said else ([], 0.0)
    turns, tilts = [], []
    if heading:
        times, values = on_the_vehicles_clock(heading)
        for row in rows:
            if "heading" in row and times[0] <= row["time_us"] <= times[-1]:
                sine, cosine = (numpy.interp(row["time_us"], times, values[:, i]) for i in (0, 1))
                turns.append(truth.turn(row["heading"] - math.degrees(math.atan2(sine, cosine))))
    if gimbal:
        times, values = on_the_vehicles_clock(gimbal)
        for row in rows:
            if "elevation" in row and "roll" in row and times[0] <= row["time_us"] <= times[-1]:
                tilts.append(above_horizon(row) - numpy.interp(row["time_us"], times, values[:, 0]))
    elevations = [row["elevation"] for row in rows if "elevation" in row]
    stamps = [row["time_us"] for row in rows]
    print(json.dumps({
        "klv_packets": len(rows),
        "klvdata_packets": decoded,
        "tag_2_rises": all(a < b for a, b in zip(stamps, stamps[1:])),
        "longest_step_ms": max((b - a for a, b in zip(stamps, stamps[1:])), default=0) / 1000.0,
        "with_position": sum("lat" in row for row in rows),
        "with_heading": sum("heading" in row for row in rows),
        "with_gimbal": sum("elevation" in row for row in rows),
        "farthest_m": moved,
        "position_error_m": truth.spread(errors),
        "heading_error_deg": truth.spread(turns),
        "elevation_error_deg": truth.spread(tilts),
        "elevations_deg": [min(elevations), max(elevations)] if elevations else None,
        "first_us": stamps[0] if stamps else None,
        "last_us": stamps[-1] if stamps else None,
        "messages": len(log),
    }))


if __name__ == "__main__":
    main()
