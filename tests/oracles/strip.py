#!/usr/bin/env python3
"""Read the simulator's strip (simulator/STRIP.md) from every picture of a video.

usage: strip.py VIDEO [-o OUT.csv]

Writes CSV `picture,frame,capture_us,pts_s,crc_ok`: one row per decoded picture, in display order. `frame` and `capture_us` are empty where
the strip does not read. `pts_s` is the picture's presentation time in the file, seconds, as stored. Ends with 1 where no picture reads.
ffmpeg decodes; nothing of the product is used.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile

import numpy as np

CELL = 8
COLUMNS = 60
ROWS = 2
WIDTH, HEIGHT = CELL * COLUMNS, CELL * ROWS
LEAD_IN = (np.array([1, 0, 1, 0], bool), np.array([0, 1, 0, 1], bool))


def crc16(data):
    """CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def read(luma):
    """(frame, capture_us) of the top-left luma rows, or None."""
    cells = luma.reshape(ROWS, CELL, COLUMNS, CELL)[:, 2:6, :, 2:6].mean(axis=(1, 3)) > 126
    if not all((cells[row, :4] == LEAD_IN[row]).all() for row in range(ROWS)):
        return None
    data = np.packbits(cells[:, 4:].reshape(-1)).tobytes()
    if crc16(data[:12]) != int.from_bytes(data[12:14], "big"):
        return None
    return int.from_bytes(data[8:12], "big"), int.from_bytes(data[:8], "big")


def presentation_times(path):
    """Seconds, per picture, from ffmpeg's framecrc (`stream, dts, pts, duration, size, crc`)."""
    scale, times = None, []
    with open(path) as lines:
        for line in lines:
            if line.startswith("#tb 0:"):
                over, under = line.split(":")[1].split("/")
                scale = int(over) / int(under)
            elif not line.startswith("#") and line.strip():
                times.append(int(line.split(",")[2]) * scale)
    return times


def pictures(video):
    """Yields (luma, pts_s) of each decoded picture."""
    with tempfile.TemporaryDirectory() as folder:
        times = os.path.join(folder, "times")
        crop = ["-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-vf", f"crop={WIDTH}:{HEIGHT}:0:0,format=gray"]
        command = ["ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", video]
        command += [*crop, "-f", "rawvideo", "-y", "pipe:1", *crop, "-f", "framecrc", "-y", times]
        lumas = []
        with subprocess.Popen(command, stdout=subprocess.PIPE) as ffmpeg:
            while len(raw := ffmpeg.stdout.read(WIDTH * HEIGHT)) == WIDTH * HEIGHT:
                lumas.append(np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH))
        if ffmpeg.returncode != 0:
            sys.exit(f"strip.py: {video}: ffmpeg ended with {ffmpeg.returncode}; it said why above")
        yield from zip(lumas, presentation_times(times), strict=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video")
    parser.add_argument("-o", "--output", help="CSV file; standard output without")
    options = parser.parse_args()
    good = 0
    with open(options.output, "w", newline="") if options.output else sys.stdout as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["picture", "frame", "capture_us", "pts_s", "crc_ok"])
        for number, (luma, pts_s) in enumerate(pictures(options.video)):
            stamp = read(luma)
            good += stamp is not None
            table.writerow([number, *(stamp or ("", "")), f"{pts_s:.6f}", int(stamp is not None)])
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
