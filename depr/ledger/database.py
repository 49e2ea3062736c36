"""DuckDB as the program opens it: silent, so that standard output carries the answer and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

Setting = str | bool | int | float | list[str]
QUIET = "SET enable_progress_bar = false"


def database(
    path: Path | None = None, *, read_only: bool = False, settings: Mapping[str, Setting] | None = None
) -> duckdb.DuckDBPyConnection:
    """A file, or a database in memory. Raises what DuckDB raises.

    In a notebook, at a prompt and under `python -c` DuckDB would draw a bar into standard output once a query takes
    two seconds; the program shows progress by itself, on standard error.
    """
    connection = duckdb.connect(str(path or ":memory:"), read_only=read_only, config=dict(settings or {}))
    try:
        connection.execute(QUIET)
    except duckdb.InvalidInputException as fault:
        if "locked" not in str(fault):  # the file is open for questions in this process, which sees to it
            connection.close()
            raise
    return connection
