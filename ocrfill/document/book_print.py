"""A book's print: its form as this printing has it, learnt from its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from ocrfill.document.template import FormTemplate

MODEL_NAME = "print"
"""Under this name, with its version, a print stands among the models by which a page was read."""


@dataclass(frozen=True, slots=True)
class PageName:
    """A page: the hash of its scan's content and its number there, from 1."""

    sha256: str
    number: int


@dataclass(frozen=True, slots=True)
class BookPrint:
    """One printing of a form: the template with lines, labels and gaps where it has them, and the pages that told it.

    A book's prints are numbered from 1 in the order in which they were learnt.
    """

    version: Annotated[int, Ge(1)]
    pages: tuple[PageName, ...]
    template: FormTemplate

    @property
    def model(self) -> str:
        """How a result names it."""
        return f"{MODEL_NAME} {self.version}"


def has_print(models: Sequence[str]) -> bool:
    """Whether a page with these models was read by a print of its book."""
    return any(model.startswith(f"{MODEL_NAME} ") for model in models)


def print_offsets(form: FormTemplate, learnt: FormTemplate) -> tuple[float, float]:
    """How far the labels of a print lie from their places in the form at most: across as a share of the page's width,
    down as a share of its height.
    """
    pairs = list(zip(form.lines, learnt.lines, strict=True))
    across = [abs(a.x - b.x) for one, two in pairs for a, b in zip(one.labels, two.labels, strict=True)]
    return max(across, default=0.0), max((abs(one.y - two.y) for one, two in pairs), default=0.0)
