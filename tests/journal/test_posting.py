"""Closing months: what was posted never changes, and with what is posted later it adds up to what is known."""

from __future__ import annotations

import hashlib
import random
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import depr
from depr import Fleet
from depr.errors import Refused
from tests.command import run
from tests.ledger.samples import lot, write
from tests.size import examples
from tests.test_year import BOOK


def made(folder: Path, *rows: dict[str, str]) -> Fleet:
    """A ledger of some purchases, and a book beside it."""
    (folder / "own.toml").write_text(BOOK, "utf-8")
    fleet = depr.create(folder / "fleet.duckdb")
    fleet.add(write(folder / "first.csv", *rows))
    return fleet


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """3,600 over 36 months from February 2024: 100.00 a month."""
    monkeypatch.chdir(tmp_path)
    return made(tmp_path, lot(cost="3600.00", purchase_date="2024-01-15", in_service_date="2024-02-01"))


def sums(lines: pl.DataFrame) -> dict[str, Decimal]:
    """Debits less credits by account, those that are not nothing."""
    moved = lines.group_by("account").agg(pl.col("debit").sum() - pl.col("credit").sum()).drop_nulls()
    return {account: amount for account, amount in moved.iter_rows() if amount}


def expense(lines: pl.DataFrame) -> Decimal:
    """What is charged."""
    return Decimal(str(sums(lines).get("Expenses:META:Depreciation", 0)))


def test_a_late_addition_is_caught_up_in_the_next_period(here: Fleet) -> None:
    """7,200 over 36 months from February, told in May: 200 for each of February to April, apart from May's 300."""
    here.post("2024-02", "own.toml", by="A. Chen")
    for month in ("2024-03", "2024-04"):
        here.post(month, "own.toml", by="A. Chen")
    late = lot(lot_id="L2", cost="7200.00", purchase_date="2024-01-15", in_service_date="2024-02-01")
    here.add(write(Path("late.csv"), late))
    since = here.journal("2024", "own.toml", difference=True)
    assert expense(since.frame) == Decimal("600.00")
    assert since.frame.filter(kind="depreciation")["entry"].unique().sort().to_list() == [
        "META-2024-02-D0001",
        "META-2024-03-D0001",
        "META-2024-04-D0001",
    ]
    may = here.post("2024-05", "own.toml", by="A. Chen").frame
    charged = may.filter(pl.col("account") == "Expenses:META:Depreciation").group_by("of").agg(pl.col("debit").sum())
    months = dict(charged.iter_rows())
    assert [months[key] for key in sorted(months)] == [Decimal(200), Decimal(200), Decimal(200), Decimal(300)]
    # May's own; the purchase, of January, which no posting holds; the service, of February; three charges
    assert may["entry"].unique().len() == 6
    assert sums(may.filter(kind="acquisition"))["Assets:META:PropertyAndEquipment:ConstructionInProgress"] == 7200
    assert may["date"].unique().to_list() == [date(2024, 5, 31)]
    assert here.journal("2024", "own.toml", difference=True).height == 0


def test_a_posting_is_kept_as_it_was(here: Fleet) -> None:
    before = datetime.now(UTC)
    lines = here.post("2024-02", "own.toml", by="A. Chen")
    assert expense(lines.frame) == Decimal("100.00")
    here.record("estimate", "L1", date(2024, 2, 15), life="5y", reason="longer use")
    here.post("2024-03", "own.toml", by="B. Ito")
    listed = here.postings().frame
    assert listed.select("issuer", "book", "period", "number", "by").rows() == [
        ("META", "own", "2024-02", 1, "A. Chen"),
        ("META", "own", "2024-03", 2, "B. Ito"),
    ]
    assert before <= listed["posted_at"][0].replace(tzinfo=UTC) <= datetime.now(UTC)
    kept = here.source(listed["batch"][0], "posted.csv").read_bytes()
    assert hashlib.sha256(kept).hexdigest() == listed["sha256"][0]
    back = pl.read_csv(kept).filter(account="Expenses:META:Depreciation")
    assert back.select("entry", "debit_minor", "of").rows() == [("META-2024-02-0002", 10000, 1489)]
    assert here.postings(known_at=listed["posted_at"][0].replace(tzinfo=UTC)).height == 1
    assert here.verify().batches


