"""Depreciation by quarter of many lots under many books, without a schedule of each.

Lots that nothing befalls and whose clocks agree form a cohort: one walk through the policies of a book serves them
all (depr/books/stages.py). Of their bases b only sums are needed. With b = 2 den k + r, half to even,

    round(b num / den) = 2 k num + round(r num / den)

since 2 k num is even, so the accumulated depreciation of a cohort is 2 num sum(k) plus the rounded remainders, each
counted as often as it occurs: exact to the minor unit, at a cost that hardly grows with the number of lots. Sums of
counts are below 2^53 and so exact in floats. What is outside the range of the form is left to the schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from depr.balances.remainders import LIMIT, Counted, Ints, OutOfRangeError, Share, product, share, whole, wide
from depr.balances.rollup import KEYS, MONTHS_A_QUARTER, Grid
from depr.books.amounts import base, kept
from depr.books.book import Book, Policy
from depr.books.stages import Stage, Stages
from depr.kernel.calendar import FIRST, LAST
from depr.kernel.conventions import CONVENTIONS

ALL_BINS = 1 << 25
"""Most remainders that are counted at a time, over all cohorts."""

Way = tuple[tuple[date, str], ...]
"""What decides how dates of service are told apart: effective date and convention of each policy."""

Here = Sequence[Stage | None]
"""One stage of each walk; None where its life has fewer."""


class _Group(NamedTuple):
    """Lots in order of their cohorts: where each cohort begins, its lots, its key, and its birth.

    A birth is a generation, a date of service and its period; `of` is the place of each cohort's own.
    """

    order: Ints
    starts: Ints
    sizes: Ints
    keys: Ints
    births: Sequence[tuple[str, date, int]]
    of: Ints


class _Plans(NamedTuple):
    """The walks that cohorts take: the place of each cohort's own, and how many periods later it begins."""

    walks: Sequence[tuple[Stage, ...]]
    of: Ints
    later: Ints

    def spread(self, values: Iterable[int]) -> Ints:
        """A number of each walk, for each cohort."""
        return np.array(list(values), np.int64)[self.of]


