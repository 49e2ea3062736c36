"""Where a process begins: Ctrl-C ends it in words from the first import on."""

from __future__ import annotations

import signal
import sys
from types import FrameType

STOPPED = 130
SAID = "stopped; the ledger is as it was, or holds all of the last file. Run the same command to go on\n"


def main() -> None:
    """The command line, whose modules take a moment to come in.

    Libraries make faults of their own of Ctrl-C: what comes up after it was pressed is taken for it.
    """
    pressed: list[int] = []

    def press(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, press)
    try:
        from depr.cli import main as run

        run()
    except SystemExit:
        raise
    except BaseException:
        if not pressed:
            raise
        sys.stderr.write(SAID)
        sys.exit(STOPPED)


if __name__ == "__main__":
    main()
