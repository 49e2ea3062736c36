"""Runs the tests that a daily run leaves out: breadth of kinds of which scripts/test tries a sample.

    scripts/check release [TEST ...]    arguments go to pytest

pytest's own table of the slowest ends the output.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str]) -> int:
    """The exit code of pytest over what carries the marker `release`."""
    words = [
        "-q",
        "-n",
        "auto",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--durations=20",
        "-m",
        "release",
        *arguments,
    ]
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
