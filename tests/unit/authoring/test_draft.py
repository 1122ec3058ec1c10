"""Layouts drafted from several pages: dotted lines, labels, fields, and a form from start to end."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from benchmarks.metrics.layout_drafts import compare_layouts
from click.testing import CliRunner
from support.drawn.pages import draw_book

from ocrfill.authoring.draft.common_print import common_print
from ocrfill.authoring.draft.dotted_leaders.candidates import DotRow
from ocrfill.authoring.draft.dotted_leaders.tracking import DottedLine, find_dotted
from ocrfill.authoring.draft.form_draft import FormPrint, draft_form
from ocrfill.authoring.draft.frame import RuledFrame, find_frame
from ocrfill.authoring.draft.label_lines import group_into_lines
from ocrfill.authoring.draft.label_vocabulary import kind_of, meaning_of, mended_label, person_of, years_of
from ocrfill.authoring.draft.printed_words import Run, find_runs
from ocrfill.authoring.draft.register_pages import _slopes, sample_sheet
from ocrfill.authoring.draft.split_labels import split_runs
from ocrfill.authoring.draft.write_yaml import form_yaml
from ocrfill.civil_status.book import Book
from ocrfill.cli import ocrfill
from ocrfill.document.geometry import Box
from ocrfill.document.result import Character, Reading
from ocrfill.errors import BadInput
from ocrfill.layouts import load_layout, parse_layout
from ocrfill.pipeline.preprocess import straighten
from ocrfill.pipeline.scans import open_scan
from ocrfill.training.synthetic import CLEAN_SCAN, DrawingOptions, blank_page, book_cover, save_scan

BLACK = 200.0
MM = 200 / 25.4


def dots(grey, left, right, base, step=8.2):
    for x in np.arange(left, right, step):
        cv2.circle(grey, (round(x * 16), round((base - 2) * 16)), 26, 55, -1, cv2.LINE_AA, 4)


def test_dotted_lines_are_found_between_labels_and_below_ghosts_of_writing():
    grey = np.full((500, 1200), 255, np.uint8)
    for base in (100, 200, 300, 400):
        dots(grey, 60, 400, base)
        cv2.putText(grey, "nam:", (420, base), cv2.FONT_HERSHEY_COMPLEX, 0.8, 50, 2)
        dots(grey, 520, 1100, base)
        cv2.putText(grey, "Nguyen Van", (600, base - 4), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.1, 190, 2)
    cv2.line(grey, (40, 450), (1150, 450), 55, 2)
    found = find_dotted(grey, BLACK, 200)
    assert [round(line.base / 100) for line in found] == [1, 1, 2, 2, 3, 3, 4, 4]
    for line in found[::2]:
        assert (line.left, line.right) == (pytest.approx(58, abs=5), pytest.approx(400, abs=12))
    for line in found[1::2]:
        assert (line.left, line.right) == (pytest.approx(518, abs=6), pytest.approx(1100, abs=12))


def test_three_dots_with_a_gap_have_the_step_of_the_near_ones():
    """Their middle step lies between both and is like neither: on drawn seed 2016 that ended a draft in a fault."""
    assert DotRow([0.0, 10.0, 110.0], [5.0] * 3, 3.0).step == 10.0
    assert DotRow([0.0, 9.0, 20.0, 30.0, 130.0], [5.0] * 5, 3.0).step == 10.0


def test_a_dotted_line_does_not_begin_with_a_colon_and_the_foot_of_a_letter():
    """All three stand in step; between the colon and the first dot of the line is bare paper."""
    grey = np.full((200, 900), 255, np.uint8)
    dots(grey, 100, 109, 100)  # a letter's foot and a colon
    dots(grey, 100 + 3 * 8.2, 400, 100)
    for base in (60, 140):
        dots(grey, 60, 400, base)
    (line,) = [line for line in find_dotted(grey, BLACK, 200) if abs(line.base - 100) < 4]
    assert line.left == pytest.approx(100 + 3 * 8.2 - 2, abs=4)


def test_squares_of_the_page_tell_less_along_a_dotted_line_than_on_words():
    """A dotted line moved by a whole step looks the same: pages were laid a step off each other."""
    grey = np.full((100, 400), 255, np.uint8)
    dots(grey, 0, 400, 50, step=4.0)
    cv2.putText(grey, "Ho va ten", (20, 90), cv2.FONT_HERSHEY_COMPLEX, 0.6, 50, 1)
    page = (255 - grey.astype(np.float32)) / 255

    def sureness(top):
        square = page[top : top + 24, 100:148]
        like = cv2.matchTemplate(page[top - 5 : top + 29, 93:155], square, cv2.TM_CCOEFF_NORMED)
        _, _, _, at = cv2.minMaxLoc(like)
        return _slopes(like, at)

    assert sureness(38)[0] < 0.1 < 0.5 < sureness(38)[1]
    assert min(sureness(70)) > 0.5


def test_a_page_without_dots_has_no_dotted_lines():
    assert find_dotted(np.full((300, 300), 255, np.uint8), BLACK, 200) == ()


def test_a_frame_is_where_long_rules_meet_and_not_at_the_paper_s_edge():
    grey = np.full((1400, 1000), 255, np.uint8)
    cv2.rectangle(grey, (80, 150), (920, 1200), 40, 3)
    cv2.line(grey, (700, 150), (700, 1200), 40, 3)
    cv2.line(grey, (0, 1380), (999, 1380), 0, 6)
    for base in range(220, 1100, 45):
        dots(grey, 110, 680, base)
    frame = find_frame(grey, BLACK, 150)
    assert frame is not None
    assert (frame.left, frame.top, frame.right, frame.bottom) == pytest.approx((80, 150, 920, 1200), abs=4)
    assert frame.verticals == (pytest.approx(700, abs=4),)
    assert find_frame(np.full((1400, 1000), 255, np.uint8), BLACK, 150) is None


@pytest.mark.parametrize(
    ("read", "printed", "known"),
    [
        ("Họ và tên:", "Họ và tên", True),
        ("Nơi sính :", "Nơi sinh", True),
        ("~ nơi cấp", "nơi cấp", True),
        ("Số ao ước tiên:", "Số ao ước tiên", False),
        ("Cán bộ Tư pháp hệ tịch", "Cán bộ Tư pháp hộ tịch", True),
        ("Họ và tên me", "Họ và tên mẹ", True),
        ("Giấy báo tử/Giấy tờ thay cho Giấy báo tử", "Giấy báo tử/Giấy tờ thay cho Giấy báo tử", True),
    ],
)
def test_labels_are_mended_by_the_known_ones(read, printed, known):
    assert mended_label(read) == (printed, known)


def test_labels_tell_kind_years_person_and_column():
    texts = ["Phần ghi về người được đăng ký khai sinh:", "Họ, chữ đệm, tên:", "ghi bằng chữ:"]
    assert kind_of(texts) == ("KS", 1.0)
    assert years_of(texts) == ((2016, 2020), "Thông tư 15/2015/TT-BTP")
    assert kind_of(["abc"]) == (None, 0.0)
    assert person_of("Họ và tên cha", "KS") == "cha"
    assert person_of("Phần ghi về người được nhận là cha, mẹ, con", "CMC") == "nc"
    name = meaning_of("Họ và tên", "nks", "KS")
    assert (name.stem, name.type, name.columns) == ("ho_ten", {"kind": "name", "capitals": True}, {"nksHoTen": "value"})
    assert meaning_of("Nơi sinh", "nc", "CMC").columns == {}
    assert meaning_of("Chiều cao", "nks", "KS") is None


def run(text, left, base, right):
    return Run(Box(left, base - 22, right, base + 5), float(base), text, 0.97)


def dotted(left, right, base):
    return DottedLine(float(left), float(right), float(base))


def test_lines_become_fields_with_parts_and_continuations():
    runs = (
        run("Họ và tên chồng:", 100, 200, 300),
        run("Giấy tờ tùy thân:", 100, 255, 300),
        Run(Box(500, 245, 510, 248), 248.0, "-", 1.0, dash=True),
        run("Nơi cư trú:", 100, 310, 250),
        run("Đăng ký ngày", 100, 420, 260),
        run("tháng", 400, 420, 460),
        run("năm", 560, 420, 600),
        run("Chiều cao của vợ:", 100, 475, 300),
        run("Cán bộ Tư pháp hộ tịch", 300, 600, 600),
        run("Ghi chú:", 900, 200, 1000),
    )
    lines = (
        dotted(310, 800, 200), dotted(310, 490, 255), dotted(520, 800, 255), dotted(260, 800, 310),
        dotted(100, 800, 365), dotted(270, 390, 420), dotted(470, 550, 420), dotted(610, 800, 420),
        dotted(310, 800, 475), dotted(350, 550, 900),
    )  # fmt: skip
    frame = RuledFrame(80, 100, 1200, 1000, (820,))
    draft = draft_form(FormPrint(frame, lines, (), runs, BLACK), MM, 1100, None)
    layout = parse_layout(form_yaml(draft, "made", (1280, 1100), MM, "3 pages"), "made")
    assert layout.kind == "KH"
    assert [(name, spec.type.kind) for name, spec in layout.fields.items()] == [
        ("chong_ho_ten", "name"),
        ("chong_loai_giay_to", "choice"),
        ("chong_so_giay_to", "identity"),
        ("chong_noi_cu_tru", "place"),
        ("ngay_dang_ky", "date"),
        ("chong_chieu_cao_cua_vo", "text"),
        ("chu_ky", "signature"),
        ("nguoi_thuc_hien", "name"),
        ("ghi_chu", "signature"),
    ]
    assert layout.fields["ngay_dang_ky"].label == "Đăng ký ngày … tháng … năm"
    assert layout.fields["ngay_dang_ky"].type.split
    assert [g.field for line in layout.body.lines for g in line.gaps].count("chong_noi_cu_tru") == 2
    assert {a.field for a in layout.body.areas} == {"chu_ky", "ghi_chu"}
    text = form_yaml(draft, "made", (1280, 1100), MM, "3 pages")
    assert "# CHECK: what this label asks for is not known" in text


def test_what_is_read_as_dashes_is_no_label():
    """A signature's rest was read as "---_": the draft had a field with an empty label, which is no layout."""
    runs = (
        run("Họ và tên chồng:", 100, 200, 300),
        replace(run("---_", 310, 255, 345), score=0.4),
        run("Chiều cao:", 100, 310, 250),
    )
    lines = (dotted(310, 800, 200), dotted(360, 800, 255), dotted(260, 800, 310))
    draft = draft_form(FormPrint(None, lines, (), runs, BLACK), MM, 1100, "KH")
    layout = parse_layout(form_yaml(draft, "made", (1280, 1100), MM, "3 pages"), "made")
    assert [spec.label for spec in layout.fields.values()] == ["Họ và tên chồng", "Chiều cao"]


