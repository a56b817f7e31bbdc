"""One event as one line of the audit log: ASCII JSON, chained to the line before, at most 64 KiB. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.event.context import ascii_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.model import EvidenceLine

LONGEST: Final = 65_536
"""Bytes of a line; journald would split one of 48 KiB, but the log is a file."""

FIRST: Final = "0" * 64
"""What the first line of a log names as the line before."""
_END: Final = b'"}}}'
"""What stands behind the ``prev`` of a closed line."""

_UNADDRESSED: Final = b'"path":"","offset":0,"sha256":""'
"""The address of evidence that has none yet: text has its quotes escaped, so that nothing else in an event reads so."""


def written(event: Mapping[str, Any]) -> bytes:
    """An event in JSON, its line still open: ``winnowd``, its last block, has no chain yet.

    Raises ValueError for a number that JSON has not.
    """
    return ascii_json(event)


def addressed(said: bytes, evidence: EvidenceLine) -> bytes:
    """An event as ``written``, whose evidence has its place by now."""
    address = ascii_json({"path": evidence.path, "offset": evidence.start, "sha256": evidence.sha256})
    return said.replace(_UNADDRESSED, address[1:-1], 1)


def closed(said: bytes, prev: str) -> bytes:
    """The line of an event as ``written``, without its newline; ``prev``: ``digest`` of the line before, or ``FIRST``.

    A longer line loses the second halves of its biggest lists until it fits; ``winnowd.cut`` tells how many entries of
    which went. Raises ValueError for an event that no cut makes short enough.
    """
    line = said[:-2] + b',"chain":' + ascii_json({"prev": prev}) + b"}}"
    return line if len(line) <= LONGEST else _cut(line)


def chained(line: bytes, prev: str) -> bytes:
    """A line as ``closed``, by another ``prev``: whoever has cut it to its length need not know the line before.

    ``prev`` stands at its end, cut or not, and has one length.
    """
    return line[: -len(_END) - len(prev)] + prev.encode() + _END


def render(event: Mapping[str, Any], prev: str) -> bytes:
    """The line of an event, without its newline: ``written``, then ``closed``."""
    return closed(written(event), prev)


def digest(line: bytes) -> str:
    """What the next line calls ``prev``: the SHA-256 of the line's bytes without its newline."""
    return hashlib.sha256(line).hexdigest()


def _cut(whole: bytes) -> bytes:
    event = json.loads(whole)
    ours = event["winnowd"]
    left_out: dict[str, int] = {}
    ours["cut"] = left_out
    ours["chain"] = ours.pop("chain")
    while len(line := ascii_json(event)) > LONGEST:
        size, field_path = max(((len(ascii_json(found)), name) for name, found in _long(ours, "")), default=(0, ""))
        if not size:
            raise ValueError(f"an event of {len(line)} bytes has no list left to cut; its fields are too long")
        found = _at(ours, field_path)
        keys = range(len(found)) if isinstance(found, list) else list(found)
        surplus = keys[len(found) // 2 :]
        for key in reversed(surplus):
            del found[key]
        left_out[field_path] = left_out.get(field_path, 0) + len(surplus)
    return line


def _long(block: dict[str, Any], prefix: str) -> Iterator[tuple[str, list[Any] | dict[str, Any]]]:
    """Every list, and every mapping of plain values by code or setting, that has something to lose."""
    for name, value in block.items():
        field_path = f"{prefix}{name}"
        if (isinstance(value, list) and value) or (name in _MAPPINGS and len(value) > 1):
            yield field_path, value
        elif isinstance(value, dict) and name not in {"cut", "chain"}:
            yield from _long(value, f"{field_path}.")


_MAPPINGS = frozenset({"measured", "unmeasured", "limits", "settings"})


def _at(block: dict[str, Any], field_path: str) -> Any:  # noqa: ANN401 - any JSON value
    found: Any = block
    for name in field_path.split("."):
        found = found[name]
    return found
