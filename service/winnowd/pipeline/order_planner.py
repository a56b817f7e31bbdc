"""People's orders (release, confirm, retract, restore, erase): what they make of a decision, or why not. Pure.

An order never judges quality; but what it brings into the corpus originality is asked about again, since a copy may
have been admitted meanwhile. The article's own row is no twin of it.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Final

from winnowd import event
from winnowd.event import Operator
from winnowd.layout import ORDER_MD, REJECTED, WHY_MD, WORK, below_seeds, out_of_block
from winnowd.model import REST, Effect, Outcome, Standing, StateChange, StoredDecision
from winnowd.pipeline.order import (
    ADMITTED,
    CHANGED,
    ERASED,
    RETRACTED,
    Order,
    RefusedError,
    Supersession,
    may_be_for,
    why_not,
)
from winnowd.pipeline.order_files import archived, moved, page, set_aside, taken_back
from winnowd.pipeline.order_kept import Then, kept_after
from winnowd.pipeline.order_twins import newcomer_of, twin_in_corpus
from winnowd.views.index import row_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from winnowd.event import Context
    from winnowd.model import IndexedArticle, Judged, KeptFile, Line
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.order import Files, Gate
    from winnowd.pipeline.ports import Clock, Seeds

REOPENED: Final = "reopened"
SUPERSEDED: Final = frozenset({"DUP610", "SYS952"})
"""Why an article's place was taken: by a better version, or by the same file, which was changed after it was judged."""
_REPLACE: Final = "release with --replace retracts that one for it"


