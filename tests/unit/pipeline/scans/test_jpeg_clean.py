"""A JPEG that leaves as it is holds its picture and nothing else; what cannot be proven so is coded anew."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from support.paths import SHARED

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import open_scan
from ocrfill.pipeline.scans.jpeg_clean import clean_jpeg
from ocrfill.pipeline.scans.jpeg_parts import END_MARKER, SCAN_MARKER, has_jpeg_end, jpeg_parts

SECRET = b"Nguyen Van A, 16.75N 107.18E"
WIDTH, HEIGHT = 64, 48
END = b"\xff\xd9"


def colours() -> NDArray[np.uint8]:
    x, y = np.meshgrid(np.linspace(0, 255, WIDTH), np.linspace(0, 255, HEIGHT))
    return np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)


def jpeg(image: NDArray[np.uint8] | Pillow.Image | None = None, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture = image if isinstance(image, Pillow.Image) else Pillow.fromarray(colours() if image is None else image)
    picture.save(buffer, "JPEG", quality=90, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def exif() -> bytes:
    made = Pillow.Exif()
    made[0x0112], made[0x013B] = 6, SECRET.decode()
    return made.tobytes()


def pixels(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Pillow.open(io.BytesIO(content)))


def second_mark(content: bytes, marker: int) -> int:
    return [part.start for part in jpeg_parts(content) if part.marker == marker][1]


PLAIN, GREY, LAYERED = jpeg(), jpeg(colours()[..., 0]), jpeg(progressive=True)
UNUSED_TABLE = segment(0xDB, b"\x03" + (SECRET * 3)[:64]) + segment(
    0xC4, b"\x13" + b"\0" * 7 + b"\x1c" + b"\0" * 8 + SECRET
)

REMARKS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda content: content,
    "EXIF": lambda content: content[:2] + segment(0xE1, exif()) + content[2:],
    "XMP": lambda content: content[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET) + content[2:],
    "profile": lambda content: content[:2] + segment(0xE2, b"ICC_PROFILE\0\1\1" + SECRET) + content[2:],
    "Photoshop": lambda content: content[:2] + segment(0xED, b"Photoshop 3.0\0" + SECRET) + content[2:],
    "comment": lambda content: content[:2] + segment(0xFE, SECRET) + content[2:],
    "comment with an end mark": lambda content: content[:2] + segment(0xFE, END + SECRET + END) + content[2:],
    "preview in EXIF": lambda content: content[:2] + segment(0xE1, exif() + PLAIN + SECRET) + content[2:],
    "preview in JFIF": lambda content: (
        content[:2] + segment(0xE0, b"JFIF\0\1\2\1\0\x64\0\x64\3\3" + SECRET[:27]) + content[20:]
    ),
    "JFIF extension": lambda content: content[:20] + segment(0xE0, b"JFXX\0\x10" + SECRET) + content[20:],
    "vendor": lambda content: content[:2] + b"".join(segment(n, SECRET) for n in range(0xE3, 0xF0)) + content[2:],
    "after the end": lambda content: content + SECRET,
    "second picture": lambda content: content + content[:2] + segment(0xE1, exif()) + content[2:],
    "film": lambda content: content + b"\0\0\0\x18ftypmp42" + SECRET,
    "tables that nothing uses": lambda content: content[:20] + UNUSED_TABLE + content[20:],
    "filling bytes": lambda content: content[:20] + b"\xff\xff\xff" + content[20:],
}


@pytest.mark.parametrize("form", ["plain", "grey", "layered"])
@pytest.mark.parametrize("remark", REMARKS)
def test_nothing_but_the_picture_leaves(form: str, remark: str) -> None:
    content = {"plain": PLAIN, "grey": GREY, "layered": LAYERED}[form]
    made = REMARKS[remark](content)
    clean = clean_jpeg(made)
    assert clean is not None
    assert SECRET[:27] not in clean
    assert b"Exif" not in clean
    assert np.array_equal(pixels(clean), pixels(content))
    assert clean[clean.index(b"\xff\xda") :].endswith(content[content.rindex(b"\xff\xda") :])
    kinds = {part.marker for part in jpeg_parts(clean)}
    assert kinds <= {0xE0, 0xC4, 0xC0, 0xC2, 0xDB, SCAN_MARKER, END_MARKER}
    assert clean_jpeg(clean) == clean


def test_remarks_between_layers_go_too() -> None:
    at = second_mark(LAYERED, SCAN_MARKER)
    clean = clean_jpeg(LAYERED[:at] + segment(0xFE, SECRET + END) + segment(0xE1, exif()) + LAYERED[at:])
    assert clean is not None
    assert SECRET not in clean
    assert np.array_equal(pixels(clean), pixels(LAYERED))


def test_restart_marks_and_the_mark_of_adobe_stay() -> None:
    restarts = jpeg(restart_marker_rows=1)
    clean = clean_jpeg(restarts)
    assert clean is not None
    assert np.array_equal(pixels(clean), pixels(restarts))
    assert any(part.marker == 0xDD for part in jpeg_parts(clean))
    marked = PLAIN[:2] + segment(0xEE, b"Adobe\0\x64\1\2\3\4\1" + SECRET) + PLAIN[20:]
    clean = clean_jpeg(marked)
    assert clean is not None
    assert SECRET not in clean
    assert np.array_equal(pixels(clean), pixels(PLAIN))


def changed(content: bytes, place: int, value: int) -> bytes:
    return content[:place] + bytes([value]) + content[place + 1 :]


FRAME = PLAIN.index(b"\xff\xc0")
SCAN = PLAIN.index(b"\xff\xda")


def without(content: bytes, marker: int) -> bytes:
    return content[:2] + b"".join(content[p.start : p.end] for p in jpeg_parts(content) if p.marker != marker)


CODED_ANEW = {
    "nothing": b"",
    "no JPEG": b"BM" + PLAIN,
    "no end": PLAIN[:-2],
    "cut": PLAIN[: len(PLAIN) * 3 // 4],
    "cut and closed": PLAIN[: len(PLAIN) * 3 // 4] + END,
    "layers cut": LAYERED[: second_mark(LAYERED, SCAN_MARKER)] + END,
    "end mark in a head only": LAYERED[: second_mark(LAYERED, SCAN_MARKER)] + segment(0xFE, END),
    **{
        f"coding {marker:x}": changed(PLAIN, FRAME + 1, marker)
        for marker in (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD)
    },
    "12 bits": changed(PLAIN, FRAME + 4, 12),
    "height at the end": changed(changed(PLAIN, FRAME + 5, 0), FRAME + 6, 0)[:-2] + segment(0xDC, b"\0\x30") + END,
    "four inks": jpeg(Pillow.new("CMYK", (16, 16))),
    "red, green and blue": jpeg(keep_rgb=True),
    "red, green and blue by Adobe's mark": PLAIN[:20] + segment(0xEE, b"Adobe\0\x64\0\0\0\0\0") + PLAIN[20:],
    "tables left to the reader": without(PLAIN, 0xC4),
    "no tables at all": without(without(PLAIN, 0xC4), 0xDB),
    "bytes between heads": PLAIN[:20] + SECRET + PLAIN[20:],
    "bytes after the pixels": PLAIN[:-2] + SECRET + END,
    "few bytes after the pixels": PLAIN[:-2] + SECRET[:12] + END,
    "two frames": PLAIN[:SCAN] + PLAIN[FRAME:SCAN] + PLAIN[SCAN:],
    "pixels twice": PLAIN[:-2] + PLAIN[SCAN:],
    "a table that ends in the middle": PLAIN[:20] + segment(0xDB, b"\x01" + SECRET) + PLAIN[20:],
    "a scan before the frame": LAYERED[:2] + segment(0xDA, b"\1\1\0\0\0\0") + LAYERED[2:],
    "an unknown mark": PLAIN[:20] + segment(0xF7, SECRET) + PLAIN[20:],
    "arithmetic tables": PLAIN[:20] + segment(0xCC, b"\0\0") + PLAIN[20:],
    "too large": PLAIN[: FRAME + 5] + struct.pack(">HH", 30_000, 30_000) + PLAIN[FRAME + 9 :],
}


@pytest.mark.parametrize("kind", CODED_ANEW)
def test_what_is_not_proven_clean_is_coded_anew(kind: str) -> None:
    assert clean_jpeg(CODED_ANEW[kind]) is None


def test_a_progressive_jpeg_must_have_all_its_layers(tmp_path: Path) -> None:
    path = tmp_path / "scan.jpg"
    places = [part.start for part in jpeg_parts(LAYERED) if part.marker == SCAN_MARKER]
    for at in places[1:]:
        path.write_bytes(LAYERED[:at] + END)
        with pytest.raises(PageError, match="ends in the middle"):
            open_scan(path).page(1)
    for kind in ("a scan before the frame", "two frames", "12 bits", "no tables at all"):
        path.write_bytes(CODED_ANEW[kind])
        with contextlib.suppress(PageError, BadInput):
            open_scan(path).page(1)


def test_an_end_mark_in_a_head_is_no_end() -> None:
    assert has_jpeg_end(PLAIN)
    assert has_jpeg_end(LAYERED)
    assert not has_jpeg_end(CODED_ANEW["end mark in a head only"])
    assert not has_jpeg_end(PLAIN[:2] + segment(0xE1, PLAIN) + PLAIN[2:-2])


def test_a_scan_gives_away_a_clean_jpeg_only(tmp_path: Path) -> None:
    path = tmp_path / "scan.jpg"
    for remark in ("EXIF", "second picture"):
        path.write_bytes(REMARKS[remark](PLAIN))
        given = open_scan(path).jpeg(1)
        if remark == "EXIF":
            assert given is None  # it asks for a turn: the pixels do not lie as the page does
        else:
            assert given is not None
            assert SECRET not in given
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(WIDTH * 4, HEIGHT * 4))
        image = pikepdf.Stream(document, REMARKS["EXIF"](PLAIN))
        image.Type, image.Subtype, image.Width, image.Height = pikepdf.Name.XObject, pikepdf.Name.Image, WIDTH, HEIGHT
        image.ColorSpace, image.BitsPerComponent, image.Filter = pikepdf.Name.DeviceRGB, 8, pikepdf.Name.DCTDecode
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
        page.obj.Contents = document.make_stream(f"{WIDTH * 4} 0 0 {HEIGHT * 4} 0 0 cm /Im Do".encode())
        document.save(tmp_path / "scan.pdf")
    scan = open_scan(tmp_path / "scan.pdf")
    given = scan.jpeg(1)
    assert given is not None
    assert b"Exif" not in given
    assert np.array_equal(pixels(given)[..., ::-1], scan.page(1).image)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name", ["jpeg-arithmetic.jpg", "jpeg-second-image-appended.jpg", "pdf-jpeg-stale-orientation.pdf"]
)
def test_the_cases_that_were_found(name: str) -> None:
    path = SHARED / "cases" / "scans" / name
    if not path.exists():
        pytest.skip("the cases are kept outside the repository")
    scan = open_scan(path)
    given = scan.jpeg(1)
    if "arithmetic" in name:
        assert given is None
        return
    assert given is not None
    assert given.count(b"\xff\xd8\xff") == 1
    assert b"Exif" not in given
    assert pixels(given).shape[:2] == scan.page(1).image.shape[:2]
