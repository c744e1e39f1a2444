"""pymavlink speaks to a vehicle: `pymavlink_peer.py tcp:127.0.0.1:5760`. Prints a table of calls as JSON.

Mode names, parameters and their file, missions, fence and rally both ways, logs down and read, the clocks.
"""

import math
import os
import struct
import sys
import tempfile
import time

os.environ["MAVLINK20"] = "1"

from pymavlink import DFReader, mavftp, mavparm, mavutil, mavwp

from calls import Calls

MAV = mavutil.mavlink
PATIENCE_S = 20.0


class Vehicle:
    """A connection, and waiting for messages within bounds."""

    def __init__(self, url):
        self.link = mavutil.mavlink_connection(url, source_system=255, source_component=190)
        self.link.wait_heartbeat(timeout=PATIENCE_S)
        while self.link.target_system == 0 or self.link.target_component not in (0, 1):
            self.link.wait_heartbeat(timeout=PATIENCE_S)
        self.to = (self.link.target_system, 1)
        self.beaten_s = 0.0

    def beat(self):
        now_s = time.monotonic()
        if now_s - self.beaten_s > 0.5:
            self.beaten_s = now_s
            self.link.mav.heartbeat_send(MAV.MAV_TYPE_GCS, MAV.MAV_AUTOPILOT_INVALID, 0, 0, 0)

    def wait(self, kinds, condition=lambda message: True, patience_s=PATIENCE_S):
        until_s = time.monotonic() + patience_s
        while time.monotonic() < until_s:
            self.beat()
            message = self.link.recv_match(type=kinds, blocking=True, timeout=0.2)
            if message is not None and condition(message):
                return message
        raise TimeoutError(f"no {kinds}")

    def ask(self, command, *params):
        params = list(params) + [0.0] * (7 - len(params))
        self.link.mav.command_long_send(*self.to, command, 0, *params)
        ack = self.wait("COMMAND_ACK", lambda ack: ack.command == command)
        if ack.result != MAV.MAV_RESULT_ACCEPTED:
            raise RuntimeError(MAV.enums["MAV_RESULT"][ack.result].name)

    def home(self):
        self.link.mav.command_long_send(*self.to, MAV.MAV_CMD_REQUEST_MESSAGE, 0, MAV.MAVLINK_MSG_ID_HOME_POSITION, *[0.0] * 6)
        return self.wait("HOME_POSITION")

    def mode(self, name):
        self.link.set_mode(name)
        self.wait("HEARTBEAT", lambda beat: beat.get_srcComponent() == 1 and self.link.flightmode == name)


