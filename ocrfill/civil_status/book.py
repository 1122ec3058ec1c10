"""A register book, and how its files are named.

The naming is that of contractors' software (TST, 2025): `KS.2006.01` for a book (kind, year or years, volume) and
`KS.2006.01.2006-03-04.001.pdf` for a record (date of registration, number of the entry).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from ocrfill.errors import BadInput

KEY_PATTERN = re.compile(
    r"(?P<kind>KS|KH|KT|CMC|HN)\.(?P<first>(?:19|20)\d\d)(?:-(?P<last>(?:19|20)\d\d))?\.(?P<volume>\d{2})",
    re.ASCII,
)

NO_DATE = "0000-00-00"
"""Stands in a record's file name where its date of registration could not be read yet."""


@dataclass(frozen=True, slots=True)
class Book:
    """One volume of a register: kind of register, first and last year, volume, and who keeps it (`noiDangKy`)."""

    kind: str
    years: tuple[int, int]
    volume: int
    layout: str
    place: str = ""

    @classmethod
    def parse(cls, key: str, layout: str, place: str = "") -> Self:
        """From a key like `KS.2006.01` or `KT.1999-2001.03`. Raises BadInput."""
        found = KEY_PATTERN.fullmatch(key)
        if found is None:
            raise BadInput(
                f"{key!r} is no name of a book; write kind, year and volume, like KS.2006.01 or KT.1999-2001.03"
            )
        first = int(found["first"])
        last = int(found["last"] or first)
        if last < first:
            raise BadInput(f"{key!r}: the last year comes before the first")
        return cls(found["kind"], (first, last), int(found["volume"]), layout, place)

    @property
    def key(self) -> str:
        """Its short name, as in file names: KS.2006.01."""
        first, last = self.years
        years = str(first) if first == last else f"{first}-{last}"
        return f"{self.kind}.{years}.{self.volume:02d}"

    @property
    def volume_code(self) -> str:
        """The volume as the import wants it in `quyenSo`: "01/2006"."""
        return f"{self.volume:02d}/{self.years[0]}"

    def record_name(self, registered: str | None, number: int) -> str:
        """The stem of a record's file name; `registered` as dd.mm.yyyy, anything else counts as not known."""
        found = re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", registered or "", re.ASCII)
        date = f"{found[3]}-{found[2]}-{found[1]}" if found else NO_DATE
        return f"{self.key}.{date}.{number:03d}"
