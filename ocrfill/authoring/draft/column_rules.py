"""Which upright rules of a page divide the columns of its table, also where no level rules meet them.

Rows of notaries' registers are not ruled, and writing stands in lines: only the head's rules, as dark as the upright
ones and as long as the table is wide, tell where the table ends. A rule that hangs from the head's lowest rule (between
francs and centimes) parts no heads: what stands on both sides of it is one column.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrfill.pipeline.locate.tables.grid import MAX_END_GAP_PX
from ocrfill.pipeline.locate.tables.line_tracing import RidgeMap, Ridges, Ruling, trace

MIN_STRONG_RULES = 6
"""Of so many strong upright rules the usual one tells which others are the table's."""

MIN_RULE_SEEN_SHARE, MIN_RULE_LENGTH_SHARE, MIN_RULE_DEPTH_SHARE = 0.7, 0.55, 0.42
"""A strong upright rule shows at least so much of itself, is so long as a share of the page, and so deep as a share of
the deepest quarter's least: rules of the paper's other side, and figures below each other, are less.
"""

MAX_OVERHANG_SHARES = (0.03, 0.005)
"""What begins and ends so far beyond the usual rules, as shares of the page's height, is the paper's edge."""

MIN_REACHED_SHARE = 0.4
"""At least this share of the level rules reaches an upright rule of the table."""

MIN_MET_UPRIGHTS_SHARE = 0.7
"""A rule of the head meets at least this share of the strong upright rules."""

MAX_HEAD_HEIGHT_SHARE = 1 / 3
"""The head lies in this part of the table's height."""

CONTINUATION_RANGE_PX = (22, 6)
"""Where above the head's lowest rule others must go on, in pixels of the reduced page: nearer to it the map is smeared,
and the head's lowest cells are no higher than this (6 mm).
"""

MIN_CONTINUATION_DEPTH_SHARE = 0.2
"""A rule that goes on has at least this share of its depth there, but for a tenth: on notaries' registers .40 and more,
others .04 and less.
"""


def column_rules(uprights: tuple[Ruling, ...], levels: Sequence[Ruling], maps: Ridges) -> tuple[Ruling, ...]:
    """The column rules of a table of which `uprights` and `levels` were found: where the page has many strong ones, all
    of those that belong to it.
    """
    height = maps.upright.sure.shape[1]
    strong = [
        rule
        for rule in trace(maps.upright)
        if rule.mean >= MIN_RULE_SEEN_SHARE and rule.length >= MIN_RULE_LENGTH_SHARE * height
    ]
    if len(strong) < MIN_STRONG_RULES:
        return uprights
    depth = MIN_RULE_DEPTH_SHARE * float(np.percentile([rule.depth for rule in strong], 75))
    deep = sorted((rule for rule in strong if rule.depth >= depth), key=_middle)
    head = _head(trace(maps.level), deep, depth)
    if head:
        kept = _under_head(strong, deep, head, maps.upright)
    else:
        kept = [rule for rule in deep if np.mean([_reaches(level, rule) for level in levels]) >= MIN_REACHED_SHARE]
    kept = _without_edges(kept, height)
    return tuple(kept) if len(kept) >= MIN_STRONG_RULES else uprights


def _under_head(
    strong: Sequence[Ruling], deep: Sequence[Ruling], head: Sequence[Ruling], ridge: RidgeMap
) -> list[Ruling]:
    """The rules that part the head's cells, and those at which the head's rules end: thick or doubled, and therefore
    not always deep.
    """
    lowest = max(head, key=_middle)
    inner = [rule for rule in deep if any(_reaches(level, rule) for level in head)]
    going_on = [rule for rule in inner if _goes_on(rule, lowest, ridge)]
    if 2 * len(going_on) <= len(inner):  # the lowest rule found of the head is its upper one
        going_on = inner
    kept = set(map(id, going_on))
    for end in (lowest.start, lowest.end):
        borders = [rule for rule in strong if abs(float(rule.at(lowest.middle)) - end) <= MAX_END_GAP_PX]
        if borders and not any(id(rule) in kept for rule in borders):
            kept.add(id(max(borders, key=_depth)))
    return sorted((rule for rule in strong if id(rule) in kept), key=_middle)


def _head(levels: Sequence[Ruling], strong: Sequence[Ruling], depth: float) -> list[Ruling]:
    """The level rules of the head: as deep as the upright ones, right across, where most of those begin or below."""
    if not strong:
        return []
    top = float(np.median([rule.start for rule in strong]))
    bottom = float(np.median([rule.end for rule in strong]))
    return [
        rule
        for rule in levels
        if rule.mean >= MIN_RULE_SEEN_SHARE
        and rule.depth >= depth
        and top - MAX_END_GAP_PX <= rule.middle <= top + MAX_HEAD_HEIGHT_SHARE * (bottom - top)
        and np.mean([_reaches(rule, upright) for upright in strong]) >= MIN_MET_UPRIGHTS_SHARE
    ]


def _middle(rule: Ruling) -> float:
    return rule.middle


def _depth(rule: Ruling) -> float:
    return rule.depth


def _reaches(level: Ruling, upright: Ruling) -> bool:
    return bool(level.start - MAX_END_GAP_PX <= upright.at(level.middle) <= level.end + MAX_END_GAP_PX)


def _goes_on(rule: Ruling, level: Ruling, ridge: RidgeMap) -> bool:
    """Is the upright rule printed above the level one as well? Print in its way has gaps."""
    y = round(float(level.at(rule.at(level.middle))))
    along = np.arange(max(y - CONTINUATION_RANGE_PX[0], 0), max(y - CONTINUATION_RANGE_PX[1], 1))
    across = np.rint(rule.at(along.astype(np.float64))).astype(int) + np.arange(-1, 2)[:, None]
    depth = ridge.depth[np.clip(across, 0, len(ridge.depth) - 1), along].max(axis=0)
    return float(np.percentile(depth, 10)) >= MIN_CONTINUATION_DEPTH_SHARE * rule.depth


def _without_edges(rules: list[Ruling], height: int) -> list[Ruling]:
    """Without the paper's edges, which are outermost: a fold within goes on beyond the table as well."""
    early = float(np.median([rule.start for rule in rules])) - MAX_OVERHANG_SHARES[0] * height
    late = float(np.median([rule.end for rule in rules])) + MAX_OVERHANG_SHARES[1] * height
    kept = list(rules)
    for end in (0, -1):
        while len(kept) > MIN_STRONG_RULES and kept[end].start < early and kept[end].end > late:
            del kept[end]
    return kept
