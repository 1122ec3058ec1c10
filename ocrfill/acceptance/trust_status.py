"""What stands behind the accepted values of a workspace: promises, shares, and what the audit found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ocrfill.acceptance import GROUP_OF_KIND, Audit, Group, GroupTrust, Trust
from ocrfill.acceptance.binomial import clopper_pearson_interval
from ocrfill.acceptance.book_features import holds_value
from ocrfill.acceptance.decide_books import AuditedValue, audit_of, audit_target, audited_values, thresholds_in_force
from ocrfill.document.correction import ANSWERS_WITH_VALUE, Purpose
from ocrfill.document.result import Decision
from ocrfill.store import Store


@dataclass(frozen=True, slots=True)
class AcceptanceFigures:
    """Values of a group or a book: how many there are, how many are accepted, and what the audit says of these.

    `error` is the exact interval (95 %) of the share of accepted values that are wrong.
    """

    values: int
    accepted: int
    audit: Audit
    error: tuple[float, float]

    @property
    def share(self) -> float:
        """The accepted ones among all values, 0 to 1."""
        return self.accepted / self.values if self.values else 0.0


@dataclass(frozen=True, slots=True)
class GroupTrustStatus:
    """A group of fields over the campaign. `above` is the cut in force, None where nothing is accepted."""

    group: Group
    trusted: GroupTrust
    above: float | None
    measured: AcceptanceFigures


@dataclass(frozen=True, slots=True)
class BookTrustStatus:
    """A book over all its fields; `target` is the share that may be wrong."""

    book: str
    target: float
    measured: AcceptanceFigures


@dataclass(frozen=True, slots=True)
class TrustStatus:
    """A workspace's trust. Of fields called empty: how many audits looked at, and how many of them were not empty."""

    groups: tuple[GroupTrustStatus, ...]
    books: tuple[BookTrustStatus, ...]
    empty_audited: int
    empty_wrong: int


def trust_status(store: Store, trust: Trust) -> TrustStatus:
    """The status of all books as they are stored."""
    audited = audited_values(store)
    filled, accepted = _counted(store)
    groups = tuple(
        GroupTrustStatus(
            group,
            trusted,
            thresholds_in_force(trust, audited, "").get(group),
            _measured(
                sum(n for (_, g), n in filled.items() if g is group),
                sum(n for (_, g), n in accepted.items() if g is group),
                [one for one in audited if one.group is group or trusted.promised.together],
                audit_target(trusted.promised.promise, trust, group),
            ),
        )
        for group, trusted in trust.groups.items()
    )
    target = max((audit_target(t.promised.promise, trust, g) for g, t in trust.groups.items()), default=0.01)
    books = tuple(
        BookTrustStatus(
            book.key,
            target,
            _measured(
                sum(n for (key, _), n in filled.items() if key == book.key),
                sum(n for (key, _), n in accepted.items() if key == book.key),
                [one for one in audited if one.book == book.key],
                target,
            ),
        )
        for book in store.books()
    )
    seen = list(_audited_empties(store))
    return TrustStatus(groups, books, len(seen), sum(seen))


def _counted(store: Store) -> tuple[Counter[tuple[str, Group]], Counter[tuple[str, Group]]]:
    """Values by book and group, and the accepted ones among them."""
    filled: Counter[tuple[str, Group]] = Counter()
    accepted: Counter[tuple[str, Group]] = Counter()
    for book in store.books():
        for page in store.pages(book.key):
            for record in page.result.records if page.result else ():
                for field in record.fields:
                    group = GROUP_OF_KIND.get(field.kind)
                    if group is not None and holds_value(field):
                        filled[book.key, group] += 1
                        accepted[book.key, group] += field.decision is Decision.ACCEPT
    return filled, accepted


def _measured(values: int, accepted: int, audited: list[AuditedValue], target: float) -> AcceptanceFigures:
    found = audit_of(audited, target)
    return AcceptanceFigures(values, accepted, found, clopper_pearson_interval(found.wrong, found.values))


def _audited_empties(store: Store) -> Iterator[bool]:
    """For each audited field that is called empty whether something is written there."""
    for corrected in store.corrected_fields():
        settled = corrected.settled
        asked = any(c.purpose is Purpose.AUDIT for c in corrected.corrections)
        if asked and settled is not None and corrected.field.decision is Decision.EMPTY:
            yield bool(settled.entered) if settled.answer in ANSWERS_WITH_VALUE else True
