"""Texts from the command line: composed and tidy from the first moment, like those that are read or typed.

A keyboard, a file manager or another system's terminal may give `ị` as one character or as two. Paths stay as they
are: a file system may know only one of the two.
"""

from __future__ import annotations

from typing import Any

import click

from ocrfill.civil_status.orthography import no_character, tidy


class TextType(click.ParamType[str]):
    """A text that is no path: in NFC, single spaces, without what is not seen."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as ocrfill keeps it; a usage error for one that no file can hold."""
        text = str(value)
        if no_character(text) is not None:
            self.fail("the text holds bytes that are no characters of UTF-8", param, ctx)
        return tidy(text)


TEXT = TextType()


def one_line(text: str) -> str:
    """A text that names a file, safe for a terminal: what cannot be seen there, or steers it, is written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
