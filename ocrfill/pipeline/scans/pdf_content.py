"""What a PDF page shows: which images lie where, and whether there is anything else to see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pikepdf

Rectangle = tuple[float, float, float, float]
"""Left, bottom, right, top in points, y up."""

MALFORMED_ERRORS: Final = (
    pikepdf.PikepdfError,
    NotImplementedError,
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
)
"""What looking into a PDF's objects raises where they are not as they must be: a number in place of a name."""
_MAX_FORMS_DEEP: Final = 4
_EDGE: Final = 0.01
"""By what share of its width or height an image may stick out of a clip or of the page: rounding of producers."""

# fmt: off
_SILENT: Final = frozenset({
    "w", "J", "j", "M", "d", "ri", "i", "CS", "cs", "SC", "SCN", "sc", "scn", "G", "g", "RG", "rg", "K", "k",
    "BT", "ET", "Tc", "Tw", "Tz", "TL", "Tf", "Ts", "Td", "TD", "Tm", "T*", "MP", "DP", "BMC", "EMC", "BX", "EX",
})
# fmt: on
"""Operators that leave no mark: line and text state, colours, marked content."""
_PATH: Final = frozenset({"m", "l", "c", "v", "y", "h", "re"})
_TEXT: Final = frozenset({"Tj", "TJ", "'", '"'})
_INVISIBLE_TEXT: Final = 3  # the render mode of the text layer that scanners with OCR lay over the image
_BEGUN_IMAGE: Final = re.compile(rb"(?:^|\s)BI\s[^()]{0,1000}?/H(?:eight)?\s[^()]{0,1000}?\sID\s")
_PLAIN_STATE: Final = {"/SMask": {"/None"}, "/BM": {"/Normal", "/Compatible"}}


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image, its size in pixels, and the map from its unit square (y up, its top at 1) to points of the page."""

    image: pikepdf.Stream
    width: int
    height: int
    matrix: pikepdf.Matrix

    @property
    def box(self) -> Rectangle:
        """Where it stands on the page, in points."""
        return bounds(self.matrix, (0.0, 0.0, 1.0, 1.0))


@dataclass(slots=True)
class PdfPageContent:
    """The images of a page in the order drawn; `only_images` is false where anything else may be seen.

    `streams` are all images that may be seen: those of layers, notes, patterns, masks and of letters drawn as images
    too; `inline` are those that stand among the operators themselves. `cut_off` says that operators end within one.
    """

    images: list[PlacedImage] = field(default_factory=list)
    only_images: bool = True
    streams: list[pikepdf.Stream] = field(default_factory=list)
    inline: list[pikepdf.PdfInlineImage] = field(default_factory=list)
    cut_off: bool = False
    looked_into: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _State:
    matrix: pikepdf.Matrix
    text_mode: int = 0
    clips: tuple[Rectangle, ...] = ()


def page_content(page: pikepdf.Page) -> PdfPageContent:
    """Walk through a page's drawing operators and those of the forms it uses, as far as they are well formed."""
    content = PdfPageContent()
    try:
        resources = page.obj.get("/Resources", pikepdf.Dictionary())
        _Walk(content, resources, _State(pikepdf.Matrix()), depth=0).through(page.obj)
        for annotation in _dictionaries(page.obj.get("/Annots")):
            if "/AP" in annotation:  # a stamp, a note, a signature's picture
                content.only_images = False
                content.streams += _images_within(annotation["/AP"].get("/N"), depth=0)
                for look in _forms(annotation["/AP"].get("/N")):
                    _look_into(content, look, resources, depth=0)
    except MALFORMED_ERRORS:
        content.only_images = False  # poppler makes of it what viewers do
    return content


def finer_mask(placed: PlacedImage) -> float:
    """How many times finer an image's mask is than the image, 1 where it is not: the mask then carries the writing."""
    factor = 1.0
    for key in ("/SMask", "/Mask"):
        mask = placed.image.get(key)
        if isinstance(mask, pikepdf.Stream):
            width, height = int(mask.get("/Width", 0)), int(mask.get("/Height", 0))
            factor = max(factor, width / max(1, placed.width), height / max(1, placed.height))
    return factor


def bounds(matrix: pikepdf.Matrix, box: Rectangle) -> Rectangle:
    """The upright rectangle around a mapped rectangle."""
    left, bottom, right, top = box
    corners = [matrix.transform(corner) for corner in ((left, bottom), (right, bottom), (right, top), (left, top))]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def is_axis_aligned(matrix: pikepdf.Matrix) -> bool:
    """Whether the map keeps upright rectangles upright: mirrored, stretched or in quarter turns at most."""
    slack = 1e-3 * max(abs(matrix.a), abs(matrix.b), abs(matrix.c), abs(matrix.d))
    return max(abs(matrix.b), abs(matrix.c)) <= slack or max(abs(matrix.a), abs(matrix.d)) <= slack


