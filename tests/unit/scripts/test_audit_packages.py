"""The audit of locked packages says nothing where it has no data, and finds what its data knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import audit_packages
import pytest

TODAY = datetime.now(UTC).date().isoformat()


def advisory(name: str, number: int, *, versions: tuple[str, ...] = (), events: object = (), **more: object) -> str:
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "versions": list(versions)}
    if events:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": events}]
    body = {"id": f"PYSEC-{number}", "modified": f"{TODAY}T00:00:00Z", "affected": [affected]} | more
    return json.dumps(body, indent=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A database of enough advisories, one of them of a locked version."""
    folder = tmp_path / "advisories"
    folder.mkdir()
    for number in range(audit_packages.MIN_ADVISORIES):
        (folder / f"{number}.json").write_text(advisory("nobodys-package", number, versions=("1",)))
    hole = f"id: PYSEC-2020-96\nmodified: {TODAY}T00:00:00Z\naffected:\n- package:\n    ecosystem: PyPI\n"
    (folder / "hole.yaml").write_text(f'{hole}    name: PyYAML\n  versions:\n  - "5.3"\n')
    return folder


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    folder = tmp_path / "requirements"
    folder.mkdir()
    for name in audit_packages.LOCKS:
        (folder / name).write_text("pillow==12.0.0 \\\n    --hash=sha256:00\nTen_Cent==1.2 ; python_version > '3'\n")
    (folder / "advisories.toml").write_text("")
    return folder


def audit(folder: Path, locks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.argv", ["audit_packages.py", "--advisories", str(folder), "--locks", str(locks)])
    code = audit_packages.main()
    said = capsys.readouterr()
    return code, said.out, said.err


def test_an_empty_folder_is_no_good_news(tmp_path, locks, monkeypatch, capsys):
    code, said, fault = audit(tmp_path / "none", locks, monkeypatch, capsys)
    assert code == 3
    assert "NOT AUDITED: only 0 advisories" in fault
    assert "not explained" not in said


def test_data_that_knows_no_old_hole_is_none(folder, locks, monkeypatch, capsys):
    (folder / "hole.yaml").write_text((folder / "hole.yaml").read_text().replace("PyYAML", "other"))
    assert "does not know the hole" in audit(folder, locks, monkeypatch, capsys)[2]


def test_old_data_is_told(folder, locks, monkeypatch, capsys):
    for file in folder.iterdir():
        file.write_text(file.read_text().replace(TODAY, "2024-10-10"))
    code, _, fault = audit(folder, locks, monkeypatch, capsys)
    assert (code, "last change is of 2024-10-10" in fault) == (3, True)


def test_a_clean_audit(folder, locks, monkeypatch, capsys):
    code, said, fault = audit(folder, locks, monkeypatch, capsys)
    assert (code, fault) == (0, "")
    assert "2 locked versions held against 1001 advisories" in said


HIT = {
    "listed": {"versions": ("11", "12.0.0")},
    "since ever": {"events": [{"introduced": "0"}, {"fixed": "12.0.1"}]},
    "not mended": {"events": [{"introduced": "11"}]},
    "up to": {"events": [{"introduced": "0"}, {"last_affected": "12.0.0"}]},
    "again": {"events": [{"introduced": "0"}, {"fixed": "9"}, {"introduced": "11"}, {"fixed": "13"}]},
}
MISS = {
    "mended": {"events": [{"introduced": "0"}, {"fixed": "12.0.0"}]},
    "later": {"events": [{"introduced": "12.0.1"}, {"fixed": "13"}]},
    "between": {"events": [{"introduced": "0"}, {"fixed": "9"}, {"introduced": "13"}]},
    "before": {"events": [{"introduced": "0"}, {"last_affected": "11.9"}]},
    "withdrawn": {"versions": ("12.0.0",), "withdrawn": "2026-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("case", [*HIT, *MISS])
def test_ranges_of_versions(case, folder, locks, monkeypatch, capsys):
    (folder / "of_pillow.json").write_text(advisory("Pillow", 7777, **(HIT | MISS)[case]))
    code, said, _ = audit(folder, locks, monkeypatch, capsys)
    assert (code == 1) == (case in HIT) == ("pillow 12.0.0 (run.lock, dev.lock" in said)


def test_a_finding_that_is_explained_is_told_with_its_reason(folder, locks, monkeypatch, capsys):
    (folder / "of_pillow.json").write_text(advisory("pillow", 7777, versions=("12.0.0",), aliases=["CVE-2026-1"]))
    (locks / "advisories.toml").write_text('["CVE-2026-1"]\nwhy = "we open no FLI files"\n')
    code, said, _ = audit(folder, locks, monkeypatch, capsys)
    assert code == 0
    assert "PYSEC-7777 CVE-2026-1: we open no FLI files" in said


def test_a_list_of_safety_db(tmp_path, locks, monkeypatch, capsys):
    folder = tmp_path / "list"
    folder.mkdir()
    listed = {f"package{n}": ["<1"] for n in range(1000)} | {"pyyaml": ["<5.3.1"], "ten-cent": [">=1,<1.3", "==7"]}
    listed["$meta"] = {"timestamp": datetime.now(UTC).timestamp()}
    (folder / "insecure.json").write_text(json.dumps(listed))
    code, said, _ = audit(folder, locks, monkeypatch, capsys)
    assert code == 1
    assert "ten-cent 1.2 (run.lock, dev.lock, train.lock, label-studio.lock): safety-db ten-cent>=1,<1.3: NOT" in said
    assert "1003 advisories" in said
