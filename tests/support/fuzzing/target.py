"""An entry of ocrfill that is fuzzed: how an input is drawn, and how it is given."""

from __future__ import annotations

import importlib
import random
from abc import ABC, abstractmethod
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

SELF_TEST = "self_test"
"""The target that does all that none may: it shows that what happens is seen."""

TARGET_MODULES = MappingProxyType(
    {
        SELF_TEST: ("self_test", "Misbehaving"),
        "jpeg": ("scans", "JpegScans"),
        "png": ("scans", "PngScans"),
        "tiff": ("scans", "TiffScans"),
        "bmp": ("scans", "BmpScans"),
        "webp": ("scans", "WebpScans"),
        "pdf": ("scans", "PdfScans"),
        "scans_guided": ("guided_scans", "GuidedScans"),
        "layouts": ("layouts", "LayoutFiles"),
        "annotations": ("annotations", "Annotations"),
        "server_answers": ("servers", "ServerAnswers"),
        "server_access": ("servers", "AccessFiles"),
        "truths": ("kept_files", "TruthFiles"),
        "trust": ("kept_files", "TrustFiles"),
        "calibrators": ("calibrators", "CalibratorFiles"),
        "results": ("kept_files", "ResultFiles"),
        "settings": ("kept_files", "SettingsFiles"),
        "stores": ("stores", "Stores"),
        "names": ("names", "Names"),
        "csv": ("tables", "CsvTexts"),
        "exports": ("tables", "Exports"),
        "html": ("html_pages", "HtmlPages"),
    }
)
"""The fuzzers by name: the module below `targets` and the class in it. Loaded in the child only: many are heavy."""


class Target(ABC):
    """One entry. It is made once in a child process, with a folder of its own that it may fill and empty.

    An input is a function of the random numbers alone, so its number and the seed bring it back.
    """

    max_mb: ClassVar[int] = 500
    """Memory, in megabytes, above which an input is a finding; the libraries take some 100 to 200 of it."""

    max_seconds: ClassVar[float] = 10.0
    """Of the processor's time for one input, above which it counts as hung: none of these sizes needs one."""

    suffix: ClassVar[str] = ".txt"
    """Of the file in which a finding's input is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def draw(self, chance: random.Random) -> Any:
        """An input."""

    @abstractmethod
    def check(self, given: Any) -> None:
        """Give it to ocrfill. Raises whatever it must not raise, and AssertionError where the outcome is wrong."""

    def written(self, given: Any) -> bytes:
        """An input as it is kept."""
        if isinstance(given, bytes):
            return given
        try:
            return repr(given).encode("utf-8", "backslashreplace")
        except ValueError:  # Python writes no number of thousands of digits
            return b"cannot be written: draw it again by seed and number"


def make_target(name: str, folder: Path) -> Target:
    """The target of a fuzzer."""
    module, class_name = TARGET_MODULES[name]
    made = getattr(importlib.import_module(f"support.fuzzing.targets.{module}"), class_name)(folder)
    assert isinstance(made, Target)
    return made


def chance_of(name: str, seed: int, number: int) -> random.Random:
    """The random numbers of one input: those of a number and seed are always the same."""
    return random.Random(f"{name} {seed} {number}")
