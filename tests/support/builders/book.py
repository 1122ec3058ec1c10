"""Results and pages made by hand for tests of exports and pictures: no Tesseract, no drawn book needed."""

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ocrfill.civil_status.book import Book
from ocrfill.document.geometry import Box
from ocrfill.document.page import Page
from ocrfill.document.result import Alternative, Decision, Failure, Field, Issue, PageResult, Reading, Record
from ocrfill.document.template import FormTemplate
from ocrfill.document.warp import Warp, hull
from ocrfill.export.views.font import lettering
from ocrfill.layouts import load_layout
from ocrfill.store import State, Store, StoredPage

WIDTH, HEIGHT = 1240, 1754

KS = Book.parse("KS.2006.01", "ks_2006_2015", "UBND xã Vĩnh Lâm, huyện Vĩnh Linh, tỉnh Quảng Trị")

TEXTS = {
    "trang": ("1",),
    "so": ("01",),
    "nks_ho_ten": ("NGUYỄN THỊ HOA",),
    "nks_gioi_tinh": ("Nữ",),
    "nks_ngay_sinh": ("27/10/2005",),
    "nks_ngay_sinh_bang_chu": ("Ngày hai mươi", "bảy tháng mười năm hai ngàn không trăm lẻ năm"),
    "nks_noi_sinh": ("Trạm y tế xã Vĩnh Lâm",),
    "nks_dan_toc": ("Kinh",),
    "nks_quoc_tich": ("Việt Nam",),
    "nks_que_quan": ("Xã Vĩnh Lâm, huyện Vĩnh Linh,", "tỉnh Quảng Trị"),
    "cha_ho_ten": ("Nguyễn Văn Bình",),
    "cha_dan_toc": ("Kinh",),
    "cha_quoc_tich": ("Việt Nam",),
    "me_ho_ten": ("Trần Thị Đào",),
    "me_dan_toc": ("Bru - Vân Kiều",),
    "me_quoc_tich": ("Việt Nam",),
    "nyc_ho_ten": ("Nguyễn Văn Bình",),
    "nyc_quan_he": ("Cha",),
    "ngay_dang_ky": ("04", "03", "2006"),
    "nguoi_ky": ("Lê Văn Tám - Chủ tịch", ""),
}


def strips_of(layout, name, width=WIDTH, height=HEIGHT):
    """The boxes of a field's gaps, ticks and areas on a page that lies as in the layout."""
    assert isinstance(layout.body, FormTemplate)
    boxes = [
        Box(round(g.x[0] * width), round((line.y - 0.018) * height), round(g.x[1] * width), round(line.y * height))
        for line in layout.body.lines
        for g in line.gaps
        if g.field == name
    ]
    for place in (*layout.body.ticks, *layout.body.areas):
        if place.field == name:
            left, top, right, bottom = place.box
            boxes.append(Box(round(left * width), round(top * height), round(right * width), round(bottom * height)))
    return tuple(Warp().polygon(box) for box in boxes)


def made_record(layout, texts=None, *, number=1, probability=0.87, accepted=(), issues=None, **changed):
    """A record of the layout with these texts (one a strip), parsed by the field types; `changed` replaces some."""
    texts = dict(TEXTS if texts is None else texts) | {
        k: v if isinstance(v, tuple) else (v,) for k, v in changed.items()
    }
    fields = []
    for name, spec in layout.fields.items():
        strips = strips_of(layout, name)
        readings = tuple(Reading(t, 0.9, "fake") for t in texts.get(name, ()))
        read = spec.read and spec.type.reader != "none"
        value = spec.type.parse(readings) if read and readings else None
        filled = value is not None and bool(value.raw)
        decision = Decision.REVIEW if filled else Decision.EMPTY if read else Decision.NOT_READ
        if filled and name in accepted:
            decision = Decision.ACCEPT
        fields.append(
            Field(
                name=name,
                label=spec.label,
                kind=spec.type.kind,
                raw=value.raw if value else "",
                normalised=value.normalised if value else None,
                probability=probability if filled else 0.0,
                decision=decision,
                issues=(value.issues if value else ()) + (issues or {}).get(name, ()),
                reader="fake" if read else None,
                polygon=hull(strips),
                strips=strips,
                readings=readings,
            )
        )
    return Record(number, tuple(fields))


