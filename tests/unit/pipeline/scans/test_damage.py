"""Damage: whatever a decoder raises or warns of becomes a failed page in plain words, the same in every run."""

from __future__ import annotations

import io
import os
import re
import warnings
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import open_scan
from ocrfill.pipeline.scans.decoder_gate import decoder_gate, printed_warnings, tells_of_damage

Pixels = NDArray[np.uint8]
RAW_WORDS = re.compile(r"0x[0-9a-f]{4}|<_io|object at|Error|Exception|decoder error|NoneType|\.cpp|b'")
"""What exceptions' own texts and addresses look like."""
JPEG_END = b"\xff\xd9"


def noisy_page(seed: int = 1) -> Pixels:
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(0, 1, 120), np.linspace(0, 1, 170))
    smooth = np.stack([255 - 40 * x, 200 + 50 * y, 120 + 100 * x * y], axis=-1)
    return np.asarray(np.clip(smooth + rng.integers(-20, 20, smooth.shape), 0, 255), np.uint8)


def coded(kind: str, page: Pixels | Pillow.Image | None = None, **options: object) -> bytes:
    picture = page if isinstance(page, Pillow.Image) else Pillow.fromarray(noisy_page() if page is None else page)
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def read(folder: Path, content: bytes) -> Pixels:
    path = folder / "page.dat"
    path.write_bytes(content)
    return open_scan(path).page(1).image


def in_pdf(folder: Path, content: bytes, more: str = "") -> Path:
    """A PDF of one page which that JPEG fills; `more` are further drawing operators."""
    document = pikepdf.new()
    keys = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 120, "/Height": 170}
    keys |= {"/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode}
    image = document.make_indirect(pikepdf.Stream(document, content, pikepdf.Dictionary(keys)))
    document.add_blank_page(page_size=(595.0, 842.9))
    page = document.pages[0]
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.obj.Contents = document.make_stream(f"q 595 0 0 842.9 0 0 cm /Im0 Do Q {more}".encode())
    path = folder / "page.pdf"
    document.save(path)
    return path


def tiff_directory(content: bytes) -> range:
    """Where a small TIFF's first list of tags stands."""
    start = int.from_bytes(content[4:8], "little")
    return range(start, start + 2 + 12 * int.from_bytes(content[start : start + 2], "little") + 4)


FORMS: dict[str, bytes] = {
    "jpeg": coded("JPEG", quality=90),
    "progressive jpeg": coded("JPEG", progressive=True),
    "cmyk jpeg": coded("JPEG", Pillow.fromarray(noisy_page()).convert("CMYK")),
    "png": coded("PNG"),
    "palette png": coded("PNG", Pillow.fromarray(noisy_page()).quantize(16)),
    "bmp": coded("BMP"),
    "webp": coded("WEBP", lossless=True),
    "tiff": coded("TIFF"),
    "lzw tiff": coded("TIFF", compression="tiff_lzw"),
    "deflate tiff": coded("TIFF", compression="tiff_adobe_deflate"),
    "jpeg tiff": coded("TIFF", compression="jpeg"),
    "group 4 tiff": coded("TIFF", Pillow.fromarray(noisy_page()[..., 0] > 230), compression="group4"),
}


@pytest.mark.parametrize("form", FORMS)
def test_flipped_bytes_end_in_a_page_or_in_plain_words(tmp_path: Path, form: str) -> None:
    content = FORMS[form]
    rng = np.random.default_rng(7)
    places = list(rng.integers(2, len(content), 15)) + list(rng.integers(2, 80, 15))
    if "tiff" in form:
        places += list(rng.choice(tiff_directory(content), 60))
    for place in places:
        damaged = bytearray(content)
        damaged[place] = int(rng.integers(256))
        try:
            assert read(tmp_path, bytes(damaged)).dtype == np.uint8
        except (BadInput, PageError) as error:
            assert not RAW_WORDS.search(str(error)), place  # noqa: PT017 - either outcome is right


# ---- the gate


@pytest.mark.parametrize(
    "error", [TypeError("at 0x7f08cff3fa10"), ZeroDivisionError(), RecursionError(), cv2.error("x.cpp:1"), EOFError()]
)
def test_any_exception_becomes_the_reason_given(error: Exception) -> None:
    with pytest.raises(PageError) as caught, decoder_gate("the image is damaged"):
        raise error
    assert caught.value.reason == "the image is damaged"
    assert caught.value.__cause__ is error


def test_faults_of_the_system_and_of_memory_keep_their_words() -> None:
    with pytest.raises(PageError, match="cannot be read: Permission denied"), decoder_gate("damaged"):
        raise PermissionError(13, "at 0x7f08cff3fa10")
    with pytest.raises(PageError, match="not enough memory"), decoder_gate("damaged"):
        raise MemoryError
    with pytest.raises(BadInput, match="our own"), decoder_gate("damaged"):
        raise BadInput("our own")


def test_a_warning_of_lost_data_is_evidence_others_are_not() -> None:
    with decoder_gate("damaged"):
        warnings.warn("Palette images with Transparency expressed in bytes", stacklevel=1)
    with pytest.raises(PageError, match="damaged"), decoder_gate("damaged"):
        warnings.warn("Corrupt EXIF data.  Expecting to read 2 bytes but only got 0. ", stacklevel=1)


def test_what_libjpeg_prints_is_kept_and_what_others_print_goes_on(capfd: pytest.CaptureFixture[str]) -> None:
    with printed_warnings() as told:
        os.write(2, b"Corrupt JPEG data: bad Huffman code\nsomething else\n")
    assert told == ["Corrupt JPEG data: bad Huffman code"]
    assert capfd.readouterr().err == "something else\n"


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        ("Corrupt JPEG data: premature end of data segment", True),
        ("Corrupt JPEG data: bad Huffman code", True),
        ("Corrupt JPEG data: found marker 0xd3 instead of RST2", True),
        ("Premature end of JPEG file", True),
        ("Corrupt JPEG data: 2 extraneous bytes before marker 0xd9", False),
        ("Corrupt JPEG data: 500 extraneous bytes before marker 0xd9", True),
        ("Corrupt JPEG data: 2 extraneous bytes before marker 0xd3", True),
        ("Invalid SOS parameters for sequential JPEG", False),
        ("Fax4Decode: Bad code word at line 163 of strip 0 (x 192).", True),
        ("Fax3Decode1D: Bad code word at line 141 of strip 0 (x 72).", False),
        ("JPEGLib: Unsupported marker type 0xf5.", True),
    ],
)
def test_which_warnings_tell_of_lost_pixels(line: str, damage: bool) -> None:
    assert tells_of_damage([line]) == damage


