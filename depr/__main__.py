"""Where a process begins: Ctrl-C ends it in words from the first import on."""

from __future__ import annotations

import signal
import sys
from _thread import interrupt_main
from threading import Timer
from types import FrameType
from typing import Any

STOPPED = 130
MOMENT_SECONDS = 0.02
SAID = "stopped; the ledger is as it was, or holds all of the last file. Run the same command to go on\n"


def main() -> None:
    """The command line, whose modules take a moment to come in.

    Libraries make faults of their own of Ctrl-C: what comes up after it was pressed is taken for it.
    """
    pressed: list[int] = []

    def press(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    def lost(found: Any) -> None:
        """Where nothing can be raised, in a callback of a library, it comes up again a moment later."""
        if isinstance(found.exc_value, KeyboardInterrupt):
            Timer(MOMENT_SECONDS, interrupt_main).start()
        else:
            sys.__unraisablehook__(found)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, press)
        sys.unraisablehook = lost
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
