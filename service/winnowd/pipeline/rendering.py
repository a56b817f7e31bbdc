"""What is said of one decided record: its event, evidence, why-file and index row, from plain values alone. Pure.

Nothing is decided here, and nothing hangs on any other record: it may be done in any order, wherever the texts are.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd import event
from winnowd.gates.originality import present
from winnowd.model import Effect, EvidenceLine, Outcome
from winnowd.pipeline.barren import is_barren
from winnowd.views.index import row
from winnowd.views.why import why_md

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.event import Context
    from winnowd.model import Judged
    from winnowd.originality.article_text import ArticleText
    from winnowd.originality.lexicon import Lexicon
    from winnowd.views.why import Rules


class Numbered(NamedTuple):
    """A decided record, and the context of its event: whatever comes before it in the log is known to be before it."""

    judged: Judged
    context: Context


@dataclasses.dataclass(frozen=True, slots=True)
class Rendered:
    """All that is said of one record, but for what hangs on those before it.

    The event does not name the place of its evidence, nor the line before.
    ``judged`` tells what both texts tell, too; ``effects`` are the files of its own, ``row`` is of any with a text.
    """

    judged: Judged
    event: dict[str, Any]
    evidence: dict[str, Any] | None
    evidence_line: bytes | None
    effects: tuple[Effect, ...]
    row: dict[str, Any] | None


@dataclasses.dataclass(frozen=True, slots=True)
class InProcessRenderer:
    """Renders where it was decided.

    ``text_of`` gives the text of a known article by its number, of this batch or not; ``lexicon`` the words, which only
    originality needs; ``rules`` are those of the catalogue with the limits in force, by code.
    """

    text_of: Callable[[int], ArticleText | None]
    lexicon: Callable[[], Lexicon]
    rules: Rules

    def render(self, batch: Sequence[Numbered]) -> Iterator[Rendered]:
        """Each of these, in their order."""
        for one in batch:
            nearest = one.judged.nearest
            nearest_text = None if nearest is None else self.text_of(nearest.number)
            yield rendered(self._presented(one.judged, nearest_text), one.context, nearest_text, self.rules)

    def _presented(self, judged: Judged, nearest_text: ArticleText | None) -> Judged:
        if nearest_text is None or judged.presentation is None:
            return judged
        own = self.text_of(judged.number)
        return judged if own is None else presented(judged, (own, nearest_text), self.lexicon())


def no_text(number: int) -> None:
    """Where originality is not asked, nothing is laid beside anything."""


def presented(judged: Judged, texts: tuple[ArticleText, ArticleText], lexicon: Lexicon) -> Judged:
    """The same decision, with what the two texts tell of it: its own, and that of its nearest article."""
    if judged.nearest is None or judged.presentation is None:
        return judged
    made = present(judged.decision.findings, judged.nearest, judged.presentation, texts, lexicon)
    decision = dataclasses.replace(judged.decision, findings=made.findings)
    return dataclasses.replace(judged, decision=decision, nearest=made.nearest, presentation=None)


def rendered(judged: Judged, context: Context, nearest_text: ArticleText | None, rules: Rules) -> Rendered:
    """What is said of a record; one that its file had before it was changed has been told of, and has its bytes only.

    ``nearest_text``: of the nearest article, None if it is gone.
    """
    quoted = None if nearest_text is None else nearest_text.text
    evidence = None if judged.repeats else event.evidence(judged, quoted)
    line = None if evidence is None else event.encoded(evidence)
    said = event.decided(judged, context, None if line is None else EvidenceLine("", 0, line, ""))
    effects = tuple(_effects(judged, said, evidence, rules))
    listed = None if judged.prepared.article is None else row(judged, context.sequence)
    return Rendered(judged, said, evidence, line, effects, listed)


def _effects(
    judged: Judged, said: Mapping[str, Any], evidence: Mapping[str, Any] | None, rules: Rules
) -> Iterator[Effect]:
    """The files of a record, by path."""
    if judged.decision.outcome is Outcome.ADMITTED:
        yield Effect(judged.location, _text(judged))
        return
    if judged.prepared.raw is not None:
        yield Effect(judged.location, judged.prepared.raw)
    if not (judged.repeats or is_barren(judged.prepared)):
        yield Effect(f"{judged.location}.why.md", why_md(said, evidence, rules))


def _text(judged: Judged) -> bytes:
    """The bytes of an admitted article: an outcome that only a record with an article can have."""
    article = judged.prepared.article
    if article is None:
        raise ValueError(f"{judged.name} was admitted without a text")
    return article.text.encode()
