"""The packaged demo: its five articles show all three outcomes, whatever the limits become."""

from __future__ import annotations

import functools
import importlib.resources
from typing import TYPE_CHECKING

from tests.originality.stand import Stand, recipe

from winnowd import settings
from winnowd.decision import decide
from winnowd.model import Decision, Examination, Grade, Prepared, Source
from winnowd.wiring.preparer import PreparerConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

import datetime as dt

NAMES = [
    "1-tide-mill.txt", "2-tide-mill-reworded.txt", "3-tide-mill-edited.txt", "4-night-library.txt",
    "5-harbour-lamp.txt",
]  # fmt: skip


def content_of(name: str) -> bytes:
    """The bytes of an article as it is packaged."""
    return importlib.resources.files("winnowd").joinpath("demo", name).read_bytes()


@functools.cache
def judged() -> dict[str, tuple[Prepared, Decision, Examination]]:
    """The five through the default preparer and the gate of originality, in the order of their names."""
    preparer = PreparerConfig(settings.load(None, environ={}, system=None).settings, recipe())()
    stand, made = Stand(), {}
    for name in NAMES:
        content = content_of(name)

        def chunks(content: bytes = content) -> Iterator[bytes]:
            yield content

        (prepared,) = preparer.prepare(Source(name, len(content), dt.datetime(2026, 11, 22, tzinfo=dt.UTC), chunks))
        _, examination = stand.take(prepared)
        made[name] = (prepared, decide((*prepared.findings, *examination.findings)), examination)
    return made


def test_all_packaged_articles_are_told_of_here() -> None:
    """A sixth would need a place in the story."""
    packaged = importlib.resources.files("winnowd").joinpath("demo").iterdir()

    assert sorted(one.name for one in packaged if one.name.endswith(".txt")) == NAMES


def test_the_five_show_all_outcomes() -> None:
    """Admitted, rejected as a rewrite, rejected as a near copy, admitted after cleaning, quarantined as cut off."""
    shown = [(decision.outcome.value, *decision.codes[:1]) for _, decision, _ in judged().values()]

    assert shown == [
        ("admitted",),
        ("rejected", "DUP606"),
        ("rejected", "DUP603"),
        ("admitted",),
        ("quarantined", "QUA456"),
    ]


def test_both_copies_name_the_original_as_their_twin() -> None:
    """The reworded one by the order of its sentences, with hardly a run in common."""
    original = judged()[NAMES[0]][0].text_sha256[:16]

    for name in NAMES[1:3]:
        nearest = judged()[name][2].nearest
        assert nearest is not None
        assert (nearest.id, nearest.twin) == (original, True)
    reworded = judged()[NAMES[1]][2].nearest
    assert reworded is not None
    assert reworded.longest_run_words < 7


def test_no_fault_but_the_one_that_is_to_be_shown() -> None:
    """Each article is turned away for one reason only: copies by originality alone, the cut one by one doubt."""
    for name, (_, decision, _) in judged().items():
        stated = [finding for finding in decision.findings if finding.grade is not Grade.PASS]
        gates = {finding.gate for finding in stated}
        expected = {"2": {"originality"}, "3": {"originality"}, "5": {"clutter"}}.get(name[0], set())
        assert gates == expected, name
    assert judged()[NAMES[4]][1].codes == ("QUA456",)


def test_cleaning_takes_clutter_and_mends_characters() -> None:
    """The fourth article: eight kinds of notes, and none of the clutter is left."""
    prepared = judged()[NAMES[3]][0]

    codes = {note.code for note in prepared.notes}
    assert prepared.article is not None
    assert codes >= {"CLN303", "CLN312", "CLN313", "CLN314", "CLN322", "CLN324", "CLN325", "CLN326"}
    assert prepared.article.title == "A library that opens when the last bus has left"
    assert prepared.article.authors == ("Oskar Linden",)
    for clutter in ("Advertisement", "Facebook", "newsletter", "Skip to", "â"):
        assert clutter in content_of(NAMES[3]).decode()
        assert clutter not in prepared.article.text
