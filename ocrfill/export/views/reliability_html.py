"""How far probabilities can be trusted, as one HTML page in Vietnamese and English: two plots a group of fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

SIDE = 300
"""Width and height of a plot's inside, in pixels."""

MARGIN = (44, 12, 40, 26)
"""Around it: left, top, below, right."""

LEAST_RANGE = 0.05
"""The share of wrong values that is drawn goes up to this, or to twice the promise."""

FEWEST = 20
"""Points of the error curve among fewer values are left out: they jump."""

BEFORE, AFTER, TARGET = "#9aa0a8", "#1f4e79", "#c62828"


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of a reliability diagram: mean probability, share right, and how many values of all lie in it."""

    probability: float
    right: float
    share: float


@dataclass(frozen=True, slots=True)
class Curves:
    """Before or after calibration: the diagram's dots, and error against share accepted as (share, error) points."""

    dots: tuple[Dot, ...]
    errors: tuple[tuple[float, float], ...]
    calibration_error: float


@dataclass(frozen=True, slots=True)
class GroupPlots:
    """What is drawn of a group. `accepted` and `wrong` are of the cut in force, `accepted` None where there is none."""

    name: str
    vietnamese: str
    values: int
    right: float
    target: float
    before: Curves
    after: Curves
    accepted: float | None
    wrong: float


def trust_html(groups: Sequence[GroupPlots]) -> str:
    """The page, with nothing from outside."""
    environment = Environment(
        loader=PackageLoader("ocrfill.export.views", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("trust.html").render(
        groups=[(group, reliability_svg(group), error_svg(group)) for group in groups],
        colours={"before": BEFORE, "after": AFTER, "target": TARGET},
    )


def reliability_svg(group: GroupPlots) -> Markup:
    """Share right against probability; on the diagonal a probability is worth what it says."""
    parts = [_line([(0, 0), (1, 1)], "#c9cdd3", dashed=True)]
    for curves, colour in ((group.before, BEFORE), (group.after, AFTER)):
        parts.append(_line([(d.probability, d.right) for d in curves.dots], colour))
        parts += [_dot(d.probability, d.right, 2.5 + 12 * d.share**0.5, colour) for d in curves.dots]
    return _plot(parts, ("0", "0.5", "1"), ("0", "0.5", "1"), "xác suất / probability", "phần đúng / share right")


def error_svg(group: GroupPlots) -> Markup:
    """Share wrong among the accepted against the share accepted; the promise is the red line."""
    most = max(LEAST_RANGE, 2 * group.target)
    height = group.target / most
    parts = [_line([(0, height), (1, height)], TARGET, dashed=True)]
    for curves, colour in ((group.before, BEFORE), (group.after, AFTER)):
        shown = [(s, e) for s, e in curves.errors if s * group.values >= FEWEST]
        parts.append(_line([(s, min(e / most, 1.0)) for s, e in shown], colour))
    if group.accepted is not None:
        parts.append(_dot(group.accepted, min(group.wrong / most, 1.0), 5, AFTER))
    marks = ("0", f"{most / 2:.1%}", f"{most:.0%}")
    return _plot(parts, ("0", "50%", "100%"), marks, "phần chấp nhận / accepted", "phần sai / wrong")


def _place(x: float, y: float) -> tuple[float, float]:
    return MARGIN[0] + x * SIDE, MARGIN[1] + (1 - y) * SIDE


def _line(points: Iterable[tuple[float, float]], colour: str, *, dashed: bool = False) -> str:
    placed = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(*p) for p in points))
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<polyline points="{placed}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'


def _dot(x: float, y: float, radius: float, colour: str) -> str:
    left, top = _place(x, y)
    return f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity=".75"/>'


def _plot(parts: Iterable[str], across: Sequence[str], up: Sequence[str], x_name: str, y_name: str) -> Markup:
    """The parts within a frame with marks and names at its axes; all text is ours."""
    left, top, below, right = MARGIN
    width, height = left + SIDE + right, top + SIDE + below
    marks = [
        *(_text(*_place(i / (len(across) - 1), 0), mark, dy=16) for i, mark in enumerate(across)),
        *(_text(left - 6, _place(0, i / (len(up) - 1))[1] + 4, mark, anchor="end") for i, mark in enumerate(up)),
        _text(left + SIDE / 2, height - 6, x_name),
        f'<g transform="translate(11 {top + SIDE / 2}) rotate(-90)">{_text(0, 0, y_name)}</g>',
    ]
    room = f'x="{left - 12}" y="{top - 12}" width="{SIDE + 24}" height="{SIDE + 24}"'
    clip = f'<clipPath id="inside"><rect {room}/></clipPath>'
    frame = f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" fill="#fff" stroke="#dadce0"/>'
    inside = f'<g clip-path="url(#inside)">{"".join(parts)}</g>'
    return Markup(  # noqa: S704 - numbers and texts of this module
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{clip}{frame}{inside}'
        f"{''.join(marks)}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle", dy: float = 0) -> str:
    return f'<text x="{x:.1f}" y="{y + dy:.1f}" text-anchor="{anchor}">{text}</text>'
