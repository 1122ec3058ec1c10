"""Layouts: one YAML file per printed form."""

from ocrfill.layouts.load import load_layout, parse_layout, shipped_layouts
from ocrfill.layouts.model import FieldSpec, Layout, PaperSize, Tuning

__all__ = ["FieldSpec", "Layout", "PaperSize", "Tuning", "load_layout", "parse_layout", "shipped_layouts"]
