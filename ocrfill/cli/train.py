"""`ocrfill train`: the handwriting reader learns the hands of a workspace from its reviewed fields."""

from __future__ import annotations

import logging
import os
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import click

from ocrfill.cli.run import progress
from ocrfill.cli.settings import load_settings
from ocrfill.cli.text_option import TEXT
from ocrfill.cli.workspace import open_store, workspace_option
from ocrfill.errors import BadInput, MissingProgram, OutputError, install_extra
from ocrfill.pipeline.recognition.model_files import HAND_MODELS_FOLDER, newest_model, shipped_model
from ocrfill.store import Store
from ocrfill.store.access_trail import Act, note_access
from ocrfill.store.atomic_file import PRIVATE_FOLDER_MODE, make_folders
from ocrfill.training.reviewed_lines import SkippedFields, reviewed_lines, save_reviewed

TRAINING_FOLDER_NAME = "training"
"""Where a workspace keeps what is learnt from: lines cut out of its pages, and the state of the training."""


@click.command()
@workspace_option
@click.option(
    "--book", "books", type=TEXT, metavar="KEY", multiple=True, help="Only fields of this book; may be given again."
)
@click.option("--minutes", type=click.FloatRange(min=0.01), default=8.0, show_default=True, help="How long to learn.")
@click.option(
    "--from",
    "start",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Model folder to start from  [the workspace's newest, else the one that comes with ocrfill].",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed draws the same lines.")
def train(workspace: Path, *, books: tuple[str, ...], minutes: float, start: Path | None, seed: int) -> None:
    """Teach the handwriting reader the hands of a workspace from the fields that persons have settled.

    The new model is written to WORKSPACE/models/hand/N; `ocrfill run` reads the pages that are still to be read with
    the newest one there. Other hands are not read worse for it: that is measured, and told. Needs the extra `train`.

    \b
    Examples:
      ocrfill train --workspace work
      ocrfill train --workspace work --book KS.2006.01 --minutes 5
    """
    if find_spec("torch") is None or find_spec("onnx") is None:
        raise MissingProgram(f"training needs torch and onnx: {install_extra('train')}")
    import torch  # noqa: PLC0415

    from ocrfill.training.adapt import PEAK_LEARNING_RATE, adapt  # noqa: PLC0415 - torch takes seconds to load
    from ocrfill.training.loop import TrainingPlan  # noqa: PLC0415

    logging.getLogger("ocrfill.training").setLevel(logging.INFO)
    own = workspace / HAND_MODELS_FOLDER
    model = start or newest_model(own) or shipped_model()
    if model is None:
        raise BadInput("no handwriting model came with this ocrfill; name a model folder with --from")
    work, left = workspace / TRAINING_FOLDER_NAME, SkippedFields()
    for folder in (work, own):
        close_folder(folder)
    with open_store(workspace, load_settings(workspace)) as store:
        for key in books or ("",):
            note_access(workspace, Act.SAW, "train", key)
        count = _save_lines(store, books, work / "lines", left)
    click.echo(f"lines: {count} to learn from; " + _told(left))
    torch.set_num_threads(
        1
    )  # a second thread gains little and costs much beside other work: it makes the lines instead
    plan = TrainingPlan(
        minutes=minutes, rate=PEAK_LEARNING_RATE, seed=seed, processes=1 if len(os.sched_getaffinity(0)) > 1 else 0
    )
    found = adapt(model, work / "lines", work, own, plan=plan)
    if found.folder is None:
        click.echo(
            "nothing kept: what was learnt reads this hand no better, or others worse; review more pages and try again"
        )
        return
    click.echo(
        f"wrote {found.folder}: {100 * found.share:.0f} % of the new weights; reviewed lines set aside: CER "
        f"{found.own_after.cer:.4f}, before {found.own_before.cer:.4f}; drawn lines of other hands: "
        f"{found.after.cer:.4f}, before {found.before.cer:.4f}"
    )


def close_folder(folder: Path) -> None:
    """Make a folder of training's, or close it, to other users: strips of registers lie in it.

    Raises OutputError.
    """
    try:
        make_folders(folder)
        folder.chmod(PRIVATE_FOLDER_MODE)
    except OSError as error:
        raise OutputError(f"cannot make {folder}: {error.strerror}; check the folder and its permissions") from error


def _told(left: SkippedFields) -> str:
    """How many settled fields gave no line, and why."""
    reasons = (
        (left.no_value, "without a value"),
        (left.other_kind, "of closed lists"),
        (left.not_found, "not found on the page again"),
        (left.strange, "with a text unlike the writing"),
        (left.not_spelled, "with letters the reader does not know"),
    )
    told = [f"{count} {reason}" for count, reason in reasons if count]
    return "left out: " + (", ".join(told) if told else "none")


def _save_lines(store: Store, books: tuple[str, ...], folder: Path, left: SkippedFields) -> int:
    fields = list(store.corrected_fields(books or None))
    pages = sum(1 for _ in groupby(fields, lambda f: (f.book, f.scan, f.page)))
    layouts = {book.key: book.layout for book in store.books()}
    with progress("pages of reviewed fields", pages) as step:
        return save_reviewed(reviewed_lines(fields, layouts, left, step), folder)
