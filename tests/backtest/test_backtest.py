"""The backtest against what filers disclosed: scores, honesty of the table, files of the user's own."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from depr.backtest.disclosures import COLUMNS
from depr.backtest.run import backtest
from depr.backtest.scores import SCORE, SHAPE, brief, score, shape
from depr.contract.backtest import Backtest
from depr.datasets import evidence
from depr.errors import Refused

BILLION, MILLION = 10**11, 10**8


@cache
def table() -> pl.DataFrame:
    return backtest()


def one(case: str, period: str, sample: str = "none", frame: pl.DataFrame | None = None, **more: Any) -> dict[str, Any]:
    rows = (table() if frame is None else frame).filter(case_id=case, period=period, sample=sample, **more)
    return rows.row(0, named=True)


def scores() -> dict[str, dict[str, Any]]:
    return {row["predictions"]: row for row in score(table()).iter_rows(named=True)}


# What filers disclosed

CARRIED = [("ZNGA-2013Q3", "FY2013", 530 * MILLION // 100), ("ZNGA-2013Q4", "Q4 2013", 490 * MILLION // 100)]


@pytest.mark.parametrize(("case", "period", "disclosed"), CARRIED)
def test_a_disclosed_carrying_amount_gives_the_effect(case: str, period: str, disclosed: int) -> None:
    """Zynga 10-K FY2014, https://www.sec.gov/Archives/edgar/data/1439404/000119312515060187/R11.htm."""
    row = one(case, period, "carrying")
    assert row["disclosed_minor"] == disclosed
    assert row["within_rounding"]
    assert abs(row["error_minor"]) <= row["allowed_minor"]
    assert (row["free"], row["why"]) == ("nothing", None)


def test_what_is_within_rounding() -> None:
    """An effect of the carrying amount disclosed: what both roundings allow together; any other: its own allowance."""
    scored = table().filter(pl.col("error_minor").is_not_null())
    carried = pl.col("sample") == "carrying"
    own = pl.col("error_minor").abs() <= pl.col("allowed_minor")
    for rows, expected in ((scored.filter(carried), pl.col("within_range")), (scored.filter(~carried), own)):
        assert rows.filter(pl.col("within_rounding") != expected).is_empty()
    assert not scored.filter(~carried, pl.col("within_rounding") != pl.col("within_range")).is_empty()


def test_an_effect_that_its_own_inputs_contradict_is_said_to() -> None:
    """Both lives end in 2014, so the arithmetic takes back what 2013 was charged more; the filing discloses +2.6."""
    row = one("ZNGA-2013Q4", "FY2014", "carrying")
    assert row["disclosed_minor"] == 260 * MILLION // 100
    assert row["model_minor"] == 1_460_000_000 - round(2_710_000_000 * Fraction(7, 10))
    assert not row["within_rounding"]
    assert "both lives end within the period" in row["why"]


def test_scope_a_of_sourced_bases_out_of_sample() -> None:
    """The scale from another disclosure of the issuer: half the predictions within 10 percent."""
    found = scores()["scale of another disclosure, sourced bases, scope A"]
    assert found["out_of_sample"]
    assert (found["count"], found["figures"]) == (17, 6)
    assert found["median_error_ppm"] <= 100_000
    assert found["worst_error_ppm"] <= 210_000


def test_nothing_fitted() -> None:
    """Reported balances and stated lives alone: half the predictions within 12 percent, most ranges hold."""
    found = scores()["nothing fitted, sourced bases, scope A"]
    assert found["median_error_ppm"] <= 120_000
    assert found["within_range_ppm"] >= 650_000
    scored = pl.col("relative_error_ppm").is_not_null()
    servers = table().filter(pl.col("scope") == "A", pl.col("sample") == "none", scored)
    assert set(servers["issuer"]) == {"AMZN", "GOOGL", "META", "MSFT", "NBIS", "ORCL"}


def test_the_figures_of_microsoft_2021() -> None:
    """10-K FY2021: depreciation 2.7, net income 2.3 billion, 0.30 a share; first quarter 927 million (10-Q)."""
    row = one("MSFT-FY21", "Q1 FY2021", "out", calibrated_on="MSFT-FY21 FY2021 A")
    assert row["disclosed_minor"] == -927 * MILLION
    assert row["relative_error_ppm"] <= 15_000
    year = one("MSFT-FY21", "FY2021", "out", calibrated_on="MSFT-FY21 Q1 FY2021 A")
    assert year["disclosed_minor"] == -2_700 * MILLION
    assert year["within_rounding"]
    assert year["tax_rate_ppm"] == round((1 - Fraction(763, 927)) * 10**6)
    assert abs(year["model_net_income_minor"] - 2_300 * MILLION) <= 120 * MILLION
    assert abs(year["eps_error_micro"]) <= 15_000


