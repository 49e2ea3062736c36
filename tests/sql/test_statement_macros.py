"""The macros that carry an understatement through the statements give what restate gives, in every column."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from depr import datasets, share
from depr.books.book import Book
from depr.cli.demo import demo
from depr.contract import Restated, Statements
from depr.errors import Refused
from depr.fleet.preparing import plain_book, prepare
from depr.fleet.restating import restate
from tests.daily import release, sampled
from tests.ledger.samples import foreign, ledger, lot
from tests.sql.fleets import made_up

SCALES = {"_minor": 100, "_micro": 10**6, "_ppm": 10**6}
LIVES = (12, 36, 72)
METHODS = ("straight_line", "declining_balance")
GRAINS = {"year": "FY", "quarter": "Q"}
BLANK = 0.15
"""How many cells of made-up statements are blank."""


def bare(name: str) -> str:
    return name.removesuffix("_minor").removesuffix("_micro").removesuffix("_ppm")


COLUMNS = [bare(name) for name in Restated.column_names()]


def drawn(seed: int) -> pl.DataFrame:
    """The shipped statements with other figures: blanks, losses, and income that an understatement may turn."""
    draw, rows = Random(seed), []
    for row in datasets.statements().iter_rows(named=True):
        for name in row:
            if name.endswith("_minor"):
                size = draw.choice((10**8, 10**10, 10**12))
                row[name] = draw.randrange(size // 10, size) * (draw.choice((-1, 1, 1)) if name in SIGNED else 1)
            elif name.endswith("_shares"):
                row[name] = draw.choice((row[name], draw.randrange(1, 10**9)))
            elif name.endswith("_micro"):
                row[name] = draw.randrange(-(10**7), 10**7)
            if name not in Statements.create_empty().columns[:6] and draw.random() < BLANK:
                row[name] = None
        if draw.random() < 1 / 3:
            row["diluted_shares"] = row["basic_shares"]
        rows.append(row)
    return Statements.validate(pl.DataFrame(rows, Statements.create_empty().schema), cast=True)


SIGNED = {
    f"{name}_minor"
    for name in (
        "operating_income",
        "pretax_income",
        "income_tax",
        "net_income",
        "cash_from_operations",
        "equity",
        "gross_profit",
    )
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet that something befell, beside the shipped statements."""
    made = made_up(tmp_path_factory.mktemp("shipped") / "fleet.duckdb", 120, seed=3)
    prepare(
        made,
        lives=[f"{months}m" for months in LIVES],
        methods=METHODS,
        books=[f"life-3y-from-{CHANGE}"],
        evidence=False,
    )
    return made


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """Another beside statements of one's own, which the restatement writes into the file."""
    made, statements = made_up(tmp_path_factory.mktemp("own") / "fleet.duckdb", 120, seed=4), drawn(5)
    restate(made, lives=["3y"], statements=statements, save="own")
    prepare(made, lives=["36m"], methods=["straight_line"], evidence=False)
    return made, statements


def of_engine(path: Path, *lives: str | Book, bound: str = "mid", grain: str = "year", **how: Any) -> list[Any]:
    """The restatement, which is made once for all bounds and grains."""
    told = [(name, id(value) if isinstance(value, pl.DataFrame) else repr(value)) for name, value in how.items()]
    key = repr([path, lives, told])
    if key not in RESTATED:
        RESTATED[key] = pl.concat(each.restated for each in restate(path, lives=lives, **how))
    return decimals(RESTATED[key].filter(bound=bound, period_type=GRAINS[grain]))


RESTATED: dict[str, pl.DataFrame] = {}
"""What was restated of which ledger, and how."""


def decimals(frame: pl.DataFrame, other: Mapping[str, int] | None = None) -> list[tuple[Any, ...]]:
    """The engine's integers as the decimals they stand for, in order."""
    known = SCALES | dict(other or {})
    scales = [next((s for suffix, s in known.items() if name.endswith(suffix)), None) for name in frame.columns]
    rows = [
        tuple(v if s is None or v is None else Decimal(v) / s for v, s in zip(row, scales, strict=True))
        for row in frame.iter_rows()
    ]
    return sorted(rows, key=place)


def place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    named = dict(zip(COLUMNS, row, strict=True))
    return tuple(named[name] for name in ("issuer", "book", "period_end"))


