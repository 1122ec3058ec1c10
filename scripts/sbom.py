#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Bills of materials (CycloneDX, JSON) of the package and of the reviewing server's environment, and their licences.

scripts/sbom.py OUT            writes OUT/package.cdx.json and OUT/label-studio.cdx.json, the same bytes each time

Fails where a locked package is not in its bill with its hashes, where a licence is not known, or where what the
package imports at run time is under the GPL or AGPL, with which it could not be given away. Label Studio is a program
apart.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

GPL = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
"""The LGPL (as `LGPL`, `Lesser`) is another licence, and fits: it is linked to, not taken in."""

LONGEST_NAME = 120
"""Letters of a licence's name; what is longer is its whole text, and its first line stands for it."""

LICENCE_BY_HAND = {"label-studio-sdk": "Apache-2.0"}
"""Licences that a package does not tell, looked up in its sources."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one bill is of: its name, its lock file, the environment that it is installed in, and whether GPL is out."""

    name: str
    lock: Path
    environment: Path
    no_gpl: bool


BILLS = (
    Bill("package", ROOT / "requirements" / "run.lock", ROOT / ".venv", no_gpl=True),
    Bill("label-studio", ROOT / "requirements" / "label-studio.lock", ROOT / ".label-studio", no_gpl=False),
)


def drawn_up(lock: Path) -> dict[str, Any]:
    """The bill of a lock file, by CycloneDX's own tool; nothing random and no time in it."""
    words = ["-m", "cyclonedx_py", "requirements", "--output-reproducible", "--of", "JSON", "-o", "-", str(lock)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"cyclonedx-bom cannot draw up the bill of {lock.name}: {done.stderr.strip()[-600:]}")
    bill: dict[str, Any] = json.loads(done.stdout)
    return bill


def licences(environment: Path) -> dict[str, str]:
    """The licence of each package that is installed in an environment, as the package itself tells it."""
    found = {}
    for folder in environment.glob("lib/python3*/site-packages"):
        for one in distributions(path=[str(folder)]):
            found[canonicalize_name(one.metadata["Name"])] = licence_of(one.metadata)
    return found


def licence_of(metadata: Message) -> str:
    """The expression, else the classifiers, else the first line of the field; "" where nothing is told."""
    if expression := metadata.get("License-Expression"):
        return str(expression)
    kinds = [c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier") or () if c.startswith("License :: ")]
    kinds = [kind for kind in kinds if kind != "OSI Approved"]
    told = str(metadata.get("License") or "").strip().split("\n")[0]
    return " AND ".join(kinds) or (told if len(told) <= LONGEST_NAME and told != "UNKNOWN" else "")


def is_gpl(licence: str) -> bool:
    """Whether every choice that a licence leaves is the GPL or AGPL."""
    return all(GPL.search(choice) for choice in re.split(r"\s+OR\s+", licence)) if licence else False


def faults(
    bill: dict[str, Any], pins: Sequence[tuple[str, str]], known: Mapping[str, str], *, no_gpl: bool
) -> Iterator[str]:
    """What is wrong with a bill; the licences are put into it on the way."""
    components = {(canonicalize_name(c["name"]), c["version"]): c for c in bill.get("components", ())}
    for name, version in pins:
        component = components.get((canonicalize_name(name), version))
        hashes = [h for r in (component or {}).get("externalReferences", ()) for h in r.get("hashes", ())]
        if component is None or not (hashes or component.get("hashes")):
            yield f"{name} {version} is locked, and not in the bill with its hashes"
    for (name, version), component in components.items():
        licence = known.get(name) or LICENCE_BY_HAND.get(name, "")
        if name not in known:
            continue  # of another system or Python: it is not installed here
        if not licence:
            yield f"{name} {version}: it tells no licence; look in its sources, and say it in scripts/sbom.py"
            continue
        component["licenses"] = [{"license": {"name": licence}}]
        if no_gpl and is_gpl(licence):
            yield f"{name} {version} is under {licence}: the package may not depend on it"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="the folder for the bills")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    wrong = []
    for one in BILLS:
        bill, known = drawn_up(one.lock), licences(one.environment)
        pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", one.lock.read_text(encoding="utf-8"), re.MULTILINE)
        wrong += [f"{one.lock.name}: {fault}" for fault in faults(bill, pins, known, no_gpl=one.no_gpl)]
        file = options.out / f"{one.name}.cdx.json"
        file.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        licensed = sum("licenses" in c for c in bill["components"])
        print(f"{file}: {len(bill['components'])} packages, the licences of the {licensed} that are installed here")
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
