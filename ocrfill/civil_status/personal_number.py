"""What the personal number of 12 digits says of its bearer (TT 07/2016/TT-BCA, annex I)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """The number's parts: three digits for the province of registration, one for century and sex, two for the year."""

    province: str
    male: bool
    year: int


def read_personal_number(number: str) -> PersonalNumber | None:
    """The parts of a number of 12 digits; None for any other text and for centuries after the 22nd."""
    found = re.fullmatch(r"([0-9]{3})([0-5])([0-9]{2})[0-9]{6}", number)
    if found is None:
        return None
    century = 1900 + 100 * (int(found[2]) // 2)
    return PersonalNumber(found[1], int(found[2]) % 2 == 0, century + int(found[3]))
