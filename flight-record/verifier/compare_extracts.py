#!/usr/bin/env python3
"""Damages extracts at random, asks both verifiers, and prints where they agree; called like compare.py.

The extracts are made by `skyseal-verify extract`, or by extracts.py, which makes them of damaged flights too.
"""

import base64
import copy
import json
import os
import random
import subprocess
import sys
import tempfile

import compare
import extracts
import flights
import verify

DAMAGES = {name: function for name, function in compare.DAMAGES.items() if name.startswith("flight_")}


def damage(function):
    """Registers a damage of an extract that is made already."""
    DAMAGES[function.__name__] = function
    return function


def finished_in(flight, rng):
    """Some of the files that a flight's records finish."""
    named = [entry[1].get("file") for entry in flight.records if entry[0] in verify.FINISHING]
    paths = sorted(path for path in flight.files if path in named)
    return rng.sample(paths, rng.randrange(1, len(paths) + 1)) if paths else ["segments/eo/000001.ts.age"]


def made(program, part, folder):
    """Lets the compiled program make the same extract; what it makes of a sound flight is not refused."""
    out = os.path.join(folder, "made")
    wanted = {"--segments": [], "--telemetry": [], "--stills": []}
    for path in part.value["files"]:
        series, index = verify.place(path)
        kind = path.split("/")[0]
        name = "%s/%d" % (series, index) if kind == "segments" else str(index) if kind == "telemetry" else "%d.jpg" % index
        wanted["--" + kind].append(name)
    options = [one for option, names in wanted.items() if names for one in (option, ",".join(names))]
    subprocess.run([program, "extract", *part.built.write(folder), *options, "--out", out], check=True, capture_output=True, timeout=120)
    part.take_over(out)


def some(part, rng, name=None):
    """A list of the extract, and a place in it."""
    entries = part.value[name or rng.choice(("records", "heads"))]
    return entries, rng.randrange(len(entries))


@damage
def extract_untouched(_part, _rng):
    """Nothing."""


@damage
def extract_value(part, rng):
    """A value somewhere in `extract.json`."""
    part.value = compare.change(part.value, rng)


@damage
def extract_table(part, rng):
    """A value of the outer table."""
    name = rng.choice(list(part.value))
    part.value[name] = compare.other_value(part.value[name], rng)


@damage
def extract_spelling(part, rng):
    """The same JSON in another spelling, without newline, with two, empty, flipped."""
    raw = flights.compact(part.value)
    part.raw = rng.choice((compare.misspell(raw, rng) + b"\n", raw, raw + b"\n\n", b"", b"\n", raw + b"\r\n", compare.flip(raw, rng) + b"\n",
                           raw + b"\n" + raw + b"\n", compare.flip(raw, rng) + b"\n", b" " * (64 << 20) + raw + b"\n"))


@damage
def extract_file(part, rng):
    """A file's bytes: flipped, longer, shorter, empty, gone, swapped."""
    path = rng.choice(sorted(part.files))
    raw, other = part.files[path], rng.choice(sorted(part.files))
    action = rng.randrange(7)
    if action == 5:
        del part.files[path]
    elif action == 6:
        part.files[path], part.files[other] = part.files[other], raw
    else:
        part.files[path] = (compare.flip(raw, rng), raw + b"x", raw[:rng.randrange(len(raw))], b"", raw[:1500])[action]


@damage
def extract_stray(part, rng):
    """A file or link that is not listed."""
    path = rng.choice(("x", "records.jsonl", "checkpoints.jsonl", "segments/eo/000099.ts.age", "segments/x", "telemetry/000009.tlog.age", "torn/records-1",
                       "documents/%s.age" % ("ab" * 32), "documents/unfinished", "extra/x", "trust.json", ".hidden", "segments/eo/a/b"))
    action = rng.randrange(5)
    if action == 0:
        part.links["link"] = rng.choice(("/etc/passwd", verify.EXTRACT, "segments", "/nowhere"))
    elif action == 1:
        name = rng.choice(sorted(part.files))
        del part.files[name]
        part.links[name] = part.built.write(tempfile.mkdtemp(dir=part.folder))[0] + "/" + name
    else:
        part.files[path] = b"stray"


@damage
def extract_listed(part, rng):
    """The list of files: one less, one more, twice, in another order, of another form."""
    files = part.value["files"]
    more = sorted(set(part.flight.files) - set(files)) + ["segments/eo/000000.ts.age", "segments/eo/000777.ts.age", "telemetry/1.tlog.age", "stills/../x",
                                                          "/etc/passwd", "documents/%s.age" % ("ab" * 32), "records.jsonl", "segments/EO/000001.ts.age"]
    new = rng.choice(more)
    action = rng.randrange(5)
    if action == 0:
        del files[rng.randrange(len(files))]
    elif action == 1:
        part.value["files"] = sorted(files + [new])
        if new in part.flight.files:
            part.files[new] = part.flight.files[new]
    else:
        part.value["files"] = (files + files[-1:], files[::-1], [new])[action - 2]


