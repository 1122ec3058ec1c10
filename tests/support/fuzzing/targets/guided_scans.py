"""Scan files once more, guided by coverage where atheris is there; else drawn as the others."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

HAS_ATHERIS = importlib.util.find_spec("atheris") is not None
if HAS_ATHERIS:
    import atheris

    with atheris.instrument_imports(include=["ocrfill.pipeline.scans", "PIL"], enable_loader_override=False):
        from support.fuzzing.targets.scans import ScanFiles
else:
    from support.fuzzing.targets.scans import ScanFiles

if TYPE_CHECKING:
    from support.fuzzing.child import Worker


class GuidedScans(ScanFiles):
    """Pictures of all kinds."""

    def guided(self, worker: Worker, number: int, inputs: int | None, until: float | None) -> bool:
        """Whether it was done here: not without atheris."""
        if not HAS_ATHERIS:
            return False
        from support.fuzzing.guided import run_guided

        run_guided(worker, self, number, inputs, until)
        return True
