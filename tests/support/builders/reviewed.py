"""A workspace whose pages were read with chance mistakes and reviewed by a person who knows the truth."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from support.builders.book import KS, TEXTS, ks_layout, made_record, made_result

from ocrfill.acceptance.second_reading import BOOK_READER
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.result import Alternative, Character, Reading
from ocrfill.store import Store

layout_of_book = cache(ks_layout)

START = datetime(2026, 1, 1, tzinfo=UTC)

WRONG = {"closed": 0.03, "other": 0.25}
"""Share of strips that are misread, where the value is of a list and elsewhere."""


def misread(text, rng):
    """The text with one letter or figure that is another."""
    at = int(rng.integers(len(text)))
    other = "7" if text[at] == "1" else "1" if text[at].isdigit() else "ô" if text[at] != "ô" else "o"
    return text[:at] + other + text[at + 1 :]


def read_strip(text, rng, wrong):
    """A reading of the text: mostly right and sure, else wrong and rather unsure, the truth among its alternatives."""
    is_wrong = bool(text) and rng.random() < wrong
    score = float(np.clip(rng.beta(2, 3) if is_wrong else rng.beta(12, 1.2), 0.01, 0.999))
    shown = misread(text, rng) if is_wrong else text
    other = text if is_wrong else misread(text, rng) if text else ""
    letters = tuple(Character(c, score**0.5) for c in shown)
    return Reading(shown, score, "fake", letters, (Alternative(other, (1 - score) * 0.6),) if other else ())


def page_of(number, rng):
    """The result of a page of the birth register, and the text that truly stands in each of its fields."""
    layout = layout_of_book()
    texts = dict(TEXTS) | {"so": (f"{number:02d}",), "trang": (str(number),)}
    true = made_record(layout, texts)
    read = {
        name: tuple(
            read_strip(t, rng, WRONG["closed" if layout.fields[name].type.kind == "choice" else "other"])
            for t in strips
        )
        for name, strips in texts.items()
    }
    fields = []
    for field in true.fields:
        readings = read.get(field.name, ())
        if not readings:
            fields.append(field)
            continue
        value = layout.fields[field.name].type.parse(readings)
        score = round(min(r.score for r in readings if r.text), 4)
        fields.append(
            replace(
                field,
                raw=value.raw,
                normalised=value.normalised,
                issues=value.issues,
                readings=readings,
                probability=score,
            )
        )
    source = f"scans/{number:04d}.jpg"
    return made_result(source, replace(true, fields=tuple(fields))), {f.name: f.raw for f in true.fields if f.raw}


def scan_of(number):
    return hashlib.sha256(f"page {number}".encode()).hexdigest()


def answered(number, field, entered, prefilled, *, purpose=Purpose.REVIEW, annotation=0, minutes=0):
    """What the person left in a field of page `number`."""
    return Correction(
        place=FieldPlace(scan_of(number), 1, 1, field),
        prefilled=prefilled,
        entered=entered,
        answer=Answer.CONFIRMED if entered == prefilled else Answer.CORRECTED,
        purpose=purpose,
        who="Lan",
        when=START + timedelta(minutes=minutes),
        seconds=3.0,
        source="test",
        task=annotation,
        annotation=annotation,
    )


def reviewed_workspace(folder: Path, *, pages, reviewed=None, seed=0):
    """A workspace with the book KS of so many pages; of the first `reviewed` (all) a person has settled every field.

    Returns the workspace and, for each page, the truth of its fields.
    """
    rng = np.random.default_rng(seed)
    truths = {}
    with Store.open(folder / "work", create=True) as store:
        store.add_book(KS, layout_of_book().version)
        results, corrections = {}, []
        for number in range(1, pages + 1):
            result, truths[number] = page_of(number, rng)
            store.add_scan(KS.key, result.source, scan_of(number), 1)
            results[result.source] = result
            for field in result.records[0].fields:
                if field.name in truths[number] and number <= (pages if reviewed is None else reviewed):
                    true = truths[number][field.name]
                    corrections.append(answered(number, field.name, true, field.raw, annotation=len(corrections) + 1))
        for page in store.todo():
            store.put(page.id, results[page.source])
        store.add_corrections(corrections)
    return folder / "work", truths


def proposed_count(page):
    """How many fields of a judged page hold what the rest of the book proposes."""
    return sum(field.reader == BOOK_READER for record in page.records for field in record.fields)
