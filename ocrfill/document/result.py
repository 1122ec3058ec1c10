"""What was read on a page: readings, values, fields, records; JSON as docs/reference/results.md says, which stays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ocrfill.document.geometry import Polygon

TURNED_CODE, FLIPPED_CODE, NEGATIVE_CODE = "page.turned", "page.flipped", "page.negative"
"""Issues of a page whose scan shows it turned, as in a mirror, or light on dark: it is read, and shown, put right."""

MAY_BE_FLIPPED_CODE = "page.may_be_flipped"
"""Issue of a page without a layout to tell: its writing leans to the left, in the mirror or by a backhand."""


@dataclass(frozen=True, slots=True)
class Character:
    """One read character and the reader's score for it, 0 to 1."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading and its score, 0 to 1."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's answer for one crop, never overwritten. `score` is the reader's own, 0 to 1, not calibrated.

    `others` is what other readers said of the same crop, where several were asked.
    """

    text: str
    score: float
    reader: str
    characters: tuple[Character, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    others: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person should know about a value, a record or a page.

    `code` is stable and for programs; `text` is one line of Vietnamese for the clerk.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """What a field type makes of the readings: the writing as it stands, its coded form if any, and issues."""

    raw: str
    normalised: str | None
    issues: tuple[Issue, ...] = ()


class Decision(StrEnum):
    """What happens with a field next."""

    ACCEPT = "accept"
    REVIEW = "review"
    EMPTY = "empty"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record as ocrfill gives it away; its JSON form is documented in docs/reference/results.md and stays.

    `raw` is what is written, `normalised` its coded form (None where there is none), `probability` that `raw` is what
    a careful person would type. `polygon` is the outline around all strips and `strips` one polygon a line of
    writing, both in pixels of the original scan. `readings` keeps every reader's answer for every strip.
    """

    name: str
    label: str
    kind: str
    raw: str
    normalised: str | None
    probability: float
    decision: Decision
    issues: tuple[Issue, ...]
    reader: str | None
    polygon: Polygon
    strips: tuple[Polygon, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the register: its place on the page (from 1) and its fields in the layout's order."""

    number: int
    fields: tuple[Field, ...]
    issues: tuple[Issue, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of that name, None where the layout has none."""
        return next((f for f in self.fields if f.name == name), None)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in it: the last entries of a book's tables, its unused pages."""
        return all(f.decision in (Decision.EMPTY, Decision.NOT_READ) for f in self.fields)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page could not be read: the stage it stopped at and the reason in plain words."""

    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class PageResult:
    """All that was read on one page of a scan, or why nothing was.

    `width` and `height` are those of the original scan in pixels. `models` names the readers and their versions.
    """

    source: str
    page: int
    layout: str
    layout_version: int
    width: int = 0
    height: int = 0
    dpi: float = 0.0
    turned: int = 0
    fit: float = 0.0
    models: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    issues: tuple[Issue, ...] = ()
    failure: Failure | None = None

    @property
    def flipped(self) -> bool:
        """Whether left and right of the scan are exchanged; to stand upright it is mirrored first, then turned."""
        return any(issue.code == FLIPPED_CODE for issue in self.issues)

    @property
    def negative(self) -> bool:
        """Whether the scan shows light writing on dark."""
        return any(issue.code == NEGATIVE_CODE for issue in self.issues)
