"""Pictures to arrays: every form a scan's pixels come in becomes 8-bit grey or blue-green-red."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageChops

from ocrfill.document.page import Image
from ocrfill.errors import PageError
from ocrfill.pipeline.scans.decoder_gate import decoder_gate, printed_warnings, tells_of_damage
from ocrfill.pipeline.scans.jpeg_parts import has_all_layers, has_jpeg_end, is_progressive, jpeg_frame
from ocrfill.pipeline.scans.resolution import DotDensity

MAX_PIXELS: Final = 160_000_000
"""The largest image that is decoded. An A3 opening at 600 dpi has 70 million pixels, A2 139; as colour the limit is
480 MB of memory. A small file can claim any size (a decompression bomb), so the size is checked before decoding."""

Pillow.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns at 89 million: below an A2 page at 600 dpi; ours stands

GREY_MODES = frozenset({"1", "L", "LA", "La", "I;16", "I;16B", "I;16L", "I;16N", "I"})
_BAND_PIXELS: Final = 1 << 20
"""How much of an image with opacity is laid on white at a time."""
_OPAQUE_MODES = {"RGBA": "RGB", "LA": "L"}
_ORIENTATION_TAG = 0x0112
_X_DENSITY_TAG, _Y_DENSITY_TAG, _DENSITY_UNIT_TAG = 0x011A, 0x011B, 0x0128
_INCHES = {2: 1.0, 3: 2.54}
"""Dots an inch for each dot a unit: EXIF counts by the inch or the centimetre."""
_JPEG_END = b"\xff\xd9"
_JPEG_CUT = "the JPEG ends in the middle; copy or scan it again"
_JPEG_DAMAGED = "the JPEG is damaged and cannot be decoded; copy or scan it again"
_PICTURE_DAMAGED = "the image is damaged or ends in the middle; copy or scan it again"


@dataclass(frozen=True, slots=True)
class PixelTurn:
    """How an image's pixels are to be laid: first transposed, then mirrored left to right, then upside down."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def __bool__(self) -> bool:
        return self.transpose or self.flip_x or self.flip_y

    def apply(self, image: Image) -> Image:
        """The image turned; the same array where there is nothing to do."""
        if self.transpose:
            image = _bytes(cv2.transpose(image))
        if self.flip_x or self.flip_y:
            code = -1 if self.flip_x and self.flip_y else int(self.flip_x)
            image = _bytes(cv2.flip(image, code))
        return image


EXIF_TURNS = {
    2: PixelTurn(flip_x=True),
    3: PixelTurn(flip_x=True, flip_y=True),
    4: PixelTurn(flip_y=True),
    5: PixelTurn(transpose=True),
    6: PixelTurn(transpose=True, flip_x=True),
    7: PixelTurn(transpose=True, flip_x=True, flip_y=True),
    8: PixelTurn(transpose=True, flip_y=True),
}
"""What each value of the EXIF orientation asks for; 1 and unknown values ask for nothing."""


def check_size(width: int, height: int) -> None:
    """Raises PageError for an image that is too large to decode."""
    if width < 1 or height < 1:
        raise PageError("scan", "the image is empty (no pixels)")
    if width * height > MAX_PIXELS:
        raise PageError(
            "scan",
            f"the image has {width} x {height} = {width * height / 1e6:.0f} million pixels, more than the "
            f"{MAX_PIXELS / 1e6:.0f} million that are read; scan at 300 dpi, or reduce the image, and try again",
        )


def open_picture(stream: BinaryIO) -> Pillow.Image:
    """A picture's head, its pixels not decoded yet. Raises PageError where even the head cannot be read."""
    with decoder_gate("the image's head is damaged, or its form is not read; copy or scan it again"):
        return Pillow.open(stream, formats=("JPEG", "PNG", "TIFF", "BMP", "WEBP"))


