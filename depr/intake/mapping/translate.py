"""Their rows of text to ours, each cell beside the text that it comes from."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from depr.intake.mapping import dates, numbers
from depr.intake.mapping.model import LIFE, Mapping


def translated(
    rows: pl.DataFrame, mapping: Mapping, exact: frozenset[str] = frozenset(), mixed: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Their rows of text (forms.filled) -> ours, each column beside the text it comes from (`raw_`).

    `exact` are columns of theirs whose cells were numbers or dates, not text: they are in our form already. `mixed`
    says it cell by cell of columns that hold both.
    """
    there = {ours: theirs for ours, theirs in mapping.columns.items() if theirs in rows.columns}
    if "accumulated" in mapping.columns and "accumulated" not in there:
        there.pop("accumulated_date", None)  # a day without its amount says nothing
    own = {name: pl.lit(mixed[name]) for name in mixed.columns} if mixed is not None else {}
    real = own | {name: pl.lit(True) for name in exact}
    raw = [_raw(ours, pl.col(theirs), mapping).alias(f"raw_{ours}") for ours, theirs in there.items()]
    read = [_ours(ours, pl.col(theirs), mapping, real.get(theirs)).alias(ours) for ours, theirs in there.items()]
    table = rows.select("source_row", *read, *raw)
    if "accumulated_date" in there and "accumulated" in mapping.values:
        table = table.with_columns(_dated("accumulated_date"), _dated("raw_accumulated_date"))
    constants = mapping.given(there)
    constant = [_constant(name, text, table.columns) for name, text in constants.items()]
    whole = table.with_columns(constant).with_columns(pl.col(name).alias(f"raw_{name}") for name in constants)
    amounts = [name for name in mapping.form.amounts if name in there]
    return _in_one_currency(whole, mapping, amounts) if mapping.signs else whole


def _constant(name: str, text: str, columns: list[str]) -> pl.Expr:
    value = pl.lit(text.strip() or None, pl.String)
    if name == "accumulated_date" and "accumulated" in columns:
        value = pl.when(pl.col("raw_accumulated").is_not_null()).then(value)
    return value.alias(name)


def _dated(name: str) -> pl.Expr:
    """The day of what was depreciated, where the values do not say that nothing was."""
    return pl.when(pl.col("raw_accumulated").is_not_null()).then(pl.col(name)).alias(name)


def _ours(name: str, cell: pl.Expr, mapping: Mapping, real: pl.Expr | None) -> pl.Expr:
    """A cell in our form; null when it is in no declared one. `real` says whether it was a number or date, not text."""
    form = mapping.form
    values = mapping.values.get(name, {})
    if name in form.dates:
        read = dates.read(cell, mapping.date, mapping.pivot, mapping.months)
        read = _either(real, dates.kept_as_date(cell, mapping.date), read)
    elif name in (*form.amounts, *form.integers):
        bare = numbers.unsigned(cell, mapping.signs) if mapping.signs and name in form.amounts else cell
        read = _either(real, cell, numbers.read(bare, mapping.decimal, mapping.thousands, mapping.negative))
        read = numbers.months(cell, read, mapping.life) if name == LIFE else read
        read = numbers.turned(read) if name in mapping.negated else read
    else:
        read = pl.lit(None, pl.String) if values else cell
    if not values:
        return read
    return pl.when(_listed(cell, values)).then(_value(cell, values)).otherwise(read)


def _either(real: pl.Expr | None, kept: pl.Expr, read: pl.Expr) -> pl.Expr:
    return read if real is None else pl.when(real).then(kept).otherwise(read)


def _in_one_currency(table: pl.DataFrame, mapping: Mapping, amounts: Sequence[str]) -> pl.DataFrame:
    """An amount that bears the sign of another currency than its row's is none; a row without one has its amounts'."""
    borne = {name: numbers.signed_with(pl.col(f"raw_{name}"), mapping.signs) for name in amounts}
    if "currency" not in table.columns:
        own = pl.coalesce(borne.values()) if borne else pl.lit(None, pl.String)
        table = table.with_columns(own.alias("currency")).with_columns(raw_currency="currency")
    fits = {name: (sign == pl.col("currency")).fill_null(True) for name, sign in borne.items()}
    return table.with_columns(pl.when(fits[name]).then(pl.col(name)).alias(name) for name in amounts)


def _raw(name: str, cell: pl.Expr, mapping: Mapping) -> pl.Expr:
    """What the file says; blank where the values make a blank of it, and the value where they make one of a blank."""
    values = mapping.values.get(name, {})
    value = _value(cell, values)
    return pl.when(_listed(cell, values) & (value.is_null() | cell.is_null())).then(value).otherwise(cell)


def _listed(cell: pl.Expr, values: dict[str, str]) -> pl.Expr:
    return cell.fill_null("").is_in(list(values)) if values else pl.lit(False)


def _value(cell: pl.Expr, values: dict[str, str]) -> pl.Expr:
    ours = {theirs: value or None for theirs, value in values.items()}
    return cell.fill_null("").replace_strict(ours, default=None, return_dtype=pl.String)
