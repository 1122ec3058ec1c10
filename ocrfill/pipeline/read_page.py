"""From a page as scanned to its result: the only module that knows the order of the stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ocrfill.document.book_print import BookPrint
from ocrfill.document.page import Crop, FieldBox, Located, Page
from ocrfill.document.result import Decision, Field, Issue, PageResult, Reading, Record, Value
from ocrfill.document.template import CropOptions
from ocrfill.document.warp import Warp, hull
from ocrfill.errors import PageError
from ocrfill.layouts.model import FieldSpec, Layout
from ocrfill.pipeline.decide import NOT_READ_JUDGEMENT, Judgement, decide_checkboxes, decide_writing
from ocrfill.pipeline.emptiness import MIN_BLANK_EMPTINESS, emptiness
from ocrfill.pipeline.field_language import StripPosition, field_language_model
from ocrfill.pipeline.find_sheets import identify_form_anywhere
from ocrfill.pipeline.locate import BAD_FIT_SCORE, adjusted_strips, crop_strips
from ocrfill.pipeline.page_issues import TWO_SHEETS, page_issues
from ocrfill.pipeline.preprocess import is_blank
from ocrfill.pipeline.recognition import Reader, weighted_model
from ocrfill.pipeline.stage_clock import StageClock, no_clock, timed
from ocrfill.pipeline.upright_sheets import put_upright, upright_sheets
from ocrfill.pipeline.validate import check_record

NOTHING_READ = Issue("read.nothing", "Có chữ viết nhưng máy không đọc được")
CROSSED_OUT = Issue("field.crossed_out", "Có chữ bị gạch bỏ: cần xem chữ nào còn giá trị")
STAMPED_OVER = Issue("field.stamped", "Con dấu đè lên chữ")
BLANK_PAGE_REASON = "the page is blank"
NOT_FOUND = Issue("field.not_found", "Không tìm thấy chỗ ghi trên trang")


@dataclass(frozen=True, slots=True, eq=False)
class LocatedPage:
    """A layout laid on a page: the page put straight, where its fields are, and the crops of each in that order."""

    page: Page
    located: Located
    crops: tuple[tuple[Crop, ...], ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A field of a record on this page: where it lies, what it is; a crop of each strip and how surely it is empty."""

    box: FieldBox
    spec: FieldSpec
    crops: tuple[Crop, ...]
    empty: tuple[float, ...]
    reader_key: str | None

    @property
    def reader(self) -> str | None:
        """Key of the reader for this field; None where it is not read or was not found."""
        return self.reader_key if self.crops else None

    def line(self, number: int) -> StripPosition:
        """A strip's place among those with writing."""
        written = [i for i, empty in enumerate(self.empty) if empty < MIN_BLANK_EMPTINESS]
        return StripPosition(
            number, len(self.crops), number <= min(written, default=0), number >= max(written, default=0)
        )


def read_page(
    page: Page,
    layout: Layout,
    readers: Mapping[str, Reader],
    clock: StageClock | None = None,
    *,
    prints: Sequence[BookPrint] = (),
) -> PageResult:
    """All that stands on a page of that layout.

    `readers` are `ocrfill.pipeline.recognition.make_readers()` or others by these keys. `prints` are what was learnt of
    the book's print, the likeliest first.

    Raises PageError where the page is blank, is no page of this layout or cannot be read.
    """
    if is_blank(page):
        raise PageError("page", BLANK_PAGE_REASON)
    return _read_written(page, layout, readers, clock or no_clock, prints)


def _read_written(
    page: Page, layout: Layout, readers: Mapping[str, Reader], tell: StageClock, prints: Sequence[BookPrint] = ()
) -> PageResult:
    """The same of a page that is not blank."""
    results = []
    for flat, located in upright_sheets(page, layout, tell, [one.template for one in prints]):
        with timed("crop", tell):
            laid = crop_located(flat, located, layout.tuning.cutting)
        result = read_located_page(page, laid, layout, readers, tell)
        if located.print_used is not None:
            result = replace(result, models=(*result.models, prints[located.print_used].model))
        results.append(result)
    return results[0] if len(results) == 1 else _of_both_sheets(results)


