"""An ONNX graph as a trainable torch module: each weight becomes a parameter, each node one torch call.

Only what the recognisers we start from use is there (ONNX operator set 11). A trained graph goes back into its own
ONNX file, weight by weight, so that the file alone is the state to continue from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F  # noqa: N812

LOGITS_TENSOR = "logits"
"""Name of the tensor our networks end with: (lines, steps, classes), before the softmax."""


@dataclass(frozen=True, slots=True)
class OnnxNode:
    """One operation of the graph."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    options: dict[str, Any]


class OnnxGraph(nn.Module):
    """The part of an ONNX model that leads to the tensor `end`, with its weights free to learn."""

    def __init__(self, model: Any, end: str = LOGITS_TENSOR) -> None:
        super().__init__()
        self.input = str(model.graph.input[0].name)
        self.end = end
        arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self.nodes = _fused(_fold(_leading_to(model.graph.node, end), arrays), arrays)
        self.weights = nn.ParameterDict()
        self.keys: dict[str, str] = {}
        self.constants: dict[str, Any] = {}
        used = {name for node in self.nodes for name in node.inputs}
        for name in sorted(used & arrays.keys()):
            array = arrays[name]
            if array.dtype == np.float32 and array.size > 1:
                self.keys[name] = name.replace(".", "_")
                self.weights[self.keys[name]] = nn.Parameter(torch.from_numpy(array.copy()))
            else:
                self.constants[name] = float(array.item()) if array.dtype == np.float32 else array
        for node in self.nodes:  # running statistics of a batch norm stay: batches are too small to follow them
            if node.kind == "BatchNormalization":
                for name in node.inputs[3:5]:
                    self.weights[self.keys[name]].requires_grad_(requires_grad=False)

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        """The values of `end` for lines as the model takes them, shape (lines, channels, height, width)."""
        values: dict[str, Any] = {self.input: lines, "": None, **self.constants}
        values.update((name, self.weights[key]) for name, key in self.keys.items())
        for node in self.nodes:
            values[node.output] = _OPERATIONS[node.kind]([values[name] for name in node.inputs], node.options)
        return values[self.end]

    def write_into(self, model: Any) -> None:
        """Put the weights as they are now into the model this graph was made from, as half floats where it has such."""
        with torch.no_grad():
            now = {name: self.weights[key].float().cpu().numpy() for name, key in self.keys.items()}
        halves = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Cast"}
        for name, array in now.items():
            stored = halves.get(name, name)
            tensor = next(t for t in model.graph.initializer if t.name == stored)
            kind = np.float16 if tensor.data_type == onnx.TensorProto.FLOAT16 else np.float32
            tensor.CopyFrom(numpy_helper.from_array(array.reshape(tuple(tensor.dims)).astype(kind), stored))


def _leading_to(nodes: Iterable[Any], end: str) -> list[OnnxNode]:
    """The nodes that the tensor `end` depends on, in their order; each has one output."""
    wanted, kept = {end}, []
    for node in reversed(list(nodes)):
        if node.output[0] in wanted:
            wanted.update(node.input)
            options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            kept.append(OnnxNode(node.op_type, tuple(node.input), node.output[0], options))
    return kept[::-1]


def _fold(nodes: list[OnnxNode], arrays: dict[str, Any]) -> list[OnnxNode]:
    """Take out constants, casts of stored weights, and nodes that hand their input on unchanged."""
    same: dict[str, str] = {}
    kept = []
    for node in nodes:
        inputs = tuple(same.get(name, name) for name in node.inputs)
        if node.kind == "Constant":
            arrays[node.output] = numpy_helper.to_array(node.options["value"])
        elif node.kind == "Cast" and inputs[0] in arrays and arrays[inputs[0]].dtype == np.float16:
            arrays[node.output] = arrays[inputs[0]].astype(np.float32)
        elif node.kind in ("Identity", "Cast"):
            same[node.output] = inputs[0]
        else:
            kept.append(OnnxNode(node.kind, inputs, node.output, node.options))
    return kept


def _fused(nodes: list[OnnxNode], arrays: dict[str, Any]) -> list[OnnxNode]:
    """Join x/√2 → erf → +1 → ·x → ·½ into one GELU, and a convolution with the bias added after it.

    Training spends most of its time moving tensors; the joined form moves each once.
    """
    readers: dict[str, list[OnnxNode]] = {}
    for node in nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)

    def only(node: OnnxNode, kind: str) -> OnnxNode | None:
        following = readers.get(node.output, [])
        return following[0] if len(following) == 1 and following[0].kind == kind else None

    replaced: dict[str, OnnxNode | None] = {}
    for node in nodes:
        if node.kind == "Div" and (erf := only(node, "Erf")) and (plus := only(erf, "Add")):
            product = only(plus, "Mul")
            half = only(product, "Mul") if product else None
            if product and half and node.inputs[0] in product.inputs:
                replaced.update(dict.fromkeys((node.output, erf.output, plus.output, product.output)))
                replaced[half.output] = OnnxNode("Gelu", (node.inputs[0],), half.output, {})
        elif node.kind == "Conv" and len(node.inputs) == 2 and (plus := only(node, "Add")):
            bias = next((name for name in plus.inputs if name != node.output), "")
            if bias in arrays and arrays[bias].size == arrays[node.inputs[1]].shape[0]:
                replaced[node.output] = None
                replaced[plus.output] = OnnxNode("Conv", (*node.inputs, bias), plus.output, node.options)
    return [new for node in nodes if (new := replaced.get(node.output, node)) is not None]


