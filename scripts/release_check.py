#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Fails where the version of the package and the changelog disagree; with a tag, also where they are not ready for it.

scripts/release_check.py                     the newest version of CHANGELOG_FILE.md is ocrfill.__version__
scripts/release_check.py --tag v0.2.0        and it is this tag's, has its day, and nothing is left under "Unreleased"
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocrfill import __version__

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG_FILE = ROOT / "CHANGELOG.md"

UNRELEASED_HEADING = "Unreleased"
HEADING_PATTERN = re.compile(r"^## (.+?)[ \t]*$", re.MULTILINE)
VERSION_PATTERN = re.compile(r"(\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2}|not released)\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the changelog: its heading, and the lines below it that say something."""

    heading: str
    lines: tuple[str, ...]


def sections(changelog: str) -> tuple[Section, ...]:
    """The sections of a changelog, newest first."""
    parts = HEADING_PATTERN.split(changelog)[1:]
    return tuple(
        Section(heading, tuple(line for line in text.splitlines() if line.strip()))
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    )


def faults(changelog: str, version: str, tag: str | None = None) -> Iterator[str]:
    """What keeps this version from being released, or from being worked on; nothing where all agrees."""
    found = sections(changelog)
    if not found or found[0].heading != UNRELEASED_HEADING:
        yield f"its first section is not `## {UNRELEASED_HEADING}`: put it there, empty or with what has changed"
    versions = [
        (section, VERSION_PATTERN.fullmatch(section.heading))
        for section in found
        if section.heading != UNRELEASED_HEADING
    ]
    for section, match in versions:
        if match is None:
            yield f"`## {section.heading}` is no `## 1.2.3 (2027-01-15)`, nor `## 1.2.3 (not released)`"
    named = [(section, match[1], match[2]) for section, match in versions if match is not None]
    if not named:
        yield f"no version stands in it, and ocrfill.__version__ is {version}"
        return
    numbers = [tuple(map(int, number.split("."))) for _, number, _ in named]
    if numbers != sorted(set(numbers), reverse=True):
        yield "its versions do not go from the newest to the oldest, each once"
    top, newest, day = named[0]
    if newest != version:
        yield f"its newest version is {newest}, but ocrfill.__version__ is {version}: make them the same"
    if not top.lines:
        yield f"nothing stands under {newest}: say what changes for those who use it"
    if tag is not None:
        yield from _faults_of_tag(tag, version, day, found[0])


def _faults_of_tag(tag: str, version: str, day: str, first: Section) -> Iterator[str]:
    if tag != f"v{version}":
        yield f"the tag {tag} is not v{version}"
    if day == "not released":
        yield f"{version} is said to be not released: write its day"
    if first.heading == UNRELEASED_HEADING and first.lines:
        yield f"{len(first.lines)} lines stand under `## {UNRELEASED_HEADING}`: move them to {version}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tag", help="the tag to be given, like v0.2.0")
    options = parser.parse_args()
    found = list(faults(CHANGELOG_FILE.read_text(encoding="utf-8"), __version__, options.tag))
    for fault in found:
        print(f"{CHANGELOG_FILE.name}: {fault}", file=sys.stderr)
    if not found:
        print(f"{CHANGELOG_FILE.name} and ocrfill.__version__ agree: {__version__}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
