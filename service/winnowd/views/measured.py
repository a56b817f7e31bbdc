"""Every measure of one record as a table: what was asked, what it gave, where its limits are. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.views.bars import DOUBT, FAIL, bar
from winnowd.views.escape import printable
from winnowd.views.lines import Line, Span, cells, cut, line_cells, wrapped
from winnowd.views.why import measures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.views.why import Rules

STYLES: Final = {"pass": "good", "doubt": "doubt", "fail": "bad"}
SIGNS: Final = {("max", False): ">", ("max", True): "≥", ("min", False): "<", ("min", True): "≤"}
_HEAD: Final = ("code", "rule", "grade", "measured", f"doubt {DOUBT}", f"fail {FAIL}")
_RIGHT: Final = (False, False, False, True, True, True)
_LONGEST_TEXT: Final = 24
_LEAST_SLUG: Final = 8
_LEAST_BAR: Final = 8
_MOST_BAR: Final = 24
_GAP: Final = 2
_SAID: Final = 10
"""Cells before what a rule says that passes without a measure: it stands below its name."""


def figure(value: float | str) -> str:
    """A measured value or limit: at most four decimals, texts as they are."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")


def measure_table(event: Mapping[str, Any], rules: Rules, width: int) -> Iterator[Line]:
    """A line for each rule asked, the worst first, with a bar where there is room for one."""
    rows = measures(event, rules)
    cells_of = [_cells(row) for row in rows]
    widths = _widths(cells_of, width)
    yield _laid_out([Span(name, "dim") for name in _HEAD], widths)
    room = min(_MOST_BAR, width - sum(widths) - _GAP * (len(widths) + 1))
    for row, spans in zip(rows, cells_of, strict=True):
        drawn = _bar(row, room) if room >= _LEAST_BAR else ()
        line = (*_laid_out(spans, widths), *((Span(" " * _GAP), *drawn) if drawn else ()))
        yield from [line] if line_cells(line) <= width else wrapped(line, width, "    ")
        if row["grade"] == "pass" and "because" in row:
            yield (Span(" " * _SAID), Span(cut(printable(row["because"]), width - _SAID), "dim"))


def _widths(rows: Sequence[Sequence[Span]], width: int) -> list[int]:
    """As wide as the widest cell of each column; names of rules give way where all are too wide together."""
    widths = [max([cells(name), *(cells(row[at].text) for row in rows)]) for at, name in enumerate(_HEAD)]
    surplus = sum(widths) + _GAP * len(widths) - width
    widths[1] = max(_LEAST_SLUG, widths[1] - max(0, surplus))
    return widths


def _cells(row: Mapping[str, Any]) -> list[Span]:
    style, value = STYLES[row["grade"]], row.get("measured", "")
    text = printable(cut(figure(value), _LONGEST_TEXT))
    unit = row.get("unit", "")
    cells_of = f"{text} {_UNITS.get(unit, unit)}".strip() if isinstance(value, int | float) else text
    limits = [Span(_limit(row, grade), "dim") for grade in ("doubt", "fail")]
    return [
        Span(row["code"], style),
        Span(row.get("slug", "")),
        Span(row["grade"], style),
        Span(cells_of, "" if row["grade"] == "pass" else "bold"),
        *limits,
    ]


_UNITS: Final = {"characters per word": "chars/word", "per word": "/word"}
"""Long units in short, so that a table fits a hundred cells."""


def _limit(row: Mapping[str, Any], grade: str) -> str:
    if grade not in row:
        return ""
    return f"{SIGNS[row['side'], bool(row.get('reached'))]} {figure(row[grade])}"


def _bar(row: Mapping[str, Any], width: int) -> Line:
    value = row.get("measured")
    limit = {key: row[key] for key in ("doubt", "fail") if key in row}
    return bar(value, limit, row["grade"], width) if isinstance(value, int | float) else ()


def _laid_out(spans: Sequence[Span], widths: Sequence[int]) -> Line:
    line: list[Span] = []
    for whole, width, right in zip(spans, widths, _RIGHT, strict=True):
        span = Span(cut(whole.text, width), whole.style)
        blanks = Span(" " * (width - cells(span.text)))
        line += [Span(" " * _GAP), *((blanks, span) if right else (span, blanks))]
    return tuple(line)
