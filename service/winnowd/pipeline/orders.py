"""People's orders (release, confirm, retract, restore, erase): what they make of a decision, or why not. Pure.

An order never judges quality; but what it brings into the corpus originality is asked about again, since a copy may
have been admitted meanwhile. The article's own row is no twin of it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, Protocol

from winnowd import event
from winnowd.article import Article
from winnowd.event import Operator
from winnowd.model import Change, Effect, Filed, Grade, Outcome, Prepared, Provenance, Standing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from winnowd.event import Context
    from winnowd.model import Examination, Judged, Known, Line
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.ports import Clock, Seeds

ADMITTED: Final = Outcome.ADMITTED.value
RETRACTED: Final = "retracted"
ERASED: Final = "erased"
SUPERSEDED: Final = frozenset({"DUP610", "SYS952"})
"""Why an article's place was taken: by a better version, or by the same file, which was changed after it was judged."""
_REPLACE: Final = "release with --replace retracts that one for it"
_HELD: Final = frozenset({Outcome.QUARANTINED.value, Outcome.REJECTED.value})
FROM: Final[dict[str, frozenset[str]]] = {
    "release": _HELD,
    "confirm": frozenset({Outcome.QUARANTINED.value}),
    "retract": frozenset({ADMITTED}),
    "restore": frozenset({*_HELD, ADMITTED, RETRACTED}),
    "erase": frozenset({*_HELD, ADMITTED, RETRACTED}),
}
"""The outcomes that an order may be given for."""


class RefusedError(Exception):
    """An order that cannot be carried out, and why, in one sentence for the person who gave it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done; ``replace``: the admitted twin is retracted; ``forget``: its digests go as well."""

    id: str
    action: str
    operator: Operator
    replace: bool = False
    forget: bool = False
    sure: bool = False


class Files(Protocol):
    """What is kept of decisions."""

    def known(self, number: int) -> Known | None:
        """The article with its fingerprint."""
        ...

    def text(self, number: int) -> str | None:
        """Its cleaned text."""
        ...

    def row(self, number: int) -> Mapping[str, Any] | None:
        """The index row that it has, or would have."""
        ...

    def filed(self, number: int) -> Filed | None:
        """How a decision stands."""
        ...

    def before(self, number: int) -> tuple[int, Mapping[str, Any]] | None:
        """The sequence of the last order on a decision, and how it stood before."""
        ...

    def kept(self, filed: Filed) -> Sequence[tuple[str, str, int]]:
        """All files that hold something of it: path, SHA-256, size."""
        ...


class Gate(Protocol):
    """Originality, asked about an article that it knows."""

    def examine(self, prepared: Prepared, without: frozenset[int] = frozenset()) -> Examination:
        """What it says, those numbers left out."""
        ...


