"""Statements of one's own reach the restatement: whose figures count, from which filing, and what is refused.

ACME is the issuer of tests/restate/cases.py: in 2023 its fleet is understated by 1,200.00 over two years, so that net
income falls by 1,200.00 - 252.00 of tax at 21% = 948.00.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr import datasets, share
from depr.console import writers
from depr.datasets.own_statements import OwnStatements, own_statements
from depr.errors import Refused
from depr.fleet.questions import sql
from depr.fleet.restating import report, restate
from depr.intake import read_issuer
from depr.ledger.known import known as read_known
from depr.report.dossier import dossiers, with_own_statements
from depr.share.files import sha256
from depr.statements.documents import statements
from tests.command import run
from tests.ledger.samples import foreign, ledger, lot
from tests.restate.cases import A, B
from tests.size import examples
from tests.statements.documents import document, fact

BOOK = """
id = "{name}"
title = "{name}"
kind = "{kind}"
source = "a test"

[[policy]]
effective = "opening"
generations = ["*"]
method = "straight_line"
convention = "full_month"
life_months = {months}
residual_rate = "0"
source = "a test"
"""
ISSUER = """
id = "ACME"
name = "Acme"
currency = "USD"
fiscal_year_end_month = 12
cik = "1045810"
book = "four-years"
source = "a test"

[[function_split]]
effective = 2000-01-01
cost_of_revenue = "1"
research_and_development = "0"
selling_general_administrative = "0"
source = "a test"

