"""Families of pairs made by program from development pairs: for judging a rule on copies that it was not chosen on.

A retelling is wrapped in unrelated matter, halved, shuffled; the same is done to distinct articles and to follow-ups,
which must go on being admitted. Every text depends only on the seed.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SEED = 5
MOST = {"copy": 600, "distinct": 172, "followup": 1_000}
_SENTENCE = re.compile(r'(?<=[.!?])["”’)]*\s+|\n+')


class Changed(NamedTuple):
    """A pair whose later text was changed: how, what kind of pair it is, the earlier text's id, the changed text."""

    change: str
    kind: str
    a_id: str
    b_id: str
    text: str


def changed(
    pairs: Sequence[Mapping[str, object]], texts: Mapping[str, str], unrelated: Sequence[str]
) -> Iterator[Changed]:
    """Change the later text of a sample of pairs in every way; ``unrelated``: texts to wrap them in."""
    chance = random.Random(SEED)  # noqa: S311 - reproducible, not secret
    for kind, most in MOST.items():
        mine = [pair for pair in pairs if pair["kind"] == kind and pair["core"] and pair["set"] != "made"]
        for pair in chance.sample(mine, min(most, len(mine))):
            first, second = str(pair["a_id"]), str(pair["b_id"])
            for change, text in _changes(texts[second], unrelated, chance):
                yield Changed(change, kind, first, second, text)


def _changes(text: str, unrelated: Sequence[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    words = len(text.split())
    sentences = [one for one in _SENTENCE.split(text) if one.strip()]
    yield "as much after it", f"{text}\n{_matter(words, unrelated, chance)}"
    yield "as much before it", f"{_matter(words, unrelated, chance)}\n{text}"
    half = [_matter(words * 3 // 2, unrelated, chance) for _ in range(2)]
    yield "three times as much around it", f"{half[0]}\n{text}\n{half[1]}"
    yield "its first half", " ".join(sentences[: max(1, len(sentences) // 2)])
    yield "its sentences shuffled", " ".join(chance.sample(sentences, len(sentences)))
    size = max(1, len(sentences) // 4)
    blocks = [sentences[at : at + size] for at in range(0, len(sentences), size)]
    yield "its blocks shuffled", " ".join(" ".join(block) for block in chance.sample(blocks, len(blocks)))


def _matter(words: int, unrelated: Sequence[str], chance: random.Random) -> str:
    found: list[str] = []
    while len(found) < words:
        found += chance.choice(unrelated).split()
    return " ".join(found[:words])
