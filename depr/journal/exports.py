"""Journal lines as other systems take them in: an export is a TOML file of columns (schedules/exports). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.books.book import validated
from depr.contract.currencies import decimals_of
from depr.errors import Finding, Refused, refuse

FIELDS = (
    *("account", "amount", "book", "credit", "currency", "date", "debit", "entry", "generation", "issuer", "kind"),
    *("line", "narration", "role", "row", "short"),
)
"""What a column may hold: of a line of the journal; `amount` is debit less credit, `row` its number in the file,
`short` the kind, month and generation in at most 50 characters."""

SHORT = 50


class Dates(BaseModel):
    """How dates are written, as strftime says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: str = Field("%Y-%m-%d", min_length=2)


class Limits(BaseModel):
    """What the other system has room for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    whole_digits: int | None = None
    entry_characters: int | None = None
    narration_characters: int | None = None


class Export(BaseModel):
    """The columns of a file: each has a field of the line, or a constant; `needs` must be given as constants.

    `accounts` turns names of the chart of accounts into those of the other system; where it is given, it has them all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    note: str = ""
    columns: dict[str, str] = Field(min_length=1)
    constants: dict[str, str] = Field(default_factory=dict)
    accounts: dict[str, str] = Field(default_factory=dict)
    dates: Dates = Dates()
    limits: Limits = Limits()
    needs: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Export:
        strange = sorted(set(self.columns.values()) - set(FIELDS) - self.constants.keys() - self.needs.keys())
        if strange:
            raise ValueError(f"a column holds {strange[0]!r}, which is no constant and none of: {', '.join(FIELDS)}")
        if unused := sorted(self.constants.keys() - set(self.columns.values())):
            raise ValueError(f"no column holds the constant {unused[0]!r}")
        return self


def parse_export(document: Mapping[str, Any], file: str = "export") -> Export:
    """An export from its TOML document. Raises `Refused` with every fault found."""
    return validated(Export, document, file)


def export_text(lines: pl.DataFrame, export: Export, file: str = "export") -> str:
    """JournalLines (postings alone) as the CSV that another system takes in. Raises `Refused` for what does not fit."""
    postings = lines.filter(pl.col("account").is_not_null()).with_row_index("row", 1)
    if missing := [name for name in export.needs if name not in export.constants]:
        whole = "; ".join(f"{name}: {export.needs[name]}" for name in missing)
        raise refuse(
            file, f"no {', no '.join(missing)}", whole, "write it under [constants] of a file that extends this one"
        )
    if wrong := [*_unmapped(postings, export, file), *_beyond(postings, export, file)]:
        raise Refused(wrong)
    fields = _fields(postings, export)
    cells = [
        (fields[of] if of in FIELDS else pl.lit(export.constants[of])).alias(column)
        for column, of in export.columns.items()
    ]
    return postings.with_columns(_label=_label()).select(cells).write_csv(line_terminator="\r\n")


def _fields(lines: pl.DataFrame, export: Export) -> dict[str, pl.Expr]:
    """Each field of a line as text."""
    text = {name: pl.col(name).cast(pl.String) for name in FIELDS if name in lines.columns}
    debit = _amount("debit_minor", lines)
    credit = _amount("credit_minor", lines)
    account = pl.col("account")
    signed = pl.when(pl.col("credit_minor") > 0).then(pl.format("-{}", credit)).otherwise(debit)
    return text | {
        "account": account.replace_strict(export.accounts, return_dtype=pl.String) if export.accounts else account,
        "date": pl.col("date").dt.strftime(export.dates.form),
        "debit": pl.when(pl.col("debit_minor") > 0).then(debit),
        "credit": pl.when(pl.col("credit_minor") > 0).then(credit),
        "amount": signed,
        "short": pl.format("{} {} {}", "kind", "_label", "generation").str.slice(0, SHORT),
    }


def _label() -> pl.Expr:
    return pl.col("date").dt.strftime("%Y-%m")


def _amount(name: str, lines: pl.DataFrame) -> pl.Expr:
    """Minor units as decimal text, exactly."""
    places = {code: decimals_of(code) for code in lines["currency"].unique()}
    parts = pl.lit(None, pl.String)
    for code, digits in places.items():
        padded = pl.col(name).cast(pl.String).str.zfill(digits + 1)
        whole = padded.str.slice(0, padded.str.len_chars() - digits)
        shown = pl.format("{}.{}", whole, padded.str.tail(digits)) if digits else padded
        parts = pl.when(pl.col("currency") == code).then(shown).otherwise(parts)
    return parts


def _unmapped(lines: pl.DataFrame, export: Export, file: str) -> list[Finding]:
    """Accounts that the other system has no name for."""
    if not export.accounts:
        return []
    there = lines["account"].unique().sort()
    do = "write it under [accounts]"
    return [
        Finding(file, 0, f"account {name} has no name in the other system", "", do, "account")
        for name in there
        if name not in export.accounts
    ]


def _beyond(lines: pl.DataFrame, export: Export, file: str) -> list[Finding]:
    """What the other system has no room for: nothing is cut."""
    limits = export.limits
    found = []
    used = set(export.columns.values())
    for name, most in (("entry", limits.entry_characters), ("narration", limits.narration_characters)):
        if most is not None and name in used:
            long = lines.filter(pl.col(name).str.len_chars() > most)[name].unique().sort()
            found += [
                Finding(
                    file, 0, f"{name} {each!r} has more than {most} characters", "", "shorten the names in it", name
                )
                for each in long
            ]
    if limits.whole_digits is not None:
        for code in lines["currency"].unique().sort():
            least = 10 ** (limits.whole_digits + decimals_of(code))
            large = lines.filter(
                (pl.col("currency") == code) & (pl.max_horizontal("debit_minor", "credit_minor") >= least)
            )
            what = f"has more than {limits.whole_digits} digits before the point"
            found += [
                Finding(file, 0, f"the amount of {entry} {what}", "", "post by generation", "amount")
                for entry in large["entry"].unique().sort()
            ]
    return found
