"""The trained network as a model folder: half-float ONNX, alphabet, and a card that says what it is and can do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ALPHABET_FILE, MODEL_FILE, CARD_FILE, CARD_TEXT_FILE = "alphabet.txt", "model.onnx", "card.json", "card.md"


@dataclass(frozen=True, slots=True)
class DataUsed:
    """A set of lines the model learnt from: how many, under what licence, and which writers were held out."""

    name: str
    lines: int
    licence: str
    held_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a reader gave on lines of held-out writers, and when it was measured."""

    data: str
    lines: int
    cer: float
    exact: float
    reader: str
    date: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that must be known of a model before it is used."""

    name: str
    version: str
    origin: str
    licence: str
    seed: int
    steps: int
    data: tuple[DataUsed, ...]
    scores: tuple[Measurement, ...]
    limits: tuple[str, ...] = ()


def half_precision(model: Any) -> Any:
    """The model with its weights as half floats, cast back when it is loaded: half the size, the same speed."""
    small = type(model)()
    small.CopyFrom(model)
    weights, casts = [], []
    for tensor in small.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if tensor.data_type == TensorProto.FLOAT and array.size > 1:
            stored = f"{tensor.name}.half"
            weights.append(numpy_helper.from_array(array.astype(np.float16), stored))
            casts.append(helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT))
        else:
            weights.append(tensor)
    nodes = [*casts, *small.graph.node]
    del small.graph.initializer[:], small.graph.node[:]
    small.graph.initializer.extend(weights)
    small.graph.node.extend(nodes)
    return small


def write_model(folder: Path, model: Any, alphabet: str, card: ModelCard) -> None:
    """Write the model folder: model.onnx, alphabet.txt, card.json and the same card to read, card.md."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(half_precision(model), str(folder / MODEL_FILE))
    (folder / ALPHABET_FILE).write_text(alphabet, encoding="utf-8")
    checksum = hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()
    document = {**asdict(card), "sha256": checksum, "input": "grey, 48 px high, any width", "letters": len(alphabet)}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")
    (folder / CARD_TEXT_FILE).write_text(card_text(document), encoding="utf-8")


def card_text(card: Mapping[str, Any]) -> str:
    """The card for people, in Markdown."""
    data = [(d["name"], d["lines"], d["licence"], ", ".join(d["held_out"]) or "none") for d in card["data"]]
    scores = [
        (s["data"], s["reader"], s["lines"], f"{s['cer']:.4f}", f"{s['exact']:.3f}", s["date"]) for s in card["scores"]
    ]
    return "\n".join(
        [
            f"# {card['name']} {card['version']}",
            "",
            card["origin"],
            "",
            f"Licence: {card['licence']}",
            "",
            f"Input: {card['input']}. {card['letters']} letters. Seed {card['seed']}, {card['steps']} steps in all.",
            "",
            f"SHA-256 of {MODEL_FILE}: `{card['sha256']}`",
            "",
            "## Learnt from",
            "",
            *_table(("data", "lines", "licence", "held-out writers"), data),
            "",
            "## Measured on held-out writers",
            "",
            *_table(("data", "reader", "lines", "CER", "exact", "date"), scores),
            "",
            "## Limits",
            "",
            *(f"- {limit}" for limit in card["limits"]),
            "",
        ]
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]
