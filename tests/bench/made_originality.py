"""What each record resembles, drawn at random; the port of originality that the judge and the orders ask."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from tests.bench.made_records import Records, Sentences

from winnowd.model import Examination, Finding, Grade, Nearest, Relation
from winnowd.originality.article_text import ArticleText

if TYPE_CHECKING:
    from winnowd.model import IndexedArticle, Prepared
    from winnowd.settings import Settings


class Angle(NamedTuple):
    """A way of resembling another article.

    ``share`` of all records; ``kept``: of its sentences; the medians of DUP606, of DUP603 to 605, of DUP607, and how
    far the measures spread around these.
    """

    share: float
    kept: float
    rewrite: float
    resemblance: float
    reordered: float
    spread: float


ANGLES: Final = {
    "same text": Angle(0.02, 1.0, 1.9, 0.98, 0.9, 0.05),
    "near copy": Angle(0.035, 0.85, 1.8, 0.62, 0.7, 0.12),
    "rewrite": Angle(0.075, 0.5, 1.45, 0.12, 0.45, 0.12),
    "reordered": Angle(0.02, 0.6, 0.8, 0.15, 0.58, 0.12),
    "like": Angle(0.45, 0.08, 0.3, 0.01, 0.12, 0.45),
    "unlike": Angle(0.4, 0.0, 0.08, 0.002, 0.05, 0.45),
}
NOTHING_TO_JUDGE: Final = 0.02
MOST_SENTENCES: Final = 300
MOST_PASSAGES: Final = 20
REMEMBERED: Final = 2_000


class Known(NamedTuple):
    """What may be resembled: an article, and the sentences that it is made of."""

    article: IndexedArticle
    sentences: tuple[int, ...]


class Drawn:
    """Draws records and what each resembles, and remembers what was decided."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.sentences = Sentences(seed)
        self._known: deque[Known] = deque(maxlen=REMEMBERED)
        self._texts: dict[str, tuple[int, ...]] = {}
        self._resembled: dict[str, tuple[str, Known | None]] = {}
        self._bounds = np.cumsum([one.share for one in ANGLES.values()])
        self.under(settings)

    def under(self, settings: Settings) -> None:
        """Grade by these settings from now on."""
        self._settings = settings
        self._records = Records(settings, self.sentences, self.rng)

    def prepared(self, number: int, record: int, *, of_many: bool) -> Prepared:
        """The next record as a worker hands it over."""
        if self.rng.random() < NOTHING_TO_JUDGE:
            return self._records.unreadable(record, of_many=of_many)
        name = list(ANGLES)[int(np.searchsorted(self._bounds, self.rng.random()))] if self._known else "unlike"
        twin = None if name == "unlike" else self._known[int(self.rng.integers(0, len(self._known)))]
        chosen = self._chosen(name, twin)
        made = self._records.readable(number, record, chosen, of_many=of_many)
        self._texts[made.text_sha256] = chosen
        self._resembled[made.provenance.raw_sha256] = name, twin
        return made

    def _chosen(self, name: str, twin: Known | None) -> tuple[int, ...]:
        """Sentences of its own, or those of another article with some of its own among them."""
        count = min(MOST_SENTENCES, max(3, int(self.rng.lognormal(3.25, 0.55))))
        own = self.rng.integers(0, len(self.sentences), count).tolist()
        if twin is None or name == "same text":
            return tuple(own) if twin is None else twin.sentences
        is_kept = self.rng.random(len(twin.sentences)) < ANGLES[name].kept
        mixed = [
            one if keep else own[at % count] for at, (one, keep) in enumerate(zip(twin.sentences, is_kept, strict=True))
        ]
        if name == "reordered":
            mixed = mixed[len(mixed) // 2 :] + mixed[: len(mixed) // 2]
        return (*mixed, own[0])

    def expect(self, batch: Any) -> None:
        """Nothing is asked for ahead."""

    def examine(self, prepared: Prepared, without: frozenset[int] = frozenset()) -> Examination:
        """What was drawn of a record; nothing of one that an order asks about."""
        del without
        name, twin = self._resembled.pop(prepared.provenance.raw_sha256, ("unlike", None))
        values = self._measured(ANGLES[name])
        limits = self._settings.originality.by_measure if self._settings.originality else ()
        found = [
            Finding(one.code, "originality", one.grade(values[one.measure]), values[one.measure], one) for one in limits
        ]
        if twin is None:
            return Examination(tuple(found))
        if name == "same text":
            because = f"the very same text as {twin.article.id}"
            found = [Finding("DUP602", "originality", Grade.FAIL, 1.0, None, because)]
        return self._compared(prepared, twin, found, values)

    def _compared(self, prepared: Prepared, twin: Known, found: list[Finding], values: dict[str, float]) -> Examination:
        """The nearest article, named; with what both share where a rule stops the newcomer."""
        worst = max(range(len(found)), key=lambda at: (found[at].grade.rank, found[at].code == "DUP606"))
        is_twin = found[worst].grade is not Grade.PASS
        passages = self._passages(self._texts[prepared.text_sha256], twin.sentences) if is_twin else []
        words = [int(one["words"]) for one in passages]
        shared = min(1.0, sum(words) / max(1, prepared.words))
        if passages:
            because = f"{100 * shared:.0f} % of its words in runs of 3+ words shared, in order, with {twin.article.id}"
            told = {"twin": _named(twin.article), "passages": passages}
            found[worst] = found[worst]._replace(because=because, evidence=told)
        article = twin.article
        nearest = Nearest(
            article.id, article.number, article.path, article.text_sha256, article.standing, is_twin, values,
            round(shared, 4), len(words), max(words, default=0), int(self.rng.integers(1, 9)), article.root,
        )  # fmt: skip
        relations = tuple(
            Relation(article.number, one.code, one.grade, one.measured, article.standing)
            for one in found
            if one.grade is not Grade.PASS and isinstance(one.measured, float)
        )
        return Examination(tuple(found), nearest, relations)

    def _measured(self, angle: Angle) -> dict[str, float]:
        """DUP603 to DUP607."""
        spread = self.rng.lognormal(0, angle.spread, 5).tolist()
        medians = {
            "resemblance": angle.resemblance, "excerpt": angle.resemblance, "wrapped": 0.9 * angle.resemblance,
            "rewrite": angle.rewrite, "reordered": angle.reordered,
        }  # fmt: skip
        most = {"rewrite": 3.0}
        drawn = zip(medians.items(), spread, strict=True)
        return {name: round(min(most.get(name, 1.0), median * by), 6) for (name, median), by in drawn}

    def _passages(self, item: tuple[int, ...], twin: tuple[int, ...]) -> list[dict[str, Any]]:
        """Sentences that both texts have, and where they stand in each."""
        places = self.sentences.places(twin)
        found = [
            {"words": self.sentences.words([at]), "item": list(span), "twin": list(places[at])}
            for at, span in self.sentences.places(item).items()
            if at in places
        ]
        return found[:MOST_PASSAGES]

    def text(self, text_sha256: str) -> ArticleText | None:
        """A text that was drawn."""
        chosen = self._texts.get(text_sha256)
        return None if chosen is None else ArticleText(self.sentences.text(chosen))

    def remember(self, indexed: IndexedArticle, text: str | None = None) -> None:
        """What was decided may be resembled from now on."""
        del text
        self._known.append(Known(indexed, self._texts[indexed.text_sha256]))

    def prefer_better(self, prepared: Prepared, examination: Examination) -> Examination:
        """The first is kept."""
        del prepared
        return examination

    def supersede(self, number: int, by: int, path: str, code: str = "") -> None:
        """Nothing takes another's place."""

    def savepoint(self) -> None:
        """Nothing is rolled back."""

    def rollback(self, savepoint: None) -> None:
        """Nothing is rolled back."""

    def committed(self) -> None:
        """Nothing waits for it."""

    def forget(self, numbers: object) -> None:
        """Nothing is kept at hand."""


def _named(article: IndexedArticle) -> dict[str, Any]:
    return {
        "id": article.id, "path": article.path, "text_sha256": article.text_sha256,
        "standing": article.standing.value, "codes": list(article.codes),
    }  # fmt: skip
