"""`ocrfill trust`: what is promised, what is accepted, and what the audit found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from ocrfill.acceptance import AuditState, Trust
from ocrfill.acceptance.calibrate import is_validation_sample
from ocrfill.acceptance.plots import group_plots
from ocrfill.acceptance.reviewed_fields import reviewed_samples, true_samples
from ocrfill.acceptance.trust_evidence import proven_trust
from ocrfill.acceptance.trust_status import AcceptanceFigures, TrustStatus, trust_status
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import BadInput
from ocrfill.evaluation import results_in_workspace
from ocrfill.export.views import trust_html
from ocrfill.store.atomic_file import whole

AUDIT_STATE_TEXTS = {
    AuditState.WATCHING: "watching",
    AuditState.PROVEN: "proven by the audit",
    AuditState.ALARM: "ALARM",
}


@click.command()
@workspace_option
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Also write a page with plots.")
@click.option(
    "--truth",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="With --html: also plot drawn pages, whose truth lies in DIR.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (docs/reference/commands.md).")
def trust(workspace: Path, *, html: Path | None, truth: Path | None, as_json: bool) -> None:
    """Show for each group of fields, and for each book, what is promised, accepted and audited.

    \b
    Examples:
      ocrfill trust --workspace work
      ocrfill trust --workspace work --html trust.html
    """
    if truth is not None and html is None:
        raise click.UsageError("--truth goes with --html")
    with open_store(workspace) as store:
        found = proven_trust(workspace, store)
        if found is None:
            raise BadInput(f"nothing is calibrated in {workspace} yet: `ocrfill calibrate --workspace {workspace}`")
        status = trust_status(store, found)
        samples = reviewed_samples(store) if html is not None else ()
    if html is not None:
        if truth is not None:
            samples += true_samples(truth, results_in_workspace(workspace))
        plots = group_plots(found, [s for s in samples if is_validation_sample(s)])
        with whole(html) as part:
            part.write_text(trust_html(plots), encoding="utf-8")
    click.echo(json.dumps(_document(status), indent=1) if as_json else "\n".join(_told(found, status)))


def _told(trust: Trust, status: TrustStatus) -> Iterator[str]:
    yield f"read by {', '.join(trust.models)}"
    for one in status.groups:
        promised = one.trusted.promised
        at = f"above {one.above:.4f}" if one.above is not None else "nothing accepted"
        whom = ", of all groups together" if promised.together else ""
        yield f"{one.group}: {promised.promise}{whom}, target {promised.target:.2%}, {at}: {_measured(one.measured)}"
    for book in status.books:
        yield f"{book.book}: {_measured(book.measured)}"
    if status.empty_audited:
        yield f"called empty: {status.empty_audited} audited, {status.empty_wrong} of them are not empty"
    measured = [*(one.measured for one in status.groups), *(one.measured for one in status.books)]
    if any(one.audit.state is AuditState.ALARM for one in measured):
        yield "where there is an alarm, `ocrfill run --workspace DIR` takes back what was accepted; then calibrate anew"
    if not any(one.audit.values for one in measured):
        yield "no accepted value was audited yet: `ocrfill review push --audit 0.05` sends some to a person"


def _measured(found: AcceptanceFigures) -> str:
    low, high = found.error
    error = f"{found.audit.wrong} wrong ({low:.2%} to {high:.2%})" if found.audit.values else "error not measured"
    return (
        f"{found.accepted} of {found.values} accepted ({found.share:.1%}); {found.audit.values} audited, {error}, "
        f"{AUDIT_STATE_TEXTS[found.audit.state]}"
    )


def _document(status: TrustStatus) -> dict[str, object]:
    return {
        "format": 1,
        "groups": [
            {
                "group": one.group.value,
                "promise": one.trusted.promised.promise.value,
                "target": one.trusted.promised.target,
                "confidence": one.trusted.promised.confidence,
                "together": one.trusted.promised.together,
                "above": one.above,
                **_figures(one.measured),
            }
            for one in status.groups
        ],
        "books": [{"book": b.book, "target": b.target, **_figures(b.measured)} for b in status.books],
        "empty": {"audited": status.empty_audited, "wrong": status.empty_wrong},
    }


def _figures(found: AcceptanceFigures) -> dict[str, object]:
    return {
        "values": found.values,
        "accepted": found.accepted,
        "share": round(found.share, 4),
        "audit": asdict(found.audit) | {"state": found.audit.state.value},
        "error": [round(edge, 5) for edge in found.error],
    }
