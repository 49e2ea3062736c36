"""The first screen: the finding, its chart, four figures, the life that tips it, the evidence in a strip."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from depr.report import format as fmt
from depr.report.charts import Picture
from depr.report.checks import Tally
from depr.report.curve import against_life
from depr.report.finding import Finding, Point
from depr.report.inputs import Evidence
from depr.report.origin import WIDEST, At, Origin, Worked
from depr.report.tables import Group, Row, Table
from depr.report.words import Between, Label, Lasting, Value, Words

NOT_SOURCED = Words("not sourced")
BASES = {"derived": Words("derived from what is reported"), "vendor": Words("as a vendor gives it")}
AS_REPORTED = Words("as reported")
PPM = 10**6


@dataclass(frozen=True)
class KeyFigure:
    """One of the figures of the first screen: what it is, how much, and what to hold it against."""

    label: Words
    value: Label
    notes: tuple[Words, ...]
    at: Origin | None = None
    link: str = ""


@dataclass(frozen=True)
class Strip:
    """The evidence in a line: what was checked, the head of the ledger, the hash of all inputs, how to prove it all."""

    checked: Words
    head: str
    inputs: str
    verify: str


@dataclass(frozen=True)
class Screen:
    """The first screen and the first printed page of an issuer."""

    headline: Words
    context: tuple[Words, ...]
    picture: Picture
    figures: tuple[KeyFigure, ...]
    tipping: Words
    strip: Strip


def screen(finding: Finding, evidence: Evidence, checks: Iterable[Tally], page: str) -> Screen:
    """What a reader gets in ten seconds."""
    return Screen(
        headline=finding.headline,
        context=finding.context,
        picture=against_life(finding),
        figures=(charge(finding), measured(finding), cash_gap(finding), confidence(finding)),
        tipping=tipping(finding),
        strip=strip(evidence, tuple(checks), page),
    )


def came(finding: Finding, column: str) -> Words:
    """How a reported figure of the last year came."""
    return BASES.get(finding.facts.basis(column, finding.year)[0], AS_REPORTED)


def charge(finding: Finding) -> KeyFigure:
    """What the life in focus adds to depreciation of the last year, with its range."""
    facts = finding.facts
    digits = finding.money.digits
    more = facts.understated(facts.focus.book, finding.year)
    side = -1 if more < 0 else 1
    value = Words("%(amount)s less" if more < 0 else "%(amount)s more", {"amount": fmt.spoken(side * more, digits)})
    low, high = (fmt.spoken(side * end, digits) for end in facts.readings(facts.focus.book, (finding.year,)))
    ranged = Words("%(range)s by units and prices", {"range": Between(low, high)})
    exact = Words("no purchase has a range")
    at = facts.at("understatement_minor", facts.focus.book, finding.year)
    return KeyFigure(Words("Charge"), value if more else Words("unchanged"), (ranged if facts.ranged else exact,), at)


def measured(finding: Finding) -> KeyFigure:
    """The measure under the life in focus beside what was reported, and the change between them."""
    after = finding.under(finding.facts.focus)
    label = {"eps": Words("Earnings per share"), "net": Words("Net income")}.get(
        finding.measure.kind, Words("Depreciation")
    )
    if after is None or finding.reported is None:
        return KeyFigure(label, NOT_SOURCED, ())
    before, said = finding.texts((finding.reported, after))
    lost = Words("a loss of %(amount)s", {"amount": said}) if after < 0 else said
    was = Words("a loss of %(amount)s", {"amount": before}) if finding.reported < 0 else before
    named = {"before": was, "basis": came(finding, finding.measure.reported)}
    share = fmt.seen(fmt.ratio_ppm(after - finding.reported, finding.reported))
    notes = [Words("%(before)s %(basis)s", named)]
    if not share.missing and not share.zero:
        notes.insert(0, Words("%(share)s%% less" if share.negative else "%(share)s%% more", {"share": share.digits}))
    at = finding.facts.at(finding.measure.restated, finding.facts.focus.book, finding.year)
    return KeyFigure(label, lost, tuple(notes), at)


def cash_gap(finding: Finding) -> KeyFigure:
    """Capital expenditure less depreciation under the life in focus, beside that over what was reported."""
    facts = finding.facts
    label = Words("Cash gap")
    reported = facts.stated("cash_gap_reported_minor", finding.year)
    restated = facts.line("cash_gap_restated_minor", facts.focus.book, finding.year)
    if reported is None or restated is None:
        return KeyFigure(label, NOT_SOURCED, (Words("capital expenditure less depreciation"),))
    before, after = fmt.apart(reported, (restated,), finding.money.digits)
    basis = came(finding, "cash_gap_reported_minor")
    notes = (
        Words("capital expenditure less depreciation"),
        Words("%(before)s %(basis)s", {"before": before, "basis": basis}),
    )
    at = facts.at("cash_gap_restated_minor", facts.focus.book, finding.year)
    return KeyFigure(label, Words("%(amount)s", {"amount": after}), notes, at)


def confidence(finding: Finding) -> KeyFigure:
    """How far off the model was where it could be tested, and how much of the fleet and of depreciation it holds."""
    report = finding.facts.report
    beside = report.beside
    priced = fmt.seen(fmt.ratio_ppm(report.coverage.units_priced, report.coverage.units_total), 0)
    notes = [] if priced.missing else [Words("%(share)s%% of units priced", {"share": priced.digits})]
    covered = finding.facts.line("coverage_ppm", finding.facts.focus.book, finding.year)
    if covered is not None:
        share = fmt.seen(covered, 0).digits
        notes.append(Words("%(share)s%% of depreciation modelled", {"share": share}))
    if beside is None or beside.tested is None:
        return KeyFigure(Words("Confidence"), Words("not backtested"), tuple(notes))
    error = fmt.seen(beside.tested.median_error_ppm, 0).digits
    cases = Words("median error of %(cases)s backtests, nothing fitted", {"cases": beside.tested.cases})
    return KeyFigure(Words("Confidence"), Words("%(share)s%% off", {"share": error}), (cases, *notes))


def tipping(finding: Finding) -> Words:
    """The longest life at which the effect is the share of income that is looked at, and what a year less takes."""
    facts = finding.facts
    beside = facts.report.beside
    income = facts.stated("pretax_income_reported_minor", finding.year)
    year: dict[str, Value] = {"year": finding.fiscal}
    if beside is None:
        return Words("Other lives were not restated for this page.")
    if income is None:
        return Words("Income before tax of %(year)s is not sourced, so no life can be said to tip it.", year)
    if income <= 0:
        return Words("Income before tax of %(year)s is a loss, of which a share would say nothing.", year)
    share = {"share": str(fmt.percent(beside.share_ppm, 0))}
    reached = tipping_life(finding, income, beside.share_ppm)
    if reached is None:
        return Words("At no life from one to ten years does the effect reach %(share)s%% of income before tax.", share)
    measured_at = {point.months: point.mid for point in finding.points}
    less = [measured_at.get(month) for month in (reached, reached - 12)]
    values: dict[str, Value] = {"life": Lasting(reached), **share}
    if finding.measure.kind != "eps" or None in less:
        return Words("At %(life)s the effect reaches %(share)s%% of income before tax.", values)
    at, sooner = (value or 0 for value in less)
    values["amount"] = f"{finding.money.symbol}{fmt.per_share(abs(at - sooner)).digits}"
    text = (
        "At %(life)s the effect reaches %(share)s%% of income before tax; the next year less takes %(amount)s a share."
    )
    return Words(text, values)


def tipping_life(finding: Finding, income: int, share_ppm: int) -> int | None:
    """The longest life, in months, at which the misstatement is the share of income or more; None at none."""
    assert finding.facts.report.beside is not None
    rows = finding.facts.report.beside.lives.filter(bound="mid").select(
        "life_months", "understatement_minor", "losses_minor"
    )
    reached = [months for months, more, lost in rows.iter_rows() if (more + lost) * PPM >= income * share_ppm]
    return max(reached, default=None)


def strip(evidence: Evidence, checks: Sequence[Tally], page: str) -> Strip:
    """The evidence in a line."""
    ran = sum(tally.ran for tally in checks)
    failed = sum(tally.failed for tally in checks)
    counts = {"ran": f"{ran:,}", "failed": f"{failed:,}"}
    checked = Words("%(ran)s figures checked; %(failed)s do not agree", counts)
    if not failed:
        checked = Words("%(ran)s figures checked; all agree", counts)
    return Strip(checked, evidence.ledger_hash, inputs_hash(evidence), f"depr verify {page} {evidence.ledger}")


def inputs_hash(evidence: Evidence) -> str:
    """SHA-256 of all that a page is made from: a line each of version, date, ledger, books and files."""
    lines = [
        f"version {evidence.version}",
        f"as of {evidence.as_of}",
        f"ledger {evidence.ledger_hash}",
        *(f"book {name} {digest}" for name, digest in sorted(evidence.book_hashes.items())),
        *(f"input {name} {digest}" for name, digest in sorted(evidence.input_hashes.items())),
    ]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def lives_table(finding: Finding) -> Table:
    """The measure under each whole year of life, with its ranges and its distance from what was reported."""
    points = [point for point in finding.points if point.months % 12 == 0]
    show = finding.measure.show
    wide = any(point.widest for point in points)
    facts_ranged = finding.facts.ranged

    def line(label: Words, values: Iterable[int | None], kind: str = "quiet", *origins: Origin | None) -> Row:
        cells = (replace(show(value), at=at) for value, at in zip(values, origins, strict=True))
        return Row(label, tuple(cells), kind, symbol=not kind)

    ats = [swept(finding, point.months) for point in points]
    rows = [line(Words("At this life"), (p.mid for p in points), "", *ats)]
    if facts_ranged:
        for label, place in ((LOW, 0), (HIGH, -1)):
            chosen = [end_of(finding, point, place) for point in points]
            rows.append(line(label, (value for value, _ in chosen), "quiet", *(at for _, at in chosen)))
    if wide:
        for label, place in ((LOWEST, 0), (HIGHEST, 1)):
            held = [replace(at, months=p.months, bound=WIDEST[place]) for at, p in zip(ats, points, strict=True)]
            rows.append(line(label, (p.widest[place] if p.widest else None for p in points), "quiet", *held))
    if (reported := finding.reported) is not None:
        stands = finding.facts.at(finding.measure.reported, "", finding.year)
        moved = [Worked(MOVED, ((1, at), (-1, stands))) for at in ats]
        rows.append(line(MOVED, (p.mid - reported for p in points), "total", *moved))
    units = Words("%(currency)s per share", {"currency": finding.money.currency})
    return Table(
        id="lives",
        caption=Words(
            "%(measure)s by useful life, %(year)s", {"measure": finding.measure.title, "year": finding.fiscal}
        ),
        units=units if finding.measure.kind == "eps" else finding.money.units(),
        columns=tuple(Words("%(years)s yr", {"years": fmt.years(point.months)}) for point in points),
        groups=(Group(tuple(rows)),),
        notes=(EVERY_LIFE, *((ENDS,) if facts_ranged or wide else ())),
    )


LOW = Words("Low end, units and prices")
HIGH = Words("High end, units and prices")
LOWEST = Words("Low end, all assumptions")
HIGHEST = Words("High end, all assumptions")
MOVED = Words("Change from reported")


def swept(finding: Finding, months: int, bound: str = "mid") -> At:
    """Where the measure under a life stands: among those of the page, or among all that were restated."""
    facts = finding.facts
    own = next((life for life in facts.lives if life.months == months), None)
    at = facts.at(finding.measure.restated, own.book if own else f"life-{months}m", finding.year, bound=bound)
    return at if own else replace(at, months=months)


def end_of(finding: Finding, point: Point, place: int) -> tuple[int, At]:
    """The lowest (0) or the highest (-1) reading of a life, and where it stands."""
    readings = {
        bound: value for months, bound, value in finding.readings() if months == point.months and value is not None
    }
    bound = sorted(readings, key=lambda name: readings[name])[place]
    return readings[bound], swept(finding, point.months, bound)


EVERY_LIFE = Words("Each life is restated by the engine as if it had applied to every lot; nothing is interpolated.")
ENDS = Words("The ends of a range are the lowest and the highest of that life, whichever way its costs or dates turn.")
