"""docs/reference/rules.md: every rule, what it can say and with which weight, and where it comes from."""

import re

from support.paths import ROOT

from ocrfill.civil_status.rules import RECORD_RULES
from ocrfill.civil_status.rules.book_rules import BOOK_RULES

PAGE = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([\w.]+)` \| (.+?) \| (hard|soft|–) \| (hard|soft|–) \| (.+) \|$", re.MULTILINE)


def test_every_rule_is_documented_in_its_order():
    assert [row[0] for row in ROW.findall(PAGE)] == [rule.code for rule in (*RECORD_RULES, *BOOK_RULES)]


def test_every_act_a_rule_rests_on_is_named_in_its_row():
    rows = {row[0]: row[4] for row in ROW.findall(PAGE)}
    for rule in (*RECORD_RULES, *BOOK_RULES):
        for act in re.findall(r"(?:TT|NĐ|QĐ) [\w/-]+", rule.source):
            assert act in rows[rule.code], (rule.code, act)
        assert rule.asks
        assert rule.source
