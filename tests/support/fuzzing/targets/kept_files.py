"""Files of JSON and TOML that ocrfill reads again: truths, trust, results, settings."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from support.fuzzing.plain_words import assert_plain
from support.fuzzing.target import Target
from support.fuzzing.values import deep_list, made_odd, odd_bytes, odd_text, odd_value

from ocrfill.acceptance.features import FEATURE_NAMES, Features
from ocrfill.acceptance.policy_file import TRUST_FILE_NAME, load_trust
from ocrfill.cli.settings import SETTINGS_FILE_NAME, load_settings
from ocrfill.document.result_json import results_in_file, to_document
from ocrfill.errors import BadInput
from ocrfill.evaluation import compare_pages, read_truth

CALIBRATOR: dict[str, Any] = {
    "base": -1.5,
    "weights": {"score": 0.5, "denied": -0.25},
    "sorts": {"ho_ten": 0.125},
    "fields": 400,
    "wrong": 31,
}
PROMISE: dict[str, Any] = {
    "promise": "of_accepted",
    "target": 0.01,
    "reviewed": 800,
    "cut": {"above": 0.93, "accepted": 600, "wrong": 1},
    "needed": None,
    "confidence": 0.95,
    "together": False,
}
TRUST: dict[str, Any] = {
    "format": 1,
    "models": ["hand 1"],
    "groups": {
        group: {"calibrator": CALIBRATOR, "learnt": "own", "promised": PROMISE}
        for group in ("closed", "figures", "words")
    },
}
STRIP = {"text": "Hoa", "polygon": [[1.0, 2.0], [3.0, 2.0], [3.0, 4.0]], "ink_box": [1, 2, 3, 4]}
TRUTH: dict[str, Any] = {
    "format": 1, "image": "0001.jpg", "book": "KS.2006.01", "layout": "ks", "layout_version": 1, "page": 1, "seed": 7,
    "damage": "clean", "hand": "print", "width": 90, "height": 120, "dpi": 300.0,
    "warp": {
        "matrix": [1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0],
        "mesh": {"width": 90, "height": 120, "rows": 2, "columns": 2, "dx": [0, 0, 0, 0], "dy": [0, 0, 0, 0]},
    },
    "records": [
        {
            "number": 1,
            "fields": [
                {"name": "ho_ten", "kind": "name", "text": "Hoa", "normalised": None, "strips": [STRIP], "ink": 1},
                {"name": "ngay", "kind": "date", "text": "1/2/2006", "normalised": "01.02.2006", "strips": [],
                "ink": 2},
            ],
        }
    ],
    "labels": [{"text": "Họ tên", "polygon": [[0, 0], [1, 0], [1, 1]]}],
}  # fmt: skip
READING = {
    "text": "Hoa",
    "score": 0.5,
    "reader": "hand",
    "characters": [],
    "alternatives": [{"text": "H", "score": 0.1}],
}
RESULT: dict[str, Any] = {
    "source": "KS.2006.01/0001.jpg", "page": 1, "layout": "ks", "layout_version": 1, "width": 90, "height": 120,
    "dpi": 300.0, "turned": 0, "fit": 0.9, "models": ["hand 1"], "issues": [], "failure": None,
    "records": [
        {
            "number": 1,
            "issues": [],
            "fields": [
                {
                    "name": "ho_ten", "label": "Họ tên", "kind": "name", "raw": "Hoa", "normalised": None,
                    "probability": 0.5, "decision": "review", "issues": [{"code": "a.b", "text": "c"}],
                    "reader": "hand",
                    "polygon": [[1.0, 2.0]], "strips": [[[1.0, 2.0]]], "readings": [READING],
                }
            ],
        }
    ],
}  # fmt: skip
SIGNS = Features(**dict.fromkeys(FEATURE_NAMES, 0.5))


def json_bytes(chance: random.Random, document: object, *, odd: float = 0.7) -> bytes:
    """A document as JSON, made odd as a document or as bytes."""
    if chance.random() < 0.005:
        return b"[" * chance.choice((50, 2000, 200_000))
    if chance.random() < 0.005:
        return json.dumps(deep_list(600)).encode()
    if chance.random() < odd:
        text = _dumped(made_odd(chance, document), ascii_only=chance.random() < 0.5)
        return text.encode("utf-8", "surrogatepass")
    content = json.dumps(document, ensure_ascii=False).encode()
    if chance.random() < 0.1:
        return content.replace(b"1", chance.choice((b"1" * 5000, b"NaN", b"1e999", b"-Infinity", b"01", b"1.")), 1)
    return odd_bytes(chance, content)


def _dumped(document: object, *, ascii_only: bool) -> str:
    try:
        return json.dumps(document, ensure_ascii=ascii_only)
    except ValueError:  # a number of more digits than Python writes
        return '{"a": ' + "9" * 6000 + "}"


class TruthFiles(Target):
    """`read_truth` of a folder, and the comparison with results."""

    max_mb = 350
    suffix = ".json"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "truth").mkdir()
        self.file = folder / "truth" / "0001.json"
        results = folder / "results.json"
        results.write_text(json.dumps({"pages": [RESULT]}))
        self.results = results_in_file(results)

    def draw(self, chance: random.Random) -> bytes:
        return json_bytes(chance, TRUTH)

    def check(self, given: bytes) -> None:
        self.file.write_bytes(given)
        try:
            truth = read_truth(self.file.parent)
            assert all(page.path.parent == self.file.parent.resolve() for page in truth), "a truth leads elsewhere"
            json.dumps(compare_pages(truth, self.results).document(), allow_nan=False)
        except BadInput as error:
            assert_plain(str(error), self.file.parent)


class TrustFiles(Target):
    """`load_trust`: what it takes gives probabilities, and cuts of a half or more."""

    max_mb = 350
    suffix = ".json"

    def draw(self, chance: random.Random) -> bytes:
        return json_bytes(chance, TRUST)

    def check(self, given: bytes) -> None:
        (self.folder / TRUST_FILE_NAME).write_bytes(given)
        try:
            trust = load_trust(self.folder)
        except BadInput as error:
            assert_plain(str(error), self.folder)
            return
        assert trust is not None
        for group in trust.groups.values():
            assert 0 <= group.calibrator.probability(SIGNS, "ho_ten") <= 1
        assert all(cut is None or 0.5 <= cut < 1 for cut in trust.cuts.values())


class ResultFiles(Target):
    """`results_in_file`, of both forms; what it takes is written again."""

    max_mb = 350
    suffix = ".json"

    def draw(self, chance: random.Random) -> bytes:
        if chance.random() < 0.5:
            return b"\n".join(json_bytes(chance, RESULT) for _ in range(2))
        return json_bytes(chance, {"pages": [RESULT]})

    def check(self, given: bytes) -> None:
        file = self.folder / ("results.json" if given.startswith(b'{"pages"') else "results.jsonl")
        file.write_bytes(given)
        try:
            found = results_in_file(file)
        except BadInput as error:
            assert_plain(str(error), file)
            return
        for result in found:
            to_document(result)


SETTINGS = (
    "jobs = 4", 'reader = "auto"', 'languages = "vie"', "page_seconds = 300", 'label_studio = "/opt/label-studio"',
    'store = "postgresql+pg8000://user@host/database"',
)  # fmt: skip
PIECES = (
    "[", "]", "{", "}", "=", "'''", '"""', "#", "[[a]]", "a.b.c = 1", "\\u0000", "\\uD800", "1979-05-27T07:32:00Z",
    "inf", "-inf", "nan", "0x" + "f" * 6000, "9" * 5000, "[" * 3000, "1e999", "true", "\r", "\x00", "é",
)  # fmt: skip


