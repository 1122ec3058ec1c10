"""The draft of a table: its columns' heads name the fields, words printed in every record part it among persons."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from ocrfill.authoring.draft.column_heads import HeadCell, find_heads, read_heads, top_rule
from ocrfill.authoring.draft.common_print import CommonPrint
from ocrfill.authoring.draft.field_guessing import DraftField, FieldMaker
from ocrfill.authoring.draft.form_draft import blackness
from ocrfill.authoring.draft.label_vocabulary import bare_label, kind_of, mended_label, person_of
from ocrfill.authoring.draft.printed_words import Run, find_runs, read_runs
from ocrfill.authoring.draft.table_skeleton import TableDraft
from ocrfill.layouts.model import Kind
from ocrfill.pipeline.recognition import Reader

MIN_NUMBERED_SHARE = 0.6
"""In a row of column numbers at least this share of the cells hold their column's number."""

MIN_REPEATED_SHARE = 0.6
"""Words printed in every record stand in at least this share of the records."""

MIN_LABEL_SCORE = 0.8
"""Words in the body read less surely are ghosts of writing."""

SIGNATURE_LINES_SHARE = 0.6
"""Where a head asks for a name and a signature, the signature has this share of a record's lines, from above."""

MIN_OPENING_WIDTH_FACTOR = 1.2
"""A page so many times wider than high is an opening of two pages."""

FOLD_RANGE_SHARES = (0.45, 0.55)
"""The fold of an opening lies in this part of its width."""


@dataclass(frozen=True, slots=True)
class RowWords:
    """Words printed in every record: column and line, both from 1."""

    text: str
    column: int
    line: int


@dataclass(frozen=True, slots=True)
class Column:
    """A field's place in each record: its column, first and last line, all from 1."""

    name: str
    column: int
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class TableForm:
    """A drafted table; places as fractions of the page."""

    kind: Kind
    sure: float
    table: TableDraft
    gutter: float | None
    top: float
    number_row: tuple[float, float] | None
    lines_per_record: int
    heads: tuple[HeadCell, ...]
    row_words: tuple[RowWords, ...]
    cells: tuple[Column, ...]
    fields: tuple[DraftField, ...]
    texts: tuple[str, ...]
    doubts: tuple[str, ...] = field(default=())


def draft_table_form(
    common: CommonPrint, table: TableDraft, reader: Callable[[], Reader], kind: Kind | None
) -> TableForm:
    """The fields of a ruled table told by its print."""
    grey, dpi = common.grey, common.dpi
    height, width = grey.shape
    black = blackness(grey)
    columns = [float(x) * width for x in table.columns]
    heads: list[HeadCell] = []
    number_row = None
    body = float(table.levels[0]) * height
    upper = top_rule(grey, black, dpi, columns, body if table.head_top is None else table.head_top * height)
    if upper < body:
        table = replace(table, head_top=upper / height)
        between = (upper, body)
        found = find_heads(grey, black, dpi, columns, between)
        heads = read_heads(found, common, black, columns, reader)
        number_row, heads = _without_numbers(heads, len(columns) - 1, height)
        heads = _over_the_fold(heads)
    words = _printed_words(common, table, columns, black, reader)
    period, row_words = _records(words, len(table.levels) - 1)
    told, sure = kind_of([head.text for head in heads] + [word.text for word in row_words])
    maker = FieldMaker(kind or told or "KS")
    fold = table.gutter
    if fold is None and width > MIN_OPENING_WIDTH_FACTOR * height:
        middle = [x for x in table.columns.tolist() if FOLD_RANGE_SHARES[0] < x < FOLD_RANGE_SHARES[1]]
        fold = min(middle, key=lambda x: abs(x - 0.5), default=None)
    cells = _columns(table, heads, row_words, period, maker)
    return TableForm(
        maker.kind, 1.0 if kind else sure, table, fold, float(table.levels[0]), number_row, period, tuple(heads),
        tuple(row_words), tuple(cells), tuple(maker.fields.values()), tuple(head.text for head in heads),
    )  # fmt: skip


