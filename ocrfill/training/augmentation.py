"""Damage done to training lines, as crops have it after the strip was cut out and cleaned, and hands have it anyway.

All lines are grey, dark ink on light paper, uint8; a change is a function of the line and a random generator.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ocrfill.document.page import Image

MAX_SHEAR_SLOPE, STRETCH_RANGE_FACTORS, ZOOM_RANGE_FACTORS = 0.30, (0.65, 1.25), (0.75, 1.20)
"""Slant (pixels a pixel), stretch along the line, zoom of height: what separates hands and crops of one hand."""

SQUEEZED_SHARE = 0.25
"""Share of lines whose end is squeezed."""

FRAMED_SHARE = 0.6
"""Share of lines that are cut nearer to their ink, as crops of a register's strips are."""

WOBBLE_SIGMAS_PX, WOBBLE_LENGTH_PX = (2.4, 1.1), 26
"""How unevenly a hand goes along and across the line (standard deviation), and over what length, in pixels."""

WORKING_HEIGHT_PX = 56
"""Working height in pixels, a little above the network's."""


def augmented(line: Image, rng: np.random.Generator, strength: float = 1.0) -> Image:
    """The line as another scan of another hand could show it; `strength` 0 (hardly) to 1 scales how often."""
    line = _warped(line, rng, strength)
    for chance, change in _CHANGES:
        if rng.random() < chance * strength:
            line = change(line, rng)
    return line


def _warped(line: Image, rng: np.random.Generator, strength: float) -> Image:
    """Slant, stretch, zoom, a slope, and a base line that waves a little, in one resampling."""
    width = line.shape[1]
    top, bottom = _window(line, rng, strength)
    scale = WORKING_HEIGHT_PX / (bottom - top)
    shear = rng.normal(0, 0.12) * strength
    shear = float(np.clip(shear, -MAX_SHEAR_SLOPE, MAX_SHEAR_SLOPE))
    across = scale * _between(rng, STRETCH_RANGE_FACTORS, strength)
    down = scale * _between(rng, ZOOM_RANGE_FACTORS, strength)
    slope = rng.normal(0, 0.006) * strength
    new_width = max(round(width * across), 16)
    pad = round(abs(shear) * WORKING_HEIGHT_PX / 2) + 2
    x, y = np.meshgrid(np.arange(new_width + 2 * pad, dtype=np.float32), np.arange(WORKING_HEIGHT_PX, dtype=np.float32))
    wave = rng.normal(0, 1.0) * strength * np.sin(x / rng.uniform(60, 200) + rng.uniform(0, 6.3))
    level = y - WORKING_HEIGHT_PX / 2 + slope * (x - new_width / 2) + wave + rng.uniform(-2.5, 2.5) * strength
    wobble_x, wobble_y = (_field(rng, x.shape, pixels * strength) for pixels in WOBBLE_SIGMAS_PX)
    source_y = ((level + wobble_y) / down + (top + bottom) / 2).astype(np.float32)
    along = _squeezed(x - pad, new_width, rng, strength)
    source_x = ((along + shear * level + wobble_x) / across).astype(np.float32)
    paper = float(np.percentile(line, 75))
    return _image(
        cv2.remap(line, source_x, source_y, cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT, borderValue=(paper,))
    )


def _squeezed(x: NDArray[np.float32], width: int, rng: np.random.Generator, strength: float) -> NDArray[np.float32]:
    """Places along a line where a hand writes ever closer towards the end, as before the paper's edge."""
    if rng.random() > SQUEEZED_SHARE * strength:
        return x
    start, most = rng.uniform(0.4, 0.85) * width, rng.uniform(0.2, 0.9)
    beyond = np.maximum(x - start, 0)
    return np.asarray(x + most * beyond * beyond / (width - start), np.float32)


