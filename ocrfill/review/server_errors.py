"""What goes wrong between ocrfill and a reviewing server, in words to act on: never a value, never a token."""

from __future__ import annotations

import json

from ocrfill.errors import ReviewError

NOT_FOUND_STATUS = 404

MAX_REASON_LETTERS = 200
"""Letters of the server's own reason that are told."""


class Unanswered(ReviewError):
    """No answer came, or the server failed: whether it did what was asked is not known."""


class NotThere(ReviewError):
    """The server has no such thing."""


def no_answer_error(url: str, what: str, reason: str) -> Unanswered:
    """The error where nothing came back from `what`, a call like `GET /api/tasks/`."""
    return Unanswered(
        f"{url} does not answer ({what}: {reason}); check that it runs (`ocrfill review status`), "
        "then run the same command again: nothing is lost or doubled"
    )


def refusal_error(url: str, what: str, status: int, said: bytes) -> ReviewError:
    """The error for an answer that is no success; `said` is how its body begins."""
    if status == NOT_FOUND_STATUS:
        return NotThere(f"{url} has no {what.partition(' ')[2]}")
    if status in (401, 403):
        return ReviewError(f"{url} does not take this token ({status}); give another with `ocrfill review start`")
    if status >= 500 or status in (408, 429):
        return Unanswered(
            f"{url} fails at {what} with {status}; look in its log, then run the same command again: "
            "nothing is lost or doubled"
        )
    if 300 <= status < 400:
        return ReviewError(
            f"{url} sends {what} on to another address ({status}), and a token is not carried there; "
            "give the server's own address with `ocrfill review start --url`"
        )
    return ReviewError(f"{url} refuses {what} with {status}: {_reason(said)}")


def unreadable_answer_error(url: str, what: str, why: str) -> ReviewError:
    """The error for an answer that cannot be understood; `what` was asked for, like `its projects`."""
    return ReviewError(
        f"{url} was asked for {what} and answers with something that is not {why}; is it Label Studio 1.23? "
        "`ocrfill review start --url` gives the address of another server"
    )


def _reason(said: bytes) -> str:
    """What the server says is wrong, without the values it may quote."""
    try:
        found = json.loads(said)
        return str(found.get("detail") or found.get("validation_errors") or "")[:MAX_REASON_LETTERS]
    except (ValueError, AttributeError, RecursionError):
        return "no reason given"