def test_what_may_be_writing_between_two_far_gaps_does_not_join_them():
    runs = (run("Trang", 60, 200, 130), run("Sẽ", 560, 200, 590))
    (line,) = group_into_lines(runs, (dotted(140, 240, 200), dotted(595, 700, 200)), None, MM)[1]
    assert [(room.left, room.right) for room in line.rooms] == [(140, 240), (560, 700)]


class Reads:
    """Reads a crop as what the test says stands where it begins."""

    name = "told"
    version = "1"

    def __init__(self, texts):
        self.texts = texts

    def read(self, crops, knowledge=()):
        return tuple(self._reading(crop.strip.box.left) for crop in crops)

    def _reading(self, left):
        text = min(self.texts.items(), key=lambda found: abs(found[0] - left))[1]
        return Reading(text, 0.95, self.name, tuple(Character(c, 0.95) for c in text))


def test_labels_that_writing_joined_are_parted_and_have_gaps_between_them():
    grey = np.full((120, 900), 255, np.uint8)
    printed = {100: ("ngày", 150), 260: ("tháng", 330), 450: ("năm", 500)}
    for left, (_, right) in printed.items():
        grey[60:80, left:right] = 50
    for left, right in ((155, 258), (335, 448), (505, 650)):
        dots(grey, left, right, 80)
    grey[62:78, 360:400] = 60  # what everybody writes alike
    grey[62:78, 520:640] = 60
    whole = Run(Box(100, 58, 655, 82), 80.0, "ngày ..... tháng .01.. năm 2006", 0.6)
    reader = Reads({**{left: text for left, (text, _) in printed.items()}, 360: "01", 520: "x2o06"})
    runs, lines = split_runs([whole], grey, BLACK, 200, reader)
    assert [(run.text, run.box.left, run.box.right) for run in runs] == [
        (text, left, right) for left, (text, right) in printed.items()
    ]
    assert [(line.left, line.right) for line in lines] == [
        pytest.approx(ends, abs=6) for ends in ((155, 258), (335, 448), (505, 650))
    ]
    unknown = replace(whole, text="Số ao ước tiên")
    assert split_runs([unknown], grey, BLACK, 200, Reads({0: "ao"})) == ((unknown,), ())
    sure = replace(whole, score=0.95)
    assert split_runs([sure], grey, BLACK, 200, reader) == ((sure,), ())


