"""Tests of what `verify.py` says of extracts (FORMAT.md, 'Extract')."""

import base64
import tempfile
import unittest

import extracts
import flights
import verify as v
from test_verify import seal, words


class Proofs(unittest.TestCase):
    """RFC 9162 §2.1.3.2 and §2.1.4.2 accept what RFC 6962 defines, and nothing beside it."""

    LEAVES = [v.leaf_hash(bytes([number])) for number in range(19)]

    def test_inclusion(self):
        for size in range(1, len(self.LEAVES) + 1):
            leaves = self.LEAVES[:size]
            root = extracts.root_of(leaves)
            for index, leaf in enumerate(leaves):
                proof = extracts.inclusion(leaves, index)
                self.assertTrue(v.includes(root, size, index, leaf, proof))
                for other in (proof[:-1] if proof else proof + [leaf], proof + [root], [root] + proof):
                    self.assertFalse(v.includes(root, size, index, leaf, other))
                self.assertFalse(v.includes(root, size, index + 1, leaf, proof))
                self.assertFalse(v.includes(root, size, index, root + b"x", proof))
        self.assertFalse(v.includes(self.LEAVES[0], 0, 0, self.LEAVES[0], []))

    def test_consistency(self):
        for second in range(1, len(self.LEAVES) + 1):
            leaves = self.LEAVES[:second]
            root = extracts.root_of(leaves)
            for first in range(1, second):
                before, proof = extracts.root_of(leaves[:first]), extracts.consistency(leaves, first)
                self.assertTrue(v.is_beginning(first, before, second, root, proof))
                for other in (proof[:-1], proof + [root], [root] + proof, []):
                    self.assertFalse(v.is_beginning(first, before, second, root, other))
                self.assertFalse(v.is_beginning(first, root, second, root, proof))
                self.assertFalse(v.is_beginning(first, before, second, before, proof))
            self.assertFalse(v.is_beginning(second, root, second, root, []))
            self.assertFalse(v.is_beginning(0, extracts.root_of([]), second, root, []))


