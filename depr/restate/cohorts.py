"""Depreciation by quarter of many lots under many books, without a schedule of each.

Lots that nothing befalls and whose clocks agree form a cohort: one walk through the policies of a book serves them
all (depr/stages.py). Of their bases b only sums are needed. With b = 2 den k + r, half to even,

    round(b num / den) = 2 k num + round(r num / den)

since 2 k num is even, so the accumulated depreciation of a cohort is 2 num sum(k) plus the rounded remainders, each
counted as often as it occurs: exact to the minor unit, at a cost that hardly grows with the number of lots. Sums of
counts are below 2^53 and so exact in floats. What is outside the range of the form is left to the schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from depr.book import Book, Policy
from depr.errors import unknown
from depr.kernel.calendar import FIRST, LAST, PERIODS, FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.restate.remainders import LIMIT, Counted, Ints, OutOfRangeError, Share, product, share
from depr.restate.rollup import KEYS
from depr.restate.walks import Walks
from depr.stages import Stage

ALL_BINS = 1 << 25
"""Most remainders that are counted at a time, over all cohorts."""

QUARTERS_A_YEAR = PERIODS // 3
Way = tuple[tuple[date, str], ...]
"""What decides how dates of service are told apart: effective date and convention of each policy."""

Plan = Sequence[Stage | None]
"""One stage of each cohort; None where its life has fewer."""


class _Group(NamedTuple):
    """Lots in order of their cohorts: where each cohort begins, its lots, its key, generation and date of service."""

    order: Ints
    starts: Ints
    sizes: Ints
    keys: Ints
    firsts: tuple[tuple[str, date], ...]


class Cohorts:
    """Lots that nothing befalls (schemas.Lots with `bound`), in service, read once for any number of books."""

    def __init__(self, lots: pl.DataFrame, calendar: FiscalCalendar) -> None:
        self.calendar = calendar
        self.keys = lots.select(KEYS).unique().sort(KEYS).with_row_index("key").cast({"key": pl.Int64})
        self._key = lots.join(self.keys, on=KEYS, maintain_order="left")["key"].to_numpy()
        self._generations: list[str] = self.keys["generation"].to_list()
        self._days: list[date] = lots["in_service_date"].unique().sort().to_list()
        self._day = np.searchsorted(np.array(self._days, "M8[D]"), lots["in_service_date"].to_numpy())
        self._cost = lots["cost_minor"].to_numpy()
        self._own = lots["residual_minor"].fill_null(-1).to_numpy()
        self._walks = Walks(calendar)
        self._shares: dict[int, Share] = {}
        self._groups: dict[Any, _Group] = {}
        self._bases: dict[Any, Counted] = {}
        self._openings: dict[Any, Ints] = {}
        self._sound = bool((self._cost >= 0).all()) and FIRST <= self._days[0] <= self._days[-1] <= LAST

    def charges(self, book: Book) -> pl.DataFrame | None:
        """Depreciation under a book by `key` (see `keys`), fiscal_year and fiscal_quarter; None out of range."""
        shaped = any(policy.shaped_by_residual for policy in book.policy) and bool((self._own >= 0).any())
        by_day = any(CONVENTIONS[policy.convention].point is None for policy in book.policy)
        if not self._sound or shaped or by_day:
            return None
        try:
            return self._charges(book)
        except OutOfRangeError:
            return None

    def _charges(self, book: Book) -> pl.DataFrame:
        tracks = {name: book.track(name) for name in set(self._generations)}
        if absent := [name for name, track in sorted(tracks.items()) if not track]:
            raise unknown("generation", absent[0], {g for p in book.policy for g in p.generations}, f"book {book.id}")
        group = self._grouped(tracks)
        plans = self._plans(tracks, group)
        found: list[_Charge] = []
        opening = np.zeros(len(group.order), np.int64)
        path: tuple[int, ...] = (id(group),)
        for number in range(max(map(len, plans))):
            here = [plan[number] if number < len(plan) else None for plan in plans]
            base = self._base(group, here, opening, path)
            found += self._stage(group, here, base)
            if any(stage and stage.last_period is not None for stage in here):
                path = (*path, *(id(s) if s and s.last_period is not None else 0 for s in here))
                opening = self._opening(group, here, base, opening, path)
        return self._frame(found)

    def _plans(self, tracks: dict[str, tuple[Policy, ...]], group: _Group) -> list[tuple[Stage, ...]]:
        """The stages of each cohort; generations with the same policies are walked together."""
        same = {name: tuple(map(id, track)) for name, track in tracks.items()}
        known = {(same[name], day): name for name, day in group.firsts}
        walked = {(policies, day): self._walks.walk(tracks[name], day) for (policies, day), name in known.items()}
        return [walked[same[name], day] for name, day in group.firsts]

    def _grouped(self, tracks: dict[str, tuple[Policy, ...]]) -> _Group:
        """Lots by cohort: of one key, and dates that no clock and no policy of the generation tells apart."""
        ways = {name: tuple((p.effective, p.convention) for p in track) for name, track in tracks.items()}
        key = tuple(sorted(ways.items()))
        if key not in self._groups:
            self._groups[key] = self._group(ways)
        return self._groups[key]

    def _group(self, ways: dict[str, Way]) -> _Group:
        of_way = {way: self._alike(way) for way in set(ways.values())}
        alike = np.array([of_way[ways[generation]] for generation in self._generations], np.int64)
        whole = self._key * len(self._days) + alike[self._key, self._day]
        order = np.argsort(whole, kind="stable")
        cohorts, starts, sizes = np.unique(whole[order], return_index=True, return_counts=True)
        keys, days = np.divmod(cohorts, len(self._days))
        names = ((self._generations[key], self._days[day]) for key, day in zip(keys, days, strict=True))
        return _Group(order, starts, sizes, keys, tuple(names))

    def _alike(self, way: Way) -> list[int]:
        """For each date the number of the first one that a walk does not tell from it."""
        known: dict[Any, int] = {}
        return [known.setdefault(self._sign(way, day), number) for number, day in enumerate(self._days)]

    def _sign(self, way: Way, day: date) -> Any:
        """What the walk of a lot sees of its date of service."""
        begun = sum(effective <= day for effective, _ in way)
        point = CONVENTIONS[way[max(begun - 1, 0)][1]].point
        assert point is not None
        return begun, self.calendar.period(day), point(day, self.calendar)

    def _base(self, group: _Group, here: Plan, opening: Ints, path: tuple[int, ...]) -> Counted:
        """cost - residual value - opening, never below zero, of each lot; worked out once for books that share it."""
        policies = {id(stage.policy): stage.policy.residual_rate for stage in here if stage}
        alone = len(set(policies.values())) == 1
        rates = [policies[id(stage.policy)] if stage else Fraction(0) for stage in here]
        key = (path, next(iter(policies.values())) if alone else tuple(rates))
        if key not in self._bases:
            cost, own = self._cost[group.order], self._own[group.order]
            residual = np.where(own >= 0, own, product(cost, rates, group.sizes))
            self._bases[key] = Counted.of(np.maximum(cost - opening - residual, 0), group.starts)
        return self._bases[key]

    def _opening(self, group: _Group, here: Plan, base: Counted, before: Ints, path: tuple[int, ...]) -> Ints:
        """What is accumulated when the next stage begins; `path` are the stages that go on, kept alive by the walks."""
        if path not in self._openings:
            shares = [s.used if s and s.last_period is not None else Fraction(0) for s in here]
            self._openings[path] = before + product(base.values, shares, group.sizes)
        return self._openings[path]

    def _stage(self, group: _Group, here: Plan, base: Counted) -> Iterable[_Charge]:
        """Charges of a stage, share by share."""
        of_share: dict[int, list[int]] = {}
        for cohort, stage in enumerate(here):
            if stage is not None and stage.share_id is not None:
                of_share.setdefault(stage.share_id, []).append(cohort)
        shares = {number: self._share(number) for number in of_share}
        bins = np.zeros(len(here), np.int64)
        for number, cohorts in of_share.items():
            bins[cohorts] = 2 * shares[number].den
        if int(bins.sum()) > ALL_BINS:
            raise OutOfRangeError
        counts, ends = base.counted(bins, group.sizes), np.cumsum(bins)
        for number, cohorts in of_share.items():
            seen = np.array([counts[ends[c] - bins[c] : ends[c]] for c in cohorts], np.float64)
            stages = [stage for c in cohorts if (stage := here[c])]
            firsts = np.array([stage.first_period for stage in stages], np.int64)
            lasts = np.array([LIMIT if s.last_period is None else s.last_period for s in stages], np.int64)
            charge = np.diff(shares[number].accumulated(seen, base.sums[cohorts]), axis=1)
            yield _Charge(group.keys[cohorts], firsts, lasts, charge)

    def _share(self, number: int) -> Share:
        if number not in self._shares:
            self._shares[number] = share(*self._walks.shares.keys[number])
        return self._shares[number]

    def _frame(self, found: Sequence[_Charge]) -> pl.DataFrame:
        """Charges by key and quarter, from the first year to the last quarter of any."""
        low = min((int(each.firsts.min()) for each in found), default=self.calendar.period(self._days[0]))
        low -= self.calendar.month_of_year(low)
        width = max((each.end - low for each in found), default=1) // 3 + 1
        sums = np.zeros((len(self._generations), width), np.int64)
        for each in found:
            periods = each.firsts[:, None] + np.arange(each.charge.shape[1])
            charge = np.where(periods <= each.lasts[:, None], each.charge, 0)
            quarter = np.minimum((periods - low) // 3, width - 1)
            np.add.at(sums, (each.keys[:, None], quarter), charge)
        place = np.arange(sums.size)
        return pl.DataFrame(
            {
                "key": place // width,
                "fiscal_year": (self.calendar.year_of(low) + place % width // QUARTERS_A_YEAR).astype(np.int32),
                "fiscal_quarter": (place % width % QUARTERS_A_YEAR + 1).astype(np.int32),
                "depreciation_minor": sums.ravel(),
            }
        )


class _Charge(NamedTuple):
    """Charges of some cohorts of one share: a row a cohort, a column a period from its first, up to its last."""

    keys: Ints
    firsts: Ints
    lasts: Ints
    charge: npt.NDArray[np.int64]

    @property
    def end(self) -> int:
        """The last period charged."""
        return int(np.minimum(self.firsts + self.charge.shape[1] - 1, self.lasts).max())