def _without_numbers(
    heads: Sequence[HeadCell], columns: int, height: float
) -> tuple[tuple[float, float] | None, list[HeadCell]]:
    """The row of column numbers, if the lowest row of the head is one, and the heads without it."""
    lowest = max(head.bottom for head in heads)
    last = [head for head in heads if abs(head.bottom - lowest) < 1e-6 and head.first == head.last]
    digits = [head for head in last if re.fullmatch(r"\W*\d{1,2}\W*", head.text) or len(bare_label(head.text)) <= 2]
    right = [head for head in last if re.sub(r"\D", "", head.text) == str(head.first + 1)]
    top = float(np.median([head.top for head in last])) if last else lowest
    low = lowest - top < 0.5 * (lowest - min(head.top for head in heads))
    if len(last) < 0.8 * columns or len(digits) < MIN_NUMBERED_SHARE * len(last) or not (right or digits) or not low:
        return None, list(heads)
    kept = [head for head in heads if head.bottom <= top + 0.25 * (lowest - top)]
    return (top / height, lowest / height), kept


def _over_the_fold(heads: Sequence[HeadCell]) -> list[HeadCell]:
    """The heads; one that goes on, without words, beyond the fold of an opening as one."""
    kept: list[HeadCell] = []
    for head in sorted(heads, key=lambda head: (head.first, head.top)):
        before = next(
            (
                other
                for other in kept
                if other.last == head.first - 1
                and abs(other.top - head.top) < 0.3 * (head.bottom - head.top)
                and abs(other.bottom - head.bottom) < 0.3 * (head.bottom - head.top)
            ),
            None,
        )
        spans = head.last > head.first
        if not head.text.strip() and spans and before is not None and before.last > before.first and before.text:
            kept[kept.index(before)] = replace(before, last=head.last)
        elif head.text.strip() or not spans:
            kept.append(head)
    return kept


def _printed_words(
    common: CommonPrint, table: TableDraft, columns: Sequence[float], black: float, reader: Callable[[], Reader]
) -> list[tuple[str, int, int]]:
    """Words surely printed in the body: text, column and row of lines, both from 0."""
    grey, height = common.grey, common.grey.shape[0]
    mm = common.dpi / 25.4
    levels = [float(y) * height for y in table.levels]
    found: list[tuple[Run, int, int]] = []
    for column in range(len(columns) - 1):
        left, right = round(columns[column] + 0.6 * mm), round(columns[column + 1] - 0.6 * mm)
        if right - left < 5 * mm:
            continue
        for row, (top, bottom) in enumerate(pairwise(levels)):
            patch = np.ascontiguousarray(grey[round(top + 0.5 * mm) : round(bottom - 0.5 * mm), left:right])
            runs = find_runs(patch, black, common.dpi, (), ())
            found += [(run, column, row) for run in runs if not run.dash and run.box.left < 3 * mm]
    words = []
    for run, column, row in found:
        left, top = round(columns[column] + 0.6 * mm), round(levels[row] + 0.5 * mm)
        patch = grey[top : round(levels[row + 1] - 0.5 * mm), left : round(columns[column + 1] - 0.6 * mm)]
        read = read_runs([run], patch, black, reader())[0]
        text, known = mended_label(read.text)
        if known and read.score > MIN_LABEL_SCORE and not bare_label(text).isdigit():
            words.append((text, column, row))
    return words


