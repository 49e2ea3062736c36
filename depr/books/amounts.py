"""The amounts of a walk: what each stage of a cohort makes of the balances of every lot in it, all lots at a time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import dataframely as dy
import polars as pl

from depr.contract import Movements, Segments
from depr.kernel.formula import Formula, argument, either, positive, rounded
from depr.kernel.rounding import multiply_divide

SHARES = ("used", "head", "tail", "stop", "past")
"""Shares of a stage's base: when it ends, its first and its last period in part, and of what goes with the next."""


def _wide(rows: pl.DataFrame, name: str) -> pl.Series:
    """round_half_even(base x share) one by one, where the fraction is too wide for a column."""
    pairs = rows.select("base_minor", f"{name}_wide").iter_rows()
    return pl.Series("wide", [text and round(Fraction(text) * base) for base, text in pairs], dtype=pl.Int64)


def kept(*, wide: bool = True) -> Formula:
    """The residual value that a stage keeps: the lot's own, else residual_rate x cost."""
    return either(
        argument("own_minor"),
        rounded(argument("cost_minor"), argument("rate_num"), argument("rate_den"), wide=wide),
    )


def base(keeps: Formula) -> Formula:
    """What a stage charges in all: what is carried when it begins less what it keeps, never below zero."""
    return positive(argument("carried_minor") - keeps)


CARRIED = pl.col("cost_minor") - pl.col("impaired_minor") - pl.col("opening_minor")
LEFT = {"lot": pl.Int64, "number": pl.Int64, "carrying_minor": pl.Int64}
BALANCES = ("units", "cost_minor", "residual_minor", "opening_minor", "impaired_minor")
Walked = tuple[dy.DataFrame[Segments], dy.DataFrame[Movements], pl.DataFrame]
PENDING = ("gone_minor", "late_minor", "part_minor")
"""What a stage leaves to the next, of a whole lot: accumulated when its clock stops, what of that is still to charge,
and what is charged of a period that goes on."""

STEPS = ("taken_minor", "due_minor", "left_minor")
"""What a change does at once: to accumulated depreciation, charged of what goes, left in the schedule."""

MOVED = {
    "units": "units",
    "cost_minor": "cost_minor",
    "taken_minor": "accumulated_minor",
    "impaired_minor": "impairment_minor",
}
"""Balances of a stage whose steps are movements, under the names that they have there."""


def walked(
    lots: pl.DataFrame,
    plan: pl.DataFrame,
    changes: pl.DataFrame,
    whole: int,
    trace: list[pl.DataFrame] | None = None,
) -> Walked:
    """One stage after the other: the change that begins it, what it moves, then what it charges.

    `whole` is the share of a period that is a segment of its own. The third table says what is carried after each
    change: lot, number, carrying_minor.
    """
    names = ("lot", "cohort", *BALANCES, *PENDING)
    nothing = dict.fromkeys(("opening_minor", "impaired_minor", *PENDING), pl.lit(0, pl.Int64))
    state = lots.with_columns(**nothing).select(names)
    amounts = changes.select(
        "lot", "number", "amount_minor", "new_residual_minor", "part_num", "part_den", "recoverable_minor"
    )
    segments = []
    movements = []
    left = [pl.DataFrame(schema=LEFT)]
    for (_,), stage in plan.group_by("stage", maintain_order=True):
        begun = state.join(stage, on="cohort").join(amounts, on=["lot", "number"], how="left")
        changed = begun.with_columns(**dict.fromkeys(STEPS, pl.lit(0, pl.Int64)))
        if (stage["kind"] != "").any():
            changed = _changed(begun)
            movements.append(_movements(begun, changed))
            left.append(changed.filter(pl.col("kind") != "").select("lot", "number", carrying_minor=CARRIED))
        own = pl.when("takes_residual").then("residual_minor")
        keeping = changed.with_columns(carried_minor=CARRIED, own_minor=own).with_columns(kept_minor=kept().polars)
        based = keeping.with_columns(base_minor=base(argument("kept_minor")).polars)
        now = _charged(based, [name for name in SHARES if _counts(stage, name)])
        segments.append(now.filter(pl.col("share_id").is_not_null()).select(Segments.column_names()))
        segments.append(_in_parts(now, whole))
        if trace is not None:
            trace.append(now.with_columns(used_minor="used"))
        state = now.with_columns(opening_minor=pl.col("opening_minor") + pl.col("used")).select(names)
    charged = Segments.validate(pl.concat(segments), cast=True) if segments else Segments.create_empty()
    moved = Movements.validate(pl.concat(movements), cast=True) if movements else Movements.create_empty()
    return charged, moved, pl.concat(left)


