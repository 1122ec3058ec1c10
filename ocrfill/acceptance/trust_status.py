"""What stands behind the accepted values of a workspace: promises, shares, and what the audit found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ocrfill.acceptance import GROUPS, Audit, Group, GroupTrust, Trust
from ocrfill.acceptance.binomial import interval
from ocrfill.acceptance.book_features import holds_value
from ocrfill.acceptance.decide_books import Audited, audit_of, audit_target, audited_values, cuts_in_force
from ocrfill.document.correction import VALUED, Purpose
from ocrfill.document.result import Decision
from ocrfill.store import Store


@dataclass(frozen=True, slots=True)
class Measured:
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
class GroupStatus:
    """A group of fields over the campaign. `above` is the cut in force, None where nothing is accepted."""

    group: Group
    trusted: GroupTrust
    above: float | None
    measured: Measured


@dataclass(frozen=True, slots=True)
class BookStatus:
    """A book over all its fields; `target` is the share that may be wrong."""

    book: str
    target: float
    measured: Measured


@dataclass(frozen=True, slots=True)
class Status:
    """A workspace's trust. Of fields called empty: how many audits looked at, and how many of them were not empty."""

    groups: tuple[GroupStatus, ...]
    books: tuple[BookStatus, ...]
    empty_audited: int
    empty_wrong: int


def trust_status(store: Store, trust: Trust) -> Status:
    """The status of all books as they are stored."""
    audited = audited_values(store)
    filled, accepted = _counted(store)
    groups = tuple(
        GroupStatus(
            group,
            trusted,
            cuts_in_force(trust, audited, "").get(group),
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
        BookStatus(
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
    return Status(groups, books, len(seen), sum(seen))


def _counted(store: Store) -> tuple[Counter[tuple[str, Group]], Counter[tuple[str, Group]]]:
    """Values by book and group, and the accepted ones among them."""
    filled: Counter[tuple[str, Group]] = Counter()
    accepted: Counter[tuple[str, Group]] = Counter()
    for book in store.books():
        for page in store.pages(book.key):
            for record in page.result.records if page.result else ():
                for field in record.fields:
                    group = GROUPS.get(field.kind)
                    if group is not None and holds_value(field):
                        filled[book.key, group] += 1
                        accepted[book.key, group] += field.decision is Decision.ACCEPT
    return filled, accepted


def _measured(values: int, accepted: int, audited: list[Audited], target: float) -> Measured:
    found = audit_of(audited, target)
    return Measured(values, accepted, found, interval(found.wrong, found.values))


def _audited_empties(store: Store) -> Iterator[bool]:
    """For each audited field that is called empty whether something is written there."""
    for corrected in store.corrected_fields():
        settled = corrected.settled
        asked = any(c.purpose is Purpose.AUDIT for c in corrected.corrections)
        if asked and settled is not None and corrected.field.decision is Decision.EMPTY:
            yield bool(settled.entered) if settled.answer in VALUED else True
