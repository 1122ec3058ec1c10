"""Bombs: files whose reading would take hours or all memory end in a clear error, within the limits."""

from __future__ import annotations

import os
import resource
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from support.fakes.executor import HereExecutor
from support.fakes.reader import FakeReading, draw_scan, no_progress

from ocrfill.batch import BookOptions, execute_plan, plan_run
from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline import scan_process
from ocrfill.pipeline.process_pool import WorkerPool, limit_memory
from ocrfill.pipeline.scans import open_scan, scan
from ocrfill.store import Store

MB = 1 << 20


@pytest.fixture(scope="module", autouse=True)
def apart() -> Iterator[None]:
    """One process for all tests here; a bomb that takes its life leaves the next a new one."""
    with scan_process.scan_process():
        yield


def plain(folder: Path) -> Path:
    path = folder / "plain.png"
    Image.fromarray(np.arange(5_000, dtype=np.uint8).reshape(100, 50)).save(path)
    return path


def pages_of_one_tag(count: int) -> bytes:
    """A TIFF of so many pages that are hardly there, 22 bytes each."""
    out = bytearray(b"II*\0\x08\0\0\0")
    for n in range(count):
        following = len(out) + 18 if n < count - 1 else 0
        out += struct.pack("<HHHII", 1, 256, 4, 1, 60) + struct.pack("<I", following)
    return bytes(out)


def cross_reference_bomb(entries: int) -> bytes:
    """A PDF whose table of objects is packed a thousandfold."""
    out, places = b"%PDF-1.5\n", []
    for thing in (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>endobj\n",
    ):
        places.append(len(out))
        out += thing
    start = len(out)
    rows = bytes(6) + b"".join(b"\1" + place.to_bytes(4, "big") + b"\0" for place in places)
    table = zlib.compress(rows + b"\1\0\0\0\x10\0" * (entries - 4), 9)
    head = f"4 0 obj<</Type/XRef/Size {entries}/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length {len(table)}>>stream\n"
    return out + head.encode() + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % start


def page_bomb(folder: Path, megabytes: int, kind: str) -> Path:
    """A PDF whose page is drawn by so many operators, or has an image with so many bytes; packed a thousandfold."""
    path = folder / "page.pdf"
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        piece = b"0 0 m 9 9 l S\n" if kind == "operators" else bytes(14)
        stream = pikepdf.Stream(
            document, zlib.compress(piece * (megabytes * MB // 14), 9), Filter=pikepdf.Name.FlateDecode
        )
        page.obj.Contents = stream
        if kind == "image":
            stream.Type, stream.Subtype, stream.Width, stream.Height = NAMES[0], NAMES[1], 700, 900
            stream.ColorSpace, stream.BitsPerComponent = pikepdf.Name.DeviceGray, 8
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=stream))
            page.obj.Contents = document.make_stream(b"595 0 0 842 0 0 cm /Im Do")
        document.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return path


NAMES = (pikepdf.Name.XObject, pikepdf.Name.Image)


def test_good_files_come_out_the_same(tmp_path: Path) -> None:
    path = plain(tmp_path)
    with Image.open(path) as picture:
        assert np.array_equal(open_scan(path).page(1).image, np.asarray(picture))
    with pytest.raises(BadInput, match="there is no such file"):
        open_scan(tmp_path / "none.png")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 junk")
    with pytest.raises(BadInput, match="the PDF is broken or cut off"):
        open_scan(tmp_path / "bad.pdf")
    with pytest.raises(PageError, match="there is no page 2"):
        open_scan(path).page(2)


def test_it_is_another_process_that_looks_into_them() -> None:
    assert scan_process.look_apart(10, 1 << 30, os.getpid) != os.getpid()
    assert scan_process.look_apart(10, 1 << 30, resource.getrlimit, resource.RLIMIT_AS)[0] == 1 << 30


@pytest.mark.slow
def test_a_table_of_objects_that_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(cross_reference_bomb(30_000_000))
    assert path.stat().st_size < MB
    reserved = scan_process.look_apart(60, 4 << 30, address_space_of_this_process)
    monkeypatch.setattr(scan, "OPENING_MEMORY_BYTES", reserved + 100 * MB)
    with pytest.raises(BadInput, match=r"not enough memory|took longer|ended \("):
        open_scan(path)
    assert open_scan(plain(tmp_path)).pages == 1, "the process, or the next one, goes on"


def address_space_of_this_process() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


@pytest.mark.slow
def test_an_image_that_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserved = scan_process.look_apart(60, 4 << 30, address_space_of_this_process)
    monkeypatch.setattr(scan, "PAGE_MEMORY_BYTES", reserved + 100 * MB)
    opened = open_scan(page_bomb(tmp_path, 200, "image"))
    with pytest.raises(PageError, match="not enough memory"):
        opened.page(1)
    assert open_scan(plain(tmp_path)).page(1).width == 50


