"""Rectangles of a form put back into its lines, ticks and areas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ocrfill.authoring.edit.label_studio_screen import EditedRectangle, RectangleAssignment
from ocrfill.authoring.edit.regions import Corners, Region
from ocrfill.document.template import FormTemplate
from ocrfill.layouts.faults import Path
from ocrfill.layouts.yaml_edits import AddKey, DropEntry, InsertEntry, SetValue, YamlDocument, value_at
from ocrfill.layouts.yaml_text import PLACE_DECIMALS, Value
from ocrfill.pipeline.locate.registration.form import usual_pitch
from ocrfill.pipeline.locate.registration.page_map import PageMap

MAX_LINE_OFFSET_PITCHES = 0.35
"""A place within so many line distances of a printed line belongs to it."""

MAX_JOINT_MOVE_PITCHES = 0.15
"""Places of a line that moved by the same, to so many line distances, moved the line."""

MIN_AREA_HEIGHT_PITCHES = 1.6
"""A new rectangle higher than so many line distances is an area, not a line to write on."""

SIDE_NAMES = ("left edge", "upper edge", "right edge", "lower edge")


@dataclass(frozen=True, slots=True)
class FormPlaces:
    """How a form's places follow what was done. `wobble` is in pixels of the page."""

    body: FormTemplate
    places: PageMap
    wobble: float

    def change(self, draft: YamlDocument, regions: Sequence[Region], given: RectangleAssignment) -> Iterator[str]:
        """Change the draft, and tell each thing that was done."""
        moved: list[tuple[str, Corners]] = []
        gone: list[Path] = [region.path for region in regions if region.id not in given.kept]
        yield from (f"{region.field}: a place taken away" for region in regions if region.id not in given.kept)
        still = [region for region in regions if region.id in given.kept]
        for region in still:
            if region.path[1] != "lines":
                yield from self._box(draft, region, *given.kept[region.id])
        for _, of_line in groupby((r for r in still if r.path[1] == "lines"), key=lambda r: r.path[2]):
            places = [(region, *given.kept[region.id]) for region in of_line]
            stay = self._line(draft, places)
            yield from stay.told
            moved += stay.moved
            gone += stay.gone
        self._drop(draft, gone)
        for name, box in moved:
            yield f"{name}: a place moved to another line"
            self._write_on(draft, name, box)
        for one, name in given.new:
            yield f"{name}: a place drawn"
            self._add(draft, name, one.box)

    def _box(self, draft: YamlDocument, region: Region, one: EditedRectangle, name: str) -> Iterator[str]:
        """Edges of a tick or an area."""
        for side in range(4):
            if abs(one.box[side] - region.box[side]) > self.wobble:
                yield f"{name}: {SIDE_NAMES[side]} moved"
                draft.take([SetValue((*region.path, "box", side), self._fractions(one.box)[side])])

    def _line(self, draft: YamlDocument, places: Sequence[tuple[Region, EditedRectangle, str]]) -> _Line:
        """Ends of a line's gaps, and its height where all of them moved by the same."""
        told, moved, gone = [], [], []
        pitch = self._pitch(places[0][1].box)
        down = [one.box[3] - region.box[3] for region, one, _ in places]
        all_there = len(places) == len(self.body.lines[_number(places[0][0])].gaps)
        height = sum(down) / len(down)
        together = (
            all_there and max(down) - min(down) <= MAX_JOINT_MOVE_PITCHES * pitch and self._in_order(places, height)
        )
        if together and abs(height) > self.wobble:
            path = places[0][0].path[:3]
            box = places[0][0].box
            draft.take([SetValue((*path, "y"), self._fractions((*box[:3], box[3] + height))[3])])
            told.append(f"{', '.join(dict.fromkeys(name for _, _, name in places))}: its line moved")
        for (region, one, name), by in zip(places, down, strict=True):
            if not together and abs(by) > MAX_LINE_OFFSET_PITCHES * pitch:
                moved.append((name, one.box))
                gone.append(region.path)
                continue
            sides = [side for side in (0, 2) if abs(one.box[side] - region.box[side]) > self.wobble]
            draft.take(SetValue((*region.path, "x", side // 2), self._fractions(one.box)[side]) for side in sides)
            told += [f"{name}: moved along its line"] if len(sides) == 2 else []
            told += [f"{name}: {SIDE_NAMES[side]} moved" for side in sides if len(sides) == 1]
        return _Line(told, moved, gone)

    def _in_order(self, places: Sequence[tuple[Region, EditedRectangle, str]], height: float) -> bool:
        """Whether the line stays between its neighbours."""
        number, box = _number(places[0][0]), places[0][0].box
        y = self._fractions((*box[:3], box[3] + height))[3]
        lines = self.body.lines
        above = lines[number - 1].y if number else 0.0
        below = lines[number + 1].y if number + 1 < len(lines) else 1.0
        return above <= y <= below

    def _drop(self, draft: YamlDocument, paths: Sequence[Path]) -> None:
        """Take places away from the last to the first, and lines of which nothing is left."""
        for path in sorted(paths, key=lambda p: tuple(str(s) if isinstance(s, str) else f"{s:06}" for s in p))[::-1]:
            draft.take([DropEntry(path)])
            if path[1] == "lines" and not {"gaps", "labels"} & set(value_at(draft.plain, path[:3])):
                draft.take([DropEntry(path[:3])])

    def _add(self, draft: YamlDocument, name: str, box: Corners) -> None:
        kind = draft.plain["fields"][name]["type"]["kind"]
        if kind == "signature" or box[3] - box[1] > MIN_AREA_HEIGHT_PITCHES * self._pitch(box):
            place: dict[str, Value] = {"field": name, "box": list(self._fractions(box))}
            if "areas" in draft.plain["body"]:
                draft.take([InsertEntry(("body", "areas"), len(draft.plain["body"]["areas"]), place)])
            else:
                draft.take([AddKey(("body",), "areas", [place])])
        else:
            self._write_on(draft, name, box)

    def _write_on(self, draft: YamlDocument, name: str, box: Corners) -> None:
        """A gap on the line it lies on, or on a new one."""
        left, _, right, y = self._fractions(box)
        gap: dict[str, Value] = {"field": name, "x": [left, right]}
        lines = draft.plain["body"]["lines"]
        near = min(range(len(lines)), key=lambda i: abs(lines[i]["y"] - y))
        if abs(lines[near]["y"] - y) > MAX_LINE_OFFSET_PITCHES * usual_pitch(self.body):
            place = sum(line["y"] <= y for line in lines)
            draft.take([InsertEntry(("body", "lines"), place, {"y": y, "gaps": [gap]})])
        elif "gaps" in lines[near]:
            place = sum(other["x"][0] < left for other in lines[near]["gaps"])
            draft.take([InsertEntry(("body", "lines", near, "gaps"), place, gap)])
        else:
            draft.take([AddKey(("body", "lines", near), "gaps", [gap])])

    def _fractions(self, box: Corners) -> Corners:
        """The rectangle as fractions of the template, within the page."""
        left, top = self.places.to_form(box[0], box[1])
        right, bottom = self.places.to_form(box[2], box[3])
        first, second, third, fourth = (
            round(min(max(v, 0.0), 1.0), PLACE_DECIMALS) for v in (left, top, right, bottom)
        )
        return first, second, third, fourth

    def _pitch(self, box: Corners) -> float:
        """The usual distance between lines, in pixels, there."""
        x, y = self.places.to_form(box[0], box[3])
        return self.places.to_page(x, y + usual_pitch(self.body))[1] - box[3]


@dataclass(frozen=True, slots=True)
class _Line:
    """What became of a line: what is told, the places that go to other lines, and the paths they leave."""

    told: list[str]
    moved: list[tuple[str, Corners]]
    gone: list[Path]


def _number(region: Region) -> int:
    return int(region.path[2])
