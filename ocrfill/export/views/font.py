"""The typeface for pictures; it has every Vietnamese mark."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import ImageFont

from ocrfill.document.template import Style
from ocrfill.layouts.typeface import type_file


@cache
def lettering(size: int, style: Style = "plain") -> ImageFont.FreeTypeFont:
    """The typeface at a size in pixels: the one that forms are printed in."""
    return ImageFont.truetype(BytesIO(type_file(style).read_bytes()), size)


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: float, first: float | None = None) -> tuple[str, ...]:
    """The text in lines no wider than `width` pixels, the first no wider than `first`; a longer word is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        room = first if first is not None and not lines else width
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= room:
            line = longer
            continue
        if line or room != width:
            lines.append(line)
        line = word
        while font.getlength(line) > width and len(line) > 1:
            cut = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or font.getlength(line[:n]) <= width)
            lines.append(line[:cut])
            line = line[cut:]
    return (*lines, line)
