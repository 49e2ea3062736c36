"""Rows of an answer: from what DuckDB gives to what can be shown and written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.sqltypes import DuckDBPyType

from depr.errors import refuse
from depr.ledger.database import database

HELD = {
    *("null", "boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "decimal", "float", "double"),
    *("utinyint", "usmallint", "uinteger", "ubigint", "varchar", "enum", "uuid", "date", "time", "time_ns"),
    *("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"),
}
"""Types that tables of ours hold; any other, alone or within a list or record, is the text that DuckDB gives it."""

NESTED = {"list", "array", "struct", "map"}
BATCH_ROWS = 1 << 16

EPOCH = date(1970, 1, 1).toordinal()
DAYS = (date.min.toordinal() - EPOCH, date.max.toordinal() - EPOCH)
"""The first and the last day of our calendar, 0001-01-01 and 9999-12-31, counted from 1970-01-01."""

PER_DAY = {unit: 86_400 * 10**digits for unit, digits in (("s", 0), ("ms", 3), ("us", 6), ("ns", 9))}
INFINITE = 2**63 - 1
"""How DuckDB keeps the time 'infinity', in any unit; with a minus '-infinity'."""


def shown(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The same rows, with cells of types that are not in HELD as text."""
    if all(map(_is_held, relation.types)):
        return relation
    names = (f'"{name.replace(chr(34), chr(34) * 2)}"' for name in relation.columns)
    cells = (
        name if _is_held(kind) else f"{name}::VARCHAR AS {name}"
        for name, kind in zip(names, relation.types, strict=True)
    )
    return relation.project(", ".join(cells))


def _is_held(kind: DuckDBPyType) -> bool:
    if kind.id in NESTED:
        return all(_is_held(part) for _, part in kind.children if isinstance(part, DuckDBPyType))
    return kind.id in HELD


def framed(reader: pa.RecordBatchReader, most_bytes: int, rows: int | None) -> pl.DataFrame:
    """The rows batch by batch, so that an answer without end is noticed before it fills the memory."""
    batches = []
    size = 0
    read = 0
    for batch in reader:
        size = size + batch.nbytes
        read = read + batch.num_rows
        if size > most_bytes:
            raise refuse("query", f"the answer is larger than {most_bytes >> 20} MiB", do="aggregate it, or add LIMIT")
        batches.append(batch)
        if rows is not None and read >= rows:
            break
    answer = pl.DataFrame(_calendared(pa.Table.from_batches(batches, reader.schema)))
    return answer if rows is None else answer.head(rows)


def _calendared(table: pa.Table) -> pa.Table:
    """The same rows; a column with a value that no calendar or number of ours has is the text that DuckDB gives it."""
    odd = [name for name in table.column_names if any(map(_is_odd, table[name].chunks))]
    if not odd:
        return table
    with database() as connection:
        connection.register("odd", table.select(odd))
        texts = connection.sql("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM odd").to_arrow_table()
    for number, name in enumerate(odd):
        table = table.set_column(table.column_names.index(name), name, texts.column(number))
    return table


def _is_odd(cells: pa.Array) -> bool:
    """Whether a cell is infinite in time, in a year before 1 or after 9999, 24:00, or a number of 39 digits."""
    kind = cells.type
    if pa.types.is_struct(kind):
        return any(map(_is_odd, cells.flatten()))
    if pa.types.is_map(kind):  # which JSON has with texts for keys alone
        bare = pa.types.is_floating(kind.item_type) and not pc.all(pc.is_finite(cells.items)).as_py()
        return not pa.types.is_string(kind.key_type) or bare or _is_odd(cells.items)
    if pa.types.is_nested(kind):
        return _is_odd(cells.flatten())
    if (limits := _limits(kind)) is None:
        return False
    least, most = (end.as_py() for end in pc.min_max(cells if pa.types.is_decimal(kind) else _whole(cells)).values())
    return least is not None and not limits[0] <= least <= most <= limits[1]


def _whole(cells: pa.Array) -> pa.Array:
    return cells.cast(pa.int32() if cells.type.bit_width == 32 else pa.int64())


def _limits(kind: pa.DataType) -> tuple[int, int] | None:
    """The least and the greatest that a type may hold for us, in its own unit; None for what always fits."""
    first, last = DAYS
    if pa.types.is_decimal(kind):
        return 1 - 10**kind.precision, 10**kind.precision - 1
    if pa.types.is_date32(kind):
        return first, last
    if pa.types.is_time(kind):
        return 0, PER_DAY[kind.unit] - 1
    if not pa.types.is_timestamp(kind):
        return None
    step = PER_DAY[kind.unit]
    spare = kind.tz is not None  # a day to spare: another zone is up to a day away
    return max((first + spare) * step, 1 - INFINITE), min((last + 1 - spare) * step, INFINITE) - 1


def distinct(names: Sequence[str]) -> list[str]:
    """Names of their own for columns that SQL lets share one: x, x_1, x_2."""
    out: list[str] = []
    for name in names:
        spare = (f"{name}_{n}" for n in count(1))
        out.append(name if name not in out else next(other for other in spare if other not in (*names, *out)))
    return out
