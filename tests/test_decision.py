"""The outcome and its headline: laws over any findings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from winnowd.decision import decide
from winnowd.model import Finding, Grade, Outcome

CODES = ("INP104", "SCH203", "QUA401", "TXT501", "DUP601", "DUP606", "ORD701", "SYS903")
FINDINGS = st.lists(
    st.builds(Finding, st.sampled_from(CODES), st.just("any"), st.sampled_from(list(Grade))), max_size=12
)  # fmt: skip


@given(FINDINGS)
def test_the_headline_is_a_person_s_word_then_the_copy_then_the_rest(findings: list[Finding]) -> None:
    """Among the findings of the worst grade; and none is dropped."""
    made = decide(findings)

    assert sorted(map(repr, made.findings)) == sorted(map(repr, findings))
    assert [one.grade.rank for one in made.findings] == sorted((one.grade.rank for one in findings), reverse=True)
    worst = [one.code for one in findings if made.findings and one.grade is made.findings[0].grade]
    families = [family for family in ("ORD", "DUP", "") if any(code.startswith(family) for code in worst)]
    if made.outcome is not Outcome.ADMITTED:
        assert made.codes[0].startswith(families[0])


@given(FINDINGS, st.randoms())
def test_the_outcome_does_not_hang_on_the_order_of_gates(findings: list[Finding], random: object) -> None:
    """Nor does what is said first: gates are asked in any order."""
    mixed = list(findings)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert decide(mixed).outcome is decide(findings).outcome
    assert decide(mixed).codes == decide(findings).codes
