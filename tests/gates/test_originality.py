"""The gate of originality: standings, caps, what is not asked, evidence, and its laws over whole streams."""

from __future__ import annotations

import dataclasses
import json
import pickle
import re
import tomllib
from typing import Any

import pytest
from tests.gates.stand import article_of
from tests.originality.stand import ROOT, Stand, fingerprint_of, known_of, lexicon, prepared_of
from tests.samples.stand import OWN

from winnowd.decision import decide
from winnowd.gates.originality import OriginalityLimits, standing_after
from winnowd.gates.originality.presenting import present
from winnowd.model import Decision, Examination, Finding, Grade, Limit, Nearest, Outcome, Prepared, Standing
from winnowd.originality import digests_only
from winnowd.originality.article_text import ArticleText

CASES = ROOT / "tests" / "originality" / "cases"
TEXTS: dict[str, str] = json.loads((ROOT / "tests" / "originality" / "golden.json").read_text(encoding="utf-8"))[
    "texts"
]
KINDS = {"bytes": TEXTS["A"], "words": TEXTS["A"].upper(), "near": TEXTS["D"], "rewrite": TEXTS["B"]}
STANDINGS: list[list[str]] = tomllib.loads((CASES / "standings.toml").read_text(encoding="utf-8"))["cases"]
DEMOTIONS: list[dict[str, Any]] = tomllib.loads((CASES / "caps.toml").read_text(encoding="utf-8"))["case"]


def worst_of(findings: tuple[Finding, ...]) -> str:
    """The worst finding as ``CODE grade``."""
    worst = decide(findings).findings[0]
    return "pass" if worst.grade is Grade.PASS else f"{worst.code} {worst.grade.value}"


def found(examination: Examination, code: str) -> Finding:
    """The finding of a code."""
    return next(finding for finding in examination.findings if finding.code == code)


def noted(examination: Examination) -> str:
    """The notes given, of follow-ups and unadmitted relatives."""
    return " ".join(finding.code for finding in examination.findings if finding.code in {"DUP608", "DUP609"})


def stand_with(standing: str) -> Stand:
    """A gate that knows golden text A, standing as told; its root, if it is a copy, is an unrelated article."""
    stand = Stand()
    root = "admitted" if standing == "copy of kept" else "retracted"
    stand.gate.remember(known_of(1, prepared_of(TEXTS["C"]), Standing(root)))
    prepared = prepared_of(TEXTS["A"])
    waits = standing == "waiting copy"
    indexed = known_of(2, prepared, Standing.QUARANTINED if waits else Standing(standing.split(maxsplit=1)[0]))
    if waits:
        indexed = dataclasses.replace(indexed, codes=("DUP604",))
    if indexed.standing is Standing.COPY:
        indexed = dataclasses.replace(indexed, root=1)
    if indexed.standing is Standing.ERASED:
        made = indexed.fingerprint
        indexed = dataclasses.replace(indexed, fingerprint=digests_only(made.raw_digest, made.word_digest))
    stand.gate.remember(indexed, TEXTS["A"])
    return stand


@pytest.mark.parametrize(("standing", "kind", "worst", "notes"), STANDINGS, ids=lambda cell: cell.replace(" ", "-"))
def test_what_a_copy_gets_depends_on_what_became_of_its_twin(standing: str, kind: str, worst: str, notes: str) -> None:
    """The table of standings (docs/design/originality.md), cell by cell; a spun copy never keeps its original out."""
    examination = stand_with(standing).examine(KINDS[kind])

    assert worst_of(examination.findings) == worst
    assert noted(examination) == notes


