"""What training is made of; the parts that need torch run where it is installed."""

import unicodedata

import cv2
import numpy as np
import pytest

from ocrfill.training.alphabet import ALPHABET, plainer, spell
from ocrfill.training.augmentation import WORKING_HEIGHT_PX, augmented
from ocrfill.training.dataset import split_by_writer
from ocrfill.training.line_texts import field_texts
from ocrfill.training.synthetic_lines import draw_lines, save_lines


def test_alphabet_is_whole_and_without_doubles():
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert unicodedata.is_normalized("NFC", ALPHABET)
    assert len([c for c in ALPHABET if c.isalpha()]) == 2 * (12 * 6 + 21)
    assert set("ẵẳặỹỵđĐỖỰẬ0123456789./-,:;()") <= set(ALPHABET)


def test_spelling():
    assert spell(unicodedata.normalize("NFD", "Đỗ  Thị\tẨn – 5")) == "Đỗ Thị Ẩn - 5"
    assert spell("漢") is None


def test_letters_start_from_their_plainer_forms():
    assert set(plainer("ấ")) == {"â", "á", "a"}
    assert plainer("Đ") == ("D",)
    assert "o" in plainer("ợ")


def test_texts_are_those_of_registers():
    texts = field_texts(5, entries=4)
    lines = [next(texts) for _ in range(400)]
    assert all(line == spell(line) for line in lines)
    assert max(map(len, lines)) <= 60
    assert any(line.startswith("Nguyễn") for line in lines)
    assert any(line[:2].isdigit() for line in lines)
    again = field_texts(5, entries=4)
    assert lines == [next(again) for _ in range(400)]


