"""Tables drafted from their print: heads that span, records told by words that come back, columns of unruled rows."""

import cv2
import numpy as np
import pytest
from benchmarks.invented_forms import invented_form

from ocrfill.authoring.draft.column_heads import HeadCell, find_heads, top_rule
from ocrfill.authoring.draft.common_print import CommonPrint
from ocrfill.authoring.draft.table_draft import draft_table_form
from ocrfill.authoring.draft.table_skeleton import TableDraft, draft_table
from ocrfill.authoring.draft.write_yaml import table_yaml
from ocrfill.document.page import Page
from ocrfill.document.result import Character, Reading
from ocrfill.layouts import parse_layout
from ocrfill.layouts.checks import LayoutParts, find_faults

DPI, BLACK = 100.0, 215.0
COLUMNS = (60, 160, 420, 620, 840)
HEAD = (80, 120, 200, 230)
"""Upper rule, rule below the group, rule above the numbers, rule below them."""
LINES = tuple(range(230, 831, 50))


def table():
    grey = np.full((900, 900), 255, np.uint8)
    for y in (*HEAD, *LINES):
        cv2.line(grey, (160 if y == 120 else 60, y), (620 if y == 120 else 840, y), 40, 2)
    for x in COLUMNS:
        cv2.line(grey, (x, 120 if x == 420 else 80), (x, 830), 40, 2)
    return grey


class Reads:
    """A reader that knows what stands where by how wide the words are."""

    name, version = "fake", "1"

    def __init__(self, texts):
        self.texts = texts

    def read(self, crops, knowledge=()):
        found = [min(self.texts, key=lambda width: abs(width - crop.image.shape[1])) for crop in crops]
        texts = [self.texts[width] for width in found]
        return tuple(Reading(t, 0.95, self.name, tuple(Character(c, 0.95) for c in t)) for t in texts)


def word(grey, left, base, wide):
    """Print of a given width: a row of strokes."""
    for x in range(left, left + wide, 6):
        cv2.line(grey, (x, base - 10), (x, base), 40, 2)


def test_heads_span_where_no_rule_parts_them():
    cells = find_heads(table(), BLACK, DPI, COLUMNS, (80, 230))
    shapes = {(c.first, c.last, round(c.top, -1), round(c.bottom, -1)) for c in cells}
    assert (1, 2, 80, 120) in shapes
    assert (0, 0, 80, 200) in shapes
    assert (1, 1, 120, 200) in shapes
    assert (3, 3, 200, 230) in shapes
    assert len(cells) == 9


def test_the_head_begins_at_its_uppermost_rule():
    assert top_rule(table(), BLACK, DPI, COLUMNS, 200) == pytest.approx(81, abs=3)
    assert top_rule(np.full((900, 900), 255, np.uint8), BLACK, DPI, COLUMNS, 200) == 200


def test_a_table_s_heads_and_words_in_every_record_tell_its_fields():
    grey = table()
    widths = {
        60: "Phần ghi về chồng, vợ",
        36: "STT",
        90: "Họ và tên",
        70: "Dân tộc",
        100: "Ghi chú",
        42: "Chồng:",
        24: "Vợ:",
    }
    word(grey, 330, 104, 60)
    word(grey, 80, 150, 36)
    word(grey, 200, 165, 90)
    word(grey, 450, 165, 70)
    word(grey, 660, 150, 100)
    for record in range(3):
        word(grey, 164, 230 + 200 * record + 38, 42)
        word(grey, 164, 230 + 200 * record + 138, 24)
    common = CommonPrint(grey, DPI, (), ())
    drafted = TableDraft(np.array(COLUMNS) / 900, None, 120 / 900, np.array(LINES) / 900)
    made = draft_table_form(common, drafted, lambda: Reads(widths), None)
    assert (made.kind, made.lines_per_record) == ("KH", 4)
    layout = parse_layout(table_yaml(made, "made", (900, 900), DPI / 25.4, "3 pages"), "made")
    assert list(layout.fields) == ["so", "ghi_chu", "chong_ho_ten", "chong_dan_toc", "vo_ho_ten", "vo_dan_toc"]
    assert {(c.field, c.lines) for c in layout.body.cells} >= {("chong_ho_ten", (1, 2)), ("vo_ho_ten", (3, 4))}
    assert layout.body.records == 3
    assert HeadCell(1, 2, 0, 0).text == ""


