"""Scans in: what is found, what a file is taken for, and that every picture's pixels come out as they are."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow
from support.fuzzing.plain_words import assert_plain

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import find_scans, open_scan
from ocrfill.pipeline.scans.file_types import FileType
from ocrfill.pipeline.scans.find import natural_key
from ocrfill.pipeline.scans.raster import MAX_PIXELS, PixelTurn
from ocrfill.pipeline.scans.resolution import believable_dpi, guessed_dpi

Pixels = NDArray[np.uint8]


def page_pixels(width: int = 248, height: int = 351, *, colour: bool = True) -> Pixels:
    """A small page on which every corner and every channel is different; red, green, blue order."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    image = np.stack([255 - 40 * x, 200 + 50 * y, 120 + 100 * x * y], axis=-1).astype(np.uint8)
    image[10:40, 10:60] = (20, 30, 160)
    image[height - 30 : height - 20, width // 2 :] = (200, 20, 30)
    return image if colour else image[..., 0].copy()


def saved(path: Path, image: Pillow.Image | Pixels, **options: object) -> Path:
    picture = image if isinstance(image, Pillow.Image) else Pillow.fromarray(image)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)  # type: ignore[arg-type]
    return path


def first_page(path: Path) -> Pixels:
    return open_scan(path).page(1).image


# ---- finding


def test_folder_is_searched_in_natural_order_and_leftovers_are_named(tmp_path: Path) -> None:
    book = tmp_path / "KS.2006.01"
    (book / "part 2").mkdir(parents=True)
    for name in ("10.jpg", "9.JPG", "0001.png", "part 2/1.tif", "letter.docx", "0001.json", "0001.ink.png"):
        (book / name).write_bytes(b"PK\x03\x04" if name.endswith("docx") else b"x")
    for name in ("Thumbs.db", ".hidden.jpg", "~$letter.docx"):
        (book / name).write_bytes(b"x")
    (book / "no suffix").write_bytes(b"%PDF-1.4\n")
    (book / "notes.txt").write_text("Sổ đăng ký khai sinh", encoding="utf-8")
    found = find_scans([book])
    names = [str(path.relative_to(book)) for path in found.scans]
    assert names == ["0001.png", "9.JPG", "10.jpg", "no suffix", "part 2/1.tif"]
    assert {path.name: reason for path, reason in found.ignored} == {
        "letter.docx": "a zip archive, or an Office document",
        "notes.txt": "a text file",
    }


def test_named_files_are_taken_as_they_are_and_once(tmp_path: Path) -> None:
    odd = tmp_path / "odd.txt"
    odd.write_text("x")
    picture = saved(tmp_path / "a.png", page_pixels())
    found = find_scans([odd, picture, tmp_path, tmp_path / "." / "a.png"])
    assert found.scans == (odd, picture)


@pytest.mark.parametrize(
    "name",
    ["@eaDir", "#recycle", "$RECYCLE.BIN", "$Recycle.Bin", ".Trash-1000", ".Trashes", "@Recycle", "RECYCLER",
     "__MACOSX", "#snapshot", "System Volume Information", "lost+found", ".@__thumb"],
)  # fmt: skip
def test_thumbnails_and_deleted_files_are_no_scans(tmp_path: Path, name: str) -> None:
    page = saved(tmp_path / "KS.2006.01" / "0001.jpg", page_pixels())
    for folder in (tmp_path, page.parent):
        inner = folder / name / "S-1-5-21" / "0001.jpg"
        inner.mkdir(parents=True)
        saved(inner / "SYNOPHOTO_THUMB_XL.jpg", page_pixels())
        saved(folder / name / "0002.jpg", page_pixels())
    assert find_scans([tmp_path]).scans == (page,)
    assert find_scans([tmp_path]).ignored == ()


def test_a_folder_of_such_a_name_is_searched_when_it_is_given(tmp_path: Path) -> None:
    page = saved(tmp_path / "#recycle" / "0001.jpg", page_pixels())
    assert find_scans([tmp_path / "#recycle"]).scans == (page,)
    kept = saved(tmp_path / "recycle" / "0002.jpg", page_pixels())
    assert find_scans([tmp_path]).scans == (kept,)


def test_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file or folder"):
        find_scans([tmp_path / "nowhere"])


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_natural_order_is_the_order_of_numbers(numbers: list[int]) -> None:
    paths = [Path(f"quyển {n}.jpg") for n in numbers]
    assert sorted(paths, key=natural_key) == [Path(f"quyển {n}.jpg") for n in sorted(numbers)]


@given(st.lists(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)))
def test_natural_order_takes_any_name(names: list[str]) -> None:
    sorted((Path("x") / name for name in names), key=natural_key)


