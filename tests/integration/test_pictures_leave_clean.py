"""Whatever a scan file says beside its picture stays in it: every way a picture leaves is looked through."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pikepdf
import pytest
from click.testing import CliRunner
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo
from support.builders.book import HEIGHT, KS, WIDTH, ks_layout, made_image, made_record, made_result

from ocrfill.authoring.edit import session
from ocrfill.cli import ocrfill
from ocrfill.pipeline.scans import open_scan
from ocrfill.review.page_images import BookPictures, PictureSource
from ocrfill.store import Store

SECRET = "BiMat7731"
CORNER = (20, 30, 220)
"""Blue, green, red of the upper left corner: it shows how a page lies."""

FORMS = ("jpeg", "turned jpeg", "jpeg with a second picture", "tiff", "png", "webp", "pdf of a jpeg", "drawn pdf")


def page() -> Pillow.Image:
    layout = ks_layout()
    image = made_image(layout, made_record(layout))
    image[:120, :120] = CORNER
    return Pillow.fromarray(np.ascontiguousarray(image[..., ::-1]))


def exif(orientation: int) -> Pillow.Exif:
    made = Pillow.Exif()
    made[0x0112] = orientation
    made[0x013B] = made[0x010E] = SECRET
    made.get_ifd(0x8825)[1] = SECRET
    return made


def jpeg(picture: Pillow.Image, orientation: int = 1) -> bytes:
    buffer = io.BytesIO()
    profile = b"\0" * 36 + b"acsp" + SECRET.encode() * 20
    picture.save(
        buffer, "JPEG", quality=40, dpi=(150, 150), comment=SECRET, exif=exif(orientation), icc_profile=profile,
        xmp=f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode(),
    )  # fmt: skip
    return buffer.getvalue() + SECRET.encode()


def scan_of(form: str, folder: Path) -> Path:
    kind = "pdf" if "pdf" in form else "jpg" if "jpeg" in form else form
    path = folder / KS.key / f"0001.{kind}"
    path.parent.mkdir(parents=True)
    match form:
        case "jpeg":
            path.write_bytes(jpeg(page()))
        case "turned jpeg":
            path.write_bytes(jpeg(page().transpose(Pillow.Transpose.ROTATE_90), orientation=6))
        case "jpeg with a second picture":
            path.write_bytes(jpeg(page()) + jpeg(page(), 3))
        case "tiff":
            page().save(path, tiffinfo={270: SECRET, 315: SECRET, 700: SECRET.encode(), 305: SECRET}, dpi=(150, 150))
        case "png":
            told = PngInfo()
            told.add_text("Author", SECRET)
            told.add_itxt("XML:com.adobe.xmp", SECRET, zip=True)
            page().save(path, pnginfo=told, exif=exif(1), dpi=(150, 150))
            path.write_bytes(path.read_bytes() + SECRET.encode())
        case "webp":
            page().save(path, exif=exif(1), xmp=SECRET.encode(), quality=60)
        case _:
            save_pdf(path, drawn="drawn" in form)
    return path


def save_pdf(path: Path, *, drawn: bool) -> None:
    with pikepdf.new() as document:
        width, height = WIDTH * 0.48, HEIGHT * 0.48
        sheet = document.add_blank_page(page_size=(width, height))
        image = pikepdf.Stream(document, jpeg(page(), orientation=6))
        image.Type, image.Subtype, image.Width, image.Height = pikepdf.Name.XObject, pikepdf.Name.Image, WIDTH, HEIGHT
        image.ColorSpace, image.BitsPerComponent, image.Filter = pikepdf.Name.DeviceRGB, 8, pikepdf.Name.DCTDecode
        image.Metadata = document.make_stream(SECRET.encode())
        sheet.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
        more = " 0 0 2 2 re f" if drawn else ""
        sheet.obj.Contents = document.make_stream(f"q {width} 0 0 {height} 0 0 cm /Im Do Q{more}".encode())
        document.docinfo["/Author"] = document.docinfo["/Title"] = SECRET
        with document.open_metadata() as metadata:
            metadata["dc:title"] = SECRET
        document.attachments["notes.txt"] = SECRET.encode()
        document.save(path)


def streams(content: bytes) -> Iterator[bytes]:
    """A file's bytes and whatever is packed in it, to its depth."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from streams(archive.read(name))
    elif content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as document:
            assert "/Info" not in document.trailer
            for thing in document.objects:
                if isinstance(thing, pikepdf.Stream):
                    yield from streams(thing.read_raw_bytes())
                    yield bytes(str(sorted(thing.keys())), "utf-8")
    elif content.startswith(b"<!"):
        for packed in re.findall(rb"base64,([A-Za-z0-9+/=]+)", content):
            yield from streams(base64.b64decode(packed))
    elif content.startswith(b"\x89PNG"):
        kinds, place = [], 8
        while place < len(content):
            (length,) = struct.unpack_from(">I", content, place)
            kinds.append(content[place + 4 : place + 8])
            place += length + 12
        assert set(kinds) <= {b"IHDR", b"IDAT", b"IEND"}


