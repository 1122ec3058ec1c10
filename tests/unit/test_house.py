"""The house: where things stand under ocrfill/, what they are called, and what each may load."""

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import ocrfill


def loaded_by(module: str) -> set[str]:
    """Top packages, and rooms of ocrfill, that a fresh interpreter has loaded after importing the module alone."""
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {".".join(name.split(".")[: 2 if name.startswith("ocrfill.") else 1]) for name in done.stdout.split()}


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("ocrfill.layouts", {"cv2", "sqlalchemy", "onnxruntime", "ocrfill.pipeline", "ocrfill.store"}),
        ("ocrfill.cli.read", {"sqlalchemy", "alembic", "label_studio_sdk", "torch", "ocrfill.store", "ocrfill.batch"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(module, never):
    loaded = loaded_by(module)
    assert {"ocrfill.layouts"} <= loaded, "nothing was loaded at all"
    assert not loaded & never


ONE_MEANING = {
    "calibrate": "learning how sure values are: the command, and what it calls",
    "cells": "the cells of ruled tables: the command, and their finding",
    "date_words": "dates written in words: the field type, and what its reader knows of them",
    "draft": "drafting a layout: the command, and its room",
    "edit": "correcting a layout with the mouse: the command, and its room",
    "export": "what leaves a workspace: the command, and its room",
    "person_names": "names of persons: how often they are borne, and what readers know of them",
    "pull": "fetching what persons said: the command, and what it calls",
    "purge": "taking a book out for good: the command, and what it calls",
    "push": "sending fields to persons: the command, and what it calls",
    "review": "answers of persons: the command, and its room",
    "run": "a book's pages read into a workspace: the command, and what it calls",
    "status": "how far things are: commands, each of its own thing",
    "store": "the database of a workspace: its room, and the class",
    "tune": "searching a layout's settings: the command, and its room",
}
"""Names of modules that may stand twice, and the one thing each of them means."""

MOST_LINES = 400

ROOMS = 14
"""Names directly under the package."""

LATER_ROOMS = frozenset({"campaign", "desk"})
"""Rooms that are made when their parts are built; they come on top."""

PACKAGE = Path(ocrfill.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def inside(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_few_names_stand_directly_under_the_package():
    beside = {"__init__.py", "__main__.py", "__pycache__", "py.typed", "models"}  # a wheel carries the models within
    names = {path.name for path in PACKAGE.iterdir()} - beside - LATER_ROOMS
    assert len(names) <= ROOMS, sorted(names)


def test_a_modules_name_means_one_thing():
    places = defaultdict(list)
    for path in MODULES:
        name = path.parent.name if path.name == "__init__.py" else path.stem
        if path.parent != PACKAGE or path.stem not in ("__init__", "__main__"):
            places[name].append(inside(path))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in twice.items() if name not in ONE_MEANING} == {}


def test_no_module_is_long():
    long = {inside(path): lines for path in MODULES if (lines := len(path.read_text().splitlines())) > MOST_LINES}
    assert long == {}


def test_a_public_class_has_its_name_alone():
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(inside(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
