"""Pictures of pages: fields where their polygons are, in the colour of their decision; the book as HTML."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from support.builders.book import (
    HEIGHT,
    ISSUE,
    WIDTH,
    failed_result,
    ks_layout,
    made_image,
    made_record,
    made_result,
    page_of,
)

from ocrfill.document.result import Decision, Issue, PageResult, Record
from ocrfill.errors import BadInput, PageError
from ocrfill.export.views import ShownPage, book_html, draw_page
from ocrfill.export.views.decision_style import DECISION_STYLES, WARNING_COLOUR
from ocrfill.export.views.font import lettering, wrapped
from ocrfill.export.views.page_image import BAR_HEIGHT_PX
from ocrfill.export.views.upright_page import upright_picture

LAYOUT = ks_layout()
RECORD = made_record(LAYOUT, accepted=("nks_ho_ten",), issues={"me_dan_toc": (ISSUE,)})
IMAGE = made_image(LAYOUT, RECORD)
SCRIPT = "<script>alert(1)</script>"


def has_colour(picture, x, y, colour, reach=3):
    """Whether a pixel of that colour (red, green, blue) lies within `reach` of the place."""
    part = picture[int(y) - reach : int(y) + reach + 1, int(x) - reach : int(x) + reach + 1].astype(int)
    return bool((np.abs(part - np.array(colour[::-1])).max(axis=-1) < 40).any())


@pytest.mark.parametrize(
    ("name", "decision"),
    [
        ("nks_ho_ten", Decision.ACCEPT),
        ("cha_ho_ten", Decision.REVIEW),
        ("nguoi_thuc_hien", Decision.EMPTY),
        ("ghi_chu", Decision.NOT_READ),
    ],
)
def test_outlines_have_the_colour_of_the_decision(name, decision):
    picture = draw_page(page_of(IMAGE), made_result("1.jpg", RECORD))
    field = RECORD.field(name)
    assert field.decision is decision
    for strip in field.strips:
        (left, top), _, (right, bottom), _ = strip
        for x, y in ((right, (top + bottom) / 2), ((left + right) / 2, top)):
            assert has_colour(picture, x, y + BAR_HEIGHT_PX, DECISION_STYLES[decision].colour)


def test_a_field_with_an_issue_is_underlined_in_red_and_others_are_not():
    picture = draw_page(page_of(IMAGE), made_result("1.jpg", RECORD))
    for name, marked in (("me_dan_toc", True), ("cha_dan_toc", False)):
        (left, _), _, (right, bottom), _ = RECORD.field(name).strips[0]
        assert has_colour(picture, (left + right) / 2, bottom + 4 + BAR_HEIGHT_PX, WARNING_COLOUR) is marked


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_turned_page_is_shown_upright_with_its_fields_in_place(turned):
    back = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}[turned]
    scan = cv2.rotate(IMAGE, back)

    def on_scan(x, y):
        return {90: (y, WIDTH - x), 180: (WIDTH - x, HEIGHT - y), 270: (HEIGHT - y, x)}[turned]

    sheet = upright_picture(page_of(scan), made_result("1.jpg", RECORD, turned=turned), 10_000)
    assert np.array_equal(sheet.image, IMAGE)
    strip = RECORD.field("nks_ho_ten").strips[0]
    assert np.allclose(sheet.place(tuple(on_scan(x, y) for x, y in strip)), strip)


def test_a_large_page_is_made_smaller_and_its_fields_with_it():
    sheet = upright_picture(page_of(IMAGE), None, HEIGHT // 2)
    assert sheet.image.shape[:2] == (HEIGHT // 2, WIDTH // 2)
    assert np.allclose(sheet.place(((100.0, 200.0),)), [[50, 100]])


def test_a_grey_page_can_be_drawn():
    grey = cv2.cvtColor(IMAGE, cv2.COLOR_BGR2GRAY)
    assert draw_page(page_of(grey), made_result("1.jpg", RECORD)).shape[2] == 3


def test_another_scan_than_the_one_read_is_refused():
    with pytest.raises(BadInput, match="has changed"):
        draw_page(page_of(IMAGE[:100]), made_result("1.jpg", RECORD))


def test_many_records_need_more_columns_of_text():
    records = [made_record(LAYOUT, number=n) for n in range(1, 6)]
    one = draw_page(page_of(IMAGE), made_result("1.jpg", records[0]))
    five = draw_page(page_of(IMAGE), made_result("1.jpg", *records))
    assert five.shape[1] > one.shape[1]
    assert five.shape[0] == one.shape[0]


def test_a_failed_page_can_be_drawn():
    picture = draw_page(page_of(IMAGE), failed_result("1.jpg", reason="reason " * 40))
    margin = picture[BAR_HEIGHT_PX:, WIDTH:]
    assert (np.abs(margin.astype(int) - np.array(WARNING_COLOUR[::-1])).max(axis=-1) < 40).any()


def test_odd_values_can_be_drawn():
    record = made_record(LAYOUT, nks_noi_sinh="x" * 500, nks_que_quan="\u0007→ 漢字", so="")
    empty = PageResult("1.jpg", 1, "ks_2006_2015", 1, width=WIDTH, height=HEIGHT)
    for result in (made_result("1.jpg", record), made_result("1.jpg"), empty):
        assert draw_page(page_of(IMAGE), result).shape[0] == HEIGHT + BAR_HEIGHT_PX


def test_wrapped_text_fits_and_keeps_every_letter():
    font = lettering(20)
    text = "Ngày hai mươi bảy, " + "dài" * 60 + " hết"
    lines = wrapped(text, font, 200, 90)
    assert all(font.getlength(line) <= (90 if i == 0 else 200) for i, line in enumerate(lines))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped("", font, 100) == ("",)


def test_the_typeface_has_every_vietnamese_letter():
    font = lettering(20)
    missing = bytes(font.getmask("\ue123"))
    letters = "aàáảãạăằắẳẵặâầấẩẫậđeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
    for letter in letters + letters.upper():
        assert bytes(font.getmask(letter)) != missing, letter


class Elements(HTMLParser):
    """All start tags of a document with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def document(*shown, image=IMAGE):
    def open_page(index):
        if image is None:
            raise PageError("scan", "the file is damaged")
        return page_of(image)

    return "".join(book_html("Sổ thử", shown, open_page))


