"""What an analyst finds in the file: documented views and tables with exact decimals, equal to the engine's figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import duckdb
import polars as pl
import pytest

from depr import datasets
from depr.books.modes import cases
from depr.checks import check
from depr.contract import Books, Issuers, Restated, Rollup
from depr.contract.backtest import Backtest
from depr.contract.prepared import Checks
from depr.contract.statements import Stated
from depr.errors import Refused
from depr.fleet import restating
from depr.fleet.restating import drop_saved, restate
from depr.intake import find_book, the_issuer
from depr.ledger.known import known
from depr.pipeline import Restatement
from depr.sql.install import RESULTS, install, write_results
from depr.sql.saved import SAVED, Run
from tests.ledger.samples import foreign, ledger, lot

ROWS = [
    lot(lot_id="A", units="1000", cost="34641000.00", cost_low="30000000.00", cost_high="40000000.01"),
    lot(
        lot_id="B", units="7", cost="0.07", purchase_date="2024-01-31", in_service_date="2024-02-01", generation="a100"
    ),
    lot(lot_id="C", units="1", cost="5.00", in_service_date="", residual="1.00", location="x", document="y"),
    lot(lot_id="D", issuer="MSFT", units="3", cost="999999999999.99"),
]
SCHEMAS = {"restatement": Restated, "rollup": Rollup, "statements": Stated, "books": Books, "issuers": Issuers} | {
    "backtest": Backtest,
    "checks": Checks,
}
SCALES = {"_minor": 100, "_micro": 10**6, "_ppm": 10**6}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ledger(tmp_path_factory.mktemp("sql") / "fleet.duckdb", ROWS)


@pytest.fixture(scope="module")
def made(path: Path) -> list[Restatement]:
    return restate(path, lives=["1y", "3y", "42m"], save="three lives")


@pytest.fixture
def plain(path: Path, made: list[Restatement]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file in plain DuckDB, without the engine."""
    assert made
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def column(name: str) -> str:
    return name.removesuffix("_minor").removesuffix("_micro").removesuffix("_ppm")


def test_everything_there_is_has_a_comment(plain: duckdb.DuckDBPyConnection) -> None:
    kinds = ("tables", "table"), ("views", "view"), ("columns", "column")
    for kind, name in kinds:
        found = plain.sql(
            f"SELECT {name}_name, comment FROM duckdb_{kind}() WHERE NOT internal AND database_name = 'fleet'"
        ).fetchall()
        assert found
        assert not [thing for thing, comment in found if not comment]


def test_the_tables_are_those_of_the_contract(plain: duckdb.DuckDBPyConnection) -> None:
    assert set(RESULTS) == set(SCHEMAS)
    for table, schema in SCHEMAS.items():
        stored = plain.sql(
            f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}'"
        ).fetchall()
        names = ["run"] * (table in SAVED) + [column(name) for name in schema.column_names()]
        assert [name for name, _ in stored] == names
        types = dict(stored)
        for name in schema.column_names():
            money, ratio = name.endswith("_minor"), name.endswith(("_micro", "_ppm"))
            assert (types[column(name)] == "DECIMAL(28,3)") == money
            assert (types[column(name)] == "DECIMAL(18,6)") == ratio
        assert not {"DOUBLE", "FLOAT"} & set(types.values())


def test_no_view_has_a_float(plain: duckdb.DuckDBPyConnection) -> None:
    views = plain.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'fleet'").fetchall()
    assert {"facts", "lots", "fleet"} < {view for (view,) in views}
    for (view,) in views:
        types = {kind for _, kind, *_ in plain.sql(f"DESCRIBE {view}").fetchall()}
        assert view == "facts" or any(kind.startswith("DECIMAL") for kind in types)
        assert not {"DOUBLE", "FLOAT"} & types


