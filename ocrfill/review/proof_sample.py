"""Which fields are drawn by lot to prove what is promised: so many of each group, over all books."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from ocrfill.acceptance import GROUP_OF_KIND, SAMPLE_SHARE_OF_GROUP, Group
from ocrfill.acceptance.book_features import holds_value
from ocrfill.acceptance.sampling import sampling_rank
from ocrfill.document.correction import FieldPlace, Purpose
from ocrfill.store import StoredPage


def draw_proof_sample(pages: Iterable[StoredPage], wanted: int) -> frozenset[FieldPlace]:
    """About `wanted` of all filled fields: of each group, as many as it is dealt, those with the least lots.

    A greater number holds all that a smaller one does.
    """
    least: dict[Group, list[tuple[float, FieldPlace]]] = {group: [] for group in Group}
    for group, place in _filled(pages):
        heap, most = least[group], round(SAMPLE_SHARE_OF_GROUP[group] * wanted)
        one = (-sampling_rank(Purpose.PROOF, place), place)
        if len(heap) < most:
            heapq.heappush(heap, one)
        elif heap and one > heap[0]:
            heapq.heapreplace(heap, one)
    return frozenset(place for heap in least.values() for _, place in heap)


def _filled(pages: Iterable[StoredPage]) -> Iterator[tuple[Group, FieldPlace]]:
    """The fields that hold a value, and of which group each is."""
    for page in pages:
        for record in () if page.result is None else page.result.records:
            for field in record.fields:
                group = GROUP_OF_KIND.get(field.kind)
                if group is not None and holds_value(field):
                    yield group, FieldPlace(page.sha256, page.number, record.number, field.name)
