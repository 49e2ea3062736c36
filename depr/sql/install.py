"""Views and result tables in a ledger: what an analyst finds when the file is opened in plain DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import dataframely as dy
import duckdb
import polars as pl

from depr.currencies import currencies
from depr.errors import refuse
from depr.issuers import Issuer
from depr.pipeline import Restatement
from depr.restate.backtest_table import Backtest
from depr.schemas import Books, Issuers, Restated, Rollup, describe, prepared
from depr.schemas.statements import Stated
from depr.sql.help import describe_table, write_help
from depr.sql.prepared.tables import ANSWERS, TABLES, run, write_head, write_prepared
from depr.statements.identities import KEY, broken

MACROS = ("schedule", "estimates", "questions", "modes", "statements", "per_share", "cash")
VIEWS = ("facts", "lots", "fleet", "contract")
"""In order: each may read those before it. Each is depr/sql/macros or views/NAME.sql with its COMMENT ON."""

MONEY, RATIO = "DECIMAL(28,2)", "DECIMAL(18,6)"
RESULTS: dict[str, tuple[type[dy.Schema], str]] = {
    "restatement": (Restated, "Each issuer and period under each alternative book; analysis, not a GAAP restatement"),
    "rollup": (Rollup, "Cost, depreciation and carrying amount by issuer, book, bound, generation and fiscal quarter"),
    "statements": (Stated, "Lines as reported; null is not sourced"),
    "books": (Books, "Judgements: one row a policy; a later one applies prospectively"),
    "issuers": (Issuers, "Who is restated, and the book that stands for what it reports"),
    "backtest": (Backtest, "The model against what filers disclosed: one row a prediction of one disclosed effect"),
    "checks": (prepared.Checks, "What the named checks of the ledger found when it was prepared"),
}


MADE_FROM = "What the result tables were made from; an old head says that facts were recorded since"
CURRENCIES = "Units of a currency in one of its minor units"
CURRENCY_COLUMNS = {
    "currency": "ISO 4217 code",
    "unit_per_minor": "0.01, or 1.00 for a currency without minor units",
}
THERE = """
    SELECT table_name, list(column_name) FROM duckdb_columns()
    WHERE schema_name = 'main' AND database_name = current_database() GROUP BY ALL
"""


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace the macros and views, and what they read where it is not there yet, or of an older version."""
    _currencies(connection)
    there = {name: set(columns) for name, columns in connection.execute(THERE).fetchall()}
    other = [name for name, (schema, _) in RESULTS.items() if set(map(_name, schema.column_names())) != there.get(name)]
    for name in other:
        _replace(connection, name, RESULTS[name][0].create_empty(), {})
    if other or "made_from" not in there:
        write_head(connection, "made_from", MADE_FROM, None)
    whole = all(set(schema.column_names()) <= there.get(name, set()) for name, (schema, _) in TABLES.items())
    if not whole or "prepared_from" not in there:
        write_prepared(connection, {name: schema.create_empty() for name, (schema, _) in TABLES.items()}, None)
    for folder, names in (("macros", MACROS), ("views", VIEWS)):
        for name in names:
            run(connection, f"{folder}/{name}.sql")
    if "understatement" not in there:
        run(connection, ANSWERS)
    write_help(connection)


def _currencies(connection: duckdb.DuckDBPyConnection) -> None:
    known = pl.DataFrame(
        [(code, scale) for code, scale in currencies().items()], schema=["currency", "minor"], orient="row"
    )
    connection.register("known_currencies", known.to_arrow())
    connection.execute(
        "CREATE OR REPLACE TABLE currencies AS SELECT currency, "
        "CASE minor WHEN 1 THEN 1.00 ELSE 0.01 END::DECIMAL(3,2) AS unit_per_minor FROM known_currencies ORDER BY 1"
    )
    connection.unregister("known_currencies")
    describe_table(connection, "currencies", CURRENCIES, CURRENCY_COLUMNS)


def write_results(
    connection: duckdb.DuckDBPyConnection, restatements: Sequence[Restatement], statements: pl.DataFrame, head: str
) -> None:
    """Replace the result tables with those of a run, in one transaction: amounts DECIMAL in units of the currency.

    `head` is the hash of the facts they were made from; it is kept in the table `made_from`.

    Raises `Refused` when they cannot be written, as on a full disk; the tables are then as they were.
    """
    scale = {r.issuer.id: currencies()[r.issuer.currency] for r in restatements}
    frames = {
        "restatement": pl.concat([r.restated for r in restatements]),
        "rollup": pl.concat([r.rollup for r in restatements]),
        "statements": _stated(statements, scale),
        "books": _books(restatements),
        "issuers": _issuers([r.issuer for r in restatements]),
    }
    connection.begin()
    try:
        for name, frame in frames.items():
            _replace(connection, name, frame, scale)
        write_head(connection, "made_from", MADE_FROM, head)
        connection.commit()
    except BaseException as fault:
        with suppress(duckdb.Error):  # a full disk has ended the transaction already
            connection.rollback()
        if isinstance(fault, duckdb.IOException | duckdb.TransactionException):
            why = str(fault).splitlines()[0]
            raise refuse("ledger", "the results cannot be written", why, "free space, or ask for access") from None
        raise