[[tax_rate]]
effective = 2000-01-01
rate = "0.21"
kind = "statutory"
source = "a test"
"""
SPLIT = '[[split]]\nissuer = "ACME"\neffective = 2024-06-01\nfactor = "20"\nsource = "a test"\n'

YEAR = {
    "issuer": "ACME",
    "period_type": "FY",
    "fiscal_year": "2023",
    "fiscal_quarter": "",
    "period_end": "2023-12-31",
    "currency": "USD",
    "pretax_income": "4800.01",
    "income_tax": "800.01",
    "net_income": "4000.00",
    "basic_shares": "1000",
    "diluted_shares": "1100",
    "eps_basic": "4.00",
    "eps_diluted": "3.64",
    "depreciation": "3000.00",
    "depreciation_line": "depreciation_of_ppe",
    "equity": "20000.00",
}


def own(folder: Path, *rows: Mapping[str, str], name: str = "own.csv") -> Path:
    """A table of statements; each row is that of ACME for 2023 but for what it changes."""
    lines = [",".join(YEAR), *(",".join({**YEAR, **row}.values()) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return folder / name


@pytest.fixture
def schedules(tmp_path: Path) -> Path:
    """A folder that knows ACME, what it reports, and its split of June 2024."""
    folder = tmp_path / "schedules"
    for kind in ("books", "issuers"):
        (folder / kind).mkdir(parents=True)
    for name, months, kind in (("four-years", 48, "as reported"), ("two-years", 24, "scenario")):
        (folder / "books" / f"{name}.toml").write_text(BOOK.format(name=name, months=months, kind=kind), "utf-8")
    (folder / "issuers" / "acme.toml").write_text(ISSUER, "utf-8")
    (folder / "splits.toml").write_text(SPLIT, "utf-8")
    return folder


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return foreign(tmp_path / "fleet.duckdb", A, B)


@pytest.fixture
def meta(tmp_path: Path) -> Path:
    return ledger(tmp_path / "fleet.duckdb", [lot(units="100", cost="3600000.00", in_service_date="2024-01-01")])


def restated(path: Path, given: OwnStatements, schedules: Path | None = None, **options: Any) -> list[dict[str, Any]]:
    """The years of the first issuer in a two-year book, middle reading."""
    lives = ["two-years"] if schedules else ["3y"]
    [made] = restate(path, lives=lives, statements=given, schedules=schedules, **options)
    return made.restated.filter(period_type="FY", bound="mid").to_dicts()


# What counts


def test_an_issuer_that_no_one_ships(acme: Path, schedules: Path, tmp_path: Path) -> None:
    """4,000 - 948 = 3,052; 3,052 / 1,000; 3,052 / 1,100; 20,000 - 1,200 + 252 = 19,052."""
    [row] = restated(acme, own_statements([own(tmp_path, {})], schedules=schedules), schedules)
    assert (row["fiscal_year"], row["understatement_minor"], row["broken_identities"]) == (2023, 1_200_00, None)
    assert (row["depreciation_reported_minor"], row["depreciation_restated_minor"]) == (3_000_00, 4_200_00)
    assert (row["pretax_income_restated_minor"], row["net_income_restated_minor"]) == (3_600_01, 3_052_00)
    assert (row["eps_basic_restated_micro"], row["eps_diluted_restated_micro"]) == (3_052_000, 2_774_545)
    assert (row["equity_restated_minor"], row["operating_income_restated_minor"]) == (19_052_00, None)


def test_a_row_takes_the_place_of_a_row_and_no_other(meta: Path, tmp_path: Path) -> None:
    """The fleet is 1.2 m a year over three years; what the own row leaves blank stays blank."""
    shipped = restate(meta, lives=["3y"])[0].restated.filter(period_type="FY", bound="mid").to_dicts()
    year = {"issuer": "META", "fiscal_year": "2024", "period_end": "2024-12-31", "depreciation": "7000000.00"}
    given = own_statements([own(tmp_path, year)], accept_breaks=True)
    mine = restated(meta, given)
    assert [row["fiscal_year"] for row in mine] == [row["fiscal_year"] for row in shipped]
    for theirs, ours in zip(shipped, mine, strict=True):
        if ours["fiscal_year"] != 2024:
            assert ours == theirs
            continue
        assert theirs["capex_minor"] is not None
        assert (ours["depreciation_restated_minor"], ours["capex_minor"]) == (
            7_000_000_00 + theirs["understatement_minor"],
            None,
        )
    restate(meta, lives=["3y"], statements=given, save="own")
    stored = sql(meta, "SELECT fiscal_year, source FROM statements WHERE source IS NOT NULL")
    assert stored.rows() == [(2024, "own.csv")]


def test_a_table_names_its_own_source(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("\n".join([",".join([*YEAR, "source"]), ",".join([*YEAR.values(), "a letter"])]) + "\n", "utf-8")
    assert own_statements([path]).statements["source"].to_list() == ["a letter"]


YEARS = ("2023-01-01", "2023-12-31")
FIRST, LAST = "2024-02-01", "2025-02-01"
"""Filed before the split of June 2024 and after it."""


def facts(folder: Path) -> Path:
    """Fiscal 2023 as first filed, and as restated a year later on the basis after the split."""
    lines: dict[str, tuple[int | Decimal, int | Decimal]] = {
        "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest": (5_001, 4_901),
        "IncomeTaxExpenseBenefit": (1_001, 1_001),
        "NetIncomeLoss": (4_000, 3_900),
        "Depreciation": (3_000, 3_000),
        "WeightedAverageNumberOfDilutedSharesOutstanding": (50, 1_000),
        "EarningsPerShareDiluted": (Decimal("80.00"), Decimal("3.90")),
    }
    filed = {
        f"us-gaap:{tag}": [fact(*YEARS, first, FIRST), fact(*YEARS, last, LAST)] for tag, (first, last) in lines.items()
    }
    text = json.dumps(document(filed), default=lambda number: f"<{number}>")
    (folder / "facts.json").write_text(text.replace('"<', "").replace('>"', ""), "utf-8")
    return folder / "facts.json"


@pytest.mark.parametrize(
    ("filed", "factor", "net", "eps", "shown"),
    [("first", "20", 3_052_00, 4_000_000, 3_052_000), ("last", "1", 2_952_00, 3_900_000, 2_952_000)],
)
def test_first_or_last_filed_always_on_the_basis_after_every_split(
    acme: Path, schedules: Path, tmp_path: Path, filed: str, factor: str, net: int, eps: int, shown: int
) -> None:
    """80.00 over 50 shares is 4.00 over 1,000; 4.00 - 0.948 = 3.052 and 3.90 - 0.948 = 2.952."""
    given = own_statements([facts(tmp_path)], issuers=["ACME"], filed=filed, schedules=schedules)
    [line] = given.statements.filter(period_type="FY").to_dicts()
    assert (line["split_factor"], line["diluted_shares"]) == (factor, 1_000)
    assert line["source"] == f"facts.json, as {filed} filed"
    read = f"as {filed} filed, shares after every split; periods: 1; depreciation: depreciation_of_ppe"
    assert given.said == (f"Statements of ACME from facts.json (A FILER, CIK 0001045810), {read}",)
    [row] = restated(acme, given, schedules)
    assert row["net_income_restated_minor"] == net
    assert (row["eps_diluted_reported_micro"], row["eps_diluted_restated_micro"]) == (eps, shown)


def test_as_filed_a_split_is_not_applied(schedules: Path, tmp_path: Path) -> None:
    """`depr statements` shows what was filed, and says by what it was multiplied."""
    plain = statements(facts(tmp_path), issuer="ACME", filed="first", schedules=schedules).statements
    whole = statements(
        facts(tmp_path), issuer="ACME", filed="first", split_adjusted=True, schedules=schedules
    ).statements
    for told, expected in ((plain, ("1", 50, 80_000_000)), (whole, ("20", 1_000, 4_000_000))):
        row = told.filter(period_type="FY").row(0, named=True)
        assert (row["split_factor"], row["diluted_shares"], row["eps_diluted_micro"]) == expected


def test_what_was_written_out_is_not_split_again(acme: Path, schedules: Path, tmp_path: Path) -> None:
    told = statements(facts(tmp_path), issuer="ACME", filed="first", split_adjusted=True, schedules=schedules)
    writers.write(writers.decimals(told.statements).lazy(), tmp_path / "out.csv")
    [row] = restated(acme, own_statements([tmp_path / "out.csv"], schedules=schedules), schedules)
    assert (row["eps_diluted_reported_micro"], row["eps_diluted_restated_micro"]) == (4_000_000, 3_052_000)


SHIPPED = datasets.statements()


@examples(15)
@given(chosen=st.sets(st.integers(0, len(SHIPPED) - 1), min_size=1, max_size=12))
def test_shipped_lines_given_as_ones_own_change_nothing(chosen: set[int]) -> None:
    rows = SHIPPED[sorted(chosen)]
    with TemporaryDirectory() as folder:
        path = writers.write(writers.decimals(rows).lazy(), Path(folder) / "own.parquet")
        given = own_statements([path], accept_breaks=True)
        lines = given.in_place(SHIPPED.select("issuer").unique(), None, None)
    assert lines.drop("source").equals(SHIPPED.drop("source"))
    assert lines["source"].drop_nulls().to_list() == ["own.parquet"] * len(chosen)


# Statements that do not hold

BREAK = {"net_income": "3900.00", "basic_shares": "", "diluted_shares": ""}
SAID = (
    "own.csv: ACME FY2023: pretax income - income tax = net income: 3,900 stated, 4,000 worked out\n"
    "  why: they differ by -100, rounding allows 0.02\n"
    "  do: look at the filing; --accept-breaks uses the period as it is"
)


def test_a_broken_identity_is_refused_with_the_difference(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        own_statements([own(tmp_path, BREAK)])
    assert str(refused.value) == SAID


def test_and_is_used_where_that_is_asked_for(acme: Path, schedules: Path, tmp_path: Path) -> None:
    later = {"fiscal_year": "2024", "period_end": "2024-12-31"}
    given = own_statements([own(tmp_path, BREAK, later)], accept_breaks=True, schedules=schedules)
    assert [str(finding) for finding in given.findings] == [SAID]
    rows = restated(acme, given, schedules)
    assert [row["broken_identities"] for row in rows] == ["pretax income - income tax = net income", None]
    assert rows[0]["net_income_restated_minor"] == 2_952_00


def test_a_year_of_ones_own_beside_shipped_quarters(tmp_path: Path) -> None:
    """Meta 2024: 62,360 in the year, and so in its quarters. A year of 62,301 is 59 less than these."""
    year = {"issuer": "META", "fiscal_year": "2024", "period_end": "2024-12-31", "net_income": "62301000000"}
    blank = dict.fromkeys((name for name in list(YEAR)[6:] if name != "net_income"), "")
    with pytest.raises(Refused) as refused:
        own_statements([own(tmp_path, year | blank)])
    assert str(refused.value) == (
        "own.csv: META FY2024: the quarters = the year: net income: 62,301,000,000 stated, 62,360,000,000 worked out\n"
        "  why: they differ by -59,000,000, rounding allows 2,500,000 (some of the five are shipped ones)\n"
        "  do: look at the filing; --accept-breaks uses the period as it is"
    )
    fits = own_statements([own(tmp_path, year | blank | {"net_income": "62360000000"})])
    assert fits.findings == ()


def test_quarters_of_ones_own_that_are_not_the_year(tmp_path: Path) -> None:
    blank = dict.fromkeys(list(YEAR)[6:], "")
    quarters = [
        {"period_type": "Q", "fiscal_quarter": f"{n}", "period_end": f"2023-{3 * n:02}-28"} for n in (1, 2, 3, 4)
    ]
    rows = [{**blank, **period, "net_income": net} for period, net in zip(quarters, ("1.01",) * 4, strict=True)]
    with pytest.raises(Refused) as refused:
        own_statements([own(tmp_path, {**blank, "net_income": "4.14"}, *rows)])
    [finding] = refused.value.findings
    assert (finding.what, finding.why) == (
        "ACME FY2023: the quarters = the year: net income: 4.14 stated, 4.04 worked out",
        "they differ by 0.1, rounding allows 0.03",
    )


def test_what_is_not_used_need_not_hold(tmp_path: Path) -> None:
    path = own(tmp_path, BREAK, {"issuer": "OTHER"}, {"fiscal_year": "2024", "period_end": "2024-12-31"})
    assert own_statements([path], years=(2024, 2025)).findings == ()
    assert own_statements([path], issuers=["OTHER"]).findings == ()


def test_shipped_statements_are_marked_and_not_refused(tmp_path: Path) -> None:
    """CoreWeave's years to 2024 are copies to four figures."""
    path = ledger(tmp_path / "fleet.duckdb", [lot(issuer="CRWV")])
    [made] = restate(path, lives=["3y"], years=(2023, 2024))
    [year] = made.restated.filter(period_type="FY", fiscal_year=2023, bound="mid").to_dicts()
    assert year["broken_identities"] == "revenue - cost of revenue = gross profit"


