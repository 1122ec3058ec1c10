"""Offices of those who sign in registers: their titles, and a signature's text parted into name and office."""

from __future__ import annotations

import re

OFFICE_TITLES = (
    "Chủ tịch",
    "chủ tịch",
    "Phó Chủ tịch",
    "Phó chủ tịch",
    "P. Chủ tịch",
    "CT",
    "PCT",
    "TM. UBND Chủ tịch",
    "KT. Chủ tịch Phó Chủ tịch",
    "Cán bộ Tư pháp",
    "Cán bộ tư pháp hộ tịch",
    "Công chức Tư pháp - Hộ tịch",
    "Trưởng Công an xã",
    "Trưởng phòng Tư pháp",
    "Ủy viên",
    "Ủy ban nhân dân",
)
"""As they are written beside names; forms of the years 1999 to 2020 leave the choice to who signs."""

_TITLE = re.compile(
    r"(?:T\.?M\b|K\.?T\b|T\.?L\b|P\.?\s?C\.?T\b|C\.?T\b"
    r"|(?:UBND\b|[ỦU][ỷy] ban nhân dân)(?:\s+(?:xã|phường|thị trấn)\b)?"
    r"|(?:P\.|Phó)\s*chủ tịch|chủ tịch|(?:P\.|Phó)\s*trưởng\b|trưởng (?:công an|phòng|ban)(?:\s+xã\b)?"
    r"|cán bộ|công chức|tư pháp|hộ tịch|[ủu]y viên|thư ký)[.:]*",
    re.IGNORECASE,
)

_MARKS = " .,:;-–/"
"""What stands between a name and an office."""

MIN_NAME_WORDS = 2
"""A name has at least so many words."""


def name_and_office(text: str) -> tuple[str, str]:
    """The name and the office in a signature's text; an empty text where there is none of it.

    "Nguyễn Văn A - Chủ tịch", "Nguyễn Văn A Chủ tịch UBND xã", "PCT Nguyễn Văn A": an office before the name goes as
    far as titles stand one behind the other, one behind it to the end. Where no title is known, the first dash, comma
    or slash parts them.
    """
    before = _leading_titles(text)
    if before:
        name = text[before:].strip(_MARKS)
        if not name:
            return "", text.strip(_MARKS)
        behind = _TITLE.search(name)
        if len(name.split()) >= MIN_NAME_WORDS and behind is None:
            return name, text[:before].strip(_MARKS)
    found = next((m for m in _TITLE.finditer(text) if _begins_a_word(text, m.start())), None)
    if found is not None and len(text[: found.start()].split()) >= MIN_NAME_WORDS:
        return text[: found.start()].strip(_MARKS), text[found.start() :].strip(_MARKS)
    cut = min((i for i in map(text.find, "-–,/") if i >= 0), default=len(text))
    return text[:cut].strip(_MARKS), text[cut + 1 :].strip(_MARKS)


def _leading_titles(text: str) -> int:
    """How many letters at the beginning of a text are titles and what stands between them."""
    at = 0
    while True:
        start = at + len(text[at:]) - len(text[at:].lstrip(_MARKS))
        found = _TITLE.match(text, start)
        if found is None or found.end() == start:
            return at
        at = found.end()


def _begins_a_word(text: str, at: int) -> bool:
    return at == 0 or not text[at - 1].isalnum()
