"""`ocrfill train`: lines out of settled fields, and a model that learnt them; the part that learns needs torch."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from support.drawn.pages import draw_pages

from ocrfill.civil_status.book import Book
from ocrfill.cli import ocrfill
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.layouts import load_layout
from ocrfill.pipeline.read_page import read_page
from ocrfill.pipeline.recognition import CheckboxReader
from ocrfill.pipeline.recognition.line_images import read_labels, read_line_image
from ocrfill.pipeline.scans import open_scan
from ocrfill.store import Store
from ocrfill.training.reviewed_lines import MAX_SPLITS, SkippedFields, reviewed_lines, split_over_strips
from ocrfill.training.synthetic import DrawingOptions

KEY, LAYOUT, PAGES = "KS.2006.01", "ks_2006_2015", 2


def test_a_text_is_shared_out_to_its_strips():
    assert split_over_strips(
        "Xã Vĩnh Lâm, huyện Vĩnh Linh, tỉnh Quảng Trị", ["Xã Vinh Lam huyên", "Vĩnh Linh tinh Quang Tr"]
    ) == (
        "Xã Vĩnh Lâm, huyện",
        "Vĩnh Linh, tỉnh Quảng Trị",
    )
    assert split_over_strips("An", ["", "An"]) == ("", "An")
    assert split_over_strips("ba chữ thôi", ["x"]) == ("ba chữ thôi",)
    assert split_over_strips("một", []) is None
    assert split_over_strips(" ".join("chữ" for _ in range(MAX_SPLITS)), ["a", "b", "c"]) is None


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Path:
    """Two drawn pages, read by the handwriting reader, all their filled fields settled by a person."""
    from ocrfill.pipeline.recognition.ctc_reader import HandReader
    from ocrfill.pipeline.recognition.model_files import shipped_model

    model = shipped_model()
    if model is None:
        pytest.skip("no handwriting model in models/hand")
    folder = tmp_path_factory.mktemp("work")
    layout = load_layout(LAYOUT)
    readers = {"writing": HandReader(model), "tick": CheckboxReader()}
    with Store.open(folder, create=True) as store:
        store.add_book(Book.parse(KEY, LAYOUT), layout.version)
        for number, drawn in enumerate(
            draw_pages(layout, Book.parse(KEY, LAYOUT), PAGES + 1, 5, DrawingOptions(dpi=150))
        ):
            if number == PAGES:
                (folder / "later.jpg").write_bytes(drawn.jpeg)
                break
            file = folder / f"{number}.jpg"
            file.write_bytes(drawn.jpeg)
            scan = open_scan(file)
            store.add_scan(KEY, store.path_in_store(file), scan.sha256, 1)
            (todo,) = store.todo()
            result = read_page(scan.page(1), layout, readers)
            store.put(todo.id, replace(result, source=todo.source))
            texts = {field.name: field.text for field in drawn.truth.records[0].fields}
            store.add_corrections(
                Correction(
                    FieldPlace(scan.sha256, 1, 1, field.name),
                    field.raw,
                    texts[field.name],
                    Answer.CORRECTED,
                    Purpose.REVIEW,
                    "thu",
                    datetime(2026, 3, 4, 1, 2, i, tzinfo=UTC),
                    2.0,
                    "test",
                    i,
                    100 * number + i,
                )
                for i, field in enumerate(result.records[0].fields)
                if texts.get(field.name)
            )
    return folder


@pytest.mark.onnx
def test_settled_fields_give_their_strips(workspace):
    left, pages = SkippedFields(), []
    with Store.open(workspace) as store:
        lines = list(reviewed_lines(store.corrected_fields(), {KEY: LAYOUT}, left, lambda: pages.append(1)))
        settled = [field for field in store.corrected_fields() if field.settled]
    assert len(pages) == PAGES
    assert len({line.page for line in lines}) == PAGES
    assert left.other_kind > 0  # sex, ethnic group, nationality
    assert len(lines) >= len(settled) - left.other_kind - left.not_found - left.strange
    assert left.not_found + left.strange <= 2
    assert all(line.image.shape[0] > 10 and line.image.min() < 128 for line in lines)
    entered = {field.settled.entered for field in settled}
    assert sum(line.text in entered for line in lines) > len(lines) / 2


def worsened(folder: Path) -> Path:
    """The shipped model with noise on its weights: it reads badly, and a few steps of learning make it read better.

    The shipped model itself may read drawn pages too well to learn anything from them in seconds.
    """
    import onnx
    from onnx import numpy_helper

    from ocrfill.pipeline.recognition.model_files import shipped_model

    shutil.copytree(shipped_model(), folder)
    model, rng = onnx.load(str(folder / "model.onnx")), np.random.default_rng(1)
    for weights in model.graph.initializer:
        found = numpy_helper.to_array(weights)
        if found.ndim > 1 and found.dtype.kind == "f":
            noise = rng.normal(0, 0.08 * found.astype(float).std(), found.shape)
            weights.CopyFrom(numpy_helper.from_array((found + noise).astype(found.dtype), weights.name))
    onnx.save(model, str(folder / "model.onnx"))
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["sha256"] = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


@pytest.mark.torch
@pytest.mark.onnx
@pytest.mark.slow
def test_a_workspace_teaches_the_reader(workspace, tmp_path):
    from ocrfill.pipeline.recognition.ctc_reader import HandReader
    from ocrfill.pipeline.recognition.model_files import newest_model

    worse = worsened(tmp_path / "4")
    done = CliRunner().invoke(
        ocrfill, ["train", "--workspace", str(workspace), "--minutes", "0.05", "--from", str(worse)]
    )
    assert done.exit_code == 0, done.output
    model = newest_model(workspace / "models" / "hand")
    assert model is not None, done.output
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    labels = read_labels(workspace / "training" / "lines")
    assert card["data"][-1]["lines"] == len(labels) >= 20
    assert card["version"].endswith("+1")
    assert HandReader(model).log_probabilities([read_line_image(labels[0].path)])
    assert "drawn lines of other hands" in done.output

    read = CliRunner().invoke(
        ocrfill,
        ["run", str(workspace / "later.jpg"), "--book", KEY, "--workspace", str(workspace), "--reader", "hand"],
    )
    assert read.exit_code == 0, read.output
    with Store.open(workspace) as store:
        models = {Path(page.scan).name: page.result.models for page in store.pages(KEY)}
    taught = {name for name, of_page in models.items() if any("+1 " in one for one in of_page)}
    assert taught == {"later.jpg"}


@pytest.mark.torch
def test_too_few_reviewed_fields_are_told(tmp_path):
    with Store.open(tmp_path, create=True) as store:
        store.add_book(Book.parse(KEY, LAYOUT), 1)
    done = CliRunner().invoke(ocrfill, ["train", "--workspace", str(tmp_path)])
    assert done.exit_code != 0
    assert "review more fields" in str(done.exception)
