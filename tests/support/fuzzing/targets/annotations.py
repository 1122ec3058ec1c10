"""Annotations that come back from Label Studio, of every shape."""

from __future__ import annotations

import json
import random
from pathlib import Path

from support.fuzzing.plain_words import assert_plain
from support.fuzzing.target import Target
from support.fuzzing.values import made_odd, odd_text, odd_value

from ocrfill.document.correction import FieldPlace, Purpose
from ocrfill.review.answers import AskedField, UnusableAnswer, annotator_number, correction_of
from ocrfill.store.corrections import moment_text
from ocrfill.store.page_rows import check_text

ANNOTATION = {
    "id": 21,
    "completed_by": 1,
    "updated_by": {"id": 2, "email": "a@xa.example"},
    "lead_time": 2.5,
    "was_cancelled": False,
    "created_at": "2026-03-04T01:00:00.000000Z",
    "updated_at": "2026-03-04T01:00:07.000000Z",
    "result": [
        {"id": "a", "from_name": "typed", "to_name": "task", "type": "textarea", "value": {"text": ["Lê Thị Ba"]}},
        {"id": "b", "from_name": "state", "to_name": "task", "type": "choices", "value": {"choices": ["blank"]}},
        {"id": "c", "from_name": "pick", "to_name": "task", "type": "choices", "value": {"choices": ["Lê Thị Bà"]}},
    ],
}

OUTLINE = ((1.0, 2.5), (3.0, 4.0))


class Annotations(Target):
    """`correction_of` and `annotator_number`; a correction must be one that any store can hold."""

    max_mb = 300

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked = AskedField(FieldPlace("aa", 1, 1, "ho_ten"), "Lê Thị Ba", Purpose.REVIEW, OUTLINE)

    def draw(self, chance: random.Random) -> object:
        if chance.random() < 0.05:
            return odd_value(chance)
        given = dict(ANNOTATION, result=list(ANNOTATION["result"])[: chance.randrange(4)])
        if chance.random() < 0.3 and given["result"]:
            given["result"] = [{"from_name": "typed", "value": {"text": [odd_text(chance)]}}]
            return given if chance.random() < 0.5 else made_odd(chance, given)
        return made_odd(chance, given)

    def check(self, given: object) -> None:
        try:
            annotator_number(given)
            found = correction_of(self.asked, given, "thu@xa.local", "http://127.0.0.1:1 project 1", 11)
        except UnusableAnswer as error:
            assert_plain(str(error))
            return
        check_text(found.prefilled + (found.entered or "") + found.who)
        assert moment_text(found.when).endswith("+00:00")
        assert 0 <= found.annotation < 2**63
        json.dumps([found.entered, found.seconds], allow_nan=False)
