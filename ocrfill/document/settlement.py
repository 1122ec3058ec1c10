"""Which of the corrections of one field says what is written there."""

from __future__ import annotations

from collections.abc import Iterable

from ocrfill.civil_status.orthography import one_spelling
from ocrfill.document.correction import ANSWERS_WITH_VALUE, Answer, Correction, FieldPlace, Purpose


def latest_of_each(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """Each person's last word on a field, in order of time; a skipped field is no word."""
    last: dict[tuple[str, Purpose], Correction] = {}
    for correction in sorted(corrections, key=lambda c: (c.when, c.annotation)):
        if correction.answer is not Answer.SKIPPED:
            last.pop((correction.who, correction.purpose), None)
            last[correction.who, correction.purpose] = correction
    return tuple(last.values())


def answers_agree(one: Correction, other: Correction) -> bool:
    """Whether two answers say the same: the same value, or both the same reason why there is none.

    Where a tone mark stands (hòa, hoà) and how wide a space is are no differences; capitals are.
    """
    if one.answer in ANSWERS_WITH_VALUE and other.answer in ANSWERS_WITH_VALUE:
        return one_spelling(one.entered or "") == one_spelling(other.entered or "")
    return one.answer is other.answer


def settled_correction(corrections: Iterable[Correction]) -> Correction | None:
    """The correction that counts for a field: the checker's, else the last; None while two persons disagree.

    The answer to a task that was shown to one person is that person's last. Where a second person was asked and says
    something else, nobody is right until a checker has answered.
    """
    words = latest_of_each(corrections)
    if checks := [c for c in words if c.purpose is Purpose.CHECK]:
        return checks[-1]
    firsts = [c for c in words if c.purpose is not Purpose.SECOND]
    # the same person asked twice is no second person
    seconds = [c for c in words if c.purpose is Purpose.SECOND and (not firsts or c.who != firsts[-1].who)]
    if firsts and seconds and not answers_agree(firsts[-1], seconds[-1]):
        return None
    return words[-1] if words else None


def corrections_by_field(corrections: Iterable[Correction]) -> dict[FieldPlace, list[Correction]]:
    """The corrections by field."""
    said: dict[FieldPlace, list[Correction]] = {}
    for correction in corrections:
        said.setdefault(correction.place, []).append(correction)
    return said
