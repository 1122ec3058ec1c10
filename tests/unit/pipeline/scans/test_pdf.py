"""Pages of PDFs: the scan's own pixels where the page is one image, drawn otherwise; damage told in words."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name
from PIL import Image as Pillow

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import open_scan, pdf
from ocrfill.pipeline.scans.jpeg_clean import clean_jpeg

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 248, 352  # at 30 dots an inch a page of A4
A4 = (WIDTH / 30 * 72, HEIGHT / 30 * 72)


def page_pixels() -> Pixels:
    """Red, green, blue; every corner different, smooth enough for JPEG."""
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    image = np.stack([255 - 40 * x, 200 + 50 * y, 120 + 100 * x * y], axis=-1).astype(np.uint8)
    image[10:60, 10:90] = (20, 30, 160)
    image[HEIGHT - 60 : HEIGHT - 20, WIDTH // 2 :] = (200, 20, 30)
    return image


def jpeg(image: Pixels | Pillow.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture = image if isinstance(image, Pillow.Image) else Pillow.fromarray(image)
    picture.save(buffer, "JPEG", quality=90, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


class Book:
    """A PDF under construction."""

    def __init__(self) -> None:
        self.document = pikepdf.new()

    def image(self, content: bytes, space: object, bits: int = 8, **more: object) -> pikepdf.Stream:
        keys: dict[str, object] = {
            "Type": Name.XObject,
            "Subtype": Name.Image,
            "Width": WIDTH,
            "Height": HEIGHT,
            "ColorSpace": space,
            "BitsPerComponent": bits,
            **more,
        }
        return pikepdf.Stream(
            self.document, content, Dictionary({f"/{k}": v for k, v in keys.items() if v is not None})
        )

    def jpeg(self, content: bytes | None = None, space: object = Name.DeviceRGB, **more: object) -> pikepdf.Stream:
        return self.image(content or jpeg(page_pixels()), space, Filter=Name.DCTDecode, **more)

    def page(
        self,
        operators: str | None = None,
        box: tuple[float, ...] = (0, 0, *A4),
        xobjects: dict[str, pikepdf.Object] | None = None,
        **more: object,
    ) -> None:
        """A page; without operators the object Im0 fills it."""
        content = operators if operators is not None else f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /Im0 Do Q"
        objects = {f"/{key}": self.document.make_indirect(value) for key, value in (xobjects or {}).items()}
        resources = Dictionary(
            XObject=Dictionary(objects),
            ExtGState=Dictionary(Thin=Dictionary(ca=0.5), Plain=Dictionary(ca=1)),
            Font=Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)),
        )
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array(box),
            Resources=resources,
            Contents=self.document.make_stream(content.encode()),
            **more,
        )
        self.document.pages.append(pikepdf.Page(self.document.make_indirect(page)))

    def save(self, folder: Path, **options: object) -> Path:
        path = folder / "book.pdf"
        self.document.save(path, **options)  # type: ignore[arg-type]
        return path


def one(folder: Path, image: Callable[[Book], pikepdf.Stream], operators: str | None = None, **more: object) -> Path:
    book = Book()
    book.page(operators, xobjects={"Im0": image(book)}, **more)  # type: ignore[arg-type]
    return book.save(folder)


def read(path: Path) -> Pixels:
    return open_scan(path).page(1).image


@pytest.fixture
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails a test in which a page is drawn and not taken out."""

    def drawn(*_: object) -> None:
        raise AssertionError("the page was drawn")

    monkeypatch.setattr(pdf, "_drawn", drawn)


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the pages drawn."""
    calls: list[int] = []
    real = pdf._drawn

    def drawn(path: Path, number: int, sheet: object, dpi: int) -> Pixels:
        calls.append(dpi)
        return real(path, number, sheet, dpi)  # type: ignore[arg-type]

    monkeypatch.setattr(pdf, "_drawn", drawn)
    return calls


def decoded(content: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION))


# ---- taken out


@pytest.mark.usefixtures("no_drawing")
def test_jpeg_is_taken_out_exactly_and_exif_does_not_count(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[274] = 6
    content = jpeg(page_pixels(), exif=exif)
    path = one(tmp_path, lambda book: book.jpeg(content))
    scan = open_scan(path)
    assert np.array_equal(scan.page(1).image, decoded(content))
    assert scan.jpeg(1) == clean_jpeg(content)
    assert scan.jpeg(1) != content


@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90, 450])
@pytest.mark.parametrize("inherited", [False, True])
def test_page_rotation(tmp_path: Path, rotate: int, inherited: bool) -> None:
    content = jpeg(page_pixels())
    book = Book()
    book.page(xobjects={"Im0": book.jpeg(content)}, **({} if inherited else {"Rotate": rotate}))
    if inherited:
        book.document.Root.Pages.Rotate = rotate
    scan = open_scan(book.save(tmp_path))
    expected = np.rot90(decoded(content), -rotate // 90)
    assert np.array_equal(scan.page(1).image, expected)
    assert (scan.jpeg(1) is None) == (rotate != 0)


@pytest.mark.poppler
@pytest.mark.parametrize("rotate", [0, 90])
@pytest.mark.parametrize(
    "matrix",
    ["{w} 0 0 {h} 0 0", "-{w} 0 0 {h} {w} 0", "{w} 0 0 -{h} 0 {h}", "-{w} 0 0 -{h} {w} {h}",
     "0 {h} {w} 0 0 0", "0 -{h} {w} 0 0 {h}", "0 {h} -{w} 0 {w} 0", "0 -{h} -{w} 0 {w} {h}"],
)  # fmt: skip
def test_turns_and_mirrors_of_the_matrix_are_as_poppler_shows_them(tmp_path: Path, matrix: str, rotate: int) -> None:
    content = jpeg(page_pixels())
    sideways = matrix.startswith(("0", "-0"))
    w, h = A4[::-1] if sideways else A4
    operators = f"q {matrix.format(w=w, h=h)} cm /Im0 Do Q"
    path = one(tmp_path, lambda book: book.jpeg(content), operators, box=(0, 0, w, h), Rotate=rotate)
    image = read(path)
    with pikepdf.open(path) as document:
        shown = pdf._drawn(path, 1, pdf._sheet(document.pages[0]), 30)
    assert image.shape == shown.shape
    assert np.abs(image.astype(int) - shown).mean() < 3


@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize(
    "operators",
    [
        "/Im0 Do",
        "/Artifact BMC q 0 0 {w} {h} re W n {cm} /Im0 Do Q EMC",
        "/Plain gs {cm} /Im0 Do",
        "q {cm} /Im0 Do Q BT 3 Tr /F 9 Tf 20 20 Td (hidden text) Tj ET",
        "q .5 0 0 .5 0 0 cm 2 0 0 2 0 0 cm {cm} /Im0 Do Q",
        "q {w} 0 0 {h} 0.9 -0.9 cm /Im0 Do Q",
        "q {w} 0.00001 0.00001 {h} 0 0 cm /Im0 Do Q",
    ],
)
def test_an_image_alone_on_its_page_is_taken_out(tmp_path: Path, operators: str) -> None:
    content = jpeg(page_pixels())
    cm = f"{A4[0]} 0 0 {A4[1]} 0 0 cm"
    text = operators.format(cm=cm, w=A4[0], h=A4[1])
    path = one(tmp_path, lambda book: book.jpeg(content), text if "cm" in text else f"{cm} {text}")
    assert np.array_equal(read(path), decoded(content))


@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize("own_resources", [True, False])
def test_an_image_in_a_form_is_taken_out(tmp_path: Path, own_resources: bool) -> None:
    content = jpeg(page_pixels())
    book = Book()
    image = book.document.make_indirect(book.jpeg(content))
    form = book.document.make_stream(b"q 1 0 0 1 0 0 cm /Im0 Do Q")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
    form.Matrix = Array([A4[0], 0, 0, A4[1], 0, 0])
    if own_resources:
        form.Resources = Dictionary(XObject=Dictionary(Im0=image))
    book.page("/Fm0 Do", xobjects={"Fm0": form, "Im0": image})
    assert np.array_equal(read(book.save(tmp_path)), decoded(content))


def flate(pixels: NDArray[np.generic]) -> bytes:
    return zlib.compress(pixels.tobytes())


def bits(image: NDArray[np.bool_]) -> bytes:
    return zlib.compress(np.packbits(image, axis=1).tobytes())


def palette_image(book: Book) -> pikepdf.Stream:
    table = bytes(range(0, 240, 20)) + b"\x10\xf0\x80" * 4
    space = Array([Name.Indexed, Name.DeviceRGB, 7, pikepdf.String(table)])
    index = (page_pixels()[..., 0] // 32).astype(np.uint8)
    return book.image(flate(index), space, Filter=Name.FlateDecode)


def ccitt_image(book: Book, *, black_is_1: bool) -> pikepdf.Stream:
    buffer = io.BytesIO()
    Pillow.fromarray(page_pixels()[..., 0] > 100).save(buffer, "TIFF", compression="group4", strip_size=1 << 30)
    tiff = Pillow.open(io.BytesIO(buffer.getvalue()))
    offset, size = tiff.tag_v2[273][0], tiff.tag_v2[279][0]
    parms = Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT, BlackIs1=black_is_1)
    content = buffer.getvalue()[offset : offset + size]
    return book.image(content, Name.DeviceGray, 1, Filter=Name.CCITTFaxDecode, DecodeParms=parms)


def cmyk_pixels() -> Pixels:
    return np.asarray(Pillow.fromarray(page_pixels()).convert("CMYK"))


FLATE = {"Filter": Name.FlateDecode}
INVERTED4 = Array([1, 0] * 4)
KINDS: dict[str, Callable[[Book], pikepdf.Stream]] = {
    "grey jpeg": lambda book: book.jpeg(jpeg(page_pixels()[..., 0]), Name.DeviceGray),
    "inverted grey jpeg": lambda book: book.jpeg(jpeg(page_pixels()[..., 0]), Name.DeviceGray, Decode=Array([1, 0])),
    "inverted colour jpeg": lambda book: book.jpeg(Decode=Array([1, 0, 1, 0, 1, 0])),
    "cmyk jpeg": lambda book: book.jpeg(jpeg(Pillow.fromarray(cmyk_pixels(), "CMYK")), Name.DeviceCMYK),
    "inverted cmyk jpeg": lambda book: book.jpeg(
        jpeg(Pillow.fromarray(cmyk_pixels(), "CMYK")), Name.DeviceCMYK, Decode=INVERTED4
    ),
    "grey": lambda book: book.image(flate(page_pixels()[..., 0]), Name.DeviceGray, **FLATE),
    "inverted grey": lambda book: book.image(
        flate(page_pixels()[..., 0]), Name.DeviceGray, Decode=Array([1, 0]), **FLATE
    ),
    "colour": lambda book: book.image(flate(page_pixels()), Name.DeviceRGB, **FLATE),
    "cmyk": lambda book: book.image(flate(cmyk_pixels()), Name.DeviceCMYK, **FLATE),
    "one bit": lambda book: book.image(bits(page_pixels()[..., 0] > 100), Name.DeviceGray, 1, **FLATE),
    "one bit inverted": lambda book: book.image(
        bits(page_pixels()[..., 0] > 100), Name.DeviceGray, 1, Decode=Array([1, 0]), **FLATE
    ),
    "ccitt": lambda book: ccitt_image(book, black_is_1=False),
    "ccitt black is 1": lambda book: ccitt_image(book, black_is_1=True),
    "palette": palette_image,
    "four bits": lambda book: book.image(
        flate(page_pixels()[:, ::2, 0] & 0xF0 | page_pixels()[:, 1::2, 0] >> 4), Name.DeviceGray, 4, **FLATE
    ),
    "sixteen bits": lambda book: book.image(
        flate((page_pixels()[..., 0].astype(">u2") * 257).astype(">u2")), Name.DeviceGray, 16, **FLATE
    ),
}  # fmt: skip


@pytest.mark.poppler
@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize("kind", KINDS)
def test_every_form_of_image_comes_out_as_poppler_shows_it(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = one(tmp_path, KINDS[kind])
    image = read(path)
    monkeypatch.undo()
    with pikepdf.open(path) as document:
        shown = pdf._drawn(path, 1, pdf._sheet(document.pages[0]), 30)
    assert image.shape == shown.shape
    bound = 25 if "cmyk" in kind else 3  # poppler mixes inks as a press would, we as Pillow does
    assert np.abs(image.astype(int) - shown).mean() < bound


@pytest.mark.usefixtures("no_drawing")
def test_lossless_images_come_out_exactly(tmp_path: Path) -> None:
    assert np.array_equal(read(one(tmp_path, KINDS["colour"])), page_pixels()[..., ::-1])
    assert np.array_equal(read(one(tmp_path, KINDS["grey"])), page_pixels()[..., 0])
    bilevel = np.where(page_pixels()[..., 0] > 100, 255, 0)
    assert np.array_equal(read(one(tmp_path, KINDS["one bit"])), bilevel)
    assert np.array_equal(read(one(tmp_path, KINDS["ccitt black is 1"])), bilevel)
    assert np.array_equal(read(one(tmp_path, KINDS["sixteen bits"])), page_pixels()[..., 0])


# ---- drawn


@pytest.mark.poppler
@pytest.mark.parametrize(
    "operators",
    [
        "{cm} /Im0 Do BT /F 40 Tf 100 100 Td (Seen) Tj ET",
        "{cm} /Im0 Do 0 0 1 1 re f",
        "/Thin gs {cm} /Im0 Do",
        "q 100 100 200 200 re W n {cm} /Im0 Do Q",
        "q 10 10 m 500 10 l 10 700 l h W n {cm} /Im0 Do Q",
        "q 500 50 -50 700 20 20 cm /Im0 Do Q",
        "q 200 0 0 284 20 20 cm /Im0 Do Q",
        "q {w} 0 0 {h} 100 100 cm /Im0 Do Q",
        "/OC /Layer BDC {cm} /Im0 Do EMC",
        "{cm} /Im0 Do q 20 0 0 20 0 0 cm /Im0 Do Q",
        "",
    ],
)
def test_pages_with_more_or_less_than_one_image_are_drawn(tmp_path: Path, operators: str, drawing: list[int]) -> None:
    text = operators.format(cm=f"{A4[0]} 0 0 {A4[1]} 0 0 cm", w=A4[0], h=A4[1])
    path = one(tmp_path, lambda book: book.jpeg(), text)
    page = open_scan(path).page(1)
    assert drawing == [page.dpi]
    assert page.dpi == (300 if "/Im0" not in operators else 150)
    assert abs(page.height / page.dpi - HEIGHT / 30) < 0.02
    assert open_scan(path).jpeg(1) is None


@pytest.mark.poppler
def test_strips_are_drawn_at_their_own_resolution_and_grey_stays_grey(tmp_path: Path, drawing: list[int]) -> None:
    book = Book()
    grey = cv2.resize(page_pixels()[..., 0], (WIDTH * 6, HEIGHT * 6), interpolation=cv2.INTER_NEAREST)
    objects: dict[str, pikepdf.Object] = {}
    operators = ""
    for n in range(4):
        strip = grey[n * HEIGHT * 6 // 4 : (n + 1) * HEIGHT * 6 // 4]
        objects[f"S{n}"] = book.image(
            flate(strip), Name.DeviceGray, Filter=Name.FlateDecode, Width=strip.shape[1], Height=strip.shape[0]
        )
        operators += f"q {A4[0]} 0 0 {A4[1] / 4} 0 {A4[1] * (3 - n) / 4} cm /S{n} Do Q "
    book.page(operators, xobjects=objects)
    page = open_scan(book.save(tmp_path)).page(1)
    assert drawing == [180]
    drawn = page.image[: HEIGHT * 6, : WIDTH * 6]  # poppler rounds the page's size up
    assert drawn.shape == grey.shape
    assert np.abs(drawn.astype(int) - grey).mean() < 1


@pytest.mark.poppler
def test_crop_box_counts(tmp_path: Path, drawing: list[int]) -> None:
    path = one(tmp_path, lambda book: book.jpeg(), CropBox=Array([0, 0, A4[0] / 2, A4[1]]))
    page = open_scan(path).page(1)
    assert abs(page.width / page.height - WIDTH / HEIGHT / 2) < 0.01
    assert drawing == [150]


@pytest.mark.poppler
def test_odd_jpegs_are_drawn(tmp_path: Path, drawing: list[int]) -> None:
    """Packed twice, a palette, a mask, a wrong size, a spot colour, a colour transform, grey announced as colour."""
    book = Book()
    grey = jpeg(page_pixels()[..., 0])
    table = Array([Name.Indexed, Name.DeviceGray, 255, pikepdf.String(bytes(range(256)))])
    spot = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1]), C1=Array([0]), N=1)
    mask = book.document.make_indirect(book.image(flate(page_pixels()[..., 0]), Name.DeviceGray, **FLATE))
    odd = [
        book.image(zlib.compress(grey), Name.DeviceGray, Filter=Array([Name.FlateDecode, Name.DCTDecode])),
        book.jpeg(grey, table),
        book.jpeg(SMask=mask),
        book.jpeg(Height=HEIGHT // 2),
        book.jpeg(grey, Array([Name.Separation, Name.Black, Name.DeviceGray, spot])),
        book.jpeg(DecodeParms=Dictionary(ColorTransform=0)),
        book.jpeg(grey),
    ]
    for image in odd:
        book.page(xobjects={"Im0": image})
    scan = open_scan(book.save(tmp_path))
    for number in range(1, scan.pages + 1):
        assert scan.page(number).dpi == 150
        assert scan.jpeg(number) is None
        assert len(drawing) == number


@pytest.mark.poppler
def test_an_image_that_poppler_leaves_out_is_no_blank_page(tmp_path: Path, drawing: list[int]) -> None:
    book = Book()
    book.page(xobjects={"Im0": book.image(b"no JBIG2 at all", Name.DeviceGray, 1, Filter=Name.JBIG2Decode)})
    book.page("/Nothing Do")
    book.page("")
    scan = open_scan(book.save(tmp_path))
    for number in (1, 2):
        with pytest.raises(PageError, match="cannot be drawn"):
            scan.page(number)
    assert (scan.page(3).image == 255).all()
    assert drawing == [150, 300, 300]


@pytest.mark.poppler
def test_jpeg_2000_and_inline_images_are_drawn(tmp_path: Path, drawing: list[int]) -> None:
    buffer = io.BytesIO()
    Pillow.fromarray(page_pixels()).save(buffer, "JPEG2000", quality_layers=[10])
    book = Book()
    book.page(xobjects={"Im0": book.image(buffer.getvalue(), None, Filter=Name.JPXDecode)})
    inline = "q 400 0 0 400 50 50 cm BI /W 2 /H 2 /CS /G /BPC 8 /F /AHx ID 00ff00ff> EI Q"
    book.page(f"{inline} q {A4[0]} 0 0 {A4[1]} 0 0 cm /Im0 Do Q", xobjects={"Im0": book.jpeg()})
    scan = open_scan(book.save(tmp_path))
    small = cv2.resize(scan.page(1).image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - page_pixels()[..., ::-1]).mean() < 5
    assert scan.page(2).image.ndim == 3
    assert drawing == [150, 150]


# ---- resolution


@pytest.mark.usefixtures("no_drawing")
@pytest.mark.parametrize(
    ("points", "unit", "expected"),
    [(595.2, 1, 300), (5952, 0.1, 300), (2480, 1, 300), (2480 * 0.75, 1, 300), (446.4, 1, 400)],
)
def test_dpi_comes_from_the_paper_unless_it_cannot_be(
    tmp_path: Path, points: float, unit: float, expected: float
) -> None:
    book = Book()
    image = book.image(b"", Name.DeviceGray, 1, Width=2480, Height=3508, Filter=Name.FlateDecode)
    image.write(zlib.compress(bytes(310 * 3508)), filter=Name.FlateDecode)
    height = points * 3508 / 2480
    book.page(f"{points} 0 0 {height} 0 0 cm /Im0 Do", (0, 0, points, height), {"Im0": image}, UserUnit=unit)
    page = open_scan(book.save(tmp_path)).page(1)
    assert page.dpi == pytest.approx(expected, abs=0.5)


def mrc_page(book: Book, layers: list[pikepdf.Stream], **more: object) -> None:
    """Layers over each other, each over the whole page."""
    operators = "".join(f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /L{n} Do Q " for n in range(len(layers)))
    book.page(operators, xobjects={f"L{n}": layer for n, layer in enumerate(layers)}, **more)  # type: ignore[arg-type]


def stencil(book: Book, factor: int) -> pikepdf.Stream:
    """Writing as a stencil, so many times finer than the page's pixels."""
    ink = np.kron(page_pixels()[..., 0] > 100, np.ones((factor, factor), bool))
    size = {"Width": WIDTH * factor, "Height": HEIGHT * factor}
    return book.image(bits(ink), None, 1, ImageMask=True, **size, **FLATE)


