"""Near copies injected into a stream of articles, labelled by exact 5-gram Jaccard: no LSH, none of winnowd's code.

Every text depends only on the seed. Articles are made of invented words (``made_articles``) or given.
"""

from __future__ import annotations

import collections
import random
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

GRAM = 5
LEAST_J = 0.8
_SOUNDS = """
    b br c ch d dr f fl g gr h j k l m n p pr qu r s sh sl st t th tr v w
    a ai e ea i o oa oo u
    b ck d ft g ll m n nd nt p r rk s st t x
    ed er ing ion ly s y
    the of and to in a that it was for on as with he by at from his an were are which
"""
_ONSETS, _VOWELS, _CODAS, _ENDINGS, _FUNCTION = (line.split() for line in _SOUNDS.strip().split("\n"))


class Arriving(NamedTuple):
    """One arrival: its text, and the place in the stream of the article it was copied from."""

    text: str
    source: int | None


def grams(text: str) -> set[tuple[str, ...]]:
    """The runs of five words of a text."""
    words = re.findall(r"\w+", text.lower())
    return set(zip(*(words[start:] for start in range(GRAM)), strict=False))


def resemblance(first: set[tuple[str, ...]], second: set[tuple[str, ...]]) -> float:
    """Their exact Jaccard."""
    return len(first & second) / max(1, len(first | second))


def distinct(articles: Iterable[str]) -> list[str]:
    """The articles of at least 100 grams that share at most a tenth of these, or of the other's, with any before."""
    holders: dict[tuple[str, ...], list[int]] = {}
    kept: list[tuple[str, int]] = []
    for text in articles:
        mine = grams(text)
        shared = collections.Counter(place for gram in mine for place in holders.get(gram, ()))
        alike = any(count > min(len(mine), kept[place][1]) / 10 for place, count in shared.items())
        if len(mine) >= 100 and not alike:
            for gram in mine:
                holders.setdefault(gram, []).append(len(kept))
            kept.append((text, len(mine)))
    return [text for text, _ in kept]


def made_articles(count: int, seed: int) -> Iterator[str]:
    """Articles of 200 to 600 words: every other word a frequent one, the rest from 20,000 invented ones by Zipf."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    words = [_word(chance) for _ in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    for _ in range(count):
        size = chance.randrange(200, 600)
        content = chance.choices(words, weights, k=size // 2)
        mixed = [word for rare in content for word in (chance.choice(_FUNCTION), rare)]
        yield " ".join(_sentences(mixed, chance))


def _word(chance: random.Random) -> str:
    syllables = chance.choice((1, 2, 2, 3))
    parts = [chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS) for _ in range(syllables)]
    return "".join(parts) + chance.choice(["", *_ENDINGS])


def _sentences(words: Sequence[str], chance: random.Random) -> Iterator[str]:
    at = 0
    while at < len(words):
        size = chance.randrange(8, 25)
        yield " ".join(words[at : at + size]).capitalize() + "."
        at += size


def injected(articles: Iterable[str], copies: int, seed: int) -> Iterator[Arriving]:
    """Let articles arrive one after another, and after most of them a copy at J >= .8 of one that came before."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    kept: list[tuple[int, str]] = []
    place, left = 0, copies
    for text in articles:
        yield Arriving(text, None)
        kept.append((place, text))
        place += 1
        if left:
            source, original = chance.choice(kept)
            yield Arriving(_copy(original, chance), source)
            place += 1
            left -= 1


def _copy(text: str, chance: random.Random) -> str:
    """A copy of an article that still has J >= .8 with it, changed in one of four ways."""
    whole = grams(text)
    while True:
        wanted = chance.uniform(LEAST_J, 0.99)
        copy = chance.choice((_block, _scatter, _cut, _wrap))(text.split(), wanted, chance)
        if resemblance(whole, grams(copy)) >= LEAST_J:
            return copy


def _fresh(count: int, chance: random.Random) -> list[str]:
    return [f"{_word(chance)}{chance.randrange(100)}" for _ in range(count)]


def _lost(words: Sequence[str], wanted: float) -> int:
    """How many of as many grams as there are words must change for this resemblance."""
    return max(1, int(len(words) * (1 - wanted) / (1 + wanted)))


def _block(words: list[str], wanted: float, chance: random.Random) -> str:
    size = max(1, _lost(words, wanted) - GRAM + 1)
    at = chance.randrange(max(1, len(words) - size))
    return " ".join(words[:at] + _fresh(size, chance) + words[at + size :])


def _scatter(words: list[str], wanted: float, chance: random.Random) -> str:
    changed = list(words)
    for at in chance.sample(range(len(words)), max(1, _lost(words, wanted) // GRAM)):
        changed[at] = _fresh(1, chance)[0]
    return " ".join(changed)


def _cut(words: list[str], wanted: float, _chance: random.Random) -> str:
    return " ".join(words[: int(len(words) * wanted)])


def _wrap(words: list[str], wanted: float, chance: random.Random) -> str:
    return " ".join(words + _fresh(max(1, int(len(words) * (1 - wanted) / wanted)), chance))


class Score(NamedTuple):
    """Of the injected copies those found with their source; of all that was stopped, those that are copies of it."""

    copies: int
    recall: float
    precision: float


def scored(stream: Sequence[Arriving], twins: Sequence[int | None]) -> Score:
    """Score what was named as the twin of each arrival (None: admitted); a copy of the copy counts as its source."""
    roots = [place if one.source is None else one.source for place, one in enumerate(stream)]
    right = sum(
        one.source is not None and twin is not None and roots[twin] == one.source
        for one, twin in zip(stream, twins, strict=True)
    )
    copies = sum(one.source is not None for one in stream)
    stopped = sum(twin is not None for twin in twins)
    return Score(copies, right / max(1, copies), right / max(1, stopped))
