"""Explanations: every line adds up, the estimate in force is named, what a book ignores is no term of it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from depr.errors import Refused
from depr.fleet.figures import explain, schedule
from depr.fleet.restating import restate
from tests.command import run
from tests.daily import sampled
from tests.ledger.samples import event, foreign, ledger, lot

AMOUNT = r"-?[0-9][0-9,]*(?:\.[0-9]+)?"
STORY = [
    event("improvement", "2023-06-10", amount="300.00", currency="USD"),
    event("impairment", "2023-08-31", amount="120.00", currency="USD"),
    event("estimate", "2023-12-31", life_months="48", residual="50.00", currency="USD"),
    event("partial_disposal", "2024-03-15", units="4", amount="90.00", currency="USD"),
    event("reversal", "2024-06-20", amount="30.00", currency="USD"),
    event("estimate", "2024-09-30", life_months="40", book="life-3y"),
]
OPENED = [event("opening", "2023-06-30", amount="200.00", currency="USD"), *STORY[1:]]


def value(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def foots(line: str) -> bool:
    """Whether what stands left of the last = is what stands right of it."""
    told, _, total = line.rpartition(" = ")
    right = value(re.match(AMOUNT, total)[0])  # type: ignore[index]
    if found := re.search(rf"({AMOUNT}) \+ ({AMOUNT}) x ([0-9/]+)$", told):
        opening, base, share = value(found[1]), value(found[2]), Fraction(found[3])
        return opening + Fraction(round(base * share * 100), 100) == right
    plain = re.sub(r" of [0-9-]{10} \(event [0-9]+\)", "", told.partition(": ")[2])
    terms = re.findall(rf"(?:([-+]) )?({AMOUNT})(?![^ ])", plain)
    return sum(value(amount) * (-1 if sign == "-" else 1) for sign, amount in terms) == right


@pytest.mark.parametrize("story", [STORY, OPENED], ids=["from the start", "with an opening balance"])
@pytest.mark.parametrize("book", [None, "life-3y"])
def test_every_line_adds_up_to_the_charge_of_the_schedule(
    book: str | None, story: list[dict[str, str]], tmp_path: Path
) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot()], story)
    months = schedule(path, book).collect().filter(lot_id="L1")
    for month, charge in months.select("period_end", "depreciation_minor").gather_every(5).iter_rows():
        lines = explain(path, "L1", f"{month:%Y-%m}", book)
        sums = [line for line in lines if " = " in line and not line.startswith("method")]
        assert len(sums) >= 4
        assert [line for line in sums if not foots(line)] == []
        assert value(sums[-1].rpartition(" = ")[2]) * 100 == charge


def test_what_a_book_ignores_is_named_and_is_no_term(tmp_path: Path) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot()], OPENED)
    own = explain(path, "L1", "2024-10")
    assert "book meta-reported: what META reports; left out, as of another book: 1 change of estimate" in own
    assert any("opening of 2023-06-30" in line for line in own if line.startswith("accumulated: "))
    assert any("[estimate of 2023-12-31 (event 5)]" in line for line in own)
    assert "left out, as the book does not count it: estimate of 2024-09-30 (event 8)" in own
    plain = explain(path, "L1", "2024-10", "42m")
    [ignored] = [line for line in plain if line.startswith("left out")]
    assert [name in ignored for name in ("opening of", "estimate of 2023-12-31", "estimate of 2024-09-30")] == [
        True
    ] * 3
    rest = [line for line in plain if line is not ignored and not line.startswith("book")]
    assert not any("opening of" in line or "estimate of" in line for line in rest)
    assert any("useful life 42 months" in line for line in rest)
    three = explain(path, "L1", "2024-10", "life-3y")
    assert any("useful life 40 months" in line and "[estimate of 2024-09-30 (event 8)]" in line for line in three)


TWO = [lot(), lot(lot_id="L2", issuer="MSFT", cost="7200.00")]


def test_each_issuer_is_asked_under_the_book_that_it_reports(tmp_path: Path) -> None:
    """Cost 1,000.00 from 2023-02 with 200.00 on the books in June 2023: 800.00 over what is left of five years."""
    path = ledger(tmp_path / "f.duckdb", TWO, OPENED[:1])
    for words in (["schedule"], ["journal", "2023-07"], ["rollforward", "--through", "2023-07-31", "--grain", "month"]):
        name, *rest = words
        both = run(tmp_path, name, "f.duckdb", *rest, "--format", "csv")
        assert both.code == 0, both.err
        apart = [
            run(tmp_path, name, "f.duckdb", *rest, "--issuer", issuer, "--book", book, "--format", "csv").out
            for issuer, book in (("META", "meta-reported"), ("MSFT", "microsoft-reported"))
        ]
        assert both.out.splitlines()[1:] == [line for part in apart for line in part.splitlines()[1:]]
        assert "book meta-reported: what META reports\nbook microsoft-reported: what MSFT reports\n" in both.err
    charges = {row["lot_id"]: row["depreciation_minor"] for row in july(path)}
    assert charges == {"L1": round(Fraction(800_00, 60 - 5)), "L2": 7200_00 // 72}
    assert {row["lot_id"]: row["depreciation_minor"] for row in july(path, "6y")}["L1"] == round(Fraction(1000_00, 72))


def july(path: Path, book: str | None = None) -> list[dict[str, object]]:
    return [row for row in schedule(path, book).collect().to_dicts() if f"{row['period_end']:%Y-%m}" == "2023-07"]


LEAVES = (
    "book life-6y: a scenario, not what META (meta-reported) reports; "
    "left out: opening balances and changes of estimate (here 1 opening balance, 1 change of estimate)"
)


@pytest.mark.parametrize(
    "words",
    [
        ("schedule", "f.duckdb", "--book", "6y"),
        ("rollforward", "f.duckdb", "--book", "6y", "--through", "2024-12-31"),
        ("journal", "f.duckdb", "2024", "--book", "6y"),
        ("restate", "f.duckdb", "--lives", "6", "--years", "2024"),
        ("materiality", "f.duckdb", "--lives", "6", "--years", "2024"),
    ],
    ids=lambda words: words[0],
)
def test_a_scenario_says_so_and_what_it_leaves_out(words: tuple[str, ...], tmp_path: Path) -> None:
    ledger(tmp_path / "f.duckdb", [lot()], [OPENED[0], STORY[2]])
    for form in ("csv", "json"):
        ran = run(tmp_path, *words, "--format", form)
        assert LEAVES in ran.err.splitlines()
        assert "scenario" not in ran.out
    assert LEAVES in run(tmp_path, *words).out.splitlines()
    if words[0] == "journal":
        for form in ("hledger", "beancount"):
            comments = [line for line in run(tmp_path, *words, "--format", form).out.splitlines() if line[:1] == ";"]
            assert any("a scenario, not what META" in line and "1 opening balance" in line for line in comments)
    if words[0] == "schedule":
        assert LEAVES in run(tmp_path, *words, "--out", "s.parquet").err.splitlines()
    if words[0] == "restate":
        assert run(tmp_path, "report", *words[1:]).code == 0
        page = (tmp_path / "pages" / "meta.html").read_text(encoding="utf-8")
        assert LEAVES in page


def test_an_issuer_that_reports_no_book_is_named(tmp_path: Path) -> None:
    path = foreign(tmp_path / "f.duckdb", lot(), lot(lot_id="L2", issuer="Acme"), lot(lot_id="L3", issuer="Blue"))
    for words in (
        ("schedule", "f.duckdb"),
        ("rollforward", "f.duckdb", "--through", "2024-12-31"),
        ("journal", "f.duckdb", "2024"),
        ("explain", "f.duckdb", "L2", "2024-03"),
    ):
        ran = run(tmp_path, *words)
        assert ran.code == 1
        assert not ran.out
        assert "Acme reports no book" in ran.err
        assert "--book" in ran.err
        assert "--schedules" in ran.err
    with pytest.raises(Refused, match=r"(?s)Acme reports no book.*Blue reports no book"):
        schedule(path)
    assert schedule(path, "3y").collect()["issuer"].n_unique() == 3


def test_a_scenario_is_no_book_that_an_issuer_reports(tmp_path: Path) -> None:
    own = tmp_path / "own" / "issuers"
    own.mkdir(parents=True)
    shipped = (Path(__file__).parents[1] / "schedules" / "issuers" / "meta.toml").read_text(encoding="utf-8")
    (own / "meta.toml").write_text(shipped.replace('"meta-reported"', '"life-6y"'), encoding="utf-8")
    path = ledger(tmp_path / "f.duckdb", [lot()])
    for ask in (lambda **o: schedule(path, **o), lambda **o: restate(path, **o)):
        with pytest.raises(Refused, match="META is said to report life-6y, which is a scenario"):
            ask(schedules=tmp_path / "own")


DAYS = """id = "by-day"
title = "Half a year, or by day"
kind = "scenario"
source = "a test"
[[policy]]
effective = "opening"
method = "straight_line"
convention = "{}"
life_months = 36
source = "a test"
"""
WITHIN = [
    event("impairment", "2023-06-10", amount="50.00", currency="USD"),
    event("partial_disposal", "2023-06-20", units="4", amount="90.00", currency="USD"),
    event("improvement", "2023-06-20", amount="300.00", currency="USD"),
    event("held_for_sale", "2024-02-15"),
    event("back_in_use", "2024-05-15"),
    event("partial_disposal", "2024-06-30", units="2"),
    event("disposal", "2024-09-15"),
]


@pytest.mark.parametrize("convention", sampled(["daily", "mid_month", "half_year"], 3))
def test_a_month_that_is_charged_in_parts_adds_up(convention: str, tmp_path: Path) -> None:
    """What is charged until a change, of what goes with it, and from it on: the charge of the schedule."""
    path, book = ledger(tmp_path / "f.duckdb", [lot()], WITHIN), tmp_path / "by-day.toml"
    book.write_text(DAYS.format(convention), encoding="utf-8")
    months = schedule(path, str(book)).collect()
    for month, charge in months.select("period_end", "depreciation_minor").iter_rows():
        lines = explain(path, "L1", f"{month:%Y-%m}", str(book))
        sums = [line for line in lines if " = " in line and not line.startswith("method")]
        assert [line for line in sums if not foots(line)] == []
        assert value(sums[-1].rpartition(" = ")[2]) * 100 == charge
    june = "\n".join(explain(path, "L1", "2023-06", str(book)))
    if convention == "daily":
        assert "charged in parts, here until impairment of 2023-06-10 (event 3)" in june
        assert "charged in parts, here to its end" in june
    else:
        assert ("charged of what goes with partial_disposal of 2023-06-20 (event 4)" in june) == (
            convention == "mid_month"
        )


def test_a_whole_month_is_counted_from_the_start_of_its_estimate(tmp_path: Path) -> None:
    path = ledger(tmp_path / "f.duckdb", [lot()], [event("estimate", "2023-12-31", life_months="48")])
    told = [line for month in ("2023-12", "2024-01", "2024-12") for line in explain(path, "L1", month)]
    assert [line.partition(":")[0] for line in told if "of the estimate" in line] == [
        "2023-12 is month 11 of the estimate",
        "2024-01 is month 1 of the estimate",
        "2024-12 is month 12 of the estimate",
    ]
