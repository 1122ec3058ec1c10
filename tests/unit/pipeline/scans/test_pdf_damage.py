"""Drawn pages of PDFs: an image that cannot be decoded fails the page, wherever it stands and however it is coded."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image as Pillow

from ocrfill.errors import PageError
from ocrfill.pipeline.scans import open_scan
from ocrfill.pipeline.scans.pdf_damage import tells_of_lost_image

pytestmark = pytest.mark.poppler

WIDTH, HEIGHT = 200, 70
SHEET = (595.0, 842.0)


def pixels() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH), np.uint8)


def saved(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(pixels()).save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def group_4() -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(pixels() > 127).save(buffer, "TIFF", compression="group4", strip_size=1 << 30)
    tags = Pillow.open(io.BytesIO(buffer.getvalue())).tag_v2
    return buffer.getvalue()[tags[273][0] :][: tags[279][0]]


CODINGS: dict[str, tuple[bytes, dict[str, object]]] = {
    "DCT": (saved("JPEG"), {"Filter": Name.DCTDecode}),
    "DCT within Flate": (zlib.compress(saved("JPEG")), {"Filter": Array([Name.FlateDecode, Name.DCTDecode])}),
    "JPX": (saved("JPEG2000"), {"Filter": Name.JPXDecode}),
    "Flate": (zlib.compress(pixels().tobytes()), {"Filter": Name.FlateDecode}),
    "plain": (pixels().tobytes(), {}),
    "G4": (
        group_4(),
        {
            "Filter": Name.CCITTFaxDecode,
            "BitsPerComponent": 1,
            "DecodeParms": Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT),
        },
    ),
}


class Sheet:
    """A page of three strips, of which the middle one can be put in other places."""

    def __init__(self) -> None:
        self.document = pikepdf.new()
        self.document.add_blank_page(page_size=SHEET)
        self.page = self.document.pages[0].obj

    def image(self, content: bytes, keys: dict[str, object]) -> pikepdf.Object:
        plain: dict[str, object] = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 8, **keys}
        plain |= {"Type": Name.XObject, "Subtype": Name.Image, "Width": WIDTH, "Height": HEIGHT}
        return self.document.make_indirect(
            pikepdf.Stream(self.document, content, Dictionary({f"/{key}": value for key, value in plain.items()}))
        )

    def form(self, image: pikepdf.Object) -> pikepdf.Object:
        form = self.document.make_stream(b"q 595 0 0 280 0 280 cm /In Do Q")
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, *SHEET])
        form.Resources = Dictionary(XObject=Dictionary(In=image))
        return form

    def draw(self, middle: pikepdf.Object, operators: str = "q 595 0 0 280 0 280 cm /Middle Do Q") -> None:
        good = self.image(*CODINGS["Flate"])
        self.page.Resources = Dictionary(XObject=Dictionary(Good=good, Middle=middle))
        strips = "q 595 0 0 280 0 560 cm /Good Do Q q 595 0 0 280 0 0 cm /Good Do Q"
        self.page.Contents = self.document.make_stream(f"{strips} {operators}".encode())

    def save(self, folder: Path) -> Path:
        path = folder / "page.pdf"
        self.document.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return path


def as_strip(sheet: Sheet, image: pikepdf.Object) -> None:
    sheet.draw(image)


def in_form(sheet: Sheet, image: pikepdf.Object) -> None:
    sheet.draw(sheet.form(image), "/Middle Do")


def as_soft_mask(sheet: Sheet, image: pikepdf.Object) -> None:
    sheet.draw(sheet.image(CODINGS["Flate"][0], {**CODINGS["Flate"][1], "SMask": image}))


def as_stamp(sheet: Sheet, image: pikepdf.Object) -> None:
    sheet.draw(sheet.image(*CODINGS["Flate"]))
    stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, *SHEET]), F=4)
    stamp.AP = Dictionary(N=sheet.form(image))
    sheet.page.Annots = Array([sheet.document.make_indirect(stamp)])


def on_layer(sheet: Sheet, image: pikepdf.Object) -> None:
    form = sheet.form(image)
    form.OC = sheet.document.make_indirect(Dictionary(Type=Name.OCG, Name="scan"))
    sheet.draw(form, "/Middle Do")


PLACES = {"strip": as_strip, "form": in_form, "soft mask": as_soft_mask, "stamp": as_stamp, "layer": on_layer}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "whole": lambda content: content,
    "cut": lambda content: content[: len(content) // 2],
    "cut late": lambda content: content[: len(content) * 9 // 10],
    "junk": lambda content: bytes(np.random.default_rng(2).integers(0, 255, len(content) // 3, np.uint8)),
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("place", ["strip", "form"])
def test_a_lost_image_fails_its_page(tmp_path: Path, place: str, coding: str, damage: str) -> None:
    content, keys = CODINGS[coding]
    sheet = Sheet()
    PLACES[place](sheet, sheet.image(DAMAGES[damage](content), keys))
    scan = open_scan(sheet.save(tmp_path))
    if damage == "whole":
        image = scan.page(1).image
        height = len(image)
        assert image[height * 4 // 10 : height * 6 // 10].std() > 20
        return
    with pytest.raises(PageError, match="cannot be drawn"):
        scan.page(1)


@pytest.mark.parametrize("coding", ["DCT", "Flate", "JPX"])
@pytest.mark.parametrize("place", ["soft mask", "stamp", "layer"])
def test_so_does_a_lost_mask_stamp_or_layer(tmp_path: Path, place: str, coding: str) -> None:
    content, keys = CODINGS[coding]
    for damage, fails in (("whole", False), ("cut", True)):
        sheet = Sheet()
        PLACES[place](sheet, sheet.image(DAMAGES[damage](content), keys))
        scan = open_scan(sheet.save(tmp_path))
        if not fails:
            assert scan.page(1).image.std() > 20
            continue
        with pytest.raises(PageError, match="cannot be drawn"):
            scan.page(1)


def test_a_jpeg_that_names_its_height_at_its_end_only(tmp_path: Path) -> None:
    content = bytearray(saved("JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 7] = b"\0\0"
    sheet = Sheet()
    sheet.draw(sheet.image(bytes(content[:-2]) + b"\xff\xdc\0\4\0\x46\xff\xd9", CODINGS["DCT"][1]))
    with pytest.raises(PageError, match="cannot be drawn"):
        open_scan(sheet.save(tmp_path)).page(1)


@pytest.mark.parametrize(
    ("told", "lost"),
    [
        ("", False),
        ("Syntax Warning: Invalid Font Weight", False),
        ("Syntax Error: Unknown font tag 'F1'", False),
        ("Syntax Error (1234): No font in show", False),
        ("Syntax Error: Expected the optional content group list, but wasn't able to find it", False),
        ("Syntax Error: Couldn't find trailer dictionary", False),
        ("Syntax Error: Unknown font tag 'F1'\nSyntax Error: Expected a SOC marker <0a>", True),
        ("Syntax Error: Bad two dim code (1f) in CCITTFax stream", True),
        ("Syntax Error (77): Unknown compression method in flate stream", True),
        ("Syntax Error: XObject 'Nothing' is unknown", True),
    ],
)
def test_which_of_popplers_words_tell_of_a_lost_image(told: str, lost: bool) -> None:
    assert tells_of_lost_image(told) == lost


def test_a_harmless_fault_leaves_the_page(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.draw(sheet.image(*CODINGS["Flate"]), "q 595 0 0 280 0 280 cm /Middle Do Q BT /None 9 Tf 9 9 Td (x) Tj ET")
    assert open_scan(sheet.save(tmp_path)).page(1).image.std() > 20


# ---- images that stand in no list of the page's own


def inline(content: bytes, keys: dict[str, object]) -> bytes:
    """An image among the operators, as large as what it is drawn in."""
    filters = keys.get("Filter")
    words = {"Filter": "/F", "BitsPerComponent": "/BPC"}
    plain: dict[str, object] = {"BitsPerComponent": 8, **keys}
    told = " ".join(f"{words[key]} {plain[key]}" for key in words if key in plain)
    assert filters is None or isinstance(filters, Name)
    return f"q 595 0 0 280 0 280 cm BI /W {WIDTH} /H {HEIGHT} /CS /G {told} ID ".encode() + content + b"\nEI Q"


def among_operators(sheet: Sheet, operators: bytes) -> None:
    sheet.draw(sheet.image(*CODINGS["Flate"]), "q")
    good = sheet.page.Contents.read_bytes()
    sheet.page.Contents = sheet.document.make_stream(good + b" Q " + operators)


def in_a_form(sheet: Sheet, operators: bytes) -> None:
    form = sheet.document.make_stream(operators)
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, *SHEET])
    sheet.draw(form, "/Middle Do")


def in_a_note(sheet: Sheet, operators: bytes) -> None:
    in_a_form(sheet, operators)
    form = sheet.page.Resources.XObject.Middle
    sheet.draw(sheet.image(*CODINGS["Flate"]))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, *SHEET]), F=4, AP=Dictionary(N=form))
    sheet.page.Annots = Array([sheet.document.make_indirect(note)])


def as_pattern(sheet: Sheet, operators: bytes) -> None:
    pattern = sheet.document.make_stream(operators)
    pattern.PatternType, pattern.PaintType, pattern.TilingType = 1, 1, 1
    pattern.BBox, pattern.XStep, pattern.YStep = Array([0, 0, *SHEET]), SHEET[0], SHEET[1]
    pattern.Resources = sheet.page.get("/Resources", Dictionary())
    sheet.draw(sheet.image(*CODINGS["Flate"]), "/Pattern cs /Tile scn 0 280 595 280 re f")
    sheet.page.Resources.Pattern = Dictionary(Tile=pattern)


def as_letter(sheet: Sheet, operators: bytes) -> None:
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, *SHEET]),
        FontMatrix=Array([1, 0, 0, 1, 0, 0]),
        CharProcs=Dictionary(a=sheet.document.make_stream(b"595 0 d0 " + operators)),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([595]),
        Resources=sheet.page.get("/Resources", Dictionary()),
    )
    sheet.draw(sheet.image(*CODINGS["Flate"]), "BT /Drawn 1 Tf (a) Tj ET")
    sheet.page.Resources.Font = Dictionary(Drawn=font)


def as_mask(sheet: Sheet, operators: bytes) -> None:
    group = sheet.document.make_stream(operators)
    group.Type, group.Subtype, group.BBox = Name.XObject, Name.Form, Array([0, 0, *SHEET])
    group.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceGray)
    group.Resources = sheet.page.get("/Resources", Dictionary())
    sheet.draw(sheet.image(*CODINGS["Flate"]), "/Masked gs q 595 0 0 280 0 280 cm /Middle Do Q")
    mask = Dictionary(Type=Name.Mask, S=Name.Luminosity, G=group)
    sheet.page.Resources.ExtGState = Dictionary(Masked=Dictionary(Type=Name.ExtGState, SMask=mask))


WITHIN = {
    "operators": among_operators,
    "form": in_a_form,
    "note": in_a_note,
    "pattern": as_pattern,
    "letter": as_letter,
    "mask": as_mask,
}


def fails_but_whole_does_not(folder: Path, place: str, operators: bytes, *, fails: bool) -> None:
    sheet = Sheet()
    WITHIN[place](sheet, operators)
    scan = open_scan(sheet.save(folder))
    if fails:
        with pytest.raises(PageError, match="cannot be drawn"):
            scan.page(1)
    else:
        assert scan.page(1).image.std() > 20


@pytest.mark.parametrize("coding", ["DCT", "Flate", "plain"])
@pytest.mark.parametrize("place", WITHIN)
def test_so_does_an_image_among_operators(tmp_path: Path, place: str, coding: str) -> None:
    content, keys = CODINGS[coding]
    fails_but_whole_does_not(tmp_path, place, inline(content, keys), fails=False)
    for damage in ("cut", "junk"):
        if coding != "plain" or damage == "cut":
            fails_but_whole_does_not(tmp_path, place, inline(DAMAGES[damage](content), keys), fails=True)


@pytest.mark.parametrize("place", WITHIN)
def test_operators_that_end_within_an_image(tmp_path: Path, place: str) -> None:
    operators = inline(*CODINGS["Flate"])
    fails_but_whole_does_not(tmp_path, place, operators[: len(operators) * 2 // 3], fails=True)


@pytest.mark.parametrize("coding", ["DCT", "Flate"])
@pytest.mark.parametrize("place", ["pattern", "letter", "mask"])
def test_and_one_that_a_pattern_a_letter_or_a_mask_calls(tmp_path: Path, place: str, coding: str) -> None:
    content, keys = CODINGS[coding]
    for damage, fails in (("whole", False), ("cut", True)):
        sheet = Sheet()
        sheet.page.Resources = Dictionary(XObject=Dictionary(Own=sheet.image(DAMAGES[damage](content), keys)))
        WITHIN[place](sheet, b"q 595 0 0 280 0 280 cm /Own Do Q")
        scan = open_scan(sheet.save(tmp_path))
        if fails:
            with pytest.raises(PageError, match="cannot be drawn"):
                scan.page(1)
        else:
            assert scan.page(1).image.std() > 20


def test_a_pattern_that_calls_itself_ends(tmp_path: Path) -> None:
    sheet = Sheet()
    as_pattern(sheet, b"/Pattern cs /Tile scn 0 0 9 9 re f")
    tile = sheet.page.Resources.Pattern.Tile
    tile.Resources = Dictionary(Pattern=Dictionary(Tile=tile))
    assert open_scan(sheet.save(tmp_path)).page(1).image.std() > 20
