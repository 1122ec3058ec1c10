#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Holds the locked packages against a folder of advisories, and says no more than that folder knows.

scripts/audit_packages.py --advisories FOLDER      OSV in YAML or JSON (PyPA's advisory-database), or insecure.json
                                                   (safety-db)

Ends with 0 only where the data is there, is not old, and each finding is explained in requirements/advisories.toml;
with 1 where a finding is not explained; with 3 where there is no data, or it is too old to say that nothing is known.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCK_FOLDER = Path(__file__).resolve().parent.parent / "requirements"
LOCKS = ("run.lock", "dev.lock", "train.lock", "label-studio.lock")

MIN_ADVISORIES = 1000
"""Any database of Python's advisories has thousands; fewer are a download that went wrong."""

MAX_AGE_DAYS = 30
"""Data whose last change is older says nothing of what was found since."""

KNOWN_HOLE = ("pyyaml", "5.3")
"""A version that every database knows to have a hole: where that is not found, nothing else would be."""

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
MODIFIED = re.compile(r"""^\s*["']?modified["']?:\s*["']?(\d{4}-\d{2}-\d{2})""", re.MULTILINE)
NAMED = re.compile(r"""["']?name["']?:\s*["']?([A-Za-z0-9._-]+)""")


@dataclass(slots=True)
class Advisories:
    """How many advisories there are, the day of the last change, and those of the packages that are asked about."""

    count: int
    newest: str
    of_package: dict[str, list[Mapping[str, Any]]]

    def of(self, package: str, version: str) -> Iterator[Mapping[str, Any]]:
        """The advisories that this version falls under."""
        for advisory in self.of_package.get(package, ()):
            parts = (a for a in advisory.get("affected", ()) if canonicalize_name(a["package"]["name"]) == package)
            if any(is_affected(part, version) for part in parts):
                yield advisory


def is_affected(part: Mapping[str, Any], version: str) -> bool:
    """Whether a version is listed, or lies in a range of versions."""
    if part["package"].get("ecosystem") != "PyPI":
        return False
    listed = version in map(str, part.get("versions", ()))
    listed |= any(SpecifierSet(spec).contains(version, prereleases=True) for spec in part.get("specs", ()))
    ranges = (found for found in part.get("ranges", ()) if found.get("type") == "ECOSYSTEM")
    return listed or any(_within(found.get("events", ()), _number(version)) for found in ranges)


def _within(events: list[Mapping[str, Any]], version: Version) -> bool:
    """OSV's own rule: the last event that is not after the version says whether it is in."""
    inside = False
    for event in sorted(events, key=lambda e: _number(str(next(iter(e.values()))))):
        kind, at = next(iter(event.items()))
        if kind == "introduced" and (str(at) == "0" or version >= _number(str(at))):
            inside = True
        elif (kind == "fixed" and version >= _number(str(at))) or (
            kind == "last_affected" and version > _number(str(at))
        ):
            inside = False
    return inside


def _number(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def read_advisories(folder: Path, packages: set[str]) -> Advisories:
    """The advisories below a folder; only those of the packages are kept, the others counted."""
    found = Advisories(0, "", {})
    for file in sorted(folder.rglob("*")):
        if file.suffix not in (".yaml", ".json") or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        if file.name == "insecure.json":
            documents, day = _listed(json.loads(text))
        elif (changed := MODIFIED.search(text)) is not None:
            wanted = {canonicalize_name(name) for name in NAMED.findall(text)} & packages
            load = json.loads if file.suffix == ".json" else lambda written: yaml.load(written, yaml.CSafeLoader)
            documents, day = {name: [load(text)] for name in wanted}, changed[1]
            found.count += not wanted
        else:
            continue
        found.newest = max(found.newest, day)
        for name, some in documents.items():
            found.count += len(some)
            if name in packages:
                found.of_package.setdefault(name, []).extend(one for one in some if not one.get("withdrawn"))
    return found


def _listed(document: dict[str, Any]) -> tuple[dict[str, list[Mapping[str, Any]]], str]:
    """A file of safety-db, in which a package has a list of versions and no more."""
    day = datetime.fromtimestamp(document.pop("$meta")["timestamp"], UTC).date().isoformat()
    package = {name: {"package": {"ecosystem": "PyPI", "name": name}} for name in document}
    return {
        canonicalize_name(name): [
            {"id": f"safety-db {name}{spec}", "affected": [package[name] | {"specs": [spec]}]} for spec in specs
        ]
        for name, specs in document.items()
    }, day


def no_data(found: Advisories, today: datetime) -> str | None:
    """Why nothing can be said by this data; None where it can."""
    if found.count < MIN_ADVISORIES:
        return f"only {found.count} advisories were found there: this is no database of Python's"
    if not any(found.of(*KNOWN_HOLE)):
        return f"it does not know the hole in {' '.join(KNOWN_HOLE)}: nothing else would be found by it"
    if datetime.fromisoformat(found.newest).replace(tzinfo=UTC) < today - timedelta(days=MAX_AGE_DAYS):
        return f"its last change is of {found.newest}: what was found since is not in it"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--advisories", type=Path, required=True, help="the folder of advisories")
    parser.add_argument("--locks", type=Path, default=LOCK_FOLDER, help="the folder of the lock files")
    options = parser.parse_args()
    locked: dict[tuple[str, str], list[str]] = {}
    for lock in LOCKS:
        for name, version in PIN.findall((options.locks / lock).read_text(encoding="utf-8")):
            locked.setdefault((canonicalize_name(name), version), []).append(lock)
    found = read_advisories(options.advisories, {name for name, _ in locked} | {KNOWN_HOLE[0]})
    explained = tomllib.loads((options.locks / "advisories.toml").read_text(encoding="utf-8"))
    unexplained = 0
    for (name, version), locks in sorted(locked.items()):
        for one in found.of(name, version):
            identities = [str(one["id"]), *map(str, one.get("aliases", ()))]
            reason = next((explained[i]["why"] for i in identities if i in explained), None)
            unexplained += reason is None
            print(f"{name} {version} ({', '.join(locks)}): {' '.join(identities)}: {reason or 'NOT EXPLAINED'}")
    print(f"{len(locked)} locked versions held against {found.count} advisories up to {found.newest or '-'}")
    why = no_data(found, datetime.now(UTC))
    if why is not None:
        print(f"NOT AUDITED: {why}", file=sys.stderr)
        return 3
    print(f"findings that are not explained: {unexplained}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
