"""From rendered records to the lines that log and evidence get next: closed in their order. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from winnowd import event
from winnowd.model import DecisionRecord, Effect, Outcome
from winnowd.pipeline.batch_evidence import BatchEvidence
from winnowd.views.records import before_rest_md, file_md

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.model import Judged
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.ports import Paths, Renderer
    from winnowd.pipeline.rendering import Numbered


_TURNED_AWAY: Final = frozenset({Outcome.QUARANTINED.value, Outcome.REJECTED.value})


@dataclasses.dataclass(frozen=True, slots=True)
class DecisionWriter:
    """Writes up decisions: ``renderer`` says all of each record, ``chain`` and ``batch_evidence`` close lines in order.

    ``rules`` are those of the catalogue with the limits in force, by code.
    """

    chain: Chain
    renderer: Renderer
    rules: Mapping[str, Mapping[str, Any]]
    paths: Paths
    batch_evidence: BatchEvidence = dataclasses.field(default_factory=BatchEvidence)

    def write(self, batch: Sequence[Numbered]) -> Iterator[DecisionRecord]:
        """Each of these with all that follows from it, in their order; a line is closed when its record is asked for.

        So what comes between two of them in the log may be closed between them.
        """
        for (judged, context), made in zip(batch, self.renderer.render(batch), strict=True):
            kept, said = None, made.event
            if made.evidence is not None:
                kept = self.batch_evidence.next(judged, made.evidence)
                said = event.addressed(said, kept)
            effects = tuple(_effects(judged, made.why))
            line = self.chain.append(judged.decided_at, said, context.sequence)
            yield DecisionRecord(judged, line, effects, made.row, kept)

    def rehearse(self, one: Numbered) -> None:
        """Raise what rendering this record raises, or making its files or its line; nothing is closed."""
        for made in self.renderer.render([one]):
            tuple(_effects(one.judged, made.why))
            event.closed(made.event, event.FIRST)

    def render_file(self, last: DecisionRecord, counts: Mapping[tuple[str, str], int]) -> DecisionRecord:
        """With the last record of a file of many: what became of all of them, if any was turned away.

        ``counts``: by outcome and first code. Where the rest of the file is held, that stands below why it is.
        """
        if not any(outcome in _TURNED_AWAY for outcome, _ in counts):
            return last
        arrival, day, said = last.judged.arrival, last.judged.decided_at.date(), last.event
        if last.judged.prepared.is_rest:
            path = f"{last.judged.location}.why.md"
            others = [effect for effect in last.effects if effect.path != path]
            (own,) = (effect.content or b"" for effect in last.effects if effect.path == path)
            content = own + before_rest_md(said, counts, self.rules)
        else:
            path, others = f"{self.paths.of_many(arrival, day)}.why.md", list(last.effects)
            content = file_md(said, counts, self.rules)
        return dataclasses.replace(last, effects=(*others, Effect(path, content)))


def _effects(judged: Judged, why: bytes | None) -> Iterator[Effect]:
    """The files of a record, by path."""
    prepared = judged.prepared
    if judged.decision.outcome is Outcome.ADMITTED:
        if prepared.article is None:
            raise ValueError(f"{judged.name} was admitted without a text")
        yield Effect(judged.location, prepared.article.text.encode())
    elif prepared.raw is not None:
        yield Effect(judged.location, prepared.raw)
    if why is not None:
        yield Effect(f"{judged.location}.why.md", why)
