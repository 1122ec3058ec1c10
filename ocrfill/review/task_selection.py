"""Which fields go before a person, in what order, in which batches, and before whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Literal

from ocrfill.acceptance.sampling import sampling_rank
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import Decision, Field, Record
from ocrfill.document.settlement import latest_of_each, settled_correction
from ocrfill.store import ReviewTask, StoredPage

Order = Literal["doubt", "book"]

BATCH_FIELDS = 200
"""Fields in a batch: at 4 to 6 seconds a field a quarter of an hour, after which a person should look up."""

HIGH_CONSEQUENCE_KINDS = frozenset({"name", "date", "number", "identity"})
"""Kinds of fields of high consequence: a wrong name, day of birth or number makes another person of somebody."""

FIRST_PURPOSES = (Purpose.REVIEW, Purpose.AUDIT, Purpose.PROOF)
"""Why somebody is asked about a field first."""

AskedFields = Collection[tuple[FieldPlace, Purpose]]


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """How a book is to be reviewed.

    `people` are persons or units who get batches in turn; `second` asks a second person for fields of high
    consequence; `checker` gets what two persons disagree on. `audit` is the share of accepted and of empty fields that
    are mixed in. Where fields were `drawn` to prove a promise, these are asked about and no others.
    """

    order: Order = "doubt"
    batch: int = BATCH_FIELDS
    people: tuple[str, ...] = ()
    second: bool = False
    checker: str = ""
    audit: float = 0.0
    drawn: Collection[FieldPlace] | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """Fields that stand together: those of a record that doubt each other, or a single one."""

    doubt: float
    place: int
    tasks: tuple[ReviewTask, ...]


def first_looks(pages: Iterable[StoredPage], known: AskedFields, wishes: ReviewOptions) -> list[list[ReviewTask]]:
    """Batches of all fields that nobody was asked about and that need a person, audited ones among them."""
    asked = {place for place, _ in known}
    groups: list[_Group] = []
    for page in pages:
        for record in () if page.result is None else page.result.records:
            groups.extend(_groups(page, record, asked, wishes, len(groups)))
    if wishes.order == "doubt":
        groups.sort(key=lambda group: (group.doubt, group.place))
    return _batches([group.tasks for group in groups], wishes.batch)


def _groups(
    page: StoredPage, record: Record, asked: Collection[FieldPlace], wishes: ReviewOptions, start: int
) -> Iterator[_Group]:
    """The groups of a record: its fields with issues together where there are several, every other one alone."""
    chosen: list[tuple[Field, ReviewTask, float]] = []
    for field in record.fields:
        place = FieldPlace(page.sha256, page.number, record.number, field.name)
        purpose = _purpose(field, place, wishes)
        if purpose is None or place in asked:
            continue
        # an audited field gets a doubt by lot, or its place among doubted ones would give it away
        doubt = field.probability if purpose is Purpose.REVIEW else sampling_rank("order", place)
        chosen.append((field, ReviewTask(0, place, purpose, field.raw, field.polygon), doubt))
    together = [c for c in chosen if c[0].issues and c[1].purpose is Purpose.REVIEW]
    if len(together) < 2:
        together = []
    for each in chosen:
        if each not in together:
            yield _Group(each[2], start, (each[1],))
        elif each is together[0]:
            yield _Group(min(c[2] for c in together), start, tuple(c[1] for c in together))
        start += 1


def _purpose(field: Field, place: FieldPlace, wishes: ReviewOptions) -> Purpose | None:
    if wishes.drawn is not None:
        return Purpose.PROOF if place in wishes.drawn else None
    if field.decision is Decision.REVIEW:
        return Purpose.REVIEW
    if field.decision in (Decision.ACCEPT, Decision.EMPTY) and sampling_rank("audit", place) < wishes.audit:
        return Purpose.AUDIT
    return None


def second_looks(
    corrections: Mapping[FieldPlace, Sequence[Correction]], kinds: Mapping[FieldPlace, str], known: AskedFields
) -> list[tuple[str, ReviewTask]]:
    """Fields of high consequence that one person has answered, each with who it was: another one is to look."""
    found = []
    for place, said in corrections.items():
        first = _first(said)
        if first is not None and kinds.get(place) in HIGH_CONSEQUENCE_KINDS and (place, Purpose.SECOND) not in known:
            found.append((first.who, ReviewTask(0, place, Purpose.SECOND, first.prefilled, first.outline)))
    return found


def checks(corrections: Mapping[FieldPlace, Sequence[Correction]], known: AskedFields) -> list[ReviewTask]:
    """Fields on which two persons disagree: a checker sees both answers."""
    found = []
    for place, said in corrections.items():
        words = latest_of_each(said)
        if words and settled_correction(said) is None and (place, Purpose.CHECK) not in known:
            shown = next((c.entered for c in words if c.entered), words[0].prefilled)
            found.append(ReviewTask(0, place, Purpose.CHECK, shown or "", words[0].outline))
    return found


def _first(said: Sequence[Correction]) -> Correction | None:
    words = [c for c in latest_of_each(said) if c.purpose in FIRST_PURPOSES]
    return words[-1] if words and words[-1].answer is not Answer.WRONGLY_CUT else None


def by_person(
    tasks: Iterable[tuple[str, ReviewTask]], people: Sequence[str], size: int
) -> list[tuple[str, list[ReviewTask]]]:
    """Batches for second looks, each for a person other than the one who looked first."""
    stacks: dict[str, list[ReviewTask]] = {}
    turn = cycle(people) if people else None
    for who, task in tasks:
        others = [person for person in people if person != who]
        person = "" if turn is None or not others else next(p for p in turn if p != who)
        stacks.setdefault(person, []).append(task)
    return [(person, batch) for person, stack in stacks.items() for batch in _batches([(t,) for t in stack], size)]


def in_turn(
    batches: Iterable[list[ReviewTask]], people: Sequence[str], start: int
) -> list[tuple[str, list[ReviewTask]]]:
    """Each batch with the person whose turn it is, going on after `start` earlier ones."""
    return [(people[(start + i) % len(people)] if people else "", batch) for i, batch in enumerate(batches)]


def _batches(groups: Iterable[Sequence[ReviewTask]], size: int) -> list[list[ReviewTask]]:
    """Batches of at most `size` tasks (a larger group alone goes beyond), their positions from 1; groups stay whole."""
    batches: list[list[ReviewTask]] = []
    for group in groups:
        if not batches or len(batches[-1]) + len(group) > size:
            batches.append([])
        batches[-1].extend(group)
    return [numbered(batch) for batch in batches]


def numbered(tasks: Iterable[ReviewTask]) -> list[ReviewTask]:
    """The tasks with their positions, from 1."""
    return [replace(task, position=i) for i, task in enumerate(tasks, start=1)]
