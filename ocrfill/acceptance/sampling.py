"""Lots: numbers from 0 to 1 that fields draw, always the same ones, so that what is drawn once stays drawn."""

from __future__ import annotations

import hashlib

from ocrfill.document.correction import FieldPlace


def sampling_rank(what: str, place: FieldPlace) -> float:
    """The lot a field draws for some end."""
    return _drawn(f"{what}/{place.scan}/{place.page}/{place.record}/{place.field}")


def record_sampling_rank(what: str, place: FieldPlace) -> float:
    """The lot that all fields of a record draw alike."""
    return _drawn(f"{what}/{place.scan}/{place.page}/{place.record}")


def _drawn(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