def blown_up(book: Book, factor: int) -> pikepdf.Stream:
    grey = np.kron(page_pixels()[..., 0], np.ones((factor, factor), np.uint8))
    return book.image(flate(grey), Name.DeviceGray, Width=WIDTH * factor, Height=HEIGHT * factor, **FLATE)


@pytest.mark.poppler
@pytest.mark.parametrize("finest_first", [True, False])
def test_layers_are_drawn_at_the_finest(tmp_path: Path, drawing: list[int], finest_first: bool) -> None:
    book = Book()
    pixel = book.image(b"\xff", Name.DeviceGray, Width=1, Height=1)
    masked = book.jpeg(SMask=book.document.make_indirect(blown_up(book, 10)))
    for layers in ([book.jpeg(), stencil(book, 10)], [pixel, blown_up(book, 10)], [masked], [book.jpeg(), masked]):
        mrc_page(book, layers[::-1] if finest_first else layers)
    scan = open_scan(book.save(tmp_path))
    for number in range(1, 5):
        page = scan.page(number)
        assert page.dpi == 300
        assert page.width == pytest.approx(WIDTH * 10, abs=1)
    assert drawing == [300] * 4


@pytest.mark.poppler
def test_patches_of_writing_count_together_and_a_logo_does_not(tmp_path: Path, drawing: list[int]) -> None:
    book = Book()
    fine = book.document.make_indirect(blown_up(book, 10))
    whole = f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /Im0 Do Q "
    patches = "".join(f"q {A4[0] / 10} 0 0 {A4[1] / 10} {50 * n} 9 cm /Fine Do Q " for n in range(3))
    book.page(whole + patches, xobjects={"Im0": blown_up(book, 6), "Fine": fine})
    book.page(whole + "q 30 0 0 40 9 9 cm /Fine Do Q", xobjects={"Im0": blown_up(book, 6), "Fine": fine})
    book.page("q 30 0 0 40 9 9 cm /Im0 Do Q BT /F 9 Tf 90 90 Td (text) Tj ET", xobjects={"Im0": book.jpeg()})
    scan = open_scan(book.save(tmp_path))
    assert [scan.page(number).dpi for number in (1, 2, 3)] == [400, 180, 300]
    assert drawing == [400, 180, 300]


