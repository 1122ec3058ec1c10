"""Settings put into the text of a layout file: only what is not as usual stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ocrfill.authoring.tune.objective import TuningSettings
from ocrfill.layouts import Tuning
from ocrfill.layouts.yaml_edits import AddKey, DropEntry, SetValue, YamlDocument, YamlEdit
from ocrfill.layouts.yaml_text import ShortNumber, Value


def with_settings(text: str, settings: TuningSettings) -> str:
    """The file with these settings; everything else of it stays as it is."""
    draft = YamlDocument(text)
    wanted = dict(_unusual(settings.tuning))
    there = draft.plain.get("tuning") or {}
    if not there and wanted:
        draft.take([AddKey((), "tuning", wanted)])
    else:
        for name in [name for name in there if name not in wanted]:
            draft.take([DropEntry(("tuning", name))])
        for name, value in wanted.items():
            if name not in there:
                draft.take([AddKey(("tuning",), name, value)])
            elif there[name] != value:
                draft.take([SetValue(("tuning", name), value)])
    for name, spec in list(draft.plain["fields"].items()):
        draft.take(_reader_steps(name, spec.get("reader"), settings.readers.get(name)))
    return draft.checked()


def _unusual(tuning: Tuning) -> Iterator[tuple[str, Value]]:
    usual = Tuning()
    for one in fields(Tuning):
        value = getattr(tuning, one.name)
        if value != getattr(usual, one.name):
            yield one.name, ShortNumber(value) if isinstance(value, float) else value


def _reader_steps(field: str, before: str | None, after: str | None) -> Iterator[YamlEdit]:
    path = ("fields", field, "reader")
    if before == after:
        return
    if after is None:
        yield DropEntry(path)
    elif before is None:
        yield AddKey(path[:2], "reader", after)
    else:
        yield SetValue(path, after)
