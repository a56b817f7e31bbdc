"""What the gates measure, against the plain twin, on any text; and how a value becomes a finding."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.gates.plain import measures
from tests.gates.stand import PROSE, SERVICE, article_of, findings_of, panel
from tests.test_text import MIXED, TEXTS

from winnowd.article import Article
from winnowd.gates.limits import GATES
from winnowd.gates.measures.subject import Subject
from winnowd.gates.measures.wording import because, number
from winnowd.model import Cleaned, Finding, Grade, Limit

CLEAN_MEASURES = {
    "raw_words": 400, "error_lines": 0, "consent_share": 0.0, "subscribe_tail": 0, "removed_share": 0.0,
    "outside_lines": 0, "mojibake": 0, "lost_chars": 0, "control_chars": 0, "lost_space": 0,
    "repeated_share": 0.0, "more_pages": 0, "own_lines": 0,
}  # fmt: skip
CATALOGUE: dict[str, dict[str, Any]] = tomllib.loads((SERVICE / "rules.toml").read_text(encoding="utf-8"))
LIMITS = {
    (limit.code, limit.measure): limit
    for _, made in GATES
    for one in fields(made)  # type: ignore[arg-type]
    if isinstance(limit := getattr(made(), one.name), Limit)
}
WORDED = [limit for limit in LIMITS.values() if limit.code != "TXT501"]


def examined(text: str) -> tuple[Finding, ...]:
    """All findings on a text that cleaning has not touched."""
    return panel().examine(Subject.of(Cleaned(Article.model_construct(text=text + "\n"), (), CLEAN_MEASURES)))


OF_LINES = {
    *("line_marks", "marked_words", "long_line_words", "short_lines"),
    *("newlines", "bullet_lines", "ellipsis_lines"),
}
"""Not asked of verse and recipes."""
SENTENCES = st.lists(
    st.sampled_from(
        [
            *PROSE,
            "Short line",
            "- a bullet",
            "and so on ...",
            "The teams:",
            "Salt Hall, June 9",
            "(Applause)",
            "## Why",
            "",
        ]
    ),
    max_size=30,
).map("\n".join)


@given(TEXTS | SENTENCES | st.lists(MIXED, max_size=20).map("\n".join))
@example("")
@example("a" * 100_000)
@example("1" * 100_000)
@example("the mill " * 20_000)
@settings(deadline=None)  # the model of languages loads once, and the twin is slow
def test_every_measure_is_that_of_the_plain_twin(text: str) -> None:
    """No gate breaks, on whatever text, and each measure is equal to the slow one."""
    expected = measures(text)

    findings = examined(text)

    assert "SYS903" not in {finding.code for finding in findings}
    found = {one.limit.measure: one.measured for one in findings if one.limit is not None and one.measured is not None}
    asked = {name: value for name, value in expected.items() if name in found}
    assert {name: found[name] for name in asked} == pytest.approx(asked)
    assert set(expected) - set(asked) <= {"stop_words", "mean_word_length"} | OF_LINES


def test_an_article_passes_every_rule_and_each_rule_says_so() -> None:
    """One finding for every QUA and TXT50 code of the catalogue, all passes, on prose written for this."""
    expected = {code for code in CATALOGUE if code.startswith(("QUA", "TXT50"))}

    findings = findings_of(article_of())

    assert set(findings) == expected
    assert {finding.grade for finding in findings.values()} == {Grade.PASS}


@pytest.mark.parametrize(
    "limit", [one for one in LIMITS.values() if one.code != "TXT501"], ids=lambda limit: f"{limit.code}-{limit.measure}"
)
def test_a_finding_says_in_words_what_was_measured_and_where_the_limit_lies(limit: Limit) -> None:
    """Each rule has a sentence of its own, with the value; it holds no brace that was not filled."""
    value = (limit.fail if limit.fail is not None else limit.doubt or 0) + (-0.001 if limit.side == "min" else 0.001)
    grade = Grade.DOUBT if limit.fail is None else Grade.FAIL

    sentence = because(limit, value, grade)

    assert not sentence[0].isupper()
    assert "{" not in sentence
    assert "_" not in sentence


def test_what_the_catalogue_calls_a_share_is_said_in_per_cent_and_nothing_else() -> None:
    """The unit of a rule is one and the same in the catalogue and in its sentence."""
    shares = {limit.measure for limit in WORDED if CATALOGUE[limit.code]["unit"] == "share"}

    told = {limit.measure for limit in WORDED if number(limit.measure, 0.5).endswith("%")}

    assert told == shares


def test_the_limits_in_code_are_those_of_the_catalogue() -> None:
    """Measure, side, doubt and fail of every rule that has a limit; the catalogue documents what the gates do."""
    documented = {code: rule for code, rule in CATALOGUE.items() if "side" in rule and code.startswith(("QUA", "TXT"))}

    for code, rule in documented.items():
        limit = LIMITS[code, rule["measure"]]
        doubt: Any = rule.get("doubt")
        fail: Any = rule.get("fail")
        if code == "TXT501":
            density = LIMITS[code, "integrity_per_1000"]
            assert (density.doubt, density.fail) == (doubt["per_1000"], fail["per_1000"])
            doubt, fail = doubt["sum"], fail["sum"]
        assert (limit.side, limit.doubt, limit.fail) == (rule["side"], doubt, fail)
    assert {code for code, _ in LIMITS} == set(documented)


@given(st.floats(allow_nan=False), st.sampled_from(list(LIMITS.values())))
def test_a_worse_value_never_has_a_milder_grade(value: float, limit: Limit) -> None:
    """Grades are monotonous, and a limit that is off grades nothing."""
    worse = value - 1 if limit.side == "min" else value + 1

    assert limit.grade(worse).rank >= limit.grade(value).rank
    assert Limit(limit.code, limit.measure, limit.side).grade(value) is Grade.PASS