def test_a_fax_may_lose_a_few_rows() -> None:
    row = "Fax3Decode1D: Bad code word at line 141 of strip 0 (x 72)."
    assert not tells_of_damage([row] * 3)
    assert tells_of_damage([row] * 4)


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw"])
def test_coded_rows_that_are_damaged_fail(tmp_path: Path, compression: str, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(4)
    page = np.full((300, 200), 255, np.uint8)
    for _ in range(30):
        left, top = rng.integers(0, 150), rng.integers(0, 290)
        page[top : top + 6, left : left + 40] = 0
    content = coded("TIFF", Pillow.fromarray(page > 127), compression=compression)
    tags = Pillow.open(io.BytesIO(content)).tag_v2
    middle = tags[273][0] + tags[279][0] // 2
    read(tmp_path, content)
    with pytest.raises(PageError, match="damaged"):
        read(tmp_path, content[:middle] + bytes(12) + content[middle + 12 :])
    assert capfd.readouterr().err == ""


def test_a_fax_in_a_pdf_that_is_damaged_fails(tmp_path: Path) -> None:
    picture = Pillow.fromarray(noisy_page()[..., 0] > 230)
    content = coded("TIFF", picture, compression="group4", strip_size=1 << 30)
    tags = Pillow.open(io.BytesIO(content)).tag_v2
    strip = content[tags[273][0] :][: tags[279][0]]
    for pixels, fails in ((strip, False), (strip[:400] + bytes(40) + strip[440:], True)):
        path = in_pdf(tmp_path, pixels)
        with pikepdf.open(path, allow_overwriting_input=True) as document:
            image = document.pages[0].obj.Resources.XObject.Im0
            image.Filter, image.ColorSpace, image.BitsPerComponent = (
                pikepdf.Name.CCITTFaxDecode,
                pikepdf.Name.DeviceGray,
                1,
            )
            image.DecodeParms = pikepdf.Dictionary(K=-1, Columns=120, Rows=170)
            document.save(path)
        if not fails:
            assert open_scan(path).page(1).image.shape == (170, 120)
            continue
        with pytest.raises(PageError, match="damaged"):
            open_scan(path).page(1)


# ---- a JPEG's coded pixels


@pytest.mark.parametrize("form", ["jpeg", "progressive jpeg", "cmyk jpeg"])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_a_jpeg_cut_short_and_closed_again_fails(
    tmp_path: Path, form: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    content = FORMS[form]
    with pytest.raises(PageError, match="ends in the middle"):
        read(tmp_path, content[: int(len(content) * share)] + JPEG_END)
    assert "JPEG" not in capfd.readouterr().err


def test_a_jpeg_whose_pixels_are_damaged_in_the_middle_fails(tmp_path: Path) -> None:
    content = coded("JPEG", quality=90, restart_marker_rows=2)
    middle = len(content) // 2
    mark = next(n for n in range(middle, len(content)) if content[n] == 0xFF and 0xD0 <= content[n + 1] <= 0xD7)
    with pytest.raises(PageError, match="damaged"):
        read(tmp_path, content[: mark - 300] + content[mark + 2 :])
    with pytest.raises(PageError, match="damaged"):
        read(tmp_path, content[:-2] + b"\x31\x41\x59" * 30 + JPEG_END)


def test_a_few_bytes_of_padding_before_the_end_mark_do_no_harm(tmp_path: Path) -> None:
    content = FORMS["jpeg"]
    assert np.array_equal(read(tmp_path, content[:-2] + bytes(4) + JPEG_END), read(tmp_path, content))


@pytest.mark.parametrize("more", ["", pytest.param("0 0 1 1 re f", marks=pytest.mark.poppler)])
def test_a_jpeg_that_lacks_only_its_end_mark_is_read_alone_and_in_a_pdf(tmp_path: Path, more: str) -> None:
    content = FORMS["jpeg"]
    whole, bare = read(tmp_path, content), content[:-2]
    assert np.array_equal(read(tmp_path, bare), whole)
    assert open_scan(tmp_path / "page.dat").jpeg(1) is None  # it leaves coded anew, with its end
    expected = open_scan(in_pdf(tmp_path, content, more)).page(1).image
    scan = open_scan(in_pdf(tmp_path, bare, more))
    assert np.array_equal(scan.page(1).image, expected)
    assert scan.jpeg(1) is None


@pytest.mark.parametrize("form", ["jpeg", "progressive jpeg"])
@pytest.mark.parametrize("end", [b"", JPEG_END])
def test_a_cut_jpeg_fails_alone_and_in_a_pdf(tmp_path: Path, form: str, end: bytes) -> None:
    content = FORMS[form]
    cut = content[: len(content) * 4 // 5] + end
    with pytest.raises(PageError, match="ends in the middle"):
        read(tmp_path, cut)
    with pytest.raises(PageError, match="ends in the middle"):
        open_scan(in_pdf(tmp_path, cut)).page(1)


def test_a_progressive_jpeg_without_its_end_mark_may_lack_a_layer(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="ends in the middle"):
        read(tmp_path, FORMS["progressive jpeg"][:-2])


def test_reasons_are_the_same_in_every_run(tmp_path: Path) -> None:
    path = in_pdf(tmp_path, b"junk")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].obj.Resources.XObject.Im0.Filter = pikepdf.Name.JPXDecode
        document.save(path)
    reasons = set()
    for _ in range(2):
        with pytest.raises(PageError) as caught:
            open_scan(path).page(1)
        reasons.add(caught.value.reason)
    assert len(reasons) == 1
    assert not RAW_WORDS.search(reasons.pop())
