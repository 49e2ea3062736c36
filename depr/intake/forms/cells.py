"""Cells: how text becomes values.

Numbers are digits with a point for decimals; 1,000 and 1.000,00, (500), 1e6, 1_000 and full-width digits are refused,
since each means different things to different readers. Dates are YYYY-MM-DD. A mapping (depr/intake/mapping) may
declare other forms: then `raw_` columns hold what the file says and the columns themselves the same in ours, null
where it is not in the declared form.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from depr.contract.currencies import currencies, units
from depr.contract.names import spelled
from depr.errors import refuse

INTEGER = r"^[0-9]{1,12}$"
DECIMAL = r"^[0-9]{1,15}(\.[0-9]{1,3})?$"
THOUSANDTHS = 1000
ISO_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MIDNIGHT = r"[ T]00:00:00(\.0+)?$"
"""The time that spreadsheets and Parquet append to a date."""

COST_LIMIT_MINOR = 10**17
"""Largest cost of a lot: 10**15 of a currency with cents. Beyond it sums of a million lots could leave 64 bits."""

NO_CURRENCY = "it is no ISO 4217 code with 0, 2 or 3 decimals"
KNOWN_CURRENCY = "write USD, EUR, JPY ..."

Needed = str | tuple[str, ...]
"""A column that must be there; a tuple: one of them."""


def amount(text: str, currency: str) -> int:
    """Decimal text in minor units of a currency, by the same rules as a cell. Raises `Refused`."""
    if currency not in currencies():
        raise refuse("amount", f"unknown currency {currency!r}", NO_CURRENCY, KNOWN_CURRENCY)
    plain = text.encode("utf-8", "replace").decode()  # what is no Unicode text is no number either
    cell = filled(pl.DataFrame({"amount": [plain], "currency": [currency]}), 1).with_columns(scale())
    parsed = cell.select(minor("amount")).item()
    if parsed is None:
        raise refuse(
            "amount",
            f"{text!r} is not an amount in {currency}",
            "digits, then a point and as many decimals as the currency has",
            f"write {units(123456, currency)}",
        )
    return int(parsed)


# Text -> values


def filled(text: pl.DataFrame, first_row: int) -> pl.DataFrame:
    """Rows with any text, cells stripped, blank as null, and `source_row`, which counts the rows left out as well."""
    stripped = text.select(pl.all().str.strip_chars()).select(pl.when(pl.all() != "").then(pl.all()))
    numbered = stripped.with_row_index("source_row", offset=first_row).with_columns(pl.col("source_row").cast(pl.Int64))
    return numbered.filter(pl.any_horizontal(pl.exclude("source_row").is_not_null()))


IDS = ("lot_id", "issuer", "generation", "kind", "currency", "book")
"""Columns whose text names something: it is compared, so it has one spelling."""


def laid_out(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The columns of a form, null where the file has none, each beside its `raw_` text; and `scale` of the currency.

    Names are in their one spelling, as `raw_` text they are as the file has them.
    """
    absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in rows.columns]
    raw = [pl.col(name).alias(f"raw_{name}") for name in columns if f"raw_{name}" not in rows.columns]
    whole = rows.with_columns(absent).with_columns(raw)
    return whole.with_columns(_one_spelling(name) for name in IDS if name in columns).with_columns(scale())


def _one_spelling(name: str) -> pl.Expr:
    text = spelled(pl.col(name))
    return pl.when(text != "").then(text).alias(name)


def scale() -> pl.Expr:
    """Minor units in one unit of the row's currency, null for an unknown one."""
    return pl.col("currency").replace_strict(currencies(), default=None, return_dtype=pl.Int64).alias("scale")


def whole(name: str) -> pl.Expr:
    """Digits -> an integer."""
    return pl.col(name).pipe(_matching, INTEGER).cast(pl.Int64)


def day(name: str) -> pl.Expr:
    """YYYY-MM-DD, with or without midnight -> a date."""
    text = pl.col(name).str.replace(MIDNIGHT, "").pipe(_matching, ISO_DATE)
    return text.str.to_date("%Y-%m-%d", strict=False)


def minor(name: str) -> pl.Expr:
    """Decimal text -> minor units of the row's currency, null if it has more decimals than the currency.

    Three decimals are of a currency that has three: elsewhere 1.000 may be a thousand.
    """
    text = pl.col(name).pipe(_matching, DECIMAL)
    units = text.str.extract(r"^([0-9]+)").cast(pl.Int64) * pl.col("scale")
    written = text.str.extract(r"\.([0-9]+)$").fill_null("")
    few = (written.str.len_bytes() < 3) | (pl.col("scale") == THOUSANDTHS)
    decimals = written.str.pad_end(3, "0").cast(pl.Int64) * pl.col("scale")
    part = pl.when(few & (decimals % THOUSANDTHS == 0)).then(decimals // THOUSANDTHS)
    return (units + part).alias(f"{name}_minor")


def costed(rows: pl.DataFrame) -> pl.DataFrame:
    """`cost_minor` as stated, or units x unit cost; `stated_minor` and `total_minor` hold the two."""
    total = pl.when(total_size() <= COST_LIMIT_MINOR).then(pl.col("unit_cost_minor") * pl.col("units"))
    stated = rows.rename({"cost_minor": "stated_minor"}).with_columns(total_minor=total)
    return stated.with_columns(cost_minor=pl.coalesce("stated_minor", "total_minor"))


def total_size() -> pl.Expr:
    """units x unit cost in floating point, only to see whether the exact product fits."""
    return pl.col("unit_cost_minor").cast(pl.Float64) * pl.col("units").cast(pl.Float64)


def _matching(column: pl.Expr, pattern: str) -> pl.Expr:
    return pl.when(column.str.contains(pattern)).then(column)


def lacking(needed: Sequence[Needed], there: Collection[str]) -> list[str]:
    """What a table needs and lacks, in words: of several that will do, all of them."""
    choices = [(need,) if isinstance(need, str) else need for need in needed]
    return [" or ".join(choice) for choice in choices if not set(choice) & set(there)]


def check_header(file: str, there: Sequence[str], of: str, needed: Sequence[Needed], known: Sequence[str]) -> None:
    """Raises `Refused` for columns that a table needs and lacks, else for those that no rule reads."""
    do = f"{of} must have {', '.join(lacking(needed, ()))}; the columns are: {', '.join(known)}"
    if missing := lacking(needed, there):
        raise refuse(file, f"missing column: {', '.join(missing)}", do=do, row=1)
    if extra := [name for name in there if name not in known]:
        raise refuse(file, f"unknown column: {', '.join(extra)}", "nothing is dropped unseen", do, row=1)
