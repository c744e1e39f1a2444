"""Published vectors through `verify.py`; flight-record/tests/vectors/README.md says whose they are.

Run: python3 -m unittest test_vectors
"""

import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import verify as v  # noqa: E402


def read(name):
    """A file of the vectors."""
    with open(os.path.join(HERE, "..", "tests", "vectors", name), encoding="utf-8") as file:
        return file.read()


class Ed25519(unittest.TestCase):
    """What is a signature, and what only some take for one."""

    def verifies(self, key, message, signature):
        """Of hexadecimal digits, with a key never seen before."""
        return v.Keys().verify(*(bytes.fromhex(one) for one in (key, message, signature)))

    def test_rfc_8032(self):
        rows = [line.split(" ") for line in read("rfc8032.txt").splitlines() if not line.startswith("#")]
        self.assertEqual(len(rows), 5)
        for _, key, message, signature in rows:
            self.assertTrue(self.verifies(key, message, signature))
            self.assertFalse(self.verifies(key, message + "00", signature))

    def test_wycheproof(self):
        tests = json.loads(read("wycheproof/ed25519_test.json"))
        tried = 0
        for group in tests["testGroups"]:
            for case in group["tests"]:
                with self.subTest(case["tcId"], comment=case["comment"]):
                    took = self.verifies(group["publicKey"]["pk"], case["msg"], case["sig"])
                    self.assertEqual(took, case["result"] == "valid")
                tried += 1
        self.assertEqual(tried, tests["numberOfTests"])

    def test_the_strict_take_one(self):
        cases = json.loads(read("strict-ed25519/cases.json"))
        took = [case["name"] for case in cases if self.verifies(case["key"], case["message"], case["signature"])]
        self.assertEqual((len(cases), took), (12, ["A and R of mixed order"]))


if __name__ == "__main__":
    unittest.main()
