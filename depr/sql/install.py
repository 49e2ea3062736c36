"""Views and result tables in a ledger: what an analyst finds when the file is opened in plain DuckDB."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import dataframely as dy
import duckdb
import polars as pl

from depr.books.issuers import Issuer
from depr.contract import Books, Issuers, Restated, Rollup, describe, prepared
from depr.contract.backtest import Backtest
from depr.contract.currencies import currencies
from depr.contract.names import bare
from depr.contract.statements import Stated
from depr.ledger import contents
from depr.ledger.tables import literal
from depr.ledger.version import VERSION
from depr.pipeline import Restatement
from depr.sql.help import describe_table, write_help
from depr.sql.placing import MACROS, answer, place, renew
from depr.sql.prepared.tables import HEAD_COLUMNS, TABLES, run, write_prepared
from depr.sql.saved import (
    BEFORE,
    HELD,
    MADE_FROM,
    MADE_FROM_COLUMNS,
    RUN_MEANS,
    SAVED,
    Run,
    check_name,
    tables_there,
    whole,
)
from depr.sql.texts import text
from depr.statements.identities import KEY, flags

VIEWS = ("facts", "lots", "fleet", "contract", "saved")
"""In order: each may read those before it. Each is depr/sql/views/NAME.sql with its COMMENT ON."""

SCRIPTS = tuple(f"{folder}/{name}.sql" for folder, names in (("macros", MACROS), ("views", VIEWS)) for name in names)

MONEY = "DECIMAL(28,3)"
RATIO = "DECIMAL(18,6)"
"""Types of amounts, with as many decimals as any currency has, and of ratios."""

RESULTS: dict[str, tuple[type[dy.Schema], str]] = {
    "restatement": (Restated, "Each issuer and period under each alternative book; analysis, not a GAAP restatement"),
    "rollup": (Rollup, "Cost, depreciation and carrying amount by issuer, book, bound, generation and fiscal quarter"),
    "statements": (Stated, "Lines as reported; null is not sourced"),
    "books": (Books, "Judgements: one row a policy; a later one applies prospectively"),
    "issuers": (Issuers, "Who is restated, and the book that stands for what it reports"),
    "backtest": (Backtest, "The model against what filers disclosed: one row a prediction of one disclosed effect"),
    "checks": (prepared.Checks, "What the named checks of the ledger found when it was prepared"),
}


WRITTEN = (*HELD, "statements", "issuers")
"""What saving a restatement writes."""

CURRENCIES = "Units of a currency in one of its minor units"
CURRENCY_COLUMNS = {
    "currency": "ISO 4217 code",
    "unit_per_minor": "0.01, 1 for a currency without minor units, 0.001 for one with thousandths",
}


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace the macros and views, and what they read where it is not there yet, or of an older version."""
    contents.adopt(connection)
    _currencies(connection)
    there = tables_there(connection)
    made = _results(connection, there)
    whole = all(set(schema.column_names()) <= there.get(name, set()) for name, (schema, _) in TABLES.items())
    if emptied := not whole or "prepared_from" not in there:
        write_prepared(connection, {name: schema.create_empty() for name, (schema, _) in TABLES.items()}, None)
    place(connection)
    if emptied or "understatement_prepared" not in there:
        if "understatement" in there:  # of an older version: a table
            connection.execute("DROP TABLE understatement").fetchall()
        answer(connection)
        made.append("understatement_prepared")
    _views(connection, VIEWS)
    write_help(connection)
    contents.record(connection, made, added=True)  # what an older version saved is taken over
    contents.record(connection, ["currencies", "help", "examples"])
    contents.put(connection, contents.DEFINITIONS, contents.Digest(texts(), "", contents.made_here()))


def texts() -> str:
    """SHA-256 over the texts of the macros and views: those of two versions differ in it when they differ."""
    return hashlib.sha256("".join(text(script) for script in SCRIPTS).encode()).hexdigest()


def _results(connection: duckdb.DuckDBPyConnection, there: dict[str, set[str]]) -> list[str]:
    """Make the result tables that are not there, or of an older version; what was saved without a name gets one.

    Returns those that were made.
    """
    renamed = moved(connection, there)
    made = list(renamed)
    for name, (schema, _) in RESULTS.items():
        columns = set(map(bare, schema.column_names()))
        named = {"run"} if name in SAVED else set()
        table = SAVED.get(name, name)
        if there.get(table) == columns and named:
            body = f"SELECT '{BEFORE}' AS run, * FROM {table}"
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS {body}").fetchall()
            describe_result(connection, name)
            made.append(table)
        elif there.get(table) != columns | named:
            _replace(connection, name, schema.create_empty(), {})
            made.append(table)
    if renamed:
        _views(connection, VIEWS[-1:])
    columns_said = ", ".join(f"{name} VARCHAR" for name in MADE_FROM_COLUMNS)
    if there.get("made_from") == set(HEAD_COLUMNS):
        body = f"SELECT '{BEFORE}' AS run, '' AS asked, * FROM made_from"
        connection.execute(f"CREATE OR REPLACE TABLE made_from AS {body}").fetchall()
    elif there.get("made_from") != set(MADE_FROM_COLUMNS):
        connection.execute(f"CREATE OR REPLACE TABLE made_from ({columns_said})").fetchall()
    describe_table(connection, "made_from", MADE_FROM, MADE_FROM_COLUMNS)
    return [*made, "made_from"] if there.get("made_from") != set(MADE_FROM_COLUMNS) else made


