"""A clock that can be turned: what Python's own functions say of the time, in a process that has loaded all it needs.

The computer's clock is nobody's to turn in a test. Libraries in C that ask the system themselves (SQLite's
CURRENT_TIMESTAMP, a file's times) go on with the right time; ocrfill keeps none of these.
"""

from __future__ import annotations

import datetime as datetime_module
import sys
import time

GOING_BY_IT = ("ocrfill.", "openpyxl.")
"""Modules that took the class for moments by name, and go by this clock."""

_true_time = time.time
_true_time_ns = time.time_ns
_true_localtime = time.localtime
_true_gmtime = time.gmtime
_true_datetime = datetime_module.datetime

_wrong_by = 0.0
_right_looks = 0


def turn(seconds: float, looks: int = 0) -> None:
    """From now on, after so many looks at it, the clock goes wrong by so many seconds; negative: back."""
    global _wrong_by, _right_looks
    _wrong_by, _right_looks = seconds, looks


def _shift() -> float:
    global _right_looks  # noqa: PLW0603
    if _right_looks > 0:
        _right_looks -= 1
        return 0.0
    return _wrong_by


def _time() -> float:
    return _true_time() + _shift()


def _time_ns() -> int:
    return _true_time_ns() + int(_shift() * 1_000_000_000)


class _Kind(type):
    """Whatever is a datetime is one of ours too: C code makes them of the true class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _true_datetime)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, _true_datetime)


class _Datetime(_true_datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz=None):
        return _true_datetime.fromtimestamp(_time(), tz)

    @classmethod
    def utcnow(cls):
        return _true_datetime.fromtimestamp(_time(), datetime_module.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source, handler):
        return handler(_true_datetime)


def install() -> None:
    """Put the clock in the place of Python's for what is loaded; libraries in C keep the class they know."""
    time.time, time.time_ns = _time, _time_ns
    time.localtime = lambda seconds=None: _true_localtime(_time() if seconds is None else seconds)
    time.gmtime = lambda seconds=None: _true_gmtime(_time() if seconds is None else seconds)
    for name, module in list(sys.modules.items()):
        if name.startswith(GOING_BY_IT) and getattr(module, "datetime", None) is _true_datetime:
            module.datetime = _Datetime