def stored(plain: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    return plain.sql(f"FROM {table}").fetchall()


def expected(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The engine's integers as the decimals they stand for."""
    scales = [next((s for suffix, s in SCALES.items() if name.endswith(suffix)), None) for name in frame.columns]
    return [
        tuple(v if s is None or v is None else Decimal(v) / s for v, s in zip(row, scales, strict=True))
        for row in frame.iter_rows()
    ]


@pytest.mark.parametrize("table", ["restatement", "rollup"])
def test_results_are_the_engines_to_the_last_digit(
    table: str, plain: duckdb.DuckDBPyConnection, made: list[Restatement]
) -> None:
    frames = [each.restated if table == "restatement" else each.rollup for each in made]
    saved = [("three lives", *row) for row in expected(pl.concat(frames))]
    assert Counter(stored(plain, table)) == Counter(saved)


def test_books_and_issuers_are_those_of_the_run(plain: duckdb.DuckDBPyConnection) -> None:
    assert plain.sql("SELECT issuer, book FROM issuers ORDER BY 1").fetchall() == [
        ("META", "meta-reported"),
        ("MSFT", "microsoft-reported"),
    ]
    books = plain.sql("SELECT book, kind, issuer FROM books GROUP BY ALL ORDER BY ALL").fetchall()
    assert books == [
        *((f"life-{life}", "scenario", None) for life in ("1y", "3y", "42m")),
        ("meta-reported", "as reported", "META"),
        ("microsoft-reported", "as reported", "MSFT"),
    ]
    assert plain.sql("SELECT count(*) FROM books WHERE source = ''").fetchall() == [(0,)]


def test_a_book_that_a_date_makes_is_of_the_issuer_whose_book_comes_before_it(tmp_path: Path) -> None:
    """One name stands for as many books as issuers were restated: each with its own policies until the date."""
    path, issuers = ledger(tmp_path / "fleet.duckdb", ROWS), ("META", "MSFT")
    day = date(2025, 1, 1)
    restate(path, issuers=issuers, lives=["3y"], modes=["prospective"], changes_on=[day], save="changed")
    with duckdb.connect(str(path), read_only=True) as asked:
        query = "SELECT issuer, effective, life_months FROM books WHERE mode = 'prospective' ORDER BY ALL"
        found = asked.sql(query).fetchall()
    for issuer in issuers:
        own = find_book(the_issuer(issuer).book)
        [one] = cases(own, [find_book("life-3y")], ["prospective"], [day])
        assert [(name, *rest) for name, *rest in found if name == issuer] == sorted(
            (issuer, policy.effective, policy.life_months) for policy in one.book.policy
        )


def test_understatement_is_the_difference_of_two_roll_ups(plain: duckdb.DuckDBPyConnection) -> None:
    """The same figure by another road."""
    wrong = plain.sql("""
        WITH years AS (
            SELECT issuer, book, bound, fiscal_year, sum(depreciation) AS depreciation FROM rollup GROUP BY ALL
        )
        SELECT count(*) FILTER (r.understatement <> a.depreciation - m.depreciation), count(*)
        FROM restatement r
        JOIN issuers i USING (issuer)
        JOIN years a ON (a.issuer, a.book, a.bound, a.fiscal_year) = (r.issuer, r.book, r.bound, r.fiscal_year)
        JOIN years m ON (m.issuer, m.book, m.bound, m.fiscal_year) = (r.issuer, i.book, r.bound, r.fiscal_year)
        WHERE r.period_type = 'FY'
    """).fetchall()
    assert wrong[0][0] == 0
    assert wrong[0][1] > 10


def test_lots_and_fleet(plain: duckdb.DuckDBPyConnection) -> None:
    lots = plain.sql("SELECT lot_id, cost, cost_low, residual, source_file, source_row FROM lots ORDER BY 1").fetchall()
    assert lots == [
        ("A", Decimal("34641000.00"), Decimal("30000000.00"), None, "one.csv", 2),
        ("B", Decimal("0.07"), None, None, "one.csv", 3),
        ("C", Decimal("5.00"), None, Decimal("1.00"), "one.csv", 4),
        ("D", Decimal("999999999999.99"), None, None, "one.csv", 5),
    ]
    fleet = plain.sql(
        "SELECT issuer, generation, lots, units, cost, cost_low, cost_high FROM fleet ORDER BY ALL"
    ).fetchall()
    assert fleet == [
        ("META", "a100", 1, 7, *[Decimal("0.07")] * 3),
        ("META", "h100", 2, 1001, Decimal("34641005.00"), Decimal("30000005.00"), Decimal("40000005.01")),
        ("MSFT", "h100", 1, 3, *[Decimal("999999999999.99")] * 3),
    ]


def test_yen_are_not_cents(tmp_path: Path) -> None:
    path = foreign(tmp_path / "f.duckdb", lot(currency="JPY", cost="1000"), lot(lot_id="L2", cost="1000.00"))
    with duckdb.connect(str(path), read_only=True) as plain:
        assert plain.sql("SELECT currency, cost FROM lots ORDER BY 1").fetchall() == [("JPY", 1000), ("USD", 1000)]


def test_runs_are_saved_beside_each_other(tmp_path: Path) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot()])
    restate(path, lives=["2y"])
    for name, lives in (("short", ["1y", "3y"]), ("long", ["6y"])):
        restate(path, lives=lives, save=name)
    asked = "SELECT DISTINCT run, book FROM {} ORDER BY ALL"
    with duckdb.connect(str(path), read_only=True) as plain:
        saved = plain.sql(asked.format("restatement")).fetchall()
        assert saved == [("long", "life-6y"), ("short", "life-1y"), ("short", "life-3y")]
        reported = [("long", "meta-reported"), ("short", "meta-reported")]
        for table in ("rollup", "books"):
            assert plain.sql(asked.format(table)).fetchall() == sorted([*saved, *reported])
    told = restating.saved(path)
    rows = [("long", "META", "--lives 6"), ("short", "META", "--lives 1,3")]
    assert told.select("run", "issuers", "asked").rows() == rows
    assert set(told["head"]) == {known(path).head}
    before = path.read_bytes()
    with pytest.raises(Refused, match="a restatement named long is saved already"):
        restate(path, lives=["3y"], save="long")
    for name in ("", " x", "a\nb", "x" * 61):
        with pytest.raises(Refused, match="is no name"):
            restate(path, lives=["3y"], save=name)
    with pytest.raises(Refused, match=r"(?s)nothing is saved as 'x'.*use one of: long, short"):
        drop_saved(path, "x")
    assert path.read_bytes() == before
    drop_saved(path, "long")
    assert restating.saved(path)["run"].to_list() == ["short"]
    with duckdb.connect(str(path), read_only=True) as plain:
        for table in SAVED:
            assert plain.sql(f"SELECT DISTINCT run FROM {table}").fetchall() == [("short",)]
    restate(path, lives=["3y"], save="long")
    assert not check(path, [])


