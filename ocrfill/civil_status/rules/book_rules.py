"""Rules along a book: what its entries, in the order of their pages, say about each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from ocrfill.civil_status.orthography import compact
from ocrfill.civil_status.rules.dates import date_of
from ocrfill.civil_status.rules.finding import RuleEntry, RuleFinding, Verdict, Weight
from ocrfill.civil_status.rules.partial_date import PartialDate
from ocrfill.civil_status.rules.sequence import demanded_by_neighbours, longest_rise

Entries = Sequence[RuleEntry | None]
"""The entries of a book in the order of its pages; None where a page could not be read."""

FindingsByEntry = Iterable[tuple[int, RuleFinding]]
"""Findings with the place of their entry."""


@dataclass(frozen=True, slots=True)
class BookRule:
    """A rule along a book: its code, what it asks, where it comes from, and the function that asks it."""

    code: str
    asks: str
    source: str
    check: Callable[[Entries], FindingsByEntry]


def check_entries(entries: Entries) -> tuple[tuple[RuleFinding, ...], ...]:
    """What all rules along a book find, for each entry in order."""
    found: list[list[RuleFinding]] = [[] for _ in entries]
    for rule in BOOK_RULES:
        for at, finding in rule.check(entries):
            found[at].append(replace(finding, rule=rule.code))
    return tuple(tuple(findings) for findings in found)


def demanded_numbers(entries: Entries, column: str = "so") -> list[int | None]:
    """For each entry the number its neighbours on both sides ask for; None where they ask for none."""
    asked = demanded_by_neighbours([_number(entry, column) for entry in entries], _years(entries))
    return [demand.number if demand is not None and demand.between else None for demand in asked]


def _numbers_run(entries: Entries) -> FindingsByEntry:
    yield from _run(entries, "so")


def _pages_run(entries: Entries) -> FindingsByEntry:
    yield from _run(entries, "trangSo")


def _run(entries: Entries, column: str) -> FindingsByEntry:
    numbers = [_number(entry, column) for entry in entries]
    groups = _years(entries) if column == "so" else [None] * len(entries)
    for at, demand in enumerate(demanded_by_neighbours(numbers, groups)):
        entry = entries[at]
        if entry is None or demand is None or column not in entry.columns:
            continue
        weight = Weight.HARD if demand.between else Weight.SOFT
        if numbers[at] == demand.number:
            yield at, _for(column, weight)
        else:
            yield at, _against(column, weight, f"Theo thứ tự trong sổ phải là {demand.number}")


def _number_once(entries: Entries) -> FindingsByEntry:
    numbers, years = [_number(entry, "so") for entry in entries], _years(entries)
    asked = demanded_by_neighbours(numbers, years)
    at_home = [d is not None and d.number == n for n, d in zip(numbers, asked, strict=True)]
    places: dict[tuple[int | None, int], list[int]] = {}
    for at, (number, year) in enumerate(zip(numbers, years, strict=True)):
        if number is not None:
            places.setdefault((year, number), []).append(at)
    for (_, number), same in places.items():
        if len(same) > 1:
            for at in same:
                if not at_home[at] or all(at_home[other] for other in same):
                    yield at, _against("so", Weight.HARD, f"Số {number} có {len(same)} lần trong sổ")


def _no_gap(entries: Entries) -> FindingsByEntry:
    """Two runs that are each in order, with numbers left out between them: a page may be missing."""
    numbers, years = [_number(entry, "so") for entry in entries], _years(entries)
    for at in range(2, len(numbers) - 1):
        around = numbers[at - 2 : at + 2]
        if None in around or len({y for y in years[at - 2 : at + 2] if y is not None}) > 1:
            continue
        earlier, last, here, following = (n for n in around if n is not None)
        if last - earlier == 1 and following - here == 1 and here - last > 1:
            missing = str(last + 1) if here - last == 2 else f"{last + 1} đến {here - 1}"
            yield at, _against("so", Weight.SOFT, f"Thiếu số {missing} trước số này")


MAX_NEIGHBOUR_SPAN_DAYS = 62
"""Days between the registrations around one that it may lie in to be supported: two months of a small commune."""


def _dates_rise(entries: Entries) -> FindingsByEntry:
    dates = [_whole_date(entry) for entry in entries]
    days = [date.first.toordinal() if date is not None else None for date in dates]
    rise = longest_rise(days)
    if len(rise) < 3:
        return
    risen = set(rise)
    for at, day in enumerate(days):
        if day is None:
            continue
        before = next((i for i in reversed(rise) if i < at), None)
        after = next((i for i in rise if i > at), None)
        if at in risen:
            inside = before is not None and after is not None
            if inside and (days[after] or 0) - (days[before] or 0) <= MAX_NEIGHBOUR_SPAN_DAYS:  # type: ignore[index]
                yield at, _for("ngayDangKy", Weight.SOFT)
            continue
        sides = [
            f"{side} là {date.shown}"
            for side, other in (("trước đó", before), ("sau đó", after))
            if other is not None and (date := dates[other]) is not None
        ]
        yield at, _against("ngayDangKy", Weight.HARD, f"Không theo thứ tự trong sổ: {', '.join(sides)}")


def _year_of_book(entries: Entries) -> FindingsByEntry:
    for at, entry in enumerate(entries):
        date = date_of(entry, "ngayDangKy") if entry is not None else None
        if entry is None or date is None:
            continue
        first, last = entry.years
        if first <= date.first.year <= last:
            yield at, _for("ngayDangKy", Weight.SOFT)
        else:
            span = str(first) if first == last else f"{first}-{last}"
            yield at, _against("ngayDangKy", Weight.HARD, f"Sổ của năm {span}")


MIN_ENTRIES_TO_LEARN = 5
"""Entries with both numbers that a book must have before it is said to tie them together."""

MIN_AGREEING_SHARE = 0.8
"""Share of these that must agree."""


def _page_and_number(entries: Entries) -> FindingsByEntry:
    """Where a book gives each page the number of its entry, or one that is always as far from it."""
    apart: dict[int, int] = {}
    for at, entry in enumerate(entries):
        leaf, number = _number(entry, "trangSo"), _number(entry, "so")
        if leaf is not None and number is not None:
            apart[at] = leaf - number
    if len(apart) < MIN_ENTRIES_TO_LEARN:
        return
    (usual, count), *_ = Counter(apart.values()).most_common(1)
    if count < MIN_AGREEING_SHARE * len(apart):
        return
    for at, distance in apart.items():
        if distance == usual:
            yield at, _for("so", Weight.HARD)
            yield at, _for("trangSo", Weight.HARD)
        else:
            yield at, _against("so", Weight.SOFT, f"Trang ghi {_number(entries[at], 'trangSo')}")
            yield at, _against("trangSo", Weight.SOFT, f"Số ghi {_number(entries[at], 'so')}")


MIN_VOLUME_SHARE = 0.5
"""Share of a book's entries that must agree on its volume."""


