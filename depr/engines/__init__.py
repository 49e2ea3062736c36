"""Where a schedule runs. An engine joins the same segments with the same shares; a test runs on all of them."""

from __future__ import annotations

from depr.engines.duckdb import DUCKDB
from depr.engines.engine import Engine
from depr.engines.polars import POLARS

ENGINES: dict[str, Engine] = {engine.name: engine for engine in (POLARS, DUCKDB)}
"""Every engine by name; the first is the default."""

__all__ = ["ENGINES", "Engine"]
