"""Other limits, by what a log measured: what the gates themselves would say lies within the bounds, whatever is set."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.gates.stand import marks, subject_of
from tests.originality.stand import ROOT, Stand, lexicon, prepared_of
from tests.originality.test_laws import POOL

from winnowd.decision import decide
from winnowd.event import measures
from winnowd.gates.panel import Panel
from winnowd.model import Grade, Standing
from winnowd.pipeline.regrading import Bounds, LimitsOutOfOrderError, Regrader, Rules
from winnowd.settings import SettingsError, all_settings, load, load_logged
from winnowd.wiring.rules import limits_in_force

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.gates.measures.subject import Subject
    from winnowd.model import Examination, Finding, Prepared
    from winnowd.pipeline.regrading import Regraded
    from winnowd.settings import Loaded

CASES = sorted(path for path in (ROOT / "tests" / "cases").glob("*.txt"))
FACTORS = (None, 0.0, 0.25, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 1.7, 2.5)
COPIES = frozenset({"DUP603", "DUP604", "DUP605", "DUP606", "DUP607"})
LINES = frozenset({f"QUA{number}" for number in range(420, 427)} | {"QUA462"})


@functools.cache
def loaded_of(*overrides: str) -> Loaded:
    """The default configuration, but for these settings."""
    return load(None, environ={}, overrides=overrides, system=None)


def rules_of(loaded: Loaded) -> Rules:
    """The rules as the log would tell them."""
    return Rules.of(limits_in_force(loaded.settings), json.loads(loaded.canonical()))


def ours_of(findings: Sequence[Finding], words: int, nearest: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What an event would tell of a decision by these findings."""
    decision = decide(findings)
    shown = [
        {
            "code": one.code,
            "grade": one.grade.value,
            "limit": {}
            if one.limit is None
            else {end: at for end in ("doubt", "fail") if (at := getattr(one.limit, end)) is not None},
        }
        for one in decision.not_passed
    ]
    return {
        "outcome": decision.outcome.value,
        "codes": list(decision.codes),
        "measured": measures(decision.findings),
        "findings": shown,
        "article": {"id": "0", "words": words},
        **({} if nearest is None else {"nearest": nearest}),
    }


def changed_limits(gates: tuple[str, ...]) -> st.SearchStrategy[dict[str, float | None]]:
    """One to three limits of these gates, each end at some multiple of its default, or off."""
    names = [name for name in loaded_of().values if name.startswith(gates) and name.endswith((".doubt", ".fail"))]
    return st.dictionaries(st.sampled_from(names), st.sampled_from(FACTORS), min_size=1, max_size=3).map(
        lambda chosen: {name: moved(name, factor) for name, factor in chosen.items()}
    )


def moved(name: str, factor: float | None) -> float | None:
    """A limit at a multiple of its default, a share at most 1; one that is off by default at a multiple of one."""
    default, most = loaded_of().values[name], all_settings()[name].bound("le")
    if factor is None:
        return None
    value = round(factor * (default if isinstance(default, float) else 1.0), 4)
    return value if most is None else min(value, most)


def under(loaded: Loaded, changes: Mapping[str, float | None]) -> tuple[Rules, Loaded]:
    """Rules and configuration with these changes; where they do not go together both say so, and nothing is asked."""
    try:
        now = rules_of(loaded).changed(changes)
    except LimitsOutOfOrderError:
        with pytest.raises(SettingsError, match="must lie beyond"):
            load_logged(json.loads(loaded.canonical()), changes)
        assume(False)
        raise
    return now, load_logged(json.loads(loaded.canonical()), changes)


def holds(regraded: Regraded | None, then: Sequence[Finding], now: Sequence[Finding]) -> None:
    """See that each grade, and the outcome, are among those that there may be."""
    before, after = ({one.code: one.grade for one in decide(found).not_passed[::-1]} for found in (then, now))
    for code in before.keys() | after.keys():
        was, grade = before.get(code, Grade.PASS), after.get(code, Grade.PASS)
        bounds = Bounds.sure(was) if regraded is None or code not in regraded.grades else regraded.grades[code][1]
        assert bounds.least.rank <= grade.rank <= bounds.most.rank, (code, was, grade, bounds)
    outcomes = (decide(then).outcome,) if regraded is None else regraded.outcomes
    assert decide(now).outcome in outcomes


@functools.cache
def case_of(number: int) -> Subject:
    """A text of the cases, cleaned."""
    return subject_of(CASES[number].read_text(encoding="utf-8"))


def examined(loaded: Loaded, subject: Subject) -> tuple[Finding, ...]:
    """What the gates say of a text."""
    return Panel.of(loaded.settings.gates, marks(), lexicon().word_set).examine(subject)


GATES = ("gates.length", "gates.characters", "gates.prose", "gates.repetition", "gates.clutter", "gates.integrity")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(CASES) - 1), changed_limits(GATES))
def test_the_gates_grade_within_the_bounds(case: int, changes: dict[str, float | None]) -> None:
    """By limits drawn at random; but for shares of lines, and what is too long, there is one grade that it may be."""
    then, subject = loaded_of(), case_of(case)
    rules, now = under(then, changes)
    findings = examined(then, subject)

    regraded = Regrader(rules_of(then), rules).regrade(ours_of(findings, subject.tokens.count))

    holds(regraded, findings, examined(now, subject))
    grades = {} if regraded is None else regraded.grades
    assert {code for code, (_, bounds) in grades.items() if not bounds.is_sure} <= LINES | COPIES


