"""Places of a layout corrected with the mouse: a real Label Studio, a real browser; then the file, to the letter."""

from __future__ import annotations

import re
import subprocess
import sys
from difflib import ndiff
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from support.label_studio_session import PASSWORD, ROOT, SAMPLES, THU, Placer

from ocrfill.authoring.edit.layout_file import open_layout
from ocrfill.authoring.edit.session import lay_layout_on_page
from ocrfill.layouts import load_layout
from ocrfill.pipeline.scans import open_scan
from ocrfill.review.server_access import need

pytestmark = [
    pytest.mark.label_studio,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.onnx,
    pytest.mark.timeout(1200),  # the first to need the server makes a database
]

SCAN = SAMPLES / "0001.jpg"

KIND, COLUMNS = 0, 1
"""The lists of a rectangle, from left to right."""

TOLD = """\
so: called so_dang_ky now
ghi_them: new
nguoi_thuc_hien: a place taken away
nks_ho_ten: moved along its line
nks_noi_sinh: right edge moved
ghi_them: a place drawn
nks_noi_sinh: fills the column nksNoiSinhDVHC (value)
nguoi_thuc_hien: taken away
"""


def own_copy(folder: Path) -> Path:
    """A layout of one's own, with a comment at the end of a line that is going to change."""
    text = (ROOT / "ocrfill" / "layouts" / "library" / "ks_2006_2015.yaml").read_text(encoding="utf-8")
    line = "      gaps: [{field: nks_ho_ten, x: [0.1574, 0.5078]}, {field: nks_gioi_tinh, x: [0.5898, 0.7140]}]"
    assert text.count(line) == 1
    file = folder / "my_book.yaml"
    file.write_text(text.replace(line, line + "  # đo trên trang 3"), encoding="utf-8")
    return file


def test_places_are_moved_renamed_added_and_deleted_and_the_file_shows_exactly_that(
    reviewing_server: Path, tmp_path: Path
) -> None:
    file = own_copy(tmp_path)
    before = file.read_text(encoding="utf-8")
    drawn = lay_layout_on_page(open_layout(file).layout, open_scan(SCAN).page(1)).drawn
    boxes = {region.id: region.box for region in drawn.regions}
    of = {region.field: region.id for region in drawn.regions}

    def middle(name: str) -> tuple[float, float]:
        left, top, right, bottom = boxes[of[name]]
        return (left + right) / 2 / drawn.width, (top + bottom) / 2 / drawn.height

    words = [sys.executable, "-m", "ocrfill", "layout", "edit", str(file), str(SCAN), "--workspace"]
    waiting = subprocess.Popen(
        [*words, str(reviewing_server)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        waiting.stdout.readline()
        address = waiting.stdout.readline().removeprefix("open ").strip()
        person = Placer(need(reviewing_server), THU, PASSWORD, tmp_path / "profile")
        try:
            person.look_at(address)
            assert person.rectangles() == len(drawn.regions)
            x, y = middle("nks_ho_ten")
            person.choose(x, y)
            person.drag((x, y), (x + 0.02, y))
            person.press(Keys.ESCAPE)
            x, y = middle("so")
            person.choose(x, y)
            person.write("tên", "Số đăng ký")
            person.press(Keys.ESCAPE)
            x, y = middle("nks_noi_sinh")
            right = boxes[of["nks_noi_sinh"]][2] / drawn.width
            person.choose(x, y)
            person.drag((right, y), (right - 0.05, y))
            person.tick(COLUMNS, "nksNoiSinhDVHC")
            person.picture(tmp_path / "columns.png")
            person.press(Keys.ESCAPE)
            person.choose(*middle("nguoi_thuc_hien"))
            person.press(Keys.BACKSPACE)
            person.pick("+")
            person.drag((0.20, 0.62), (0.45, 0.64))
            person.choose(0.30, 0.63)
            person.write("tên", "ghi_them")
            person.write("chữ", "Ghi thêm:")
            person.tick(KIND, "choice: quan_he")
            person.tick(COLUMNS, "nycGiayToKhac")
            person.press(Keys.ESCAPE)
            person.picture(tmp_path / "edited.png")
            assert person.rectangles() == len(drawn.regions)
            person.submit()
            said, _ = waiting.communicate(timeout=60)
        finally:
            person.close()
    finally:
        waiting.kill()
    assert waiting.returncode == 0, said
    assert said.startswith(TOLD), said
    assert "8 changes; the old file is my_book.yaml.1" in said
    after = file.read_text(encoding="utf-8")
    assert (tmp_path / "my_book.yaml.1").read_text(encoding="utf-8") == before
    changed = [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "-+"]
    number = r"\d\.\d{4}"
    shapes = [
        r"-       gaps: \[{field: so, x: \[0.1086, 0.1885\]}\]",
        r"\+       gaps: \[{field: so_dang_ky, x: \[0.1086, 0.1885\]}\]",
        r"-       gaps: \[{field: nks_ho_ten, x: \[0.1574, 0.5078\]}, (.*)",
        rf"\+       gaps: \[{{field: nks_ho_ten, x: \[{number}, {number}\]}}, {{field: nks_gioi_tinh, x: "
        r"\[0.5898, 0.7140\]}\]  # đo trên trang 3",
        r"-       gaps: \[{field: nks_noi_sinh, x: \[0.1497, 0.7140\]}\]",
        rf"\+       gaps: \[{{field: nks_noi_sinh, x: \[0.1497, {number}\]}}\]",
        rf"\+     - {{y: {number}, gaps: \[{{field: ghi_them, x: \[{number}, {number}\]}}\]}}",
        r"-     - y: 0.8875",
        r"-       gaps: \[{field: nguoi_thuc_hien, x: \[0.2871, 0.4989\]}\]",
        r"-   so: {label: \"Số\", (.*)",
        r"\+   so_dang_ky: {label: \"Số\", (.*)",
        r"-     columns: {nksNoiSinh: value}",
        r"\+     columns: {nksNoiSinh: value, nksNoiSinhDVHC: value}",
        r"-   nguoi_thuc_hien: (.*)",
        r"\+   ghi_them: {label: \"Ghi thêm:\", type: {kind: choice, list: quan_he}, "
        r"columns: {nycGiayToKhac: value}}",
    ]
    assert len(changed) == len(shapes), "\n".join(changed)
    for line, shape in zip(changed, shapes, strict=True):
        assert re.fullmatch(shape, line), (line, shape)
    new = load_layout(file)
    gap = {gap.field: gap.x for line in new.body.lines for gap in line.gaps}
    scale = drawn.width / (drawn.places.to_page(1, 0.5)[0] - drawn.places.to_page(0, 0.5)[0])
    assert gap["nks_ho_ten"] == pytest.approx((0.1574 + 0.02 * scale, 0.5078 + 0.02 * scale), abs=0.002)
    assert gap["nks_noi_sinh"][1] == pytest.approx(0.7140 - 0.05 * scale, abs=0.002)
    drawn_at = [drawn.places.to_form(x * drawn.width, 0.64 * drawn.height) for x in (0.20, 0.45)]
    assert gap["ghi_them"] == pytest.approx([place[0] for place in drawn_at], abs=0.002)
    (line,) = [line for line in new.body.lines if any(g.field == "ghi_them" for g in line.gaps)]
    assert line.y == pytest.approx(drawn_at[0][1], abs=0.002)
