"""Settings of a layout: what each does, which are found by known pages, and that chance keeps none."""

from __future__ import annotations

import csv
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from support.builders.book import KS
from support.builders.reviewed import START
from support.drawn.pages import draw_book
from support.paths import ROOT

from ocrfill.authoring.tune.cached_reader import CachedReader
from ocrfill.authoring.tune.ground_truth_pages import GroundTruthPage, drawn_pages, listed_pages, reviewed_pages
from ocrfill.authoring.tune.objective import PageOutcome, TuningObjective, TuningSettings
from ocrfill.authoring.tune.search import TriedSettings, reset_settings, search_settings
from ocrfill.authoring.tune.selection import select_settings
from ocrfill.authoring.tune.significance import bootstrap_interval, holm_significant, permutation_p_value
from ocrfill.authoring.tune.write_settings import with_settings
from ocrfill.civil_status.book import Book
from ocrfill.cli.layout import layout as command
from ocrfill.cli.layout.tune import _told
from ocrfill.document.correction import Answer, Correction, FieldPlace, Purpose
from ocrfill.document.geometry import Box
from ocrfill.document.page import Crop, FieldBox, Fit, Located, Page, RuleLine, Strip
from ocrfill.document.result import Reading
from ocrfill.document.template import CropOptions
from ocrfill.errors import BadInput, ExitCode
from ocrfill.layouts import Layout, Tuning, load_layout, parse_layout
from ocrfill.pipeline.locate import adjusted_strips, crop_strips
from ocrfill.pipeline.read_page import locate_on_page, read_page
from ocrfill.pipeline.recognition import CheckboxReader, LanguageModel, weighted_model
from ocrfill.pipeline.recognition.language.language_model import text_weight
from ocrfill.pipeline.recognition.language.phrase_counts import learn_word_model
from ocrfill.pipeline.scans import open_scan
from ocrfill.store import Store
from ocrfill.training.synthetic import DrawingOptions

NOTE = ROOT / "scripts" / "benchmarks" / "birth_note.yaml"
USUAL = TuningSettings(Tuning(), {})


# what each setting does


def ruled_page() -> tuple[Page, Located]:
    """A line of writing over a printed rule and dots, faint beside it."""
    image = np.full((300, 700, 3), 255, np.uint8)
    image[147:150, 20:680] = 60  # the rule
    image[120:140, 200:210] = 40
    image[120:140, 300:310] = 215  # 40 of darkness
    strip = Strip(Box(100, 70, 500, 165), 140.0)
    rule = RuleLine(((20.0, 148.0), (680.0, 148.0)))
    return Page("x", 1, image, 254.0), Located(Fit(1.0), (FieldBox(1, "a", (strip,)),), (rule,), dotted=False)


def cut(cutting: CropOptions) -> Crop:
    page, located = ruled_page()
    placed = adjusted_strips(located, page, cutting)
    return crop_strips(page, placed, cutting)[0][0]


def test_the_usual_cutting_is_as_without_one() -> None:
    page, located = ruled_page()
    (crop,) = crop_strips(page, located)[0]
    assert np.array_equal(cut(CropOptions()).ink, crop.ink)
    assert adjusted_strips(located, page, CropOptions()) is located


def test_darkness_and_rules_decide_what_is_ink() -> None:
    ink = cut(CropOptions()).ink
    assert ink[50:70, 100:110].all()
    assert not ink[50:70, 200:210].any(), "too faint to be of this side"
    assert not ink[77:80].any()
    assert cut(CropOptions(ink=18)).ink[50:70, 200:210].all()
    assert cut(CropOptions(rules=False)).ink[77:80].mean() > 0.9


def test_margins_and_rise_move_the_strips_of_lines_only() -> None:
    page, located = ruled_page()
    tick = Strip(Box(10, 10, 40, 40), 40.0)
    located = replace(located, boxes=(*located.boxes, FieldBox(1, "tick", (tick,))))
    line, box = (
        found.strips[0] for found in adjusted_strips(located, page, CropOptions(left=2, right=-1.5, rise=1)).boxes
    )
    assert line == Strip(Box(80, 60, 485, 155), 130.0)
    assert box == tick
    far = adjusted_strips(located, page, CropOptions(left=10, right=10, rise=10)).boxes[0].strips[0].box
    assert far.left == 0
    narrow = adjusted_strips(located, page, CropOptions(right=-10, left=-10)).boxes[0].strips[0].box
    assert narrow.left < narrow.right or narrow.is_empty()


