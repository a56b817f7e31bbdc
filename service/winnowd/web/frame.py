"""What every page needs: the instance, its settings as they are now, who may do what, and templates that escape."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.responses import HTMLResponse

from winnowd.model import Selection
from winnowd.operations.explain import NoSuchRecordError, explain_by_ledger
from winnowd.operations.queue import known_waiting_count, queue, waiting_count, waiting_feeds
from winnowd.operations.second_look import is_served
from winnowd.web.templating import templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jinja2 import Environment
    from starlette.requests import Request

    from winnowd.operations.queue import WaitingSet
    from winnowd.settings import Loaded
    from winnowd.views.account import Account
    from winnowd.web.access import Access

_MOST_SETS: Final = 8
_MOST_GIVEN: Final = 200
MOST_FEEDS: Final = 200
FACETS_LAST: Final = dt.timedelta(seconds=10)


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """What somebody has decided on the page: ``action`` on ``count`` records, by these orders."""

    action: str
    count: int
    orders: tuple[str, ...]


class Facets(NamedTuple):
    """How many of all that waits have which worst code, and came by which feed, most first; and when that was asked."""

    at: dt.datetime
    by_code: Mapping[str, int]
    feeds: Mapping[str, int]


class Latest(OrderedDict[str, Any]):
    """The last things that were put in, by name; what is older is forgotten."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, name: str, value: object) -> None:
        """Put one in."""
        self[name] = value
        self.move_to_end(name)
        while len(self) > self._most:
            self.popitem(last=False)


class Site:
    """The page of one instance; ``load`` gives its settings, ``now`` the time (UTC)."""

    def __init__(
        self,
        instance_dir: Path,
        load: Callable[[], Loaded],
        access: Access,
        now: Callable[[], dt.datetime],
    ) -> None:
        self.instance_dir, self.load, self.access, self.now = instance_dir, load, access, now
        self._shown: Latest = Latest(_MOST_SETS)
        self._given: Latest = Latest(_MOST_GIVEN)
        self._limits: dict[str, Mapping[str, Any]] = {}
        self._facets: Facets | None = None
        self._templates = _environment()
        self.pages: frozenset[str] = frozenset()

    def page(self, request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        """A template with its context, and with what the frame around every page shows."""
        return HTMLResponse(self._templates.get_template(template).render(**self._frame(request), **context), status)

    def _frame(self, request: Request) -> Mapping[str, object]:
        state = request.state
        has_session = bool(getattr(state, "session", ""))
        return {
            "path": request.url.path,
            "pages": self.pages,
            "user": getattr(state, "user", ""),
            "form_token": self.access.form_token(state.session) if has_session else "",
            "read_only": self.access.read_only,
            "has_session": has_session,
            "waiting_count": (known_waiting_count(self.instance_dir) or 0) if has_session else 0,
            "served": is_served(self.instance_dir) if has_session else True,
            "has_logout": has_session and not self.access.user_header,
        }

    def explain(self, key: str) -> Account:
        """What is known of the record that a key fits.

        Raises:
            NoSuchRecordError, AmbiguousKeyError, NoDecisionError: it fits none, or several; or there are only orders.
            LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
        """
        try:
            return explain_by_ledger(self.instance_dir, self.load().settings, key, self._limits)
        except NoSuchRecordError:
            waiting_count(self.instance_dir)  # a ledger that cannot be believed knows of nothing, and raises here
            raise

    def facets(self) -> Facets:
        """By what the list may be narrowed; ten seconds old at most, since it costs more than the list itself."""
        held, now = self._facets, self.now()
        if held is None or not dt.timedelta() <= now - held.at <= FACETS_LAST:
            by_code = queue(self.instance_dir, Selection(), most=0).by_code
            feeds = waiting_feeds(self.instance_dir, Selection())
            held = self._facets = Facets(now, by_code, dict(itertools.islice(feeds.items(), MOST_FEEDS)))
        return held

    def keep_set(self, shown: WaitingSet) -> None:
        """Remember a set that somebody was shown, to tell what has changed when they decide on it."""
        self._shown.keep(shown.set_id, shown)

    def set_shown(self, set_id: str) -> WaitingSet | None:
        """A set that was shown of late."""
        found: WaitingSet | None = self._shown.get(set_id)
        return found

    def keep_given(self, given: Given) -> None:
        """Remember what was decided, under its first order."""
        self._given.keep(given.orders[0], given)

    def given(self, order: str) -> Given | None:
        """What was decided by this order and those that were given with it."""
        found: Given | None = self._given.get(order)
        return found


def site_of(request: Request) -> Site:
    """The site that a request is for."""
    found: Site = request.app.state.site
    return found


def address_of(key: str) -> str:
    """Where the page of a record, or of an article, is."""
    return f"/a/{key}"


@functools.cache
def _environment() -> Environment:
    return templates("base.html", address_of)
