#!/usr/bin/env python3
"""Damages flights at random, asks both verifiers, and prints where they agree: compare.py SKYSEAL_VERIFY [--seed N] [--count N] [--only NAME].

Each damage is signed rightly again where it can be, so that the rule behind the signature is what is tried.
"""

import argparse
import base64
import collections
import contextlib
import copy
import io
import json
import random
import subprocess
import sys
import tempfile

import flights
import verify

AXES = ("word", "integrity", "witness", "content", "time")
DAMAGES = {}


def damage(function):
    """Registers a damage; its name says when it strikes: `flight_…` before signing, `built_…` after."""
    DAMAGES[function.__name__] = function
    return function


def base(rng):
    """An undamaged flight of some kind."""
    return flights.whole_flight("seed %d" % rng.randrange(40), **rng.choice(({}, {}, {}, {"restart": True}, {"closed": False}, {"orders": True})))


# ---- values


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    for name, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(one, path + (name,))


def other_value(value, rng):
    """A value that is near, of another type, or at an edge."""
    choices = [None, True, 0, -1, 1.0, 2 ** 33, 2 ** 64 - 1, 2 ** 64, "", "A", [], {}, "x" * 65, "0" * 64, 'a"b', "é", "a\nb"]
    if isinstance(value, bool):
        choices = [not value, 0, None]
    elif isinstance(value, int):
        choices += [value + 1, value - 1, value * 2, str(value), float(value), -value, value + 10_000_000, value - 10_000_000]
    elif isinstance(value, str) and value:
        at = rng.randrange(len(value))
        choices += [value.upper(), value + value[-1], value[:-1], value[:at] + rng.choice("09afgz-/ .~") + value[at + 1:], value[::-1]]
    elif isinstance(value, list):
        choices += [value + value[-1:], value[:-1], value[::-1]]
    elif isinstance(value, dict) and value:
        names = list(value)
        at = rng.choice(names)
        choices += [{name: value[name] for name in names[::-1]}, {name: value[name] for name in names if name != at},
                    {**value, "x": 1}, {**value, at: None}]
    return rng.choice(choices)


def change(value, rng):
    """A copy with one place changed."""
    value = copy.deepcopy(value)
    spots = list(places(value))
    path = rng.choice(spots)
    target = value
    if not path:
        return other_value(value, rng)
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = other_value(target[path[-1]], rng)
    return value


def misspell(raw, rng):
    """The same value, spelled otherwise."""
    text = raw.decode()
    return rng.choice((
        text.replace(":", ": ", 1), text + " ", " " + text, text.replace("a", "\\u0061", 1), text.replace("/", "\\/", 1), text + "\n",
        text.replace("{", '{"schema":"skyseal-record/1",', 1), text.replace("0", "00", 1), text + "}", text[:-1], "[" * 60_000,
        "", "null", text.replace("e", "É", 1), text.replace('"', "'", 1), "\ufeff" + text, text.replace("1", "1e0", 1))).encode()


def flip(raw, rng):
    """One bit or byte of it otherwise."""
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(8))]) + raw[at + 1:]


# ---- before signing


@damage
def flight_untouched(_flight, _rng):
    """Nothing."""


@damage
def flight_body(flight, rng):
    """A value of a body."""
    entry = rng.choice(flight.records)
    changed = change(entry[1], rng)
    if isinstance(changed, dict):
        entry[1] = changed


@damage
def flight_field(flight, rng):
    """A value of a record outside its body."""
    entry = rng.choice(flight.records)
    entry[2]["payload"] = lambda record: flights.compact(change(record, rng))


@damage
def flight_spelling(flight, rng):
    """A record rightly signed in another spelling."""
    rng.choice(flight.records)[2]["payload"] = lambda record: misspell(flights.compact(record), rng)


@damage
def flight_kind(flight, rng):
    """A record of another kind with this body, or of a kind that belongs elsewhere."""
    entry = rng.choice(flight.records)
    entry[0] = rng.choice(list(verify.BODIES) + ["unknown"])


@damage
def flight_signer(flight, rng):
    """A record signed by another key: the device's, a stranger's."""
    rng.choice(flight.records)[2]["signer"] = rng.choice((flight.device, flight.other, flight.root, flight.stations[0]))


@damage
def flight_link(flight, rng):
    """prev or next_key of somebody else, or null."""
    name = rng.choice(("prev", "next_key"))
    rng.choice(flight.records)[2][name] = rng.choice((None, flight.other.hex, "00" * 32, "ff" * 32, "01" + "00" * 31))


@damage
def flight_identity(flight, rng):
    """A record of another flight, device, boot or seq, rightly signed."""
    name = rng.choice(("flight_id", "device_id", "boot_id", "seq"))
    value = {"flight_id": flight.id[:-1] + "z", "device_id": flight.other.id, "boot_id": "33333333-3333-4333-8333-333333333333",
             "seq": rng.randrange(20)}
    value["flight_id"] = rng.choice((flight.id[:-4] + "0000", flight.id.replace("-7000-", "-4000-"), flight.id.upper()))
    rng.choice(flight.records)[2][name] = value[name]


