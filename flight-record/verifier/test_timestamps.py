"""Tests of what `verify.py` says of tokens (FORMAT.md, 'Outside time'); `openssl ts` plays the authority."""

import hashlib
import json
import os
import random
import shlex
import shutil
import subprocess
import tempfile
import unittest

import flights
import verify as v
from test_verify import words

CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Authority
[ca]
basicConstraints = critical, CA:TRUE
[tsa_certificate]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[tsa]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/ca.pem
signer_digest = {signer_digest}
ess_cert_id_alg = {ess}
default_policy = 1.2.3.4
digests = sha256, sha512
accuracy = {accuracy}
ordering = no
"""


def openssl(*arguments, check=True):
    """Runs openssl."""
    return subprocess.run(["openssl", *arguments], check=check, capture_output=True, timeout=60)


class Authority:
    """A time-stamping authority with its own root, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.configure()
        with open(self.at("serial"), "w", encoding="ascii") as file:
            file.write("01\n")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.at("ca.key"), "-out", self.at("ca.pem"), "-days", "30",
                "-subj", "/CN=Root", "-config", self.at("config"), "-extensions", "ca")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.at("tsa.key"), "-out", self.at("tsa.csr"), "-config", self.at("config"))
        openssl("x509", "-req", "-in", self.at("tsa.csr"), "-CA", self.at("ca.pem"), "-CAkey", self.at("ca.key"), "-set_serial", "7", "-days", "20",
                "-out", self.at("tsa.pem"), "-extfile", self.at("config"), "-extensions", "tsa_certificate")

    def at(self, name):
        """A file of the folder."""
        return os.path.join(self.folder, name)

    def configure(self, signer_digest="sha256", ess="sha256", accuracy="secs:1, millisecs:500"):
        """How it signs."""
        with open(self.at("config"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder, signer_digest=signer_digest, ess=ess, accuracy=accuracy))

    def stamp(self, imprint, digest="-sha256", certificates=("-cert",)):
        """The response to a query over an imprint, in hexadecimal digits."""
        openssl("ts", "-query", "-digest", imprint, digest, *certificates, "-out", self.at("query"))
        openssl("ts", "-reply", "-config", self.at("config"), "-section", "tsa", "-queryfile", self.at("query"), "-out", self.at("reply"))
        with open(self.at("reply"), "rb") as file:
            return file.read()


def close_imprint(built):
    """SHA-256 of the note over `close` without cosignatures."""
    notes = [json.loads(line)["note"] for line in built.checkpoints]
    return hashlib.sha256([note for note in notes if "skyseal/station" not in note][-1].encode()).hexdigest()