def _pads(options: dict[str, Any], size: Iterable[int], kernel: list[int], stride: list[int]) -> list[int]:
    """Left, right, top, bottom, as torch's `pad` wants them."""
    if options.get("auto_pad", b"NOTSET") == b"NOTSET":
        top, left, bottom, right = options.get("pads", [0, 0, 0, 0])
        return [left, right, top, bottom]
    pads: list[int] = []
    for length, reach, step in zip(size, kernel, stride, strict=True):  # SAME_UPPER
        total = max((-(-length // step) - 1) * step + reach - length, 0)
        pads = [total // 2, total - total // 2, *pads]
    return pads


def _conv(inputs: list[Any], options: dict[str, Any]) -> Any:
    x, weight = inputs[:2]
    bias = inputs[2].reshape(-1) if len(inputs) > 2 else None
    stride = options.get("strides", [1, 1])
    left, right, top, bottom = _pads(options, x.shape[2:], list(weight.shape[2:]), stride)
    if left != right or top != bottom:
        x, left, top = F.pad(x, (left, right, top, bottom)), 0, 0
    return F.conv2d(x, weight, bias, stride, (top, left), options.get("dilations", [1, 1]), options.get("group", 1))


def _pool(inputs: list[Any], options: dict[str, Any], call: Callable[..., Any], filling: float) -> Any:
    kernel, stride = options["kernel_shape"], options.get("strides", [1, 1])
    pads = _pads(options, inputs[0].shape[2:], kernel, stride)
    x = F.pad(inputs[0], pads, value=filling) if any(pads) else inputs[0]
    return call(x, kernel, stride, ceil_mode=bool(options.get("ceil_mode", 0)))


def _squeeze(inputs: list[Any], options: dict[str, Any]) -> Any:
    x = inputs[0]
    for axis in sorted((axis % x.ndim for axis in options["axes"]), reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueeze(inputs: list[Any], options: dict[str, Any]) -> Any:
    x = inputs[0]
    for axis in sorted(options["axes"]):
        x = np.expand_dims(x, axis) if isinstance(x, np.ndarray) else x.unsqueeze(axis)
    return x


def _concat(inputs: list[Any], options: dict[str, Any]) -> Any:
    if isinstance(inputs[0], np.ndarray):
        return np.concatenate([np.atleast_1d(x) for x in inputs], options["axis"])
    return torch.cat(inputs, options["axis"])


def _slice(inputs: list[Any], _: dict[str, Any]) -> Any:
    x, starts, ends = inputs[:3]
    axes = inputs[3] if len(inputs) > 3 else range(len(starts))
    steps = inputs[4] if len(inputs) > 4 else [1] * len(starts)
    cut = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        cut[int(axis)] = slice(int(start), min(int(end), 1 << 31), int(step))
    return x[tuple(cut)]


def _reshape(inputs: list[Any], _: dict[str, Any]) -> Any:
    x, shape = inputs
    return x.reshape([int(size) if int(size) else x.shape[axis] for axis, size in enumerate(shape)])


def _batch_norm(inputs: list[Any], options: dict[str, Any]) -> Any:
    x, scale, shift, mean, variance = inputs
    return F.batch_norm(x, mean, variance, scale, shift, False, 0, options.get("epsilon", 1e-5))  # noqa: FBT003


def _mean(inputs: list[Any], options: dict[str, Any]) -> Any:
    return inputs[0].mean(dim=tuple(options["axes"]), keepdim=bool(options.get("keepdims", 1)))


_OPERATIONS: dict[str, Callable[[list[Any], dict[str, Any]], Any]] = {
    "Add": lambda i, _: i[0] + i[1],
    "AveragePool": lambda i, o: _pool(i, o, F.avg_pool2d, 0.0),
    "BatchNormalization": _batch_norm,
    "Concat": _concat,
    "Conv": _conv,
    "Div": lambda i, _: i[0] / i[1],
    "Gelu": lambda i, _: F.gelu(i[0]),
    "HardSigmoid": lambda i, o: torch.clamp(i[0] * o.get("alpha", 0.2) + o.get("beta", 0.5), 0, 1),
    "MatMul": lambda i, _: torch.matmul(i[0], i[1]),
    "MaxPool": lambda i, o: _pool(i, o, F.max_pool2d, -1e30),
    "Mul": lambda i, _: i[0] * i[1],
    "Pow": lambda i, _: i[0] ** i[1],
    "ReduceMean": _mean,
    "Relu": lambda i, _: F.relu(i[0]),
    "Reshape": _reshape,
    "Shape": lambda i, _: np.array(list(i[0].shape), np.int64),
    "Sigmoid": lambda i, _: torch.sigmoid(i[0]),
    "Slice": _slice,
    "Softmax": lambda i, o: F.softmax(i[0], o.get("axis", -1)),
    "Sqrt": lambda i, _: torch.sqrt(i[0]),
    "Squeeze": _squeeze,
    "Sub": lambda i, _: i[0] - i[1],
    "Transpose": lambda i, o: i[0].permute(o["perm"]),
    "Unsqueeze": _unsqueeze,
}
