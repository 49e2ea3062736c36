"""A row of text as a disclosure: the words of filers, the rounding of figures, and what cannot be read."""

from __future__ import annotations

from datetime import date

import pytest

from depr.backtest.disclosures import Amount, Disclosure, Life, begins, parse_disclosure
from depr.errors import Finding
from depr.kernel.calendar import first_day, last_day

ROW = {
    "case_id": "ACME-2024",
    "company": "Acme",
    "ticker": "ACME",
    "fiscal_year_end_month": "12",
    "asset_class": "servers",
    "old_life_years": "4",
    "new_life_years": "6",
    "effective_date": "2024-01-01",
    "scope": "existing carrying amount at date only",
    "period": "FY2024",
    "depreciation_effect_usd_m": "-100",
}


def told(**cells: str) -> Disclosure:
    made = parse_disclosure(ROW | cells, 2, "cases.csv")
    assert isinstance(made, Disclosure), made
    return made


@pytest.mark.parametrize(
    ("text", "life"),
    [
        ("4", Life(48, 48, 48)),
        ("4.5", Life(54, 54, 54)),
        ("3;2", Life(36, 36, 36)),
        ("10 to 15", Life(150, 120, 180)),
        ("4 to 5;7", Life(54, 48, 60)),
        ("5 (some 4 to 5)", Life(54, 48, 60)),
        ("3 (average)", Life(36, 36, 36)),
    ],
)
def test_lives_as_filers_word_them(text: str, life: Life) -> None:
    assert told(old_life_years=text).steps[0].old == life


def test_steps_of_one_change() -> None:
    """Meta, 10-K FY2022: 4 to 4.5 years from April, to 5 from October 2022."""
    made = told(old_life_years="4 then 4.5", new_life_years="4.5 then 5", effective_date="2022-04-01 then 2022-10-01")
    assert [(s.effective, s.old.months, s.new.months) for s in made.steps] == [
        (date(2022, 4, 1), 48, 54),
        (date(2022, 10, 1), 54, 60),
    ]
    assert told(old_life_years="4 then 4.5").lacks == ("lives and dates are not of the same number of steps",)


@pytest.mark.parametrize(
    ("period", "month", "first", "last", "guided"),
    [
        ("FY2021", "12", date(2021, 1, 1), date(2021, 12, 31), False),
        ("FY2021E (guided)", "12", date(2021, 1, 1), date(2021, 12, 31), True),
        ("FY2021 (Guided)", "12", date(2021, 1, 1), date(2021, 12, 31), True),
        ("FY2023", "6", date(2022, 7, 1), date(2023, 6, 30), False),
        ("Q1 FY2021 (3M to 2020-09-30)", "6", date(2020, 7, 1), date(2020, 9, 30), False),
        ("Q2 2021", "12", date(2021, 4, 1), date(2021, 6, 30), False),
        ("6M 2021", "12", date(2021, 1, 1), date(2021, 6, 30), False),
        ("9M 2021", "5", date(2020, 6, 1), date(2021, 2, 28), False),
        ("H2 2021", "12", date(2021, 7, 1), date(2021, 12, 31), False),
        ("Q1 2020E", "12", date(2020, 1, 1), date(2020, 3, 31), True),
        ("Q2 2013 (= 6M 2013)", "12", date(2013, 4, 1), date(2013, 6, 30), False),
        ("2024", "12", date(2024, 1, 1), date(2024, 12, 31), False),
        ("FY24", "12", date(2024, 1, 1), date(2024, 12, 31), False),
    ],
)
def test_periods_are_fiscal(period: str, month: str, first: date, last: date, guided: bool) -> None:
    window = told(period=period, fiscal_year_end_month=month).window
    assert window is not None
    assert (first_day(window.first), last_day(window.last), window.guided) == (first, last, guided)


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("-2700", -270_000_000_000, 5_000_000_000),
        ("-721", -72_100_000_000, 50_000_000),
        ("860", 86_000_000_000, 500_000_000),
        ("11.9", 1_190_000_000, 5_000_000),
        ("9.0", 900_000_000, 5_000_000),
        ("-167.6", -16_760_000_000, 5_000_000),
        ("0", 0, 50_000_000),
    ],
)
def test_a_figure_is_known_to_half_its_last_digit(text: str, value: int, half: int) -> None:
    assert told(depreciation_effect_usd_m=text).depreciation == Amount(value, half)


