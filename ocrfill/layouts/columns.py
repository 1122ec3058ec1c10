"""The columns of the exports, by name and in order.

`hotich158` is the birth import sheet "DL Import" of the ministry's software Hộ tịch 158 (70 columns); `contractor`
are the five column sets a contractor exports (KS 60, KH 44, KT 48, CMC 50, HN 35). Names only, as published.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


@cache
def column_sets() -> dict[str, dict[str, tuple[str, ...]]]:
    """Export name → kind of register → the column heads in order, exactly as the template prints them."""
    text = (resources.files("ocrfill.layouts") / "columns.json").read_text(encoding="utf-8")
    return {name: {kind: tuple(heads) for kind, heads in kinds.items()} for name, kinds in json.loads(text).items()}


def column_name(head: str) -> str:
    """The bare name in a column head: `loaiDangKy i=[1,2,3]` is the column `loaiDangKy`."""
    return head.split(" ", 1)[0]


@cache
def known_columns(kind: str) -> frozenset[str]:
    """The bare names of all columns any export has for a kind of register."""
    return frozenset(column_name(h) for kinds in column_sets().values() for h in kinds.get(kind, ()))
