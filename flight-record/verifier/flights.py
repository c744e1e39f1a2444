"""Small flights with keys of our own, for the tests of `verify.py`: every rule can be broken and the rest signed rightly."""

import base64
import copy
import hashlib
import json
import os
import random
import time

import verify as v

TYPE = "application/vnd.skyseal."
RECORD_S = 1_000_000
"""One record a second, in µs."""


def compact(value):
    """JSON as FORMAT.md writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def extent(raw):
    """Length and digest."""
    return {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


class Signer:
    """An Ed25519 key with its secret (RFC 8032 §5.1.6)."""

    def __init__(self, seed):
        digest = hashlib.sha512(hashlib.sha256(seed.encode()).digest()).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & ~7 & (1 << 255) - 1 & ~(1 << 255) | 1 << 254
        self.prefix = digest[32:]
        self.public = v.encode_point(v.times_comb(v.NEUTRAL, self.scalar, v.BASE_COMB, 6))
        self.hex, self.id = self.public.hex(), hashlib.sha256(self.public).hexdigest()

    def sign(self, message):
        """The 64 bytes."""
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % v.L
        point = v.encode_point(v.times_comb(v.NEUTRAL, r, v.BASE_COMB, 6))
        k = int.from_bytes(hashlib.sha512(point + self.public + message).digest(), "little") % v.L
        return point + ((r + k * self.scalar) % v.L).to_bytes(32, "little")


def envelope(payload, kind, signer):
    """One DSSE envelope, without newline."""
    name = (TYPE + kind).encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)
    return compact({"payload": base64.b64encode(payload).decode(), "payloadType": name.decode(),
                    "signatures": [{"keyid": signer.id, "sig": base64.b64encode(signer.sign(signed)).decode()}]})


def listed(signer, role, name, now_us, **changes):
    """An entry of a trust list."""
    entry = {"id": signer.id, "public_key": signer.hex, "role": role, "name": name,
             "class": "training" if role == "device" else None, "duties": [],
             "valid_from_utc_us": now_us - 86_400_000_000, "valid_until_utc_us": now_us + 86_400_000_000, "revoked": None}
    entry.update(changes)
    return entry


def head_body(flight_id, size, root):
    """The three lines that are signed."""
    return "skyseal/%s\n%d\n%s\n" % (flight_id, size, base64.b64encode(root).decode())


def note(flight_id, size, root, device, cosignatures=()):
    """A checkpoint in a signed note; cosignatures as (station, time_s)."""
    body, name = head_body(flight_id, size, root), "skyseal/" + flight_id
    raw = v.key_hash(name, 1, device.hex) + device.sign(body.encode())
    lines = ["— %s %s\n" % (name, base64.b64encode(raw).decode())]
    for station, time_s in sorted(cosignatures, key=lambda one: cosigner_hash(one[0])):
        raw = cosigner_hash(station) + time_s.to_bytes(8, "big") + cosign(station, body, time_s)
        lines.append("— skyseal/station/%s %s\n" % (station.id[:16], base64.b64encode(raw).decode()))
    return body + "\n" + "".join(lines)


def cosigner_hash(station):
    """A station's key hash."""
    return v.key_hash("skyseal/station/" + station.id[:16], 4, station.hex)


def cosign(station, body, time_s):
    """C2SP cosignature/v1."""
    return station.sign(b"cosignature/v1\ntime %d\n" % time_s + body.encode())