# ---- opening


def test_scan_knows_kind_hash_and_pages_and_can_be_sent(tmp_path: Path) -> None:
    path = saved(tmp_path / "page.dat", page_pixels(), format="PNG")
    scan = open_scan(path)
    assert (scan.kind, scan.pages, scan.path) == (FileType.PNG, 1, path)
    assert scan.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert pickle.loads(pickle.dumps(scan)) == scan
    page = scan.page(1)
    assert (page.source, page.number, page.turned) == (str(path), 1, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        ("Họ và tên".encode(), "a text file, not a scan"),
        (("x" * 1023 + "ă").encode(), "a text file, not a scan"),
        (b"\0" * 5000, "zero bytes"),
        (b"PK\x03\x04....", "Office"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\x01\x02\x03\x80", "unknown kind"),
        (b"BM are the first letters of this text", "a text file"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"II*\0\x08\0\0\0", "damaged"),
        (b"II*\0\xff\xff\xff\x7f", "damaged"),
        (b"RIFF\x20\0\0\0WEBPVP8 ", "damaged"),
    ],
)
def test_files_without_pages_are_refused_in_clear_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "0001.jpg"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=words) as caught:
        open_scan(path)
    assert str(path) in str(caught.value)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        open_scan(tmp_path / "nothing.pdf")
    with pytest.raises(BadInput, match="a folder"):
        open_scan(tmp_path)


def test_page_numbers_out_of_range_are_refused(tmp_path: Path) -> None:
    scan = open_scan(saved(tmp_path / "a.png", page_pixels()))
    for number in (0, 2, -1):
        with pytest.raises(PageError, match="there is no page"):
            scan.page(number)


# ---- pictures


def test_jpeg_is_decoded_exactly(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", page_pixels(), dpi=(300, 300), quality=80)
    assert np.array_equal(first_page(path), cv2.imread(str(path), cv2.IMREAD_COLOR))
    grey = saved(tmp_path / "b.jpg", page_pixels(colour=False))
    assert np.array_equal(first_page(grey), cv2.imread(str(grey), cv2.IMREAD_GRAYSCALE))
    assert open_scan(path).jpeg(1) == path.read_bytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "tif", "png", "webp"])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, suffix: str) -> None:
    upright = Pillow.fromarray(page_pixels())
    # how a camera that writes this orientation stores an upright page (EXIF 2.3, tag 274)
    stored = {
        1: None,
        2: Pillow.Transpose.FLIP_LEFT_RIGHT,
        3: Pillow.Transpose.ROTATE_180,
        4: Pillow.Transpose.FLIP_TOP_BOTTOM,
        5: Pillow.Transpose.TRANSPOSE,
        6: Pillow.Transpose.ROTATE_90,  # counter-clockwise in Pillow: to be shown turned clockwise
        7: Pillow.Transpose.TRANSVERSE,
        8: Pillow.Transpose.ROTATE_270,
    }[orientation]
    exif = Pillow.Exif()
    exif[274] = orientation
    options: dict[str, object] = {"jpg": {"quality": 95}, "webp": {"lossless": True}}.get(suffix, {})
    path = tmp_path / f"a.{suffix}"
    saved(path, upright.transpose(stored) if stored is not None else upright, exif=exif, **options)
    image = first_page(path)
    difference = np.abs(image.astype(int) - page_pixels()[..., ::-1])
    assert difference.mean() < (3 if suffix == "jpg" else 1e-9)
    if suffix == "jpg":
        assert (open_scan(path).jpeg(1) is None) == (orientation != 1)


def cmyk_jpeg(colours: Pixels, *, adobe: bool) -> bytes:
    """A JPEG of four inks: as Adobe's programs store it, inverted and with their marker, or plainly."""
    picture = Pillow.fromarray(colours).convert("CMYK")
    if not adobe:
        picture = Pillow.merge("CMYK", [band.point(lambda v: 255 - v) for band in picture.split()])
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95)
    content = buffer.getvalue()
    start = content.index(b"\xff\xee\x00\x0eAdobe")  # Pillow writes Adobe's form
    return content if adobe else content[:start] + content[start + 16 :]


@pytest.mark.parametrize("adobe", [True, False])
def test_cmyk_jpeg_keeps_its_colours(tmp_path: Path, adobe: bool) -> None:
    colours = page_pixels()
    path = tmp_path / "a.jpg"
    path.write_bytes(cmyk_jpeg(colours, adobe=adobe))
    assert np.abs(first_page(path).astype(int) - colours[..., ::-1]).mean() < 4
    assert open_scan(path).jpeg(1) is None


