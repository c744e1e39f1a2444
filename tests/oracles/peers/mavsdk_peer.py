"""MAVSDK flies a vehicle: `mavsdk_peer.py CONNECTION_URL`, e.g. tcpout://127.0.0.1:5760. Prints a table of calls as JSON.

Nothing here knows what the vehicle is; the same script flies ArduPilot's and PX4's own simulations.
"""

import asyncio
import math
import os
import sys
import tempfile

from mavsdk.asyncio import ComponentType, Configuration, Mavsdk
from mavsdk.asyncio.plugins.action import ActionAsync
from mavsdk.asyncio.plugins.ftp import FtpAsync
from mavsdk.asyncio.plugins.geofence import GeofenceAsync
from mavsdk.asyncio.plugins.gimbal import GimbalAsync
from mavsdk.asyncio.plugins.info import InfoAsync
from mavsdk.asyncio.plugins.log_files import LogFilesAsync
from mavsdk.asyncio.plugins.mission import MissionAsync
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.asyncio.plugins.param import ParamAsync
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
from mavsdk.plugins.action import OrbitYawBehavior
from mavsdk.plugins.geofence import Circle, FenceType, GeofenceData, Point, Polygon
from mavsdk.plugins.gimbal import ControlMode, GimbalMode, SendMode
from mavsdk.plugins.mission import MissionItem, MissionPlan
from mavsdk.plugins.mission_raw import MissionItem as RawItem

from calls import Calls

METRES_PER_DEGREE = 111_320.0


class Pilot:
    """The plugins of one vehicle, and what has been heard of it."""

    def __init__(self, system):
        self.action, self.telemetry = ActionAsync(system), TelemetryAsync(system)
        self.mission, self.raw = MissionAsync(system), MissionRawAsync(system)
        self.fence, self.param = GeofenceAsync(system), ParamAsync(system)
        self.info, self.gimbal = InfoAsync(system), GimbalAsync(system)
        self.logs, self.ftp = LogFilesAsync(system), FtpAsync(system)
        self.texts = []
        self.ardupilot = False

    async def until(self, stream, condition):
        """The first value of a subscription that meets the condition."""
        async for value in stream():
            if condition(value):
                return value
        raise RuntimeError("the stream ended")

    async def listen(self):
        async for text in self.telemetry.subscribe_status_text():
            self.texts.append(text.text)

    async def height(self, low, high):
        return await self.until(self.telemetry.subscribe_position, lambda p: low < p.relative_altitude_m < high)

    async def landed(self):
        return await self.until(self.telemetry.subscribe_armed, lambda armed: not armed)

    async def mode(self, name):
        return await self.until(self.telemetry.subscribe_flight_mode, lambda mode: mode.name == name)


def offset(home, north_m, east_m):
    lat = home.latitude_deg + north_m / METRES_PER_DEGREE
    return lat, home.longitude_deg + east_m / (METRES_PER_DEGREE * math.cos(math.radians(lat)))


