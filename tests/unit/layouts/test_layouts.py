"""Layouts as data: the shipped files, their faults in words, the commands, and what the docs say of the keys."""

import contextlib
import json
import re
import unicodedata
from dataclasses import fields
from typing import get_args

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.layouts import field_for
from support.paths import ROOT

from ocrfill.civil_status.export_columns import known_columns
from ocrfill.cli.layout import layout as command
from ocrfill.document import template
from ocrfill.document.template import FormTemplate, TableTemplate
from ocrfill.errors import BadInput, BadLayout, ExitCode
from ocrfill.export.views.layout_image import draw_layout
from ocrfill.layouts import FieldSpec, Layout, PaperSize, Tuning, load_layout, parse_layout, shipped_layouts
from ocrfill.layouts.fields import FieldType, Tick
from ocrfill.pipeline.set_type import type_font

SHIPPED = (
    "cmc_2006_2015",
    "hn_2006_2015",
    "kh_2006_2015",
    "kh_2016_2020",
    "kh_a3_14_columns",
    "ks_2006_2015",
    "ks_2016_2020",
    "kt_2006_2015",
    "kt_2016_2020",
)

FORMS = [name for name in SHIPPED if isinstance(load_layout(name).body, FormTemplate)]
"""A table has its print in cells, and no frame of its own."""

FORM = """\
name: toy
version: 1
title: A toy form
kind: KS
years: [2006, 2015]
body:
  kind: form
  frame: {left: 0.1, top: 0.1, right: 0.9, bottom: 0.9}
  verticals: [0.7]
  lines:
    - y: 0.2
      labels: [{text: "Số:", x: 0.12}]
      gaps: [{field: so, x: [0.2, 0.4]}]
    - y: 0.3
      gaps: [{field: ten, x: [0.2, 0.4]}, {field: ten, x: [0.5, 0.6]}]
  ticks:
    - {field: loai, value: "Đúng hạn", box: [0.71, 0.2, 0.73, 0.22]}
    - {field: loai, value: "Quá hạn", box: [0.71, 0.3, 0.73, 0.32]}
  areas:
    - {field: chu_ky, box: [0.2, 0.5, 0.5, 0.6]}
fields:
  so: {label: "Số", type: {kind: number}, columns: {so: normalised}}
  ten: {label: "Họ và tên", type: {kind: name}, columns: {nksHoTen: value}}
  loai: {label: "Loại", type: {kind: tick, options: {"Đúng hạn": "1", "Quá hạn": "4"}}, columns: {loaiDangKy: code}}
  chu_ky: {label: "Chữ ký", type: {kind: signature}, read: false}
"""

TABLE = """\
name: toy_table
version: 1
title: A toy table
kind: KH
years: [2000, 2005]
body:
  kind: table
  columns: [0.1, 0.2, 0.5, 0.9]
  top: 0.2
  bottom: 0.8
  head_top: 0.1
  number_row: [0.15, 0.2]
  records: 4
  lines_per_record: 2
  heads: [{text: STT, first: 1, last: 1, top: 0.1, bottom: 0.15}]
  row_labels: [{text: "Chồng:", column: 2, line: 1}]
  cells:
    - {field: so, column: 1, lines: [1, 2]}
    - {field: chong, column: 2, lines: [1, 1]}
    - {field: vo, column: 2, lines: [2, 2]}
fields:
  so: {label: STT, type: {kind: number}}
  chong: {label: Chồng, type: {kind: name}}
  vo: {label: Vợ, type: {kind: name}}
"""


def faults_of(text: str) -> tuple[str, ...]:
    with pytest.raises(BadLayout) as caught:
        parse_layout(text, "toy")
    return caught.value.faults


# --- the shipped layouts


def test_all_shipped_layouts_are_there():
    assert shipped_layouts() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_layout_is_whole(name):
    layout = load_layout(name)
    assert layout.name == name
    assert layout.kind.casefold() == name.split("_")[0]
    assert set(layout.body.field_names()) == set(layout.fields)
    for column in ("so", "ngayDangKy", "nguoiKy", "chucVuNguoiKy", "nguoiThucHien", "ghiChu"):
        assert field_for(layout, column) is not None, column


@pytest.mark.parametrize("name", SHIPPED)
def test_no_two_fields_are_called_the_same(name):
    layout = load_layout(name)
    called = [layout.full_label(field) for field in layout.fields]
    assert sorted(set(called)) == sorted(called)


