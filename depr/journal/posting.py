"""What is posted of a period, and what is to be posted when more is known since. Pure.

A posting is final: it holds the entries of its period as they were known, and, for every period posted before it, the
difference between what is known now and all that was posted of that period. So what was posted through any period adds
up to what was known of it then, account by account, and no posting is ever changed.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from depr.contract.columns import doc
from depr.errors import refuse
from depr.journal.entries import DIGITS, LARGEST, NARRATIONS, JournalLines, dates, label
from depr.kernel.calendar import FiscalCalendar


class Posted(JournalLines):
    """Lines of a posting: those of its period, and those that bring an earlier period up to what is known."""

    of = dy.Int32(
        nullable=False,
        metadata=doc("months since 1900-01", "period that the line is of: its own, or an earlier one that it corrects"),
    )


OF = ("issuer", "of", "kind", "generation", "currency")
"""What an entry of a difference is of; within it each account balances by what both sides balance by."""

ACCOUNT = (*OF, "role", "account")


def own(lines: pl.DataFrame, first: int) -> pl.DataFrame:
    """Lines as they are posted, without memoranda: of their own period; all before the first posted one are of one."""
    return lines.filter(pl.col("account").is_not_null()).with_columns(
        of=pl.when(pl.col("period") < first).then(pl.lit(first - 1, pl.Int32)).otherwise("period")
    )


def brought(lines: pl.DataFrame, first: int, calendar: FiscalCalendar) -> pl.DataFrame:
    """What is known of the time before the first posted period, as lines of an entry with the number 0.

    The general ledger has it from elsewhere: it is kept, not posted, so that what is known of it since can be.
    """
    before = own(lines.filter(pl.col("period") < first), first)
    book = before["book"][0] if before.height else ""
    words = "{} {} before, not posted: {}, {}, book {}"
    made = entries(_summed(_signed(before, 1)), book, calendar, first, words=words)
    number = pl.col("entry").str.replace(rf"-\d{{{DIGITS},}}$", f"-{'0' * DIGITS}")
    return made.with_columns(entry=number, line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))


BROUGHT = pl.col("entry").str.ends_with(f"-{'0' * DIGITS}")
"""Lines of the entry with the number 0."""


def difference(known: pl.DataFrame, posted: pl.DataFrame, first: int) -> pl.DataFrame:
    """By ACCOUNT: `amount` (128 bits, a credit is negative) and `lots`, where what is known is not what was posted.

    `known` are lines of the periods that were posted, from `first` on, and before (JournalLines), `posted` all that was
    posted of them, and what was brought (Posted).
    """
    left = _summed(_signed(own(known, first), 1), _signed(posted, -1))
    if not left["amount"].is_between(-LARGEST, LARGEST).all():
        raise refuse("journal", "a difference leaves 64 bits", "it would not be exact", "post shorter periods")
    return left.sort(ACCOUNT)


def _summed(*sides: pl.DataFrame) -> pl.DataFrame:
    """Signed lines by ACCOUNT, those that are not nothing."""
    summed = pl.concat(sides).group_by(ACCOUNT).agg(pl.col("amount").sum(), pl.col("lots").max())
    return summed.filter(pl.col("amount") != 0)


def _signed(lines: pl.DataFrame, sign: int) -> pl.DataFrame:
    amount = (pl.col("debit_minor").cast(pl.Int128) - pl.col("credit_minor")) * sign
    return lines.select(*ACCOUNT, "lots", amount=amount)


SINCE = "{} {} as known since: {}, {}, book {}"


def entries(
    differences: pl.DataFrame,
    book: str,
    calendar: FiscalCalendar,
    period: int | None = None,
    after: int = 0,
    words: str = SINCE,
) -> dy.DataFrame[Posted]:
    """Differences as entries of a period, numbered after those that it has; of their own periods when None."""
    if differences.is_empty():
        return Posted.create_empty()
    dated = differences.with_columns(period=pl.col("of") if period is None else pl.lit(period, pl.Int32))
    numbers = dated.select(*OF, "period").unique().sort("issuer", "period", *OF)
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("issuer", "period") + after
    rows = dated.join(numbers.with_columns(number=number), on=[*OF, "period"]).sort(
        "issuer", "period", "number", pl.col("amount") < 0, "account"
    )
    mark = "D" if period is None else ""
    lots = pl.when(pl.col("lots") == 1).then(pl.lit("1 lot")).otherwise(pl.format("{} lots", "lots"))
    phrase = pl.col("kind").replace_strict(NARRATIONS, return_dtype=pl.String)
    described = rows.with_columns(
        entry=pl.format(
            "{}-{}-{}{}", "issuer", label("period"), pl.lit(mark), pl.col("number").cast(pl.String).str.zfill(DIGITS)
        ),
        line=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("issuer", "period", "number"),
        date=dates(rows["period"], calendar),
        lot_id=pl.lit(None, pl.String),
        debit_minor=pl.col("amount").clip(lower_bound=0).cast(pl.Int64),
        credit_minor=(pl.col("amount") * -1).clip(lower_bound=0).cast(pl.Int64),
        narration=pl.format(words, phrase, label("of"), "generation", lots, pl.lit(book)),
        book=pl.lit(book),
    )
    return Posted.validate(described.select(Posted.column_names()))


def text(lines: pl.DataFrame) -> bytes:
    """Lines as they are kept: CSV, amounts in whole minor units."""
    return Posted.validate(lines.select(Posted.column_names())).write_csv().encode()


def read(content: bytes) -> dy.DataFrame[Posted]:
    """Lines as they were kept."""
    types = {name: column.dtype for name, column in Posted.columns().items()}
    return Posted.validate(pl.read_csv(content, schema=types))
