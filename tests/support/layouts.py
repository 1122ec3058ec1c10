"""What tests ask of layouts."""

from __future__ import annotations

from ocrfill.layouts import Layout


def field_for(layout: Layout, column: str) -> str | None:
    """The name of the field that fills an export column, None where no field does."""
    return next((name for name, spec in layout.fields.items() if column in spec.columns), None)
