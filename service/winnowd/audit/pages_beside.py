"""The pages beside what is held, which say why it is held and who has ordered what, against the digests of the log."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit.expected import DECISIONS, Damage
from winnowd.event.kept import text_digest
from winnowd.layout import ORDER_MD, WHY_MD
from winnowd.model import REST
from winnowd.storage import packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_BEFORE_REST: Final = b"\n## The "
"""Begins what stands below why the rest of a file is held: a table of the records before it."""


class _Why(NamedTuple):
    """The why-file of a decision, that was not where it was put, or not as it was: an order may have moved it."""

    path: str
    digest: str
    is_rest: bool
    position: str


class _Page(NamedTuple):
    """The page of an order."""

    path: str
    sha256: str
    position: str


@dataclasses.dataclass(slots=True)
class PagesBeside:
    """``tell`` each decision and order; then ``finish`` gives the damage. Where nothing is held, no page is missed."""

    instance_dir: Path
    count: int = 0
    _odd: dict[tuple[str, int], _Why] = dataclasses.field(default_factory=dict)
    _pages: dict[tuple[str, int], _Page] = dataclasses.field(default_factory=dict)

    def tell(self, event: Mapping[str, Any], position: str) -> None:
        """The next decision or order."""
        ours = event["winnowd"]
        kept = ours.get("kept", {})
        record = (str(ours["arrival"]["id"]), int(ours["arrival"]["record"]))
        if event["event"]["action"] in DECISIONS:
            if "why" in kept:
                path = f"{ours['destination']['path']}{WHY_MD}"
                why = _Why(path, kept["why"], REST in ours["codes"], position)
                self.count += 1
                if not self._is_as_told(why):
                    self._odd[record] = why
            return
        self._pages.pop(record, None)
        page, why_before = kept.get("page"), self._odd.pop(record, None)
        if page is None:
            return
        self.count += 1
        self._pages[record] = _Page(page["path"], page["sha256"], position)
        if why_before is not None and page["path"].endswith(ORDER_MD):
            self._odd[record] = why_before._replace(path=f"{page['path'].removesuffix(ORDER_MD)}{WHY_MD}")

    def _is_as_told(self, why: _Why) -> bool:
        content = self._content(why.path)
        if content is not None and why.is_rest:
            head, _, _ = content.rpartition(_BEFORE_REST)
            content = head or content
        return content is not None and text_digest(content) == why.digest

    def _content(self, path: str) -> bytes | None:
        try:
            return packed.read(self.instance_dir / path)
        except OSError:
            return None

    def _lies(self, path: str) -> bool:
        try:
            return packed.stat_of(self.instance_dir / path) is not None
        except OSError:
            return True

    def finish(self) -> Iterator[Damage]:
        """The log is at its end."""
        for why in self._odd.values():
            if not self._is_as_told(why):
                yield from self._wrong(why.path, WHY_MD, f"does not say what {why.position} vouches for")
        for page in self._pages.values():
            content = self._content(page.path)
            if content is None or hashlib.sha256(content).hexdigest() != page.sha256:
                ending = WHY_MD if page.path.endswith(WHY_MD) else ORDER_MD
                yield from self._wrong(page.path, ending, f"does not say what {page.position} vouches for")

    def _wrong(self, path: str, ending: str, what: str) -> Iterator[Damage]:
        if self._lies(path):
            yield Damage("page", path, what)
        elif self._lies(path.removesuffix(ending)):
            yield Damage("page", path, "is gone, and what it tells of is there")
