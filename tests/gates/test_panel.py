"""The panel: which gates are asked, and what happens when one of them breaks."""

from __future__ import annotations

import dataclasses

import pytest
from tests.gates.stand import article_of, marks, panel, panel_of, subject_of
from tests.originality.stand import lexicon

from winnowd.gates.limits import GATES, LanguageLimits, LengthLimits
from winnowd.gates.panel import Panel
from winnowd.model import Finding, Grade

SUBJECT_TEXT = article_of()


class Broken:
    """A gate with a fault of ours."""

    def examine(self, subject: object) -> tuple[Finding, ...]:
        """Raise, with words of the article in the message."""
        raise ZeroDivisionError(f"dividing {subject} by zero")


def test_a_gate_that_raises_gives_a_doubt_and_stops_no_other() -> None:
    """SYS903 names the gate and the type of the error, not its message; the findings of the others stand."""
    whole = panel()
    broken = Panel((whole._gates[0], ("broken", Broken()), whole._gates[2]))

    findings = broken.examine(subject_of(SUBJECT_TEXT))

    fault = next(finding for finding in findings if finding.code == "SYS903")
    assert (fault.gate, fault.grade, fault.measured) == ("broken", Grade.DOUBT, "ZeroDivisionError")
    assert fault.because == "gate broken failed with ZeroDivisionError"
    assert {finding.gate for finding in findings} == {"length", "broken", "prose"}


@pytest.mark.parametrize("name", [name for name, _ in GATES])
def test_a_gate_that_is_off_says_nothing(name: str) -> None:
    """And only that one; every gate puts its own name in its findings."""
    subject = subject_of(SUBJECT_TEXT)

    gates = {finding.gate for finding in panel_of(**{name: None}).examine(subject)}

    assert gates == {other for other, _ in GATES if other != name}


def test_limits_move_grades_and_none_is_off() -> None:
    """A stricter limit fails what passed; a limit of None grades nothing; zero is a number."""
    subject = subject_of(SUBJECT_TEXT)
    few = LengthLimits().too_few_words

    def grade(doubt: float | None, fail: float | None) -> Grade:
        limits = LengthLimits(too_few_words=dataclasses.replace(few, doubt=doubt, fail=fail))
        return panel_of(length=limits).examine(subject)[0].grade

    assert grade(100, 80) is Grade.PASS
    assert grade(10_000, 80) is Grade.DOUBT
    assert grade(10_000, 10_000) is Grade.FAIL
    assert grade(None, None) is Grade.PASS
    assert grade(0, 0) is Grade.PASS


def test_wrong_limits_are_refused_at_the_start() -> None:
    """A name that is no gate, limits of another gate."""
    with pytest.raises(ValueError, match="no gate 'legnth'"):
        Panel.of({"legnth": LengthLimits()}, marks(), lexicon().word_set)
    with pytest.raises(TypeError, match="needs LengthLimits, not LanguageLimits"):
        Panel.of({"length": LanguageLimits()}, marks(), lexicon().word_set)


def test_the_same_article_has_the_same_findings() -> None:
    """Replay: no gate keeps anything of the articles before."""
    first = panel().examine(subject_of(SUBJECT_TEXT))

    panel().examine(subject_of("Another one, short and odd ..."))

    assert panel().examine(subject_of(SUBJECT_TEXT)) == first
