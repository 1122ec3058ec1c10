"""A first layout of a form drafted from scans of filled pages."""

from ocrfill.authoring.draft.draft_layout import Draft, Step, draft_layout
from ocrfill.authoring.draft.sample_pages import choose_pages, opened

__all__ = ["Draft", "Step", "choose_pages", "draft_layout", "opened"]
