"""Laws over whole streams: batches, restarts, rollbacks and strangers change nothing, to the byte."""

from __future__ import annotations

import dataclasses
import functools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.originality.stand import Stand, fingerprint_of, prepared_of

from winnowd.gates.originality import OriginalityLimits
from winnowd.model import Examination, Standing

TEXTS: dict[str, str] = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))["texts"]
SENTENCES = [sentence for name in "ABC" for sentence in TEXTS[name].split("\n\n")]
POOL = [
    prepared_of(text)
    for text in (
        *TEXTS.values(),
        TEXTS["A"].upper(),
        TEXTS["A"] + "\n\n" + TEXTS["C"],
        "\n\n".join(TEXTS["B"].split("\n\n")[2:6]),
        "\n\n".join(SENTENCES[::2]),
        "Too short to tell.",
        "!!!",
    )
]
arrivals = st.lists(
    st.tuples(st.integers(0, len(POOL) - 1), st.sampled_from([None, None, Standing.REJECTED])), min_size=1, max_size=8
)


def run(stream: list[tuple[int, Standing | None]], ends: set[int], *, restart: bool = False) -> list[Examination]:
    """Judge a stream; a batch ends after each arrival named; then also restart, if told."""
    stand, examinations = Stand(), []
    for at, (which, standing) in enumerate(stream):
        examinations.append(stand.take(POOL[which], standing)[1])
        if at in ends:
            stand.commit()
            if restart:
                stand.restart()
    return examinations


@settings(max_examples=40, deadline=None)
@given(arrivals, st.sets(st.integers(0, 7)))
def test_batches_and_restarts_change_nothing(stream: list[tuple[int, Standing | None]], ends: set[int]) -> None:
    """One batch of n = n batches of 1; stopped and rebuilt anywhere = never stopped: equal to the letter."""
    whole = run(stream, set())

    assert run(stream, ends) == whole
    assert run(stream, ends, restart=True) == whole


@settings(max_examples=40, deadline=None)
@given(arrivals, arrivals, arrivals)
def test_a_batch_that_could_not_be_committed_leaves_no_trace(
    kept: list[tuple[int, Standing | None]],
    lost: list[tuple[int, Standing | None]],
    later: list[tuple[int, Standing | None]],
) -> None:
    """Rolled back, the gate answers as if the batch had never been, and nothing is its own twin when it comes again."""
    stand = Stand()
    for which, standing in kept:
        stand.take(POOL[which], standing)
    stand.commit()
    savepoint = stand.gate.savepoint()
    for which, standing in lost:
        stand.take(POOL[which], standing)

    stand.gate.rollback(savepoint)
    stand.forget()

    examinations = [stand.take(POOL[which], standing)[1] for which, standing in later]
    assert examinations == run(kept + later, {len(kept) - 1})[len(kept) :]


@settings(max_examples=30, deadline=None)
@given(arrivals, st.integers(0, len(POOL) - 1))
def test_an_unrelated_article_changes_no_measure(stream: list[tuple[int, Standing | None]], query_keys: int) -> None:
    """No decision depends on the rest of the corpus: with a stranger in it, findings and twin stay the same."""
    stranger = prepared_of("Quarterly beekeeping notes: drones, queens, smokers, frames and veils were sold. " * 12)
    alone, crowded = Stand(), Stand()
    for which, standing in stream:
        alone.take(POOL[which], standing)
        crowded.take(POOL[which], standing)
    crowded.take(stranger)

    one, two = alone.examine(POOL[query_keys]), crowded.examine(POOL[query_keys])

    assert one.findings == two.findings
    assert one.nearest == two.nearest


def recorded() -> list[tuple[str, int]]:
    """A stream of 80 arrivals made of the golden texts: whole, in parts, joined, shuffled, in capitals; dated."""
    chance = random.Random(11)  # noqa: S311 - reproducible, not secret
    stream = []
    for _ in range(80):
        sentences = [
            one for name in chance.sample("ABCD", chance.choice((1, 1, 2))) for one in TEXTS[name].split("\n\n")
        ]
        if chance.random() < 0.3:
            chance.shuffle(sentences)
        text = "\n\n".join(sentences[chance.choice((0, 0, 1, 3)) :])
        stream.append((text.upper() if chance.random() < 0.1 else text, 738_000 + chance.randrange(6)))
    return stream


STREAM = [prepared_of(text, fingerprint_of(text, published=day)) for text, day in recorded()]


def judged(limits: OriginalityLimits, *, cuts: set[int], lost: set[int], kills: set[int]) -> list[bytes]:
    """The findings of each arrival of the stream, as bytes.

    A batch ends after each place of ``cuts``; one that ends at a place of ``lost`` fails to commit and is judged again;
    after a place of ``kills`` the service starts anew.
    """
    stand, found, begin = Stand(limits), list[bytes](), 0
    for end in sorted({*cuts, len(STREAM) - 1}):
        for attempt in range(1 + (end in lost)):
            savepoint = stand.gate.savepoint()
            batch = [told(stand.take(prepared)[1]) for prepared in STREAM[begin : end + 1]]
            if end in lost and not attempt:
                stand.gate.rollback(savepoint)
                stand.forget()
        found += batch
        stand.commit()
        if end in kills:
            stand.restart()
        begin = end + 1
    return found


@functools.cache
def judged_whole(limits: OriginalityLimits) -> list[bytes]:
    """The findings of the stream as one batch."""
    return judged(limits, cuts=set(), lost=set(), kills=set())


def told(examination: Examination) -> bytes:
    """All that an examination says, as bytes."""
    return json.dumps(dataclasses.asdict(examination), sort_keys=True, default=str).encode()


@pytest.mark.parametrize("keep", ["first", "best"])
@pytest.mark.parametrize("seed", [1, 3, 5])
def test_a_recorded_stream_is_judged_alike_to_the_byte(keep: Any, seed: int) -> None:
    """Whatever the cuts of batches, commits that fail and are tried again, restarts: the same bytes."""
    limits = OriginalityLimits(keep=keep)
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    cuts = set(chance.sample(range(len(STREAM)), 3 * seed))

    lost, kills = ({cut for cut in cuts if chance.random() < 0.5} for _ in range(2))

    assert judged(limits, cuts=cuts, lost=lost, kills=kills) == judged_whole(limits)


def test_a_recorded_stream_measures_the_same_on_every_machine() -> None:
    """Codes, grades and values of 80 arrivals, to the last of four decimals, are those written down once."""
    stand = Stand()
    lines = []
    for prepared in STREAM:
        findings = stand.take(prepared)[1].findings
        lines.append(" ".join(f"{one.code} {one.grade.value} {one.measured}" for one in findings))

    kept = (Path(__file__).parent / "cases" / "stream.txt").read_text(encoding="utf-8").splitlines()

    assert lines == kept
