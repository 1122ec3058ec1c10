"""Learning whom to trust: reviewed fields become calibrators, promises, tables and pages."""

from ocrfill.trust.calibrate import Wish, calibrate
from ocrfill.trust.samples import Sample, reviewed_samples, true_samples

__all__ = ["Sample", "Wish", "calibrate", "reviewed_samples", "true_samples"]