def asked(path: Path, call: str) -> list[tuple[Any, ...]]:
    """The answer of plain DuckDB."""
    with duckdb.connect(str(path), read_only=True) as plain:
        answer = plain.sql(f"FROM {call}")
        assert answer.columns == [*COLUMNS, "tax_missing"]
        return sorted((row[:-1] for row in answer.fetchall()), key=place)


def same(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """Equal, or the first cell that is not."""
    assert [place(row) for row in found] == [place(row) for row in expected]
    for mine, other in zip(found, expected, strict=True):
        wrong = {n: (a, b) for n, a, b in zip(COLUMNS, mine, other, strict=True) if a != b}
        assert not wrong, place(mine)
    assert found


BOOKS = [(12, "straight_line"), (36, "straight_line"), (72, "declining_balance")]
RATES = ("default", "effective")


@pytest.mark.parametrize(
    ("grain", "tax", "life", "method"),
    sampled([(grain, tax, *book) for book in BOOKS for grain in GRAINS for tax in RATES], 5),
)
def test_restate_is_the_restatement_in_every_column(path: Path, grain: str, tax: str, life: int, method: str) -> None:
    call = f"restate(life_years := {life // 12}, method := '{method}', grain := '{grain}', tax := '{tax}')"
    same(asked(path, call), of_engine(path, plain_book(life, method, "full_month"), grain=grain, tax=tax))


@pytest.mark.parametrize(("bound", "grain", "tax"), sampled(product(["low", "mid", "high"], GRAINS, RATES), 5))
def test_with_blanks_and_losses_in_the_statements_too(
    own: tuple[Path, pl.DataFrame], bound: str, grain: str, tax: str
) -> None:
    path, statements = own
    call = f"restate(life_years := 3, grain := '{grain}', tax := '{tax}', bound := '{bound}')"
    same(asked(path, call), of_engine(path, "3y", bound=bound, grain=grain, tax=tax, statements=statements))


@pytest.mark.release
def test_so_it_is_with_the_fleets_of_the_demo(tmp_path: Path) -> None:
    made = demo(tmp_path, lambda step: None).ledger
    prepare(made, lives=["12m"], methods=PLAIN, evidence=False)
    for grain, bound, tax in (("year", "mid", "statutory"), ("quarter", "high", "effective")):
        call = f"restate(life_years := 1, grain := '{grain}', bound := '{bound}', tax := '{tax}')"
        same(asked(made, call), of_engine(made, "1y", grain=grain, bound=bound, tax=tax))


@pytest.mark.parametrize("grain", GRAINS)
def test_a_correction_of_an_error_differs_in_what_it_is_called(path: Path, grain: str) -> None:
    call = f"restate(life_years := 3, mode := 'retrospective', grain := '{grain}')"
    same(asked(path, call), of_engine(path, "3y", grain=grain, modes=["retrospective"]))


CHANGE = date(2023, 2, 15)


DAYS = (date(2018, 1, 1), CHANGE, date(2024, 7, 1), date(2090, 1, 1))


@pytest.mark.parametrize(("grain", "change"), sampled(product(GRAINS, DAYS), 3, 1))
def test_what_is_caught_up_is_charged_in_the_quarter_of_the_change(path: Path, grain: str, change: date) -> None:
    call = f"restate(life_years := 3, mode := 'catch_up', grain := '{grain}', change_date := DATE '{change}')"
    same(asked(path, call), of_engine(path, "3y", grain=grain, modes=["catch_up"], changes_on=[change]))


@pytest.mark.parametrize(("grain", "bound"), sampled(product(GRAINS, ["low", "mid"]), 3))
def test_a_change_of_estimate_is_a_book_that_its_date_makes(path: Path, grain: str, bound: str) -> None:
    call = f"restate(book := 'life-3y-from-{CHANGE}', mode := 'prospective', grain := '{grain}', bound := '{bound}')"
    expected = of_engine(path, "3y", bound=bound, grain=grain, modes=["prospective"], changes_on=[CHANGE])
    same(asked(path, call), expected)
    told = f"restate(life_years := 3, mode := 'prospective', change_date := DATE '{CHANGE}', grain := '{grain}')"
    if bound == "mid":
        same(asked(path, told), expected)


def test_a_book_that_a_date_makes_is_kept_when_others_are_prepared(tmp_path: Path) -> None:
    made, name = made_up(tmp_path / "fleet.duckdb", 12, seed=1), f"life-5y-from-{CHANGE}"
    prepare(made, lives=["60m"], methods=PLAIN, books=[name], evidence=False)
    assert name in set(prepare(made, lives=["12m"], methods=PLAIN, evidence=False)["book"])
    with pytest.raises(Refused, match="holds no date"):
        prepare(made, lives=["12m"], methods=PLAIN, books=["life-1y-from-2025-02-30"], evidence=False)


PLAIN = ["straight_line"]
EPS = [
    "net_income_reported",
    "net_income_restated",
    "eps_basic_reported",
    "eps_basic_restated",
    "eps_diluted_reported",
    "eps_diluted_restated",
    "eps_change",
    "eps_compression",
]
CASH = [
    "capex",
    "depreciation_reported",
    "depreciation_restated",
    "cash_gap_reported",
    "cash_gap_restated",
    "capex_to_depreciation_reported",
    "capex_to_depreciation_restated",
    "free_cash_flow",
    "owner_earnings",
    "replacement_capex",
    "funding_gap",
    "quarters_of_cash",
]


@pytest.mark.parametrize(
    ("grain", "macro", "names"),
    [(grain, *told) if (grain == "year") == (told[0] == "eps") else release((grain, *told))
     for grain in GRAINS for told in (("eps", EPS), ("cash_gap", CASH))],
)  # fmt: skip
def test_earnings_per_share_and_the_cash_gap_are_those_of_the_restatement(
    own: tuple[Path, pl.DataFrame], grain: str, macro: str, names: list[str]
) -> None:
    path, statements = own
    keys = ["issuer", "book", "period_end"]
    with duckdb.connect(str(path), read_only=True) as plain:
        call = f"SELECT {', '.join(keys + names)} FROM {macro}(life_years := 3, grain := '{grain}')"
        found = sorted(plain.sql(call).fetchall(), key=lambda row: row[:3])
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in of_engine(path, "3y", grain=grain, statements=statements)]
    assert found == [tuple(row[name] for name in keys + names) for row in rows]
    assert all(any(row[name] is not None for row in rows) for name in names)


