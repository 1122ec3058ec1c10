"""The file trust.json is checked against what it claims: what nobody proved is refused by the name of its key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders.book import made_workspace
from support.fuzzing.plain_words import assert_plain

from ocrfill.acceptance import (
    Calibrator,
    CalibratorOrigin,
    Group,
    GroupTrust,
    ProvenGuarantee,
    RiskGuarantee,
    Threshold,
    Trust,
)
from ocrfill.acceptance.binomial import binomial_p_value, max_wrong, min_values_to_prove
from ocrfill.acceptance.policy_checks import chance_of_at_most, trust_faults
from ocrfill.acceptance.policy_file import load_trust, save_trust
from ocrfill.acceptance.prior_calibrators import PRIOR_CALIBRATORS_FILE, load_prior_calibrators, read_calibrators
from ocrfill.errors import BadInput
from ocrfill.store import Store

PROVEN = ProvenGuarantee(RiskGuarantee.OF_ACCEPTED, 0.01, 800, Threshold(0.93, 600, 1))
CALIBRATOR = Calibrator(-1.5, {"score": 0.5, "denied": -0.25, "letters": -1.0}, {"ho_ten": 0.125}, 400, 31)
TRUST = Trust(("hand 1",), {group: GroupTrust(CALIBRATOR, CalibratorOrigin.OWN, PROVEN) for group in Group})

GROUP = next(iter(Group)).value
PROMISED = f"groups.{GROUP}.promised"
LEARNT = f"groups.{GROUP}.calibrator"

WRONG: dict[str, tuple[str, Any]] = {
    "a cut far below a half": (f"{PROMISED}.cut.above", 0.001),
    "a cut just below a half": (f"{PROMISED}.cut.above", 0.4999),
    "a cut at one": (f"{PROMISED}.cut.above", 1.0),
    "a cut below all": (f"{PROMISED}.cut.above", -1),
    "a cut that is no number": (f"{PROMISED}.cut.above", float("nan")),
    "a cut in words": (f"{PROMISED}.cut.above", "0.93"),
    "more wrong than accepted": (f"{PROMISED}.cut.wrong", 601),
    "fewer wrong than none": (f"{PROMISED}.cut.wrong", -1),
    "too many wrong to prove anything": (f"{PROMISED}.cut", {"above": 0.93, "accepted": 600, "wrong": 2}),
    "too few accepted to prove anything": (f"{PROMISED}.cut", {"above": 0.93, "accepted": 298, "wrong": 0}),
    "more accepted than reviewed": (f"{PROMISED}.cut.accepted", 801),
    "none accepted": (f"{PROMISED}.cut.accepted", 0),
    "none reviewed": (f"{PROMISED}.reviewed", 0),
    "fewer reviewed than none": (f"{PROMISED}.reviewed", -800),
    "more reviewed than there are": (f"{PROMISED}.reviewed", 10**30),
    "a truth for a count": (f"{PROMISED}.reviewed", True),
    "a fraction for a count": (f"{PROMISED}.cut.wrong", 0.5),
    "no confidence": (f"{PROMISED}.confidence", 0),
    "little confidence": (f"{PROMISED}.confidence", 0.49),
    "all confidence": (f"{PROMISED}.confidence", 1),
    "more confidence than is proven": (f"{PROMISED}.confidence", 0.999),
    "confidence without end": (f"{PROMISED}.confidence", float("inf")),
    "a target of nearly all": (f"{PROMISED}.target", 0.9),
    "a target of nothing": (f"{PROMISED}.target", 0),
    "a target that is no number": (f"{PROMISED}.target", float("nan")),
    "a stricter target than is proven": (f"{PROMISED}.target", 0.005),
    "an unknown promise": (f"{PROMISED}.promise", "of_none"),
    "needed fewer than none": (f"{PROMISED}.needed", -3),
    "together, and not alike": (f"{PROMISED}.together", True),
    "a huge weight": (f"{LEARNT}.weights.score", 1e308),
    "a weight without end": (f"{LEARNT}.weights.score", float("inf")),
    "a weight that is no number": (f"{LEARNT}.weights.score", float("nan")),
    "a weight in words": (f"{LEARNT}.weights.score", "1"),
    "a weight of no sign": (f"{LEARNT}.weights.__class__", 1.0),
    "a sign turned round": (f"{LEARNT}.weights.score", -0.5),
    "a contradiction that speaks for": (f"{LEARNT}.weights.hard_against", 5.0),
    "a huge base": (f"{LEARNT}.base", -1e308),
    "a base that is no number": (f"{LEARNT}.base", float("nan")),
    "a huge sort": (f"{LEARNT}.sorts.ho_ten", 1e9),
    "more wrong than learnt from": (f"{LEARNT}.wrong", 401),
    "learnt from fewer than none": (f"{LEARNT}.fields", -1),
    "learnt from nowhere": (f"groups.{GROUP}.learnt", "bought"),
    "an unknown group": ("groups.all", None),
    "text for groups": ("groups", "all"),
    "a number for models": ("models", 5),
}


def changed(folder: Path, key: str, value: object) -> None:
    """The file with another value at a key."""
    file = save_trust(TRUST, folder)
    document = json.loads(file.read_text())
    *way, last = key.split(".")
    here = document
    for step in way:
        here = here[step]
    here[last] = value
    file.write_text(json.dumps(document))


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused_by_the_name_of_its_key(tmp_path: Path, case: str) -> None:
    key, value = WRONG[case]
    changed(tmp_path, key, value)
    with pytest.raises(BadInput, match="`ocrfill calibrate` makes it anew") as error:
        load_trust(tmp_path)
    told = str(error.value)
    assert any(part in told for part in (key, key.rpartition(".")[0], "groups: one promise")), told


CHOKING = ("[" * 100_000, '{"format": 1, "models": ' + "[" * 100_000, "\ufeff{}", "9" * 5000, " " * 5_000_000)


@pytest.mark.parametrize("text", CHOKING, ids=["lists", "lists in a key", "a mark", "digits", "blanks"])
def test_a_file_made_to_choke_on_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "trust.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="`ocrfill calibrate` makes it anew"):
        load_trust(tmp_path)


GOOD: dict[str, Callable[[ProvenGuarantee], ProvenGuarantee]] = {
    "as it is": lambda one: one,
    "nothing proven": lambda one: replace(one, cut=None, needed=1200),
    "nothing reviewed": lambda one: replace(one, cut=None, reviewed=0, needed=None),
    "just proven": lambda one: replace(one, cut=Threshold(0.5, 299, 0), reviewed=299),
    "the loosest target": lambda one: replace(one, target=0.5, cut=Threshold(0.6, 5, 0)),
    "of all": lambda one: replace(one, promise=RiskGuarantee.OF_ALL, cut=Threshold(0.6, 20, 3)),
    "very many": lambda one: replace(one, reviewed=100_000_000, cut=Threshold(0.6, 100_000_000, 900_000)),
    "together": lambda one: replace(one, together=True),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_was_proven_is_taken(tmp_path: Path, case: str) -> None:
    promised = GOOD[case](PROVEN)
    trust = Trust(TRUST.models, {g: replace(one, promised=promised) for g, one in TRUST.groups.items()})
    save_trust(trust, tmp_path)
    assert load_trust(tmp_path) == trust


def test_a_run_on_a_file_that_cannot_be_ends_with_words_and_accepts_nothing(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from ocrfill.cli import ocrfill

    workspace = made_workspace(tmp_path, read=1, failed=0, pending=0, broken=0)
    changed(workspace, f"{LEARNT}.weights.score", float("nan"))
    for command in (["run", "--workspace", str(workspace)], ["trust", "--workspace", str(workspace)]):
        ran = CliRunner().invoke(ocrfill, command)
        assert isinstance(ran.exception, BadInput), ran.output
    with Store.open(workspace) as store:
        (status,) = store.status()
    assert status.fields.get("accept", 0) == 0


@given(st.integers(1, 5000), st.floats(0.0005, 0.5), st.floats(0, 1))
def test_the_chance_is_the_exact_one(values: int, share: float, part: float) -> None:
    wrong = int(part * values * share)
    exact = float(binomial_p_value(wrong, values, share))
    mine = chance_of_at_most(wrong, values, share)
    assert mine == pytest.approx(exact, rel=1e-7, abs=1e-250) or (mine == 1.0 and exact >= 0.5 - 1e-12)


@given(st.sampled_from((0.001, 0.005, 0.01, 0.05, 0.2)), st.sampled_from((0.9, 0.95, 0.99)), st.integers(0, 3000))
def test_exactly_what_proves_the_target_is_taken(target: float, confidence: float, more: int) -> None:
    accepted = min_values_to_prove(target, 1 - confidence) + more
    most = int(max_wrong(accepted, target, 1 - confidence))
    for wrong in (most, most + 1):
        cut = Threshold(0.9, accepted, wrong)
        promised = ProvenGuarantee(RiskGuarantee.OF_ACCEPTED, target, accepted, cut, confidence=confidence)
        trust = Trust((), {Group(GROUP): GroupTrust(CALIBRATOR, CalibratorOrigin.OWN, promised)})
        assert [*map(bool, trust_faults(trust))] == ([] if wrong == most else [True])


def test_what_comes_with_ocrfill_is_sound() -> None:
    assert set(load_prior_calibrators()) == set(Group)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"base"', '"bass"'),
        ('"score": 0', '"score": -9'),
        ('"score": 0', '"score": NaN, "x": 0'),
        ('"score": 0', '"scores": 0'),
        ('"calibrators"', '"calibrator"'),
        ("{", "[", ),
    ],
)  # fmt: skip
def test_a_damaged_file_of_calibrators_is_told(tmp_path: Path, old: str, new: str) -> None:
    text = PRIOR_CALIBRATORS_FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "calibrators.json"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match="is damaged"):
        read_calibrators(file)


DAMAGED_FILES = {
    "too deep": b'{"format": 1, "groups": ' + b"[" * 100_000,
    "a number without end": b'{"format": 1, "groups": ' + b"9" * 5000 + b"}",
    "no UTF-8": b'{"format": 1, "groups": "\xe8"}',
    "a list": b"[1]",
    "a text": b'"calibrators"',
    "a number": b"1",
    "a long key": b'{"format": 1, "models": [], "calibrators": {"' + b"k" * 100_000 + b'": 1}, "groups": {"'
    + b"k" * 100_000 + b'": 1}}',
    "an unseen key": b'{"format": 1, "models": [], "calibrators": {"\\u001b[31m": 1}, "groups": {"\\u001b[31m": 1}}',
}  # fmt: skip


@pytest.mark.parametrize("content", DAMAGED_FILES.values(), ids=DAMAGED_FILES)
def test_a_damaged_file_of_any_kind_is_told_in_plain_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "trust.json"
    file.write_bytes(content)
    for read in (lambda: load_trust(tmp_path), lambda: read_calibrators(file)):
        with pytest.raises(BadInput, match=r"trust\.json") as told:
            read()
        assert_plain(str(told.value), file)


def test_the_name_of_a_sign_that_is_none_is_cut(tmp_path: Path) -> None:
    save_trust(TRUST, tmp_path)
    file = tmp_path / "trust.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"score"', f'"{"s" * 5000}\\u0000"'), encoding="utf-8")
    with pytest.raises(BadInput, match="there is no such sign") as told:
        load_trust(tmp_path)
    assert_plain(str(told.value), file)
    assert len(str(told.value)) < 500
