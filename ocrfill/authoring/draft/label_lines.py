"""The common print as lines of labels and gaps: what stands beside what, ghosts of writing sorted out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocrfill.authoring.draft.dotted_leaders.tracking import DottedLine
from ocrfill.authoring.draft.frame import RuledFrame
from ocrfill.authoring.draft.label_vocabulary import bare_label, known_labels, mended_label
from ocrfill.authoring.draft.printed_words import Run

MAX_BASE_LINE_DIFFERENCE_MM = 1.4
"""Print and dots whose base lines differ by less, in millimetres, stand on one line."""

MAX_TOKEN_GAP_MM = 3.0
"""What follows within so many millimetres belongs together."""

MIN_UNKNOWN_LABEL_SCORE = 0.88
"""Words between two gaps that are read at least so surely are a label nobody knows."""

MIN_SURE_WORD_SCORE = 0.75
"""Words read less surely than this, and not known, may be ghosts of writing."""


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """A printed label: its text as mended, whether it is a known one, how surely it was read."""

    text: str
    left: float
    right: float
    top: float
    base: float
    score: float
    known: bool
    dash: bool = False

    @property
    def middle(self) -> float:
        """Half way between its edges, in pixels."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class WritingGap:
    """A dotted stretch to write on."""

    left: float
    right: float
    base: float


Token = PrintedLabel | WritingGap


@dataclass(frozen=True, slots=True)
class PrintLine:
    """Labels and gaps on one base line in one column of the form, from left to right; all in pixels."""

    base: float
    tokens: tuple[Token, ...]

    @property
    def rooms(self) -> tuple[WritingGap, ...]:
        """The gaps to write in, from left to right."""
        return tuple(token for token in self.tokens if isinstance(token, WritingGap))

    @property
    def words(self) -> tuple[PrintedLabel, ...]:
        """The labels, from left to right."""
        return tuple(token for token in self.tokens if isinstance(token, PrintedLabel))


def region_of(x: float, y: float, frame: RuledFrame | None) -> int:
    """Which part of the form a place lies in: 0 outside of the frame, else its column from 1."""
    if frame is None:
        return 1
    if not (frame.left < x < frame.right and frame.top < y < frame.bottom):
        return 0
    return 1 + sum(x > rule for rule in frame.verticals)


def group_into_lines(
    runs: Sequence[Run], dotted: Sequence[DottedLine], frame: RuledFrame | None, mm: float
) -> dict[int, tuple[PrintLine, ...]]:
    """The lines of each region, from top to bottom."""
    usual = _usual_width(runs)
    tokens: list[Token] = [WritingGap(line.left, line.right, line.base) for line in dotted]
    for run in runs:
        tokens += _as_tokens(run, usual)
    regions: dict[int, list[Token]] = {}
    for token in tokens:
        place = region_of((token.left + token.right) / 2, token.base - mm, frame)
        regions.setdefault(place, []).append(token)
    return {region: tuple(_lines(found, mm)) for region, found in sorted(regions.items())}


def _usual_width(runs: Sequence[Run]) -> float:
    """The usual width of a character, of what was read surely."""
    widths = [run.box.width / len(run.text) for run in runs if run.score > 0.9 and len(run.text) > 6]
    return float(np.median(widths)) if widths else 14.0


def _as_tokens(run: Run, usual: float) -> list[Token]:
    """A line of print as a label; where ghosts of writing follow a known label, as the label and a gap."""
    text, known = mended_label(run.text)
    top = float(run.box.top)
    if run.dash:
        return [PrintedLabel("-", run.box.left, run.box.right, top, run.base, run.score, known=True, dash=True)]
    label = PrintedLabel(text, run.box.left, run.box.right, top, run.base, run.score, known)
    if known or run.score > 0.9:
        return [label]
    first = _known_start(run.text)
    if first is None or len(first) > len(run.text) - 2:
        return [label]
    end = run.box.left + (len(first) + 1) * usual
    if end + 3 * usual > run.box.right:
        return [label]
    mended_first, _ = mended_label(first)
    return [
        replace(label, text=mended_first, right=end, score=MIN_SURE_WORD_SCORE, known=True),
        WritingGap(end, run.box.right, run.base),
    ]


def _known_start(text: str) -> str | None:
    """The longest known label that a text begins with, as it stands in the text."""
    found = None
    for match in re.finditer(r"[^\W\d_]+", text):
        start = text[: match.end()]
        if bare_label(start) in known_labels():
            found = start
    return found


def _lines(tokens: Sequence[Token], mm: float) -> list[PrintLine]:
    """Tokens gathered into lines; ghosts between two gaps dropped and the gaps joined."""
    lines: list[list[Token]] = []
    for token in sorted(tokens, key=lambda token: (token.base, token.left)):
        for line in lines[-4:]:
            if abs(token.base - float(np.median([t.base for t in line]))) < MAX_BASE_LINE_DIFFERENCE_MM * mm:
                line.append(token)
                break
        else:
            lines.append([token])
    done = []
    for line in lines:
        ordered = _without_ghosts(sorted(line, key=lambda token: token.left), mm)
        if ordered:
            rooms = [t.base for t in ordered if isinstance(t, WritingGap)]
            done.append(PrintLine(float(np.median(rooms or [t.base for t in ordered])), tuple(ordered)))
    return sorted(done, key=lambda line: line.base)


def _without_ghosts(tokens: Sequence[Token], mm: float) -> list[Token]:
    kept: list[Token] = []
    for i, seen in enumerate(tokens):
        token = seen
        if isinstance(seen, PrintedLabel) and seen.dash and not _parts(tokens, i, mm):
            continue
        if isinstance(seen, PrintedLabel) and not seen.known and _is_ghost(seen, tokens, i, mm):
            token = WritingGap(seen.left, seen.right, seen.base)
        before = kept[-1] if kept else None
        if (
            isinstance(token, WritingGap)
            and isinstance(before, WritingGap)
            and token.left - before.right < 2 * MAX_TOKEN_GAP_MM * mm
        ):
            wider = max(before, token, key=lambda room: room.right - room.left)  # ghosts stand less well on the line
            kept[-1] = replace(wider, left=before.left, right=max(before.right, token.right))
        else:
            kept.append(token)
    return kept


def _parts(tokens: Sequence[Token], i: int, mm: float) -> bool:
    """Does a dash stand between two gaps, near to both?"""
    if not 0 < i < len(tokens) - 1:
        return False
    before, token, after = tokens[i - 1 : i + 2]
    near = max(token.left - before.right, after.left - token.right) < 2 * MAX_TOKEN_GAP_MM * mm
    return near and isinstance(before, WritingGap) and isinstance(after, WritingGap)


def _is_ghost(token: PrintedLabel, tokens: Sequence[Token], i: int, mm: float) -> bool:
    """Is an unknown word writing over dots? It touches a gap, and is not surely read or short."""
    beside = [tokens[k] for k in (i - 1, i + 1) if 0 <= k < len(tokens)]
    touches = [
        other
        for other in beside
        if isinstance(other, WritingGap)
        and max(other.left - token.right, token.left - other.right) < MAX_TOKEN_GAP_MM * mm
    ]
    weak = token.score < MIN_SURE_WORD_SCORE or len(bare_label(token.text)) < 3
    return bool(touches) and (weak or (len(touches) == 2 and token.score < MIN_UNKNOWN_LABEL_SCORE))