class Verdicts(unittest.TestCase):
    """One extract, damaged each way: words, axes and rules."""

    FILES = ("segments/eo/000002.ts.age", "segments/eo/000003.ts.age", "stills/000001.jpg.age", "telemetry/000001.tlog.age")

    def part(self, **changes):
        return extracts.part_of("extracts", self.FILES, **changes)

    def judged(self, damage, **changes):
        part = self.part(**changes)
        damage(part)
        return words(part)

    def word(self, damage, **changes):
        return self.judged(damage, **changes)[0]["word"]

    def test_untouched(self):
        report, items = words(self.part())
        self.assertEqual((report["word"], report["witness"], report["content"], report["time"], items), ("EXTRACT", "full", "sealed", "ok", {}))

    def test_what_it_covers(self):
        part = self.part()
        covers = words(part)[0]["covers"]
        self.assertEqual((covers["flight_records"], covers["records"]), (16, len(part.value["records"])))
        self.assertEqual([one["file"] for one in covers["files"]], sorted(self.FILES))
        segment = next(body for kind, body, _ in part.flight.records if kind == "segment" and body["index"] == 2)
        span_us = (segment["last_pts_90k"] - segment["first_pts_90k"]) * 100 // 9
        self.assertEqual(covers["files"][0]["to_utc_us"] - covers["files"][0]["from_utc_us"], span_us)

    def test_a_text_for_people_names_the_files(self):
        report = v.ExtractReport("x")
        report.covers = words(self.part())[0]["covers"]
        for path in self.FILES:
            self.assertIn(path, report.as_text())

    def test_what_is_judged_as_one(self):
        """`records.jsonl` in the folder makes it no flight, a list of a bag makes it a package."""
        self.assertEqual(self.judged(lambda part: part.files.update({"records.jsonl": b""}))[1], {"records.jsonl": "MALFORMED"})
        self.assertEqual(self.judged(lambda part: part.files.update({"bagit.txt": v.BAGIT}))[1]["data/flight"], "MISSING")

    def test_extract_json(self):
        def spelled(change):
            def damage(part):
                part.raw = change(flights.compact(part.value) + b"\n")
            return damage
        for name, damage in (("a space", spelled(lambda raw: raw.replace(b":", b": ", 1))), ("no newline", spelled(lambda raw: raw[:-1])),
                             ("two lines", spelled(lambda raw: raw + raw)), ("empty", spelled(lambda raw: b"")),
                             ("too long", spelled(lambda raw: b" " * v.EXTRACT_BYTES_MAX + raw)),
                             ("a key more", lambda part: part.value.update(x=1)), ("no heads", lambda part: part.value.update(heads=[])),
                             ("files in another order", lambda part: part.value["files"].reverse()),
                             ("a file twice", lambda part: part.value["files"].append(part.value["files"][-1])),
                             ("a path that leaves", lambda part: part.value["files"].insert(0, "../x")),
                             ("a document", lambda part: part.value["files"].insert(0, "documents/%s.age" % ("ab" * 32))),
                             ("records in another order", lambda part: part.value["records"].reverse()),
                             ("no record 0", lambda part: part.value["records"].pop(0)),
                             ("a seq beyond a log's", lambda part: part.value["records"][-1].update(seq=1_000_000))):
            with self.subTest(name):
                self.assertEqual(self.judged(damage)[1].get("extract.json"), "MALFORMED")

    def test_the_folder(self):
        path = self.FILES[0]
        for name, damage, expected in (
                ("a file more", lambda part: part.files.update({"x": b""}), "MALFORMED"),
                ("a folder more", lambda part: part.files.update({"torn/records-3": b""}), "MALFORMED"),
                ("a link", lambda part: part.links.update({"link": "extract.json"}), "MALFORMED"),
                ("a link in a file's place", lambda part: (part.files.pop(path), part.links.update({path: "/etc/passwd"})), "MALFORMED"),
                ("a file gone", lambda part: part.files.pop(path), "MISSING"),
                ("flipped", lambda part: part.files.update({path: b"x" + part.files[path][1:]}), "ALTERED"),
                ("longer", lambda part: part.files.update({path: part.files[path] + b"x"}), "ALTERED"),
                ("shorter, though a prefix of the flight attested it", lambda part: part.files.update({path: part.files[path][:2000]}), "ALTERED"),
                ("empty", lambda part: part.files.update({path: b""}), "INCOMPLETE")):
            with self.subTest(name):
                self.assertEqual(self.word(damage), expected)

    def test_carried(self):
        """Exactly record 0, each that finishes a file, and the one before each."""
        def one_more(part):
            part.value["records"].insert(1, part.carried(1))

        def one_less(part):
            del part.value["records"][1]

        def a_file_that_nobody_finishes(part):
            part.value["files"] = sorted(part.value["files"] + ["stills/000007.jpg.age"])
            part.files["stills/000007.jpg.age"] = b"x"
        for damage in (one_more, one_less, a_file_that_nobody_finishes):
            self.assertEqual(self.judged(damage)[1]["extract.json"], "MALFORMED", damage.__name__)
        self.assertEqual(self.judged(one_less)[1], {"extract.json": "MALFORMED", "record 6": None, "telemetry/000001.tlog.age": None})

    def test_heads(self):
        """In the order of FORMAT.md; a fault of the last leaves the records unchecked."""
        strange = b"\7" * 32
        for name, at, head, expected, of_record_0 in (
                ("another flight's", 1, lambda part: {"note": flights.note(flights.Flight("x").id, 4, strange, part.flight.device), "proof": []}, "WRONG-FLIGHT", "INTACT"),
                ("nobody's", 1, lambda part: part.head(4, device=part.flight.other), "MALFORMED", "INTACT"),
                ("other records", 1, lambda part: part.head(4, root=strange), "ALTERED", "INTACT"),
                ("no proof", 1, lambda part: {**part.head(4), "proof": []}, "ALTERED", "INTACT"),
                ("not greater", 2, lambda part: part.head(2), "MALFORMED", "INTACT"),
                ("a stranger's cosignature", 1, lambda part: part.head(4, cosignatures=[(part.flight.other, 5)]), "MALFORMED", "INTACT"),
                ("the last nobody's", -1, lambda part: part.head(16, device=part.flight.other), "MALFORMED", None),
                ("the last with a proof", -1, lambda part: {**part.head(16), "proof": ["00" * 32]}, "ALTERED", "INTACT")):
            with self.subTest(name):
                part = self.part()
                part.value["heads"][at] = head(part)
                report, items = words(part)
                number = len(part.value["heads"]) if at < 0 else at + 1
                self.assertEqual((report["word"], items["head %d" % number], items.get("record 0", "INTACT")), (expected, expected, of_record_0))

    def test_records(self):
        def of_our_device(flight):
            flight.device = flights.Signer("extracts" + "device")
            flight.records[0][1]["certificate"]["public_key"] = flight.device.hex

        def line(part, at, change):
            entry = part.value["records"][at]
            entry["line"] = base64.b64encode(change(base64.b64decode(entry["line"]))).decode()
        for name, damage, expected in (
                ("bad base64", lambda part: part.value["records"][2].update(line="!"), "MALFORMED"),
                ("too long", lambda part: line(part, 2, lambda raw: raw + b" " * 70_000), "MALFORMED"),
                ("another spelling", lambda part: line(part, 2, lambda raw: raw + b" "), "MALFORMED"),
                ("a byte", lambda part: line(part, 2, lambda raw: raw.replace(b"A", b"B", 1)), "MALFORMED"),
                ("a proof of another place", lambda part: part.value["records"][2].update(proof=part.carried(1)["proof"]), "ALTERED"),
                ("a proof too long", lambda part: part.value["records"][2]["proof"].append("00" * 32), "ALTERED"),
                ("one of another flight", lambda part: part.value["records"].__setitem__(
                    0, extracts.part_of("other", change=of_our_device).carried(0)), "WRONG-FLIGHT")):
            with self.subTest(name):
                self.assertIn(expected, self.judged(damage)[1].values())

    def test_where_record_0_is_refused_the_others_are_not_checked(self):
        _, items = self.judged(lambda part: part.value["records"][0].update(proof=[]))
        self.assertEqual((items.pop("record 0"), items.pop("trust", None), set(items.values())), ("ALTERED", None, {None}))

    def test_a_record_0_that_cannot_be_read_leaves_no_word_unsaid(self):
        self.assertEqual(self.word(lambda part: part.value["records"][0].update(line="")), "MALFORMED")
        self.assertEqual(self.word(lambda part: part.value["records"][0].update(line=part.carried(2)["line"])), "MALFORMED")

    def test_who_signs(self):
        def by(signer_of, seq):
            return lambda flight: flight.records[seq][2].update(signer=signer_of(flight))
        self.assertEqual(self.word(lambda part: None, change=by(lambda flight: flight.other, 6)), "KEY-UNTRUSTED")
        self.assertEqual(self.word(lambda part: None, change=by(lambda flight: flight.device, 6)), "KEY-UNTRUSTED")
        self.assertEqual(self.word(lambda part: None, change=by(lambda flight: flight.other, 1)), "EXTRACT", "that record is not here")

    def test_links_between_records(self):
        for name, change, expected in (
                ("prev", {"prev": "00" * 32}, "ALTERED"), ("boot", {"boot_id": "33333333-3333-4333-8333-333333333333"}, "MALFORMED"),
                ("seq", {"seq": 7}, "MALFORMED"), ("device", {"device_id": "ab" * 32}, "WRONG-FLIGHT")):
            with self.subTest(name):
                self.assertEqual(self.judged(lambda part: None, change=lambda flight: flight.records[6][2].update(change))[1]["record 6"], expected)

    def test_gaps_and_order(self):
        def body(changes):
            def change(flight):
                path = next(one for kind, one, _ in flight.records if kind == "segment" and one["index"] == 3)
                path.update(changes)
            return change
        self.assertEqual(self.word(lambda part: None, change=body({"drops": 2})), "GAP")

        def twice(flight):
            flight.records.insert(-1, ["still", dict(next(one for kind, one, _ in flight.records if kind == "still")), {}])
        self.assertEqual(self.word(lambda part: None, change=twice), "OUT-OF-ORDER")

    def test_trust(self):
        def revoked(at_s):
            return lambda flight: flight.entry(flight.device).update(revoked={"at_utc_us": flight.start_us + at_s * 1_000_000, "reason": "lost"})
        for name, change, expected in (
                ("not listed", lambda flight: flight.trust["keys"].remove(flight.entry(flight.device)), "KEY-UNTRUSTED"),
                ("expired", lambda flight: flight.trust.update(expires_utc_us=flight.now_us - 1), "KEY-UNTRUSTED"),
                ("revoked before the last record that counts was seen", revoked(13), "KEY-UNTRUSTED"),
                ("revoked behind", revoked(3000), "EXTRACT"),
                ("a station's revoked before", lambda flight: flight.entry(flight.stations[0]).update(
                    revoked={"at_utc_us": flight.start_us, "reason": "lost"}), "EXTRACT-UNWITNESSED")):
            with self.subTest(name):
                self.assertEqual(self.word(lambda part: None, change=change), expected)

    def test_witness(self):
        def recosign(cosignatures_of):
            def damage(part):
                part.value["heads"] = [part.head(size, cosignatures=cosignatures_of(part, size)) for size in part.cosigned_at]
            return damage
        station = lambda part: part.flight.stations[0]
        for name, damage, axis, word in (
                ("none", recosign(lambda part, size: ()), "none", "EXTRACT-UNWITNESSED"),
                ("none over the last file", recosign(lambda part, size: [(station(part), part.seen_s(size))] if size < 10 else ()), "partial", "EXTRACT-UNWITNESSED"),
                ("late", recosign(lambda part, size: [(station(part), part.seen_s(size) + 31)]), "late", "EXTRACT-UNWITNESSED"),
                ("before its record", recosign(lambda part, size: [(station(part), part.seen_s(size) - 8)]), "full", "CLOCK-SUSPECT")):
            with self.subTest(name):
                report, _ = self.judged(damage)
                self.assertEqual((report["witness"], report["word"]), (axis, word))

    def test_the_silence_before_the_first_is_counted_from_open(self):
        part = self.part()
        part.value["heads"] = [part.head(16)]
        part.extra_options = ["--late-after", "15"]
        self.assertEqual(words(part)[0]["witness"], "late")
        part.extra_options = ["--late-after", "16"]
        self.assertEqual(words(part)[0]["witness"], "full")

    def test_clock(self):
        self.assertEqual(self.word(lambda part: None, change=lambda flight: flight.records[6][2].update(utc_us=flight.at_us(6) + 60_000_000)), "CLOCK-SUSPECT")
        self.assertEqual(self.word(lambda part: None, change=lambda flight: flight.records[1][2].update(utc_us=flight.at_us(6) + 60_000_000)), "EXTRACT")

    def test_a_witness_file_is_not_checked(self):
        part = self.part()
        part.extra_options = ["--witness", __file__]
        report, items = words(part)
        self.assertEqual((report["word"], items), ("EXTRACT", {"witness file 1": None}))


