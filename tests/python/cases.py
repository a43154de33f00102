"""Named cases of a client script, reported as JSON lines on standard output for the test that runs it."""

import json
import sys
import traceback


class Cases:
    """Runs cases one after the other; a failed one does not stop those after it."""

    def __init__(self):
        self._cases = []

    def case(self, name):
        def register(run):
            self._cases.append((name, run))
            return run

        return register

    def run(self, title, *args):
        """Calls every case with these arguments. A case fails by raising; the script itself exits 0 all the same."""
        for name, run in self._cases:
            line = {"name": f"{title}: {name}", "ok": True}
            try:
                run(*args)
            except Exception:
                line.update(ok=False, error=traceback.format_exc())
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


def equal(actual, expected):
    """An assertion that survives -O and shows both sides."""
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def check(claim, problem):
    if not claim:
        raise AssertionError(problem)
