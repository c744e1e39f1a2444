"""MAVSDK reads plans that we wrote, and carries them to a vehicle and back: `mavsdk_plans.py CONNECTION_URL FILE.plan FILE.waypoints`.

Prints a table of calls as JSON. The same mission stands in both files; what comes back from the vehicle is the same again.
"""

import asyncio
import math
import os
import sys

from mavsdk.asyncio import ComponentType, Configuration, Mavsdk
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync

from calls import Calls

FIELDS = ("frame", "command", "autocontinue", "param1", "param2", "param3", "param4", "x", "y", "z")
# MAV_FRAME: a vehicle may give a frame back as its integer twin, and that of an item without a place as it likes.
TWINS = {5: 0, 6: 3, 11: 10}
MISSION = 2


def meaning(item, of_vehicle=False):
    row = [getattr(item, name) for name in FIELDS]
    # A parameter that is not a number leaves it to the vehicle.
    row = [None if isinstance(value, float) and math.isnan(value) else value for value in row]
    row[0] = TWINS.get(row[0], row[0])
    if of_vehicle:
        placed = row[7] or row[8]
        # What the vehicle decides itself it may give back as it decided.
        row = [row[0] if placed else MISSION] + row[1:3] + [value or 0 for value in row[3:7]] + row[7:]
    return tuple(row)


def differs(items, expected, of_vehicle=False):
    ours, theirs = ([meaning(item, of_vehicle) for item in some] for some in (items, expected))
    if ours == theirs:
        return None
    pairs = [(place, pair) for place, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]]
    return f"{len(ours)} items and {len(theirs)}; first {pairs[:1]}"


async def main(url, plan, waypoints):
    calls = Calls()
    async with Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION)) as mavsdk:
        await calls.ask("connect", mavsdk.add_any_connection(url))
        system = await calls.ask("first_autopilot", mavsdk.first_autopilot(20.0), 25)
        raw = MissionRawAsync(system)
        read = await calls.ask("import_qgroundcontrol_mission", raw.import_qgroundcontrol_mission(plan))
        items = read.mission_items
        # Waypoints have the home position in their first row, as ArduPilot's stations write them.
        same = lambda data: differs(data.mission_items[1:], items)
        await calls.ask("import_mission_planner_mission", raw.import_mission_planner_mission(waypoints), check=same)
        await calls.ask("upload_mission", raw.upload_mission(items), 60)
        same = lambda back: differs(back, items, of_vehicle=True)
        await calls.ask("download_mission", raw.download_mission(), 60, same)
        calls.finish(items=len(items), fence=len(read.geofence_items), rally=len(read.rally_items))
    sys.stdout.flush()
    # The library's threads end with the process.
    os._exit(0)


asyncio.run(main(*sys.argv[1:]))
