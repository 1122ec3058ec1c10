"""Folders of line images with their texts: `labels.tsv` (path TAB text), and maybe `writers.tsv` (path TAB writer)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrfill.errors import BadInput
from ocrfill.records import Image


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line's image file, its text (NFC), and who wrote it ("" where nobody says)."""

    path: Path
    text: str
    writer: str = ""


def read_labels(folder: Path) -> tuple[LabelledLine, ...]:
    """The lines of a folder in the order of its labels. Raises BadInput where it has none or a row has no TAB."""
    labels = folder / "labels.tsv"
    if not labels.is_file():
        raise BadInput(f"{labels} is missing; it must hold a row for each line image: path TAB text")
    path = folder / "writers.tsv"
    writers = dict(_rows(path)) if path.is_file() else {}
    return tuple(LabelledLine(folder / name, text, writers.get(name, "")) for name, text in _rows(labels))


def read_line_image(path: Path, highest: int | None = None) -> Image:
    """A line image, grey, reduced to `highest` pixels of height if it has more. Raises BadInput."""
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise BadInput(f"{path}: missing, or no image that can be read")
    if highest is not None and image.shape[0] > highest:
        width = max(round(image.shape[1] * highest / image.shape[0]), 1)
        image = cv2.resize(image, (width, highest), interpolation=cv2.INTER_AREA)
    return np.asarray(image, np.uint8)


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    for number, row in enumerate(rows, 1):
        name, tab, value = row.partition("\t")
        if not row.strip():
            continue
        if not tab:
            raise BadInput(f"{path}, row {number}: no TAB between path and text")
        yield name, unicodedata.normalize("NFC", value.strip())