@damage
def extract_moved(part, rng):
    """Records or heads: dropped, doubled, swapped, reordered."""
    entries, at = some(part, rng)
    other = rng.randrange(len(entries))
    action = rng.randrange(5)
    if action == 0:
        del entries[at]
    elif action == 1:
        entries.insert(at, copy.deepcopy(entries[at]))
    elif action == 2:
        entries[at], entries[other] = entries[other], entries[at]
    elif action == 3:
        entries.reverse()
    else:
        del entries[at:]


@damage
def extract_carried(part, rng):
    """A record carried that nothing needs, or one of those needed left out, with or without its file."""
    seqs = {entry["seq"] for entry in part.value["records"]}
    more = sorted(set(range(len(part.leaves))) - seqs)
    if more and rng.random() < 0.5:
        part.value["records"] = [part.carried(seq) for seq in sorted(seqs | {rng.choice(more)})]
    else:
        entries, at = some(part, rng, "records")
        gone = extracts.finished(base64.b64decode(entries.pop(at)["line"]))
        if gone in part.files and rng.random() < 0.5:
            part.value["files"].remove(gone)
            part.files.pop(gone)


@damage
def extract_seq(part, rng):
    """A record stated at another place."""
    entries, at = some(part, rng, "records")
    entries[at]["seq"] = max(entries[at]["seq"] + rng.choice((-1, 1, 1, 2, 1_000_000, 2 ** 64)), 0)


@damage
def extract_proof(part, rng):
    """A proof: a step flipped, dropped, doubled, added; those of two swapped; none."""
    entries, at = some(part, rng)
    proof, other = entries[at]["proof"], rng.choice(entries)
    step = rng.randrange(len(proof)) if proof else 0
    action = rng.randrange(6)
    if action == 0 and proof:
        proof[step] = compare.flip(bytes.fromhex(proof[step]), rng).hex()
    elif action == 1 and proof:
        del proof[step]
    elif action == 2 and proof:
        proof.insert(step, proof[step])
    elif action == 3:
        proof.append("00" * 32)
    elif action == 4:
        entries[at]["proof"], other["proof"] = other["proof"], proof
    else:
        proof[:] = []


@damage
def extract_line(part, rng):
    """A carried line: a bit, an envelope's value, its spelling, its base64, its length."""
    entries, at = some(part, rng, "records")
    raw, text = base64.b64decode(entries[at]["line"]), entries[at]["line"]
    lines = (compare.flip(raw, rng), flights.compact(compare.change(json.loads(raw), rng)), compare.misspell(raw, rng), raw + b" " * 70_000, b"")
    entries[at]["line"] = rng.choice([base64.b64encode(one).decode() for one in lines] + [text[:-1], text + "=", text + "AAAA", "!" + text, text.replace("A", "_", 1)])


@damage
def extract_payload(part, rng):
    """A bit of a record's payload, signature as it was; with a proof that fits or not."""
    entries, at = some(part, rng, "records")
    value, seq = json.loads(base64.b64decode(entries[at]["line"])), entries[at]["seq"]
    value["payload"] = base64.b64encode(compare.flip(base64.b64decode(value["payload"]), rng)).decode()
    entries[at]["line"] = base64.b64encode(flights.compact(value)).decode()
    if rng.random() < 0.5:
        forge(part, seq, flights.compact(value))


def forge(part, seq, line):
    """Signs all heads anew over a changed line, as whoever holds the device's key could."""
    part.leaves[seq] = verify.leaf_hash(line)
    part.built.records[seq] = line
    part.value["records"] = [part.carried(entry["seq"]) for entry in part.value["records"]]
    part.value["heads"] = [part.head(verify.Head(entry["note"]).size) for entry in part.value["heads"]]


@damage
def extract_signer(part, rng):
    """A carried record signed by another key, under heads that are signed anew."""
    entries, at = some(part, rng, "records")
    seq, flight = entries[at]["seq"], part.flight
    record = extracts.payload(part.built.records[seq])
    if rng.random() < 0.5:
        record = compare.change(record, rng)
    signer = rng.choice((flight.device, flight.device, flight.other, flight.stations[0], flights.Signer("%s evolving %d" % (flight.seed, seq))))
    forge(part, seq, flights.envelope(flights.compact(record), "record.v1+json", signer))


