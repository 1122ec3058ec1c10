"""A first layout of a form drafted from scans of filled pages."""

from ocrfill.draft.choosing import choose_pages, opened
from ocrfill.draft.drafting import Draft, Step, draft_layout

__all__ = ["Draft", "Step", "choose_pages", "draft_layout", "opened"]
