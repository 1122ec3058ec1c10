"""Field types: what a kind of field makes of its readings. One frozen class a kind; attributes are its YAML keys."""

from ocrfill.layouts.fields.choice import Choice, Tick
from ocrfill.layouts.fields.date import Date, Moment
from ocrfill.layouts.fields.date_words import DateWords
from ocrfill.layouts.fields.identity_number import Identity
from ocrfill.layouts.fields.number import Number
from ocrfill.layouts.fields.person import Name, Signatory
from ocrfill.layouts.fields.text import Place, Signature, Text

FieldType = Text | Name | Place | Date | DateWords | Moment | Number | Choice | Tick | Identity | Signatory | Signature
"""All field types; `kind` in a layout's YAML picks one."""

__all__ = [
    "Choice",
    "Date",
    "DateWords",
    "FieldType",
    "Identity",
    "Moment",
    "Name",
    "Number",
    "Place",
    "Signatory",
    "Signature",
    "Text",
    "Tick",
]
