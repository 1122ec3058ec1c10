"""Traced rules sorted into tables: which of them cross, which are writing, and where the same table breaks off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Reals
from ocrfill.pipeline.locate.tables.line_tracing import RidgeMap, Ridges, Ruling, trace
from ocrfill.pipeline.locate.tables.missing_borders import missing
from ocrfill.pipeline.locate.tables.parallel_lines import settle_family

MAX_END_GAP_PX = 14.0
"""A rule may end so far, in pixels of the reduced page, before the rule it leads to (4 mm): ink fades at crossings."""

MAX_HIDDEN_END_PX = 50.0
"""A level rule may begin or end so far (13 mm) from the one it leads to: writing stands on it there."""

MAX_DOUBLE_RULE_PX = 9.0
"""Rules nearer to each other than this (2.3 mm) are one double rule."""

MIN_DOUBLE_OVERLAP_SHARE = 0.5
"""Share of the shorter one of two rules that lies beside the other one where they are double."""

MIN_SPAN_SHARE = 0.5
"""A rule that runs over this share of its table is the table's, wherever it ends."""

MIN_CROSSED_SHARE = 0.4
"""Share of the other rules within its reach that a rule must cross."""

MIN_MEAN_DARKNESS = 0.5
"""A rule shows at least this mean darkness over its length; a column of writing less."""

MIN_PARTIAL_MEAN_DARKNESS = 0.55
"""A rule that does not run over most of its table must show at least this mean darkness."""

MAX_GUTTER_SEEN_SHARE = 0.35
"""Where less than this share of what is usual is seen of the level rules, they are broken: the gutter lies there."""

GUTTER_BANDS = 3
"""A break is so many bands wide (9 mm)."""

GUTTER_RANGE_SHARES = (0.3, 0.7)
"""The gutter lies in this part of an opening's width."""

MIN_BORDERLESS_SHARE = 0.5
"""Where this share of a table's level rules end together without a border, the border is not printed or cut off."""

MIN_SHOWN_DARKNESS = 0.4
"""A rule whose mean darkness in a column is at least this is there."""

MIN_MET_SIDES_SHARE = 0.35
"""A rule shows on at least this share of the sides of those it meets; writing is not seen there."""

MAX_UNPRINTED_SHARE, DOUBTFUL_UNPRINTED_SHARE, MIN_SHOWN_SHARE = 0.35, 0.1, 0.6
"""An outer column (or row) is none of the table if more than the first share of the rules is known not to be printed in
it, or more than the second and less than the third shows."""

MIN_DEPTH_SHARE = 0.38
"""A rule with less than this share of the usual depth is none of this side's print."""

MIN_MEAN_DARKNESS_SHARE = 0.68
"""A rule shows at least this share of the others' mean darkness."""

MIN_NEIGHBOUR_DISTANCE_SHARE = 0.7
"""A weak rule nearer to its neighbours than this share of the usual distance is writing (dashes, a row of letters)."""

MIN_STRONG_MEAN_SHARE = 0.8
"""A rule is weak if less of it is seen than this share of its neighbours' mean."""


Rules = tuple[tuple[Ruling, ...], tuple[Ruling, ...]]
"""Level rules and upright ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The rules of one table: `levels` from top to bottom, `uprights` from left to right."""

    levels: tuple[Ruling, ...]
    uprights: tuple[Ruling, ...]


def find_lattices(ridges: Ridges) -> tuple[Lattice, ...]:
    """All ruled tables of a straightened page, from left to right and top to bottom."""
    levels = trace(ridges.level)
    height, width = ridges.level.sure.shape
    gutter = find_gutter(levels, width) if width > height else None
    if gutter is not None:
        levels = trace(ridges.level, (gutter,))
    uprights = trace(ridges.upright)
    levels, uprights = _without_doubles(levels), _without_doubles(uprights)
    sides = [(levels, uprights)] if gutter is None else _split(levels, uprights, gutter)
    found = [_pruned(*part) for side in sides for part in _components(*side)]
    tables = [_settled(part, ridges) for part in found if part is not None]
    return tuple(
        sorted(
            (t for t in tables if len(t.levels) > 1 and len(t.uprights) > 1),
            key=lambda t: (t.uprights[0].middle, t.levels[0].middle),
        )
    )


