"""Views and result tables in a ledger: what an analyst finds when the file is opened in plain DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.resources import files

import dataframely as dy
import duckdb
import polars as pl

import depr
from depr.errors import refuse
from depr.forms import currencies
from depr.pipeline import Restatement
from depr.schemas import Books, Issuers, Restated, Rollup, Statements, describe

VIEWS = ("facts", "lots", "fleet")
"""In order: a view may read those before it. Each is depr/sql/views/NAME.sql with its COMMENT ON."""

MONEY, RATIO = "DECIMAL(28,2)", "DECIMAL(18,6)"
RESULTS: dict[str, tuple[type[dy.Schema], str]] = {
    "restatement": (Restated, "Each issuer and period under each alternative book; analysis, not a GAAP restatement"),
    "rollup": (Rollup, "Cost, depreciation and carrying amount by issuer, book, bound, generation and fiscal quarter"),
    "statements": (Statements, "Lines as reported; null is not sourced"),
    "books": (Books, "Judgements: one row a policy; a later one applies prospectively"),
    "issuers": (Issuers, "Who is restated, and the book that stands for what it reports"),
}


MADE_FROM = "CREATE OR REPLACE TABLE made_from AS SELECT ? AS version, ? AS head"
MADE_FROM_COMMENTS = """
COMMENT ON TABLE made_from IS 'What the result tables were made from; an old head says that facts were recorded since';
COMMENT ON COLUMN made_from.version IS 'version of depr';
COMMENT ON COLUMN made_from.head IS 'hash of the last batch known to it (batches.hash)';
"""


def install_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace the views, and the table of currencies they need."""
    known = pl.DataFrame(
        [(code, scale) for code, scale in currencies().items()], schema=["currency", "minor"], orient="row"
    )
    connection.register("known_currencies", known.to_arrow())
    connection.execute(
        "CREATE OR REPLACE TABLE currencies AS SELECT currency, "
        "CASE minor WHEN 1 THEN 1.00 ELSE 0.01 END::DECIMAL(3,2) AS unit_per_minor FROM known_currencies ORDER BY 1"
    )
    connection.unregister("known_currencies")
    connection.execute(
        "COMMENT ON TABLE currencies IS 'Units of a currency in one of its minor units';"
        "COMMENT ON COLUMN currencies.currency IS 'ISO 4217 code';"
        "COMMENT ON COLUMN currencies.unit_per_minor IS '0.01, or 1.00 for a currency without minor units'"
    )
    for name in VIEWS:
        connection.execute((files("depr.sql") / "views" / f"{name}.sql").read_text(encoding="utf-8"))


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
        "statements": statements.filter(pl.col("issuer").is_in(list(scale))),
        "books": _books(restatements),
        "issuers": _issuers(restatements),
    }
    connection.begin()
    try:
        for name, frame in frames.items():
            _replace(connection, name, frame, scale)
        connection.execute(MADE_FROM, [depr.__version__, head]).fetchall()
        connection.execute(MADE_FROM_COMMENTS).fetchall()
        connection.commit()
    except BaseException as fault:
        with suppress(duckdb.Error):  # a full disk has ended the transaction already
            connection.rollback()
        if isinstance(fault, duckdb.IOException | duckdb.TransactionException):
            why = str(fault).splitlines()[0]
            raise refuse("ledger", "the results cannot be written", why, "free space, or ask for access") from None
        raise


def _replace(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, scale: dict[str, int]) -> None:
    schema, meaning = RESULTS[name]
    minor = pl.col("issuer").replace_strict(scale, default=None, return_dtype=pl.Int64)
    connection.register("result", frame.with_columns(minor_per_unit=minor).to_arrow())
    columns = {_name(c): _expression(c) for c in schema.column_names()}
    body = ", ".join(f"{expression} AS {column}" for column, expression in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {body} FROM result")
    connection.unregister("result")
    connection.execute(f"COMMENT ON TABLE {name} IS {_quoted(meaning)}")
    for column, meaning in describe(schema).items():
        said = meaning.replace("minor units", "units of the currency").replace("parts per million", "ratio")
        said = said.replace("millionths of the currency per share", "currency per share")
        connection.execute(f"COMMENT ON COLUMN {name}.{_name(column)} IS {_quoted(said)}")


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


def _issuers(restatements: Iterable[Restatement]) -> pl.DataFrame:
    names = ("id", "name", "currency", "fiscal_year_end_month", "book")
    rows = [{name: getattr(r.issuer, name) for name in names} for r in restatements]
    return Issuers.validate(pl.DataFrame(rows).rename({"id": "issuer"}), cast=True)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
