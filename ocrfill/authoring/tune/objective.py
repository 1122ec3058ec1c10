"""Known pages read with any settings: each page is laid once, each picture of a line read once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocrfill.authoring.tune.ground_truth_pages import GroundTruthPage, Key
from ocrfill.civil_status.orthography import tidy
from ocrfill.document.page import Located, Page
from ocrfill.document.result import PageResult
from ocrfill.document.template import CropOptions
from ocrfill.errors import PageError
from ocrfill.evaluation.text_distance import edit_distance
from ocrfill.layouts import Layout, Tuning
from ocrfill.layouts.model import WritingReader
from ocrfill.pipeline.read_page import LocatedPage, crop_located, read_located_page
from ocrfill.pipeline.recognition import CheckboxReader, Reader
from ocrfill.pipeline.upright_sheets import put_upright

MAX_KEPT_CROPS = 2
"""So many ways of cutting a page are kept, each some megabytes: the best one's and the one tried."""

SIMILARITY_WEIGHT = 0.25
"""What the likeness of texts counts beside exact fields when settings are compared: it leads where few are exact."""


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """A layout's tuning, and the readers of single fields."""

    tuning: Tuning
    readers: Mapping[str, WritingReader]

    @classmethod
    def of(cls, layout: Layout) -> TuningSettings:
        """The settings that a layout has."""
        return cls(layout.tuning, {name: spec.reader for name, spec in layout.fields.items() if spec.reader})

    def put_in(self, layout: Layout) -> Layout:
        """The layout with these settings."""
        fields = {name: replace(spec, reader=self.readers.get(name)) for name, spec in layout.fields.items()}
        return replace(layout, tuning=self.tuning, fields=fields)


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What came of a page: whether each field with a known text was read right, and how like the texts are (0 to 1)."""

    right: Mapping[Key, bool]
    alike: Mapping[Key, float]

    @property
    def exact(self) -> int:
        """How many fields were read right."""
        return sum(self.right.values())

    @property
    def score(self) -> float:
        """Fields read right, and a little for texts that are nearly so."""
        return self.exact + SIMILARITY_WEIGHT * sum(self.alike.values())


@dataclass(slots=True)
class _Prepared:
    """A page put straight and located, and what was cut out of it lately."""

    known: GroundTruthPage
    flat: Page
    located: Located
    cut: OrderedDict[CropOptions, LocatedPage] = field(default_factory=OrderedDict)

    def laid(self, cutting: CropOptions) -> LocatedPage:
        if cutting not in self.cut:
            self.cut[cutting] = crop_located(self.flat, self.located, cutting)
            if len(self.cut) > MAX_KEPT_CROPS:
                self.cut.popitem(last=False)
        self.cut.move_to_end(cutting)
        return self.cut[cutting]


class TuningObjective:
    """Pages that a layout fits. `skipped` tells of the others why."""

    def __init__(
        self, layout: Layout, pages: Iterable[GroundTruthPage], readers: Mapping[str, Reader], usual: str
    ) -> None:
        """`usual` is the reader where neither the layout nor a field names one."""
        self.layout = layout
        self.readers: Mapping[str, Reader] = {**readers, "writing": readers[usual], "tick": CheckboxReader()}
        self.usual = usual
        self.skipped: list[str] = []
        self._pages: list[_Prepared] = []
        self._outcomes: dict[str, tuple[PageOutcome, ...]] = {}
        for known in pages:
            try:
                flat, located = put_upright(known.page, layout)
            except PageError as error:
                self.skipped.append(f"{known.name}: {error.reason}")
                continue
            self._pages.append(_Prepared(known, flat, located))

    @property
    def names(self) -> Sequence[str]:
        """The names of the pages."""
        return [page.known.name for page in self._pages]

    def read(self, settings: TuningSettings) -> tuple[PageOutcome, ...]:
        """What comes of every page with these settings, in order."""
        key = repr((settings.tuning, sorted(settings.readers.items())))
        if key not in self._outcomes:
            layout = settings.put_in(self.layout)
            self._outcomes[key] = tuple(self._outcome(page, layout) for page in self._pages)
        return self._outcomes[key]

    def _outcome(self, page: _Prepared, layout: Layout) -> PageOutcome:
        result = read_located_page(page.known.page, page.laid(layout.tuning.cutting), layout, self.readers)
        return page_outcome(page.known.texts, result)


def page_outcome(texts: Mapping[Key, str], result: PageResult) -> PageOutcome:
    """A page's result against what stands there."""
    read = {(record.number, one.name): tidy(one.raw) for record in result.records for one in record.fields}
    right = {key: read.get(key, "") == text for key, text in texts.items()}
    alike = {key: max(1 - edit_distance(text, read.get(key, "")) / len(text), 0.0) for key, text in texts.items()}
    return PageOutcome(right, alike)
