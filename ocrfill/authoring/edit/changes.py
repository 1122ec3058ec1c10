"""What a person did to the rectangles: the steps that put it into the layout file, and words that tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from unicodedata import combining, normalize

from ocrfill.authoring.edit.form_edits import FormPlaces
from ocrfill.authoring.edit.label_studio_screen import (
    NEW_FIELD_LABEL,
    EditedRectangle,
    RectangleAssignment,
    kind_from_text,
    kind_text,
)
from ocrfill.authoring.edit.regions import LayoutRegions, Region
from ocrfill.authoring.edit.table_edits import TablePlaces
from ocrfill.civil_status.export_columns import usual_part
from ocrfill.document.template import TableTemplate
from ocrfill.errors import BadInput
from ocrfill.layouts import Layout
from ocrfill.layouts.yaml_edits import AddKey, DropEntry, RenameKey, SetValue, YamlDocument
from ocrfill.layouts.yaml_text import Value

MAX_WOBBLE_MM = 0.3
"""Millimetres: an edge that moved by less was not moved on purpose. A pixel of the page on a screen is as much."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The new text of a layout file, and a line for each thing that was done."""

    text: str
    told: tuple[str, ...]


def apply_edits(text: str, layout: Layout, drawn: LayoutRegions, left: Sequence[EditedRectangle]) -> Edited:
    """The layout file as a person left its places. Raises BadInput where what was done has no meaning."""
    draft, told, regions = YamlDocument(text), list[str](), drawn.regions
    given = _given(layout, regions, left)
    for old, new in given.renamed.items():
        told.append(f"{old}: called {new} now")
        draft.take([RenameKey(("fields", old), new)])
        draft.take(SetValue((*r.path, "field"), new) for r in regions if r.field == old)
    names = {name: given.renamed.get(name, name) for name in layout.fields}
    wobble = MAX_WOBBLE_MM * drawn.dpi / 25.4
    for region in regions:
        if region.id in given.kept and given.kept[region.id][1] != names[region.field]:
            told.append(f"{names[region.field]}: a place given to {given.kept[region.id][1]}")
            draft.take([SetValue((*region.path, "field"), given.kept[region.id][1])])
    for name, spec in _new_fields(names, given):
        told.append(f"{name}: new")
        draft.take([AddKey(("fields",), name, spec)])
    body = layout.body
    places = (
        TablePlaces(body, drawn.places, wobble)
        if isinstance(body, TableTemplate)
        else FormPlaces(body, drawn.places, wobble)
    )
    told += places.change(draft, regions, given)
    told += _described(draft, layout, names, regions, given)
    for name in _without_place(draft):
        told.append(f"{name}: taken away")
        draft.take([DropEntry(("fields", name))])
    return Edited(draft.checked(), tuple(told))


def _given(layout: Layout, regions: Sequence[Region], left: Sequence[EditedRectangle]) -> RectangleAssignment:
    before = {region.id: region for region in regions}
    renamed = _renamed(layout, before, left)
    kept: dict[str, tuple[EditedRectangle, str]] = {}
    new: list[tuple[EditedRectangle, str]] = []
    for one in left:
        typed = as_name(one.name)
        known = one.field in layout.fields
        if not known and not typed:
            raise BadInput(
                f"a rectangle has no field: write a name into its box, or give it one of the fields ({_where(one)})"
            )
        name = typed or renamed.get(one.field, one.field)
        if one.id in before:
            kept[one.id] = (one, name)
        else:
            new.append((one, name))
    return RectangleAssignment(kept, new, renamed)


def _renamed(layout: Layout, before: Mapping[str, Region], left: Sequence[EditedRectangle]) -> dict[str, str]:
    """Fields that are called otherwise: a name typed at one of their places, which no other field has."""
    renamed: dict[str, str] = {}
    for one in left:
        typed = as_name(one.name)
        if not typed or one.field == NEW_FIELD_LABEL or typed in layout.fields or one.id not in before:
            continue
        if renamed.setdefault(one.field, typed) != typed:
            raise BadInput(
                f"field {one.field} was given two names: {renamed[one.field]} and {typed}; leave one of them"
            )
    if len(set(renamed.values())) < len(renamed):
        raise BadInput("two fields were given one name; names of fields must differ")
    return renamed


