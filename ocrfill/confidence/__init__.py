"""How sure we are of a field, and what happens with it next.

Where nothing is calibrated a filled field carries its reader's own score and goes to a person.
"""

from ocrfill.confidence.acceptance import Cut, Promise, choose_cut
from ocrfill.confidence.audit import Audit, AuditState, audit
from ocrfill.confidence.calibrator import Calibrator
from ocrfill.confidence.emptiness import BLANK, emptiness
from ocrfill.confidence.groups import DEALT, GROUPS, Group
from ocrfill.confidence.judge import UNREAD, Judgement, judge_ticks, judge_writing, read_score
from ocrfill.confidence.rightness import is_right
from ocrfill.confidence.signs import Backing, Signs, signs_of
from ocrfill.confidence.trust import Cuts, GroupTrust, Learnt, Promised, Trust, is_accepted

__all__ = [
    "BLANK",
    "DEALT",
    "GROUPS",
    "UNREAD",
    "Audit",
    "AuditState",
    "Backing",
    "Calibrator",
    "Cut",
    "Cuts",
    "Group",
    "GroupTrust",
    "Judgement",
    "Learnt",
    "Promise",
    "Promised",
    "Signs",
    "Trust",
    "audit",
    "choose_cut",
    "emptiness",
    "is_accepted",
    "is_right",
    "judge_ticks",
    "judge_writing",
    "read_score",
    "signs_of",
]
