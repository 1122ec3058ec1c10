"""Forms nobody printed: labels, order, columns, pitch and frame drawn by lot, to see whether a form can be drafted."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from ocrfill.civil_status.export_columns import known_columns
from ocrfill.layouts.load import LAYOUT_ADAPTER
from ocrfill.layouts.model import Kind, Layout
from ocrfill.training.synthetic.fonts import PRINT_FONTS, set_text

PAPER_WIDTH_MM, PAPER_HEIGHT_MM = 210.0, 297.0
"""Paper in millimetres."""

POINT_MM = 25.4 / 72
"""Millimetres of a printer's point."""

MIN_GAP_WIDTHS_MM = {"short": 24.0, "middle": 42.0, "long": 75.0}
"""Least width of a gap in millimetres, by how much is written in it."""

PERSON_QUESTIONS: tuple[tuple[tuple[str, ...], str, dict[str, Any], str, str], ...] = (
    (("Ngày, tháng, năm sinh", "Ngày sinh", "Sinh ngày"), "NgaySinh", {"kind": "date"}, "value", "middle"),
    (("Giới tính", "Nam, nữ"), "GioiTinh", {"kind": "choice", "list": "gioi_tinh"}, "code", "short"),
    (("Dân tộc",), "DanToc", {"kind": "choice", "list": "dan_toc"}, "value", "short"),
    (("Quốc tịch",), "QuocTich", {"kind": "choice", "list": "quoc_tich"}, "value", "short"),
    (("Quê quán", "Nguyên quán"), "QueQuan", {"kind": "place"}, "value", "long"),
    (("Nơi thường trú/tạm trú", "Nơi cư trú", "Chỗ ở hiện nay"), "NoiCuTru", {"kind": "place"}, "value", "long"),
    (("Nghề nghiệp",), "", {"kind": "text"}, "", "middle"),
    (("Tôn giáo", "Trình độ văn hóa"), "", {"kind": "text"}, "", "short"),
    (("Số Giấy CMND/Hộ chiếu", "Giấy tờ tùy thân"), "SoGiayToTuyThan", {"kind": "identity"}, "number", "middle"),
)
"""What may be asked of a person: ways to print it, the column after the person's prefix, type, part, room. Some labels
are in no list of known ones.
"""

NAME_LABELS = ("Họ và tên", "Họ, chữ đệm, tên", "Họ tên")

PERSON_HEADINGS: dict[Kind, tuple[tuple[str, str], ...]] = {
    "KS": (("nks", "Phần ghi về người được đăng ký khai sinh"), ("cha", "cha"), ("me", "mẹ"),
           ("nyc", "Phần ghi về người đi đăng ký khai sinh")),
    "KH": (("chong", "chồng"), ("vo", "vợ")),
    "KT": (("nkt", "Phần ghi về người chết"), ("nyc", "Phần ghi về người đi đăng ký khai tử")),
    "CMC": (("cm", "Phần ghi về người nhận cha, mẹ, con"), ("nc", "Phần ghi về người được nhận là cha, mẹ, con")),
    "HN": (("nxn", "Phần ghi về người được cấp Giấy xác nhận tình trạng hôn nhân"),
           ("nyc", "Phần ghi về người đề nghị cấp Giấy xác nhận tình trạng hôn nhân")),
}  # fmt: skip
"""Prefix of the columns, and the section's heading or the word behind the label of the name."""

SIGNATURE_LABELS: dict[Kind, str] = {
    "KS": "Họ tên, chức vụ, người ký Giấy khai sinh",
    "KH": "Họ tên, chức vụ, người ký Giấy chứng nhận kết hôn",
    "KT": "Họ tên, chức vụ, người ký Giấy chứng tử",
    "CMC": "Họ tên, chức vụ, người ký Quyết định",
    "HN": "Họ tên, chức vụ, người ký Giấy xác nhận tình trạng hôn nhân",
}


