"""Lines to learn from and lines to measure by: folders with a `labels.tsv`, split by writer, never by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ocrfill.document.page import Image
from ocrfill.pipeline.recognition.ctc_line import framed
from ocrfill.pipeline.recognition.line_images import LabelledLine, line_crop, read_labels, read_line_image
from ocrfill.training.alphabet import spell

STORED_HEIGHT_PX = 64
"""Lines are kept in memory at no more than this height in pixels."""


@dataclass(frozen=True, slots=True)
class Split:
    """The lines of a folder to train on, and those of `held_out` writers to measure by."""

    name: str
    training: tuple[LabelledLine, ...]
    validation: tuple[LabelledLine, ...]
    held_out: tuple[str, ...]


def spelled_lines(folder: Path) -> tuple[LabelledLine, ...]:
    """The lines of a folder that the alphabet can spell, their texts spelled so. Raises BadInput."""
    lines = ((line, spell(line.text)) for line in read_labels(folder))
    return tuple(replace(line, text=text) for line, text in lines if text)


def split_by_writer(folder: Path, share: float = 0.125, least: int = 100) -> Split:
    """Hold out every n-th writer in the order of their names; where there are none, the last block of lines.

    `share` of the writers, or of the lines and `least` of them, are held out.
    """
    lines = spelled_lines(folder)
    writers = sorted({line.writer for line in lines}, key=lambda name: (len(name), name))
    if len(writers) > 1:
        held = frozenset(writers[:: round(1 / share)])
        training = tuple(line for line in lines if line.writer not in held)
        return Split(folder.name, training, tuple(line for line in lines if line.writer in held), tuple(sorted(held)))
    count = max(least, round(share * len(lines)))
    if len(lines) < 2 * count:
        return Split(folder.name, lines, (), ())
    return Split(folder.name, lines[:-count], lines[-count:], (f"the last {count} lines",))


def split_digits(folder: Path) -> Split:
    """A folder of single digits, of which a quarter is held out: there are many, and few hands elsewhere."""
    return split_by_writer(folder, share=0.25)


def listed_folder(folder: Path, lines: Sequence[LabelledLine]) -> Path:
    """A folder whose labels.tsv and writers.tsv name just these lines, where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in (("labels.tsv", [line.text for line in lines]), ("writers.tsv", [line.writer for line in lines])):
        rows = (f"{line.path.resolve()}\t{text}\n" for line, text in zip(lines, said, strict=True))
        (folder / name).write_text("".join(rows), encoding="utf-8")
    return folder


class LineStore:
    """Line images, each decoded and framed once: half a megabyte for ten lines."""

    def __init__(self) -> None:
        self._images: dict[Path, Image] = {}
        self._framed: dict[Path, Image] = {}

    def image(self, line: LabelledLine) -> Image:
        """The line, grey; raises BadInput where the file cannot be read."""
        if line.path not in self._images:
            self._images[line.path] = read_line_image(line.path, STORED_HEIGHT_PX)
        return self._images[line.path]

    def framed(self, line: LabelledLine) -> Image:
        """The line as the reader frames it: what lies around its ink cut off."""
        if line.path not in self._framed:
            self._framed[line.path] = framed(line_crop(self.image(line)))
        return self._framed[line.path]
