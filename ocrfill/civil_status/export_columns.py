"""The columns of the exports, by name and in order.

`hotich158` is the birth import sheet "DL Import" of the ministry's software Hộ tịch 158 (70 columns); `contractor`
are the five column sets a contractor exports (KS 60, KH 44, KT 48, CMC 50, HN 35). Names only, as published.
"""

from __future__ import annotations

import re
from functools import cache

from ocrfill.civil_status.reference_data import stored_list


@cache
def column_sets() -> dict[str, dict[str, tuple[str, ...]]]:
    """Export name → kind of register → the column heads in order, exactly as the template prints them."""
    return {
        name: {kind: tuple(heads) for kind, heads in kinds.items()}
        for name, kinds in stored_list("export_columns").items()
    }


def column_name(head: str) -> str:
    """The bare name in a column head: `loaiDangKy i=[1,2,3]` is the column `loaiDangKy`."""
    return head.split(" ", 1)[0]


@cache
def columns_of(kind: str) -> tuple[str, ...]:
    """The bare names of all columns any export has for a kind of register, in the order of the exports."""
    return tuple(dict.fromkeys(column_name(h) for kinds in column_sets().values() for h in kinds.get(kind, ())))


@cache
def known_columns(kind: str) -> frozenset[str]:
    """The same names without order."""
    return frozenset(columns_of(kind))


USUAL_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "choice": (("GioiTinh|Loai", "code"), ("QuanHe|QH", "raw")),
    "identity": (("So", "number"), ("Loai", "paper"), ("Ngay", "date"), ("Noi", "place")),
    "moment": (("Gio", "time"), ("Ngay", "date")),
    "number": (("quyenSo", "value"), ("", "normalised")),
    "signatory": (("chucVu", "office"), ("nguoiKy", "name")),
    "tick": (("", "code"),),
}
"""For a field type: which part of its value fills a column whose name holds such a word; others take its `value`."""


def usual_part(column: str, kind: str) -> str:
    """Which part of a value of a field type (`kind`) fills a column, as in the layouts that come with ocrfill."""
    return next((part for words, part in USUAL_PARTS.get(kind, ()) if re.search(words, column)), "value")
