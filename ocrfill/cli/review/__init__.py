"""`ocrfill review`: doubted fields to Label Studio, answers back."""

from __future__ import annotations

import click

from ocrfill.cli.review.open import open_
from ocrfill.cli.review.pull import pull
from ocrfill.cli.review.push import push
from ocrfill.cli.review.start import start
from ocrfill.cli.review.status import status
from ocrfill.cli.review.stop import stop


@click.group()
def review() -> None:
    """Put fields that need a person before one, in Label Studio, and fetch what was entered.

    \b
    Examples:
      ocrfill review start --workspace work
      ocrfill review push  --workspace work --book KS.2006.01
      ocrfill review open  --workspace work
      ocrfill review pull  --workspace work
      ocrfill review status --workspace work
      ocrfill review stop  --workspace work
    """


review.add_command(start)
review.add_command(stop)
review.add_command(push)
review.add_command(open_)
review.add_command(pull)
review.add_command(status)