def made_of(case: dict[str, Any], side: str) -> Prepared:
    """The text of one side of a case."""
    text = TEXTS[case[side]]
    if numbers := case.get(f"{side}_numbers"):
        text = text.replace("21:40", numbers[0]).replace("212", numbers[1]).replace("34", numbers[2])
    for name in case.get(f"{side}_added", "").split():
        text = f"{text}\n\n{TEXTS[name]}"
    if kept := case.get(f"{side}_joined_after"):
        pieces = re.split(r"(?<=\.)\s+", text.replace("\n", " "))
        text = (
            ". ".join(pieces[: kept - 1]) + "\n" + " ".join(piece.rstrip(".").lower() for piece in pieces[kept - 1 :])
        )
    return prepared_of(text, fingerprint_of(text, published=case.get(f"{side}_published")))


def limits_of(case: dict[str, Any]) -> OriginalityLimits:
    """The limits of a case: the defaults but for what it names."""
    changed: dict[str, Any] = {}
    for name, value in case.get("limits", {}).items():
        before = getattr(OriginalityLimits(), name)
        if isinstance(before, Limit):
            changed[name] = dataclasses.replace(before, doubt=value[0], fail=value[1])
        else:
            changed[name] = tuple(value) if isinstance(value, list) else value
    return OriginalityLimits(**changed)


@pytest.mark.parametrize("case", DEMOTIONS, ids=lambda case: case["name"].replace(" ", "-"))
def test_a_cap_moderates_what_it_should_and_says_so(case: dict[str, Any]) -> None:
    """Caps and demotions: the grade, the note, the name of the cap in the evidence, a reason in words."""
    stand = Stand(limits_of(case))
    stand.take(made_of(case, "known"))

    examination = stand.examine(made_of(case, "new"))

    assert worst_of(examination.findings) == case["worst"]
    assert noted(examination) == case.get("noted", "")
    if "demoted" in case:
        code = case.get("noted") or case["worst"].split()[0]
        finding = found(examination, code)
        assert case["demoted"] in finding.evidence["demoted"]
        assert ";" in finding.because
    if "raised" in case:
        finding = found(examination, case["worst"].split()[0])
        assert finding.evidence["raised"] == case["raised"]
        assert case["raised"] in finding.because


def test_sixteen_rejected_copies_neither_bar_nor_hide_the_original() -> None:
    """A flood of damaged copies comes first: the original is admitted, and a clean copy after it is still found."""
    stand = Stand()
    for at in range(40):
        stand.take(f"{TEXTS['A']}\n\nDamaged copy {at}.", Standing.REJECTED)

    original, _ = stand.take(TEXTS["A"])
    copy, examination = stand.take(TEXTS["D"])

    assert original.outcome is Outcome.ADMITTED
    assert copy.outcome is Outcome.REJECTED
    assert examination.nearest is not None
    assert examination.nearest.number == 41


def test_an_exact_copy_of_a_corpus_article_is_asked_nothing_more() -> None:
    """Equal bytes answer all: no other measure stands beside."""
    stand = Stand()
    stand.take(TEXTS["A"])

    examination = stand.examine(TEXTS["A"])

    assert [finding.code for finding in examination.findings] == ["DUP601", "DUP602"]


def test_the_twin_is_the_worst_then_the_oldest_and_others_are_kept_beside() -> None:
    """After a spun copy and the original, the twin of a re-ordered one is the original; the other is in `also`."""
    stand = Stand()
    stand.take(TEXTS["B"], Standing.REJECTED)
    stand.take(TEXTS["A"])

    examination = stand.examine(TEXTS["D"])

    assert examination.nearest is not None
    assert (examination.nearest.number, examination.nearest.twin) == (2, True)
    evidence = found(examination, "DUP603").evidence
    assert [other["twin"]["standing"] for other in evidence["also"]] == ["rejected"]
    assert {relation.number for relation in examination.relations} == {1, 2}