@pytest.mark.poppler
@pytest.mark.parametrize("unit", [10.0, 2.0, 0.5, 0.0, -1.0])
@pytest.mark.parametrize("rotate", [0, 90])
def test_a_unit_of_its_own_counts_where_a_page_is_drawn(tmp_path: Path, unit: float, rotate: int) -> None:
    book = Book()
    real = unit if unit > 0 else 1.0
    w, h = A4[0] / real, A4[1] / real
    operators = f"q {w} 0 0 {h} 0 0 cm /Im0 Do Q 0 0 .1 .1 re f"
    book.page(operators, (0, 0, w, h), {"Im0": blown_up(book, 6)}, UserUnit=unit, Rotate=rotate)
    page = open_scan(book.save(tmp_path)).page(1)
    assert page.dpi == 180
    width, height = (page.width, page.height) if rotate == 0 else (page.height, page.width)
    assert width == pytest.approx(WIDTH * 6, abs=2)
    assert height == pytest.approx(HEIGHT * 6, abs=2)
    upright = page.image if rotate == 0 else np.rot90(page.image)
    expected = np.kron(page_pixels()[..., 0], np.ones((6, 6), np.uint8))
    shown = cv2.resize(upright, expected.shape[::-1])
    assert np.abs(shown.astype(int) - expected).mean() < 3


