"""A draft as the text of a layout file: what a person must look at is marked in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ocrfill.authoring.draft.field_guessing import DraftField
from ocrfill.authoring.draft.form_draft import FormDraft
from ocrfill.authoring.draft.label_lines import PrintedLabel, WritingGap
from ocrfill.authoring.draft.label_vocabulary import title_of, years_of
from ocrfill.authoring.draft.printed_words import CHARACTER_WIDTH_MM_PER_POINT
from ocrfill.authoring.draft.table_draft import TableForm
from ocrfill.authoring.draft.table_skeleton import MAX_EQUAL_ROW_DIFFERENCE_SHARE

FILE_HEAD_LINES = (
    "# Drafted by `ocrfill layout draft` from {pages}. Lines marked CHECK are guesses: put them right, then run",
    "# `ocrfill layout check` and `ocrfill layout show FILE --page SCAN`.",
)

MIN_SURE_KIND_SHARE = 0.6
"""A kind of register told by at least this share of the words that tell one is not marked."""

YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""What YAML may take for something else than words."""

DEFAULT_YEARS = (1900, 2100)


def form_yaml(draft: FormDraft, name: str, size: tuple[float, float], mm: float, pages: str) -> str:
    """The file of a form; `size` is the common print's width and height in pixels, `mm` pixels a millimetre."""
    lines = [*_header(draft, name, (size[0] / mm, size[1] / mm), pages)]
    lines += ["body:", "  kind: form"]
    width, height = size
    if draft.frame is not None:
        frame = draft.frame
        sides = (
            ("left", frame.left / width), ("top", frame.top / height),
            ("right", frame.right / width), ("bottom", frame.bottom / height),
        )  # fmt: skip
        lines.append(f"  frame: {{{', '.join(f'{side}: {place:.4f}' for side, place in sides)}}}")
        if frame.verticals:
            lines.append(f"  verticals: [{_places(x / width for x in frame.verticals)}]")
    lines += ["  lines:", *_form_lines(draft, width, height, mm)]
    if draft.ticks:
        lines.append("  ticks:")
        for tick in draft.ticks:
            box = _box((tick.box.left, tick.box.top, tick.box.right, tick.box.bottom), width, height)
            lines.append(f"    - {{field: {tick.name}, value: {quoted(tick.value)}, box: {box}}}")
    if draft.places:
        lines.append("  areas:")
        lines += [f"    - {{field: {p.name}, box: {_box(p.box, width, height)}}}" for p in draft.places]
    return "\n".join([*lines, *fields_yaml(draft.fields)]) + "\n"


def _header(draft: FormDraft | TableForm, name: str, paper: tuple[float, float], pages: str) -> Iterator[str]:
    kind = draft.kind
    yield FILE_HEAD_LINES[0].format(pages=pages)
    yield FILE_HEAD_LINES[1]
    yield f"name: {name}"
    yield "version: 1"
    yield f"title: {quoted(title_of(kind))}  # CHECK: what the book's cover says"
    known = years_of(draft.texts)
    if known is not None:
        yield f"origin: {quoted(known[1])}  # CHECK: told by words that the forms of this act have"
    yield f"kind: {kind}" + (
        "" if draft.sure >= MIN_SURE_KIND_SHARE else "  # CHECK: KS, KH, KT, CMC or HN; the print does not tell surely"
    )
    first, last = known[0] if known else DEFAULT_YEARS
    yield f"years: [{first}, {last}]  # CHECK: first and last year of the books of this form"
    yield f"paper: {{width: {paper[0]:.0f}, height: {paper[1]:.0f}}}  # CHECK: from the scan's resolution"