def _of_both_sheets(results: Sequence[PageResult]) -> PageResult:
    """The records of several sheets in one image as those of one page, numbered on."""
    records = [record for result in results for record in result.records]
    return replace(
        results[0],
        fit=min(result.fit for result in results),
        models=tuple(sorted({model for result in results for model in result.models})),
        records=tuple(replace(record, number=number) for number, record in enumerate(records, 1)),
        issues=tuple(dict.fromkeys((TWO_SHEETS, *(issue for result in results for issue in result.issues)))),
    )


def read_located_page(
    page: Page, laid: LocatedPage, layout: Layout, readers: Mapping[str, Reader], clock: StageClock | None = None
) -> PageResult:
    """All that stands on a page on which the layout was laid before."""
    tell, flat, located = clock or no_clock, laid.page, laid.located
    with timed("read", tell):
        places = [
            _Place(box, layout.fields[box.name], cut, tuple(map(emptiness, cut)), _reader_key(layout, box.name))
            for box, cut in zip(located.boxes, laid.crops, strict=True)
        ]
        readings = _read(places, readers, layout)
    with timed("fields", tell):
        read = _records(places, readings, layout, readers, flat.to_source)
        records = tuple(check_record(record, layout) for record in read)
    used = sorted({place.reader for place in places if place.reader is not None})
    return PageResult(
        source=page.source,
        page=page.number,
        layout=layout.name,
        layout_version=layout.version,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        turned=flat.turned,
        fit=round(located.fit.score, 4),
        models=tuple(f"{readers[key].name} {readers[key].version}" for key in used),
        records=records,
        issues=page_issues(flat, located.fit.score),
    )


def read_page_of_any(
    page: Page, layouts: Sequence[Layout], readers: Mapping[str, Reader], clock: StageClock | None = None
) -> PageResult:
    """The same with the layout that the page is most like. Raises PageError also where it is like none."""
    if len(layouts) == 1:
        return read_page(page, layouts[0], readers, clock)
    if is_blank(page):
        raise PageError("page", BLANK_PAGE_REASON)
    tell = clock or no_clock
    with timed("locate", tell):
        best = identify_form_anywhere(page, layouts)
    if best.likeness < BAD_FIT_SCORE:
        raise PageError(
            "locate",
            f"the page is of no known form (most like {best.layout.name}, fit {best.likeness:.2f}, at least "
            f"{BAD_FIT_SCORE:.2f} is needed): check that it is wholly on the scan, or say which layout it has",
        )
    return _read_written(page, best.layout, readers, tell)


def page_crops(page: Page, layout: Layout) -> dict[tuple[int, str], tuple[Crop, ...]]:
    """The writing of each field of each record on a page, as the readers get it: a crop a strip.

    Raises PageError where the page is blank or is no page of this layout.
    """
    if is_blank(page):
        raise PageError("page", BLANK_PAGE_REASON)
    crops: dict[tuple[int, str], tuple[Crop, ...]] = {}
    for sheet, (flat, located) in enumerate(upright_sheets(page, layout)):
        laid = crop_located(flat, located, layout.tuning.cutting)
        before = sheet * layout.records_per_page
        crops |= {(before + box.record, box.name): cut for box, cut in zip(located.boxes, laid.crops, strict=True)}
    return crops


def locate_on_page(page: Page, layout: Layout) -> LocatedPage:
    """A layout laid on a page. Raises PageError where the page is blank or is no page of this layout."""
    if is_blank(page):
        raise PageError("page", BLANK_PAGE_REASON)
    flat, located = put_upright(page, layout)
    return crop_located(flat, located, layout.tuning.cutting)


def crop_located(flat: Page, located: Located, cutting: CropOptions) -> LocatedPage:
    """The writing cut out of a located page, as a book's tuning wants it."""
    placed = adjusted_strips(located, flat, cutting)
    return LocatedPage(flat, placed, crop_strips(flat, placed, cutting))


