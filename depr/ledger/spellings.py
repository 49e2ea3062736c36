"""Ids that were recorded before an id had one spelling: what is told of them now is told of the same lot."""

from __future__ import annotations

import dataframely as dy
import duckdb
import polars as pl

from depr.contract import Entries
from depr.contract.names import spelled
from depr.errors import Finding

ODD = "regexp_matches(lot_id, '[^ -~]') OR lot_id <> trim(lot_id)"
"""Printable ASCII without blanks around it is its own spelling."""


def odd(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The ids of lots that are not in their one spelling: `lot_id` as recorded, `one` as files spell it now."""
    ids: pl.DataFrame = connection.sql(f"SELECT DISTINCT lot_id FROM events WHERE {ODD} ORDER BY lot_id").pl()
    return ids.with_columns(one=spelled(pl.col("lot_id"))).filter(pl.col("lot_id") != pl.col("one"))


def named(lots: pl.Series, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Some lots (`lot_id`), in their one spelling or as recorded, with the other spellings that they have on file."""
    others = odd(connection).filter(pl.col("one").is_in(lots.unique().implode()))["lot_id"]
    return pl.concat([lots.alias("lot_id"), others]).unique().to_frame()


def as_recorded(
    file: str, entries: dy.DataFrame[Entries], connection: duckdb.DuckDBPyConnection
) -> tuple[dy.DataFrame[Entries], tuple[Finding, ...]]:
    """The entries with the ids that the ledger has for their lots, and those that could be of several lots of it."""
    known = odd(connection).filter(pl.col("one").is_in(entries["lot_id"].unique().implode()))
    if known.is_empty():
        return entries, ()
    connection.register("named", known.select("one").unique().to_arrow())
    plain = connection.sql("SELECT DISTINCT lot_id FROM events SEMI JOIN named ON lot_id = one").pl()
    seqs = entries["reverses"].drop_nulls().to_list() or [0]
    meant = connection.sql("SELECT seq AS reverses, lot_id AS meant FROM events WHERE seq IN ?", params=[seqs]).pl()
    connection.unregister("named")
    spellings = pl.concat([known, plain.with_columns(one="lot_id")]).group_by("one").agg(pl.col("lot_id").sort())
    matched = entries.join(spellings.rename({"lot_id": "recorded"}), left_on="lot_id", right_on="one", how="left",
                        maintain_order="left")  # fmt: skip
    matched = matched.join(meant, on="reverses", how="left", maintain_order="left")
    unclear = matched.filter((pl.col("recorded").list.len() > 1) & pl.col("meant").is_null())
    findings = tuple(_unclear(file, *row) for row in unclear.select("source_row", "lot_id", "recorded").iter_rows())
    several = pl.col("recorded").list.len() > 1
    own = pl.when(several).then("meant").otherwise(pl.col("recorded").list.first())
    renamed = matched.with_columns(lot_id=pl.coalesce(own, "lot_id")).select(Entries.column_names())
    return Entries.cast(renamed), findings


def _unclear(file: str, row: int, lot_id: str, recorded: list[str]) -> Finding:
    listed = ", ".join(f"{each!a}" for each in recorded)
    what = f"lot {lot_id!r} is in the ledger under {len(recorded)} spellings of one id: {listed}"
    do = "take one of them back: a correction names the event that was wrong"
    return Finding(file, row, what, "which of them is meant is not certain", do, "spelling")
