"""Benchmark `book`: what a book's other pages make of its doubtful fields, against each page read alone.

Books of 40 pages in hands and faces that nobody learnt from. In the faces rare values are planted, each near a frequent
one: a place and a signatory that differ by a mark, an ethnic group that stands there once.
"""

from __future__ import annotations

import os
import random
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from benchmarks.trust import MEASURED_HALF, REAL_LINE_FOLDERS, half_of, read
from ocrfill.acceptance import GROUP_OF_KIND
from ocrfill.acceptance.book_features import FieldWithFeatures, features_of_book
from ocrfill.acceptance.decide_book import as_read, checked_book
from ocrfill.acceptance.prior_calibrators import load_prior_calibrators
from ocrfill.acceptance.reliability import calibration_error
from ocrfill.acceptance.second_reading import BOOK_READER
from ocrfill.civil_status.book import Book
from ocrfill.civil_status.orthography import TONE_MARKS
from ocrfill.civil_status.rules.book_rules import PLACE_COLUMN_ENDINGS, RECURRING_COLUMNS
from ocrfill.document.result import PageResult, Value
from ocrfill.evaluation import matched_results, read_truth
from ocrfill.evaluation.ground_truth import FieldTruth
from ocrfill.layouts import load_layout
from ocrfill.layouts.fields.equality import is_right
from ocrfill.layouts.model import FieldSpec, Layout
from ocrfill.pipeline.validate import check_book, choose_in_sequence
from ocrfill.training.dataset import split_by_writer
from ocrfill.training.synthetic import DEGRADATIONS, DrawingOptions, draw_book
from ocrfill.training.synthetic.facts.composed_entries import FieldWriting, SyntheticEntry, compose_book
from ocrfill.training.synthetic_lines import HELD_OUT_FONTS

BOOKS = (
    ("ks_2006_2015", "KS.2009.01"),
    ("kt_2006_2015", "KT.2010.01"),
    ("kh_2006_2015", "KH.2007.01"),
    ("ks_2016_2020", "KS.2017.01"),
)
PAGE_COUNT, QUICK_PAGE_COUNT = 40, 8
PLANTED_COUNT = 2
"""Rare values of each sort that are planted in a book."""

