#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""When to ask the second handwriting network, and how much to believe it: tried on lines of held-out writers.

Every second held-out writer chooses; the figures to believe are those of the others. The chosen two numbers go into
`MARGIN` and `SHARE` of ocrfill/read/cascade.py.

scripts/tune_cascade.py --fast models/hand/2 --slow models/hand-second/1 --lines DATA/vn_kalapa_h64 DATA/vn_cinnamon_h64
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrfill.errors import OcrfillError
from ocrfill.evaluate.lines import line_crop
from ocrfill.evaluate.text import character_error_rate
from ocrfill.known import general
from ocrfill.labelled import LabelledLine, read_line_image
from ocrfill.read.beam import Found, search
from ocrfill.read.cascade import CascadeReader, doubtful
from ocrfill.read.hand import HandReader
from ocrfill.read.hand_line import framed
from ocrfill.train.dataset import split_by_writer

MARGINS, SHARES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 100.0), (0.0, 0.2, 0.35, 0.5, 0.65)

MOST_ASKED = 0.3
"""Share of lines the second network may be asked for: it is some five times slower, and a page has 0.6 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A line's true text, and what both networks said of it."""

    text: str
    quick: NDArray[np.float32]
    slow: NDArray[np.float32]
    found: tuple[Found, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fast", type=Path, required=True, help="folder of the network for every line")
    parser.add_argument("--slow", type=Path, required=True, help="folder of the second one")
    parser.add_argument("--lines", type=Path, nargs="+", required=True, help="folders with labels.tsv and writers.tsv")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    both = CascadeReader(HandReader(options.fast), HandReader(options.slow))
    halves: tuple[list[Heard], list[Heard]] = ([], [])
    for folder in options.lines:
        for half, lines in zip(halves, in_halves(split_by_writer(folder).validation), strict=True):
            half += [heard(line, both) for line in lines]
            print(f"{folder.name}: {len(lines)} lines", file=sys.stderr)
    rows = [figures(halves[0], replace(both, margin=m, share=s)) for m, s in product(MARGINS, SHARES)]
    allowed = [row for row in rows if row["asked"] <= MOST_ASKED] or rows
    best = min(allowed, key=lambda row: (row["cer"], row["asked"]))
    chosen = figures(halves[1], replace(both, margin=best["margin"], share=best["share"]))
    if options.json:
        print(json.dumps({"tried": rows, "best": best, "others": chosen}, indent=1))
        return 0
    for row in rows:
        print("  ".join(f"{key} {value:.4g}" for key, value in row.items()))
    print("best          " + "  ".join(f"{key} {value:.4g}" for key, value in best.items()))
    print("other writers " + "  ".join(f"{key} {value:.4g}" for key, value in chosen.items()))
    return 0


def in_halves(lines: tuple[LabelledLine, ...]) -> tuple[list[LabelledLine], list[LabelledLine]]:
    """The lines of every second writer, and of the others; where writers are not known, the first and the last."""
    writers = sorted({line.writer for line in lines})
    if len(writers) < 2:
        return list(lines[: len(lines) // 2]), list(lines[len(lines) // 2 :])
    first = set(writers[::2])
    return [line for line in lines if line.writer in first], [line for line in lines if line.writer not in first]


def heard(line: LabelledLine, both: CascadeReader) -> Heard:
    image = framed(line_crop(read_line_image(line.path)))
    quick = both.fast.log_probabilities([image])[0]
    slow = both.slow.log_probabilities([image])[0]
    return Heard(line.text, quick, slow, search(quick, both.fast.alphabet, general()))


def figures(lines: list[Heard], both: CascadeReader) -> dict[str, float]:
    pairs, asked = [], 0
    for line in lines:
        texts = line.found
        if doubtful(texts, both.margin):
            asked += 1
            texts = both.combined(texts, line.quick, line.slow, general())
        pairs.append((line.text, " ".join(texts[0].text.split())))
    count = max(len(pairs), 1)
    return {
        "margin": both.margin,
        "share": both.share,
        "asked": asked / count,
        "cer": character_error_rate(pairs),
        "exact": sum(true == read for true, read in pairs) / count,
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OcrfillError as error:
        print(f"tune_cascade: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
