#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Runs the benchmarks and keeps their figures in one committed table, docs/development/benchmarks.md.

scripts/bench.py                             all of them; rewrites the table
scripts/bench.py --only pages                one of them; rewrites its part of the table
scripts/bench.py --only pages --json         one of them, one JSON object on stdout; the table stays
scripts/bench.py --only pages --quick        a small version, to see that it runs; the table stays
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from benchmarks import (
    beds,
    book,
    cells,
    fields,
    hands,
    hardening,
    layout,
    pages,
    reading,
    real_columns,
    review,
    trust,
    tune,
    values,
)

REPOSITORY_FOLDER = Path(__file__).resolve().parent.parent
TABLE_FILE = REPOSITORY_FOLDER / "docs" / "development" / "benchmarks.md"
DATA_FOLDER = REPOSITORY_FOLDER.parent / "shared" / "data"

TABLE_HEAD = """# Benchmarks

Written by `scripts/bench.py`; do not edit. Speeds are of the machine named; compare ratios within one run.
"""

Figures = Mapping[str, object]


class Benchmark(Protocol):
    """Takes a seed, the folder of the real handwriting (it may be absent), and whether to be quick."""

    def __call__(self, seed: int, data: Path, *, quick: bool) -> Figures: ...


BENCHMARKS: dict[str, Benchmark] = {
    "beds": beds.run,
    "book": book.run,
    "cells": cells.run,
    "columns": real_columns.run,
    "fields": fields.run,
    "hands": hands.run,
    "hardening": hardening.run,
    "layout": layout.run,
    "pages": pages.run,
    "reading": reading.run,
    "review": review.run,
    "trust": trust.run,
    "tune": tune.run,
    "values": values.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=sorted(BENCHMARKS), help="run this one")
    parser.add_argument("--quick", action="store_true", help="small inputs: shows that it runs, not how well")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--seed", type=int, default=2006, help="seed of the drawn books")
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="folder with the real handwriting")
    options = parser.parse_args()
    names = [options.only] if options.only else sorted(BENCHMARKS)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    figures = {}
    for name in names:
        print(f"benchmark {name} …", file=sys.stderr)
        found = BENCHMARKS[name](options.seed, options.data, quick=options.quick)
        figures[name] = {**about(options.seed, quick=options.quick), **found}
    if options.json:
        print(json.dumps(figures[options.only] if options.only else figures, ensure_ascii=False, indent=1))
    else:
        print("\n".join(line for name in names for line in section(name, figures[name])))
    if not options.json and not options.quick:
        before = TABLE_FILE.read_text(encoding="utf-8") if TABLE_FILE.exists() else ""
        TABLE_FILE.write_text(table(before, figures), encoding="utf-8")
        print(f"rewrote {', '.join(names)} in {TABLE_FILE.relative_to(REPOSITORY_FOLDER)}", file=sys.stderr)
    return 0


def about(seed: int, *, quick: bool) -> dict[str, object]:
    """When, where and on what these figures were measured."""
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, cwd=REPOSITORY_FOLDER, capture_output=True, text=True, check=False)
    return {
        "date": datetime.date.today().isoformat(),
        "seed": seed,
        "quick": quick,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "commit": commit.stdout.strip() or "not a git checkout",
    }


def flat(figures: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in figures.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key} · ")
        else:
            yield f"{prefix}{key}", value


def section(name: str, figures: Figures) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield "| figure | value |"
    yield "|---|---|"
    for key, value in flat(figures):
        shown = f"{value:.4g}" if isinstance(value, float) else value
        yield f"| {key.replace('_', ' ')} | {shown} |"
    yield ""


def table(before: str, figures: Mapping[str, Figures]) -> str:
    """The table as it was, the sections of these benchmarks put in or exchanged; in the order of their names."""
    parts = re.split(r"^## (.+)\n", before, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    for name, found in figures.items():
        sections[name] = "\n".join([*section(name, found)][1:]) + "\n"
    kept = (f"## {name}\n{body.rstrip()}\n" for name, body in sorted(sections.items()) if name in BENCHMARKS)
    return "\n".join([TABLE_HEAD, *kept])


if __name__ == "__main__":
    sys.exit(main())