def test_shares_before_a_split_are_counted_in_shares_of_the_disclosure() -> None:
    """Alphabet split 20 for 1 in July 2022; the 10-K FY2021 says 2.98 a share before it."""
    row = one("GOOGL-2021", "FY2021", "out", calibrated_on="GOOGL-2021 Q2 2021 B")
    assert (row["split_factor"], row["disclosed_eps_micro"]) == (20, 2_980_000)
    assert abs(row["eps_error_micro"]) <= 100_000


def test_quarters_move_as_disclosed() -> None:
    found = shape(table())
    assert set(found.columns) == set(SHAPE)
    assert set(found["case_id"]) >= {"GOOGL-2021", "MSFT-FY21", "AMZN-2020", "AMZN-2022", "AKAM-2013"}
    assert found["order_agrees"].drop_nulls().all()
    wrong = found.filter(~pl.col("sign_agrees"))
    assert wrong["case_id"].to_list() == ["ZNGA-2013Q4"], "the one whose inputs contradict it"


def test_the_screen_shows_each_figure_once_in_each_way() -> None:
    rows = brief(table())
    assert not rows.select("case_id", "period", "scope", "sample").is_duplicated().any()
    [middle] = rows.filter(case_id="AMZN-2020", period="Q1 2020E", sample="out")["relative_error_ppm"]
    errors = sorted(table().filter(case_id="AMZN-2020", period="Q1 2020E", sample="out")["relative_error_ppm"])
    assert middle == errors[(len(errors) - 1) // 2]


# Honesty


def test_the_table_keeps_its_contract() -> None:
    assert Backtest.is_valid(table())
    assert all((column.metadata or {})["meaning"] for column in Backtest.columns().values())
    assert set(score(table()).columns) == set(SCORE)


def test_every_disclosure_is_there_and_blanks_have_a_reason() -> None:
    told = evidence.disclosures().select("case_id", "period").unique().fill_null("")
    assert told.join(table(), on=["case_id", "period"], how="anti").is_empty()
    blank = table().filter(pl.col("model_minor").is_null() | pl.col("disclosed_minor").is_null())
    assert blank["why"].is_not_null().all()
    assert len(blank) > 5


def test_nothing_is_fitted_on_what_it_predicts() -> None:
    fitted = table().filter(pl.col("scale_ppm") != 10**6)
    assert set(fitted["sample"]) == {"out", "in"}
    out = table().filter(pl.col("sample") == "out")
    assert (out["calibrated_on"] != out["case_id"] + " " + out["period"] + " " + out["scope"]).all()
    assert out["free"].str.contains("scale: disclosed over modelled effect of ").all()
    assert (table().filter(pl.col("sample").is_in(["none", "carrying"]))["free"] == "nothing").all()
    for row in out.filter(case_id="MSFT-FY23").iter_rows(named=True):
        assert "MSFT-FY23" not in row["calibrated_on"], "guidance and outcome are one figure"


def test_the_scale_is_the_only_difference_between_predictions_of_a_figure() -> None:
    plain = one("MSFT-FY23", "FY2023")
    checked = 0
    for other in table().filter(case_id="MSFT-FY21", sample="none").iter_rows(named=True):
        name = f"{other['case_id']} {other['period']} {other['scope']}"
        row = one("MSFT-FY23", "FY2023", "out", calibrated_on=name)
        scale = Fraction(other["disclosed_minor"], other["model_minor"])
        assert row["model_minor"] == round(scale * plain["model_minor"])
        assert row["scale_ppm"] == round(scale * 10**6)
        checked += 1
    assert checked == 2


def test_errors_are_what_they_say() -> None:
    for row in table().filter(pl.col("error_minor").is_not_null()).iter_rows(named=True):
        assert row["error_minor"] == row["model_minor"] - row["disclosed_minor"]
        share = Fraction(abs(row["error_minor"]) * 10**6, abs(row["disclosed_minor"]))
        assert row["relative_error_ppm"] == round(share)
        assert row["model_low_minor"] <= row["model_minor"] <= row["model_high_minor"]


def test_classes_are_not_pooled() -> None:
    """Amazon's heavy equipment has a base of its own, and no disclosure on servers scales it."""
    rows = table().filter(case_id="AMZN-2025-HEAVY")
    assert rows["sample"].to_list() == ["none"]
    assert rows["model_minor"].item() < 0


def test_the_same_inputs_give_the_same_table() -> None:
    assert backtest().equals(table())


# Files of the user's own


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(dict.fromkeys(COLUMNS, "") | row for row in rows)
    return path


def case(**cells: str) -> dict[str, str]:
    given = {
        "case_id": "MSFT-NEW",
        "company": "Microsoft",
        "ticker": "MSFT",
        "fiscal_year_end_month": "6",
        "asset_class": "server and network equipment",
        "old_life_years": "6",
        "new_life_years": "5",
        "effective_date": "2025-07-01",
        "scope": "existing carrying amount at date only",
        "period": "FY2026",
    }
    return given | cells


def test_the_shipped_disclosures_as_a_file_give_the_shipped_table(tmp_path: Path) -> None:
    evidence.disclosures().write_csv(tmp_path / "cases.csv")
    assert backtest(tmp_path / "cases.csv").equals(table())


def test_a_case_that_is_not_shipped_is_predicted_and_scaled_by_the_shipped_ones(tmp_path: Path) -> None:
    rows = backtest(write(tmp_path / "c.csv", case(depreciation_effect_usd_m="2000")))
    assert set(rows["case_id"]) == {"MSFT-NEW"}
    assert rows["calibrated_on"].drop_nulls().to_list() == [
        "MSFT-FY21 FY2021 A",
        "MSFT-FY23 FY2023 A",
        "MSFT-FY21 Q1 FY2021 A",
    ]
    plain = one("MSFT-NEW", "FY2026", frame=rows)
    assert plain["model_minor"] > 0, "a shorter life charges more"
    assert (plain["old_life_months"], plain["new_life_months"]) == (72, 60)
    assert "lives before by 2020-07-01, 2022-07-01" in plain["inputs"]


def test_lives_before_a_change_in_two_steps_are_those_before_its_first(tmp_path: Path) -> None:
    steps = {"old_life_years": "6 then 5", "new_life_years": "5 then 4", "effective_date": "2025-07-01 then 2026-01-01"}
    plain = one("MSFT-NEW", "FY2026", frame=backtest(write(tmp_path / "c.csv", case(**steps))))
    assert plain["inputs"].endswith("stated lives, lives before by 2020-07-01, 2022-07-01")


def test_a_case_without_an_effect_is_a_forecast(tmp_path: Path) -> None:
    rows = backtest(write(tmp_path / "c.csv", case()))
    assert rows["model_minor"].is_not_null().all()
    assert set(rows["why"]) == {"no effect is disclosed to compare with"}
    assert set(rows["sample"]) == {"none", "out"}


def test_an_issuer_that_is_not_known_is_blank_with_the_reason(tmp_path: Path) -> None:
    rows = backtest(write(tmp_path / "c.csv", case(ticker="ACME", depreciation_effect_usd_m="-5")))
    row = one("MSFT-NEW", "FY2026", frame=rows)
    assert row["model_minor"] is None
    assert row["why"] == "no asset base of ACME for this class is sourced"


def test_two_figures_of_an_unknown_issuer_calibrate_each_other(tmp_path: Path) -> None:
    """Akamai, 10-Q of June 2013: after tax 10.7 in the first quarter, 9.0 in the second."""
    told = [row for row in evidence.disclosures().iter_rows(named=True) if row["case_id"] == "AKAM-2013"]
    rows = backtest(write(tmp_path / "c.csv", *(row | {"ticker": "ACME", "case_id": "ACME-1"} for row in told)))
    row = one("ACME-1", "Q2 2013", "out", rows, calibrated_on="ACME-1 Q1 2013 (derived) A".replace(" (derived)", ""))
    assert (row["measure"], row["disclosed_minor"]) == ("net_income", 900 * MILLION // 100)
    assert row["relative_error_ppm"] <= 50_000


def test_a_carrying_amount_of_an_unknown_issuer_gives_the_size(tmp_path: Path) -> None:
    rows = backtest(
        write(tmp_path / "c.csv", case(ticker="ACME", carrying_amount_usd_m="100", depreciation_effect_usd_m="10"))
    )
    row = one("MSFT-NEW", "FY2026", frame=rows)
    assert row["carrying_minor"] == 100 * MILLION
    assert 0 < row["model_minor"] < 100 * MILLION
    assert "of the disclosed carrying amount" in row["inputs"]


def test_effects_that_do_not_agree_with_each_other_are_used_with_a_flag(tmp_path: Path) -> None:
    given = case(depreciation_effect_usd_m="2001", operating_income_effect_usd_m="-1501")
    row = one("MSFT-NEW", "FY2026", frame=backtest(write(tmp_path / "c.csv", given)))
    assert row["why"] == f"depreciation and operating income differ by {500 * MILLION} minor units"
    assert row["error_minor"] is not None


def test_a_part_of_a_class_needs_a_figure_of_its_own(tmp_path: Path) -> None:
    part = case(asset_class="subset of servers", depreciation_effect_usd_m="700")
    alone = backtest(write(tmp_path / "one.csv", part))
    assert alone["model_minor"].to_list() == [None]
    assert alone["why"].to_list() == ["only a part of the class is meant, of a size that is not disclosed"]
    quarter = part | {"period": "Q1 FY2026", "depreciation_effect_usd_m": "200"}
    both = backtest(write(tmp_path / "two.csv", part, quarter))
    assert set(both.filter(sample="out")["calibrated_on"]) == {"MSFT-NEW FY2026 A", "MSFT-NEW Q1 FY2026 A"}


def test_additions_that_no_statement_holds_leave_scope_b_blank(tmp_path: Path) -> None:
    rows = backtest(write(tmp_path / "c.csv", case(scope="B", period="FY2028", effective_date="2027-07-01")))
    assert rows["why"].to_list() == ["additions of the period are not sourced"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "c.csv: cannot be read as a table\n  why: Empty CSV file"),
        (",".join(COLUMNS) + "\n", "c.csv: holds no disclosures\n  why: there is no row below the header"),
        ("case_id,company\na,b\n", "c.csv:1: missing column: ticker, fiscal_year_end_month, asset_class"),
        (",".join([*COLUMNS, "mood"]) + "\n", "c.csv:1: unknown column: mood"),
        (",".join([*COLUMNS, "note"]) + "\n", "c.csv:1: column note is there twice"),
        (",".join(COLUMNS) + "\na,b\n", "c.csv:2: 2 cells, the header has 18"),
        (",".join(COLUMNS) + '\n"a\n', "c.csv:2: a quote is not closed"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        backtest(tmp_path / "c.csv")
    assert said in str(refused.value)


def test_every_bad_cell_of_a_file_is_shown_with_its_row(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", case(), case(period="?"), case(depreciation_effect_usd_m="1e3"))
    with pytest.raises(Refused) as refused:
        backtest(path)
    assert [(f.file, f.row) for f in refused.value.findings] == [("c.csv", 3), ("c.csv", 4)]


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "c.csv", tmp_path / "none.csv"):
        with pytest.raises(Refused):
            backtest(path)


def prediction(number: int, **cells: object) -> dict[str, object]:
    """A prediction out of sample that errs by so many percent."""
    plain = {
        "case_id": f"case {number}",
        "period": "FY2020",
        "period_start": date(2020, 1, 1),
        "period_end": date(2020, 12, 31),
        "scope": "A",
        "sample": "out",
        "calibrated_on": "another",
        "disclosed_minor": 100,
        "sourced_base": True,
        "same_change": False,
        "relative_error_ppm": number * 10_000,
        "within_range": number < 3,
        "within_rounding": number < 2,
    }
    return plain | cells


def test_what_each_group_scores() -> None:
    """Four predictions of which each but the first lacks one thing that a narrower group asks for."""
    rows = [
        prediction(1),
        prediction(2, same_change=True),
        prediction(3, sourced_base=False),
        prediction(4, scope="B"),
        prediction(5, sample="none", sourced_base=None, same_change=None),
        prediction(6, sample="in"),
        prediction(7, relative_error_ppm=None),
    ]
    told = score(pl.DataFrame(rows))
    assert told.select("predictions", "count", "median_error_ppm", "worst", "within_range_ppm").rows() == [
        ("nothing fitted, sourced bases, scope A", 1, 50_000, "case 5 FY2020", 0),
        ("nothing fitted, sourced bases, all scopes", 1, 50_000, "case 5 FY2020", 0),
        ("scale of another disclosure, sourced bases, scope A", 2, 15_000, "case 2 FY2020", 1_000_000),
        ("the same, of another change of life", 1, 10_000, "case 1 FY2020", 1_000_000),
        ("scale of another disclosure, all scopes and issuers", 4, 25_000, "case 4 FY2020", 500_000),
        ("in sample: median scale of the issuer", 1, 60_000, "case 6 FY2020", 0),
    ]
    assert told["out_of_sample"].to_list() == [True, True, True, True, True, False]
    assert told["within_rounding_ppm"].to_list() == [0, 0, 500_000, 1_000_000, 250_000, 0]


def test_no_two_columns_say_the_same() -> None:
    told = [tuple((column.metadata or {}).values()) for column in Backtest.columns().values()]
    assert len(set(told)) == len(told)
    meanings = {name: (column.metadata or {})["meaning"] for name, column in Backtest.columns().items()}
    assert (meanings["company"], meanings["issuer"]) == ("filer", "ticker")
