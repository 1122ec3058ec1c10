"""The reviewing page of a project: Label Studio's labelling config, from `screen.xml` and the words of a language."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from string import Template

from ocrfill.review.translations import SCREEN_TEXTS, Language

SHEET_OBJECT, PICK_CONTROL, TYPED_CONTROL, STATE_CONTROL = "sheet", "pick", "typed", "state"
"""The names, in the config and in every answer, of what is shown, the options, the box to type in, and the states."""

UNREADABLE_STATE, WRONGLY_CUT_STATE, BLANK_STATE = "unreadable", "wrongly_cut", "blank"
"""The states as answers give them; the words on the screen are aliases."""


@cache
def screen(language: Language) -> str:
    """The labelling config in that language."""
    words = SCREEN_TEXTS[language]
    template = (resources.files("ocrfill.review") / "screen.xml").read_text(encoding="utf-8")
    names = ("whole_page", "other_value", "unreadable", "wrongly_cut", "blank", "keys")
    return Template(template).substitute({name: escape(getattr(words, name), quote=True) for name in names})
