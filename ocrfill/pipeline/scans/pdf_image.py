"""An image out of a PDF, its pixels as they are stored: no drawing, no resampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pikepdf

from ocrfill.document.page import Image
from ocrfill.pipeline.scans.decoder_gate import decoder_gate
from ocrfill.pipeline.scans.jpeg_clean import clean_jpeg
from ocrfill.pipeline.scans.jpeg_parts import jpeg_frame
from ocrfill.pipeline.scans.pdf_content import MALFORMED_ERRORS
from ocrfill.pipeline.scans.raster import as_eight_bit, check_size, decode_jpeg

_DRAWN_FILTERS = frozenset({"/JBIG2Decode", "/JPXDecode"})
"""Codes that need a decoder of their own, which poppler brings."""
_MASKS = ("/SMask", "/Mask", "/SMaskInData", "/Alternates")
_CHANNELS = {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3, "/DeviceCMYK": 4}


@dataclass(frozen=True, slots=True)
class _JpegForm:
    """How the colours of a JPEG in a PDF are meant: by 1, 3 or 4 channels, 255 standing for none where inverted."""

    channels: int
    inverted: bool


def own_pixels(stream: pikepdf.Stream) -> Image | None:
    """The image's pixels as a viewer would show them, None where only drawing the page gets them right.

    Raises PageError where the image's data are damaged or too large.
    """
    with decoder_gate("the image on this page is damaged; scan the page again"):
        return _simple_pixels(stream)


def _simple_pixels(stream: pikepdf.Stream) -> Image | None:
    try:
        image = pikepdf.PdfImage(stream)
        check_size(image.width, image.height)
        if image.image_mask or any(key in stream for key in _MASKS) or _DRAWN_FILTERS.intersection(image.filters):
            return None
        if "/DCTDecode" in image.filters:
            form = _jpeg_form(image)
            return None if form is None else _jpeg_pixels(image.obj.read_raw_bytes(), form)
        if image.indexed and _decode(image) not in {(), (0.0, float((1 << image.bits_per_component) - 1))}:
            return None  # pikepdf leaves such a map out
    except MALFORMED_ERRORS:
        return None
    try:
        return as_eight_bit(image.as_pil_image(apply_mask=False))
    except (pikepdf.UnsupportedImageTypeError, pikepdf.HifiPrintImageNotTranscodableError, NotImplementedError):
        return None


def jpeg_bytes(stream: pikepdf.Stream) -> bytes | None:
    """The image's JPEG, clean; None where it is none, or its colours are not simply those of the JPEG."""
    try:
        form = None if any(key in stream for key in _MASKS) else _jpeg_form(pikepdf.PdfImage(stream))
        if form is None or form.inverted or form.channels == 4:
            return None
        return clean_jpeg(stream.read_raw_bytes())
    except MALFORMED_ERRORS:
        return None


def _jpeg_form(image: pikepdf.PdfImage) -> _JpegForm | None:
    """None where the image is not simply a JPEG of the size, the channels and the colours that the PDF announces."""
    channels = _channels(image)
    if image.filters != ["/DCTDecode"] or channels is None:
        return None
    if any("/ColorTransform" in parms for parms in image.decode_parms if parms is not None):
        return None
    if jpeg_frame(image.obj.read_raw_bytes()) not in {None, (image.width, image.height, channels)}:
        return None
    decode = _decode(image)
    if decode in {(), (0.0, 1.0) * channels}:
        return _JpegForm(channels, inverted=False)
    return _JpegForm(channels, inverted=True) if decode == (1.0, 0.0) * channels else None


def _jpeg_pixels(content: bytes, form: _JpegForm) -> Image:
    pixels = decode_jpeg(content, inverted_inks=form.inverted)  # in a PDF the mark of Adobe's programs does not count
    return np.asarray(255 - pixels, dtype=np.uint8) if form.inverted and form.channels != 4 else pixels


def _channels(image: pikepdf.PdfImage) -> int | None:
    """How many colour channels an 8-bit image's colour space has, None where it is not a simple one."""
    if image.indexed or image.is_device_n or image.is_separation or image.bits_per_component != 8:
        return None
    if image.colorspace == "/ICCBased":
        space = image.obj.get("/ColorSpace")
        return int(space[1].get("/N", 0)) or None if isinstance(space, pikepdf.Array) else None
    return _CHANNELS.get(str(image.colorspace))


def _decode(image: pikepdf.PdfImage) -> tuple[float, ...]:
    return tuple(float(str(value)) for value in image.obj.get("/Decode", ()))
