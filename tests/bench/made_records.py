"""Records as they might come, drawn at random: texts, measures, timings. Nothing is measured.

Each measure is drawn around the limits of its rules, so that a few in a hundred lie beyond. What is made of that
(grades, decisions, names, lines) the program's own code makes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import itertools
import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from tests.e2e.test_flood import articles

from winnowd.article import Article
from winnowd.gates.integrity import damage_grade
from winnowd.model import Finding, Fingerprint, Grade, Limit, Prepared, Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.settings import Settings

HOSTS: Final = (
    "tide-gazette.example", "northern-post.example", "harbour.example", "daily-lantern.example", "mill.example",
    "court-report.example", "weather.example", "orchard.example",
)  # fmt: skip
TITLES: Final = (
    "\x1b[31mRed\x1b[0m alert at the mill", "A title \u202ebackwards", "Tables | pipes [and](links)",
    "<b>Bold</b> claims", "漁業の町に新しい市場", "word " * 60,
)  # fmt: skip
STEPS: Final = {"read": 1.5e5, "clean": 3.6e6, "gates": 2.4e6, "fingerprint": 1.1e6}
"""Median nanoseconds of each stage."""
_RARE: Final = 3.0
"""Deviations from which on a count is not 0 whose limit is 0."""
_BESIDE: Final = frozenset({"words", "raw_words", "outside_lines", "integrity_per_1000"})
"""Measures that are not drawn: words are counted, two are asked of few texts, one follows from others."""
ODD: Final = 97
"""One title of so many is odd."""
LICENSED, FOREIGN, RESERVED = 0.3, 0.02, 0.015
"""Shares of texts that state a licence, are in another language, and whose source reserves its rights."""
UNREADABLE: Final = ("INP102", "INP104", "INP105", "SCH201", "SCH204")


class Sentences:
    """The sentences that all texts are made of; a text is named by the places of its own in this list."""

    def __init__(self, seed: int) -> None:
        lines = (line for text in articles(600, seed=seed) for line in text.split("\n") if line)
        self._all = [one for line in lines for one in re.split(r"(?<=\.) ", line)]
        self._words = [len(one.split()) for one in self._all]

    def __len__(self) -> int:
        return len(self._all)

    def text(self, chosen: Sequence[int]) -> str:
        """The text of these, a line each."""
        return "".join(f"{self._all[at]}\n" for at in chosen)

    def words(self, chosen: Sequence[int]) -> int:
        """How many words they have."""
        return sum(self._words[at] for at in chosen)

    def places(self, chosen: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Where each stands in their text: its first code point, and the one behind its last."""
        sizes = [len(self._all[at]) + 1 for at in chosen]
        starts = itertools.accumulate(sizes, initial=0)
        return {at: (start, start + size - 1) for at, start, size in zip(chosen, starts, sizes, strict=False)}


class _Measure(NamedTuple):
    """One measure: its limits, and the logarithms of its median and its spread; ``whole``: a count."""

    gate: str
    limits: tuple[Limit, ...]
    median: float
    spread: float
    whole: bool
    most: float