def test_evidence_points_at_what_both_texts_share() -> None:
    """Passages, sentences and numbers of a rewrite: each span holds the same words in both texts."""
    stand = Stand()
    stand.take(TEXTS["A"])

    examination = stand.examine(TEXTS["B"])

    evidence = found(examination, "DUP606").evidence
    for passage in evidence["passages"]:
        mine, theirs = TEXTS["B"][slice(*passage["item"])], TEXTS["A"][slice(*passage["twin"])]
        assert re.findall(r"\w+", mine.lower()) == re.findall(r"\w+", theirs.lower())
        assert len(re.findall(r"\w+", mine)) == passage["words"]
    best = evidence["pairs"][0]
    assert TEXTS["B"][slice(*best["item"])].startswith("On Wednesday morning")
    assert TEXTS["A"][slice(*best["twin"])].startswith("The coastguard said the Calder Wren")
    assert evidence["numbers"] == {"agree": ["21", "212", "34", "40"], "differ": ["11"]}
    assert evidence["twin"]["standing"] == "admitted"
    json.dumps(dict(evidence), allow_nan=False)


@pytest.mark.parametrize("kind", KINDS)
def test_what_both_texts_tell_is_made_anywhere_of_plain_values_and_decides_nothing(kind: str) -> None:
    """Of what was decided, pickled, and of two texts another process makes the same; no grade, value or number moves.

    Before that a finding tells nothing that stands in the texts alone.
    """
    stand = Stand()
    stand.take(TEXTS["A"])
    prepared = prepared_of(KINDS[kind])
    decided = stand.gate.examine(prepared)
    assert decided.nearest is not None
    assert decided.presentation is not None
    known = stand.gate.text(decided.nearest.number)
    assert known is not None
    texts = (ArticleText(KINDS[kind]), known)
    presented = present(decided.findings, decided.nearest, decided.presentation, texts, lexicon())

    plain = pickle.dumps((decided.findings, decided.nearest, decided.presentation))
    findings, nearest, presentation = pickle.loads(plain)  # noqa: S301 - our own
    made = present(findings, nearest, presentation, (ArticleText(KINDS[kind]), ArticleText(TEXTS["A"])), lexicon())

    assert made == presented
    bare = [(one.code, one.grade, one.measured, one.limit) for one in decided.findings]
    assert [(one.code, one.grade, one.measured, one.limit) for one in made.findings] == bare
    assert dataclasses.replace(made.nearest, shared_runs=None, runs=0, longest_run_words=0) == decided.nearest
    assert not any({"passages", "numbers", "pairs"} & {*one.evidence} for one in decided.findings)


def test_a_reordered_copy_shows_passages_out_of_order() -> None:
    """DUP607 is free of order, and so is its evidence: far more than what stands in order."""
    stand = Stand()
    stand.take(TEXTS["B"])

    examination = stand.examine(TEXTS["D"])

    passages = found(examination, "DUP607").evidence["passages"]
    starts = [passage["twin"][0] for passage in passages]
    assert starts != sorted(starts)
    assert examination.nearest is not None
    assert len(passages) > examination.nearest.runs


def test_no_sentence_of_a_finding_quotes_an_article() -> None:
    """What enters the audit log names ids and numbers only."""
    stand = Stand()
    stand.take(TEXTS["A"])
    stand.take(TEXTS["B"], Standing.REJECTED)

    said = " ".join(finding.because for text in TEXTS.values() for finding in stand.examine(text).findings)

    for rare in ("calder", "wren", "selwick", "harrow", "eastmere", "geologist", "21:40", "212"):
        assert rare not in said.lower()


def test_an_admitted_article_names_its_nearest_too() -> None:
    """Not only refused articles tell whom they resemble most, and how little."""
    stand = Stand()
    stand.take(TEXTS["A"])

    _, examination = stand.take(TEXTS["C"])

    assert examination.nearest is not None
    assert examination.nearest.twin is False
    assert examination.nearest.candidates == 1
    assert examination.nearest.measures["resemblance"] == 0.0024
    assert examination.nearest.shared_runs is None


