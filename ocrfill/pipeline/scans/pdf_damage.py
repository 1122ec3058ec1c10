"""Whether anything of a drawn page is lost: programs that draw PDFs leave out what they cannot decode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pikepdf

from ocrfill.errors import PageError
from ocrfill.pipeline.scans.decoder_gate import decoder_gate
from ocrfill.pipeline.scans.pdf_content import MALFORMED_ERRORS, PdfPageContent
from ocrfill.pipeline.scans.raster import check_size, decode_jpeg

_OWN_DECODER: Final = frozenset({"/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode"})
"""Codes of whose faults poppler tells; of a JPEG that it leaves out it says nothing."""
_CANNOT_BE_DRAWN: Final = "an image on this page cannot be drawn"
_CHANNELS: Final = {
    **dict.fromkeys(("/DeviceGray", "/CalGray", "/Indexed", "/Separation"), 1),
    **dict.fromkeys(("/DeviceRGB", "/CalRGB", "/Lab"), 3),
    "/DeviceCMYK": 4,
}
_HARMLESS: Final = re.compile(
    r"font|glyph|charset|encoding|cmap|\bcid|optional content|\bannot|acroform|form field|widget|\blink\b|action|"
    r"outline|metadata|destination|struct|xref|trailer|signature|javascript|embedded file|color profile|icc",
    re.IGNORECASE,
)
"""Faults that poppler tells of and that take no pixel of a scan away."""


def check_images(content: PdfPageContent) -> None:
    """Raises PageError where one of a page's images, or of their masks, cannot be decoded to its end."""
    if content.cut_off:
        raise PageError(
            "scan", "an image on this page cannot be drawn: its data end in the middle; scan the page again"
        )
    try:
        with decoder_gate("its data are damaged or cut off; scan the page again"):
            for stream in _each_once(content.streams):
                _check(stream)
            with pikepdf.new() as scratch:
                for image in content.inline:
                    _check(pikepdf.Stream(scratch, image.read_raw_bytes(), image.obj))
    except PageError as e:
        raise PageError("scan", f"{_CANNOT_BE_DRAWN}: {e.reason}") from e


def tells_of_lost_image(told: str) -> bool:
    """Whether what poppler printed about a page says that something of it was left out."""
    faults = [line for line in told.splitlines() if "Syntax Error" in line]
    return any(not _HARMLESS.search(line) for line in faults)


def _each_once(streams: list[pikepdf.Stream]) -> Iterator[pikepdf.Stream]:
    seen: set[tuple[int, int]] = set()
    waiting = list(streams)
    while waiting:
        stream = waiting.pop()
        if stream.objgen in seen and stream.objgen != (0, 0):
            continue
        seen.add(stream.objgen)
        yield stream
        waiting += [mask for key in ("/SMask", "/Mask") if isinstance(mask := stream.get(key), pikepdf.Stream)]


def _check(stream: pikepdf.Stream) -> None:
    width, height = int(stream["/Width"]), int(stream["/Height"])
    check_size(width, height)
    filters = _filters(stream)
    if filters and filters[-1] in {"/DCTDecode", "/DCT"}:
        decode_jpeg(_before_last_filter(stream, filters))
    elif not filters or filters[-1] not in _OWN_DECODER:
        bits = _bits_per_pixel(stream)
        if bits is not None and len(stream.read_bytes()) < (width * bits + 7) // 8 * height:
            raise PageError("scan", "its data end in the middle; scan the page again")


def _filters(stream: pikepdf.Stream) -> list[str]:
    filters = stream.get("/Filter")
    if filters is None:
        return []
    return [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]


def _before_last_filter(stream: pikepdf.Stream, filters: list[str]) -> bytes:
    content = stream.read_raw_bytes()
    if len(filters) == 1:
        return content
    with pikepdf.new() as scratch:
        packed = pikepdf.Stream(scratch, content, Filter=pikepdf.Array([pikepdf.Name(name) for name in filters[:-1]]))
        return packed.read_bytes()


def _bits_per_pixel(stream: pikepdf.Stream) -> int | None:
    """None where the colour space is not one whose channels are known."""
    if bool(stream.get("/ImageMask", False)):
        return 1
    try:
        channels = _channels(stream.get("/ColorSpace"))
        return None if channels is None else channels * int(stream.get("/BitsPerComponent", 8))
    except MALFORMED_ERRORS:
        return None


def _channels(space: pikepdf.Object | None) -> int | None:
    name = str(space[0]) if isinstance(space, pikepdf.Array) else str(space)
    if name == "/ICCBased" and isinstance(space, pikepdf.Array):
        return int(space[1]["/N"])
    if name == "/DeviceN" and isinstance(space, pikepdf.Array):
        return len(space[1])
    return _CHANNELS.get(name)
