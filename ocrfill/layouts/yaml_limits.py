"""What a layout's YAML may hold: no more than a form needs, and nothing that makes much of little.

Aliases and merge keys let a kilobyte stand for gigabytes, tags make objects of text, and thousands of brackets within
each other exhaust the reader. No layout needs any of them, so they are faults, found while the text is read the first
time, before anything is made of it.
"""

from __future__ import annotations

import re
import unicodedata

from ruamel.yaml import YAML
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, NodeEvent, ScalarEvent

from ocrfill.errors import BadLayout

MAX_LAYOUT_BYTES = 200_000
"""The largest layout that comes with ocrfill has 12,000."""

MAX_YAML_NODES = 20_000
"""Keys, values, lists and mappings; the largest layout that comes with ocrfill has 1,700."""

MAX_YAML_DEPTH = 20
"""Lists and mappings within each other; a layout has six."""

MAX_MARKS = 20
"""Marks on one letter; a Vietnamese one has two."""

MERGE_KEY = "<<"

MAX_TOLD_CHARACTERS = 40
"""Of the name of an anchor or a tag."""

MAX_NUMBER_CHARACTERS = 100
"""Of a number without quotation marks. Python makes whole numbers without end, and refuses to write out long ones."""

_LONG_NUMBER = re.compile(rf"[-+]?[0-9][0-9a-fA-FxXoO_.:+-]{{{MAX_NUMBER_CHARACTERS},}}")
_MANY_MARKS = re.compile(rf"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{MAX_MARKS + 1}}}")


def check_size(size: int, name: str) -> None:
    """Raise BadLayout for a file of more bytes, or a text of more characters, than a layout has."""
    if size > MAX_LAYOUT_BYTES:
        raise BadLayout(name, (f"{size} bytes: a layout has at most {MAX_LAYOUT_BYTES}; is it another file?",))


def composed_text(text: str, name: str) -> str:
    """The text in NFC. Raises BadLayout for one that is too long, or that would take long to compose.

    That time grows with the square of the marks on one letter.
    """
    check_size(len(text), name)
    if (found := _MANY_MARKS.search(text)) is not None:
        line = text.count("\n", 0, found.start()) + 1
        raise BadLayout(name, (f"line {line}: a letter with more than {MAX_MARKS} marks",))
    return unicodedata.normalize("NFC", text)


def check_yaml(text: str, name: str) -> None:
    """Raise BadLayout where the text holds what a layout must not. Raises ruamel's errors where it is no YAML."""
    depth = 0
    for count, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        fault = _fault(event)
        if depth > MAX_YAML_DEPTH:
            fault = f"more than {MAX_YAML_DEPTH} lists and mappings within each other"
        elif count > MAX_YAML_NODES:
            fault = f"more than {MAX_YAML_NODES} keys and values: no form has so many"
        if fault:
            raise BadLayout(name, (f"line {event.start_mark.line + 1}: {fault}",))


def _fault(event: Event) -> str | None:
    if isinstance(event, AliasEvent):
        return f"an alias (*{_short(event.anchor)}): write out what it stands for"
    if isinstance(event, NodeEvent) and event.anchor:
        return f"an anchor (&{_short(event.anchor)}): leave it out, and write out what it stands for elsewhere"
    if isinstance(event, CollectionStartEvent | ScalarEvent) and event.tag:
        return f"a tag ({_short(event.tag)}): leave it out"
    if isinstance(event, ScalarEvent) and not event.style and _LONG_NUMBER.fullmatch(event.value):
        return f"a number of more than {MAX_NUMBER_CHARACTERS} digits"
    if isinstance(event, ScalarEvent) and event.value == MERGE_KEY and not event.style:
        return f"a merge key ({MERGE_KEY}): write out what is to be merged"
    return None


def _short(name: object) -> str:
    return str(name)[:MAX_TOLD_CHARACTERS]
