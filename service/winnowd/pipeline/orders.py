"""People's orders: release, confirm, retract, restore, erase; what each makes of a decision, or why it is refused. Pure.

An order never judges quality; but what it brings into the corpus originality is asked about again, since a copy may
have been admitted meanwhile. The article itself and what it was turned away as a copy of are told apart by their rows.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, Protocol

from winnowd import event
from winnowd.article import Article
from winnowd.model import Change, Effect, Filed, Grade, Outcome, Prepared, Provenance, Standing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from winnowd.event import Context, Operator
    from winnowd.model import Examination, Known
    from winnowd.pipeline.chain import Chain
    from winnowd.pipeline.ports import Clock, Seeds

RETRACTED: Final = "retracted"
ERASED: Final = "erased"
_HELD: Final = frozenset({Outcome.QUARANTINED.value, Outcome.REJECTED.value})
FROM: Final[dict[str, frozenset[str]]] = {
    "release": _HELD,
    "confirm": frozenset({Outcome.QUARANTINED.value}),
    "retract": frozenset({Outcome.ADMITTED.value}),
    "restore": frozenset({*_HELD, Outcome.ADMITTED.value, RETRACTED}),
    "erase": frozenset({*_HELD, Outcome.ADMITTED.value, RETRACTED}),
}
"""The outcomes that an order may be given for."""


class RefusedError(Exception):
    """An order that cannot be carried out, and why, in one sentence for the person who gave it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done with one decision; ``replace``: the admitted twin is retracted for it."""

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


class Gate(Protocol):
    """Originality, asked about an article that it knows: its own row is no twin."""

    def examine(self, prepared: Prepared, without: frozenset[int] = frozenset()) -> Examination:
        """What it says."""
        ...


@dataclasses.dataclass(slots=True)
class Registrar:
    """Works out orders one by one; the caller records what it gives, and remembers it."""

    files: Files
    gate: Gate | None
    chain: Chain
    clock: Clock
    seeds: Seeds
    sizes: Callable[[str], tuple[str, int] | None]

    def carry(self, order: Order, filed: Filed) -> list[Change]:
        """The changes that an order makes: of its target, and of the twin that it replaces.

        Raises:
            RefusedError: it cannot be carried out.
        """
        if filed.outcome not in FROM[order.action]:
            allowed = " or ".join(sorted(FROM[order.action]))
            raise RefusedError(f"{filed.name} is {filed.outcome}; {order.action} is for what is {allowed}")
        return _ACTIONS[order.action](self, order, filed)

    # -- into the corpus

    def _release(self, order: Order, filed: Filed) -> list[Change]:
        replaced = self._ask(order, filed)
        return [*replaced, self._admitted(order, filed, restores=None)]

    def _ask(self, order: Order, filed: Filed) -> list[Change]:
        """Originality again: refused if it is a copy of what the corpus has now, unless that is to be replaced."""
        known, text = self.files.known(filed.number), self.files.text(filed.number)
        if known is None or text is None:
            raise RefusedError(f"{filed.name} has no text that could be admitted")
        if self.gate is None:
            return []
        examination = self.gate.examine(_prepared(known, text), without=frozenset({filed.number}))
        failed = [finding for finding in examination.findings if finding.grade is Grade.FAIL]
        if not failed:
            return []
        twin = None if examination.nearest is None else self.files.filed(examination.nearest.number)
        if twin is None or twin.outcome != Outcome.ADMITTED.value:
            raise RefusedError(f"{filed.name} is a copy ({failed[0].code}) of what was retracted or erased")
        if not order.replace:
            raise RefusedError(
                f"{filed.name} is a copy ({failed[0].code}) of {twin.name}, which is in the corpus; "
                "--replace retracts that one for it"
            )
        return self._retract(order, twin)

    def _admitted(self, order: Order, filed: Filed, restores: int | None) -> Change:
        at = self.clock.now()
        home = self.seeds.place(filed.name, at.date())
        text, row = self.files.text(filed.number), self.files.row(filed.number)
        if text is None or row is None:
            raise RefusedError(f"{filed.name} has no text that could be admitted")
        lifted = {"codes": list(filed.codes)} if filed.codes else {}
        line = self._told(order, filed, at, Outcome.ADMITTED.value, home, restores=restores, **lifted)
        flags = sorted({*row["flags"], *filed.codes}, key=lambda code: code[3:])
        listed = {
            **row,
            "path": home.removeprefix("seeds/"),
            "admitted": at.date().isoformat(),
            "flags": flags,
            "sequence": line.sequence,
        }
        moves = _moved(filed.home, f"archive/{filed.home.partition('/')[2]}", with_why=True)
        return Change(
            filed, order.action, order.id, line, Outcome.ADMITTED.value, Standing.ADMITTED, None, home,
            effects=(Effect(home, text.encode()), *moves), listed=listed,
        )  # fmt: skip

    # -- out of the corpus, or further away from it

    def _confirm(self, order: Order, filed: Filed) -> list[Change]:
        own = any(not code.startswith("DUP") for code in filed.codes)
        standing = None if filed.standing is None else Standing.REJECTED if own or filed.root is None else Standing.COPY
        home = f"rejected/{filed.home.partition('/')[2]}"
        line = self._told(order, filed, self.clock.now(), Outcome.REJECTED.value, home)
        moves = _moved(filed.home, home, with_why=True)
        return [
            Change(
                filed, order.action, order.id, line, Outcome.REJECTED.value, standing, filed.root, home,
                effects=moves, text=self.files.text(filed.number),
            )
        ]  # fmt: skip

    def _retract(self, order: Order, filed: Filed) -> list[Change]:
        at = self.clock.now()
        home = f"rejected/{at:%Y/%m/%d}/{filed.name}~{filed.arrival[:8]}.txt"
        text = self.files.text(filed.number)
        line = self._told(order, filed, at, RETRACTED, home, action="retract")
        return [
            Change(
                filed, "retract", order.id, line, RETRACTED, Standing.RETRACTED, None, home,
                effects=_moved(filed.home, home, with_why=False), unlisted="retract", text=text,
            )
        ]  # fmt: skip

    def _restore(self, order: Order, filed: Filed) -> list[Change]:
        last = self.files.before(filed.number)
        if last is None:
            raise RefusedError(f"no order was carried out on {filed.name}; there is nothing to undo")
        sequence, before = last
        if before["outcome"] == Outcome.ADMITTED.value:
            replaced = self._ask(order, filed)
            return [*replaced, self._admitted(order, filed, restores=sequence)]
        home = str(before["home"])
        at = self.clock.now()
        line = self._told(order, filed, at, str(before["outcome"]), home, restores=sequence)
        admitted = filed.outcome == Outcome.ADMITTED.value
        source = f"archive/{home.partition('/')[2]}" if admitted else filed.home
        effects = _moved(source, home, with_why=True)
        if admitted:
            effects = (*effects, Effect(filed.home))
        standing = before["standing"]
        return [
            Change(
                filed, order.action, order.id, line, str(before["outcome"]),
                None if standing is None else Standing(standing), before["root"], home,
                effects=effects, unlisted="restore" if admitted else "", text=self.files.text(filed.number),
            )
        ]  # fmt: skip

    def _erase(self, order: Order, filed: Filed) -> list[Change]:
        if not order.sure:
            raise RefusedError(f"erase takes text, original and evidence of {filed.name} away for ever; add --yes")
        evidence = f"audit/evidence/{filed.decided_at:%Y/%m/%d}/{filed.arrival}-{filed.record}.json"
        names = [filed.home, f"{filed.home}.why.json", f"{filed.home}.why.md", evidence]
        if filed.alone:
            archived = [f"archive/{name.partition('/')[2]}" for name in names[:3]]
            names += [name for name in (*archived, *self.originals(filed)) if name not in names]
        found = [(name, size) for name in names if (size := self.sizes(name)) is not None]
        erased = [{"path": name, "sha256": sha256, "bytes": size} for name, (sha256, size) in found]
        line = self._told(order, filed, self.clock.now(), ERASED, "", erased=erased)
        standing = None if filed.standing is None else Standing.ERASED
        return [
            Change(
                filed, order.action, order.id, line, ERASED, standing, None, f"erased/{filed.number}",
                effects=tuple(Effect(name) for name, _ in found),
                unlisted="erase" if filed.outcome == Outcome.ADMITTED.value else "",
                erased="all" if order.forget else "text",
            )
        ]  # fmt: skip

    def originals(self, filed: Filed) -> Sequence[str]:
        """Where the original of a file with one record may lie, beside the record's own home."""
        return self._originals(filed)

    _originals: Callable[[Filed], Sequence[str]] = lambda filed: ()  # noqa: ARG005 - nowhere else

    def _told(
        self, order: Order, filed: Filed, at: dt.datetime, became: str, home: str, *, action: str = "",
        restores: int | None = None, **carries: Any,  # noqa: ANN401 - the schema's fields
    ) -> Any:  # noqa: ANN401 - Line
        article: dict[str, Any] = {"id": filed.name}
        if filed.text_sha256:
            article["text_sha256"] = filed.text_sha256
        destination = {"path": home} if home else None

        def made(context: Context) -> Mapping[str, Any]:
            return event.ordered(
                action or order.action, context, at, order.operator,
                article=article, became=became, was=filed.outcome, destination=destination, restores=restores,
                **carries,
            )  # fmt: skip

        return self.chain.next(at, made)[1]


def _moved(source: str, goal: str, *, with_why: bool) -> tuple[Effect, ...]:
    endings = ("", ".why.json", ".why.md") if with_why else ("",)
    return tuple(Effect(goal + ending, source=source + ending) for ending in endings)


def _prepared(known: Known, text: str) -> Prepared:
    """An article as originality is asked about it."""
    made = known.fingerprint
    provenance = Provenance(0, made.raw_digest.hex(), 0, "")
    return Prepared(
        provenance, Article(text=text), (), (), made, known.text_sha256, made.words, made.language
    )


_ACTIONS: Final[dict[str, Callable[[Registrar, Order, Filed], list[Change]]]] = {
    "release": Registrar._release,  # noqa: SLF001 - the table of this module's own methods
    "confirm": Registrar._confirm,  # noqa: SLF001
    "retract": Registrar._retract,  # noqa: SLF001
    "restore": Registrar._restore,  # noqa: SLF001
    "erase": Registrar._erase,  # noqa: SLF001
}
