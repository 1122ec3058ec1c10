"""Truth against results, field by field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from ocrfill.civil_status.orthography import tidy
from ocrfill.document.result import Decision, Field, PageResult
from ocrfill.errors import BadInput
from ocrfill.evaluation.ground_truth import FieldTruth
from ocrfill.evaluation.text_distance import edit_distance
from ocrfill.evaluation.truth_files import TruePage


@dataclass(slots=True)
class Score:
    """Counts over fields; `filled` those the truth has a text for. Texts are compared in NFC with spaces folded."""

    filled: int = 0
    exact: int = 0
    characters: int = 0
    character_edits: int = 0
    words: int = 0
    word_edits: int = 0
    coded: int = 0
    """Filled fields that have a coded form (date, number, choice …), and how many of these are right."""
    coded_exact: int = 0
    called_empty: int = 0
    """Filled fields that the results call empty."""
    blank: int = 0
    """Fields left empty, and how many of these the results do not call empty."""
    called_filled: int = 0

    def add(self, true: FieldTruth, read: Field | None) -> None:
        """Count one field; one that the result lacks counts as an empty answer that is not called empty."""
        text, answer = tidy(true.text), tidy(read.raw if read else "")
        empty = read is not None and read.decision is Decision.EMPTY
        if not text:
            self.blank += 1
            self.called_filled += not empty
            return
        self.filled += 1
        self.exact += text == answer
        self.characters += len(text)
        self.character_edits += edit_distance(text, answer)
        self.words += len(text.split())
        self.word_edits += edit_distance(text.split(), answer.split())
        self.called_empty += empty
        if true.normalised is not None:
            self.coded += 1
            self.coded_exact += read is not None and read.normalised == true.normalised

    def document(self) -> dict[str, int | float | None]:
        """The counts and their shares, as docs/development/evaluation.md says; a share of nothing is None."""
        return {
            "filled": self.filled,
            "exact": _share(self.exact, self.filled),
            "cer": _share(self.character_edits, self.characters),
            "wer": _share(self.word_edits, self.words),
            "characters": self.characters,
            "words": self.words,
            "coded": self.coded,
            "coded_exact": _share(self.coded_exact, self.coded),
            "called_empty": self.called_empty,
            "blank": self.blank,
            "called_filled": self.called_filled,
        }


@dataclass(frozen=True, slots=True)
class EvaluationFigures:
    """What came of comparing: pages by what became of them, and scores in all and by kind and name of field.

    Only fields of pages that were read are scored. `unmatched` counts results that no truth belongs to.
    """

    read: int
    failed: int
    missing: int
    unmatched: int
    total: Score
    kinds: Mapping[str, Score]
    fields: Mapping[str, Score]

    def document(self) -> dict[str, object]:
        """JSON data; documented in docs/development/evaluation.md."""
        return {
            "format": 1,
            "pages": {
                "truth": self.read + self.failed + self.missing,
                "read": self.read,
                "failed": self.failed,
                "missing": self.missing,
                "unmatched": self.unmatched,
            },
            "all": self.total.document(),
            "kinds": {kind: score.document() for kind, score in sorted(self.kinds.items())},
            "fields": {name: score.document() for name, score in self.fields.items()},
        }


@dataclass(slots=True)
class _Tally:
    """Scores while they are counted."""

    total: Score = field(default_factory=Score)
    kinds: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    fields: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))

    def add(self, true: FieldTruth, read: Field | None) -> None:
        for score in (self.total, self.kinds[true.kind], self.fields[true.name]):
            score.add(true, read)


def compare_pages(truth: Sequence[TruePage], results: Sequence[PageResult]) -> EvaluationFigures:
    """Figures of results against truth. Fields that no reader is meant to read do not count.

    A result belongs to the truth whose image it names: by file name, and where several have that name by as many
    folders before it as it takes. Raises BadInput where that does not settle it.
    """
    matched = dict(matched_results(truth, results))
    tally = _Tally()
    read = failed = 0
    for index, page in enumerate(truth):
        result = matched.get(index)
        if result is None:
            continue
        if result.failure is not None:
            failed += 1
            continue
        read += 1
        for true_field, read_field in _field_pairs(page, result):
            tally.add(true_field, read_field)
    return EvaluationFigures(
        read=read,
        failed=failed,
        missing=len(truth) - read - failed,
        unmatched=len(results) - len(matched),
        total=tally.total,
        kinds=dict(tally.kinds),
        fields=dict(tally.fields),
    )


def _field_pairs(page: TruePage, result: PageResult) -> Iterator[tuple[FieldTruth, Field | None]]:
    records = {record.number: record for record in result.records}
    for true_record in page.truth.records:
        record = records.get(true_record.number)
        for true_field in true_record.fields:
            if not true_field.unread:
                yield true_field, record.field(true_field.name) if record else None


def matched_results(truth: Sequence[TruePage], results: Sequence[PageResult]) -> Iterator[tuple[int, PageResult]]:
    """Each true page's place in `truth` with its result; pages without one are left out. Raises BadInput.

    Drawn pages are files of one page, so a result of a second page or of a whole file belongs to none but by failure.
    """
    images: dict[str, list[int]] = defaultdict(list)
    for index, page in enumerate(truth):
        images[page.path.name].append(index)
    taken: dict[int, tuple[int, PageResult]] = {}
    for result in results:
        source = PurePath(result.source)
        shared = [(_shared_tail(source, truth[i].path), i) for i in images[source.name]] if result.page <= 1 else []
        if not shared:
            continue
        depth, index = max(shared)
        if sum(d == depth for d, _ in shared) > 1:
            raise BadInput(
                f"{result.source} may be {truth[index].path} or another page of that name: "
                "evaluate one book at a time, or read the pages by paths that name the book's folder"
            )
        if index not in taken or depth > taken[index][0]:
            taken[index] = depth, result
        elif depth == taken[index][0]:
            raise BadInput(f"two results for {truth[index].path}: evaluate the results of one run at a time")
    yield from ((index, result) for index, (_, result) in taken.items())


def _shared_tail(one: PurePath, other: PurePath) -> int:
    """How many of the last parts of two paths are the same."""
    count = 0
    for a, b in zip(reversed(one.parts), reversed(other.parts), strict=False):
        if a != b:
            break
        count += 1
    return count


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
