"""Curves of several runs of the kernel under one numbering."""

from __future__ import annotations

from typing import Any

import polars as pl


class Curves:
    """Shares (contract.Shares) of several runs; what is the same has one number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, ...], int] = {}

    def add(self, shares: pl.DataFrame) -> dict[int, int]:
        """The numbers that a table of shares gives its curves -> those they have here."""
        steps = shares.sort("share_id", "step").group_by("share_id", maintain_order=True)
        rows = steps.agg(pl.col("den").first(), pl.col("num_before").first(), pl.col("num")).iter_rows()
        return {
            share: self._numbers.setdefault((den, first, *nums), len(self._numbers)) for share, den, first, nums in rows
        }

    def frame(self) -> pl.DataFrame:
        """All of them: contract.Shares."""
        rows = [(number, key[0], key[1:-1], key[2:]) for key, number in self._numbers.items()]
        lists = {name: pl.List(pl.Int64) for name in ("num_before", "num")}
        schema: dict[str, Any] = {"share_id": pl.Int32, "den": pl.Int64, **lists}
        steps = pl.DataFrame(rows, schema, orient="row").explode("num_before", "num")
        return steps.with_columns(
            step=pl.int_range(pl.len(), dtype=pl.Int32).over("share_id"),
        )