@damage
def flight_clock(flight, rng):
    """Clocks that step, go back or do not know."""
    place = rng.randrange(len(flight.records))
    name = rng.choice(("mono_ns", "utc_us", "clock", "both"))
    step = rng.choice((-10_000_000, -6_000_000, -4_000_000, 4_000_000, 5_002_000, 5_002_001, 6_000_000, 90_000_000, -86_400_000_000))
    for entry in flight.records[place:] if rng.random() < 0.5 else flight.records[place:place + 1]:
        at = flight.records.index(entry)
        if name in ("utc_us", "both"):
            entry[2]["utc_us"] = flight.at_us(at) + step
        if name in ("mono_ns", "both"):
            entry[2]["mono_ns"] = 10 ** 12 + at * 10 ** 9 + step * 1000
        if name == "clock":
            entry[2]["clock"] = {"source": "none", "uncertainty_us": rng.choice((0, 10 ** 7, 2 ** 64 - 1))}


@damage
def flight_drop(flight, rng):
    """A record that was never written; the rest signed without it."""
    del flight.records[rng.randrange(len(flight.records))]


@damage
def flight_swap(flight, rng):
    """Two records written in the other order."""
    at = rng.randrange(len(flight.records) - 1)
    flight.records[at:at + 2] = flight.records[at:at + 2][::-1]


@damage
def flight_twice(flight, rng):
    """A record written twice, close counting it or not."""
    at = rng.randrange(len(flight.records))
    flight.records.insert(rng.randrange(len(flight.records)), copy.deepcopy(flight.records[at]))
    recount(flight, rng)


def recount(flight, rng):
    """Lets `close` count what is there now."""
    if flight.records[-1][0] == "close" and rng.random() < 0.8:
        flight.records.pop()
        flight.close()


@damage
def flight_rule(flight, rng):
    """A rule of a body broken, close counting rightly."""
    by_kind = collections.defaultdict(list)
    for entry in flight.records:
        by_kind[entry[0]].append(entry[1])
    segment, telemetry = rng.choice(by_kind["segment"]), rng.choice(by_kind["telemetry"])
    turn = 2 ** 33
    path = "segments/eo/000009.ts.age"
    raw = flight.files.setdefault(segment["file"], b"")
    action = rng.choice((
        lambda: segment.update(drops=3), lambda: segment.update(minimum_set_shortfall=55), lambda: segment.update(minimum_set_shortfall=54),
        lambda: segment.update(first_pts_90k=segment["last_pts_90k"], last_pts_90k=segment["first_pts_90k"]),
        lambda: segment.update(last_pts_90k=segment["first_pts_90k"]), lambda: segment.update(first_pts_90k=turn - 5),
        lambda: segment.update(first_pts_90k=segment["first_pts_90k"] - 900_000, last_pts_90k=segment["last_pts_90k"] - 900_000),
        lambda: segment.update(first_pts_90k=segment["first_pts_90k"] - 92_000),
        lambda: segment.update(frames=0), lambda: segment.update(frames=0, minimum_set_shortfall=0),
        lambda: segment.update(telemetry=None), lambda: segment.update(telemetry={"first": 2, "last": 1}),
        lambda: segment.update(telemetry={"first": 0, "last": 1}), lambda: segment.update(telemetry={"first": 1, "last": 7}),
        lambda: segment.update(index=9), lambda: segment.update(index=9, file=path), lambda: segment.update(stream="ir"),
        lambda: segment.update(stream="ir", file="segments/ir/%06d.ts.age" % segment["index"]),
        lambda: telemetry.update(messages=0), lambda: telemetry.update(messages=0, first_utc_us=None, last_utc_us=None),
        lambda: telemetry.update(first_utc_us=None), lambda: telemetry.update(first_utc_us=telemetry["last_utc_us"] + 1),
        lambda: telemetry.update(links=0), lambda: telemetry.update(index=5, file="telemetry/000005.tlog.age"),
        lambda: segment.update(sealed=flights.extent(raw[:-1])), lambda: segment.update(sealed=flights.extent(raw + b"x")),
        lambda: by_kind["prefix"][0].update(sealed=flights.extent(raw[:10])), lambda: by_kind["prefix"][0].update(sealed=flights.extent(b"")),
        lambda: by_kind["prefix"][0].update(sealed=flights.extent(raw * 2)), lambda: by_kind["prefix"][0].update(file=path),
        lambda: by_kind["prefix"][-1].update(file=by_kind["segment"][0]["file"]),
        lambda: by_kind["open"][0].update({"class": "operational"}), lambda: by_kind["open"][0].update({"class": "simulated"}),
        lambda: by_kind["open"][0]["certificate"].update({"class": "operational"}),
        lambda: by_kind["open"][0]["certificate"].update(trust_version=8), lambda: by_kind["open"][0]["certificate"].update(root="22" * 32),
        lambda: by_kind["open"][0]["certificate"].update(public_key=flight.other.hex), lambda: by_kind["open"][0].update(recipients=[]),
        lambda: by_kind["open"][0]["certificate"].update(name="Other"), lambda: by_kind["open"][0]["documents"].append(by_kind["open"][0]["documents"][0]),
        lambda: by_kind["open"][0]["certificate"].update(valid_until_utc_us=0), lambda: by_kind["nonce"][0].update(time_s=0),
        lambda: by_kind["nonce"][0].update(station=flight.stations[1].id), lambda: by_kind["nonce"][0].update(station=flight.device.id),
        lambda: by_kind["still"][0].update(format="png"), lambda: by_kind["still"][0].update(taken_utc_us=0),
        lambda: by_kind["marker"][0].update(at_utc_us=0), lambda: by_kind["event"][0].update(flight=flight.id),
        lambda: by_kind["event"][0].update(actor=flight.other.id)))
    action()
    recount(flight, rng)