@pytest.mark.parametrize("name", SHIPPED)
def test_relations_and_places_are_exported_as_written(name):
    # the register prevails (Luật Hộ tịch Đ60.2): only coded columns may hold a normalised value
    for spec in load_layout(name).fields.values():
        for column, part in spec.columns.items():
            if column.startswith(("nycQuanHe", "nycQH")):
                assert part == "raw"


@pytest.mark.parametrize("name", FORMS)
def test_labels_end_before_what_follows_them(name):
    layout = load_layout(name)
    body = layout.body
    width = layout.paper.width / 25.4 * 72
    for line in body.lines:
        for label in line.labels:
            face = type_font(label.style, 1000)
            end = label.x + face.getlength(label.text) / 1000 * label.size / width
            after = [gap.x[0] for gap in line.gaps if gap.x[1] > label.x]
            after += [other.x for other in line.labels if other.x > label.x]
            after += [x for x in body.verticals if x > label.x]
            assert all(end < x for x in after), f"{label.text!r} ends at {end:.4f}, next begins at {min(after):.4f}"


@pytest.mark.parametrize("name", FORMS)
def test_nothing_lies_outside_the_frame_but_page_and_entry_number(name):
    layout = load_layout(name)
    frame = layout.body.frame
    for line in layout.body.lines:
        for gap in line.gaps:
            inside = frame.left < gap.x[0] < gap.x[1] < frame.right and frame.top < line.y < frame.bottom
            assert inside or gap.field in ("so", "trang")
    for place in (*layout.body.ticks, *layout.body.areas):
        left, top, right, bottom = place.box
        assert frame.left < left < right < frame.right
        assert frame.top < top < bottom < frame.bottom


def test_the_marriage_table_has_the_columns_seen_on_real_pages():
    layout = load_layout("kh_a3_14_columns")
    body = layout.body
    assert isinstance(body, TableTemplate)
    assert (len(body.columns) - 1, body.records, body.lines_per_record) == (14, 4, 5)
    assert [(r.text, r.line) for r in body.row_labels] == [("Chồng:", 1), ("Vợ:", 4)]
    assert body.gutter in body.columns
    assert layout.records_per_page == 4
    covered = {(c.column, line) for c in body.cells for line in range(c.lines[0], c.lines[1] + 1)}
    assert covered == {(column, line) for column in range(1, 15) for line in range(1, 6)}


@pytest.mark.parametrize("name", SHIPPED)
def test_layout_can_be_drawn_on_a_blank_sheet_and_on_a_page(name):
    layout = load_layout(name)
    blank = draw_layout(layout)
    assert blank.shape[1] / blank.shape[0] == pytest.approx(layout.paper.width / layout.paper.height, rel=0.01)
    assert (blank < 200).any()
    page = np.full((700, 500), 255, np.uint8)
    over = draw_layout(layout, page)
    assert over.shape == (700, 500, 3)
    assert (page == 255).all()
    assert (over != 255).any()


# --- faults


def test_the_toys_have_no_faults():
    assert isinstance(parse_layout(FORM, "toy").fields["loai"].type, Tick)
    assert parse_layout(TABLE, "toy").records_per_page == 4


