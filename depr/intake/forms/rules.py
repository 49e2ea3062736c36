"""Rules that are the same in every form: what a row must not be, and the words for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from depr.books.book import LONGEST_LIFE_MONTHS
from depr.contract.currencies import currencies
from depr.errors import Finding, meant
from depr.intake.forms.cells import COST_LIMIT_MINOR, KNOWN_CURRENCY, NO_CURRENCY, total_size
from depr.kernel.calendar import FIRST, LAST

QUOTED_LENGTH = 40


@dataclass(frozen=True)
class Rule:
    """What a row must not be: a condition, and the words for it."""

    code: str
    bad: pl.Expr
    what: pl.Expr
    why: str = ""
    do: str = ""


@dataclass(frozen=True)
class Declared:
    """How a file writes numbers and dates, in the words of a finding.

    `names`: what it calls our columns; `listed`: the columns whose text is looked up in the values of a mapping.
    """

    number: str = "digits, then a point and as many decimals as the currency has; no separators, signs or exponents"
    number_do: str = "write 1234567.89, or 1234567 where there are no cents"
    whole: str = "digits only"
    whole_do: str = "write 1000"
    date: str = "it is not a day of the calendar in the form YYYY-MM-DD"
    date_do: str = "write 2025-03-31"
    names: Mapping[str, str] = field(default_factory=dict)
    listed: Collection[str] = ()

    def name(self, column: str) -> str:
        """A column as its author knows it: theirs, and ours in parentheses."""
        theirs = self.names.get(column, column)
        return column if theirs == column else f"{theirs} ({column})"


OUR_OWN = Declared()


def given(name: str) -> pl.Expr:
    """The cell is not blank."""
    return pl.col(f"raw_{name}").is_not_null()


def blanks(required: Iterable[str], declared: Declared) -> list[Rule]:
    """Cells that may not be blank."""
    return [
        Rule("blank", ~given(name), pl.lit(f"{declared.name(name)} is blank"), do="fill it in") for name in required
    ]


def amounts(names: Iterable[str], declared: Declared) -> list[Rule]:
    """Amounts in the declared form; those whose currency is unknown are not judged."""
    value = {name: "stated_minor" if name == "cost" else f"{name}_minor" for name in names}
    return [
        Rule(
            "number",
            given(name) & pl.col("scale").is_not_null() & pl.col(value[name]).is_null(),
            pl.format("{} {} is not an amount in {}", pl.lit(declared.name(name)), quoted(name), "currency"),
            declared.number,
            declared.number_do,
        )
        for name in names
    ]


def integers(names: Iterable[str], declared: Declared) -> list[Rule]:
    """Whole numbers in the declared form."""
    return [
        Rule(
            "number",
            given(name) & pl.col(name).is_null(),
            pl.format("{} {} is not a whole number", pl.lit(declared.name(name)), quoted(name)),
            declared.whole,
            declared.whole_do,
        )
        for name in names
    ]


def dates(names: Iterable[str], declared: Declared) -> list[Rule]:
    """Days in the declared form, which the calendar knows."""
    malformed = [
        Rule(
            "date",
            given(name) & pl.col(name).is_null(),
            pl.format("{} {} is not a date", pl.lit(declared.name(name)), quoted(name)),
            declared.date,
            declared.date_do,
        )
        for name in names
    ]
    outside = [
        Rule(
            "date",
            ~pl.col(name).is_between(FIRST, LAST),
            pl.format("{} {} is out of range", pl.lit(declared.name(name)), quoted(name)),
            f"dates run from {FIRST} to {LAST}",
            "correct the year",
        )
        for name in names
    ]
    return [*malformed, *outside]


def known(name: str, keys: Collection[str], do: str, why: str = "") -> Rule:
    """A cell that names something must name what exists."""
    bad = pl.col(name).is_not_null() & ~pl.col(name).is_in(list(keys))
    what = pl.format("unknown {} {}{}", pl.lit(name), quoted(name), _meant(pl.col(name), keys))
    return Rule(name, bad, what, why, do)


def _meant(name: pl.Expr, keys: Collection[str]) -> pl.Expr:
    """What names may be meant for, in words; of the first of them, since to compare each takes long."""

    def said(column: pl.Series) -> pl.Series:
        first = column.drop_nulls().unique(maintain_order=True).head(MEANT)
        return column.replace_strict({text: meant(text, keys) for text in first}, default="", return_dtype=pl.String)

    return name.map_batches(said, return_dtype=pl.String)


MEANT = 100


def unlisted(names: Iterable[str], declared: Declared) -> list[Rule]:
    """Text that the values of a mapping do not hold."""
    return [
        Rule(
            "value",
            given(name) & pl.col(name).is_null(),
            pl.format("{} {} is not among the values of the mapping", pl.lit(declared.name(name)), quoted(name)),
            "what it means is not declared",
            f"add it under [values.{name}] of the mapping",
        )
        for name in names
        if name in declared.listed
    ]


def vocabulary(generations: Collection[str], issuers: Mapping[str, str] | None = None) -> list[Rule]:
    """The currency, the generation and the issuer of a row; `issuers` are those that exist, each with its currency."""
    keys = ", ".join(sorted(generations))
    return [
        known("currency", currencies(), KNOWN_CURRENCY, NO_CURRENCY),
        *_owned(issuers or {}),
        known("generation", generations, f"use one of: {keys}; or add it to generations.toml"),
    ]


def _owned(issuers: Mapping[str, str]) -> list[Rule]:
    """Nobody's lots would be depreciated on a calendar and accounts that are nobody's."""
    if not issuers:
        return []
    do = f"use one of: {', '.join(sorted(issuers))}; {OWN_ISSUER}"
    why = "its calendar, book and currency are not known"
    theirs = pl.col("issuer").replace_strict(issuers, default=None, return_dtype=pl.String)
    other = pl.col("currency").is_in(currencies()) & (pl.col("currency") != theirs)
    what = pl.format("the cost is in {}, {} reports in {}", "currency", "issuer", theirs)
    return [
        known("issuer", issuers, do, why),
        Rule("currency", other, what, "amounts in several currencies do not add up", "convert the amounts"),
    ]


OWN_ISSUER = "or add issuers/NAME.toml to a folder of your own and name the folder with --schedules"


def acquired() -> list[Rule]:
    """What holds of units, cost, range and residual value of an acquisition."""
    both = given("cost") & (pl.col("total_minor") != pl.col("stated_minor"))
    large = (total_size() > COST_LIMIT_MINOR) | (pl.col("cost_minor") > COST_LIMIT_MINOR)
    residual = pl.col("residual_minor") > pl.col("cost_minor")
    low = pl.col("cost_low_minor") > pl.col("cost_minor")
    high = pl.col("cost_high_minor") < pl.col("cost_minor")
    outside = pl.lit("cost is outside cost_low to cost_high")
    return [
        Rule("units", pl.col("units") == 0, pl.lit("units is 0"), "a lot holds at least one unit", "leave the row out"),
        Rule("cost", both, pl.lit("cost is not units x unit_cost"), "one of the three is wrong", "correct it"),
        Rule("cost", large, pl.lit("cost is above 10^15"), "larger amounts are not exact in sums", "split the lot"),
        Rule("residual", residual, pl.lit("residual is above cost"), "nothing would be depreciated", "correct it"),
        Rule("range", low | high, outside, "the range must hold it", "correct it"),
    ]


def life() -> Rule:
    """A useful life that can be."""
    return Rule(
        "life",
        ~pl.col("life_months").is_between(1, LONGEST_LIFE_MONTHS),
        pl.format("life_months {} is out of range", "life_months"),
        f"a useful life is 1 to {LONGEST_LIFE_MONTHS} months from the start",
        "correct it",
    )


def lot_once(applies: pl.Expr) -> Rule:
    """A lot is acquired once."""
    named = applies & pl.col("lot_id").is_not_null()
    twice = named & ~pl.struct(named.alias("named"), "lot_id").is_first_distinct()
    what = pl.format("lot_id {} is in this file twice", shortened(pl.col("lot_id")))
    return Rule("lot", twice, what, do="give each lot its own id")


def quoted(name: str) -> pl.Expr:
    """The text of a cell as the file has it, in quotes."""
    return shortened(pl.col(f"raw_{name}"))


def shortened(text: pl.Expr) -> pl.Expr:
    """Text in quotes, cut so that one cell cannot fill the screen."""
    rest = pl.when(text.str.len_chars() > QUOTED_LENGTH).then(pl.lit("...")).otherwise(pl.lit(""))
    return pl.concat_str(pl.lit("'"), text.str.slice(0, QUOTED_LENGTH), rest, pl.lit("'"), ignore_nulls=True)


MOST_SHOWN = 10_000
"""Faults that are told in words; a file in another form has one in every cell, and nobody reads them all."""


def judged(rows: pl.DataFrame, rules: Sequence[Rule], first: int = 0, most: int = MOST_SHOWN) -> pl.DataFrame:
    """What the rules refuse, one row a finding: source_row, what, why, do, code, and `order`, the rule's, from `first`.

    All conditions are evaluated in one pass; words are made for the first `most` refused rows of a rule alone.
    """
    flags = rows.select(rule.bad.fill_null(False).alias(str(n)) for n, rule in enumerate(rules))
    hit = [n for n, column in enumerate(flags.iter_columns()) if column.any()]
    found = [
        rows.filter(flags[str(n)]).select(
            "source_row",
            what=pl.when(pl.int_range(pl.len()) < most).then(rules[n].what),
            why=pl.lit(rules[n].why),
            do=pl.lit(rules[n].do),
            code=pl.lit(rules[n].code),
            order=pl.lit(first + n, pl.Int64),
        )
        for n in hit
    ]
    return pl.concat([pl.DataFrame(schema=FOUND), *found])


FOUND = {
    "source_row": pl.Int64,
    "what": pl.String,
    "why": pl.String,
    "do": pl.String,
    "code": pl.String,
    "order": pl.Int64,
}


def found_in(file: str, faults: pl.DataFrame, most: int = MOST_SHOWN) -> list[Finding]:
    """What `judged` found as findings: the first `most` one by one, of each cause of the others how many there are."""
    ordered = faults.sort("source_row", "order", maintain_order=True).drop("order")
    worded = pl.col("what").is_not_null()
    one_by_one = ordered.select(worded & (worded.cum_sum() <= most)).to_series()
    rest = ordered.filter(~one_by_one).group_by("why", "do", "code", maintain_order=True).len()
    return [
        *(Finding(file, *fault) for fault in ordered.filter(one_by_one).iter_rows()),
        *(Finding(file, 0, "more rows", why, do, code, rows) for why, do, code, rows in rest.iter_rows()),
    ]
