"""The rollup of a sealed day: what its lines add up to, in a file beside them, so that they need not be read again.

It names the SHA-256 of the packed file whose lines it adds up, and is believed of no other. It can always be made anew
from these lines, and ``winnowd verify`` holds it to them. A day with a line that is no event has none.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
import operator
import sys
import zlib
from array import array
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from winnowd.audit.decisions import Limit, events_whole
from winnowd.audit.sums import EVERY_BY, UNLIMITED, Sums
from winnowd.layout import rollup_file
from winnowd.views.statistics import By  # noqa: TC001 - msgspec reads it

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from winnowd.audit.decisions import Event, EventWhole
    from winnowd.audit.reader import Log

_VERSION: Final = 1
_DIGEST: Final = 32
"""Bytes before all others."""
_LARGEST: Final = 1 << 27
"""Bytes of one column, unpacked: 16 million values; whoever forges one shall not fill the memory."""
_COPY: Final = "DUP"

Count = Annotated[int, msgspec.Meta(ge=0)]


class Copy(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An article that was turned away as a copy: of which one, and by which rule."""

    original: str
    article: str
    code: str


class _Packed(msgspec.Struct, frozen=True):
    """As it is kept, in MessagePack; columns are packed each by itself, so that one is read without the others."""

    of: str
    version: int
    earliest: str
    latest: str
    first: str
    last: str
    groups: dict[By, list[tuple[str, Literal["admitted", "quarantined", "rejected"], Count]]]
    refused: dict[str, Count]
    slugs: dict[str, str]
    others: dict[str, Count]
    times: dict[str, bytes]
    values: dict[str, bytes]
    texts: dict[str, Count]
    limits: dict[str, list[Limit]]
    copies: msgspec.Raw


@dataclasses.dataclass(frozen=True, slots=True)
class Rollup:
    """What the events of a day add up to: the fields of ``Sums``; each measure's values, and all times, in order.

    ``of``: the SHA-256 of the packed file.
    """

    of: str
    earliest: str
    latest: str
    first: str
    last: str
    groups: dict[By, list[tuple[str, str, int]]]
    refused: dict[str, int]
    slugs: dict[str, str]
    others: dict[str, int]
    times: dict[str, array[int]]
    values: dict[str, array[float]]
    texts: dict[str, int]
    limits: dict[str, list[Limit]]
    copies: tuple[Copy, ...] = ()

    def packed(self) -> bytes:
        """As its file has it: behind the SHA-256 of all the rest, since nobody syncs it."""
        fields = {name: getattr(self, name) for name in _SAME}
        content = msgspec.msgpack.encode(
            _Packed(
                version=_VERSION,
                times={name: _packed(array("q", spans)) for name, spans in self.times.items()},
                values={code: _packed(_steps(values)) for code, values in self.values.items()},
                copies=msgspec.Raw(msgspec.msgpack.encode(self.copies)),
                **fields,
            )
        )
        return hashlib.sha256(content).digest() + content


_SAME: Final = ("of", "earliest", "latest", "first", "last", "groups", "refused", "slugs", "others", "texts", "limits")


def rolled_up(log: Log, file: str) -> Rollup | None:
    """The rollup of a packed day, made from its lines; None of one that cannot be read, or holds what is no event."""
    sums, measured, copies = Sums(EVERY_BY), list[dict[str, float | str | None]](), list[Copy]()
    try:
        of = _sha256(log, file)
        for found in events_whole(log, file):
            decided = sums.add(found)
            measured += [one.winnowd.measured or {} for one in decided]
            copies += copies_among(decided)
            _add_limits(sums, found)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if sums.broken or not sums.latest:
        return None
    for code in sorted(set().union(*measured)):
        sums.add_measured(code, [one[code] for one in measured if code in one])
    return of_sums(sums, copies, of)


