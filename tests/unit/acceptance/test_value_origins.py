"""Every exported value finds its way back to scan, place, reader, model, promise and reviewer."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from support.builders.reviewed import reviewed_workspace

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
from ocrfill.acceptance.policy_file import save_trust
from ocrfill.acceptance.trust_evidence import evidence_fault, proven_trust
from ocrfill.civil_status.export_columns import column_name
from ocrfill.cli import ocrfill
from ocrfill.document.result import Decision
from ocrfill.errors import BadInput
from ocrfill.store import Store
from ocrfill.store.access_trail import Act, note_access

KEY = "KS.2006.01"

PROVEN = ProvenGuarantee(RiskGuarantee.OF_ACCEPTED, 0.5, 5, Threshold(0.6, 5, 0))
CALIBRATOR = Calibrator(-1.5, {"score": 0.5}, {}, 5, 1)


def trust_of(proven: ProvenGuarantee) -> Trust:
    return Trust(("fake 1",), {group: GroupTrust(CALIBRATOR, CalibratorOrigin.OWN, proven) for group in Group})


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Three pages, two of them reviewed; on the third the machine has accepted every value."""
    work, _ = reviewed_workspace(tmp_path, pages=3, reviewed=2)
    save_trust(trust_of(PROVEN), work)
    with Store.open(work) as store:
        *_, last = store.pages(KEY)
        (record,) = last.result.records
        fields = tuple(replace(f, decision=Decision.ACCEPT) if f.raw else f for f in record.fields)
        store.revise(replace(last.result, records=(replace(record, fields=fields),)))
    return work


def lines(work: Path, *words: str) -> list[dict[str, object]]:
    ran = CliRunner().invoke(ocrfill, ["trace", "--workspace", str(work), "--book", KEY, "--json", *words])
    assert ran.exception is None, ran.exception
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_each_value_of_each_export_is_traced(work: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["export", "--workspace", str(work), "--out", str(out), "--format", "csv,jsonl,xlsx"]
    assert CliRunner().invoke(ocrfill, words).exit_code == 0
    origins = lines(work)
    by_place = {(o["scan"], o["page"], o["record"], o["field"]): o for o in origins}
    values = 0
    for row in csv.DictReader((out / f"{KEY}.csv").open(encoding="utf-8-sig")):
        origin = by_place[row["scan"], int(row["page"]), int(row["record"]), row["field"]]
        assert (origin["raw"], origin["reader"] or "") == (row["raw"].removeprefix("'"), row["reader"])
        if row["raw"]:
            values += 1
            assert origin["sha256"]
            assert origin["models"] == ["fake 1"]
            assert len(origin["polygon"]) >= 4
            assert (origin["acceptance"] is None) != (origin["review"] is None)
    for line in (out / f"{KEY}.jsonl").read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        for field in page["records"][0]["fields"]:
            origin = by_place[page["scan"], page["page"], 1, field["name"]]
            assert (origin["raw"], origin["sha256"]) == (field["raw"], page["sha256"])
    sheet = openpyxl.load_workbook(out / f"{KEY}.contractor.xlsx").worksheets[0]
    heads = [column_name(cell.value) for cell in sheet[1]]
    filled = {(o["row"], column): o for o in origins for column in o["columns"]}
    for number, cells in enumerate(sheet.iter_rows(min_row=2, values_only=True), 1):
        for column, text in zip(heads, cells, strict=True):
            if text and column not in ("STT", "noiDangKy", "noiCap", "quyenSo"):  # the book's own, and the row's
                values += 1
                assert filled[number, column]["raw"], column
    assert values > 100


def test_a_person_s_value_and_the_machine_s_are_told_apart(work: Path) -> None:
    (by_person,) = lines(work, "--row", "1", "--field", "nks_ho_ten")
    assert by_person["review"] == {
        "answer": by_person["review"]["answer"],
        "who": "Lan",
        "when": "2026-01-01T00:00:00+00:00",
        "purpose": "review",
        "source": "test",
        "task": by_person["review"]["task"],
        "annotation": by_person["review"]["annotation"],
    }
    (by_machine,) = lines(work, "--row", "3", "--field", "nks_ho_ten")
    assert by_machine["acceptance"] == {
        "group": "words",
        "promise": "of_accepted",
        "target": 0.5,
        "confidence": 0.95,
        "together": False,
        "above": 0.6,
        "trust_sha256": sha256((work / "trust.json").read_bytes()).hexdigest(),
    }
    told = CliRunner().invoke(ocrfill, ["trace", "--workspace", str(work), "--book", KEY, "--row", "3"]).stdout
    assert "accepted as one of words: at most 50.00% wrong" in told
    with pytest.raises(BadInput, match="no such value"):
        ocrfill.main(["trace", "--workspace", str(work), "--book", KEY, "--row", "9"], standalone_mode=False)


# what trust.json claims, against the store


def test_more_than_was_reviewed_proves_nothing(work: Path) -> None:
    """A file from elsewhere may fit itself: 299 of 299 right. This store's persons have answered some 40 fields."""
    for together in (False, True):
        claimed = replace(PROVEN, reviewed=299, cut=Threshold(0.6, 299, 0), together=together)
        save_trust(trust_of(claimed), work)
        for command in ("run", "trust"):
            ran = CliRunner().invoke(ocrfill, [command, "--workspace", str(work)])
            assert isinstance(ran.exception, BadInput)
            assert "promised.reviewed: 299 values are said to prove it" in str(ran.exception)
    with Store.open(work) as store:
        assert proven_trust(work.parent, store) is None
        nothing = replace(PROVEN, reviewed=299, cut=None)
        assert evidence_fault(trust_of(nothing), store) is None, "nothing is accepted by it"
        assert evidence_fault(trust_of(PROVEN), store) is None


def test_what_was_purged_or_drawn_since_counts(work: Path) -> None:
    save_trust(trust_of(replace(PROVEN, reviewed=60, cut=Threshold(0.6, 60, 0))), work)
    with Store.open(work) as store:
        with pytest.raises(BadInput, match="promised"):
            proven_trust(work, store)
        note_access(work, Act.PURGED, "purge", "KS.2005.01", counts={"reviewed": 60})
        assert proven_trust(work, store) is not None
        note_access(work, Act.CHANGED, "calibrate", counts={"reviewed": 60, "drawn": 0})
        with pytest.raises(BadInput, match="promised"):
            proven_trust(work, store)
        note_access(work, Act.CHANGED, "calibrate", counts={"reviewed": 60, "drawn": 60})
        assert proven_trust(work, store) is not None


def test_answers_on_pages_that_are_to_be_read_again_count(work: Path) -> None:
    with Store.open(work) as store:
        store.change_layout(KEY, "ks_2016_2020", 1)
        assert set(store.reviewed_kinds()) == {""}
        assert evidence_fault(trust_of(PROVEN), store) is None
