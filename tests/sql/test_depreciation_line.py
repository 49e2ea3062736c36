"""The line that stands for depreciation is the one an issuer names: in restatements, in SQL and on the page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from depr import datasets, share
from depr.fleet.preparing import prepare
from depr.fleet.questions import sql
from tests.command import run
from tests.ledger.samples import ledger, lot

WIDE = "depreciation_and_amortization"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Schedules of one's own in which Amazon names the other line than the one that most of its years have."""
    folder = Path(shutil.copytree(share.find("issuers", "AMZN", None).parents[1], tmp_path / "own"))
    path = folder / "issuers" / "amzn.toml"
    path.write_text(
        path.read_text("utf-8").replace("[captions]", f'depreciation_line = "{WIDE}"\n\n[captions]', 1), "utf-8"
    )
    return folder


def amounts(line: str) -> dict[int, int]:
    """A line of Amazon by year in US dollars."""
    cells = datasets.statement_cells().filter(issuer="AMZN", period_type="FY", line=line)
    return {row["fiscal_year"]: int(row["value"] * 10**6) for row in cells.iter_rows(named=True)}


def test_every_route_takes_the_line_that_is_named(tmp_path: Path, own: Path) -> None:
    path = ledger(
        tmp_path / "fleet.duckdb", [lot(issuer="AMZN", purchase_date="2023-01-15", in_service_date="2023-02-01")]
    )
    ppe, wide = amounts("depreciation_of_ppe"), amounts(WIDE)
    assert wide
    ask = "SELECT fiscal_year, depreciation, depreciation_line FROM statements WHERE issuer = 'AMZN'"
    prepare(path, lives=["36m"], methods=["straight_line"], evidence=False, schedules=own)
    for year, amount, line in sql(path, f"{ask} AND period_type = 'FY' AND depreciation IS NOT NULL").iter_rows():
        assert (int(amount), line) == (wide[year], WIDE)
    years = ("--years", f"{max(wide) - 1}-{max(wide)}")
    ran = run(tmp_path, "restate", "fleet.duckdb", "--lives", "3", *years, "--schedules", own)
    assert f"reported depreciation: {WIDE}" in ran.out + ran.err
    plain = run(tmp_path, "restate", "fleet.duckdb", "--lives", "3", *years)
    assert "reported depreciation: depreciation_of_ppe" in plain.out + plain.err
    assert run(tmp_path, "report", "fleet.duckdb", *years, "--schedules", own).code == 0
    words = re.sub(r"<[^>]*>", " ", (tmp_path / "pages" / "amzn.html").read_text("utf-8"))
    assert "Depreciation reported: depreciation and amortization of all assets" in words
    assert f"{wide[max(wide)] / 10**6:,.0f}" in words
    assert ppe[max(wide)] != wide[max(wide)]
