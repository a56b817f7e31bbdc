"""Every case file: what cleaning does to the text, what the gates say, and what becomes of it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.gates.stand import SERVICE, cleaned_of, panel

from winnowd.decision import decide
from winnowd.gates.measures.subject import Subject
from winnowd.model import Grade

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.toml"))
RULES: dict[str, dict[str, Any]] = tomllib.loads((SERVICE / "rules.toml").read_text(encoding="utf-8"))
JUDGED = {code: rule["slug"] for code, rule in RULES.items() if code.startswith(("QUA", "TXT50"))}
NOTED = {code: rule["slug"] for code, rule in RULES.items() if code.startswith("CLN")}
BY_READING = {"CLN302", "CLN318"}
WITHOUT_DOUBT = {"QUA452", "QUA453", "TXT502"}
WITHOUT_FAIL = {"QUA456", "QUA457", "QUA458", "QUA461", "QUA462"}
LINES = re.compile(r"CLN3(?:1[2-7]|2\d|3[0-2])")


def case_of(name: str) -> tuple[str, dict[str, Any]]:
    """The text and the table of a case."""
    case = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    text = (HERE / f"{name}.txt").read_bytes().decode("utf-8")
    times = case.get("times", 1)
    return (text if times == 1 else " ".join([text.strip()] * times) + "\n"), case


@pytest.mark.parametrize("name", CASES)
def test_a_case_comes_out_as_it_says(name: str) -> None:
    """Outcome, all doubts and fails, notes, lines taken and fields are those that the case names."""
    text, case = case_of(name)

    cleaned = cleaned_of(text, extractor=case.get("extractor"), **case.get("article", {}))
    findings = panel().examine(Subject.of(cleaned))

    graded = {
        grade: sorted(finding.code for finding in findings if finding.grade is grade)
        for grade in (Grade.FAIL, Grade.DOUBT)
    }
    assert decide(findings).outcome == case["outcome"], case["claim"]
    assert (graded[Grade.FAIL], graded[Grade.DOUBT]) == (case["fail"], case["doubt"])
    assert Counter(note.code for note in cleaned.notes) == case["notes"]
    if "taken" in case:
        assert [f"{note.code} {note.text}" for note in cleaned.notes if LINES.match(note.code)] == case["taken"]
    for field, value in case.get("lifted", {}).items():
        found = getattr(cleaned.article, field)
        assert (list(found) if isinstance(found, tuple) else found if isinstance(found, dict) else str(found)) == value


def test_every_rule_has_its_cases() -> None:
    """A pass, a doubt and a fail for each rule that can have them, and one text for each thing that cleaning does."""
    for code, slug in JUDGED.items():
        assert f"{slug}-pass" in CASES
        assert (f"{slug}-doubt" in CASES) is (code not in WITHOUT_DOUBT)
        assert (f"{slug}-fail" in CASES) is (code not in WITHOUT_FAIL)
    for code, slug in NOTED.items():
        if code not in BY_READING:
            assert f"{slug}-pass" in CASES or f"{slug}-doubt" in CASES


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_about_the_rule_that_it_is_named_after(name: str) -> None:
    """The rule's own grade, or its own note, is in the case."""
    slug, _, grade = name.partition(".")[0].rpartition("-")
    _, case = case_of(name)

    judged = [code for code, one in JUDGED.items() if one == slug]
    noted = [code for code, one in NOTED.items() if one == slug]

    assert judged or noted
    if judged:
        assert (judged[0] in case["fail"]) is (grade == "fail")
        assert (judged[0] in case["doubt"]) is (grade == "doubt")
    else:
        assert noted[0] in case["notes"]
