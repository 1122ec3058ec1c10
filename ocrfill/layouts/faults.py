"""What is wrong in a layout file: where, and in words that help to mend it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic_core import ErrorDetails

from ocrfill.errors import MAX_TOLD_KEY_CHARACTERS, place_in_file

Path = tuple[int | str, ...]
"""Keys and list places (from 0) from the top of the file down."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a layout: its place in the file and what it is."""

    path: Path
    text: str

    @property
    def where(self) -> str:
        """The path as people write it: `body.lines.3.y`."""
        return place_in_file(self.path) or "file"


MAX_TOLD_VALUE_CHARACTERS = 40
"""Of a text that is not possible."""


def fault_in_words(error: ErrorDetails, root: object, file: object) -> Fault:
    """What pydantic found, as a fault. `root` is the type the file is read as, `file` what it holds."""
    path = _without_tags(error["loc"])
    kind, context, given = error["type"], error.get("ctx", {}), error["input"]
    if kind in ("literal_error", "union_tag_invalid", "union_tag_not_found"):
        return _of_choice(path, kind, context.get("tag", given), _type_at(root, path, file))
    if kind == "missing" and isinstance(path[-1], int):
        wanted = len(get_args(_type_at(root, path[:-1], file)))
        return Fault(path[:-1], f"has {_entries(path[-1])}, needs {wanted}")
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        known = _keys(_type_at(root, path[:-1], file, settled=True))
        return Fault(path, f"no such key here; {meant(str(path[-1]), known)}")
    if kind == "invalid_key" or path[-1:] == ("[key]",):
        return Fault(tuple(p for p in path if p != "[key]"), "a name must be text: put it in quotes")
    return Fault(path, "is missing" if kind == "missing" else _of_value(kind, context, given))


def _of_choice(path: Path, kind: str, given: object, expected: object) -> Fault:
    """A word that is none of the possible ones, or a `kind` that is none or not there."""
    members = get_args(expected)
    word = given if isinstance(given, str) else ""
    if kind == "literal_error":
        return Fault(path, f"{shown(given)} is not possible; {meant(word, [str(m) for m in members])}")
    kinds = [str(get_args(get_type_hints(m)["kind"])[0]) for m in members]
    if kind == "union_tag_not_found":
        return Fault((*path, "kind"), f"is missing; possible are: {', '.join(kinds)}")
    return Fault((*path, "kind"), f"{shown(given)} is not possible; {meant(word, kinds)}")


BOUND_TEXTS = {"le": "at most", "ge": "at least", "gt": "greater than", "lt": "less than"}

NEED_TEXTS = {
    "bool": "true or false",
    "dataclass": "a mapping: {key: value}",
    "dict": "a mapping: {key: value}",
    "float": "a number",
    "int": "a whole number",
    "model": "a mapping: {kind: …}",
    "string": "text: put it in quotes",
    "tuple": "a list: [ … , … ]",
}
"""What a value must be, by the first word of pydantic's name for the error."""


def _of_value(kind: str, context: Mapping[str, Any], given: object) -> str:
    """What is wrong with a value by itself."""
    if kind in ("too_long", "too_short"):
        least = "at least " if kind == "too_short" else ""
        have = len(given) if isinstance(given, list | dict) else 0
        return f"has {_entries(have)}, needs {least}{context.get('min_length', context.get('max_length'))}"
    if kind == "string_pattern_mismatch":
        return f"{shown(given)} is not possible: a name is of small letters, digits and _, and begins with a letter"
    if isinstance(given, float) and math.isnan(given):
        return "must be a number"
    if kind == "less_than_equal" and context["le"] == 1:
        return f"{shown(given)} is too great: a place is a fraction of the page, from 0 to 1"
    if bound := next((b for b in BOUND_TEXTS if b in context), None):
        return f"{shown(given)} is not possible: must be {BOUND_TEXTS[bound]} {context[bound]:g}"
    need = NEED_TEXTS.get(kind.split("_", 1)[0])
    return f"{shown(given)} is not possible" + (f": must be {need}" if need else f" ({kind.replace('_', ' ')})")


def _entries(count: int) -> str:
    return f"{count} entry" if count == 1 else f"{count} entries"


def _without_tags(loc: Path) -> Path:
    """The path in the file: pydantic puts the chosen `kind` into it after `body` and after a field's `type`."""
    if loc[:1] == ("body",):
        return (loc[0], *loc[2:])
    if loc[:1] == ("fields",) and loc[2:3] == ("type",):
        return (*loc[:3], *loc[4:])
    return loc


def _bare(kind: object) -> object:
    """A type without its annotations."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _type_at(kind: object, path: Path, file: object, *, settled: bool = False) -> object:
    """The type that the value at `path` must have; None where the path leads nowhere.

    Where the type has several kinds, `settled` asks for the one that the file's `kind` names.
    """
    kind = _bare(kind)
    if get_origin(kind) in (Union, UnionType):
        members = [_bare(k) for k in get_args(kind) if k is not type(None)]
        if not path and len(members) > 1 and not settled:
            return kind
        chosen = file.get("kind") if isinstance(file, dict) else None
        fit = [m for m in members if len(members) == 1 or chosen in get_args(get_type_hints(m)["kind"])]
        kind = fit[0] if fit else None
    if not path:
        return kind
    step, *rest = path
    inside: object = None
    if isinstance(file, dict):
        inside = file.get(step)
    elif isinstance(file, list) and isinstance(step, int) and step < len(file):
        inside = file[step]
    return _type_at(_inner(kind, step), tuple(rest), inside, settled=settled)


def _inner(kind: object, step: int | str) -> object:
    """The type of what lies one step inside a type."""
    args = get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return get_type_hints(kind, include_extras=True).get(str(step))
    if get_origin(kind) is tuple:
        return args[0] if args[-1] is Ellipsis else args[step] if isinstance(step, int) and step < len(args) else None
    return args[1] if len(args) == 2 and get_origin(kind) is not Literal else None


def _keys(kind: object) -> list[str]:
    return [f.name for f in fields(kind)] if isinstance(kind, type) and is_dataclass(kind) else []


def meant(given: str, known: Sequence[str]) -> str:
    """The nearest of the known words, if any is near, and all of them."""
    return f"{nearest(given, known)}possible are: {', '.join(known)}"


def nearest(given: str, known: Sequence[str]) -> str:
    """A question for the nearest of the known words; empty where none is near."""
    near = difflib.get_close_matches(given[:MAX_TOLD_KEY_CHARACTERS], known, 1)
    return f"did you mean {near[0]}? " if near else ""


def shown(given: object) -> str:
    """A value out of the file as a message has it: a text in quotation marks, the rest of a long one left out."""
    if isinstance(given, dict | list):
        return "a mapping" if isinstance(given, dict) else "a list"
    if isinstance(given, str):
        return (
            f"'{given}'" if len(given) <= MAX_TOLD_VALUE_CHARACTERS else f"'{given[: MAX_TOLD_VALUE_CHARACTERS - 1]}…'"
        )
    return "nothing" if given is None else str(given)
