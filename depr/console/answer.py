"""What a question in Python is answered with: a table with exact decimals and dates, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from io import StringIO
from typing import Any

import polars as pl
from rich.console import Console

from depr.console import writers
from depr.errors import Finding

MOST_ROWS = 20
WIDTH = 120
"""Rows of an answer, and characters of a line, that are shown for the eye."""


class Answer:
    """A polars frame (`frame`) with every cent, as `--format csv` prints it, and `notes`: what is said beside it.

    It is asked like its frame (`answer.filter(...)`, `answer.to_pandas()`), read by whatever reads Arrow
    (`duckdb.sql("FROM answer")`, `pandas.DataFrame`), and shown, here and in a notebook, as the command line shows it.
    `whole` has the rows of the engine, in whole minor units, lazy where there may be more than memory holds; `findings`
    is what was found on the way.
    """

    def __init__(
        self,
        rows: pl.DataFrame | pl.LazyFrame,
        shown: pl.DataFrame | None = None,
        *,
        printed: pl.DataFrame | None = None,
        title: str = "",
        notes: Iterable[str] = (),
        findings: Sequence[Finding] = (),
        currency: writers.Currency = "USD",
        millions: bool = False,
    ) -> None:
        self.whole = rows
        self._shown = shown
        self._printed = printed
        self.title = title
        self.notes = tuple(notes)
        self.findings = tuple(findings)
        self.currency = currency
        self.millions = millions

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Every row and column, amounts as exact decimals."""
        return writers.decimals(self._collected, self.currency)

    @cached_property
    def shown(self) -> pl.DataFrame:
        """What a table shows, in millions where that is easier to read."""
        as_read = writers.readable if self.millions else writers.decimals
        return as_read(self._collected if self._shown is None else self._shown, self.currency)

    @property
    def printed(self) -> pl.DataFrame:
        """What `--format csv` and `json` print: the frame, or those of its columns that a line has room for."""
        return self.frame if self._printed is None else writers.decimals(self._printed, self.currency)

    def under(self, title: str) -> Answer:
        """The same rows under another title, without notes."""
        as_shown: dict[str, Any] = {"currency": self.currency, "millions": self.millions}
        return Answer(self.whole, self._shown, printed=self._printed, title=title, **as_shown)

    @cached_property
    def _collected(self) -> pl.DataFrame:
        return self.whole.collect() if isinstance(self.whole, pl.LazyFrame) else self.whole

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.frame, name)

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, key: Any) -> Any:
        return self.frame[key]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        out = StringIO()
        text = Console(file=out, width=WIDTH, highlight=False, emoji=False, markup=False)
        table, hidden = writers.fitting(self.shown.head(MOST_ROWS), text)
        text.print(table)
        lines = [*self.title.splitlines(), *out.getvalue().rstrip().splitlines(), *self._left(hidden), *self.notes]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        """For a notebook: the table for the eye, its title and its notes."""
        from html import escape

        settings: dict[str, Any] = {"tbl_hide_dataframe_shape": True, "tbl_hide_column_data_types": True}
        with pl.Config(**settings, tbl_rows=MOST_ROWS, tbl_cols=-1, fmt_str_lengths=80, thousands_separator=","):
            table = self.shown.head(MOST_ROWS)._repr_html_()
        said = "".join(f"<div><small>{escape(line)}</small></div>" for line in [*self._left([]), *self.notes])
        return f"<div><em>{escape(self.title)}</em></div>{table}{said}"

    def _left(self, hidden: list[str]) -> list[str]:
        """What is not shown, in a line: rows beyond the most, columns for which there is no room."""
        more = len(self.shown) - MOST_ROWS
        parts = ([f"{more:,} more rows"] if more > 0 else []) + ([f"columns {', '.join(hidden)}"] if hidden else [])
        return [f"not shown: {' and '.join(parts)}; .frame holds all"] if parts else []
