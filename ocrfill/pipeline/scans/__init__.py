"""Scans in: folders, PDF, TIFF, JPEG, PNG, BMP and WebP files become pages."""

from ocrfill.pipeline.scans.find import FoundScans, find_scans
from ocrfill.pipeline.scans.hashed_file import HashedFile, hash_file
from ocrfill.pipeline.scans.scan import Scan, open_hashed, open_scan

__all__ = ["FoundScans", "HashedFile", "Scan", "find_scans", "hash_file", "open_hashed", "open_scan"]
