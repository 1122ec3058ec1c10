"""Whether a table that fits a page lies on it as in a mirror: grids are so regular that the fit alone may not tell.

A mirrored page has its columns from right to left, or, upside down too, its head below. Where the template's own rules
are known to lie, those that would lie elsewhere in the mirror are looked for in both places.
"""

from __future__ import annotations

import numpy as np

from ocrfill.document.page import Reals
from ocrfill.document.template import TableTemplate
from ocrfill.pipeline.locate.registration.alignment import Axis, running_maximum

MIN_MORE_FOUND = 0.3
"""By how much more of the head's rules, or the columns', is found in their mirrored places than in the template's."""

SIZE_FACTORS = np.arange(0.99, 1.0101, 0.005)
"""How much smaller or larger than the fit says the mirrored rules may lie."""

MAX_SHIFT_SHARE = 0.15
"""How far off they may lie, as a share of the table's size: lines of equal height slide on each other."""


def looks_flipped(
    over: Reals, along: Reals, down: Axis, across: Axis, *, template: TableTemplate, rows: Reals, head: int
) -> bool:
    """Whether the table is mirrored. `over` is how surely a level rule runs at each height, `along` an upright one at
    each x, both of the reduced page; `rows` are the template's level rules, the first `head` of them above the first
    record.
    """
    columns = np.array(template.columns)
    upside_down = head > 0 and _is_reversed(over, down, rows, slice(0, head))
    return upside_down != _is_reversed(along, across, columns, slice(None))


def _is_reversed(profile: Reals, axis: Axis, places: Reals, telling: slice) -> bool:
    """Whether the telling ones among the rules at `places` are found where they lie with both ends exchanged."""
    wide = np.pad(running_maximum(profile[None], 2)[0], 1)
    here = wide[_at(axis(places), wide)]
    turned = (axis.middle - axis(places)) * SIZE_FACTORS[:, None] + axis.middle
    reach = round(MAX_SHIFT_SHARE * abs(axis.size))
    at = _at(turned[:, None] + np.arange(-reach, reach + 1)[:, None], wide)
    beyond = wide[at].reshape(-1, len(places))
    best = beyond[int(beyond.sum(axis=1).argmax())]
    more = best[telling].mean() - here[telling].mean()
    return bool(more > MIN_MORE_FOUND and best.sum() > here.sum())


def _at(places: Reals, padded: Reals) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """The places on a profile that got one more value at each end, which stand for all beyond it."""
    return np.clip(np.rint(places).astype(np.intp) + 1, 0, len(padded) - 1)
