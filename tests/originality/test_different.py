"""Different articles are not copies: what they may share, what is set aside of it, and when it is not."""

from __future__ import annotations

import dataclasses
import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.originality.stand import Stand, fingerprint_of, prepared_of

from winnowd.gates.originality import OriginalityLimits
from winnowd.model import Examination, Outcome, Prepared, Standing
from winnowd.originality import compare
from winnowd.originality.article_text import ArticleText
from winnowd.originality.set_aside import set_aside

CASES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "cases" / "different.toml").read_text(encoding="utf-8"))
TEXTS: dict[str, str] = CASES["texts"]
PAIRS = {one["name"]: one for one in CASES["pair"]}


def filled(text: str) -> str:
    """A text with the paragraphs that it shares."""
    return text.format(**{name: TEXTS[name] for name in ("block", "background", "home", "entrants")})


def stand_before(pair: dict[str, Any], *, commits: bool) -> Stand:
    """A gate that knows the first article of a pair, and those that have its paragraph too."""
    stand = Stand()
    for number in range(pair.get("others", 0)):
        stranger = TEXTS["stranger"].format(day=("Monday", "Friday")[number], matter=("bridges", "turnips")[number])
        text = f"{stranger[: 200 + 30 * number]}\n\n{stranger[200:]}\n\n{TEXTS['home']}"
        stand.take(text, Standing.ADMITTED)
    stand.take(filled(pair["first"]), Standing.ADMITTED)
    if commits:
        stand.commit()
    return stand


def said(examination: Examination) -> str:
    """What DUP612 says was set aside."""
    return next((one.because for one in examination.findings if one.code == "DUP612"), "")


@pytest.mark.parametrize("commits", [True, False])
@pytest.mark.parametrize("name", PAIRS)
def test_different_articles_are_not_copies(name: str, *, commits: bool) -> None:
    """Speech quoted by both, a standing block, a list are set aside and named, in one batch or several."""
    pair = PAIRS[name]
    stand = stand_before(pair, commits=commits)

    decision, examination = stand.take(filled(pair["second"]))

    assert decision.outcome is Outcome(pair["outcome"])
    assert pair["says"] in said(examination)
    assert bool(pair["says"]) == bool(said(examination))


def test_what_is_set_aside_stands_in_the_evidence() -> None:
    """DUP612 gives kind, words and both places of all that counts for nothing."""
    pair = PAIRS["two reports quote one speech"]
    stand = stand_before(pair, commits=True)

    examination = stand.examine(pair["second"])

    finding = next(one for one in examination.findings if one.code == "DUP612")
    rows = finding.evidence["set_aside"]
    assert finding.measured == sum(row["words"] for row in rows)
    for row in rows:
        (start, stop), (first, last) = row["item"], row["twin"]
        assert pair["second"][start:stop] == pair["first"][first:last]


def test_a_standing_paragraph_at_the_end_of_both_counts_once() -> None:
    """It is met in other articles, and is the run at the end of both: its words are what is set aside."""
    pair = PAIRS["one appeal at the end of both"]
    first, second = ArticleText(filled(pair["first"])), ArticleText(filled(pair["second"]))

    left = set_aside(second, first, set)

    assert sum(one.words for one in left.asides) == len(ArticleText(TEXTS["block"]).words.hashes)


SPOKEN = '"We have counted {n} of them by {n}, and the geese of {n} are not in it at all," the keeper of {n} said.'
TOLD = "Some {n} geese crossed the weir at {n} in the fog, and the boats of {n} waited for them until {n} was over."


@given(
    shared=st.lists(st.lists(st.sampled_from([SPOKEN, TOLD]), min_size=1, max_size=4), min_size=1, max_size=4),
    is_last=st.booleans(),
)
def test_no_word_is_set_aside_twice(shared: list[list[str]], *, is_last: bool) -> None:
    """Speech, standing paragraphs and the run at the end may be one: what is counted stands in both, and once."""
    common = "\n\n".join(" ".join(told).replace("{n}", f"n{at}") for at, told in enumerate(shared))
    own = [" ".join(f"w{text}x{at}" for at in range(400)) for text in range(2)]
    new, indexed = (ArticleText("\n\n".join([one, common] if is_last else [common, one])) for one in own)

    left = set_aside(new, indexed, set)

    spans = sorted(aside.item for aside in left.asides)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert sum(aside.words for aside in left.asides) <= left.shared
    for aside in left.asides:
        said = new.text[slice(*aside.item)]
        assert said == indexed.text[slice(*aside.twin)]
        assert len(ArticleText(said).words.hashes) == aside.words