def swapped(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("base", "old", "new", "line", "path", "words"),
    [
        (FORM, "y: 0.2", "y: 1.2", 11, "body.lines.0.y", "fraction of the page"),
        (FORM, "y: 0.2", "y: -0.2", 11, "body.lines.0.y", "at least 0"),
        (FORM, "y: 0.2", "y: abc", 11, "body.lines.0.y", "must be a number"),
        (FORM, "y: 0.2", "y: .nan", 11, "body.lines.0.y", "must be a number"),
        (FORM, "y: 0.2\n", "yy: 0.2\n", 11, "body.lines.0.yy", "no such key"),
        (FORM, "y: 0.2\n", "yy: 0.2\n", 11, "body.lines.0.y", "is missing"),
        (FORM, "y: 0.3", "y: 0.1", 14, "body.lines.1.y", "from top to bottom"),
        (FORM, "x: 0.12}", "x: 0.12, size: 900}", 12, "body.lines.0.labels.0.size", "points"),
        (FORM, "x: 0.12}", "x: 0.12, style: fat}", 12, "body.lines.0.labels.0.style", "possible are: plain, italic"),
        (FORM, '{text: "Số:"', '{text: ""', 12, "body.lines.0.labels.0.text", "empty"),
        (FORM, "x: [0.5, 0.6]", "x: [0.6, 0.5]", 15, "body.lines.1.gaps.1.x", "left must be before right"),
        (FORM, "x: [0.5, 0.6]", "x: [0.3, 0.6]", 15, "body.lines.1.gaps.1.x", "before the gap to its left"),
        (FORM, "x: [0.5, 0.6]", "x: [0.5]", 15, "body.lines.1.gaps.1.x", "has 1 entry, needs 2"),
        (FORM, "x: [0.5, 0.6]", "x: [0.5, 0.6, 0.7]", 15, "body.lines.1.gaps.1.x", "has 3 entries, needs 2"),
        (FORM, "x: [0.5, 0.6]", "x: 0.5", 15, "body.lines.1.gaps.1.x", "must be a list"),
        (FORM, "field: so, x", "field: sso, x", 13, "body.lines.0.gaps.0.field", "not under fields"),
        (FORM, "field: so, x", "field: sso, x", 22, "fields.so", "no place in the body"),
        (FORM, "left: 0.1,", "left: 0.95,", 8, "body.frame", "left must be before right"),
        (FORM, "verticals: [0.7]", "verticals: [0.95]", 9, "body.verticals.0", "within the frame"),
        (FORM, "[0.2, 0.5, 0.5, 0.6]", "[0.5, 0.5, 0.2, 0.6]", 20, "body.areas.0.box", "left, top, right, bottom"),
        (FORM, "{field: chu_ky, box", "{field: ten, box", 20, "body.areas.0.field", "another place already"),
        (FORM, '{field: loai, value: "Quá', '{field: so, value: "Quá', 18, "body.ticks.1.field", "not tick"),
        (FORM, '"Quá hạn": "4"', '"Qua hạn": "4"', 24, "fields.loai.type.options", "Đúng hạn, Quá hạn"),
        (FORM, "kind: form", "kind: forms", 7, "body.kind", "did you mean form?"),
        (FORM, "  kind: form\n", "", 6, "body.kind", "possible are: form, table"),
        (FORM, "{kind: number}", "{kind: numbr}", 22, "fields.so.type.kind", "did you mean number?"),
        (FORM, "{kind: number}", "{}", 22, "fields.so.type.kind", "is missing"),
        (FORM, "{kind: number}", "number", 22, "fields.so.type", "must be a mapping"),
        (FORM, "{kind: name}", "{kind: name, capital: true}", 23, "fields.ten.type.capital", "did you mean capitals?"),
        (FORM, "{kind: name}", "{kind: name, capitals: 7}", 23, "fields.ten.type.capitals", "true or false"),
        (FORM, "{kind: name}", "{kind: choice, list: tinh}", 23, "fields.ten.type.list", "possible are: gioi_tinh"),
        (FORM, "nksHoTen: value", "nksHoTem: value", 23, "fields.ten.columns.nksHoTem", "did you mean nksHoTen?"),
        (FORM, "nksHoTen: value", "nksHoTen: code", 23, "fields.ten.columns.nksHoTen", "it has: value"),
        (FORM, "nksHoTen: value", "so: value", 23, "fields.ten.columns.so", "filled by field so already"),
        (FORM, "signature}, read: false", "signature}", 25, "fields.chu_ky", "read: false"),
        (FORM, 'label: "Số"', 'label: " "', 22, "fields.so.label", "empty"),
        (FORM, 'label: "Số"', "label: 5", 22, "fields.so.label", "quotes"),
        (FORM, "  ten: {", "  Ten: {", 23, "fields.Ten", "small letters"),
        (FORM, "  ten: {", "  5: {", 23, "fields.5", "quotes"),
        (FORM, "kind: KS", "kind: KX", 4, "kind", "possible are: KS, KH, KT, CMC, HN"),
        (FORM, "version: 1", "version: 0", 2, "version", "at least 1"),
        (FORM, "version: 1", "version: 1.5", 2, "version", "whole number"),
        (FORM, "years: [2006, 2015]", "years: [2015, 2006]", 5, "years", "after the last"),
        (FORM, "years: [2006, 2015]", "years: [206, 2015]", 5, "years.0", "at least 1800"),
        (FORM, "years: [2006, 2015]", "years: 2006-2015", 5, "years", "must be a list"),
        (FORM, "name: toy", "name: Toy Form", 1, "name", "small letters"),
        (FORM, "title: A toy form\n", "title: A toy form\npapers: {}\n", 4, "papers", "did you mean paper?"),
        (FORM, "title: A toy form\n", "title: A toy form\npaper: {width: 0}\n", 4, "paper.width", "greater than 0"),
        (FORM, "title: A toy form\n", "title: A toy form\npaper: {width: .inf}\n", 4, "paper.width", "at most 2000"),
        (TABLE, "[0.1, 0.2, 0.5, 0.9]", "[0.1, 0.5, 0.2, 0.9]", 8, "body.columns", "from left to right"),
        (TABLE, "[0.1, 0.2, 0.5, 0.9]", "[0.1]", 8, "body.columns", "has 1 entry, needs at least 2"),
        (TABLE, "bottom: 0.8", "bottom: 0.1", 9, "body.top", "above body.bottom"),
        (TABLE, "head_top: 0.1", "head_top: 0.3", 11, "body.head_top", "below body.top"),
        (TABLE, "number_row: [0.15, 0.2]", "number_row: [0.2, 0.15]", 12, "body.number_row", "top, bottom"),
        (TABLE, "records: 4", "records: 0", 13, "body.records", "from 1 to 100"),
        (TABLE, "lines_per_record: 2", "lines_per_record: 500", 14, "body.lines_per_record", "from 1 to 100"),
        (TABLE, "first: 1, last: 1", "first: 1, last: 9", 15, "body.heads.0", "columns 1 to 3"),
        (TABLE, "column: 2, line: 1", "column: 9, line: 1", 16, "body.row_labels.0.column", "columns 1 to 3"),
        (TABLE, "column: 2, line: 1", "column: 2, line: 9", 16, "body.row_labels.0.line", "lines 1 to 2"),
        (TABLE, "column: 1, lines", "column: 0, lines", 18, "body.cells.0.column", "columns 1 to 3"),
        (TABLE, "lines: [2, 2]", "lines: [2, 3]", 20, "body.cells.2.lines", "lines 1 to 2"),
        (TABLE, "lines: [2, 2]", "lines: [1, 2]", 20, "body.cells.2.lines", "belongs to field chong"),
        (
            TABLE,
            "type: {kind: name}}\n  vo",
            "type: {kind: tick, options: {a: b}}}\n  vo",
            19,
            "body.cells.1.field",
            "boxes",
        ),
        (TABLE, "bottom: 0.8\n", "bottom: 0.8\n  lines: []\n", 11, "body.lines", "no such key"),
    ],
)
def test_a_fault_is_told_with_its_line_and_path(base, old, new, line, path, words):
    told = faults_of(swapped(base, old, new))
    assert any(f.startswith(f"line {line}: {path}: ") and words in f for f in told), told


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    text = FORM
    for old, new in (
        ("version: 1", "version: x"),
        ("x: [0.2, 0.4]}]\n    - y", "x: [0.2, 4]}]\n    - y"),
        ("kind: number}", "kind: number, list: a}"),
        ("nksHoTen", "nksHoTem"),
        ("read: false", "read: maybe"),
    ):
        text = swapped(text, old, new)
    told = faults_of(text)
    assert [f.split(": ")[1] for f in told] == [
        "version",
        "body.lines.0.gaps.0.x.1",
        "fields.so.type.list",
        "fields.ten.columns.nksHoTem",
        "fields.chu_ky.read",
    ]
    assert [int(f.split(":")[0].removeprefix("line ")) for f in told] == [2, 13, 22, 23, 25]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("- a\n- b\n", "not a mapping"),
        ("name: toy\nname: toy\n", 'line 2: not YAML: a key stands twice: "name"'),
        ("name: [1, 2\ntitle: x\n", "not YAML"),
        ("? [{a: 1}]\n: x\n", "keys are names"),
        ("? [[x]]\n: x\n", "keys are names"),
        ("{[{}]: 1}\n", "keys are names"),
        ("name: 'x\n", "not YAML"),
        ("\tname: x\n", "not YAML"),
        ("name: \x00\n", "not YAML"),
        ("years: [2006-99-99, 1]\n", "not YAML"),
        ("name: !!python/object:os.system x\n", "a tag"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
    ],
)
def test_what_is_no_yaml_mapping_is_told(text, words):
    told = faults_of(text)
    assert len(told) == 1
    assert words in told[0]