def made_result(source, *records, page=1, layout="ks_2006_2015", turned=0, issues=()):
    width, height = (HEIGHT, WIDTH) if turned in (90, 270) else (WIDTH, HEIGHT)
    return PageResult(
        source=source,
        page=page,
        layout=layout,
        layout_version=1,
        width=width,
        height=height,
        dpi=150,
        turned=turned,
        fit=0.93,
        models=("fake 1",),
        records=records,
        issues=issues,
    )


def failed_result(source, stage="locate", reason="the page does not fit layout ks_2006_2015", page=1):
    return PageResult(source, page, "ks_2006_2015", 1, failure=Failure(stage, reason))


def stored(scan, result, *, number=1, sha256="0" * 64):
    state = State.PENDING if result is None else State.FAILED if result.failure else State.DONE
    return StoredPage(str(scan), sha256, number, state, result)


def made_image(layout, record, width=WIDTH, height=HEIGHT):
    """A page with the form's labels and the record's texts, as a blue-green-red image."""
    page = Image.new("RGB", (width, height), (246, 241, 228))
    draw = ImageDraw.Draw(page)
    for line in layout.body.lines:
        y = line.y * height
        for label in line.labels:
            draw.text((label.x * width, y), label.text, (40, 40, 40), lettering(20), anchor="ls")
        for gap in line.gaps:
            draw.line((gap.x[0] * width, y, gap.x[1] * width, y), fill=(150, 150, 150))
    for field in record.fields:
        for strip, reading in zip(field.strips, field.readings, strict=False):
            draw.text((strip[0][0] + 4, strip[3][1] - 3), reading.text, (30, 40, 120), lettering(26), anchor="ls")
    return np.asarray(page)[:, :, ::-1].copy()


def saved_page(path: Path, image):
    """Writes the image as a JPEG scan; its hash."""
    cv2.imwrite(str(path), image)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def page_of(image, source="0001.jpg", number=1):
    return Page(source, number, image, 150.0)


def ks_layout():
    return load_layout("ks_2006_2015")


ISSUE = Issue("test.issue", "Hai ngày không khớp nhau")


def made_workspace(folder: Path, *, read=2, failed=1, pending=1, broken=1):
    """A workspace with the book KS: so many pages read, failed and pending, and files that could not be opened."""
    layout = ks_layout()
    scans = folder / "scans"
    scans.mkdir(parents=True)
    with Store.open(folder / "work", create=True) as store:
        store.add_book(KS, layout.version)
        results = {}
        for n in range(1, read + failed + pending + 1):
            record = made_record(layout, so=str(n), trang=str(n))
            path = scans / f"{n:04d}.jpg"
            digest = saved_page(path, made_image(layout, record))
            source = store.path_in_store(path)
            store.add_scan(KS.key, source, digest, 1)
            results[source] = made_result(source, record) if n <= read else failed_result(source)
        for page in store.todo()[: read + failed]:
            store.put(page.id, results[page.source])
        for n in range(broken):
            path = scans / f"broken{n}.pdf"
            path.write_bytes(b"%PDF-1.4 broken")
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            store.add_scan(KS.key, store.path_in_store(path), digest, 0, "the PDF is damaged")
    return folder / "work"


def made_pages(layout, numbers, years=None):
    """Pages of a book with these numbers of entries, a day after the other; None for one that could not be read."""
    for n, number in enumerate(numbers, 1):
        if number is None:
            yield failed_result(f"{n}.jpg")
        else:
            yield made_result(
                f"{n}.jpg", made_record(layout, so=number, trang=str(n), ngay_dang_ky=(str(n), "1", "2006"))
            )


def with_alternatives(result, *texts):
    """The page whose number has these other readings."""
    (record,) = result.records
    field = record.field("so")
    reading = replace(field.readings[0], alternatives=tuple(Alternative(t, 0.3) for t in texts))
    changed = replace(field, readings=(reading,), decision=Decision.ACCEPT)
    return replace(
        result, records=(replace(record, fields=tuple(changed if f is field else f for f in record.fields)),)
    )
