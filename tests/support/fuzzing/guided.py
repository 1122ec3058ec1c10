"""Fuzzing that follows coverage: atheris changes what led to new places in our code, and in Pillow's."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import atheris
from support.fuzzing.picture_parts import damaged

if TYPE_CHECKING:
    from support.fuzzing.child import Worker
    from support.fuzzing.targets.scans import ScanFiles

MAX_INPUT_BYTES = 20_000
STARTS = (
    (b"\xff\xd8", "jpeg"),
    (b"\x89PNG", "png"),
    (b"II", "tiff"),
    (b"MM", "tiff"),
    (b"BM", "bmp"),
    (b"RIFF", "webp"),
)


def run_guided(worker: Worker, target: ScanFiles, number: int, inputs: int | None, until: float | None) -> None:
    """Fuzz until so many inputs were given or the time is over; ends the process, as libFuzzer does."""
    corpus = Path("corpus")
    corpus.mkdir(exist_ok=True)
    for kind in target.kinds:
        for place, content in enumerate(target.seeds(kind)):
            (corpus / f"{kind}{place}").write_bytes(content)
    options = ["-rss_limit_mb=0", "-timeout=100000", "-print_final_stats=0", "-verbosity=0", "-close_fd_mask=0"]
    options += [f"-max_len={MAX_INPUT_BYTES}", f"-seed={worker.seed * 1000 + number % 1000 + 1}"]
    if inputs is not None:
        options.append(f"-runs={inputs - number}")
    if until is not None:
        options.append(f"-max_total_time={max(1, round(until - time.monotonic()))}")
    count = number

    def one(content: bytes) -> None:
        nonlocal count
        if not worker.given(count, content):
            sys.stderr.flush()
            raise SystemExit(0)
        count += 1

    atheris.Setup([sys.argv[0], *options, str(corpus)], one, custom_mutator=_changed)
    atheris.Fuzz()


def _changed(content: bytes, most: int, seed: int) -> bytes:
    chance = random.Random(seed)
    kind = next((kind for start, kind in STARTS if content.startswith(start)), None)
    if kind is not None and chance.random() < 0.6:
        return damaged(chance, kind, content)[:most]
    return bytes(atheris.Mutate(content, most))
