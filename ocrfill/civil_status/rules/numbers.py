"""Rules on the entry's own number, volume and year."""

from __future__ import annotations

import re

from ocrfill.civil_status.rules.dates import date_of
from ocrfill.civil_status.rules.finding import RuleEntry, RuleFinding, Weight, contradicts, supports

_WITH_YEAR = re.compile(r"[0-9]+\s*/\s*([0-9]{4})")


def year_of_number(entry: RuleEntry) -> tuple[RuleFinding, ...]:
    """A number written with its year ("05/2006") has the year of registration; so has the volume's, or an earlier."""
    rule = "number.year"
    found: tuple[RuleFinding, ...] = ()
    registered = date_of(entry, "ngayDangKy")
    if registered is None:
        return ()
    year = registered.first.year
    for column in ("so", "quyenSo"):
        said = entry.columns.get(column)
        written = _WITH_YEAR.search(said.raw) if said is not None else None
        if written is None:
            continue
        stated = int(written[1])
        if stated == year:
            found += supports(rule, Weight.HARD, column, "ngayDangKy")
        elif column == "so" or stated > year:
            weight = Weight.HARD if column == "so" else Weight.SOFT
            texts = {column: f"Năm đăng ký là {year}", "ngayDangKy": f"Số ghi năm {stated}"}
            found += contradicts(rule, weight, texts)
    return found