class Flight:
    """A flight to be: `records` of (kind, body, changes) and `files`; `build` signs and writes it."""

    def __init__(self, seed, now_us=None):
        self.seed, self.rng = seed, random.Random(seed)
        self.now_us = now_us or time.time_ns() // 1000
        self.start_us = self.now_us // 1_000_000 * 1_000_000 - 3_600_000_000
        self.root, self.device, self.other = Signer(seed + "root"), Signer(seed + "device"), Signer(seed + "other")
        self.stations = [Signer(seed + "station1"), Signer(seed + "station2")]
        self.store, self.enrolment, self.officer = Signer(seed + "store"), Signer(seed + "enrolment"), Signer(seed + "officer")
        self.id = "0198c0de-0000-7000-8000-%012x" % self.rng.randrange(16 ** 12)
        self.boot, self.class_ = "11111111-1111-4111-8111-111111111111", "training"
        self.records, self.files = [], {}
        self.trust = self.trust_value()
        self.cosigned_at = {}       # size → [(station, time_s)]
        self.delay_s = 1

    def trust_value(self):
        """The unit's list."""
        entries = [listed(self.device, "device", "SKY-1", self.now_us), listed(self.store, "store", "Store 1", self.now_us)]
        entries.append(listed(self.officer, "officer", "Officer 1", self.now_us, duties=["observer"]))
        entries += [listed(one, "station", "Van %d" % n, self.now_us) for n, one in enumerate(self.stations)]
        return {"schema": "skyseal-trust/1", "unit": "Unit", "root": self.root.hex, "version": 7,
                "issued_utc_us": self.now_us - 7_200_000_000, "expires_utc_us": self.now_us + 86_400_000_000, "serial": 0,
                "enrolment": None, "keys": sorted(entries, key=lambda entry: entry["id"])}

    def entry(self, signer):
        """A key's entry of the list."""
        return next(one for one in self.trust["keys"] if one["id"] == signer.id)

    def bytes(self, count):
        """Bytes that look sealed."""
        return self.rng.getrandbits(8 * count).to_bytes(count, "big")

    def add(self, kind, body, **changes):
        """One more record."""
        self.records.append([kind, body, changes])

    def sealed(self, path, count=3000):
        """A new file; its sealed and plain extents."""
        self.files[path] = self.bytes(count)
        return {"sealed": extent(self.files[path]), "plain": {"bytes": count - 300, "sha256": self.bytes(32).hex()}}

    def document(self):
        """A new document."""
        raw = self.bytes(400)
        self.files["documents/%s.age" % extent(raw)["sha256"]] = raw
        return {"sealed": extent(raw), "plain": {"bytes": 100, "sha256": self.bytes(32).hex()}}

    def open(self):
        """Record 0."""
        certificate = {"public_key": self.device.hex, "name": "SKY-1", "class": "training",
                       "valid_from_utc_us": self.now_us - 86_400_000_000, "valid_until_utc_us": self.now_us + 86_400_000_000,
                       "root": self.root.id, "trust_version": 7}
        self.add("open", {
            "certificate": certificate, "class": self.class_,
            "recipients": ["age17sy7zu322qdqwmgsajv3crzh4gn4qepkmhhs7mt7age4py2gs5uqdhk0y2"],
            "pts_epoch_utc_us": self.start_us - 60_000_000, "audio_dropped": False,
            "software": {"name": "onboard", "version": "0.1.0", "sha256": "00" * 32}, "configuration_sha256": "11" * 32,
            "documents": [{"what": "configuration", "document": self.document()}], "prev_flight": None})

    def at_us(self, place):
        """When the record at this place is written."""
        return self.start_us + place * RECORD_S

    def pts(self, utc_us):
        """The PTS of a time."""
        return (90_000 + (utc_us - self.start_us + 60_000_000) * 9 // 100) % 2 ** 33

    def segment(self, index, stream="eo", **changes):
        """Footage of the second before its record, after a prefix of it."""
        path, here = "segments/%s/%06d.ts.age" % (stream, index), self.at_us(len(self.records) + 1)
        extents = self.sealed(path)
        self.add("prefix", {"file": path, "sealed": extent(self.files[path][:1500])})
        body = {"stream": stream, "index": index, "file": path, **extents, "first_pts_90k": self.pts(here - 1_900_000),
                "last_pts_90k": self.pts(here - 100_000), "frames": 54, "drops": 0, "minimum_set_shortfall": 0,
                "telemetry": {"first": 1, "last": 1}}
        body.update(changes)
        self.add("segment", body)

    def telemetry(self, index):
        """Telemetry."""
        path, here = "telemetry/%06d.tlog.age" % index, self.at_us(len(self.records))
        self.add("telemetry", {"index": index, "file": path, **self.sealed(path), "messages": 9,
                               "first_utc_us": here - 1_000_000, "last_utc_us": here - 10_000, "links": 1})

    def event(self, code, detail=False):
        """An event."""
        self.add("event", {"code": code, "actor": None, "flight": None, "detail": self.document() if detail else None})

    def nonce(self, station):
        """A station's nonce of the radio."""
        time_s, value = self.at_us(len(self.records)) // 1_000_000, self.bytes(32)
        signed = b"skyseal-nonce/1\n\1\0" + bytes.fromhex(self.id.replace("-", "")) + bytes.fromhex(station.id)[:4] + value \
            + time_s.to_bytes(8, "little")
        self.add("nonce", {"station": station.id, "nonce": value.hex(), "time_s": time_s,
                           "sig": base64.b64encode(station.sign(signed)).decode()})

    def statement(self, signer, counter=1, action="start", subject="flight"):
        """An order of the radio, and the event that it caused."""
        time_s, reason = self.at_us(len(self.records)) // 1_000_000, self.bytes(32)
        about = bytes.fromhex(self.id.replace("-", "")) if subject == "flight" else bytes.fromhex(self.device.id)[:16]
        signed = b"skyseal-officer/1\n\1" + (b"\1" if action == "start" else b"\2") + about + counter.to_bytes(4, "little") \
            + time_s.to_bytes(4, "little") + bytes.fromhex(signer.id)[:4] + reason
        self.add("statement", {"signer": signer.id, "action": action, "subject": subject, "time_s": time_s, "counter": counter,
                               "reason": reason.hex(), "sig": base64.b64encode(signer.sign(signed)).decode()})
        self.add("event", {"code": "ordered", "actor": signer.id, "flight": None, "detail": None})

    def authorisation(self, signer, counter=1, minutes=90, subject="flight"):
        """An authorisation of the radio, for 0 minutes its end, and an event that it allowed."""
        time_s, reason = self.at_us(len(self.records)) // 1_000_000, self.bytes(32)
        about = bytes.fromhex(self.id.replace("-", "")) if subject == "flight" else bytes.fromhex(self.device.id)[:16]
        signed = b"skyseal-session/1\n\1" + (b"\1" if minutes else b"\2") + about + counter.to_bytes(4, "little") \
            + time_s.to_bytes(4, "little") + bytes.fromhex(signer.id)[:4] + minutes.to_bytes(2, "little") + reason
        self.add("authorisation", {"signer": signer.id, "action": "begin" if minutes else "end", "subject": subject, "time_s": time_s,
                                   "counter": counter, "minutes": minutes, "reason": reason.hex(),
                                   "sig": base64.b64encode(signer.sign(signed)).decode()})
        self.add("event", {"code": "allowed", "actor": signer.id, "flight": None, "detail": None})

    def still(self, index):
        """A still."""
        path = "stills/%06d.jpg.age" % index
        self.add("still", {"index": index, "format": "jpg", "file": path, **self.sealed(path),
                           "taken_utc_us": self.at_us(len(self.records)) - 500_000})

    def recovered(self, files, torn=b"half a record"):
        """A restart that found these files unfinished."""
        path = "torn/records-%d" % len(self.records)
        self.files[path] = torn
        boot, self.boot = self.boot, "22222222-2222-4222-8222-222222222222"
        self.add("recovered", {"previous_boot_id": boot, "files": [{"file": one, "sealed": extent(self.files[one])} for one in files],
                               "torn": [{"from": "records", "extent": extent(torn)}]}, boot_id=self.boot, signer=self.device)

    def close(self):
        """The last record."""
        counts = dict.fromkeys(v.COUNTS, 0)
        for kind, body, _ in self.records:
            counts["records"] += 1
            if kind in ("segment", "telemetry", "still"):
                counts[kind + "s" if kind != "telemetry" else kind] += 1
                counts["sealed_bytes"] += body["sealed"]["bytes"]
            counts["frames"] += body.get("frames", 0)
            counts["messages"] += body.get("messages", 0)
            documents = [one["document"] for one in body.get("documents", [])] + ([body["detail"]] if body.get("detail") else [])
            counts["documents"] += len(documents)
            counts["sealed_bytes"] += sum(one["sealed"]["bytes"] for one in documents)
        self.add("close", {"reason": "landed", "counts": counts})

    def lines(self):
        """The signed lines of the log, as `changes` will have them."""
        lines, before = [], None
        evolving = [Signer("%s evolving %d" % (self.seed, n)) for n in range(len(self.records) + 1)]
        boot = self.records[0][2].get("boot_id", "11111111-1111-4111-8111-111111111111")
        for seq, (kind, body, changes) in enumerate(self.records):
            boot = changes.get("boot_id", boot)
            record = {"schema": "skyseal-record/1", "flight_id": self.id, "device_id": self.device.id, "boot_id": boot, "seq": seq,
                      "mono_ns": 10 ** 12 + seq * RECORD_S * 1000, "utc_us": self.at_us(seq),
                      "clock": {"source": "gnss", "uncertainty_us": 1000}, "prev": before and v.leaf_hash(before).hex(),
                      "next_key": None if kind == "close" else evolving[seq + 1].hex, "kind": kind, "body": body}
            record.update({name: value for name, value in changes.items() if name in record})
            signer = changes.get("signer") or (self.device if seq == 0 else evolving[seq])
            lines.append(envelope(changes.get("payload", compact)(record), "record.v1+json", signer))
            before = lines[-1]
        return lines

    def heads(self, lines):
        """The lines of `checkpoints.jsonl`, cosigned ones right behind their head."""
        tree, notes = v.Tree(), []
        for size, line in enumerate(lines, 1):
            tree.append(v.leaf_hash(line))
            notes.append(note(self.id, size, tree.roots[-1], self.device))
            if size in self.cosigned_at:
                notes.append(note(self.id, size, tree.roots[-1], self.device, self.cosigned_at[size]))
        return [compact({"note": one}) for one in notes]

    def witness(self, lines, station, every=2, upto=None):
        """A station's file: (kind, body) entries, for `sign_witness`."""
        tree, entries, pending = v.Tree(), [("begin", {"device": self.device.id, "device_key": self.device.hex, "trust_version": 7})], []
        heads = 0
        for size, line in enumerate(lines[:upto], 1):
            tree.append(v.leaf_hash(line))
            pending.append(v.leaf_hash(line).hex())
            if size % every == 0 or size == len(lines[:upto]):
                time_s = (self.at_us(size - 1) + self.delay_s * 1_000_000) // 1_000_000
                signature = cosign(station, head_body(self.id, size, tree.roots[-1]), time_s)
                entries.append(("head", {
                    "leaves": pending, "note": note(self.id, size, tree.roots[-1], self.device),
                    "cosignature": {"time_s": time_s, "sig": base64.b64encode(signature).decode()},
                    "received_utc_us": time_s * 1_000_000}))
                pending, heads = [], heads + 1
        entries.append(("landed", {"size": tree.size, "root": tree.roots[-1].hex(), "heads": heads, "longest_silence_ms": 2000,
                                   "equivocations": 0, "reason": "landed"}))
        return entries

    def sign_witness(self, entries, station):
        """The lines of a witness file."""
        lines = []
        for seq, (kind, body) in enumerate(entries):
            lines.append(envelope(compact({
                "schema": "skyseal-witness/1", "flight_id": self.id, "station": station.id, "seq": seq,
                "prev": v.leaf_hash(lines[-1]).hex() if lines else None, "utc_us": self.start_us,
                "clock": {"source": "rtc", "uncertainty_us": 5_000_000}, "kind": kind, "body": body}), "witness.v1+json", station))
        return lines


def whole_flight(seed, restart=False, closed=True, orders=False):
    """A flight of every kind of record, signed off by its `build`."""
    flight = Flight(seed)
    flight.open()
    flight.add("clock", {"mono_ns": 10 ** 12, "utc_us": flight.start_us, "source": "gnss", "uncertainty_us": 900})
    flight.event("recording-started", detail=True)
    flight.nonce(flight.stations[0])
    if orders:
        flight.statement(flight.stations[0])
        flight.statement(flight.officer, 1, "stop", "device")
        flight.authorisation(flight.officer, 2)
        flight.authorisation(flight.officer, 3, 0)
    flight.segment(1)
    flight.telemetry(1)
    flight.add("marker", {"code": "person-found", "at_utc_us": flight.at_us(len(flight.records))})
    flight.segment(2)
    flight.still(1)
    if restart:
        path = "segments/eo/000003.ts.age"
        flight.sealed(path)
        flight.add("prefix", {"file": path, "sealed": extent(flight.files[path][:2000])})
        flight.recovered([path])
        flight.event("recording-started")
        flight.segment(4)
    else:
        flight.segment(3)
    flight.telemetry(2)
    flight.event("recording-stopped")
    if closed:
        flight.close()
    return flight


class Built:
    """A flight's lines, files and lists, still to be damaged and written."""

    def __init__(self, flight, stations=1):
        self.flight, self.files = flight, copy.deepcopy(flight.files)
        self.records = flight.lines()
        self.checkpoints = flight.heads(self.records)
        self.tails = {"records": b"", "checkpoints": b""}
        self.witness = [flight.sign_witness(flight.witness(self.records, one), one) for one in flight.stations[:stations]]
        self.trust = envelope(compact(flight.trust), "trust.v1+json", flight.root) + b"\n"
        self.links = {}
        self.extra_options = []

    def write(self, folder):
        """Writes the flight to `folder`/flight, its list and witness files; the options for a verifier."""
        top = os.path.join(folder, "flight")
        os.makedirs(top)
        contents = dict(self.files)
        for name, lines in (("records", self.records), ("checkpoints", self.checkpoints)):
            if lines is not None:
                contents[name + ".jsonl"] = b"".join(line + b"\n" for line in lines) + self.tails[name]
        for path, raw in contents.items():
            os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
            with open(os.path.join(top, path), "wb") as file:
                file.write(raw)
        for path, target in self.links.items():
            os.symlink(target, os.path.join(top, path))
        with open(os.path.join(folder, "trust.json"), "wb") as file:
            file.write(self.trust)
        options = [top, "--trust", os.path.join(folder, "trust.json"), "--root", self.flight.root.id]
        for number, lines in enumerate(self.witness):
            path = os.path.join(folder, "witness%d.jsonl" % number)
            with open(path, "wb") as file:
                file.write(b"".join(line + b"\n" for line in lines))
            options += ["--witness", path]
        return options + self.extra_options


class Bag:
    """A package of a built flight, still to be damaged: `files` by path, lists made and signed by `write`."""

    def __init__(self, built):
        self.built, flight = built, built.flight
        self.files = {"data/flight/" + path: raw for path, raw in built.files.items()}
        for name in ("records", "checkpoints"):
            self.files["data/flight/%s.jsonl" % name] = b"".join(line + b"\n" for line in getattr(built, name))
        self.receipt = {"schema": "skyseal-receipt/1", "store": flight.store.id, "name": "Store 1", "flight_id": flight.id,
                        "device_id": flight.device.id, "manifest": self.manifest(), "files": len(self.files),
                        "bytes": sum(map(len, self.files.values())), "verdict": "VERIFIED", "at_utc_us": flight.now_us}
        for station, lines in zip(flight.stations, built.witness):
            self.files["data/witness/%s.jsonl" % station.id] = b"".join(line + b"\n" for line in lines)
        self.files["data/wraps/someone.age"] = b"a wrap"
        for name in v.TAG_FILES:
            self.files[name] = b"some text\n"
        self.files["bagit.txt"], self.files["trust.json"] = v.BAGIT, built.trust
        self.store = self.receipt_store = flight.store
        self.before, self.after = lambda files: None, lambda files: None

    def manifest(self):
        """The digest of the lines of the flight's files."""
        prefix = "data/flight/"
        return hashlib.sha256(self.lines({path[len(prefix):]: raw for path, raw in self.files.items() if path.startswith(prefix)})).hexdigest()

    @staticmethod
    def lines(files):
        """A list of hashes."""
        return b"".join(hashlib.sha256(files[path]).hexdigest().encode() + b"  " + path.encode() + b"\n" for path in sorted(files))

    def write(self, folder):
        """Writes the package; the options for a verifier. `before` strikes before the lists are made, `after` behind them."""
        files = self.files
        files["data/receipts/1.json"] = envelope(compact(self.receipt), "receipt.v1+json", self.receipt_store)
        self.before(files)
        files["manifest-sha256.txt"] = self.lines({path: raw for path, raw in files.items() if path.startswith("data/")})
        files[v.LIST] = self.lines({path: files[path] for path in v.TAG_FILES if path in files})
        files[v.LIST_SIGNED] = envelope(files[v.LIST], "package.v1+text", self.store) + b"\n"
        self.after(files)
        top = os.path.join(folder, "package")
        for path, raw in files.items():
            os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
            with open(os.path.join(top, path), "wb") as file:
                file.write(raw)
        with open(os.path.join(folder, "trust.json"), "wb") as file:
            file.write(self.built.trust)
        return [top, "--trust", os.path.join(folder, "trust.json"), "--root", self.built.flight.root.id]
