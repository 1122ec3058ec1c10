"""Tesseract: one process for all crops of a page, through pytesseract."""

from __future__ import annotations

import logging
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import ClassVar

import cv2
import pytesseract

from ocrfill.document.page import Crop, Image
from ocrfill.document.result import Alternative, Character, Reading
from ocrfill.errors import MissingProgram, PageError
from ocrfill.pipeline.external_programs import LANGUAGE_PACKAGES, TESSERACT, tesseract_languages
from ocrfill.pipeline.private_folder import private_folder
from ocrfill.pipeline.recognition.language.language_model import LanguageModel
from ocrfill.pipeline.recognition.tesseract_line import line_image

logger = logging.getLogger(__name__)

PAGE_SEGMENTATION_MODE = 7
"""Page segmentation "one line of text". On 120 lines of print 6 read equally well; 13 was wrong in 3 to 13 % of
characters."""

LINE_HEIGHT_PX = 25
"""Height in pixels, from the highest mark to the lowest tail, that a line is brought to."""

SECOND_LINE_HEIGHT_PX = 38
"""Height of a second look at doubtful lines. On 879 printed lines of forms one look at 25 gave .873 of lines exact, at
38 .856, the second look .893; on 127 lines in handwriting faces .299, .307 and .323."""

MIN_SURE_SCORE = 0.9
"""Lines that score less get the second look: every fifth line of print. Looking twice at all of them gained nothing."""

STATED_DPI = 300
"""Told to Tesseract, which else guesses it from the crop's size and warns."""

LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "⁄": "/", "‘": "'", "’": "'", "“": '"', "”": '"', "—": "-", "–": "-"})
"""Characters that Tesseract's model gives for others of the same look; none of them is typed in a register's entry:
Icelandic eth for đ, the fraction slash in dates, typographic quotes and dashes."""

TSV_WORD = "5"
"""First column of a TSV row that holds a word; "1" is the row that opens an image of the list."""


@dataclass(frozen=True, slots=True)
class TesseractWord:
    """A word as Tesseract gave it and its confidence, 0 to 1."""

    text: str
    confidence: float


class _Crash(Exception):
    """Tesseract ended badly, or answered for fewer crops than it was given."""