def test_the_shares_of_eps_are_those_of_the_statement(own: tuple[Path, pl.DataFrame]) -> None:
    path, statements = own
    names = ["issuer", "fiscal_year", "basic_shares", "diluted_shares"]
    with duckdb.connect(str(path), read_only=True) as plain:
        found = plain.sql(f"SELECT {', '.join(names)} FROM eps(grain := 'year')").fetchall()
    assert found
    assert set(found) <= set(statements.filter(period_type="FY").select(names).iter_rows())


def test_a_profit_that_turns_into_a_loss_is_over_basic_shares_and_a_loss_has_no_compression(
    own: tuple[Path, pl.DataFrame],
) -> None:
    """The rule of depr/restate/lines.py, on what DuckDB alone says."""
    with duckdb.connect(str(own[0]), read_only=True) as plain:
        rows = plain.sql("FROM eps(life_years := 3) UNION ALL FROM eps(life_years := 3, grain := 'year')").pl()
    before, after = pl.col("net_income_reported"), pl.col("net_income_restated")
    follows = pl.col("eps_diluted_rule").str.starts_with("income restated / shares")
    turned = rows.filter(before >= 0, after < 0, pl.col("basic_shares").is_not_null(), follows)
    exact = [
        round(Fraction(row["net_income_restated"]) * 10**6 / row["basic_shares"])
        for row in turned.iter_rows(named=True)
    ]
    assert turned["eps_diluted_restated"].to_list() == [Decimal(micro) / 10**6 for micro in exact]
    assert exact
    losses = rows.filter(pl.col("eps_diluted_reported") <= 0)
    assert len(losses)
    assert losses["eps_compression"].is_null().all()


@pytest.mark.parametrize("grain", sampled(GRAINS, 2, 1))
def test_marginal_rates_are_those_of_their_dates(tmp_path: Path, grain: str) -> None:
    rows = [
        lot(lot_id=f"{issuer}{year}", issuer=issuer, cost="7777777777.77", in_service_date=f"{year}-05-17")
        for issuer in ("AMZN", "META", "MSFT")
        for year in (2023, 2024)
    ]
    made = ledger(tmp_path / "fleet.duckdb", rows)
    prepare(made, lives=["36m"], methods=PLAIN, evidence=False)
    found = asked(made, f"restate(tax := 'marginal', grain := '{grain}')")
    same(found, of_engine(made, "3y", grain=grain, tax="marginal"))
    assert len({row[COLUMNS.index("tax_rate")] for row in found}) > 3


