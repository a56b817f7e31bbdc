"""Decisions of any outcome, and the corpus: lists, narrowed by what is counted beside them; for programs, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from winnowd.operations.browse import COLUMNS, FACETS, MOST, PAGE, WINDOW, browse, facets, fields, sought_from
from winnowd.operations.rules import NoSuchRuleError, limit_settings, rule_named
from winnowd.views.sheet import Sheet
from winnowd.web.frame import site_of
from winnowd.web.list_query import ListQuery
from winnowd.web.listed import decided

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from winnowd.model.browsing import Found, Sought

NAMES: Final = (*FACETS, "text", "least", "most_shared")
_PLACES: Final = {"/decisions": "Decisions", "/corpus": "Corpus"}


def listing(path: str) -> Callable[[Request], Response]:
    """The page of one of the lists."""

    def page(request: Request) -> Response:
        site, query = site_of(request), ListQuery.of(request, path, NAMES)
        sought = _sought(query, path)
        found = _found(request, query, sought, PAGE)
        return site.page(
            request,
            "decisions.html",
            heading=_PLACES[path],
            in_corpus=sought.in_corpus,
            query=query,
            rows=[decided(item) for item in found.items],
            found=found,
            looked_at=WINDOW,
            tuned=_tuned(sought.code),
            facets=facets(site.instance_dir, sought),
            facet_names=[name for name in FACETS if not (sought.in_corpus and name == "outcome")],
        )

    return page


def as_json(path: str) -> Callable[[Request], Response]:
    """A page of it for programs: ``items``, and the address at which it goes on (``older``), null at the end."""

    def answer(request: Request) -> Response:
        query = ListQuery.of(request, path, NAMES)
        found = _found(request, query, _sought(query, path), PAGE)
        return JSONResponse({"items": [fields(item) for item in found.items], "older": _older(query, found, ".json")})

    return answer


def as_csv(path: str) -> Callable[[Request], Response]:
    """The same for spreadsheets, as many rows as a page may have; the address at which it goes on is in ``Link``."""

    def answer(request: Request) -> Response:
        query = ListQuery.of(request, path, NAMES)
        found, sheet = _found(request, query, _sought(query, path), MOST), Sheet()
        lines = [sheet.line(COLUMNS), *(sheet.line(fields(item).values()) for item in found.items)]
        headers = {"content-disposition": f'attachment; filename="{path[1:]}.csv"'}
        if older := _older(query, found, ".csv"):
            headers["link"] = f'<{older}>; rel="next"'
        return Response("".join(lines), media_type="text/csv", headers=headers)

    return answer


def _tuned(code: str) -> str:
    """The code of the rule that is chosen, if it has limits that may be tried; else ""."""
    try:
        rule = rule_named(code)
    except NoSuchRuleError:
        return ""
    return rule.code if limit_settings(rule) else ""


def _sought(query: ListQuery, path: str) -> Sought:
    """What is sought; ``most`` is how many rows are wanted, so the upper bound of the share has a name of its own."""

    def read(given: Any) -> Sought:  # noqa: ANN401 - a mapping
        return sought_from({**given, "most": given.get("most_shared", "")}, in_corpus=path == "/corpus")

    return query.meant(read)


def _found(request: Request, query: ListQuery, sought: Sought, most: int) -> Found:
    return browse(
        site_of(request).instance_dir,
        sought,
        before=query.number("before"),
        after=query.number("after"),
        most=query.number("most") or most,
    )


def _older(query: ListQuery, found: Found, ending: str) -> str | None:
    if found.older is None:
        return None
    return query.address(ending=ending, before=found.older, most=query.number("most"))


ROUTES: Final = tuple(
    route
    for path in _PLACES
    for route in (
        Route(path, listing(path)),
        Route(f"{path}.json", as_json(path)),
        Route(f"{path}.csv", as_csv(path)),
    )
)
