"""MAVSDK flies two vehicles at the same time over one connection: `two_vehicles.py CONNECTION_URL`. Prints a table of calls as JSON.

Each is armed, taken to a height and a place of its own, and brought down, and neither is moved by an order to the other.
"""

import asyncio
import math
import os
import sys

from mavsdk.asyncio import ComponentType, Configuration, Mavsdk
from mavsdk.asyncio.plugins.action import ActionAsync
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync

from calls import Calls

METRES_PER_DEGREE = 111_320.0
# Height and way to the north, metres, of the vehicle that was found first, and of the other.
TASKS = [(10.0, 30.0), (18.0, -30.0)]


async def first(stream, condition=lambda value: True):
    async for value in stream():
        if condition(value):
            return value
    raise RuntimeError("the stream ended")


async def both(mavsdk):
    """The two systems, by their id."""
    while True:
        found = {await system.get_system_id(): system for system in await mavsdk.get_systems() if await system.has_autopilot()}
        if len(found) == 2:
            return sorted(found.items())
        await asyncio.sleep(0.1)


async def fly(calls, number, system, task, together):
    """One vehicle's flight. Both are in the air, each in its place, when `together` lets them go on."""
    height_m, north_m = task
    action, telemetry = ActionAsync(system), TelemetryAsync(system)

    async def ask(name, awaitable, timeout_s=60, check=None):
        return await calls.ask(f"{number}: {name}", awaitable, timeout_s, check)

    await ask("health_all_ok", first(telemetry.subscribe_health_all_ok, bool))
    home = await ask("home", telemetry.home())
    await ask("set_takeoff_altitude", action.set_takeoff_altitude(height_m))
    await ask("arm", action.arm())
    await ask("takeoff", action.takeoff())
    near = lambda position: abs(position.relative_altitude_m - height_m) < 1.0
    await ask("its own height", first(telemetry.subscribe_position, near))
    lat = home.latitude_deg + north_m / METRES_PER_DEGREE
    await ask("goto_location", action.goto_location(lat, home.longitude_deg, home.absolute_altitude_m + height_m, math.nan))
    there = lambda position: near(position) and abs(position.latitude_deg - lat) * METRES_PER_DEGREE < 2.0
    await ask("its own place", first(telemetry.subscribe_position, there))
    await ask("both in the air", together.wait(), 120)
    await ask("still in its place", telemetry.position(), check=lambda position: None if there(position) else position)
    await ask("both have looked", together.wait(), 120)
    await ask("land", action.land())
    await ask("disarmed", first(telemetry.subscribe_armed, lambda armed: not armed), 120)


async def main(url):
    calls = Calls()
    async with Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION)) as mavsdk:
        await calls.ask("connect", mavsdk.add_any_connection(url))
        systems = await calls.ask("two systems", both(mavsdk), 40)
        if systems:
            together = asyncio.Barrier(2)
            await asyncio.gather(*(fly(calls, *system, task, together) for system, task in zip(systems, TASKS)))
        calls.finish()
    sys.stdout.flush()
    # The library's threads end with the process.
    os._exit(0)


asyncio.run(main(sys.argv[1]))
