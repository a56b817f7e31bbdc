"""The pages as files: an overview, a list of all that was turned away, a page for each of the newest of it.

No action, no script, no time but the log's own: the same log gives the same bytes. Pages lie side by side, so that each
leads to another by its name alone, wherever the folder lies.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.operations.explain import AmbiguousKeyError, NoDecisionError, NoSuchRecordError, explain_by_ledger
from winnowd.operations.overview import overview
from winnowd.operations.turned_away import Head, head, turned_away
from winnowd.web.glance import glance
from winnowd.web.listed import decided
from winnowd.web.record_values import record_context
from winnowd.web.templating import STATIC, templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.model.browsing import Listed
    from winnowd.settings import Settings

MOST: Final = 1_000
"""Records that have a page of their own, unless another number is asked for."""
LISTED: Final = 500
"""Records of one page of the list."""
POLICY: Final = "default-src 'none'; style-src 'self' file:; base-uri 'none'; form-action 'none'"
"""Browsers take a page that is a file for one of no origin, which 'self' does not mean; its style sheet is one, too."""
_SHOWN: Final = 10
_INDEX: Final = "index.html"
_STYLE: Final = "winnowd.css"


class Place(NamedTuple):
    """Where a page leads: its list, and its neighbours, "" for none."""

    list: str
    newer: str
    older: str


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What will be told: ``items``, newest first, of which the first ``paged`` have a page; up to an event."""

    instance_dir: Path
    settings: Settings
    head: Head
    since: dt.datetime | None
    items: Sequence[Listed]
    paged: int

    @classmethod
    def of(cls, instance_dir: Path, settings: Settings, since: dt.datetime | None = None, most: int = MOST) -> Report:
        """What an instance has to tell now; ``since``: nothing that was turned away before.

        Raises:
            LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
            OSError, EOFError, zlib.error: the newest days of the log cannot be read.
        """
        until = head(instance_dir)
        items = list(turned_away(instance_dir, until, since))
        return cls(instance_dir, settings, until, since, items, min(most, len(items)))

    @property
    def names(self) -> list[str]:
        """Its files, in the order in which they are made: what others lead to comes first."""
        lists = [_list_name(at) for at in range(self._lists)]
        return [_STYLE, *map(_name, self.items[: self.paged]), *lists, _INDEX]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Each file with its content, by ``names``.

        Raises:
            LedgerBehindError, LedgerDamagedError, OSError, EOFError, zlib.error: as ``of``.
        """
        yield _STYLE, b"\n".join((STATIC / name).read_bytes() for name in ("pictures.css", _STYLE))
        made = _Pages(self)
        for at, item in enumerate(self.items[: self.paged]):
            yield _name(item), made.record(at, item)
        for at in range(self._lists):
            yield _list_name(at), made.listing(at)
        yield _INDEX, made.index()

    @property
    def _lists(self) -> int:
        return -(-len(self.items) // LISTED)

    def listed(self, at: int) -> Sequence[Listed]:
        """What a page of the list has, newest first; the first page has the oldest, so that full ones stay."""
        end = len(self.items) - at * LISTED
        return self.items[max(0, end - LISTED) : end]

    def list_of(self, at: int) -> str:
        """The page of the list that has this one of the items."""
        return _list_name((len(self.items) - 1 - at) // LISTED)


class _Pages:
    """Renders; what is read of the log's limits is read once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._limits: dict[str, Mapping[str, Any]] = {}
        self._pages: dict[str, str] = {}
        for item in report.items[: report.paged]:
            self._pages.setdefault(item.id, _name(item))
            self._pages[item.record] = _name(item)
        self._templates = templates("report.html", lambda key: self._pages.get(key, ""))

    def record(self, at: int, item: Listed) -> bytes:
        report = self._report
        try:
            account = explain_by_ledger(report.instance_dir, report.settings, item.record, self._limits)
        except (NoSuchRecordError, AmbiguousKeyError, NoDecisionError):
            return self._render("report_lost.html", title=decided(item).title)
        newer = _name(report.items[at - 1]) if at else ""
        older = _name(report.items[at + 1]) if at + 1 < report.paged else ""
        context = record_context(report.instance_dir, report.settings, account)
        return self._render(
            "record.html", **context, place=Place(report.list_of(at), newer, older), record=item.record, read_only=True
        )

    def listing(self, at: int) -> bytes:
        newer = _list_name(at + 1) if self._report.listed(at + 1) else ""
        older = _list_name(at - 1) if at else ""
        rows = [decided(item) for item in self._report.listed(at)]
        return self._render("report_list.html", rows=rows, newer=newer, older=older)

    def index(self) -> bytes:
        report = self._report
        lists = [(_list_name(at), report.listed(at)) for at in reversed(range(-(-len(report.items) // LISTED)))]
        return self._render(
            "report_index.html",
            is_index=True,
            glance=glance(overview(report.instance_dir, _day(report.head))),
            head=report.head,
            since=" in all" if report.since is None else f" since {report.since:%Y-%m-%d %H:%M}".removesuffix(" 00:00"),
            count=len(report.items),
            paged=report.paged,
            rows=[decided(item) for item in report.items[:_SHOWN]],
            lists=[
                (name, f"{items[0].decided_at:%Y-%m-%d}", f"{items[-1].decided_at:%Y-%m-%d}") for name, items in lists
            ],
        )

    def _render(self, template: str, **context: object) -> bytes:
        given = {"policy": POLICY, "is_index": False, **context}
        return self._templates.get_template(template).render(**given).encode()


def _name(item: Listed) -> str:
    return f"{item.record}.html"


def _list_name(at: int) -> str:
    return f"turned-away-{at + 1}.html"


def _day(until: Head) -> dt.date:
    """The day that is the last of the overview; without a log any will do, and always the same."""
    return dt.date.fromisoformat(until.at[:10]) if until.at else dt.date(2000, 1, 30)
