"""Dates as another system writes them: a form in letters, and what it makes of a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

PARTS = {"YYYY": "([0-9]{4})", "YY": "([0-9]{2})", "MONTH": r"(\p{L}+)", "MON": r"(\p{L}+)", "MM": "([0-9]{2})"} | {
    "DD": "([0-9]{2})",
    "M": "([0-9]{1,2})",
    "D": "([0-9]{1,2})",
}
PART = re.compile("|".join(PARTS))
MARKS = re.compile(r"[-./, ]*")
WITHOUT_MARKS = ("YYYYMMDD", "DDMMYYYY", "MMDDYYYY", "YYMMDD", "DDMMYY", "MMDDYY")

HOUR = "(?:[01]?[0-9]|2[0-3])"
TIMES = {
    " HH:MM": f" {HOUR}:[0-5][0-9]",
    " HH:MM:SS": f" {HOUR}:[0-5][0-9]:[0-5][0-9](?:[.][0-9]+)?",
    "THH:MM:SS": f"T{HOUR}:[0-5][0-9]:[0-5][0-9](?:[.][0-9]+)?Z?",
    " HH:MM AM": " (?:0?[1-9]|1[0-2]):[0-5][0-9] ?[AaPp][Mm]",
    " HH:MM:SS AM": " (?:0?[1-9]|1[0-2]):[0-5][0-9]:[0-5][0-9] ?[AaPp][Mm]",
}
"""What may follow the day: it is read, and left, since a date is a day."""

SERIALS = {"serial": "1899-12-30", "serial1904": "1904-01-01"}
"""Days as a spreadsheet counts them, and the day that is its zero."""

SERIAL = "^([0-9]{2,5})(?:[.]0+)?$"
FIRST_SERIAL = 61
"""1 March 1900: the days before are counted one off, since 1900 is taken for a leap year."""

ENGLISH = (
    *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE"),
    *("JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"),
)
TIME = r"[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$"
"""The time of a cell that a workbook keeps as a date."""


def check_form(text: str) -> None:
    """Raises ValueError for what is no form of a date, or leaves open what it means."""
    if text in SERIALS:
        return
    day = _split(text)[0]
    parts = sorted(part[0] for part in PART.findall(day))
    if parts not in (["D", "M", "Y"], ["M", "Y"]) or not MARKS.fullmatch(PART.sub("", day)):
        times = ", ".join(map(str.strip, TIMES))
        also = f"; a time may follow as in {times}; days counted by a spreadsheet are {', '.join(SERIALS)}"
        raise ValueError(
            f"{text!r} is no form of a date; write it as in YYYY-MM-DD, D/M/YYYY, DD-MON-YYYY or DD.MM.YY{also}"
        )
    if not re.search("[-./, ]", day) and day not in WITHOUT_MARKS and day not in ("YYYYMM", "MMYYYY"):
        raise ValueError(f"{text!r} does not say where a part ends")
    if day.startswith("YYYY") and "D" in day and day.index("D") < day.index("M"):
        raise ValueError(f"{text!r}: a date that begins with its year goes on with the month")


def short_year(text: str) -> bool:
    """Whether a form has a year of two digits."""
    return "YY" in PART.findall(_split(text)[0])


def no_day(text: str) -> bool:
    """Whether a form says a month alone, which stands for its last day."""
    return text not in SERIALS and "D" not in (part[0] for part in PART.findall(_split(text)[0]))


def has_time(text: str) -> bool:
    """Whether a form has a time."""
    return bool(_split(text)[1])


def _split(text: str) -> tuple[str, str]:
    """A form as that of the day and that of the time."""
    time = next((each for each in sorted(TIMES, key=len, reverse=True) if text.endswith(each)), "")
    return text.removesuffix(time), time


def read(cell: pl.Expr, forms: Sequence[str], pivot: int | None, months: Sequence[str]) -> pl.Expr:
    """A date in one of the forms -> YYYY-MM-DD, by the first form in which there is such a day.

    Of a single form whether there is such a day is for the form of the file to say.
    """
    found = [_read(cell, form, pivot, months) for form in forms]
    return found[0] if len(found) == 1 else pl.coalesce(map(_day, found))


def fits(cell: pl.Expr, form: str) -> pl.Expr:
    """Whether a cell has the shape of a form, be there such a day or not."""
    return _read(cell, form, 0, ()).is_not_null()


def days(cell: pl.Expr, form: str, pivot: int, months: Sequence[str]) -> pl.Expr:
    """The day that a cell is in a form, as YYYY-MM-DD; null where there is none."""
    return _day(_read(cell, form, pivot, months))


def kept_as_date(cell: pl.Expr, forms: Sequence[str]) -> pl.Expr:
    """A cell that a workbook keeps as a date or a number: the day of it, where the forms declare a time or a serial."""
    day = cell.str.replace(TIME, "") if any(map(has_time, forms)) else cell
    counted = [_serial(cell, form) for form in forms if form in SERIALS]
    return pl.coalesce(*counted, day)


def _day(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False).dt.strftime("%Y-%m-%d")


def _read(cell: pl.Expr, form: str, pivot: int | None, months: Sequence[str]) -> pl.Expr:
    if form in SERIALS:
        return _serial(cell, form)
    day, time = _split(form)
    parts = PART.findall(day)
    order = [part[0] for part in parts]
    marked = day.replace(".", "[.]")
    pattern = f"^{PART.sub(lambda part: PARTS[part[0]], marked)}{TIMES.get(time, '')}$"
    year, month = (cell.str.extract(pattern, order.index(part) + 1) for part in "YM")
    number = cell.str.extract(pattern, order.index("D") + 1) if "D" in order else pl.lit("01")
    if "YY" in parts:
        year = (
            pl.when(year.cast(pl.Int64, strict=False) < (pivot or 0)).then(pl.lit("20")).otherwise(pl.lit("19")) + year
        )
    if named := next((part for part in parts if part in ("MON", "MONTH")), None):
        month = month.str.to_uppercase().replace_strict(_numbers(named, months), default=None, return_dtype=pl.String)
    read = pl.concat_str(year, month.str.zfill(2), number.str.zfill(2), separator="-")
    if "D" in order:
        return read
    return read.str.to_date("%Y-%m-%d", strict=False).dt.month_end().dt.strftime("%Y-%m-%d")


def _numbers(part: str, months: Sequence[str]) -> dict[str, str]:
    names = [name.upper() for name in months] or [name[:3] if part == "MON" else name for name in ENGLISH]
    return {name: f"{number:02}" for number, name in enumerate(names, 1)}


def _serial(cell: pl.Expr, form: str) -> pl.Expr:
    number = cell.str.extract(SERIAL).cast(pl.Int64)
    counted = pl.when(number >= (FIRST_SERIAL if form == "serial" else 0)).then(number)
    return (pl.lit(SERIALS[form]).str.to_date("%Y-%m-%d") + pl.duration(days=counted)).dt.strftime("%Y-%m-%d")
