#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Learns the calibrators that come with ocrfill, from books drawn in the hands of half the held-out writers.

The benchmark `trust` measures on the other half. To be run again when the handwriting model, the signs or the cutting
of fields have changed; drawing and reading take some twenty minutes, and go on where they stopped in --work.

scripts/learn_beforehand.py --data DATA --work out/beforehand
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
from benchmarks.trust import PRIOR_HALF, drawn_books, read

from ocrfill.acceptance import Group
from ocrfill.acceptance.learning_table import LearningTable
from ocrfill.acceptance.logistic import PRIOR_INVERSE_REGULARISATION, fit_calibrator
from ocrfill.acceptance.prior_calibrators import PRIOR_CALIBRATORS_FILE, write_prior_calibrators
from ocrfill.acceptance.reviewed_fields import true_samples
from ocrfill.errors import OcrfillError
from ocrfill.pipeline.recognition import make_readers

DRAWN_BOOK_SEEDS = (1001, 1002, 1003, 1004)
"""Seeds of the drawn books, which no benchmark uses."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the real lines")
    parser.add_argument("--work", type=Path, required=True, help="keeps drawn books and what was read")
    parser.add_argument("--out", type=Path, default=PRIOR_CALIBRATORS_FILE, help="the JSON file to write")
    parser.add_argument("--quick", action="store_true", help="a few pages: to try the script")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    samples = []
    for seed in DRAWN_BOOK_SEEDS[:1] if options.quick else DRAWN_BOOK_SEEDS:
        for book in drawn_books(options.work, options.data, seed, PRIOR_HALF, digits=True, quick=options.quick):
            samples += true_samples(book, read(book, options.work, "auto"))
            print(f"{book}: {len(samples)} fields so far", file=sys.stderr)
    known = LearningTable.of(samples)
    calibrators = {
        group: fit_calibrator(known[known.groups == group.value], PRIOR_INVERSE_REGULARISATION) for group in Group
    }
    about = {
        "fields": len(samples),
        "right": round(float(known.right.mean()), 4),
        "seeds": DRAWN_BOOK_SEEDS,
        "reader": make_readers()["writing"].version.split(" + ")[-1],
        "writers": "every second of those held out of training, digits of further ones, and handwriting faces held out",
    }
    write_prior_calibrators(calibrators, about, options.out)
    print(f"wrote {options.out}: {about}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OcrfillError as error:
        print(f"learn_beforehand: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
