"""Answers of persons to one field, for tests of corrections and of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime

from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import Decision, Field

KEY = "KS.2006.01"
PLACE = FieldPlace("aa", 1, 1, "ho_ten")
MORNING = datetime(2026, 3, 4, 1, 2, 3, 450_000, UTC)


def correction(entered: str | None = "Lê Thị Bà", answer: Answer = Answer.CORRECTED, **changes) -> Correction:
    given = {
        "place": PLACE,
        "prefilled": "Lê Thị Ba",
        "entered": entered,
        "answer": answer,
        "purpose": Purpose.REVIEW,
        "who": "thu@xa.local",
        "when": MORNING,
        "seconds": 3.25,
        "source": "http://127.0.0.1:8290 project 1",
        "task": 11,
        "annotation": 21,
        "outline": ((1.0, 2.5), (3.0, 4.0)),
    }
    return Correction(**given | changes)


def field(name: str) -> Field:
    return Field(name, "Họ và tên", "name", "Lê Thị Ba", None, 0.5, Decision.REVIEW, (), "tesseract", ((1.0, 2.5),))