def test_a_file_that_refers_to_itself_is_refused():
    assert faults_of("name: &a [*a]\n")


@given(
    st.integers(0, len(FORM) - 1),
    st.integers(0, 12),
    st.text(st.sampled_from("{}[]:,-&*!'\"# \n\tabc019."), max_size=6),
)
def test_a_damaged_file_ends_in_a_layout_or_in_faults(start, length, put):
    damaged = FORM[:start] + put + FORM[start + length :]
    with contextlib.suppress(BadLayout):
        assert isinstance(parse_layout(damaged, "toy"), Layout)


def test_a_file_is_found_by_its_path(tmp_path):
    (tmp_path / "toy.yaml").write_text(FORM, encoding="utf-8")
    (tmp_path / "windows.yml").write_bytes(b"\xef\xbb\xbf" + FORM.replace("\n", "\r\n").encode())
    assert load_layout(tmp_path / "toy.yaml") == load_layout(str(tmp_path / "windows.yml"))


def test_other_encodings_are_refused(tmp_path):
    (tmp_path / "toy.yaml").write_bytes(FORM.encode("utf-16"))
    with pytest.raises(BadLayout, match="UTF-8"):
        load_layout(tmp_path / "toy.yaml")


@pytest.mark.parametrize("name", ["nothing_such", "missing.yaml", "."])
def test_what_is_no_layout_is_bad_input(name):
    with pytest.raises(BadInput, match="ks_2006_2015"):
        load_layout(name)