class Cohorts:
    """Lots that nothing befalls (contract.Lots with `bound`), in service, read once for any number of books."""

    def __init__(self, lots: pl.DataFrame, grid: Grid) -> None:
        self.calendar = grid.calendar
        self.first = grid.first
        keyed = lots.join(grid.keys, on=KEYS, how="left", maintain_order="left")
        self._key = keyed["key"].cast(pl.Int64).to_numpy()
        self._generations: list[str] = grid.keys["generation"].to_list()
        self._days: list[date] = lots["in_service_date"].unique().sort().to_list()
        self._day = np.searchsorted(np.array(self._days, "M8[D]"), lots["in_service_date"].to_numpy())
        self._cost = lots["cost_minor"].to_numpy()
        self._own = lots["residual_minor"].alias("own_minor")
        self._stages = Stages(grid.calendar)
        self._shares: dict[int, Share] = {}
        self._groups: dict[Any, _Group] = {}
        self._bases: dict[Any, Counted] = {}
        self._openings: dict[Any, Ints] = {}
        self._sound = bool((self._cost >= 0).all()) and FIRST <= self._days[0] <= self._days[-1] <= LAST

    def charges(self, book: Book) -> Ints | None:
        """Depreciation under a book: a row a key of the grid, a column a quarter from its first; None out of range."""
        shaped = book.minds_own_residual and self._own.is_not_null().any()
        by_day = any(CONVENTIONS[policy.convention].point is None for policy in book.policy)
        if not self._sound or shaped or by_day:
            return None
        try:
            return self._charges(book)
        except OutOfRangeError:
            return None

    def _charges(self, book: Book) -> Ints:
        tracks = {name: book.policies(name) for name in sorted(set(self._generations))}
        group = self._grouped(tracks)
        plans = self._plans(tracks, group)
        found: list[_Charge] = []
        opening = np.zeros(len(group.order), np.int64)
        path: tuple[object, ...] = (id(group),)
        for number in range(max(map(len, plans.walks))):
            here = [walk[number] if number < len(walk) else None for walk in plans.walks]
            base = self._base(group, plans, here, opening, path)
            found += self._stage(group, plans, here, base)
            ended = [id(stage) if stage and stage.last_period is not None else 0 for stage in here]
            if any(ended):
                path = (*path, plans.spread(ended).tobytes())
                opening = self._opening(group, plans, here, base, opening, path)
        return self._by_quarter(found)

    def _plans(self, tracks: Mapping[str, tuple[Policy, ...]], group: _Group) -> _Plans:
        """The walk of each cohort; generations with the same policies are walked together."""
        same = {name: tuple(map(id, track)) for name, track in tracks.items()}
        known: dict[Any, tuple[int, int]] = {}
        walks = list[tuple[Stage, ...]]()
        places = list[tuple[int, int]]()
        for name, day, period in group.births:
            key = same[name], self._stages.shape(tracks[name], day)
            if key not in known:
                known[key] = len(walks), period
                walks.append(self._stages.walk(tracks[name], day))
            walk, begins = known[key]
            places.append((walk, period - begins))
        of, later = np.array(places, np.int64)[group.of].T
        return _Plans(walks, of, later)

    def _grouped(self, tracks: Mapping[str, tuple[Policy, ...]]) -> _Group:
        """Lots by cohort: of one key, and dates that no clock and no policy of the generation tells apart."""
        ways = {name: tuple((p.effective, p.convention) for p in track) for name, track in tracks.items()}
        key = tuple(sorted(ways.items()))
        if key not in self._groups:
            self._groups[key] = self._group(ways)
        return self._groups[key]

    def _group(self, ways: Mapping[str, Way]) -> _Group:
        of_way = {way: self._alike(way) for way in set(ways.values())}
        alike = np.array([of_way[ways[generation]] for generation in self._generations], np.int64)
        whole = self._key * len(self._days) + alike[self._key, self._day]
        order = np.argsort(whole, kind="stable")
        cohorts, starts, sizes = np.unique(whole[order], return_index=True, return_counts=True)
        keys, days = np.divmod(cohorts, len(self._days))
        names = [(self._generations[key], self._days[day]) for key, day in zip(keys, days, strict=True)]
        place = {birth: number for number, birth in enumerate(dict.fromkeys(names))}
        births = [(name, day, self.calendar.period(day)) for name, day in place]
        return _Group(order, starts, sizes, keys, births, np.array([place[birth] for birth in names], np.int64))

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

    def _base(self, group: _Group, plans: _Plans, here: Here, opening: Ints, path: tuple[object, ...]) -> Counted:
        """cost - residual value - opening, never below zero, of each lot; worked out once for books that share it."""
        policies = {id(stage.policy): stage.policy.residual_rate for stage in here if stage}
        rates = [policies[id(stage.policy)] if stage else Fraction(0) for stage in here]
        alone = len(set(policies.values())) == 1
        key = (path, next(iter(policies.values())) if alone else tuple(rates[walk] for walk in plans.of))
        if key not in self._bases:
            num, den = (np.repeat(part[plans.of], group.sizes) for part in whole(rates))
            cost = self._cost[group.order]
            rows = pl.DataFrame({"cost_minor": cost, "carried_minor": cost - opening, "rate_num": num, "rate_den": den})
            keeps = kept(wide=wide(cost, den))
            values = rows.with_columns(self._own[group.order]).select(base(keeps).polars).to_series().to_numpy()
            self._bases[key] = Counted.of(values, group.starts)
        return self._bases[key]

    def _opening(
        self, group: _Group, plans: _Plans, here: Here, base: Counted, before: Ints, path: tuple[object, ...]
    ) -> Ints:
        """What is accumulated when the next stage begins; `path` are the stages that go on, kept alive by the walks."""
        if path not in self._openings:
            shares = [s.used if s and s.last_period is not None else Fraction(0) for s in here]
            self._openings[path] = before + product(base.values, shares, plans.of, group.sizes)
        return self._openings[path]

    def _stage(self, group: _Group, plans: _Plans, here: Here, base: Counted) -> Iterator[_Charge]:
        """Charges of a stage, share by share."""
        numbers = plans.spread(-1 if s is None or s.share_id is None else s.share_id for s in here)
        firsts = plans.spread(s.first_period if s else 0 for s in here) + plans.later
        lasts = plans.spread(LIMIT if s is None or s.last_period is None else s.last_period for s in here)
        of_share = {int(number): np.flatnonzero(numbers == number) for number in np.unique(numbers) if number >= 0}
        shares = {number: self._share(number) for number in of_share}
        bins = np.zeros(len(numbers), np.int64)
        begins = np.zeros(len(numbers), np.int64)
        end = 0
        for number, cohorts in of_share.items():
            bins[cohorts] = 2 * shares[number].den
            begins[cohorts] = end + np.arange(len(cohorts)) * bins[cohorts]
            end += int(bins[cohorts].sum())
        if end > ALL_BINS:
            raise OutOfRangeError
        counts = base.counted(bins, begins, group.sizes, end)
        for number, cohorts in of_share.items():
            size = 2 * shares[number].den
            begin = begins[cohorts[0]]
            seen = counts[begin : begin + size * len(cohorts)].reshape(-1, size).astype(np.float64)
            charge = np.diff(shares[number].accumulated(seen, base.sums[cohorts]), axis=1)
            yield _Charge(group.keys[cohorts], firsts[cohorts], lasts[cohorts], charge)

    def _share(self, number: int) -> Share:
        if number not in self._shares:
            self._shares[number] = share(*self._stages.shares.read(number))
        return self._shares[number]

    def _by_quarter(self, found: Sequence[_Charge]) -> Ints:
        """Charges by key and quarter, to the last quarter of any."""
        if any(each.firsts.min() < self.first for each in found):
            raise OutOfRangeError
        width = max((each.end - self.first for each in found), default=0) // MONTHS_A_QUARTER + 1
        months = np.zeros((len(self._generations), width * MONTHS_A_QUARTER), np.int64)
        for each in found:
            places = (each.firsts - self.first)[:, None] + np.arange(each.charge.shape[1])
            inside = places <= (each.lasts - self.first)[:, None]
            cells = each.keys[:, None] * months.shape[1] + places
            np.add.at(months.reshape(-1), cells[inside], each.charge[inside])
        quarters: Ints = months.reshape(len(months), width, MONTHS_A_QUARTER).sum(axis=2)
        return quarters


class _Charge(NamedTuple):
    """Charges of some cohorts of one share: a row a cohort, a column a period from its first, up to its last."""

    keys: Ints
    firsts: Ints
    lasts: Ints
    charge: Ints

    @property
    def end(self) -> int:
        """The last period charged."""
        return int(np.minimum(self.firsts + self.charge.shape[1] - 1, self.lasts).max())
