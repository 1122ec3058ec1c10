"""Odd values, and documents made odd: what people, programs and damage put where a value should be."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any

ODD_TEXTS = (
    "", " ", "\0", "\n", "\r\n", "\t", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe", "\uffff", "\ufdd0",
    "\ud800", "\udfff", "\udce8", "\U0001f600", "\U0010ffff", "\u202e", "\u200b", "\u00ad", "\u034f", "a\u0301" * 40,
    "\u0323\u0302", "Nguye\u0302\u0303n Thi\u0323 Hoa\u0300", "\u00d0\u1eb7ng", "\u00ca-\u00d0\u00ea", "Đ" * 300,
    "=1+1", "+1", "-1", "@x", "＝1+1", "\t=1+1", "a;=1+1", '";=1+1', "'=1", "=cmd|' /C calc'!A0", "%s%n", "{0}", "$x",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</textarea>", "<!--", "]]>", "&amp;",
    "javascript:1",
    "../../etc/passwd", "/etc/passwd", "C:\\x", "..", ".", "~", "a/b", "a\\b", "nul", "-rf", "x" * 5000, "٣٤", "²",
    "०६",
    "0", "-0", "1e999", "nan", "inf", "0x10", "1_000", "true", "null", "None", "[]", "{}", "2006-99-99", "31/02/2006",
    "0000-00-00", "9999-12-31T23:59:59+23:59", "0001-01-01T00:00:00-23:59", "KS.2006.01", "KS.2006-2005.01", "01/2006",
)  # fmt: skip
"""Texts that have broken programs: unseen and unpaired characters, formulas, tags, paths, numbers that are none."""

ODD_NUMBERS: Sequence[Any] = (
    0, 1, -1, 2, 7, 255, 256, 65_535, 65_536, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1,
    10**30, 10**400, -(10**400), 1 << 20_000, 0.0, -0.0, 0.5, -0.5, 1.5, 1e-320, 5e-324, 1e308, -1e308, float("inf"),
    float("-inf"), float("nan"), True, False,
)  # fmt: skip

MAX_DEPTH = 3
DEEP = 3000
"""Lists within each other: more than any reader that calls itself can follow."""


def odd_text(chance: random.Random) -> str:
    """A text."""
    match chance.randrange(6):
        case 0:
            return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(1, 12)))
        case 1:
            return "".join(chance.choice(ODD_TEXTS) for _ in range(2))
        case 2:
            return "".join(chance.choice("abcxyzABC 0123456789áĐộ.,;:/-'\"=<>&") for _ in range(chance.randrange(30)))
        case _:
            return chance.choice(ODD_TEXTS)


def odd_number(chance: random.Random) -> Any:
    """A number, or a truth value, which Python takes for one."""
    return chance.choice(ODD_NUMBERS) if chance.random() < 0.8 else chance.uniform(-1000, 1000)


def odd_value(chance: random.Random, depth: int = 0) -> Any:
    """Anything that JSON, YAML or TOML can say."""
    kind = chance.randrange(8)
    if kind < 3:
        return odd_text(chance)
    if kind < 5:
        return odd_number(chance)
    if kind == 5 or depth >= MAX_DEPTH:
        return None
    inner = [odd_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return inner if kind == 6 else {odd_text(chance): value for value in inner}


def deep_list(depth: int = DEEP) -> list[Any]:
    """Lists within each other."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def made_odd(chance: random.Random, document: Any, times: int | None = None) -> Any:
    """A copy of a document of lists, mappings and values, changed at one place or some."""
    found = copy.deepcopy(document)
    for _ in range(times or chance.choice((1, 1, 1, 2, 3, 6))):
        found = _changed(chance, found)
    return found


def _changed(chance: random.Random, document: Any) -> Any:
    places = list(_places(document))
    if not places or chance.random() < 0.01:
        return odd_value(chance)
    around, key = chance.choice(places)
    value = around[key]
    match chance.randrange(8):
        case 0 | 1 | 2:
            around[key] = odd_value(chance)
        case 3:
            del around[key]
        case 4 if isinstance(around, dict):
            around[odd_text(chance)] = around.pop(key)
        case 4 | 5:
            _exchange(chance, places, around, key)
        case 6:
            around[key] = _of_another_kind(value)
        case _:
            if isinstance(around, dict):
                around[chance.choice(("id", "kind", "format", odd_text(chance)))] = odd_value(chance)
            else:
                around[key:key] = [copy.deepcopy(value)] * chance.choice((1, 2, 50))
    return document


def _exchange(chance: random.Random, places: list[Any], around: Any, key: Any) -> None:
    """A value of another place is put here: right somewhere, wrong here."""
    other, name = chance.choice(places)
    around[key] = copy.deepcopy(other[name])


def _of_another_kind(value: Any) -> Any:
    """The same said otherwise: a number as text, a value alone as a list, a list as its first value."""
    if isinstance(value, bool | None):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e300 else "1e308"
    if isinstance(value, list):
        return value[0] if value else None
    if isinstance(value, dict):
        return list(value.items())
    return [value]


def _places(document: Any) -> Any:
    """Every value below the top: what it is in, and its key there."""
    waiting = [document]
    while waiting:
        around = waiting.pop()
        entries = around.items() if isinstance(around, dict) else enumerate(around) if isinstance(around, list) else ()
        for key, value in entries:
            yield around, key
            if isinstance(value, dict | list):
                waiting.append(value)


def odd_bytes(chance: random.Random, content: bytes) -> bytes:
    """Bytes damaged, as copies, disks and senders damage them and as attackers do."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        _damage(chance, found)
    return bytes(found)


_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def _damage(chance: random.Random, found: bytearray) -> None:
    size = len(found)
    at = chance.randrange(size) if size else 0
    length = min(chance.choice((1, 2, 4, 16, 64, 400)), size - at)
    match chance.randrange(10):
        case 0 | 1:
            if size:
                found[at] ^= 1 << chance.randrange(8)
        case 2:
            found[at : at + length] = chance.randbytes(length)
        case 3:
            width = chance.choice((1, 2, 4))
            number = chance.choice(_NUMBERS) & ((1 << 8 * width) - 1)
            found[at : at + width] = number.to_bytes(width, chance.choice(("big", "little")))
        case 4:
            del found[at : at + length]
        case 5:
            found[at:at] = found[at : at + length]
        case 6:
            found[at:at] = chance.randbytes(length)
        case 7:
            del found[at:]
        case 8:
            found[at : at + length] = bytes([chance.choice((0, 0xFF, 0x20))]) * length
        case _:
            other = chance.randrange(size) if size else 0
            found[at : at + length] = found[other : other + length]