def test_knowledge_is_weighed() -> None:
    known = learn_word_model(["Kinh", "Việt Nam"])
    assert weighted_model(known, 1.0) is known
    assert weighted_model(known, 0.0) is None
    assert weighted_model(None, 2.0) is None
    half = weighted_model(known, 0.5)
    assert half is not None
    assert text_weight(half, "Kinh") == pytest.approx(text_weight(known, "Kinh") / 2)


class Says:
    """Reads every line as its own name."""

    version = "1"

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: list[LanguageModel | None] = []

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        self.known += knowledge
        return tuple(Reading(self.name, 0.9, self.name) for _ in crops)


@pytest.mark.slow
def test_fields_are_read_by_whom_they_or_the_tuning_name() -> None:
    page = open_scan(ROOT / "samples/KS.2006.01/0001.jpg").page(1)
    layout = load_layout("ks_2006_2015")
    fields = {**layout.fields, "so": replace(layout.fields["so"], reader="tesseract")}
    readers = {name: Says(name) for name in ("writing", "hand", "tesseract")}

    def read_by(found: Layout) -> dict[str, str | None]:
        result = read_page(page, found, {**readers, "tick": CheckboxReader()})
        return {field.name: field.reader for field in result.records[0].fields}

    found = read_by(replace(layout, fields=fields))
    assert (found["so"], found["nks_ho_ten"], found["chu_ky"]) == ("tesseract", "writing", None)
    found = read_by(replace(layout, fields=fields, tuning=Tuning(reader="hand", lexicon=0)))
    assert (found["so"], found["nks_ho_ten"]) == ("tesseract", "hand")
    assert set(readers["hand"].known) == {None}
    assert set(readers["writing"].known) != {None}


def test_what_is_set_is_in_the_file_and_nothing_else() -> None:
    text = NOTE.read_text(encoding="utf-8")
    wanted = TuningSettings(Tuning(ink=54, dots=False, rise=-0.5, reader="hand"), {"so": "tesseract"})
    new = with_settings(text, wanted)
    layout = parse_layout(new, "new")
    assert TuningSettings.of(layout) == wanted
    assert new.endswith("tuning: {ink: 54, dots: false, rise: -0.5, reader: hand}\n")
    assert with_settings(new, wanted) == new
    other = TuningSettings(Tuning(ink=20, left=1.5, reader="hand"), {"so": "auto", "ho_ten": "hand"})
    assert TuningSettings.of(parse_layout(with_settings(new, other), "other")) == other
    assert with_settings(new, USUAL) == text


# chance


def test_chance_of_gains_over_pages() -> None:
    assert permutation_p_value([1, 2, 1, 3, 1]) == 1 / 32
    assert permutation_p_value([1, 1, 1, 1, -1]) == 6 / 32
    assert permutation_p_value([0, 0, 0]) == 1.0
    assert permutation_p_value([-1, -2]) == 1.0
    assert permutation_p_value([]) == 1.0
    assert permutation_p_value([0, 3]) == 1 / 2, "of one page that differs"
    assert permutation_p_value([1] * 40) < 0.001
    assert permutation_p_value([1, -1] * 20 + [1]) > 0.3


def test_the_share_of_false_gains_is_as_promised() -> None:
    rng = np.random.default_rng(3)
    found = [permutation_p_value(rng.integers(-3, 4, size=10).tolist()) <= 0.05 for _ in range(600)]
    assert 0.01 < np.mean(found) < 0.08


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(100):
        known = np.full(30, 12)
        right = rng.binomial(12, 0.8, size=30)
        low, high = bootstrap_interval(right.tolist(), known.tolist())
        hits += low <= 0.8 <= high
    assert hits >= 88
    assert bootstrap_interval([], []) == (0.0, 0.0)


