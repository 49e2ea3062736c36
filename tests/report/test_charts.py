"""Geometry: scales, ticks, marks inside the picture, nothing that depends on a float's last bit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.report import charts
from depr.report.charts import Grid, Path, Rect, Text, bar
from depr.report.context import IssuerReport, issuer_context

MONEY = st.integers(-(10**15), 10**15)


@given(st.lists(MONEY, max_size=20))
def test_a_scale_holds_zero_and_every_value(values: list[int]) -> None:
    scale = charts.scale_over(values, 20.0, 300.0)
    for value in [0, *values]:
        assert 19.9 <= scale.y(value) <= 300.1
    assert len(scale.ticks) <= 7
    assert 0 in scale.ticks
    steps = {after - before for before, after in pairwise(scale.ticks)}
    assert len(steps) <= 1
    assert all(str(step).strip("0") in {"1", "2", "5"} for step in steps)


def test_coordinates_have_one_decimal_and_no_negative_zero() -> None:
    assert charts.at(-0.04) == "0.0"
    assert charts.at(12.345) == "12.3"


def test_columns_of_chart_and_table_are_the_same() -> None:
    grid = Grid(4, 240.0)
    assert grid.left(0) == 240.0
    assert grid.left(4) == grid.width
    assert grid.centre(0) == grid.label + grid.step / 2


def test_a_line_falls_to_a_height_after_its_last_peak() -> None:
    points = [(0.0, 100.0), (10.0, 20.0), (20.0, 60.0), (30.0, 100.0)]
    assert charts.falls_to(points, 40.0) == 15.0
    assert charts.falls_to(points, 500.0) == 10.0


@pytest.mark.parametrize("which", ["profit", "loss"])
@pytest.mark.parametrize("name", ["eps", "path", "gap", "carrying"])
def test_marks_lie_inside_the_picture(which: str, name: str, request: pytest.FixtureRequest) -> None:
    report: IssuerReport = request.getfixturevalue(which)
    picture = issuer_context(report)["charts"][name]
    width, height = float(picture.width), float(picture.height)
    for mark in picture.marks:
        if isinstance(mark, Rect):
            assert float(mark.x) >= 0
            assert float(mark.x) + float(mark.width) <= width + 0.2
            assert float(mark.y) + float(mark.height) <= height
        elif isinstance(mark, Text):
            assert 0 <= float(mark.x) <= width
            assert 0 < float(mark.y) <= height
        else:
            assert isinstance(mark, Path)
            assert mark.d.startswith("M")


def test_bars_are_outlined_and_values_stand_beside_them(profit: IssuerReport) -> None:
    picture = issuer_context(profit)["charts"]["eps"]
    bars = [mark for mark in picture.marks if isinstance(mark, Rect)]
    values = [mark for mark in picture.marks if isinstance(mark, Text) and mark.css == "value"]
    assert len(bars) == len(values) == 16
    assert all(mark.css.startswith("bar ") for mark in bars)


@pytest.mark.parametrize(("start", "end"), [(10.0, 4.0), (4.0, 10.0)])
def test_a_bar_has_its_height_whichever_end_is_first(start: float, end: float) -> None:
    assert bar(1, 2, start, end, "life1") == Rect("1.0", "4.0", "2.0", "6.0", "bar life1")