def table_yaml(draft: TableForm, name: str, size: tuple[float, float], mm: float, pages: str) -> str:
    """The file of a table; `size` is the common print's width and height in pixels, `mm` pixels a millimetre."""
    height = size[1]
    table = draft.table
    rows = np.diff(table.levels)
    records, left = divmod(len(rows), draft.lines_per_record)
    uneven = np.abs(rows / np.median(rows) - 1).max() > MAX_EQUAL_ROW_DIFFERENCE_SHARE
    levels = table.levels[: len(table.levels) - left]
    lines = [*_header(draft, name, (size[0] / mm, size[1] / mm), pages), "body:", "  kind: table"]
    lines.append(f"  columns: [{_places(iter(table.columns.tolist()))}]")
    if draft.gutter is not None:
        guess = "" if table.gutter is not None else "  # CHECK: the fold is taken to lie on this rule"
        lines.append(f"  gutter: {draft.gutter:.4f}{guess}")
    if table.head_top is not None:
        lines.append(f"  head_top: {table.head_top:.4f}")
    if draft.number_row is not None:
        lines.append(f"  number_row: [{_places(iter(draft.number_row))}]")
    guess = "  # CHECK: each ruled row is taken for a record" if draft.lines_per_record == 1 else ""
    lines += [
        f"  top: {levels[0]:.4f}",
        f"  bottom: {levels[-1]:.4f}",
        f"  records: {records}{guess}",
        f"  lines_per_record: {draft.lines_per_record}",
        "  record_rules: line",
    ]
    if uneven:
        lines.append(f"  levels: [{_places(iter(levels.tolist()))}]")
    if draft.heads:
        lines.append("  heads:")
    for head in draft.heads:
        if head.text.strip():
            place = f"top: {head.top / height:.4f}, bottom: {head.bottom / height:.4f}"
            lines.append(
                f"    - {{text: {quoted(head.text)}, first: {head.first + 1}, last: {head.last + 1}, {place}}}"
            )
    if draft.row_words:
        lines.append("  row_labels:")
        lines += [f"    - {{text: {quoted(w.text)}, column: {w.column}, line: {w.line}}}" for w in draft.row_words]
    lines.append("  cells:")
    lines += [
        f"    - {{field: {c.name}, column: {c.column}, lines: [{c.lines[0]}, {c.lines[1]}]}}" for c in draft.cells
    ]
    return "\n".join([*lines, *fields_yaml(draft.fields)]) + "\n"


def _form_lines(draft: FormDraft, width: float, height: float, mm: float) -> Iterator[str]:
    names = {id(placed.room): placed.name for placed in draft.placed}
    for line in draft.lines:
        labels = [
            _label(token, width, mm) for token in line.tokens if isinstance(token, PrintedLabel) and token.text.strip()
        ]
        gaps = [
            f"{{field: {names[id(token)]}, x: [{token.left / width:.4f}, {token.right / width:.4f}]}}"
            for token in line.tokens
            if isinstance(token, WritingGap) and id(token) in names
        ]
        lost = [t for t in line.tokens if isinstance(t, WritingGap) and id(t) not in names]
        if not labels and not gaps and not lost:
            continue
        yield f"    - y: {line.base / height:.4f}"
        if labels:
            yield f"      labels: [{', '.join(labels)}]"
        if gaps:
            yield f"      gaps: [{', '.join(gaps)}]"
        for room in lost:
            place = f"{room.left / width:.4f}, {room.right / width:.4f}"
            yield f"      # CHECK: a dotted line at x: [{place}] that no label asks for"


def _label(words: PrintedLabel, width: float, mm: float) -> str:
    size = (words.right - words.left) / mm / max(len(words.text), 1) / CHARACTER_WIDTH_MM_PER_POINT
    size = min(max(round(size * 2) / 2, 7.0), 24.0)
    shown = "" if 10.5 <= size <= 13.5 else f", size: {size:g}"
    return f"{{text: {quoted(words.text)}, x: {words.left / width:.4f}{shown}}}"


def fields_yaml(fields: Sequence[DraftField]) -> Iterator[str]:
    """The part of the file with the fields."""
    yield "fields:"
    for made in fields:
        for doubt in made.doubts:
            yield f"  # CHECK: {doubt}"
        yield f"  {made.name}:"
        yield f"    label: {quoted(made.label)}"
        if made.section:
            yield f"    section: {quoted(made.section)}"
        yield f"    type: {_flow(made.type)}"
        if made.columns:
            yield f"    columns: {_flow(made.columns)}"
        if not made.read:
            yield "    read: false"


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in value.items())
        return f"{{{inner}}}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _key(value)


def _key(value: Any) -> str:
    text = str(value)
    plain = re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", text) and text not in YAML_WORDS
    return text if plain else quoted(text)


def quoted(text: str) -> str:
    """A text as YAML has it between double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _places(values: Iterator[float]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)


def _box(sides: tuple[float, float, float, float], width: float, height: float) -> str:
    left, top, right, bottom = sides
    fractions = (left / width, top / height, right / width, bottom / height)
    return f"[{', '.join(f'{min(max(place, 0.0), 1.0):.4f}' for place in fractions)}]"
