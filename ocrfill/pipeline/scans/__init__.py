"""Scans in: folders, PDF, TIFF, JPEG, PNG, BMP and WebP files become pages."""

from ocrfill.pipeline.scans.find import Found, find_scans
from ocrfill.pipeline.scans.scan import Scan, open_scan

__all__ = ["Found", "Scan", "find_scans", "open_scan"]