# ---- damage


def test_books_of_many_pages_are_opened_page_by_page(tmp_path: Path) -> None:
    book = Book()
    for n in range(5):
        book.page(xobjects={"Im0": book.jpeg(jpeg(np.roll(page_pixels(), 9 * n, axis=0)))})
    scan = open_scan(book.save(tmp_path))
    assert scan.pages == 5
    assert np.array_equal(scan.page(4).image, decoded(jpeg(np.roll(page_pixels(), 27, axis=0))))


def test_one_broken_page_does_not_stop_the_others(tmp_path: Path) -> None:
    book = Book()
    book.page(xobjects={"Im0": book.jpeg()})
    book.page(xobjects={"Im0": book.jpeg(jpeg(page_pixels())[:-3000])})
    book.page(xobjects={"Im0": book.image(zlib.compress(b"abc"), Name.DeviceGray, Filter=Name.FlateDecode)})
    book.page(xobjects={"Im0": book.image(b"no zlib", Name.DeviceGray, Filter=Name.FlateDecode)})
    book.page(xobjects={"Im0": book.jpeg()}, box=(0, 0, 0, 0))
    book.page(xobjects={"Im0": book.jpeg(b"\xff\xd8\xff nothing")})
    book.page(xobjects={"Im0": book.image(b"", Name.DeviceGray, 1, Width=30_000, Height=30_000)})
    book.page(xobjects={"Im0": book.jpeg()})
    scan = open_scan(book.save(tmp_path))
    assert scan.pages == 8
    words = [None, "ends in the middle", "damaged", "damaged", "no size", "damaged", "900 million pixels", None]
    for number, word in enumerate(words, start=1):
        if word is None:
            assert scan.page(number).image.shape == (HEIGHT, WIDTH, 3)
            continue
        with pytest.raises(PageError, match=word) as caught:
            scan.page(number)
        assert caught.value.stage == "scan"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.97])