# What is refused

NEXT = {"fiscal_year": "2024", "period_end": "2024-12-31"}


@pytest.mark.parametrize(
    ("rows", "issuers", "said"),
    [
        (
            [{}],
            None,
            "own.csv: ACME has no fleet in the ledger\n"
            "  why: there is nothing to restate\n"
            "  do: import its purchases, or name others with --issuer",
        ),
        (
            [{}],
            ["META"],
            "own.csv: holds no line of META\n  why: its lines are of ACME\n  do: leave it out, or correct it",
        ),
        (
            [{"issuer": "META", "currency": "EUR"}],
            None,
            "own.csv: the statements of META are in EUR, META reports in USD\n"
            "  why: amounts in several currencies do not add up\n"
            "  do: convert the file first",
        ),
        (
            [{"issuer": "META", "currency": "EUR"}, {"issuer": "META", "currency": "EUR", **NEXT}],
            None,
            "own.csv: the statements of META are in EUR, META reports in USD\n"  # of however many periods
            "  why: amounts in several currencies do not add up\n"
            "  do: convert the file first",
        ),
    ],
)
def test_statements_of_others(
    meta: Path, tmp_path: Path, rows: Sequence[dict[str, str]], issuers: list[str] | None, said: str
) -> None:
    given = own_statements([own(tmp_path, *rows)], issuers=issuers, accept_breaks=True)
    before = meta.read_bytes()
    with pytest.raises(Refused) as refused:
        restate(meta, issuers=issuers, lives=["3y"], statements=given)
    assert (str(refused.value), len(refused.value.findings)) == (said, 1)
    assert meta.read_bytes() == before


