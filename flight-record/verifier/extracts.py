"""Extracts of the small flights of `flights.py`, for the tests of `verify.py`: what proves them is made by RFC 6962's definitions."""

import base64
import copy
import hashlib
import json
import os

import flights
import verify as v


def split(size):
    """RFC 6962 §2.1: the largest power of two below a size of at least 2."""
    return 1 << (size - 1).bit_length() - 1


def root_of(leaves):
    """RFC 6962 §2.1, of leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\1" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def inclusion(leaves, index):
    """RFC 6962 §2.1.1."""
    if len(leaves) < 2:
        return []
    k = split(len(leaves))
    if index < k:
        return inclusion(leaves[:k], index) + [root_of(leaves[k:])]
    return inclusion(leaves[k:], index - k) + [root_of(leaves[:k])]


def consistency(leaves, size, is_whole=True):
    """RFC 6962 §2.1.2, from the tree of this size, at least 1, to that of all leaves."""
    if size == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    k = split(len(leaves))
    if size <= k:
        return consistency(leaves[:k], size, is_whole) + [root_of(leaves[k:])]
    return consistency(leaves[k:], size - k, False) + [root_of(leaves[:k])]


def payload(line):
    """The record in a line, or None."""
    try:
        return json.loads(base64.b64decode(json.loads(line)["payload"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def finished(line):
    """The path that a line says it finishes, or None."""
    record = payload(line)
    try:
        return record["body"]["file"] if record["kind"] in ("segment", "telemetry", "still") else None
    except (KeyError, TypeError):
        return None


class Part:
    """An extract of a built flight, still to be damaged: `value` is that of `extract.json`, unless `raw` is set."""

    def __init__(self, built, files, sizes=None):
        self.built, self.flight = built, built.flight
        self.files = {path: built.files[path] for path in files if path in built.files}
        self.links, self.raw, self.extra_options = {}, None, []
        self.leaves = [v.leaf_hash(line) for line in built.records]
        chosen = [seq for seq, line in enumerate(built.records) if finished(line) in files]
        seqs = sorted({0}.union(*({seq, max(seq - 1, 0)} for seq in chosen)))
        self.cosigned_at = {size: [(self.flight.stations[0], self.seen_s(size))] for size in sizes or range(2, len(self.leaves) + 1, 2)}
        self.cosigned_at.update(self.flight.cosigned_at)
        self.value = {"schema": "skyseal-extract/1", "flight_id": self.flight.id, "files": sorted(files),
                      "records": [self.carried(seq) for seq in seqs],
                      "heads": [self.head(size) for size in sorted({*self.cosigned_at, len(self.leaves)})]}

    def seen_s(self, size):
        """When a station cosigns the head of a size, in seconds."""
        return (self.flight.at_us(size - 1) + self.flight.delay_s * 1_000_000) // 1_000_000

    def carried(self, seq):
        """A record with its proof."""
        return {"seq": seq, "line": base64.b64encode(self.built.records[seq]).decode(),
                "proof": [step.hex() for step in inclusion(self.leaves, seq)]}

    def head(self, size, **changes):
        """A head with its proof; changes of `root`, `device` and `cosignatures`."""
        given = {"root": root_of(self.leaves[:size]), "device": self.flight.device, "cosignatures": self.cosigned_at.get(size, ())}
        given.update(changes)
        return {"note": flights.note(self.flight.id, size, given["root"], given["device"], given["cosignatures"]),
                "proof": [step.hex() for step in consistency(self.leaves, size)] if 0 < size <= len(self.leaves) else []}

    def take_over(self, folder):
        """Becomes the extract in a folder, whoever made it."""
        with open(os.path.join(folder, v.EXTRACT), "rb") as file:
            self.value = json.loads(file.read())
        self.files = {path: self.built.files[path] for path in self.value["files"]}

    def write(self, folder):
        """Writes the extract to `folder`/part, and the list; the options for a verifier."""
        top = os.path.join(folder, "part")
        contents = {**self.files, v.EXTRACT: flights.compact(self.value) + b"\n" if self.raw is None else self.raw}
        for path, raw in contents.items():
            os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
            with open(os.path.join(top, path), "wb") as file:
                file.write(raw)
        for path, target in self.links.items():
            os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
            os.symlink(target, os.path.join(top, path))
        with open(os.path.join(folder, "trust.json"), "wb") as file:
            file.write(self.built.trust)
        return [top, "--trust", os.path.join(folder, "trust.json"), "--root", self.flight.root.id] + self.extra_options


def part_of(seed, files=("segments/eo/000002.ts.age", "telemetry/000001.tlog.age"), change=None, **kind):
    """An extract of a whole flight, which `change` may change before it is signed."""
    flight = flights.whole_flight(seed, **kind)
    if change:
        change(flight)
    return Part(flights.Built(flight), copy.copy(list(files)))
