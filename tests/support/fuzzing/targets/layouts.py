"""Layout files: mappings made odd, and their text damaged."""

from __future__ import annotations

import json
import random
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from support.fuzzing.plain_words import assert_plain
from support.fuzzing.target import Target
from support.fuzzing.values import made_odd, odd_text

from ocrfill.errors import BadInput, BadLayout
from ocrfill.layouts.load import load_layout, parse_layout

FORM = """\
name: phieu
version: 1
title: Phiếu
kind: KS
years: [2006, 2015]
paper: {width: 210, height: 297}
tuning: {ink: 40, dots: true, left: 0.5, reader: hand}
fields:
  so: {label: "Số", type: {kind: number}, columns: {so: value}}
  ho_ten: {label: "Họ và tên", type: {kind: name}, columns: {nksHoTen: value}}
  ngay: {label: "Ngày", type: {kind: date}, columns: {ngayDangKy: value}}
  gioi: {label: "Giới", type: {kind: tick, options: {Nam: "1", Nữ: "2"}}}
  noi: {label: "Nơi", type: {kind: text}, section: "mẹ"}
  ky: {label: "Ký", type: {kind: signature}, read: false}
body:
  kind: form
  frame: {left: 0.1, top: 0.1, right: 0.9, bottom: 0.9}
  verticals: [0.3]
  lines:
    - y: 0.2
      labels: [{text: "Số:", x: 0.1, style: bold, size: 13}]
      gaps: [{field: so, x: [0.2, 0.3]}, {field: ho_ten, x: [0.4, 0.8]}]
    - {y: 0.3, gaps: [{field: ngay, x: [0.2, 0.8]}]}
    - {y: 0.4, gaps: [{field: noi, x: [0.2, 0.8]}]}
  ticks:
    - {field: gioi, value: Nam, box: [0.2, 0.5, 0.25, 0.55]}
    - {field: gioi, value: Nữ, box: [0.3, 0.5, 0.35, 0.55]}
  areas: [{field: ky, box: [0.5, 0.6, 0.8, 0.8]}]
"""

TABLE = """\
name: bang
version: 1
title: Bảng
kind: KH
years: [1999, 2001]
fields:
  so: {label: "Số", type: {kind: number}, columns: {so: value}}
  chong: {label: "Chồng", type: {kind: name}}
  vo: {label: "Vợ", type: {kind: name}}
body:
  kind: table
  columns: [0.1, 0.2, 0.9]
  top: 0.2
  bottom: 0.9
  head_top: 0.1
  number_row: [0.15, 0.18]
  records: 5
  lines_per_record: 2
  heads: [{text: "Số", first: 1, last: 1, top: 0.1, bottom: 0.15}]
  row_labels: [{text: "Chồng:", column: 2, line: 1}]
  cells:
    - {field: so, column: 1, lines: [1, 2]}
    - {field: chong, column: 2, lines: [1, 1]}
    - {field: vo, column: 2, lines: [2, 2]}
"""

PIECES = (
    "&a ", "*a", "<<: *a", "!!python/object:os.system ", "!!set ", "? ", "- ", ": ", "#", "|", ">", "---\n", "...\n",
    "%YAML 1.1\n", "%YAML 9.9\n", "%TAG ! x\n", "[" * 30, "{" * 30, "]" * 5, "}" * 5, "'", '"', "\t", "\\x00",
    "\\u0000",
    "\\ud800", "0x" + "f" * 6000, "1:30:00", "2006-99-99", "2006-01-01", ".nan", ".inf", "-.inf", "1e999", "0o777",
    "0b1",
    "~", "null", "yes", "1_000", "1000000000", "-1000000000", "9" * 5000, "\u2028", "\u0085", "\ufeff", "=", "@", "`",
)  # fmt: skip
"""What has a meaning in YAML, and numbers without end."""


@lru_cache(maxsize=1)
def _documents() -> tuple[object, ...]:
    yaml = YAML(typ="safe", pure=True)
    return tuple(yaml.load(text) for text in (FORM, TABLE))


class LayoutFiles(Target):
    """`parse_layout`, and now and then `load_layout` of a file."""

    max_mb = 300
    suffix = ".yaml"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.sound = [parse_layout(text, "x.yaml").name for text in (FORM, TABLE)]
        self.file = folder / "input.yaml"

    def draw(self, chance: random.Random) -> bytes:
        if chance.random() < 0.4:
            return _written(made_odd(chance, chance.choice(_documents()))).encode("utf-8", "surrogatepass")
        text = chance.choice((FORM, TABLE))
        for _ in range(chance.choice((1, 1, 2, 3))):
            text = _edited(chance, text)
        return text.encode("utf-8", "surrogatepass")

    def check(self, given: bytes) -> None:
        try:
            if len(given) % 8:
                layout = parse_layout(given.decode("utf-8", "surrogatepass"), "x.yaml")
            else:
                self.file.write_bytes(given)
                layout = load_layout(self.file)
        except (BadLayout, BadInput) as error:
            assert_plain(str(error), self.file)
            return
        assert layout.records_per_page >= 1
        assert layout.name.isascii()


def _written(value: object) -> str:
    """A document in YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(key)}: {_written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return hex(value) if abs(value) > 10**400 else str(value)
    return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}.get(str(value), str(value))


def _edited(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(text) + 1)
    match chance.randrange(6):
        case 0:
            return text[:at] + chance.choice(PIECES) + text[at:]
        case 1:
            return text[:at] + text[at + chance.choice((1, 2, 5, 40)) :]
        case 2:
            return text[:at] + odd_text(chance) + text[at:]
        case 3:
            line = chance.choice(lines)
            lines.insert(chance.randrange(len(lines)), line)
            return "\n".join(lines)
        case 4:
            place = chance.randrange(len(lines))
            lines[place] = chance.choice((" ", "  ", "\t", "- ")) + lines[place]
            return "\n".join(lines)
        case _:
            words = text.split(" ")
            words[chance.randrange(len(words))] = chance.choice(PIECES)
            return " ".join(words)