def far(home, north_m, east_m):
    """A condition on positions: within 3 m of the place."""
    lat, lon = offset(home, north_m, east_m)

    def near(position):
        north = (position.latitude_deg - lat) * METRES_PER_DEGREE
        east = (position.longitude_deg - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
        return math.hypot(north, east) < 3.0

    return near


async def on_the_ground(calls, pilot):
    telemetry = pilot.telemetry
    await calls.ask("telemetry.health_all_ok", pilot.until(telemetry.subscribe_health_all_ok, bool), 60)
    await calls.ask("telemetry.health", telemetry.health(), 10)
    await calls.ask("info.get_version", pilot.info.get_version())
    await calls.ask("info.get_product", pilot.info.get_product())
    await calls.ask("info.get_identification", pilot.info.get_identification())
    await calls.ask("telemetry.get_gps_global_origin", telemetry.get_gps_global_origin())
    await calls.ask("telemetry.battery", telemetry.battery(), check=lambda b: None if b.remaining_percent > 50 else b)
    await calls.ask("telemetry.gps_info", telemetry.gps_info(), check=lambda g: None if g.num_satellites > 6 else g)
    await calls.ask("telemetry.set_rate_position", telemetry.set_rate_position(10.0))
    await calls.ask("telemetry.set_rate_attitude", telemetry.set_rate_attitude_quaternion(10.0))
    for name in ("attitude_euler", "velocity_ned", "heading", "altitude", "position_velocity_ned", "wind", "raw_gps",
                 "unix_epoch_time", "landed_state"):
        await calls.ask(f"telemetry.{name}", getattr(telemetry, name)(), 8)
    return await calls.ask("telemetry.home", telemetry.home(), 10)


async def parameters(calls, pilot):
    every = await calls.ask("param.get_all_params", pilot.param.get_all_params(), 60,
                            lambda p: None if len(p.int_params) + len(p.float_params) > 20 else "too few")
    floats = {p.name: p.value for p in every.float_params} if every else {}
    ints = {p.name: p.value for p in every.int_params} if every else {}
    pilot.ardupilot = "SYSID_THISMAV" in ints or "MAV_SYSID" in ints
    name = "RTL_RETURN_ALT" if "RTL_RETURN_ALT" in floats else next((n for n in floats if n.startswith("RTL_")), "?")
    whole = next((n for n in ("NAV_DLL_ACT", "FS_GCS_ENABLE") if n in ints), "?")
    await calls.ask("param.get_param_float", pilot.param.get_param_float(name),
                    check=lambda v: None if v == floats[name] else f"{v} is not {floats[name]}")
    value = floats.get(name, 0.0) + 1.0
    await calls.ask("param.set_param_float", pilot.param.set_param_float(name, value))
    await calls.ask("param.get_param_float again", pilot.param.get_param_float(name),
                    check=lambda v: None if abs(v - value) < 1e-6 else f"{v} is not {value}")
    await calls.ask("param.get_param_int", pilot.param.get_param_int(whole),
                    check=lambda v: None if v == ints[whole] else f"{v} is not {ints[whole]}")
    await calls.ask("param.set_param_int", pilot.param.set_param_int(whole, 1))
    await calls.ask("param.get_param_int again", pilot.param.get_param_int(whole), check=lambda v: None if v == 1 else v)
    unknown = await refused(pilot.param.get_param_int("NO_SUCH_NAME"))
    await calls.ask("param unknown is refused", passed(unknown))
    await calls.ask("action.get_takeoff_altitude", pilot.action.get_takeoff_altitude())
    await calls.ask("action.set_takeoff_altitude", pilot.action.set_takeoff_altitude(12.0))
    await calls.ask("action.set_rtl_altitude", pilot.action.set_return_to_launch_altitude(25.0))
    await calls.ask("action.get_rtl_altitude", pilot.action.get_return_to_launch_altitude(),
                    check=lambda v: None if abs(v - 25) < 1e-3 else v)


async def refused(awaitable):
    """True where the call is refused."""
    try:
        await asyncio.wait_for(awaitable, 20)
    except Exception:  # noqa: BLE001 any refusal will do
        return True
    return False


async def passed(is_so):
    if not is_so:
        raise RuntimeError("it was not")


async def fences(calls, pilot, home):
    def point(north, east):
        return Point(*offset(home, north, east))

    corners = [point(-400, -400), point(400, -400), point(400, 400), point(-400, 400)]
    data = GeofenceData([Polygon(corners, FenceType.INCLUSION)],
                        [Circle(point(300, 300), 30.0, FenceType.EXCLUSION)])
    await calls.ask("geofence.upload_geofence", pilot.fence.upload_geofence(data), 30)
    await calls.ask("geofence.download_geofence", pilot.fence.download_geofence(), 30,
                    lambda g: None if (len(g.polygons), len(g.circles)) == (1, 1) else "not what was sent")
    lat, lon = offset(home, 30, 0)
    rally = [RawItem(0, 3, 5100, 0, 1, 0, 0, 0, 0, round(lat * 1e7), round(lon * 1e7), 20.0, 2)]
    await calls.ask("mission_raw.upload_rally_points", pilot.raw.upload_rally_points(rally), 30)
    await calls.ask("mission_raw.download_rallypoints", pilot.raw.download_rallypoints(), 30,
                    lambda items: None if len(items) == 1 and items[0].x == rally[0].x else "not what was sent")


async def guided(calls, pilot, home):
    action, telemetry = pilot.action, pilot.telemetry
    await calls.ask("action.arm", action.arm(), 30)
    await calls.ask("telemetry.armed", pilot.until(telemetry.subscribe_armed, bool), 10)
    await calls.ask("action.takeoff", action.takeoff(), 30)
    await calls.ask("in the air", pilot.height(9.0, 20.0), 60)
    await calls.ask("telemetry.in_air", pilot.until(telemetry.subscribe_in_air, bool), 10)
    await calls.ask("action.disarm in the air is refused", passed(await refused(action.disarm())))
    lat, lon = offset(home, 40, 20)
    altitude = home.absolute_altitude_m + 15.0
    await calls.ask("action.goto_location", action.goto_location(lat, lon, altitude, math.nan), 30)
    await calls.ask("there", pilot.until(telemetry.subscribe_position, far(home, 40, 20)), 90)
    await calls.ask("action.set_current_speed", action.set_current_speed(6.0))
    lat, lon = offset(home, 60, 20)
    orbit = action.do_orbit(20.0, 5.0, OrbitYawBehavior.HOLD_FRONT_TO_CIRCLE_CENTER, lat, lon, altitude)
    await calls.ask("action.do_orbit", orbit, 30)
    await calls.ask("action.hold", action.hold(), 30)
    await calls.ask("telemetry.flight_mode", telemetry.flight_mode(), 10)


async def camera_mount(calls, pilot, home):
    gimbal = pilot.gimbal
    listed = await calls.ask("gimbal.gimbal_list",
                             pilot.until(gimbal.subscribe_gimbal_list, lambda found: len(found.gimbals) > 0), 15)
    number = listed.gimbals[0].gimbal_id if listed else 0
    await calls.ask("gimbal.take_control", gimbal.take_control(number, ControlMode.PRIMARY))
    await calls.ask("gimbal.set_angles",
                    gimbal.set_angles(number, 0.0, -40.0, 20.0, GimbalMode.YAW_FOLLOW, SendMode.ONCE))
    await calls.ask("gimbal looks there",
                    pilot.until(gimbal.subscribe_attitude, lambda a: abs(a.euler_angle_forward.pitch_deg + 40) < 3), 20)
    lat, lon = offset(home, 100, 0)
    await calls.ask("gimbal.set_roi_location", gimbal.set_roi_location(number, lat, lon, home.absolute_altitude_m))
    await calls.ask("gimbal.release_control", gimbal.release_control(number))


async def missions(calls, pilot, home):
    def waypoint(north, east, height):
        lat, lon = offset(home, north, east)
        return MissionItem(latitude_deg=lat, longitude_deg=lon, relative_altitude_m=height, speed_m_s=10.0,
                           is_fly_through=True, gimbal_pitch_deg=-45.0, gimbal_yaw_deg=0.0, acceptance_radius_m=3.0)

    plan = MissionPlan([waypoint(60, 0, 15), waypoint(60, 60, 18), waypoint(0, 60, 15)])
    mission = pilot.mission
    await calls.ask("mission.set_rtl_after_mission", mission.set_return_to_launch_after_mission(False))
    await calls.ask("mission.upload_mission", mission.upload_mission(plan), 30)
    await calls.ask("mission.download_mission", mission.download_mission(), 30,
                    lambda p: None if len(p.mission_items) == 3 else f"{len(p.mission_items)} items came back")
    if pilot.ardupilot:
        # MAVSDK's own mission items leave no place for ArduPilot's home: its users send raw ones.
        return
    await calls.ask("mission.start_mission", mission.start_mission(), 30)
    await calls.ask("mission_progress 1",
                    pilot.until(mission.subscribe_mission_progress, lambda p: p.current >= 1 and p.total == 3), 90)
    await calls.ask("mission.pause_mission", mission.pause_mission(), 30)
    await calls.ask("mission.set_current_mission_item", mission.set_current_mission_item(2), 30)
    await calls.ask("mission.start_mission again", mission.start_mission(), 30)
    await calls.ask("mission_progress all",
                    pilot.until(mission.subscribe_mission_progress, lambda p: p.current == p.total == 3), 120)
    await calls.ask("mission.is_mission_finished", mission.is_mission_finished(),
                    check=lambda done: None if done else "not finished")
    await calls.ask("mission.clear_mission", mission.clear_mission(), 30)


async def raw_missions(calls, pilot, home):
    raw = pilot.raw

    def item(seq, command, frame, north, east, height):
        lat, lon = offset(home, north, east)
        return RawItem(seq, frame, command, 1 if seq == 0 else 0, 1, 0, 0, 0, math.nan if command == 16 else 0,
                       round(lat * 1e7), round(lon * 1e7), height, 0)

    places = [(40, 0, 15), (40, 40, 18), (0, 40, 15)]
    plan = [item(0, 16, 0, 0, 0, home.absolute_altitude_m)] if pilot.ardupilot else []
    plan += [item(seq, 16, 6, *place) for seq, place in enumerate(places, len(plan))]
    last = len(plan) - 1
    await calls.ask("mission_raw.upload_mission", raw.upload_mission(plan), 30)
    await calls.ask("mission_raw.download_mission", raw.download_mission(), 30,
                    lambda got: None if [i.x for i in got[-3:]] == [i.x for i in plan[-3:]] else "not what was sent")
    await calls.ask("mission_raw.start_mission", raw.start_mission(), 30)
    await calls.ask("mission_raw progress",
                    pilot.until(raw.subscribe_mission_progress, lambda p: p.current >= last - 1), 90)
    await calls.ask("mission_raw.pause_mission", raw.pause_mission(), 30)
    await calls.ask("mission_raw.set_current_mission_item", raw.set_current_mission_item(last), 30)
    await calls.ask("mission_raw.start_mission again", raw.start_mission(), 30)
    await calls.ask("mission_raw there", pilot.until(pilot.telemetry.subscribe_position, far(home, 0, 40)), 120)
    await calls.ask("mission_raw.clear_mission", raw.clear_mission(), 30)


async def home_again(calls, pilot):
    action = pilot.action
    await calls.ask("action.return_to_launch", action.return_to_launch(), 30)
    await calls.ask("mode RETURN_TO_LAUNCH", pilot.mode("RETURN_TO_LAUNCH"), 15)
    if pilot.ardupilot:
        # It stays in LAND after landing, in which it does not arm, and MAVSDK cannot lead it out: both ways home in one flight.
        await calls.ask("action.land", action.land(), 30)
        await calls.ask("mode LAND", pilot.mode("LAND"), 15)
        await calls.ask("landed and disarmed", pilot.landed(), 180)
        await calls.ask("action.arm in LAND is refused", passed(await refused(action.arm())))
        return
    await calls.ask("landed and disarmed", pilot.landed(), 180)
    await calls.ask("action.arm again", action.arm(), 30)
    await calls.ask("action.takeoff again", action.takeoff(), 30)
    await calls.ask("in the air again", pilot.height(5.0, 30.0), 60)
    await calls.ask("action.land", action.land(), 30)
    await calls.ask("landed again", pilot.landed(), 120)


async def files(calls, pilot):
    entries = await calls.ask("log_files.get_entries", pilot.logs.get_entries(), 40,
                              lambda found: None if found else "none")

    async def fetch(folder):
        path = os.path.join(folder, "flight.log")
        async for _ in pilot.logs.download_log_file(entries[-1], path):
            pass
        return os.path.getsize(path)

    with tempfile.TemporaryDirectory() as folder:
        if entries:
            await calls.ask("log_files.download_log_file", fetch(folder), 120,
                            lambda size: None if size == entries[-1].size_bytes else f"{size} bytes")
    await calls.ask("ftp.list_directory", pilot.ftp.list_directory("/"), 20)


async def main(url):
    calls = Calls()
    async with Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION)) as mavsdk:
        await calls.ask("connect", mavsdk.add_any_connection(url))
        system = await calls.ask("first_autopilot", mavsdk.first_autopilot(timeout_s=30.0), 40)
        if system is None:
            calls.finish()
            return
        pilot = Pilot(system)
        texts = asyncio.create_task(pilot.listen())
        home = await on_the_ground(calls, pilot)
        await parameters(calls, pilot)
        await fences(calls, pilot, home)
        await guided(calls, pilot, home)
        await camera_mount(calls, pilot, home)
        await missions(calls, pilot, home)
        await raw_missions(calls, pilot, home)
        await home_again(calls, pilot)
        await files(calls, pilot)
        texts.cancel()
        calls.finish(texts=pilot.texts, version=await mavsdk.version())
    sys.stdout.flush()
    # The library's threads end with the process.
    os._exit(0)


asyncio.run(main(sys.argv[1]))
