"""A table of calls to a vehicle: each passed, or refused with the reason the peer was given."""

import asyncio
import json
import sys
import time


class Calls:
    """Collects the outcome of each call; nothing that a call raises ends the run."""

    def __init__(self):
        self.rows = []

    def note(self, name, outcome, began_s):
        self.rows.append({"call": name, "result": outcome, "ms": round((time.monotonic() - began_s) * 1000)})
        print(f"{name:34} {outcome}", file=sys.stderr, flush=True)

    async def ask(self, name, awaitable, timeout_s=20.0, check=None):
        """Awaits a call; `check` names what is wrong with its result, or gives none. Returns the result."""
        began_s = time.monotonic()
        try:
            result = await asyncio.wait_for(awaitable, timeout_s)
            wrong = check(result) if check else None
            self.note(name, "passed" if wrong is None else f"wrong: {wrong}", began_s)
            return result
        except (asyncio.TimeoutError, TimeoutError):
            self.note(name, f"timeout after {timeout_s:.0f} s", began_s)
        except Exception as error:  # noqa: BLE001 a peer's error is a row of the table
            self.note(name, f"refused: {error}", began_s)
        return None

    def do(self, name, call, check=None):
        """The same for a call that blocks."""
        began_s = time.monotonic()
        try:
            result = call()
            wrong = check(result) if check else None
            self.note(name, "passed" if wrong is None else f"wrong: {wrong}", began_s)
            return result
        except Exception as error:  # noqa: BLE001 as above
            self.note(name, f"refused: {type(error).__name__}: {error}", began_s)
            return None

    def finish(self, **facts):
        """Prints the table as JSON."""
        json.dump({"calls": self.rows, **facts}, sys.stdout)
        print()
