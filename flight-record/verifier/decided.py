"""What FORMAT.md left open once, and how it was decided: each reading on which two programs differed, as one small extract.

    python3 decided.py SKYSEAL_VERIFY

Both verifiers must say the word that stands beside it.
"""

import os
import sys
import tempfile

import compare
import extracts
import flights

THIRD = ["segments/eo/000003.ts.age"]
STILL = ["stills/000001.jpg.age"]


def segment(flight, index):
    """The body of a segment's record."""
    return next(body for kind, body, _ in flight.records if kind == "segment" and body["index"] == index)


def before_still(kind, body):
    """A change: a record of that kind stands right before the still's, so that an extract of the still carries it."""
    def change(flight):
        place = next(at for at, record in enumerate(flight.records) if record[0] == "still")
        flight.records.insert(place, [kind, body(flight), {}])
    return change


def erasure(flight):
    """An erasure, which only device logs hold."""
    return {"flight": flight.id, "actor": "aa" * 32, "witness": "bb" * 32, "stores": ["cc" * 32, "dd" * 32],
            "manifest": "ee" * 32, "order": "ff" * 32, "files": 1, "bytes": 1}


def log_open(flight):
    """Record 0 opens a device log."""
    flight.records[0][0] = "log-open"
    flight.records[0][1] = {key: flight.records[0][1][key] for key in ("certificate", "software")}


def passed_index(flight):
    """Segment 2 says that it is segment 9."""
    segment(flight, 2).update(index=9, file="segments/eo/000009.ts.age")


def empty_folder(path):
    """A damage: a folder without a file."""
    def damage(part):
        write = part.write

        def written(folder):
            out = write(folder)
            os.makedirs(os.path.join(folder, "part", path))
            return out
        part.write = written
    return damage


def no_change(_flight):
    """The flight as it is."""


def gap(_flight):
    """A gap, which says nothing of a file."""
    return {"stream": None, "reason": "link-lost", "from_utc_us": 0, "to_utc_us": None, "count": None}


def expired(flight):
    """The list has expired."""
    flight.trust.update(expires_utc_us=flight.now_us - 1)


def stranger_cosigns(part):
    """A head with a cosignature of a key that is not listed."""
    part.value["heads"][1] = part.head(4, cosignatures=[(part.flight.other, 5)])


# name, change of the flight, files of the extract, damage of the extract, word
CASES = [
    ("index passed by the record before", passed_index, THIRD + STILL, None, "OUT-OF-ORDER"),
    ("erasure before", before_still("erased", erasure), STILL, None, "MALFORMED"),
    ("gap before", before_still("gap", gap), STILL, None, "EXTRACT"),
    ("drops in the record before", lambda flight: segment(flight, 2).update(drops=3), STILL, None, "EXTRACT"),
    ("record 0 opens a device log", log_open, STILL, None, "MALFORMED"),
    ("empty folder of the layout", no_change, STILL, empty_folder("torn"), "EXTRACT"),
    ("empty folder of a stream", no_change, STILL, empty_folder("segments/eo"), "EXTRACT"),
    ("empty folder of nobody's", no_change, STILL, empty_folder("more"), "MALFORMED"),
    ("head over nothing", no_change, STILL, lambda part: part.value["heads"].insert(0, part.head(0)), "MALFORMED"),
    ("line that is no base64", no_change, STILL, lambda part: part.value["records"][1].update(line="!!"), "MALFORMED"),
    ("record 0 of another device", lambda flight: flight.records[0][2].update(device_id="ab" * 32), STILL, None, "MALFORMED"),
    ("expired list and a stranger", expired, STILL, stranger_cosigns, "MALFORMED"),
    ("expired list", expired, STILL, None, "KEY-UNTRUSTED"),
]


def asked(program, change, files, damage):
    """What each verifier says of one case, and where they differ."""
    flight = flights.whole_flight("decided")
    change(flight)
    part = extracts.Part(flights.Built(flight), files)
    if damage:
        damage(part)
    with tempfile.TemporaryDirectory() as folder:
        return compare.ask_both(program, part.write(folder))


def main():
    """Exit code 1 when a case has another word."""
    wrong = 0
    for name, change, files, damage, word in CASES:
        differs, first, second = asked(sys.argv[1], change, files, damage)
        said = (first["word"], second["word"])
        if differs or said != (word, word):
            wrong += 1
            print("%s: %s and %s, not %s %s" % (name, *said, word, differs or ""))
    print("%d readings, %d said otherwise" % (len(CASES), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
