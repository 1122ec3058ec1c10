"""Places: the units of the register's own province in the book's time, and of the whole country."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ocrfill.civil_status.administrative_units import OLD_PROVINCES, small
from ocrfill.civil_status.reference_data import stored_list

OTHER_TIMES_COUNT = 1
BOOKS_TIME_COUNT = 3
"""How often units of other times, and of the book's own, count: people were born before their book was kept."""


def own_places(years: tuple[int, int]) -> Iterator[str]:
    """Communes with their districts and their province, those of the book's time several times."""
    for era in stored_list("units"):
        first, last = era["years"]
        times = BOOKS_TIME_COUNT if first <= years[1] and years[0] <= last else OTHER_TIMES_COUNT
        for district, communes in era["districts"].items():
            for commune in communes:
                phrase = f"{commune}, {small(district)}, tỉnh {era['province']}"
                yield from [phrase] * times


@cache
def all_places() -> tuple[str, ...]:
    """Every commune with its district and its province, before the units of July 2025; provinces that are no more."""
    communes = (
        f"{commune}, {district}, {province}"
        for province, districts in stored_list("country").items()
        for district, named in districts.items()
        for commune in named
    )
    alone = (
        f"{district}, {province}" for province, districts in stored_list("country").items() for district in districts
    )
    return (*communes, *alone, *(f"tỉnh {name}" for name in OLD_PROVINCES))