@dataclass(slots=True)
class _Form:
    """A form in the making; places in millimetres."""

    rng: random.Random
    kind: Kind
    left: float
    right: float
    pitch: float
    y: float
    points: float
    lines: list[dict[str, Any]] = field(default_factory=list)
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    x: float = 0.0

    def wide(self, text: str, style: str = "plain") -> float:
        """How wide words come out."""
        return float(set_text(PRINT_FONTS[style], text, 200).advance) / 200 * self.points * POINT_MM  # type: ignore[index]

    def line(self, apart: float = 1.0) -> None:
        """Go on to the next line."""
        self.y += self.pitch * apart
        self.x = self.left
        self.lines.append({"y": self.y / PAPER_HEIGHT_MM, "labels": [], "gaps": []})

    def label(self, text: str, style: str = "plain") -> None:
        shown: dict[str, Any] = {"text": text, "x": self.x / PAPER_WIDTH_MM}
        if style != "plain":
            shown["style"] = style
        if self.points != 12:
            shown["size"] = self.points
        self.lines[-1]["labels"].append(shown)
        self.x += self.wide(text, style) + 1.2

    def gap(self, name: str, end: float) -> None:
        self.lines[-1]["gaps"].append({"field": name, "x": [self.x / PAPER_WIDTH_MM, end / PAPER_WIDTH_MM]})
        self.x = end + 1.5


def invented_form(seed: int) -> Layout:
    """A form drawn by lot. The same seed gives the same form."""
    rng = random.Random(f"invented {seed}")
    kind: Kind = rng.choice(("KS", "KH", "KT", "CMC", "HN"))
    frame = rng.random() < 0.75
    rule = rng.uniform(0.68, 0.78) if frame and rng.random() < 0.8 else None
    left = rng.uniform(14, 24)
    right = rule * PAPER_WIDTH_MM - 3 if rule else PAPER_WIDTH_MM - rng.uniform(12, 20)
    form = _Form(
        rng, kind, left, right, rng.uniform(6.6, 8.2), rng.uniform(12, 20), rng.choice((11.0, 12.0, 12.0, 13.0))
    )
    _head(form)
    top = form.y + 3.5
    form.y += 6
    for prefix, heading in PERSON_HEADINGS[kind]:
        _person(form, prefix, heading)
    _foot(form)
    body: dict[str, Any] = {"kind": "form", "lines": form.lines}
    bottom = min(form.y + rng.uniform(6, 12), 290.0)
    if frame:
        body["frame"] = {
            "left": (left - 4) / PAPER_WIDTH_MM,
            "top": top / PAPER_HEIGHT_MM,
            "right": (PAPER_WIDTH_MM - 8) / PAPER_WIDTH_MM,
            "bottom": bottom / PAPER_HEIGHT_MM,
        }
        if rule:
            body["verticals"] = [rule]
    layout = {
        "name": f"invented_{seed}", "version": 1, "title": "Sổ vẽ thử", "kind": kind, "years": [1999, 2005],
        "body": body, "fields": form.fields,
    }  # fmt: skip
    return LAYOUT_ADAPTER.validate_python(layout)


def _head(form: _Form) -> None:
    """Number and page, in either order."""
    form.line(0.0)
    asked = [("Số:", "so", "so"), ("Trang", "trang", "trangSo")]
    form.rng.shuffle(asked)
    for i, (text, name, column) in enumerate(asked):
        form.x = form.left + i * form.rng.uniform(70, 100)
        form.label(text)
        form.gap(name, form.x + form.rng.uniform(14, 24))
        form.fields[name] = {"label": text.strip(":"), "type": {"kind": "number"}, "columns": {column: "normalised"}}


