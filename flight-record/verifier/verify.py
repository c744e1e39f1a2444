#!/usr/bin/env python3
"""The second verifier of a flight record, written from flight-record/FORMAT.md alone.

Python 3.9 or newer and its standard library; nothing of Skyseal's. The words in quotes are FORMAT.md's section names.
Usage: verify.py PATH --trust trust.json --root FINGERPRINT [--witness FILE]… [--late-after S] [--identity FILE] [--json]
"""

import argparse
import array
import base64
import binascii
import bisect
import datetime
import hashlib
import hmac
import json
import os
import re
import shlex
import stat
import struct
import sys
import time

WORDS = ["MALFORMED", "KEY-UNTRUSTED", "ALTERED", "EQUIVOCATION", "WRONG-FLIGHT", "OUT-OF-ORDER", "TRUNCATED", "MISSING",
         "GAP", "INCOMPLETE", "UNATTESTED-TAIL", "INTACT"]
"""'Verdict': worst first."""
NOT_CHECKED = None
LINE_MAX = 65_536
RECORDS_MAX = 1_000_000
HEADS_MAX = 4_000_000
WITNESS_BYTES_MAX = 256 << 20
SMALL_FILE_MAX = 16 << 20
MANIFEST_BYTES_MAX = 100_000 * 1_000
FILES_MAX = 100_000
LIST_BYTES_MAX = 4 << 20
SEALED_BYTES_MAX = 2 ** 34
STRANGERS_MAX = 1_000
"""Files that no record names of which each is an item; of the rest only the number."""
SLACK_US = 5_000_000
"""'Verdict', time: what clocks may disagree beyond their uncertainties."""


class Fault(Exception):
    """What is wrong with an item, by its word."""

    def __init__(self, word, detail):
        super().__init__(detail)
        self.word, self.detail = word, detail


def malformed(detail):
    """A rule of the format that is broken."""
    return Fault("MALFORMED", detail)


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519, RFC 8032 §5.1.7, cofactorless and strict ('Building blocks')

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)
SMALL_ORDER = {bytes.fromhex(point) for point in (
    "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32, "00" * 31 + "80",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")}
HOT_AFTER = 16
"""Uses of one key after which a table of it is worth its making."""


