"""From a layout's YAML file to a checked Layout, or to all its faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field as Options
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ocrfill.document.template import FormTemplate, TableTemplate, Template
from ocrfill.errors import BadInput, BadLayout
from ocrfill.layouts.checks import LayoutParts, find_faults
from ocrfill.layouts.faults import Fault, fault_in_words
from ocrfill.layouts.faults import Path as FaultPath
from ocrfill.layouts.model import FieldSpec, Kind, Layout
from ocrfill.layouts.yaml_limits import check_size, check_yaml, composed_text

LAYOUT_ADAPTER: TypeAdapter[Layout] = TypeAdapter(Layout)
SPEC_ADAPTER: TypeAdapter[FieldSpec] = TypeAdapter(FieldSpec)
BODY_ADAPTER: TypeAdapter[Template] = TypeAdapter(
    Annotated[FormTemplate | TableTemplate, Options(discriminator="kind")]
)
KIND_ADAPTER: TypeAdapter[Kind] = TypeAdapter(Kind)
YEARS_ADAPTER: TypeAdapter[tuple[int, int]] = TypeAdapter(tuple[int, int])


def shipped_layouts() -> tuple[str, ...]:
    """The names of the layouts that come with ocrfill, sorted."""
    library = resources.files("ocrfill.layouts") / "library"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in library.iterdir() if f.name.endswith(".yaml")))


def load_layout(name: str | Path) -> Layout:
    """A shipped layout by its name, or any layout by the path of its YAML file.

    Raises BadInput where there is no such file, BadLayout with every fault at once where the file has faults.
    """
    if str(name) in shipped_layouts():
        text = (resources.files("ocrfill.layouts") / "library" / f"{name}.yaml").read_text(encoding="utf-8")
        return parse_layout(text, str(name))
    path = Path(name)
    try:
        if path.suffix.lower() not in {".yaml", ".yml"} or not path.is_file():
            known = ", ".join(shipped_layouts())
            raise BadInput(f"no layout {str(name)!r}: give the path of a .yaml file or one of: {known}")
        check_size(path.stat().st_size, path.name)
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadLayout(path.name, (f"byte {error.start}: not UTF-8; save the file as UTF-8",)) from error
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    return parse_layout(text, path.name)


@lru_cache(maxsize=32)  # a run asks for the same few forms again and again, and parsing one takes 0.1 s
def parse_layout(text: str, name: str) -> Layout:
    """The layout in a YAML text; `name` is used in messages. Raises BadLayout with every fault."""
    text = composed_text(text, name)
    file = _read_yaml(text, name)
    if not isinstance(file, dict):
        raise BadLayout(name, ("the file is empty or not a mapping; start from a shipped layout",))
    try:
        layout = LAYOUT_ADAPTER.validate_python(file)
    except ValidationError as error:
        faults = [fault_in_words(e, Layout, file) for e in error.errors()]
        raise BadLayout(name, _told(text, [*faults, *find_faults(_sound_parts(file))])) from error
    faults = list(find_faults(LayoutParts.of(layout)))
    if faults:
        raise BadLayout(name, _told(text, faults))
    return layout


def _sound_parts(file: Mapping[object, object]) -> LayoutParts:
    """What is right in a file that is not right as a whole."""
    specs = file.get("fields")
    named = {k: v for k, v in specs.items() if isinstance(k, str)} if isinstance(specs, dict) else {}
    sound = {name: _sound(SPEC_ADAPTER, spec) for name, spec in named.items()}
    return LayoutParts(
        frozenset(named),
        {name: spec for name, spec in sound.items() if spec is not None},
        _sound(BODY_ADAPTER, file.get("body")) if isinstance(specs, dict) else None,
        _sound(KIND_ADAPTER, file.get("kind")),
        _sound(YEARS_ADAPTER, file.get("years")),
    )


T = TypeVar("T")


def _sound(kind: TypeAdapter[T], value: object) -> T | None:
    """The value as its type has it; None where it does not fit, which is a fault told already."""
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None


def _read_yaml(text: str, name: str) -> object:
    """What the YAML text holds. Raises BadLayout where it is none."""
    try:
        check_yaml(text, name)
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        problem = str(error.problem or error.context)
        if isinstance(error, DuplicateKeyError):
            problem = f"a key stands twice: {problem.removeprefix('found duplicate key ').split(' with value')[0]}"
        raise BadLayout(name, (f"{where}not YAML: {problem}",)) from error
    except (YAMLError, ValueError, RecursionError) as error:
        # ValueError: ruamel takes 2006-99-99 for a date; YAMLError without a mark: a character YAML forbids
        raise BadLayout(name, (f"not YAML: {str(error).splitlines()[0]}",)) from error
    except TypeError as error:
        raise BadLayout(name, ("a key is a list or a mapping itself; keys are names",)) from error


def _told(text: str, faults: Iterable[Fault]) -> tuple[str, ...]:
    """The faults in the order of the file, each with its line."""
    marked = YAML(typ="rt", pure=True).load(text)
    placed = sorted(((_line(marked, f.path), f) for f in faults), key=lambda p: p[0])
    return tuple(f"line {line}: {fault.where}: {fault.text}" for line, fault in placed)


def _line(node: object, path: FaultPath) -> int:
    """The line, from 1, of the value at `path`; of the nearest thing around it where there is no such value."""
    line = 1
    for step in path:
        if isinstance(node, CommentedMap) and step in node:
            line = node.lc.key(step)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = node.lc.item(step)[0] + 1
        else:
            break
        node = node[step]
    return line
