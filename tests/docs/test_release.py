"""The version of the package and the changelog agree, and the check that says so sees every way they may not."""

import pytest
import release_check
from support.paths import ROOT

from ocrfill import __version__

READY = """# Changelog

## Unreleased

## 0.2.0 (2027-01-15)

- Something new.

## 0.1.0 (2026-12-01)

- The first.
"""


def test_the_changelog_is_of_this_version():
    assert list(release_check.faults((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), __version__)) == []


def test_a_version_ready_for_its_tag():
    assert list(release_check.faults(READY, "0.2.0", "v0.2.0")) == []


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("## 0.2.0 (2027-01-15)", "## 0.3.0 (2027-01-15)", "newest version is 0.3.0"),
        ("## 0.2.0 (2027-01-15)", "## 0.2.0", "`## 0.2.0` is no"),
        ("## 0.2.0 (2027-01-15)", "## 0.0.9 (2027-01-15)", "newest to the oldest"),
        ("## 0.2.0 (2027-01-15)", "## 0.1.0 (2026-12-01)", "each once"),
        ("## Unreleased\n", "", "first section is not"),
        ("- Something new.\n", "", "nothing stands under 0.2.0"),
    ],
)
def test_faults_of_the_changelog(was, becomes, said):
    assert READY.count(was) == 1
    found = list(release_check.faults(READY.replace(was, becomes), "0.2.0"))
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize(
    ("was", "becomes", "tag", "said"),
    [
        ("", "", "v0.2.1", "the tag v0.2.1 is not v0.2.0"),
        ("(2027-01-15)", "(not released)", "v0.2.0", "write its day"),
        ("## Unreleased\n", "## Unreleased\n\n- More.\n", "v0.2.0", "1 lines stand under"),
    ],
)
def test_faults_of_a_tag(was, becomes, tag, said):
    found = list(release_check.faults(READY.replace(was, becomes, 1), "0.2.0", tag))
    assert any(said in fault for fault in found), found


def test_a_changelog_without_versions():
    assert any("no version stands" in fault for fault in release_check.faults("# Changelog\n", "0.2.0"))


def test_the_script_tells_its_faults_and_fails(tmp_path, monkeypatch, capsys):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(READY.replace("0.2.0", "9.9.9"), encoding="utf-8")
    monkeypatch.setattr(release_check, "CHANGELOG_FILE", changelog)
    monkeypatch.setattr("sys.argv", ["release_check.py"])
    assert release_check.main() == 1
    assert "newest version is 9.9.9" in capsys.readouterr().err
