#!/usr/bin/env python3
"""One side of a conversation that was captured between a ground station and an autopilot, played to whoever takes the other side.

    conversation.py vehicle LOG.tlog [--speed X]            listens on TCP, prints the port, then a JSON verdict at the end
    conversation.py station LOG.tlog HOST:PORT [--until ID]  connects to a vehicle

As the vehicle it says what the autopilot said, in the same order, and goes on only when the station under test has said, byte for byte, what
the captured station had said by then. As the station it says what the captured station said, and goes on only when the vehicle under test has
answered as the autopilot did: same acknowledgements and results, same items asked for, same plan given back. Heartbeats, streams and clocks
are not waited for; whoever asks for a stream is told that it comes. pymavlink reads and writes.
"""
import argparse
import json
import socket
import sys
import time

from pymavlink.dialects.v20 import ardupilotmega as dialect

import track

GROUND_SYSTEM = 255
PATIENCE_S = 60.0
HEARTBEAT_S = 1.0
# What one side says because of the other; the rest comes by itself.
TALK = {
    "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_REQUEST_LIST", "MISSION_ACK", "MISSION_CLEAR_ALL",
    "COMMAND_LONG", "COMMAND_INT", "COMMAND_ACK",
}
# Fields that say what an answer is; a vehicle may round the others, and names the plan by an id of its own.
MEANING = {
    "MISSION_COUNT": ("count", "mission_type"),
    "MISSION_ITEM_INT": ("seq", "frame", "command", "x", "y", "z", "mission_type"),
    "MISSION_REQUEST": ("seq", "mission_type"),
    "MISSION_REQUEST_INT": ("seq", "mission_type"),
    "MISSION_ACK": ("type", "mission_type"),
    "COMMAND_ACK": ("command", "result"),
}


def read(path):
    """The log's messages: seconds after the first, whether the station said it, the message."""
    reader = dialect.MAVLink(None)
    log = []
    for stamp, data in track.frames(path):
        for message in reader.parse_buffer(data) or []:
            log.append((stamp / 1e6, message.get_srcSystem() == GROUND_SYSTEM, message))
    return [(stamp - log[0][0], ground, message) for stamp, ground, message in log]


class Peer:
    """The other side of a TCP connection."""

    def __init__(self, connection, system, component):
        self.connection = connection
        self.parser = dialect.MAVLink(None)
        self.parser.robust_parsing = True
        self.sender = dialect.MAVLink(None, srcSystem=system, srcComponent=component)
        self.heard = []
        self.gone = False
        self.beat_at = 0.0
        self.heartbeat = None

    def say(self, message):
        """Sends the message with a sequence number of our own."""
        self.sender.srcComponent = message.get_srcComponent() or self.sender.srcComponent
        data = message.pack(self.sender)
        self.sender.seq = (self.sender.seq + 1) % 256
        try:
            self.connection.sendall(data)
        except OSError:
            self.gone = True

    def listen(self, for_s):
        """Takes what comes within this time."""
        self.connection.settimeout(max(for_s, 0.001))
        try:
            data = self.connection.recv(65536)
        except socket.timeout:
            data = None
        except OSError:
            data = b""
        if data == b"":
            self.gone = True
            time.sleep(max(for_s, 0.001))
        for message in self.parser.parse_buffer(data or b"") or []:
            if message.get_type() == "COMMAND_LONG" and message.command == dialect.MAV_CMD_SET_MESSAGE_INTERVAL:
                self.say(dialect.MAVLink_command_ack_message(message.command, dialect.MAV_RESULT_ACCEPTED))
            elif message.get_type() in TALK:
                self.heard.append(message)
        if self.heartbeat is not None and time.monotonic() >= self.beat_at:
            self.beat_at = time.monotonic() + HEARTBEAT_S
            self.say(self.heartbeat)

    def until(self, wanted, what):
        """Waits until a message that satisfies `wanted` was heard, and takes it out; whether it was."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for message in self.heard:
                if wanted(message):
                    self.heard.remove(message)
                    return True
            if self.gone:
                break
            self.listen(0.02)
        print("never said: %s; instead: %s" % (what, [str(message) for message in self.heard[-5:]]), file=sys.stderr)
        return False


def payload(message):
    """Bytes of the message's body, zeros cut from the end."""
    sender = dialect.MAVLink(None, srcSystem=1, srcComponent=1)
    return message.get_msgId(), bytes(message.pack(sender)[10:-2])


