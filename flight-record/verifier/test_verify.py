"""Tests of `verify.py`: the standards' own vectors, and every word of FORMAT.md's 'Verdict' from a flight damaged that way.

Run: python3 -m unittest discover -s verifier
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import flights  # noqa: E402
import verify as v  # noqa: E402


class Ed25519(unittest.TestCase):
    """RFC 8032 §7.1, and what strict means."""

    VECTORS = [
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ]

    def test_vectors(self):
        for public, message, signature in self.VECTORS:
            public, message, signature = (bytes.fromhex(one) for one in (public, message, signature))
            for _ in range(v.HOT_AFTER + 2):
                self.assertTrue(v.Keys().verify(public, message, signature))
            self.assertFalse(v.Keys().verify(public, message + b"x", signature))

    def test_a_key_used_often_gives_the_same_answers(self):
        signer, keys = flights.Signer("hot"), v.Keys()
        for number in range(3 * v.HOT_AFTER):
            message = b"message %d" % number
            self.assertTrue(keys.verify(signer.public, message, signer.sign(message)))
            self.assertFalse(keys.verify(signer.public, message + b"x", signer.sign(message)))

    def test_not_canonical_s(self):
        public, message, signature = (bytes.fromhex(one) for one in self.VECTORS[1])
        greater = int.from_bytes(signature[32:], "little") + v.L
        self.assertFalse(v.Keys().verify(public, message, signature[:32] + greater.to_bytes(32, "little")))

    def test_small_order(self):
        for point in v.SMALL_ORDER:
            self.assertFalse(v.Keys().is_key(point))
            self.assertFalse(v.Keys().verify(point, b"", point + bytes(32)))
        self.assertFalse(v.Keys().is_key(v.P.to_bytes(32, "little")), "y is not reduced")


class Trees(unittest.TestCase):
    """The tree of RFC 6962 §2.1: roots of the leaves of the test vectors of Certificate Transparency."""

    LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    ROOTS = ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
             "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
             "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
             "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
             "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
             "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
             "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
             "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"]

    def test_roots(self):
        tree = v.Tree()
        for leaf in self.LEAVES:
            tree.append(v.leaf_hash(bytes.fromhex(leaf)))
        self.assertEqual([root.hex() for root in tree.roots], self.ROOTS)


class Age(unittest.TestCase):
    """RFC 7748 §5.2, RFC 8439 §2.4.2 and §2.8.2."""

    def test_x25519(self):
        scalar = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
        point = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
        self.assertEqual(v.x25519(scalar, point).hex(), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")

    def test_chacha20(self):
        stream = v.chacha20(bytes(range(32)), bytes.fromhex("000000000000004a00000000"), 128)
        self.assertEqual(stream[64:96].hex(), "224f51f3401bd9e12fde276fb8631ded8c131f823d2c06e27e4fcaec9ef3cf78")

    def test_poly1305(self):
        secret, nonce = bytes(range(0x80, 0xA0)), bytes.fromhex("070000004041424344454647")
        stream = v.chacha20(secret, nonce, 64 + 200)
        plain = b"x" * 200
        text = bytes(a ^ b for a, b in zip(plain, stream[64:]))
        self.assertIsNone(v.open_chunk(secret, nonce, text + bytes(16)))

    def test_a_sealed_file_opens_as_far_as_it_goes(self):
        identity, ephemeral, file_key, nonce = (bytes([n] * size) for n, size in ((1, 32), (2, 32), (3, 16), (4, 16)))
        age = v.Age("# a comment\n")
        age.identities, age.recipients = [identity], [v.x25519(identity, b"\x09" + bytes(31))]
        share = v.x25519(ephemeral, b"\x09" + bytes(31))
        wrap = v.hkdf(v.x25519(ephemeral, age.recipients[0]), share + age.recipients[0], b"age-encryption.org/v1/X25519")
        unpadded = lambda raw: v.base64.b64encode(raw).rstrip(b"=")
        header = b"age-encryption.org/v1\n-> X25519 %s\n%s\n---" % (unpadded(share), unpadded(seal(wrap, bytes(12), file_key)))
        header += b" " + unpadded(v.hmac.new(v.hkdf(file_key, b"", b"header"), header, "sha256").digest()) + b"\n"
        secret = v.hkdf(file_key, nonce, b"payload")
        chunks = [seal(secret, bytes(11) + b"\0", b"a" * v.CHUNK), seal(secret, bytes(10) + b"\1\1", b"the end")]
        for payload, expected in ((b"".join(chunks), [(b"a" * v.CHUNK, False), (b"the end", True)]),
                                  (b"".join(chunks)[:-1], [(b"a" * v.CHUNK, False), (b"", False)]),
                                  (chunks[0], [(b"a" * v.CHUNK, False)])):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "sealed.age")
                with open(path, "wb") as file:
                    file.write(header + nonce + payload)
                self.assertEqual(list(age.chunks(path)), expected)
                with open(path, "wb") as file:
                    file.write(header.replace(b"v1", b"v2") + nonce + payload)
                with self.assertRaises(v.Fault):
                    list(age.chunks(path))

    def test_bech32(self):
        v.recipient("age17sy7zu322qdqwmgsajv3crzh4gn4qepkmhhs7mt7age4py2gs5uqdhk0y2")
        for wrong in ("age17sy7zu322qdqwmgsajv3crzh4gn4qepkmhhs7mt7age4py2gs5uqdhk0y3", "age1", "", None, "x" * 62):
            with self.assertRaises(v.Fault):
                v.recipient(wrong)


def seal(secret, nonce, plain):
    """RFC 8439 §2.8, the other way round."""
    stream = v.chacha20(secret, nonce, 64 + len(plain))
    text = bytes(a ^ b for a, b in zip(plain, stream[64:]))
    r_key, total = int.from_bytes(stream[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF, 0
    padded = text + bytes(-len(text) % 16) + bytes(8) + len(text).to_bytes(8, "little")
    for at in range(0, len(padded), 16):
        total = (total + int.from_bytes(padded[at:at + 16] + b"\1", "little")) * r_key % (2 ** 130 - 5)
    tag = (total + int.from_bytes(stream[16:32], "little")) % 2 ** 128
    return text + tag.to_bytes(16, "little")


class Json(unittest.TestCase):
    """'Building blocks': what is read equals its own re-serialisation."""

    def test_spellings(self):
        self.assertEqual(v.canonical(b'{"a":1,"b":[null,true]}'), {"a": 1, "b": [None, True]})
        for raw in (b'{"a": 1}', b'{"a":1,"a":1}', b'{"a":01}', b'{"a":-0}', b'{"a":"\\u0061"}', b"", b"[" * 60_000, b"{", b"\xff", b'"\\ud800"'):
            with self.assertRaises(v.Fault):
                v.canonical(raw)


def words(built, *more):
    """The report's axes and the words of the items that are not INTACT."""
    out = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out):
        code = v.main(built.write(folder) + ["--json", *more])
    report = json.loads(out.getvalue())
    assert code == (0 if report["word"] == "VERIFIED" else 1)
    return report, {entry["item"].split(" (")[0]: entry["word"] for entry in report["items"] if entry["word"] != "INTACT"}