def test_other_issuers_of_a_file_are_left_alone(meta: Path, tmp_path: Path) -> None:
    rows = [{"issuer": "META"}, {}, {"issuer": "MSFT", "currency": "EUR"}]
    given = own_statements([own(tmp_path, *rows)], issuers=["META"], accept_breaks=True)
    assert restated(meta, given, issuers=["META"])


def test_a_period_in_two_files(tmp_path: Path) -> None:
    files = [own(tmp_path, {}, name="a.csv"), own(tmp_path, {}, {"fiscal_year": "2024"}, name="b.csv")]
    with pytest.raises(Refused) as refused:
        own_statements(files)
    assert str(refused.value) == (
        "b.csv: ACME FY2023 is in another file too\n"
        "  why: which of the two is meant is not certain\n"
        "  do: keep it in one of them"
    )


def test_two_files_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(Refused, match="two files are of one name"):
        own_statements([own(tmp_path, {}), own(tmp_path / "other", {"fiscal_year": "2024"})])


def test_a_file_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    files = [own(tmp_path, {}, name="a.csv"), own(tmp_path, {"fiscal_year": "2024", "equity": "(5)"}, name="b.csv")]
    with pytest.raises(Refused, match=r"^b\.csv:2: equity '\(5\)' is not an amount"):
        own_statements(files)