@dataclasses.dataclass(slots=True)
class Registrar:
    """Works out orders one by one; the caller records what it gives, and lets originality remember it."""

    files: Files
    gate: Gate | None
    chain: Chain
    clock: Clock
    seeds: Seeds

    def carry(self, order: Order, filed: Filed) -> list[Change]:
        """The changes that an order makes: of its target, and of the twin that it replaces.

        Raises:
            RefusedError: it cannot be carried out.
        """
        if filed.outcome not in FROM[order.action]:
            allowed = " or ".join(sorted(FROM[order.action]))
            raise RefusedError(f"{filed.name} is {filed.outcome}; {order.action} is for what is {allowed}")
        works: dict[str, Callable[[Order, Filed], list[Change]]] = {
            "release": self._release,
            "confirm": self._confirm,
            "retract": self._retract,
            "restore": self._restore,
            "erase": self._erase,
        }
        return works[order.action](order, filed)

    def _release(self, order: Order, filed: Filed) -> list[Change]:
        return [*self._ask(order, filed), self._admitted(order, filed)]

    def _ask(self, order: Order, filed: Filed) -> list[Change]:
        """Originality again: refused if it is a copy of what the corpus has now, unless that one is to be replaced."""
        known, text = self.files.known(filed.number), self.files.text(filed.number)
        if known is None or text is None:
            raise RefusedError(f"{filed.name} has no text that could be admitted")
        newcomer = _prepared(known, text)
        found = self._twin(filed, newcomer, frozenset({filed.number}))
        if found is None:
            return []
        twin, code = found
        if not order.replace:
            raise RefusedError(f"{filed.name} is a copy ({code}) of {twin.name}, which is in the corpus; {_REPLACE}")
        if twin.text_sha256 == filed.text_sha256:
            raise RefusedError(f"the very same text as that of {filed.name} is in the corpus, as {twin.name}")
        if other := self._twin(filed, newcomer, frozenset({filed.number, twin.number})):
            raise RefusedError(f"{filed.name} is a copy ({other[1]}) of {other[0].name}, too; retract that one first")
        return self._retract(order, twin)

    def _twin(self, filed: Filed, newcomer: Prepared, without: frozenset[int]) -> tuple[Filed, str] | None:
        """The corpus article that it is a copy of, and by which code; refused if it is one of what was taken out."""
        if self.gate is None:
            return None
        examination = self.gate.examine(newcomer, without=without)
        failed = [finding for finding in examination.findings if finding.grade is Grade.FAIL]
        if not failed:
            return None
        twin = None if examination.nearest is None else self.files.filed(examination.nearest.number)
        if twin is None or twin.outcome != ADMITTED:
            raise RefusedError(f"{filed.name} is a copy ({failed[0].code}) of what was retracted or erased")
        return twin, failed[0].code

    def _admitted(self, order: Order, filed: Filed, restores: int | None = None) -> Change:
        at = self.clock.now()
        text, row = self.files.text(filed.number), self.files.row(filed.number)
        if text is None or row is None:
            raise RefusedError(f"{filed.name} has no text that could be admitted")
        home = self.seeds.place(filed.name, at.date())
        line = self._told(order, filed, at, ADMITTED, home, restores=restores, codes=list(filed.codes) or None)
        listed = {
            **row,
            "path": home.removeprefix("seeds/"),
            "admitted": at.date().isoformat(),
            "flags": sorted({*row["flags"], *filed.codes}, key=lambda code: code[3:]),
            "sequence": line.sequence,
        }
        # the text of an article that left the corpus lies in rejected/: its original never left the archive
        left = (Effect(filed.home),) if _was_in_corpus(filed) else _moved(filed.home, _archived(filed.home))
        effects = (Effect(home, text.encode()), *left)
        return self._change(order, filed, line, ADMITTED, Standing.ADMITTED, home, effects=effects, listed=listed)

    def _confirm(self, order: Order, filed: Filed) -> list[Change]:
        rejected = Outcome.REJECTED.value
        home = f"rejected/{filed.home.partition('/')[2]}"
        line = self._told(order, filed, self.clock.now(), rejected, home)
        standing = None
        if filed.standing is not None:
            own = filed.root is None or any(not code.startswith("DUP") for code in filed.codes)
            standing = Standing.REJECTED if own else Standing.COPY
        effects = _moved(filed.home, home)
        text = self.files.text(filed.number)
        return [self._change(order, filed, line, rejected, standing, home, root=filed.root, effects=effects, text=text)]

    def supersede(self, filed: Filed, text: str | None, by: Judged) -> Change:
        """What becomes of a corpus article whose place a better version takes (DUP610), or the whole file (SYS952)."""
        note = next(finding for finding in by.decision.findings if finding.code in SUPERSEDED)
        order = Order(self.clock.uuid7(), "supersede", Operator("winnowd", note.because, "service", by.name))
        at, rejected = self.clock.now(), Outcome.REJECTED.value
        home = _set_aside(filed, at)
        details = {"old": filed.name, "new": by.name, **{key: note.evidence[key] for key in ("code", "because")}}
        line = self._told(order, filed, at, rejected, home, codes=[note.code], supersedes=details)
        effects = (Effect(home, source=filed.home),)
        made = self._change(
            order, filed, line, rejected, Standing.COPY, home, root=by.number, effects=effects, text=text
        )
        return dataclasses.replace(made, unlisted=note.code, codes=(note.code,))

    def _retract(self, order: Order, filed: Filed) -> list[Change]:
        at = self.clock.now()
        home = _set_aside(filed, at)
        text = self.files.text(filed.number)
        line = self._told(order, filed, at, RETRACTED, home, action="retract")
        effects = (Effect(home, source=filed.home),)
        made = self._change(order, filed, line, RETRACTED, Standing.RETRACTED, home, effects=effects, text=text)
        return [dataclasses.replace(made, action="retract", unlisted="retract")]

    def _restore(self, order: Order, filed: Filed) -> list[Change]:
        last = self.files.before(filed.number)
        if last is None:
            raise RefusedError(f"no order was carried out on {filed.name}; there is nothing to undo")
        sequence, before = last
        if before["outcome"] == ADMITTED:
            return [*self._ask(order, filed), self._admitted(order, filed, restores=sequence)]
        outcome, home = str(before["outcome"]), str(before["home"])
        standing = None if before["standing"] is None else Standing(before["standing"])
        text = self.files.text(filed.number)
        line = self._told(order, filed, self.clock.now(), outcome, home, restores=sequence)
        unlisted, effects = "", _moved(filed.home, home)
        if filed.outcome == ADMITTED:
            left = outcome == RETRACTED or _superseded(before["codes"])
            kept = (Effect(home, source=filed.home),) if left else (Effect(filed.home), *_moved(_archived(home), home))
            unlisted, effects = "restore", kept
        made = self._change(
            order, filed, line, outcome, standing, home, root=before["root"], effects=effects, text=text
        )
        return [dataclasses.replace(made, unlisted=unlisted, codes=tuple(before["codes"]))]

    def _erase(self, order: Order, filed: Filed) -> list[Change]:
        if not order.sure:
            raise RefusedError(f"erase takes text, original and evidence of {filed.name} away for ever; add --yes")
        kept = self.files.kept(filed)
        erased = [{"path": path, "sha256": sha256, "bytes": size} for path, sha256, size in kept]
        known = None if order.forget else self.files.known(filed.number)
        line = self._told(order, filed, self.clock.now(), ERASED, "", erased=erased, remembered=_digests(known))
        standing = None if filed.standing is None else Standing.ERASED
        effects = tuple(Effect(path) for path, _, _ in kept)
        made = self._change(order, filed, line, ERASED, standing, f"erased/{filed.number}", effects=effects)
        unlisted = "erase" if filed.outcome == ADMITTED else ""
        return [dataclasses.replace(made, unlisted=unlisted, erased="all" if order.forget else "text")]

    def _change(
        self, order: Order, filed: Filed, line: Line, outcome: str, standing: Standing | None, home: str, *,
        root: int | None = None, effects: tuple[Effect, ...] = (), listed: Mapping[str, Any] | None = None,
        text: str | None = None,
    ) -> Change:  # fmt: skip
        return Change(filed, order.action, order.id, line, outcome, standing, root, home, effects, listed, text=text)

    def _told(
        self, order: Order, filed: Filed, at: dt.datetime, became: str, home: str, *, action: str = "",
        **carries: Any,  # noqa: ANN401 - the fields of the schema
    ) -> Line:  # fmt: skip
        article: dict[str, Any] = {"id": filed.name}
        if filed.text_sha256:
            article["text_sha256"] = filed.text_sha256
        destination = {"path": home} if home else None

        def made(context: Context) -> Mapping[str, Any]:
            return event.ordered(
                action or order.action, context, at, order.operator, article=article, became=became,
                arrival={"id": filed.arrival, "record": filed.record}, was=filed.outcome, destination=destination,
                **carries,
            )  # fmt: skip

        return self.chain.next(at, made)[1]


