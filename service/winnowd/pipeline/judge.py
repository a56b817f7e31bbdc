"""One record after the other, in claim order: originality, decision, number, name, place. Pure but for its ports."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from winnowd.decision import decide, profile_for
from winnowd.event.context import visible
from winnowd.gates.originality import ORDERS, quality_key, standing_after
from winnowd.model import Examination, Finding, Grade, IndexedArticle, Judged, Outcome, Prepared, Standing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from winnowd.decision import Profile
    from winnowd.model import Arrival, Decision
    from winnowd.pipeline.ports import Clock, Originality, Paths, Register, Seeds

SHORT_ID = 16
LONG_ID = 32
_DECIDED: Final = {
    "confirm": "confirmed that this text stays out",
    "retract": "taken this text out of the corpus",
    "erase": "had this text erased",
}
BOUND = "ORD701"
CONTINUED = "SYS952"
FAILED = "SYS903"


@dataclasses.dataclass(slots=True)
class Judge:
    """Holds what a batch has decided so far; ``rollback`` forgets it when its commit failed.

    ``paths`` says where originals and records go that are not in the corpus.
    """

    originality: Originality | None
    register: Register
    seeds: Seeds
    clock: Clock
    profile: Profile
    paths: Paths
    _next: int = 0
    _names: dict[str, str] = dataclasses.field(default_factory=dict)
    _recorded: dict[str, str | None] = dataclasses.field(default_factory=dict)
    _binds: bool = True
    _admitted: set[str] = dataclasses.field(default_factory=set)
    _savepoint: Any = None
    _last: Any = None
    _before: int = 0

    def begin(self) -> None:
        """A batch begins: what follows is undone by ``rollback``, and kept by ``committed``."""
        self._next = self.register.next_number()
        self._names.clear()
        self._admitted.clear()
        self._forget_expected()
        if self.originality is not None:
            self._savepoint = self.originality.savepoint()

    def expect(self, batch: Sequence[Prepared]) -> None:
        """These are the records of the batch: what is asked for all of them at once costs less.

        What the ledger says of names and bindings stays so until the batch is committed.
        """
        self._recorded = self.register.names_taken([_short(one) for one in batch if one.text_sha256])
        self._binds = self.register.binds()
        if self.originality is not None:
            self.originality.expect(batch)

    def rollback(self) -> None:
        """The commit failed: as if the batch had never been judged."""
        self.seeds.restart()
        if self.originality is not None:
            self.originality.rollback(self._savepoint)
        self.begin()

    def undo(self) -> None:
        """Forget the record begun last: judging or rendering it failed."""
        if self.originality is not None:
            self.originality.rollback(self._last)
        self._next = self._before

    def committed(self) -> None:
        """The batch is committed."""
        self._forget_expected()
        if self.originality is not None:
            self.originality.committed()

    def _forget_expected(self) -> None:
        self._recorded.clear()
        self._binds = True

    def judge(self, arrival: Arrival, prepared: Prepared, *, sequence: int, articles: int) -> Judged:
        """Decide one record; ``sequence`` and ``articles`` tell the state of the corpus it meets."""
        self._before = self._next
        if self.originality is not None:
            self._last = self.originality.savepoint()
        begun, since = self.clock.now(), self.clock.nanoseconds()
        before = self._continued(arrival, prepared)
        examination = self._examined(prepared, before)
        spent = self.clock.nanoseconds() - since
        profile = profile_for(self.profile, has_article=prepared.article is not None)
        decision = decide((*prepared.findings, *examination.findings), profile)
        if before and decision.outcome is Outcome.ADMITTED:
            examination = self._in_place_of(before, arrival, examination)
            decision = decide((*prepared.findings, *examination.findings), profile)
        decided = self.clock.now()
        name = self._name(arrival, prepared)
        fingerprinted = prepared.fingerprint is not None
        standing, root = standing_after(decision, examination) if fingerprinted else (None, None)
        judged = Judged(
            number=self._next,
            arrival=arrival,
            prepared=prepared,
            decision=decision,
            name=name,
            location=self._location(arrival, prepared, decision, name, decided.date()),
            begun_at=begun,
            decided_at=decided,
            originality_ns=spent,
            nearest=examination.nearest,
            relations=examination.relations,
            standing=standing,
            root=root,
            supersedes=examination.supersedes,
            quality_key=quality_key(prepared) if fingerprinted else None,
            repeats=self._repeats(arrival, prepared, decision, name),
            corpus_sequence=sequence,
            corpus_articles=articles,
            presentation=examination.presentation,
        )
        self._next += 1
        self._remember(judged)
        return judged

    def hold(self, arrival: Arrival, prepared: Prepared, because: str, *, sequence: int, articles: int) -> Judged:
        """Hold a record that judging, or rendering, has failed for, by SYS903; what it has but its bytes may be why.

        What that has left is undone before.
        """
        finding = Finding(FAILED, "route", Grade.DOUBT, because=because)
        held = Prepared(prepared.provenance, None, (), (finding,), raw=prepared.raw)
        return self.judge(arrival, held, sequence=sequence, articles=articles)

    def superseded(self, number: int, by: int, path: str, code: str) -> None:
        """An article has given way to another, and lies at ``path`` now: so the next record meets it."""
        if self.originality is not None:
            self.originality.supersede(number, by, path, code)

    def _examined(self, prepared: Prepared, before: list[int]) -> Examination:
        """What people and originality say: who is bound by a person's decision takes nobody's place.

        What its own file gave ``before`` it was changed is no twin of it.
        """
        if prepared.article is None:
            return Examination(())
        bound, examination = self._bound(prepared), self._original(prepared, before)
        if bound is not None:
            return dataclasses.replace(examination, findings=(bound, *examination.findings))
        if self.originality is None or before:
            return examination
        return self.originality.prefer_better(prepared, examination)

    def _bound(self, prepared: Prepared) -> Finding | None:
        """The finding of a text about which a person has decided before, and nobody has taken that back."""
        if not self._binds:
            return None
        made = prepared.fingerprint
        digests = (b"", b"") if made is None else (made.raw_digest, made.word_digest)
        binding = self.register.bound(prepared.text_sha256, *digests)
        if binding is None:
            return None
        person = visible(binding.person) or "a person"
        because = f"{person} has {_DECIDED[binding.action]}, by event {binding.sequence}; a release lifts that"
        return Finding(BOUND, ORDERS, Grade.FAIL, because=because)

    def _continued(self, arrival: Arrival, prepared: Prepared) -> list[int]:
        """The numbers of what an article goes on with: a file that is one article, and has another text by now."""
        if arrival.continues is None or prepared.article is None or prepared.raw is not None:
            return []
        before = self.register.of_arrival(arrival.continues[0])
        return [] if self.register.admitted(prepared.text_sha256) in before else before

    def _repeats(self, arrival: Arrival, prepared: Prepared, decision: Decision, name: str) -> bool:
        """Whether a record of many was turned away whose text stood in its file before that was changed.

        What a person's decision keeps out is told each time.
        """
        if arrival.continues is None or prepared.raw is None or decision.outcome is not Outcome.REJECTED:
            return False
        is_bound = BOUND in decision.codes
        return not is_bound and self.register.stood_in(arrival.continues[0], name, prepared.text_sha256)

    def _in_place_of(self, before: list[int], arrival: Arrival, examination: Examination) -> Examination:
        """The examination of an article that takes the place of what its file gave before it was changed (SYS952)."""
        because = f"its file is that of arrival {arrival.continues[1] if arrival.continues else ''}, which was changed"
        evidence = {"code": CONTINUED, "because": because}
        note = Finding(CONTINUED, "service", Grade.PASS, because=because, evidence=evidence)
        old = self.register.standing_in(before)
        return dataclasses.replace(examination, findings=(*examination.findings, note), supersedes=old)

    def _original(self, prepared: Prepared, before: list[int]) -> Examination:
        """What originality says; with that gate off only a text that stands in the corpus already is refused."""
        if self.originality is not None:
            return self.originality.examine(prepared, frozenset(before))
        sha256 = prepared.text_sha256
        if sha256 in self._admitted or self.register.admitted(sha256) is not None:
            because = "the very same text stands in the corpus; one file cannot stand there twice"
            return Examination((Finding("DUP602", "originality", Grade.FAIL, 1.0, because=because),))
        return Examination(())

    def _name(self, arrival: Arrival, prepared: Prepared) -> str:
        sha256 = prepared.text_sha256
        if not sha256:
            return f"{arrival.id}-{prepared.provenance.record}"
        name = _short(prepared)
        if name not in self._recorded:
            self._recorded |= self.register.names_taken([name])
        other = self._names.get(name) or self._recorded[name]
        if other is not None and other != sha256:
            return sha256[:LONG_ID]
        self._names[name] = sha256
        return name

    def _location(self, arrival: Arrival, prepared: Prepared, decision: Decision, name: str, day: dt.date) -> str:
        if decision.outcome is Outcome.ADMITTED:
            return self.seeds.path_for(name, day)
        return self.paths.held(decision.outcome, arrival, day, prepared)

    def path_named(self, judged: Judged) -> str:
        """By what path a later article is told of this one."""
        return judged.location

    def _remember(self, judged: Judged) -> None:
        """Let originality know of it, whatever became of it, before the next one comes."""
        made, standing = judged.prepared.fingerprint, judged.standing
        if made is None or standing is None:
            return
        if standing is Standing.ADMITTED:
            self._admitted.add(judged.prepared.text_sha256)
        if self.originality is not None:
            self.originality.remember(
                IndexedArticle(
                    number=judged.number,
                    id=judged.name,
                    path=self.path_named(judged),
                    text_sha256=judged.prepared.text_sha256,
                    standing=standing,
                    fingerprint=made,
                    root=judged.root,
                    codes=judged.decision.codes,
                    quality_key=judged.quality_key,
                )
            )


def _short(prepared: Prepared) -> str:
    """The name of an article, if no other has it."""
    return prepared.text_sha256[:SHORT_ID]
