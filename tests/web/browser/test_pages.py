"""Each page, light and dark, narrow and wide, with and without script: nothing amiss by axe, by eye, by keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from starlette.routing import Route
from tests.web.browser.look import ALL, FEW, HEIGHT, WIDTHS, Console, in_each_way
from tests.web.browser.stand import record_of

from winnowd.web.app import OPEN, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Page
    from tests.web.browser.stand import Stand

ROUTES: Final = [route for page in PAGES for route in page.ROUTES] + [
    route for page in OPEN for route in page.OPEN_ROUTES
]
PATHS: Final = sorted({route.path for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ())})
CODES: Final = ("DUP606", "DUP607", "QUA401")
BESIDE: Final = (
    "/nowhere",
    "/find?q=nothing-by-that-name",
    "/find?q=e",
    "/quarantine?code=QUA401&older=7d",
    "/quarantine/all?code=QUA401",
)
"""Pages that no route names: what is not there, what fits several, a list without and with a choice."""


def addresses(path: str, stand: Stand) -> list[str]:
    """The addresses to look at by the path of a route."""
    names = re.findall(r"{(\w+)(?::\w+)?}", path)
    if not names:
        return [path]
    records = [record_of(one) for one in stand.made.decisions()]
    records = records if path == "/a/{key}" else records[2:9:3]
    values = {"key": records, "record": records, "code": CODES, "name": ["nothing"]}
    (name,) = names  # a page of more than one is new: say here what to look at
    return [re.sub(r"{.*}", value, path) for value in values[name]]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("path", [*PATHS, *BESIDE])
def test_nothing_is_amiss(path: str, script: bool, stand: Stand, opened: Callable[..., Page]) -> None:  # noqa: FBT001 - by name
    """Whatever the texts are. By axe the first page of a route in each way, its others once narrow and once wide."""
    page = opened(stand, viewport={"width": max(WIDTHS), "height": HEIGHT})
    if not script:  # axe needs a browser that runs one: only the page has none; test_deciding.py has neither
        page.context.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    console = Console(page)

    found = [
        f"{address}: {one}"
        for at, address in enumerate(addresses(path, stand))
        for one in amiss(page, stand.address + address, console, by_axe_at=FEW if at or not script else ALL)
    ]

    assert not found, "\n".join(found)


def amiss(page: Page, address: str, console: Console, by_axe_at: Sequence[tuple[int, str]]) -> Iterator[str]:
    """All that is amiss on a page; of what is no page nothing."""
    answer = page.request.get(address)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        assert answer.headers["x-content-type-options"] == "nosniff"
        return
    page.goto(address)
    yield from (one for one in console.take() if answer.ok or f"status of {answer.status}" not in one)
    yield from in_each_way(page, by_axe_at)
    yield from console.take()
