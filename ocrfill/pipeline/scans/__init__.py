"""Scans in: folders, PDF, TIFF, JPEG, PNG, BMP and WebP files become pages."""

from ocrfill.pipeline.scans.find import FoundScans, find_scans
from ocrfill.pipeline.scans.scan import Scan, open_scan

__all__ = ["FoundScans", "Scan", "find_scans", "open_scan"]
