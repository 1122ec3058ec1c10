"""From a fit to strips: the box of each line of writing on the page itself."""

from __future__ import annotations

import numpy as np

from ocrfill.geometry import Box
from ocrfill.locate.evidence import Evidence
from ocrfill.locate.form import FormFit, usual_pitch
from ocrfill.locate.template import FormTemplate
from ocrfill.records import FieldBox, Strip

ABOVE, BELOW = 0.95, 0.42
"""How far a strip reaches above and below its base line, in usual line distances: capitals with tone marks above,
long tails below. Strips of neighbouring lines overlap; `crops` shares the ink out between them."""

BESIDE = 0.006
"""How far a strip reaches beyond both ends of its dots, as a share of the page's width."""

INSIDE_TICK = 0.12
"""The share of a tick box's side that its printed edge takes."""


def form_boxes(evidence: Evidence, template: FormTemplate, fit: FormFit, width: int, height: int) -> tuple[FieldBox, ...]:
    """The strips of every field, fields in the template's order."""
    scale = evidence.scale
    pitch = usual_pitch(template) * fit.down.size * scale
    strips: dict[str, list[Strip]] = {name: [] for name in template.field_names()}
    for index, line in enumerate(template.lines):
        base = (fit.line_y(template, index) + 0.5) * scale - 0.5
        for gap in line.gaps:
            left, right = (float(fit.across(x)) * scale for x in (gap.x[0] - BESIDE, gap.x[1] + BESIDE))
            strips[gap.field].append(_strip(left, base - ABOVE * pitch, right, base + BELOW * pitch, base, width, height))
    for tick in template.ticks:
        box = _placed(tick.box, template, fit, scale)
        edge = INSIDE_TICK * (box[2] - box[0])
        inner = (box[0] + edge, box[1] + edge, box[2] - edge, box[3] - edge)
        strips[tick.field].append(_strip(*inner, inner[3], width, height))
    for area in template.areas:
        box = _placed(area.box, template, fit, scale)
        strips[area.field].append(_strip(*box, box[3], width, height))
    return tuple(FieldBox(1, name, tuple(found)) for name, found in strips.items())


def _placed(
    box: tuple[float, float, float, float], template: FormTemplate, fit: FormFit, scale: int
) -> tuple[float, float, float, float]:
    x = [float(fit.across(v)) * scale for v in (box[0], box[2])]
    y = [fit.y(template, v) * scale for v in (box[1], box[3])]
    return (x[0], y[0], x[1], y[1])


def _strip(left: float, top: float, right: float, bottom: float, base: float, width: int, height: int) -> Strip:
    box = Box(*(int(v) for v in np.rint([left, top, right, bottom]))).clipped(width, height)
    return Strip(box, base)