def _person(form: _Form, prefix: str, heading: str) -> None:
    section = heading.removeprefix("Phần ghi về ")
    if heading.startswith("Phần"):
        form.line(1.3)
        form.label(f"{heading}:", form.rng.choice(("italic", "bold")))
        named = form.rng.choice(NAME_LABELS)
    else:
        named = f"{form.rng.choice(NAME_LABELS[:2])} {heading}"
    name = f"{prefix}_ho_ten"
    capitals = {"capitals": True} if prefix in ("nks", "nkt", "chong", "vo") else {}
    form.line(1.15)
    _ask(form, named, name, "long", last=True)
    form.fields[name] = {
        "label": named,
        "section": section,
        "type": {"kind": "name", **capitals},
        "columns": {f"{prefix}HoTen": "value"},
    }
    asked = form.rng.sample(
        PERSON_QUESTIONS, form.rng.randint(2, 4) if prefix in ("cha", "me", "nyc") else form.rng.randint(5, 7)
    )
    from_start = True
    for i, (texts, column, type_, part, room) in enumerate(asked):
        text = form.rng.choice(texts)
        if from_start or not _fits(form, text, room):
            form.line()
        following = asked[i + 1] if i + 1 < len(asked) else None
        end = following is None or room == "long" or not _fits(form, text, room, following[4], following[0][0])
        name = f"{prefix}_{column.lower() or 'khac'}_{i}"
        _ask(form, text, name, room, last=end)
        from_start = end
        columns = {f"{prefix}{column}": part} if _known(form.kind, f"{prefix}{column}") else {}
        form.fields[name] = {"label": text, "section": section, "type": type_, "columns": columns}
        if room == "long" and form.rng.random() < 0.5:
            form.line()
            form.gap(name, form.right)
            from_start = True


def _known(kind: Kind, column: str) -> bool:
    return column in known_columns(kind)


def _fits(form: _Form, text: str, room: str, then: str | None = None, next_text: str = "") -> bool:
    need = form.x + form.wide(f"{text}:") + 3 + MIN_GAP_WIDTHS_MM[room]
    if then is not None:
        need += form.wide(f"{next_text}:") + 6 + MIN_GAP_WIDTHS_MM[then]
    return need < form.right


def _ask(form: _Form, text: str, name: str, room: str, *, last: bool) -> None:
    """A label and its gap: to the end of the line, or as wide as its room and a little more."""
    form.label(f"{text}:")
    form.gap(
        name, form.right if last else min(form.x + MIN_GAP_WIDTHS_MM[room] * form.rng.uniform(1.0, 1.3), form.right)
    )


def _foot(form: _Form) -> None:
    """Day of registration, who signs, and a place for the clerk's name."""
    form.line(1.6)
    form.label("Đăng ký ngày")
    step = (form.right - form.x) / 3
    form.gap("ngay_dang_ky", form.x + step - 10)
    for word, share in (("tháng", 2.0), ("năm", 3.0)):
        form.label(word)
        form.gap("ngay_dang_ky", form.right if share > 2 else form.x + step - 10)
    form.fields["ngay_dang_ky"] = {
        "label": "Đăng ký ngày … tháng … năm …",
        "type": {"kind": "date", "split": True},
        "columns": {"ngayDangKy": "value"},
    }
    form.line()
    label = SIGNATURE_LABELS[form.kind]
    form.label(f"{label}:")
    form.gap("nguoi_ky", form.right)
    form.line()
    form.gap("nguoi_ky", form.right)
    form.fields["nguoi_ky"] = {
        "label": label, "type": {"kind": "signatory"}, "columns": {"nguoiKy": "name", "chucVuNguoiKy": "office"},
    }  # fmt: skip
    form.line(form.rng.uniform(1.6, 2.2))
    heading = form.rng.choice(("Cán bộ Tư pháp hộ tịch", "Người thực hiện"))
    form.x = form.left + form.rng.uniform(0.25, 0.5) * (form.right - form.left)
    start = form.x
    form.label(heading, "bold")
    form.y = min(form.y + form.rng.uniform(20, 30), 280.0) - form.pitch
    form.line()
    form.x = start - 3
    form.gap("nguoi_thuc_hien", form.x + form.rng.uniform(40, 52))
    form.fields["nguoi_thuc_hien"] = {"label": heading, "type": {"kind": "name"}, "columns": {"nguoiThucHien": "value"}}
