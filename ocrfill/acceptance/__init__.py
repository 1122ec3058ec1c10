"""How sure we are of a field, and what happens with it next.

Where nothing is calibrated a filled field carries its reader's own score and goes to a person.
"""

from ocrfill.acceptance.audit import Audit, AuditState, audit
from ocrfill.acceptance.calibrator import Calibrator
from ocrfill.acceptance.features import Backing, Signs, signs_of
from ocrfill.acceptance.field_groups import DEALT, GROUPS, Group
from ocrfill.acceptance.policy import Cuts, GroupTrust, Learnt, Promised, Trust, is_accepted
from ocrfill.acceptance.thresholds import Cut, Promise, choose_cut

__all__ = [
    "DEALT",
    "GROUPS",
    "Audit",
    "AuditState",
    "Backing",
    "Calibrator",
    "Cut",
    "Cuts",
    "Group",
    "GroupTrust",
    "Learnt",
    "Promise",
    "Promised",
    "Signs",
    "Trust",
    "audit",
    "choose_cut",
    "is_accepted",
    "signs_of",
]