def of_sums(sums: Sums, copies: Iterable[Copy], of: str = "") -> Rollup:
    """What was added up, as a rollup; of no packed file if none is named."""
    return Rollup(
        of=of,
        groups={by: [(key, outcome, n) for (key, outcome), n in groups.items()] for by, groups in sums.groups.items()},
        times={name: array("q", sorted(spans)) for name, spans in sums.times.items()},
        values={code: array("d", sorted(values)) for code, values in sums.values.items()},
        copies=tuple(copies),
        **{name: getattr(sums, name) for name in _SAME if name not in {"of", "groups"}},
    )


def copies_among(decided: Iterable[Event[Any, Any]]) -> list[Copy]:
    """Those that were turned away as copies of an article that is named."""
    return [
        Copy(one.winnowd.nearest.id, one.winnowd.article.id, one.event.code)
        for one in decided
        if one.winnowd.nearest.twin and one.winnowd.outcome != "admitted" and one.event.code.startswith(_COPY)
    ]


def _add_limits(sums: Sums, found: Iterable[EventWhole]) -> None:
    for one in found:
        if one.event.action not in UNLIMITED:
            for code, limit in (one.winnowd.limits or {}).items():
                sums.add_limits(code, [limit])


def read(log: Log, file: str, codes: Collection[str] | None = (), *, copies: bool = False) -> Rollup | None:
    """The rollup that lies beside a packed day, with the values of these measures (None: of all), and copies if asked.

    None if there is none, if it is torn, of another file than the one that lies there, or no rollup of this version.
    """
    try:
        content = memoryview(log.path(rollup_file(file)).read_bytes())
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            return None
        found = _DECODER.decode(content[_DIGEST:])
        if found.version != _VERSION or found.of != _sha256(log, file):
            return None
        return Rollup(
            times={name: _spans(packed) for name, packed in found.times.items()},
            values={code: _values(one) for code, one in found.values.items() if codes is None or code in codes},
            copies=msgspec.msgpack.decode(found.copies, type=tuple[Copy, ...]) if copies else (),
            **{name: getattr(found, name) for name in _SAME},
        )
    except (OSError, ValueError, zlib.error):  # what msgspec raises is a ValueError
        return None


_DECODER: Final = msgspec.msgpack.Decoder(_Packed)


def is_true(log: Log, file: str) -> bool | None:
    """Whether a rollup says what the day's lines add up to; None if none is believed, and so none can mislead."""
    found = read(log, file, None, copies=True)
    return None if found is None else found == rolled_up(log, file)


def _sha256(log: Log, file: str) -> str:
    with log.path(file).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _packed(column: array[int]) -> bytes:
    """Eight bytes each, the least first."""
    if sys.byteorder == "big":
        column.byteswap()
    return zlib.compress(column.tobytes())


def _unpacked(typecode: Literal["q", "Q"], packed: bytes) -> array[int]:
    """The opposite.

    Raises:
        ValueError, zlib.error: it is no column.
    """
    unpacker = zlib.decompressobj()
    column = array(typecode, unpacker.decompress(packed, _LARGEST))
    if not unpacker.eof:
        raise ValueError("a column that ends too soon, or does not end")
    if sys.byteorder == "big":
        column.byteswap()
    return column


def _steps(values: Sequence[float]) -> array[int]:
    """The bytes of numbers as whole ones, in order, each as its step from the one before: that packs to a half."""
    words = sorted(array("Q", array("d", values).tobytes()))
    return array("Q", map(operator.sub, words, [0, *words]))


def _spans(packed: bytes) -> array[int]:
    """Times as they are kept, in order. That they are is not looked at: out of order they are as untrue as forged."""
    return _unpacked("q", packed)


def _values(packed: bytes) -> array[float]:
    words = itertools.accumulate(_unpacked("Q", packed))
    try:
        values = array("d", sorted(array("d", array("Q", words).tobytes())))
    except OverflowError as fault:
        raise ValueError("steps beyond all numbers") from fault
    if not all(map(math.isfinite, values)):
        raise ValueError("no finite number")
    return values
