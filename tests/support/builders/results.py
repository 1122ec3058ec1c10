"""Page results for tests of the store: any that the nouns allow, as Hypothesis draws them."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

from ocrfill.document.result import (
    Alternative,
    Character,
    Decision,
    Failure,
    Field,
    Issue,
    PageResult,
    Reading,
    Record,
)

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text)
) | st.sampled_from(["Nguyễn Thị Hòa", "01/2006", "", "Đặng Văn Ước"])
floats = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0, 1)
polygons = st.lists(st.tuples(floats, floats), max_size=3).map(tuple)


def some(strategy: st.SearchStrategy, size: int = 2) -> st.SearchStrategy:
    return st.lists(strategy, max_size=size).map(tuple)


issues = some(st.builds(Issue, texts, texts))
readings = st.builds(
    Reading,
    text=texts,
    score=shares,
    reader=texts,
    characters=some(st.builds(Character, texts, shares)),
    alternatives=some(st.builds(Alternative, texts, shares)),
)
fields = st.builds(
    Field,
    name=texts,
    label=texts,
    kind=texts,
    raw=texts,
    normalised=st.none() | texts,
    probability=shares,
    decision=st.sampled_from(Decision),
    issues=issues,
    reader=st.none() | texts,
    polygon=polygons,
    strips=some(polygons),
    readings=some(readings),
)
records = st.lists(
    st.builds(Record, number=st.integers(1, 50), fields=some(fields, 3), issues=issues),
    max_size=3,
    unique_by=lambda record: record.number,
).map(tuple)


def results(source: str, page: int) -> st.SearchStrategy[PageResult]:
    """Any result of that page."""
    return st.builds(
        PageResult,
        source=st.just(source),
        page=st.just(page),
        layout=texts,
        layout_version=st.integers(1, 99),
        width=st.integers(0, 9999),
        height=st.integers(0, 9999),
        dpi=floats,
        turned=st.sampled_from([0, 90, 180, 270]),
        fit=shares,
        models=some(texts),
        records=records,
        issues=issues,
        failure=st.none() | st.builds(Failure, texts, texts),
    )
