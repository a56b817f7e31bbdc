"""A test stand for originality: shelves in memory as its ports, the recipe and the lexicon made once."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from winnowd.article import Article
from winnowd.decision import decide
from winnowd.gates.originality import Originality, OriginalityLimits, present, quality_key, standing_after
from winnowd.model import IndexedArticle, Prepared, Provenance, Standing
from winnowd.originality import Lexicon, Recipe, fingerprint, new_recipe, pack, unpack
from winnowd.originality.article_text import ArticleText
from winnowd.originality.library import Library
from winnowd.originality.neighbours import SEEDED
from winnowd.originality.paragraphs import paragraphs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.model import Decision, Examination, Finding, Fingerprint

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "service" / "winnowd" / "originality" / "words_en.tsv.gz"


@functools.cache
def lexicon() -> Lexicon:
    """The table of words that winnowd ships."""
    return Lexicon.parse(TABLE.read_bytes())


@functools.cache
def recipe() -> Recipe:
    """The recipe of this version."""
    return new_recipe(lexicon().sha256)


def fingerprint_of(
    text: str, *, language: str = "en", published: int | None = None, raw: bytes | None = None
) -> Fingerprint:
    """A fingerprint; the record's bytes are the text's unless given."""
    return fingerprint(
        text,
        raw_digest=hashlib.sha256(text.encode() if raw is None else raw).digest(),
        language=language,
        publisher="",
        published=published,
        recipe=recipe(),
        lexicon=lexicon(),
    )


def prepared_of(
    text: str, made: Fingerprint | None = None, *, findings: Sequence[Finding] = (), **metadata_count: Any
) -> Prepared:
    """A record as a worker would hand it over; ``metadata_count``: fields of the article."""
    made = fingerprint_of(text) if made is None else made
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    provenance = Provenance(0, made.raw_digest.hex(), len(text), "text/plain")
    article = Article(text=text, **metadata_count)
    return Prepared(provenance, article, (), tuple(findings), made, sha256, made.words, made.language)


def known_of(number: int, prepared: Prepared, standing: Standing = Standing.ADMITTED) -> IndexedArticle:
    """The same record once it is decided."""
    assert prepared.fingerprint is not None
    name, made = prepared.text_sha256[:16], prepared.fingerprint
    return IndexedArticle(
        number, name, f"seeds/{name}.txt", prepared.text_sha256, standing, made, quality_key=quality_key(prepared)
    )


class Rows:
    """Port ``Fingerprints``: packed rows, as the ledger holds them."""

    def __init__(self, texts: TextShelf) -> None:
        self.rows: dict[int, tuple[IndexedArticle, Mapping[str, object]]] = {}
        self.texts = texts

    def put(self, indexed: IndexedArticle) -> None:
        """Store an article."""
        seeded = indexed.number in self.rows and self.rows[indexed.number][1]["seeded"]
        row = {
            **pack(indexed.fingerprint),
            "standing": indexed.standing.value,
            "seeded": seeded or indexed.standing in SEEDED,
        }
        self.rows[indexed.number] = (indexed, row)

    def of(self, numbers: Sequence[int]) -> Mapping[int, IndexedArticle]:
        """Give what is there, unpacked anew."""
        found = {}
        for number in numbers:
            if number in self.rows:
                indexed, row = self.rows[number]
                found[number] = dataclasses.replace(indexed, fingerprint=unpack(row))
        return found

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """Give the admitted articles that hold a paragraph."""
        numbers = (number for number in self.texts.holding(paragraph) if number in self.rows)
        return [number for number in numbers if self.rows[number][0].standing is Standing.ADMITTED][:most]


class TextShelf:
    """Port ``Texts``."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self._holding: dict[int, dict[int, None]] = {}

    def put(self, number: int, text: str) -> None:
        """Store a text."""
        self.texts[number] = text
        for paragraph in paragraphs(text):
            self._holding.setdefault(paragraph, {})[number] = None

    def of(self, number: int) -> str | None:
        """Give a text."""
        return self.texts.get(number)

    def holding(self, paragraph: int) -> list[int]:
        """Give the numbers of the texts that hold a paragraph."""
        return list(self._holding.get(paragraph, ()))


class Stand:
    """One gate with its shelves; articles are decided by originality alone unless told otherwise."""

    def __init__(self, limits: OriginalityLimits | None = None) -> None:
        self.limits = limits or OriginalityLimits()
        self.texts = TextShelf()
        self.rows = Rows(self.texts)
        self.gate = Originality(self.limits, lexicon(), Library(self.rows, self.texts))
        self.number = 0
        self._pending: list[tuple[IndexedArticle, str]] = []

    def examine(self, text: str | Prepared) -> Examination:
        """What the gate says of a text now, with what both texts tell."""
        prepared = prepared_of(text) if isinstance(text, str) else text
        return self._presented(prepared, self.gate.examine(prepared))

    def _presented(self, prepared: Prepared, examination: Examination) -> Examination:
        nearest, presentation, article = examination.nearest, examination.presentation, prepared.article
        if nearest is None or presentation is None or article is None:
            return examination
        known = self.gate.text(nearest.number)
        if known is None:
            return examination
        texts = (ArticleText(article.text), known)
        made = present(examination.findings, nearest, presentation, texts, lexicon())
        return dataclasses.replace(examination, **made._asdict())

    def begin(self, batch: Sequence[Prepared]) -> None:
        """Begin a batch: these come next."""
        self.gate.expect(batch)

    def take(self, text: str | Prepared, standing: Standing | None = None) -> tuple[Decision, Examination]:
        """Examine, decide and remember a text; with a standing given, whatever was decided."""
        prepared = prepared_of(text) if isinstance(text, str) else text
        examination = self.gate.prefer_better(prepared, self.gate.examine(prepared))
        examination = self._presented(prepared, examination)
        decision = decide((*prepared.findings, *examination.findings))
        stands, root = standing_after(decision, examination) if standing is None else (standing, None)
        self.number += 1
        indexed = dataclasses.replace(known_of(self.number, prepared, stands), root=root, codes=decision.codes)
        self.gate.remember(indexed)
        assert prepared.article is not None
        self._pending.append((indexed, prepared.article.text))
        if examination.supersedes is not None:
            gone = self.gate.supersede(examination.supersedes, self.number, f"rejected/{examination.supersedes}.txt")
            assert gone is not None
            self._pending.append((gone, gone_text.text if (gone_text := self.gate.text(gone.number)) else ""))
        return decision, examination

    def commit(self) -> None:
        """Store what was remembered."""
        for indexed, text in self._pending:
            self.rows.put(indexed)
            self.texts.put(indexed.number, text)
        self._pending.clear()
        self.gate.committed()

    def forget(self) -> None:
        """Drop what was remembered and not committed; the gate is to be rolled back by the caller."""
        self.number -= len({indexed.number for indexed, _ in self._pending} - self.rows.rows.keys())
        self._pending.clear()

    def restart(self) -> None:
        """Begin anew from what is stored, as after a kill."""
        self._pending.clear()
        self.number = max(self.rows.rows, default=0)
        self.gate = Originality(self.limits, lexicon(), Library(self.rows, self.texts))
        self.gate.build((number, row) for number, (_, row) in sorted(self.rows.rows.items()))
