"""Drawn books: the truth beside a page must be the truth of what is on it."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures
from support.paths import ROOT

from ocrfill.civil_status.book import Book
from ocrfill.document.geometry import Box
from ocrfill.errors import BadInput
from ocrfill.evaluation.ground_truth import FieldTruth, load_truth, save_truth
from ocrfill.layouts import Layout, load_layout, shipped_layouts
from ocrfill.training.synthetic import (
    BAD_SCAN,
    CLEAN_SCAN,
    DEGRADATIONS,
    USUAL_SCAN,
    DrawingOptions,
    DrawnPage,
    blank_page,
    book_cover,
    draw_book,
    draw_entries,
    draw_pages,
    empty_form,
    save_scan,
    upside_down,
)
from ocrfill.training.synthetic.degradation import page_warp
from ocrfill.training.synthetic.facts.composed_entries import FieldWriting, SyntheticEntry
from ocrfill.training.synthetic.fonts import HAND_FONTS, PRINT_FONTS, set_text, x_height
from ocrfill.training.synthetic.handwriting import FacePen, Hand
from ocrfill.training.synthetic.handwriting_layout import WIDTH_FACTORS
from ocrfill.training.synthetic.real_ink.digits import cut_digits
from ocrfill.training.synthetic.real_ink.words import cut_line
from ocrfill.training.synthetic.scan_simulation import SheetPlacement, simulated_scan

DPI = 80.0
FORM = "ks_2006_2015"
TABLE = "kh_a3_14_columns"
TICKS = "ks_2016_2020"


USUALLY = ((FORM, "as-scanned"), (TICKS, "bad"), (TABLE, "bad"))
"""What is drawn damaged in every run; nightly, every form with every damage."""


def book_of(name: str) -> tuple[Layout, Book]:
    layout = load_layout(name)
    return layout, Book.parse(f"{layout.kind}.{layout.years[0]}.01", name)


def drawn(name: str, drawing: DrawingOptions, pages: int = 1, seed: int = 3) -> list[DrawnPage]:
    layout, book = book_of(name)
    return list(draw_pages(layout, book, pages, seed, drawing))


def written(writings: dict[str, FieldWriting], name: str = FORM) -> DrawnPage:
    layout, book = book_of(name)
    return next(draw_entries(layout, book, (SyntheticEntry(writings),), 3, DrawingOptions(dpi=DPI)))


def field(page: DrawnPage, name: str, record: int = 1) -> FieldTruth:
    return next(f for f in page.truth.records[record - 1].fields if f.name == name)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        pytest.param(name, damage, marks=() if damage == "clean" or (name, damage) in USUALLY else pytest.mark.nightly)
        for name in shipped_layouts()
        for damage in DEGRADATIONS
    ],
)
def test_every_layout_is_drawn_with_ink_where_the_truth_says(name: str, damage: str) -> None:
    few_dots = damage == "clean" or (name, damage) in USUALLY
    page = drawn(name, DrawingOptions(DEGRADATIONS[damage], dpi=60 if few_dots else 120))[0]  # a "1" may vanish at 60
    height, width = page.image.shape[:2]
    assert (page.truth.width, page.truth.height) == (width, height) == page.ink.shape[::-1]
    fields = [f for r in page.truth.records for f in r.fields]
    layout = load_layout(name)
    assert len(page.truth.records) == layout.records_per_page
    assert [f.name for f in page.truth.records[0].fields] == list(layout.fields)
    inks = [f.ink for f in fields if f.ink]
    assert len(inks) == len(set(inks))
    assert set(np.unique(page.ink).tolist()) <= {0, *inks}
    for f in fields:
        assert not f.text or f.ink, f"{f.name} has text and no ink"
        boxes = [s.ink_box for s in f.strips if s.ink_box]
        assert bool(boxes) == bool(f.ink)
        if f.ink:
            rows, columns = np.nonzero(page.ink == f.ink)
            assert columns.min() >= min(b[0] for b in boxes)
            assert rows.max() < max(b[3] for b in boxes)


def test_ink_is_dark_on_a_clean_page_and_stands_on_its_strip() -> None:
    page = drawn(FORM, DrawingOptions(dpi=150))[0]
    grey = cv2.cvtColor(page.image, cv2.COLOR_BGR2GRAY)
    for f in page.truth.records[0].fields:
        if not f.ink or f.overflow:
            continue
        assert grey[page.ink == f.ink].mean() < 190, f.name
        if f.unread:
            continue
        for strip in f.strips:
            if strip.text:
                outline = np.array(strip.polygon, np.float32)
                rows, columns = np.nonzero(page.ink == f.ink)
                places = zip(columns[::7].tolist(), rows[::7].tolist(), strict=True)
                inside = [cv2.pointPolygonTest(outline, place, measureDist=False) >= 0 for place in places]
                assert np.mean(inside) > (0.75 if len(f.strips) == 1 else 0.05), f.name


@pytest.mark.parametrize("damage", [USUAL_SCAN, BAD_SCAN], ids=["as-scanned", "bad"])
@pytest.mark.parametrize("fold", ["left", "right", "middle"])
@pytest.mark.parametrize("seed", range(4))
def test_a_mark_lands_where_the_warp_says(damage: object, fold: str, seed: int) -> None:
    """Only bending and lying matter here: all that changes brightness is switched off."""
    bare = replace(damage, edge=False, grain=0, stains=0, shade=0, tint=0, blur=0, verso=0)  # type: ignore[type-var]
    width, height = 1000, 1400
    rng = np.random.default_rng(seed)
    warp = page_warp(bare, width, height, fold, rng)  # type: ignore[arg-type]
    marks = [(x, y) for x in (120, 400, 640, 880) for y in (150, 500, 900, 1250)]
    sheet = np.full((height, width, 3), 255, np.uint8)
    for x, y in marks:
        cv2.circle(sheet, (x, y), 5, (0, 0, 0), -1)
    lie = SheetPlacement.of(warp, width, height, fold)  # type: ignore[arg-type]
    image = 255 - simulated_scan(sheet, None, lie, DrawingOptions(bare), rng)[..., 0].astype(float)
    for (x, y), (at_x, at_y) in zip(marks, warp.apply(np.array(marks, float)), strict=True):
        left, top = round(at_x) - 15, round(at_y) - 15
        if min(left, top) < 0 or left + 31 > width or top + 31 > height:
            continue
        spot = image[top : top + 31, left : left + 31]
        spot = np.where(spot > 60, spot, 0)
        assert spot.sum() > 0, (x, y)
        middle_x = (spot.sum(axis=0) * np.arange(31)).sum() / spot.sum() + left
        middle_y = (spot.sum(axis=1) * np.arange(31)).sum() / spot.sum() + top
        assert np.hypot(middle_x - at_x, middle_y - at_y) < 1, (x, y)


def test_bending_keeps_the_form_on_the_image() -> None:
    for seed in range(40):
        warp = page_warp(BAD_SCAN, 1000, 1400, "left", np.random.default_rng(seed))
        corners = warp.apply(Box(40, 56, 960, 1344).corners)
        assert corners.min() > -25
        assert (corners < (1025, 1425)).all()


def test_a_clean_page_is_not_bent() -> None:
    page = drawn(FORM, DrawingOptions(CLEAN_SCAN, dpi=DPI))[0]
    assert np.allclose(page.truth.warp.apply(np.array([(3.0, 5.0)])), [(3, 5)])


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    layout, book = book_of(FORM)
    sums = []
    for folder, seed in (("a", 4), ("b", 4), ("c", 5)):
        drawing = DrawingOptions(USUAL_SCAN, "fonts", 60)
        where = draw_book(layout, book, 3, seed, drawing, out=tmp_path / folder)
        sums.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(where.iterdir())})
    assert list(sums[0]) == [f"{n:04d}{end}" for n in (1, 2, 3) for end in (".ink.png", ".jpg", ".json")]
    assert sums[0] == sums[1]
    assert sums[0]["0001.jpg"] != sums[2]["0001.jpg"]


def test_a_page_does_not_depend_on_how_many_follow_its_leaf() -> None:
    short, long = (drawn(FORM, DrawingOptions(USUAL_SCAN, dpi=DPI), pages=n)[:2] for n in (2, 4))
    # the entries themselves may differ with the book's length, so only the form's lie is compared
    assert [p.truth.warp for p in short] == [p.truth.warp for p in long]


def test_what_is_written_is_what_the_entry_says() -> None:
    page = written(
        {
            "nks_ho_ten": FieldWriting("HỒ VĂN A"),
            "ngay_dang_ky": FieldWriting("5/03/2006"),
            "nks_que_quan": FieldWriting("xã Hướng Phùng, huyện Hướng Hóa"),
            "so": FieldWriting("05/2006"),
            "nks_noi_sinh": FieldWriting(""),
        }
    )
    assert field(page, "nks_ho_ten").text == "HỒ VĂN A"
    date = field(page, "ngay_dang_ky")
    assert [s.text for s in date.strips] == ["5", "03", "2006"]
    assert (date.text, date.normalised) == ("5/03/2006", "05.03.2006")
    assert field(page, "nks_que_quan").text == "xã Hướng Phùng, huyện Hướng Hóa"
    assert field(page, "so").normalised == "5"
    empty = field(page, "nks_noi_sinh")
    assert (empty.text, empty.ink, [s.ink_box for s in empty.strips]) == ("", 0, [None])


def test_a_long_value_goes_on_in_the_next_gap_and_then_over_the_end() -> None:
    words = "Ngày hai mươi sáu tháng sáu năm một nghìn chín trăm bốn mươi tám"
    page = written({"nks_ngay_sinh_bang_chu": FieldWriting(words), "nks_noi_sinh": FieldWriting(words + " " + words)})
    in_words = field(page, "nks_ngay_sinh_bang_chu")
    assert in_words.text == words
    assert all(s.text for s in in_words.strips)
    over = field(page, "nks_noi_sinh")
    assert over.overflow
    assert over.text == words + " " + words
    right = max(x for x, _ in over.strips[-1].polygon)
    assert over.strips[-1].ink_box is not None
    assert over.strips[-1].ink_box[2] > right


def test_a_value_that_fits_does_not_run_over() -> None:
    assert not field(written({"nks_noi_sinh": FieldWriting("Đông Hà, Quảng Trị")}), "nks_noi_sinh").overflow
    assert WIDTH_FACTORS[0] == 1.0


def test_struck_words_are_ink_but_not_text() -> None:
    plain = written({"cha_ho_ten": FieldWriting("Hồ Văn A")})
    struck = written({"cha_ho_ten": FieldWriting("Hồ Văn A", "Lê Thị B")})
    one, two = field(plain, "cha_ho_ten"), field(struck, "cha_ho_ten")
    assert (one.text, two.text) == ("Hồ Văn A", "Hồ Văn A")
    assert (one.crossed_out, two.crossed_out) == (False, True)
    assert (struck.ink == two.ink).sum() > 1.5 * (plain.ink == one.ink).sum()


def test_ticks_and_signatures() -> None:
    layout = load_layout(TICKS)
    options = layout.fields["loai_dang_ky"].type.options  # type: ignore[union-attr]
    value = list(options)[1]
    page = written({"loai_dang_ky": FieldWriting(value)}, TICKS)
    ticked = field(page, "loai_dang_ky")
    assert [s.text for s in ticked.strips] == ["x" if o == value else "" for o in options]
    assert (ticked.text, ticked.normalised) == (value, value)
    signed = field(page, "chu_ky")
    assert (signed.unread, signed.text, signed.ink > 0) == (True, "", True)


def test_a_table_holds_several_entries() -> None:
    page = drawn(TABLE, DrawingOptions(dpi=DPI))[0]
    assert [r.number for r in page.truth.records] == [1, 2, 3, 4]
    first, last = field(page, "chong_ho_ten"), field(page, "chong_ho_ten", 4)
    assert min(y for _, y in last.strips[0].polygon) > max(y for _, y in first.strips[-1].polygon)


def test_truth_survives_its_file(tmp_path: Path) -> None:
    page = drawn(FORM, DrawingOptions(BAD_SCAN, dpi=DPI))[0]
    save_truth(page.truth, tmp_path / "page.json")
    assert load_truth(tmp_path / "page.json") == page.truth
    data = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
    assert data["format"] == 1
    assert len(data["warp"]["matrix"]) == 9
    assert set(data["warp"]["mesh"]) == {"width", "height", "rows", "columns", "dx", "dy"}
    (tmp_path / "other.json").write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(BadInput, match="no truth"):
        load_truth(tmp_path / "other.json")
    with pytest.raises(BadInput, match="cannot read"):
        load_truth(tmp_path / "none.json")


def test_a_scan_says_its_resolution_and_keeps_to_its_size() -> None:
    page = drawn(FORM, DrawingOptions(USUAL_SCAN, dpi=100))[0]
    with Pictures.open(io.BytesIO(page.jpeg)) as picture:
        assert picture.size == (page.truth.width, page.truth.height)
        assert [round(float(v)) for v in picture.info["dpi"]] == [100, 100]
    clean = drawn(FORM, DrawingOptions(CLEAN_SCAN, dpi=100))[0]
    assert len(page.jpeg) < len(clean.jpeg)


def test_extra_pages(tmp_path: Path) -> None:
    layout, book = book_of(FORM)
    drawing = DrawingOptions(CLEAN_SCAN, dpi=DPI)
    blank = blank_page(layout, book, 1, drawing)
    assert blank.min() > 200
    assert empty_form(layout, book, 1, drawing).min() < 100
    cover = book_cover(layout, book, 1, drawing)
    assert cover.min() < 100
    assert (upside_down(upside_down(cover)) == cover).all()
    save_scan(upside_down(cover), tmp_path / "cover.jpg", drawing)
    assert cv2.imread(str(tmp_path / "cover.jpg")).shape == cover.shape


@pytest.mark.parametrize("face", [*PRINT_FONTS.values(), *HAND_FONTS])
def test_faces_have_every_letter(face: str) -> None:
    vowels = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
    letters = vowels + vowels.upper() + "bcdđghklmnpqrstvxBCDĐGHKLMNPQRSTVX0123456789.,:;-/()'"
    missing = set_text(face, "\uffff", 40).mask
    for letter in letters:
        mask = set_text(face, letter, 40).mask
        assert mask.max() > 100, letter
        assert mask.shape != missing.shape or (mask != missing).any(), letter


def line_image(words: list[str], gap: int, face: str = HAND_FONTS[5], height: float = 18) -> np.ndarray:
    """A line such as the real ones: dark ink on grey paper, words apart by `gap` pixels."""
    image = np.full((70, 1400), 200, np.uint8)
    x = 15
    for word in words:
        piece = set_text(face, word, height / x_height(face), 0.6)
        top, left = 45 - piece.rise, x + piece.left
        spot = image[top : top + piece.mask.shape[0], left : left + piece.mask.shape[1]]
        spot[:] = spot - (spot * (piece.mask / 255.0) * 0.8).astype(np.uint8)
        x += round(piece.advance) + gap
    return image[:, : x + 10]


def test_words_are_cut_where_gaps_are_clear() -> None:
    words = ["Thanh", "Hà", "Linh", "Nam", "Xuân"]
    cuts = cut_line(line_image(words, 26), " ".join(words), "w")
    assert [c.text for c in cuts] == words
    for cut in cuts:
        assert cut.writer == "w"
        assert abs(cut.rise - (cut.mask > 100).any(axis=1).nonzero()[0].max()) <= 4  # all stand on the base line
        assert 12 < cut.height < 24


def test_a_line_without_clear_gaps_is_left() -> None:
    words = ["Thanh", "Hà", "Linh", "Nam", "Xuân"]
    assert cut_line(line_image(words, 1), " ".join(words), "") == ()
    assert cut_line(line_image(words, 26), " ".join(words[:3]), "") == ()
    assert cut_line(np.full((64, 600), 200, np.uint8), "Hà Nội", "") == ()


def test_digits_are_cut_only_when_all_stand_free() -> None:
    assert [c.text for c in cut_digits(line_image(list("20483"), 12), "20483", "")] == list("20483")
    assert cut_digits(line_image(list("20483"), 12), "2048", "") == ()


def test_digits_that_are_light_on_dark_are_cut_like_others() -> None:
    dark = line_image(list("20483"), 12)
    cuts = [cut_digits(np.asarray(image, np.uint8), "20483", "") for image in (dark, 255 - dark)]
    assert [c.mask.shape for c in cuts[0]] == [c.mask.shape for c in cuts[1]]
    assert all(abs(a.mask.astype(int) - b.mask).max() < 30 for a, b in zip(*cuts, strict=True))


def test_pages_in_ink_from_lines(tmp_path: Path) -> None:
    """Lines drawn with a face stand for real ones: every word on the page must come from the stock."""
    names = [
        "Nguyễn",
        "Văn",
        "An",
        "Hồ",
        "Thị",
        "Hoa",
        "Lê",
        "Minh",
        "Xuân",
        "Trần",
        "Thanh",
        "Nam",
        "Kinh",
        "Việt",
        "Nam",
        "Đông",
        "Hà",
        "Linh",
        "Quảng",
        "Trị",
        "Nữ",
    ]
    lines = [names[i : i + 5] for i in range(0, len(names), 4)]
    for folder, rows in (("words", lines), ("digits", [list("0123456789"), list("9876543210")] * 3)):
        (tmp_path / folder).mkdir()
        labels = []
        for i, row in enumerate(rows):
            cv2.imwrite(str(tmp_path / folder / f"{i}.png"), line_image(row, 26))
            labels.append(f"{i}.png\t{('' if folder == 'digits' else ' ').join(row)}")
        (tmp_path / folder / "labels.tsv").write_text("\n".join(labels), encoding="utf-8")
    drawing = DrawingOptions(hand="ink", dpi=DPI, ink=(tmp_path / "words", tmp_path / "digits"))
    page = drawn(FORM, drawing)[0]
    tokens = {t for f in page.truth.records[0].fields for t in f.text.replace("/", " ").split()}
    assert {t for t in tokens if not t[0].isdigit()} <= set(names)
    assert any(t[0].isdigit() for t in tokens)
    helped = drawn(FORM, replace(drawing, faces=(str(HAND_FONTS[0]),)))[0].truth.records[0].fields
    by_kind = {kind: [f for f in helped if f.kind == kind and f.text] for kind in ("date_words", "name")}
    assert by_kind["date_words"], "dates in words need words that nobody in the ink wrote"
    assert {t for f in by_kind["name"] for t in f.text.split()} <= set(names)
    with pytest.raises(BadInput, match="no writer"):
        drawn(FORM, replace(drawing, writer="7"))
    with pytest.raises(BadInput, match=r"labels\.tsv"):
        drawn(FORM, replace(drawing, ink=(tmp_path,)))


def test_a_pen_is_as_wide_as_the_hand_says() -> None:
    rng = np.random.default_rng(1)
    ink = [
        (FacePen(Hand(HAND_FONTS[0], (0, 0, 0), width=w), 11.8).word("minh", 30, rng).mask > 128).sum()
        for w in (0.3, 0.6)
    ]
    assert ink[1] > 1.4 * ink[0]


@pytest.mark.slow
def test_the_script_draws_a_book(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts" / "make_samples.py")]
    arguments = ["--layout", FORM, "--pages", "1", "--dpi", "72", "--damage", "bad", "--out", str(tmp_path)]
    done = subprocess.run([*script, *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == tmp_path / "KS.2006.01"
    assert sorted(p.name for p in (tmp_path / "KS.2006.01").iterdir()) == ["0001.ink.png", "0001.jpg", "0001.json"]
    wrong = subprocess.run([*script, "--layout", "none", "--out", str(tmp_path)], capture_output=True, check=False)
    assert wrong.returncode == 3


def test_every_layout_has_a_sample_book_of_its_present_version() -> None:
    truths = [load_truth(path) for path in sorted((ROOT / "samples").glob("*/0001.json"))]
    assert {t.layout: t.layout_version for t in truths} == {n: load_layout(n).version for n in shipped_layouts()}
    for path in (ROOT / "samples").glob("*/*.jpg"):
        assert path.with_suffix(".ink.png").is_file()
        truth = load_truth(path.with_suffix(".json"))
        assert [f.name for f in truth.records[0].fields] == list(load_layout(truth.layout).fields)
    assert sum(p.stat().st_size for p in (ROOT / "samples").rglob("*") if p.is_file()) < 6_000_000
