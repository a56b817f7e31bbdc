"""What waits for a person, as lines and as plain values: why, in a reader's words, and its twin by the title. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.views.copies import copied
from winnowd.views.escape import flat, printable
from winnowd.views.lines import Line, Span, cells, cut, line_cells, wrapped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from winnowd.model import Waiting

ONE_LINE_FROM: Final = 90
"""Cells from which a record stands in one line; below, its reason stands under its title."""
_SHORT: Final = 8
_MOST_FEED: Final = 14
_GAP: Final = "  "
_ROWS: Final = 2
_SPANS: Final = (("d", 86_400), ("h", 3_600), ("min", 60))


def reason(item: Waiting) -> str:
    """Why a record waits, in one sentence without its subject, that may be shown: by the first finding of its event.

    Of a copy it names the article that it is like by its title, as far as that is known.
    """
    code, finding = item.codes[0] if item.codes else "", item.finding
    if item.twin is not None and (said := copied(code, str(finding.get("grade")), twin_name(item), item.nearest)):
        return said
    if because := finding.get("because"):
        return printable(str(because))
    if rule := finding.get("rule"):
        return printable(str(rule).replace("-", " "))
    return f"is doubted by {code}" if code else "is doubted"


def twin_name(item: Waiting) -> str:
    """The article that a record is like: its title in quotes, else its id; "" if it is like none."""
    if item.twin is None:
        return ""
    return f"“{printable(flat(item.twin.title))}”" if item.twin.title else item.twin.id


def title_name(item: Waiting) -> str:
    """What a person knows a record by: its title, else the name of its file."""
    return printable(flat(item.title)) or printable(item.file.rpartition("/")[2])


def age(seconds: float) -> str:
    """``40 s``, ``5 min``, ``3 h``, ``12 d``."""
    for unit, size in _SPANS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def short_id(item: Waiting) -> str:
    """Enough of a record's id to name it in a command."""
    begun, dash, record = item.id.partition("-")
    return f"{begun[:_SHORT]}{dash}{record}"


def waiting_fields(item: Waiting, now: dt.datetime) -> dict[str, Any]:
    """A record of the queue for programs; None is what it has not. Fields are added, never renamed."""
    finding, twin = item.finding, item.twin
    return {
        "sequence": item.sequence,
        "id": item.id,
        "record": item.record,
        "file": item.file,
        "feed": item.feed,
        "title": item.title or None,
        "code": item.codes[0] if item.codes else None,
        "codes": list(item.codes),
        "reason": reason(item),
        "grade": finding.get("grade"),
        "measured": finding.get("measured"),
        "unit": finding.get("unit"),
        "limit": finding.get("limit"),
        "twin": None if twin is None else {"id": twin.id, "title": twin.title, "outcome": twin.outcome},
        "nearest": dict(item.nearest) or None,
        "decided": item.decided_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "age_seconds": round((now - item.decided_at).total_seconds()),
    }


def queue_lines(items: Sequence[Waiting], now: dt.datetime, width: int) -> list[Line]:
    """Records of the queue, a row each: event, id, age, feed, title and reason; below 90 cells two or three rows."""
    if not items:
        return []
    if width < ONE_LINE_FROM:
        return [line for item in items for line in _stacked(item, now, width)]
    feeds = max(cells(printable(item.feed)) for item in items)
    heads = ("event", "id", "age", *(("feed",) if feeds else ()), "title", "why")
    rows = [_row(item, now, with_feed=bool(feeds)) for item in items]
    widths = [max(cells(head), *(cells(row[at]) for row in rows)) for at, head in enumerate(heads[:-2])]
    room = width - sum(widths) - len(_GAP) * (len(heads) - 1)
    titles, reasons = (max(cells(head), *(cells(row[at]) for row in rows)) for at, head in ((-2, "title"), (-1, "why")))
    widths += [min(titles, max(room * 2 // 5, room - reasons))]
    widths += [room - widths[-1]]
    styles = ("dim", "bold", "dim", *(("dim",) if feeds else ()), "", "")
    return [_laid_out(heads, widths, ["dim"] * len(heads)), *(_laid_out(row, widths, styles) for row in rows)]


def _row(item: Waiting, now: dt.datetime, *, with_feed: bool) -> tuple[str, ...]:
    feed = (cut(printable(item.feed), _MOST_FEED),) if with_feed else ()
    since = age((now - item.decided_at).total_seconds())
    return (f"{item.sequence:,}", short_id(item), since, *feed, title_name(item), reason(item))


def _laid_out(row: Sequence[str], widths: Sequence[int], styles: Sequence[str]) -> Line:
    """A row in its columns; the number stands to the right, what is too long loses its end at a word."""
    line: list[Span] = []
    for at, (text, width, style) in enumerate(zip(row, widths, styles, strict=True)):
        shown = _ended(text, width)
        blanks = Span(" " * (width - cells(shown)))
        line += [Span(_GAP)] if at else []
        line += [blanks, Span(shown, style)] if not at else [Span(shown, style), blanks]
    return tuple(line)


def _ended(text: str, width: int) -> str:
    """The beginning of a sentence that fits, whole words of it."""
    if cells(text) <= width:
        return text
    first = "".join(span.text for span in wrapped((Span(text),), width - 2)[0])
    return f"{cut(first, width - 2)} …"


def _stacked(item: Waiting, now: dt.datetime, width: int) -> list[Line]:
    head: Line = (Span(f"{item.sequence:>7,}  ", "dim"), Span(short_id(item), "bold"), Span(_GAP))
    indent = " " * 9
    said = [age((now - item.decided_at).total_seconds()), printable(item.feed), reason(item)]
    rows = wrapped((Span(" · ".join(part for part in said if part)),), width - len(indent))
    if len(rows) > _ROWS:
        rows = [*rows[: _ROWS - 1], (*rows[_ROWS - 1][:-1], Span(_ended(rows[_ROWS - 1][-1].text + " …", width - 11)))]
    title = _ended(title_name(item), max(12, width - line_cells(head)))
    return [(*head, Span(title)), *((Span(indent), *row) for row in rows)]


def total_lines(count: int, by_code: Mapping[str, int], shown: int, width: int) -> list[Line]:
    """How many wait, by their worst code, and how many of them were not shown."""
    if not count:
        return [(Span("nothing waits"),)]
    codes = ", ".join(f"{n:,} {code}" for code, n in by_code.items())
    waits = "waits" if count == 1 else "wait"
    line = [Span(f"{count:,} {waits}", "bold"), Span(f": {codes}")]
    if shown < count:
        line.append(Span(f"; the {shown:,} oldest are shown, -n {count} shows all", "dim"))
    return wrapped(line, width)
