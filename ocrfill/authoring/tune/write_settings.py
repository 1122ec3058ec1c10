"""Settings put into the text of a layout file: only what is not as usual stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ocrfill.authoring.tune.objective import Settings
from ocrfill.layouts import Tuning
from ocrfill.layouts.yaml_edits import Add, Draft, Drop, Put, Step
from ocrfill.layouts.yaml_text import Short, Value


def with_settings(text: str, settings: Settings) -> str:
    """The file with these settings; everything else of it stays as it is."""
    draft = Draft(text)
    wanted = dict(_unusual(settings.tuning))
    there = draft.plain.get("tuning") or {}
    if not there and wanted:
        draft.take([Add((), "tuning", wanted)])
    else:
        for name in [name for name in there if name not in wanted]:
            draft.take([Drop(("tuning", name))])
        for name, value in wanted.items():
            if name not in there:
                draft.take([Add(("tuning",), name, value)])
            elif there[name] != value:
                draft.take([Put(("tuning", name), value)])
    for name, spec in list(draft.plain["fields"].items()):
        draft.take(_reader_steps(name, spec.get("reader"), settings.readers.get(name)))
    return draft.checked()


def _unusual(tuning: Tuning) -> Iterator[tuple[str, Value]]:
    usual = Tuning()
    for one in fields(Tuning):
        value = getattr(tuning, one.name)
        if value != getattr(usual, one.name):
            yield one.name, Short(value) if isinstance(value, float) else value


def _reader_steps(field: str, before: str | None, after: str | None) -> Iterator[Step]:
    path = ("fields", field, "reader")
    if before == after:
        return
    if after is None:
        yield Drop(path)
    elif before is None:
        yield Add(path[:2], "reader", after)
    else:
        yield Put(path, after)