def test_marks_typed_apart_are_put_together():
    assert parse_layout(unicodedata.normalize("NFD", FORM), "toy") == parse_layout(FORM, "toy")


# --- the commands


def test_check_tells_every_layout_and_ends_with_the_code_for_faults(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(FORM.replace("y: 0.2", "y: 2"), encoding="utf-8")
    ran = CliRunner().invoke(command, ["check", str(bad), "ks_2006_2015"])
    assert ran.exit_code == ExitCode.BAD_LAYOUT
    assert "1 fault\n  line 11: body.lines.0.y: 2 is too great" in ran.output
    assert "ks_2006_2015: no faults" in ran.output
    ran = CliRunner().invoke(command, ["check", str(bad), "--json"])
    assert ran.exit_code == ExitCode.BAD_LAYOUT
    assert [len(entry["faults"]) for entry in json.loads(ran.output)] == [1]


def test_check_without_names_checks_what_is_shipped():
    ran = CliRunner().invoke(command, ["check"])
    assert ran.exit_code == 0
    assert len(ran.output.splitlines()) == len(SHIPPED)


def test_list_names_every_layout():
    ran = CliRunner().invoke(command, ["list"])
    assert [line.split()[0] for line in ran.output.splitlines()] == list(SHIPPED)
    listed = json.loads(CliRunner().invoke(command, ["list", "--json"]).output)
    assert [entry["name"] for entry in listed] == list(SHIPPED)
    assert next(e for e in listed if e["name"] == "kh_a3_14_columns")["records_per_page"] == 4


def test_show_writes_a_picture(tmp_path):
    out = tmp_path / "form.png"
    ran = CliRunner().invoke(command, ["show", "ks_2006_2015", "-o", str(out)])
    assert ran.exit_code == 0, ran.output
    assert out.read_bytes().startswith(b"\x89PNG")
    ran = CliRunner().invoke(command, ["show", "ks_2006_2015", "--page", str(out), "-o", str(tmp_path / "over.png")])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "over.png").stat().st_size > 1000
    assert CliRunner().invoke(command, ["show", "ks_2006_2015", "-o", "form.jpg"]).exit_code == ExitCode.USAGE


# --- the docs

CLASSES = (
    Layout,
    PaperSize,
    FieldSpec,
    Tuning,
    FormTemplate,
    template.Frame,
    template.FormLine,
    template.Label,
    template.Gap,
    template.Checkbox,
    template.Area,
    TableTemplate,
    template.Head,
    template.RecordCell,
    template.RowLabel,
)


def sections(name: str) -> dict[str, str]:
    """The text under each heading of a page of the docs."""
    text = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_key_is_documented(kind):
    heading = next(h for h in sections("layouts.md") if h.endswith(f"({kind.__name__})"))
    documented = re.findall(r"^\| `(\w+)` \|", sections("layouts.md")[heading], re.MULTILINE)
    assert sorted(documented) == sorted(f.name for f in fields(kind))


def test_the_examples_in_the_docs_are_layouts():
    examples = re.findall(
        r"```yaml\n(name: .+?)```", (ROOT / "docs" / "reference" / "layouts.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert [parse_layout(text, "example").body.kind for text in examples] == ["form", "table"]


def test_every_field_type_is_documented():
    text = sections("fields.md")
    for kind in get_args(FieldType):
        named = next(f.default for f in fields(kind) if f.name == "kind")
        section = text[f"`{named}`"]
        keys = [f.name for f in fields(kind) if f.name != "kind"]
        assert re.findall(r"^\| key `(\w+)` \|", section, re.MULTILINE) == keys
        assert re.findall(r"^\| part `(\w+)` \|", section, re.MULTILINE) == list(kind.parts)


@pytest.mark.parametrize("kind", ["KS", "KH", "KT", "CMC", "HN"])
def test_every_export_column_is_documented(kind):
    listed = re.search(rf"^\*\*{kind}\*\*: ((?:.+\n)+)", sections("export-columns.md")["Every column"], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", listed[1])) == known_columns(kind)
