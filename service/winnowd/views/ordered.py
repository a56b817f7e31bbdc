"""The page beside a file that an order has moved: who gave it, when, why, and how it is undone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.escape import cell

if TYPE_CHECKING:
    import datetime as dt

_DID: Final = {
    "release": ("released", "let it into the corpus"),
    "confirm": ("confirmed", "turned it away for good"),
    "retract": ("retracted", "took it out of the corpus"),
    "restore": ("restored", "put it back to what it was"),
    "supersede": ("superseded", "took it out of the corpus for another version"),
}
_LONGEST_REASON: Final = 4_000


class Ordered(NamedTuple):
    """An order carried out on one record: its ``file`` as it was named in the inbox, what it ``was`` and ``became``.

    ``sequence``: of the event that tells it; ``restores``: of the one that it undoes.
    """

    action: str
    file: str
    id: str
    was: str
    became: str
    at: dt.datetime
    person: str
    reason: str
    sequence: int
    restores: int | None = None


def order_md(one: Ordered) -> bytes:
    """The page, as Markdown. Raises KeyError for an action that moves nothing."""
    done, did = _DID[one.action]
    person = cell(one.person)
    undone = "" if one.restores is None else f", and so undid event {one.restores}"
    lines = (
        f"# {cell(one.file)}: {done} by {person}",
        "",
        f"{person} {did} on {one.at:%Y-%m-%d} at {one.at:%H:%M:%S} UTC{undone}. It was {one.was}, and is {one.became}.",
        "",
        f"- why: {cell(one.reason, most=_LONGEST_REASON)}",
        f"- id: {one.id}",
        f"- event: {one.sequence}",
        "",
        f"- to see all of it: `winnowd explain {one.id}`",
        f'- to undo this: `winnowd restore {one.id} --reason "..."`',
    )
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")
