"""The worked example of FORMAT.md, read and checked by `verify.py`."""

import os
import re
import tempfile
import types
import unittest

import verify

FORMAT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "FORMAT.md")


class WorkedExample(unittest.TestCase):
    def test_it_is_a_flight(self):
        with open(FORMAT, encoding="utf-8") as file:
            text = file.read()
        section = text.split("## Worked example", 1)[1]
        blocks = dict(re.findall("`([^`\n]+)`:\n\n```\n(.*?\n)```", section, re.S))
        root = re.search("fingerprint is `([0-9a-f]{64})`", section).group(1)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("records.jsonl", "checkpoints.jsonl"):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(blocks[name].encode())
            options = types.SimpleNamespace(path=folder, root=root, witness=[], late_after=30, age=None)
            report = verify.verify(options, blocks["trust.json"].encode(), 1_777_636_860_000_000)
        self.assertEqual(report.word, "VERIFIED", report.as_text())


if __name__ == "__main__":
    unittest.main()
