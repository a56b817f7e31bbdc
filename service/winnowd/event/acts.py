"""The events of all that is no decision: acts of the service, and orders of people. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, Literal

from winnowd.event.context import DATASET, SCHEMA, header, visible

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from winnowd.event.context import Context

_ACTS: Final[dict[str, tuple[str, str]]] = {
    "startup": ("process", "start"),
    "shutdown": ("process", "end"),
    "config-change": ("configuration", "change"),
    "recovered": ("process", "info"),
    "failure": ("file", "error"),
    "index-written": ("file", "change"),
    "day-sealed": ("file", "info"),
    "retention": ("file", "deletion"),
    "changed-after": ("file", "change"),
}
_CODES: Final = {"changed-after": "SYS951"}
_ORDERS: Final[dict[str, tuple[str, str]]] = {
    "release": ("file", "creation"),
    "confirm": ("file", "info"),
    "restore": ("file", "change"),
    "supersede": ("file", "change"),
    "retract": ("file", "deletion"),
    "erase": ("file", "deletion"),
}
_BECOMES: Final = {
    "release": "admitted",
    "confirm": "rejected",
    "retract": "retracted",
    "erase": "erased",
}
_LONGEST_MESSAGE: Final = 1_000
_LONGEST_REASON: Final = 4_000


@dataclasses.dataclass(frozen=True, slots=True)
class Operator:
    """Who gave an order, and how: ``uid`` owns the order file and is proof; ``name`` may be claimed by a web page."""

    name: str
    reason: str
    via: Literal["cli", "web", "review", "service"]
    order: str
    uid: int | None = None
    claimed: bool = False


def service(
    action: str,
    context: Context,
    at: dt.datetime,
    message: str,
    *,
    carries: Mapping[str, Any] | None = None,
    error: Mapping[str, str] | None = None,
    failed: bool = False,
) -> dict[str, Any]:
    """The event of an act of the service itself.

    ``action``: startup, shutdown, config-change, recovered, failure, index-written, day-sealed, retention or
    changed-after (KeyError for another). ``carries`` are its own fields under ``winnowd``, as the schema names them:
    for startup ``versions``, ``platform``, ``catalogue``, ``recipe``, ``limits``, ``settings``; shutdown ``because``,
    ``counts``; config-change ``config_before``, ``changed``, ``limits``; recovered ``recovered``,
    ``remade``; failure ``retry``, ``arrival``;
    index-written ``index``; day-sealed ``sealed``; retention ``retention``; changed-after ``arrival``. ``error``
    {type, message, code} is a failure's;
    ``failed`` marks the act itself.
    """
    category, kind = _ACTS[action]
    error = error or {}
    level, outcome = ("error", "failure") if error or failed else ("info", "success")
    event = header(context, at, visible(message)[:_LONGEST_MESSAGE], level)
    event["event"] |= {"category": [category], "type": [kind], "action": action, "outcome": outcome}
    if code := error.get("code") or _CODES.get(action):
        event["event"]["code"] = code
    event["event"] |= DATASET
    if error:
        event["error"] = {name: visible(text)[:_LONGEST_MESSAGE] for name, text in error.items() if text}
    event["winnowd"] = _ours(context) | _present(carries or {})
    event["winnowd"].setdefault("config", {"sha256": context.config})
    return event


def ordered(
    action: str,
    context: Context,
    at: dt.datetime,
    operator: Operator,
    *,
    article: Mapping[str, Any],
    arrival: Mapping[str, Any] | None = None,
    became: str = "",
    supersedes: Mapping[str, Any] | None = None,
    kept: Mapping[str, Any] | None = None,
    **carries: Any,  # noqa: ANN401 - the schema's fields
) -> dict[str, Any]:
    """The event of an order carried out on one record.

    ``action``: release, confirm, restore, supersede, retract or erase (KeyError for another). ``article``: {id,
    text_sha256} or, without text, {id}; ``arrival``: {id, record}, which of several with one text. ``became``: the
    outcome after it, given for ``restore`` and ``supersede``, and where ``release`` has the rest of a file judged.
    Of ``carries``, None is left out: ``was`` the outcome before, ``codes`` lifted or given, ``destination`` {path},
    ``restores`` the sequence of the order undone, ``erased`` [{path, sha256, bytes}], ``remembered`` {raw_sha256,
    words_sha256} by which a copy of an erased article is still known. ``supersedes`` {old, new, code, values} belongs
    to the operator's block; ``kept`` are the digests of how the record stands then.
    """
    category, kind = _ORDERS[action]
    became = became or _BECOMES[action]
    message = f"{action} of {article['id']} by {visible(operator.name)}: {became}"
    event = header(context, at, message[:_LONGEST_MESSAGE])
    event["event"] |= {"category": [category], "type": [kind], "action": action, "outcome": "success"}
    event["event"] |= DATASET
    event["user"] = {"name": operator.name}
    if operator.uid is not None:
        event["user"] = {"id": str(operator.uid), **event["user"]}
    event["winnowd"] = _ours(context) | ({} if arrival is None else {"arrival": dict(arrival)})
    event["winnowd"] |= {"article": dict(article), "outcome": became}
    event["winnowd"] |= _present(carries)
    event["winnowd"] |= {"operator": _operator(operator, supersedes), "config": {"sha256": context.config}}
    if kept is not None:
        event["winnowd"]["kept"] = dict(kept)
    return event


def _present(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block without what is None, and so each block in it: a field is absent, never null."""
    return {
        name: _present(value) if isinstance(value, dict) else value
        for name, value in block.items()
        if value is not None
    }


def _ours(context: Context) -> dict[str, Any]:
    return {"schema": SCHEMA, "run": {"id": context.run}}


def _operator(operator: Operator, supersedes: Mapping[str, Any] | None) -> dict[str, Any]:
    block: dict[str, Any] = {"reason": visible(operator.reason)[:_LONGEST_REASON], "via": operator.via}
    block["order"] = operator.order
    if operator.claimed:
        block["claimed"] = True
    return block if supersedes is None else {**block, "supersedes": dict(supersedes)}
