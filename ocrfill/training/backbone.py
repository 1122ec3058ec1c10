"""Where training starts: a PP-OCRv6 recogniser (ONNX, Apache-2.0) with its head exchanged for Vietnamese letters.

The new head is the old one's rows for the letters it knew; a letter it did not know starts as its plainer
form (`ấ` as `â` or `a`), so that the very first step already reads. The first convolution takes one grey channel: its
weights for three equal channels are added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ocrfill.training.alphabet import plainer
from ocrfill.training.onnx_to_torch import LOGITS_TENSOR

_HEIGHT = 48
CONTEXT_REACH_STEPS = 15
"""Steps that one block of context looks at along the line: some four letters."""

_STRANGER_BIAS = -1.0  # a letter with marks starts a little less likely than the plain one it was copied from


def start_from(recogniser: Any, letters: list[str], alphabet: str, seed: int = 0) -> Any:
    """A model for grey lines of 48 px, in -1..1, dark ink negative: `lines` (n, 1, 48, width) → `logits`.

    `recogniser` is the whole ONNX model of PP-OCRv6 and `letters` its dictionary, the space last; it reads class 0 as
    blank.
    """
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in recogniser.graph.initializer}
    features, weight, bias = _old_head(recogniser.graph.node, arrays)
    weight, bias = _new_head(weight, bias, letters, alphabet, seed)
    nodes, wanted = [], {features}
    for node in reversed(recogniser.graph.node):
        if node.output[0] in wanted:
            nodes.append(node)
            wanted.update(node.input)
    nodes.reverse()
    first = next(node for node in nodes if node.op_type == "Conv").input[1]
    arrays[first] = arrays[first].sum(axis=1, keepdims=True)
    arrays = {name: array for name, array in arrays.items() if name in wanted}
    arrays |= {"head.weight": weight, "head.bias": bias}
    nodes.append(helper.make_node("MatMul", [features, "head.weight"], ["head.product"]))
    nodes.append(helper.make_node("Add", ["head.product", "head.bias"], [LOGITS_TENSOR]))
    name = recogniser.graph.input[0].name
    graph = helper.make_graph(
        nodes,
        "ocrfill hand",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["lines", 1, _HEIGHT, "width"])],
        [helper.make_tensor_value_info(LOGITS_TENSOR, TensorProto.FLOAT, ["lines", "steps", len(alphabet) + 1])],
        [numpy_helper.from_array(array, key) for key, array in arrays.items()],
    )
    return onnx.helper.make_model(graph, opset_imports=recogniser.opset_import, ir_version=recogniser.ir_version)


def finer(model: Any) -> Any:
    """The model with a step every 4 px of width instead of every 8; it reads as before until it learns more.

    Both recognisers halve the width once more at their very end, by a mean of two columns; here that mean moves on
    by one column, and what follows along the line looks at every second step. Narrow letters need it: addresses have
    1.2 to 2 steps of 8 px a letter, and CTC needs one for each letter and one between equal ones.
    """
    fine = type(model)()
    fine.CopyFrom(model)
    nodes = list(fine.graph.node)
    at = max(i for i, node in enumerate(nodes) if node.op_type == "AveragePool")
    kernel, strides = (_ints(nodes[at], name) for name in ("kernel_shape", "strides"))
    if strides[1] == 1:
        return fine
    _set(nodes[at], strides=[strides[0], 1], pads=[0, 0, 0, kernel[1] - 1], kernel_shape=kernel, count_include_pad=1)
    for node in nodes[at + 1 :]:
        reach = _ints(node, "kernel_shape") if node.op_type == "Conv" else [1, 1]
        if reach[1] > 1:
            pads = _ints(node, "pads")
            _set(node, dilations=[1, 2], pads=[pads[0], 2 * pads[1], pads[2], 2 * pads[3]])
    del fine.graph.node[:]
    fine.graph.node.extend(nodes)
    return fine


def with_context(model: Any, blocks: int, seed: int = 0) -> Any:
    """The model with blocks before its head that look along the line; at first they add nothing.

    A block is a convolution along the line for each channel alone, two layers over the channels with a GELU between,
    and a sum with what came in (the ConvNeXt block, Liu et al. 2022, in one dimension, without its normalisation).
    """
    deep = type(model)()
    deep.CopyFrom(model)
    head = next(node for node in deep.graph.node if node.input[1:2] == ["head.weight"])
    width = int(next(t for t in deep.graph.initializer if t.name in ("head.weight", "head.weight.half")).dims[0])
    rng, features = np.random.default_rng(seed), head.input[0]
    arrays: dict[str, NDArray[np.float64]] = {}
    nodes = [
        helper.make_node("Transpose", [features], ["context.turned"], perm=[0, 2, 1]),
        helper.make_node("Unsqueeze", ["context.turned"], ["context.0.in"], axes=[2]),
    ]
    for i in range(blocks):
        nodes += _block(f"context.{i}", f"context.{i + 1}.in", width)
        arrays |= {
            f"context.{i}.along": rng.normal(0, CONTEXT_REACH_STEPS**-0.5, (width, 1, 1, CONTEXT_REACH_STEPS)),
            f"context.{i}.along.bias": np.zeros((1, width, 1, 1)),
            f"context.{i}.wide": rng.normal(0, width**-0.5, (2 * width, width, 1, 1)),
            f"context.{i}.wide.bias": np.zeros((1, 2 * width, 1, 1)),
            f"context.{i}.narrow": np.zeros((width, 2 * width, 1, 1)),
            f"context.{i}.narrow.bias": np.zeros((1, width, 1, 1)),
        }
    nodes += [
        helper.make_node("Squeeze", [f"context.{blocks}.in"], ["context.line"], axes=[2]),
        helper.make_node("Transpose", ["context.line"], ["context.features"], perm=[0, 2, 1]),
    ]
    constants = {"context.root": np.sqrt(2.0), "context.one": 1.0, "context.half": 0.5}
    initial = {name: np.asarray(array, np.float32) for name, array in (arrays | constants).items()}
    deep.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in initial.items())
    place = list(deep.graph.node).index(head)
    head.input[0] = "context.features"
    whole = list(deep.graph.node)
    del deep.graph.node[:]
    deep.graph.node.extend([*whole[:place], *nodes, *whole[place:]])
    return deep


def _block(name: str, end: str, width: int) -> Sequence[Any]:
    """The nodes of one block of so many channels, from `name`.in to `end`."""
    around = CONTEXT_REACH_STEPS // 2
    steps: tuple[tuple[str, tuple[str, ...], str, dict[str, Any]], ...] = (
        ("Conv", (f"{name}.in", f"{name}.along"), f"{name}.a", {"group": width, "pads": [0, around, 0, around]}),
        ("Add", (f"{name}.a", f"{name}.along.bias"), f"{name}.b", {}),
        ("Conv", (f"{name}.b", f"{name}.wide"), f"{name}.c", {}),
        ("Add", (f"{name}.c", f"{name}.wide.bias"), f"{name}.d", {}),
        ("Div", (f"{name}.d", "context.root"), f"{name}.e", {}),
        ("Erf", (f"{name}.e",), f"{name}.f", {}),
        ("Add", (f"{name}.f", "context.one"), f"{name}.g", {}),
        ("Mul", (f"{name}.d", f"{name}.g"), f"{name}.h", {}),
        ("Mul", (f"{name}.h", "context.half"), f"{name}.i", {}),
        ("Conv", (f"{name}.i", f"{name}.narrow"), f"{name}.j", {}),
        ("Add", (f"{name}.j", f"{name}.narrow.bias"), f"{name}.k", {}),
        ("Add", (f"{name}.in", f"{name}.k"), end, {}),
    )
    return [helper.make_node(kind, inputs, [output], **options) for kind, inputs, output, options in steps]


def _ints(node: Any, name: str) -> list[int]:
    return next((list(a.ints) for a in node.attribute if a.name == name), [])


def _set(node: Any, **options: Any) -> None:
    """Exchange these attributes of a node."""
    kept = [a for a in node.attribute if a.name not in (*options, "auto_pad")]
    del node.attribute[:]
    node.attribute.extend([*kept, *(helper.make_attribute(name, value) for name, value in options.items())])


def _old_head(nodes: Any, arrays: dict[str, Any]) -> tuple[str, NDArray[np.float32], NDArray[np.float32]]:
    """The tensor the head reads, and the head as one linear layer: its matrices (one or two) multiplied out.

    The head is all that hangs behind the last tensor that is no matrix product, no added bias and no softmax.
    """
    made = {node.output[0]: node for node in nodes}
    tensor, chain = nodes[-1].input[0], []
    while made[tensor].op_type in ("Identity", "Add", "MatMul"):
        node = made[tensor]
        chain.extend([node] if node.op_type != "Identity" else [])
        tensor = next(name for name in node.input if name not in arrays)
    width = int(arrays[chain[-1].input[1]].shape[0])
    weight, bias = np.eye(width, dtype=np.float32), np.zeros(width, np.float32)
    for node in reversed(chain):
        array = arrays[next(name for name in node.input if name in arrays)]
        weight, bias = (weight @ array, bias @ array) if node.op_type == "MatMul" else (weight, bias + array)
    return tensor, weight, bias


def _new_head(
    weight: NDArray[np.float32], bias: NDArray[np.float32], letters: list[str], alphabet: str, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    known = {letter: number for number, letter in enumerate(letters, 1)}
    noise = np.random.default_rng(seed).normal(0, 0.02 * float(weight.std()), (weight.shape[0], len(alphabet) + 1))
    columns, offsets = [weight[:, 0]], [bias[0]]
    for letter in alphabet:
        source = next(form for form in (letter, *plainer(letter)) if form in known)
        columns.append(weight[:, known[source]])
        offsets.append(bias[known[source]] + (0.0 if source == letter else _STRANGER_BIAS))
    return (np.stack(columns, 1) + noise).astype(np.float32), np.array(offsets, np.float32)
