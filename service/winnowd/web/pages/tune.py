"""Trying a limit out: what others would catch, beside what people decided; nothing is changed."""

from __future__ import annotations

import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.routing import Route

from winnowd.operations.tune import DAYS, NEWEST, NoLimitError
from winnowd.settings import SettingsError
from winnowd.views.escape import printable
from winnowd.views.pictures.caught import CurvePoint, caught_curve
from winnowd.views.pictures.picture import figure
from winnowd.views.replayed import OUTCOMES, between, people_said, would_be_text
from winnowd.web.frame import site_of
from winnowd.web.list_query import ListQuery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from winnowd.operations.replayed import Replayed
    from winnowd.operations.tune import Curve, Recent, Tuning
    from winnowd.views.pictures.picture import Picture

PATH: Final = "/tune"
_ENDS: Final = ("doubt", "fail")
_SHOWN: Final = 50
_BOUND: Final = f"the newest {NEWEST:,} decisions of the last {DAYS} days"


class Differing(NamedTuple):
    """One decision that would be, or may be, another; all of it may be shown."""

    id: str
    name: str
    was: str
    would_be: str


class Tried(NamedTuple):
    """What other limits would do: a row an outcome (was, would be), what people made of it, some decisions."""

    limits: str
    outcomes: Sequence[tuple[str, str, str]]
    people: Sequence[str]
    changes: Sequence[Differing]
    changed: int
    may_change: int
    unknown: int


def tune(request: Request) -> Response:
    """The curve of a rule, and what the limits of the form would do."""
    site, code = site_of(request), str(request.path_params["code"]).upper()
    query = ListQuery.of(request, f"{PATH}/{code}", _ENDS)
    recent = _recent(request)
    try:
        curve = recent.curve(code)
    except NoLimitError as fault:
        words = f"None of {_BOUND} was held to a limit of a rule by that code: there is nothing to try here."
        raise HTTPException(HTTPStatus.NOT_FOUND, words) from fault
    tried, refused = _tried(recent, curve, query.fields)
    return site.page(
        request,
        "tune.html",
        code=code,
        slug=printable(curve.slug.replace("-", " ")),
        unit=printable(curve.unit),
        query=query,
        ends=[end for end in _ENDS if getattr(curve, end) is not None],
        values={end: query.fields.get(end) or figure(getattr(curve, end) or 0) for end in _ENDS},
        picture=_picture(curve, query.fields),
        recent=recent,
        first=recent.first[:10],
        bound=_BOUND,
        is_whole=recent.count < NEWEST,
        tried=tried,
        fault=refused,
        least=figure(curve.points[0].limit) if curve.points else "0",
        most=figure(curve.points[-1].limit) if curve.points else "0",
    )


def _recent(request: Request) -> Recent:
    """The newest decisions, read once a minute for all who ask.

    Raises:
        HTTPException: the log cannot be read (503).
    """
    tuning: Tuning = request.app.state.tuning
    try:
        return tuning.recent()
    except (OSError, EOFError, zlib.error) as fault:
        words = "A file of the log cannot be read. On the machine, see “winnowd verify”."
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, words) from fault


def _tried(recent: Recent, curve: Curve, given: Mapping[str, str]) -> tuple[Tried | None, str]:
    """What was tried, None if nothing was; or why that is no limit."""
    ends = {end: value for end, value in given.items() if value}
    if not ends:
        return None, ""
    try:
        found = recent.tried(curve.code, ends)
    except SettingsError as fault:
        return None, printable("; ".join(fault.faults).replace("--set: ", ""))
    return _summary(found, ", ".join(f"{end} {printable(value)}" for end, value in ends.items())), ""


def _summary(found: Replayed, limits: str) -> Tried:
    rows = []
    for outcome in OUTCOMES:
        was = sum(count for (then, _), count in found.outcomes.items() if then == outcome)
        sure = sum(count for (_, would_be), count in found.outcomes.items() if would_be == (outcome,))
        may = sum(count for (_, would_be), count in found.outcomes.items() if outcome in would_be)
        rows.append((outcome, f"{was:,}", between(sure, may)))
    changed = sum(one.is_sure for one in found.differences)
    return Tried(
        limits=limits,
        outcomes=rows,
        people=list(people_said(found.people)),
        changes=[
            Differing(one.id, printable(one.name), one.was, would_be_text(one.would_be))
            for one in sorted(found.differences, key=lambda one: (not one.is_sure, -one.sequence))[:_SHOWN]
        ],
        changed=changed,
        may_change=len(found.differences) - changed,
        unknown=found.unknown,
    )


def _picture(curve: Curve, given: Mapping[str, str]) -> Picture:
    """The curve, with the limit that is tried, if it is a number."""
    try:
        tried = float(given.get("fail") or given.get("doubt") or "nan")
    except ValueError:
        tried = float("nan")
    points = [CurvePoint(*point) for point in curve.points]
    shown = tried if points and points[0].limit <= tried <= points[-1].limit else None
    return caught_curve(points, curve.totals, curve.doubt, curve.fail, shown)


ROUTES: Final = (Route(f"{PATH}/{{code:str}}", tune),)