class Records:
    """Draws records, of sentences that the caller has chosen."""

    def __init__(self, settings: Settings, sentences: Sentences, rng: np.random.Generator) -> None:
        self.rng = rng
        self.settings = settings
        self._sentences = sentences
        self._measures = _measures(settings)
        self._spread = np.array([(one.median, one.spread, one.most) for one in self._measures]).T

    def readable(self, number: int, record: int, chosen: Sequence[int], *, of_many: bool) -> Prepared:
        """One record as a worker hands it over; ``number`` is its own, ``record`` its number in its file."""
        rng = self.rng
        text, words = self._sentences.text(chosen), self._sentences.words(chosen)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        odd = number % ODD == 0
        article = Article(
            text=text,
            title=(TITLES[number % len(TITLES)] if odd else self._sentences.text(chosen[:1]).capitalize()[:90]).strip(),
            url=f"https://{HOSTS[min(int(rng.exponential(2.0)), len(HOSTS) - 1)]}/{sha256[:12]}",
            published_at=dt.date(2026, 1, 1) + dt.timedelta(days=int(rng.integers(0, 300))),
            language="en",
            licence="CC BY 4.0" if rng.random() < LICENSED else None,
        )
        found, language = self._findings(words)
        raw_sha256 = hashlib.sha256(f"{number}".encode()).hexdigest()
        provenance = Provenance(record, raw_sha256, len(text) + 900, "text/html")
        raw = b'{"text": "..."}' if of_many else None
        fingerprint, timings = self._fingerprint(words, sha256), self._timings(words)
        return Prepared(provenance, article, (), found, fingerprint, sha256, words, language, raw, timings)

    def unreadable(self, record: int, *, of_many: bool) -> Prepared:
        """One record in which there is nothing to judge."""
        code = UNREADABLE[int(self.rng.integers(0, len(UNREADABLE)))]
        found = Finding(code, "schema" if code[0] == "S" else "reading", Grade.FAIL, because="nothing to judge in it")
        timings = {"read": int(self.rng.lognormal(math.log(STEPS["read"]), 0.5))}
        raw = b"{}" if of_many else None
        return Prepared(Provenance(record, "", 0, ""), None, (), (found,), raw=raw, timings=timings)

    def _findings(self, words: int) -> tuple[tuple[Finding, ...], str]:
        """What each gate says, and the language that was detected."""
        length = self.settings.gates["length"]
        counted = (length.too_few_words, length.too_many_words)
        found = [Finding(limit.code, "length", limit.grade(words), words, limit) for limit in counted]
        for one, value in zip(self._measures, self._values(), strict=True):
            found += [
                Finding(limit.code, one.gate, self._grade(limit, value, words), value, limit) for limit in one.limits
            ]
        language, asked = "en", self.rng.random()
        sure = round(1 - abs(float(self.rng.normal(0, 0.02))), 6)
        if asked < FOREIGN:
            language = ("de", "fr", "es")[int(self.rng.integers(0, 3))]
            found.append(Finding("QUA460", "language", Grade.FAIL, sure, None, f"detected {language}, accepted is en"))
        else:
            found.append(Finding("QUA460", "language", Grade.PASS, sure))
        if asked > 1 - RESERVED:
            grade = Grade(self.settings.schema.rights_reserved)
            because = "its source reserves the rights of text and data mining"
            found.append(Finding("SCH212", "schema", grade, None, None, because))
        return tuple(found), language

    def _grade(self, limit: Limit, value: float, words: int) -> Grade:
        """By the gate's own arithmetic: for one rule it asks more than the measure and its limit."""
        integrity = self.settings.gates["integrity"]
        if limit == integrity.corrupted_text:
            return damage_grade(limit, integrity.corrupted_per_1000, value, words)
        return limit.grade(value)

    def _values(self) -> list[float]:
        """A value of each measure; counts are whole."""
        medians, spreads, most = self._spread
        z = self.rng.standard_normal(len(medians))
        drawn = np.where(np.isinf(medians), np.floor(np.maximum(0, 8 * (z - _RARE) + 1)), np.exp(medians + spreads * z))
        drawn = np.round(np.minimum(drawn, most), 6).tolist()
        return [round(value) if one.whole else value for one, value in zip(self._measures, drawn, strict=True)]

    def _fingerprint(self, words: int, sha256: str) -> Fingerprint:
        """A small one that resembles nothing, so that an index built of them works."""
        rng = self.rng
        return Fingerprint(
            raw_digest=hashlib.sha256(f"raw {sha256}".encode()).digest(), word_digest=bytes.fromhex(sha256),
            shingles=np.sort(rng.integers(0, 1 << 32, 24, dtype=np.uint32)),
            minima=rng.integers(0, 1 << 32, 128, dtype=np.uint32),
            keys=np.sort(rng.integers(0, 1 << 63, 16, dtype=np.uint64)),
            sketch=None, words=words, language="en", publisher="", published=None,
        )  # fmt: skip

    def _timings(self, words: int) -> Mapping[str, int]:
        drawn = self.rng.lognormal(0, 0.5, len(STEPS)) * math.sqrt(words / 300)
        return {name: int(ns * by) for (name, ns), by in zip(STEPS.items(), drawn.tolist(), strict=True)}


def _measures(settings: Settings) -> list[_Measure]:
    """All measures of the gates but originality's, with how each is spread around its limits."""
    found: dict[tuple[str, str], list[Limit]] = {}
    for gate, group in settings.gates.items():
        for field in dataclasses.fields(group):
            limit = getattr(group, field.name)
            if isinstance(limit, Limit) and limit.measure not in _BESIDE:
                found.setdefault((gate, limit.measure), []).append(limit)
    return [_measure(gate, limits) for (gate, _), limits in found.items()]


def _measure(gate: str, limits: Sequence[Limit]) -> _Measure:
    sides = {one.side: next(value for value in (one.doubt, one.fail, 0.0) if value is not None) for one in limits}
    least, most = sides.get("min"), sides.get("max")
    whole = all(float(value).is_integer() for value in sides.values())
    if least and most:
        median, spread = (math.log(least) + math.log(most)) / 2, (math.log(most) - math.log(least)) / 6.2
    elif least:
        median, spread = math.log(least) + 3.2 * 0.2, 0.2
    elif most:
        median, spread = math.log(most) - 3.2 * 0.4, 0.4
    else:
        median, spread = -math.inf, 0.1
    return _Measure(gate, tuple(limits), median, spread, whole, 1.0 if (most or least or 2) < 1 else math.inf)
