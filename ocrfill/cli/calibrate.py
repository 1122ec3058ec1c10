"""`ocrfill calibrate`: from reviewed fields, how sure each value is, and which are accepted under what promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from ocrfill.acceptance import RiskGuarantee, Trust
from ocrfill.acceptance.calibrate import GuaranteeRequest, is_validation_sample
from ocrfill.acceptance.calibrate import calibrate as calibrated
from ocrfill.acceptance.decide_books import decide_stored_books
from ocrfill.acceptance.policy_file import save_trust
from ocrfill.acceptance.reviewed_fields import LabelledField, reviewed_samples, true_samples
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import BadInput
from ocrfill.evaluation import results_in_workspace
from ocrfill.store import Store
from ocrfill.store.access_trail import Act, note_access

MAX_TARGET_SHARE = 0.2
"""The largest share of wrong values that can be promised: above, no promise is worth its name."""


@click.command()
@workspace_option
@click.option(
    "--target",
    type=click.FloatRange(0, MAX_TARGET_SHARE, min_open=True),
    default=0.01,
    show_default=True,
    metavar="SHARE",
    help="The share of wrong values that is promised not to be surpassed.",
)
@click.option(
    "--promise",
    type=click.Choice([p.value for p in RiskGuarantee]),
    default=RiskGuarantee.OF_ACCEPTED.value,
    show_default=True,
    help="Wrong among the accepted values, or wrong accepted values among all: a weaker promise that accepts more.",
)
@click.option(
    "--together",
    is_flag=True,
    help="Promise it of all groups of fields together, not of each: far fewer reviewed fields prove it.",
)
@click.option(
    "--truth",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Take drawn pages, whose truth lies in DIR, as reviewed too: for measuring.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/reference/commands.md).")
def calibrate(
    workspace: Path, *, target: float, promise: str, together: bool, truth: Path | None, as_json: bool
) -> None:
    """Learn from reviewed fields how sure each value is, and accept what can be promised.

    Every book is judged anew at once; `ocrfill trust` shows what came of it.

    \b
    Examples:
      ocrfill calibrate --workspace work
      ocrfill calibrate --workspace work --target 0.005
      ocrfill calibrate --workspace work --together
      ocrfill calibrate --workspace work --promise of_all --target 0.01
    """
    with open_store(workspace) as store, store.locked():
        samples, drawn = _samples(store, workspace, truth)
        trust = calibrated(samples, GuaranteeRequest(target, RiskGuarantee(promise), together))
        counts = {"reviewed": len(samples), "drawn": drawn}
        note_access(workspace, Act.CHANGED, "calibrate", counts=counts)
        save_trust(trust, workspace)
        pages = sum(1 for _ in decide_stored_books(store, trust))
    if as_json:
        click.echo(json.dumps(_document(trust, samples, pages), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_told(trust, samples, pages)))


def _samples(store: Store, workspace: Path, truth: Path | None) -> tuple[tuple[LabelledField, ...], int]:
    """What persons reviewed, and what is known of drawn pages; and how many the latter are."""
    reviewed = reviewed_samples(store)
    drawn = true_samples(truth, results_in_workspace(workspace)) if truth is not None else ()
    samples = reviewed + drawn
    if not samples:
        raise BadInput("no field of this workspace was reviewed yet: `ocrfill review push --by-lot 3000` asks for some")
    return samples, len(drawn)


def _told(trust: Trust, samples: tuple[LabelledField, ...], pages: int) -> Iterator[str]:
    chance = sum(s.random for s in samples)
    proving = sum(map(is_validation_sample, samples))
    yield f"reviewed: {len(samples)} values, {chance} of them chosen by chance; read by {', '.join(trust.models)}"
    yield f"of these {len(samples) - proving} taught, {proving} prove"
    together = any(trusted.promised.together for trusted in trust.groups.values())
    for group, trusted in list(trust.groups.items())[: 1 if together else None]:
        promised = trusted.promised
        name = "all groups together" if together else group
        said = f"at most {promised.target:.2%} wrong {_of(promised.promise)}"
        if promised.cut is not None:
            cut = promised.cut
            share = cut.accepted / promised.reviewed
            yield (
                f"{name}: {said}: {share:.1%} accepted (of {promised.reviewed} reviewed {cut.accepted}, "
                f"{cut.wrong} wrong)"
            )
        elif promised.needed is not None:
            yield f"{name}: {said}: nothing is accepted; about {promised.needed} more reviewed values are needed"
        else:
            yield (
                f"{name}: {said}: nothing is accepted, and more reviewed values would not help: the reader is not "
                "sure enough; promise less or read better"
            )
    yield f"{pages} pages judged anew"


def _of(promise: RiskGuarantee) -> str:
    return "of the accepted" if promise is RiskGuarantee.OF_ACCEPTED else "and accepted, of all"


def _document(trust: Trust, samples: tuple[LabelledField, ...], pages: int) -> dict[str, object]:
    return {
        "format": 1,
        "reviewed": len(samples),
        "by_chance": sum(s.random for s in samples),
        "models": list(trust.models),
        "groups": {
            group.value: {
                "promise": trusted.promised.promise.value,
                "target": trusted.promised.target,
                "confidence": trusted.promised.confidence,
                "together": trusted.promised.together,
                "proven_on": trusted.promised.reviewed,
                "above": trusted.promised.cut.above if trusted.promised.cut else None,
                "accepted": trusted.promised.cut.accepted if trusted.promised.cut else 0,
                "wrong": trusted.promised.cut.wrong if trusted.promised.cut else 0,
                "needed": trusted.promised.needed,
            }
            for group, trusted in trust.groups.items()
        },
        "pages": pages,
    }
