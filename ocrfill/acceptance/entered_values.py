"""What persons entered in a book's fields, by place in the book: it teaches the second reading of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ocrfill.acceptance.second_reading import FieldKey
from ocrfill.document.correction import ANSWERS_WITH_VALUE, FieldPlace
from ocrfill.document.settlement import corrections_by_field, settled_correction
from ocrfill.store import Store, StoredPage


def entered_values(store: Store, key: str, pages: Sequence[StoredPage]) -> Mapping[FieldKey, str]:
    """The settled values of fields of these pages, which are those of the book of that key that have results.

    Damaged answers teach nothing.
    """
    damaged: set[tuple[str, int]] = set()
    said = corrections_by_field(store.corrections(key, damaged))
    settled = {place: settled_correction(corrections) for place, corrections in said.items()}
    found: dict[FieldKey, str] = {}
    for at, page in enumerate(pages):
        for number, record in enumerate(page.result.records if page.result is not None else ()):
            for field in record.fields:
                correction = settled.get(FieldPlace(page.sha256, page.number, record.number, field.name))
                if correction is not None and correction.answer in ANSWERS_WITH_VALUE and correction.entered:
                    found[at, number, field.name] = correction.entered
    return found
