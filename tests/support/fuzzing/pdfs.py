"""Small sound PDFs of every build that scanners make, drawn here, and what makes their objects odd."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable
from functools import lru_cache

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from support.fuzzing.pictures import HEIGHT, WIDTH, jpegs, tiffs
from support.fuzzing.tiff_parts import STRIP_OFFSETS, parted
from support.fuzzing.values import odd_bytes

POINTS = (576, 768)
"""A page of 8 by 10.7 inches, on which the small pictures have few dots an inch: nothing large is ever drawn."""

KEYS = (
    "Type", "Subtype", "Width", "Height", "BitsPerComponent", "ColorSpace", "Filter", "DecodeParms", "Decode",
    "ImageMask",
    "Mask", "SMask", "Length", "MediaBox", "CropBox", "Rotate", "UserUnit", "Resources", "XObject", "Contents",
    "Parent",
    "Kids", "Count", "Pages", "Root", "Annots", "AP", "N", "Matrix", "BBox", "OC", "OCProperties", "ExtGState", "K",
    "Columns", "Rows", "Predictor", "Colors", "BlackIs1", "F", "Names", "JS", "OpenAction", "AcroForm", "Metadata",
)  # fmt: skip

OPERATORS = (
    b"q", b"Q", b"1 0 0 1 0 0 cm", b"0 0 0 0 0 0 cm", b"1e9 0 0 1e9 0 0 cm", b"/Im0 Do", b"/Fm0 Do", b"/None Do",
    b"BT ET",
    b"3 Tr", b"0 Tr", b"(a) Tj", b"0 0 1 1 re W n", b"0 0 100 100 re f", b"/OC /a BDC", b"EMC", b"/GS0 gs",
    b"BI /W 1 /H 1 ID x EI",
    b"cm", b"Do", b"re", b"(", b"<<", b"[", b"nan nan nan nan nan nan cm", b"1 2 3", b"sh", b"q " * 300,
)  # fmt: skip


def _image(pdf: Pdf, content: bytes, **entries: object) -> Stream:
    image = Stream(pdf, content)
    for key, value in {
        "Type": Name.XObject,
        "Subtype": Name.Image,
        "Width": WIDTH,
        "Height": HEIGHT,
        **entries,
    }.items():
        image[f"/{key}"] = value
    return image


def _jpeg(pdf: Pdf, place: int = 0, space: Name = Name.DeviceGray) -> Stream:
    return _image(pdf, jpegs()[place], ColorSpace=space, BitsPerComponent=8, Filter=Name.DCTDecode)


def _page(pdf: Pdf, images: dict[str, Stream], drawing: str, **entries: object) -> pikepdf.Page:
    page = pdf.add_blank_page(page_size=POINTS)
    page.obj["/Resources"] = Dictionary(XObject=Dictionary({f"/{name}": image for name, image in images.items()}))
    page.obj["/Contents"] = pdf.make_stream(drawing.encode())
    for key, value in entries.items():
        page.obj[f"/{key}"] = value
    return page


WHOLE = f"q {POINTS[0]} 0 0 {POINTS[1]} 0 0 cm /Im0 Do Q"
HALVES = f"q {POINTS[0]} 0 0 384 0 384 cm /Im0 Do Q q {POINTS[0]} 0 0 384 0 0 cm /Im1 Do Q"


def _single(pdf: Pdf) -> None:
    _page(pdf, {"Im0": _jpeg(pdf)}, WHOLE, Rotate=90)


def _flate(pdf: Pdf) -> None:
    rgb = zlib.compress(bytes(range(256)) * 9)
    image = _image(pdf, rgb, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.FlateDecode)
    _page(pdf, {"Im0": image}, WHOLE, UserUnit=2, CropBox=Array([10, 10, 500, 700]))


def _fax(pdf: Pdf) -> None:
    strip = parted(tiffs()[2]).directories[0].strips[STRIP_OFFSETS][0]
    coded = Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT, BlackIs1=True)
    image = _image(
        pdf, strip, ColorSpace=Name.DeviceGray, BitsPerComponent=1, Filter=Name.CCITTFaxDecode, DecodeParms=coded
    )
    _page(pdf, {"Im0": image}, WHOLE)


def _palette(pdf: Pdf) -> None:
    space = Array([Name.Indexed, Name.DeviceRGB, 1, String(b"\0\0\0\xff\xff\xff")])
    image = _image(pdf, b"\x55" * (3 * HEIGHT), ColorSpace=space, BitsPerComponent=1, Decode=Array([0, 1]))
    _page(pdf, {"Im0": image}, WHOLE)


def _strips(pdf: Pdf) -> None:
    images = {"Im0": _jpeg(pdf), "Im1": _jpeg(pdf, 1, Name.DeviceRGB)}
    _page(pdf, images, HALVES)


def _layers(pdf: Pdf) -> None:
    mask = _image(pdf, b"\xaa" * (3 * HEIGHT), ImageMask=True, BitsPerComponent=1)
    over = _jpeg(pdf, 1, Name.DeviceRGB)
    over["/Mask"] = pdf.make_indirect(mask)
    form = Stream(pdf, b"q 100 0 0 100 0 0 cm /Im1 Do Q")
    form["/Type"], form["/Subtype"], form["/BBox"] = Name.XObject, Name.Form, Array([0, 0, 200, 200])
    form["/Resources"] = Dictionary(XObject=Dictionary({"/Im1": over}))
    page = _page(pdf, {"Im0": _jpeg(pdf), "Fm0": form}, f"{WHOLE} /GS0 gs /Fm0 Do BT 3 Tr ET")
    page.obj["/Resources"]["/ExtGState"] = Dictionary({"/GS0": Dictionary(ca=0.5, BM=Name.Multiply)})
    stamp = Stream(pdf, b"0 0 10 10 re f")
    stamp["/Type"], stamp["/Subtype"], stamp["/BBox"] = Name.XObject, Name.Form, Array([0, 0, 20, 20])
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, 20, 20]), AP=Dictionary(N=stamp))
    page.obj["/Annots"] = Array([pdf.make_indirect(note)])
    pdf.Root["/OpenAction"] = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.attachments["a.txt"] = pikepdf.AttachedFileSpec(pdf, b"attached", filename="a.txt")


def _several(pdf: Pdf) -> None:
    for _ in range(3):
        _single(pdf)


BUILDS: tuple[Callable[[Pdf], None], ...] = (_single, _flate, _fax, _palette, _strips, _layers, _several)


@lru_cache(maxsize=1)
def pdfs() -> tuple[bytes, ...]:
    """PDFs: of one image by each coding, of strips and layers, with a password, with packed objects."""
    found = []
    for build in BUILDS:
        with Pdf.new() as pdf:
            build(pdf)
            found.append(saved(pdf))
    with Pdf.new() as pdf:
        _single(pdf)
        found.append(saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate))
    with Pdf.new() as pdf:
        _single(pdf)
        found.append(saved(pdf, encryption=pikepdf.Encryption(owner="a", user="b"), static_id=False))
    return tuple(found)


def saved(pdf: Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **{"static_id": True, "compress_streams": False, **options})
    return out.getvalue()


def odd_pdf(chance: random.Random, content: bytes) -> bytes:
    """A PDF with objects that are not what they should be, put together as a sound file; or any bytes damaged."""
    if chance.random() < 0.35:
        return odd_bytes(chance, content)
    try:
        with Pdf.open(io.BytesIO(content)) as pdf:
            for _ in range(chance.choice((1, 1, 2, 3))):
                _change(chance, pdf)
            content = saved(pdf)
    except (pikepdf.PikepdfError, ValueError, TypeError, KeyError, RuntimeError, AttributeError):
        return odd_bytes(chance, content)
    return content if chance.random() < 0.9 else odd_bytes(chance, content)


def _change(chance: random.Random, pdf: Pdf) -> None:
    objects = [one for one in pdf.objects if isinstance(one, Dictionary | Stream | Array)]
    around = chance.choice(objects)
    if isinstance(around, Stream) and chance.random() < 0.4:
        drawn = around.get("/Subtype") is None
        raw = around.read_raw_bytes()
        if drawn:
            pieces = raw.split(b"\n")
            pieces.insert(chance.randrange(len(pieces) + 1), chance.choice(OPERATORS))
            around.write(b"\n".join(pieces))
        else:
            kind, parms = around.get("/Filter"), around.get("/DecodeParms")
            around.write(odd_bytes(chance, raw), filter=kind, decode_parms=parms)
        return
    value = _odd_object(chance, pdf, objects)
    if isinstance(around, Array):
        if len(around):
            around[chance.randrange(len(around))] = value
        return
    keys = list(around.keys())
    key = chance.choice(keys) if keys and chance.random() < 0.7 else f"/{chance.choice(KEYS)}"
    if key == "/Length":
        return
    if chance.random() < 0.2:
        if key in around:
            del around[key]
    else:
        around[key] = value


def _odd_object(chance: random.Random, pdf: Pdf, objects: list[pikepdf.Object]) -> object:
    match chance.randrange(8):
        case 0 | 1:
            return chance.choice((0, 1, -1, 2, 7, 90, 91, 255, 4000, 30_000, 65_536, 2**31 - 1, -(2**31), 10**12))
        case 2:
            return pikepdf.Object.parse(
                chance.choice((b"0.0", b"-0.5", b"1e3", b"99999999999.5", b"true", b"null", b"."))
            )
        case 3:
            return Name(
                f"/{chance.choice((*KEYS, 'DCTDecode', 'JPXDecode', 'JBIG2Decode', 'LZWDecode', 'DeviceCMYK'))}"
            )
        case 4:
            return String(chance.choice(("", "a" * 500, "\x00\x01", "1 0 0")))
        case 5:
            return Array(
                [chance.choice((0, 1, -1, 10**9, Name.DCTDecode, Name.FlateDecode)) for _ in range(chance.randrange(7))]
            )
        case 6:
            return Dictionary({f"/{chance.choice(KEYS)}": chance.choice((0, 1, Name.Page))})
        case _:
            return chance.choice(objects)  # somewhere else in the file: circles, too
