"""Field types: what a kind of field makes of its readings. One frozen class a kind; attributes are its YAML keys."""

from ocrfill.fields.choice import Choice, Tick
from ocrfill.fields.date import Date, Moment
from ocrfill.fields.date_words import DateWords
from ocrfill.fields.identity import Identity
from ocrfill.fields.number import Number
from ocrfill.fields.person import Name, Signatory
from ocrfill.fields.text import Place, Signature, Text

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