def test_a_much_copied_articles_own_paragraphs_never_become_standing() -> None:
    """Only articles of the corpus are counted: turned-away copies of an article do not free the next one."""
    pair = PAIRS["one template, one funeral home: until it is known it waits"]
    stand = stand_before(pair, commits=True)
    for _ in range(3):
        stand.take(filled(pair["first"]) + " It was told again.", Standing.COPY)

    decision, _ = stand.take(filled(pair["second"]))

    assert decision.outcome is Outcome.QUARANTINED


def test_an_article_made_of_standing_paragraphs_stays_a_copy() -> None:
    """Where blocks are most of an article, or too little is left beside them, they count."""
    first = ArticleText(filled(PAIRS["one appeal at the end of both"]["first"]))

    assert not set_aside(first, ArticleText(f"A stork came.\n\n{TEXTS['block']}"), set).asides


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_set_aside_only_frees(name: str) -> None:
    """No measure of what is left counts for more than that of the whole."""
    pair = PAIRS[name]
    first, second = filled(pair["first"]), filled(pair["second"])
    whole = compare(fingerprint_of(second), fingerprint_of(first))

    examination = stand_before(pair, commits=True).examine(second)

    measured = {one.code: one.measured for one in examination.findings}
    assert float(measured.get("DUP606") or 0) <= round(whole.rewrite or 0, 4)
    assert float(measured.get("DUP607") or 0) <= round(whole.reordered or 0, 4)


def test_quotation_marks_that_are_not_paired_in_a_line_quote_nothing() -> None:
    """A text that opens a quotation and never closes it does not set the rest aside."""
    first, second = (filled(PAIRS["two reports quote one speech"][one]) for one in ("first", "second"))

    assert set_aside(ArticleText(second), ArticleText(first), lambda _: set()).asides
    one, two = (ArticleText(text.replace('"', "“")) for text in (second, first))
    assert not set_aside(one, two, lambda _: set()).asides


def dated(text: str, published: int | None, outlet: str) -> Prepared:
    """A text of a day, by a publisher or from an address."""
    publisher, url = ("", outlet) if outlet.startswith("https:") else (outlet, None)
    made = dataclasses.replace(fingerprint_of(text, published=published), publisher=publisher)
    return prepared_of(text, made, url=url)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ((None, ""), (None, ""), Outcome.REJECTED),
        ((None, "https://osk.example/1"), (None, "https://fen.example/1"), Outcome.REJECTED),
        ((None, "https://osk.example/1"), (None, "https://osk.example/2"), Outcome.QUARANTINED),
        ((9, "https://osk.example/1"), (9, "https://osk.example/2"), Outcome.QUARANTINED),
        ((9, "https://osk.example/1"), (9, "https://fen.example/1"), Outcome.REJECTED),
        ((9, "Osk Post"), (9, "Osk Post"), Outcome.REJECTED),
        ((9, "Osk Post"), (10, "Osk Post"), Outcome.QUARANTINED),
        ((9, "Osk Post"), (10, "Fen Times"), Outcome.REJECTED),
        ((9, ""), (12, ""), Outcome.QUARANTINED),
    ],
)
def test_one_outlets_follow_up_is_at_most_doubted(
    first: tuple[int | None, str], second: tuple[int | None, str], outcome: Outcome
) -> None:
    """Undated or within the day, or a day apart, what one outlet tells again is for a person to decide."""
    stand = Stand()
    stand.take(dated(TEXTS["banned"], *first))

    decision, _ = stand.take(dated(TEXTS["forgiven"], *second))

    assert decision.outcome is outcome


@pytest.mark.parametrize(("days", "outcome"), [((9, 9), Outcome.ADMITTED), ((9, 12), Outcome.QUARANTINED)])
def test_one_outlet_and_days_apart_are_counted_once(days: tuple[int, int], outcome: Outcome) -> None:
    """Of one outlet what would be doubted is a follow-up; what would fail is doubted, also when days lie between."""
    limits = OriginalityLimits()
    doubting = dataclasses.replace(
        limits,
        rewrite=dataclasses.replace(limits.rewrite, fail=3.0),
        reordered=dataclasses.replace(limits.reordered, doubt=1.9, fail=2.0),
    )
    stand = Stand(doubting if outcome is Outcome.ADMITTED else limits)
    stand.take(dated(TEXTS["banned"], days[0], "https://osk.example/1"))

    decision, examination = stand.take(dated(TEXTS["forgiven"], days[1], "https://osk.example/2"))

    assert decision.outcome is outcome
    assert ("DUP608" in {one.code for one in examination.findings}) == (outcome is Outcome.ADMITTED)