@pytest.mark.parametrize("grain", sampled(GRAINS, 2))
def test_an_issuer_without_a_rate_has_no_tax_and_the_others_have_theirs(path: Path, grain: str) -> None:
    """Oracle has disclosed no marginal rate: what comes after tax is null and says why, what comes before is there."""
    with duckdb.connect(str(path), read_only=True) as plain:
        rows = plain.sql(f"FROM restate(tax := 'marginal', grain := '{grain}')").pl()
        shares = plain.sql(f"FROM eps(tax := 'marginal', grain := '{grain}')").pl()
        other = plain.sql(f"FROM restate(grain := '{grain}')").pl()
    why = "ORCL has no marginal tax rate; it has: default, effective, statutory"
    without, taxed = rows.filter(issuer="ORCL"), rows.filter(pl.col("issuer") != "ORCL")
    assert set(without["tax_missing"]) == {why} == set(shares.filter(issuer="ORCL")["tax_missing"])
    after = ["tax_rate", "tax_effect", "net_income_restated", "eps_diluted_restated", "equity_restated"]
    assert all(without[name].is_null().all() for name in after)
    before = ["issuer", "period_end", "understatement", "operating_income_restated", "pretax_income_restated"]
    assert_frame_equal(without.select(before), other.filter(issuer="ORCL").select(before))
    assert taxed["tax_missing"].is_null().all()
    expected = of_engine(path, "3y", grain=grain, tax="marginal", issuers=["AMZN", "META", "MSFT"])
    same(sorted((row[:-1] for row in taxed.iter_rows()), key=place), expected)


@pytest.mark.parametrize("as_of", [date(2022, 3, 31), date(2024, 12, 31)])
def test_as_of_a_date(path: Path, as_of: date) -> None:
    same(asked(path, f"restate(as_of := DATE '{as_of}')"), of_engine(path, "3y", grain="quarter", as_of=as_of))


def test_several_lives_at_once(path: Path) -> None:
    same(asked(path, "restate(lives := [1, 3, 6])"), of_engine(path, "1y", "3y", "6y", grain="quarter"))