def write_statements(
    connection: duckdb.DuckDBPyConnection, issuers: Sequence[Issuer], statements: pl.DataFrame
) -> None:
    """Add issuers, and their statements, that no restatement has written; those that it has written stay."""
    scale = {issuer.id: currencies()[issuer.currency] for issuer in issuers}
    frames = {"statements": _stated(statements, scale), "issuers": _issuers(issuers)}
    if not connection.execute("SELECT 1 FROM made_from").fetchall():
        for name, frame in frames.items():
            _replace(connection, name, frame, scale)
        return
    for name, frame in frames.items():
        there = [issuer for (issuer,) in connection.execute(f"SELECT DISTINCT issuer FROM {name}").fetchall()]
        _put(connection, f"INSERT INTO {name} BY NAME", name, frame.filter(~pl.col("issuer").is_in(there)), scale)


def write_evidence(connection: duckdb.DuckDBPyConnection, **frames: pl.DataFrame) -> None:
    """Replace the tables backtest and checks: how good the model is, and what is wrong in the books."""
    for name, frame in frames.items():
        _replace(connection, name, frame, {})


def _stated(statements: pl.DataFrame, issuers: Iterable[str]) -> pl.DataFrame:
    """The statements of some issuers, each with the identities that it breaks."""
    own = statements.filter(pl.col("issuer").is_in(list(issuers)))
    flags = broken(own).rename({"identities": "broken_identities"})
    return own.join(flags, on=KEY, how="left", nulls_equal=True, maintain_order="left")


def _put(
    connection: duckdb.DuckDBPyConnection, into: str, name: str, frame: pl.DataFrame, scale: dict[str, int]
) -> None:
    """The rows of a result table, as its columns are in SQL."""
    owned = bool(scale) and "issuer" in frame.columns
    minor = (
        pl.col("issuer").replace_strict(scale, default=None, return_dtype=pl.Int64) if owned else pl.lit(None, pl.Int64)
    )
    connection.register("result", frame.with_columns(minor_per_unit=minor).to_arrow())
    columns = {_name(c): _expression(c) for c in RESULTS[name][0].column_names()}
    body = ", ".join(f"{expression} AS {column}" for column, expression in columns.items())
    connection.execute(f"{into} SELECT {body} FROM result").fetchall()
    connection.unregister("result")


def _replace(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, scale: dict[str, int]) -> None:
    schema, meaning = RESULTS[name]
    _put(connection, f"CREATE OR REPLACE TABLE {name} AS", name, frame, scale)
    told = {_name(column): _in_units(text) for column, text in describe(schema).items()}
    describe_table(connection, name, meaning, told)


def _in_units(meaning: str) -> str:
    """What a column means when its amounts are in units, its ratios numbers."""
    said = meaning.replace("minor units", "units of the currency").replace("parts per million", "ratio")
    return said.replace("millionths of the currency per share", "currency per share")


def _name(column: str) -> str:
    return column.removesuffix("_minor").removesuffix("_micro").removesuffix("_ppm")


def _expression(column: str) -> str:
    """Integers to DECIMAL by exact multiplication: DuckDB's / would give a double."""
    if column.endswith("_minor"):
        cents = f"{column}::DECIMAL(26,0) * 0.01"
        return f"CASE minor_per_unit WHEN 1 THEN {column}::{MONEY} ELSE ({cents})::{MONEY} END"
    if column.endswith(("_micro", "_ppm")):
        return f"({column}::DECIMAL(18,0) * 0.000001)::{RATIO}"
    return column


def _books(restatements: Iterable[Restatement]) -> pl.DataFrame:
    books = {book.id: book for r in restatements for book in (r.reported, *r.alternatives)}
    return Books.validate(
        pl.DataFrame(
            {
                "book": book.id,
                "title": book.title,
                "kind": book.kind,
                "issuer": book.issuer,
                "effective": policy.effective,
                "generations": ", ".join(policy.generations),
                "method": policy.method,
                "convention": policy.convention,
                "life_months": policy.life_months,
                "residual_rate_ppm": round(policy.residual_rate * 10**6),
                "source": policy.source,
                "note": policy.note or book.note or None,
            }
            for book in books.values()
            for policy in book.policy
        ),
        cast=True,
    )


def _issuers(issuers: Iterable[Issuer]) -> pl.DataFrame:
    rows = [(i.id, i.name, i.currency, i.fiscal_year_end_month, i.book) for i in issuers]
    return Issuers.validate(pl.DataFrame(rows, Issuers.create_empty().schema, orient="row"), cast=True)
