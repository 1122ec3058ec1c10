"""What leaves as HTML: no value becomes a tag or an attribute."""

from __future__ import annotations

import random
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from support.builders.book import ks_layout, made_record, made_result
from support.fuzzing.target import Target
from support.fuzzing.values import odd_text

from ocrfill.document.result import Issue
from ocrfill.errors import BadInput
from ocrfill.export.views import ShownPage, book_html

PIECES = (
    "<", ">", '"', "'", "&", "/", "=", "`", "--", "!", "script", "img", "onerror", "style", "</title>", "</svg>",
    "]]>", "<!--", "<script>", "</script>", "javascript:", "&lt;", "&#60;", "{{", "}}", "\0", "x", " ", "\n", "<?",
    "%3C",
)  # fmt: skip


def tag_texts(chance: random.Random) -> str:
    """A text near a tag."""
    if chance.random() < 0.2:
        return odd_text(chance)
    return "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 9)))


class Skeleton(HTMLParser):
    """A document's tags with their attributes' names, and what is no text besides."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[object] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, tuple(name for name, _ in attrs)))
        for name, value in attrs:
            if name in {"href", "src"}:
                self.parts.append((value or "")[:1])
            assert not name.startswith("on"), f"an attribute {name}"

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.parts.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.parts.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.parts.append("instruction")


class HtmlPages(Target):
    """A book as HTML with such texts has the tags of the same book with plain ones."""

    max_mb = 400

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        layout = ks_layout()
        self.record = made_record(layout, accepted=("nks_ho_ten",))
        self.plain = Skeleton(self._document(["x"] * 5)).parts

    def draw(self, chance: random.Random) -> list[str]:
        return [tag_texts(chance) or "x" for _ in range(5)]

    def check(self, given: list[str]) -> None:
        assert Skeleton(self._document(given)).parts == self.plain, "a value has become a tag"

    def _document(self, texts: list[str]) -> str:
        raw, normalised, issue, name, title = texts
        if raw == normalised:
            normalised += "."
        fields = [
            replace(f, raw=raw, normalised=normalised, label=name, issues=(Issue(issue, issue),))
            for f in self.record.fields[:4]
        ]
        record = replace(self.record, fields=tuple(fields), issues=(Issue("a", issue),))
        shown = made_result(name, record, issues=(Issue(issue, issue),))
        pages = [ShownPage(name, replace(shown, layout=title), {f.name: name for f in fields})]

        def gone(_: int) -> None:
            raise BadInput(f"{name}: {issue}")

        return "".join(book_html(title, pages, gone, [(name, raw)]))