def test_an_interval_of_a_field_that_few_pages_have() -> None:
    assert bootstrap_interval([3], [4]) == (0.75, 0.75)
    assert bootstrap_interval([0, 0, 2, 0, 1], [0, 0, 3, 0, 5]) == (1 / 5, 2 / 3), "pages without it say nothing"


def test_an_interval_is_the_same_each_time() -> None:
    right, known = [5, 9, 0, 7, 3], [10, 12, 4, 7, 9]
    assert bootstrap_interval(right, known) == bootstrap_interval(right, known)
    assert bootstrap_interval(right, known) != bootstrap_interval(right, known, seed=1)


def test_of_many_tests_few_stand() -> None:
    assert holm_significant([0.04] * 5) == [False] * 5
    assert holm_significant([0.04]) == [True]
    assert holm_significant([0.001, 0.04, 0.02]) == [True, True, True]
    assert holm_significant([0.001, 0.04, 0.03]) == [True, False, False]


# the search, over pages that are made up


class MadeUp:
    """A bench whose pages are read right with a chance that the settings make."""

    readers: ClassVar[Mapping[str, object]] = dict.fromkeys(("auto", "hand", "tesseract"))
    usual = "auto"

    def __init__(self, chance, seed: int, pages: int = 10, fields: int = 12) -> None:
        self.chance, self.seed, self.pages, self.fields = chance, seed, pages, fields
        self.asked: list[TuningSettings] = []

    def read(self, settings: TuningSettings) -> tuple[PageOutcome, ...]:
        self.asked.append(settings)
        own = zlib.crc32(repr((settings.tuning, sorted(settings.readers.items()), self.seed)).encode())
        mixed, same = np.random.default_rng(own), np.random.default_rng(self.seed)
        found = []
        for _ in range(self.pages):
            # most fields are right or wrong whatever is set, some by chance: as on real pages
            common, free = same.random(self.fields), mixed.random(self.fields)
            luck = np.where(same.random(self.fields) < 0.7, common, free)
            right = {(1, f"f{i}"): bool(luck[i] < self.chance(settings)) for i in range(self.fields)}
            found.append(PageOutcome(right, {key: float(value) for key, value in right.items()}))
        return tuple(found)


def test_where_all_settings_are_alike_nothing_is_kept() -> None:
    kept = 0
    for seed in range(30):
        bench = MadeUp(lambda _: 0.7, seed)
        kept += select_settings(bench, search_settings(bench, USUAL, trials=20, seed=seed)).changed
    assert kept <= 3, "chance explains every gain here; of 120 such books 4 kept something"


def test_what_is_truly_better_is_found_and_nothing_else_is_set() -> None:
    found = []
    for seed in range(6):
        bench = MadeUp(lambda s: 0.9 if s.tuning.ink <= 20 else 0.3, seed)
        choice = select_settings(bench, search_settings(bench, USUAL, trials=24, seed=seed))
        found.append(choice.changed and choice.kept.settings.tuning.ink <= 20)
        assert choice.kept.settings.tuning.left == choice.kept.settings.tuning.right == 0, "it reads nothing better"
    assert sum(found) >= 5


@pytest.mark.parametrize("seed", range(4))
def test_a_pen_so_pale_that_the_usual_settings_read_nothing_is_found(seed: int) -> None:
    """Nothing leads there: all settings but the right ones are equally bad."""
    bench = MadeUp(lambda s: 0.5 if s.tuning.ink <= 16 else 0.0, seed)
    choice = select_settings(bench, search_settings(bench, USUAL, trials=8, seed=seed))
    assert choice.kept.settings.tuning.ink <= 16


