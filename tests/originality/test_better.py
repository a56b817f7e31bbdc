"""Which of two versions is kept, case by case; and that a pair changes places at most once."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.originality.stand import Stand, fingerprint_of, prepared_of

from winnowd.gates.originality import OriginalityLimits, quality_key
from winnowd.gates.originality.preferred_version import only_rival
from winnowd.model import Decision, Examination, Finding, Grade, Outcome, Prepared, QualityKey, Standing

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = tomllib.loads((HERE / "cases" / "better.toml").read_text(encoding="utf-8"))["case"]
TEXTS: dict[str, str] = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))["texts"]
TEXTS |= {
    "E": "\n\n".join(TEXTS["A"].split("\n\n")[:-2]),
    "B and more": f"{TEXTS['B']}\n\nThe rope was new. The tide was slack. The night was clear, and the moon was low.",
    "A in capitals": TEXTS["A"].upper(),
    "A and 21 words": TEXTS["A"] + " It was." + " It was the sea." * 4 + " It was so.",
    "A and 23 words": TEXTS["A"] + " It was." + " It was the sea." * 4 + " It was so, they said.",
}
BEST = OriginalityLimits(keep="best")


def made_of(name: str, facts: dict[str, Any]) -> Prepared:
    """A golden text with its facts."""
    facts = dict(facts)
    made = fingerprint_of(TEXTS[name], published=facts.pop("published", None))
    made = dataclasses.replace(made, publisher=facts.get("publisher", ""))
    findings = [Finding("TXT501", "integrity", Grade.PASS, facts.pop("integrity", 0.0))]
    if facts.pop("doubted", False):
        findings.append(Finding("QUA401", "length", Grade.DOUBT, 80))
    return prepared_of(TEXTS[name], made, findings=findings, **facts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_the_better_of_two_versions_is_kept(case: dict[str, Any]) -> None:
    """Section 8, difference by difference: the newcomer takes the place with a note that says why, or is refused."""
    limits = OriginalityLimits(keep=case.get("keep", "best"), sources=tuple(case.get("sources", ())))
    stand = Stand(limits)
    stand.take(made_of(case["known"], case.get("known_is", {})))

    decision, examination = stand.take(made_of(case["new"], case.get("new_is", {})))

    assert decision.outcome is (Outcome.ADMITTED if case["kept"] == "new" else Outcome.REJECTED)
    assert examination.supersedes == (1 if case["kept"] == "new" else None)
    if case["kept"] == "new":
        note = next(finding for finding in examination.findings if finding.code == "DUP610")
        assert case["because"] in note.because
        assert note.evidence["old"] == prepared_of(TEXTS[case["known"]]).text_sha256[:16]


def test_what_gave_way_is_a_copy_of_what_took_its_place() -> None:
    """Also after a restart: a further copy is one of the better version, and the old text never comes back."""
    stand = Stand(BEST)
    old = made_of("A", {"integrity": 2.0})
    stand.take(old)
    stand.take(made_of("B", {}))
    stand.commit()
    stand.restart()

    again, _ = stand.take(old)
    copy, examination = stand.take(made_of("D", {}))

    assert stand.rows.rows[1][0].standing is Standing.COPY
    assert stand.rows.rows[1][0].root == 2
    assert again.outcome is Outcome.REJECTED
    assert copy.outcome is Outcome.REJECTED
    assert examination.nearest is not None
    assert examination.nearest.number == 2


def test_a_pair_changes_places_at_most_once() -> None:
    """The old text with a better date is not compared as better again: it is known as a copy."""
    stand = Stand(BEST)
    stand.take(made_of("A", {"published": 1002}))
    first, _ = stand.take(made_of("B", {"published": 1001}))

    again, examination = stand.take(made_of("A in capitals", {"published": 1000}))

    assert first.outcome is Outcome.ADMITTED
    assert again.outcome is not Outcome.ADMITTED
    assert examination.supersedes is None


def test_a_third_version_may_take_the_place_of_the_second() -> None:
    """What resembles the superseded one too is measured by the one in the corpus."""
    stand = Stand(BEST)
    stand.take(made_of("A", {"published": 1002}))
    stand.take(made_of("B", {"published": 1001}))

    decision, examination = stand.take(made_of("D", {"published": 1000}))

    assert decision.outcome is Outcome.ADMITTED
    assert examination.supersedes == 2


def test_a_copy_of_two_admitted_articles_takes_no_place() -> None:
    """Against one only: else it would be unclear whose place it takes."""
    stand = Stand(BEST)
    stand.take(made_of("A", {"integrity": 2.0}), Standing.ADMITTED)
    stand.take(made_of("D", {"integrity": 2.0}), Standing.ADMITTED)

    decision, examination = stand.take(made_of("B", {}))

    assert decision.outcome is Outcome.REJECTED
    assert examination.supersedes is None


def test_a_rolled_back_exchange_leaves_no_trace() -> None:
    """The commit failed: the old article stands as before."""
    stand = Stand(BEST)
    stand.take(made_of("A", {"integrity": 2.0}))
    stand.commit()
    savepoint = stand.gate.savepoint()
    stand.take(made_of("B", {}))

    stand.gate.rollback(savepoint)
    stand.forget()
    decision, examination = stand.take(made_of("B", {}))

    assert decision.outcome is Outcome.ADMITTED
    assert examination.supersedes == 1


def test_an_unknown_merit_is_never_beaten() -> None:
    """An article of which nothing is kept to compare stays."""
    stand = Stand(BEST)
    stand.take(made_of("A", {"integrity": 4.0}))
    indexed = stand.gate._library.indexed([1])[1]
    stand.gate.remember(dataclasses.replace(indexed, quality_key=None))

    _, examination = stand.take(made_of("B", {}))

    assert examination.supersedes is None


def test_nothing_takes_a_place_that_is_not_stopped() -> None:
    """An article without a twin, or one only doubted, is left as it is."""
    stand = Stand(BEST)
    stand.take(made_of("A", {"integrity": 2.0}))

    examination = stand.gate.examine(made_of("C", {}))

    assert stand.gate.prefer_better(made_of("C", {}), examination) is examination
    assert only_rival(made_of("C", {}), examination, {}) is None


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, QualityKey()),
        ({"integrity": 2.5, "url": "https://News.Example:8080/a"}, QualityKey(2.5, "news.example", 1)),
        (
            {"url": "https://[bad/a", "authors": ("A. Reed",), "language": "en", "licence": "CC0"},
            QualityKey(0.0, "", 4),
        ),
    ],
)
def test_the_merit_of_an_article_is_what_it_states(facts: dict[str, Any], wanted: QualityKey) -> None:
    """Damage, host, and how much is stated; an address that has no host counts as stated, no more."""
    assert quality_key(made_of("A", facts)) == wanted


def test_a_decision_without_findings_has_no_merit() -> None:
    """An unreadable record has none to compare, and none that fails."""
    unreadable = dataclasses.replace(made_of("A", {}), article=None, fingerprint=None, findings=())

    assert quality_key(unreadable) == QualityKey()
    assert only_rival(unreadable, Examination(()), {}) is None
    assert Decision(Outcome.QUARANTINED, ()).codes == ()
