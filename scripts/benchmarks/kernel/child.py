"""One step in a process of its own: python -m scripts.benchmarks.kernel.child STEP ARGUMENTS, answered in JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

WARM_LOTS = 200


def prepare(folder: str, lots: str) -> None:
    """The tables of a fleet of so many lots, and of a small one to warm up on."""
    from scripts.benchmarks.kernel.fleet import store

    for name, count in ((Path(folder), int(lots)), (Path(folder) / "warm", WARM_LOTS)):
        name.mkdir(parents=True, exist_ok=True)
        store(name, count)


def measure(name: str, folder: str, out: str) -> dict[str, Any]:
    """Rows, seconds and peak memory of one contender; a small fleet goes first, so that all is loaded."""
    from scripts.benchmarks.kernel.contenders import CONTENDERS

    contender, path = CONTENDERS[name], Path(out)
    contender.run(contender.load(Path(folder) / "warm"), path)
    tables = contender.load(Path(folder))
    path.unlink()
    start, own, all_work = perf_counter(), process_time(), _work_seconds()
    rows = contender.run(tables, path)
    seconds, own, all_work = perf_counter() - start, process_time() - own, _work_seconds() - all_work
    return {
        "rows": rows,
        "seconds": seconds,
        "processor_seconds": own,
        "others_processors": max(all_work - own, 0) / seconds,
        "peak_bytes": _peak_bytes(),
        "bytes": path.stat().st_size,
    }


def sums(out: str, lots: str) -> dict[str, int]:
    """Sums over the schedule of the first lots: equal for all contenders, or one of them is wrong."""
    import polars as pl

    amounts = pl.col("depreciation_minor", "accumulated_minor").cast(pl.Int64)
    rows = pl.scan_parquet(out).filter(pl.col("lot") < int(lots)).with_columns(amounts, pl.col("period").cast(pl.Int64))
    weighted = (pl.col("depreciation_minor") * (pl.col("period") + pl.col("lot") % 997)).sum().alias("weighted")
    return rows.select(pl.len().alias("rows"), pl.all().sum(), weighted).collect(engine="streaming").row(0, named=True)


def versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("polars", "duckdb", "pyarrow", "pandas")}


def _work_seconds() -> float:
    """Seconds that the processors have worked for anyone since the machine started; 0 where it does not say."""
    counters = Path("/proc/stat")
    if not counters.is_file():
        return 0.0
    user, nice, system, _idle, _waiting, *interrupts = map(int, counters.read_text().split("\n")[0].split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def _peak_bytes() -> int:
    """Largest resident size of this process: what Linux counts for it alone, elsewhere what the system gives."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


STEPS: dict[str, Callable[..., Any]] = {step.__name__: step for step in (prepare, measure, sums, versions)}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