def decode_jpeg(content: bytes, *, inverted_inks: bool | None = None) -> Image:
    """A JPEG's pixels as they lie in it. `inverted_inks` says whether a CMYK file counts 255 as no ink; by itself it
    does where it bears the mark of Adobe's programs.

    Raises PageError where pixels are lost: decoders fill the rest with grey and only print a warning. A JPEG that lacks
    nothing but its end mark is read.
    """
    picture = open_picture(io.BytesIO(content))
    check_size(*picture.size)
    whole = has_jpeg_end(content)
    if not has_all_layers(content):
        raise PageError("scan", _JPEG_CUT)
    if not whole:
        # of a progressive JPEG whole layers may be missing, which no decoder tells
        if is_progressive(content):
            raise PageError("scan", _JPEG_CUT)
        content += _JPEG_END
    flag = cv2.IMREAD_GRAYSCALE if picture.mode == "L" else cv2.IMREAD_COLOR
    with decoder_gate(_JPEG_DAMAGED if whole else _JPEG_CUT), printed_warnings() as told:
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    if decoded is None or tells_of_damage(told):
        cut = not whole or any("premature end" in line for line in told)
        raise PageError("scan", _JPEG_CUT if cut else _JPEG_DAMAGED)
    if picture.mode == "CMYK":  # decoded twice: OpenCV tells of damage, Pillow keeps the inks
        if inverted_inks is None:
            inverted_inks = "adobe" in picture.info
        picture = open_picture(io.BytesIO(content))
        load_pixels(picture)
        return as_eight_bit(picture if inverted_inks else ImageChops.invert(picture))  # Pillow always inverts
    return _bytes(decoded)


def check_jpegs(pieces: Iterable[bytes]) -> None:
    """Raises PageError where a JPEG of which another decoder makes a page's pixels lacks some of its own."""
    flags = cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_IGNORE_ORIENTATION
    with decoder_gate(_PICTURE_DAMAGED), printed_warnings() as told:
        for content in pieces:
            frame = jpeg_frame(content)
            if frame is None:
                raise PageError("scan", _PICTURE_DAMAGED)
            check_size(*frame[:2])
            closed = content if has_jpeg_end(content) else content + _JPEG_END
            if cv2.imdecode(np.frombuffer(closed, np.uint8), flags) is None and frame[2] in {1, 3}:
                raise PageError("scan", _PICTURE_DAMAGED)
    if tells_of_damage(told):
        raise PageError("scan", _PICTURE_DAMAGED)


def exif_turn(picture: Pillow.Image) -> PixelTurn:
    """The turn that a picture's EXIF orientation asks for; none where the EXIF cannot be read."""
    try:
        with decoder_gate("the EXIF is damaged"):
            return EXIF_TURNS.get(picture.getexif().get(_ORIENTATION_TAG, 1), PixelTurn())
    except PageError:
        return PixelTurn()


def dot_density(picture: Pillow.Image) -> DotDensity:
    """The dots across and down that a picture names, as its pixels lie when they are decoded."""
    stated: tuple[float, ...] | None = picture.info.get("dpi")
    per_inch = True
    if picture.format in {"JPEG", "WEBP"} and "jfif_density" not in picture.info:
        stated = _exif_density(picture)
    elif picture.info.get("jfif_unit") == 0:
        stated, per_inch = picture.info["jfif_density"], False
    elif stated is None:
        stated, per_inch = picture.info.get("aspect") or picture.info.get("resolution"), False  # PNG, TIFF
    try:
        density = DotDensity(float(stated[0]), float(stated[1]), per_inch) if stated else DotDensity()
    except (TypeError, ValueError, ArithmeticError, IndexError):
        return DotDensity()
    turn = EXIF_TURNS.get(getattr(picture, "tag_v2", {}).get(_ORIENTATION_TAG, 1), PixelTurn())
    return density.turned if turn.transpose else density  # Pillow turns a TIFF when it decodes it


def with_square_dots(image: Image, density: DotDensity) -> Image:
    """The image drawn out across or down until its dots are as wide as high (a fax); no dot is lost."""
    height, width = image.shape[:2]
    size = density.square_size(width, height)
    if size == (width, height):
        return image
    check_size(*size)
    return _bytes(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR))