def _reader_key(layout: Layout, name: str) -> str | None:
    """Who reads a field: whom its type names; of writing, whom the field or the layout's tuning names."""
    spec = layout.fields[name]
    if not spec.read or spec.type.reader == "none":
        return None
    if spec.type.reader != "writing":
        return spec.type.reader
    return spec.reader or layout.tuning.reader or "writing"


def _read(places: Sequence[_Place], readers: Mapping[str, Reader], layout: Layout) -> list[tuple[Reading, ...]]:
    """The readings of each place, one a crop; each reader is called once for the whole page, and told what is known.

    Blank strips are not shown to readers of writing, which see words in specks; they get an empty reading.
    """
    readings = [[Reading("", 0.0, readers[p.reader].name)] * len(p.crops) if p.reader else [] for p in places]
    weight = layout.tuning.lexicon
    for key in dict.fromkeys(place.reader for place in places if place.reader):
        shown = [
            (i, j)
            for i, place in enumerate(places)
            if place.reader == key
            for j, empty in enumerate(place.empty)
            if key == "tick" or empty < MIN_BLANK_EMPTINESS
        ]
        known = [
            weighted_model(field_language_model(places[i].spec.type, layout.years, places[i].line(j)), weight)
            for i, j in shown
        ]
        answers = readers[key].read([places[i].crops[j] for i, j in shown], known)
        for (i, j), answer in zip(shown, answers, strict=True):
            readings[i][j] = answer
    return [tuple(of_place) for of_place in readings]


def _records(
    places: Sequence[_Place],
    readings: Sequence[tuple[Reading, ...]],
    layout: Layout,
    readers: Mapping[str, Reader],
    to_source: Warp,
) -> tuple[Record, ...]:
    """The records of the page, numbered from 1, each with its fields in the layout's order, empty ones too."""
    fields: dict[int, dict[str, Field]] = {}
    for place, of_place in zip(places, readings, strict=True):
        of_record = fields.setdefault(place.box.record, {})
        of_record[place.box.name] = _field(place, of_place, readers, to_source)
    return tuple(
        Record(number, tuple(of_record[name] for name in layout.fields if name in of_record))
        for number, of_record in sorted(fields.items())
    )


def _field(place: _Place, readings: tuple[Reading, ...], readers: Mapping[str, Reader], to_source: Warp) -> Field:
    value, judgement = _judged(place, readings)
    strips = tuple(to_source.polygon(strip.box) for strip in place.box.strips)
    return Field(
        name=place.box.name,
        label=place.spec.label,
        kind=place.spec.type.kind,
        raw=value.raw,
        normalised=value.normalised,
        probability=round(judgement.probability, 4),
        decision=judgement.decision,
        issues=(*value.issues, *_flags(place, judgement)),
        reader=_reader_of(readings, readers[place.reader]) if place.reader else None,
        polygon=hull(strips),
        strips=strips,
        readings=readings,
    )


def _reader_of(readings: Sequence[Reading], reader: Reader) -> str:
    """Who read the texts that count; where several did, the reader that asked them."""
    names = {reading.reader for reading in readings if reading.text}
    return names.pop() if len(names) == 1 else reader.name


def _judged(place: _Place, readings: tuple[Reading, ...]) -> tuple[Value, Judgement]:
    if place.reader is None:
        not_found = place.spec.read and not place.crops
        return Value("", None, (NOT_FOUND,) if not_found else ()), NOT_READ_JUDGEMENT
    value = place.spec.type.parse(readings)
    if place.reader == "tick":
        return value, decide_checkboxes(readings)
    judgement = decide_writing(place.empty, readings)
    if not value.raw and judgement.decision is not Decision.EMPTY:
        return Value("", value.normalised, (*value.issues, NOTHING_READ)), judgement
    return value, judgement


def _flags(place: _Place, judgement: Judgement) -> tuple[Issue, ...]:
    """What lies over a field's writing, where there is writing that is read."""
    if judgement.decision in (Decision.EMPTY, Decision.NOT_READ):
        return ()
    flags = [CROSSED_OUT] if any(crop.struck for crop in place.crops) else []
    return (*flags, STAMPED_OVER) if any(crop.stamped for crop in place.crops) else tuple(flags)
