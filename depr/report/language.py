"""A page's language: messages translated, dates and amounts put into words. English when no catalogue is given."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

from markupsafe import Markup, escape

from depr.report.format import years
from depr.report.words import Between, Fiscal, Label, Lasting, Month, Spoken, Value, Words

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
)  # fmt: skip
CONTROL_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"} | {0x7F: 0x2421}


def visible(text: str) -> str:
    """Text from outside without characters a page cannot carry: controls become their pictures, surrogates a mark."""
    shown = text.translate(CONTROL_PICTURES)
    return "".join("\ufffd" if unicodedata.category(char) == "Cs" else char for char in shown)


class Language:
    """Filters of the templates: `say` for labels, `word` for ranges, `day` for dates, `amount` for money."""

    def __init__(self, translations: NullTranslations | None = None, currency: str = "") -> None:
        self.translations = translations or NullTranslations()
        self.currency = currency
        self.tag = self.translations.info().get("language", "en").replace("_", "-")

    def say(self, label: Label) -> Markup:
        """A label as safe HTML: messages are the page's own, their values and plain strings are escaped."""
        if not isinstance(label, Words):
            return escape(label)
        message = self.translations.gettext(label.text)
        return Markup(message) % {name: self.word(value) for name, value in label.values.items()}

    def word(self, value: Value) -> str:
        """A value inside a message."""
        match value:
            case dt.date():
                return self.day(value)
            case Month(date):
                return f"{self.translations.gettext(SHORT_MONTHS[date.month - 1])} {date.year}"
            case Spoken():
                return self.amount(value)
            case Between(low, high):
                return self.between(low, high)
            case Lasting(months):
                return self.lasting(months)
            case Fiscal(year, calendar):
                return str(year) if calendar else self.translations.gettext("FY%(year)s") % {"year": year}
            case Words():
                return str(self.say(value).unescape())
        return str(value)

    def lasting(self, months: int) -> str:
        """A useful life: three years, 5.5 years."""
        whole, rest = divmod(months, 12)
        small = not rest and whole < len(NUMBERS)
        number = self.translations.gettext(NUMBERS[whole]) if small else years(months)
        return self.translations.ngettext("%(number)s year", "%(number)s years", 1 if months == 12 else 2) % {
            "number": number
        }

    def month(self, number: int) -> str:
        """The name of a month, 1 to 12."""
        return self.translations.gettext(MONTHS[number - 1])

    def day(self, date: dt.date) -> str:
        """A date: 31 December 2025."""
        parts = {"day": date.day, "month": self.month(date.month), "year": date.year}
        return self.translations.gettext("%(day)s %(month)s %(year)s") % parts

    def amount(self, money: Spoken) -> str:
        """Money in a sentence: US$13.2 billion; the sign is the sentence's."""
        parts = {
            "currency": self.currency,
            "digits": money.digits,
            "scale": money.scale and self.translations.gettext(money.scale),
        }
        say = self.translations.gettext
        if not money.scale:
            return (say("minus %(currency)s%(digits)s") if money.negative else say("%(currency)s%(digits)s")) % parts
        if money.negative:
            return say("minus %(currency)s%(digits)s\u00a0%(scale)s") % parts
        return say("%(currency)s%(digits)s\u00a0%(scale)s") % parts

    def between(self, low: Spoken, high: Spoken) -> str:
        """A range of money: US$4.4 to 9.0 billion."""
        if low.scale == high.scale and not low.negative and not high.negative:
            parts = {"currency": self.currency, "low": low.digits}
            return self.translations.gettext("%(currency)s%(low)s to %(high)s") % (
                parts | {"high": self.amount(high).removeprefix(self.currency)}
            )
        return self.translations.gettext("%(low)s to %(high)s") % {"low": self.amount(low), "high": self.amount(high)}

    def filters(self) -> Mapping[str, Any]:
        """Names under which templates find the language."""
        return {
            "say": self.say,
            "word": self.word,
            "day": self.day,
            "amount": self.amount,
            "bold": Markup("<b>{}</b>").format,
        }
