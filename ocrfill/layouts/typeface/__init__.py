"""The serif face that forms are printed in: four font files.

Tinos has the widths of Times New Roman, in which nearly all registers of 1999 and later were set. The files are a
subset (Latin letters of Vietnamese, digits, punctuation; hinting and alternates left out): Tinos reserves no font name,
so a subset may keep it. Origin: github.com/googlefonts/tinos, SIL Open Font License 1.1 (`Tinos.txt`).
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from ocrfill.document.template import Style

TYPE_FILES: dict[Style, str] = {
    "plain": "Tinos-Regular.ttf",
    "italic": "Tinos-Italic.ttf",
    "bold": "Tinos-Bold.ttf",
    "bold-italic": "Tinos-BoldItalic.ttf",
}


def type_file(style: Style) -> Traversable:
    """The face's file of that style."""
    return resources.files("ocrfill.layouts.typeface") / TYPE_FILES[style]
