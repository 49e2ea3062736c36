"""Work in processes of their own: they can be killed, interrupted, run side by side and measured.

They are forked from a server that has imported everything and started nothing, so that one takes milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

import depr
from tests.command import Ran, run

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "depr.checks",
        "depr.cli",
        "depr.console.writers",
        "depr.fleet.facts",
        "depr.fleet.figures",
        "depr.fleet.preparing",
        "depr.fleet.questions",
        "depr.fleet.restating",
        "depr.journal",
        "pytest",
        "rich.progress",
        "tests.command",
    ]
)
WAIT_S, SAMPLE_S = 120, 0.01
COUNTED = tuple(
    str(Path(depr.__file__).parent / part) for part in ("ledger", "sql", "fleet", "share", "console/writers.py")
)
"""Where a child may be stopped between two steps."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code (negative: the signal), what it printed, what it took.

    Memory is that of the child and of all processes below it at one time, where it was measured.
    """

    code: int
    ran: Ran | None = None
    seconds: float = 0.0
    steps: int = 0
    peak_kib: int = 0


class Child:
    """A child that runs `depr WORDS` in a folder; it waits for `go`, so that its start can be timed."""

    def __init__(
        self,
        folder: Path,
        *words: str | Path,
        stop_at: int = 0,
        count: bool = False,
        stop_with: int = signal.SIGKILL,
        measured: bool = False,
        **limits: int,
    ) -> None:
        self.peak_kib = 0 if measured else None
        self.pipe, theirs = CONTEXT.Pipe()
        given = (folder, tuple(map(str, words)), Steps(stop_at, stop_with) if stop_at or count else None, limits)
        self.process: ForkServerProcess = CONTEXT.Process(target=_work, args=(theirs, *given))
        self.process.start()
        theirs.close()
        assert self.pipe.poll(WAIT_S), "a child did not start"
        self.pipe.recv()

    def go(self) -> Child:
        """Begin."""
        self.pipe.send("go")
        return self

    def kill(self, after_s: float, number: int = signal.SIGKILL) -> Child:
        """A signal after a time; nothing when the child has ended by then."""
        time.sleep(after_s)
        assert self.process.pid is not None
        if self.process.is_alive():
            os.kill(self.process.pid, number)
        return self

    def end(self) -> Ended:
        """Wait for its end."""
        told: tuple[Any, ...] = ()
        end = time.monotonic() + WAIT_S
        try:
            while not self.pipe.poll(WAIT_S if self.peak_kib is None else SAMPLE_S) and time.monotonic() < end:
                self._sample()
            if self.pipe.poll():
                told = self.pipe.recv()
        except EOFError:
            pass
        self.process.join(WAIT_S)
        code = self.process.exitcode
        assert code is not None, "a child did not end"
        self.process.close()
        self.pipe.close()
        peak = self.peak_kib or 0
        if not told:
            return Ended(code, peak_kib=peak)
        ran, seconds, steps = told
        return Ended(ran.code, ran, seconds, steps, peak)

    def _sample(self) -> None:
        """Notes the memory of the child and of all processes that it has started, where that is asked."""
        if self.peak_kib is None:
            return
        with suppress(psutil.Error):
            own = psutil.Process(self.process.pid)
            held = sum(each.memory_info().rss for each in (own, *own.children(recursive=True)))
            self.peak_kib = max(self.peak_kib, held >> 10)


def command(folder: Path, *words: str | Path, count: bool = False, measured: bool = False, **limits: int) -> Ended:
    """`depr WORDS` in a child, to its end; limits are names of `LIMITS`."""
    return Child(folder, *words, count=count, measured=measured, **limits).go().end()


LIMITS = {"file_bytes": resource.RLIMIT_FSIZE, "memory_bytes": resource.RLIMIT_AS}


def _work(pipe: Connection, folder: Path, words: tuple[str, ...], steps: Steps | None, limits: dict[str, int]) -> None:
    pipe.send("ready")
    pipe.recv()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for name, most in limits.items():
        resource.setrlimit(LIMITS[name], (most, resource.RLIM_INFINITY))
    began = time.perf_counter()
    sys.setprofile(steps)
    ran = _ran(folder, *words)
    sys.setprofile(None)
    taken = time.perf_counter() - began
    pipe.send((ran, taken, steps.seen if steps else 0))


def _ran(folder: Path, *words: str) -> Ran:
    """The command; what it did not expect is told as a person would see it, as a traceback."""
    try:
        return run(folder, *words)
    except Exception:
        return Ran(1, "", traceback.format_exc())


class Steps:
    """Counts calls and returns within the ledger's code, and sends its own process a signal at one of them."""

    def __init__(self, stop_at: int, stop_with: int) -> None:
        self.stop_at, self.stop_with = stop_at, stop_with
        self.seen = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if frame.f_code.co_filename.startswith(COUNTED):
            self.seen += 1
            if self.seen == self.stop_at:
                os.kill(os.getpid(), self.stop_with)


def together(work: Callable[..., Any], *given: tuple[Any, ...]) -> None:
    """A function in several processes at once, once for each set of arguments."""
    processes = [CONTEXT.Process(target=work, args=each) for each in given]
    for process in processes:
        process.start()
    for process in processes:
        process.join(WAIT_S)
        assert process.exitcode == 0, f"a child ended with {process.exitcode}"