@damage
def flight_statement(flight, rng):
    """A statement that is not rising, not signed, of somebody who may not order, or an event of nobody."""
    flight.__dict__.update(flights.whole_flight(flight.seed, orders=True).__dict__)
    orders = [entry[1] for entry in flight.records if entry[0] == "statement"]
    one, officer = rng.choice(orders), flight.entry(flight.officer)
    rng.choice((
        lambda: one.update(signer=flight.other.id), lambda: one.update(action="stop" if one["action"] == "start" else "start"),
        lambda: one.update(subject="device"), lambda: one.update(counter=2), lambda: one.update(time_s=0), lambda: one.update(time_s=2 ** 32 - 1),
        lambda: officer.update(duties=["custodian"]), lambda: officer.update(duties=["witness", "auditor"]), lambda: officer.update(duties=["pilot"]),
        lambda: officer.update(revoked={"at_utc_us": flight.start_us, "reason": "left"}), lambda: officer.update(valid_until_utc_us=flight.start_us),
        lambda: orders.append(flight.records.insert(-1, ["statement", copy.deepcopy(orders[0]), {}])), lambda: orders[1].update(signer=flight.stations[0].id),
        lambda: flight.records.pop(4), lambda: [entry[1].update(actor=flight.device.id) for entry in flight.records if entry[0] == "event"],
        lambda: one.update(reason="00" * 32)))()
    recount(flight, rng)


@damage
def flight_authorisation(flight, rng):
    """An authorisation that is not rising, of another length, not signed, or of somebody who may not give one."""
    flight.__dict__.update(flights.whole_flight(flight.seed, orders=True).__dict__)
    words = [entry[1] for entry in flight.records if entry[0] == "authorisation"]
    one, officer = rng.choice(words), flight.entry(flight.officer)
    rng.choice((
        lambda: one.update(signer=flight.other.id), lambda: one.update(signer=flight.stations[0].id), lambda: one.update(action="end"),
        lambda: one.update(minutes=rng.choice((0, 1, 90, 720, 721, 65535, 65536))), lambda: one.update(subject="device"),
        lambda: one.update(counter=rng.choice((0, 1, 9))), lambda: one.update(time_s=0), lambda: one.update(reason="00" * 32),
        lambda: officer.update(duties=["custodian"]), lambda: officer.update(duties=["pilot"]),
        lambda: officer.update(revoked={"at_utc_us": flight.start_us, "reason": "left"}), lambda: officer.update(valid_until_utc_us=flight.start_us),
        lambda: flight.records.insert(-1, ["authorisation", copy.deepcopy(words[0]), {}])))()
    recount(flight, rng)


@damage
def flight_extra(flight, rng):
    """A record more, of a kind that belongs here or not."""
    path = "segments/eo/%06d.ts.age" % rng.choice((1, 2, 3, 4, 5, 9))
    segment = next(entry[1] for entry in flight.records if entry[0] == "segment")
    flights_of = {"flight": flight.id, "actor": "aa" * 32}
    body = rng.choice((
        ("gap", {"stream": None, "reason": "link-lost", "from_utc_us": 0, "to_utc_us": None, "count": None}),
        ("gap", {"stream": "eo", "reason": "camera-lost", "from_utc_us": 5, "to_utc_us": 1, "count": 3}),
        ("marker", {"code": "x", "at_utc_us": 0}), ("prefix", {"file": path, "sealed": flights.extent(b"")}),
        ("prefix", {"file": "documents/%s.age" % ("ab" * 32), "sealed": flights.extent(b"")}),
        ("recovered", {"previous_boot_id": flight.boot, "files": [], "torn": []}),
        ("recovered", {"previous_boot_id": flight.boot, "files": [{"file": segment["file"], "sealed": segment["sealed"]}], "torn": []}),
        ("recovered", {"previous_boot_id": flight.boot, "files": [{"file": path, "sealed": flights.extent(b"")}] * 2, "torn": []}),
        ("recovered", {"previous_boot_id": flight.boot, "files": [], "torn": [{"from": "checkpoints", "extent": flights.extent(b"a")}]}),
        ("recovered", {"previous_boot_id": flight.boot, "files": [], "torn": [{"from": "records", "extent": flights.extent(b"a")}] * 2}),
        ("segment", {**segment, "index": 9, "file": "segments/eo/000009.ts.age"}), ("segment", segment),
        ("erased", {"flight": flight.id, "actor": "aa" * 32, "witness": "bb" * 32, "stores": ["cc" * 32, "dd" * 32], "manifest": "ee" * 32,
                    "order": "ff" * 32, "files": 1, "bytes": 1}),
        ("event", {"code": "erase-begun", **flights_of, "detail": None}), ("close", {"reason": "x", "counts": dict.fromkeys(verify.COUNTS, 0)}),
        ("log-open", {"certificate": flight.records[0][1]["certificate"], "software": flight.records[0][1]["software"]})))
    if body[0] == "event":
        body = ("event", {name: body[1][name] for name in ("code", "actor", "flight", "detail")})
    changes = {"signer": flight.device} if body[0] == "recovered" and rng.random() < 0.7 else {}
    if body[0] == "recovered" and rng.random() < 0.3:
        changes["boot_id"] = "44444444-4444-4444-8444-444444444444"
    flight.records.insert(rng.randrange(1, len(flight.records) + 1), [body[0], copy.deepcopy(body[1]), changes])
    recount(flight, rng)


