"""A YAML file changed at one place: everything else of its text stays as it is, to the last blank and comment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from unicodedata import normalize

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ocrfill.layouts.faults import Path

UNQUOTED_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Text that needs no quotes, unless it is one of `RESERVED_WORDS`."""

RESERVED_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})

PLACE_DECIMALS = 4
"""Digits after the point of a place: a tenth of a pixel of an A4 page at 300 dpi."""

Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]


class ShortNumber(float):
    """A number that is no place: written as short as it is."""


def yaml_value(value: Value) -> str:
    """A value in YAML, on one line; texts composed (NFC)."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        text = normalize("NFC", value)
        bare = UNQUOTED_PATTERN.fullmatch(text) and text.lower() not in RESERVED_WORDS
        return text if bare else json.dumps(text, ensure_ascii=False)
    if isinstance(value, int | float):
        places = isinstance(value, float) and not isinstance(value, ShortNumber)
        return (
            f"{value:.{PLACE_DECIMALS}f}" if places else f"{value:g}" if isinstance(value, ShortNumber) else str(value)
        )
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{yaml_value(key)}: {yaml_value(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(yaml_value, value)) + "]"


def with_value(text: str, path: Path, value: Value) -> str:
    """The text with another value at `path`."""
    node = _at(_root(text), path)
    return text[: _start(node)] + yaml_value(value) + text[_end(text, node) :]


def with_key(text: str, path: Path, name: str) -> str:
    """The text with the key at the end of `path` called otherwise."""
    key, _ = _entry(_at(_root(text), path[:-1]), path[-1])
    return text[: _start(key)] + yaml_value(name) + text[_end(text, key) :]


def without_entry(text: str, path: Path) -> str:
    """The text without an entry of a list or a mapping; a list or mapping that gets empty by it goes too."""
    around = _at(_root(text), path[:-1])
    if len(around.value) == 1 and len(path) > 1:
        return without_entry(text, path[:-1])
    place = _index(around, path[-1])
    first, last = _span(text, around, place)
    if _flows(around):
        if place + 1 < len(around.value):
            return text[:first] + text[_span(text, around, place + 1)[0] :]
        before = _span(text, around, place - 1)[1] if place else first
        return text[:before] + text[last:]
    if isinstance(around, SequenceNode):
        first = text.rindex("-", 0, first)
    head = text.rfind("\n", 0, first) + 1
    if text[head:first].strip():  # the first key of a list's entry stands behind its dash
        return text[:first] + text[_span(text, around, place + 1)[0] :]
    return text[:head] + text[_line_end(text, last) :]


def with_entry(text: str, path: Path, place: int, value: Value) -> str:
    """The text with one more entry in the list at `path`, before the one at `place` (its length: at the end)."""
    node = _at(_root(text), path)
    if not isinstance(node, SequenceNode) or not node.value:
        return with_value(text, path, [value])
    entry = yaml_value(value)
    if _flows(node):
        if place < len(node.value):
            at = _start(node.value[place])
            return f"{text[:at]}{entry}, {text[at:]}"
        at = _end(text, node.value[-1])
        return f"{text[:at]}, {entry}{text[at:]}"
    dash = text.rindex("-", 0, _start(node.value[0]))
    head = text.rfind("\n", 0, dash) + 1
    if place == 0 and text[head:dash].strip():
        raise ValueError("a list within a list cannot be put first")
    new = f"{' ' * (dash - head)}- {entry}{_break(text)}"
    at = head if place == 0 else _line_end(text, _end(text, node.value[place - 1]))
    return _parted(text, at, new)


def with_new_key(text: str, path: Path, name: str, value: Value) -> str:
    """The text with one more key, the last, in the mapping at `path`."""
    node = _at(_root(text), path)
    if not isinstance(node, MappingNode) or not node.value:
        return with_value(text, path, {name: value})
    entry = f"{yaml_value(name)}: {yaml_value(value)}"
    if _flows(node):
        at = _end(text, node.value[-1][1])
        return f"{text[:at]}, {entry}{text[at:]}"
    first = _start(node.value[0][0])
    indent = first - (text.rfind("\n", 0, first) + 1)
    return _parted(text, _line_end(text, _end(text, node)), f"{' ' * indent}{entry}{_break(text)}")


def _parted(text: str, at: int, lines: str) -> str:
    """Whole lines put in at the beginning of a line, or behind a last line that has no end."""
    return text[:at] + ("" if at == 0 or text[at - 1] == "\n" else _break(text)) + lines + text[at:]


def _root(text: str) -> Node:
    found = YAML(typ="safe", pure=True).compose(text)
    if not isinstance(found, Node):
        raise ValueError("the text holds no YAML")  # noqa: TRY004 - a wrong text, not a wrong type
    return found


def _at(node: Node, path: Path) -> Node:
    """The node at a path. Raises KeyError where there is none."""
    for step in path:
        node = _entry(node, step)[1]
    return node


def _entry(node: Node, step: int | str) -> tuple[Node, Node]:
    """The key and the value of an entry; for a list the value twice."""
    entry = node.value[_index(node, step)]
    return entry if isinstance(node, MappingNode) else (entry, entry)


def _index(node: Node, step: int | str) -> int:
    if isinstance(node, MappingNode):
        return [str(key.value) for key, _ in node.value].index(str(step))
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return step
    raise KeyError(step)


def _span(text: str, node: Node, place: int) -> tuple[int, int]:
    """Where an entry begins and ends in the text."""
    entry = node.value[place]
    if isinstance(node, MappingNode):
        return _start(entry[0]), max(_end(text, entry[0]) + 1, _end(text, entry[1]))
    return _start(entry), _end(text, entry)


def _flows(node: Node) -> bool:
    """Whether it is written in brackets."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def _start(node: Node) -> int:
    return int(node.start_mark.index)


def _end(text: str, node: Node) -> int:
    """Where what is written of a node ends: the mark of a block lies behind the blank lines after it."""
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return len(text[: node.end_mark.index].rstrip())
    if isinstance(node, ScalarNode) or _flows(node) or not node.value:
        return int(node.end_mark.index)
    return _span(text, node, len(node.value) - 1)[1]


def _line_end(text: str, at: int) -> int:
    """Behind the end of the line, with the comment on it."""
    if at and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