def test_what_was_saved_without_a_name_gets_one(tmp_path: Path) -> None:
    """A ledger of a version whose results had no names."""
    path = ledger(tmp_path / "f.duckdb", [lot()])
    restate(path, lives=["1y"], save="x")
    with duckdb.connect(str(path)) as plain:
        rows = {table: plain.sql(f"SELECT * EXCLUDE (run) FROM {table} ORDER BY ALL").fetchall() for table in SAVED}
        for name, table in SAVED.items():
            plain.execute(f"DROP VIEW {name}; CREATE TABLE {name} AS SELECT * EXCLUDE (run) FROM {table}").fetchall()
            plain.execute(f"DROP TABLE {table}").fetchall()
        plain.execute("CREATE OR REPLACE TABLE made_from AS SELECT * EXCLUDE (run, asked) FROM made_from").fetchall()
        install(plain)
        assert plain.sql("SELECT run FROM made_from").fetchall() == [("unnamed",)]
        for table in SAVED:
            kept = plain.sql(f"SELECT * EXCLUDE (run) FROM {table} WHERE run = 'unnamed' ORDER BY ALL").fetchall()
            assert kept == rows[table]
            unsaid = f"SELECT 1 FROM duckdb_columns() WHERE table_name = '{table}' AND comment IS NULL"
            assert not plain.sql(unsaid).fetchall()


def test_a_run_that_fails_leaves_the_tables_as_they_were(tmp_path: Path) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot()])
    made = restate(path, lives=["1y"], save="x")
    with duckdb.connect(str(path)) as plain:
        before = [plain.sql(f"FROM {table}").fetchall() for table in (*SAVED, "made_from")]
        with pytest.raises(pl.exceptions.PolarsError):
            write_results(plain, made, pl.DataFrame({"no": [1]}), Run("y", "", "head"))
        made[0] = replace(made[0], rollup=cast("Any", made[0].rollup.select("issuer")))
        with pytest.raises(duckdb.Error):
            write_results(plain, made, datasets.statements(), Run("y", "", "head"))
        assert [plain.sql(f"FROM {table}").fetchall() for table in (*SAVED, "made_from")] == before
