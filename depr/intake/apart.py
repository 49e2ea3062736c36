"""A file that may unfold is read in a process of its own, which may take some memory and no more.

What the libraries make of a file does not follow from its size, and one that finds no memory may end its process. So
that process is another one: it hands back a table, a refusal, or nothing, and ours goes on in each case.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

import polars as pl
import psutil
import pyarrow as pa

from depr.errors import Finding, Refused, refuse, visible
from depr.intake import bounds
from depr.intake.layout import AS_USUAL, Layout, Text, Written
from depr.intake.sheets import sheet_names
from depr.intake.tables import READERS, read_here

CHILD = "import sys; sys.path[:] = {path!r}; from depr.intake import apart; apart.child()"
ROOMY = {
    "POLARS_MAX_THREADS": "2",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "RUST_BACKTRACE": "0",
}
"""Settings of the libraries under which address space stands for memory: none is set aside for later."""


BESIDE = 1 << 27
"""Bytes that the reader of CSV takes beside what it reads, for its threads; the room of other files has them in it."""


def read_text(path: Path, layout: Layout, how: Written = AS_USUAL) -> Text:
    """The file as a table of text; what may unfold is read in a process of its own. Raises `Refused`."""
    layout = layout.said(how)
    if path.suffix.lower() not in READERS:
        raise refuse(str(path), f"unknown file type {path.suffix!r}", do=f"use one of: {', '.join(READERS)}")
    if not path.is_file():
        raise refuse(str(path), "no such file", do="check the path")
    small = path.suffix.lower() == ".csv" and bounds.check(path, layout.delimiter) <= SMALL_BYTES
    return read_here(path, layout) if small else read_apart(path, layout)


SMALL_BYTES = 1 << 26
"""A CSV file that takes no more than this is read without a process of its own, which takes a third of a second."""


def read_apart(path: Path, layout: Layout) -> Text:
    """`read_here` in a process of its own. Raises `Refused`."""
    said, frame = _asked(path, layout)
    if frame is None:
        raise no_room(path)
    names = said["mixed"]
    held = frame.width - len(names)
    mixed = frame[:, held:].rename(dict(zip(frame.columns[held:], names, strict=True)))
    return Text(said["name"], frame[:, :held], frozenset(said["exact"]), mixed, said["first_row"])


def sheets_of(path: Path) -> list[str]:
    """The names of the sheets of a workbook that hold anything. Raises `Refused`."""
    said, _ = _asked(path, None)
    if "sheets" not in said:
        raise no_room(path)
    return list(said["sheets"])


def _asked(path: Path, layout: Layout | None) -> tuple[dict[str, Any], pl.DataFrame | None]:
    """What the other process says of a file, and the table that it hands back. Raises `Refused`."""
    call = [sys.executable, "-c", CHILD.format(path=sys.path)]
    with Popen(call, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=os.environ | ROOMY) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(pickle.dumps((path.absolute(), layout)))
        try:
            said = json.loads(process.stdout.readline() or b"{}")
            frame = pl.DataFrame(pa.ipc.open_stream(process.stdout).read_all()) if "exact" in said else None
        except (pa.ArrowException, OSError, ValueError):  # it ended on the way
            frame = None
    if not said.get("limited", True):
        warning = "%s: this system sets no limit to the memory of a process, so it is read without one"
        logging.getLogger("depr").warning(warning, visible(path.name))
    if "findings" in said:
        raise Refused(Finding(*each) for each in said["findings"])
    if "fault" in said:
        raise RuntimeError(said["fault"])
    return said, frame


def no_room(path: Path) -> Refused:
    """The error for a file that filled the memory which its process was allowed."""
    size = path.stat().st_size
    what = f"it unfolds from {size:,} bytes to more than its reader may take"
    return bounds.too_large(path, what, "save the table alone as CSV, or split it")


def child() -> None:
    """The other process: takes a path and a layout from standard input, gives what it read to standard output.

    Without a layout it is asked for the names of the sheets.
    """
    path, layout = pickle.loads(sys.stdin.buffer.read())
    out = sys.stdout.buffer
    limited = limit(bounds.ROOM)
    said = dict[str, Any]()
    text = None
    try:
        room = bounds.check(path, layout.delimiter if layout else ",")
        limit(room + BESIDE if path.suffix.lower() == ".csv" else room)
        if layout is None:
            said["sheets"] = sheet_names(path)
        else:
            text = read_here(path, layout)
            if sum(text.table.select(pl.all().str.len_bytes().sum()).row(0)) > room:  # one long text, shown often
                raise no_room(path)
            said |= {"exact": sorted(text.exact), "name": text.name, "first_row": text.first_row}
            said["mixed"] = text.mixed.columns
    except Refused as refused:
        said["findings"] = [list(vars(each).values()) for each in refused.findings]
    except MemoryError:
        said["findings"] = [list(vars(each).values()) for each in no_room(path).findings]
    except Exception as fault:
        import traceback

        said["fault"] = "".join(traceback.format_exception(fault))
    out.write(json.dumps(said | {"limited": limited}).encode() + b"\n")
    if text is not None:
        table = text.table.hstack(text.mixed.select(pl.all().name.prefix("\1"))).to_arrow()
        with pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
    out.flush()


def limit(room: int) -> bool:
    """Let this process take `room` bytes of memory beside what it has now; False where that cannot be limited."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = psutil.Process().memory_info().vms + room
        resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most), most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):  # Windows has none, macOS may refuse it
        return False
    return True
