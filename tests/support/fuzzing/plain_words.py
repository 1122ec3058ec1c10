"""Whether an error is in words that a clerk can read: no address, no bytes, no unseen characters, not too long."""

from __future__ import annotations

import re
from collections.abc import Collection
from unicodedata import category

from ocrfill.errors import seen_text

MAX_MESSAGE_CHARACTERS = 20_000
"""Of a hundred faults of a layout; every other message has some hundred."""

MAX_LINE_CHARACTERS = 2000

_QUOTED = re.compile(r"(?<![a-z])'[^\n]*'")
_UNPLAIN = {
    "an address in memory": re.compile(r"\bat 0x[0-9a-f]{8,}", re.IGNORECASE),
    "bytes": re.compile(r"(?:^|[\s(:])b(['\"])[^\n]*\\x[0-9a-f]{2}|\bbytearray\b"),
    "a traceback": re.compile(r"Traceback|File \"|\bNoneType\b|<class |\blambda\b|__\w+__"),
}


def assert_plain(message: str, *named: object) -> None:
    """AssertionError for a message that is none; what the user `named` himself may stand in it as it is."""
    for name in named:
        message = message.replace(str(name), "NAME").replace(seen_text(str(name)), "NAME")
    assert message.strip(), "an error without a message"
    assert len(message) <= MAX_MESSAGE_CHARACTERS, f"a message of {len(message)} characters: {message[:200]!r}…"
    longest = max(map(len, message.split("\n")))
    assert longest <= MAX_LINE_CHARACTERS, f"a line of {longest} characters in a message: {message[:200]!r}…"
    ours = _QUOTED.sub("''", message)  # a value that is shown in quotation marks is anybody's
    for what, pattern in _UNPLAIN.items():
        assert not pattern.search(ours), f"{what} in a message: {message[:500]!r}"
    unseen = sorted({c for c in message if not c.isprintable() and c != "\n" and category(c) != "Zs"})
    assert not unseen, f"unseen characters {unseen!r} in a message: {message[:500]!r}"


def assert_known_words(message: str, known: Collection[str], *named: object) -> None:
    """AssertionError where the message has a word that is none of ours: then it comes from the file."""
    assert_plain(message, *named)
    for name in named:
        message = message.replace(str(name), " ")
    strange = [word for word in re.findall(r"[^\W\d_]+", message) if word not in known]
    assert not strange, f"words that are not ours, {strange[:5]}, in a message: {message[:300]!r}"
