"""What a ledger made anew has otherwise than the digests of the log: not every text, nor every relation, is known."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, Final

from winnowd.event.kept import standing_digest, text_digest
from winnowd.pipeline.kept import kept_of, kept_of_texts
from winnowd.views.index import row_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.model import Judged, StateChange

_AT_ONCE: Final = 150
"""Records that one event tells of: some 250 bytes each, and a line has 64 KiB."""
_COMPARED: Final = ("stands", "fingerprint", "paragraphs", "relations", "row")


@dataclasses.dataclass(slots=True)
class Remade:
    """By the number of its event each decision or order of which something is otherwise, and what digests it has."""

    found: dict[int, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def decided(self, event: Mapping[str, Any], judged: Judged, row: str | None, *, has_text: bool) -> None:
        """A decision was told again; of one from before there were digests nothing can be otherwise."""
        kept = event["winnowd"].get("kept")
        if kept is None:
            return
        made = kept_of(judged) | kept_of_texts(judged.prepared.article, row, None)
        otherwise = {name: made.get(name) for name in _COMPARED if made.get(name) != kept.get(name)}
        if "relations" in otherwise:
            otherwise["relations"] = otherwise["relations"] or {}
        if not has_text:
            otherwise["without_text"] = True
        if otherwise:
            self.found[event["event"]["sequence"]] = otherwise

    def ordered(self, event: Mapping[str, Any], changes: Sequence[StateChange], *, is_lost: bool) -> None:
        """An order was told again."""
        kept = event["winnowd"].get("kept")
        if kept is None:
            return
        otherwise: dict[str, Any] = {"without_text": True} if is_lost else {}
        for change in changes:
            if change.listed is not None and (made := text_digest(row_json(change.listed))) != kept.get("row"):
                otherwise["row"] = made
            if (stands := _stands(change)) != kept["stands"]:
                otherwise["stands"] = stands
        if otherwise:
            self.found[event["event"]["sequence"]] = otherwise

    def parts(self) -> Iterator[list[dict[str, Any]]]:
        """All of them, in lists that fit into a line each."""
        entries = iter([{"sequence": sequence, **otherwise} for sequence, otherwise in sorted(self.found.items())])
        while part := list(itertools.islice(entries, _AT_ONCE)):
            yield part


def _stands(change: StateChange) -> str:
    """How a record stands after an order."""
    stored = change.stored
    standing = None if change.standing is None else change.standing.value
    codes = stored.codes if change.codes is None else change.codes
    sha256 = None if change.erased == "all" else stored.text_sha256
    return standing_digest(stored.number, change.outcome, standing, change.root, codes, change.location, sha256)