@damage
def extract_head(part, rng):
    """A head of another root, size, flight or signer, put in, or in the place of one."""
    flight, heads = part.flight, part.value["heads"]
    size = rng.choice((0, 1, len(part.leaves), len(part.leaves) + 1, 2 ** 63, 2 ** 64 - 1, 2 ** 64, rng.randrange(1, len(part.leaves) + 1)))
    changes = {"root": b"\7" * 32} if size > len(part.leaves) or rng.random() < 0.4 else {}
    if rng.random() < 0.3:
        changes["device"] = rng.choice((flight.other, flight.stations[0]))
    if rng.random() < 0.5:
        changes["cosignatures"] = [(flight.stations[0], part.seen_s(min(size, 20)))]
    head = part.head(size, **changes)
    if rng.random() < 0.15:
        head["note"] = flights.note(flights.Flight("x").id, size, b"\7" * 32, flight.device)
    at = rng.choice((rng.randrange(len(heads)), len(heads) - 1, next((n for n, one in enumerate(heads) if int(one["note"].split("\n")[1]) >= size), len(heads))))
    heads[at:at + rng.choice((0, 1))] = [head]


@damage
def extract_note(part, rng):
    """A note's text changed."""
    entries, at = some(part, rng, "heads")
    text = entries[at]["note"]
    entries[at]["note"] = rng.choice((
        text[:-1], text + "\n", text + "— x AAAA\n", text.replace("—", "-"), text.replace("\n\n", "\next\n\n"), text * 2, text.replace("\n", "\r\n"), "é" + text,
        text.replace("skyseal/", "skyseal//", 1), text.replace("\n", "\n0", 1), text.replace("=", "", 1), text.replace("4", "5", 1), text.split("\n— skyseal/station")[0] + "\n"))


@damage
def extract_cosigned(part, rng):
    """Heads cosigned at other times, by other stations, by strangers, by nobody."""
    flight = part.flight
    for at, entry in enumerate(part.value["heads"]):
        if rng.random() < 0.5:
            size = verify.Head(entry["note"]).size
            time_s = max(flight.at_us(size - 1) // 1_000_000 + rng.choice((-3000, -10, -6, -5, 0, 1, 29, 30, 31, 60, 90, 4000, 10 ** 6)), 0)
            strangers = rng.random() < 0.15
            cosigners = rng.sample([flight.other, flight.device, flight.store, *flight.stations] if strangers else flight.stations, rng.choice((0, 1, 1, 2)))
            part.value["heads"][at] = part.head(size, cosignatures=[(one, time_s) for one in cosigners])


@damage
def extract_unseen(part, rng):
    """Heads left out, so that files are seen late or never."""
    part.value["heads"] = [head for head in part.value["heads"][:-1] if rng.random() < 0.4] + part.value["heads"][-1:]
    if rng.random() < 0.5:
        part.value["heads"][-1] = part.head(len(part.leaves), cosignatures=())
    part.extra_options = ["--late-after", str(rng.choice((0, 1, 2, 3, 5, 8, 30)))]


@damage
def extract_spliced(part, rng):
    """Records, heads or the id of another flight, by the same device or another."""
    other = flights.whole_flight("seed %d" % rng.randrange(100, 110))
    if rng.random() < 0.5:
        other.device = part.flight.device
        other.records[0][1]["certificate"]["public_key"] = other.device.hex
    theirs = extracts.Part(flights.Built(other), finished_in(other, rng))
    name = rng.choice(("records", "heads", "flight_id"))
    if name == "flight_id" or rng.random() < 0.2:
        part.value[name] = theirs.value[name]
    else:
        entries, at = some(part, rng, name)
        entries[at] = rng.choice(theirs.value[name][:1] + theirs.value[name])


@damage
def extract_revoked(part, rng):
    """A device or station revoked before, between or after."""
    flight = part.flight
    for who in rng.sample((flight.device, flight.stations[0]), rng.choice((1, 1, 2))):
        at_us = rng.choice([flight.start_us, flight.now_us - 1, flight.now_us + 10 ** 10]
                           + [part.seen_s(size) * 1_000_000 + rng.choice((0, 1)) for size in range(1, len(part.leaves) + 1)])
        flight.entry(who)["revoked"] = {"at_utc_us": at_us, "reason": "lost"}
    part.built.trust = flights.envelope(flights.compact(flight.trust), "trust.v1+json", flight.root) + b"\n"


def one(program, name, seed):
    """One damage: (what differs, both reports)."""
    rng = random.Random(seed)
    flight = compare.base(rng)
    if name.startswith("flight_"):
        DAMAGES[name](flight, rng)
    built = compare.built_of(flight)
    part = extracts.Part(built, finished_in(flight, rng))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as part.folder:
        if name.startswith("extract_"):
            if rng.random() < 0.5:
                made(program, part, part.folder)
            DAMAGES[name](part, rng)
        return compare.ask_both(program, part.write(folder))


if __name__ == "__main__":
    sys.exit(compare.main(DAMAGES, one, __doc__))
