"""Fields of which somebody knows the truth: reviewed by persons in a workspace, or drawn with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrfill.acceptance import GROUP_OF_KIND, Features, Group
from ocrfill.acceptance.book_features import FieldWithFeatures
from ocrfill.acceptance.decide_book import book_with_features
from ocrfill.acceptance.decide_books import answered_right
from ocrfill.acceptance.entered_values import entered_values
from ocrfill.civil_status.book import Book
from ocrfill.document.correction import Correction, FieldPlace, Purpose
from ocrfill.document.result import PageResult, Value
from ocrfill.evaluation import matched_results, read_truth
from ocrfill.evaluation.ground_truth import FieldTruth
from ocrfill.layouts import load_layout
from ocrfill.layouts.fields.equality import is_right
from ocrfill.store import Store


@dataclass(frozen=True, slots=True)
class LabelledField:
    """A field that was read, and whether rightly. `random` says that chance alone chose it among all such fields,
    `dealt` that this was a lot which falls more often on some groups than on others.

    `place` is its scan (any name that is always the same), page, record and field; `models` read it. `score` is the
    reader's own, what there is before calibration.
    """

    place: FieldPlace
    book: str
    models: tuple[str, ...]
    kind: str
    sort: str
    signs: Features
    score: float
    right: bool
    random: bool = True
    dealt: bool = False

    @property
    def group(self) -> Group:
        """The group that its kind of field belongs to."""
        return GROUP_OF_KIND[self.kind]


def reviewed_samples(store: Store) -> tuple[LabelledField, ...]:
    """All fields of a workspace that persons have settled and that hold a value.

    A field was chosen by chance alone where its page was reviewed as a whole, where it was drawn to prove a promise, or
    where it was audited. Of other pages only what was doubted was seen: from that can be learnt, but nothing can be
    promised.
    """
    return tuple(sample for book in store.books() for sample in _reviewed(store, book.key))


def _reviewed(store: Store, key: str) -> Iterator[LabelledField]:
    said: dict[FieldPlace, tuple[Correction, frozenset[Purpose]]] = {}
    for seen in store.corrected_fields([key]):
        settled = seen.settled
        if settled is not None:
            why = frozenset(c.purpose for c in seen.corrections)
            said[FieldPlace(seen.sha256, seen.page, seen.record, seen.field.name)] = settled, why
    known = store.book(key)
    if known is None or not said:
        return
    book, layout = known[0], load_layout(known[0].layout)
    pages = [page for page in store.pages(key) if page.result is not None]
    results = [page.result for page in pages if page.result is not None]
    entered = entered_values(store, key, pages)
    for page, (result, weighed) in zip(pages, book_with_features(results, layout, book.years, entered), strict=True):
        places = {id(one): FieldPlace(page.sha256, page.number, one.record, one.field.name) for one in weighed}
        whole = all(place in said for place in places.values())
        for one in weighed:
            place = places[id(one)]
            if place in said and one.field.kind in GROUP_OF_KIND:
                correction, why = said[place]
                right = answered_right(one.field, correction, layout)
                dealt = Purpose.PROOF in why and not whole
                random = whole or dealt or Purpose.AUDIT in why
                yield _sample(place, key, result, one, right=right, random=random, dealt=dealt)


def true_samples(truth: Path, results: Sequence[PageResult]) -> tuple[LabelledField, ...]:
    """All fields read on drawn pages whose truth lies in a folder. Raises BadInput where there is none.

    Pages of one folder are taken as one book, in the order of their files.
    """
    true = read_truth(truth)
    books: dict[tuple[Path, str], list[tuple[PageResult, Mapping[tuple[int, str], FieldTruth]]]] = {}
    for index, result in sorted(matched_results(true, results)):
        page = true[index]
        if result.failure is None:
            fields = {(r.number, f.name): f for r in page.truth.records for f in r.fields if not f.unread}
            books.setdefault((page.path.parent, page.truth.book), []).append((result, fields))
    return tuple(
        sample for (folder, key), pages in books.items() for sample in _true_book(f"{folder.name}/{key}", key, pages)
    )


def _true_book(
    name: str, key: str, pages: Sequence[tuple[PageResult, Mapping[tuple[int, str], FieldTruth]]]
) -> Iterator[LabelledField]:
    layout = load_layout(pages[0][0].layout)
    years = Book.parse(key, layout.name).years
    for (result, weighed), (_, fields) in zip(
        book_with_features([result for result, _ in pages], layout, years), pages, strict=True
    ):
        for one in weighed:
            true = fields.get((one.record, one.field.name))
            if true is None or one.field.kind not in GROUP_OF_KIND:
                continue
            read = Value(one.field.raw, one.field.normalised)
            right = bool(true.text) and is_right(true.kind, read, Value(true.text, true.normalised))
            place = FieldPlace(result.source, result.page, one.record, one.field.name)
            yield _sample(place, name, result, one, right=right)


def _sample(
    place: FieldPlace,
    book: str,
    result: PageResult,
    one: FieldWithFeatures,
    *,
    right: bool,
    random: bool = True,
    dealt: bool = False,
) -> LabelledField:
    field = one.field
    return LabelledField(
        place, book, result.models, field.kind, one.sort, one.signs, field.probability, right, random, dealt
    )