def test_drawn_lines_can_be_read_back(tmp_path):
    save_lines(draw_lines(3), 12, tmp_path)
    rows = (tmp_path / "labels.tsv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 12
    for row in rows:
        image = cv2.imread(str(tmp_path / row.split("\t")[0]), cv2.IMREAD_GRAYSCALE)
        assert image.shape[0] >= 64
        assert np.percentile(image, 80) - image.min() > 30


def test_writers_are_never_shared_by_both_parts(tmp_path):
    rows = [(f"{w}/{i}.png", f"w{w}") for w in range(16) for i in range(3)]
    (tmp_path / "labels.tsv").write_text("".join(f"{n}\tAn\n" for n, _ in rows), encoding="utf-8")
    (tmp_path / "writers.tsv").write_text("".join(f"{n}\t{w}\n" for n, w in rows), encoding="utf-8")
    split = split_by_writer(tmp_path)
    assert {line.writer for line in split.validation} == set(split.held_out)
    assert not {line.writer for line in split.training} & set(split.held_out)
    assert len(split.held_out) == 2
    (tmp_path / "writers.tsv").unlink()
    assert split_by_writer(tmp_path, least=10).validation == split_by_writer(tmp_path, least=10).validation
    assert len(split_by_writer(tmp_path, least=10).validation) == 10


def test_damage_leaves_a_line():
    line = np.full((64, 300), 230, np.uint8)
    cv2.putText(line, "Tan Lap", (10, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 30, 2)
    for seed in range(200):
        image = augmented(line, np.random.default_rng(seed))
        assert image.dtype == np.uint8
        assert image.shape[0] == WORKING_HEIGHT_PX
        assert 100 < image.shape[1] < 700
        assert np.percentile(image, 75) - np.percentile(image, 0.5) > 15
    one, other = (augmented(line, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one, other)


def test_words_are_cut_in_their_gaps():
    from ocrfill.training.word_recombination import _blank_columns, _widest_gap

    line = np.full((64, 600), 230, np.uint8)
    line[20:50, 20:100] = 30
    line[20:50, 120:200] = 30
    line[60:62] = 30  # a rule
    assert _widest_gap(_blank_columns(line), 60, 160) in range(105, 115)
    assert _widest_gap(_blank_columns(line), 130, 190) is None


@pytest.fixture
def small_model():
    import onnx
    import torch

    torch.set_num_threads(
        1
    )  # Tesseract's reader, if it ran before, limits OpenMP to one thread: two would wait for ever
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(1)
    classes = len(ALPHABET) + 1
    arrays = {
        "conv.w": rng.normal(0, 0.1, (8, 1, 48, 8)),
        "conv.b": rng.normal(0, 0.1, (1, 8, 1, 1)),
        "head.weight": rng.normal(0, 0.1, (8, classes)),
        "head.bias": np.zeros(classes),
        "root": np.array(np.sqrt(2.0)),
        "one": np.array(1.0),
        "half": np.array(0.5),
    }
    nodes = [
        helper.make_node("Conv", ["x", "conv.w"], ["c"], strides=[1, 8]),
        helper.make_node("Add", ["c", "conv.b"], ["a"]),
        helper.make_node("Div", ["a", "root"], ["d"]),
        helper.make_node("Erf", ["d"], ["e"]),
        helper.make_node("Add", ["e", "one"], ["p"]),
        helper.make_node("Mul", ["a", "p"], ["m"]),
        helper.make_node("Mul", ["m", "half"], ["g"]),
        helper.make_node("Squeeze", ["g"], ["s"], axes=[2]),
        helper.make_node("Transpose", ["s"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["t", "head.weight"], ["h"]),
        helper.make_node("Add", ["h", "head.bias"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 48, "w"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", "t", classes])],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in arrays.items()],
    )
    return onnx.helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)


@pytest.mark.torch
@pytest.mark.onnx
def test_the_torch_graph_is_the_onnx_graph(small_model):
    import onnxruntime
    import torch

    from ocrfill.training.export_model import half_precision
    from ocrfill.training.onnx_to_torch import OnnxGraph

    lines = np.random.default_rng(2).normal(size=(2, 1, 48, 80)).astype(np.float32)
    for model in (small_model, half_precision(small_model)):
        session = onnxruntime.InferenceSession(model.SerializeToString())
        network = OnnxGraph(model)
        assert {node.kind for node in network.nodes} == {"Conv", "Gelu", "Squeeze", "Transpose", "MatMul", "Add"}
        answer = network(torch.from_numpy(lines))
        assert np.allclose(answer.detach(), session.run(None, {"x": lines})[0], atol=1e-5)
        answer.square().mean().backward()
        assert all(p.grad is not None for p in network.parameters())


@pytest.mark.torch
@pytest.mark.onnx
def test_training_learns_stops_and_goes_on(small_model, tmp_path):
    import onnx

    from ocrfill.pipeline.recognition.line_images import read_labels
    from ocrfill.training.batch_workers import LineSource, SyntheticLines
    from ocrfill.training.loop import Training, TrainingPlan

    save_lines(draw_lines(3), 24, tmp_path / "lines")
    lines = [line for line in read_labels(tmp_path / "lines") if spell(line.text)]
    ticks = iter(range(10_000))
    plan = TrainingPlan(minutes=1, batch=4, report_minutes=0.5, warm_up=2)
    training = Training(small_model, ALPHABET, plan)
    before = training.network.weights["head_bias"].detach().clone()
    sources = [LineSource(1.0, lines), LineSource(0.5, SyntheticLines(draw_lines))]
    scores = training.run(sources, {"drawn": lines[:4]}, tmp_path / "work", lambda: 2.0 * next(ticks))
    assert training.step > 5
    assert scores["drawn"].lines == 4
    assert not np.allclose(before, training.network.weights["head_bias"].detach())

    again = Training(onnx.load(str(tmp_path / "work" / "model.onnx")), ALPHABET, plan)
    assert np.allclose(again.network.weights["head_bias"].detach(), training.mean["head_bias"])
    again.resume(tmp_path / "work" / "state.pt")
    assert again.step == training.step
    assert np.allclose(again.network.weights["head_bias"].detach(), training.network.weights["head_bias"].detach())


@pytest.mark.torch
@pytest.mark.onnx
def test_a_finer_deeper_network_reads_as_before(small_model):
    import onnxruntime
    from onnx import helper

    from ocrfill.training.backbone import finer, with_context
    from ocrfill.training.onnx_to_torch import OnnxGraph

    nodes = list(small_model.graph.node)
    at = next(i for i, node in enumerate(nodes) if node.op_type == "Squeeze")
    pool = helper.make_node("AveragePool", ["g"], ["pooled"], kernel_shape=[1, 2], strides=[1, 2])
    nodes[at].input[0] = "pooled"
    del small_model.graph.node[:]
    small_model.graph.node.extend([*nodes[:at], pool, *nodes[at:]])
    deep = with_context(finer(small_model), 2)
    lines = np.random.default_rng(2).normal(size=(2, 1, 48, 96)).astype(np.float32)
    before, after = (
        onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": lines})[0]
        for model in (small_model, deep)
    )
    assert after.shape[1] == 2 * before.shape[1]
    assert np.allclose(before, after[:, ::2], atol=1e-5)
    assert sum(key.startswith("context_") for key in OnnxGraph(deep).weights) == 12


@pytest.mark.torch
@pytest.mark.onnx
def test_the_first_network_teaches_the_second(small_model, tmp_path):
    from ocrfill.pipeline.recognition.line_images import read_labels
    from ocrfill.training.batch_workers import LineSource
    from ocrfill.training.loop import Training, TrainingPlan, train_together

    save_lines(draw_lines(3), 24, tmp_path / "lines")
    lines = [line for line in read_labels(tmp_path / "lines") if spell(line.text)]
    weights = []
    for hint in (0.0, 50.0):
        ticks = iter(range(10_000))
        plan = TrainingPlan(minutes=1, batch=4, warm_up=2, hint=hint)
        first, second = (Training(small_model, ALPHABET, plan) for _ in range(2))
        train_together(
            [(first, tmp_path / "a"), (second, tmp_path / "b")],
            [LineSource(1.0, lines)],
            {"drawn": lines[:2]},
            lambda ticks=ticks: 2.0 * next(ticks),
        )
        assert first.step == second.step > 5
        weights.append(second.mean["head_bias"].clone())
    assert not np.allclose(*weights)


@pytest.mark.torch
def test_batches_made_by_processes_hold_the_texts(tmp_path):
    from ocrfill.pipeline.recognition.line_images import read_labels
    from ocrfill.training.batch_workers import BatchSupply, LineSource, batches

    save_lines(draw_lines(3), 12, tmp_path)
    lines = [line for line in read_labels(tmp_path) if spell(line.text)]
    classes = {letter: number for number, letter in enumerate(ALPHABET, 1)}
    found = batches(BatchSupply([LineSource(1.0, lines)], classes, 4, 0.5, (1, 0)), 1)
    texts = {line.text for line in lines}
    for _ in range(6):
        batch = next(found)
        assert batch.lines.shape[0] == len(batch.lengths) <= 4
        assert batch.lines.shape[3] % 64 == 0
        ends = np.cumsum(batch.lengths)
        for end, length in zip(ends, batch.lengths, strict=True):
            assert "".join(ALPHABET[c - 1] for c in batch.targets[end - length : end]) in texts