def _counts(stage: pl.DataFrame, name: str) -> bool:
    """Whether a share is anything in any cohort that goes on."""
    on = stage.filter(pl.col("last_period").is_not_null()) if name in ("used", "tail") else stage
    return bool((on[f"{name}_num"] != 0).any()) or on[f"{name}_wide"].is_not_null().any()


def _charged(rows: pl.DataFrame, counted: Sequence[str]) -> pl.DataFrame:
    """What a stage charges of its base by each of its SHARES, and what it leaves to the next one (PENDING).

    `closed` is what its first period is charged in parts; the stages that end within it leave that to the next.
    """
    amounts = {name: pl.lit(0, pl.Int64) for name in SHARES} | {
        name: pl.coalesce(
            multiply_divide(pl.col("base_minor"), pl.col(f"{name}_num"), pl.col(f"{name}_den")), _wide(rows, name)
        )
        for name in counted
    }
    charged = rows.with_columns(**amounts)
    kept = pl.when("lasts").then(0).otherwise("part_minor")
    return charged.with_columns(
        closed=pl.when("lasts").then(pl.col("part_minor") + pl.col("head")).otherwise(0),
        shown=pl.col("opening_minor") + pl.col("head") + pl.col("left_minor"),
        part_minor=kept + pl.col("used") - pl.col("tail"),
        gone_minor=pl.col("opening_minor") + pl.col("stop"),
        late_minor=pl.col("stop") - pl.col("past"),
    )


def _in_parts(rows: pl.DataFrame, whole: int) -> pl.DataFrame:
    """The periods that are charged in parts, each a segment of one step."""
    closed = rows.filter(pl.col("closed") > 0)
    return closed.select(
        "lot",
        base_minor="closed",
        opening_minor=pl.col("shown") - pl.col("closed"),
        share_id=pl.lit(whole, pl.Int32),
        first_period="begins",
        last_period="begins",
    )


def _changed(frame: pl.DataFrame) -> pl.DataFrame:
    """Balances after the change that begins a stage; `taken_minor` is what it takes from accumulated depreciation.

    What goes is charged first until its clock stops: `due_minor`. `left_minor` is what a disposal leaves in the
    schedule.
    """
    kind = pl.col("kind")
    amount = pl.col("amount_minor").fill_null(0)

    def part(of: str) -> pl.Expr:
        some = multiply_divide(pl.col(of), pl.col("part_num"), pl.col("part_den"))
        return pl.when(kind == "partial_disposal").then(some).when(kind == "disposal").then(of).otherwise(0)

    late = pl.when(kind == "held_for_sale").then("late_minor").otherwise(part("late_minor"))
    others = [name for name in BALANCES if name != "opening_minor"]
    taken = frame.with_columns(
        *((pl.col(name) - part(name)).alias(name) for name in others),
        opening_minor=pl.col("opening_minor") + late - part("gone_minor"),
        part_minor=pl.col("part_minor") + late,
        taken_minor=-part("gone_minor"),
        due_minor=late,
        left_minor=pl.when(kind == "disposal").then("gone_minor").otherwise(0),
    )
    carried = CARRIED.clip(lower_bound=0)
    lost = pl.coalesce((carried - pl.col("recoverable_minor")).clip(lower_bound=0), pl.min_horizontal(amount, carried))
    due = pl.coalesce((pl.col("recoverable_minor") - carried).clip(lower_bound=0), amount)
    back = pl.min_horizontal(due, "impaired_minor")
    opening = kind == "opening"
    return taken.with_columns(
        cost_minor=pl.col("cost_minor") + pl.when(kind == "improvement").then(amount).otherwise(0),
        impaired_minor=pl.col("impaired_minor")
        + pl.when(kind == "impairment").then(lost).when(kind == "reversal").then(-back).otherwise(0),
        opening_minor=pl.when(opening).then(amount).otherwise(pl.col("opening_minor")),
        taken_minor=pl.when(opening).then(amount - pl.col("opening_minor")).otherwise(pl.col("taken_minor")),
        residual_minor=pl.coalesce("new_residual_minor", "residual_minor"),
    )


def _movements(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """What the change that begins a stage moves, lot by lot; both frames have the same rows in the same order."""
    was = before.with_columns(taken_minor=pl.lit(0, pl.Int64))
    steps = [(after[name] - was[name]).alias(moved) for name, moved in MOVED.items()]
    sold = pl.col("kind").is_in(["partial_disposal", "disposal"])
    proceeds = pl.when(sold).then(pl.col("amount_minor").fill_null(0)).otherwise(0)
    rows = before.select("lot", "kind", period="moved", proceeds_minor=proceeds).with_columns(steps)
    return rows.filter(pl.col("kind") != "").select(Movements.column_names())