def test_numbers_are_of_an_issuer_and_a_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fleet = made(tmp_path, lot(), lot(lot_id="L2", issuer="MSFT"))
    for issuer, book in (("META", "own.toml"), ("META", "3y"), ("MSFT", "own.toml"), ("META", "own.toml")):
        month = (
            "2023-03" if fleet.postings(issuer).frame.filter(book="own").height and book == "own.toml" else "2023-02"
        )
        fleet.post(month, book, issuer=issuer, by="A")
    rows = fleet.postings().frame.select("issuer", "book", "period", "number").rows()
    assert rows == [
        ("META", "own", "2023-02", 1),
        ("META", "life-3y", "2023-02", 1),
        ("MSFT", "own", "2023-02", 1),
        ("META", "own", "2023-03", 2),
    ]
    with pytest.raises(Refused, match="has lots of META, MSFT"):
        fleet.post("2023-04", "own.toml", by="A")


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2024-03", "was posted on"),
        ("2024-02", "was posted on"),
        ("2024", "was posted on"),
        ("2024-05", "the next one is 2024-04"),
        ("2024-01", "is not next"),
        ("2024-4", "is not a period"),
    ],
)
def test_what_cannot_be_posted_changes_nothing(here: Fleet, period: str, said: str) -> None:
    for month in ("2024-02", "2024-03"):
        here.post(month, "own.toml", by="A")
    head = here.head
    with pytest.raises(Refused, match=said):
        here.post(period, "own.toml", by="A")
    assert here.head == head


def test_what_is_closed_or_to_come_is_not_posted(here: Fleet) -> None:
    here.close("META", "2024-02")
    with pytest.raises(Refused, match="is closed through 2024-02-29"):
        here.post("2024-02", "own.toml", by="A")
    with pytest.raises(Refused, match="has not begun"):
        here.post("2024-03", "own.toml", by="A", recorded_at=datetime(2024, 2, 20, tzinfo=UTC))
    with pytest.raises(Refused, match="posted by someone"):
        here.post("2024-03", "own.toml", by=" ")
    with pytest.raises(Refused, match="posted is: none"):
        here.journal("2024-03", "own.toml", difference=True)
    with pytest.raises(Refused, match="not by lot"):
        here.journal("2024-03", "own.toml", difference=True, per_lot=True)
    here.post("2024-03", "own.toml", by="A")
    assert here.postings().height == 1