def test_bad_settings_are_left_for_the_usual_ones() -> None:
    bad = TuningSettings(Tuning(ink=90, rise=-2, lexicon=0), {"f1": "tesseract"})
    wrong = {"ink": 90, "rise": -2, "lexicon": 0}

    def chance(settings: TuningSettings) -> float:
        return 0.9 - 0.2 * sum(getattr(settings.tuning, name) == value for name, value in wrong.items())

    bench = MadeUp(chance, 5)
    choice = select_settings(bench, search_settings(bench, bad, trials=20, seed=0))
    assert choice.changed
    assert not any(getattr(choice.kept.settings.tuning, name) == value for name, value in wrong.items())
    assert sum(o.exact for o in choice.held_out) > sum(choice.start.exact)
    told = "\n".join(_told(choice, 10, 20))
    assert f"tuning.ink: 90 → {choice.kept.settings.tuning.ink}" in told
    assert "f1 " in told
    assert reset_settings(bad)[0] == USUAL
    assert len(reset_settings(bad)) == 5
    assert reset_settings(USUAL) == []


def test_a_field_goes_to_the_reader_that_reads_it_better() -> None:
    class ByReader(MadeUp):
        def read(self, settings: TuningSettings) -> tuple[PageOutcome, ...]:
            name = settings.readers.get("f3") or settings.tuning.reader or "auto"
            right = {(1, f"f{i}"): i != 3 or name == "tesseract" for i in range(6)}
            return tuple(PageOutcome(right, {}) for _ in range(12))

    bench = ByReader(None, 0)
    choice = select_settings(bench, [TriedSettings(USUAL, bench.read(USUAL))])
    assert dict(choice.kept.settings.readers) == {"f3": "tesseract"}


@pytest.mark.slow
def test_what_was_read_once_is_not_read_again() -> None:
    page = open_scan(ROOT / "samples/KS.2006.01/0001.jpg").page(1)
    says = Says("hand")
    reader = CachedReader(says)
    layout = load_layout("ks_2006_2015")
    readers = {"writing": reader, "tick": CheckboxReader()}
    first = read_page(page, layout, readers)
    count = len(says.known)
    assert read_page(page, layout, readers) == first
    assert len(says.known) == count > 20
    read_page(page, replace(layout, tuning=Tuning(lexicon=0.5)), readers)
    assert count < len(says.known) <= 2 * count, "read again where other things are known"