def decode_point(encoded):
    """RFC 8032 §5.1.3: the affine point, or None when it is not canonical or not on the curve."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == (-u) % P:
        x = x * SQRT_M1 % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


def encode_point(point):
    """RFC 8032 §5.1.2, of extended coordinates."""
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def add(point, cached):
    """Extended coordinates plus a point kept as (Y+X, Y−X, 2Z, 2dT)."""
    x, y, z, t = point
    plus, minus, z2, t2d = cached
    a, b, c, d = (y - x) * minus % P, (y + x) * plus % P, t * t2d % P, z * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def cache(point):
    """The form in which `add` takes its second point."""
    x, y, z, t = point
    return (y + x) % P, (y - x) % P, 2 * z % P, 2 * D * t % P


def extended(x, y):
    """Affine to extended coordinates."""
    return x, y, 1, x * y % P


def comb(point, bits):
    """For each window of so many bits, the multiples of the point by that window's digits."""
    rows = []
    for _ in range(-(-256 // bits)):
        step, row, entry = cache(point), [None], point
        for _ in range((1 << bits) - 1):
            row.append(cache(entry))
            entry = add(entry, step)
        rows.append(row)
        point = entry
    return rows


def times_comb(total, scalar, rows, bits):
    """`total` + scalar · the point of the comb."""
    mask = (1 << bits) - 1
    for row in rows:
        digit = scalar & mask
        if digit:
            total = add(total, row[digit])
        scalar >>= bits
    return total


def times(scalar, point):
    """scalar · point, by windows of four bits from the top; doubling is RFC 8032 §5.1.4, without T but at the end."""
    row, step, entry = [None], cache(point), point
    for _ in range(15):
        row.append(cache(entry))
        entry = add(entry, step)
    total = NEUTRAL
    for shift in range(252, -4, -4):
        x, y, z, _ = total
        for _ in range(4):
            a, b = x * x % P, y * y % P
            h, g = a + b, a - b
            e, f = h - (x + y) * (x + y) % P, 2 * z * z % P + g
            x, y, z = e * f % P, g * h % P, f * g % P
        total = x, y, z, e * h % P
        digit = scalar >> shift & 15
        if digit:
            total = add(total, row[digit])
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = extended(*decode_point(BASE_Y.to_bytes(32, "little")))
BASE_COMB = comb(BASE, 6)


class Keys:
    """Ed25519 keys seen so far, with tables of those used often, and signatures already found good."""

    def __init__(self):
        self.points, self.uses, self.combs, self.good = {}, {}, {}, set()

    def is_key(self, key):
        """'Building blocks', key: on the curve, not of small order."""
        if key not in self.points:
            self.points[key] = None if key in SMALL_ORDER else decode_point(key)
        return self.points[key] is not None

    def verify(self, key, message, signature):
        """Whether this is the key's signature."""
        seen = hashlib.sha256(key + signature + message).digest()
        if seen in self.good:
            return True
        scalar = int.from_bytes(signature[32:], "little")
        if len(signature) != 64 or scalar >= L or signature[:32] in SMALL_ORDER or not self.is_key(key):
            return False
        digest = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
        x, y = self.points[key]
        total = times_comb(self.minus(key, digest, extended(P - x, y)), scalar, BASE_COMB, 6)
        if encode_point(total) != signature[:32]:
            return False
        self.good.add(seen)
        return True

    def minus(self, key, digest, negative):
        """−digest · key: by a table once the key is used often."""
        self.uses[key] = self.uses.get(key, 0) + 1
        if self.uses[key] < HOT_AFTER:
            return times(digest, negative)
        if key not in self.combs:
            self.combs[key] = comb(negative, 6)
        return times_comb(NEUTRAL, digest, self.combs[key], 6)


KEYS = Keys()

# ---------------------------------------------------------------------------------------------------------------------
# 'Building blocks': JSON and the types of its values


def canonical(raw):
    """The value of JSON that equals its own re-serialisation byte for byte."""
    try:
        value = json.loads(raw.decode("utf-8"))
        if json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8") == raw:
            return value
    except (ValueError, RecursionError):
        pass
    raise malformed("not JSON as FORMAT.md writes it")


def pattern(expression, name):
    """A string of this form."""
    compiled = re.compile(expression)

    def check(value):
        if type(value) is not str or not compiled.fullmatch(value):
            raise malformed("not a " + name)
    return check


def number(least, most):
    """An integer of this range."""
    def check(value):
        if type(value) is not int or not least <= value <= most:
            raise malformed("not an integer from %d to %d" % (least, most))
    return check


def choice(*values):
    """One of these, of the same type."""
    def check(value):
        if not any(type(value) is type(one) and value == one for one in values):
            raise malformed("not one of " + ", ".join(map(str, values)))
    return check


def nullable(kind):
    """The type, or null."""
    return lambda value: None if value is None else kind(value)


def array_of(kind, least=0, most=RECORDS_MAX):
    """An array of the type, of so many values."""
    def check(value):
        if type(value) is not list or not least <= len(value) <= most:
            raise malformed("not an array of %d to %d" % (least, most))
        for one in value:
            kind(one)
    return check


def fields(*pairs):
    """An object with exactly these keys in this order."""
    names = [name for name, _ in pairs]

    def check(value):
        if type(value) is not dict or list(value) != names:
            raise malformed("not an object with " + ", ".join(names))
        for name, kind in pairs:
            kind(value[name])
    return check


TEXT = r"[ !#-\[\]-~]"
TEXT_ANY = pattern(TEXT + "*", "text")
HASH = pattern("[0-9a-f]{64}", "hash")
KEY_ID = HASH
CODE = pattern("[a-z0-9-]{1,40}", "code")
STREAM = pattern("[a-z0-9]{1,16}", "stream")
LABEL = pattern(TEXT + "{1,64}", "label")
UUID = pattern("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid")
UUID_7 = pattern("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "uuid of version 7")
U16, U32, U64, US = number(0, 2 ** 16 - 1), number(0, 2 ** 32 - 1), number(0, 2 ** 64 - 1), number(-2 ** 63, 2 ** 63 - 1)
BOOL = choice(True, False)
EXTENT = fields(("bytes", U64), ("sha256", HASH))
SEALED = fields(("bytes", number(0, SEALED_BYTES_MAX)), ("sha256", HASH))
DOCUMENT = fields(("sealed", SEALED), ("plain", EXTENT))
CLASSES = ["simulated", "training", "operational"]
CLASS = choice(*CLASSES)
NOTE = pattern(r"(?:%s|\n|— )*" % TEXT, "note")


def raw_uuid(value):
    """The 16 bytes of a uuid."""
    return bytes.fromhex(value.replace("-", ""))


def key(value):
    """Ed25519 public key on the curve, not of small order."""
    HASH(value)
    if not KEYS.is_key(bytes.fromhex(value)):
        raise malformed("not an Ed25519 public key")


def key_id(public):
    """SHA-256 of the raw bytes of a key."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()


def unbase64(value, length=None):
    """RFC 4648 §4, padded, no stray bits."""
    try:
        raw = base64.b64decode(value.encode("ascii"), validate=True)
    except (AttributeError, ValueError):
        raise malformed("not base64") from None
    if base64.b64encode(raw).decode() != value or (length is not None and len(raw) != length):
        raise malformed("not base64 of the right length")
    return raw


BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32(value, prefix):
    """BIP 173, as age uses it: the bytes behind the prefix."""
    head, _, tail = value.rpartition("1")
    digits = [BECH32.find(char) for char in tail]
    if head != prefix or min(digits, default=-1) < 0 or len(digits) < 6:
        raise malformed("not bech32 of " + prefix)
    check = 1
    for digit in [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + digits:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ digit
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    value = 0
    for digit in digits[:-6]:
        value = value << 5 | digit
    spare = 5 * (len(digits) - 6) % 8
    if check != 1 or spare > 4 or value & ((1 << spare) - 1):
        raise malformed("bech32 whose checksum or padding is wrong")
    return (value >> spare).to_bytes(5 * (len(digits) - 6) // 8, "big")


def recipient(value):
    """An age X25519 recipient, lower-case."""
    if type(value) is not str or len(value) != 62 or len(bech32(value, "age")) != 32:
        raise malformed("not an age X25519 recipient")


SIGNATURE = fields(("keyid", KEY_ID), ("sig", TEXT_ANY))
ENVELOPE = fields(("payload", TEXT_ANY), ("payloadType", TEXT_ANY), ("signatures", array_of(SIGNATURE, 1, 1)))


class Envelope:
    """DSSE v1 with one signature: read, not yet verified."""

    def __init__(self, raw, payload_type):
        value = canonical(raw)
        ENVELOPE(value)
        if value["payloadType"] != "application/vnd.skyseal." + payload_type:
            raise malformed("an envelope of another type")
        self.payload = unbase64(value["payload"])
        self.keyid = value["signatures"][0]["keyid"]
        self.sig = unbase64(value["signatures"][0]["sig"], 64)
        name = value["payloadType"].encode()
        self.signed = b"DSSEv1 %d %s %d %s" % (len(name), name, len(self.payload), self.payload)

    def verify(self, public):
        """Refuses a signature that is not this key's (64 digits)."""
        if self.keyid != key_id(public) or not KEYS.verify(bytes.fromhex(public), self.signed, self.sig):
            raise malformed("its signature does not verify")

    def read(self, schema):
        """The payload, in this schema."""
        value = canonical(self.payload)
        schema(value)
        return value


# ---------------------------------------------------------------------------------------------------------------------
# 'Tree heads': RFC 6962 trees, C2SP notes and cosignatures


def leaf_hash(line):
    """RFC 6962 §2.1 of a line without its newline."""
    return hashlib.sha256(b"\0" + line).digest()


class Tree:
    """RFC 6962 tree that grows by leaf hashes and keeps its roots by size."""

    def __init__(self):
        self.peaks, self.roots = [], [hashlib.sha256().digest()]

    def append(self, leaf):
        """Grows by a leaf."""
        self.peaks.append((1, leaf))
        while len(self.peaks) > 1 and self.peaks[-1][0] == self.peaks[-2][0]:
            (count, right), (_, left) = self.peaks.pop(), self.peaks.pop()
            self.peaks.append((2 * count, hashlib.sha256(b"\1" + left + right).digest()))
        root = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            root = hashlib.sha256(b"\1" + left + root).digest()
        self.roots.append(root)

    @property
    def size(self):
        """Leaves so far."""
        return len(self.roots) - 1


def key_hash(name, kind, public):
    """First 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + bytes.fromhex(public)).digest()[:4]


SIGNED_NOTE = re.compile(r"(skyseal/(?P<flight>[0-9a-f-]{36}))\n(?P<size>0|[1-9][0-9]{0,19})\n(?P<root>[^\n]{44})\n\n"
                         r"— \1 (?P<sig>[^\n ]+)\n(?P<rest>(?:— skyseal/station/[0-9a-f]{16} [^\n ]+\n)*)")


class Head:
    """A checkpoint in a signed note: read, not yet verified."""

    def __init__(self, note):
        found = SIGNED_NOTE.fullmatch(note)
        if not found:
            raise malformed("not a signed note as FORMAT.md draws it")
        UUID(found["flight"])
        self.flight, self.size = found["flight"], int(found["size"])
        self.root = unbase64(found["root"], 32)
        self.body = note[:note.index("\n\n") + 1].encode()
        self.signature = unbase64(found["sig"], 68)
        U64(self.size)
        self.cosignatures = [self.cosignature(line) for line in found["rest"].splitlines()]
        hashes = [one[1] for one in self.cosignatures]
        if len(hashes) > 16 or any(a >= b for a, b in zip(hashes, hashes[1:])):
            raise malformed("cosignatures that do not stand by rising key hash, each once, at most 16")

    @staticmethod
    def cosignature(line):
        """A station's name, key hash, time in seconds and signature."""
        _, name, text = line.split(" ")
        raw = unbase64(text, 76)
        moment = int.from_bytes(raw[4:12], "big")
        if moment >= 2 ** 63:
            raise malformed("a cosignature's time that is no POSIX time")
        return name, raw[:4], moment, raw[12:]

    def verify(self, device_key):
        """Refuses a head that this device did not sign."""
        if self.signature[:4] != key_hash("skyseal/" + self.flight, 1, device_key) \
                or not KEYS.verify(bytes.fromhex(device_key), self.body, self.signature[4:]):
            raise malformed("the device's signature of the head does not verify")

    def cosigned(self, public, moment, signature):
        """Whether a station of this key cosigned the head at this time."""
        return KEYS.verify(bytes.fromhex(public), b"cosignature/v1\ntime %d\n" % moment + self.body, signature)


# ---------------------------------------------------------------------------------------------------------------------
# 'Trust list'

DUTIES = ["pilot", "observer", "witness", "supervisor", "custodian", "data-protection", "auditor", "administrator"]
LISTED = fields(
    ("id", KEY_ID), ("public_key", key), ("role", choice("device", "station", "store", "officer")), ("name", LABEL),
    ("class", nullable(CLASS)), ("duties", array_of(choice(*DUTIES), 0, len(DUTIES))), ("valid_from_utc_us", US),
    ("valid_until_utc_us", US), ("revoked", nullable(fields(("at_utc_us", US), ("reason", CODE)))))
TRUST = fields(
    ("schema", choice("skyseal-trust/1")), ("unit", LABEL), ("root", key), ("version", number(1, 2 ** 64 - 1)),
    ("issued_utc_us", US), ("expires_utc_us", US), ("serial", U64), ("enrolment", nullable(pattern(TEXT + "{0,4096}", "base64 of at most 4,096 characters"))),
    ("keys", array_of(LISTED)))
ENROLMENT = fields(("schema", choice("skyseal-enrolment-key/1")), ("unit", LABEL), ("public_key", key), ("serial", U64),
                   ("valid_from_utc_us", US), ("valid_until_utc_us", US))


class Trust:
    """The unit's list; `fault` says why it vouches for nothing."""

    def __init__(self, raw, root, now_us):
        self.keys, self.fault, self.version, self.expired = {}, None, 0, False
        try:
            self.read(raw[:-1] if raw.endswith(b"\n") else raw, root, now_us)
        except Fault as fault:
            self.fault = "the list: " + fault.detail

    def read(self, raw, root, now_us):
        """Takes over the keys of a list that the root or its enrolment key signed."""
        if len(raw) > LIST_BYTES_MAX:
            raise malformed("longer than %d bytes" % LIST_BYTES_MAX)
        envelope = Envelope(raw, "trust.v1+json")
        value = envelope.read(TRUST)
        if key_id(value["root"]) != root:
            raise malformed("of another root")
        signer = value["root"]
        if value["enrolment"] is not None:
            enrolment = self.enrolment(value)
            if envelope.keyid == key_id(enrolment["public_key"]) != root:
                signer = enrolment["public_key"]
                if not enrolment["valid_from_utc_us"] <= value["issued_utc_us"] <= enrolment["valid_until_utc_us"]:
                    raise malformed("issued outside the time of its enrolment key")
        envelope.verify(signer)
        if value["version"] // 1_000_000 != value["serial"] or value["issued_utc_us"] >= value["expires_utc_us"]:
            raise malformed("version and serial, or its times, do not belong together")
        self.check_keys(value["keys"])
        self.expired = now_us > value["expires_utc_us"]
        self.version = value["version"]
        self.keys = {entry["id"]: entry for entry in value["keys"]}

    @staticmethod
    def enrolment(value):
        """The enrolment key that the list carries."""
        envelope = Envelope(unbase64(value["enrolment"]), "enrolment-key.v1+json")
        envelope.verify(value["root"])
        enrolment = envelope.read(ENROLMENT)
        if (enrolment["unit"], enrolment["serial"]) != (value["unit"], value["serial"]) \
                or enrolment["valid_from_utc_us"] >= enrolment["valid_until_utc_us"]:
            raise malformed("an enrolment key of another unit or serial, or of no time")
        return enrolment

    @staticmethod
    def check_keys(entries):
        """Sorted by id, each once; classes of devices only, duties of officers only and in order."""
        ids = [entry["id"] for entry in entries]
        if any(a >= b for a, b in zip(ids, ids[1:])):
            raise malformed("its keys are not sorted")
        for entry in entries:
            places = [DUTIES.index(duty) for duty in entry["duties"]]
            if key_id(entry["public_key"]) != entry["id"] or entry["valid_from_utc_us"] >= entry["valid_until_utc_us"] \
                    or (entry["class"] is None) == (entry["role"] == "device") \
                    or (places and entry["role"] != "officer") or any(a >= b for a, b in zip(places, places[1:])):
                raise malformed("an entry that breaks a rule")

    def listed(self, identity, role):
        """The entry of a key in this role, or None."""
        entry = self.keys.get(identity)
        return entry if entry and entry["role"] == role else None


def counts_at(entry, utc_us):
    """A key counts from its first to its last instant, and before its revocation."""
    revoked = entry["revoked"]
    return entry["valid_from_utc_us"] <= utc_us <= entry["valid_until_utc_us"] \
        and (revoked is None or utc_us < revoked["at_utc_us"])


# ---------------------------------------------------------------------------------------------------------------------
# 'Records': the bodies

CERTIFICATE = fields(("public_key", key), ("name", LABEL), ("class", CLASS), ("valid_from_utc_us", US),
                     ("valid_until_utc_us", US), ("root", KEY_ID), ("trust_version", U64))
SOFTWARE = fields(("name", LABEL), ("version", LABEL), ("sha256", HASH))
SOURCE = choice("gnss", "ptp", "ntp", "rtc", "none")
CLOCK = fields(("source", SOURCE), ("uncertainty_us", U64))
INDEX = number(1, 999_999)
PTS = number(0, 2 ** 33 - 1)
PATH = pattern(r"segments/[a-z0-9]{1,16}/[0-9]{6}\.ts\.age|telemetry/[0-9]{6}\.tlog\.age|stills/[0-9]{6}\.(jpg|png)\.age"
               r"|documents/[0-9a-f]{64}\.age", "path of the folder")
TORN_FROM = ("records", "checkpoints", "document")
COUNTS = ("records", "segments", "frames", "telemetry", "messages", "stills", "documents", "sealed_bytes")
BODIES = {
    "open": fields(
        ("certificate", CERTIFICATE), ("class", CLASS), ("recipients", array_of(recipient, 1)), ("pts_epoch_utc_us", US),
        ("audio_dropped", BOOL), ("software", SOFTWARE), ("configuration_sha256", HASH),
        ("documents", array_of(fields(("what", CODE), ("document", DOCUMENT)))),
        ("prev_flight", nullable(fields(("id", UUID), ("size", U64), ("root", HASH))))),
    "log-open": fields(("certificate", CERTIFICATE), ("software", SOFTWARE)),
    "segment": fields(
        ("stream", STREAM), ("index", INDEX), ("file", PATH), ("sealed", SEALED), ("plain", EXTENT), ("first_pts_90k", PTS),
        ("last_pts_90k", PTS), ("frames", U64), ("drops", U64), ("minimum_set_shortfall", U64),
        ("telemetry", nullable(fields(("first", U32), ("last", U32))))),
    "prefix": fields(("file", PATH), ("sealed", SEALED)),
    "telemetry": fields(
        ("index", INDEX), ("file", PATH), ("sealed", SEALED), ("plain", EXTENT), ("messages", U64),
        ("first_utc_us", nullable(US)), ("last_utc_us", nullable(US)), ("links", U32)),
    "still": fields(("index", INDEX), ("format", choice("jpg", "png")), ("file", PATH), ("sealed", SEALED),
                    ("plain", EXTENT), ("taken_utc_us", US)),
    "marker": fields(("code", CODE), ("at_utc_us", US)),
    "event": fields(("code", CODE), ("actor", nullable(KEY_ID)), ("flight", nullable(UUID)), ("detail", nullable(DOCUMENT))),
    "nonce": fields(("station", KEY_ID), ("nonce", HASH), ("time_s", U64), ("sig", TEXT_ANY)),
    "statement": fields(
        ("signer", KEY_ID), ("action", choice("start", "stop")), ("subject", choice("flight", "device")), ("time_s", U32),
        ("counter", U32), ("reason", HASH), ("sig", TEXT_ANY)),
    "authorisation": fields(
        ("signer", KEY_ID), ("action", choice("begin", "end")), ("subject", choice("flight", "device")), ("time_s", U32),
        ("counter", U32), ("minutes", U16), ("reason", HASH), ("sig", TEXT_ANY)),
    "clock": fields(("mono_ns", U64), ("utc_us", US), ("source", SOURCE), ("uncertainty_us", U64)),
    "recovered": fields(
        ("previous_boot_id", UUID), ("files", array_of(fields(("file", PATH), ("sealed", SEALED)))),
        ("torn", array_of(fields(("from", choice(*TORN_FROM)), ("extent", EXTENT))))),
    "gap": fields(("stream", nullable(STREAM)), ("reason", CODE), ("from_utc_us", US), ("to_utc_us", nullable(US)),
                  ("count", nullable(U64))),
    "erased": fields(
        ("flight", UUID), ("actor", KEY_ID), ("witness", KEY_ID), ("stores", array_of(KEY_ID, 2, 2)), ("manifest", HASH),
        ("order", HASH), ("files", U64), ("bytes", U64)),
    "close": fields(("reason", CODE), ("counts", fields(*((name, U64) for name in COUNTS)))),
}
KINDS_OF_A_LOG = ("log-open", "event", "recovered", "erased")
RECORD = fields(
    ("schema", choice("skyseal-record/1")), ("flight_id", UUID_7), ("device_id", KEY_ID), ("boot_id", UUID), ("seq", U64),
    ("mono_ns", U64), ("utc_us", US), ("clock", CLOCK), ("prev", nullable(HASH)), ("next_key", nullable(key)),
    ("kind", choice(*BODIES)), ("body", lambda value: None))


def spelled_record(envelope):
    """The payload of an envelope, in the schema of its kind; no rule behind that is looked at."""
    record = envelope.read(RECORD)
    BODIES[record["kind"]](record["body"])
    return record


def read_record(envelope):
    """The record of an envelope, body included."""
    record = spelled_record(envelope)
    if (record["prev"] is None) != (record["seq"] == 0) or (record["next_key"] is None) != (record["kind"] == "close"):
        raise malformed("prev or next_key null in the wrong place")
    if (record["kind"] in ("open", "log-open")) != (record["seq"] == 0):
        raise malformed("record 0 opens, and no other")
    return record


def own_path(record):
    """The path that follows from stream, index and format of a record that finishes a file; None of any other."""
    body = record["body"]
    return {"segment": lambda: "segments/%s/%06d.ts.age" % (body["stream"], body["index"]),
            "telemetry": lambda: "telemetry/%06d.tlog.age" % body["index"],
            "still": lambda: "stills/%06d.%s.age" % (body["index"], body["format"])}.get(record["kind"], lambda: None)()


def broken_rules(record):
    """What breaks a rule that binds the body of a record by itself: MALFORMED."""
    kind, body = record["kind"], record["body"]
    if own_path(record) not in (None, body.get("file")):
        yield "file does not follow from the index"
    if kind == "open" and CLASSES.index(body["class"]) > CLASSES.index(body["certificate"]["class"]):
        yield "a class above the certificate's"
    if kind == "segment":
        span = (body["last_pts_90k"] - body["first_pts_90k"]) % 2 ** 33
        if body["minimum_set_shortfall"] > body["frames"] or body["frames"] and span >= 2 ** 32:
            yield "figures that contradict each other"
        if body["telemetry"] is not None and not 1 <= body["telemetry"]["first"] <= body["telemetry"]["last"]:
            yield "telemetry indices that do not run upwards from 1"
    if kind == "telemetry":
        first, last = body["first_utc_us"], body["last_utc_us"]
        if (first is None) != (body["messages"] == 0) or (last is None) != (first is None) \
                or (first is not None and first > last):
            yield "first and last entry contradict the messages"
    if kind == "gap" and body["to_utc_us"] is not None and body["to_utc_us"] < body["from_utc_us"]:
        yield "a gap that ends before it begins"


def clock_step(before, record):
    """'Verdict', time: what is suspect from one record to the next, or None."""
    slack = before["clock"]["uncertainty_us"] + record["clock"]["uncertainty_us"] + SLACK_US
    passed_us = record["utc_us"] - before["utc_us"]
    if record["boot_id"] != before["boot_id"]:
        return "utc_us goes back over the restart at seq %d" % record["seq"] if passed_us < -slack else None
    if record["mono_ns"] < before["mono_ns"]:
        return "mono_ns goes back at seq %d" % record["seq"]
    if abs(passed_us - (record["mono_ns"] - before["mono_ns"]) // 1000) > slack:
        return "utc_us steps against mono_ns at seq %d" % record["seq"]
    return None


def last_moment(record, pts_epoch_us):
    """The time of the last picture, message or still of the file that a record finishes; None without one."""
    kind, body = record["kind"], record["body"]
    if kind == "segment":
        return time_of_pts(body["last_pts_90k"], pts_epoch_us, record["utc_us"]) if body["frames"] else None
    return body["last_utc_us"] if kind == "telemetry" else body["taken_utc_us"]


class Claim:
    """What the records say of one file."""

    def __init__(self, series=None, index=0):
        self.series, self.index = series, index
        self.finished = None        # (seq, sealed, plain, body) of the record that finishes it
        self.found = None           # (seq, sealed) of the recovery that found it unfinished
        self.prefixes = []          # sealed extents
        self.last_us = None         # its last picture, message or still


def place(path):
    """Series and index of a numbered file, as its path says; documents and torn ends have no series."""
    parts = path.split("/")
    if parts[0] == "segments":
        return parts[1], int(parts[2][:6])
    if parts[0] in ("telemetry", "stills"):
        return parts[0] + "/", int(parts[1][:6])
    return None, 0


class Log:
    """'Records': takes the lines of `records.jsonl` in turn and keeps what the other checks need."""

    def __init__(self, trust, report):
        self.trust, self.report, self.tree = trust, report, Tree()
        self.opened = None          # record 0
        self.last = None            # the newest record in its place
        self.last_leaf = None
        self.next_seq = 0
        self.lines = 0
        self.closed = False
        self.broken = None          # why nothing behind can be checked
        self.doubt = False          # a line since the last good record that is no good record
        self.moments = []           # (utc_us, uncertainty_us) of each record
        self.claims = {}
        self.newest = {}            # series → newest index finished
        self.indices = set()        # (series, index) that something names
        self.last_pts = {}
        self.stations = {}          # nonce by station
        self.nonces = []            # (seq, time_s)
        self.begun = set()
        self.orders, self.statements = {}, 0    # signer → its newest (time_s, counter)
        self.suspect = None
        self.counts = dict.fromkeys(COUNTS, 0)
        self.faults = []

    @property
    def held(self):
        """Records that are here; behind one that is passed over every line counts as one."""
        return self.lines if self.broken else self.next_seq

    @property
    def device_key(self):
        """The device's public key, or None without record 0."""
        return self.opened and self.opened["body"]["certificate"]["public_key"]

    @staticmethod
    def last_under(size):
        """The seq of the last record under a head."""
        return size - 1

    def line(self, ordinal, raw):
        """One line: its item's word."""
        item = "records.jsonl line %d" % ordinal
        self.lines = ordinal
        try:
            if raw is None:
                raise malformed("a line longer than %d bytes" % LINE_MAX)
            envelope = Envelope(raw, "record.v1+json")
            record = read_record(envelope)
            item += " (seq %d, %s)" % (record["seq"], record["kind"])
            public = self.signer(record, envelope)
            if public:
                envelope.verify(public)
            self.in_place(record)
            if self.broken:
                self.closed = record["kind"] == "close"
                self.next_seq = record["seq"] + 1
                self.report.add(item, NOT_CHECKED, self.broken)
                return
            if not public:
                raise Fault("KEY-UNTRUSTED", "signed by a key that the record before does not name")
        except Fault as fault:
            self.doubt = self.doubt or fault.word != "OUT-OF-ORDER"
            self.report.add(item, fault.word, fault.detail)
            return
        self.faults = []
        self.take(record, leaf_hash(raw))
        worst = min(self.faults, key=lambda fault: WORDS.index(fault[0]), default=("INTACT", None))
        self.report.add(item, *worst)

    def in_place(self, record):
        """Whose record it is and whether its seq is next."""
        if self.closed:
            raise malformed("a record after close")
        if self.opened and (record["flight_id"], record["device_id"]) != (self.opened["flight_id"], self.opened["device_id"]):
            raise Fault("WRONG-FLIGHT", "a record of flight %s" % record["flight_id"])
        if record["seq"] < self.next_seq:
            raise Fault("OUT-OF-ORDER", "seq %d is already passed" % record["seq"])
        if record["seq"] > self.next_seq and not self.broken:
            self.broken = "the key that signs it is not known: a record before it is not good"
            if not self.doubt:
                missing, self.next_seq = self.next_seq, record["seq"] + 1
                self.closed = record["kind"] == "close"
                raise Fault("MISSING", "seq %d is passed over" % missing)

    def signer(self, record, envelope):
        """'Who signs': the key that signed it, or None when it is one that may not, or that nobody knows."""
        if self.opened is None:
            if record["seq"]:
                return None
            public = record["body"]["certificate"]["public_key"]
            if not key_id(public) == record["device_id"] == envelope.keyid:
                raise malformed("record 0 is not signed by the device of its certificate")
            return public
        named = None if self.broken else self.last["next_key"]
        if named and envelope.keyid == key_id(named):
            return named
        if record["kind"] == "recovered" and envelope.keyid == self.opened["device_id"]:
            return self.device_key
        return None

    def fault(self, word, detail):
        """Something wrong with the record being taken."""
        self.faults.append((word, detail))

    def take(self, record, leaf):
        """A rightly signed record, next in turn."""
        if self.opened is None:
            self.opened = record
        else:
            if record["prev"] != self.last_leaf.hex():
                self.fault("ALTERED", "prev is not the line before")
            self.check_boot(record)
            self.suspect = self.suspect or clock_step(self.last, record)
        in_log = self.opened["kind"] == "log-open"
        if record["kind"] not in KINDS_OF_A_LOG if in_log else record["kind"] == "erased":
            self.fault("MALFORMED", "a record that this kind of log does not have")
        for detail in broken_rules(record):
            self.fault("MALFORMED", detail)
        body = record["body"]
        handler = getattr(self, "take_" + record["kind"].replace("-", "_"), None)
        if handler:
            handler(record, body)
        self.last, self.last_leaf, self.doubt = record, leaf, False
        self.tree.append(leaf)
        self.moments.append((record["utc_us"], record["clock"]["uncertainty_us"]))
        self.counts["records"] += 1
        self.next_seq = record["seq"] + 1

    def check_boot(self, record):
        """boot_id changes only in `recovered`, which names the boot before."""
        if record["kind"] == "recovered":
            if record["body"]["previous_boot_id"] != self.last["boot_id"]:
                self.fault("MALFORMED", "previous_boot_id is not the record's before")
        elif record["boot_id"] != self.last["boot_id"]:
            self.fault("MALFORMED", "boot_id changes without recovered")

    def claim(self, path):
        """What the records say of a file so far."""
        if path not in self.claims:
            self.claims[path] = Claim(*place(path))
            self.indices.add(place(path))
        return self.claims[path]

    def document(self, seq, document):
        """A document that a record names."""
        claim = self.claim("documents/%s.age" % document["sealed"]["sha256"])
        if claim.finished or claim.found:
            self.fault("OUT-OF-ORDER", "a document is named twice")
        else:
            claim.finished = seq, document["sealed"], document["plain"], None
        self.counts["documents"] += 1
        self.counts["sealed_bytes"] += document["sealed"]["bytes"]

    def finish(self, record, body):
        """A numbered file that its record finishes: in order, once."""
        claim = self.claim(body["file"])
        if claim.finished or claim.found:
            self.fault("OUT-OF-ORDER", "%s is finished twice" % body["file"])
        else:
            claim.finished = record["seq"], body["sealed"], body["plain"], body
            self.in_series(claim, True)
        claim.last_us = last_moment(record, self.opened["body"].get("pts_epoch_utc_us", 0))
        self.counts["sealed_bytes"] += body["sealed"]["bytes"]

    def in_series(self, claim, is_finished):
        """Files of a series are finished by rising index; an index passed over is to be named before."""
        if claim.series is None:
            return
        newest = self.newest.get(claim.series, 0)
        if claim.index <= newest and is_finished:
            self.fault("OUT-OF-ORDER", "index %d is already passed" % claim.index)
        if any((claim.series, index) not in self.indices for index in range(newest + 1, claim.index)):
            self.fault("GAP", "nothing names an index before %d" % claim.index)
        self.newest[claim.series] = max(claim.index, newest)

    def take_open(self, record, body):
        """Record 0 of a flight."""
        for entry in body["documents"]:
            self.document(record["seq"], entry["document"])

    def take_event(self, record, body):
        """An event may name a document; `recording-started` begins PTS anew."""
        if body["detail"] is not None:
            self.document(record["seq"], body["detail"])
        if body["code"] == "recording-started":
            self.last_pts = {}
        if body["actor"] is not None and self.opened["kind"] == "open" and body["actor"] not in self.orders:
            self.fault("MALFORMED", "an actor who signed no statement and no authorisation before")
        if body["code"] == "erase-begun":
            self.begun.add((body["actor"], body["flight"]))

    def take_segment(self, record, body):
        """Footage: order, PTS and drops."""
        stream, first, last = body["stream"], body["first_pts_90k"], body["last_pts_90k"]
        self.finish(record, body)
        before = self.last_pts.get(stream)
        if before is not None and body["frames"] and not 0 < (first - before) % 2 ** 33 < 2 ** 32:
            self.fault("OUT-OF-ORDER", "its PTS does not follow on from the segment before")
        self.last_pts[stream] = last
        if body["drops"]:
            self.fault("GAP", "%d pictures dropped" % body["drops"])
        self.counts["segments"] += 1
        self.counts["frames"] += body["frames"]

    def take_telemetry(self, record, body):
        """Telemetry."""
        self.finish(record, body)
        self.counts["telemetry"] += 1
        self.counts["messages"] += body["messages"]

    def take_still(self, record, body):
        """A still."""
        self.finish(record, body)
        self.counts["stills"] += 1

    def take_prefix(self, record, body):
        """The first bytes of an unfinished file."""
        claim = self.claim(body["file"])
        if claim.finished or claim.found:
            self.fault("OUT-OF-ORDER", "a prefix of a file already finished")
        elif claim.prefixes and body["sealed"]["bytes"] < claim.prefixes[-1]["bytes"]:
            self.fault("OUT-OF-ORDER", "the file is shorter than it was before")
        claim.prefixes.append(body["sealed"])

    def take_recovered(self, record, body):
        """Unfinished files as found after a restart, and torn ends kept."""
        self.last_pts = {}
        for entry in body["files"]:
            claim = self.claim(entry["file"])
            if claim.finished or claim.found:
                self.fault("OUT-OF-ORDER", "%s is finished twice" % entry["file"])
            else:
                claim.found = record["seq"], entry["sealed"]
                self.in_series(claim, False)
        for entry in body["torn"]:
            path = "torn/%s-%d" % (entry["from"], record["seq"])
            if path in self.claims:
                self.fault("OUT-OF-ORDER", "%s is named twice" % path)
            self.claim(path).finished = record["seq"], entry["extent"], None, None

    def take_gap(self, _record, body):
        """What the device says it did not record."""
        self.fault("GAP", "the device reports: %s" % body["reason"])

    def take_nonce(self, record, body):
        """A station's nonce: one a station, at most 16, rightly signed by a listed station."""
        if body["station"] in self.stations or len(self.stations) == 16:
            self.fault("MALFORMED", "a second nonce of the station, or a seventeenth")
        self.stations[body["station"]] = body["time_s"]
        if self.trust.fault:
            return
        station = self.trust.keys.get(body["station"])
        if station is None or station["role"] != "station":
            self.fault("KEY-UNTRUSTED", "a nonce of a key that the list does not name as a station's")
        if station is None:
            return
        self.radio_signed(station, body["sig"], b"skyseal-nonce/1\n\1\0" + raw_uuid(record["flight_id"])
                          + bytes.fromhex(body["station"])[:4] + bytes.fromhex(body["nonce"]) + body["time_s"].to_bytes(8, "little"))
        at_us = body["time_s"] * 1_000_000
        if counts_at(station, at_us) and at_us > record["utc_us"] + record["clock"]["uncertainty_us"] + SLACK_US:
            self.suspect = self.suspect or "the nonce at seq %d is later than its record" % record["seq"]

    def radio_signed(self, entry, sig, message):
        """'On the radio': a signature over a message's bytes."""
        try:
            good = KEYS.verify(bytes.fromhex(entry["public_key"]), message, unbase64(sig, 64))
        except Fault:
            good = False
        if not good:
            self.fault("MALFORMED", "the signature over the radio's bytes does not verify")

    def rises(self, body):
        """A signer's statements and authorisations rise, and both together are at most 1000."""
        order = body["time_s"], body["counter"]
        self.statements += 1
        if order <= self.orders.get(body["signer"], (-1, 0)) or self.statements > 1000:
            self.fault("MALFORMED", "a signer's statements and authorisations that do not rise, or more than 1000")
        self.orders[body["signer"]] = order

    def take_authorisation(self, record, body):
        """A session: rising by signer, 1 to 720 minutes or an end, rightly signed by an officer who may order."""
        if not (1 <= body["minutes"] <= 720 if body["action"] == "begin" else body["minutes"] == 0):
            self.fault("MALFORMED", "a session of another length")
        self.rises(body)
        if self.trust.fault:
            return
        entry = self.trust.keys.get(body["signer"])
        if entry is None or not {"pilot", "observer", "supervisor"} & set(entry["duties"]):
            self.fault("KEY-UNTRUSTED", "an authorisation of a key that may not give one")
        if entry is None:
            return
        about = raw_uuid(record["flight_id"]) if body["subject"] == "flight" else bytes.fromhex(record["device_id"])[:16]
        self.radio_signed(entry, body["sig"], b"skyseal-session/1\n\1" + (b"\1" if body["action"] == "begin" else b"\2") + about
                          + struct.pack("<II", body["counter"], body["time_s"]) + bytes.fromhex(body["signer"])[:4]
                          + struct.pack("<H", body["minutes"]) + bytes.fromhex(body["reason"]))

    def take_statement(self, record, body):
        """An order: rising by signer, at most 1000, rightly signed by a key that may order."""
        self.rises(body)
        if self.trust.fault:
            return
        entry = self.trust.keys.get(body["signer"])
        if entry is None or entry["role"] != "station" and not {"pilot", "observer", "supervisor"} & set(entry["duties"]):
            self.fault("KEY-UNTRUSTED", "a statement of a key that may not order")
        if entry is None:
            return
        about = raw_uuid(record["flight_id"]) if body["subject"] == "flight" else bytes.fromhex(record["device_id"])[:16]
        self.radio_signed(entry, body["sig"], b"skyseal-officer/1\n\1" + (b"\1" if body["action"] == "start" else b"\2") + about
                          + struct.pack("<II", body["counter"], body["time_s"]) + bytes.fromhex(body["signer"])[:4]
                          + bytes.fromhex(body["reason"]))

    def take_erased(self, _record, body):
        """A flight erased: an `erase-begun` stands before it, two officers, two stores."""
        if (body["actor"], body["flight"]) not in self.begun or body["actor"] == body["witness"] \
                or body["stores"][0] == body["stores"][1]:
            self.fault("MALFORMED", "erased without erase-begun, two officers and two stores")

    def take_close(self, _record, body):
        """The last record counts those before it."""
        self.closed = True
        if body["counts"] != self.counts:
            self.fault("MALFORMED", "close counts otherwise")


def time_of_pts(pts_90k, epoch_us, near_us):
    """'Sealed files': the time that a PTS stands for, of its turns of 2³³ the one nearest to a time."""
    since_us = (pts_90k - 90_000) * 100 // 9
    turn_us = 2 ** 33 * 100 / 9
    turns = round((near_us - epoch_us - since_us) / turn_us)
    return epoch_us + since_us + int(turns * turn_us)


class Heads:
    """'Tree heads': takes the lines of `checkpoints.jsonl` in turn; run behind the records."""

    def __init__(self, log, trust, report):
        self.log, self.trust, self.report = log, trust, report
        self.newest = 0             # greatest size of a line without cosignatures
        self.doubt = False          # an unreadable line since
        self.close_note = None      # of the head over `close`, without cosignatures, where it agrees with the records
        self.beyond = {}            # size → root, of heads over records that cannot be checked
        self.cosignatures = {}      # (station, size, time_s) over heads of these records → uncertainty of its clock, µs

    def line(self, ordinal, raw):
        """One line: its item's word."""
        item = "checkpoints.jsonl line %d" % ordinal
        if not self.log.opened:
            self.report.add(item, NOT_CHECKED, "the device's key is not known without record 0")
            return
        try:
            if raw is None:
                raise malformed("a line longer than %d bytes" % LINE_MAX)
            value = canonical(raw)
            fields(("note", NOTE))(value)
            head = Head(value["note"])
            if head.flight != self.log.opened["flight_id"]:
                raise Fault("WRONG-FLIGHT", "a head of flight %s" % head.flight)
            head.verify(self.log.device_key)
        except Fault as fault:
            self.doubt = True
            self.report.add(item, fault.word, fault.detail)
            return
        if self.log.closed and head.size == self.log.tree.size and is_over(head, self.log) and not head.cosignatures:
            self.close_note = value["note"].encode()
        faults = self.order(head) + self.cosigned(head) + over_records(head, self.log)
        if head.size > self.log.tree.size and self.beyond.setdefault(head.size, head.root) != head.root:
            faults.append(("EQUIVOCATION", "two heads of size %d" % head.size))
        self.report.add(item, *min(faults, key=lambda fault: rank(fault[0]), default=("INTACT", None)))

    def order(self, head):
        """Lines without cosignatures have size 1, 2, 3, …; others stand behind the head that they repeat."""
        if head.cosignatures:
            return [] if head.size <= self.newest or head.size > self.log.tree.size else [("OUT-OF-ORDER", "cosignatures before the head of size %d" % head.size)]
        if head.size <= self.newest:
            return [("OUT-OF-ORDER", "a head of size %d follows one of size %d" % (head.size, self.newest))]
        passed_over = head.size > self.newest + 1 and not self.doubt
        before, self.newest, self.doubt = self.newest, head.size, False
        return [("MISSING", "a head of size %d follows one of size %d" % (head.size, before))] if passed_over else []

    def cosigned(self, head):
        """Each cosignature is of a listed station and verifies; those over these records may count."""
        if self.trust.fault:
            return []
        try:
            cosigners = cosigners_of(head, self.trust)
        except Fault as fault:
            return [(fault.word, fault.detail)]
        if is_over(head, self.log):
            self.cosignatures.update(((station, head.size, moment), 0) for station, moment in cosigners)
        return []


def cosigners_of(head, trust):
    """(key id, time_s) of each cosignature of a head; refuses one of a key that the list does not name, or that does not verify."""
    cosigners = []
    for name, key_hash_, moment, signature in head.cosignatures:
        named = (entry for entry in trust.keys.values() if name == "skyseal/station/" + entry["id"][:16]
                 and key_hash(name, 4, entry["public_key"]) == key_hash_)
        station = next((entry for entry in named if head.cosigned(entry["public_key"], moment, signature)), None)
        if station is None:
            raise malformed("a cosignature of %s that the list does not name, or that does not verify" % name)
        cosigners.append((station["id"], moment))
    return cosigners


def rank(word):
    """Place of a word, worst first; what is not checked stands behind every word but INTACT."""
    return WORDS.index(word) if word else len(WORDS) - 1


def is_over(head, log):
    """Whether a head is over these records."""
    return head.size <= log.tree.size and log.tree.roots[head.size] == head.root


def over_records(head, log):
    """What a rightly signed head says against these records."""
    if head.size <= log.tree.size:
        return [] if is_over(head, log) else [("EQUIVOCATION", "other records than these, at size %d" % head.size)]
    if log.broken or log.doubt:
        return [(NOT_CHECKED, "a record under it is not good")]
    return [("TRUNCATED", "a head over %d records, of which %d are here" % (head.size, log.tree.size))]


# ---------------------------------------------------------------------------------------------------------------------
# 'Witness file'

ENTRY_BODIES = {
    "begin": fields(("device", KEY_ID), ("device_key", key), ("trust_version", U64)),
    "leaves": fields(("leaves", array_of(HASH, 1, 512))),
    "head": fields(("leaves", array_of(HASH, 0, 512)), ("note", NOTE),
                   ("cosignature", nullable(fields(("time_s", U64), ("sig", TEXT_ANY)))), ("received_utc_us", US)),
    "seen": fields(("note", NOTE)),
    "nonce": fields(("nonce", HASH), ("time_s", number(0, 2 ** 63 - 1))),
    "equivocation": fields(("note", NOTE), ("held", nullable(NOTE))),
    "restarted": fields(),
    "landed": fields(("size", U64), ("root", HASH), ("heads", U64), ("longest_silence_ms", U64), ("equivocations", U64),
                     ("reason", CODE)),
}
ENTRY = fields(
    ("schema", choice("skyseal-witness/1")), ("flight_id", UUID_7), ("station", KEY_ID), ("seq", U64), ("prev", nullable(HASH)),
    ("utc_us", US), ("clock", CLOCK), ("kind", choice(*ENTRY_BODIES)), ("body", lambda value: None))


class WitnessFile:
    """One station's account of the flight; `faults` are held against it, `cosignatures` may count."""

    def __init__(self, log, trust):
        self.log, self.trust = log, trust
        self.begin, self.prev, self.station = None, None, None
        self.tree, self.pending, self.root = Tree(), [], hashlib.sha256().hexdigest()
        self.heads = self.equivocations = self.entries = 0
        self.landed = False
        self.faults, self.cosignatures, self.uncertainty_us = [], {}, 0

    def judge(self, lines):
        """The file's word and why."""
        if self.trust.fault or not self.log.opened:
            return NOT_CHECKED, "without a trusted list and record 0 nobody can say whose it is"
        try:
            for raw, whole in lines:
                if whole:
                    self.line(raw)
            if not self.entries:
                raise malformed("no entry")
        except Fault as fault:
            self.faults.append((fault.word, "entry %d: %s" % (self.entries, fault.detail)))
            self.cosignatures = {}
        return min(self.faults, key=lambda fault: rank(fault[0]), default=("INTACT", None))

    def line(self, raw):
        """One whole line."""
        if raw is None:
            raise malformed("a line longer than %d bytes" % LINE_MAX)
        envelope = Envelope(raw, "witness.v1+json")
        if self.station is None:
            self.station = self.trust.listed(envelope.keyid, "station")
            if self.station is None:
                raise Fault("KEY-UNTRUSTED", "a key that the list does not name as a station's")
        envelope.verify(self.station["public_key"])
        entry = envelope.read(ENTRY)
        ENTRY_BODIES[entry["kind"]](entry["body"])
        if self.entries == 0 and entry["flight_id"] != self.log.opened["flight_id"]:
            raise Fault("WRONG-FLIGHT", "of flight %s" % entry["flight_id"])
        if (entry["flight_id"], entry["station"], entry["seq"], entry["prev"]) \
                != (self.log.opened["flight_id"], self.station["id"], self.entries, self.prev):
            raise malformed("not the next entry of this file")
        if (entry["kind"] == "begin") != (self.entries == 0):
            raise malformed("begin is entry 0, and only there")
        if self.landed and entry["kind"] in ("head", "leaves", "nonce", "landed"):
            raise malformed("%s behind landed" % entry["kind"])
        self.uncertainty_us = entry["clock"]["uncertainty_us"]
        getattr(self, "take_" + entry["kind"])(entry["body"])
        self.prev = leaf_hash(raw).hex()
        self.entries += 1

    def note(self, text):
        """A note of this flight without cosignatures, signed by the device of `begin`."""
        head = Head(text)
        if head.flight != self.log.opened["flight_id"] or head.cosignatures:
            raise malformed("a note of another flight, or with cosignatures")
        head.verify(self.begin["device_key"])
        return head

    def against(self, head):
        """Holds a head against the records."""
        self.faults += [fault for fault in over_records(head, self.log) if fault[0]]

    def take_begin(self, body):
        """Entry 0: which device."""
        if key_id(body["device_key"]) != body["device"]:
            raise malformed("device_key is not the device's")
        if body["device"] != self.log.opened["device_id"]:
            raise Fault("WRONG-FLIGHT", "by device %s" % body["device"])
        self.begin = body

    def take_leaves(self, body):
        """Taken towards the next head."""
        self.pending += body["leaves"]
        if len(self.pending) + self.tree.size > RECORDS_MAX:
            raise malformed("more leaves than a log has records")

    def take_head(self, body):
        """The tree, grown, has the size and root of the note, and is greater than before."""
        before, head = self.tree.size, self.note(body["note"])
        for leaf in self.pending + body["leaves"]:
            self.tree.append(bytes.fromhex(leaf))
        self.pending = []
        if (head.size, head.root) != (self.tree.size, self.tree.roots[-1]) or head.size <= before:
            raise malformed("a head that its leaves do not make")
        self.root = head.root.hex()
        self.heads += 1
        self.against(head)
        if body["cosignature"]:
            moment, signature = body["cosignature"]["time_s"], unbase64(body["cosignature"]["sig"], 64)
            if moment >= 2 ** 63 or not head.cosigned(self.station["public_key"], moment, signature):
                raise malformed("a cosignature that does not verify")
            if is_over(head, self.log):
                self.cosignatures[self.station["id"], head.size, moment] = self.uncertainty_us

    def take_seen(self, body):
        """A head that the station's tree cannot confirm; the records may."""
        self.against(self.note(body["note"]))

    def take_nonce(self, _body):
        """Given to the flight."""

    def take_equivocation(self, body):
        """Two heads of a size."""
        head = self.note(body["note"])
        held = self.note(body["held"]) if body["held"] is not None else None
        if held and (held.size != head.size or held.root == head.root):
            raise malformed("an equivocation that is none")
        self.equivocations += 1
        self.faults.append(("EQUIVOCATION", "the station saw an equivocation at size %d" % head.size))

    def take_restarted(self, _body):
        """Drops the leaves that no head has confirmed."""
        self.pending = []

    def take_landed(self, body):
        """The witness statement."""
        if (body["size"], body["root"], body["heads"], body["equivocations"]) \
                != (self.tree.size, self.root, self.heads, self.equivocations):
            raise malformed("a statement that its entries contradict")
        self.landed = True


# ---------------------------------------------------------------------------------------------------------------------
# 'The folder'

DRAWN = re.compile(r"segments(/[a-z0-9]{1,16})?|telemetry|stills|documents|torn")
DRAWN_FILE = re.compile(r"(?P<series>segments/[a-z0-9]{1,16}|telemetry|stills)/(?P<index>[0-9]{6})\.(ts|tlog|jpg|png)\.age"
                        r"|documents/([0-9a-f]{64}\.age|unfinished)|torn/(records|checkpoints|document)-(?P<seq>0|[1-9][0-9]{0,9})")
LOGS = ("records.jsonl", "checkpoints.jsonl")


def open_plain(path):
    """A regular file, never through a symbolic link at its end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise malformed("no regular file")
    return os.fdopen(handle, "rb")


def read_small(path, most=SMALL_FILE_MAX):
    """A whole file within a bound."""
    with open_plain(path) as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise malformed("longer than %d bytes" % most)
    return raw


def lines_of(path, lines_max, bytes_max=None):
    """(line without newline or None when too long, whether it is whole), bounded."""
    with open_plain(path) as file:
        read = 0
        for _ in range(lines_max):
            raw = file.readline(LINE_MAX + 1)
            if not raw:
                return
            line = raw[:-1] if raw.endswith(b"\n") else raw
            overlong = len(raw) > LINE_MAX and not raw.endswith(b"\n")
            has_hole = b"\0" in raw
            while raw and not raw.endswith(b"\n"):
                read, raw = read + len(raw), file.readline(LINE_MAX + 1)
            read += len(raw)
            if bytes_max is not None and read > bytes_max:
                raise malformed("longer than %d bytes" % bytes_max)
            torn = not raw.endswith(b"\n") or has_hole and not file.peek(1)
            yield (None if overlong else line), not torn
        if file.read(1):
            raise malformed("more than %d lines" % lines_max)


def walk(root, drawn=None):
    """(regular files below a folder with their lengths, what is refused); links are never followed."""
    files, refused, todo, seen = {}, {}, [""], 0
    while todo:
        below = todo.pop()
        with os.scandir(os.path.join(root, below)) as entries:
            for entry in entries:
                path, seen = below + entry.name, seen + 1
                if seen > 2 * FILES_MAX:
                    refused["."] = "more than %d files" % (2 * FILES_MAX)
                    return files, refused
                if entry.is_symlink():
                    refused[path] = "a symbolic link"
                elif entry.is_dir(follow_symlinks=False):
                    if path.count("/") > 8 or drawn and not drawn.fullmatch(path):
                        refused[path] = "a folder that no flight has"
                    else:
                        todo.append(path + "/")
                elif entry.is_file(follow_symlinks=False):
                    files[path] = entry.stat(follow_symlinks=False).st_size
                else:
                    refused[path] = "no regular file"
    return files, refused


def digests(path, marks):
    """Digest of a file, and of its first bytes at each mark."""
    total, at, found = hashlib.sha256(), 0, {}
    ends = sorted(set(marks))
    with open_plain(path) as file:
        while True:
            room = ends[0] - at if ends else 1 << 20
            chunk = file.read(min(room, 1 << 20)) if room else b""
            total.update(chunk)
            at += len(chunk)
            if ends and at == ends[0]:
                found[ends.pop(0)] = total.hexdigest()
            elif not chunk:
                return total.hexdigest(), found


class Files:
    """Holds the files of a flight's folder against what its records say."""

    LOGS = LOGS

    def __init__(self, folder, log, report, drawn=DRAWN):
        self.folder, self.log, self.report = folder, log, report
        self.files, refused = walk(folder, drawn)
        self.good = []              # paths whose sealed bytes are those of their record
        for path, why in sorted(refused.items()):
            report.add(path, "MALFORMED", why)

    def judge(self):
        """A word for every file that is here or named."""
        for path in sorted(self.log.claims):
            claim = self.log.claims[path]
            if path not in self.files:
                self.report.add(path, "MISSING", "a record names it, and it is not here")
                continue
            try:
                word, detail = self.named(path, claim)
            except Fault as fault:
                word, detail = fault.word, fault.detail
            except OSError as error:
                word, detail = "MALFORMED", "cannot be read: %s" % error.strerror
            self.report.add(path, word, detail)
        strangers = [path for path in sorted(self.files) if path not in self.log.claims and path not in self.LOGS]
        for path in strangers[:STRANGERS_MAX]:
            self.report.add(path, *self.unnamed(path))
        if len(strangers) > STRANGERS_MAX:
            self.report.add(".", "MALFORMED", "and %d more files that no record names" % (len(strangers) - STRANGERS_MAX))
        self.gaps()

    def named(self, path, claim):
        """A file that records name."""
        size = self.files[path]
        sealed = claim.finished[1] if claim.finished else claim.found[1] if claim.found else None
        if sealed and size > sealed["bytes"] or path.startswith("torn/") and 0 < size < sealed["bytes"]:
            return "ALTERED", "%d bytes, its record says %d" % (size, sealed["bytes"])
        if size > SEALED_BYTES_MAX:
            return "MALFORMED", "longer than any file of a flight"
        whole, at = digests(os.path.join(self.folder, path), [one["bytes"] for one in claim.prefixes if one["bytes"] <= size])
        if any(one["bytes"] <= size and at.get(one["bytes"]) != one["sha256"] for one in claim.prefixes) \
                or sealed and any(one["bytes"] > sealed["bytes"] for one in claim.prefixes):
            return "ALTERED", "a prefix contradicts it"
        wanted = max([one["bytes"] for one in claim.prefixes] + [sealed["bytes"] if sealed else 0])
        if size < wanted:
            if size == 0 or any(at):
                return "INCOMPLETE", "%d bytes of %d" % (size, wanted)
            return "ALTERED", "shorter than its %d bytes, and no prefix attests its beginning" % wanted
        if sealed and whole != sealed["sha256"]:
            return "ALTERED", "not the bytes of its record"
        self.good.append(path)
        if claim.finished:
            return "INTACT", None
        if claim.found:
            return "UNATTESTED-TAIL", "found by a recovery: attested in flight up to its last prefix"
        if self.log.broken or self.log.doubt:
            return NOT_CHECKED, "what finishes it may stand behind a fault"
        if self.log.closed:
            return "INCOMPLETE", "nothing finished it"
        return "UNATTESTED-TAIL", "still being written"

    def unnamed(self, path):
        """A file that no record names."""
        drawn = DRAWN_FILE.fullmatch(path)
        if not drawn:
            return "MALFORMED", "no record names it"
        if self.log.broken or self.log.doubt or not self.log.opened:
            return NOT_CHECKED, "no record that can be read names it"
        series, index = place(path)
        if self.files[path] > SEALED_BYTES_MAX:
            return "MALFORMED", "longer than any file of a flight"
        if not self.log.closed and self.log.opened["kind"] == "open" \
                and (series is None or index > self.log.newest.get(series, 0)) \
                and (drawn["seq"] is None or int(drawn["seq"]) == self.log.next_seq):
            return "UNATTESTED-TAIL", "not named yet"
        return "MALFORMED", "no record names it"

    def gaps(self):
        """Indices that nothing names, before a file that nothing finishes."""
        for path, claim in sorted(self.log.claims.items()):
            newest = self.log.newest.get(claim.series, 0)
            if claim.series is not None and any((claim.series, index) not in self.log.indices for index in range(newest + 1, claim.index)):
                self.report.add(path, "GAP", "nothing names an index before it")


# ---------------------------------------------------------------------------------------------------------------------
# 'Verdict': the witness axis


class Witnessing:
    """Which items cosignatures show, and when."""

    def __init__(self, log, trust, cosignatures, late_after_us):
        self.log, self.bound_us = log, late_after_us
        self.counting, self.suspect = [], None
        for station, size, moment in sorted(cosignatures, key=lambda one: (one[2], one[1])):
            utc_us, entry = moment * 1_000_000, trust.listed(station, "station")
            in_time = not log.closed or utc_us <= log.moments[-1][0] + late_after_us
            if entry and size and counts_at(entry, utc_us) and in_time:
                self.counting.append((utc_us, size, entry))
                seq = log.last_under(size)
                record_us, uncertainty_us = log.moments[seq] if seq is not None else (utc_us, 0)
                if utc_us < record_us - uncertainty_us - cosignatures[station, size, moment] - SLACK_US:
                    self.suspect = "a cosignature earlier than record %d under it" % seq

    def axis(self):
        """`none`, `partial`, `late` or `full`, and the late or unseen items."""
        if not self.counting or not self.log.opened or self.log.opened["kind"] == "log-open":
            return "none", []
        shown, late, before_us = 0, [], self.log.moments[0][0]
        items = sorted(self.items(), reverse=True)
        for utc_us, size, _ in self.counting:
            if size <= shown:
                continue
            silent = utc_us - before_us > self.bound_us
            while items and items[-1][0] < size:
                _, item, made_us = items.pop()
                if silent or utc_us - made_us > self.bound_us:
                    late.append("%s late" % item)
            shown, before_us = size, max(before_us, utc_us)
        unseen = ["%s never shown" % item for _, item, _ in reversed(items)]
        if unseen or self.is_open():
            return "partial", late + unseen
        return ("late" if late else "full"), late

    def is_open(self):
        """Whether a record may follow that nobody has shown."""
        return not self.log.closed

    def items(self):
        """(seq, name, time) of each record, and of each file that one finishes."""
        return [(seq, "record %d" % seq, utc_us) for seq, (utc_us, _) in enumerate(self.log.moments)] + self.files()

    def files(self):
        """(seq, path, time) of each file that a record finishes: when its last picture was made, or its record."""
        files = []
        for path, claim in self.log.claims.items():
            if claim.finished:
                seq = claim.finished[0]
                record_us = self.log.moments[seq][0]
                files.append((seq, path, record_us if claim.last_us is None else min(record_us, claim.last_us)))
        return files

    def before_revocation(self, at_us):
        """Whether `close` was cosigned before a revocation, by a station that is not revoked."""
        return self.log.closed and self.seen_before(at_us, self.log.tree.size)

    def seen_before(self, at_us, size_least):
        """Whether a station that is not revoked cosigned a head of at least this size before a time."""
        return any(utc_us < at_us and size >= size_least and entry["revoked"] is None for utc_us, size, entry in self.counting)


def judge_list(trust):
    """The item `trust` where only the list itself can be judged."""
    return ("KEY-UNTRUSTED", trust.fault) if trust.fault else (NOT_CHECKED, "no device to look up")


def judge_device(log, trust, witnessing):
    """The item `trust`: whether the list vouches for the device of this flight."""
    if trust.fault:
        return judge_list(trust)
    if not log.opened:
        return NOT_CHECKED, "no device to look up: record 0 is not good"
    if trust.expired:
        return "KEY-UNTRUSTED", "the list has expired"
    certificate, device = log.opened["body"]["certificate"], trust.listed(log.opened["device_id"], "device")
    if trust.version < certificate["trust_version"]:
        return "KEY-UNTRUSTED", "the list is older than the one aboard"
    if device is None:
        return "KEY-UNTRUSTED", "the list does not name the device"
    if CLASSES.index(log.opened["body"].get("class", "simulated")) > CLASSES.index(device["class"]):
        return "KEY-UNTRUSTED", "a class that is not granted"
    (first_us, uncertainty_us), last_us = log.moments[0], log.last["utc_us"]
    if first_us + uncertainty_us < device["valid_from_utc_us"] or last_us - uncertainty_us > device["valid_until_utc_us"]:
        return "KEY-UNTRUSTED", "the flight is outside the validity of the device"
    if device["revoked"] and not witnessing.before_revocation(device["revoked"]["at_utc_us"]):
        return "KEY-UNTRUSTED", "the device is revoked"
    return "INTACT", None


# ---------------------------------------------------------------------------------------------------------------------
# 'Sealed files': age v1 with X25519 recipients

CHUNK = 65_536


def x25519(scalar, point):
    """RFC 7748 §5."""
    k = int.from_bytes(scalar, "little") & ~(7 | 1 << 255) | 1 << 254
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3 = 1, 0, x1, 1
    for shift in range(254, -1, -1):
        bit = k >> shift & 1
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) * (da + cb) % P, x1 * (da - cb) * (da - cb) % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def hkdf(secret, salt, info):
    """RFC 5869 with SHA-256, 32 bytes."""
    extracted = hmac.new(salt or bytes(32), secret, "sha256").digest()
    return hmac.new(extracted, info + b"\1", "sha256").digest()


def chacha20(secret, nonce, length):
    """RFC 8439 §2.4 from block 0: that many bytes of key stream, all blocks at once in lanes of 64 bits."""
    blocks = -(-length // 64)
    ones = int.from_bytes(b"\1\0\0\0\0\0\0\0" * blocks, "little")
    mask = ones * 0xFFFFFFFF
    counter = int.from_bytes(struct.pack("<%dQ" % blocks, *range(blocks)), "little")
    start = [ones * word for word in struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", secret)]
    start += [counter] + [ones * word for word in struct.unpack("<3I", nonce)]
    state = list(start)
    columns = [(i, i + 4, i + 8, i + 12) for i in range(4)]
    diagonals = [(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12) for i in range(4)]
    for a, b, c, d in (columns + diagonals) * 10:
        for into, by, turned, left in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[into] = state[into] + state[by] & mask
            mixed = state[turned] ^ state[into]
            state[turned] = (mixed << left | mixed >> 32 - left) & mask
    stream = array.array("I", bytes(64 * blocks))
    for word in range(16):
        lanes = (state[word] + start[word] & mask).to_bytes(8 * blocks, "little")
        stream[word::16] = array.array("I", lanes)[::2]
    return stream.tobytes()[:length]


def open_chunk(secret, nonce, sealed):
    """RFC 8439 §2.8 ChaCha20-Poly1305 without associated data, or None."""
    text, tag = sealed[:-16], sealed[-16:]
    stream = chacha20(secret, nonce, 64 + len(text))
    r = int.from_bytes(stream[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    prime, total = 2 ** 130 - 5, 0
    padded = text + bytes(-len(text) % 16) + struct.pack("<QQ", 0, len(text))
    for at in range(0, len(padded), 16):
        total = (total + (int.from_bytes(padded[at:at + 16], "little") | 1 << 128)) * r % prime
    total = total + int.from_bytes(stream[16:32], "little") & (1 << 128) - 1
    if len(tag) != 16 or not hmac.compare_digest(total.to_bytes(16, "little"), tag):
        return None
    return (int.from_bytes(text, "little") ^ int.from_bytes(stream[64:], "little")).to_bytes(len(text), "little")


class Age:
    """Opens age files with X25519 identities."""

    def __init__(self, text):
        lines = [line.strip() for line in text.splitlines()]
        self.identities = [bech32(line.lower(), "age-secret-key-") for line in lines if line and not line.startswith("#")]
        self.recipients = [x25519(identity, b"\x09" + bytes(31)) for identity in self.identities]

    def file_key(self, header):
        """The file key that some X25519 stanza of the header wraps."""
        stanzas = re.findall(rb"-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n", header)
        for share_text, body_text in stanzas:
            share, body = base64.b64decode(share_text + b"="), base64.b64decode(body_text + b"=")
            for identity, own in zip(self.identities, self.recipients):
                wrap = hkdf(x25519(identity, share), share + own, b"age-encryption.org/v1/X25519")
                opened = open_chunk(wrap, bytes(12), body)
                if opened:
                    return opened
        return None

    def chunks(self, path):
        """The plain chunks of a file; of a file that was cut off, up to its last whole one. None when not for us."""
        with open_plain(path) as file:
            header = b""
            while not header.rpartition(b"\n")[2].startswith(b"---") or not header.endswith(b"\n"):
                line = file.readline(CHUNK)
                header += line
                if not line or len(header) > CHUNK:
                    raise malformed("no age header")
                if line.startswith(b"---"):
                    break
            file_key = self.file_key(header)
            if file_key is None:
                return
            mac_at = header.rindex(b"---") + 3
            mac = base64.b64encode(hmac.new(hkdf(file_key, b"", b"header"), header[:mac_at], "sha256").digest())
            if header[mac_at:] != b" " + mac.rstrip(b"=") + b"\n":
                raise malformed("an age header that was changed")
            secret = hkdf(file_key, file.read(16), b"payload")
            yield from self.payload(file, secret)

    @staticmethod
    def payload(file, secret):
        """age's STREAM: a last chunk only at the end, and never another."""
        counter, sealed = 0, file.read(CHUNK + 16)
        while sealed:
            after = file.read(CHUNK + 16)
            plain = open_chunk(secret, counter.to_bytes(11, "big") + (b"\0" if after else b"\1"), sealed)
            if plain is None and not after:
                plain = open_chunk(secret, counter.to_bytes(11, "big") + b"\0", sealed)
                if plain is None:
                    plain = b""
                yield plain, False
                return
            if plain is None:
                raise malformed("an age chunk that does not open")
            yield plain, not after
            counter, sealed = counter + 1, after


class Contents:
    """'Verdict', content: opens every file as far as it goes and holds it against its record."""

    def __init__(self, files, log, age, report):
        self.files, self.log, self.age, self.report = files, log, age, report
        self.begun = set()          # paths of which something opened

    def judge(self):
        """Whether every file was opened and read."""
        opened = True
        for path, claim in sorted(self.log.claims.items()):
            if path.startswith("torn/") or path not in self.files.files:
                opened = opened and path.startswith("torn/")
                continue
            try:
                opened = self.open(path, claim) and opened
            except Fault as fault:
                # What opens of a file that is not whole is no better than the file, whose word is said already.
                opened = opened and path in self.begun
                if claim.finished and path in self.files.good:
                    self.report.add(path, fault.word, fault.detail)
        return opened

    def open(self, path, claim):
        """One file: its plain digest, then what it holds."""
        digest, plain, length, whole, any_chunk = hashlib.sha256(), bytearray(), 0, False, False
        keep = not path.startswith("documents/")
        for chunk, whole in self.age.chunks(os.path.join(self.files.folder, path)):
            digest.update(chunk)
            length, any_chunk = length + len(chunk), True
            self.begun.add(path)
            if keep:
                plain += chunk
        if not any_chunk:
            return False
        if claim.finished and path in self.files.good:
            extent = claim.finished[2]
            if not whole or (length, digest.hexdigest()) != (extent["bytes"], extent["sha256"]):
                raise Fault("ALTERED", "its plain bytes are not those of its record")
            if path.startswith("documents/") and length < 32:
                raise malformed("a document without its salt")
        body = claim.finished[3] if claim.finished and path in self.files.good else None
        if path.startswith("segments/"):
            self.footage(claim.series, bytes(plain), body)
        elif path.startswith("telemetry/"):
            self.telemetry(bytes(plain), body)
        return True

    @staticmethod
    def telemetry(plain, body):
        """Entries of 8 bytes big-endian µs and one whole MAVLink 1 or 2 frame."""
        at, times_us = 0, []
        while at + 10 <= len(plain):
            magic, size = plain[at + 8], plain[at + 9]
            if magic not in (0xFD, 0xFE):
                raise malformed("telemetry that is no tlog")
            signed = magic == 0xFD and at + 11 <= len(plain) and plain[at + 10] & 1
            end = at + 8 + (size + 12 + (13 if signed else 0) if magic == 0xFD else size + 8)
            if end > len(plain):
                break
            times_us.append(int.from_bytes(plain[at:at + 8], "big"))
            at = end
        if body and (at != len(plain) or (len(times_us), min(times_us, default=None), max(times_us, default=None))
                     != (body["messages"], body["first_utc_us"], body["last_utc_us"])):
            raise malformed("entries that its record does not describe")

    def footage(self, series, plain, body):
        """MPEG-TS with one video stream and synchronous KLV: times of pictures, KLV and PTS agree."""
        stream = TransportStream(plain[:len(plain) // 188 * 188])
        epoch = self.log.opened["body"]["pts_epoch_utc_us"]
        if any(not near_pts(pts, utc_us, epoch) for pts, utc_us in stream.pictures + stream.klv):
            raise malformed("a PTS that is not the time's")
        tags = [utc_us for _, utc_us in stream.klv]
        if any(a >= b for a, b in zip(tags, tags[1:])):
            raise Fault("OUT-OF-ORDER", "tag 2 does not rise")
        if body is None:
            return
        if len(plain) % 188 or {utc_us for _, utc_us in stream.pictures} != set(tags) or len(stream.pictures) != len(tags):
            raise malformed("pictures and KLV packets that are not of the same times")
        since = sorted((pts - body["first_pts_90k"]) % 2 ** 33 for pts, _ in stream.pictures)
        span = (body["last_pts_90k"] - body["first_pts_90k"]) % 2 ** 33
        if len(since) != body["frames"] or since and (since[0], since[-1]) != (0, span):
            raise malformed("pictures that its record does not describe")
        if stream.broken:
            raise Fault("GAP", "a broken TS counter")


def near_pts(pts_90k, utc_us, epoch_us):
    """'Sealed files': whether a PTS is that of the time, to one tick."""
    return (pts_90k - 90_000 - (utc_us - epoch_us) * 9 // 100 + 1) % 2 ** 33 <= 2


class TransportStream:
    """ISO 13818-1, as far as it takes to list (PTS, µs) of every picture (ST 0604) and KLV packet (ST 0601 tag 2)."""

    PICTURE_TIME = b"MISPmicrosectime"
    LOCAL_SET = bytes.fromhex("060e2b34020b01010e01030101000000")

    def __init__(self, plain):
        self.pictures, self.klv, self.broken = [], [], False
        self.map_pid, self.video, self.data = None, None, None
        self.parts, self.counters = {}, {}
        for at in range(0, len(plain), 188):
            self.packet(plain[at:at + 188])
        for pid in list(self.parts):
            self.flush(pid)

    def packet(self, packet):
        """One packet of 188 bytes."""
        if packet[0] != 0x47:
            raise malformed("no MPEG-TS")
        pid, starts, control = (packet[1] & 31) << 8 | packet[2], packet[1] & 64, packet[3] >> 4 & 3
        begin = 4 + (1 + packet[4] if control & 2 else 0)
        if pid == 0x1FFF or not control & 1 or begin > 188:
            return
        jumped = control & 2 and packet[4] and packet[5] & 0x80
        if pid in self.counters and not jumped and packet[3] & 15 != (self.counters[pid] + 1) & 15:
            self.broken = True
        self.counters[pid] = packet[3] & 15
        if pid == 0 and starts:
            self.map_pid = int.from_bytes(packet[begin + 11:begin + 13], "big") & 0x1FFF
        elif pid == self.map_pid and starts:
            self.program(packet[begin + 1:])
        elif pid in (self.video, self.data):
            if starts:
                self.flush(pid)
                self.parts[pid] = []
            if pid in self.parts:
                self.parts[pid].append(packet[begin:])

    def program(self, section):
        """The program map: which streams are video and KLV."""
        end = 3 + (int.from_bytes(section[1:3], "big") & 0xFFF) - 4
        at = 12 + (int.from_bytes(section[10:12], "big") & 0xFFF)
        while at + 5 <= min(end, len(section)):
            kind, pid = section[at], int.from_bytes(section[at + 1:at + 3], "big") & 0x1FFF
            if kind in (0x1B, 0x24):
                self.video = pid
            elif kind in (0x15, 0x06):
                self.data = pid
            at += 5 + (int.from_bytes(section[at + 3:at + 5], "big") & 0xFFF)

    def flush(self, pid):
        """A whole PES packet: one picture, or one KLV packet."""
        pes = b"".join(self.parts.pop(pid, []))
        if len(pes) < 14 or pes[:3] != b"\0\0\1" or not pes[7] & 0x80:
            return
        pts = (pes[9] >> 1 & 7) << 30 | (int.from_bytes(pes[10:12], "big") >> 1) << 15 | int.from_bytes(pes[12:14], "big") >> 1
        utc_us = self.picture_time(pes) if pid == self.video else self.tag_2(pes)
        if utc_us is None:
            raise malformed("a picture or KLV packet without its time")
        (self.pictures if pid == self.video else self.klv).append((pts, utc_us))

    def picture_time(self, pes):
        """ST 0604: status, then the time with a 0xFF behind every second byte."""
        at = pes.find(self.PICTURE_TIME)
        raw = pes[at + 17:at + 40].replace(b"\0\0\3", b"\0\0")[:11]
        return None if at < 0 or len(raw) < 11 else int.from_bytes(raw[0:2] + raw[3:5] + raw[6:8] + raw[9:11], "big")

    def tag_2(self, pes):
        """ST 0601: the precision time stamp."""
        at = pes.find(self.LOCAL_SET)
        if at < 0 or at + 17 > len(pes):
            return None
        at += 16
        at += 1 + (pes[at] & 127 if pes[at] & 128 else 0)
        while at + 2 <= len(pes):
            tag, size = pes[at], pes[at + 1]
            if tag == 2 and size == 8:
                return int.from_bytes(pes[at + 2:at + 10], "big")
            if size & 128 or tag & 128:
                return None
            at += 2 + size
        return None


# ---------------------------------------------------------------------------------------------------------------------
# 'Outside time': the form of a token (RFC 3161), and what it is over. Its signature needs more than the standard library

TOKEN_BYTES_MAX = 65_536
TOKENS_MAX = 16
CERTIFICATES_MAX = 16
TOKEN_FILE = re.compile(r"data/timestamps/([0-9a-f]{64})\.tsr")
GRANTED = bytes.fromhex("3003020100")
BOOLEAN, INTEGER, BITS, OCTETS, OID, UTC_TIME, GENERALIZED, SEQUENCE, SET = 0x01, 0x02, 0x03, 0x04, 0x06, 0x17, 0x18, 0x30, 0x31
CHOICE_0, CHOICE_1, CHOICE_3, TRUE = 0xA0, 0xA1, 0xA3, b"\1\1\xff"
SUBJECT_KEY_IDENTIFIER, KEY_USAGE, EXTENDED_KEY_USAGE = b"\x55\x1d\x0e", b"\x55\x1d\x0f", b"\x55\x1d\x25"
TIME_STAMPING = bytes.fromhex("2b06010505070308")
SIGNED_DATA, TST_INFO = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d0109100104")
CONTENT_TYPE, MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010903"), bytes.fromhex("2a864886f70d010904")
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910020c"), bytes.fromhex("2a864886f70d010910022f")
DIGESTS = {bytes.fromhex("608648016503040201"): "sha256", bytes.fromhex("608648016503040202"): "sha384",
           bytes.fromhex("608648016503040203"): "sha512"}
GENERALIZED_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]*[1-9]))?Z")


class Der:
    """One element of DER: its tag, its content, and the whole of it. Reads no deeper than it is asked."""

    def __init__(self, raw, at=0):
        head = raw[at:at + 6]
        if len(head) < 2 or head[0] & 31 == 31 or head[1] == 0x80 or head[1] > 0x84:
            raise malformed("not DER")
        more = head[1] & 127 if head[1] & 128 else 0
        size = int.from_bytes(head[2:2 + more], "big") if more else head[1]
        begin = at + 2 + more
        if more and (size < 128 or head[2] == 0) or begin + size > len(raw):
            raise malformed("DER whose length is wrong")
        self.tag, self.content, self.whole = head[0], raw[begin:begin + size], raw[at:begin + size]

    def of(self, tag):
        """Itself, when it has this tag."""
        if self.tag != tag:
            raise malformed("DER of another type than a token has there")
        return self

    def elements(self, least=0, most=1000):
        """The elements in it, of so many."""
        found, at = [], 0
        while at < len(self.content):
            if len(found) == most:
                raise malformed("more elements than a token has there")
            found.append(Der(self.content, at))
            at += len(found[-1].whole)
        if len(found) < least:
            raise malformed("fewer elements than a token has there")
        return found

    def number(self, tag=INTEGER):
        """An integer in the fewest bytes."""
        raw = self.of(tag).content
        if not raw or len(raw) > 1 and (raw[0] == 0 and raw[1] < 128 or raw[0] == 255 and raw[1] > 127):
            raise malformed("not an integer in DER")
        return int.from_bytes(raw, "big", signed=True)


def whole_der(raw, tag):
    """The one element that these bytes are."""
    element = Der(raw).of(tag)
    if len(element.whole) != len(raw):
        raise malformed("bytes behind the DER")
    return element


def digest_of(element):
    """The name of the digest of an AlgorithmIdentifier."""
    parts = element.of(SEQUENCE).elements(1, 2)
    name = DIGESTS.get(parts[0].of(OID).content)
    if name is None or len(parts) == 2 and parts[1].whole != b"\5\0":
        raise malformed("another digest than SHA-256, SHA-384 or SHA-512")
    return name


class Token:
    """A token file's rules, but the signature and the chain; what it is over, and the time that it claims."""

    def __init__(self, raw):
        response = whole_der(raw, SEQUENCE).elements(2, 2)
        if response[0].whole != GRANTED:
            raise malformed("a status that is not granted, or not without words")
        kind, content = response[1].of(SEQUENCE).elements(2, 2)
        if kind.of(OID).content != SIGNED_DATA:
            raise malformed("no SignedData")
        signed = whole_der(content.of(CHOICE_0).content, SEQUENCE).elements(4, 6)
        if signed[0].number() != 3:
            raise malformed("SignedData of another version than 3")
        digest = digest_of(signed[1].of(SET).elements(1, 1)[0])
        kind, content = signed[2].of(SEQUENCE).elements(2, 2)
        if kind.of(OID).content != TST_INFO:
            raise malformed("content of another type than TSTInfo")
        info = whole_der(content.of(CHOICE_0).content, OCTETS).content
        certificates = [one.of(SEQUENCE) for one in signed[3].of(CHOICE_0).elements(1, CERTIFICATES_MAX)]
        if [one.tag for one in signed[4:]] not in ([SET], [CHOICE_1, SET]):
            raise malformed("SignedData with other elements")
        self.info(whole_der(info, SEQUENCE).elements(5, 10))
        self.signer(signed[-1].elements(1, 1)[0], digest, info, certificates)

    def signer(self, signer, digest, info, certificates):
        """The one SignerInfo, its signed attributes and its certificate."""
        parts = signer.of(SEQUENCE).elements(6, 7)
        parts[0].number()
        parts[5].of(OCTETS)
        if digest_of(parts[2]) != digest:
            raise malformed("a digest algorithm that is not the signer's")
        values = {}
        for attribute in parts[3].of(CHOICE_0).elements():
            name, of_it = attribute.of(SEQUENCE).elements(2, 2)
            values.setdefault(name.of(OID).content, []).extend(of_it.of(SET).elements())
        if any(len(values.get(name, [])) != 1 for name in (CONTENT_TYPE, MESSAGE_DIGEST)):
            raise malformed("contentType or messageDigest not there, or not once")
        if values[CONTENT_TYPE][0].of(OID).content != TST_INFO \
                or values[MESSAGE_DIGEST][0].of(OCTETS).content != hashlib.new(digest, info).digest():
            raise malformed("signed attributes of another content")
        certificate = next((one for one in map(Certificate, certificates) if one.is_of(parts[1])), None)
        if certificate is None:
            raise malformed("the signer's certificate is not here")
        self.signing_certificates(values, certificate.whole)
        certificate.check(self.time_us)

    @staticmethod
    def signing_certificates(values, certificate):
        """signingCertificate or signingCertificateV2, or both: the first hash is of the signer's certificate."""
        if not set(values) & {SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2}:
            raise malformed("neither signingCertificate nor signingCertificateV2")
        for name in (SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2):
            if len(values.get(name, [None])) != 1:
                raise malformed("signingCertificate not once")
            for value in values.get(name, []):
                first = value.of(SEQUENCE).elements(1, 2)[0].of(SEQUENCE).elements(1)[0].of(SEQUENCE).elements(1, 3)
                digest = "sha1" if name == SIGNING_CERTIFICATE else digest_of(first.pop(0)) if first[0].tag == SEQUENCE else "sha256"
                if not first or first[0].of(OCTETS).content != hashlib.new(digest, certificate).digest():
                    raise malformed("signingCertificate of another certificate")

    def info(self, parts):
        """The TSTInfo: version, imprint, time, accuracy, no critical extension."""
        if parts[0].number() != 1:
            raise malformed("TSTInfo of another version than 1")
        parts[1].of(OID)
        algorithm, imprint = parts[2].of(SEQUENCE).elements(2, 2)
        self.imprint = imprint.of(OCTETS).content
        if digest_of(algorithm) != "sha256" or len(self.imprint) != 32:
            raise malformed("an imprint that is no SHA-256")
        parts[3].number()
        self.time_us, self.accuracy_us = generalized_us(parts[4].of(GENERALIZED).content), 0
        rest = parts[5:]
        order = [SEQUENCE, BOOLEAN, INTEGER, CHOICE_0, CHOICE_1]
        if not set(one.tag for one in rest) <= set(order) or not rises([order.index(one.tag) for one in rest]):
            raise malformed("TSTInfo with other elements")
        for part in rest:
            if part.tag == SEQUENCE:
                self.accuracy_us = accuracy_of(part)
            if part.tag == CHOICE_1 and any(one.of(SEQUENCE).elements(2, 3)[1].whole == TRUE for one in part.elements(1)):
                raise malformed("a critical extension")

    def accuracy_text(self):
        """The accuracy for people."""
        return " ± %d µs" % self.accuracy_us if self.accuracy_us else ""


class Certificate:
    """RFC 5280, as far as a token's rules ask: whose it is, from when to when, and what for."""

    def __init__(self, element):
        self.whole = element.whole
        parts = element.elements(3, 3)[0].of(SEQUENCE).elements(6, 10)
        parts = parts[1:] if parts[0].tag == CHOICE_0 else parts
        self.serial, self.issuer, self.valid = parts[0].whole, parts[2].whole, parts[3].of(SEQUENCE).elements(2, 2)
        self.extensions = {}        # OID → (is critical, value)
        for one in [one for part in parts[6:] if part.tag == CHOICE_3 for one in whole_der(part.content, SEQUENCE).elements(1, 100)]:
            inner = one.of(SEQUENCE).elements(2, 3)
            self.extensions[inner[0].of(OID).content] = inner[1].whole == TRUE, inner[-1].of(OCTETS).content

    def is_of(self, identifier):
        """Whether a SignerIdentifier, by issuer and serial or by key identifier, means it."""
        if identifier.tag == SEQUENCE:
            return [one.whole for one in identifier.elements(2, 2)] == [self.issuer, self.serial]
        held = self.extensions.get(SUBJECT_KEY_IDENTIFIER)
        return held is not None and whole_der(held[1], OCTETS).content == identifier.of(0x80).content

    def check(self, at_us):
        """Refuses one that is not for time-stamping and nothing else, may not sign, or was not valid at this time."""
        is_critical, usage = self.extensions.get(EXTENDED_KEY_USAGE, (False, b""))
        if not is_critical or [one.content for one in whole_der(usage, SEQUENCE).elements()] != [TIME_STAMPING]:
            raise malformed("a signer's certificate that is not for time-stamping alone")
        if KEY_USAGE in self.extensions and not whole_der(self.extensions[KEY_USAGE][1], BITS).content[1:2] > b"\x3f":
            raise malformed("a signer's certificate that does not allow to sign")
        first_us, last_us = map(validity_us, self.valid)
        if not first_us <= at_us <= last_us:
            raise malformed("a signer's certificate that was not valid at genTime")


def validity_us(element):
    """RFC 5280 §4.1.2.5: UTCTime up to 2049, or GeneralizedTime."""
    if element.tag != UTC_TIME:
        return generalized_us(element.of(GENERALIZED).content)
    return generalized_us((b"20" if element.content[:1] < b"5" else b"19") + element.content)


def accuracy_of(part):
    """RFC 3161 §2.4.2: seconds, milliseconds and microseconds, the two in 1…999."""
    total_us, tags = 0, []
    for one in part.elements(0, 3):
        value = one.number(one.tag)
        least, most, unit_us = {INTEGER: (0, 2 ** 31, 1_000_000), 0x80: (1, 999, 1000), 0x81: (1, 999, 1)}.get(one.tag, (1, 0, 0))
        if not least <= value <= most:
            raise malformed("an accuracy out of its range")
        tags.append(one.tag)
        total_us += value * unit_us
    if not rises(tags):
        raise malformed("an accuracy in another order")
    return total_us


def generalized_us(raw):
    """POSIX µs of a GeneralizedTime in DER; of a finer fraction the whole microseconds."""
    found = GENERALIZED_TIME.fullmatch(raw)
    try:
        whole = datetime.datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=datetime.timezone.utc)
    except (TypeError, ValueError):
        raise malformed("a genTime that is not DER") from None
    return int(whole.timestamp()) * 1_000_000 + int(((found[2] or b"") + b"000000")[:6])


# ---------------------------------------------------------------------------------------------------------------------
# 'Package'

TAG_FILES = ["FORMAT.md", "README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "report.html",
             "report.json", "trust.json", "verify.py"]
LIST, LIST_SIGNED = "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.dsse"
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD = re.compile(r"data/(flight/.+|witness/[0-9a-f]{64}\.jsonl|wraps/[^/]+|device-log/(records|checkpoints)\.jsonl"
                     r"|timestamps/[0-9a-f]{64}\.tsr|receipts/[^/]+\.json|reasons/[0-9a-f]{64}\.json)")
REASON = fields(("schema", choice("skyseal-reason/1")), ("salt", HASH), ("reason", pattern(TEXT + "{4,200}", "reason")))
RECEIPT = fields(
    ("schema", choice("skyseal-receipt/1")), ("store", KEY_ID), ("name", LABEL), ("flight_id", UUID_7), ("device_id", KEY_ID),
    ("manifest", HASH), ("files", U64), ("bytes", U64), ("verdict", LABEL), ("at_utc_us", US))


def bag_list(raw):
    """Path → hash of the lines of a list, sorted by path, each once."""
    listed, before = {}, b""
    text = raw.decode("utf-8", "surrogateescape")
    for line in text.split("\n")[:-1] if text.endswith("\n") else [text]:
        found = text.endswith("\n") and re.fullmatch(r"([0-9a-f]{64})  ([^\r\n]{1,1000})", line)
        path = found and re.sub("%(25|0D|0A)", lambda code: chr(int(code[1], 16)), found[2])
        if not found or re.search("%(?!25|0D|0A)", found[2]) or os.fsencode(path) <= before:
            raise malformed("not a sorted list of hashes and paths")
        listed[path], before = found[1], os.fsencode(path)
    return listed


class Package:
    """A BagIt 1.0 bag of one flight."""

    def __init__(self, folder, trust, report, now_us):
        self.folder, self.trust, self.report, self.now_us = folder, trust, report, now_us
        self.files, refused = walk(folder)
        self.found = {}             # path → digest of what is there
        for path, why in sorted(refused.items()):
            report.add(path, "MALFORMED", why)

    def item(self, path, check):
        """Adds the word that a check gives one file."""
        try:
            if path not in self.files:
                raise Fault("MISSING", "it is not here")
            check(path)
            self.report.add(path, "INTACT", None)
        except Fault as fault:
            self.report.add(path, fault.word, fault.detail)
        except OSError as error:
            self.report.add(path, "MALFORMED", "cannot be read: %s" % error.strerror)

    def judge(self, log, close_note):
        """Lists, signature, receipts, reasons, tokens."""
        self.item(LIST_SIGNED, self.signature)
        listed = self.read_list(LIST)
        if listed is not None and list(listed) != TAG_FILES:
            self.report.add(LIST, "MALFORMED", "not a list of exactly the files that every package has")
        for path in sorted(set(TAG_FILES) | set(listed or ())):
            self.item(path, lambda path: self.in_list(path, listed, path in TAG_FILES))
        payload = self.read_list("manifest-sha256.txt")
        here = {path for path in self.files if path.startswith("data/")}
        for path in sorted(set(payload or ()) | here):
            self.item(path, lambda path: self.in_list(path, payload, PAYLOAD.fullmatch(path)))
        for path in sorted(set(self.files) - here - set(TAG_FILES) - set(listed or ()) - {LIST, LIST_SIGNED}):
            self.report.add(path, "MALFORMED", "listed nowhere")
        for path in sorted(path for path in here if payload and self.found.get(path) == payload.get(path)):
            if path.startswith("data/receipts/"):
                self.item(path, lambda path: self.receipt(path, log, payload))
            elif path.startswith("data/reasons/"):
                self.item(path, self.reason)
        for ordinal, path in enumerate(sorted(path for path in here if TOKEN_FILE.fullmatch(path)), 1):
            self.item(path, lambda path: self.token(path, ordinal, log, close_note))

    def read_list(self, path):
        """A list of the bag; None when there is none that can be read."""
        try:
            return bag_list(read_small(os.path.join(self.folder, path), MANIFEST_BYTES_MAX))
        except Fault as fault:
            self.report.add(path, fault.word, fault.detail)
        except OSError:
            self.report.add(path, "MISSING", "it is not here")
        return None

    def in_list(self, path, listed, allowed):
        """A file with the bytes that its list says."""
        if self.files[path] > SEALED_BYTES_MAX:
            raise malformed("longer than any file of a package")
        self.found[path] = digests(os.path.join(self.folder, path), [])[0]
        if not allowed or listed is not None and path not in listed:
            raise malformed("no list names it, or no package has it")
        if listed is None:
            raise Fault(NOT_CHECKED, "there is no list to hold it against")
        if path == "bagit.txt" and self.found[path] != hashlib.sha256(BAGIT).hexdigest():
            raise malformed("not BagIt 1.0")
        if self.found[path] != listed[path]:
            raise Fault("ALTERED", "other bytes than the list says")

    def store(self, envelope):
        """Refuses what no store signed that the list vouches for now."""
        if self.trust.fault:
            raise Fault(NOT_CHECKED, "no trusted list")
        entry = self.trust.listed(envelope.keyid, "store")
        if entry is None or not counts_at(entry, self.now_us):
            raise Fault("KEY-UNTRUSTED", "a store that the list does not vouch for now")
        envelope.verify(entry["public_key"])
        return entry

    def envelope(self, path, payload_type):
        """An envelope of one line."""
        raw = read_small(os.path.join(self.folder, path))
        if not raw.endswith(b"\n"):
            raise malformed("not one line")
        return Envelope(raw[:-1], payload_type)

    def signature(self, path):
        """The store's signature of the list."""
        envelope = self.envelope(path, "package.v1+text")
        self.store(envelope)
        try:
            same = read_small(os.path.join(self.folder, LIST), MANIFEST_BYTES_MAX) == envelope.payload
        except OSError:
            raise Fault(NOT_CHECKED, "no list to compare with") from None
        if not same:
            raise Fault("ALTERED", "a list that the store did not sign")

    def reason(self, path):
        """A reason file: its name is the SHA-256 of salt and words."""
        value = canonical(read_small(os.path.join(self.folder, path), 1024))
        REASON(value)
        if len(re.findall("[A-Za-z]", value["reason"])) < 3:
            raise malformed("a reason of fewer than three letters")
        if hashlib.sha256(bytes.fromhex(value["salt"]) + value["reason"].encode()).hexdigest() != path[13:-5]:
            raise Fault("ALTERED", "a reason file of another name")

    def token(self, path, ordinal, log, close_note):
        """A token file: its name, its form, what it is over. Its signature and its chain are openssl's to check: *not checked* at best."""
        if ordinal > TOKENS_MAX:
            raise malformed("more than %d token files" % TOKENS_MAX)
        raw = read_small(os.path.join(self.folder, path), TOKEN_BYTES_MAX)
        token = Token(raw)
        if hashlib.sha256(raw).hexdigest() != TOKEN_FILE.fullmatch(path)[1]:
            raise Fault("ALTERED", "a token file of another name")
        if close_note is None:
            raise Fault(NOT_CHECKED, "no head over close agrees with the records")
        imprint = hashlib.sha256(close_note).hexdigest()
        if token.imprint.hex() != imprint:
            raise Fault("ALTERED", "a token over something else")
        raise Fault(NOT_CHECKED, "it claims %s%s, %d s after close. Whether that is so: openssl ts -verify -digest %s -in %s -CAfile ROOT.pem"
                    % (moment(token.time_us), token.accuracy_text(), (token.time_us - log.last["utc_us"]) // 1_000_000, imprint,
                       shlex.quote(os.path.join(self.folder, path))))

    def receipt(self, path, log, payload):
        """A store's receipt for exactly the flight's files that the list names."""
        raw = read_small(os.path.join(self.folder, path))
        envelope = Envelope(raw[:-1] if raw.endswith(b"\n") else raw, "receipt.v1+json")
        self.store(envelope)
        value = envelope.read(RECEIPT)
        if value["store"] != envelope.keyid:
            raise malformed("a receipt of another store than its signer")
        prefix = "data/flight/"
        own = [one for one in payload if one.startswith(prefix)]
        text = b"".join(b"%s  %s\n" % (payload[one].encode(), os.fsencode(one[len(prefix):])) for one in own)
        whole = all(self.found.get(one) == payload[one] for one in own)
        size = sum(self.files[one] for one in own) if whole else value["bytes"]
        ids = (log.opened["flight_id"], log.opened["device_id"]) if log.opened else (value["flight_id"], value["device_id"])
        if (value["manifest"], value["files"], value["bytes"]) != (hashlib.sha256(text).hexdigest(), len(own), size) \
                or (value["flight_id"], value["device_id"]) != ids:
            raise Fault("ALTERED", "a receipt for other files")


# ---------------------------------------------------------------------------------------------------------------------
# 'Extract'

EXTRACT = "extract.json"
EXTRACT_BYTES_MAX = 64 << 20
EXTRACTED = pattern(r"(segments/[a-z0-9]{1,16}/(?!000000)[0-9]{6}\.ts|telemetry/(?!000000)[0-9]{6}\.tlog|stills/(?!000000)[0-9]{6}\.(jpg|png))"
                    r"\.age", "path of a segment, telemetry file or still")
PROOF = array_of(HASH)
CARRIED = fields(
    ("schema", choice("skyseal-extract/1")), ("flight_id", UUID_7), ("files", array_of(EXTRACTED, 1)),
    ("records", array_of(fields(("seq", number(0, RECORDS_MAX - 1)), ("line", TEXT_ANY), ("proof", PROOF)), 1)),
    ("heads", array_of(fields(("note", NOTE), ("proof", PROOF)), 1)))
FINISHING = ("segment", "telemetry", "still")


def node_hash(left, right):
    """RFC 6962 §2.1 of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def includes(root, size, index, leaf, proof):
    """RFC 9162 §2.1.3.2: whether the leaf of this index is in the tree of this size and root."""
    fn, sn, node = index, size - 1, leaf
    if index >= size:
        return False
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            node = node_hash(step, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def is_beginning(first, first_root, second, second_root, proof):
    """RFC 9162 §2.1.4.2: whether the first tree is the beginning of the second, greater one."""
    if not 0 < first < second or not proof:
        return False
    if first & (first - 1) == 0:
        proof = [first_root] + proof
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    one = two = proof[0]
    for step in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            one, two = node_hash(step, one), node_hash(step, two)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            two = node_hash(two, step)
        fn, sn = fn >> 1, sn >> 1
    return (one, two, sn) == (first_root, second_root, 0)


def is_extract(folder):
    """'Extract': what is judged as one."""
    return os.path.lexists(os.path.join(folder, EXTRACT)) and not is_package(folder)


class Extract:
    """Part of a flight: the records and heads in `extract.json`. Stands for the log towards files, witness axis and trust."""

    closed = False

    def __init__(self, folder, trust, report):
        self.folder, self.trust, self.report = folder, trust, report
        self.value = None           # what `extract.json` says
        self.certificate = None     # of record 0
        self.head = None            # the last of the heads, its note good
        self.opened = self.last = None      # record 0 and the last carried one, of those that count
        self.before = None          # the newest carried record that was not refused
        self.moments = {}           # seq → (utc_us, uncertainty_us) of it
        self.seqs = []              # rising
        self.newest = {}            # series → greatest index so far
        self.claims = {}
        self.cosignatures = {}      # (station, size, time_s) → 0
        self.suspect = None

    def read(self):
        """Whether `extract.json` is one, by the rules of its table."""
        try:
            raw = read_small(os.path.join(self.folder, EXTRACT), EXTRACT_BYTES_MAX)
            if not raw.endswith(b"\n"):
                raise malformed("not one line with its newline")
            value = canonical(raw[:-1])
            CARRIED(value)
            seqs = [entry["seq"] for entry in value["records"]]
            if seqs[0] != 0 or not rises(seqs) or not rises(value["files"]):
                raise malformed("records or files that do not stand in order, or no record 0")
            self.value = value
        except Fault as fault:
            self.report.add(EXTRACT, fault.word, fault.detail)
        except OSError as error:
            self.report.add(EXTRACT, "MALFORMED", "cannot be read: %s" % error.strerror)
        return self.value is not None

    def judge(self):
        """Words for what is carried, for the heads and for the records."""
        self.claims = {path: Claim(*place(path)) for path in self.value["files"]}
        first = self.value["records"][0]
        try:
            record = read_record(envelope_of(first))
            self.certificate = record["body"]["certificate"] if record["kind"] == "open" else None
        except (Fault, KeyError):
            pass                    # then no head can be signed by its key
        self.judge_carried()
        self.judge_heads()
        for entry in self.value["records"]:
            self.judge_record(entry)

    def judge_carried(self):
        """Exactly record 0, each record that finishes a file, and the one before each."""
        finishing = {entry["seq"]: says_it_finishes(entry, self.claims) for entry in self.value["records"]}
        wanted = {0}.union(*({seq, max(seq - 1, 0)} for seq, path in finishing.items() if path))
        if wanted != set(finishing):
            self.report.add(EXTRACT, "MALFORMED", "records carried that it does not need, or needed and not carried")
        elif set(finishing.values()) - {None} != set(self.claims):
            self.report.add(EXTRACT, "MALFORMED", "a file that no record in it finishes")
        else:
            self.report.add(EXTRACT, "INTACT", None)

    # ---- heads

    def judge_heads(self):
        """Notes first, then what only the last one can prove."""
        notes, greatest = [], 0
        for entry in self.value["heads"]:
            try:
                head, fault = self.note(entry["note"]), None
                if head.size <= greatest:
                    fault = malformed("not greater than the head before")
                greatest = max(greatest, head.size)
            except Fault as refused:
                head, fault = None, refused
            notes.append((entry, head, fault))
        self.head = notes[-1][1]
        for number, (entry, head, fault) in enumerate(notes, 1):
            try:
                if fault:
                    raise fault
                self.judge_head(entry, head, number == len(notes))
                self.report.add("head %d" % number, "INTACT", None)
            except Fault as found:
                self.report.add("head %d" % number, found.word, found.detail)

    def note(self, text):
        """A note in its form, of this flight, signed by the device."""
        head = Head(text)
        if head.flight != self.value["flight_id"]:
            raise Fault("WRONG-FLIGHT", "a head of flight %s" % head.flight)
        if self.certificate is None:
            raise malformed("record 0, whose certificate has the device's key, cannot be read")
        head.verify(self.certificate["public_key"])
        return head

    def judge_head(self, entry, head, is_last):
        """Its proof and its cosignatures, which then may count."""
        if self.head is None:
            raise Fault(NOT_CHECKED, "the last head is not good")
        proof = [bytes.fromhex(one) for one in entry["proof"]]
        if proof if is_last else not is_beginning(head.size, head.root, self.head.size, self.head.root, proof):
            raise Fault("ALTERED", "not proved to be the beginning of the last head")
        if head.cosignatures and self.trust.fault:
            raise Fault(NOT_CHECKED, "cosignatures, and no trusted list")
        for station, moment in cosigners_of(head, self.trust):
            self.cosignatures[station, head.size, moment] = 0

    # ---- records

    def judge_record(self, entry):
        """One carried record: its item's word."""
        seq, before, self.before = entry["seq"], self.before, None
        item = "record %d" % seq
        if self.head is None or seq and self.opened is None:
            self.report.add(item, NOT_CHECKED, "the last head or record 0 is not good")
            return
        if before and before[0]["seq"] != seq - 1:
            before = None
        try:
            record, leaf = self.accept(entry, before)
            self.before = record, leaf
            finishes = says_it_finishes(entry, self.claims)
            if finishes and not before:
                raise Fault(NOT_CHECKED, "its key is not known: the record before it is not good, or not here")
            self.report.add(item, *self.take(record, finishes, before))
        except Fault as fault:
            self.report.add(item, fault.word, fault.detail)

    def accept(self, entry, before):
        """Rules 1 to 6: the record and its leaf hash, or refused."""
        envelope = envelope_of(entry)
        self.check_signature(envelope, entry["seq"], before)
        device_id = key_id(self.certificate["public_key"])
        if spelled_record(envelope)["kind"] not in ("open", "recovered") and envelope.keyid == device_id:
            raise Fault("KEY-UNTRUSTED", "a record that the device's key may not sign")
        record = read_record(envelope)
        for detail in broken_rules(record):
            raise malformed(detail)
        if record["kind"] == "erased" or record["kind"] == "open" and record["device_id"] != device_id:
            raise malformed("a record that no flight has, or of another device than its certificate's")
        if (record["flight_id"], record["device_id"]) != (self.value["flight_id"], device_id):
            raise Fault("WRONG-FLIGHT", "a record of flight %s by device %s" % (record["flight_id"], record["device_id"]))
        if record["seq"] != entry["seq"]:
            raise malformed("of another seq than stated")
        if before and record["prev"] != before[1].hex():
            raise Fault("ALTERED", "prev is not the line before")
        if before and record["kind"] != "recovered" and record["boot_id"] != before[0]["boot_id"]:
            raise malformed("boot_id changes without recovered")
        leaf = leaf_hash(unbase64(entry["line"]))
        if not includes(self.head.root, self.head.size, entry["seq"], leaf, [bytes.fromhex(one) for one in entry["proof"]]):
            raise Fault("ALTERED", "not proved to be in its place under the last head")
        return record, leaf

    def check_signature(self, envelope, seq, before):
        """Rule 2: by the device, by the key that the record before names, or by a key that is not known here."""
        device_key = self.certificate["public_key"]
        if seq == 0 or envelope.keyid == key_id(device_key):
            envelope.verify(device_key)
        elif before:
            named = before[0]["next_key"]
            if named is None or envelope.keyid != key_id(named):
                raise Fault("KEY-UNTRUSTED", "signed by a key that the record before does not name")
            envelope.verify(named)

    def take(self, record, finishes, before):
        """A record that counts: its word and why."""
        seq, body, faults = record["seq"], record["body"], []
        self.opened = self.opened or record
        self.last = record
        self.seqs.append(seq)
        self.moments[seq] = record["utc_us"], record["clock"]["uncertainty_us"]
        if before and before[0]["seq"] in self.moments:
            self.suspect = self.suspect or clock_step(before[0], record)
        if record["kind"] in FINISHING:
            series, index = place(body["file"])
            if finishes and index <= self.newest.get(series, 0):
                faults.append(("OUT-OF-ORDER", "index %d is already passed" % index))
            self.newest[series] = max(index, self.newest.get(series, 0))
        if finishes:
            if body.get("drops"):
                faults.append(("GAP", "%d pictures dropped" % body["drops"]))
            claim = self.claims[finishes]
            if not claim.finished:
                claim.finished = seq, body["sealed"], body["plain"], body
                claim.last_us = last_moment(record, self.opened["body"]["pts_epoch_utc_us"])
        return min(faults, key=lambda fault: rank(fault[0]), default=("INTACT", None))

    def last_under(self, size):
        """The seq of the last record under a head that is here and counts, or None."""
        return next(iter(self.seqs[:bisect.bisect_left(self.seqs, size)][-1:]), None)

    def covers(self):
        """What a report says of an extract: its files with their times, and how many records the head has."""
        return {"flight_records": self.head.size if self.head else None, "records": len(self.value["records"]),
                "files": [self.covered(path) for path in self.value["files"]]}

    def covered(self, path):
        """One file: the record that finishes it, and from when to when it runs; null where that is not known."""
        claim = self.claims[path]
        if not claim.finished:
            return {"file": path, "record": None, "from_utc_us": None, "to_utc_us": None}
        seq, body = claim.finished[0], claim.finished[3]
        first_us = body.get("first_utc_us", claim.last_us)
        if claim.last_us is not None and "first_pts_90k" in body:
            first_us = claim.last_us - (body["last_pts_90k"] - body["first_pts_90k"]) % 2 ** 33 * 100 // 9
        return {"file": path, "record": seq, "from_utc_us": first_us, "to_utc_us": claim.last_us}


def rises(values):
    """Whether each is greater than the one before; strings by their bytes, which in ASCII are their characters."""
    return all(a < b for a, b in zip(values, values[1:]))


def envelope_of(entry):
    """Rule 1: strict base64 of a line, which is an envelope of a record."""
    line = unbase64(entry["line"])
    if len(line) > LINE_MAX:
        raise malformed("a line longer than %d bytes" % LINE_MAX)
    return Envelope(line, "record.v1+json")


def says_it_finishes(entry, files):
    """The listed file that a record, refused or not, says that it finishes; None when it says no such thing."""
    try:
        record = spelled_record(envelope_of(entry))
    except Fault:
        return None
    path = record["body"]["file"] if record["kind"] in FINISHING else None
    return path if path in files else None


class ExtractedFiles(Files):
    """The files of an extract: exactly those listed, each held against the record that finishes it."""

    LOGS = (EXTRACT,)

    def named(self, path, claim):
        """A listed file."""
        if not claim.finished:
            return NOT_CHECKED, "its record is refused, not checked, or not here"
        return super().named(path, claim)

    def unnamed(self, path):
        """A file that is not listed."""
        return "MALFORMED", "it is not listed"

    def gaps(self):
        """An extract tells nothing of what stands between its files."""


class ExtractWitnessing(Witnessing):
    """Which files of an extract cosignatures show, and when."""

    def items(self):
        """Files only."""
        listed = [(2 ** 64, path, 0) for path, claim in self.log.claims.items() if not claim.finished]
        return self.files() + listed

    def is_open(self):
        """Whether the flight was closed nobody asks here."""
        return False

    def before_revocation(self, at_us):
        """Whether a head above the last record that counts was cosigned before a revocation."""
        return self.seen_before(at_us, self.log.last["seq"] + 1)


def verify_extract(options, trust):
    """The report on an extract."""
    report = ExtractReport(options.path)
    extract = Extract(options.path, trust, report)
    for ordinal, _ in enumerate(options.witness, 1):
        report.add("witness file %d" % ordinal, NOT_CHECKED, "of an extract only the cosignatures in it count")
    if not extract.read():
        report.add("trust", *judge_list(trust))
        return report
    extract.judge()
    witnessing = ExtractWitnessing(extract, trust, extract.cosignatures, options.late_after * 1_000_000)
    report.witness, late = witnessing.axis()
    report.tell_clocks(late, extract, witnessing)
    report.add("trust", *judge_device(extract, trust, witnessing))
    files = ExtractedFiles(options.path, extract, report)
    files.judge()
    if options.age and extract.opened:
        report.content = "opened" if Contents(files, extract, options.age, report).judge() else "sealed"
    report.covers = extract.covers()
    return report


# ---------------------------------------------------------------------------------------------------------------------
# The report and the command


class Report:
    """The items with their words, and the axes."""

    def __init__(self, path):
        self.path, self.items, self.notes = path, [], []
        self.witness, self.content, self.time = "none", "sealed", "ok"
        self.covers = None          # of an extract: what it covers

    def add(self, item, word, detail):
        """An item's word (None: not checked) and why."""
        self.items.append({"item": item, "word": word, "detail": detail})

    @property
    def integrity(self):
        """The worst of the items."""
        return min((entry["word"] for entry in self.items if entry["word"]), key=WORDS.index, default="INTACT")

    @property
    def word(self):
        """The flight's word."""
        return self.word_of_sound() if self.integrity == "INTACT" else self.integrity

    def word_of_sound(self):
        """The word of a flight that is INTACT."""
        if self.time == "suspect":
            return "CLOCK-SUSPECT"
        if self.witness != "full":
            return "VERIFIED-UNWITNESSED"
        return "VERIFIED" if self.content == "opened" else "VERIFIED-SEALED-ONLY"

    def tell_clocks(self, late, log, witnessing):
        """The notes of the witness axis, and the axis of time."""
        suspect = [note for note in (log.suspect, witnessing.suspect) if note]
        self.notes += late + suspect
        self.time = "suspect" if suspect else "ok"

    def as_json(self):
        """For programs."""
        part = {} if self.covers is None else {"covers": self.covers}
        return json.dumps({"path": self.path, "word": self.word, "integrity": self.integrity, "witness": self.witness, "content": self.content,
                           "time": self.time, **part, "notes": self.notes, "items": self.items}, indent=1)

    def as_text(self):
        """For people: the word, the axes and every item that is not INTACT."""
        lines = [self.word, "", "  Axes      integrity %s, witness %s, content %s, time %s"
                 % (self.integrity, self.witness, self.content, self.time), "  Checked   %d items" % len(self.items)]
        lines += self.part() if self.covers else []
        lines += ["  Note      " + note for note in self.notes[:100]]
        worst = [entry for entry in self.items if entry["word"] != "INTACT"]
        lines += ["  %-16s%s: %s" % (entry["word"] or "not checked", entry["item"], entry["detail"]) for entry in worst]
        return "\n".join(lines)




class ExtractReport(Report):
    """The same of an extract, with what it covers."""

    def word_of_sound(self):
        """The word of an extract that is INTACT."""
        if self.time == "suspect":
            return "CLOCK-SUSPECT"
        return "EXTRACT" if self.witness == "full" else "EXTRACT-UNWITNESSED"

    def part(self):
        """For people: what it covers."""
        lines = ["  Part      %d of %s records; of the others, and of what they name, this knows nothing"
                 % (self.covers["records"], self.covers["flight_records"] or "an unknown number of")]
        return lines + ["  Covers    %s: record %s, %s to %s" % (one["file"], one["record"], moment(one["from_utc_us"]), moment(one["to_utc_us"]))
                        for one in self.covers["files"]]


def moment(utc_us):
    """A time for people, or `unknown`."""
    try:
        return "unknown" if utc_us is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(utc_us // 1_000_000))
    except (ValueError, OverflowError, OSError):
        return "%d µs" % utc_us


def feed(folder, name, lines_max, taker, report):
    """Gives a log's lines to their judge; a torn last line has its own word."""
    ordinal = 0
    try:
        for raw, whole in lines_of(os.path.join(folder, name), lines_max):
            ordinal += 1
            if whole:
                taker.line(ordinal, raw)
            else:
                report.add("%s line %d" % (name, ordinal), "TRUNCATED", "a torn last line")
        return True
    except FileNotFoundError:
        report.add(name, "MISSING", "every flight has it")
    except OSError as error:
        report.add(name, "MALFORMED", "cannot be read: %s" % error.strerror)
    except Fault as fault:
        report.add(name, fault.word, fault.detail)
    return False


def verify_logs(folder, trust, report):
    """Records, then heads."""
    log = Log(trust, report)
    if feed(folder, "records.jsonl", RECORDS_MAX, log, report) and not log.closed \
            and not (log.opened and log.opened["kind"] == "log-open"):
        report.add("records.jsonl", "TRUNCATED", "no close")
    heads = Heads(log, trust, report)
    if feed(folder, "checkpoints.jsonl", HEADS_MAX, heads, report) and log.opened and heads.newest < log.held:
        report.add("checkpoints.jsonl", "TRUNCATED", "%d heads of %d records" % (heads.newest, log.held))
    return log, heads


def verify_witness(paths, log, trust, report):
    """Witness files: their items, and the cosignatures in them."""
    cosignatures = {}
    for item, path in paths:
        file = WitnessFile(log, trust)
        try:
            word, detail = file.judge(lines_of(path, HEADS_MAX, WITNESS_BYTES_MAX))
        except OSError as error:
            word, detail = "MALFORMED", "cannot be read: %s" % error.strerror
        base = os.path.basename(path)
        if item.startswith("data/") and file.station and base != file.station["id"] + ".jsonl":
            named = ("ALTERED", "named after another station")
            word, detail = min((word, detail), named, key=lambda fault: rank(fault[0]))
        report.add(item, word, detail)
        for made, uncertainty_us in file.cosignatures.items():
            cosignatures[made] = max(uncertainty_us, cosignatures.get(made, 0))
    return cosignatures


def is_package(folder):
    """'Package': what is judged as one."""
    there = [name for name in ("records.jsonl", "bagit.txt", "data", LIST) if os.path.lexists(os.path.join(folder, name))]
    return bool(there) and "records.jsonl" not in there


def verify(options, trust_raw, now_us):
    """The report on a flight's folder, a package or an extract."""
    trust = Trust(trust_raw, options.root, now_us)
    if is_extract(options.path):
        return verify_extract(options, trust)
    report = Report(options.path)
    packed = is_package(options.path)
    folder = os.path.join(options.path, "data", "flight") if packed else options.path
    package = Package(options.path, trust, report, now_us) if packed else None
    if packed and (os.path.islink(os.path.join(options.path, "data")) or os.path.islink(folder) or not os.path.isdir(folder)):
        report.add("data/flight", "MISSING", "every package holds a flight")
        report.add("trust", *judge_list(trust))
        package.judge(Log(trust, report), None)
        return report
    log, heads = verify_logs(folder, trust, report)
    paths = [("witness file %d" % ordinal, path) for ordinal, path in enumerate(options.witness, 1)]
    if package:
        paths += [(path, os.path.join(options.path, path)) for path in sorted(package.files) if path.startswith("data/witness/")]
    cosignatures = {**heads.cosignatures, **verify_witness(paths, log, trust, report)}
    witnessing = Witnessing(log, trust, cosignatures, options.late_after * 1_000_000)
    report.witness, late = witnessing.axis()
    report.tell_clocks(late, log, witnessing)
    report.add("trust", *judge_device(log, trust, witnessing))
    files = Files(folder, log, report)
    files.judge()
    if options.age or not set(files.files) - set(LOGS):
        report.content = "opened" if Contents(files, log, options.age, report).judge() else "sealed"
    if package:
        package.judge(log, heads.close_note)
    return report


def options_of(arguments):
    """The command line; misuse ends with exit code 2."""
    parser = argparse.ArgumentParser(description="Says what a flight proves, by flight-record/FORMAT.md. Exit code 0 only for "
                                     "VERIFIED, 1 for any doubt and for every extract, 2 when the command itself is misused.", allow_abbrev=False)
    parser.add_argument("path", help="folder of the flight, of a device log, of a package, or of an extract")
    parser.add_argument("--trust", required=True, metavar="FILE", help="the unit's trust.json")
    parser.add_argument("--root", required=True, metavar="FINGERPRINT", help="fingerprint of the unit's root, from elsewhere")
    parser.add_argument("--witness", action="append", default=[], metavar="FILE", help="a witness file; once for each")
    parser.add_argument("--late-after", type=int, default=30, metavar="SECONDS", help="what the ground saw later is late")
    parser.add_argument("--identity", metavar="FILE", help="age identities that open the files; takes a minute for 300 MB")
    parser.add_argument("--json", action="store_true", help="prints the report as JSON")
    options = parser.parse_args(arguments)
    if not re.fullmatch("[0-9a-f]{64}", options.root):
        parser.error("--root: not 64 lower-case hexadecimal digits")
    if options.late_after < 0:
        parser.error("--late-after: not a number of seconds")
    if not os.path.isdir(options.path):
        parser.error("%s is not a folder" % options.path)
    # A pipe or a device might never end. What the reader names may be a link.
    for what, path in [("trust list", options.trust), ("identities", options.identity)] + [("witness file", one) for one in options.witness]:
        if path and os.path.exists(path) and not os.path.isfile(path):
            parser.error("the %s %s is not a regular file; copy it into one" % (what, path))
        if path and not os.path.isfile(path):
            parser.error("cannot read the %s %s" % (what, path))
    for path in options.witness:
        if os.path.getsize(path) > WITNESS_BYTES_MAX:
            parser.error("%s is longer than %d bytes; a witness file never is" % (path, WITNESS_BYTES_MAX))
    options.witness = [os.path.realpath(path) for path in options.witness]
    try:
        options.age = Age(read_small(os.path.realpath(options.identity)).decode("ascii")) if options.identity else None
    except (OSError, ValueError, Fault):
        parser.error("cannot read the identities in %s" % options.identity)
    try:
        return options, read_small(os.path.realpath(options.trust))
    except (OSError, Fault):
        parser.error("cannot read the trust list %s" % options.trust)


def main(arguments=None):
    """The exit code; whatever the input, a word and no traceback."""
    options, trust_raw = options_of(arguments)
    try:
        report = verify(options, trust_raw, time.time_ns() // 1000)
    except (OSError, Fault, RecursionError, MemoryError, ValueError) as error:
        report = Report(options.path)
        report.add("input", "MALFORMED", "cannot be read: %s" % type(error).__name__)
    text = report.as_json() if options.json else report.as_text()
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
    return 0 if report.word == "VERIFIED" else 1


if __name__ == "__main__":
    sys.exit(main())