@pytest.mark.slow
def test_a_page_that_is_drawn_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "PAGE_SECONDS", 1.5)
    opened = open_scan(page_bomb(tmp_path, 100, "operators"))
    with pytest.raises(PageError, match=r"took longer than 1\.5 s"):
        opened.page(1)
    monkeypatch.undo()
    assert open_scan(plain(tmp_path)).page(1).width == 50


@pytest.mark.slow
def test_the_batch_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "KS.2006.01"
    draw_scan(book / "1.png", 1)
    (book / "2.pdf").write_bytes(cross_reference_bomb(30_000_000))
    (book / "3.tif").write_bytes(pages_of_one_tag(10_001))
    draw_scan(book / "4.tif", 4, pages=2)
    reserved = scan_process.look_apart(60, 4 << 30, address_space_of_this_process)
    monkeypatch.setattr(scan, "OPENING_MEMORY_BYTES", reserved + 100 * MB)
    with Store.open(tmp_path / "work", create=True) as store:
        order = plan_run([book], None, BookOptions("ks_2006_2015"))
        report = execute_plan(order, store, FakeReading(), lambda _: HereExecutor(), no_progress)
    assert report.pages == 3
    assert [(Path(f.scan).name, f.reason.partition(";")[0]) for f in report.failures] == [
        ("2.pdf", "there is not enough memory to look into the PDF"),
        ("3.tif", "the TIFF has more than 10000 pages"),
    ]


def test_a_file_that_takes_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "OPENING_SECONDS", 0.5)
    monkeypatch.setattr(scan, "_counted", slowly)
    began = time.monotonic()
    with pytest.raises(BadInput, match=r"plain\.png: looking into the file took longer than 0\.5 s; save it anew"):
        open_scan(plain(tmp_path))
    assert time.monotonic() - began < 20


def slowly(_: Path, __: object) -> tuple[int, tuple[int, ...]]:
    time.sleep(600)
    return 1, ()


def deadly(_: Path, __: object) -> tuple[int, tuple[int, ...]]:
    os.abort()


def deadly_once(path: Path, _: object) -> tuple[int, tuple[int, ...]]:
    mark = path.with_suffix(".mark")
    if not mark.exists():
        mark.touch()
        os.abort()
    return 1, ()


def test_a_reader_that_another_program_ended_is_followed_by_one_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_counted", deadly_once)
    assert open_scan(plain(tmp_path)).pages == 1


def test_a_file_that_kills_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(scan, "_counted", deadly)
        with pytest.raises(BadInput, match=r"the process that looked into the file ended twice \(killed by SIGABRT\)"):
            open_scan(plain(tmp_path))
    assert open_scan(plain(tmp_path)).pages == 1


@pytest.mark.parametrize("count", [10_001, 60_000])
def test_more_pages_than_any_book_has(tmp_path: Path, count: int) -> None:
    path = tmp_path / "pages.tif"
    path.write_bytes(pages_of_one_tag(count))
    began = time.monotonic()
    with pytest.raises(BadInput, match="the TIFF has more than 10000 pages; split it"):
        open_scan(path)
    assert time.monotonic() - began < 20


def test_a_pdf_of_one_page_ten_thousand_times(tmp_path: Path) -> None:
    path = tmp_path / "pages.pdf"
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(300, 400))
        document.Root.Pages.Kids = pikepdf.Array([page.obj] * 10_001)
        document.Root.Pages.Count = 10_001
        document.save(path)
    with pytest.raises(BadInput, match="more than 10000 pages; split it"):
        open_scan(path)


def test_a_workers_memory_is_limited_and_that_of_what_it_starts() -> None:
    with WorkerPool(1, seconds=60, memory_bytes=700 * MB) as pool:
        assert pool.submit(limit_of_a_program).result() == str(700 * MB // 1024)
        with pytest.raises(MemoryError):
            pool.submit(bytes, 900 * MB).result()
        assert pool.submit(abs, -1).result() == 1


def limit_of_a_program() -> str:
    import subprocess

    done = subprocess.run(["sh", "-c", "ulimit -v"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
def test_a_limit_never_goes_above_the_one_that_was_given() -> None:
    with WorkerPool(1, seconds=60) as pool:
        assert pool.submit(limits_in_turn).result() == [500 * MB, 300 * MB, 500 * MB]


def limits_in_turn() -> list[int]:
    found = []
    resource.setrlimit(resource.RLIMIT_AS, (500 * MB, 500 * MB))
    for wanted in (900 * MB, 300 * MB, 900 * MB):
        limit_memory(wanted)
        found.append(resource.getrlimit(resource.RLIMIT_AS)[0])
    return found
