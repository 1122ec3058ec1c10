"""Where each value of a book comes from: scan, place, reader, model, why it was accepted, and who reviewed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from ocrfill.acceptance import GROUP_OF_KIND, Group, Trust
from ocrfill.acceptance.apply_corrections import PERSON_READER, CorrectedBook, corrected_book
from ocrfill.acceptance.decide_books import audited_values, thresholds_in_force
from ocrfill.acceptance.policy_file import TRUST_FILE_NAME
from ocrfill.acceptance.trust_evidence import proven_trust
from ocrfill.document.correction import Correction, FieldPlace
from ocrfill.document.geometry import Polygon
from ocrfill.document.result import Decision, Field, PageResult
from ocrfill.document.settlement import corrections_by_field, settled_correction
from ocrfill.errors import BadInput
from ocrfill.export.entries import entries
from ocrfill.store import Store, StoredPage


@dataclass(frozen=True, slots=True)
class AcceptanceReason:
    """Under which promise a value was accepted without a person: the group's, in the file trust.json of that hash.

    `above` is the probability above which the group's values are accepted now, None where an audit ended that.
    """

    group: str
    promise: str
    target: float
    confidence: float
    together: bool
    above: float | None
    trust_sha256: str


@dataclass(frozen=True, slots=True)
class ReviewOrigin:
    """Whose answer a value is, or was confirmed by; `source`, `task` and `annotation` are its place on the server."""

    answer: str
    who: str
    when: str
    purpose: str
    source: str
    task: int
    annotation: int


@dataclass(frozen=True, slots=True)
class ValueOrigin:
    """A value as it is exported, and all that it comes from.

    `row` counts the book's records in the exports from 1, None for an entry that is left out there; `columns` are the
    columns of the sheets that it fills. `polygon` is in pixels of the scan. `models` are all readers of the page with
    their versions and the first figures of the model's hash. `acceptance` is None unless the machine accepted it,
    `review` unless a person said what counts.
    """

    book: str
    row: int | None
    scan: str
    sha256: str
    page: int
    record: int
    field: str
    columns: tuple[str, ...]
    raw: str
    normalised: str | None
    decision: str
    probability: float
    issues: tuple[str, ...]
    polygon: Polygon
    layout: str
    layout_version: int
    reader: str | None
    models: tuple[str, ...]
    acceptance: AcceptanceReason | None = None
    review: ReviewOrigin | None = None


@dataclass(frozen=True, slots=True)
class _Policy:
    """The trust in force for a book, and the hash of the file that holds it."""

    trust: Trust | None
    file_sha256: str
    above: Mapping[Group, float | None]

    def reason(self, field: Field) -> AcceptanceReason | None:
        group = GROUP_OF_KIND.get(field.kind)
        if field.decision is not Decision.ACCEPT or field.reader == PERSON_READER:
            return None
        if self.trust is None or group is None or group not in self.trust.groups:
            return None
        promised = self.trust.groups[group].promised
        return AcceptanceReason(
            group.value,
            promised.promise.value,
            promised.target,
            promised.confidence,
            promised.together,
            self.above.get(group),
            self.file_sha256,
        )


def origins_of(workspace: Path, store: Store, key: str) -> Iterator[ValueOrigin]:
    """Every field of a book with where it comes from, in the order of the book. Raises BadInput, StoreError."""
    known = corrected_book(store, key)
    rows = {
        (entry.stored.sha256, entry.stored.number, entry.record.number): entry.order
        for entry in entries(known.book, known.layout, known.pages)
    }
    policy = _policy(workspace, store, key)
    said = corrections_by_field(store.corrections(key))
    for page in known.pages:
        for record in page.result.records if page.result is not None else ():
            for field in record.fields:
                place = FieldPlace(page.sha256, page.number, record.number, field.name)
                settled = settled_correction(said.get(place, ())) if field.reader == PERSON_READER else None
                row = rows.get((page.sha256, page.number, record.number))
                origin = _origin(known, page, record.number, field, row)
                yield replace(
                    origin, acceptance=policy.reason(field), review=None if settled is None else _review(settled)
                )


def _policy(workspace: Path, store: Store, key: str) -> _Policy:
    trust = proven_trust(workspace, store)
    if trust is None:
        return _Policy(None, "", {})
    try:
        written = sha256((workspace / TRUST_FILE_NAME).read_bytes()).hexdigest()
    except OSError as error:
        raise BadInput(f"cannot read {workspace / TRUST_FILE_NAME}: {error.strerror}") from error
    return _Policy(trust, written, thresholds_in_force(trust, audited_values(store), key))


def _review(settled: Correction) -> ReviewOrigin:
    return ReviewOrigin(
        settled.answer.value,
        settled.who,
        settled.when.isoformat(timespec="seconds"),
        settled.purpose.value,
        settled.source,
        settled.task,
        settled.annotation,
    )


def _origin(known: CorrectedBook, page: StoredPage, record: int, field: Field, row: int | None) -> ValueOrigin:
    spec, result = known.layout.fields.get(field.name), page.result
    assert isinstance(result, PageResult)
    return ValueOrigin(
        book=known.book.key,
        row=row,
        scan=result.source,
        sha256=page.sha256,
        page=page.number,
        record=record,
        field=field.name,
        columns=tuple(spec.columns) if spec is not None else (),
        raw=field.raw,
        normalised=field.normalised,
        decision=field.decision.value,
        probability=field.probability,
        issues=tuple(issue.code for issue in field.issues),
        polygon=field.polygon,
        layout=result.layout,
        layout_version=result.layout_version,
        reader=field.reader,
        models=result.models,
    )
