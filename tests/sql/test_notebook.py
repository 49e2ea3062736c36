"""The notebook of scripts/notebooks is executed on the ledger of the demo; its answers are the engine's."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from nbclient import NotebookClient

from depr.fleet.questions import sql
from tests.command import run

NOTEBOOK = Path(__file__).parents[2] / "scripts" / "notebooks" / "fleet.ipynb"
LEDGER = Path("depr-demo") / "fleet.duckdb"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the libraries that start the kernel
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo was run."""
    path = tmp_path_factory.mktemp("notebook")
    assert run(path, "demo").code == 0
    return path


@pytest.fixture(scope="module")
def executed(folder: Path) -> Any:
    """The notebook with its answers."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # what was asked is told again without the rounding of a screen
    notebook.cells.append(
        nbformat.v4.new_code_cell("for answer in (bought, three_years, lives): print(answer.write_json())")
    )
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def test_it_is_kept_without_answers() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert not [cell for cell in cells if cell.outputs or cell.execution_count]
    assert "depr" not in "".join(cell.source for cell in cells).replace("depr-demo", "")  # plain DuckDB


def test_every_cell_answers(executed: Any) -> None:
    cells = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [out for cell in cells for out in cell.outputs if out.output_type == "error"]
    assert [len(cell.outputs) for cell in cells] == [0, 1, 1, 1, 1, 1]


def test_the_answers_are_the_engines(executed: Any, folder: Path) -> None:
    bought, three_years, lives = (
        pl.read_json(line.encode(), infer_schema_length=None)
        for line in executed.cells[-1].outputs[0].text.splitlines()
    )
    restated = sql(
        folder / LEDGER,
        "SELECT * FROM restatement WHERE mode = 'as_if' AND bound = 'mid' AND period_type = 'FY' "
        "ORDER BY issuer, fiscal_year",
    )
    three = restated.filter(book="life-3y")
    assert three_years["understatement"].to_list() == [f"{value:.3f}" for value in three["understatement"]]
    by_macro = lives.filter(pl.col("life_years") == "3.0000")
    assert by_macro["understatement"].to_list() == [
        f"{value:.3f}" for value in three.filter(fiscal_year=2025)["understatement"]
    ]
    assert bought["units"].sum() == sql(folder / LEDGER, "SELECT sum(units)::BIGINT AS n FROM lots")["n"].item()


def test_the_picture_shows_every_row(executed: Any) -> None:
    picture = ET.fromstring(executed.cells[-2].outputs[0].data["image/svg+xml"])
    space = {"": "http://www.w3.org/2000/svg"}
    bars = picture.findall("rect", space)
    labels = [text.text or "" for text in picture.findall("text", space)[::2]]
    assert len(bars) == len(labels) == 18
    assert {label.split(",")[0] for label in labels} == {"AMZN", "CRWV", "GOOGL", "META", "MSFT", "ORCL"}
    assert all(float(bar.get("width", "-1")) >= 0 for bar in bars)
