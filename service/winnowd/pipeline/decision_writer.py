"""From a judged record to all that follows from it: its event, evidence, why-file, index row, text. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from winnowd import event
from winnowd.model import DecisionRecord, Effect, Outcome
from winnowd.pipeline.barren import is_barren
from winnowd.pipeline.batch_evidence import BatchEvidence
from winnowd.views.index import row
from winnowd.views.records import before_rest_md, file_md
from winnowd.views.why import why_md

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from winnowd.event import Context
    from winnowd.model import Judged
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.ports import Paths


_TURNED_AWAY: Final = frozenset({Outcome.QUARANTINED.value, Outcome.REJECTED.value})


@dataclasses.dataclass(frozen=True, slots=True)
class DecisionWriter:
    """Writes up decisions.

    ``rules`` are those of the catalogue with the limits in force, by code; ``text_of`` gives the cleaned text of a
    known article by its number. ``chain`` and ``batch_evidence`` close lines in order; all else hangs on one record.
    """

    chain: Chain
    rules: Mapping[str, Mapping[str, Any]]
    text_of: Callable[[int], str | None]
    paths: Paths
    batch_evidence: BatchEvidence = dataclasses.field(default_factory=BatchEvidence)

    def render(self, judged: Judged) -> DecisionRecord:
        """The lines that log and evidence get next, and the files that must be written, by path.

        A record that its file had before it was changed has been told of, and has its bytes only.
        """
        evidence = None if judged.repeats else self._evidence(judged)
        kept = None if evidence is None else self.batch_evidence.next(judged, event.encoded(evidence))

        def made(context: Context) -> dict[str, Any]:
            return event.decided(judged, context, kept)

        said, line = self.chain.next(judged.decided_at, made)
        effects = []
        if judged.decision.outcome is Outcome.ADMITTED:
            effects.append(Effect(judged.location, _text(judged)))
        else:
            if judged.prepared.raw is not None:
                effects.append(Effect(judged.location, judged.prepared.raw))
            if not (judged.repeats or is_barren(judged.prepared)):
                effects.append(Effect(f"{judged.location}.why.md", why_md(said, evidence, self.rules)))
        listed = None if judged.prepared.article is None else row(judged, line.sequence)
        return DecisionRecord(judged, line, tuple(effects), listed, said, evidence, kept)

    def render_file(self, last: DecisionRecord, counts: Mapping[tuple[str, str], int]) -> DecisionRecord:
        """With the last record of a file of many: what became of all of them, if any was turned away.

        ``counts``: by outcome and first code. Where the rest of the file is held, that stands below why it is.
        """
        if not any(outcome in _TURNED_AWAY for outcome, _ in counts):
            return last
        arrival, day = last.judged.arrival, last.judged.decided_at.date()
        if last.judged.prepared.is_rest:
            path = f"{last.judged.location}.why.md"
            others = [effect for effect in last.effects if effect.path != path]
            (own,) = (effect.content or b"" for effect in last.effects if effect.path == path)
            content = own + before_rest_md(last.event, counts, self.rules)
        else:
            path, others = f"{self.paths.of_many(arrival, day)}.why.md", list(last.effects)
            content = file_md(last.event, counts, self.rules)
        return dataclasses.replace(last, effects=(*others, Effect(path, content)))

    def _evidence(self, judged: Judged) -> dict[str, Any] | None:
        nearest = judged.nearest
        return event.evidence(judged, None if nearest is None else self.text_of(nearest.number))


def _text(judged: Judged) -> bytes:
    """The bytes of an admitted article: an outcome that only a record with an article can have."""
    article = judged.prepared.article
    if article is None:
        raise ValueError(f"{judged.name} was admitted without a text")
    return article.text.encode()