def test_png_forms(tmp_path: Path) -> None:
    colours = page_pixels()
    expected = colours[..., ::-1]
    assert np.array_equal(first_page(saved(tmp_path / "rgb.png", colours)), expected)
    deep = colours[..., 0].astype(np.uint16) * 257
    assert np.array_equal(first_page(saved(tmp_path / "deep.png", deep)), colours[..., 0])  # type: ignore[arg-type]
    cv2.imwrite(str(tmp_path / "deep_rgb.png"), expected.astype(np.uint16) * 257)
    assert np.array_equal(first_page(tmp_path / "deep_rgb.png"), expected)
    palette = Pillow.fromarray(colours).quantize(16)
    image = first_page(saved(tmp_path / "palette.png", palette))
    assert np.array_equal(image, np.asarray(palette.convert("RGB"))[..., ::-1])
    greys = Pillow.fromarray(colours[..., 0] // 16 * 16).convert("P")
    image = first_page(saved(tmp_path / "greys.png", greys))
    assert np.array_equal(image, colours[..., 0] // 16 * 16)
    bits = Pillow.fromarray(colours[..., 0] > 230)
    image = first_page(saved(tmp_path / "bits.png", bits))
    assert np.array_equal(image, np.where(colours[..., 0] > 230, 255, 0))


def test_alpha_is_laid_on_white(tmp_path: Path) -> None:
    colours = page_pixels()
    alpha = np.full(colours.shape[:2], 255, np.uint8)
    alpha[:100] = 0
    image = first_page(saved(tmp_path / "a.png", np.dstack([colours, alpha])))
    assert (image[:100] == 255).all()
    assert np.array_equal(image[100:], colours[100:, :, ::-1])
    grey = Pillow.merge("LA", [Pillow.fromarray(colours[..., 0]), Pillow.fromarray(alpha)])
    image = first_page(saved(tmp_path / "la.png", grey))
    assert image.ndim == 2
    assert (image[:100] == 255).all()
    assert np.array_equal(image[100:], colours[100:, :, 0])
    palette = Pillow.fromarray(colours).quantize(8)
    index = int(np.asarray(palette)[0, 0])
    image = first_page(saved(tmp_path / "pa.png", palette, transparency=index))
    assert (image[np.asarray(palette) == index] == 255).all()


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        ("1", "group4"),
        ("1", None),
        ("L", "tiff_lzw"),
        ("RGB", "tiff_lzw"),
        ("RGB", "tiff_deflate"),
        ("P", None),
        ("RGB", None),
    ],
)
def test_tiff_of_three_pages(tmp_path: Path, mode: str, compression: str | None) -> None:
    pages = [Pillow.fromarray(np.roll(page_pixels(), 60 * n, axis=0)).convert(mode) for n in range(3)]
    path = tmp_path / "book.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], compression=compression, dpi=(200, 200))
    scan = open_scan(path)
    assert (scan.pages, scan.kind) == (3, FileType.TIFF)
    for number in (3, 1, 2):
        page = scan.page(number)
        grey = mode in {"1", "L"}
        expected = np.asarray(pages[number - 1].convert("L" if grey else "RGB"))
        assert np.array_equal(page.image, expected if grey else expected[..., ::-1])
        assert page.number == number


def test_cmyk_tiff_and_previews(tmp_path: Path) -> None:
    colours = page_pixels()
    path = tmp_path / "a.tif"
    preview = Pillow.fromarray(colours).resize((24, 35)).convert("CMYK")
    preview.encoderinfo = {"tiffinfo": {254: 1}}
    Pillow.fromarray(colours).convert("CMYK").save(path, save_all=True, append_images=[preview])
    scan = open_scan(path)
    assert scan.pages == 1
    assert np.abs(scan.page(1).image.astype(int) - colours[..., ::-1]).mean() < 1


def test_bmp_and_webp(tmp_path: Path) -> None:
    colours = page_pixels()
    for name, options in (("a.bmp", {}), ("a.webp", {"lossless": True})):
        path = saved(tmp_path / name, colours, **options)
        assert np.array_equal(first_page(path), colours[..., ::-1])


# ---- damage


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "bmp"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_cut_off_is_an_error_and_never_half_a_page(tmp_path: Path, suffix: str, share: float) -> None:
    rng = np.random.default_rng(1)
    noisy = np.clip(page_pixels().astype(int) + rng.integers(-20, 20, (351, 248, 3)), 0, 255).astype(np.uint8)
    path = saved(tmp_path / f"a.{suffix}", noisy)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises((BadInput, PageError), match="again"):
        open_scan(path).page(1)