@pytest.mark.parametrize("case", range(len(CASES)), ids=[path.stem for path in CASES])
def test_each_grade_follows_from_its_measure(case: int) -> None:
    """With nothing changed every measure of a log gives the grade that it gave, and the outcome."""
    rules, subject = rules_of(loaded_of()), case_of(case)
    ours = ours_of(examined(loaded_of(), subject), subject.tokens.count)

    assert Regrader(rules, rules, every=True).regrade(ours) is None


def test_a_grade_that_does_not_follow_is_found() -> None:
    """A measure that was changed in a log, or an outcome, is not what its limits make of it."""
    rules, subject = rules_of(loaded_of()), case_of(0)
    ours = ours_of(examined(loaded_of(), subject), subject.tokens.count)
    regrader = Regrader(rules, rules, every=True)

    other = regrader.regrade({**ours, "measured": {**ours["measured"], "QUA405": 999_999}})
    better = regrader.regrade({**ours, "outcome": "quarantined"})

    assert other is not None
    assert list(other.grades) == ["QUA405"]
    assert better is not None
    assert better.outcomes != (better.was,)


KEPT = st.lists(
    st.tuples(st.integers(0, len(POOL) - 1), st.sampled_from([None, *Standing])), min_size=1, max_size=4
)  # fmt: skip


@pytest.mark.parametrize("keep", ["first", "best"])
@settings(max_examples=60, deadline=None)
@given(KEPT, st.integers(0, len(POOL) - 1), changed_limits(("gates.originality",)), st.sampled_from(("", "A title")))
def test_originality_grades_within_the_bounds(
    keep: str, kept: list[tuple[int, Standing | None]], which: int, changes: dict[str, float | None], title: str
) -> None:
    """Whatever stands in the corpus, and as what; whichever version is kept."""
    then = loaded_of(f"gates.originality.keep={keep}")
    rules, now = under(then, changes)
    stand = Stand(then.settings.originality)
    for number, standing in kept:
        stand.take(POOL[number], standing)
    stand.commit()
    prepared = POOL[which]
    if title and prepared.article is not None:
        prepared = prepared_of(prepared.article.text + "\n\nOne more line at the end.", title=title, authors=("A",))
    assert prepared.fingerprint is not None
    before = examination_of(stand, prepared)
    nearest = None if before.nearest is None else {"candidates": before.nearest.candidates}

    regraded = Regrader(rules_of(then), rules).regrade(ours_of(before.findings, prepared.fingerprint.words, nearest))

    assert now.settings.originality is not None
    stand.gate.grade_by(now.settings.originality)
    holds(regraded, before.findings, examination_of(stand, prepared).findings)


def examination_of(stand: Stand, prepared: Prepared) -> Examination:
    """What originality says of a newcomer, which may take its twin's place."""
    return stand.gate.prefer_better(prepared, stand.gate.examine(prepared))


def copy_of(candidates: int, **measured: tuple[float, str]) -> dict[str, Any]:
    """What an event tells of an article that was held as a copy, and of how many it was laid beside."""
    findings = [{"code": code, "grade": grade, "limit": {}} for code, (_, grade) in measured.items() if grade != "pass"]
    return {
        "outcome": "quarantined",
        "codes": [one["code"] for one in findings],
        "measured": {code: value for code, (value, _) in measured.items()},
        "findings": findings,
        "article": {"id": "0", "words": 600},
        "nearest": {"candidates": candidates},
    }


@pytest.mark.parametrize(
    ("candidates", "changes", "bounds"),
    [
        (1, {"rewrite.fail": 1.1}, ("doubt", "doubt")),
        (2, {"rewrite.fail": 1.1}, ("doubt", "fail")),
        (2, {"rewrite.doubt": 0.8}, ("doubt", "fail")),
        (1, {"rewrite.fail": 1.6}, ("pass", "doubt")),
    ],
)
def test_behind_a_copy_that_was_moderated_another_may_stand(
    candidates: int, changes: dict[str, float], bounds: tuple[str, str]
) -> None:
    """A rewrite at 1.48 that is doubted was moderated; one of lower value, which nothing moderates, may fail now."""
    assert copy_bounds(copy_of(candidates, DUP606=(1.48, "doubt"), DUP607=(0.7, "doubt")), changes) == bounds


@pytest.mark.parametrize("changes", [{"rewrite.fail": None}, {"reordered.doubt": None}])
def test_a_doubt_that_two_measures_made_a_fail_may_pass_when_they_do_not(changes: dict[str, float | None]) -> None:
    """It failed by its neighbours, and was moderated to a doubt; what moderated it lets a doubt pass."""
    found = copy_bounds(copy_of(8, DUP606=(1.25, "doubt"), DUP607=(0.82, "doubt")), changes)

    assert found[0] == "pass"


def test_what_would_fail_may_wait_with_a_copy_that_waits() -> None:
    """DUP609 is a doubt then, beside a rule that passes."""
    ours = copy_of(3, DUP603=(0.28, "pass"), DUP607=(0.7, "doubt"))

    assert copy_bounds(ours, {"resemblance.doubt": 0.1, "resemblance.fail": 0.2}, "DUP609") == ("pass", "doubt")


def copy_bounds(ours: dict[str, Any], changes: Mapping[str, float | None], code: str = "DUP606") -> tuple[str, str]:
    """The bounds of a grade with these limits of originality changed."""
    then = rules_of(loaded_of())
    now = then.changed({f"gates.originality.{name}": value for name, value in changes.items()})
    regraded = Regrader(then, now).regrade(ours)
    was = next((one["grade"] for one in ours["findings"] if one["code"] == code), "pass")
    if regraded is None or code not in regraded.grades:
        return was, was
    least, most = regraded.grades[code][1]
    return str(least), str(most)