def test_per_share_figures_are_printed_to_the_cent() -> None:
    assert told(eps_diluted_effect="0.3").amounts["eps_diluted_effect"] == Amount(300_000, 5_000)


def test_operating_income_stands_in_for_depreciation() -> None:
    made = told(depreciation_effect_usd_m="", operating_income_effect_usd_m="2100", net_income_effect_usd_m="1700")
    assert (made.depreciation, made.measure) == (Amount(-210_000_000_000, 5_000_000_000), "operating_income")
    assert told(depreciation_effect_usd_m="", net_income_effect_usd_m="9.0").measure == "net_income"


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("existing carrying amount at date only", "A"),
        ("existing carrying amount at date only (guidance)", "A"),
        ("guidance", "A"),
        ("existing plus assets acquired in period", "B"),
        ("identified assets retired early", "C"),
        ("not stated in excerpt", "not stated"),
        ("B", "B"),
    ],
)
def test_scopes(text: str, scope: str) -> None:
    assert told(scope=text).scope == scope


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("servers; certain network equipment", "servers_network", False),
        ("network assets, primarily servers", "servers_network", False),
        ("subset of servers and networking equipment", "servers_network", True),
        ("heavy equipment (fulfilment)", "heavy_equipment", False),
        ("data center and office buildings", "", False),
        ("production machinery and equipment (fab)", "", False),
    ],
)
def test_classes_by_their_first_component(text: str, kind: str, part: bool) -> None:
    assert (told(asset_class=text).kind, told(asset_class=text).part) == (kind, part)


def test_a_year_of_weeks_begins_in_the_last_week_of_the_month() -> None:
    """NVIDIA's fiscal year 2024 began on 30 January 2023."""
    made = told(effective_date="2023-01-30", fiscal_year_end_month="1", period="FY2024")
    assert made.window is not None
    assert begins(date(2023, 1, 30), made.calendar) == made.window.first
    assert begins(date(2023, 1, 20), made.calendar) == made.window.first - 1
    assert begins(date(2023, 3, 30), made.calendar) == made.window.first + 1


def test_a_blank_lacks_and_is_not_wrong() -> None:
    made = told(old_life_years="", effective_date="", period="", depreciation_effect_usd_m="")
    assert made.lacks == ("no life is disclosed", "no effective date is disclosed", "no period is disclosed")
    assert told(effective_date="2014 (evaluation completed Q1 2014)").lacks == ("no effective date is disclosed",)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("depreciation_effect_usd_m", "1,000"),
        ("depreciation_effect_usd_m", "1e3"),
        ("net_income_effect_usd_m", "(500)"),
        ("net_income_effect_usd_m", "NaN"),
        ("carrying_amount_usd_m", "\uff11\uff12"),
        ("carrying_amount_usd_m", "9" * 40),
        ("operating_income_effect_usd_m", "0.000000001"),
        ("eps_diluted_effect", "12 cents"),
        ("fiscal_year_end_month", "13"),
        ("fiscal_year_end_month", "\u00b2"),
        ("old_life_years", "long"),
        ("new_life_years", "0"),
        ("new_life_years", "500"),
        ("old_life_years", "remaining 0 months"),
        ("effective_date", "2023-02-30"),
        ("effective_date", "soon"),
        ("effective_date", "0001-01-01"),
        ("period", "last year"),
        ("period", "Q5 2024"),
        ("period", "FY9999"),
    ],
)
def test_what_cannot_be_read_is_a_finding_of_its_cell(column: str, text: str) -> None:
    made = parse_disclosure(ROW | {column: text}, 7, "cases.csv")
    assert isinstance(made, list)
    [finding] = made
    assert isinstance(finding, Finding)
    assert (finding.file, finding.row) == ("cases.csv", 7)
    assert finding.what.startswith(f"{column} {text[:40]!r} is not ")


def test_every_fault_of_a_row_is_shown() -> None:
    made = parse_disclosure(ROW | {"case_id": "", "period": "?", "old_life_years": "?"}, 3, "cases.csv")
    assert isinstance(made, list)
    assert [finding.what for finding in made] == [
        "old_life_years '?' is not a life in years",
        "period '?' is not a fiscal period such as FY2024 or Q1 2024",
        "case_id is blank",
    ]