def find_gutter(levels: Sequence[Ruling], width: int) -> float | None:
    """The x at which the level rules of an opening, which is wider than high, break off; None where they do not."""
    long = [rule.seen for rule in levels if rule.length > 0.25 * width]
    if not long:
        return None
    seen = np.sum(long, axis=0)
    bands = len(seen)
    usual = float(np.percentile(seen, 75))
    bare = np.convolve(seen, np.ones(GUTTER_BANDS) / GUTTER_BANDS, "same")
    first, last = (round(share * bands) for share in GUTTER_RANGE_SHARES)
    place = first + int(np.argmin(bare[first:last]))
    sides = min(float(np.median(seen[:place])), float(np.median(seen[place + 1 :])))
    if bare[place] > MAX_GUTTER_SEEN_SHARE * usual or sides < MAX_GUTTER_SEEN_SHARE * usual:
        return None
    near = slice(place - 1, place + 2)
    weight = np.maximum(usual - seen[near], 0)
    return float(((np.arange(bands)[near] + 0.5) * weight).sum() / weight.sum() * width / bands)


def _split(levels: Sequence[Ruling], uprights: Sequence[Ruling], gutter: float) -> list[Rules]:
    """The rules of each facing page; what runs along the fold itself is the fold or the other page's edge."""
    left = [rule for rule in uprights if rule.middle < gutter - MAX_END_GAP_PX]
    right = [rule for rule in uprights if rule.middle > gutter + MAX_END_GAP_PX]
    middles = [(rule.start + rule.end) / 2 for rule in levels]
    return [
        (tuple(rule for rule, x in zip(levels, middles, strict=True) if x < gutter), tuple(left)),
        (tuple(rule for rule, x in zip(levels, middles, strict=True) if x > gutter), tuple(right)),
    ]


