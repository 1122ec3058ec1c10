"""How sure we are of a field, and what happens with it next.

Where nothing is calibrated a filled field carries its reader's own score and goes to a person.
"""

from ocrfill.acceptance.audit import Audit, AuditState, audit
from ocrfill.acceptance.calibrator import Calibrator
from ocrfill.acceptance.features import Backing, Features, features_of
from ocrfill.acceptance.field_groups import GROUP_OF_KIND, SAMPLE_SHARE_OF_GROUP, Group
from ocrfill.acceptance.policy import CalibratorOrigin, GroupTrust, ProvenGuarantee, Thresholds, Trust, is_accepted
from ocrfill.acceptance.thresholds import RiskGuarantee, Threshold, choose_threshold

__all__ = [
    "GROUP_OF_KIND",
    "SAMPLE_SHARE_OF_GROUP",
    "Audit",
    "AuditState",
    "Backing",
    "Calibrator",
    "CalibratorOrigin",
    "Features",
    "Group",
    "GroupTrust",
    "ProvenGuarantee",
    "RiskGuarantee",
    "Threshold",
    "Thresholds",
    "Trust",
    "audit",
    "choose_threshold",
    "features_of",
    "is_accepted",
]