@dataclass(frozen=True, slots=True)
class TesseractReader:
    """Reads print well, handwriting hardly at all. `languages` as Tesseract names them: "vie" or "vie+eng".

    A page costs two calls, each about 7 ms a line and 0.1 s for starting; a process per crop costs 15 times as much.
    `timeout` is in seconds for one page; without `twice` no line is looked at again. Raises MissingProgram when made
    where Tesseract or a language is missing.
    """

    name: ClassVar[str] = "tesseract"
    languages: str = "vie"
    timeout: float = 120.0
    twice: bool = True

    def __post_init__(self) -> None:
        installed = tesseract_languages()
        if not installed:
            raise _no_tesseract()
        missing = sorted(set(self.languages.split("+")) - set(installed))
        if missing:
            raise MissingProgram(
                f"Tesseract lacks the language(s) {', '.join(missing)}; "
                f"install with: sudo apt-get install {' '.join(f'tesseract-ocr-{m}' for m in missing)}"
            )

    @property
    def version(self) -> str:
        """Tesseract's version and its languages: "5.3.0 vie"."""
        return f"{_tesseract_version()} {self.languages}"

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        """A reading's score is the least confidence of its words; each character carries its word's.

        Doubtful lines are looked at again in another size; the answer that scores less is kept as the alternative.
        A crop on which Tesseract crashes costs only itself. Raises PageError("read", …) where Tesseract runs out of
        time or crashes on every crop.
        """
        if not crops:
            return ()
        lines = self._read_lines([line_image(crop, LINE_HEIGHT_PX) for crop in crops])
        if all(line is None for line in lines):
            raise PageError("read", "Tesseract crashed on every line; look at `ocrfill doctor`")
        readings = [self._reading(line or ()) for line in lines]
        doubtful = [i for i, line in enumerate(lines) if line is not None and readings[i].score < MIN_SURE_SCORE]
        if doubtful and self.twice:
            again = self._read_lines([line_image(crops[i], SECOND_LINE_HEIGHT_PX) for i in doubtful])
            for i, line in zip(doubtful, again, strict=True):
                readings[i] = _better(readings[i], self._reading(line or ()))
        return tuple(readings)

    def _reading(self, words: tuple[TesseractWord, ...]) -> Reading:
        characters: list[Character] = []
        for before, word in zip((None, *words), words, strict=False):
            if before is not None:
                characters.append(Character(" ", min(before.confidence, word.confidence)))
            characters += [Character(c, word.confidence) for c in word.text]
        score = min((w.confidence for w in words), default=0.0)
        return Reading(" ".join(w.text for w in words), score, self.name, tuple(characters))

    def _read_lines(self, images: Sequence[Image]) -> list[tuple[TesseractWord, ...] | None]:
        """The words on each image, None where Tesseract crashes on it: halves are tried until the culprit is alone."""
        try:
            return list(self._call(images))
        except _Crash as crash:
            if len(images) == 1:
                logger.warning("Tesseract crashed on a line of %d by %d pixels: %s", *images[0].shape[::-1], crash)
                return [None]
        half = len(images) // 2
        return self._read_lines(images[:half]) + self._read_lines(images[half:])

    def _call(self, images: Sequence[Image]) -> tuple[tuple[TesseractWord, ...], ...]:
        """One Tesseract process over all images. Raises _Crash, PageError, MissingProgram."""
        # more than one thread makes lines as short as ours several times slower (23 s against 6.9 s for 120 cells)
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            with private_folder() as folder:
                tsv = self._answer(_listing(folder, images), folder / "answer", len(images))
        except OSError as error:
            raise PageError("read", f"cannot work in the temporary folder: {error.strerror or error}") from error
        return _words(tsv, len(images))

    def _answer(self, listing: Path, answer: Path, images: int) -> str:
        """What Tesseract writes into `answer`.tsv for a list. Raises _Crash, PageError, MissingProgram, OSError."""
        try:
            # pytesseract's image_to_data lets Tesseract write what it has read into a file that all users can open
            pytesseract.pytesseract.run_tesseract(
                str(listing),
                str(answer),
                "tsv",
                self.languages,
                config=f"-c tessedit_create_tsv=1 --psm {PAGE_SEGMENTATION_MODE} --dpi {STATED_DPI}",
                timeout=self.timeout,
            )
            return answer.with_suffix(".tsv").read_bytes().decode()
        except pytesseract.TesseractNotFoundError as error:
            raise _no_tesseract() from error
        except pytesseract.TesseractError as error:
            raise _Crash(f"exit status {error.status}") from error
        except FileNotFoundError as error:
            raise _Crash("no answer") from error
        except UnicodeDecodeError as error:
            raise _Crash("its answer is not UTF-8") from error
        except RuntimeError as error:  # how pytesseract says that time ran out
            raise PageError(
                "read", f"Tesseract took more than {self.timeout:.0f} s for {images} lines of the page"
            ) from error


def _listing(folder: Path, images: Sequence[Image]) -> Path:
    """The images as files in the folder, and the list of them. Raises OSError."""
    names = [folder / f"{i:04d}.pgm" for i in range(len(images))]
    for name, image in zip(names, images, strict=True):
        if not cv2.imwrite(str(name), image):
            raise OSError(f"no space or no permission in {folder.parent}")
    listing = folder / "crops.txt"
    listing.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return listing


def _better(first: Reading, second: Reading) -> Reading:
    """The reading that scores more, the other's text as its alternative where it is another text."""
    better, other = (second, first) if second.score > first.score else (first, second)
    if other.text in ("", better.text):
        return better
    return replace(better, alternatives=(Alternative(other.text, other.score),))


def _words(tsv: str, images: int) -> tuple[tuple[TesseractWord, ...], ...]:
    """The words of each image of the list. Raises _Crash where the answer does not cover all images."""
    lines: list[list[TesseractWord]] = [[] for _ in range(images)]
    seen: set[int] = set()
    for row in tsv.split("\n")[1:]:
        columns = row.split("\t")
        if len(columns) < 12:
            continue
        number = int(columns[1]) - 1
        seen.add(number)
        if columns[0] == TSV_WORD:
            text = unicodedata.normalize("NFC", columns[11]).translate(LOOKALIKES).strip()
            if text:
                lines[number].append(TesseractWord(text, min(max(float(columns[10]) / 100, 0.0), 1.0)))
    if seen != set(range(images)):
        raise _Crash(f"an answer for {len(seen)} of {images} lines")
    return tuple(tuple(line) for line in lines)


def _no_tesseract() -> MissingProgram:
    return MissingProgram(f"Tesseract is not installed; {TESSERACT.advice} {LANGUAGE_PACKAGES['vie']}")


@cache
def _tesseract_version() -> str:
    try:
        return str(pytesseract.get_tesseract_version())
    except pytesseract.TesseractNotFoundError as error:
        raise _no_tesseract() from error