SURE_PROBABILITY = 0.95


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Exact fields by what they hold, each page alone and with its book; what became of planted values."""
    cv2.setNumThreads(1)
    pages = QUICK_PAGE_COUNT if quick else PAGE_COUNT
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as made:
        kept = os.environ.get("OCRFILL_BENCH_WORK")
        work = Path(kept) if kept else Path(made)
        for writing in ("faces", "real hands"):
            if writing == "real hands" and not all((data / n / "labels.tsv").is_file() for n in REAL_LINE_FOLDERS):
                figures[writing] = "not measured: the real handwriting is not there"
                continue
            fields: list[BookField] = []
            for more, (layout, key) in enumerate(BOOKS[:1] if quick else BOOKS):
                folder = drawn(work, data, writing, layout, key, pages=pages, seed=seed + more)
                fields += compared(folder, read(folder, work, "auto"), load_layout(layout))
            figures[writing] = told(fields)
    return figures


@dataclass(frozen=True, slots=True)
class BookField:
    """A filled field: what it holds, whether it is right, and how sure, each page alone and with its book."""

    sort: str
    right: tuple[bool, bool]
    probability: tuple[float, float]
    proposed: bool
    planted: bool


def drawn(work: Path, data: Path, writing: str, layout: str, key: str, *, pages: int, seed: int) -> Path:
    """The folder of a drawn book; one in faces has planted values, named in its file `planted.txt`."""
    out = work / f"book-{writing.replace(' ', '-')}-{seed}" / layout
    if (out / "done").exists():
        return out / key
    damage, faces = DEGRADATIONS["as-scanned"], tuple(map(str, HELD_OUT_FONTS))
    form, book = load_layout(layout), Book.parse(key, layout)
    if writing == "real hands":
        kept = work / "ink" / str(MEASURED_HALF)
        ink = tuple(half_of(split_by_writer(data / n), MEASURED_HALF, kept / n) for n in REAL_LINE_FOLDERS)
        draw_book(form, book, pages, seed, DrawingOptions(damage, "ink", damage.dpi, ink, None, faces), out=out)
    else:
        entries = list(compose_book(form, book, pages * form.records_per_page, seed))
        planted = list(plant(entries, form, random.Random(seed)))
        draw_book(
            form,
            book,
            pages,
            seed,
            DrawingOptions(damage, faces=faces, dpi=damage.dpi),
            out=out,
            entries=tuple(entries),
        )
        (out / "planted.txt").write_text("".join(f"{at} {name}\n" for at, name in planted), encoding="utf-8")
    (out / "done").touch()
    return out / key


def plant(entries: list[SyntheticEntry], layout: Layout, rng: random.Random) -> Iterator[tuple[int, str]]:
    """Change entries in their place; gives the entry's place in the book and the field's name."""
    for name, spec in layout.fields.items():
        sort = sort_of(spec)
        if sort not in {"place", "signatory", "ethnic group"}:
            continue
        usual, _ = Counter(e.writings[name].text for e in entries if e.writings[name].text).most_common(1)[0]
        holding = [at for at, entry in enumerate(entries) if entry.writings[name].text == usual]
        for at in rng.sample(holding, min(PLANTED_COUNT, len(holding) // 3)):
            rare = "Hoa" if sort == "ethnic group" else other_mark(usual, rng)
            entries[at] = replace(entries[at], writings={**entries[at].writings, name: FieldWriting(rare)})
            yield at, name
            if sort == "ethnic group":
                break


def other_mark(text: str, rng: random.Random) -> str:
    """The text with the tone of one of its words taken away, or one given to it."""
    words = text.split(" ")
    at = rng.choice([i for i, word in enumerate(words) if len(word) > 1 and word.isalpha()] or [0])
    spread = unicodedata.normalize("NFD", words[at])
    bare = "".join(c for c in spread if c not in TONE_MARKS)
    if bare == spread:
        behind = next((i for i, c in enumerate(spread) if c.casefold() in "aeiouy"), 0) + 1
        while behind < len(spread) and unicodedata.combining(spread[behind]):  # ă, â, ê, ô, ơ, ư: their own mark first
            behind += 1
        bare = spread[:behind] + TONE_MARKS[1] + spread[behind:]
    return " ".join([*words[:at], unicodedata.normalize("NFC", bare), *words[at + 1 :]])


def sort_of(spec: FieldSpec) -> str:
    """What sort of value a field holds, as the table shows it."""
    if any(column.startswith(("nguoiKy", "chucVu")) for column in spec.columns):
        return "signatory"
    if any(column in RECURRING_COLUMNS for column in spec.columns):
        return "official"
    if any(column.endswith("DanToc") for column in spec.columns):
        return "ethnic group"
    if any(column.endswith(PLACE_COLUMN_ENDINGS) for column in spec.columns):
        return "place"
    return "date in gaps" if spec.type.kind == "date" and getattr(spec.type, "split", False) else spec.type.kind


def compared(folder: Path, results: Sequence[PageResult], layout: Layout) -> Iterator[BookField]:
    """Each filled field of the book, judged with the shipped calibrators."""
    true = read_truth(folder)
    matched = sorted(matched_results(true, results))
    pages = [result for _, result in matched]
    years = Book.parse(folder.name, layout.name).years
    listed = folder.parent / "planted.txt"
    planted = {tuple(line.split()) for line in listed.read_text().splitlines()} if listed.exists() else set()
    plain = check_book(choose_in_sequence([as_read(page, layout) for page in pages], layout, years), layout, years)
    alone = judged(features_of_book(plain, layout))
    with_book = judged(features_of_book(checked_book(pages, layout, years), layout))
    each = layout.records_per_page
    for (index, _), one, other in zip(matched, alone, with_book, strict=True):
        truth = true[index].truth
        for record in truth.records:
            for field in record.fields:
                place = record.number, field.name
                if field.unread or not field.text or place not in one or field.kind not in GROUP_OF_KIND:
                    continue
                at = (truth.page - 1) * each + record.number - 1
                (before, sure_before, _), (after, sure_after, proposed) = one[place], other[place]
                yield BookField(
                    sort_of(layout.fields[field.name]),
                    (_right(field, before), _right(field, after)),
                    (sure_before, sure_after),
                    proposed,
                    (str(at), field.name) in planted,
                )


def judged(
    weighed: Iterable[tuple[PageResult, tuple[FieldWithFeatures, ...]]],
) -> Iterator[dict[tuple[int, str], tuple[Value, float, bool]]]:
    """For each page its values, their probability, and whether the book proposed them."""
    calibrators = load_prior_calibrators()
    for result, signs in weighed:
        sure = {
            (one.record, one.field.name): calibrators[GROUP_OF_KIND[one.field.kind]].probability(one.signs, one.sort)
            for one in signs
            if one.field.kind in GROUP_OF_KIND
        }
        yield {
            (r.number, f.name): (
                Value(f.raw, f.normalised),
                sure.get((r.number, f.name), f.probability),
                f.reader == BOOK_READER,
            )
            for r in result.records
            for f in r.fields
            if f.raw
        }


def _right(true: FieldTruth, value: Value) -> bool:
    return is_right(true.kind, value, Value(true.text, true.normalised))


def told(fields: Iterable[BookField]) -> dict[str, object]:
    """The figures of the table."""
    found = list(fields)
    figures: dict[str, object] = {}
    for sort in ("all", *sorted({one.sort for one in found})):
        own = [one for one in found if sort in {"all", one.sort}]
        alone, book = (sum(one.right[i] for one in own) / len(own) for i in (0, 1))
        put = [one for one in own if one.proposed]
        spoilt = sum(one.right[0] and not one.right[1] for one in put)
        figures[f"exact, {sort}"] = (
            f"{alone:.4f} alone, {book:.4f} with the book ({len(own)} fields; {len(put)} proposed, {spoilt} spoilt)"
        )
    for i, name in enumerate(("alone", "with the book")):
        chances, right = [one.probability[i] for one in found], [one.right[i] for one in found]
        figures[f"calibration error, {name}"] = round(calibration_error(chances, right), 4)
    put = [one for one in found if one.proposed]
    if put:
        mean, right = (sum(v) / len(put) for v in ([o.probability[1] for o in put], [o.right[1] for o in put]))
        figures["proposed values"] = f"{len(put)}, {mean:.3f} sure on average, {right:.3f} right"
    rare = [one for one in found if one.planted]
    if rare:
        figures["planted rare values"] = (
            f"{len(rare)}: right alone {sum(o.right[0] for o in rare)}, with the book {sum(o.right[1] for o in rare)}; "
            f"another proposed {sum(o.proposed for o in rare)}; wrong and sure (p >= {SURE_PROBABILITY}) "
            f"alone {_sure_and_wrong(rare, 0)}, with the book {_sure_and_wrong(rare, 1)}"
        )
    return figures


def _sure_and_wrong(fields: Sequence[BookField], way: int) -> int:
    return sum(one.probability[way] >= SURE_PROBABILITY and not one.right[way] for one in fields)
