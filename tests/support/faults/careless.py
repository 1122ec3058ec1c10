"""A program with every fault that the harness looks for: it doubles, loses, leaves files, hangs, says nothing."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def main() -> int:
    """Adds a line to `many` once, and keeps `one`: both as one must not. With the word `hang` it does that."""
    if "hang" in sys.argv:
        time.sleep(600)
    try:
        if not Path("done").exists():
            with Path("many").open("a", encoding="utf-8") as many:
                many.write("a line\n")
            Path("done").touch()
        part = Path(f"one.{os.getpid()}.part")  # a killed one's stays
        part.write_text("all of it\n", encoding="utf-8")
        if not Path("begun").exists():
            Path("begun").touch()  # killed after this, it never writes `one`
            part.rename("one")
        else:
            part.unlink()
    except OSError:
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
