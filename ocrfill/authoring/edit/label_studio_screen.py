"""The page on which places are corrected: Label Studio's config, a task of rectangles, and what a person left there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from ocrfill.authoring.edit.regions import Corners, LayoutRegions
from ocrfill.errors import ReviewError
from ocrfill.export.views.html_templates import html_templates
from ocrfill.layouts import Layout
from ocrfill.layouts.fields import Choice, FieldType

FIELD_CONTROL, NAME_CONTROL, LABEL_CONTROL, KIND_CONTROL, COLUMNS_CONTROL, PAGE = (
    "field",
    "name",
    "label",
    "kind",
    "columns",
    "page",
)
"""The names of the controls: which field, its new name, its printed label, its type, the export columns it fills; and
of the picture.
"""

NEW_FIELD_LABEL = "+"
"""The label of a rectangle that belongs to no field yet."""

FIELD_COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#bcbd22")

SCREEN_HINT = (
    "Kéo ô cho khớp chỗ viết: cạnh dưới nằm trên dòng chấm. Thêm: bấm “+” (hoặc tên trường), vẽ ô, rồi bấm vào ô "
    "để ghi tên. Đổi tên: bấm vào ô, ghi tên mới. Kiểu và cột xuất: bấm vào ô, chọn trong hai danh sách. "
    "Bỏ: bấm vào ô, phím Backspace. Xong: Submit."
)
NEW_NAME_HINT, NEW_LABEL_HINT = "tên trường mới, rồi Enter (ví dụ: nks_ho_ten)", "chữ in trên mẫu, rồi Enter"


@dataclass(frozen=True, slots=True)
class EditedRectangle:
    """A rectangle as a person left it: the region it was (its `id` is new for one that was drawn), which field it is
    given to (`NEW_FIELD_LABEL` for none), and what was written into its boxes or chosen there, "" where nothing was.
    """

    id: str
    field: str
    box: Corners
    name: str = ""
    label: str = ""
    kind: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RectangleAssignment:
    """What is to become of the rectangles: those of before by id, each with its field's name, and new ones; fields that
    are called otherwise.
    """

    kept: Mapping[str, tuple[EditedRectangle, str]]
    new: Sequence[tuple[EditedRectangle, str]]
    renamed: Mapping[str, str]


def kind_text(type_: FieldType) -> str:
    """A field type as it stands on the screen: `name`, `choice: quan_he`."""
    return f"{type_.kind}: {type_.list}" if isinstance(type_, Choice) else type_.kind


def kind_from_text(said: str) -> dict[str, str]:
    """The type that is meant, as a layout file has it."""
    kind, _, list_ = said.partition(": ")
    return {"kind": kind, "list": list_} if list_ else {"kind": kind}


def edit_config(fields: Sequence[str], kinds: Sequence[str], columns: Sequence[str]) -> str:
    """The labelling config for these fields, field types and export columns."""
    template = html_templates("ocrfill.authoring.edit").get_template("screen.xml")
    return template.render(
        page=PAGE,
        field=FIELD_CONTROL,
        new=NEW_FIELD_LABEL,
        hint=SCREEN_HINT,
        labels=[(name, FIELD_COLOURS[i % len(FIELD_COLOURS)]) for i, name in enumerate(fields)],
        boxes=((NAME_CONTROL, NEW_NAME_HINT), (LABEL_CONTROL, NEW_LABEL_HINT)),
        lists=((KIND_CONTROL, "single", kinds), (COLUMNS_CONTROL, "multiple", columns)),
    )


def edit_task(url: str, drawn: LayoutRegions, layout: Layout) -> dict[str, Any]:
    """The task as Label Studio imports it; `url` is where the server has the straightened page's picture."""
    result = []
    for region in drawn.regions:
        value, spec = _shares(region.box, drawn), layout.fields[region.field]
        for control, sort, given in (
            (FIELD_CONTROL, "rectanglelabels", {"rectanglelabels": [region.field]}),
            (LABEL_CONTROL, "textarea", {"text": [spec.label]}),
            (KIND_CONTROL, "choices", {"choices": [kind_text(spec.type)]}),
            (COLUMNS_CONTROL, "choices", {"choices": list(spec.columns)}),
        ):
            if given == {"choices": []}:
                continue
            result.append(
                {
                    "id": region.id,
                    "from_name": control,
                    "to_name": PAGE,
                    "type": sort,
                    "original_width": drawn.width,
                    "original_height": drawn.height,
                    "image_rotation": 0,
                    "value": {**value, **given},
                }
            )
    return {"data": {"image": url}, "predictions": [{"model_version": "ocrfill", "result": result}]}


def _shares(box: Corners, drawn: LayoutRegions) -> dict[str, float]:
    """A rectangle in hundredths of the picture, as Label Studio has it."""
    left, top, right, bottom = box
    width, height = drawn.width, drawn.height
    return {
        "x": 100 * left / width,
        "y": 100 * top / height,
        "width": 100 * (right - left) / width,
        "height": 100 * (bottom - top) / height,
        "rotation": 0,
    }


def edited_rectangles(annotation: Mapping[str, Any], drawn: LayoutRegions) -> tuple[EditedRectangle, ...]:
    """The rectangles of an annotation. Raises ReviewError where it is not of our page."""
    parts: dict[str, dict[str, Mapping[str, Any]]] = {}
    for part in annotation.get("result") or ():
        parts.setdefault(str(part.get("id")), {})[str(part.get("from_name"))] = part.get("value", {})
    try:
        return tuple(_left(key, controls, drawn) for key, controls in parts.items() if FIELD_CONTROL in controls)
    except (KeyError, TypeError, ValueError) as error:
        raise ReviewError(
            f"the rectangles are not as Label Studio 1.23 gives them ({error}); nothing was changed"
        ) from error


def _left(key: str, controls: Mapping[str, Mapping[str, Any]], drawn: LayoutRegions) -> EditedRectangle:
    value = controls[FIELD_CONTROL]
    x, y, wide, high = (float(value[side]) / 100 for side in ("x", "y", "width", "height"))
    width, height = drawn.width, drawn.height
    box = (x * width, y * height, (x + wide) * width, (y + high) * height)
    name, label, kind = (
        _first(controls.get(control), sort)
        for control, sort in ((NAME_CONTROL, "text"), (LABEL_CONTROL, "text"), (KIND_CONTROL, "choices"))
    )
    columns = tuple(str(column) for column in controls.get(COLUMNS_CONTROL, {}).get("choices") or ())
    return EditedRectangle(key, _first(value, "rectanglelabels") or NEW_FIELD_LABEL, box, name, label, kind, columns)


def _first(value: Mapping[str, Any] | None, sort: str) -> str:
    """The first of what a control holds; composed, with single spaces."""
    found = (value or {}).get(sort) or [""]
    return " ".join(normalize("NFC", str(found[0] if isinstance(found, list) else found)).split())
