"""The file of calibrators that comes with ocrfill; apart, for what reads it loads scikit-learn."""

from __future__ import annotations

import random
from pathlib import Path

from support.fuzzing.plain_words import assert_plain
from support.fuzzing.target import Target
from support.fuzzing.targets.kept_files import CALIBRATOR, SIGNS, json_bytes

from ocrfill.acceptance.prior_calibrators import read_calibrators
from ocrfill.errors import BadInput


class CalibratorFiles(Target):
    """`read_calibrators`."""

    max_mb = 350
    suffix = ".json"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = folder / "calibrators.json"

    def draw(self, chance: random.Random) -> bytes:
        groups = dict.fromkeys(("closed", "figures", "words"), CALIBRATOR)
        return json_bytes(chance, {"about": {"seed": 1}, "calibrators": groups})

    def check(self, given: bytes) -> None:
        self.file.write_bytes(given)
        try:
            found = read_calibrators(self.file)
        except BadInput as error:
            assert_plain(str(error), self.file)
            return
        for calibrator in found.values():
            assert 0 <= calibrator.probability(SIGNS, "x") <= 1
