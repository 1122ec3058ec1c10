"""Batches of damaged lines, made by as many processes as there are cores to spare: a GPU learns faster than one makes.

A source is lines in files, or an endless stream of made ones. Each process keeps a pool of made lines that it goes on
renewing, so that drawing, the slowest part, does not hold up the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ocrfill.document.page import Image
from ocrfill.pipeline.recognition.ctc_line import network_line
from ocrfill.pipeline.recognition.line_images import LabelledLine
from ocrfill.training.augmentation import augmented
from ocrfill.training.dataset import LineStore
from ocrfill.training.synthetic_lines import DrawnLine

WIDTH_MULTIPLE_PX = 64
"""Widths of batches are rounded up to a multiple of this many pixels."""

BATCHES_AT_A_TIME = 8
"""So many batches are chosen at once and sorted by width, that a batch wastes little paper."""

FRAMED_SHARE = 0.5
"""Share of real lines shown as the reader frames them; the others come whole."""

FRESH_SHARE = 0.5
"""Share of made lines that are newly made rather than taken from the pool."""

POOL_LINES = 4000
"""Made lines a process keeps."""

MAX_LINE_WIDTH_PX = 2000
"""Pixels after which a damaged line is left out: one such line would make its whole batch as wide."""


@dataclass(frozen=True, slots=True)
class SyntheticLines:
    """An endless stream of made lines, a new one for each seed; a function that can be sent to another process."""

    lines: Callable[[int], Iterator[DrawnLine]]


@dataclass(frozen=True, slots=True)
class LineSource:
    """Where lines come from, and its share of all lines learnt from."""

    weight: float
    lines: Sequence[LabelledLine] | SyntheticLines


@dataclass(frozen=True, slots=True, eq=False)
class LineBatch:
    """Lines (n, 1, 48, width) as 8 bits, 255 for paper; the classes of all texts one after another; their lengths."""

    lines: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor

    def images(self, device: str) -> torch.Tensor:
        """As the network sees them: paper 1, ink -1."""
        lines = self.lines.to(device, non_blocking=True).float() / 127.5 - 1
        return lines.contiguous(memory_format=torch.channels_last)


@dataclass
class BatchSupply(IterableDataset[LineBatch]):
    """Batches without end. `classes` numbers the letters; `strength` is how much lines are damaged, 0 to 1."""

    sources: Sequence[LineSource]
    classes: dict[str, int]
    batch: int
    strength: float
    seed: tuple[int, ...]
    store: LineStore = field(default_factory=LineStore)

    def __iter__(self) -> Iterator[LineBatch]:
        cv2.setNumThreads(1)
        worker = get_worker_info()
        number = worker.id if worker is not None else 0
        rng = np.random.default_rng((*self.seed, number))
        streams = [self._stream(source, rng) for source in self.sources]
        weights = np.array([source.weight for source in self.sources], float)
        while True:
            chosen = rng.choice(len(streams), BATCHES_AT_A_TIME * self.batch, p=weights / weights.sum())
            lines = [next(streams[int(i)]) for i in chosen]
            ready = [(network_line(augmented(image, rng, self.strength)), text) for image, text in lines]
            ready = sorted(
                (one for one in ready if one[0].shape[1] <= MAX_LINE_WIDTH_PX), key=lambda one: one[0].shape[1]
            )
            batches = [ready[i : i + self.batch] for i in range(0, len(ready), self.batch)]
            for i in rng.permutation(len(batches)):
                yield self._packed(batches[int(i)])

    def _stream(self, source: LineSource, rng: np.random.Generator) -> Iterator[tuple[Image, str]]:
        if isinstance(source.lines, SyntheticLines):
            yield from _pooled(source.lines.lines(int(rng.integers(1 << 31))), rng)
            return
        while True:
            line = source.lines[int(rng.integers(len(source.lines)))]
            whole = rng.random() >= FRAMED_SHARE
            yield self.store.image(line) if whole else self.store.framed(line), line.text

    def _packed(self, lines: Sequence[tuple[NDArray[np.float32], str]]) -> LineBatch:
        width = -(-lines[-1][0].shape[1] // WIDTH_MULTIPLE_PX) * WIDTH_MULTIPLE_PX
        pixels = np.full((len(lines), 1, lines[0][0].shape[0], width), 255, np.uint8)
        for row, (line, _) in zip(pixels, lines, strict=True):
            row[0, :, : line.shape[1]] = np.round((line + 1) * 127.5)
        targets = [self.classes[letter] for _, text in lines for letter in text]
        lengths = [len(text) for _, text in lines]
        return LineBatch(torch.from_numpy(pixels), torch.tensor(targets), torch.tensor(lengths))


def batches(supply: BatchSupply, processes: int) -> Iterator[LineBatch]:
    """The supply's batches, made here (0) or by so many processes.

    They start afresh: a copy of a process whose libraries hold locks of theirs would wait for ever.
    """
    if not processes:
        return iter(supply)
    loader: Any = DataLoader(
        supply, batch_size=None, num_workers=processes, prefetch_factor=8, multiprocessing_context="spawn"
    )
    return iter(loader)


def _pooled(lines: Iterator[DrawnLine], rng: np.random.Generator) -> Iterator[tuple[Image, str]]:
    pool: list[tuple[Image, str]] = []
    while True:
        if len(pool) < 32 or rng.random() < FRESH_SHARE:
            line = next(lines)
            if len(pool) < POOL_LINES:
                pool.append((line.image, line.text))
            else:
                pool[int(rng.integers(POOL_LINES))] = (line.image, line.text)
            yield line.image, line.text
        else:
            yield pool[int(rng.integers(len(pool)))]
