"""What each field of a layout asks for, told by its export columns or, without them, by section and label."""

from __future__ import annotations

import re
from collections import Counter

from ocrfill.civil_status.orthography import folded
from ocrfill.layouts.model import FieldSpec, Layout

_PERSON = re.compile(r"(nks|nkt|nxn|nyc|chong|cha|me|vo|cm|nc|gbt)(?=[A-Z]|$)")

_MAIN = {"KS": "nks", "KH": "chong", "KT": "nkt", "CMC": "cm", "HN": "nxn"}
"""Whom a field is about where neither section nor label says: the person the register is for."""

_WHOM = (
    ("người đi ", "nyc"), ("người yêu cầu", "nyc"), ("người đề nghị", "nyc"), ("người được nhận", "nc"),
    ("chồng", "chong"), ("vợ", "vo"), ("báo tử", "gbt"),
)  # fmt: skip
"""Words of a section or label and the person they mean, the first that fits."""

_PARENTS = (("mẹ", "me"), ("cha", "cha"))
"""The same for a child's parents, in books of births only."""

_OF_PERSON = (
    ("ngày cấp", "NgayCapGiayToTuyThan"), ("nơi cấp", "NoiCapGiayToTuyThan"), ("họ và tên", "HoTen"),
    ("họ, chữ đệm, tên", "HoTen"), ("họ tên", "HoTen"), ("giới tính", "GioiTinh"), ("bằng chữ", "NgaySinhBangChu"),
    ("năm sinh", "NgaySinh"), ("ngày sinh", "NgaySinh"), ("trước khi xuất cảnh", "NoiCuTruTruocXuatCanh"),
    ("nơi sinh", "NoiSinh"), ("dân tộc", "DanToc"), ("quốc tịch", "QuocTich"), ("quê quán", "QueQuan"),
    ("thường trú", "NoiCuTru"), ("cư trú", "NoiCuTru"), ("định danh", "SoDinhDanh"), ("cmnd", "SoGiayToTuyThan"),
    ("tùy thân", "SoGiayToTuyThan"), ("lần thứ mấy", "LanKetHon"), ("quan hệ", "QuanHe"), ("nơi chết", "NoiChet"),
    ("nguyên nhân chết", "NguyenNhanChet"), ("năm chết", "NgayChet"), ("giờ", "GioPhutChet"),
    ("mục đích", "MucDichSuDung"), ("tình trạng hôn nhân", "TinhTrangHonNhan"),
)  # fmt: skip
"""Words of a label and the column they mean, after the person's prefix; the first that fits."""

_OF_ENTRY = (
    ("người ký", "nguoiKy"), ("chức vụ", "chucVuNguoiKy"), ("người thực hiện", "nguoiThucHien"),
    ("cán bộ", "nguoiThucHien"), ("ghi chú", "ghiChu"), ("trang", "trangSo"), ("quyển", "quyenSo"), ("stt", "so"),
    ("giấy báo tử", "gbt"), ("đăng ký ngày", "ngayDangKy"), ("năm đăng ký", "ngayDangKy"), ("năm cấp", "ngayDangKy"),
)  # fmt: skip
"""Words of a label and the column of the entry as a whole."""


_BY_TYPE = {
    "date": ("ngayDangKy", ""),
    "number": ("so", ""),
    "signatory": ("nguoiKy", ""),
    "name": ("", "HoTen"),
    "place": ("", "NoiCuTru"),
    "identity": ("", "SoGiayToTuyThan"),
}
"""For a label that says nothing we know: a column of the entry, or one of the person."""


def meanings(layout: Layout) -> dict[str, tuple[str, ...]]:
    """For each field the columns (and columns that could be) whose facts it holds, the surest first."""
    return {name: _keys(layout, spec) for name, spec in layout.fields.items()}


def _keys(layout: Layout, spec: FieldSpec) -> tuple[str, ...]:
    if spec.columns:
        return tuple(spec.columns)
    label = spec.label.casefold()
    kind = spec.type.kind
    entry = next((column for words, column in _OF_ENTRY if words in label), "")
    if kind == "number" and re.search(r"\bsố\W*$", label):
        entry = "so"
    suffix = next((column for words, column in _OF_PERSON if words in label), "")
    if not entry and not suffix:
        entry, suffix = _BY_TYPE.get(kind, ("", ""))
    if entry:
        return (entry,)
    whom = _whom(layout, spec)
    if kind == "moment":
        return (f"{whom}NgayChet", f"{whom}GioPhutChet")
    return (whom + suffix,) if suffix else ()


def _whom(layout: Layout, spec: FieldSpec) -> str:
    """The prefix of the columns about the same person: as other fields of the section have it, or by its words."""
    found = Counter(
        match[1]
        for other in layout.fields.values()
        if spec.section and folded(other.section) == folded(spec.section)
        for column in other.columns
        if (match := _PERSON.match(column))
    )
    if found:
        return found.most_common(1)[0][0]
    table = _WHOM + (_PARENTS if layout.kind == "KS" else ())
    named = (prefix for text in (spec.label, spec.section) for word, prefix in table if word in text.casefold())
    return next(named, _MAIN[layout.kind])