def as_vehicle(log, speed):
    """Plays the autopilot."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    listener.settimeout(PATIENCE_S)
    system = next(message.get_srcSystem() for _, ground, message in log if not ground)
    peer = Peer(listener.accept()[0], system, 1)
    said, expected, last = [], 0, None
    for at, ground, message in log:
        if ground:
            if message.get_type() not in TALK:
                continue
            wanted = payload(message)
            expected += 1
            if not peer.until(lambda heard: payload(heard) == wanted, message):
                return {"same": False, "matched": len(said), "expected": expected}
            said.append(wanted)
            last = at
            continue
        pause = 0.0 if last is None else (at - last) / speed
        last = at
        if message.get_type() == "HEARTBEAT":
            peer.heartbeat = message
        peer.listen(min(pause, 1.0))
        peer.say(message)
    peer.heartbeat = None
    unknown = [str(heard) for heard in peer.heard if payload(heard) not in said]
    repeated = len(peer.heard) - len(unknown)
    return {"same": not unknown, "matched": len(said), "expected": expected, "repeated": repeated, "unknown": unknown}


def without_refusals(log):
    """The talk without commands that were refused: another vehicle is ready at another moment."""
    talk = [(ground, message) for _, ground, message in log if message.get_type() in TALK]
    left_out = set()
    for at, (ground, message) in enumerate(talk):
        if ground or message.get_type() != "COMMAND_ACK" or message.result == dialect.MAV_RESULT_ACCEPTED:
            continue
        asked = max(i for i in range(at) if talk[i][0] and getattr(talk[i][1], "command", None) == message.command)
        left_out |= {asked, at}
    return [pair for at, pair in enumerate(talk) if at not in left_out]


def as_station(log, address, until):
    """Plays the ground station."""
    host, port = address.rsplit(":", 1)
    peer = Peer(socket.create_connection((host, int(port)), timeout=PATIENCE_S), GROUND_SYSTEM, 190)
    peer.heartbeat = next(message for _, ground, message in log if ground and message.get_type() == "HEARTBEAT")
    ardupilot = any(m.autopilot == dialect.MAV_AUTOPILOT_ARDUPILOTMEGA for _, _, m in log if m.get_type() == "HEARTBEAT")
    answered = 0
    for ground, message in without_refusals(log):
        kind = message.get_type()
        if not ground and kind not in MEANING:
            # PX4's own orders to its camera and gimbal.
            continue
        if ground:
            peer.say(message)
            continue
        meaning = tuple(getattr(message, field) for field in MEANING[kind])
        # ArduPilot's item 0 is its own home, and which of the two request messages it asks with is the vehicle's choice.
        home = ardupilot and kind == "MISSION_ITEM_INT" and message.seq == 0 and message.mission_type == 0
        kinds = {"MISSION_REQUEST", "MISSION_REQUEST_INT"} if kind.startswith("MISSION_REQUEST") else {kind}

        def same(heard):
            if heard.get_type() not in kinds:
                return False
            fields = MEANING[heard.get_type()]
            return heard.seq == 0 if home else tuple(getattr(heard, field) for field in fields) == meaning

        if not peer.until(same, message):
            return {"same": False, "answered": answered}
        answered += 1
        if until is not None and kind == "COMMAND_ACK" and message.command == until:
            break
    return {"same": True, "answered": answered}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("side", choices=["vehicle", "station"])
    parser.add_argument("log")
    parser.add_argument("to", nargs="?")
    parser.add_argument("--speed", type=float, default=20.0)
    parser.add_argument("--until", type=int)
    arguments = parser.parse_args()
    log = read(arguments.log)
    verdict = as_vehicle(log, arguments.speed) if arguments.side == "vehicle" else as_station(log, arguments.to, arguments.until)
    print(json.dumps(verdict))


if __name__ == "__main__":
    sys.exit(main())