class Opened(unittest.TestCase):
    """With the flight's secret: content is `opened`, and what it holds is held against its record."""

    IDENTITY = bytes([1] * 32)

    def age_file(self, plain):
        """An age file of one chunk for the identity."""
        unpadded = lambda raw: base64.b64encode(raw).rstrip(b"=")
        share, own, file_key, nonce = v.x25519(bytes([2] * 32), b"\x09" + bytes(31)), v.x25519(self.IDENTITY, b"\x09" + bytes(31)), bytes([3] * 16), bytes([4] * 16)
        wrap = v.hkdf(v.x25519(bytes([2] * 32), own), share + own, b"age-encryption.org/v1/X25519")
        header = b"age-encryption.org/v1\n-> X25519 %s\n%s\n---" % (unpadded(share), unpadded(seal(wrap, bytes(12), file_key)))
        mac = v.hmac.new(v.hkdf(file_key, b"", b"header"), header, "sha256").digest()
        return header + b" " + unpadded(mac) + b"\n" + nonce + seal(v.hkdf(file_key, nonce, b"payload"), bytes(11) + b"\1", plain)

    def judged(self, frames, messages):
        """The report on an extract of one telemetry file that says it has so many messages."""
        flight = flights.whole_flight("opened")
        body = next(body for kind, body, _ in flight.records if kind == "telemetry")
        times = [body["first_utc_us"] + number for number in range(frames)]
        plain = b"".join(one.to_bytes(8, "big") + b"\xfe\x01" + bytes(7) for one in times)
        raw = flight.files[body["file"]] = self.age_file(plain)
        body.update(sealed=flights.extent(raw), plain=flights.extent(plain), messages=messages, first_utc_us=times[0], last_utc_us=times[-1])
        part = extracts.Part(flights.Built(flight), [body["file"]])
        age = v.Age("")
        age.identities, age.recipients = [self.IDENTITY], [v.x25519(self.IDENTITY, b"\x09" + bytes(31))]
        with tempfile.TemporaryDirectory() as folder:
            options, trust_raw = v.options_of(part.write(folder))
            options.age = age
            return v.verify(options, trust_raw, flight.now_us)

    def test_opened(self):
        report = self.judged(3, 3)
        self.assertEqual((report.word, report.content), ("EXTRACT", "opened"), report.as_text())

    def test_contents_that_the_record_does_not_describe(self):
        self.assertEqual(self.judged(3, 4).word, "MALFORMED")


if __name__ == "__main__":
    unittest.main()