@damage
def flight_trust(flight, rng):
    """A rule of the trust list broken, or the list of another day."""
    trust, device, station = flight.trust, flight.entry(flight.device), flight.entry(flight.stations[0])
    now, start = flight.now_us, flight.start_us
    end = flight.at_us(len(flight.records) - 1)
    who = rng.choice((device, station))
    reason = {"reason": "lost"}
    rng.choice((
        lambda: trust.update(version=6), lambda: trust.update(version=8), lambda: trust.update(version=1_000_007),
        lambda: trust.update(version=1_000_007, serial=1), lambda: trust.update(expires_utc_us=now - 1), lambda: trust.update(issued_utc_us=now + 10 ** 9),
        lambda: trust.update(root=flight.other.hex), lambda: trust["keys"].reverse(), lambda: trust["keys"].append(trust["keys"][-1]),
        lambda: trust["keys"].remove(who), lambda: who.update(role="officer"), lambda: who.update(role="officer", **{"class": None}),
        lambda: who.update(role="station", **{"class": None}), lambda: device.update({"class": "simulated"}), lambda: device.update({"class": None}),
        lambda: device.update({"class": "operational"}), lambda: station.update({"class": "simulated"}), lambda: who.update(duties=["pilot"]),
        lambda: who.update(role="officer", duties=["observer", "pilot"], **{"class": None}), lambda: who.update(public_key=flight.other.hex),
        lambda: who.update(valid_from_utc_us=start), lambda: who.update(valid_from_utc_us=start + 1), lambda: who.update(valid_from_utc_us=end),
        lambda: who.update(valid_until_utc_us=end), lambda: who.update(valid_until_utc_us=end - 1), lambda: who.update(valid_until_utc_us=start + 5_000_000),
        lambda: who.update(revoked={"at_utc_us": start, **reason}), lambda: who.update(revoked={"at_utc_us": end, **reason}),
        lambda: who.update(revoked={"at_utc_us": end + 1_000_000, **reason}), lambda: who.update(revoked={"at_utc_us": end + 1_000_001, **reason}),
        lambda: who.update(revoked={"at_utc_us": now - 1, **reason}), lambda: who.update(revoked={"at_utc_us": now + 10 ** 9, **reason}),
        lambda: [one.update(revoked={"at_utc_us": now - 1, **reason}) for one in (device, station)],
        lambda: trust.update(enrolment=""), lambda: trust.update(enrolment=base64.b64encode(b"{}").decode()), lambda: trust.update(unit="")))()


@damage
def flight_trust_value(flight, rng):
    """A value of the trust list."""
    changed = change(flight.trust, rng)
    if isinstance(changed, dict):
        flight.trust = changed


@damage
def flight_enrolment(flight, rng):
    """A list signed by the enrolment key it carries, rightly or nearly."""
    value = {"schema": "skyseal-enrolment-key/1", "unit": "Unit", "public_key": flight.enrolment.hex, "serial": 0,
             "valid_from_utc_us": flight.now_us - 10 ** 10, "valid_until_utc_us": flight.now_us}
    rng.choice((lambda: None, lambda: value.update(unit="Other"), lambda: value.update(serial=1), lambda: value.update(public_key=flight.other.hex),
                lambda: value.update(valid_from_utc_us=flight.now_us), lambda: value.update(valid_until_utc_us=flight.trust["issued_utc_us"]),
                lambda: value.update(valid_until_utc_us=flight.trust["issued_utc_us"] - 1), lambda: value.update(public_key=flight.root.hex)))()
    raw = flights.envelope(flights.compact(value), "enrolment-key.v1+json", rng.choice((flight.root, flight.root, flight.root, flight.other)))
    flight.trust["enrolment"] = base64.b64encode(raw).decode()
    flight.list_signer = rng.choice((flight.root, flight.enrolment, flight.enrolment, flight.other))


