"""Every page of the documentation can be reached, and every link in it leads somewhere."""

from pathlib import Path

import pytest
from support.pages import ENTRANCES, anchors, links, pages
from support.paths import ROOT


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_every_page_is_reachable() -> None:
    reached: set[Path] = set()
    todo = list(ENTRANCES)
    while todo:
        page = todo.pop()
        if page not in reached:
            reached.add(page)
            todo += [target for target, _ in links(page) if target.suffix == ".md" and target.exists()]
    assert [_name(page) for page in pages() if page not in reached] == []


def test_the_index_leads_to_every_page_of_the_docs() -> None:
    """A reader who knows only the index finds any page in one step, a single decision in two."""
    indexes = [ROOT / "docs" / "index.md", ROOT / "docs" / "decisions" / "README.md"]
    from_index = {target for index in indexes for target, _ in links(index)}
    under_docs = {page for page in pages() if page.is_relative_to(ROOT / "docs") and page != indexes[0]}
    assert sorted(map(_name, under_docs - from_index)) == []


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    missing = [_name(target) for target, _ in links(page) if not target.exists()]
    assert missing == []


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_anchors_are_headings(page: Path) -> None:
    lost = [
        f"{_name(target)}#{anchor}"
        for target, anchor in links(page)
        if anchor and target.suffix == ".md" and target.exists() and anchor not in anchors(target)
    ]
    assert lost == []
