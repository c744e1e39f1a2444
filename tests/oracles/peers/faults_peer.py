"""Every fault, ordered live of a vehicle in the air and seen by pymavlink: `faults_peer.py tcp:127.0.0.1:5760 CONTROL_HOST:PORT`.

Prints a table of calls as JSON. What goes wrong with the camera is seen in the simulator's own state: no camera runs here.
"""

import json
import math
import os
import socket
import sys
import time

os.environ["MAVLINK20"] = "1"

from pymavlink import mavutil

from calls import Calls

MAV = mavutil.mavlink
PATIENCE_S = 30.0
METRES_PER_DEGREE = 111_320.0


class Control:
    """The simulator's port for live faults."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.stream = socket.create_connection((host, int(port)), timeout=PATIENCE_S).makefile("rw")

    def order(self, line):
        """Gives an order, and waits until it is in force: from the next step of the simulation on."""
        answer, ordered_s = self.ask(line), self.status()["now_s"]
        deadline = time.monotonic() + PATIENCE_S
        while self.status()["now_s"] <= ordered_s:
            if time.monotonic() > deadline:
                raise TimeoutError("the simulation stands still")
        return answer

    def ask(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()
        answer = self.stream.readline().strip()
        if not answer.startswith("ok"):
            raise RuntimeError(answer)
        return answer[3:]

    def status(self):
        return json.loads(self.ask("status"))

    def vehicle(self):
        return self.status()["vehicles"][0]

    def troubles(self):
        return self.vehicle()["troubles"]


class Vehicle:
    """What is heard of it."""

    def __init__(self, url):
        self.link = mavutil.mavlink_connection(url, source_system=255, source_component=190)
        self.link.wait_heartbeat(timeout=PATIENCE_S)
        self.beaten_s = 0.0

    def hear(self, patience_s):
        """Messages, good and damaged, for this long."""
        until_s = time.monotonic() + patience_s
        while time.monotonic() < until_s:
            if time.monotonic() - self.beaten_s > 0.5:
                self.beaten_s = time.monotonic()
                self.link.mav.heartbeat_send(MAV.MAV_TYPE_GCS, MAV.MAV_AUTOPILOT_INVALID, 0, 0, 0)
            message = self.link.recv_match(blocking=True, timeout=0.1)
            if message is not None:
                yield message

    def wait(self, kind, condition=lambda message: True):
        for message in self.hear(PATIENCE_S):
            if message.get_type() == kind and condition(message):
                return message
        raise TimeoutError(f"no {kind}")

    def heard(self, patience_s):
        """How many messages there were of each kind."""
        counts = {}
        for message in self.hear(patience_s):
            counts[message.get_type()] = counts.get(message.get_type(), 0) + 1
        return counts

    def silence(self):
        """Waits until nothing comes any more; what was under way still does."""
        for _ in range(20):
            if not self.heard(0.5):
                return
        raise TimeoutError("it goes on talking")

    def command(self, command, *params):
        params = list(params) + [0.0] * (7 - len(params))
        self.link.mav.command_long_send(1, 1, command, 0, *params)

    def ack(self, command):
        return self.wait("COMMAND_ACK", lambda ack: ack.command == command).result

    def do(self, command, *params):
        self.command(command, *params)
        if self.ack(command) != MAV.MAV_RESULT_ACCEPTED:
            raise RuntimeError("refused")


def north_m(message, home):
    return (message.lat * 1e-7 - home) * METRES_PER_DEGREE


def radio(calls, control, vehicle):
    for fault in ("link_silence = {}", "link_bad = { loss = 1.0 }"):
        control.order(f"fault {fault}")
        calls.do(fault, vehicle.silence)
        control.order("clear")
        calls.do(f"{fault} ends", lambda: vehicle.wait("HEARTBEAT"))
    control.order("fault link_bad = { corrupt = 0.5 }")
    damaged = lambda counts: None if counts.get("BAD_DATA", 0) > 20 and counts.get("ATTITUDE", 0) > 5 else counts
    calls.do("link_bad, half damaged", lambda: vehicle.heard(3.0), damaged)
    control.order("clear")
    stamps = lambda: [m.time_boot_ms for m in vehicle.hear(2.0) if m.get_type() == "ATTITUDE"]
    control.order("fault link_bad = { duplicate = 0.5, reorder = 0.3, delay_ms = 50 }")
    calls.do("link_bad, doubled", stamps, lambda seen: None if len(set(seen)) < len(seen) - 5 else seen)
    calls.do("link_bad, overtaken", stamps, lambda seen: None if any(a > b for a, b in zip(seen, seen[1:])) else seen)
    control.order("clear")


def satellites(calls, control, vehicle, home):
    control.order("fault gnss_jump = { north_m = 40 }")
    calls.do("gnss_jump", lambda: vehicle.wait("GLOBAL_POSITION_INT", lambda m: north_m(m, home) > 25))
    control.order("clear")
    calls.do("gnss_jump ends", lambda: vehicle.wait("GLOBAL_POSITION_INT", lambda m: abs(north_m(m, home)) < 3))
    control.order("fault gnss_drift = { north_mps = 4 }")
    state = lambda: control.vehicle()["north_m"]

    def drifts():
        for _ in vehicle.hear(PATIENCE_S):
            if state() < -8:
                return True
        return False

    calls.do("gnss_drift carries it away", drifts, lambda so: None if so else state())
    control.order("clear")
    control.order("fault gnss_jam = { for_s = 4 }")
    calls.do("gnss_jam", lambda: vehicle.wait("GPS_RAW_INT", lambda m: m.fix_type < 3))
    calls.do("gnss_jam ends", lambda: vehicle.wait("GPS_RAW_INT", lambda m: m.fix_type >= 3))


def clocks(calls, control, vehicle):
    def boot_utc_us():
        time_of = vehicle.wait("SYSTEM_TIME")
        return time_of.time_unix_usec - time_of.time_boot_ms * 1000

    before = boot_utc_us()
    control.order("fault clock_step = { by_ms = -7000 }")
    calls.do("clock_step", lambda: vehicle.wait("SYSTEM_TIME", lambda m: m.time_unix_usec - m.time_boot_ms * 1000 < before - 6e6))
    control.order("clear")
    calls.do("clock_step ends", lambda: vehicle.wait("SYSTEM_TIME", lambda m: m.time_unix_usec - m.time_boot_ms * 1000 > before - 1e6))
    control.order("fault clock_skew = { ppm = 50000 }")
    # 5 % fast: the boot clock gains on UTC.
    calls.do("clock_skew", lambda: vehicle.wait("SYSTEM_TIME", lambda m: m.time_unix_usec - m.time_boot_ms * 1000 < before - 1e5))
    control.order("clear")


def weather_and_power(calls, control, vehicle):
    control.order("fault wind = { speed_mps = 9, from_deg = 180 }")
    calls.do("wind", lambda: vehicle.wait("WIND_COV", lambda m: m.wind_x > 5))
    control.order("clear")
    calls.do("wind ends", lambda: vehicle.wait("WIND_COV", lambda m: m.wind_x < 4))
    control.order("fault battery_failure = { charge = 0.5 }")
    calls.do("battery_failure", lambda: vehicle.wait("BATTERY_STATUS", lambda m: m.battery_remaining <= 50))


def commands(calls, control, vehicle):
    hold = MAV.MAV_CMD_NAV_LOITER_UNLIM
    control.order('fault command = { how = "silent" }')
    vehicle.command(hold)
    calls.do("command, silent", lambda: vehicle.heard(1.5), lambda counts: None if "COMMAND_ACK" not in counts else counts)
    control.order("clear")
    control.order('fault command = { how = "second_try", id = %d }' % hold)
    vehicle.command(hold)
    calls.do("command, first try", lambda: vehicle.heard(1.5), lambda counts: None if "COMMAND_ACK" not in counts else counts)
    calls.do("command, second try", lambda: vehicle.do(hold))
    control.order("clear")
    control.order('fault command = { how = "endless" }')
    vehicle.command(hold)
    progress = lambda result: None if result == MAV.MAV_RESULT_IN_PROGRESS else result
    for number in range(3):
        calls.do(f"command, in progress {number}", lambda: vehicle.ack(hold), progress)
    control.order("clear")
    calls.do("command again", lambda: until_accepted(vehicle, hold))


def until_accepted(vehicle, command):
    """The last IN_PROGRESS may still be under way."""
    vehicle.command(command)
    vehicle.wait("COMMAND_ACK", lambda ack: (ack.command, ack.result) == (command, MAV.MAV_RESULT_ACCEPTED))


def camera(calls, control):
    for fault, sign in (("camera_stall = {}", "camera_stalled: true"), ("camera_disconnect = {}", "camera_disconnected: true"),
                        ("camera_resolution = { width = 640, height = 360 }", "camera_size: Some((640, 360))")):
        control.order(f"fault {fault}")
        deadline = time.monotonic() + PATIENCE_S

        def seen():
            while sign not in control.troubles():
                if time.monotonic() > deadline:
                    raise TimeoutError(control.troubles())

        calls.do(fault.split(" ")[0], seen)
    control.order("clear")


def main(url, address):
    calls, control, vehicle = Calls(), Control(address), Vehicle(url)
    calls.do("GNSS", lambda: vehicle.wait("GPS_RAW_INT", lambda m: m.fix_type >= 3))
    home = vehicle.wait("GLOBAL_POSITION_INT").lat * 1e-7
    calls.do("arm", lambda: vehicle.do(MAV.MAV_CMD_COMPONENT_ARM_DISARM, 1))
    calls.do("take-off", lambda: vehicle.do(MAV.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, math.nan, math.nan, math.nan, math.nan))
    calls.do("in the air", lambda: vehicle.wait("GLOBAL_POSITION_INT", lambda m: m.relative_alt > 8_000))
    radio(calls, control, vehicle)
    clocks(calls, control, vehicle)
    commands(calls, control, vehicle)
    weather_and_power(calls, control, vehicle)
    camera(calls, control)
    satellites(calls, control, vehicle, home)
    control.order("fault reboot = {}")
    calls.do("reboot", lambda: vehicle.wait("SYSTEM_TIME", lambda m: m.time_boot_ms < 20_000))
    calls.do("reboot stops the motors", lambda: vehicle.wait("HEARTBEAT", lambda beat: not beat.base_mode & 128))
    calls.finish()


main(sys.argv[1], sys.argv[2])