def test_values_are_data_never_markup():
    record = made_record(LAYOUT, nks_noi_sinh=SCRIPT, issues={"so": (Issue("x", SCRIPT),)})
    shown = ShownPage(f"{SCRIPT}.jpg", made_result("1.jpg", record, issues=(Issue("y", SCRIPT),)), {"so": SCRIPT})
    failed = ShownPage("2.jpg", failed_result("2.jpg", stage=SCRIPT, reason=SCRIPT))
    text = document(shown, failed)
    assert SCRIPT not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert [tag for tag, _ in Elements(text).tags].count("script") == 1


def test_the_document_needs_nothing_from_outside():
    text = document(ShownPage("1.jpg", made_result("1.jpg", RECORD)))
    for tag, attributes in Elements(text).tags:
        assert tag not in {"link", "iframe", "img", "object", "embed", "form", "base"}
        assert "src" not in attributes
        assert attributes.get("href", "#").startswith("#")
    assert {m[:22] for m in re.findall(r"url\(([^)]*)", text)} == {"data:image/jpeg;base64"}
    assert "default-src 'none'" in text


def test_the_document_shows_values_strips_and_reasons():
    text = document(
        ShownPage("0001.jpg", made_result("0001.jpg", RECORD), {"me_dan_toc": "Dân tộc (mẹ)"}),
        ShownPage("0002.jpg", failed_result("0002.jpg", reason="không có khung")),
        ShownPage("0003.jpg", None),
    )
    assert "NGUYỄN THỊ HOA" in text
    assert "chuẩn hóa: <b>27.10.2005</b>" in text
    assert ISSUE.text in text
    assert "tìm biểu mẫu – không có khung" in text
    assert "Trang này chưa đọc" in text
    assert "Dân tộc (mẹ)<br>" in text
    strips = sum(len(f.strips) for f in RECORD.fields)
    assert text.count("<polygon ") == strips
    assert text.count('class="crop ') == strips


def test_every_link_in_the_document_leads_somewhere():
    text = document(ShownPage("1.jpg", made_result("1.jpg", RECORD)), ShownPage("2.jpg", failed_result("2.jpg")))
    tags = Elements(text).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in tags if "href" in a} <= set(ids)


def test_a_page_whose_scan_is_gone_still_shows_its_values():
    text = document(ShownPage("1.jpg", made_result("1.jpg", RECORD)), image=None)
    assert "NGUYỄN THỊ HOA" in text
    assert "Không có ảnh" in text
    assert "the file is damaged" in text
    assert "<polygon" not in text


def test_crops_show_the_strip():
    """The CSS of a crop, done by hand, shows the part of the picture where the strip lies."""
    text = document(ShownPage("1.jpg", made_result("1.jpg", RECORD)))
    found = re.search(
        r'id="f1-3".*?max-width:(\d+)px;aspect-ratio:(\d+)/(\d+);'
        r"background-size:([\d.]+)% auto;background-position:([\d.]+)% ([\d.]+)%",
        text,
        re.DOTALL,
    )
    across, down, size, x, y = (float(found[i]) for i in (2, 3, 4, 5, 6))
    height, width = upright_picture(page_of(IMAGE), None, 1414).image.shape[:2]
    assert size == pytest.approx(width / across * 100, abs=0.01)
    left, top = x / 100 * (width - across), y / 100 * (height - down)
    strip = np.array(RECORD.fields[2].strips[0]) * height / HEIGHT
    assert left <= strip[:, 0].min()
    assert top <= strip[:, 1].min()
    assert left + across >= strip[:, 0].max()
    assert top + down >= strip[:, 1].max()
    assert across * down < 3 * np.prod(strip.max(axis=0) - strip.min(axis=0))


def test_sub_lines_of_a_cell_are_one_crop():
    field = RECORD.field("so")
    (left, top), _, (right, bottom), _ = field.strips[0]
    lines = tuple(
        ((left, y), (right, y), (right, y + 40), (left, y + 40)) for y in (top, top + 42, top + 84, bottom + 400)
    )
    record = Record(1, (replace(field, strips=lines),))
    assert document(ShownPage("1.jpg", made_result("1.jpg", record))).count('class="crop ') == 2


def test_the_same_results_give_the_same_document():
    shown = ShownPage("1.jpg", made_result("1.jpg", RECORD))
    assert document(shown) == document(shown)


def test_a_page_takes_little_room():
    shown = [ShownPage(f"{n}.jpg", made_result(f"{n}.jpg", RECORD)) for n in range(3)]
    assert len(document(*shown).encode()) < 3 * 350_000
