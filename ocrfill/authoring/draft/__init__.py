"""A first layout of a form drafted from scans of filled pages."""

from ocrfill.authoring.draft.draft_layout import LayoutDraft, Step, draft_layout
from ocrfill.authoring.draft.sample_pages import choose_pages, open_pages

__all__ = ["LayoutDraft", "Step", "choose_pages", "draft_layout", "open_pages"]