def _one_volume(entries: Entries) -> FindingsByEntry:
    """A book is one volume: where an entry names the volume, it is the one that most of the others name."""
    volumes = {at: number for at, entry in enumerate(entries) if (number := _number(entry, "quyenSo")) is not None}
    if len(volumes) < MIN_ENTRIES_TO_LEARN:
        return
    (usual, count), *_ = Counter(volumes.values()).most_common(1)
    if count <= MIN_VOLUME_SHARE * len(volumes):
        return
    for at, number in volumes.items():
        if number == usual:
            yield at, _for("quyenSo", Weight.SOFT)
        else:
            yield at, _against("quyenSo", Weight.HARD, f"Các trang khác của sổ ghi quyển {usual}")


RECURRING_COLUMNS = ("nguoiKy", "chucVuNguoiKy", "nguoiThucHien")
"""Columns with few different values in a book."""

PLACE_COLUMN_ENDINGS = ("NoiSinh", "QueQuan", "NoiCuTru", "NoiChet")
"""Endings of the columns of places, whose last parts (commune, district, province) recur in a book."""

MIN_SUPPORTING_COUNT = 3
"""Times a value must be in the book to be supported."""

MIN_FREQUENT_COUNT = 5
"""Times a value must be in the book for a value that nearly equals it to be doubted."""