def modes(calls, vehicle):
    mapping = vehicle.link.mode_mapping()
    calls.do("mode_mapping", lambda: sorted(mapping), lambda names: None if len(names) > 5 else names)
    calls.do("flightmode", lambda: vehicle.link.flightmode, lambda name: None if name in mapping else name)
    ardupilot = vehicle.link.field("HEARTBEAT", "autopilot", 0) == MAV.MAV_AUTOPILOT_ARDUPILOTMEGA
    for name in ("GUIDED", "LOITER", "BRAKE", "STABILIZE") if ardupilot else ("LOITER", "ALTCTL", "POSCTL"):
        calls.do(f"set_mode {name}", lambda name=name: vehicle.mode(name))
    vehicle.ask(MAV.MAV_CMD_REQUEST_MESSAGE, MAV.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
    version = calls.do("AUTOPILOT_VERSION", lambda: vehicle.wait("AUTOPILOT_VERSION"))
    needed = MAV.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE | MAV.MAV_PROTOCOL_CAPABILITY_FTP
    calls.do("capabilities", lambda: version.capabilities, lambda bits: None if bits & needed == needed else hex(bits))
    return ardupilot


def typed(message, bytewise):
    """A PARAM_VALUE as its type has it: PX4 puts the bytes of whole numbers into the float."""
    if bytewise and message.param_type != MAV.MAV_PARAM_TYPE_REAL32:
        return struct.unpack("<i", struct.pack("<f", message.param_value))[0]
    return message.param_value


def parameters(calls, vehicle, ardupilot):
    found = mavparm.MAVParmDict()

    def fetch():
        vehicle.link.param_fetch_all()
        count = None
        while count is None or len(found) < count:
            message = vehicle.wait("PARAM_VALUE", lambda m: m.param_index != 65535)
            count = message.param_count
            found[message.param_id] = typed(message, not ardupilot)
        return len(found)

    calls.do("param_fetch_all", fetch, lambda count: None if count > 20 else f"{count} parameters")
    name = "RTL_ALT" if ardupilot else "RTL_RETURN_ALT"
    value = found.get(name, 0.0) + 5.0

    def write():
        vehicle.link.param_set_send(name, value, MAV.MAV_PARAM_TYPE_REAL32)
        got = vehicle.wait("PARAM_VALUE", lambda m: m.param_id == name)
        vehicle.link.param_fetch_one(name)
        return typed(vehicle.wait("PARAM_VALUE", lambda m: m.param_id == name), not ardupilot), got.param_value

    calls.do("param_set", write, lambda values: None if abs(values[0] - value) < 1e-3 else values)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vehicle.param")
        calls.do("param file", lambda: found.save(path), lambda _: None)
        back = mavparm.MAVParmDict()
        # The loader leaves out what belongs to a vehicle and not to its settings (totals of plans).
        wrong = lambda: [n for n in back if abs(back[n] - found[n]) > max(1e-3 * abs(found[n]), 1e-5)]
        calls.do("param file read back", lambda: back.load(path),
                 lambda _: None if len(back) > 20 and not wrong() else wrong())


def parameter_file(calls, vehicle, ardupilot):
    """ArduPilot's parameters in one file, read by pymavlink; PX4 has no such file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "param.pck")

        def fetch():
            ftp = mavftp.MAVFTP(vehicle.link, *vehicle.to)
            ftp.cmd_get(["@PARAM/param.pck?withdefaults=1", path])
            return ftp.process_ftp_reply("OpenFileRO", timeout=PATIENCE_S).error_code

        calls.do("FTP @PARAM/param.pck", fetch, lambda code: None if (code == 0) == ardupilot else code)
        if not ardupilot:
            return
        with open(path, "rb") as file:
            read = mavftp.MAVFTP.ftp_param_decode(file.read())
    values = {name.decode(): value for name, value, _ in read.params}
    calls.do("its values", lambda: (len(values), values["RTL_ALT"], values["SYSID_THISMAV"]),
             lambda got: None if got[0] > 20 and got[2] == vehicle.to[0] else got)
    defaults = {name.decode(): value for name, value, _ in read.defaults}
    calls.do("its defaults", lambda: defaults["RTL_ALT"], lambda value: None if value == 3000 != values["RTL_ALT"] else value)


def wind_and_estimator(calls, vehicle, ardupilot):
    for kind in ("WIND", "EKF_STATUS_REPORT") if ardupilot else ("WIND_COV", "ESTIMATOR_STATUS"):
        calls.do(kind, lambda kind=kind: vehicle.wait(kind))
    report = vehicle.link.messages.get("EKF_STATUS_REPORT" if ardupilot else "ESTIMATOR_STATUS")
    placed = MAV.ESTIMATOR_POS_HORIZ_ABS | MAV.ESTIMATOR_ATTITUDE
    calls.do("estimator is well", lambda: report.flags, lambda flags: None if flags & placed == placed else hex(flags))


def items(vehicle, kind, rows):
    """MISSION_ITEM_INTs of rows (command, frame, params, lat, lon, alt)."""
    return [MAV.MAVLink_mission_item_int_message(*vehicle.to, seq, frame, command, 0, 1, *params,
                                                round(lat * 1e7), round(lon * 1e7), alt, kind)
            for seq, (command, frame, params, lat, lon, alt) in enumerate(rows)]


def upload(vehicle, kind, wanted):
    vehicle.link.mav.mission_count_send(*vehicle.to, len(wanted), kind)
    while True:
        message = vehicle.wait(["MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"],
                               lambda m: m.mission_type == kind)
        if message.get_type() == "MISSION_ACK":
            if message.type != MAV.MAV_MISSION_ACCEPTED:
                raise RuntimeError(MAV.enums["MAV_MISSION_RESULT"][message.type].name)
            return
        vehicle.link.mav.send(wanted[message.seq])


def download(vehicle, kind):
    vehicle.link.mav.mission_request_list_send(*vehicle.to, kind)
    count = vehicle.wait("MISSION_COUNT", lambda m: m.mission_type == kind).count
    got = []
    for seq in range(count):
        vehicle.link.mav.mission_request_int_send(*vehicle.to, seq, kind)
        got.append(vehicle.wait("MISSION_ITEM_INT", lambda m, seq=seq: (m.mission_type, m.seq) == (kind, seq)))
    vehicle.link.mav.mission_ack_send(*vehicle.to, MAV.MAV_MISSION_ACCEPTED, kind)
    return got


def same(wanted, skip=0):
    def check(got):
        facts = [[(i.command, i.x, i.y, round(i.z, 3)) for i in plan][skip:] for plan in (wanted, got)]
        return None if facts[0] == facts[1] else f"{len(got)} items, not what was sent"

    return check


def plans(calls, vehicle, ardupilot):
    home = calls.do("HOME_POSITION", vehicle.home)
    lat, lon = home.latitude * 1e-7, home.longitude * 1e-7
    relative = MAV.MAV_FRAME_GLOBAL_RELATIVE_ALT
    waypoint = (MAV.MAV_CMD_NAV_WAYPOINT, relative, (0, 0, 0, 0))
    rows = [(MAV.MAV_CMD_NAV_TAKEOFF, relative, (0, 0, 0, 0), lat, lon, 15),
            (*waypoint, lat + 5e-4, lon, 20), (*waypoint, lat + 5e-4, lon + 5e-4, 20),
            (MAV.MAV_CMD_NAV_RETURN_TO_LAUNCH, MAV.MAV_FRAME_MISSION, (0, 0, 0, 0), 0, 0, 0)]
    if ardupilot:
        rows.insert(0, (MAV.MAV_CMD_NAV_WAYPOINT, MAV.MAV_FRAME_GLOBAL, (0, 0, 0, 0), lat, lon, 0))
    corner = (MAV.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION, MAV.MAV_FRAME_GLOBAL, (4, 0, 0, 0))
    fence = [(*corner, lat + dn, lon + de, 0) for dn, de in ((-.004, -.004), (.004, -.004), (.004, .004), (-.004, .004))]
    fence.append((MAV.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION, MAV.MAV_FRAME_GLOBAL, (25, 0, 0, 0), lat + 2e-3, lon + 2e-3, 0))
    rally = [(MAV.MAV_CMD_NAV_RALLY_POINT, relative, (0, 0, 0, 0), lat + 3e-4, lon, 20)]
    for name, kind, plan in (("mission", 0, rows), ("fence", 1, fence), ("rally", 2, rally)):
        wanted = items(vehicle, kind, plan)
        calls.do(f"{name} up", lambda kind=kind, wanted=wanted: upload(vehicle, kind, wanted))
        skip = 1 if ardupilot and kind == 0 else 0
        calls.do(f"{name} down", lambda kind=kind: download(vehicle, kind), same(wanted, skip))
    loader = mavwp.MAVWPLoader(*vehicle.to)
    for item in items(vehicle, 0, rows):
        loader.add(loader.wp_from_mission_item_int(item) if hasattr(loader, "wp_from_mission_item_int") else item)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mission.txt")
        calls.do("QGC WPL 110", lambda: (loader.save(path), mavwp.MAVWPLoader().load(path))[1],
                 lambda count: None if count == len(rows) else count)


def flight(calls, vehicle, ardupilot):
    arm = MAV.MAV_CMD_COMPONENT_ARM_DISARM
    if ardupilot:
        calls.do("GUIDED", lambda: vehicle.mode("GUIDED"))
    calls.do("arm", lambda: vehicle.ask(arm, 1))
    calls.do("motors_armed_wait", lambda: vehicle.wait("HEARTBEAT", lambda b: b.get_srcComponent() == 1 and b.base_mode & 128))
    height = 12.0
    asked = height if ardupilot else height + vehicle.home().altitude * 1e-3
    calls.do("take-off", lambda: vehicle.ask(MAV.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, math.nan, math.nan, math.nan, asked))
    up = lambda p: p.relative_alt > 10_000
    calls.do("in the air", lambda: vehicle.wait("GLOBAL_POSITION_INT", up, 60))
    calls.do("disarm in the air refused", lambda: refused(lambda: vehicle.ask(arm, 0)))
    calls.do("mission start", lambda: vehicle.ask(MAV.MAV_CMD_MISSION_START))
    calls.do("MISSION_ITEM_REACHED", lambda: vehicle.wait("MISSION_ITEM_REACHED", lambda m: m.seq >= 1, 60))
    calls.do("MISSION_CURRENT", lambda: vehicle.wait("MISSION_CURRENT", lambda m: m.total >= 4 or m.seq >= 1))
    calls.do("RTL", lambda: vehicle.ask(MAV.MAV_CMD_NAV_RETURN_TO_LAUNCH))
    down = lambda beat: beat.get_srcComponent() == 1 and not beat.base_mode & 128
    calls.do("landed and disarmed", lambda: vehicle.wait("HEARTBEAT", down, 180))


def refused(call):
    try:
        call()
    except RuntimeError:
        return
    raise RuntimeError("it was not")


def logs(calls, vehicle):
    def entries():
        vehicle.link.mav.log_request_list_send(*vehicle.to, 0, 0xFFFF)
        first = vehicle.wait("LOG_ENTRY")
        found = {first.id: first}
        while len(found) < first.num_logs:
            entry = vehicle.wait("LOG_ENTRY")
            found[entry.id] = entry
        return found

    found = calls.do("log list", entries, lambda found: None if any(e.size for e in found.values()) else "empty")
    if not found:
        return
    last = found[max(found)]

    def fetch():
        data = bytearray()
        vehicle.link.mav.log_request_data_send(*vehicle.to, last.id, 0, 0xFFFFFFFF)
        while len(data) < last.size:
            chunk = vehicle.wait("LOG_DATA", lambda c: c.id == last.id and c.ofs == len(data))
            data += bytes(chunk.data[:chunk.count])
            if chunk.count < 90:
                break
        vehicle.link.mav.log_request_end_send(*vehicle.to)
        return bytes(data)

    data = calls.do("log download", fetch, lambda data: None if len(data) == last.size else f"{len(data)} of {last.size}")
    if data and not data.startswith(b"ULog"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "flight.bin")
            with open(path, "wb") as file:
                file.write(data)
            reader = DFReader.DFReader_binary(path)
            calls.do("log read by DFReader", lambda: sum(1 for _ in iter(lambda: reader.recv_match(type="ATT"), None)),
                     lambda count: None if count > 20 else f"{count} attitudes")


def clocks(calls, vehicle):
    vehicle.link.mav.timesync_send(0, 123_456_789)
    calls.do("TIMESYNC", lambda: vehicle.wait("TIMESYNC", lambda m: m.ts1 == 123_456_789 and m.tc1 > 0))
    vehicle.link.mav.ping_send(55, 7, 0, 0)
    calls.do("PING", lambda: vehicle.wait("PING", lambda m: m.seq == 7 and m.target_system == 255))
    calls.do("message interval", lambda: vehicle.ask(MAV.MAV_CMD_SET_MESSAGE_INTERVAL, 30, 100_000))
    calls.do("unknown command refused", lambda: refused(lambda: vehicle.ask(42_999)))


def main(url):
    calls = Calls()
    vehicle = Vehicle(url)
    ardupilot = modes(calls, vehicle)
    parameters(calls, vehicle, ardupilot)
    parameter_file(calls, vehicle, ardupilot)
    wind_and_estimator(calls, vehicle, ardupilot)
    plans(calls, vehicle, ardupilot)
    flight(calls, vehicle, ardupilot)
    logs(calls, vehicle)
    clocks(calls, vehicle)
    calls.finish()


main(sys.argv[1])