@damage
def flight_cosigned(flight, rng):
    """Cosignatures in `checkpoints.jsonl`: of listed stations and others, early, late, many."""
    for _ in range(rng.randrange(1, 4)):
        size = rng.randrange(1, len(flight.records) + 1)
        time_s = flight.at_us(size - 1) // 1_000_000 + rng.choice((-10, -5, 0, 1, 29, 30, 31, 60, 3000))
        stations = rng.sample(flight.stations + [flight.other, flight.device, flight.store], rng.choice((1, 1, 1, 2)))
        if rng.random() < 0.6:
            stations = flight.stations[:rng.choice((1, 2))]
        flight.cosigned_at[size] = [(station, max(time_s, 0)) for station in stations]


@damage
def flight_late(flight, rng):
    """A station that cosigns late."""
    flight.delay_s = rng.choice((-7, -6, -5, 0, 28, 29, 30, 31, 32, 45))


# ---- after signing


def some_lines(built, rng):
    """The lines of one log or witness file."""
    return rng.choice([built.records, built.records, built.checkpoints] + built.witness)


@damage
def built_flip(built, rng):
    """A bit of a line."""
    lines = some_lines(built, rng)
    at = rng.randrange(len(lines))
    lines[at] = flip(lines[at], rng)


@damage
def built_inner_flip(built, rng):
    """A bit of a record's payload, in canonical base64, signature as it was."""
    at = rng.randrange(len(built.records))
    value = json.loads(built.records[at])
    value["payload"] = base64.b64encode(flip(base64.b64decode(value["payload"]), rng)).decode()
    built.records[at] = flights.compact(value)


@damage
def built_envelope(built, rng):
    """A value of an envelope."""
    lines = rng.choice([built.records] + built.witness)
    at = rng.randrange(len(lines))
    lines[at] = flights.compact(change(json.loads(lines[at]), rng))


@damage
def built_misspell(built, rng):
    """A line in another spelling."""
    lines = some_lines(built, rng)
    at = rng.randrange(len(lines))
    lines[at] = misspell(lines[at], rng)


@damage
def built_drop(built, rng):
    """Lines taken out."""
    lines = some_lines(built, rng)
    at = rng.randrange(len(lines))
    del lines[at:at + rng.choice((1, 1, 2))]


@damage
def built_both_cut(built, rng):
    """Both logs cut at the same record, as in a crash; or the heads one behind."""
    size = rng.randrange(len(built.records))
    del built.records[size:], built.checkpoints[max(size - rng.choice((0, 0, 1)), 0):]


@damage
def built_double(built, rng):
    """A line doubled, or copied elsewhere."""
    lines = some_lines(built, rng)
    at = rng.randrange(len(lines))
    lines.insert(at + 1 if rng.random() < 0.5 else rng.randrange(len(lines) + 1), lines[at])


@damage
def built_swap(built, rng):
    """Two lines swapped."""
    lines = some_lines(built, rng)
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]


@damage
def built_tail(built, rng):
    """A log that ends within a line, or in rubbish."""
    name = rng.choice(("records", "checkpoints"))
    lines = getattr(built, name)
    built.tails[name] = rng.choice((lines.pop()[:-rng.randrange(1, 40)], b"x", b"\0" * 70_000, b"{", b" "))


@damage
def built_lines(built, rng):
    """Empty lines, lines of rubbish, long lines, no lines, no file."""
    name = rng.choice(("records", "checkpoints"))
    lines = getattr(built, name)
    action = rng.randrange(6)
    if action < 4:
        lines.insert(rng.randrange(len(lines) + 1), (b"", b"{}", b"x" * 65_537, b"\xff\xfe")[action])
    else:
        setattr(built, name, [] if action == 4 else None)


@damage
def built_file(built, rng):
    """A file's bytes: flipped, longer, shorter, empty, gone, swapped."""
    names = sorted(built.files)
    path = rng.choice(names)
    raw = built.files[path]
    action = rng.randrange(7)
    if action == 5:
        del built.files[path]
    elif action == 6:
        other = rng.choice(names)
        built.files[path], built.files[other] = built.files[other], raw
    else:
        built.files[path] = (flip(raw, rng), raw + b"x", raw[:rng.randrange(len(raw))], b"", raw[:1500])[action]


@damage
def built_stray(built, rng):
    """A file, folder or link that no record names."""
    path = rng.choice(("notes.txt", "segments/eo/000099.ts.age", "segments/ir/000001.ts.age", "segments/eo/000001.ts", "segments/EO/000001.ts.age",
                       "segments/eo/00001.ts.age", "telemetry/000003.tlog.age", "telemetry/000001.tlog.age.part", "stills/000002.png.age",
                       "stills/000001.png.age", "documents/%s.age" % ("ab" * 32), "documents/x.age", "torn/records-3", "torn/records-99",
                       "torn/other-3", "telemetry/000000.tlog.age", "extra/x", ".hidden", "segments/000001.ts.age", "segments/eo/a/b",
                       "segments/eo/000004.ts.age", "segments/eo/000005.ts.age", "segments/eo/000000.ts.age"))
    if rng.random() < 0.2:
        built.links["link"] = rng.choice(("/etc/passwd", "records.jsonl", "segments", "/nowhere"))
    elif path not in built.files:
        built.files[path] = rng.choice((b"", b"stray"))