def _without_doubles(rules: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Of rules that lie close beside each other the one seen best."""
    kept: list[Ruling] = []
    for rule in rules:
        for other in kept:
            start, end = max(rule.start, other.start), min(rule.end, other.end)
            shorter = min(rule.length, other.length)
            middle = (start + end) / 2
            if (
                end - start > MIN_DOUBLE_OVERLAP_SHARE * shorter
                and abs(float(rule.at(middle) - other.at(middle))) < MAX_DOUBLE_RULE_PX
            ):
                break
        else:
            kept.append(rule)
    return tuple(kept)


def crossings(levels: Sequence[Ruling], uprights: Sequence[Ruling]) -> NDArray[np.bool_]:
    """Which level rule crosses or meets which upright rule, shape (levels, uprights)."""
    y, x = meeting_points(levels, uprights)
    along_x = np.array([(rule.start, rule.end) for rule in levels]).reshape(-1, 1, 2)
    along_y = np.array([(rule.start, rule.end) for rule in uprights]).reshape(1, -1, 2)
    on_level = (x >= along_x[..., 0] - MAX_HIDDEN_END_PX) & (x <= along_x[..., 1] + MAX_HIDDEN_END_PX)
    on_upright = (y >= along_y[..., 0] - MAX_END_GAP_PX) & (y <= along_y[..., 1] + MAX_END_GAP_PX)
    return np.asarray(on_level & on_upright)


def meeting_points(levels: Sequence[Ruling], uprights: Sequence[Ruling]) -> tuple[Reals, Reals]:
    """The y and x at which each level rule meets each upright one, both prolonged as they run at their ends,
    shape (levels, uprights).
    """
    x = np.repeat(np.array([[rule.middle for rule in uprights]]), len(levels), axis=0)
    y = np.zeros_like(x)
    for _ in range(3):
        for i, rule in enumerate(levels):
            y[i] = rule.at(x[i])
        for j, rule in enumerate(uprights):
            x[:, j] = rule.at(y[:, j])
    return y, x


def _components(levels: Sequence[Ruling], uprights: Sequence[Ruling]) -> list[Rules]:
    """The rules that hang together by crossings."""
    if not levels or not uprights:
        return []
    cross = crossings(levels, uprights)
    left = np.ones(len(levels), bool)
    parts = []
    while left.any():
        rows: NDArray[np.bool_] = np.zeros(len(levels), bool)
        rows[np.flatnonzero(left)[0]] = True
        while True:
            columns = np.asarray(cross[rows].any(axis=0))
            grown = np.asarray(cross[:, columns].any(axis=1)) | rows
            if (grown == rows).all():
                break
            rows = grown
        left &= ~rows
        parts.append(
            (
                tuple(rule for rule, here in zip(levels, rows, strict=True) if here),
                tuple(rule for rule, here in zip(uprights, columns, strict=True) if here),
            )
        )
    return parts


def _pruned(levels: tuple[Ruling, ...], uprights: tuple[Ruling, ...]) -> Lattice | None:
    """The part without what is no rule of the table; None if nothing is left."""
    while len(levels) > 1 and len(uprights) > 1:
        cross = crossings(levels, uprights)
        y, x = meeting_points(levels, uprights)
        keep_levels = [_belongs(rule, x[i], cross[i]) for i, rule in enumerate(levels)]
        keep_uprights = [_belongs(rule, y[:, j], cross[:, j]) for j, rule in enumerate(uprights)]
        if all(keep_levels) and all(keep_uprights):
            return Lattice(
                tuple(sorted(levels, key=lambda rule: rule.middle)),
                tuple(sorted(uprights, key=lambda rule: rule.middle)),
            )
        levels = tuple(rule for rule, keep in zip(levels, keep_levels, strict=True) if keep)
        uprights = tuple(rule for rule, keep in zip(uprights, keep_uprights, strict=True) if keep)
    return None


def _belongs(rule: Ruling, places: Reals, crossed: NDArray[np.bool_]) -> bool:
    """Is the rule one of the table's: it crosses most rules within its reach (at `places` along it), and it either runs
    over most of the table or ends at crossings and is clearly seen.
    """
    if crossed.sum() < 2:
        return False
    if rule.mean < MIN_MEAN_DARKNESS:
        return False
    within = (places >= rule.start - MAX_END_GAP_PX) & (places <= rule.end + MAX_END_GAP_PX)
    if crossed.sum() < MIN_CROSSED_SHARE * within.sum():
        return False
    if rule.length >= MIN_SPAN_SHARE * float(np.ptp(places)):
        return True
    ends = all(np.abs(places[crossed] - end).min() <= MAX_END_GAP_PX for end in (rule.start, rule.end))
    return ends and rule.mean >= MIN_PARTIAL_MEAN_DARKNESS


def _settled(lattice: Lattice, ridges: Ridges) -> Lattice:
    """Without crowded rules, with the borders that the level rules' ends show, and each rule as its family runs."""
    levels, uprights = _uncrowded(_printed(lattice.levels)), _uncrowded(_printed(lattice.uprights))
    levels, uprights = _bordered(uprights, levels), _bordered(levels, uprights)
    if len(levels) < 2 or len(uprights) < 2:
        return Lattice(levels, uprights)
    across = (uprights[0].middle, uprights[-1].middle)
    levels = _uncrowded(_meeting(settle_family(levels, ridges.level, across), uprights))
    uprights = _closed(levels, uprights, ridges.level)
    down = (levels[0].middle, levels[-1].middle)
    uprights = _uncrowded(_meeting(settle_family(uprights, ridges.upright, down), levels))
    return Lattice(_closed(uprights, levels, ridges.upright), uprights)


def _meeting(rules: tuple[Ruling, ...], across: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Without rules that are not seen beside those they meet: a line of print or writing stops before it gets there."""
    kept = []
    for rule in rules:
        bands = len(rule.seen)
        beside = []
        for other in across:
            place = float(other.at(rule.middle))
            band = int(place * bands / rule.side)
            if place - 2 * MAX_END_GAP_PX > rule.start:
                beside.append(rule.seen[max(band - 2, 0) : max(band, 1)].max())
            if place + 2 * MAX_END_GAP_PX < rule.end:
                beside.append(rule.seen[band + 1 : band + 3].max(initial=0.0))
        if not beside or np.mean(np.array(beside) >= MIN_SHOWN_DARKNESS) >= MIN_MET_SIDES_SHARE:
            kept.append(rule)
    return tuple(kept)


def _closed(across: tuple[Ruling, ...], rules: tuple[Ruling, ...], ridge: RidgeMap) -> tuple[Ruling, ...]:
    """Without outer rules between which and the next one the rules across them mostly do not show, or are known not to
    be printed: the edge of a leaf, numbers beside the table, a line of print below it. `ridge` is the map of those.
    """
    places = [np.array([float(rule.at(other.middle)) for rule in rules]) for other in across]
    not_printed = np.mean([missing(ridge, other, place) for other, place in zip(across, places, strict=True)], axis=0)
    shown = np.mean([_shown(other, place) for other, place in zip(across, places, strict=True)], axis=0)
    closed = (not_printed <= DOUBTFUL_UNPRINTED_SHARE) | (
        (not_printed <= MAX_UNPRINTED_SHARE) & (shown >= MIN_SHOWN_SHARE)
    )
    first, last = 0, len(closed)
    while last - first > 1 and not closed[first]:
        first += 1
    while last - first > 1 and not closed[last - 1]:
        last -= 1
    return rules[first : last + 1]


def _shown(rule: Ruling, places: Reals) -> NDArray[np.bool_]:
    """Does the rule show between each two places along it?"""
    bands = np.rint(places * len(rule.seen) / rule.side).astype(int)
    return np.array([rule.seen[a : max(b, a + 1)].mean() >= MIN_SHOWN_DARKNESS for a, b in pairwise(bands)])


def _printed(rules: tuple[Ruling, ...]) -> tuple[Ruling, ...]:
    """Without what is much fainter than the others (rules of the paper's other side, its edge, a fold) or shows much
    less of itself (a column of writing).
    """
    depth = float(np.median([rule.depth for rule in rules]))
    mean = float(np.median([rule.mean for rule in rules]))
    return tuple(
        rule for rule in rules if rule.depth >= MIN_DEPTH_SHARE * depth and rule.mean >= MIN_MEAN_DARKNESS_SHARE * mean
    )


def _uncrowded(rules: tuple[Ruling, ...]) -> tuple[Ruling, ...]:
    """Without weak rules between stronger ones that stand at the usual distance without them."""
    kept = list(rules)
    while len(kept) > 4:
        strong = sorted(rule.weight for rule in kept)[len(kept) // 2]
        places = [rule.middle for rule in kept if rule.weight >= MIN_STRONG_MEAN_SHARE * strong]
        if len(places) < 3:
            break
        usual = float(np.median(np.diff(places)))
        worst, which = 1.0, None
        for i in range(1, len(kept) - 1):
            before, rule, after = kept[i - 1 : i + 2]
            room = min(rule.middle - before.middle, after.middle - rule.middle)
            share = rule.weight / max((before.weight + after.weight) / 2, 1e-9)
            if room < MIN_NEIGHBOUR_DISTANCE_SHARE * usual and share < MIN_STRONG_MEAN_SHARE and share < worst:
                worst, which = share, i
        if which is None:
            break
        del kept[which]
    return tuple(kept)


def _bordered(across: Sequence[Ruling], rules: tuple[Ruling, ...]) -> tuple[Ruling, ...]:
    """The rules of one direction, and those that the others show by ending together beyond the first or last."""
    before = _border(across, rules[0], [rule.start for rule in across], -1)
    after = _border(across, rules[-1], [rule.end for rule in across], 1)
    return (*(() if before is None else (before,)), *rules, *(() if after is None else (after,)))


def _border(across: Sequence[Ruling], outer: Ruling, where: Sequence[float], side: int) -> Ruling | None:
    """A rule where most of those across it end together on that side of the outer one; None where they do not."""
    ends = np.array(where)
    at = np.array([float(rule.at(end)) for rule, end in zip(across, ends, strict=True)])
    out = side * (ends - outer.at(at)) > 2 * MAX_END_GAP_PX
    if out.sum() < max(MIN_BORDERLESS_SHARE * len(across), 2):
        return None
    middle = float(np.median(ends[out]))
    together = out & (np.abs(ends - middle) < 2 * MAX_END_GAP_PX)
    if together.sum() < max(MIN_BORDERLESS_SHARE * len(across), 2):
        return None
    seen = np.zeros_like(outer.seen)
    course = np.array([0.0, middle])
    if together.sum() > 3:
        course = np.polyfit(at[together] / outer.side - 0.5, ends[together], 1)
    return Ruling(course, float(at.min()), float(at.max()), outer.side, seen, 0.0)