def _set_aside(filed: Filed, at: dt.datetime) -> str:
    """Where the text of an article goes that leaves the corpus; its original stays in the archive."""
    return f"rejected/{at:%Y/%m/%d}/{filed.name}~{filed.arrival[:8]}-{filed.record}.txt"


def _was_in_corpus(filed: Filed) -> bool:
    return filed.outcome == RETRACTED or _superseded(filed.codes)


def _superseded(codes: Sequence[str]) -> bool:
    return len(codes) == 1 and codes[0] in SUPERSEDED


def _digests(known: Known | None) -> dict[str, str] | None:
    """By what a copy of an erased article is still known, from the log alone too; None once it is forgotten."""
    if known is None:
        return None
    made = known.fingerprint
    return {"raw_sha256": made.raw_digest.hex(), "words_sha256": made.word_digest.hex()}


def _archived(home: str) -> str:
    return f"archive/{home.partition('/')[2]}"


def _moved(source: str, goal: str) -> tuple[Effect, ...]:
    """A held original moves with the files that say why it was held: ``restore`` brings all three back."""
    return tuple(Effect(goal + ending, source=source + ending) for ending in ("", ".why.json", ".why.md"))


def _prepared(known: Known, text: str) -> Prepared:
    """An article as originality is asked about it."""
    made = known.fingerprint
    provenance = Provenance(0, made.raw_digest.hex(), 0, "")
    return Prepared(provenance, Article(text=text), (), (), made, known.text_sha256, made.words, made.language)