def test_jpeg_with_a_whole_thumbnail_but_cut_pixels_is_an_error(tmp_path: Path) -> None:
    thumbnail = io.BytesIO()
    Pillow.fromarray(page_pixels()).resize((16, 16)).save(thumbnail, "JPEG")
    path = saved(tmp_path / "a.jpg", page_pixels(), quality=95)
    content = path.read_bytes()
    head = b"\xff\xe3" + (len(thumbnail.getvalue()) + 2).to_bytes(2, "big") + thumbnail.getvalue()
    path.write_bytes(content[:2] + head + content[2:])
    assert first_page(path).shape == (351, 248, 3)
    path.write_bytes(content[:2] + head + content[2:-2000])
    with pytest.raises(PageError, match="ends in the middle"):
        open_scan(path).page(1)


def test_png_with_a_flipped_bit_is_an_error(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", np.random.default_rng(0).integers(0, 255, (200, 200), np.uint8))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(PageError, match="damaged"):
        open_scan(path).page(1)


@given(
    st.binary(max_size=200),
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"BM", b"RIFF"]),
)
def test_no_bytes_bring_an_unexpected_error(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, start: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.jpg"
    path.write_bytes(start + tail)
    try:
        open_scan(path).page(1)
    except (BadInput, PageError) as e:
        assert str(e)  # noqa: PT017 - either outcome is right


def test_too_large_an_image_is_refused_before_decoding(tmp_path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    path = tmp_path / "bomb.png"
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))
    with pytest.raises(PageError, match=r"20000 x 20000 = 400 million pixels.*scan at 300 dpi"):
        open_scan(path).page(1)
    assert MAX_PIXELS > 7016 * 9921  # A3 at 600 dpi


# ---- resolution


@pytest.mark.parametrize(
    ("dpi", "size", "expected"),
    [
        ((300, 300), (2480, 3508), 300),
        ((200, 200), (1654, 2339), 200),
        ((72, 72), (2480, 3508), 300),  # what cameras write
        ((96, 96), (4961, 3508), 300),  # an opening of A3
        ((300, 300), (248, 351), 212.5),  # paper of 3 cm
        ((300, 150), (2480, 3508), 300),
        (None, (2480, 3508), 300),
        (None, (3508, 2480), 300),  # A4 lying: 300 dpi is a scanner's setting, 212 is none
        (None, (4961, 3508), 300),
        (None, (3000, 4000), 342.1),
    ],
)
def test_dpi_is_believed_or_guessed(
    tmp_path: Path, dpi: tuple[int, int] | None, size: tuple[int, int], expected: float
) -> None:
    options = {} if dpi is None else {"dpi": dpi}
    path = saved(tmp_path / "a.png", Pillow.new("1", size, 1), **options)
    if size == (248, 351):
        expected = guessed_dpi(*size)
    assert open_scan(path).page(1).dpi == pytest.approx(expected, abs=0.1)


@given(st.integers(1, 30_000), st.integers(1, 30_000), st.floats(allow_nan=True), st.floats(allow_nan=True))
def test_dpi_is_always_usable(width: int, height: int, x: float, y: float) -> None:
    stated = believable_dpi(x, y, width, height)
    assert guessed_dpi(width, height) > 0
    assert stated is None or 100 <= max(width, height) / stated * 25.4 <= 510


@given(st.booleans(), st.booleans(), st.booleans())
def test_turns_are_the_laid_out_pixels(transpose: bool, flip_x: bool, flip_y: bool) -> None:
    image = np.arange(24, dtype=np.uint8).reshape(4, 6)
    expected = image.T if transpose else image
    expected = expected[:, ::-1] if flip_x else expected
    expected = expected[::-1] if flip_y else expected
    assert np.array_equal(PixelTurn(transpose, flip_x, flip_y).apply(image), expected)


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b.jpg", "x" * 300 + ".jpg"])
def test_a_name_that_no_file_can_have_is_told(tmp_path, name):
    for act in (lambda: find_scans([tmp_path / name]), lambda: open_scan(tmp_path / name)):
        with pytest.raises(BadInput) as told:
            act()
        assert_plain(str(told.value), name)


def test_a_link_to_a_name_that_none_can_have_does_not_stop_the_search(tmp_path):
    (tmp_path / "1.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "2.jpg").symlink_to("y" * 300)
    (tmp_path / "3.jpg").symlink_to("3.jpg")
    found = find_scans([tmp_path])
    assert [file.name for file in found.scans] == ["1.jpg"]
    assert [file.name for file, _ in found.ignored] == ["2.jpg", "3.jpg"]
    assert found.ignored[0][1].startswith("it cannot be opened: ")
