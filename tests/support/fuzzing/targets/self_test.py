"""A target that crashes, hangs, dies and takes memory, so that the harness's own test can see whether it is seen."""

from __future__ import annotations

import os
import random
import signal

from support.fuzzing.target import Target

TROUBLES = ("raise", "die", "hang", "memory")
FINE = 40
"""So many times likelier than each trouble is an input that makes none."""


class Misbehaving(Target):
    """Inputs are texts; some are troubles."""

    max_mb = 200
    max_seconds = 0.2

    def draw(self, chance: random.Random) -> str:
        return chance.choice((*TROUBLES, *["fine"] * FINE))

    def check(self, given: str) -> None:
        match given:
            case "raise":
                raise KeyError("a fault")
            case "die":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                while True:
                    pass
            case "memory":
                bytearray(300 << 20)[:: 1 << 12] = b"x" * ((300 << 20) // (1 << 12))