def test_months_of_a_quarter_are_posted_together_or_not(here: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    from depr.fleet import posting

    record = posting._record

    def failing(*args: object) -> None:
        if args[3] == 1491:  # April 2024
            raise KeyboardInterrupt
        record(*args)  # type: ignore[arg-type]

    head = here.head
    monkeypatch.setattr(posting, "_record", failing)
    with pytest.raises(KeyboardInterrupt):
        here.post("2024-Q2", "own.toml", by="A")
    assert (here.head, here.postings().height) == (head, 0)
    monkeypatch.undo()


def test_a_posting_that_is_not_as_it_was_is_refused(here: Fleet) -> None:
    here.post("2024-02", "own.toml", by="A")
    with duckdb.connect(str(here.path)) as connection:
        connection.execute("UPDATE sources SET bytes = bytes || 'x'::BLOB")
    with pytest.raises(Refused):
        here.journal("2024-02", "own.toml", difference=True)


def test_the_command_line_posts_and_lists(here: Fleet, tmp_path: Path) -> None:
    ran = run(
        tmp_path, "post", "fleet.duckdb", "2024-02", "--book", "own.toml", "--by", "A. Chen", "--format", "hledger"
    )
    assert (ran.code, "depreciation" in ran.out.lower()) == (0, True)
    again = run(tmp_path, "post", "fleet.duckdb", "2024-02", "--book", "own.toml", "--by", "A. Chen")
    assert (again.code, again.out) == (1, "")
    assert "posted as number 1" in again.err or "as number 1" in again.err
    listed = run(tmp_path, "postings", "fleet.duckdb", "--format", "csv").out.splitlines()
    assert listed[0].startswith("issuer,book,period,number,posted_at,by")
    assert listed[1].startswith("META,own,2024-02,1,")
    table = run(tmp_path, "journal", "fleet.duckdb", "2024-02", "--book", "own.toml").out
    assert "credit" in table


KINDS = ("late", "estimate", "impairment", "improvement", "partial_disposal", "disposal", "correction")


def tell(fleet: Fleet, chance: random.Random, month: date, number: int) -> None:
    """Something becomes known in a month, of that month or one before; what cannot be is refused."""
    kind = chance.choice(KINDS)
    day = month - timedelta(days=chance.randrange(150))
    ids = fleet.lots()["lot_id"].to_list()
    name = chance.choice(ids)
    amount = f"{chance.randrange(1, 200_000)}.{chance.randrange(100):02d}"
    asked: dict[str, dict[str, Any]] = {
        "estimate": {"life": f"{chance.randrange(12, 80)}m"},
        "impairment": {"amount": amount},
        "improvement": {"amount": amount},
        "partial_disposal": {"units": chance.randrange(1, 9), "amount": amount},
        "disposal": {"amount": amount},
    }
    try:
        if kind == "late":
            bought = lot(lot_id=f"N{number}", cost=amount, purchase_date=str(day), in_service_date=str(day))
            fleet.add(write(Path(fleet.path.parent, f"{number}.csv"), bought))
        elif kind == "correction":
            events = fleet.events().filter(
                pl.col("kind").is_in([*KINDS, "placed_in_service"]) & pl.col("lot_id").is_not_null()
            )
            if events.is_empty():
                return
            one = events.row(chance.randrange(events.height), named=True)
            fleet.record(kind, one["lot_id"], one["effective_date"], reverses=one["seq"], reason="wrong")
        else:
            fleet.record(kind, name, day, document=str(number), **asked.get(kind, {}))
    except Refused:
        pass


@examples(2)
@given(seed=st.integers(0, 10**6))
def test_what_was_posted_adds_up_to_what_is_known(seed: int) -> None:
    """Fourteen months in which things become known late: postings together are the journal, in every account."""
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        fleet = made(Path(folder), lot(cost="123456.78", purchase_date="2022-12-15", in_service_date="2023-01-01"))
        book = str(Path(folder, "own.toml"))
        before = fleet.journal("2022", book).frame.with_columns(of="period")  # it came along, and is not posted
        posted: list[pl.DataFrame] = []
        shown: list[str] = []
        for n in range(14):
            month = date(2023 + n // 12, n % 12 + 1, 28)
            for number in range(chance.randrange(3)):
                tell(fleet, chance, month, 10 * n + number)
            posted.append(fleet.post(f"{month:%Y-%m}", book, by="A").frame)
            sha = fleet.postings()["sha256"].to_list()
            assert sha[:-1] == shown
            shown = sha
            known = pl.concat([fleet.journal(year, book).frame for year in ("2022", "2023", "2024")])
            through = sums(known.filter(pl.col("date") <= month.replace(day=monthrange(month.year, month.month)[1])))
            assert sums(pl.concat([before, *posted])) == through
        assert fleet.journal("2023", book, difference=True).height == 0
        entries = pl.concat(posted).filter(pl.col("line") == 1)["entry"].to_list()
        assert len(entries) == len(set(entries))