def moved(connection: duckdb.DuckDBPyConnection, there: dict[str, set[str]]) -> list[str]:
    """Give the tables in which an earlier version saved the names that make way for views; those that were moved."""
    names = [name for name, table in SAVED.items() if name in there and table not in there]
    recorded = contents.recorded(connection)
    contents.vouch(connection, [name for name in names if ("table", name) in recorded])
    for name in names:
        connection.execute(f"ALTER TABLE {name} RENAME TO {SAVED[name]}").fetchall()
        contents.rename(connection, name, SAVED[name])
        there[SAVED[name]] = there.pop(name)
    return [SAVED[name] for name in names]


def _views(connection: duckdb.DuckDBPyConnection, scripts: Sequence[str]) -> None:
    for name in scripts:
        run(connection, f"views/{name}.sql")
    for name in SAVED:  # the last script has them
        describe_result(connection, name, "VIEW")


def _currencies(connection: duckdb.DuckDBPyConnection) -> None:
    known = pl.DataFrame(
        [(code, scale) for code, scale in currencies().items()], schema=["currency", "minor"], orient="row"
    )
    connection.register("known_currencies", known.to_arrow())
    connection.execute(
        "CREATE OR REPLACE TABLE currencies AS SELECT currency, "
        "CASE minor WHEN 1 THEN 1 WHEN 100 THEN 0.01 ELSE 0.001 END::DECIMAL(4,3) AS unit_per_minor "
        "FROM known_currencies ORDER BY 1"
    )
    connection.unregister("known_currencies")
    describe_table(connection, "currencies", CURRENCIES, CURRENCY_COLUMNS)


def write_results(
    connection: duckdb.DuckDBPyConnection,
    restatements: Sequence[Restatement],
    statements: pl.DataFrame,
    run: Run,
    *,
    own: bool = False,
) -> None:
    """Save a restatement beside others, in one transaction: amounts DECIMAL in units of the currency.

    The macros read one row a period in `statements`: those of issuers that have none yet are added, and `own` ones take
    the place of what is there. Raises `Refused` for a name that is taken, and when the tables cannot be written, as on
    a full disk; they are then as they were.
    """
    scale = {r.issuer.id: currencies()[r.issuer.currency] for r in restatements}
    frames = {
        "restatement": pl.concat([r.restated for r in restatements]),
        "rollup": pl.concat([r.rollup for r in restatements]),
        "books": _books(restatements),
    }
    with whole(connection):
        contents.adopt(connection)
        contents.record(connection, _results(connection, tables_there(connection)), added=True)
        contents.vouch(connection, WRITTEN)
        check_name(connection, run.name)
        for name, frame in frames.items():
            _put(connection, f"INSERT INTO {SAVED[name]} BY NAME", name, frame, scale, run.name)
        issuers = [r.issuer for r in restatements]
        if own:
            _without(connection, "statements", [issuer.id for issuer in issuers])
        write_statements(connection, issuers, statements)
        row = [run.name, run.asked, VERSION, run.head]
        connection.execute("INSERT INTO made_from VALUES (?, ?, ?, ?)", row).fetchall()
        renew(connection)
        contents.record(connection, WRITTEN, added=True)


def _without(connection: duckdb.DuckDBPyConnection, table: str, issuers: Sequence[str]) -> None:
    """Take the rows of some issuers out of a table."""
    connection.execute(f"DELETE FROM {table} WHERE list_contains(?, issuer)", [list(issuers)]).fetchall()