def test_a_known_label_ends_before_what_everybody_writes_alike_behind_it():
    """Read as "Quốc tịch: €}/." it is the known label by its letters, but as wide as label and writing together."""
    grey = np.full((120, 900), 255, np.uint8)
    grey[60:80, 100:140] = grey[60:80, 152:190] = 50
    dots(grey, 200, 330, 80)
    grey[55:76, 215:260] = grey[55:76, 275:300] = 60
    whole = Run(Box(100, 55, 335, 82), 80.0, "Quốc tịch: €}/.", 0.8)
    (label,), (line,) = split_runs([whole], grey, BLACK, 200, Reads({100: "Quốc", 152: "tịch:", 215: "€}/", 275: "."}))
    assert (label.text, label.box.right) == ("Quốc tịch:", 190)
    assert (line.left, line.right) == pytest.approx((200, 330), abs=6)


@pytest.mark.parametrize("read", ["sô", "nă", "b"])
def test_short_writing_is_no_label(read):
    """On drawn pages of a recognition register the year, the same on all of them, was taken for the label "Số"."""
    grey = np.full((120, 900), 255, np.uint8)
    grey[60:80, 100:150] = 50
    dots(grey, 160, 330, 80)
    grey[55:76, 215:260] = 60
    whole = Run(Box(100, 55, 335, 82), 80.0, "năm ..x..", 0.8)
    labels, (line,) = split_runs([whole], grey, BLACK, 200, Reads({100: "năm", 215: read}))
    assert [label.text for label in labels] == ["năm"]
    assert (line.left, line.right) == pytest.approx((160, 330), abs=6)