def test_an_admitted_article_that_shares_some_text_is_laid_beside_its_nearest() -> None:
    """What both have in common in runs of words is told of it, too."""
    stand = Stand()
    stand.take(TEXTS["A"])

    decision, examination = stand.take(f"{TEXTS['C']} {TEXTS['C'][::-1]} {TEXTS['A'][:150]}")

    assert decision.outcome is Outcome.ADMITTED
    assert examination.nearest is not None
    assert examination.nearest.shared_runs is not None
    assert 0.02 < examination.nearest.shared_runs < 0.3


def test_a_text_without_words_is_doubted() -> None:
    """What cannot be measured is not admitted."""
    examination = Stand().examine("!!! ...")

    assert worst_of(examination.findings) == "DUP611 doubt"


@pytest.mark.parametrize(
    ("indexed", "new", "said"),
    [
        (("de", "A"), ("de", "B"), "its language is 'de'"),
        (("en", "A"), ("", "B"), "language is unsure"),
        (("de", "A"), ("en", "D"), "in another language"),
    ],
)
def test_what_was_not_asked_is_noted_with_its_reason(indexed: tuple[str, str], new: tuple[str, str], said: str) -> None:
    """Articles in languages that settings leave out get the other stages, and DUP611 says what was left out."""
    stand = Stand(OriginalityLimits(languages=("en",)))
    for language, name in (indexed, new):
        made = fingerprint_of(TEXTS[name], language=language)
        _, examination = stand.take(prepared_of(TEXTS[name], made))

    finding = found(examination, "DUP611")
    assert finding.grade is Grade.PASS
    assert said in finding.because
    assert not {"DUP606", "DUP607"} & {one.code for one in examination.findings}


def test_a_script_without_spaces_and_a_sketch_that_is_not_there_are_told() -> None:
    """Shared text is compared by clauses; what an earlier version kept of another language has nothing to ask it by."""
    chinese, german = ((OWN / "languages" / f"{name}.txt").read_text(encoding="utf-8") for name in ("zh", "de"))
    stand = Stand()
    before = dataclasses.replace(fingerprint_of(german, language="de"), sketch=None, lexicon="en-table-1")
    stand.take(prepared_of(german, before), Standing.ADMITTED)

    by_clauses = stand.examine(prepared_of(chinese, fingerprint_of(chinese, language="zh")))
    again = stand.examine(
        prepared_of(f"{german} Das war gestern.", fingerprint_of(f"{german} Gestern.", language="de"))
    )

    assert "no spaces" in found(by_clauses, "DUP611").because
    assert "an earlier version kept nothing" in found(again, "DUP611").because


def test_a_short_text_is_asked_what_it_can_be_asked() -> None:
    """Under 100 words no rewriting, under 60 runs no containment, under 30 no resemblance; an exact copy is found."""
    stand = Stand()
    short = " ".join(TEXTS["A"].split()[:40])
    stand.take(short)

    again = stand.examine(short.upper())
    other = stand.examine(" ".join(TEXTS["A"].split()[:30]))

    assert worst_of(again.findings) == "DUP602 fail"
    assert [finding.code for finding in other.findings] == ["DUP601", "DUP602", "DUP605", "DUP611"]


def test_an_unreadable_record_is_asked_nothing() -> None:
    """No article, no findings."""
    unreadable = dataclasses.replace(prepared_of(TEXTS["A"]), article=None, fingerprint=None)

    assert Stand().examine(unreadable) == Examination(())


def decided(outcome: Outcome, *findings: tuple[str, str, Grade]) -> Decision:
    """A decision with findings as told."""
    made = [Finding(code, gate, grade) for code, gate, grade in findings]
    return Decision(outcome, tuple(sorted(made, key=lambda one: -one.grade.rank)))


def nearest(number: int, *, twin: bool, root: int | None = None) -> Nearest:
    """A nearest article."""
    return Nearest("a" * 16, number, "seeds/a.txt", "", Standing.ADMITTED, twin, {}, root=root)