def _records(words: Sequence[tuple[str, int, int]], rows: int) -> tuple[int, list[RowWords]]:
    """How many lines a record has, told by words that come back in each, and those words."""
    best: tuple[float, int] = (0.0, 1)
    for period in range(2, min(rows // 2, 12) + 1):
        if rows % period:
            continue
        share = _share(words, period, rows)
        if share > best[0] + 1e-6:
            best = (share, period)
    share, period = best
    if share < MIN_REPEATED_SHARE:
        return 1, []
    repeated = _repeated(words, period, rows)
    return period, [RowWords(text, column + 1, line + 1) for text, column, line in sorted(repeated, key=lambda w: w[2])]


def _repeated(words: Sequence[tuple[str, int, int]], period: int, rows: int) -> list[tuple[str, int, int]]:
    records = rows // period
    counts: dict[tuple[str, int, int], int] = {}
    for text, column, row in words:
        key = (text, column, row % period)
        counts[key] = counts.get(key, 0) + 1
    return [key for key, count in counts.items() if count >= MIN_REPEATED_SHARE * records]


def _share(words: Sequence[tuple[str, int, int]], period: int, rows: int) -> float:
    """What share of the words is explained by words that come back with a period, each at one line of it."""
    repeated = _repeated(words, period, rows)
    texts = [text for text, _, _ in repeated]
    if not words or len(set(texts)) < len(texts):
        return 0.0
    explained = sum((text, column, row % period) in set(repeated) for text, column, row in words)
    return explained / len(words)


def _columns(
    table: TableDraft, heads: Sequence[HeadCell], row_words: Sequence[RowWords], period: int, maker: FieldMaker
) -> list[Column]:
    """The field or fields of each column, in reading order of a record: person by person."""
    groups = [head for head in heads if head.last > head.first and head.text.strip()]
    persons = [(word, p) for word in row_words if (p := person_of(word.text, maker.kind)) is not None]
    cells: list[Column] = []
    shared: list[tuple[int, HeadCell | None]] = []
    for number in table.written_columns():
        own = max((h for h in heads if h.first == h.last == number - 1), key=lambda h: h.bottom, default=None)
        group = next((g for g in groups if g.first <= number - 1 <= g.last), None)
        if persons and group is not None and any(person_of(group.text, maker.kind) == p for _, p in persons):
            shared.append((number, own))
            continue
        if group is not None and person_of(group.text, maker.kind) is not None:
            maker.turn_to(group.text)
        cells += _own(number, own, period, maker)
    starts = [word.line for word, _ in persons] + [period + 1]
    for i, (word, person) in enumerate(persons):
        maker.person, maker.section = person, word.text[:1].lower() + word.text[1:]
        first = 1 if i == 0 else starts[i]
        for number, own in shared:
            made = _field(number, own, maker)
            if made.name == "chu_ky":
                del maker.fields[made.name]
                made.name = f"{person}_chu_ky"
                maker.fields[made.name] = made
            cells.append(Column(made.name, number, (first, starts[i + 1] - 1)))
    return cells


def _own(number: int, head: HeadCell | None, period: int, maker: FieldMaker) -> list[Column]:
    """The field of a column that a record has once; name and signature are parted."""
    both = None if head is None else re.match(r"họ(?: và)? tên,? (?:và )?chữ ký (.*)", head.text, re.IGNORECASE)
    if both is None or period < 2:
        return [Column(_field(number, head, maker).name, number, (1, period))]
    above = max(round(SIGNATURE_LINES_SHARE * period), 1)
    signature = maker.add("chu_ky", f"Chữ ký {both[1]}", {"kind": "signature"})
    signature.read, signature.section = False, ""
    name = maker.make(f"Họ tên {both[1]}", surely=True)
    for made in (signature, name):
        made.doubts.append("one head asks for name and signature: on which lines each stands is a guess")
    return [Column(signature.name, number, (1, above)), Column(name.name, number, (above + 1, period))]


def _field(number: int, head: HeadCell | None, maker: FieldMaker) -> DraftField:
    if head is None or not head.text.strip():
        made = maker.add(f"column_{number}", str(number), {"kind": "text"})
        made.doubts.append("no head was read for this column: give label, name and type")
        return made
    label = re.sub(r"\s*\([^)]*\)\s*", " ", head.text).strip() or head.text
    return maker.make(label, surely=head.sure)
