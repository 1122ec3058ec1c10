"""What a person answered to a task, as a correction; or why it cannot be taken. Pure: no server, no files.

An annotation is what a server, a plug-in or a script left there, so nothing of it is believed: one that is not as Label
Studio writes it is refused by itself, and the others of its batch are taken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ocrfill.civil_status.orthography import no_character, tidy
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.errors import ReviewError
from ocrfill.review.labeling_config import (
    BLANK_STATE,
    PICK_CONTROL,
    STATE_CONTROL,
    TYPED_CONTROL,
    UNREADABLE_STATE,
    WRONGLY_CUT_STATE,
)

MAX_ANSWER_CHARACTERS = 4000
"""A field of a register holds some lines of writing; a cell of a spreadsheet takes 32,767 characters."""

MAX_ROW_NUMBER = 2**63 - 1
"""The greatest number of a row that a database can hold."""

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years in which an answer can have been given."""

MAX_ANSWER_SECONDS = 1e8
"""Three years: a longer time is of a clock that was set."""


class UnusableAnswer(ReviewError):
    """An annotation that is no answer; its text says why, and nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class AskedField:
    """What a task asked, as the store remembers it: the field, the value shown, why, and where it lay."""

    place: FieldPlace
    prefilled: str
    purpose: Purpose
    outline: tuple[tuple[float, float], ...]


def correction_of(asked: AskedField, annotation: object, who: str, source: str, task: int) -> Correction:
    """What a person's annotation of that task says. Raises UnusableAnswer where it is no answer."""
    if not isinstance(annotation, Mapping):
        raise UnusableAnswer("it is no annotation")
    answer, entered = _answer(annotation, asked.prefilled)
    return Correction(
        place=asked.place,
        prefilled=asked.prefilled,
        entered=entered,
        answer=answer,
        purpose=asked.purpose,
        who=tidy(who),
        when=_moment(annotation.get("updated_at")),
        seconds=_seconds(annotation.get("lead_time")),
        source=source,
        task=task,
        annotation=annotation_number(annotation),
        outline=asked.outline,
    )


def annotation_number(annotation: object) -> int:
    """The number of an annotation. Raises UnusableAnswer where it has none."""
    number = annotation.get("id") if isinstance(annotation, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_ROW_NUMBER:
        raise UnusableAnswer("it has no number (id) that a database can hold")
    return number


def annotator_number(annotation: object) -> int | None:
    """The number of the user who answered last, None where none is told. Raises UnusableAnswer for what is none."""
    if not isinstance(annotation, Mapping):
        raise UnusableAnswer("it is no annotation")
    number = annotation.get("updated_by") or annotation.get("completed_by")
    if isinstance(number, Mapping):
        number = number.get("id")
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_ROW_NUMBER:
        raise UnusableAnswer("who answered (updated_by, completed_by) is no user's number")
    return number


def _moment(written: object) -> datetime:
    """The moment in UTC; one without a time zone is in UTC, as the server's filters take it."""
    try:
        found = datetime.fromisoformat(written if isinstance(written, str) else "")
        moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnusableAnswer("its time (updated_at) is none") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise UnusableAnswer(f"its time (updated_at) is of no year from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def _seconds(written: object) -> float | None:
    """The seconds, None where nobody measured, or a clock was set meanwhile."""
    if written is None:
        return None
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise UnusableAnswer("its seconds (lead_time) are no number")
    # compared before it is made a float: an int of Python's has no end
    return float(written) if 0 <= written <= MAX_ANSWER_SECONDS and math.isfinite(written) else None


def _answer(annotation: Mapping[Any, Any], prefilled: str) -> tuple[Answer, str | None]:
    """A state counts before what stands in the box, an edited box before a picked option.

    The box holds the pre-filled value from the start, so an annotation without any text is of a box that was emptied.
    """
    cancelled = annotation.get("was_cancelled")
    if cancelled is not None and not isinstance(cancelled, bool):
        raise UnusableAnswer("whether it was skipped (was_cancelled) is neither true nor false")
    if cancelled:
        return Answer.SKIPPED, None
    given = _given(annotation.get("result"))
    state = _text(given, STATE_CONTROL, "choices")
    if state == UNREADABLE_STATE:
        return Answer.UNREADABLE, None
    if state == WRONGLY_CUT_STATE:
        return Answer.WRONGLY_CUT, None
    if state not in ("", BLANK_STATE):
        raise UnusableAnswer("its state is none of the page's")
    shown = tidy(prefilled)
    typed = "" if state == BLANK_STATE else _kept(_text(given, TYPED_CONTROL, "text"))
    if typed != shown:
        return Answer.CORRECTED, typed
    picked = _kept(_text(given, PICK_CONTROL, "choices"))
    if picked and picked != shown and state != BLANK_STATE:
        return Answer.PICKED, picked
    return Answer.CONFIRMED, prefilled


def _given(result: object) -> dict[str, Mapping[Any, Any]]:
    """What was given to each control of the page."""
    if result is None:
        return {}
    if not isinstance(result, list):
        raise UnusableAnswer("its answers (result) are no list")
    given = {}
    for part in result:
        name = part.get("from_name") if isinstance(part, Mapping) else None
        value = part.get("value", {}) if isinstance(part, Mapping) else None
        if not isinstance(value, Mapping | None) or not isinstance(name, str | None) or not isinstance(part, Mapping):
            raise UnusableAnswer("one of its answers (result) is none")
        if name is not None:
            given[name] = value or {}
    return given


def _text(given: Mapping[str, Mapping[Any, Any]], control: str, kind: str) -> str:
    """The one text given to a control; empty where there is none."""
    found = given.get(control, {}).get(kind)
    if isinstance(found, list):
        found = found[0] if found else None
    if found is None:
        return ""
    if not isinstance(found, str):
        raise UnusableAnswer(f"what was answered to {control} is no text")
    return found


def _kept(text: str) -> str:
    """The text as it is kept. Raises UnusableAnswer for one that no file could hold, or no field of a register."""
    if (code := no_character(text)) is not None:
        raise UnusableAnswer(f"its text holds {code}, which is no character")
    kept = tidy(text[: 4 * MAX_ANSWER_CHARACTERS])  # composing a long run of marks takes the square of its length
    if len(kept) > MAX_ANSWER_CHARACTERS or len(text) > 4 * MAX_ANSWER_CHARACTERS:
        raise UnusableAnswer(f"its text has more than {MAX_ANSWER_CHARACTERS} characters")
    return kept
