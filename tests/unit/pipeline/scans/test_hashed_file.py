"""What is read of a scan is read of the bytes that were hashed, whatever happens to the file meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import hash_file, open_scan, scan
from ocrfill.pipeline.scans.hashed_file import SETTLED_NS

CHANGED = "changed while it was read; give it to `ocrfill run` again"


def drawn(path: Path, shade: int, pages: int = 1) -> Path:
    """A file of pages of one shade; all of one number of pages are of one size."""
    pictures = [Image.fromarray(np.full((40, 30), shade + n, np.uint8)) for n in range(pages)]
    if path.suffix == ".pdf":
        with pikepdf.new() as document:
            for picture in pictures:
                page = document.add_blank_page(page_size=(300, 400))
                image = pikepdf.Stream(document, picture.tobytes())
                image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
                image.Width, image.Height, image.BitsPerComponent = 30, 40, 8
                image.ColorSpace = pikepdf.Name.DeviceGray
                page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
                page.obj.Contents = document.make_stream(b"300 0 0 400 0 0 cm /Im Do")
            document.save(path, compress_streams=False)
    elif path.suffix == ".tif":
        pictures[0].save(path, save_all=True, append_images=pictures[1:])
    else:
        pictures[0].save(path)
    return path


def in_place(path: Path, content: bytes) -> None:
    """Written over, its time set back: only the moment of the last change of its state tells."""
    told = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def exchanged(path: Path, content: bytes) -> None:
    other = path.with_name("other")
    other.write_bytes(content)
    other.rename(path)


WAYS: dict[str, Callable[[Path, bytes], None]] = {"in place": in_place, "exchanged": exchanged}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["pdf", "tif", "png", "jpg", "bmp"])
def test_a_file_replaced_after_its_first_page(tmp_path: Path, kind: str, way: str) -> None:
    pages = 3 if kind in ("pdf", "tif") else 1
    other = drawn(tmp_path / f"b.{kind}", 100, pages).read_bytes()
    path = drawn(tmp_path / f"a.{kind}", 10, pages)
    opened = open_scan(path)
    assert opened.page(1).image[0, 0] == 10
    WAYS[way](path, other)
    for number in range(1, pages + 1):
        with pytest.raises(PageError, match=CHANGED):
            opened.page(number)
        with pytest.raises(PageError, match=CHANGED):
            opened.jpeg(number)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_a_file_replaced_while_a_page_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, back: bool
) -> None:
    """Also where the first file is put back before the decoder has ended: what was decoded is the other one."""
    other = drawn(tmp_path / "b.pdf", 100).read_bytes()
    path = drawn(tmp_path / "a.pdf", 10)
    mine = path.read_bytes()
    opened = open_scan(path)
    decode, times = scan._decode, []

    def replaced_meanwhile(*arguments: object) -> object:
        times.append(1)
        if len(times) > 1:
            return decode(*arguments)  # type: ignore[arg-type]
        path.rename(tmp_path / "kept") if way == "exchanged" else None
        WAYS[way](path, other) if way == "exchanged" else path.write_bytes(other)
        made = decode(*arguments)  # type: ignore[arg-type]
        if back:
            (tmp_path / "kept").rename(path) if way == "exchanged" else path.write_bytes(mine)
        return made

    monkeypatch.setattr(scan, "_decode", replaced_meanwhile)
    if back:
        assert opened.page(1).image[0, 0] == 10
        assert len(times) == 2
    else:
        with pytest.raises(PageError, match=CHANGED):
            opened.page(1)


def test_a_file_replaced_by_a_broken_one_has_changed(tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.png", 10)
    opened = open_scan(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(PageError, match=CHANGED):
        opened.page(1)
    path.unlink()
    with pytest.raises(PageError, match="No such file"):
        opened.page(1)


def test_another_time_alone_does_no_harm(tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.png", 10)
    opened = open_scan(path)
    os.utime(path)
    path.chmod(0o600)
    assert opened.page(1).image[0, 0] == 10
    copy = path.read_bytes()
    exchanged(path, copy)
    assert opened.page(1).image[0, 0] == 10


def test_a_file_that_has_lain_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    from ocrfill.pipeline.scans import hashed_file

    path = drawn(tmp_path / "a.png", 10)
    now = time.time_ns()
    monkeypatch.setattr(hashed_file.time, "time_ns", lambda: now + 2 * SETTLED_NS)
    opened = open_scan(path)
    monkeypatch.setattr(hashed_file, "_digest", lambda _: pytest.fail("hashed again"))
    assert opened.page(1).image[0, 0] == 10


def test_a_file_that_is_being_written_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drawn(tmp_path / "a.png", 10)
    count = scan._counted

    def counted(*arguments: object) -> object:
        with path.open("ab") as stream:
            stream.write(b"more")
        return count(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(scan, "_counted", counted)
    with pytest.raises(BadInput, match=r"a\.png: the file changed while it was read"):
        open_scan(path)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(BadInput, match="this is no file"):
            hash_file(path)
