"""Evidence: passages with positions and quotes in both texts, removed lines whole, never too long."""

from __future__ import annotations

import dataclasses
import json

import pytest
from tests.event.stand import ADVERT, NOW, ORIGINAL, REWRITE, TEXTS, judged_of, unreadable

from winnowd import event
from winnowd.event.evidence import AROUND, LONGEST, MOST_QUOTED, band
from winnowd.model import Finding, Grade, Note


def test_every_position_cuts_the_quoted_words_out_of_its_text() -> None:
    """Offsets are code points of the cleaned texts; quote, prefix and suffix stand there."""
    made = event.evidence(judged_of(TEXTS["D"], twin=ORIGINAL), ORIGINAL)

    assert made is not None
    assert made["passages"]
    quoted = [one for one in made["passages"] if "quote" in one]
    for side, text in (("item", TEXTS["D"]), ("twin", ORIGINAL)):
        for one in quoted:
            start, end, quote = one[side]["start"], one[side]["end"], one["quote"][side]
            stop = start + len(quote["exact"])
            assert text[start:end].startswith(quote["exact"])
            assert quote["prefix"] == text[max(0, start - AROUND) : start]
            assert quote["suffix"] == text[stop : stop + AROUND]


def test_the_longest_passages_are_quoted_and_all_have_positions() -> None:
    """Of a rewrite's many short runs the dozen longest are quoted; bands tell how long each is."""
    made = event.evidence(judged_of(REWRITE, twin=ORIGINAL), ORIGINAL)

    assert made is not None
    quoted = [one["words"] for one in made["passages"] if "quote" in one]
    others = [one["words"] for one in made["passages"] if "quote" not in one]
    assert len(quoted) == min(MOST_QUOTED, len(made["passages"]))
    assert min(quoted) >= max(others, default=0)
    assert all(one["band"] == band(one["words"]) for one in made["passages"])


def test_bands_follow_the_length_of_a_run() -> None:
    """3-4, 5-6, 7-11, 12 and more words."""
    assert [band(words) for words in (3, 4, 5, 6, 7, 11, 12, 500)] == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_rewrite_has_its_most_similar_sentences_in_both_texts() -> None:
    """Where few runs are shared, the aligned sentences are what shows the copy."""
    made = event.evidence(judged_of(REWRITE, twin=ORIGINAL), ORIGINAL)

    assert made is not None
    for pair in made["sentences"]:
        for side, text in (("item", REWRITE), ("twin", ORIGINAL)):
            assert pair["quote"][side]["exact"] == text[pair[side]["start"] : pair[side]["end"]]


def test_without_the_twins_text_its_side_is_not_quoted() -> None:
    """An erased twin leaves positions, no words."""
    made = event.evidence(judged_of(REWRITE, twin=ORIGINAL), None)

    assert made is not None
    assert all("twin" not in one.get("quote", {}) for one in (*made["passages"], *made["sentences"]))


def test_removed_lines_are_kept_whole_also_of_an_admitted_article() -> None:
    """What cleaning took can be read again; mended characters are no lines."""
    notes = [ADVERT, Note("CLN304", 1, 2, "\u200b\u200b")]
    made = event.evidence(judged_of(notes=notes))

    assert made is not None
    assert made["removed_lines"] == [{"code": "CLN322", "line": 9, "count": 1, "text": "ADVERTISEMENT"}]
    assert made["title"] == "Fire on the survey boat"


def test_a_clean_admitted_article_has_no_evidence() -> None:
    """No file for nothing."""
    assert event.evidence(judged_of()) is None


@pytest.mark.parametrize("code", ["CLN311", "CLN313", "CLN314", "CLN315", "CLN316", "CLN317"])
def test_a_lifted_line_is_kept_whole_of_an_admitted_article_too(code: str) -> None:
    """Its field may hold less of it, a name or a day, or have been filled before: nobody could undo the lifting."""
    made = event.evidence(judged_of(notes=[Note(code, 3, 1, "date posted 2023-05-06 By Ann Weber")]))

    assert made is not None
    assert made["removed_lines"][0]["text"] == "date posted 2023-05-06 By Ann Weber"


def test_a_lifted_title_alone_makes_no_evidence_of_an_admitted_article() -> None:
    """It stands in its index row as it was; beside a removed line, or of a held article, it is kept."""
    title = Note("CLN312", 1, 1, "Fire on the survey boat")
    doubt = Finding("QUA401", "length", Grade.DOUBT, 92)

    assert event.evidence(judged_of(notes=[title])) is None
    assert len((event.evidence(judged_of(notes=[title, ADVERT])) or {})["removed_lines"]) == 2
    assert len((event.evidence(judged_of(notes=[title], findings=[doubt])) or {})["removed_lines"]) == 1


def test_what_a_passing_rule_saw_is_no_evidence() -> None:
    """A note on a relative is: it passes, and still names an article."""
    seen = Finding("QUA460", "language", Grade.PASS, "en", evidence={"language": "en"})
    related = Finding("DUP608", "originality", Grade.PASS, 0.8, evidence={"twin": {"id": "5b1d0c7e9a42f386"}})

    assert event.evidence(judged_of(findings=[seen])) is None
    assert (event.evidence(judged_of(findings=[seen, related])) or {})["twin"] == {"id": "5b1d0c7e9a42f386"}


def test_an_unreadable_record_has_evidence_without_an_article() -> None:
    """It names the arrival and what the finding kept; without that the event says all there is."""
    judged = unreadable()
    kept = judged.decision.findings[0]._replace(evidence={"member": "a/b.txt"})
    decision = dataclasses.replace(judged.decision, findings=(kept,))

    made = event.evidence(dataclasses.replace(judged, decision=decision))

    assert made is not None
    assert {name: made[name] for name in ("schema", "arrival", "record")} == {
        "schema": 1,
        "arrival": "7d0c51e2a94b3f60",
        "record": 0,
    }
    assert made["findings"][0]["member"] == "a/b.txt"
    assert "article" not in made
    assert event.evidence(judged) is None


def test_evidence_over_1_mib_keeps_its_longest_passages() -> None:
    """The shortest passages go first; the rest stays in the order of the text, and what went is counted."""
    passages = [
        {"words": 3 + at % 50, "item": [9 * at, 9 * at + 8], "twin": [7 * at, 7 * at + 6]} for at in range(12_000)
    ]
    kept = {"passages": passages, "twin": {"id": "5b1d0c7e9a42f386"}}
    judged = judged_of(findings=[Finding("DUP605", "originality", Grade.DOUBT, 0.5, evidence=kept)])
    made = event.evidence(judged, ORIGINAL)
    assert made is not None

    packed = event.encoded(made)

    stays = json.loads(packed)
    assert len(packed) <= LONGEST
    assert stays["cut"] == {"passages": 12_000 - len(stays["passages"])}
    assert min(one["words"] for one in stays["passages"]) > 3
    starts = [one["item"]["start"] for one in stays["passages"]]
    assert starts == sorted(starts)


def test_equal_input_gives_equal_bytes() -> None:
    """The evidence is named by its hash: nothing in it depends on when it was made."""
    judged = judged_of(REWRITE, twin=ORIGINAL)

    first, second = (
        event.encoded(event.evidence(one, ORIGINAL) or {}) for one in (judged, judged_of(REWRITE, twin=ORIGINAL))
    )

    assert first == second
    assert event.evidence_path(judged) == f"audit/evidence/{NOW:%Y/%m/%d}/7d0c51e2a94b3f60-0.jsonl"