def write_statements(
    connection: duckdb.DuckDBPyConnection, issuers: Sequence[Issuer], statements: pl.DataFrame
) -> None:
    """Add issuers, and their statements, that are not there yet; those that are stay."""
    scale = {issuer.id: currencies()[issuer.currency] for issuer in issuers}
    frames = {"statements": _stated(statements, scale), "issuers": _issuers(issuers)}
    for name, frame in frames.items():
        there = [issuer for (issuer,) in connection.execute(f"SELECT DISTINCT issuer FROM {name}").fetchall()]
        _put(connection, f"INSERT INTO {name} BY NAME", name, frame.filter(~pl.col("issuer").is_in(there)), scale)
    contents.record(connection, frames, added=True)


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty the issuers and statements of which no one knows who wrote them, for them to be written anew."""
    recorded = contents.recorded(connection)
    names = [name for name in ("statements", "issuers") if contents.unknown(recorded["table", name])]
    for name in names:
        connection.execute(f"DELETE FROM {name}").fetchall()
    contents.record(connection, names)


def write_evidence(connection: duckdb.DuckDBPyConnection, **frames: pl.DataFrame) -> None:
    """Replace the tables backtest and checks: how good the model is, and what is wrong in the books."""
    for name, frame in frames.items():
        _replace(connection, name, frame, {})
    contents.record(connection, frames)


def _stated(statements: pl.DataFrame, issuers: Iterable[str]) -> pl.DataFrame:
    """The statements of some issuers, each with the identities that it breaks, and those of earnings per share."""
    own = statements.filter(pl.col("issuer").is_in(list(issuers)))
    flagged = flags(own).rename({"identities": "broken_identities"})
    return own.join(flagged, on=KEY, how="left", nulls_equal=True, maintain_order="left")


def _put(
    connection: duckdb.DuckDBPyConnection,
    into: str,
    name: str,
    frame: pl.DataFrame,
    scale: dict[str, int],
    run: str = "",
) -> None:
    """The rows of a result table, as its columns are in SQL; those of one that is saved, under the name of a run."""
    owned = bool(scale) and "issuer" in frame.columns
    minor = (
        pl.col("issuer").replace_strict(scale, default=None, return_dtype=pl.Int64) if owned else pl.lit(None, pl.Int64)
    )
    connection.register("result", frame.with_columns(minor_per_unit=minor).to_arrow())
    columns = {"run": literal(run)} if name in SAVED else {}
    columns |= {bare(c): _expression(c) for c in RESULTS[name][0].column_names()}
    body = ", ".join(f"{expression} AS {column}" for column, expression in columns.items())
    connection.execute(f"{into} SELECT {body} FROM result").fetchall()
    connection.unregister("result")


def _replace(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame, scale: dict[str, int]) -> None:
    _put(connection, f"CREATE OR REPLACE TABLE {SAVED.get(name, name)} AS", name, frame, scale)
    describe_result(connection, name)


def describe_result(connection: duckdb.DuckDBPyConnection, name: str, kind: str = "TABLE") -> None:
    schema, meaning = RESULTS[name]
    meanings = {"run": RUN_MEANS} if name in SAVED else {}
    meanings |= {bare(column): _in_units(text) for column, text in describe(schema).items()}
    describe_table(connection, name if kind == "VIEW" else SAVED.get(name, name), meaning, meanings, kind)


def _in_units(meaning: str) -> str:
    """What a column means when its amounts are in units, its ratios numbers."""
    said = meaning.replace("minor units", "units of the currency").replace("parts per million", "ratio")
    return said.replace("millionths of the currency per share", "currency per share")


def _expression(column: str) -> str:
    """Integers to DECIMAL by exact multiplication: DuckDB's / would give a double."""
    if column.endswith("_minor"):
        unit = "CASE minor_per_unit WHEN 1 THEN 1 WHEN 1000 THEN 0.001 ELSE 0.01 END::DECIMAL(4,3)"
        return f"({column}::DECIMAL(25,0) * {unit})::{MONEY}"
    if column.endswith(("_micro", "_ppm")):
        return f"({column}::DECIMAL(18,0) * 0.000001)::{RATIO}"
    return column


def _books(restatements: Iterable[Restatement]) -> pl.DataFrame:
    """One row a policy; a book that a date of change makes is of the issuer whose reported book comes before it."""
    dated = {(case.book.id, r.issuer.id): case for r in restatements for case in r.cases if case.change}
    books = {
        (book.id, r.issuer.id if (book.id, r.issuer.id) in dated else book.issuer): book
        for r in restatements
        for book in (r.reported, *r.alternatives)
    }
    return Books.validate(
        pl.DataFrame(
            {
                "book": book.id,
                "title": book.title,
                "kind": book.kind,
                "issuer": issuer,
                "alternative": case and case.alternative.id,
                "mode": case and case.mode.name,
                "change_date": case and case.change,
                "effective": policy.effective,
                "generations": ", ".join(policy.generations),
                "method": policy.method,
                "convention": policy.convention,
                "life_months": policy.life_months,
                "residual_rate_ppm": round(policy.residual_rate * 10**6),
                "source": policy.source,
                "note": policy.note or book.note or None,
            }
            for (name, issuer), book in books.items()
            for case in (dated.get((name, issuer or "")),)
            for policy in book.policy
        ),
        cast=True,
    )


def _issuers(issuers: Iterable[Issuer]) -> pl.DataFrame:
    rows = [(i.id, i.name, i.currency, i.fiscal_year_end_month, i.book) for i in issuers]
    return Issuers.validate(pl.DataFrame(rows, Issuers.create_empty().schema, orient="row"), cast=True)