def _exif_density(picture: Pillow.Image) -> tuple[float, float] | None:
    try:
        with decoder_gate("the EXIF is damaged"):
            exif = picture.getexif()
            x = float(exif[_X_DENSITY_TAG])
            y = float(exif.get(_Y_DENSITY_TAG, x))
            unit = _INCHES.get(exif.get(_DENSITY_UNIT_TAG, 2), 1.0)
            return x * unit, y * unit
    except PageError:
        return None


def as_eight_bit(picture: Pillow.Image) -> Image:
    """A picture's pixels, decoded now: grey for grey, 1-bit and grey palettes; else blue-green-red; alpha on white.

    Raises PageError for pixels that are damaged or of an unknown form.
    """
    load_pixels(picture)
    with decoder_gate(_PICTURE_DAMAGED):
        return _eight_bit(picture)


def is_all_transparent(picture: Pillow.Image) -> bool:
    """Whether every pixel of a picture has no opacity: its program left the channel empty, and nobody scans nothing."""
    return picture.mode in _OPAQUE_MODES and picture.getchannel(len(picture.getbands()) - 1).getextrema() == (0, 0)


def _eight_bit(picture: Pillow.Image) -> Image:
    if is_all_transparent(picture):
        colours = picture.split()[:-1]
        picture = Pillow.merge(_OPAQUE_MODES[picture.mode], colours)
    if picture.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in picture.info:
        picture = _on_white(picture)
    match picture.mode:
        case "1":
            return np.asarray(picture, dtype=np.uint8) * np.uint8(255)
        case "L":
            return _bytes(np.array(picture))
        case "I;16" | "I;16B" | "I;16L" | "I;16N" | "I":
            return _bytes(np.clip(np.asarray(picture), 0, 65535) >> 8)
        case "P":
            return _unpaletted(picture)
        case "RGB":
            return _bytes(cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR))
        case "RGBX" | "CMYK" | "YCbCr":
            return _bytes(cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR))
    raise PageError("scan", f"pixels of the form {picture.mode} are not read; save the image as 8-bit grey or colour")


def grey_if_grey(image: Image) -> Image:
    """One channel of an image whose three channels are the same; else the image."""
    blue, green, red = cv2.split(image)
    if np.array_equal(blue, green) and np.array_equal(green, red):
        return _bytes(green)
    return image


def load_pixels(picture: Pillow.Image) -> None:
    """Decode a picture's pixels. Raises PageError where it is damaged or too large."""
    check_size(*picture.size)
    if picture.format != "TIFF":
        with decoder_gate(_PICTURE_DAMAGED):
            picture.load()
        return
    with decoder_gate(_PICTURE_DAMAGED), printed_warnings() as told:
        picture.load()
    if tells_of_damage(told):
        raise PageError("scan", _PICTURE_DAMAGED)


def _unpaletted(picture: Pillow.Image) -> Image:
    palette = np.array(picture.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    used = np.unique(np.asarray(picture))
    used = used[used < len(palette)]
    grey = bool((palette[used] == palette[used][:, :1]).all())
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette)] = palette[:256]
    indices = np.asarray(picture)
    return _bytes(table[:, 0][indices] if grey else table[:, ::-1][indices])


def _on_white(picture: Pillow.Image) -> Pillow.Image:
    grey = picture.mode in GREY_MODES and not isinstance(picture.info.get("transparency"), tuple)
    flat = Pillow.new("RGB", picture.size)
    rows = max(1, _BAND_PIXELS // picture.width)
    for top in range(0, picture.height, rows):  # at once it would take five times the image's own memory
        layer = picture.crop((0, top, picture.width, min(top + rows, picture.height))).convert("RGBA")
        flat.paste(Pillow.alpha_composite(Pillow.new("RGBA", layer.size, "white"), layer).convert("RGB"), (0, top))
    if not grey and picture.mode in {"P", "PA"}:
        red, green, blue = flat.split()
        grey = not ImageChops.difference(red, green).getbbox() and not ImageChops.difference(red, blue).getbbox()
    return flat.convert("L") if grey else flat


def _bytes(image: NDArray[np.generic] | cv2.typing.MatLike) -> Image:
    """An array of 8-bit values, contiguous, as an Image."""
    return np.ascontiguousarray(image, dtype=np.uint8)