@unittest.skipUnless(shutil.which("openssl"), "no openssl to play the authority")
class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.authority = Authority(cls.scratch.name)
        cls.built = flights.Built(flights.whole_flight("tokens"))
        cls.imprint = close_imprint(cls.built)
        cls.good = cls.authority.stamp(cls.imprint)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def judged(self, *tokens, name=None, built=None):
        """The package's report with these tokens in it, and the words of the tokens."""
        bag = flights.Bag(built or self.built)
        for raw in tokens:
            bag.files["data/timestamps/%s.tsr" % (name or hashlib.sha256(raw).hexdigest())] = raw
        report, _ = words(bag)
        last = {entry["item"]: entry for entry in report["items"] if entry["item"].startswith("data/timestamps/")}
        return report["word"], list(last.values())

    def test_a_good_token_gives_no_credit_and_says_how_to_check_it(self):
        word, (item,) = self.judged(self.good)
        self.assertEqual((word, item["word"]), ("VERIFIED-SEALED-ONLY", None))
        self.assertRegex(item["detail"], r"claims 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ ± 1500000 µs")

    def test_the_command_is_one_that_openssl_takes(self):
        _, (item,) = self.judged(self.good)
        with open(self.authority.at("good.tsr"), "wb") as file:
            file.write(self.good)
        command = shlex.split(item["detail"].split("Whether that is so: ")[1])
        command[command.index("-in") + 1] = self.authority.at("good.tsr")
        command[command.index("ROOT.pem")] = self.authority.at("ca.pem")
        self.assertIn(b"Verification: OK", subprocess.run(command, capture_output=True, timeout=60, check=True).stdout)

    def test_other_digests_of_the_signer(self):
        for signer_digest, ess in (("sha384", "sha1"), ("sha512", "sha512"), ("sha256", "sha384")):
            self.authority.configure(signer_digest, ess)
            self.assertEqual(self.judged(self.authority.stamp(self.imprint))[1][0]["word"], None, (signer_digest, ess))

    def test_over_something_else(self):
        word, (item,) = self.judged(self.authority.stamp("ab" * 32))
        self.assertEqual((word, item["word"]), ("ALTERED", "ALTERED"))

    def test_another_name(self):
        self.assertEqual(self.judged(self.good, name="ab" * 32)[0], "ALTERED")
        self.assertEqual(self.judged(self.good, name="token")[0], "MALFORMED")

    def test_while_no_head_over_close_agrees(self):
        built = flights.Built(flights.whole_flight("tokens", closed=False))
        word, (item,) = self.judged(self.good, built=built)
        self.assertEqual((word, item["word"]), ("TRUNCATED", None))
        self.assertIn("no head over close", item["detail"])

    def test_of_another_form(self):
        self.authority.configure(signer_digest="sha256", ess="sha256")
        sha512 = self.authority.stamp("ab" * 64, "-sha512")
        for name, raw in (("empty", b""), ("text", b"a token"), ("cut", self.good[:-1]), ("longer", self.good + b"\0"), ("a SHA-512 imprint", sha512),
                          ("no certificates", self.authority.stamp(self.imprint, certificates=())), ("too long", b"\x30\x83\x01\x00\x00" + bytes(65_536)),
                          ("granted with modifications", self.good.replace(v.GRANTED, bytes.fromhex("3003020101"), 1)),
                          ("another content", self.good.replace(v.TST_INFO, v.TST_INFO[:-1] + b"\5", 1)),
                          ("content under a digest of another", self.good.replace(bytes.fromhex(self.imprint), b"\7" * 32, 1)),
                          ("nested without end", b"\x30\x80" * 30_000)):
            with self.subTest(name):
                self.assertEqual(self.judged(raw)[0], "MALFORMED")

    def test_the_signers_certificate(self):
        good = self.certificate()
        first_us, last_us = map(v.validity_us, v.Certificate(v.Der(good)).valid)
        for at_us in (first_us, last_us):
            v.Certificate(v.Der(good)).check(at_us)
        usage, may_sign = bytes.fromhex("0603551d250101ff"), bytes.fromhex("0603551d0f0101ff0404030207")
        for name, old, new, at_us in (
                ("not critical", usage, usage[:-1] + b"\0", first_us), ("for something else", v.TIME_STAMPING, v.TIME_STAMPING[:-1] + b"\1", first_us),
                ("may not sign", may_sign + b"\x80", may_sign + b"\x04", first_us), ("before", b"", b"", first_us - 1), ("after", b"", b"", last_us + 1)):
            with self.subTest(name):
                self.assertIn(old, good)
                with self.assertRaises(v.Fault):
                    v.Certificate(v.Der(good.replace(old, new, 1))).check(at_us)

    def certificate(self):
        """The authority's certificate in DER."""
        return openssl("x509", "-in", self.authority.at("tsa.pem"), "-outform", "DER").stdout

    def test_seventeen(self):
        tokens = [self.authority.stamp(self.imprint) for _ in range(17)]
        self.assertEqual(self.judged(*tokens[:16])[0], "VERIFIED-SEALED-ONLY")
        self.assertEqual(self.judged(*tokens)[0], "MALFORMED")

    def test_hostile_bytes_are_refused_and_nothing_else(self):
        rng = random.Random(5)
        for _ in range(5000):
            raw = bytearray(self.good)
            for _ in range(rng.choice((1, 1, 2, 8))):
                raw[rng.randrange(len(raw))] = rng.choice((0, 1, 0x30, 0x7F, 0x80, 0x84, 0xFF, rng.randrange(256)))
            del raw[rng.choice((len(raw), len(raw), rng.randrange(len(raw)))):]
            try:
                v.Token(bytes(raw))
            except v.Fault as fault:
                self.assertEqual(fault.word, "MALFORMED")


class Times(unittest.TestCase):
    """GeneralizedTime in DER, RFC 3161 §2.4.2."""

    def test_good(self):
        for raw, expected in ((b"19700101000000Z", 0), (b"20261122074500Z", 1_795_333_500_000_000), (b"19700101000001.5Z", 1_500_000),
                              (b"19700101000000.0000019Z", 1)):
            self.assertEqual(v.generalized_us(raw), expected)

    def test_not_der(self):
        for raw in (b"", b"19700101000000", b"19700101000000.Z", b"19700101000000.10Z", b"197001010000Z", b"19701301000000Z", b"19700101000000+0000",
                    b"19700101000060Z", b"00000101000000Z"):
            with self.assertRaises(v.Fault, msg=raw):
                v.generalized_us(raw)


class DerElements(unittest.TestCase):
    def test_not_der(self):
        for raw in ("", "30", "3080", "308100", "30817f" + "00" * 127, "3001", "1f0100", "308500000000010", "30840000"):
            with self.assertRaises(v.Fault, msg=raw):
                v.Der(bytes.fromhex(raw[:len(raw) // 2 * 2]))


if __name__ == "__main__":
    unittest.main()