@pytest.mark.parametrize("factor", ["0", "-20", "1.5", "20:1", "1/0"])
def test_a_split_factor_is_a_positive_fraction(tmp_path: Path, factor: str) -> None:
    path = tmp_path / "own.csv"
    cells = [",".join([*YEAR, "split_factor"]), ",".join([*YEAR.values(), factor])]
    path.write_text("\n".join(cells) + "\n", "utf-8")
    with pytest.raises(Refused, match=f"split_factor '{factor}' is not a factor"):
        own_statements([path])


@pytest.mark.parametrize("issuers", [None, ["ACME"], ["ACME", "META"]])
def test_facts_are_of_the_issuer_with_their_cik(schedules: Path, tmp_path: Path, issuers: list[str] | None) -> None:
    given = own_statements([facts(tmp_path)], issuers=issuers, schedules=schedules)
    assert set(given.statements["issuer"]) == {"ACME"}


def test_facts_of_another_company_are_refused(schedules: Path, tmp_path: Path) -> None:
    """The document is NVIDIA's by its number; neither an issuer with another one nor one of another name takes it."""
    path = facts(tmp_path)
    for issuer in ("META", "GOOGL"):
        with pytest.raises(Refused, match=f"is of A FILER, CIK 0001045810, and not of {issuer}"):
            own_statements([path], issuers=[issuer], schedules=schedules)
    entry = schedules / "issuers" / "acme.toml"
    entry.write_text(ISSUER.replace('cik = "1045810"\n', ""), "utf-8")
    with pytest.raises(Refused, match=r"is of A FILER(.|\n)*has no cik(.|\n)*write cik = .0001045810. into the issuer"):
        own_statements([path], issuers=["ACME"], schedules=schedules)
    with pytest.raises(Refused, match=r"whose facts are they\?(.|\n)*A FILER, CIK 0001045810, which no issuer has"):
        own_statements([path], schedules=schedules)
    entry.write_text(ISSUER.replace('cik = "1045810"\n', "").replace('"Acme"', '"a Filer Inc."'), "utf-8")
    assert (
        own_statements([path], issuers=["ACME"], schedules=schedules)
        .said[0]
        .startswith("Statements of ACME from facts.json (A FILER, CIK 0001045810), ")
    )


