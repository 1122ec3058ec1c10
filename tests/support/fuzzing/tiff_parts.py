"""A TIFF taken apart into its lists of tags, and put together again with whatever was changed in them."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type."""

STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES = 273, 279, 324, 325
NEXT = {STRIP_OFFSETS: STRIP_SIZES, TILE_OFFSETS: TILE_SIZES}

TAGS = (
    254, 255, 256, 257, 258, 259, 262, 266, 269, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293, 296, 297, 301, 305,
    317, 320, 322, 323, 324, 325, 330, 332, 338, 339, 347, 512, 513, 514, 529, 530, 532, 700, 34665, 34675, 65000,
)  # fmt: skip

ODD_VALUES = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    16,
    32,
    64,
    255,
    1000,
    32768,
    32773,
    32946,
    34712,
    65535,
    2**31 - 1,
    2**31,
    2**32 - 1,
)


@dataclass
class Tag:
    """One entry: number, type, count and its value's bytes."""

    number: int
    kind: int
    count: int
    value: bytes


@dataclass
class Directory:
    """One list of tags, and the coded pixels that its offsets led to."""

    tags: list[Tag]
    strips: dict[int, list[bytes]] = field(default_factory=dict)

    def tag(self, number: int) -> Tag | None:
        return next((tag for tag in self.tags if tag.number == number), None)


@dataclass
class Tiff:
    """All lists. `big`: with offsets of 8 bytes."""

    order: str
    big: bool
    directories: list[Directory]


def parted(content: bytes) -> Tiff:
    """A sound TIFF taken apart. Raises an error for one that is not."""
    order = "<" if content[:2] == b"II" else ">"
    big = struct.unpack_from(f"{order}H", content, 2)[0] == 43
    place = struct.unpack_from(f"{order}{'Q' if big else 'I'}", content, 8 if big else 4)[0]
    found = []
    while place and len(found) < 50:
        head, entry, link = ("Q", "HHQ", "Q") if big else ("H", "HHI", "I")
        count = struct.unpack_from(order + head, content, place)[0]
        at = place + struct.calcsize(head)
        tags = []
        for _ in range(count):
            number, kind, values = struct.unpack_from(order + entry, content, at)
            inner = at + struct.calcsize(order + entry)
            width = struct.calcsize(link)
            size = SIZES[kind] * values
            start = inner if size <= width else struct.unpack_from(order + link, content, inner)[0]
            tags.append(Tag(number, kind, values, content[start : start + size]))
            at = inner + width
        place = struct.unpack_from(order + link, content, at)[0]
        directory = Directory(tags)
        for offsets, sizes in NEXT.items():
            starts, lengths = directory.tag(offsets), directory.tag(sizes)
            if starts and lengths:
                pairs = zip(_integers(order, starts), _integers(order, lengths), strict=True)
                directory.strips[offsets] = [content[start : start + length] for start, length in pairs]
        found.append(directory)
    return Tiff(order, big, found)


def joined(tiff: Tiff) -> bytes:
    """The TIFF as a file; offsets of strips are put right where their number still fits."""
    order, link = tiff.order, "Q" if tiff.big else "I"
    out = bytearray(b"II" if order == "<" else b"MM")
    out += struct.pack(f"{order}HHHQ", 43, 8, 0, 0) if tiff.big else struct.pack(f"{order}HI", 42, 0)
    link_at = len(out) - struct.calcsize(link)
    for directory in tiff.directories:
        for offsets, strips in directory.strips.items():
            starts, lengths = directory.tag(offsets), directory.tag(NEXT[offsets])
            places = []
            for strip in strips:
                places.append(len(out))
                out += strip
            if starts and starts.count == len(strips) and SIZES.get(starts.kind) == 4:
                starts.value = struct.pack(f"{order}{len(places)}I", *places)
            if lengths and lengths.count == len(strips) and SIZES.get(lengths.kind) == 4:
                lengths.value = struct.pack(f"{order}{len(places)}I", *map(len, strips))
        outside = {}
        width = struct.calcsize(link)
        for place, tag in enumerate(directory.tags):
            if len(tag.value) > width:
                outside[place] = len(out)
                out += tag.value
        out += b"\0" * (len(out) % 2)
        struct.pack_into(order + link, out, link_at, len(out))
        out += struct.pack(order + ("Q" if tiff.big else "H"), len(directory.tags) & 0xFFFF)
        for place, tag in enumerate(directory.tags):
            out += struct.pack(f"{order}HH{link}", tag.number & 0xFFFF, tag.kind & 0xFFFF, tag.count & 0xFFFFFFFF)
            out += struct.pack(order + link, outside[place]) if place in outside else tag.value.ljust(width, b"\0")
        link_at = len(out)
        out += struct.pack(order + link, 0)
    return bytes(out)


