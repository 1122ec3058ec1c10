"""The JSON form of a page result: it comes back equal, it is documented, and it does not change."""

from __future__ import annotations

import dataclasses
import json

import pytest
from support.paths import ROOT

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
from ocrfill.document.result_json import from_document, to_document
from ocrfill.errors import BadInput

KEYS = {
    PageResult: "source page layout layout_version width height dpi turned fit models records issues failure",
    Failure: "stage reason",
    Record: "number fields issues",
    Field: "name label kind raw normalised probability decision issues reader polygon strips readings",
    Reading: "text score reader characters alternatives others",
    Character: "text score",
    Alternative: "text score",
    Issue: "code text",
}
"""What programs read. A key may be added here and in docs/reference/results.md; to change or drop one breaks them."""

DECISIONS = {"accept", "review", "empty", "not_read"}

docs = ROOT / "docs" / "reference" / "results.md"


def result() -> PageResult:
    reading = Reading("Nữ", 0.5, "fake", (Character("N", 0.5), Character("ữ", 0.75)), (Alternative("Nử", 0.25),))
    polygon = ((1.0, 2.0), (30.5, 2.0), (30.5, 9.0))
    field = Field(
        name="nks_gioi_tinh",
        label="Giới tính",
        kind="choice",
        raw="Nữ",
        normalised="Nữ",
        probability=0.5,
        decision=Decision.REVIEW,
        issues=(Issue("choice.unknown", "Không có trong danh mục"),),
        reader="fake",
        polygon=polygon,
        strips=(polygon,),
        readings=(reading,),
    )
    blank = dataclasses.replace(field, raw="", normalised=None, decision=Decision.EMPTY, reader=None, readings=())
    records = (Record(1, (field, blank)), Record(2, (), (Issue("a.b", "c"),)))
    return PageResult("x.jpg", 1, "ks", 1, 100, 200, 300.0, 180, 0.9, ("fake 1",), records, (Issue("d.e", "f"),))


@pytest.mark.parametrize("page", [result(), PageResult("x.pdf", 3, "ks", 2, failure=Failure("locate", "no fit"))])
def test_a_result_comes_back_equal(page: PageResult) -> None:
    assert from_document(json.loads(json.dumps(to_document(page)))) == page


@pytest.mark.parametrize("noun", KEYS, ids=lambda noun: noun.__name__)
def test_the_keys_have_not_changed(noun: type) -> None:
    assert [f.name for f in dataclasses.fields(noun)] == KEYS[noun].split()


def test_the_decisions_have_not_changed() -> None:
    assert {decision.value for decision in Decision} == DECISIONS


def test_the_document_has_these_keys() -> None:
    document = to_document(result())
    assert list(document) == KEYS[PageResult].split()
    field = document["records"][0]["fields"][0]
    assert list(field) == KEYS[Field].split()
    assert field["decision"] == "review"
    assert field["polygon"] == [[1.0, 2.0], [30.5, 2.0], [30.5, 9.0]]


@pytest.mark.parametrize("noun", KEYS, ids=lambda noun: noun.__name__)
def test_every_key_is_documented(noun: type) -> None:
    text = docs.read_text(encoding="utf-8")
    missing = [key for key in KEYS[noun].split() if f"`{key}`" not in text]
    assert not missing


def test_every_decision_is_documented() -> None:
    text = docs.read_text(encoding="utf-8")
    assert not [decision for decision in DECISIONS if f"`{decision}`" not in text]


def test_the_documented_example_is_valid() -> None:
    example = json.loads(docs.read_text(encoding="utf-8").split("```json")[1].split("```")[0])
    assert example["format"] == 1
    for page in example["pages"]:
        assert to_document(from_document(page)) == page


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], "not a page result"),
        ({"source": "x"}, "page: Field required"),
        ({"source": "x", "page": "one", "layout": "ks", "layout_version": 1}, "page: "),
    ],
)
def test_what_is_no_result_is_refused(document: object, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        from_document(document)
