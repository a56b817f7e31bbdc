"""The corpus index on disk: changed pages, README.md, INDEX.md; all follows from the ledger and may be repeated."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
from typing import TYPE_CHECKING, Final

from winnowd import __version__
from winnowd.layout import CARD, INDEX, INDEX_PAGES, TOMBSTONES, index_rows, index_table
from winnowd.views import index as view
from winnowd.views.card import seeds_card

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger import Ledger
    from winnowd.storage.ledger.pages import Page

REFUSED_DAYS: Final = 30
_UPDATED: Final = b"  updated: "
_ANY_TIME: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_IN_THE_CARD: Final = (b"configs: [", b"pretty_name: ", b"language: [", b"license: ", b"size_categories: [")
"""What an INDEX.md says of itself that an earlier version wrote, which wrote no card: it has not drifted for that."""


class Index:
    """Writes ``seeds/index/``, ``seeds/README.md`` and ``seeds/INDEX.md``.

    Up to ``inline_max`` articles are listed in INDEX.md itself; ``slugs`` name the codes; ``languages`` are accepted.
    ``written`` is what INDEX.md said when it was written last.
    """

    def __init__(
        self, disk: Disk, ledger: Ledger, *, inline_max: int, slugs: Mapping[str, str], languages: Sequence[str]
    ) -> None:
        self._disk = disk
        self._ledger = ledger
        self._inline_max = inline_max
        self._slugs = slugs
        self._languages = tuple(languages)
        self.written: view.IndexState | None = None

    def flush(self, now: dt.datetime) -> int:
        """Write the pages that are behind, the card if it has changed, then INDEX.md; give the number of pages."""
        return self._write_pages(self._ledger.pages.dirty(), now)

    def rewrite(self, now: dt.datetime) -> int:
        """Write every page anew, and take away what is none; give their number."""
        pages = [page.page for page in self._ledger.pages.all()]
        for stray in self._strays(pages):
            self._disk.remove(self._disk.path(stray))
        return self._write_pages(pages, now)

    def _write_pages(self, pages: Sequence[str], now: dt.datetime) -> int:
        """Each file is whole on disk before a reader can see it, and in its place there before it is called written."""
        hashes: dict[str, str] = {}
        temp_path: list[tuple[str, Path]] = []
        for page in pages:
            lines, table = self._page(page)
            hashes[page] = hashlib.sha256(lines).hexdigest()
            temp_path += [self._temp(index_rows(page), lines), self._temp(index_table(page), table)]
        tombstones = self._tombstones() if pages else b""
        if tombstones:
            temp_path.append(self._temp(TOMBSTONES, tombstones))
        elif pages and self._disk.path(TOMBSTONES).exists():  # all that ever left is back
            self._disk.remove(self._disk.path(TOMBSTONES))
        state = self._state(now, hashes)
        if (card := seeds_card(state)) != self._content(CARD):
            temp_path.append(self._temp(CARD, card))
        temp_path.append(self._temp(INDEX, view.index_md(state)))
        self._disk.sync()
        for written, goal in temp_path:
            self._disk.put(written, goal)
        if pages:
            self._disk.sync()
            with self._ledger.transaction():
                self._ledger.pages.written(hashes)
        self.written = state
        return len(pages)

    def _temp(self, path: str, content: bytes) -> tuple[str, Path]:
        goal = self._disk.path(path)
        return self._disk.write_temp(goal, content), goal

    def _tombstones(self) -> bytes:
        return "".join(json.dumps(one) + "\n" for one in self._ledger.pages.tombstones()).encode()

    def _page(self, page: str) -> tuple[bytes, bytes]:
        return view.page_of(page.partition("/")[0], self._ledger.pages.lines(page))

    def drift(self) -> list[str]:
        """The files of the index that are not what the ledger says; INDEX.md is held to the day that it is of."""
        found = [path for path, content in self._files() if self._content(path) != content]
        found += self._strays(page.page for page in self._ledger.pages.all())
        return found + self._drift_of_the_whole()

    def _drift_of_the_whole(self) -> list[str]:
        """The same of README.md and INDEX.md: of nothing neither is missed, since a first start may end before both."""
        index, written = self._content(INDEX), self._content(CARD)
        updated = _updated(index)
        state = self._state(updated or _ANY_TIME)
        is_blank = not self._ledger.pages.all() and not self._disk.path(INDEX).exists()
        found = []
        if _IN_THE_CARD[0] not in index and written != seeds_card(state) and not (is_blank and not written):
            found.append(CARD)
        if not is_blank and (updated is None or _without_time(index) != _without_time(view.index_md(state))):
            found.append(INDEX)
        return found

    def _files(self) -> Iterator[tuple[str, bytes]]:
        """Pages and tombstones as the ledger wants them; page by page, since a million rows would fill memory."""
        for page in self._ledger.pages.all():
            lines, table = self._page(page.page)
            yield index_rows(page.page), lines
            yield index_table(page.page), table
        yield TOMBSTONES, self._tombstones()

    def _strays(self, pages: Iterable[str]) -> list[str]:
        """The files in the folders of pages that are no page of the ledger."""
        expected = {f"{page}.{ending}" for page in pages for ending in ("jsonl", "md")}
        folder = self._disk.path(INDEX_PAGES)
        found = (path.relative_to(folder).as_posix() for path in sorted(folder.glob("[0-9]*/[!.]*")))
        return [f"{INDEX_PAGES}/{name}" for name in found if name not in expected]

    def _content(self, path: str) -> bytes:
        found = self._disk.path(path)
        return found.read_bytes() if found.is_file() else b""  # who opens a FIFO waits for its writer

    def _state(self, now: dt.datetime, hashes: Mapping[str, str] | None = None) -> view.IndexState:
        """What INDEX.md says; ``hashes`` are those of pages that are just being written."""
        pages = [page._replace(sha256=(hashes or {}).get(page.page, page.sha256)) for page in self._ledger.pages.all()]
        articles = sum(page.articles for page in pages)
        newest = self._ledger.pages.newest(articles if articles <= self._inline_max else view.LISTED)
        since = (now.date() - dt.timedelta(days=REFUSED_DAYS)).isoformat()
        refused = self._ledger.decisions.refused_since(since)
        end = self._ledger.outbox.end()
        return view.IndexState(
            articles=articles,
            words=sum(page.words for page in pages),
            bytes=sum(page.bytes for page in pages),
            updated=now,
            version=__version__,
            audit_sequence=end.sequence,
            audit_sha256=end.sha256,
            index_sha256=_whole(pages, self._tombstones()),
            months=tuple(_months(pages)),
            newest=tuple(newest),
            refused=tuple((code, self._slugs.get(code, ""), count) for code, count in refused.items()),
            languages=self._languages,
            first_published=min((page.first_published for page in pages if page.first_published), default=None),
            last_published=max((page.last_published for page in pages if page.last_published), default=None),
            last_admitted=newest[0]["admitted"] if newest else None,
        )


def _whole(pages: Sequence[Page], tombstones: bytes) -> str:
    """One hash over all pages: SHA-256 of the sorted lines ``sha256  path`` of their JSON Lines, tombstones too."""
    lines = [f"{page.sha256}  index/{page.page}.jsonl\n" for page in pages]
    if tombstones:
        lines.append(f"{hashlib.sha256(tombstones).hexdigest()}  index/tombstones.jsonl\n")
    lines.sort()
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _months(pages: Sequence[Page]) -> list[view.Month]:
    months = []
    for month, group in itertools.groupby(pages, key=lambda page: page.month):
        of_month = list(group)
        articles, words = sum(page.articles for page in of_month), sum(page.words for page in of_month)
        months.append(view.Month(month, articles, words, tuple(page.page.partition("/")[2] for page in of_month)))
    return months


def _updated(content: bytes) -> dt.datetime | None:
    """When INDEX.md says that it was written; None if it does not, or at a time before all times."""
    said = next((line for line in content.split(b"\n") if line.startswith(_UPDATED)), b"")
    try:
        updated = dt.datetime.fromisoformat(said.removeprefix(_UPDATED).decode("ascii"))
    except ValueError:
        return None
    return updated if updated.year > dt.MINYEAR else None


def _without_time(content: bytes) -> list[bytes]:
    """Its lines without what every flush changes: the time, where the log ended then, and which winnowd wrote it."""
    changing = (_UPDATED, b"  audit_sequence: ", b"  audit_sha256: ", b"# made by winnowd ", *_IN_THE_CARD)
    return [line for line in content.split(b"\n") if not line.startswith(changing)]