def lies_within(inner: Rectangle, outer: Rectangle) -> bool:
    """Whether `inner` sticks out of `outer` nowhere by more than a rounding."""
    x, y = _EDGE * (inner[2] - inner[0]), _EDGE * (inner[3] - inner[1])
    return (
        inner[0] >= outer[0] - x and inner[1] >= outer[1] - y and inner[2] <= outer[2] + x and inner[3] <= outer[3] + y
    )


def rectangle(values: Iterable[object]) -> Rectangle:
    """A PDF rectangle, its corners put in order."""
    x0, y0, x1, y1 = (float(str(value)) for value in values)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


class _Walk:
    """The walk through one stream of operators, adding what it draws to a page's content."""

    def __init__(self, content: PdfPageContent, resources: pikepdf.Object, state: _State, depth: int) -> None:
        self.content = content
        self.resources = resources
        self.state = state
        self.depth = depth
        self.stack: list[_State] = []
        self.path: list[Rectangle | None] = []
        self.clipping = False

    def through(self, stream: pikepdf.Object) -> None:
        for instruction in pikepdf.parse_content_stream(stream):
            operands, name = instruction.operands, str(instruction.operator)
            self._follow(name, operands)
            match name:
                case "q":
                    self.stack.append(self.state)
                case "Q":
                    self.state = self.stack.pop() if self.stack else self.state
                case "cm":
                    self.state = replace(self.state, matrix=_matrix(operands) @ self.state.matrix)
                case "Tr":
                    self.state = replace(self.state, text_mode=int(_numbers(operands)[0]))
                case "Do":
                    self._draw(_entry(self.resources, "/XObject", str(operands[0])))
                case "gs":
                    self.content.only_images &= _is_plain(_entry(self.resources, "/ExtGState", str(operands[0])))
                case "BDC":
                    self.content.only_images &= str(operands[0]) != "/OC"  # a layer, which may be hidden
                case _ if name in _PATH or name in {"W", "W*", "n"}:
                    self._outline(name, operands)
                case _ if name in _SILENT or (name in _TEXT and self.state.text_mode == _INVISIBLE_TEXT):
                    pass
                case _:  # painting, visible text, an inline image, or something unknown
                    self.content.only_images = False
                    self.path, self.clipping = [], False

        self.content.cut_off |= _ends_within_image(stream)

    def _follow(self, name: str, operands: Any) -> None:
        """Look for images that an operator brings to the page without drawing them itself, or at once."""
        match name:
            case "INLINE IMAGE":
                self.content.inline.append(operands[0])
            case "gs":
                self._look_into(_mask_group(_entry(self.resources, "/ExtGState", str(operands[0]))))
            case "scn" | "SCN" if operands and isinstance(operands[-1], pikepdf.Name):
                self._look_into(_entry(self.resources, "/Pattern", str(operands[-1])))
            case "Tf":
                font = _entry(self.resources, "/Font", str(operands[0]))
                resources = self.resources if font is None else font.get("/Resources", self.resources)
                for letter in _drawn_letters(font):
                    _look_into(self.content, letter, resources, self.depth + 1)

    def _outline(self, name: str, operands: Iterable[object]) -> None:
        """A path that is not painted: nothing to see, but it may cut off what follows."""
        matrix = self.state.matrix
        if name == "re":
            x, y, width, height = _numbers(operands)
            self.path.append(bounds(matrix, rectangle((x, y, x + width, y + height))))
        elif name in _PATH:
            self.path.append(None)
        elif name == "n":
            box = self.path[0] if len(self.path) == 1 and is_axis_aligned(matrix) else None
            if self.clipping and box is not None:
                self.state = replace(self.state, clips=(*self.state.clips, box))
            elif self.clipping:
                self.content.only_images = False  # cut to a shape that is no upright rectangle
            self.path, self.clipping = [], False
        else:
            self.clipping = True

    def _draw(self, drawn: pikepdf.Object | None) -> None:
        state = self.state
        if isinstance(drawn, pikepdf.Stream) and drawn.get("/Subtype") == "/Image":
            self.content.streams.append(drawn)
        if drawn is not None and "/OC" in drawn:
            self.content.streams += _images_within(drawn, self.depth)
            if drawn.get("/Subtype") == "/Form":
                self._look_into(drawn)
        if drawn is None or "/OC" in drawn:
            self.content.only_images = False
        elif drawn.get("/Subtype") == "/Image" and isinstance(drawn, pikepdf.Stream):
            width, height = _numbers((drawn["/Width"], drawn["/Height"]))
            placed = PlacedImage(drawn, int(width), int(height), state.matrix)
            self.content.images.append(placed)
            self.content.only_images &= all(lies_within(placed.box, clip) for clip in state.clips)
        elif drawn.get("/Subtype") == "/Form" and self.depth < _MAX_FORMS_DEEP:
            matrix = _matrix(drawn.get("/Matrix", [1, 0, 0, 1, 0, 0])) @ state.matrix
            clips = (*state.clips, bounds(matrix, rectangle(drawn["/BBox"])))
            self.content.only_images &= is_axis_aligned(matrix)
            inside = replace(state, matrix=matrix, clips=clips)
            _Walk(self.content, drawn.get("/Resources", self.resources), inside, self.depth + 1).through(drawn)
        else:
            self.content.only_images = False

    def _look_into(self, drawn: pikepdf.Object | None) -> None:
        _look_into(self.content, drawn, self.resources, self.depth + 1)