def test_a_dash_before_writing_parts_two_gaps():
    grey = np.full((120, 900), 255, np.uint8)
    grey[70:73, 100:110] = 50
    dots(grey, 128, 330, 80)
    grey[52:78, 122:150] = 60
    whole = Run(Box(100, 52, 152, 82), 80.0, "", 0.0)
    (dash,), _ = split_runs([whole], grey, BLACK, 200, Reads({122: "C"}))
    assert (dash.dash, dash.box.left, dash.box.right, dash.base) == (True, 100, 110, 80.0)


def test_a_speck_within_a_line_of_print_is_no_line_of_its_own():
    grey = np.full((200, 600), 255, np.uint8)
    for left in range(100, 500, 12):  # letters, the first of them high
        grey[60 if left == 100 else 82 : 100, left : left + 8] = 50
    grey[62:74, 300:310] = 50
    (line,) = find_runs(grey, BLACK, 100, (), ())
    assert line.box == Box(100, 60, 504, 100)


@pytest.mark.slow
def test_pages_of_two_forms_leave_the_fewer_out_and_writing_is_gone(tmp_path):
    drawing = DrawingOptions(CLEAN_SCAN, "fonts", 100.0)
    pages = []
    for name, count in (("kh_2006_2015", 4), ("kt_2016_2020", 1)):
        layout = load_layout(name)
        folder = draw_book(layout, Book.parse(f"{layout.kind}.2010.01", name), count, 3, drawing, out=tmp_path / name)
        pages += [open_scan(path).page(1) for path in sorted(folder.glob("*.jpg"))]
    common = common_print([sample_sheet(straighten(page)) for page in pages], lambda _: None)
    assert common.left_out == (4,)
    assert len(common.laid) == 4
    written = 255 - common_print([sample_sheet(straighten(pages[0]))], lambda _: None).grey.astype(float)
    place = (slice(round(0.188 * 1169), round(0.203 * 1169)), slice(round(0.3 * 827), round(0.7 * 827)))
    left = 255 - common.grey.astype(float)
    assert (left[place] > 120).mean() < 0.5 * (written[place] > 120).mean()


def test_nothing_to_draft_is_told(tmp_path):
    drawing = DrawingOptions(CLEAN_SCAN, "fonts", 100.0)
    save_scan(
        blank_page(load_layout("ks_2006_2015"), Book.parse("KS.2006.01", "ks_2006_2015"), 1, drawing),
        tmp_path / "b.jpg",
        drawing,
    )
    command = ["layout", "draft", str(tmp_path / "b.jpg"), "-o", str(tmp_path / "my.yaml")]
    error = CliRunner().invoke(ocrfill, command).exception
    assert isinstance(error, BadInput)
    assert "blank" in str(error)
    error = CliRunner().invoke(ocrfill, [*command, "--pages", "7"]).exception
    assert "no such pages" in str(error)


@pytest.mark.tesseract
@pytest.mark.slow
def test_a_form_is_drafted_from_its_pages_and_fits_others(tmp_path):
    layout, book = load_layout("kh_2006_2015"), Book.parse("KH.2006.01", "kh_2006_2015")
    drawing = DrawingOptions(CLEAN_SCAN, "fonts", 150.0)
    folder = draw_book(layout, book, 6, 5, drawing, out=tmp_path)
    held = open_scan(folder / "0006.jpg").page(1)
    (folder / "0006.jpg").unlink()
    save_scan(book_cover(layout, book, 5, drawing), folder / "0000.jpg", drawing)
    result = CliRunner().invoke(ocrfill, ["layout", "draft", str(folder), "-o", str(tmp_path / "my.yaml")])
    assert result.exit_code == 0, result.output
    assert "0000.jpg, page 1" in result.output
    assert "layout show" in result.output
    draft = load_layout(tmp_path / "my.yaml")
    assert (draft.kind, draft.years) == ("KH", (2006, 2015))
    fields = compare_layouts(layout, draft, [straighten(held)])
    assert np.mean([field.right for field in fields]) >= 0.9, [field for field in fields if not field.right]
