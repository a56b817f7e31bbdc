"""What is said of one decided record: its event, evidence, why-file and index row, from plain values alone. Pure.

Nothing is decided here, and nothing hangs on any other record: it may be done in any order, wherever the texts are.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from winnowd import event
from winnowd.gates.originality import present
from winnowd.model import EvidenceLine, Outcome
from winnowd.pipeline.barren import is_barren
from winnowd.pipeline.kept import kept_of, kept_of_texts
from winnowd.views.index import row, row_json
from winnowd.views.why import why_md

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.event import Context
    from winnowd.model import Judged
    from winnowd.originality.article_text import ArticleText
    from winnowd.originality.lexicon import Lexicon
    from winnowd.views.why import Rules

    TextOf: TypeAlias = Callable[[int], ArticleText | None]


class Numbered(NamedTuple):
    """A decided record, and the context of its event: whatever comes before it in the log is known to be before it."""

    judged: Judged
    context: Context


class Subject(NamedTuple):
    """All that a record is rendered from.

    ``texts``: its own, and that of its nearest article, if they are laid side by side; ``explained``: it gets a
    why-file. ``kept``: the digests of what the ledger gets of it, made where the fingerprint is.
    """

    judged: Judged
    context: Context
    texts: tuple[ArticleText, ArticleText] | None
    explained: bool
    kept: Mapping[str, Any]

    @classmethod
    def of(cls, one: Numbered, text_of: TextOf) -> Subject:
        """``text_of`` gives the text of a known article by its number, of this batch or not."""
        return cls(*one, _texts(one.judged, text_of), _is_explained(one.judged), kept_of(one.judged))


class Rendered(NamedTuple):
    """All that is said of one record, but for what hangs on those before it.

    ``event`` as ``event.written``, without the place of its evidence; ``why``: the why-file; ``row`` is of any with a
    text.
    """

    event: bytes
    evidence: bytes | None
    why: bytes | None
    row: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class RecordRenderer:
    """Renders one record, in whatever process.

    ``lexicon``: the words, which only originality needs; ``rules``: those of the catalogue with the limits in force, by
    code.
    """

    lexicon: Callable[[], Lexicon]
    rules: Rules

    def render(self, subject: Subject) -> Rendered:
        """What is said of it; one that its file had before it was changed has been told of, and has its bytes only."""
        judged = self._presented(subject)
        quoted = None if subject.texts is None else subject.texts[1].text
        evidence = None if judged.repeats else event.evidence(judged, quoted)
        line = None if evidence is None else event.encoded(evidence)
        said = event.decided(judged, subject.context, None if line is None else EvidenceLine("", 0, line, ""))
        why = why_md(said, evidence, self.rules) if subject.explained else None
        listed = None if judged.prepared.article is None else row_json(row(judged, subject.context.sequence))
        said["winnowd"]["kept"] = {**subject.kept, **kept_of_texts(judged.prepared.article, listed, why)}
        return Rendered(event.written(said), line, why, listed)

    def _presented(self, subject: Subject) -> Judged:
        """The same decision, with what the two texts tell of it."""
        judged = subject.judged
        if subject.texts is None or judged.nearest is None or judged.presentation is None:
            return judged
        made = present(judged.decision.findings, judged.nearest, judged.presentation, subject.texts, self.lexicon())
        decision = dataclasses.replace(judged.decision, findings=made.findings)
        return dataclasses.replace(judged, decision=decision, nearest=made.nearest)


@dataclasses.dataclass(frozen=True, slots=True)
class InProcessRenderer:
    """Port ``Renderer``: renders where it was decided, each record when it is asked for."""

    renderer: RecordRenderer
    text_of: TextOf

    def begin(self) -> None:
        """Nothing is left of the batch before."""

    def add(self, one: Numbered) -> None:
        """There is time until it is asked for."""

    def render(self, batch: Sequence[Numbered]) -> Iterator[Rendered]:
        """Each of these, in their order."""
        for one in batch:
            yield self.renderer.render(Subject.of(one, self.text_of))

    def fault(self) -> str:
        """It stands and falls with the process that decides."""
        return ""


def no_text(number: int) -> None:
    """Where originality is not asked, nothing is laid beside anything."""


def _texts(judged: Judged, text_of: TextOf) -> tuple[ArticleText, ArticleText] | None:
    """The texts to be laid side by side, if they are, and are there."""
    if judged.nearest is None or judged.presentation is None:
        return None
    own, nearest = text_of(judged.number), text_of(judged.nearest.number)
    return None if own is None or nearest is None else (own, nearest)


def _is_explained(judged: Judged) -> bool:
    is_held = judged.decision.outcome is not Outcome.ADMITTED
    return is_held and not (judged.repeats or is_barren(judged.prepared))
