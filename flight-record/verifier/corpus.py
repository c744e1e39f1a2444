#!/usr/bin/env python3
"""Judges every case of the attack corpus by verify.py, sealed and opened, and prints where its word is not the expected one: corpus.py DIR."""

import contextlib
import io
import json
import os
import sys

import verify


def arguments(corpus, case, opened):
    """What a case is judged with: its own trust list where it has one, every witness file in it."""
    folder = os.path.join(corpus, case)
    package, trust = os.path.join(folder, "package"), os.path.join(folder, "trust.json")
    with open(os.path.join(corpus, "root.fingerprint"), encoding="ascii") as file:
        root = file.read().strip()
    options = [package if os.path.isdir(package) else os.path.join(folder, "flight"), "--json", "--root", root,
               "--trust", trust if os.path.exists(trust) else os.path.join(corpus, "trust.json")]
    for name in sorted(os.listdir(folder)):
        options += ["--witness", os.path.join(folder, name)] if name.endswith(".jsonl") else []
    return options + (["--identity", os.path.join(corpus, "identity.txt")] if opened else [])


def judge(corpus, case, opened):
    """The word and the exit code."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = verify.main(arguments(corpus, case, opened))
    return json.loads(out.getvalue())["word"], code


def main(corpus):
    """The number of verdicts that differ from the table."""
    with open(os.path.join(corpus, "cases.json"), encoding="ascii") as file:
        cases = json.load(file)
    differ = 0
    for case in cases:
        for mode in ("sealed", "opened"):
            word, code = judge(corpus, case["name"], mode == "opened")
            if (word, code) != (case[mode], 0 if case[mode] == "VERIFIED" else 1):
                differ += 1
                print("%s, %s: %s and exit code %d, not %s" % (case["name"], mode, word, code, case[mode]))
    print("%d cases, %d verdicts differ" % (len(cases), differ))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
