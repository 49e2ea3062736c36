"""Searches every property of the tests, and compares the kernel with the oracle, on many more examples than a test run.

    scripts/check properties [--examples N] [TEST...]    1,000 examples each, new ones every time

A failure prints the smallest example there is; pytest's own table of the slowest ends the output. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEARCHES = re.compile(r"^@given\(|tests\.size import", re.MULTILINE)
"""What a file has that searches."""


def main(arguments: Sequence[str]) -> int:
    """Runs pytest over the files that search."""
    parser = argparse.ArgumentParser(description="properties on many examples")
    parser.add_argument("--examples", type=int, default=1000, help="examples of each property (1000)")
    parser.add_argument("test", nargs="*", help="test files; all that search when none is named")
    asked = parser.parse_args(arguments)
    found = [
        str(p.relative_to(ROOT))
        for p in sorted((ROOT / "tests").rglob("test_*.py"))
        if SEARCHES.search(p.read_text("utf-8"))
    ]
    words = [sys.executable, "-m", "pytest", "-q", "-m", "", "-n", "auto", "--durations=20", *(asked.test or found)]
    env = {name: value for name, value in os.environ.items() if name != "CI"}  # CI takes the same examples every time
    return subprocess.run(words, cwd=ROOT, env=env | {"DEPR_EXAMPLES": str(asked.examples)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