class SettingsFiles(Target):
    """`load_settings`, of `ocrfill.toml` and of variables."""

    max_mb = 350
    suffix = ".toml"

    def draw(self, chance: random.Random) -> tuple[bytes, dict[str, str]]:
        lines = [line for line in SETTINGS if chance.random() < 0.7]
        variables: dict[str, str] = {}
        for _ in range(chance.choice((0, 1, 1, 2))):
            if lines:
                at = chance.randrange(len(lines))
                key, _, value = lines[at].partition(" = ")
                match chance.randrange(5):
                    case 0:
                        lines[at] = f"{key} = {_toml(odd_value(chance))}"
                    case 1:
                        lines[at] = f"{chance.choice((odd_text(chance), key + 's'))} = {value}"
                    case 2:
                        lines[at] += chance.choice(PIECES)
                    case 3:
                        lines.append(lines[at])
                    case _:
                        lines[at] = f"{key} = {chance.choice(PIECES)}"
        for _ in range(chance.choice((0, 0, 1, 2))):
            name = chance.choice(("JOBS", "READER", "LANGUAGES", "PAGE_SECONDS", "LABEL_STUDIO", "STORE", "", "X\n"))
            variables[f"OCRFILL_{name}"] = odd_text(chance).replace("\0", "")
        content = "\n".join(lines).encode("utf-8", "surrogatepass")
        return (odd_bytes(chance, content) if chance.random() < 0.2 else content), variables

    def check(self, given: tuple[bytes, dict[str, str]]) -> None:
        content, variables = given
        (self.folder / SETTINGS_FILE_NAME).write_bytes(content)
        try:
            settings = load_settings(self.folder, variables)
        except BadInput as error:
            assert_plain(str(error), self.folder)
            return
        assert settings.jobs is None or 1 <= settings.jobs <= 100_000
        assert 0 < settings.page_seconds < 1e9
        assert "\0" not in f"{settings.store}{settings.label_studio}"


def _toml(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return hex(value) if isinstance(value, int) else str(value)