def test_every_issuer_that_ships_has_a_cik_with_its_source() -> None:
    known = [read_issuer(share.find("issuers", name)) for name in share.names("issuers")]
    assert len({issuer.cik for issuer in known}) == len(known)
    assert all(re.fullmatch("[0-9]{10}", issuer.cik) and issuer.cik in issuer.cik_source for issuer in known)


@pytest.mark.parametrize(("kind", "quarter", "end"), [("FY", "", "2024-06-30"), ("Q", "1", "2024-04-30")])
def test_a_row_that_does_not_end_with_its_period(tmp_path: Path, kind: str, quarter: str, end: str) -> None:
    row = {"issuer": "META", "period_type": kind, "fiscal_quarter": quarter, "fiscal_year": "2024", "period_end": end}
    with pytest.raises(Refused) as refused:
        own_statements([own(tmp_path, row)])
    named = "Q1 FY2024" if quarter else "FY2024"
    assert str(refused.value) == (
        f"own.csv: META {named}: ends on another day than the fiscal period, as on {end}\n"
        "  why: fiscal years of META end in month 12, and so does the fleet's depreciation\n"
        "  do: correct period_end, or fiscal_year_end_month of the issuer"
    )


def test_years_of_another_calendar_are_read_but_not_restated(schedules: Path, tmp_path: Path) -> None:
    """Until 2022 the years end in June: the fleet is depreciated by calendar years."""
    years = [("2021-07-01", "2022-06-30"), ("2023-01-01", "2023-12-31")]
    path = tmp_path / "facts.json"
    path.write_text(
        json.dumps(document({"us-gaap:NetIncomeLoss": [fact(*y, 5, "2024-02-01") for y in years]})), "utf-8"
    )
    told = statements(path, issuer="ACME", schedules=schedules)
    assert told.statements["fiscal_year"].to_list() == [2022, 2023]
    given = own_statements([path], issuers=["ACME"], schedules=schedules)
    assert given.statements["fiscal_year"].to_list() == [2023]
    [left] = given.findings
    assert left.what == "ACME FY2022: ends on another day than the fiscal period, as on 2022-06-30"


def test_shipped_statements_do_not_answer_for_years_that_are_left_out(tmp_path: Path) -> None:
    """Meta's own file, until 2022 by years that end in June: of 2022 nothing is known, and 2021 is not in the file."""
    years = [("2021-07-01", "2022-06-30"), ("2023-01-01", "2023-12-31")]
    made = document({"us-gaap:NetIncomeLoss": [fact(*y, 5, "2024-02-01") for y in years]})
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(made | {"cik": 1326801}), "utf-8")
    given = own_statements([path], issuers=["META"], accept_breaks=True)
    lines = given.in_place(SHIPPED.select("issuer").unique(), ["META"], None).filter(issuer="META")
    assert set(lines["fiscal_year"]) == set(SHIPPED.filter(issuer="META")["fiscal_year"]) - {2022}
    assert lines.filter(fiscal_year=2023, period_type="FY")["net_income_minor"].to_list() == [500]


def test_shipped_statements_do_not_answer_for_a_file_of_other_years(tmp_path: Path) -> None:
    year = {"issuer": "META", "fiscal_year": "2019", "period_end": "2019-12-31"}
    with pytest.raises(Refused, match=r"holds no period of the years 2023 to 2024\n.*of the years 2019 to 2019"):
        own_statements([own(tmp_path, year)], years=(2023, 2024), accept_breaks=True)


