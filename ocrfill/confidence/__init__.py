"""How sure we are of a field, and what happens with it next.

Nothing is calibrated yet: a filled field carries its reader's own score and goes to a person.
"""

from ocrfill.confidence.emptiness import BLANK, emptiness
from ocrfill.confidence.judge import UNREAD, Judgement, judge_ticks, judge_writing

__all__ = ["BLANK", "UNREAD", "Judgement", "emptiness", "judge_ticks", "judge_writing"]
