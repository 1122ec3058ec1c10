"""Layouts: one YAML file per printed form."""

from ocrfill.layouts.model import FieldSpec, Layout, Paper, load_layout, parse_layout, shipped_layouts

__all__ = ["FieldSpec", "Layout", "Paper", "load_layout", "parse_layout", "shipped_layouts"]