def as_name(text: str) -> str:
    """A field's name from what a person typed: `Họ tên mẹ` is `ho_ten_me`."""
    bare = "".join(c for c in normalize("NFD", text.lower().replace("đ", "d")) if not combining(c))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_").lstrip("0123456789_")


def _where(one: EditedRectangle) -> str:
    return f"at {one.box[0]:.0f}, {one.box[1]:.0f} of the page's pixels"


def _new_fields(names: Mapping[str, str], given: RectangleAssignment) -> Iterator[tuple[str, dict[str, Value]]]:
    """The names and descriptions of fields that were not there."""
    known = set(names.values())
    for one, name in (*given.kept.values(), *given.new):
        if name in known:
            continue
        known.add(name)
        type_ = kind_from_text(one.kind or "text")
        spec: dict[str, Value] = {"label": one.label or name, "type": type_}
        if one.columns:
            spec["columns"] = {column: usual_part(column, type_["kind"]) for column in one.columns}
        yield name, spec | ({"read": False} if type_["kind"] == "signature" else {})


def _described(
    draft: YamlDocument, layout: Layout, names: Mapping[str, str], regions: Sequence[Region], given: RectangleAssignment
) -> Iterator[str]:
    """Put labels, types and columns as persons gave them at any place of a field."""
    done: set[tuple[str, str]] = set()
    for region in regions:
        if region.id not in given.kept or given.kept[region.id][1] != names[region.field]:
            continue
        one, name = given.kept[region.id]
        spec = layout.fields[region.field]
        if one.label and one.label != spec.label and (name, "label") not in done:
            done.add((name, "label"))
            draft.take([SetValue(("fields", name, "label"), one.label)])
            yield f"{name}: its printed label is {one.label!r}"
        if one.kind and one.kind != kind_text(spec.type) and (name, "kind") not in done:
            done.add((name, "kind"))
            draft.take([SetValue(("fields", name, "type"), kind_from_text(one.kind))])
            yield f"{name}: its type is {one.kind}"
            _fit_parts(draft, name, spec.type.kind)
        if set(one.columns) != set(spec.columns) and (name, "columns") not in done:
            done.add((name, "columns"))
            yield from _columns(draft, name, one.columns)


def _columns(draft: YamlDocument, name: str, wanted: Sequence[str]) -> Iterator[str]:
    """Let a field fill these export columns and no others."""
    kind = draft.plain["fields"][name]["type"]["kind"]
    there = list(draft.plain["fields"][name].get("columns", {}))
    new = {column: usual_part(column, kind) for column in wanted if column not in there}
    if new and not there:
        draft.take([AddKey(("fields", name), "columns", dict(new))])
    else:
        draft.take(AddKey(("fields", name, "columns"), column, part) for column, part in new.items())
    for column, part in new.items():
        yield f"{name}: fills the column {column} ({part})"
    for column in there:
        if column not in wanted:
            draft.take([DropEntry(("fields", name, "columns", column))])
            yield f"{name}: no longer fills the column {column}"


def _fit_parts(draft: YamlDocument, name: str, before: str) -> None:
    """A field of another type than before has other parts to fill its columns with."""
    spec = draft.plain["fields"][name]
    if spec["type"]["kind"] == before:
        return
    for column, part in list(spec.get("columns", {}).items()):
        usual = usual_part(column, spec["type"]["kind"])
        if usual != part:
            draft.take([SetValue(("fields", name, "columns", column), usual)])


def _without_place(draft: YamlDocument) -> list[str]:
    body = draft.plain["body"]
    placed = {gap["field"] for line in body.get("lines", ()) for gap in line.get("gaps", ())}
    placed |= {place["field"] for key in ("ticks", "areas", "cells") for place in body.get(key, ())}
    return [name for name in draft.plain["fields"] if name not in placed]
