"""Where a process begins: Ctrl-C ends it in words from the first import on."""

from __future__ import annotations

import sys

STOPPED = 130


def main() -> None:
    """The command line, whose modules take a moment to come in."""
    try:
        from depr.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("stopped before anything was done\n")
        sys.exit(STOPPED)


if __name__ == "__main__":
    main()
