"""What all pages of a form share: its print, with the writing gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.authoring.draft.register_pages import (
    AlignedSheet,
    SampleSheet,
    align_sheets,
    realign_sheets,
    warped_to_common,
)
from ocrfill.document.page import Floats, Image
from ocrfill.errors import BadInput

MAX_PAGES_WITHOUT_SHARE = 0.2
"""What is dark on all but this share of the pages is print: print wears off here and there, writing differs."""


@dataclass(frozen=True, slots=True, eq=False)
class CommonPrint:
    """The print that pages share: `grey` with `dpi` pixels an inch, 255 for paper. `laid` are the sheets it is of, the
    first one the sheet in whose place the print lies; `left_out` are the numbers of those of another form.
    """

    grey: Image
    dpi: float
    laid: tuple[AlignedSheet, ...]
    left_out: tuple[int, ...]


def common_print(sheets: Sequence[SampleSheet], tell: Callable[[int], None]) -> CommonPrint:
    """The common print of straightened pages. Raises BadInput where no two of several share a form."""
    laid, left_out = align_sheets(sheets, tell)
    if len(sheets) > 1 and len(laid) == 1:
        raise BadInput(
            "no two of these pages are of one form: give pages of one book, all the same way up, or a single page"
        )
    shape = laid[0].sheet.ink.shape
    if len(laid) > 1:
        inks = np.stack([warped_to_common(one, shape, one.sheet.ink, 1.0) for one in laid])
        laid = realign_sheets(laid, cast(Floats, _ranked(inks)))
    scale = min(one.sheet.scale for one in laid)
    dark = np.stack([_dark(one, shape, scale) for one in laid])
    grey = cast(Image, 255 - _ranked(dark))
    dpi = laid[0].sheet.dpi / laid[0].sheet.scale * scale
    return CommonPrint(grey, dpi, tuple(laid), tuple(left_out))


def _dark(laid: AlignedSheet, shape: tuple[int, ...], scale: float) -> Image:
    """The sheet's darkness, 0 to 255, as it lies on the common one."""
    dark = 255 - laid.sheet.grey
    size = (round(laid.sheet.ink.shape[1] * scale), round(laid.sheet.ink.shape[0] * scale))
    if size != dark.shape[::-1]:
        dark = cast(Image, cv2.resize(dark, size, interpolation=cv2.INTER_AREA))
    return cast(Image, warped_to_common(laid, shape, dark, scale))


def _ranked(stack: NDArray[np.generic]) -> NDArray[np.generic]:
    """Of a stack of images the value that all but `MAX_PAGES_WITHOUT_SHARE` of them reach, pixel by pixel."""
    rank = int(MAX_PAGES_WITHOUT_SHARE * (len(stack) - 1) + 0.5)
    return cast(NDArray[np.generic], np.partition(stack, rank, axis=0)[rank])