class Verdicts(unittest.TestCase):
    """One flight, damaged each way."""

    def setUp(self):
        self.flight = flights.whole_flight("verdicts")

    def word(self, built=None, *more):
        return words(built or flights.Built(self.flight), *more)[0]["word"]

    def test_untouched(self):
        report, items = words(flights.Built(self.flight))
        self.assertEqual((report["word"], report["witness"], report["time"], items), ("VERIFIED-SEALED-ONLY", "full", "ok", {}))

    def test_without_witness(self):
        built = flights.Built(self.flight)
        built.witness = []
        self.assertEqual(self.word(built), "VERIFIED-UNWITNESSED")

    def test_a_restart(self):
        self.assertEqual(self.word(flights.Built(flights.whole_flight("restart", restart=True))), "UNATTESTED-TAIL")

    def test_no_close(self):
        self.assertEqual(self.word(flights.Built(flights.whole_flight("open", closed=False))), "TRUNCATED")

    def test_lines_changed(self):
        for name, damage, expected in (
                ("a byte", lambda lines: lines.__setitem__(5, lines[5].replace(b"A", b"B", 1)), "MALFORMED"),
                ("a line dropped", lambda lines: lines.pop(5), "MISSING"),
                ("record 0 dropped", lambda lines: lines.pop(0), "MISSING"),
                ("a line doubled", lambda lines: lines.insert(5, lines[5]), "OUT-OF-ORDER"),
                ("two lines swapped", lambda lines: lines.__setitem__(slice(5, 7), lines[5:7][::-1]), "OUT-OF-ORDER"),
                ("a record after close", lambda lines: lines.append(lines[5]), "MALFORMED"),
                ("an empty line", lambda lines: lines.insert(5, b""), "MALFORMED"),
                ("cut", lambda lines: lines.pop(), "TRUNCATED")):
            with self.subTest(name):
                built = flights.Built(self.flight)
                damage(built.records)
                self.assertEqual(self.word(built), expected)

    def test_a_forged_flight_id_is_no_other_flight(self):
        built = flights.Built(self.flight)
        value = json.loads(built.records[4])
        payload = flights.base64.b64decode(value["payload"]).replace(self.flight.id.encode(), self.flight.id[:-1].encode() + b"0")
        built.records[4] = flights.compact({**value, "payload": flights.base64.b64encode(payload).decode()})
        self.assertEqual(self.word(built), "MALFORMED")

    def test_heads(self):
        """An equivocation is one wherever it stands; a head of another flight is none."""
        size, device, strange = 7, self.flight.device, b"\7" * 32
        for name, at, note, expected in (
                ("in its place", 7, flights.note(self.flight.id, size, strange, device), "EQUIVOCATION"),
                ("behind close", 99, flights.note(self.flight.id, size, strange, device), "EQUIVOCATION"),
                ("behind a head that is passed over", 3, flights.note(self.flight.id, size, strange, device), "EQUIVOCATION"),
                ("another flight's", 6, flights.note(flights.Flight("x").id, size, strange, device), "WRONG-FLIGHT"),
                ("nobody's", 7, flights.note(self.flight.id, size, strange, self.flight.other), "MALFORMED")):
            with self.subTest(name):
                built = flights.Built(self.flight)
                built.checkpoints.insert(at, flights.compact({"note": note}))
                self.assertEqual(self.word(built), expected)

    def test_files(self):
        path = "segments/eo/000001.ts.age"
        raw = self.flight.files[path]
        for name, bytes_, expected in (("flipped", b"x" + raw[1:], "ALTERED"), ("longer", raw + b"x", "ALTERED"), ("empty", b"", "INCOMPLETE"),
                                       ("cut behind its prefix", raw[:2000], "INCOMPLETE"), ("cut before it", raw[:1000], "ALTERED"),
                                       ("gone", None, "MISSING")):
            with self.subTest(name):
                built = flights.Built(self.flight)
                built.files[path] = bytes_
                if bytes_ is None:
                    del built.files[path]
                self.assertEqual(words(built)[1], {path: expected})

    def test_a_prefix_that_the_file_contradicts(self):
        prefix = next(body for kind, body, _ in self.flight.records if kind == "prefix")
        for wrong in (b"x" * 1500, self.flight.files[prefix["file"]] * 2):
            prefix["sealed"] = flights.extent(wrong)
            self.assertEqual(self.word(), "ALTERED")

    def test_strays(self):
        for path in ("notes.txt", "segments/eo/000009.ts.age", "extra/x", "torn/records-3"):
            built = flights.Built(self.flight)
            built.files[path] = b"stray"
            self.assertEqual(self.word(built), "MALFORMED", path)
        built = flights.Built(self.flight)
        built.links["link"] = "/etc/passwd"
        self.assertEqual(self.word(built), "MALFORMED")

    def test_who_signs(self):
        self.flight.records[5][2]["signer"] = self.flight.device
        self.assertEqual(self.word(), "KEY-UNTRUSTED")

    def test_the_worst_of_two_faults_counts(self):
        segment = [body for kind, body, _ in self.flight.records if kind == "segment"][-1]
        segment.update(drops=1, first_pts_90k=1)
        self.flight.records.pop()
        self.flight.close()
        self.assertEqual(self.word(), "OUT-OF-ORDER")

    def test_trust(self):
        device, now = self.flight.entry(self.flight.device), self.flight.now_us
        for change in (lambda: device.update(role="officer", **{"class": None}), lambda: device.update({"class": "simulated"}),
                       lambda: device.update(valid_until_utc_us=self.flight.start_us), lambda: self.flight.trust.update(version=6),
                       lambda: self.flight.trust.update(expires_utc_us=now - 1), lambda: self.flight.trust["keys"].clear()):
            before = json.dumps(self.flight.trust)
            change()
            self.assertEqual(self.word(), "KEY-UNTRUSTED")
            self.flight.trust = json.loads(before)
            device = self.flight.entry(self.flight.device)

    def test_an_enrolment_key(self):
        flight = self.flight
        value = {"schema": "skyseal-enrolment-key/1", "unit": "Unit", "public_key": flight.enrolment.hex, "serial": 0,
                 "valid_from_utc_us": flight.now_us - 10 ** 11, "valid_until_utc_us": flight.now_us}
        for signer, expected in ((flight.root, "VERIFIED-SEALED-ONLY"), (flight.other, "KEY-UNTRUSTED")):
            raw = flights.envelope(flights.compact(value), "enrolment-key.v1+json", signer)
            flight.trust["enrolment"] = flights.base64.b64encode(raw).decode()
            built = flights.Built(flight)
            built.trust = flights.envelope(flights.compact(flight.trust), "trust.v1+json", flight.enrolment) + b"\n"
            self.assertEqual(self.word(built), expected)

    def test_a_revoked_device_counts_when_its_end_was_seen_before(self):
        self.flight.entry(self.flight.device)["revoked"] = {"at_utc_us": self.flight.now_us - 1, "reason": "lost"}
        built = flights.Built(self.flight)
        self.assertEqual(self.word(built), "VERIFIED-SEALED-ONLY")
        built.witness = []
        self.assertEqual(self.word(built), "KEY-UNTRUSTED")

    def test_a_late_station(self):
        self.flight.delay_s = 31
        self.assertEqual(words(flights.Built(self.flight))[0]["witness"], "partial")
        self.flight.delay_s = 20
        self.assertEqual(words(flights.Built(self.flight), "--late-after", "10")[0]["word"], "VERIFIED-UNWITNESSED")

    def test_clock(self):
        self.flight.records[6][2]["utc_us"] = self.flight.at_us(6) + 60_000_000
        self.assertEqual(self.word(), "CLOCK-SUSPECT")

    def test_a_package(self):
        bag = flights.Bag(flights.Built(self.flight))
        self.assertEqual(self.word(bag), "VERIFIED-SEALED-ONLY")
        for name, strike, expected in (
                ("a flight's file", lambda files: files.update({"data/flight/telemetry/000001.tlog.age": b"x"}), "ALTERED"),
                ("a list", lambda files: files.update({v.LIST: files[v.LIST].replace(b"a", b"b", 1)}), "ALTERED"),
                ("unlisted", lambda files: files.update({"data/wraps/y": b"x"}), "MALFORMED"),
                ("gone", lambda files: files.pop("README.txt"), "MISSING")):
            with self.subTest(name):
                bag = flights.Bag(flights.Built(self.flight))
                bag.after = strike
                self.assertEqual(self.word(bag), expected)

    def test_a_receipt_of_another_flight(self):
        bag = flights.Bag(flights.Built(self.flight))
        bag.receipt["flight_id"] = flights.Flight("x").id
        self.assertEqual(self.word(bag), "ALTERED")


class Misuse(unittest.TestCase):
    """Exit code 2."""

    def test_misuse(self):
        built = flights.Built(flights.whole_flight("misuse"))
        with tempfile.TemporaryDirectory() as folder:
            options = built.write(folder)
            for wrong in ([], ["/nowhere"] + options[1:], options[:4] + ["abc"], options + ["--late-after", "x"],
                          options + ["--witness", "/nowhere"], options + ["--identity", "/nowhere"]):
                with self.assertRaises(SystemExit) as end, contextlib.redirect_stderr(io.StringIO()):
                    v.main(wrong)
                self.assertEqual(end.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