MAX_NEAR_EDITS = 1
"""Letters in which a value nearly equals another; more, and neighbouring communes would be taken for each other."""


def _recurring(entries: Entries) -> FindingsByEntry:
    columns = {column for entry in entries if entry is not None for column in entry.columns}
    for column in sorted(columns):
        if column in RECURRING_COLUMNS:
            yield from _learnt(entries, column, lambda text: text)
        elif column.endswith(PLACE_COLUMN_ENDINGS):
            yield from _learnt(entries, column, lambda text: text.partition(",")[2])


def _learnt(entries: Entries, column: str, part: Callable[[str], str]) -> FindingsByEntry:
    texts = {at: text for at, e in enumerate(entries) if e is not None and (text := part(e.text(column)).strip(" ,."))}
    counts = Counter(compact(text) for text in texts.values())
    shown = {compact(text): text for text in texts.values()}
    frequent = [value for value, count in counts.items() if count >= MIN_FREQUENT_COUNT and value]
    for at, text in texts.items():
        value = compact(text)
        if counts[value] >= MIN_SUPPORTING_COUNT:
            yield at, _for(column, Weight.SOFT)
        elif near := [f for f in frequent if _nearly(value, f)]:
            usual = max(near, key=lambda f: counts[f])
            yield at, _against(column, Weight.SOFT, f"Gần giống “{shown[usual]}”, có {counts[usual]} lần trong sổ")


def _nearly(value: str, usual: str) -> bool:
    """Alike but for a letter; figures (phường 1, phường 3) mean different things."""
    figures = [[c for c in text if c.isdigit()] for text in (value, usual)]
    return (
        figures[0] == figures[1] and Levenshtein.distance(value, usual, score_cutoff=MAX_NEAR_EDITS) <= MAX_NEAR_EDITS
    )


BOOK_RULES: tuple[BookRule, ...] = (
    BookRule("book.numbers_run", "numbers of entries run on", "TT 04/2020/TT-BTP Đ29", _numbers_run),
    BookRule("book.number_once", "no number stands twice in a year", "TT 04/2020/TT-BTP Đ29", _number_once),
    BookRule("book.number_gap", "no number is left out", "TT 04/2020/TT-BTP Đ29", _no_gap),
    BookRule("book.pages_run", "pages run on", "TT 04/2020/TT-BTP Đ29", _pages_run),
    BookRule("book.page_number", "page and number go together where the book does so", "real scans", _page_and_number),
    BookRule("book.dates_rise", "days of registration never go back", "TT 04/2020/TT-BTP Đ29", _dates_rise),
    BookRule("book.volume", "all entries name one volume", "the form: Quyển số", _one_volume),
    BookRule("book.year", "registrations are of the book's years", "Luật Hộ tịch 60/2014 Đ58", _year_of_book),
    BookRule("book.recurring", "officials and places recur", "real scans: few values in a book", _recurring),
)
"""All rules along a book, in the order they are asked."""


def _for(column: str, weight: Weight) -> RuleFinding:
    return RuleFinding("", column, Verdict.SUPPORTS, weight)


def _against(column: str, weight: Weight, text: str) -> RuleFinding:
    return RuleFinding("", column, Verdict.CONTRADICTS, weight, text)


def _number(entry: RuleEntry | None, column: str) -> int | None:
    """The number alone or before its year: "5", "05/2006"."""
    found = re.match(r"\s*([0-9]{1,6})(?![0-9])", entry.coded(column)) if entry is not None else None
    return int(found[1]) if found else None


def _whole_date(entry: RuleEntry | None) -> PartialDate | None:
    date = date_of(entry, "ngayDangKy") if entry is not None else None
    return date if date is not None and date.whole else None


def _years(entries: Entries) -> list[int | None]:
    """Year of registration of each entry whose date is whole and of the book's years; numbers begin anew with it."""
    years: list[int | None] = []
    for entry in entries:
        date = _whole_date(entry)
        inside = entry is not None and date is not None and entry.years[0] <= date.first.year <= entry.years[1]
        years.append(date.first.year if inside and date is not None else None)
    return years
