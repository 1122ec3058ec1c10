"""Where training starts: a PP-OCRv6 recogniser (ONNX, Apache-2.0) with its head exchanged for Vietnamese letters.

The new head is the old one's rows for the letters it knew; a letter it did not know starts as its plainer
form (`ấ` as `â` or `a`), so that the very first step already reads. The first convolution takes one grey channel: its
weights for three equal channels are added up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ocrfill.train.alphabet import plainer
from ocrfill.train.graph import LOGITS

_HEIGHT = 48
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
    nodes.append(helper.make_node("Add", ["head.product", "head.bias"], [LOGITS]))
    name = recogniser.graph.input[0].name
    graph = helper.make_graph(
        nodes,
        "ocrfill hand",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["lines", 1, _HEIGHT, "width"])],
        [helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["lines", "steps", len(alphabet) + 1])],
        [numpy_helper.from_array(array, key) for key, array in arrays.items()],
    )
    return onnx.helper.make_model(graph, opset_imports=recogniser.opset_import, ir_version=recogniser.ir_version)


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