# pages with known values


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six small drawn pages of the made-up form."""
    cv2.setNumThreads(1)
    layout, key = load_layout(NOTE), "KS.1994.01"
    return draw_book(
        layout, Book.parse(key, layout.name), 6, 11, DrawingOptions(dpi=150), out=tmp_path_factory.mktemp("tune")
    )


def test_pages_from_truth_and_from_a_csv_are_the_same(book: Path, tmp_path: Path) -> None:
    layout = load_layout(NOTE)
    drawn = drawn_pages(book, layout)
    assert len(drawn) == 6
    assert all(page.texts and all(page.texts.values()) for page in drawn)
    file = book / "values.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["scan", "page", "record", "field", "raw"])
        for page in drawn:
            for (record, name), text in page.texts.items():
                writer.writerow([Path(page.name).name, 1, record, name, text])
            writer.writerow([Path(page.name).name, 1, 1, "chu_ky", ""])
    listed = listed_pages(file)
    assert [page.texts for page in listed] == [page.texts for page in drawn]
    assert np.array_equal(listed[0].page.image, drawn[0].page.image)
    bad = tmp_path / "bad.csv"
    bad.write_text("scan,page,field,raw\n", encoding="utf-8")
    with pytest.raises(BadInput, match="needs the columns"):
        listed_pages(bad)
    for row in ("a.jpg,one,1,so,1", "a.jpg,,1,so,1", "a.jpg", "a.jpg,1,1", "a.jpg,1,x,so,1"):
        bad.write_text(f"scan,page,record,field,raw\n{row}\n", encoding="utf-8")
        with pytest.raises(BadInput, match="line 2"):
            listed_pages(bad)
    bad.write_text(f"scan,page,record,field,raw\n{'x' * 5000},1,1,so,1\n", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be read"):
        listed_pages(bad)


def test_pages_from_a_workspace_are_those_with_entered_values(tmp_path: Path) -> None:
    scan = tmp_path / "0001.jpg"
    scan.write_bytes((ROOT / "samples/KS.2006.01/0001.jpg").read_bytes())
    layout = load_layout("ks_2006_2015")
    opened = open_scan(scan)
    result = read_page(opened.page(1), layout, {"writing": Says("x"), "tick": CheckboxReader()})
    work = tmp_path / "work"
    work.mkdir()
    with Store.open(work, create=True) as store:
        store.add_book(KS, layout.version)
        store.add_scan(KS.key, str(scan), opened.sha256, 1)
        (todo,) = store.todo()
        store.put(todo.id, result)
        place = FieldPlace(opened.sha256, 1, 1, "nks_ho_ten")
        store.add_corrections(
            [
                Correction(place, "x", "Võ  Thị Hải", Answer.CORRECTED, Purpose.REVIEW, "a", START, 2.0, "s", 1, 1),
                Correction(
                    replace(place, field="so"), "x", None, Answer.UNREADABLE, Purpose.REVIEW, "a", START, 2.0, "s", 2, 2
                ),
            ]
        )
        (known,) = reviewed_pages(store, [], layout)
        assert known.texts == {(1, "nks_ho_ten"): "Võ Thị Hải"}
        assert reviewed_pages(store, ["KS.1999.01"], layout) == []
        scan.write_bytes(b"no scan any more")
        with pytest.raises(BadInput, match="not a scan"):
            reviewed_pages(store, [], layout)


@pytest.mark.slow
def test_pages_that_do_not_fit_are_left_out_and_told(book: Path) -> None:
    layout = load_layout(NOTE)
    other = GroundTruthPage("other", open_scan(ROOT / "samples/KT.2006.01/0001.jpg").page(1), {(1, "so"): "1"})
    bench = TuningObjective(layout, [*drawn_pages(book, layout)[:1], other], {"hand": Says("hand")}, "hand")
    assert len(bench.names) == 1
    assert bench.skipped[0].startswith("other: the page does not fit")
    (outcome,) = bench.read(USUAL)
    assert outcome.exact == 0
    assert outcome.score > 0, "likeness leads where nothing is exact"


@pytest.mark.onnx
@pytest.mark.slow
def test_bad_settings_in_a_file_are_mended_by_the_command(book: Path, tmp_path: Path) -> None:
    file = tmp_path / "my_book.yaml"
    text = with_settings(NOTE.read_text(encoding="utf-8"), TuningSettings(Tuning(ink=130, left=-8.0), {}))
    file.write_text(text, encoding="utf-8")
    words = ["tune", str(file), "--truth", str(book), "--reader", "hand", "--trials", "2", "--json"]
    ran = CliRunner().invoke(command, words, catch_exceptions=False)
    assert ran.exit_code == ExitCode.OK
    told = json.loads(ran.stdout)
    assert told["changed"]
    assert (told["pages"], told["tried"]) == (6, 4), "the start, the usual, each thing as usual"
    assert told["held_out"]["after"] > told["held_out"]["before"] + 0.1
    assert sum(line["known"] for line in told["fields"]) == told["all"]["known"]
    assert TuningSettings.of(load_layout(file)) == USUAL
    assert (tmp_path / "my_book.yaml.1").read_text(encoding="utf-8") == text


def test_too_few_pages_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "my_book.yaml"
    file.write_text((ROOT / "ocrfill/layouts/library/ks_2006_2015.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    words = ["tune", str(file), "--truth", str(ROOT / "samples/KS.2006.01"), "--reader", "hand"]
    ran = CliRunner().invoke(command, words)
    assert isinstance(ran.exception, BadInput)
    assert "2 pages with known values" in str(ran.exception)
    assert CliRunner().invoke(command, ["tune", str(file)]).exit_code == ExitCode.USAGE


def test_a_page_is_read_as_before_where_nothing_is_tuned() -> None:
    page = open_scan(ROOT / "samples/KS.2006.01/0001.jpg").page(1)
    layout = load_layout("ks_2006_2015")
    usual = locate_on_page(page, layout)
    same = locate_on_page(page, replace(layout, tuning=Tuning(ink=36, lexicon=1.0)))
    for one, other in zip(usual.crops, same.crops, strict=True):
        assert all(np.array_equal(a.ink, b.ink) for a, b in zip(one, other, strict=True))