def _look_into(content: PdfPageContent, drawn: object, resources: pikepdf.Object, depth: int) -> None:
    """Add the images that a form draws which is no part of the page's own content: a pattern, a letter, a mask."""
    if not isinstance(drawn, pikepdf.Stream) or depth > _MAX_FORMS_DEEP or drawn.objgen in content.looked_into:
        return
    content.looked_into.add(drawn.objgen)
    inside = PdfPageContent(looked_into=content.looked_into)
    try:
        _Walk(inside, drawn.get("/Resources", resources), _State(pikepdf.Matrix()), depth).through(drawn)
    except MALFORMED_ERRORS:
        return  # poppler makes of it what viewers do
    finally:
        content.streams += inside.streams
        content.inline += inside.inline
        content.cut_off |= inside.cut_off


def _ends_within_image(stream: pikepdf.Object) -> bool:
    """Whether the last image among operators has no end: such a one is in no list, and drawn as far as it goes."""
    drawn = stream if isinstance(stream, pikepdf.Stream) else stream.get("/Contents")
    parts = list(drawn) if isinstance(drawn, pikepdf.Array) else [drawn]
    content = b"\n".join(part.read_bytes() for part in parts if isinstance(part, pikepdf.Stream))
    return _BEGUN_IMAGE.search(content, content.rfind(b"EI") + 1) is not None


def _forms(drawn: pikepdf.Object | None) -> list[pikepdf.Object]:
    """The form of a note, or that of each of its states."""
    if isinstance(drawn, pikepdf.Stream):
        return [drawn]
    return [drawn[key] for key in drawn.keys()] if isinstance(drawn, pikepdf.Dictionary) else []  # noqa: SIM118 - no dict


def _mask_group(state: pikepdf.Object | None) -> pikepdf.Object | None:
    mask = None if state is None else state.get("/SMask")
    return mask.get("/G") if isinstance(mask, pikepdf.Dictionary) else None


def _drawn_letters(font: pikepdf.Object | None) -> list[pikepdf.Object]:
    """The letters of a font whose letters are drawings or images, as some programs make of scanned text."""
    if font is None or font.get("/Subtype") != "/Type3":
        return []
    letters = font.get("/CharProcs")
    return [letters[key] for key in letters.keys()] if isinstance(letters, pikepdf.Dictionary) else []  # noqa: SIM118 - no dict


def _images_within(drawn: pikepdf.Object | None, depth: int) -> list[pikepdf.Stream]:
    """The images of a form, or of each form of a note: its states; no deeper than forms are followed."""
    if depth > _MAX_FORMS_DEEP or not isinstance(drawn, pikepdf.Dictionary | pikepdf.Stream):
        return []
    if drawn.get("/Subtype") == "/Image":
        return [drawn] if isinstance(drawn, pikepdf.Stream) else []
    inner: pikepdf.Object | None = drawn
    if isinstance(drawn, pikepdf.Stream):
        resources = drawn.get("/Resources")
        inner = None if resources is None else resources.get("/XObject")
    return [] if inner is None else [image for key in inner.keys() for image in _images_within(inner[key], depth + 1)]  # noqa: SIM118 - no dict


def _entry(resources: pikepdf.Object, kind: str, name: str) -> pikepdf.Object | None:
    group = resources.get(kind)
    return None if group is None else group.get(name)


def _is_plain(state: pikepdf.Object | None) -> bool:
    """Whether a graphics state leaves images as they are: no mask, full opacity, normal blending."""
    if state is None:
        return False
    opaque = all(float(str(state.get(key, 1))) == 1 for key in ("/ca", "/CA"))
    return opaque and all(key not in state or str(state[key]) in plain for key, plain in _PLAIN_STATE.items())


def _numbers(values: Iterable[object]) -> list[float]:
    return [float(str(value)) for value in values]


def _matrix(values: Iterable[object]) -> pikepdf.Matrix:
    return pikepdf.Matrix(*_numbers(values))


def _dictionaries(array: pikepdf.Object | None) -> list[pikepdf.Object]:
    return [item for item in array if isinstance(item, pikepdf.Dictionary)] if isinstance(array, pikepdf.Array) else []
