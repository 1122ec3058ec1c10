"""Whether a workspace's store shows what its trust.json claims: so many reviewed fields as are said to prove a promise.

A file from another workspace, or one that was written by hand, may fit itself and prove nothing here.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ocrfill.acceptance import GROUP_OF_KIND, Group, Trust
from ocrfill.acceptance.policy_file import TRUST_FILE_NAME, load_trust
from ocrfill.errors import BadInput
from ocrfill.store import Store
from ocrfill.store.access_trail import Act, trail_of


def proven_trust(folder: Path, store: Store) -> Trust | None:
    """The trust of a workspace, None where nothing was calibrated.

    Raises BadInput, by the name of the key, where it is none, cannot be what it says, or claims more reviewed fields
    than the store holds.
    """
    trust = load_trust(folder)
    if trust is not None and (fault := evidence_fault(trust, store, elsewhere_reviewed(folder))) is not None:
        raise BadInput(
            f"{folder / TRUST_FILE_NAME}: {fault}; nothing is accepted by it: `ocrfill calibrate` makes it anew"
        )
    return trust


def evidence_fault(trust: Trust, store: Store, elsewhere: int = 0) -> str | None:
    """The first key that claims more than was reviewed, and why; None where all is there.

    `elsewhere` fields may be counted besides the store's: of books that were purged since, or of drawn pages.
    """
    shown: Counter[Group] = Counter()
    for kind, count in store.reviewed_kinds().items():
        if not kind:  # of pages that are to be read again, with another layout perhaps
            elsewhere += count
        elif (group := GROUP_OF_KIND.get(kind)) is not None:
            shown[group] += count
    for group, trusted in trust.groups.items():
        promised = trusted.promised
        there = sum(shown.values()) if promised.together else shown[group]
        if promised.cut is not None and promised.reviewed > there + elsewhere:
            whose = "fields" if promised.together else f"fields of this group ({group})"
            return (
                f"groups.{group.value}.promised.reviewed: {promised.reviewed} values are said to prove it, and this "
                f"workspace's store holds {there} reviewed {whose}"
            )
    return None


def elsewhere_reviewed(folder: Path) -> int:
    """Fields that the store need not hold: of books purged since the last calibration, of drawn pages in it."""
    purged = drawn = 0
    for entry in trail_of(folder):
        if entry.act is Act.PURGED:
            purged += entry.counts.get("reviewed", 0)
        elif entry.command == "calibrate":
            drawn, purged = entry.counts.get("drawn", 0), 0  # what was purged before taught and proved nothing
    return purged + drawn
