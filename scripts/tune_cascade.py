#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""When to look at a line again, and how much to believe a second network: tried on lines of held-out writers.

Every second held-out writer chooses; the figures to believe are those of the others. The chosen numbers go into
`MIN_LEAD_NATS` and `FAST_NETWORK_SHARE` of ocrfill/pipeline/recognition/cascade.py.

scripts/tune_cascade.py --fast models/hand/4 --lines DATA/vn_kalapa_h64 DATA/vn_cinnamon_h64
scripts/tune_cascade.py --fast models/hand/4 --slow models/hand-second/1 --lines DATA/vn_kalapa_h64 DATA/vn_cinnamon_h64
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from ocrfill.errors import OcrfillError
from ocrfill.evaluation.text_distance import character_error_rate
from ocrfill.pipeline.general_language import general_model
from ocrfill.pipeline.recognition.cascade import CascadeReader, NetworkPass, combined_hypotheses, is_doubtful
from ocrfill.pipeline.recognition.ctc_line import framed
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.decoder.prefix_beam import Hypothesis, prefix_beam_search
from ocrfill.pipeline.recognition.line_images import LabelledLine, line_crop, read_line_image
from ocrfill.training.dataset import split_by_writer

MARGINS_NATS, FAST_SHARES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 100.0), (0.0, 0.2, 0.35, 0.5, 0.65)

MAX_ASKED_SHARE = 0.3
"""Share of lines a second network may be asked for: it is some five times slower, and a page has 0.6 s."""


@dataclass(frozen=True, slots=True, eq=False)
class LinePasses:
    """A line's true text, all looks at it, and what the first found."""

    text: str
    looks: tuple[NetworkPass, ...]
    found: tuple[Hypothesis, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fast", type=Path, required=True, help="folder of the network for every line")
    parser.add_argument("--slow", type=Path, help="folder of a second one")
    parser.add_argument("--lines", type=Path, nargs="+", required=True, help="folders with labels.tsv and writers.tsv")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    reader = CascadeReader(HandReader(options.fast), HandReader(options.slow) if options.slow else None)
    halves: tuple[list[LinePasses], list[LinePasses]] = ([], [])
    for folder in options.lines:
        for half, lines in zip(halves, in_halves(split_by_writer(folder).validation), strict=True):
            half += [line_passes(line, reader) for line in lines]
            print(f"{folder.name}: {len(lines)} lines", file=sys.stderr)
    most, shares = (MAX_ASKED_SHARE, FAST_SHARES) if options.slow else (1.0, (1.0,))
    rows = [figures(halves[0], *one) for one in product(MARGINS_NATS, shares)]
    allowed = [row for row in rows if row["asked"] <= most] or rows
    best = min(allowed, key=lambda row: (row["cer"], row["asked"]))
    chosen = figures(halves[1], best["margin"], best["share"])
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


def line_passes(line: LabelledLine, reader: CascadeReader) -> LinePasses:
    image = framed(line_crop(read_line_image(line.path)))
    first = reader.fast.log_probabilities([image])
    (looks,) = reader.looks([image], first)
    return LinePasses(line.text, looks, prefix_beam_search(first[0], reader.fast.alphabet, general_model()))


def figures(lines: list[LinePasses], margin: float, share: float) -> dict[str, float]:
    """Lines asked again, characters wrong and lines right, as shares; `share` is the fast network's."""
    pairs, asked = [], 0
    for line in lines:
        texts = line.found
        if is_doubtful(texts, margin):
            asked += 1
            texts = combined_hypotheses(reweighted(line.looks, share), general_model(), texts)
        pairs.append((line.text, " ".join(texts[0].text.split())))
    count = max(len(pairs), 1)
    return {
        "margin": margin,
        "share": share,
        "asked": asked / count,
        "cer": character_error_rate(pairs),
        "exact": sum(true == read for true, read in pairs) / count,
    }


def reweighted(looks: tuple[NetworkPass, ...], share: float) -> list[NetworkPass]:
    """The looks, those of the fast network sharing this among them; the last is the second network's, if any."""
    fast = looks[:-1] if share < 1.0 else looks
    return [replace(look, share=share / len(fast)) for look in fast] + [
        replace(look, share=1.0 - share) for look in looks[len(fast) :]
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OcrfillError as error:
        print(f"tune_cascade: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