def test_yen_have_no_cents_and_thirds_are_exact(tmp_path: Path) -> None:
    """Tax and functions are rounded to whole minor units: here to whole units."""
    schedules = tmp_path / "schedules"
    shutil.copytree(share.schedules(), schedules)
    entry = schedules / "issuers" / "meta.toml"
    text = entry.read_text(encoding="utf-8")
    changes = {
        'currency = "USD"': 'currency = "JPY"',
        'cost_of_revenue = "1"': 'cost_of_revenue = "1/3"',
        'research_and_development = "0"': 'research_and_development = "2/3"',
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    entry.write_text(text, encoding="utf-8")
    statements = datasets.statements().filter(issuer="META").with_columns(currency=pl.lit("JPY"))
    made = foreign(tmp_path / "fleet.duckdb", lot(currency="JPY", cost="7777777777", purchase_date="2023-02-01"))
    restate(made, lives=["3y"], statements=statements, schedules=schedules, save="own")
    prepare(made, lives=["36m"], methods=PLAIN, schedules=schedules, evidence=False)
    [done] = restate(made, lives=["3y"], statements=statements, schedules=schedules)
    for grain, kind in GRAINS.items():
        expected = decimals(done.restated.filter(period_type=kind), {"_minor": 1})
        same(asked(made, f"restate(grain := '{grain}')"), expected)


WRONG = {
    "restate(life_years := 33)": "unknown life of 33 years; use one of: 1.0, 3.0, 6.0",
    "restate(life_years := NULL)": "say which life_years",
    "restate(grain := 'month')": "unknown grain 'month'; use one of: quarter, year",
    "eps(mode := 'as-if')": "unknown mode 'as-if'; use one of: as_if, catch_up, prospective, retrospective",
    "eps(bound := 'best')": "unknown bound 'best'; use one of: low, mid, high",
    "cash_gap(tax := 'none')": "'none'; use one of: default, effective, ",
    "restate(tax := 'Marginal')": "unknown tax rate 'Marginal'; use one of: default, effective, marginal, statutory",
    "eps(tax := NULL)": "unknown tax rate 'NULL'; use one of: default, effective, marginal, statutory",
    "eps(mode := 'catch_up', change_date := DATE 'infinity')": "change_date is no day; write DATE '2025-01-31'",
    "restate(book := 'life-3y-from-2023-02-15', mode := 'prospective', change_date := DATE '2023-02-16')": (
        "book life-3y-from-2023-02-15 and change_date 2023-02-16 are of different days; leave one out"
    ),
    "eps(book := 'life-3y-from-2023-02-15', mode := 'catch_up')": (
        "book life-3y-from-2023-02-15 is of mode prospective, not catch_up; leave out its day, and give change_date"
    ),
    "restate(mode := 'catch_up')": "mode catch_up needs the date of a change; give change_date := DATE '2025-01-01'",
    "restate(change_date := DATE '2025-01-01')": "mode as_if knows no date of a change; leave it out",
    "restate(book := 'life-3y-from-2023-02-15')": "mode as_if knows no date of a change",
    "restate(mode := 'prospective', change_date := DATE '2024-04-01')": (
        "a date makes the book life-3y-from-2024-04-01, and it is not prepared; run: depr prepare LEDGER --book life-3y"
    ),
}


@pytest.mark.parametrize(
    ("question", "call"),
    [*product(["FROM {}"], WRONG), *sampled(product(["SELECT count(*) FROM {}"], WRONG), 5)],
)
def test_what_cannot_be_answered_is_an_error_that_says_what_can(path: Path, question: str, call: str) -> None:
    with duckdb.connect(str(path), read_only=True) as plain, pytest.raises(duckdb.Error) as refused:
        plain.sql(question.format(call)).fetchall()
    assert WRONG[call] in str(refused.value)


def test_a_fleet_without_a_statement_is_an_error(tmp_path: Path) -> None:
    made = ledger(tmp_path / "fleet.duckdb", [lot()])
    restate(made, lives=["3y"], statements=datasets.statements().filter(issuer="META"))
    prepare(made, lives=["36m"], methods=PLAIN, evidence=False)
    with duckdb.connect(str(made)) as plain:
        plain.execute("DELETE FROM statements").fetchall()
        with pytest.raises(duckdb.Error, match="no statement of these issuers is in the file; run: depr prepare"):
            plain.sql("SELECT count(*) FROM restate()").fetchall()


def test_issuers_that_no_restatement_has_written_get_the_shipped_statements(tmp_path: Path) -> None:
    made = ledger(tmp_path / "fleet.duckdb", [lot(), lot(lot_id="L2", issuer="MSFT")])
    statements = datasets.statements().with_columns(revenue_minor=pl.lit(10**11, pl.Int64))
    restate(made, lives=["3y"], issuers=["META"], statements=statements, save="own")
    prepare(made, lives=["36m"], methods=PLAIN, evidence=False)
    prepare(made, lives=["12m"], methods=PLAIN, evidence=False)
    shipped = datasets.statements().filter(pl.col("issuer") == "MSFT")
    with duckdb.connect(str(made), read_only=True) as plain:
        found = plain.sql(
            "SELECT issuer, count(*), max(revenue) = 10**9 FROM statements GROUP BY 1 ORDER BY 1"
        ).fetchall()
        named = plain.sql("SELECT issuer, book FROM issuers ORDER BY 1").fetchall()
    assert found == [("META", len(statements.filter(issuer="META")), True), ("MSFT", len(shipped), False)]
    assert named == [("META", "meta-reported"), ("MSFT", "microsoft-reported")]


def test_lots_in_another_currency_than_the_statements_are_an_error(tmp_path: Path) -> None:
    made = foreign(tmp_path / "fleet.duckdb", lot(currency="JPY", cost="1000"))
    prepare(made, lives=["36m"], methods=PLAIN, evidence=False)
    with (
        duckdb.connect(str(made), read_only=True) as plain,
        pytest.raises(duckdb.Error, match="lots of META are in JPY, its statements in USD"),
    ):
        plain.sql("FROM restate()").fetchall()