def test_depreciation_of_two_lines_is_refused(tmp_path: Path) -> None:
    other = {"fiscal_year": "2024", "period_end": "2024-12-31", "depreciation_line": "depreciation_and_amortization"}
    with pytest.raises(Refused, match="depreciation of ACME is depreciation_and_amortization in some periods and depr"):
        own_statements([own(tmp_path, {}, other)])


def test_shipped_rows_take_the_line_of_own_ones(meta: Path, tmp_path: Path) -> None:
    """Meta's shipped years are of property and equipment; beside an own year with amortization they are so too."""
    year = {"issuer": "META", "fiscal_year": "2024", "period_end": "2024-12-31"}
    given = own_statements(
        [own(tmp_path, year | {"depreciation_line": "depreciation_and_amortization"})], accept_breaks=True
    )
    lines = given.in_place(SHIPPED.select("issuer").unique(), None, None).filter(issuer="META", period_type="FY")
    assert set(lines["depreciation_line"]) == {"depreciation_and_amortization"}
    own_year = lines.filter(fiscal_year=2024)["depreciation_minor"].to_list()
    assert own_year == [3_000_00]
    rest = lines.filter(pl.col("fiscal_year") != 2024)
    assert rest["depreciation_minor"].equals(rest["depreciation_and_amortization_minor"])


def test_statements_of_a_table_are_of_the_issuer_named(tmp_path: Path) -> None:
    path = own(tmp_path, {}, {"issuer": "OTHER"})
    assert statements(path, issuer="OTHER").statements["issuer"].to_list() == ["OTHER"]
    with pytest.raises(Refused, match=r"holds no line of META\n.*ACME, OTHER"):
        statements(path, issuer="META")


# From the command line, and on a page


def test_the_command_says_what_it_took(acme: Path, schedules: Path, tmp_path: Path) -> None:
    words = ["fleet.duckdb", "--lives", "two-years", "--schedules", "schedules"]
    own(tmp_path, BREAK)
    ran = run(tmp_path, "restate", *words, "--statements", "own.csv", "--accept-breaks")
    said = "Statements of ACME from own.csv; periods: 1; depreciation: depreciation_of_ppe"
    assert (ran.code, ran.out.splitlines()[1]) == (0, said)
    assert ran.err.startswith(SAID)
    own(tmp_path, {})
    screened = run(tmp_path, "materiality", *words, "--statements", "own.csv")
    assert said in screened.out.splitlines()


def test_a_page_names_the_files_it_was_made_from(meta: Path, tmp_path: Path) -> None:
    year = {"issuer": "META", "fiscal_year": "2024", "period_end": "2024-12-31"}
    path = own(tmp_path, year)
    given = own_statements([path], accept_breaks=True)
    report(meta, tmp_path / "pages", lives=["3y"], years=(2024, 2024), statements=given)
    page = (tmp_path / "pages" / "meta.html").read_text("utf-8")
    assert sha256(path) in page
    assert f"--statements {path} --accept-breaks" in page


def test_a_page_cites_shipped_figures_only_where_it_shows_them(meta: Path, tmp_path: Path) -> None:
    rows = [
        {"issuer": "META", "period_type": "Q" if quarter else "FY", "fiscal_year": "2024"}
        | {"fiscal_quarter": quarter, "period_end": f"2024-{end}", "net_income": "", "basic_shares": ""}
        for quarter, end in (("", "12-31"), ("1", "03-31"), ("2", "06-30"), ("3", "09-30"), ("4", "12-31"))
    ]
    given = own_statements([own(tmp_path, *rows)], accept_breaks=True)
    known = read_known(meta)
    made = restate(meta, lives=["3y"], years=(2024, 2024), statements=given)
    [plain] = dossiers(known, made, command="", run="x")
    told = with_own_statements(plain, given)
    sources = [entry["source"] for entry in told.sources if entry["title"] == "Statements"]
    assert sources == ["own.csv"]
    assert len([entry for entry in plain.sources if entry["title"] == "Statements"]) > 1