COPY_FAIL = ("DUP606", "originality", Grade.FAIL)
OWN_FAIL = ("TXT501", "integrity", Grade.FAIL)
OWN_DOUBT = ("QUA401", "length", Grade.DOUBT)


@pytest.mark.parametrize(
    ("decision", "near", "standing"),
    [
        (decided(Outcome.ADMITTED), nearest(4, twin=False), (Standing.ADMITTED, None)),
        (decided(Outcome.QUARANTINED, OWN_DOUBT), None, (Standing.QUARANTINED, None)),
        (decided(Outcome.REJECTED, COPY_FAIL, OWN_DOUBT), nearest(4, twin=True), (Standing.COPY, 4)),
        (decided(Outcome.REJECTED, COPY_FAIL), nearest(5, twin=True, root=4), (Standing.COPY, 4)),
        (decided(Outcome.REJECTED, COPY_FAIL, OWN_FAIL), nearest(4, twin=True), (Standing.REJECTED, None)),
        (decided(Outcome.REJECTED, OWN_FAIL), nearest(4, twin=False), (Standing.REJECTED, None)),
    ],
)
def test_what_an_article_is_to_later_ones_follows_from_its_own_fault(
    decision: Decision, near: Nearest | None, standing: tuple[Standing, int | None]
) -> None:
    """Only what is rejected as a copy and nothing else points at a root."""
    assert standing_after(decision, Examination((), near)) == standing


def test_an_article_released_later_counts_at_once() -> None:
    """Its standing is what it is now: a copy of a held article is noted, a copy of a released one fails."""
    stand = Stand()
    stand.take(TEXTS["A"], Standing.QUARANTINED)
    stand.commit()
    before = stand.examine(TEXTS["B"])

    stand.gate.remember(known_of(1, prepared_of(TEXTS["A"]), Standing.ADMITTED))

    assert worst_of(before.findings) == "pass"
    assert worst_of(stand.examine(TEXTS["B"]).findings) == "DUP606 fail"


def test_a_candidate_whose_row_is_gone_is_left_out() -> None:
    """Erased: the index may know a number that the ledger does not."""
    stand = Stand()
    stand.take(TEXTS["A"])
    stand.commit()
    stand.rows.rows.clear()
    stand.gate.forget([1])

    examination = stand.examine(TEXTS["B"])

    assert worst_of(examination.findings) == "pass"
    assert examination.nearest is None


def test_a_twin_whose_text_is_gone_gives_scores_only() -> None:
    """The fingerprint decides; without the text there are no passages."""
    stand = Stand()
    stand.take(TEXTS["A"])
    stand.commit()
    stand.texts.texts.clear()
    stand.gate.forget([1])

    examination = stand.examine(TEXTS["B"])

    assert worst_of(examination.findings) == "DUP606 fail"
    assert "passages" not in found(examination, "DUP606").evidence
    assert "order" in found(examination, "DUP606").because


def test_a_mash_up_keeps_none_of_its_originals_out() -> None:
    """Whoever comes first with several articles in one text has each of them doubted, none rejected."""
    stand = Stand()
    stand.take("\n\n".join(TEXTS.values()))

    outcomes = [decide(stand.examine(text).findings).outcome for text in TEXTS.values()]

    assert set(outcomes) == {Outcome.QUARANTINED}


def test_a_text_of_several_known_articles_is_noted_as_a_collection() -> None:
    """Three whole ones are several; two are not."""
    stand = Stand()
    several = (TEXTS["A"], TEXTS["C"], article_of())
    for text in several:
        stand.take(text, Standing.ADMITTED)
    stand.commit()

    noted_of = [
        [one.because for one in stand.examine("\n\n".join(several[:count])).findings if one.code == "DUP613"]
        for count in (2, 3)
    ]

    assert noted_of[0] == []
    assert [because.startswith("it holds 3 articles of the corpus whole: ") for because in noted_of[1]] == [True]