@damage
def built_spliced(built, rng):
    """Lines of another flight of the same device, or of another device."""
    other = flights.whole_flight("seed %d" % rng.randrange(100, 110))
    if rng.random() < 0.5:
        other.device = built.flight.device
        other.records[0][1]["certificate"]["public_key"] = other.device.hex
    theirs = flights.Built(other)
    name = rng.choice(("records", "checkpoints", "witness", "witness file"))
    if name == "witness file":
        built.witness.append(theirs.witness[0])
        return
    ours, those = (built.witness[0], theirs.witness[0]) if name == "witness" else (getattr(built, name), getattr(theirs, name))
    at = rng.randrange(min(len(ours), len(those)))
    if rng.random() < 0.5:
        ours[at] = those[at]
    else:
        ours.insert(at, those[at])


@damage
def built_head(built, rng):
    """A head of another root or size, rightly signed by the device or by somebody else."""
    flight, size = built.flight, rng.randrange(0, len(built.records) + 3)
    tree = verify.Tree()
    for line in built.records[:size]:
        tree.append(verify.leaf_hash(line))
    root = rng.choice((tree.roots[-1], b"\7" * 32))
    signer = rng.choice((flight.device, flight.device, flight.other))
    cosigners = rng.choice(((), (), [(flight.stations[0], flight.at_us(size) // 1_000_000)]))
    raw = flights.compact({"note": flights.note(flight.id, size, root, signer, cosigners)})
    at = rng.randrange(len(built.checkpoints) + 1)
    built.checkpoints[at:at + rng.choice((0, 1))] = [raw]


@damage
def built_note(built, rng):
    """A note's text changed."""
    at = rng.randrange(len(built.checkpoints))
    text = json.loads(built.checkpoints[at])["note"]
    built.checkpoints[at] = flights.compact({"note": rng.choice((
        text[:-1], text + "\n", text + "— x AAAA\n", text.replace("—", "-"), text.replace("\n\n", "\next\n\n"), text * 2,
        text.replace("\n", "\r\n"), text.replace("skyseal/", "skyseal//", 1), text.replace("\n", "\n0", 1), text.replace("=", "", 1)))})


def resign_witness(built, entries):
    """A witness file of these entries."""
    built.witness[0] = built.flight.sign_witness(entries, built.flight.stations[0])


@damage
def built_witness_value(built, rng):
    """A value of a witness file's body, rightly signed."""
    entries = built.flight.witness(built.records, built.flight.stations[0])
    at = rng.randrange(len(entries))
    entries[at] = (entries[at][0], change(entries[at][1], rng))
    resign_witness(built, entries)


@damage
def built_witness_rule(built, rng):
    """Entries of a witness file in another order, more or fewer of them, rightly signed."""
    flight = built.flight
    entries = flight.witness(built.records, flight.stations[0], rng.choice((1, 2, 5, 50)), rng.choice((None, None, 9)))
    size = rng.randrange(1, len(built.records) + 2)
    tree = verify.Tree()
    for line in (built.records + [b"more"])[:size]:
        tree.append(verify.leaf_hash(line))
    true, false = flights.note(flight.id, size, tree.roots[-1], flight.device), flights.note(flight.id, size, b"\7" * 32, flight.device)
    strange = flights.note(flight.id, size, b"\7" * 32, flight.other)
    landed = entries[-1][1]
    leaves = {"leaves": ["ab" * 32]}
    extra = rng.choice((("seen", {"note": true}), ("seen", {"note": false}), ("seen", {"note": strange}), ("equivocation", {"note": false, "held": true}),
                        ("equivocation", {"note": false, "held": false}), ("equivocation", {"note": false, "held": None}), ("restarted", {}),
                        ("equivocation", {"note": strange, "held": None}), ("leaves", leaves), ("leaves", {"leaves": []}), ("landed", landed),
                        ("nonce", {"nonce": "ab" * 32, "time_s": 5}), entries[0], ("unknown", {}), rng.choice(entries)))
    action = rng.randrange(5)
    at = rng.randrange(1, len(entries) + 1)
    if action < 3:
        entries.insert(at, extra)
        if extra[0] == "equivocation" and rng.random() < 0.7:
            entries[-1] = (entries[-1][0], {**entries[-1][1], **({"equivocations": 1} if entries[-1][0] == "landed" else {})})
    elif action == 3:
        del entries[min(at, len(entries) - 1)]
    else:
        entries[at:] = []
    if rng.random() < 0.3:
        entries = [(kind, {**body, "cosignature": None}) if kind == "head" else (kind, body) for kind, body in entries]
    resign_witness(built, entries)


@damage
def built_witness_other(built, rng):
    """Witness files of two stations, of none, of a stranger, doubled, with a torn end."""
    flight = built.flight
    action = rng.randrange(5)
    if action == 0:
        built.witness = []
    elif action == 1:
        built.witness.append(flight.sign_witness(flight.witness(built.records, flight.stations[1]), flight.stations[1]))
    elif action == 2:
        built.witness = [flight.sign_witness(flight.witness(built.records, flight.other), flight.other)]
    elif action == 3:
        built.witness.append(built.witness[0])
    else:
        built.witness[0] = [flight.sign_witness(flight.witness(built.records, flight.stations[0]), flight.stations[0])[0], b""][:1] + built.witness[0][1:-3]


@damage
def built_late_after(built, rng):
    """Another bound, and a station that hears little."""
    every = rng.choice((1, 4, 7, 50))
    resign_witness(built, built.flight.witness(built.records, built.flight.stations[0], every))
    built.extra_options = ["--late-after", str(rng.choice((0, 1, 2, 3, 5, 8)))]


@damage
def built_trust(built, rng):
    """The list's file: flipped, misspelled, two lines, empty, no newline."""
    raw = built.trust
    built.trust = rng.choice((flip(raw, rng), misspell(raw[:-1], rng) + b"\n", raw + raw, b"", raw[:-1], raw + b"\n", b"null\n",
                              flights.compact(change(json.loads(raw), rng)) + b"\n"))


# ---- packages


@damage
def package_untouched(_bag, _rng):
    """Nothing."""


@damage
def package_file(bag, rng):
    """A file flipped, gone, longer or new, before or behind the making of the lists."""
    def strike(files):
        path = rng.choice(sorted(files))
        action = rng.randrange(5)
        if action == 0:
            del files[path]
        elif action == 1:
            files[rng.choice(("data/flight/x", "x", "data/x", "data/witness/x.jsonl", "data/wraps/x", "data/receipts/x", "data/reasons/x.json",
                              "data/device-log/x", "extra/x", "data/device-log/records.jsonl", "data/wraps/a/b", "data/flight/a/b"))] = b"x"
        else:
            files[path] = flip(files[path], rng) if action == 2 and files[path] else files[path] + b"x" if action == 3 else files[path][:-1]
    if rng.random() < 0.5:
        bag.before = strike
    else:
        bag.after = strike


@damage
def package_list(bag, rng):
    """A list in another order, spelling or signature."""
    def strike(files):
        name = rng.choice(("manifest-sha256.txt", verify.LIST))
        lines = files[name].splitlines(True)
        at = rng.randrange(len(lines))
        files[name] = b"".join(rng.choice((lines[::-1], lines[:at] + lines[at + 1:], lines + lines[at:at + 1], [line.replace(b"  ", b" *") for line in lines],
                                           [line.upper() for line in lines], lines + [b"\n"], [line.replace(b"\n", b"\r\n") for line in lines])))
        if name != verify.LIST:
            files[verify.LIST] = bag.lines({path: files[path] for path in verify.TAG_FILES})
        if rng.random() < 0.7:
            files[verify.LIST_SIGNED] = flights.envelope(files[verify.LIST], "package.v1+text", bag.store) + b"\n" * rng.choice((1, 1, 1, 0, 2))
    bag.after = strike


@damage
def package_store(bag, rng):
    """Another store, a revoked one, or one out of its time."""
    flight = bag.built.flight
    entry = flight.entry(flight.store)
    rng.choice((lambda: setattr(bag, "store", flight.other), lambda: setattr(bag, "store", flight.device), lambda: setattr(bag, "receipt_store", flight.other),
                lambda: entry.update(revoked={"at_utc_us": flight.now_us - 1, "reason": "lost"}), lambda: entry.update(valid_until_utc_us=flight.now_us - 1),
                lambda: entry.update(role="station"), lambda: entry.update(revoked={"at_utc_us": flight.now_us + 10 ** 10, "reason": "lost"})))()
    bag.built.trust = flights.envelope(flights.compact(flight.trust), "trust.v1+json", flight.root) + b"\n"


@damage
def package_receipt(bag, rng):
    """A value of the receipt."""
    if rng.random() < 0.5:
        bag.receipt = change(bag.receipt, rng)
    else:
        name = rng.choice(("flight_id", "device_id", "manifest", "files", "bytes", "verdict", "name", "store"))
        bag.receipt[name] = {"flight_id": bag.built.flight.id[:-4] + "0000", "files": 1, "bytes": 1, "verdict": "ALTERED", "name": "Other"}.get(name, "ab" * 32)


@damage
def package_reason(bag, rng):
    """A reason file, rightly or nearly."""
    value = {"schema": "skyseal-reason/1", "salt": "ab" * 32, "reason": "searching for a child"}
    name = flights.hashlib.sha256(bytes.fromhex("ab" * 32) + value["reason"].encode()).hexdigest()
    rng.choice((lambda: None, lambda: value.update(reason="1234"), lambda: value.update(reason="other words"), lambda: value.update(salt="x"), lambda: value.update(x=1)))()
    bag.files["data/reasons/%s.json" % name] = flights.compact(value)


# ---- both verifiers


def of_rust(program, options):
    """The compiled verifier's report and exit code."""
    done = subprocess.run([program] + options + ["--json"], capture_output=True, text=True, timeout=120)
    return (json.loads(done.stdout) if done.stdout else {"word": "-", "items": [], "stderr": done.stderr}), done.returncode


def of_python(options):
    """verify.py's report and exit code."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            code = verify.main(options + ["--json"])
        except SystemExit as end:
            return {"word": "-", "items": []}, end.code
    return json.loads(out.getvalue()), code


def words_of(report):
    """The worst word of each item, INTACT left out."""
    words = {}
    for entry in report["items"]:
        name = entry["item"].split(" (")[0]
        words[name] = min(words.get(name, "INTACT"), entry["word"], key=lambda word: verify.rank(word) - (word is None) / 2)
    return {name: word for name, word in words.items() if word != "INTACT"}


def built_of(flight):
    """The flight signed, its list by whom a damage says."""
    built = flights.Built(flight)
    if hasattr(flight, "list_signer"):
        built.trust = flights.envelope(flights.compact(flight.trust), "trust.v1+json", flight.list_signer) + b"\n"
    return built


def one(program, name, seed):
    """One damage: (what differs, both reports)."""
    rng = random.Random(seed)
    flight = base(rng)
    if name.startswith("flight_"):
        DAMAGES[name](flight, rng)
    built = built_of(flight)
    if name.startswith("built_"):
        DAMAGES[name](built, rng)
    if name.startswith("package_"):
        built = flights.Bag(built)
        DAMAGES[name](built, rng)
    with tempfile.TemporaryDirectory() as folder:
        return ask_both(program, built.write(folder))


def ask_both(program, options):
    """Both verifiers' reports with these options: (what differs, both)."""
    theirs, their_code = of_rust(program, options)
    ours, our_code = of_python(options)
    # Behind a fault the axes tell nothing, and how far an item is still checked is the verifier's own affair.
    axes = AXES if theirs.get("integrity") == ours.get("integrity") == "INTACT" else AXES[:2]
    differs = [axis for axis in axes if theirs.get(axis) != ours.get(axis)] + ["exit code"] * (their_code != our_code)
    if items_that_differ(theirs, ours):
        differs.append("items")
    return differs, theirs, ours


def items_that_differ(theirs, ours):
    """Items that both checked and gave other words."""
    a, b = words_of(theirs), words_of(ours)
    return sorted(name for name in set(a) | set(b) if a.get(name, "INTACT") != b.get(name, "INTACT")
                  and None not in (a.get(name, ""), b.get(name, "")))


def main(damages, one, description):
    """The table, then each disagreement; `one` tries a damage: (what differs, both reports)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("program", help="the compiled skyseal-verify")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10, help="times each damage is tried")
    parser.add_argument("--only", default="", help="damages with this in their name")
    parser.add_argument("--items", action="store_true", help="also lists where only items differ")
    parser.add_argument("--shown", type=int, default=5, help="disagreements printed of each damage")
    options = parser.parse_args()
    print("%-22s %6s %6s %6s %6s  %s" % ("damage", "tried", "word", "axes", "items", "words"))
    disagreements, words_differ = [], 0
    for name in [name for name in damages if options.only in name]:
        words, tally = collections.Counter(), collections.Counter()
        for turn in range(options.count):
            seed = "%d %s %d" % (options.seed, name, turn)
            differs, theirs, ours = one(options.program, name, seed)
            words[theirs["word"]] += 1
            tally["word"] += "word" not in differs
            tally["axes"] += not set(differs) - {"items"}
            tally["items"] += not differs
            if set(differs) - {"items"} or differs and options.items:
                disagreements.append((name, seed, differs, theirs, ours))
            words_differ += "word" in differs
        print("%-22s %6d %6d %6d %6d  %s" % (name, options.count, tally["word"], tally["axes"], tally["items"],
                                             " ".join("%s:%d" % pair for pair in words.most_common(5))), flush=True)
    shown = collections.Counter()
    for name, seed, differs, theirs, ours in disagreements:
        shown[name] += 1
        if shown[name] > options.shown:
            continue
        print("\n%s, seed '%s': %s" % (name, seed, ", ".join(differs)))
        for program, report in (("skyseal-verify", theirs), ("verify.py", ours)):
            print("  %-15s %s" % (program, " ".join(str(report.get(axis)) for axis in AXES)))
        a, b = words_of(theirs), words_of(ours)
        for item in items_that_differ(theirs, ours)[:6]:
            details = [next((entry["detail"] for entry in report["items"] if entry["item"].split(" (")[0] == item and entry["word"] != "INTACT"), None)
                       for report in (theirs, ours)]
            print("    %s: %s (%s) / %s (%s)" % (item, a.get(item, "INTACT"), details[0], b.get(item, "INTACT"), details[1]))
    print("\n%d disagreements, %d of them in the word" % (len(disagreements), words_differ))
    return 1 if words_differ else 0


if __name__ == "__main__":
    sys.exit(main(DAMAGES, one, __doc__))