def test_a_pdf_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    book = Book()
    for _ in range(3):
        book.page(xobjects={"Im0": book.jpeg()})
    path = book.save(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BadInput, match="again"):
        open_scan(path)


def test_a_pdf_with_a_wrong_table_of_offsets_is_read(tmp_path: Path) -> None:
    content = jpeg(page_pixels())
    path = one(tmp_path, lambda book: book.jpeg(content))
    path.write_bytes(b"junk before the head\n" + path.read_bytes().replace(b"startxref\n", b"startxref\n9"))
    assert np.array_equal(read(path), decoded(content))


def test_a_pdf_that_lost_a_page_is_refused(tmp_path: Path) -> None:
    book = Book()
    for _ in range(3):
        book.page(xobjects={"Im0": book.jpeg()})
    path = book.save(tmp_path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    with pikepdf.open(path) as document:
        number = document.pages[1].obj.objgen[0]
    content = path.read_bytes()
    lost = content.replace(b"\n%d 0 obj" % number, b"\nX 0 xbj")
    assert lost != content
    for damaged in (lost, lost.replace(b"startxref\n", b"startxref\n9")):
        path.write_bytes(damaged)
        with pytest.raises(BadInput, match="pages of it are lost"):
            open_scan(path)


def test_passwords_and_empty_books_are_told(tmp_path: Path) -> None:
    book = Book()
    book.page(xobjects={"Im0": book.jpeg()})
    path = book.save(tmp_path, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    with pytest.raises(BadInput, match="password"):
        open_scan(path)
    # locked against changes only: everybody may look
    path = book.save(tmp_path, encryption=pikepdf.Encryption(user="", owner="secret"))
    assert read(path).shape == (HEIGHT, WIDTH, 3)
    with pytest.raises(BadInput, match="no pages"):
        open_scan(Book().save(tmp_path))
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4\nnothing else")
    with pytest.raises(BadInput, match="broken or cut off"):
        open_scan(tmp_path / "x.pdf")


@pytest.mark.poppler
def test_no_flipped_byte_brings_an_unexpected_error(tmp_path: Path) -> None:
    book = Book()
    book.page("q 0 0 500 700 re W n {} 0 0 {} 0 0 cm /Im0 Do Q".format(*A4), xobjects={"Im0": book.jpeg()})
    path = book.save(tmp_path, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    content = path.read_bytes()
    rng = np.random.default_rng(5)
    places = [n for n in range(len(content)) if chr(content[n]).isprintable()]
    start = content.index(b"\xff\xd8")
    places = [n for n in places if not start < n < content.rindex(b"\xff\xd9")]
    for n in rng.choice(places, 30, replace=False):
        path.write_bytes(content[:n] + bytes([int(rng.integers(32, 127))]) + content[n + 1 :])
        try:
            assert open_scan(path).page(1).image.dtype == np.uint8
        except (BadInput, PageError) as e:
            assert str(e)  # noqa: PT017 - either outcome is right
