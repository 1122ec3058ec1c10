"""Steps that change a layout file, each on its text and on its content: both must come to the same."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

from ruamel.yaml import YAML

from ocrfill.errors import BadInput
from ocrfill.layouts import yaml_text
from ocrfill.layouts.faults import Path
from ocrfill.layouts.yaml_text import Value


class YamlEdit(Protocol):
    """One change. `plain` changes what the file holds (nested dicts and lists) in place."""

    def on_text(self, text: str) -> str:
        """The YAML text after this step; comments and order stay."""

    def on_plain(self, plain: Any) -> None:
        """The same on the plain data, in place."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """Another value at a path."""

    path: Path
    value: Value

    def on_text(self, text: str) -> str:
        """The YAML text after this step; comments and order stay."""
        return yaml_text.with_value(text, self.path, self.value)

    def on_plain(self, plain: Any) -> None:
        """The same on the plain data, in place."""
        parent_of(plain, self.path)[self.path[-1]] = deepcopy(self.value)


@dataclass(frozen=True, slots=True)
class RenameKey:
    """A key called otherwise, at its place."""

    path: Path
    name: str

    def on_text(self, text: str) -> str:
        """The YAML text after this step; comments and order stay."""
        return yaml_text.with_key(text, self.path, self.name)

    def on_plain(self, plain: Any) -> None:
        """The same on the plain data, in place."""
        found = parent_of(plain, self.path)
        entries = [(self.name if key == self.path[-1] else key, value) for key, value in found.items()]
        found.clear()
        found.update(entries)


@dataclass(frozen=True, slots=True)
class DropEntry:
    """An entry of a list or mapping taken away; what gets empty by it goes too."""

    path: Path

    def on_text(self, text: str) -> str:
        """The YAML text after this step; comments and order stay."""
        return yaml_text.without_entry(text, self.path)

    def on_plain(self, plain: Any) -> None:
        """The same on the plain data, in place."""
        path = self.path
        while len(path) > 1 and len(parent_of(plain, path)) == 1:
            path = path[:-1]
        del parent_of(plain, path)[path[-1]]


@dataclass(frozen=True, slots=True)
class InsertEntry:
    """One more entry of a list, before the one at `place`."""

    path: Path
    place: int
    value: Value

    def on_text(self, text: str) -> str:
        """The YAML text after this step; comments and order stay."""
        return yaml_text.with_entry(text, self.path, self.place, self.value)

    def on_plain(self, plain: Any) -> None:
        """The same on the plain data, in place."""
        value_at(plain, self.path).insert(self.place, deepcopy(self.value))


@dataclass(frozen=True, slots=True)
class AddKey:
    """One more key of a mapping, the last."""

    path: Path
    name: str
    value: Value

    def on_text(self, text: str) -> str:
        """The YAML text after this step; comments and order stay."""
        return yaml_text.with_new_key(text, self.path, self.name, self.value)

    def on_plain(self, plain: Any) -> None:
        """The same on the plain data, in place."""
        value_at(plain, self.path)[self.name] = deepcopy(self.value)


def value_at(plain: Any, path: Path) -> Any:
    """What lies at a path."""
    for step in path:
        plain = plain[step]
    return plain


def parent_of(plain: Any, path: Path) -> Any:
    """The list or mapping that the end of a path is an entry of."""
    return value_at(plain, path[:-1])


class YamlDocument:
    """A layout file being changed: its text, and what it holds."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain: Any = _held(text)

    def take(self, steps: Iterable[YamlEdit]) -> None:
        """Make the steps."""
        for step in steps:
            self.text = step.on_text(self.text)
            step.on_plain(self.plain)

    def checked(self) -> str:
        """The text. Raises BadInput where it does not hold what it should."""
        if _held(self.text) != self.plain:
            raise BadInput("the layout's text cannot be changed safely: write it without anchors, or edit it by hand")
        return self.text


def _held(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)