@dataclasses.dataclass(slots=True)
class OrderPlanner:
    """Works out orders; the caller records what it gives, and has originality ``remember`` it then."""

    files: Files
    gate: Gate | None
    chain: Chain
    clock: Clock
    seeds: Seeds

    def plan(self, order: Order, records: Sequence[StoredDecision], alive: Callable[[], None]) -> list[StateChange]:
        """The changes that an order makes of these records, all of them or none: each record once, each text once.

        ``alive`` is called for each record.

        Raises:
            RefusedError: it cannot be carried out.
        """
        together = frozenset(stored.number for stored in records)
        changes: list[StateChange] = []
        for stored in records:
            changes += self.changes_of(order, stored, together)
            alive()
        self._must_be_possible(order, changes)
        return changes

    def _must_be_possible(self, order: Order, changes: Sequence[StateChange]) -> None:
        """See that the ledger can hold them: each record once in one order, each text once in the corpus."""
        leaving = {change.stored.number for change in changes if change.standing is not Standing.ADMITTED}
        for change in changes:
            stored = change.stored
            if self.files.changed_by(order.id, stored.number):
                raise RefusedError(f"{stored.name} would have to go, and was changed by this very order")
            if change.standing is Standing.ADMITTED and stored.text_sha256:
                twin = self.files.admitted(stored.text_sha256)
                if twin is not None and twin not in leaving:
                    raise RefusedError(f"the very same text as that of {stored.name} is in the corpus")

    def remember(self, changes: Sequence[StateChange]) -> None:
        """Let originality know how these stand, now that they are true."""
        if self.gate is None:
            return
        self.forget(changes)
        for change in changes:
            indexed = self.files.indexed(change.stored.number)
            if indexed is not None:
                self.gate.remember(indexed)
        self.gate.committed()

    def forget(self, changes: Sequence[StateChange] | None = None) -> None:
        """Let originality keep nothing of these, or of all, at hand; the index still proposes them."""
        if self.gate is not None:
            self.gate.forget(None if changes is None else [change.stored.number for change in changes])

    def changes_of(
        self, order: Order, stored: StoredDecision, together: frozenset[int] = frozenset()
    ) -> list[StateChange]:
        """The changes that an order makes of one target: of itself, and of the twin that it replaces.

        ``together``: the records that the order changes in one, none of which stands in the way of another.

        Raises:
            RefusedError: it cannot be carried out.
        """
        if not may_be_for(order, stored):
            raise RefusedError(why_not(order, stored))
        works: dict[str, Callable[[Order, StoredDecision], list[StateChange]]] = {
            "release": self._release,
            "confirm": self._confirm,
            "retract": self._retract,
            "restore": functools.partial(self._restore, together=together),
            "erase": self._erase,
        }
        return works[order.action](order, stored)

    def _release(self, order: Order, stored: StoredDecision) -> list[StateChange]:
        if stored.codes == (REST,):
            return [self._reopened(order, stored)]
        return [*self._ask(order, stored, frozenset({stored.number})), self._admitted(order, stored)]

    def _reopened(self, order: Order, stored: StoredDecision) -> StateChange:
        """The rest of a file, which was only counted, is to be judged: the file goes on where it was left."""
        location = f"reopened/{stored.number}"
        goes, now = f"{WORK}/{stored.arrival}", self.clock.now()
        line = self._next_line(order, stored, now, REOPENED, location, Then(), goes=goes, codes=[REST])
        effects = (Effect(f"{WORK}/{stored.arrival}", source=stored.location), *taken_back(stored.location)[1:])
        return self._change(order, stored, line, REOPENED, None, location, effects=effects)

    def _ask(self, order: Order, stored: StoredDecision, without: frozenset[int]) -> list[StateChange]:
        """Originality again: refused if it is a copy of what the corpus has now, unless that one is to be replaced."""
        newcomer = newcomer_of(self.files, stored)
        found = twin_in_corpus(self.files, self.gate, newcomer, without)
        if found is None:
            return []
        twin, code = found
        if not order.replace:
            raise RefusedError(f"{stored.name} is a copy ({code}) of {twin.name}, which is in the corpus; {_REPLACE}")
        if twin.text_sha256 == stored.text_sha256:
            raise RefusedError(f"the very same text as that of {stored.name} is in the corpus, as {twin.name}")
        if other := twin_in_corpus(self.files, self.gate, newcomer, without | {twin.number}):
            raise RefusedError(f"{stored.name} is a copy ({other[1]}) of {other[0].name}, too; retract that one first")
        return self._retract(order, twin)

    def _admitted(self, order: Order, stored: StoredDecision, restores: int | None = None) -> StateChange:
        at = self.clock.now()
        text, row = self.files.text(stored.number), self.files.row(stored.number)
        if text is None or row is None:
            raise RefusedError(f"{stored.name} has no text that could be admitted")
        if not self.files.is_whole(stored, text):
            raise RefusedError(f"the text kept of {stored.name} is not the one that the log tells of", CHANGED)
        location = self.seeds.path_for(stored.name, at.date())
        listed = {
            **row,
            "path": below_seeds(location),
            "admitted": at.date().isoformat(),
            "flags": sorted({*row["flags"], *stored.codes}, key=lambda code: code[3:]),
        }
        # the text of an article that left the corpus lies in rejected/: its original never left the archive
        goal = "" if _was_in_corpus(stored) else archived(stored.location)
        then = Then(
            Standing.ADMITTED,
            row=lambda sequence: row_json({**listed, "sequence": sequence}),
            page=f"{goal}{ORDER_MD}" if goal else "",
        )
        codes = list(stored.codes) or None
        line = self._next_line(order, stored, at, ADMITTED, location, then, restores=restores, codes=codes)
        order_page = page(order, stored, line.sequence, at, ADMITTED, restores=restores)
        left = moved(stored.location, goal, order_page) if goal else taken_back(stored.location)
        effects = (Effect(location, text.encode()), *left)
        listed["sequence"] = line.sequence
        made = self._change(order, stored, line, ADMITTED, Standing.ADMITTED, location, effects=effects, listed=listed)
        return dataclasses.replace(made, restores=restores)

    def _confirm(self, order: Order, stored: StoredDecision) -> list[StateChange]:
        rejected = Outcome.REJECTED.value
        location = f"{REJECTED}/{out_of_block(stored.location).partition('/')[2]}"
        at = self.clock.now()
        standing = None
        if stored.standing is not None:
            own = stored.root is None or any(not code.startswith("DUP") for code in stored.codes)
            standing = Standing.REJECTED if own else Standing.COPY
        then = Then(standing, stored.root, page=f"{location}{ORDER_MD}")
        line = self._next_line(order, stored, at, rejected, location, then)
        effects = moved(stored.location, location, page(order, stored, line.sequence, at, rejected))
        text = self.files.text(stored.number)
        return [
            self._change(
                order, stored, line, rejected, standing, location, root=stored.root, effects=effects, text=text
            )
        ]

    def supersession(self, stored: StoredDecision, by: Judged, ahead: int = 0) -> Supersession:
        """What becomes of a corpus article whose place a better version takes (DUP610), or the whole file (SYS952).

        ``ahead``: so many events are numbered before its own, and not closed.
        """
        note = next(finding for finding in by.decision.findings if finding.code in SUPERSEDED)
        order = Order(self.clock.uuid7(), "supersede", Operator("winnowd", note.because, "service", by.name))
        at = self.clock.now()
        return Supersession(
            stored, by, note, order, at, self.seeds.set_aside(stored, at.date()), self.chain.numbered(ahead)
        )

    def supersede(self, due: Supersession, text: str | None) -> StateChange:
        """The change that it is, with the log's next line; ``text``: of the article whose place was taken."""
        stored, by, note, order, at, location, context = due
        rejected = Outcome.REJECTED.value
        details = {"old": stored.name, "new": by.name, **{key: note.evidence[key] for key in ("code", "because")}}
        then = Then(Standing.COPY, by.number, (note.code,), page=f"{location}{WHY_MD}")
        line = self._next_line(
            order, stored, at, rejected, location, then, context=context, codes=[note.code], supersedes=details
        )
        effects = set_aside(stored.location, location, page(order, stored, line.sequence, at, rejected))
        made = self._change(
            order, stored, line, rejected, Standing.COPY, location, root=by.number, effects=effects, text=text
        )
        return dataclasses.replace(made, unlisted=note.code, codes=(note.code,))

    def _retract(self, order: Order, stored: StoredDecision) -> list[StateChange]:
        at = self.clock.now()
        location = self.seeds.set_aside(stored, at.date())
        text = self.files.text(stored.number)
        retraction = dataclasses.replace(order, action="retract")
        then = Then(Standing.RETRACTED, page=f"{location}{WHY_MD}")
        line = self._next_line(retraction, stored, at, RETRACTED, location, then)
        order_page = page(retraction, stored, line.sequence, at, RETRACTED)
        effects = set_aside(stored.location, location, order_page)
        made = self._change(order, stored, line, RETRACTED, Standing.RETRACTED, location, effects=effects, text=text)
        return [dataclasses.replace(made, action="retract", unlisted="retract")]

    def _restore(self, order: Order, stored: StoredDecision, together: frozenset[int]) -> list[StateChange]:
        last = self.files.before(stored.number)
        if last is None:
            raise RefusedError(f"no order was carried out on {stored.name}; there is nothing to undo")
        sequence, before = last
        if before["outcome"] == ADMITTED:
            replaced = self._ask(order, stored, together | {stored.number})
            return [*replaced, self._admitted(order, stored, restores=sequence)]
        outcome, location = str(before["outcome"]), out_of_block(str(before["home"]))
        standing = None if before["standing"] is None else Standing(before["standing"])
        text = self.files.text(stored.number)
        at = self.clock.now()
        left = stored.outcome == ADMITTED and (outcome == RETRACTED or _superseded(before["codes"]))
        then = Then(standing, before["root"], before["codes"], page=f"{location}{WHY_MD if left else ORDER_MD}")
        line = self._next_line(order, stored, at, outcome, location, then, restores=sequence)
        order_page = page(order, stored, line.sequence, at, outcome, restores=sequence)
        unlisted, effects = "", moved(stored.location, location, order_page)
        if stored.outcome == ADMITTED:
            kept = (
                set_aside(stored.location, location, order_page)
                if left
                else (Effect(stored.location), *moved(archived(location), location, order_page))
            )
            unlisted, effects = "restore", kept
        made = self._change(
            order, stored, line, outcome, standing, location, root=before["root"], effects=effects, text=text
        )
        return [dataclasses.replace(made, unlisted=unlisted, codes=tuple(before["codes"]), restores=sequence)]

    def _erase(self, order: Order, stored: StoredDecision) -> list[StateChange]:
        if not order.sure:
            raise RefusedError(f"erase takes text, original and evidence of {stored.name} away for ever; add --yes")
        kept = self.files.kept(stored)
        if kept is None:
            unknown = f"the log does not tell where the evidence of {stored.name} stands"
            raise RefusedError(f"{unknown}, or a packed block that holds some of it is damaged; see winnowd verify")
        erased = [_named(one) for one in kept]
        indexed = None if order.forget else self.files.indexed(stored.number)
        standing = None if stored.standing is None else Standing.ERASED
        location, now = f"erased/{stored.number}", self.clock.now()
        then, remembered = Then(standing, forgotten=order.forget), _digests(indexed)
        line = self._next_line(
            order, stored, now, ERASED, location, then, goes="", erased=erased, remembered=remembered
        )
        effects = tuple(Effect(one.path, one.blanked) for one in kept)
        made = self._change(order, stored, line, ERASED, standing, location, effects=effects)
        unlisted = "erase" if stored.outcome == ADMITTED else ""
        return [dataclasses.replace(made, unlisted=unlisted, erased="all" if order.forget else "text")]

    def _change(
        self, order: Order, stored: StoredDecision, line: Line, outcome: str, standing: Standing | None,
        location: str, *, root: int | None = None, effects: tuple[Effect, ...] = (),
        listed: Mapping[str, Any] | None = None,
        text: str | None = None,
    ) -> StateChange:  # fmt: skip
        return StateChange(
            stored, order.action, order.id, line, outcome, standing, root, location, effects, listed, text=text,
            person=order.operator.name,
        )  # fmt: skip

    def _next_line(
        self, order: Order, stored: StoredDecision, at: dt.datetime, became: str, location: str, then: Then, *,
        goes: str | None = None, context: Context | None = None,
        **carries: Any,  # noqa: ANN401 - the fields of the schema
    ) -> Line:  # fmt: skip
        """The log's next line; ``goes``: where the record lies, if that is not its home in the ledger."""
        path = location if goes is None else goes
        article: dict[str, Any] = {"id": stored.name}
        if stored.text_sha256:
            article["text_sha256"] = stored.text_sha256
        destination = {"path": path} if path else None

        def made(context: Context) -> Mapping[str, Any]:
            sequence = context.sequence
            order_page = (
                page(order, stored, sequence, at, became, restores=carries.get("restores")) if then.page else b""
            )
            return event.ordered(
                order.action, context, at, order.operator, article=article, became=became,
                arrival={"id": stored.arrival, "record": stored.record}, was=stored.outcome, destination=destination,
                kept=kept_after(stored, then, sequence, became=became, location=location, page=order_page), **carries,
            )  # fmt: skip

        return self.chain.next(at, made, context)[1]


def _was_in_corpus(stored: StoredDecision) -> bool:
    return stored.outcome == RETRACTED or _superseded(stored.codes)


def _superseded(codes: Sequence[str]) -> bool:
    return len(codes) == 1 and codes[0] in SUPERSEDED


def _digests(indexed: IndexedArticle | None) -> dict[str, str] | None:
    """By what a copy of an erased article is still known, from the log alone too; None once it is forgotten."""
    if indexed is None:
        return None
    made = indexed.fingerprint
    return {"raw_sha256": made.raw_digest.hex(), "words_sha256": made.word_digest.hex()}


def _named(kept: KeptFile) -> dict[str, Any]:
    """What is erased, by the hash that it had: a file, or with an offset so many bytes of one."""
    offset = {} if kept.offset is None else {"offset": kept.offset}
    return {"path": kept.path, **offset, "sha256": kept.sha256, "bytes": kept.size}
