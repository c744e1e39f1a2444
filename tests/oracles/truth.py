#!/usr/bin/env python3
"""What a recording says of each picture against what was really so.

    truth.py VIDEO.ts TRUTH.csv

Pictures are decoded by ffmpeg and their strips read (strip.py); KLV is read frame by frame in the order
of the stream, and klvdata must find as many packets. Prints one JSON object: counts, frames missing or doubled, and errors of time, position and attitude.
"""
import argparse
import collections
import csv
import json
import math
import subprocess
import sys

import klvdata
import numpy
import pyproj

import strip

GEOD = pyproj.Geod(ellps="WGS84")


def raw_items(packet_bytes):
    """tag -> bytes of one packet's items, read here without klvdata: BER lengths, one- and two-byte tags."""
    at = 16
    length = packet_bytes[at]
    at += 1
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(packet_bytes[at:at + count], "big")
        at += count
    items, end = {}, at + length
    while at < end:
        tag = packet_bytes[at]
        at += 1
        if tag & 0x80:
            tag = (tag & 0x7F) << 7 | packet_bytes[at]
            at += 1
        size = packet_bytes[at]
        at += 1
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(packet_bytes[at:at + count], "big")
            at += count
        items[tag] = packet_bytes[at:at + size]
        at += size
    return items


def unsigned(value, low, high):
    return low + int.from_bytes(value, "big") * (high - low) / (2 ** (8 * len(value)) - 1)


def signed(value, span):
    number = int.from_bytes(value, "big", signed=True)
    return number * span / (2 ** (8 * len(value) - 1) - 1)


def turn(degrees):
    return (degrees + 180.0) % 360.0 - 180.0


KEY = bytes.fromhex("060e2b34020b01010e01030101000000")
RESERVED = {2: b"\x80\0", 4: b"\x80\0\0\0"}


def split(data):
    """The ST 0601 packets of a stream of nothing else."""
    starts, at = [], data.find(KEY)
    while at >= 0:
        starts.append(at)
        at = data.find(KEY, at + len(KEY))
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)])]


def klvdata_reads(packet):
    """Whether klvdata decodes a packet. It knows none of ST 0601's reserved error values and raises on them, so it is
    given zero in their place."""
    body = b""
    for tag, value in raw_items(packet).items():
        if RESERVED.get(len(value)) == value:
            value = bytes(len(value))
        key = bytes([tag]) if tag < 128 else bytes([0x80 | tag >> 7, tag & 0x7F])
        body += key + bytes([len(value)]) + value
    return sum(1 for _ in klvdata.StreamParser(KEY + b"\x82" + len(body).to_bytes(2, "big") + body)) == 1


def klv_rows(video):
    data = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", video, "-map", "0:d", "-c", "copy", "-f", "data", "-"],
        check=True, capture_output=True).stdout
    packets = split(data)
    decoded = sum(map(klvdata_reads, packets))
    rows = []
    for packet in packets:
        items = raw_items(packet)
        row = {"time_us": int.from_bytes(items[2], "big")}
        if 13 in items and 14 in items:
            row["lat"], row["lon"] = signed(items[13], 90.0), signed(items[14], 180.0)
        if 5 in items:
            row["heading"] = unsigned(items[5], 0.0, 360.0)
        if 90 in items and 91 in items:
            row["pitch"], row["roll"] = signed(items[90], 90.0), signed(items[91], 90.0)
        if 23 in items and 24 in items and items[23] != b"\x80\0\0\0":
            row["centre"] = (signed(items[23], 90.0), signed(items[24], 180.0))
        if 18 in items and 19 in items:
            row["azimuth"], row["elevation"] = unsigned(items[18], 0.0, 360.0), signed(items[19], 180.0)
        rows.append(row)
    return rows, decoded


def spread(values):
    if not values:
        return None
    values = numpy.abs(numpy.array(values))
    return {"median": float(numpy.median(values)), "p99": float(numpy.percentile(values, 99)), "max": float(values.max())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video")
    parser.add_argument("truth")
    arguments = parser.parse_args()
    with open(arguments.truth, newline="") as file:
        truth = {int(row["frame"]): row for row in csv.DictReader(file)}
    strips = [strip.read(luma) for luma, _ in strip.pictures(arguments.video)]
    rows, decoded = klv_rows(arguments.video)
    frames = [stamp[0] for stamp in strips if stamp]
    sent = [frame for frame in truth if frames and frames[0] <= frame <= frames[-1]]
    doubled = sorted(frame for frame, count in collections.Counter(frames).items() if count > 1)
    time_ms, position_m, attitude_deg, centre_m, gimbal_deg = [], [], [], [], []
    fast = []
    for stamp, row in zip(strips, rows):
        real = truth.get(stamp[0]) if stamp else None
        if real is None:
            continue
        time_ms.append((row["time_us"] - stamp[1]) / 1000.0)
        if "lat" in row:
            off = GEOD.inv(row["lon"], row["lat"], float(real["lon_deg"]), float(real["lat_deg"]))[2]
            position_m.append(off)
            if math.hypot(float(real["vn_mps"]), float(real["ve_mps"])) > 14.0:
                fast.append(off)
        if "heading" in row and "roll" in row:
            attitude_deg.append(max(
                abs(turn(row["heading"] - float(real["yaw_deg"]))),
                abs(row["pitch"] - float(real["pitch_deg"])),
                abs(row["roll"] - float(real["roll_deg"]))))
        if "centre" in row and real["centre_lat_deg"]:
            centre_m.append(GEOD.inv(row["centre"][1], row["centre"][0], float(real["centre_lon_deg"]), float(real["centre_lat_deg"]))[2])
        if "azimuth" in row:
            gimbal_deg.append(max(
                abs(turn(row["azimuth"] - float(real["gimbal_az_deg"]))) * math.cos(math.radians(float(real["gimbal_el_deg"]))),
                abs(row["elevation"] - float(real["gimbal_el_deg"]))))
    times = [row["time_us"] for row in rows]
    print(json.dumps({
        "pictures": len(strips),
        "unreadable_strips": sum(stamp is None for stamp in strips),
        "frames_sent": len(sent),
        "missing": sorted(set(sent) - set(frames))[:20],
        "doubled": doubled[:20],
        "klv_packets": len(rows),
        "klvdata_packets": decoded,
        "tag_2_rises": all(a < b for a, b in zip(times, times[1:])),
        "time_error_ms": spread(time_ms),
        "position_error_m": spread(position_m),
        "position_error_fast_m": spread(fast),
        "attitude_error_deg": spread(attitude_deg),
        "gimbal_error_deg": spread(gimbal_deg),
        "frame_centre_error_m": spread(centre_m),
    }))


if __name__ == "__main__":
    sys.exit(main())
