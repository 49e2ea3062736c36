"""Journal lines as beancount and as hledger text: plain ASCII, every account declared, names of the data inert.

Syntax: beancount language syntax, https://beancount.github.io/docs/beancount_language_syntax.html; hledger journal
format, https://hledger.org/hledger.html#journal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import polars as pl

from depr.books.chart import ROOTS
from depr.contract.currencies import currencies, decimals_of

WORD = re.compile(r"[^A-Za-z0-9 ._+/'-]|^ | (?= )| $")
"""What may mean something in a tag, a code or a string: all but these characters and single spaces between them."""

SENTENCE = re.compile(r"[^A-Za-z0-9 ._+/',:-]|^ | (?= )| $")
"""In a sentence a comma and a colon are harmless too."""

WIDTH = 21
"""Of an amount: 19 digits, a point and a sign."""


def inert(text: str, unfit: re.Pattern[str] = WORD) -> str:
    """A text in which every other character stands as its code, <U+000A>; two texts never become the same one."""
    return unfit.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def beancount_text(lines: pl.DataFrame, heading: Iterable[str] = ()) -> str:
    """JournalLines as a beancount file; `heading` are lines of comment, such as the hash of the ledger."""
    accounts = lines.drop_nulls("account").group_by("account").agg(pl.col("date").min()).sort("account")
    opened = [f"{day} open {account}" for account, day in accounts.iter_rows()]
    names = [_quoted("entry"), _quoted("kind"), _quoted("generation"), pl.format("  lots: {}", "lots"), _quoted("book")]
    lot = pl.when(pl.col("lot_id").is_null()).then(pl.lit("")).otherwise(pl.format('\n  lot: "{}"', "lot_id"))
    title = pl.format('{} * "{}" "{}"', "date", "issuer", "narration")
    return _file(lines, heading, opened, pl.concat_str(title, *names, separator="\n") + lot)


def _quoted(name: str) -> pl.Expr:
    return pl.format('  {}: "{}"', pl.lit(name), name)


def hledger_text(lines: pl.DataFrame, heading: Iterable[str] = ()) -> str:
    """JournalLines as an hledger journal; `heading` are lines of comment, such as the hash of the ledger."""
    scales = currencies()
    decimals = {code: str(scales[code])[1:] for code in lines["currency"].unique().sort()}
    accounts = lines["account"].drop_nulls().unique().sort()
    declared = ["decimal-mark ."]
    declared += [f"commodity 1000.{zeros} {code}" for code, zeros in decimals.items()]
    declared += [f"account {name}  ; type:{ROOTS[name.split(':')[0]]}" for name in accounts]
    title = pl.format("{} * ({}) {}", "date", "entry", "narration")
    tags = pl.format("    ; kind:{}, generation:{}, lots:{}, book:{}", "kind", "generation", "lots", "book")
    lot = pl.when(pl.col("lot_id").is_null()).then(pl.lit("")).otherwise(pl.format(", lot:{}", "lot_id"))
    return _file(lines, heading, declared, title + "\n" + tags + lot)


def _file(lines: pl.DataFrame, heading: Iterable[str], declared: list[str], title: pl.Expr) -> str:
    """Comment, declarations, and the entries in order of date, apart by blank lines."""
    safe = lines.sort("date", "issuer", "period", maintain_order=True)
    safe = safe.with_columns(
        *(_mapped(safe, name, inert) for name in ("entry", "issuer", "generation", "lot_id", "book")),
        _mapped(safe, "narration", lambda text: inert(text, SENTENCE)),
    )
    posting = pl.format("\n    {}  {} {}", _left("account"), _amount(), "currency").fill_null("")
    entries = safe.select("entry", title=title, posting=posting)
    texts = entries.group_by("entry", maintain_order=True).agg(pl.col("title").first() + pl.col("posting").str.join(""))
    top = [f"; {inert(line, SENTENCE)}" for line in heading] + declared
    return "\n\n".join(["\n".join(top)] * bool(top) + texts["title"].to_list()) + "\n"


def _mapped(frame: pl.DataFrame, name: str, function: Callable[[str], str]) -> pl.Expr:
    """A column of text, each distinct value through a function."""
    values = frame[name].drop_nulls().unique()
    changed = {value: text for value in values if (text := function(value)) != value}
    return pl.col(name).replace(changed) if changed else pl.col(name)


def _left(name: str) -> pl.Expr:
    return pl.col(name).str.pad_end(pl.col(name).str.len_chars().max())


def _amount() -> pl.Expr:
    """debit - credit in whole units, with as many decimals as the currency has."""
    scale = pl.col("currency").replace_strict(currencies(), return_dtype=pl.Int64)
    minor = pl.col("debit_minor") + pl.col("credit_minor")
    sign = pl.when(pl.col("credit_minor") > 0).then(pl.lit("-")).otherwise(pl.lit(""))
    places = pl.col("currency").replace_strict(
        {code: decimals_of(code) for code in currencies()}, return_dtype=pl.Int64
    )
    part = (minor % scale).cast(pl.String).str.zfill(places)
    decimals = pl.when(scale > 1).then(pl.format(".{}", part)).otherwise(pl.lit(""))
    return pl.format("{}{}{}", sign, minor // scale, decimals).str.pad_start(WIDTH)
