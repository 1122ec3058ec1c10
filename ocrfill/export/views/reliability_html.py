"""How far probabilities can be trusted, as one HTML page in Vietnamese and English: two plots a group of fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ocrfill.export.views.html_templates import html_templates

PLOT_SIDE_PX = 300
"""Width and height of a plot's inside, in pixels."""

PLOT_MARGINS_PX = (44, 12, 40, 26)
"""Around it: left, top, below, right."""

MIN_ERROR_RANGE_SHARE = 0.05
"""The share of wrong values that is drawn goes up to this, or to twice the promise."""

MIN_CURVE_VALUES = 20
"""Points of the error curve among fewer values are left out: they jump."""

BEFORE_COLOUR, AFTER_COLOUR, TARGET_COLOUR = "#9aa0a8", "#1f4e79", "#c62828"


@dataclass(frozen=True, slots=True)
class DiagramDot:
    """A bin of a reliability diagram: mean probability, share right, and how many values of all lie in it."""

    probability: float
    right: float
    share: float


@dataclass(frozen=True, slots=True)
class Curves:
    """Before or after calibration: the diagram's dots, and error against share accepted as (share, error) points."""

    dots: tuple[DiagramDot, ...]
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


@dataclass(frozen=True, slots=True)
class _Line:
    """A line in a plot, its points in pixels."""

    points: tuple[tuple[float, float], ...]
    colour: str
    dashed: bool


@dataclass(frozen=True, slots=True)
class _Circle:
    """A dot in a plot, in pixels."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """What stands at an axis, in pixels."""

    x: float
    y: float
    said: str
    anchor: str


def trust_html(groups: Sequence[GroupPlots]) -> str:
    """The page, with nothing from outside."""
    return (
        html_templates("ocrfill.export.views")
        .get_template("trust.html")
        .render(
            groups=[(group, reliability_svg(group), error_svg(group)) for group in groups],
            colours={"before": BEFORE_COLOUR, "after": AFTER_COLOUR, "target": TARGET_COLOUR},
        )
    )


def reliability_svg(group: GroupPlots) -> Markup:
    """Share right against probability; on the diagonal a probability is worth what it says."""
    parts: list[_Line | _Circle] = [_line([(0, 0), (1, 1)], "#c9cdd3", dashed=True)]
    for curves, colour in ((group.before, BEFORE_COLOUR), (group.after, AFTER_COLOUR)):
        parts.append(_line([(d.probability, d.right) for d in curves.dots], colour))
        parts += [_dot(d.probability, d.right, 2.5 + 12 * d.share**0.5, colour) for d in curves.dots]
    return _plot(parts, ("0", "0.5", "1"), ("0", "0.5", "1"), "xác suất / probability", "phần đúng / share right")


def error_svg(group: GroupPlots) -> Markup:
    """Share wrong among the accepted against the share accepted; the promise is the red line."""
    most = max(MIN_ERROR_RANGE_SHARE, 2 * group.target)
    height = group.target / most
    parts: list[_Line | _Circle] = [_line([(0, height), (1, height)], TARGET_COLOUR, dashed=True)]
    for curves, colour in ((group.before, BEFORE_COLOUR), (group.after, AFTER_COLOUR)):
        shown = [(s, e) for s, e in curves.errors if s * group.values >= MIN_CURVE_VALUES]
        parts.append(_line([(s, min(e / most, 1.0)) for s, e in shown], colour))
    if group.accepted is not None:
        parts.append(_dot(group.accepted, min(group.wrong / most, 1.0), 5, AFTER_COLOUR))
    marks = ("0", f"{most / 2:.1%}", f"{most:.0%}")
    return _plot(parts, ("0", "50%", "100%"), marks, "phần chấp nhận / accepted", "phần sai / wrong")


def _place(x: float, y: float) -> tuple[float, float]:
    return PLOT_MARGINS_PX[0] + x * PLOT_SIDE_PX, PLOT_MARGINS_PX[1] + (1 - y) * PLOT_SIDE_PX


def _line(points: Iterable[tuple[float, float]], colour: str, *, dashed: bool = False) -> _Line:
    return _Line(tuple(_place(*point) for point in points), colour, dashed)


def _dot(x: float, y: float, radius: float, colour: str) -> _Circle:
    return _Circle(*_place(x, y), radius, colour)


def _plot(
    shapes: Sequence[_Line | _Circle], across: Sequence[str], up: Sequence[str], x_name: str, y_name: str
) -> Markup:
    """The shapes within a frame with marks and names at its axes."""
    left, top, below, right = PLOT_MARGINS_PX
    on_x = [_place(i / (len(across) - 1), 0) for i in range(len(across))]
    on_y = [_place(0, i / (len(up) - 1)) for i in range(len(up))]
    plot = (
        html_templates("ocrfill.export.views")
        .get_template("plot.svg")
        .render(
            left=left,
            top=top,
            side=PLOT_SIDE_PX,
            width=left + PLOT_SIDE_PX + right,
            height=top + PLOT_SIDE_PX + below,
            shapes=shapes,
            marks=[
                *(_Mark(x, y + 16, said, "middle") for (x, y), said in zip(on_x, across, strict=True)),
                *(_Mark(left - 6, y + 4, said, "end") for (_, y), said in zip(on_y, up, strict=True)),
            ],
            x_name=x_name,
            y_name=y_name,
        )
    )
    return Markup(plot)  # noqa: S704 - the template has escaped what was put into it