def _field(rng: np.random.Generator, shape: tuple[int, ...], spread: float) -> NDArray[np.float32]:
    """Displacements in pixels that change slowly over the line; none in every second line."""
    if rng.random() < 0.5:
        return np.zeros(shape, np.float32)
    height, width = shape
    knots = rng.normal(0, spread, (3, max(width // WOBBLE_LENGTH_PX, 2))).astype(np.float32)
    return np.asarray(cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _window(line: Image, rng: np.random.Generator, strength: float) -> tuple[float, float]:
    """The rows taken as the line's height: all of them, or some way towards a frame close around the ink."""
    height = line.shape[0]
    if rng.random() > FRAMED_SHARE * strength:
        return 0.0, float(height)
    ink, paper = np.percentile(line, (1, 75))
    dark = line < (ink + paper) / 2
    dark[dark.mean(axis=1) > 0.5] = False  # a printed rule
    rows = np.cumsum(dark.sum(axis=1))
    if rows[-1] == 0:
        return 0.0, float(height)
    first, last = np.searchsorted(rows, [0.005 * rows[-1], 0.995 * rows[-1]])
    room = max(0.12 * (last - first + 1), 2.0)
    near = rng.uniform(0.3, 1.15)
    return float(near * (first - room)), float(height + near * (last + 1 + room - height))


def _between(rng: np.random.Generator, bounds: tuple[float, float], strength: float) -> float:
    return float(1 + (rng.uniform(*bounds) - 1) * max(strength, 0.3))


def _blurred(line: Image, rng: np.random.Generator) -> Image:
    return _image(cv2.GaussianBlur(line, (0, 0), rng.uniform(0.4, 1.1)))


def _coarse(line: Image, rng: np.random.Generator) -> Image:
    """A scan of low resolution, enlarged again."""
    share = rng.uniform(0.5, 0.85)
    small = cv2.resize(line, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return _image(cv2.resize(small, (line.shape[1], line.shape[0]), interpolation=cv2.INTER_LINEAR))


def _as_jpeg(line: Image, rng: np.random.Generator) -> Image:
    _, packed = cv2.imencode(".jpg", line, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 70))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def _bolder(line: Image, rng: np.random.Generator) -> Image:
    return _mixed(line, _image(cv2.erode(line, np.ones((2, 2), np.uint8))), rng.uniform(0.4, 1))


def _thinner(line: Image, rng: np.random.Generator) -> Image:
    return _mixed(line, _image(cv2.dilate(line, np.ones((2, 2), np.uint8))), rng.uniform(0.3, 0.8))


def _faded(line: Image, rng: np.random.Generator) -> Image:
    """Ink that gets paler along the line, or in spots."""
    field = rng.uniform(0.25, 1.0, (2, max(line.shape[1] // 60, 2))).astype(np.float32)
    left = cv2.resize(field, (line.shape[1], line.shape[0]), interpolation=cv2.INTER_LINEAR)
    paper = np.percentile(line, 75)
    return _image(paper - (paper - line.astype(np.float32)) * left)


def _shaded(line: Image, rng: np.random.Generator) -> Image:
    """Light that changes along the line."""
    light = np.interp(np.arange(line.shape[1]), [0, line.shape[1]], rng.uniform(0.75, 1.0, 2))
    return _image(line * light[None, :])


def _dotted_rule(line: Image, rng: np.random.Generator) -> Image:
    """What is left of a printed dotted rule: some of its dots."""
    line = line.copy()
    y, step, size = int(rng.integers(32, 48)), int(rng.integers(4, 11)), int(rng.integers(1, 3))
    kept = rng.uniform(0.1, 1.0)
    dark = int(rng.integers(20, 140))
    for x in range(int(rng.integers(0, step)), line.shape[1] - size, step):
        if rng.random() < kept:
            line[y : y + size, x : x + size] = np.minimum(line[y : y + size, x : x + size], dark)
    return line


def _rule(line: Image, rng: np.random.Generator) -> Image:
    """A printed rule under, through or over the writing; or an upright one beside it."""
    line = line.copy()
    dark, thick = int(rng.integers(20, 160)), int(rng.integers(1, 3))
    if rng.random() < 0.6:
        y = int(rng.choice([rng.integers(0, 6), rng.integers(36, WORKING_HEIGHT_PX - 2)]))
        line[y : y + thick] = np.minimum(line[y : y + thick], dark)
    else:
        x = int(rng.choice([rng.integers(0, 6), line.shape[1] - rng.integers(3, 9)]))
        line[:, x : x + thick] = np.minimum(line[:, x : x + thick], dark)
    return line


def _neighbours(line: Image, rng: np.random.Generator) -> Image:
    """Tails of the line above, or tops of the line below, reaching in: the line's own ink, turned, at an edge."""
    high = int(rng.integers(3, 10))
    turned = line[::-1, ::-1] if rng.random() < 0.5 else line[:, ::-1]
    body = turned[WORKING_HEIGHT_PX // 2 - high : WORKING_HEIGHT_PX // 2]
    line = line.copy()
    edge = line[:high] if rng.random() < 0.5 else line[-high:]
    span = int(rng.integers(line.shape[1] // 6, line.shape[1] // 2 + 1))
    at = int(rng.integers(0, max(line.shape[1] - span, 1)))
    edge[:, at : at + span] = np.minimum(edge[:, at : at + span], body[: edge.shape[0], at : at + span])
    return line


def _crowded(line: Image, rng: np.random.Generator) -> Image:
    """The line above reaching in at the top, and a dark printed rule through the tails, both at once."""
    return _rule(_neighbours(line, rng), rng)


def _second_line(line: Image, rng: np.random.Generator) -> Image:
    """Small foreign writing under the line's beginning, as of a second line that belongs to another strip."""
    high = int(rng.integers(10, 18))
    span = int(rng.integers(line.shape[1] // 5, line.shape[1] // 2 + 1))
    at = int(rng.integers(0, line.shape[1] - span + 1))
    small = cv2.resize(
        line[:, at : at + span], (max(span * high // WORKING_HEIGHT_PX, 1), high), interpolation=cv2.INTER_AREA
    )
    line = line.copy()
    left = int(rng.integers(0, max((line.shape[1] - small.shape[1]) // 2, 1)))
    edge = line[-high + high // 3 :, left : left + small.shape[1]]
    np.minimum(edge, small[: edge.shape[0], : edge.shape[1]], out=edge)
    return line


def _seal(line: Image, rng: np.random.Generator) -> Image:
    """The rim of a round red seal, grey as the ink channel leaves it."""
    layer = np.zeros_like(line)
    radius = int(rng.integers(40, 160))
    middle = (int(rng.integers(0, line.shape[1])), int(rng.integers(-radius, WORKING_HEIGHT_PX + radius)))
    cv2.circle(layer, middle, radius, (255,), int(rng.integers(1, 4)), cv2.LINE_AA)
    pale = rng.uniform(0.1, 0.4)
    return _image(line.astype(np.float32) * (1 - pale * layer / 255.0))


def _cut_edge(line: Image, rng: np.random.Generator) -> Image:
    """A strip cut too low or too high: tone marks or tails are lost in part."""
    line = line.copy()
    high = int(rng.integers(2, 8))
    paper = int(np.percentile(line, 75))
    if rng.random() < 0.5:
        line[:high] = paper
    else:
        line[-high:] = paper
    return line


def _gaps(line: Image, rng: np.random.Generator) -> Image:
    """Narrow strips of the line gone, as under a fold: what stood there follows from the rest."""
    line = line.copy()
    paper = int(np.percentile(line, 75))
    for _ in range(int(rng.integers(1, 4))):
        left, wide = int(rng.integers(0, line.shape[1])), int(rng.integers(3, 11))
        line[:, left : left + wide] = paper
    return line


def _cleaned(line: Image, rng: np.random.Generator) -> Image:
    """As locate leaves it: all but the ink made white."""
    paper, ink = np.percentile(line, (75, 1))
    edge = paper - (paper - ink) * rng.uniform(0.15, 0.4)
    dark = cv2.dilate((line < edge).astype(np.uint8), np.ones((3, 3), np.uint8))
    return _image(np.where(dark > 0, line, 255))


def _noisy(line: Image, rng: np.random.Generator) -> Image:
    noise = rng.normal(0, rng.uniform(2, 12), line.shape)
    return _image(line + noise)


def _toned(line: Image, rng: np.random.Generator) -> Image:
    """Other contrast, brightness and gamma."""
    gamma = rng.uniform(0.6, 1.6)
    return _image(255 * (line / 255.0) ** gamma * rng.uniform(0.7, 1.0) + rng.uniform(0, 30))


def _mixed(one: Image, other: Image, share: float) -> Image:
    return _image(cv2.addWeighted(one, 1 - share, other, share, 0))


def _image(values: ArrayLike) -> Image:
    return np.asarray(np.clip(np.asarray(values), 0, 255), np.uint8)


_CHANGES = (
    (0.15, _neighbours),
    (0.12, _cut_edge),
    (0.10, _gaps),
    (0.05, _crowded),
    (0.05, _second_line),
    (0.20, _bolder),
    (0.15, _thinner),
    (0.20, _faded),
    (0.20, _cleaned),
    (0.20, _dotted_rule),
    (0.12, _rule),
    (0.10, _seal),
    (0.20, _shaded),
    (0.25, _toned),
    (0.15, _coarse),
    (0.20, _blurred),
    (0.25, _noisy),
    (0.25, _as_jpeg),
)
