"""Books judged as wholes when their pages are read: what sequence, rules, trust and audit make of every value."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocrfill.acceptance import GROUP_OF_KIND, Audit, AuditState, Group, RiskGuarantee, Thresholds, Trust, audit
from ocrfill.acceptance.audit import tightened_threshold
from ocrfill.acceptance.book_layouts import layouts_of
from ocrfill.acceptance.decide_book import decide_book_pages
from ocrfill.acceptance.entered_values import entered_values
from ocrfill.document.correction import ANSWERS_WITH_VALUE, Answer, Correction, Purpose
from ocrfill.document.result import Decision, Field, PageResult, Reading, Value
from ocrfill.errors import BadInput
from ocrfill.layouts.fields.equality import is_right
from ocrfill.layouts.model import Layout
from ocrfill.store import Store

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AuditedValue:
    """An accepted value that a person saw all the same: its book, group, probability, and whether it was right."""

    book: str
    group: Group
    probability: float
    right: bool


def decide_stored_books(
    store: Store, trust: Trust | None, keys: Collection[str] | None = None, step: Callable[[], None] = lambda: None
) -> Iterator[PageResult]:
    """Judge these books (None: all), store what changed, page by page, and give every page as it is judged.

    `step` is called once a book. What is stored depends on readings, trust and corrections alone, not on how often or
    in how many sittings books are judged. A book whose layout changed since it was read stays as it is, with a warning.
    """
    audited = audited_values(store) if trust is not None else ()
    for book in store.books():
        if keys is not None and book.key not in keys:
            continue
        try:
            layout = layouts_of(store, [book.key])[book.layout]
        except BadInput as error:
            LOG.warning("not judged: %s", error)
            continue
        pages = [page for page in store.pages(book.key) if page.result is not None]
        results = [page.result for page in pages if page.result is not None]
        entered = entered_values(store, book.key, pages)
        cuts = thresholds_in_force(trust, audited, book.key) if trust is not None else None
        judged = decide_book_pages(results, layout, book.years, trust, cuts, entered=entered)
        for before, after in zip(results, judged, strict=True):
            if before != after:
                store.revise(after)
            yield after
        step()


def audited_values(store: Store) -> tuple[AuditedValue, ...]:
    """What audits found, in the order they were answered; of fields called empty nothing, no promise is about them."""
    found: list[tuple[Correction, AuditedValue]] = []
    layouts: dict[str, Layout] = {}
    for corrected in store.corrected_fields():
        words = [c for c in corrected.corrections if c.purpose is Purpose.AUDIT]
        settled = corrected.settled
        group = GROUP_OF_KIND.get(corrected.field.kind)
        if not words or settled is None or group is None or corrected.field.decision is Decision.EMPTY:
            continue
        layout = layouts.get(corrected.book) or _layout(store, corrected.book)
        layouts[corrected.book] = layout
        right = answered_right(corrected.field, settled, layout)
        found.append((words[-1], AuditedValue(corrected.book, group, corrected.field.probability, right)))
    found.sort(key=lambda one: (one[0].when, one[0].source, one[0].annotation))
    return tuple(one for _, one in found)


def answered_right(field: Field, correction: Correction, layout: Layout) -> bool:
    """Whether a field's value is what the person typed; a value where a person can read none is wrong."""
    if correction.answer not in ANSWERS_WITH_VALUE:
        return False
    entered = correction.entered or ""
    if correction.answer is Answer.CONFIRMED and correction.prefilled == field.raw:
        return True
    spec = layout.fields.get(field.name)
    if spec is None or field.kind == "tick":
        return entered in (field.raw, field.normalised)
    true = spec.type.parse((Reading(entered, 1.0, correction.who),))
    return is_right(field.kind, Value(field.raw, field.normalised), true)


def thresholds_in_force(trust: Trust, audited: Iterable[AuditedValue], book: str) -> Thresholds:
    """The promises' cuts, tightened for a group whose audit over the campaign raised the alarm, and in a book whose
    audit over all its fields did.
    """
    values = tuple(audited)
    cuts: dict[Group, float | None] = dict(trust.cuts)
    for group, trusted in trust.groups.items():
        own = [one for one in values if one.group is group or trusted.promised.together]
        cuts[group] = _after_audit(cuts[group], own, audit_target(trusted.promised.promise, trust, group))
    in_book = [one for one in values if one.book == book]
    targets = [audit_target(trusted.promised.promise, trust, group) for group, trusted in trust.groups.items()]
    if targets:
        cuts = {group: _after_audit(above, in_book, max(targets)) for group, above in cuts.items()}
    return cuts


def audit_target(promise: RiskGuarantee, trust: Trust, group: Group) -> float:
    """The share of wrong values among the accepted ones that the promise allows.

    That of wrong accepted values among all is as much larger as fewer values are accepted.
    """
    promised = trust.groups[group].promised
    if promise is RiskGuarantee.OF_ACCEPTED or promised.cut is None or not promised.cut.accepted:
        return promised.target
    return min(promised.target * promised.reviewed / promised.cut.accepted, 0.5)


def audit_of(values: Sequence[AuditedValue], target: float) -> Audit:
    """The audit's state after these values, in the order they were answered."""
    return audit([not one.right for one in values], target)


def _after_audit(above: float | None, values: Sequence[AuditedValue], target: float) -> float | None:
    if above is None or audit_of(values, target).state is not AuditState.ALARM:
        return above
    return tightened_threshold(above, [one.probability for one in values], [one.right for one in values], target)


def _layout(store: Store, key: str) -> Layout:
    (layout,) = layouts_of(store, [key]).values()
    return layout
