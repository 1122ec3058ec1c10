"""Books of drawn entries as a reader without a mistake gives them."""

from ocrfill.civil_status.book import Book
from ocrfill.document.result import Decision, Field, PageResult, Reading, Record, Value
from ocrfill.layouts import load_layout
from ocrfill.training.synthetic.facts.composed_entries import compose_book


def as_read(layout, entry, number):
    """The record of an entry read without a mistake."""
    fields = []
    for name, spec in layout.fields.items():
        text = entry.writings[name].text if name in entry.writings else ""
        strips = text.split("/") if getattr(spec.type, "split", False) else [text]
        if spec.type.kind == "tick":
            strips = ["x" if option == text else "" for option in spec.type.options]
        value = spec.type.parse(tuple(Reading(s, 1.0, "true") for s in strips)) if spec.read else Value("", None)
        decision = Decision.REVIEW if value.raw else Decision.EMPTY
        fields.append(
            Field(
                name, spec.label, spec.type.kind, value.raw, value.normalised, 1.0, decision, value.issues, "true", ()
            )
        )
    return Record(number, tuple(fields))


def true_book(name, seed, entries=40):
    layout = load_layout(name)
    year = layout.years[0] + 1 + seed
    composed = compose_book(layout, Book.parse(f"{layout.kind}.{year}.01", name), entries, seed)
    each = layout.records_per_page
    records = [as_read(layout, entry, i % each + 1) for i, entry in enumerate(composed)]
    pages = [
        PageResult(f"{i}.jpg", 1, name, layout.version, records=tuple(records[i : i + each]))
        for i in range(0, len(records), each)
    ]
    return layout, (year, year), pages