def pictures(content: bytes) -> list[Pillow.Image]:
    return [
        Pillow.open(io.BytesIO(part)).convert("RGB")
        for part in streams(content)
        if part.startswith((b"\xff\xd8", b"\x89PNG"))
    ]


def assert_clean_and_upright(content: bytes) -> None:
    for part in streams(content):
        assert SECRET.encode() not in part
        assert SECRET.encode("utf-16-le") not in part
        assert b"Exif" not in part
    for picture in pictures(content):
        assert not picture.getexif()
        red, green, blue = np.asarray(picture)[30, 30].tolist()
        assert red > 150, "the corner is not where it was"
        assert green < 110
        assert blue < 110


@pytest.fixture(params=FORMS)
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workspace with one page of that form, as if it had been read."""
    scan = open_scan(scan_of(request.param, tmp_path))
    assert SECRET.encode() in scan.path.read_bytes()
    image = scan.page(1).image
    assert image.shape[1] == pytest.approx(WIDTH, abs=2)
    layout = ks_layout()
    with Store.open(tmp_path / "work", create=True) as store:
        store.add_book(KS, layout.version)
        source = store.path_in_store(scan.path)
        store.add_scan(KS.key, source, scan.sha256, 1)
        made = made_result(source, made_record(layout))
        (todo,) = store.todo()
        store.put(todo.id, replace(made, width=image.shape[1], height=image.shape[0]))
    return tmp_path / "work"


def run(*words: str | Path) -> None:
    done = CliRunner().invoke(ocrfill, [str(word) for word in words], catch_exceptions=False, standalone_mode=False)
    assert done.exit_code == 0, done.output


@pytest.mark.poppler
def test_every_way_out(workspace: Path, tmp_path: Path) -> None:
    (path,) = (tmp_path / KS.key).iterdir()
    out = tmp_path / "out"
    of_book = ("--workspace", workspace, "--book", KS.key)
    run("export", "--workspace", workspace, "--out", out)
    run("show", *of_book, "-o", out / "book.html")
    run("show", *of_book, "--page", "1", "-o", out / "page.png")
    run("cells", path, "-o", out / "cells.png")
    run("layout", "show", "ks_2006_2015", "--page", path, "-o", out / "layout.png")
    files = sorted(file.name for file in out.iterdir())
    assert {"KS.2006.01.zip", "KS.2006.01.xlsx", "book.html", "cells.png", "layout.png", "page.png"} <= set(files)
    for name in files:
        content = (out / name).read_bytes()
        if name in ("KS.2006.01.zip", "book.html", "cells.png"):
            assert pictures(content)
            assert_clean_and_upright(content)
        else:  # drawn over, or without a picture
            assert not any(SECRET.encode() in part or b"Exif" in part for part in streams(content))


def test_what_goes_to_the_reviewing_server(workspace: Path, tmp_path: Path) -> None:
    (path,) = (tmp_path / KS.key).iterdir()
    scan = open_scan(path)
    sent: dict[str, bytes] = {}
    server = SimpleNamespace(
        find_project=lambda _: 1,
        uploads=lambda _: [f"/data/upload/1/12345678-{name}" for name in sent],
        upload=lambda _, files: sent.update(files),
    )
    with Store.open(workspace) as store:
        (stored,) = store.pages(KS.key)
    assert stored.result is not None
    source = PictureSource(lambda: scan.jpeg(1), lambda: scan.page(1))
    BookPictures(server, KS.key, "token").of([(scan.sha256, stored.result, source)])  # type: ignore[arg-type]
    (content,) = sent.values()
    assert_clean_and_upright(content)
    assert pictures(content)[0].size == (stored.result.width, stored.result.height)
    assert_clean_and_upright(session._jpeg(scan.page(1).image))
