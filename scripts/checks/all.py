"""What must hold for a release and takes longer than the tests: each check, one after the other, and a table.

    scripts/check all [--only NAME ...]

A check prints its own table as it goes. Some take hours; Ctrl-C ends the run with the table so far. The exit code is 1
when one of them does not hold.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

PAGES = "pages"
CHECKS: dict[str, Sequence[str]] = {
    "release": (),
    "conformance": (),
    PAGES: (),
    "macros": ("--lots", "1000000"),
    "faults": ("--full",),
    "properties": (),
    "pythons": (),
    "mutation": (),
}
"""Each check and the words it is called with; pages are those of the demo, made first."""


def ran(name: str, words: Sequence[str]) -> int:
    """The exit code of one check."""
    with TemporaryDirectory(prefix="depr-check-") as folder:
        if name == PAGES:
            out = Path(folder) / "demo"
            demo = [sys.executable, "-c", "from depr.cli import main; main()", "demo", "--out", str(out)]
            subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
            words = (str(out),)
        return subprocess.run([sys.executable, "-m", f"scripts.checks.{name}", *words], check=False).returncode


def main(arguments: Sequence[str]) -> int:
    """Runs the checks and prints how each ended."""
    parser = argparse.ArgumentParser(description="all checks for a release")
    parser.add_argument("--only", action="append", choices=CHECKS, help="only this check; may be repeated")
    names = parser.parse_args(arguments).only or list(CHECKS)
    table, ends = Table("check", "holds", "minutes", title="Checks"), []
    try:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            start = time.monotonic()
            ends.append(ran(name, CHECKS[name]))
            table.add_row(name, "no" if ends[-1] else "yes", f"{(time.monotonic() - start) / 60:.1f}")
    except KeyboardInterrupt:
        print("stopped: the table is not whole", file=sys.stderr)
        ends.append(1)
    Console(width=100).print(table)
    return int(any(ends))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
