"""The bills of materials: every locked package with its hashes and its licence, none of them the GPL."""

from __future__ import annotations

import json
from email.message import Message

import pytest
import sbom

from ocrfill import __version__


@pytest.mark.label_studio
@pytest.mark.slow
def test_both_bills_are_whole_and_at_night_the_same_each_time(tmp_path, monkeypatch, capsys, pytestconfig):
    bills = []
    for folder in (tmp_path / "one", tmp_path / "two") if pytestconfig.getoption("--nightly") else (tmp_path / "one",):
        monkeypatch.setattr("sys.argv", ["sbom.py", str(folder)])
        assert sbom.main() == 0, capsys.readouterr().err
        bills.append({file.name: file.read_text() for file in folder.iterdir()})
    assert all(bill == bills[0] for bill in bills)
    assert bills[0].keys() == {"package.cdx.json", "label-studio.cdx.json"}
    bill = json.loads(bills[0]["package.cdx.json"])
    assert bill["bomFormat"] == "CycloneDX"
    (numpy,) = [one for one in bill["components"] if one["name"] == "numpy"]
    assert numpy["licenses"]
    assert numpy["purl"].startswith("pkg:pypi/numpy@")


def component(name="fine", **changed):
    one = {"name": name, "version": "1", "externalReferences": [{"hashes": [{"alg": "SHA-256", "content": "00"}]}]}
    return one | changed


def found(known, *components, pins=(("fine", "1"),), no_gpl=True):
    return list(sbom.faults({"components": list(components)}, pins, known, no_gpl=no_gpl))


def test_a_package_that_is_locked_and_not_in_the_bill_is_seen():
    assert found({"fine": "MIT"}, component()) == []
    assert "is locked, and not in the bill" in found({"fine": "MIT"})[0]
    assert "with its hashes" in found({"fine": "MIT"}, component(externalReferences=[]))[0]
    assert "is locked" in found({"fine": "MIT"}, component(version="2"))[0]


def test_a_package_without_a_licence_is_seen_where_it_is_installed():
    assert "tells no licence" in found({"fine": ""}, component())[0]
    assert found({}, component()) == []


@pytest.mark.parametrize(
    ("licence", "is_one"),
    [
        ("GPL-3.0-only", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("GNU Affero General Public License v3", True),
        ("AGPL-3.0-or-later", True),
        ("GPL-2.0 OR AGPL-3.0", True),
        ("GPL-2.0 OR MIT", False),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MIT AND Apache-2.0", False),
        ("", False),
    ],
)
def test_the_gpl_is_known_and_the_lgpl_told_apart(licence, is_one):
    assert sbom.is_gpl(licence) is is_one
    if licence:
        assert bool(found({"fine": licence}, component())) is is_one
        assert found({"fine": licence}, component(), no_gpl=False) == []


@pytest.mark.parametrize(
    ("heads", "licence"),
    [
        ((("License-Expression", "MIT"), ("License", "other")), "MIT"),
        ((("Classifier", "License :: OSI Approved :: BSD License"), ("License", "text")), "BSD License"),
        ((("Classifier", "License :: OSI Approved"), ("License", "ISC")), "ISC"),
        ((("License", "Permission is hereby granted " * 9),), ""),
        ((("License", "UNKNOWN"),), ""),
        ((), ""),
    ],
)
def test_where_a_licence_is_told(heads, licence):
    metadata = Message()
    for name, text in heads:
        metadata[name] = text
    assert sbom.licence_of(metadata) == licence


def test_the_package_itself_is_apache():
    known = sbom.licences(sbom.ROOT / ".venv")
    assert known["ocrfill"] == "Apache-2.0", __version__
