"""The documentation as tests see it: its pages, their links and headings, and what stands in them as code."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from support.paths import ROOT

ENTRANCES = (ROOT / "README.md", ROOT / "README.vi.md", ROOT / "docs" / "index.md")
"""Where a reader comes in: every page must be reachable from one of these."""

_FENCE = re.compile(r"^```.*?^```\s*?$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)


@cache
def tracked() -> frozenset[str]:
    """Every file of the checkout that git knows or would add, as a path from its root."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return frozenset(name for name in names if (ROOT / name).exists())


@cache
def folders() -> frozenset[str]:
    """Every folder that holds a file of the checkout."""
    return frozenset(str(parent) for name in tracked() for parent in Path(name).parents if parent.name)


@cache
def pages() -> tuple[Path, ...]:
    """Every page of documentation: at the root, under docs/, and the read-me files and cards of folders."""
    return tuple(ROOT / name for name in sorted(tracked()) if name.endswith(".md"))


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """What a page links to within the checkout: the file, and the anchor or an empty text."""
    for target in _LINK.findall(_FENCE.sub("", text_of(page))):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        yield (page.parent / path).resolve() if path else page, anchor


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that GitHub gives the headings of a page."""
    found: dict[str, int] = {}
    for heading in _HEADING.findall(_FENCE.sub("", text_of(page))):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return frozenset(slug if n == 0 else f"{slug}-{n}" for slug, last in found.items() for n in range(last + 1))


def code_lines(page: Path) -> Iterator[str]:
    """The lines of the fenced and indented blocks of a page, with lines that a backslash continues joined."""
    text = text_of(page)
    blocks = [fenced.split("\n", 1)[1].rsplit("\n", 1)[0] for fenced in _FENCE.findall(text)]
    blocks += re.findall(r"(?:^(?: {4}|\t).*\n)+", _FENCE.sub("", text), re.MULTILINE)
    for block in blocks:
        yield from (line.strip() for line in re.sub(r"\\\n\s*", " ", block).splitlines())


def inline_code(page: Path) -> Iterator[str]:
    """What stands between backticks in the running text of a page, on one line each."""
    for found in re.findall(r"`([^`]+)`", _FENCE.sub("", text_of(page))):
        yield " ".join(found.split())


def prose_of(source: Path) -> str:
    """The docstrings and comments of a Python file."""
    text = source.read_text(encoding="utf-8")
    said = [n.value.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Expr) and _is_text(n.value)]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join([*said, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
