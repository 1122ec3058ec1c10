"""How right a reader is on line images with known texts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ocrfill.civil_status.orthography import tidy, without_tones
from ocrfill.errors import BadInput
from ocrfill.evaluation.text_distance import character_error_rate, edit_distance
from ocrfill.pipeline.recognition import Reader
from ocrfill.pipeline.recognition.line_images import LabelledLine, line_crop, read_labels, read_line_image

LINES_PER_CALL = 25
"""Lines handed to the reader together, as many as a page has fields."""


@dataclass(frozen=True, slots=True)
class LineFigures:
    """Error rates over a folder of lines; `exact` is the share of lines right to the last character.

    `cer_no_tone` forgives wrong tone marks, `ms_per_line` is wall time in the reader.
    """

    reader: str
    version: str
    lines: int
    cer: float
    wer: float
    exact: float
    cer_no_tone: float
    ms_per_line: float

    def document(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def evaluate_lines(folder: Path, reader: Reader, most: int | None = None) -> LineFigures:
    """Read the lines of a folder with a labels.tsv, or `most` of them spread evenly over it, and compare.

    Raises BadInput where the folder has no labels or an image cannot be read.
    """
    labelled = read_labels(folder)
    if not labelled:
        raise BadInput(f"{folder / 'labels.tsv'} names no lines")
    if most is not None and len(labelled) > most:
        labelled = tuple(labelled[i * len(labelled) // most] for i in range(most))
    pairs: list[tuple[str, str]] = []
    seconds = 0.0
    reader.read([])  # what a reader loads once is not a line's time
    for group in _groups(labelled):
        crops = [line_crop(read_line_image(line.path)) for line in group]
        start = time.perf_counter()
        readings = reader.read(crops)
        seconds += time.perf_counter() - start
        pairs += [(tidy(line.text), tidy(r.text)) for line, r in zip(group, readings, strict=True)]
    words = sum(len(true.split()) for true, _ in pairs)
    return LineFigures(
        reader.name,
        reader.version,
        len(pairs),
        character_error_rate(pairs),
        sum(edit_distance(true.split(), read.split()) for true, read in pairs) / max(words, 1),
        sum(true == read for true, read in pairs) / len(pairs),
        character_error_rate((without_tones(true), without_tones(read)) for true, read in pairs),
        1000 * seconds / len(pairs),
    )


def _groups(lines: Sequence[LabelledLine]) -> Iterator[Sequence[LabelledLine]]:
    for start in range(0, len(lines), LINES_PER_CALL):
        yield lines[start : start + LINES_PER_CALL]
