#!/usr/bin/env python3
"""Prints how much of each package of ocrfill the tests ran, branches included, and names what is below 85 %.

scripts/test calls it with the data files of its runs of tests.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).resolve().parent.parent

MIN_COVERAGE_PERCENT = 85.0
"""Per cent of lines and branches; a package or module below it is named."""

LEAST_LINES = 10
"""A module with fewer lines is not named by itself."""

COUNTED_KEYS = ("num_statements", "missing_lines", "num_branches", "missing_branches")


def measured(files: list[str]) -> dict[str, Counter[str]]:
    """Lines and branches of every module, and how many of them no test ran."""
    coverage = Coverage(data_file=str(ROOT / ".coverage"), config_file=str(ROOT / "pyproject.toml"))
    coverage.combine(files, keep=True)
    coverage.save()
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        coverage.json_report(outfile=report.name)
        modules = json.loads(Path(report.name).read_bytes())["files"]
    return {
        name: Counter({key: module["summary"][key] for key in COUNTED_KEYS}) for name, module in sorted(modules.items())
    }


def share(counted: Counter[str]) -> float:
    """Per cent of the lines and branches that a test ran."""
    whole = counted["num_statements"] + counted["num_branches"]
    missing = counted["missing_lines"] + counted["missing_branches"]
    return 100.0 * (whole - missing) / whole if whole else 100.0


def row(name: str, counted: Counter[str]) -> str:
    return f"{name:28}" + "".join(f"{counted[key]:9}" for key in COUNTED_KEYS) + f"{share(counted):9.1f} %"


def main(files: list[str]) -> None:
    modules = measured(files)
    packages: dict[str, Counter[str]] = {}
    for name, counted in modules.items():
        packages.setdefault("/".join(Path(name).parts[:2]), Counter()).update(counted)
    print(f"{'':28}{'lines':>9}{'missed':>9}{'branches':>9}{'missed':>9}{'run':>11}")
    for name, counted in packages.items():
        print(row(name, counted))
    print(row("all", sum(packages.values(), start=Counter())))
    for what, parts, least in (("packages", packages, 0), ("modules", modules, LEAST_LINES)):
        low = [
            f"{n} ({share(c):.0f} %)"
            for n, c in parts.items()
            if share(c) < MIN_COVERAGE_PERCENT and c["num_statements"] >= least
        ]
        print(f"{what} below {MIN_COVERAGE_PERCENT:.0f} %: {', '.join(low) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
