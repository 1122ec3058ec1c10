"""What a person does to rectangles becomes exactly that in the layout file: forms, tables, names, faults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import ndiff
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.fakes.label_studio import TOKEN, FakeLabelStudio
from support.paths import ROOT

from ocrfill.authoring.edit.changes import apply_edits, as_name
from ocrfill.authoring.edit.label_studio_screen import (
    NEW_FIELD_LABEL,
    EditedRectangle,
    edit_config,
    edit_task,
    edited_rectangles,
)
from ocrfill.authoring.edit.layout_file import open_layout
from ocrfill.authoring.edit.regions import LayoutRegions, regions_of
from ocrfill.authoring.edit.session import begin_session, lay_layout_on_page
from ocrfill.civil_status.export_columns import usual_part
from ocrfill.cli.layout import layout as command
from ocrfill.errors import BadInput, BadLayout, ExitCode, ReviewError
from ocrfill.layouts import load_layout, parse_layout, shipped_layouts
from ocrfill.layouts.fields import Choice
from ocrfill.pipeline.locate.registration.page_map import StretchedPageMap, page_map
from ocrfill.pipeline.scans import open_scan
from ocrfill.pipeline.upright_sheets import put_upright
from ocrfill.review.label_studio import ReviewServer

LIBRARY = ROOT / "ocrfill" / "layouts" / "library"
SCANS = {"ks_2006_2015": ROOT / "samples/KS.2006.01/0001.jpg", "kh_a3_14_columns": ROOT / "samples/KH.2000.01/0001.jpg"}

WIDTH, HEIGHT = 2100, 2970
"""A page at 254 dots an inch: a pixel is a tenth of a millimetre, and a place of .1 is at 210 or 297."""


class Page:
    """A layout over a page, as a person changes it."""

    def __init__(self, name: str = "ks_2006_2015") -> None:
        self.text = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8")
        self.layout = parse_layout(self.text, name)
        places = StretchedPageMap(WIDTH, HEIGHT)
        self.drawn = LayoutRegions(regions_of(self.layout, places), places, WIDTH, HEIGHT, 254.0)
        self.left = {
            region.id: EditedRectangle(
                region.id, region.field, region.box, columns=tuple(self.layout.fields[region.field].columns)
            )
            for region in self.drawn.regions
        }

    def ids(self, field: str) -> list[str]:
        return [region.id for region in self.drawn.regions if region.field == field]

    def shift(self, id_: str, *by: float) -> None:
        """Move left, upper, right and lower edge by so many pixels."""
        box = tuple(side + step for side, step in zip(self.left[id_].box, by, strict=True))
        self.left[id_] = replace(self.left[id_], box=box)

    def draw(self, *box: float, field: str = NEW_FIELD_LABEL, **said: str) -> None:
        self.left[f"new{len(self.left)}"] = EditedRectangle(f"new{len(self.left)}", field, box, **said)

    def changed(self) -> list[str]:
        """The lines of the file that went and came; the result is a layout."""
        self.result = apply_edits(self.text, self.layout, self.drawn, tuple(self.left.values()))
        self.after = parse_layout(self.result.text, "after")
        return [line for line in ndiff(self.text.splitlines(), self.result.text.splitlines()) if line[0] in "-+"]


@pytest.mark.parametrize("name", ["ks_2006_2015", "kh_a3_14_columns", "ks_2016_2020"])
def test_nothing_done_changes_nothing(name: str) -> None:
    page = Page(name)
    assert page.changed() == []
    assert page.result.told == ()
    for id_ in page.left:
        page.shift(id_, 2, -2, 2, -2)  # a trembling hand
    assert page.changed() == []


@pytest.mark.parametrize("name", SCANS)
def test_places_of_the_fit_lead_to_the_page_and_back(name: str) -> None:
    layout = load_layout(name)
    flat, located = put_upright(open_scan(SCANS[name]).page(1), layout)
    places = page_map(flat, layout.body)
    for x in (0.05, 0.3, 0.62, 0.95):
        for y in (0.02, 0.2, 0.5, 0.97):
            assert places.to_form(*places.to_page(x, y)) == pytest.approx((x, y), abs=1e-6)
    strips = [strip.box for strip in next(box for box in located.boxes if box.record == 1).strips]
    region = next(r for r in regions_of(layout, places) if r.field == located.boxes[0].name)
    assert strips[0].left - 20 < region.box[0] < strips[0].right
    assert strips[-1].top < region.box[3] < strips[-1].bottom + 5


def test_ends_of_a_place_move() -> None:
    page = Page()
    page.shift(page.ids("nks_ho_ten")[0], 21, 0, 0, 0)
    assert page.changed() == [
        "-       gaps: [{field: nks_ho_ten, x: [0.1574, 0.5078]}, {field: nks_gioi_tinh, x: [0.5898, 0.7140]}]",
        "+       gaps: [{field: nks_ho_ten, x: [0.1674, 0.5078]}, {field: nks_gioi_tinh, x: [0.5898, 0.7140]}]",
    ]
    assert page.result.told == ("nks_ho_ten: left edge moved",)


def test_a_line_moves_when_all_on_it_do_and_its_print_with_it() -> None:
    page = Page()
    for name in ("nks_ho_ten", "nks_gioi_tinh"):
        page.shift(page.ids(name)[0], 0, 14.85, 0, 14.85)
    assert page.changed() == ["-     - y: 0.1550", "+     - y: 0.1600"]
    assert page.result.told == ("nks_ho_ten, nks_gioi_tinh: its line moved",)


def test_one_of_a_line_goes_to_a_line_of_its_own_or_to_another() -> None:
    page = Page()
    page.shift(page.ids("nks_gioi_tinh")[0], 0, -35, 0, -35)
    assert [line.split(" #")[0] for line in page.changed()] == [
        "+     - {y: 0.1432, gaps: [{field: nks_gioi_tinh, x: [0.5898, 0.7140]}]}",
        "-       gaps: [{field: nks_ho_ten, x: [0.1574, 0.5078]}, {field: nks_gioi_tinh, x: [0.5898, 0.7140]}]",
        "+       gaps: [{field: nks_ho_ten, x: [0.1574, 0.5078]}]",
    ]
    page = Page()
    down = (0.6500 - 0.1550) * HEIGHT
    page.shift(page.ids("nks_gioi_tinh")[0], 0, down, 0, down)
    page.draw(200, 0.6490 * HEIGHT - 40, 400, 0.6490 * HEIGHT, name="moi")
    page.changed()
    (line,) = [line for line in page.after.body.lines if any(gap.field == "nks_gioi_tinh" for gap in line.gaps)]
    assert line.y == 0.6500
    assert [gap.field for gap in line.gaps] == ["moi", "nks_gioi_tinh"], "drawn on the line that was made just before"


def test_a_line_that_passes_its_neighbour_is_not_moved_but_its_places_are() -> None:
    page = Page()
    (place,) = page.ids("nks_noi_sinh")
    down = (0.6500 - 0.2257) * HEIGHT
    page.shift(place, 0, down, 0, down)
    page.changed()
    assert [line.y for line in page.after.body.lines] == sorted(line.y for line in page.after.body.lines)
    printed = next(line for line in page.after.body.lines if any("Nơi sinh" in label.text for label in line.labels))
    assert printed.y == 0.2257, "what is printed stays"
    assert printed.gaps == ()


def test_a_place_is_drawn_on_a_printed_line_with_and_without_gaps() -> None:
    page = Page()
    page.draw(1500, 560, 1800, 600, name="Ghi thêm", label="Ghi  thêm", kind="number")
    assert page.changed() == [
        "-       gaps: [{field: nks_ngay_sinh_bang_chu, x: [0.0687, 0.7140]}]",
        "+       gaps: [{field: nks_ngay_sinh_bang_chu, x: [0.0687, 0.7140]}, {field: ghi_them, x: [0.7143, 0.8571]}]",
        '+   ghi_them: {label: "Ghi  thêm", type: {kind: number}}',
    ]
    page = Page()
    page.draw(1000, 940, 1300, 990, name="moi")  # the line "Phần ghi về cha, mẹ" has print only
    assert [line for line in page.changed() if "gaps" in line] == ["+       gaps: [{field: moi, x: [0.4762, 0.6190]}]"]


def test_a_tall_rectangle_or_a_signature_is_an_area() -> None:
    page = Page()
    page.draw(210, 2100, 420, 2230, name="dau")
    page.draw(630, 2100, 840, 2140, name="ky", kind="signature")
    assert page.changed() == [
        "+     - {field: dau, box: [0.1000, 0.7071, 0.2000, 0.7508]}",
        "+     - {field: ky, box: [0.3000, 0.7071, 0.4000, 0.7205]}",
        "+   dau: {label: dau, type: {kind: text}}",
        "+   ky: {label: ky, type: {kind: signature}, read: false}",
    ]


def test_an_areas_edges_move() -> None:
    page = Page()
    page.shift(page.ids("chu_ky")[0], 0, 29.7, 21, 0)
    assert page.changed() == [
        "-     - {field: chu_ky, box: [0.2300, 0.7550, 0.5600, 0.8700]}",
        "+     - {field: chu_ky, box: [0.2300, 0.7650, 0.5700, 0.8700]}",
    ]


def test_a_field_with_several_places_keeps_those_that_are_left() -> None:
    page = Page()
    del page.left[page.ids("ngay_dang_ky")[1]]
    assert page.changed() == ["-         - {field: ngay_dang_ky, x: [0.3548, 0.4989]}"]
    assert "ngay_dang_ky" in page.after.fields
    for id_ in page.ids("ngay_dang_ky"):
        page.left.pop(id_, None)
    page.changed()
    assert "ngay_dang_ky" not in page.after.fields
    assert any(label.text == "Đăng ký ngày" for line in page.after.body.lines for label in line.labels)


def test_a_renamed_field_is_renamed_at_all_its_places() -> None:
    page = Page()
    first = page.ids("nks_que_quan")[0]
    page.left[first] = replace(page.left[first], name="Nguyên quán")
    changed = page.changed()
    assert sum("nguyen_quan" in line for line in changed) == 3
    assert list(page.after.fields)[list(page.layout.fields).index("nks_que_quan")] == "nguyen_quan"
    assert page.after.fields["nguyen_quan"] == page.layout.fields["nks_que_quan"]


def test_a_place_given_to_another_field() -> None:
    page = Page()
    (place,) = page.ids("cha_dan_toc")
    page.left[place] = replace(page.left[place], field="me_dan_toc")
    page.changed()
    assert "cha_dan_toc" not in page.after.fields
    assert sum(gap.field == "me_dan_toc" for line in page.after.body.lines for gap in line.gaps) == 2


def test_label_and_type_of_a_field() -> None:
    page = Page()
    (place,) = page.ids("nks_noi_sinh")
    page.left[place] = replace(page.left[place], label="Sinh tại", kind="text")
    page.changed()
    assert page.after.fields["nks_noi_sinh"].label == "Sinh tại"
    assert page.after.fields["nks_noi_sinh"].type.kind == "text"
    assert page.after.fields["nks_noi_sinh"].columns == page.layout.fields["nks_noi_sinh"].columns


def test_export_columns_are_chosen_added_and_taken_away() -> None:
    page = Page()
    (birth,) = page.ids("nks_ngay_sinh")
    (ethnic,) = page.ids("cha_dan_toc")
    (where,) = page.ids("nks_noi_sinh")
    page.left[birth] = replace(page.left[birth], columns=())
    page.left[ethnic] = replace(page.left[ethnic], columns=("chaDanToc", "chaQuocTichKhac"))
    page.left[where] = replace(page.left[where], columns=("nksNgaySinh",))
    page.draw(
        210, 2100, 420, 2130, name="loai", kind="choice: giay_to", columns=("nycLoaiGiayToTuyThan", "nycGiayToKhac")
    )
    changed = page.changed()
    assert page.result.told[-4:] == (
        "nks_ngay_sinh: no longer fills the column nksNgaySinh",
        "nks_noi_sinh: fills the column nksNgaySinh (value)",
        "nks_noi_sinh: no longer fills the column nksNoiSinh",
        "cha_dan_toc: fills the column chaQuocTichKhac (value)",
    )
    assert page.after.fields["nks_ngay_sinh"].columns == {}
    assert page.after.fields["nks_noi_sinh"].columns == {"nksNgaySinh": "value"}
    assert page.after.fields["cha_dan_toc"].columns == {"chaDanToc": "value", "chaQuocTichKhac": "value"}
    assert page.after.fields["loai"].columns == {"nycLoaiGiayToTuyThan": "code", "nycGiayToKhac": "value"}
    assert len(changed) == 7, changed  # three fields changed, one of them only loses a line; a line and a field new


def test_one_of_several_places_is_enough_to_choose_a_column() -> None:
    page = Page()
    second = page.ids("ngay_dang_ky")[1]
    page.left[second] = replace(page.left[second], columns=())
    assert len(page.changed()) == 2
    assert page.after.fields["ngay_dang_ky"].columns == {}


def test_another_type_has_other_parts_for_the_same_columns() -> None:
    page = Page()
    (sex,) = page.ids("nks_gioi_tinh")
    assert page.layout.fields["nks_gioi_tinh"].columns == {"nksGioiTinh": "code"}
    page.left[sex] = replace(page.left[sex], kind="text")
    page.changed()
    assert page.after.fields["nks_gioi_tinh"].columns == {"nksGioiTinh": "value"}
    page = Page()
    (name,) = page.ids("nks_noi_sinh")
    page.left[name] = replace(page.left[name], kind="choice: quan_he")
    page.changed()
    assert page.after.fields["nks_noi_sinh"].type == Choice("quan_he")
    assert page.result.told == ("nks_noi_sinh: its type is choice: quan_he",)


@pytest.mark.parametrize("name", shipped_layouts())
def test_usual_parts_are_those_of_the_layouts_that_come_with_ocrfill(name: str) -> None:
    for field in load_layout(name).fields.values():
        assert dict(field.columns) == {column: usual_part(column, field.type.kind) for column in field.columns}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"so": "một", "so2": "hai"}, "two names"),
        ({"so": "moi", "trang": "moi"}, "one name"),
    ],
)
def test_names_that_cannot_be(said: dict[str, str], words: str) -> None:
    page = Page()
    places = {"so": page.ids("so")[0], "trang": page.ids("trang")[0], "so2": page.ids("trang")[0]}
    if "so2" in said:
        page.left[places["so2"]] = replace(page.left[places["so2"]], field="so")
    for name, text in said.items():
        page.left[places[name]] = replace(page.left[places[name]], name=text)
    with pytest.raises(BadInput, match=words):
        page.changed()


def test_a_rectangle_without_a_field_is_refused() -> None:
    page = Page()
    page.draw(210, 2100, 420, 2140)
    with pytest.raises(BadInput, match="no field"):
        page.changed()


def test_names_are_made_of_what_people_type() -> None:
    assert as_name("  Họ và tên (Mẹ): ") == "ho_va_ten_me"
    assert as_name("2 Đăng ký") == "dang_ky"
    assert as_name("…") == ""


def test_a_tables_rule_follows_a_cells_edge() -> None:
    page = Page("kh_a3_14_columns")
    (place,) = page.ids("chong_dan_toc")
    page.shift(place, 0, 0, 21, 0)
    (old, new) = page.changed()
    assert (old[0], new[0]) == ("-", "+")
    assert new == "+" + old[1:].replace("0.3420", "0.3520")
    assert page.result.told == ("rule 6: moved",)


def test_a_tables_cell_on_other_lines_in_another_column_new_and_gone() -> None:
    page = Page("kh_a3_14_columns")
    record = (0.9620 - 0.1950) / 4 / 5 * HEIGHT
    (place,) = page.ids("chong_dan_toc")
    page.shift(place, 0, 0, 0, -record)
    (sign,) = page.ids("chu_ky")
    del page.left[sign]
    page.draw(0.93 * WIDTH, 0.20 * HEIGHT, 0.97 * WIDTH, 0.20 * HEIGHT + 0.7 * record, name="khac")
    page.shift(page.ids("ghi_chu")[0], 0, 2 * record, 0, 0)
    changed = page.changed()
    assert "+     - {field: chong_dan_toc, column: 5, lines: [1, 2]}" in changed
    assert "-     - {field: chu_ky, column: 13, lines: [1, 3]}" in changed
    assert "+     - {field: ghi_chu, column: 14, lines: [3, 5]}" in changed
    assert "+     - {field: khac, column: 14, lines: [1, 1]}" in changed
    assert page.result.told[:2] == ("khac: new", "chong_dan_toc: on lines 1 to 2 now")


def test_two_cells_cannot_move_a_rule_apart() -> None:
    page = Page("kh_a3_14_columns")
    page.shift(page.ids("chong_dan_toc")[0], 0, 0, 21, 0)
    page.shift(page.ids("vo_dan_toc")[0], 0, 0, -21, 0)
    with pytest.raises(BadInput, match="moved to two places"):
        page.changed()


def test_the_old_file_is_kept_and_a_wrong_one_never_written(tmp_path: Path) -> None:
    path = tmp_path / "my_book.yaml"
    text = Page().text.replace("\n", "\r\n")
    path.write_bytes(("\ufeff" + text).encode())
    file = open_layout(path)
    assert file.replaced(text) is None
    assert file.replaced(text.replace("0.1574", "0.1600")) == tmp_path / "my_book.yaml.1"
    assert path.read_bytes() == ("\ufeff" + text.replace("0.1574", "0.1600")).encode()
    assert (tmp_path / "my_book.yaml.1").read_bytes() == ("\ufeff" + text).encode()
    with pytest.raises(BadLayout):
        open_layout(path).replaced(text.replace("y: 0.2257", "y: 0.9999"))
    assert path.read_bytes() == ("\ufeff" + text.replace("0.1574", "0.1600")).encode()
    assert open_layout(path).replaced(text) == tmp_path / "my_book.yaml.2"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["my_book.yaml", "my_book.yaml.1", "my_book.yaml.2"]


def test_a_layout_that_does_not_fit_is_stretched_over_the_page() -> None:
    sight = lay_layout_on_page(load_layout("kt_2006_2015"), open_scan(SCANS["ks_2006_2015"]).page(1))
    assert not sight.fits
    region = sight.drawn.regions[0]
    assert sight.drawn.places.to_form(*region.box[:2])[0] == pytest.approx(region.box[0] / sight.drawn.width)


def test_the_screen_names_every_field_and_takes_what_was_left_there() -> None:
    page = Page()
    screen = edit_config(list(page.layout.fields), ["text", "choice: dan_toc"], ["nksHoTen", "so"])
    assert re.findall(r'<Label value="([^"]+)"', screen) == [NEW_FIELD_LABEL, *page.layout.fields]
    (prediction,) = edit_task("/data/page.jpg", page.drawn, page.layout)["predictions"]
    left = edited_rectangles(prediction, page.drawn)
    assert [(one.id, one.field) for one in left] == [(region.id, region.field) for region in page.drawn.regions]
    assert all(one.box == pytest.approx(region.box) for one, region in zip(left, page.drawn.regions, strict=True))
    assert {one.label for one in left} == {spec.label for spec in page.layout.fields.values()}
    assert {one.field: one.columns for one in left} == {n: tuple(s.columns) for n, s in page.layout.fields.items()}
    assert "choice: dan_toc" in {one.kind for one in left}
    assert all(f'<Choice value="{value}"/>' in screen for value in ("choice: dan_toc", "nksHoTen", "so"))
    assert apply_edits(page.text, page.layout, page.drawn, left).text == page.text
    with pytest.raises(ReviewError, match="Label Studio"):
        edited_rectangles({"result": [{"id": "a", "from_name": "field", "value": {"x": 1}}]}, page.drawn)


@pytest.fixture
def server() -> Iterator[FakeLabelStudio]:
    fake = FakeLabelStudio()
    yield fake
    fake.close()


def saved(fake: FakeLabelStudio, session_task: int, result: list[object]) -> None:
    """What a person saves on the page."""
    task = fake.tasks[session_task]
    fake.numbers["annotation"] += 1
    moment = fake.tick()
    task["annotations"].append(
        {"id": fake.numbers["annotation"], "result": result, "was_cancelled": False, "updated_at": moment}
    )


def own(tmp_path: Path) -> Path:
    path = tmp_path / "my_book.yaml"
    path.write_text(Page().text, encoding="utf-8")
    return path


def test_one_project_for_a_layout_on_a_page_however_often_it_is_begun(server: FakeLabelStudio, tmp_path: Path) -> None:
    speaking = ReviewServer(server.url, TOKEN)
    file = open_layout(own(tmp_path))
    sight = lay_layout_on_page(file.layout, open_scan(SCANS["ks_2006_2015"]).page(1))
    first = begin_session(speaking, file, sight, "scan:1")
    assert begin_session(speaking, file, sight, "scan:1").task == first.task
    assert begin_session(speaking, file, sight, "scan:2").project != first.project
    assert len(server.projects) == 2
    assert first.saved() is None


def test_pull_takes_over_what_was_saved(
    server: FakeLabelStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", TOKEN)
    path = own(tmp_path)
    words = ["edit", str(path), str(SCANS["ks_2006_2015"]), "--url", server.url, "--pull"]
    ran = CliRunner().invoke(command, words)
    assert isinstance(ran.exception, BadInput)
    assert "nothing was saved yet" in str(ran.exception)
    ((number, task),) = server.tasks.items()
    result = [part for part in task["predictions"][0]["result"] if part["id"] != "lines-0-gaps-0"]
    saved(server, number, result)
    ran = CliRunner().invoke(command, words, catch_exceptions=False)
    assert ran.exit_code == ExitCode.OK
    assert "trang: taken away" in ran.output
    assert "trang" not in load_layout(path).fields
    assert (tmp_path / "my_book.yaml.1").read_text(encoding="utf-8") == Page().text


@pytest.mark.slow
def test_what_is_no_layout_is_told_and_waited_for(
    server: FakeLabelStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", TOKEN)
    path = own(tmp_path)
    words = ["edit", str(path), str(SCANS["ks_2006_2015"]), "--url", server.url]
    CliRunner().invoke(command, [*words, "--pull"])
    ((number, task),) = server.tasks.items()
    good = task["predictions"][0]["result"]
    over = [
        dict(part, value=dict(part["value"], width=90.0)) if part["id"] == "lines-4-gaps-0" else part for part in good
    ]
    saved(server, number, over)
    looks = []

    def put_right(seconds: float) -> None:
        looks.append(seconds)
        saved(server, number, good)

    monkeypatch.setattr(import_module("ocrfill.cli.layout.edit").time, "sleep", put_right)
    ran = CliRunner().invoke(command, words, catch_exceptions=False)
    assert ran.exit_code == ExitCode.OK, ran.output
    assert "begins before the gap to its left ends" in ran.output
    assert "nothing was changed" in ran.output
    assert len(looks) == 1
    assert path.read_text(encoding="utf-8") == Page().text


def test_only_a_file_of_ones_own_is_edited(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        command, ["edit", str(tmp_path / "none.yaml"), str(SCANS["ks_2006_2015"]), "--url", "http://x"]
    )
    assert isinstance(ran.exception, BadInput)
    words = ["edit", str(own(tmp_path)), str(SCANS["ks_2006_2015"]), "--url", "http://x", "--port", "8290"]
    assert CliRunner().invoke(command, words).exit_code == ExitCode.USAGE
