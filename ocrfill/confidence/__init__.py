"""How sure we are of a field, and what happens with it next.

Nothing is calibrated yet: a filled field carries its reader's own score and goes to a person.
"""

from ocrfill.confidence.emptiness import BLANK, emptiness
from ocrfill.confidence.judge import UNREAD, Judgement, judge_ticks, judge_writing
from ocrfill.confidence.signs import Backing, Signs, signs_of

__all__ = [
    "BLANK",
    "UNREAD",
    "Backing",
    "Judgement",
    "Signs",
    "emptiness",
    "judge_ticks",
    "judge_writing",
    "signs_of",
]
