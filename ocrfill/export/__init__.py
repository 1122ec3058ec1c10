"""Exports of a book: import sheets for Excel, one PDF a record, CSV and JSON lines."""

from ocrfill.export.book_files import FORMATS, Exported, Format, export_book, files_of_book
from ocrfill.export.originals import Original, Originals, short_names

__all__ = ["FORMATS", "Exported", "Format", "Original", "Originals", "export_book", "files_of_book", "short_names"]
