"""Rows of an answer: from what DuckDB gives to what can be shown and written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import duckdb
import polars as pl
import pyarrow as pa

from depr.errors import refuse

WORDS = {"blob", "bit", "interval", "union", "uhugeint", "time with time zone"}
"""Types that no table of ours can hold; they are shown as the text that DuckDB gives them."""

BATCH_ROWS = 1 << 16


def shown(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The same rows, with cells of types in WORDS as text."""
    if not any(_in_words(kind) for kind in relation.types):
        return relation
    names = (f'"{name.replace(chr(34), chr(34) * 2)}"' for name in relation.columns)
    cells = (
        f"{name}::VARCHAR AS {name}" if _in_words(kind) else name
        for name, kind in zip(names, relation.types, strict=True)
    )
    return relation.project(", ".join(cells))


def _in_words(kind: object) -> bool:
    return str(kind).lower().partition("(")[0] in WORDS


def framed(reader: pa.RecordBatchReader, most_bytes: int, rows: int | None) -> pl.DataFrame:
    """The rows batch by batch, so that an answer without end is noticed before it fills the memory."""
    batches, size, read = [], 0, 0
    for batch in reader:
        size, read = size + batch.nbytes, read + batch.num_rows
        if size > most_bytes:
            raise refuse("query", f"the answer is larger than {most_bytes >> 20} MiB", do="aggregate it, or add LIMIT")
        batches.append(batch)
        if rows is not None and read >= rows:
            break
    answer = pl.DataFrame(pa.Table.from_batches(batches, reader.schema))
    return answer if rows is None else answer.head(rows)


def distinct(names: Sequence[str]) -> list[str]:
    """Names of their own for columns that SQL lets share one: x, x_1, x_2."""
    out: list[str] = []
    for name in names:
        spare = (f"{name}_{n}" for n in count(1))
        out.append(name if name not in out else next(other for other in spare if other not in (*names, *out)))
    return out