def test_columns_of_a_table_without_ruled_rows_are_its_strong_rules():
    grey = np.full((1300, 900), 255, np.uint8)
    edges = (60, 140, 260, 420, 640, 740, 840)
    cv2.rectangle(grey, (60, 80), (840, 1250), 40, 2)
    cv2.line(grey, (60, 180), (840, 180), 40, 2)
    for x in edges:
        cv2.line(grey, (x, 80), (x, 1250), 40, 2)
    cv2.line(grey, (530, 80), (530, 1250), 228, 2)  # shines through from the other side
    rng = np.random.default_rng(2)
    for y in range(220, 1240, 33):
        for x in range(70, 820, 14):
            if rng.random() < 0.8:
                cv2.putText(grey, "a", (x, y), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.5, 90, 1)
    draft = draft_table(Page("page", 1, grey, DPI))
    assert draft.columns * 900 == pytest.approx(edges, abs=5)


def test_a_fold_that_goes_on_beyond_the_table_stays_and_the_paper_s_edge_goes():
    grey = np.full((1000, 1500), 255, np.uint8)
    edges = (100, 300, 500, 700, 900, 1100, 1300)
    for x in edges:
        cv2.line(grey, (x, 0 if x == 700 else 150), (x, 999 if x == 700 else 850), 40, 2)
    for y in range(150, 851, 50):
        cv2.line(grey, (60, y), (1440, y), 40, 2)
    cv2.line(grey, (1440, 0), (1440, 999), 40, 2)
    draft = draft_table(Page("page", 1, grey, DPI))
    assert draft.columns * 1500 == pytest.approx(edges, abs=5)


@pytest.mark.parametrize("seed", range(12))
def test_invented_forms_are_sound_layouts_and_differ(seed):
    layout = invented_form(seed)
    assert list(find_faults(LayoutParts.of(layout))) == []
    assert layout == invented_form(seed)
    assert layout.fields.keys() != invented_form(seed + 1).fields.keys() or layout.body != invented_form(seed + 1).body
    assert max(line.y for line in layout.body.lines) < 0.98


def register_page():
    """A page of a register: a head of two rows, unruled writing below it, the last column parted below the head only,
    and the edge of the leaf beside it.
    """
    grey = np.full((1300, 900), 255, np.uint8)
    edges = (60, 140, 260, 420, 640, 740, 840)
    for x in edges:
        cv2.line(grey, (x, 120 if x in (260, 740) else 80), (x, 1250), 40, 2)
    cv2.line(grey, (800, 160), (800, 1250), 40, 2)
    cv2.line(grey, (20, 40), (20, 1270), 40, 2)
    for y in (80, 160, 1250):
        cv2.line(grey, (60, y), (840, y), 40, 2)
    cv2.putText(grey, "DROITS", (762, 148), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 60, 1)
    rng = np.random.default_rng(4)
    for y in range(200, 1240, 33):
        for x in range(430, 620, 14):
            if rng.random() < 0.9:
                cv2.putText(grey, "a", (x, y), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.5, 90, 1)
    return grey, edges


def test_a_rule_that_hangs_from_the_head_parts_no_column():
    grey, edges = register_page()
    draft = draft_table(Page("page", 1, grey, DPI))
    assert draft.columns * 900 == pytest.approx(edges, abs=5)


def test_unruled_writing_below_a_head_is_one_row():
    grey = np.full((1300, 900), 255, np.uint8)
    for x in (60, 260, 420, 640, 840):
        cv2.line(grey, (x, 80), (x, 1250), 40, 2)
    for y in (80, 160, 1250):
        cv2.line(grey, (60, y), (840, y), 40, 2)
    draft = draft_table(Page("page", 1, grey, DPI))
    assert draft.levels * 1300 == pytest.approx((160, 1250), abs=3)
    assert draft.head_top * 1300 == pytest.approx(80, abs=3)


def test_a_faint_border_stands_where_the_head_s_rules_end():
    grey, edges = register_page()
    grey[:, 55:66] = 255
    cv2.line(grey, (60, 80), (60, 1250), 195, 2)
    draft = draft_table(Page("page", 1, grey, DPI))
    assert draft.columns * 900 == pytest.approx(edges, abs=5)
