"""Every module, path and name of ours that the documentation, docstrings and comments speak of exists."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support.pages import folders, pages, prose_of, text_of, tracked
from support.paths import ROOT

PATH = re.compile(r"(?<![\w/.-])((?:ocrfill|scripts|tests|docs|requirements|samples)/[\w*./-]*)")
DOTTED = re.compile(r"(?<![\w/.@-])(ocrfill(?:\.[A-Za-z_]\w*)+)")
PYTHON_FILE = re.compile(r"(?<![\w/.*-])((?:\w+/)*\w+\.py)\b")
IMPORT = re.compile(r"(?:from|import) (ocrfill(?:\.\w+)*)")
FOLDER = re.compile(r"`((?:\w+/)+)`")

NO_MODULES = {"ocrfill.toml", "ocrfill.sqlite", "ocrfill.lock"}
"""Files of a workspace, named after the program."""

TO_COME = {"campaign/", "desk/"}
"""Rooms that the architecture names and that are not built yet."""

OF_USERS = {"scans/", "work/", "prints/", "models/hand/VERSION/"}
"""Folders that a user has, or that stand for several."""

SOURCES = sorted(name for name in tracked() if name.endswith(".py"))


def exists(path: str) -> bool:
    """Whether a path from the root of the checkout is there; `*` stands for anything."""
    path = path.rstrip("/.")
    if "*" in path:
        return any(Path(name).match(path) for name in tracked() | folders())
    return path in tracked() or path in folders()


@cache
def names_of(module: Path) -> frozenset[str]:
    """What a module defines or imports at its top."""
    found: set[str] = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update((alias.asname or alias.name) for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update(n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name))
    return frozenset(found)


def is_ours(dotted: str) -> bool:
    """Whether a dotted name is a package, a module, or a name at a module's top (and what hangs on that)."""
    place = ROOT
    parts = dotted.split(".")
    for at, part in enumerate(parts):
        module = place / f"{part}.py"
        if module.is_file():  # there may be a folder of data of the same name
            return at + 1 == len(parts) or parts[at + 1] in names_of(module)
        if not (place / part).is_dir():
            return (place / "__init__.py").is_file() and part in names_of(place / "__init__.py")
        place = place / part
    return any(place.glob("*.py"))


def strangers(text: str) -> Iterator[str]:
    """What a text names that is not there."""
    paths = PATH.findall(text)
    yield from (path for path in paths if not exists(path))
    yield from (name for name in DOTTED.findall(text) if name not in NO_MODULES and not is_ours(name))
    ends = {"/" + name for name in tracked()}
    for name in PYTHON_FILE.findall(text):
        if name not in paths and not any(end.endswith("/" + name) for end in ends):
            yield name


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_name_what_is_there(page: Path) -> None:
    assert sorted(set(strangers(text_of(page)))) == []


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_folders_between_backticks_are_there(page: Path) -> None:
    known = {"/" + folder + "/" for folder in folders()} | {"/" + name for name in TO_COME | OF_USERS}
    wrong = [name for name in FOLDER.findall(text_of(page)) if not any(f.endswith("/" + name) for f in known)]
    assert wrong == []


@pytest.mark.parametrize(
    "page", [p for p in pages() if p.name != "CHANGELOG.md"], ids=lambda p: str(p.relative_to(ROOT))
)
def test_extras_of_the_pages_are_in_pyproject(page: Path) -> None:
    """A reader who installs by the page gets what it speaks of; a changelog tells of extras as they were."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"(?:ocrfill|\.)\[(\w+)\]|[Ee]xtra `(\w+)`", text_of(page))
    assert {one or other for one, other in named} <= set(project["optional-dependencies"])


def test_docstrings_and_comments_name_what_is_there() -> None:
    wrong = [f"{name}: {found}" for name in SOURCES for found in strangers(prose_of(ROOT / name))]
    assert wrong == []


def test_programs_in_texts_import_what_is_there() -> None:
    """A program that a script or a test hands to another Python is text to linters: its imports are looked at here."""
    wrong = []
    for name in SOURCES:
        imported = IMPORT.findall((ROOT / name).read_text(encoding="utf-8"))
        wrong += [f"{name}: {module}" for module in imported if not is_ours(module)]
    assert wrong == []


@pytest.mark.parametrize(
    "gone",
    [
        "ocrfill/records.py",
        "`ocrfill/known/lists`",
        "ocrfill.trust_file",
        "ocrfill.pipeline.read_page.no_such_function",
        "ocrfill.read.hand.HandReader",
        "docs/running.md",
        "see weighing.py",
        "`locate/cutting.py`",
        "tests/test_spelling.py",
        "ocrfill/layouts/library/*.json",
    ],
)
def test_what_is_gone_is_seen(gone: str) -> None:
    assert list(strangers(gone))


@pytest.mark.parametrize(
    "there",
    [
        "ocrfill/layouts/library/*.yaml",
        "ocrfill.pipeline.read_page.read_page",
        "`registration/form.py`",
        "tests/docs/",
        "ocrfill.toml",
    ],
)
def test_what_is_there_is_no_stranger(there: str) -> None:
    assert list(strangers(there)) == []