def _integers(order: str, tag: Tag) -> tuple[int, ...]:
    form = {1: "B", 3: "H", 4: "I", 16: "Q"}[tag.kind]
    return struct.unpack(f"{order}{tag.count}{form}", tag.value)


def other_order(tiff: Tiff) -> Tiff:
    """The same in the other order of bytes; coded pixels stay, which is wrong for 16 bits and no matter here."""
    for directory in tiff.directories:
        for tag in directory.tags:
            width = {5: 4, 10: 4}.get(tag.kind, SIZES[tag.kind])
            pieces = [tag.value[i : i + width][::-1] for i in range(0, len(tag.value), width)]
            tag.value = b"".join(pieces)
    return Tiff(">" if tiff.order == "<" else "<", tiff.big, tiff.directories)


def odd_tiff(chance: random.Random, content: bytes) -> bytes:
    """A TIFF with tags that contradict each other, its links and offsets right."""
    tiff = parted(content)
    if chance.random() < 0.2:
        tiff = other_order(tiff)
    if chance.random() < 0.1:
        tiff.big = not tiff.big
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        _change(chance, tiff)
    out = joined(tiff)
    if chance.random() < 0.05 and len(out) > 8:  # a circle, or a way into nothing
        where = chance.choice((8, len(out) // 2, len(out) - 4, 0xFFFFFF00))
        out = out[:-4] + struct.pack(f"{tiff.order}I", where & 0xFFFFFFFF)
    return out


def _change(chance: random.Random, tiff: Tiff) -> None:
    directory = chance.choice(tiff.directories)
    if not directory.tags:
        return
    tag = chance.choice(directory.tags)
    match chance.randrange(12):
        case 0 | 1 | 2 | 3:
            tag.value = _odd_value(chance, tiff.order, tag)
        case 4:
            tag.count = chance.choice((0, 1, 2, 3, 4, 1000, 100_000, 2**31, 2**32 - 1))
        case 5:
            tag.kind = chance.choice((0, 1, 2, 3, 4, 5, 7, 11, 12, 13, 16, 200, 65535))
        case 6:
            directory.tags.remove(tag)
        case 7:
            directory.tags.append(Tag(chance.choice(TAGS), chance.choice((1, 3, 4, 5)), 1, chance.randbytes(4)))
            if chance.random() < 0.8:
                directory.tags.sort(key=lambda one: one.number)
        case 8:
            tag.number = chance.choice(TAGS)
        case 9:
            tiff.directories.append(Directory([Tag(t.number, t.kind, t.count, t.value) for t in directory.tags]))
        case 10:
            strips = next(iter(directory.strips.values()), None)
            if strips:
                at = chance.randrange(len(strips))
                strips[at] = chance.choice((b"", strips[at][: len(strips[at]) // 2], chance.randbytes(40)))
        case _:
            chance.shuffle(directory.tags)


def _odd_value(chance: random.Random, order: str, tag: Tag) -> bytes:
    width = SIZES.get(tag.kind, 1)
    if chance.random() < 0.2 or width not in (1, 2, 4, 8):
        return chance.randbytes(min(len(tag.value) or 4, 64))
    count = min(tag.count, 16) or 1
    numbers = [chance.choice(ODD_VALUES) & ((1 << 8 * width) - 1) for _ in range(count)]
    return b"".join(number.to_bytes(width, "little" if order == "<" else "big") for number in numbers)
