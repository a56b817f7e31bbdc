"""When articles come: a square for each hour of the week, the larger the more. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from winnowd.views.pictures.lettering import SMALL, Label
from winnowd.views.pictures.picture import Picture, percent, picture
from winnowd.views.pictures.svg import rect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.views.pictures.picture import Cell
    from winnowd.views.pictures.svg import Element

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS: Final = 24
_LEFT, _TOP, _CELL = 46.0, 24.0, 14.0
_ROW: Final = 18.0
_LARGEST: Final = 13.0
_SMALLEST: Final = 3.0
_NONE: Final = 1.5
"""Edge of the square of an hour in which nothing came."""
_HEATS: Final = 4


def hours(counts: Sequence[Sequence[int]]) -> Picture:
    """``counts``: for each day from Monday on 24 numbers, by the hour (UTC) in which they begin; the area tells each.

    Raises:
        ValueError: there are not seven times 24.
    """
    if len(counts) != len(DAYS) or any(len(day) != HOURS for day in counts):
        raise ValueError("hours of a week are seven times 24")
    most = max(max(day) for day in counts)
    labels = [Label(name[:3], _LEFT - 8, _TOP + (at + 0.5) * _ROW + 4, "end", "axis", SMALL) for at, name in _days()]
    labels += [
        Label(f"{hour:02}", _LEFT + (hour + 0.5) * _CELL, _TOP - 7, "middle", "axis", SMALL)
        for hour in range(0, HOURS, 3)
    ]
    labels.append(Label("hours in UTC; the larger, the more", _LEFT, _TOP + 7 * _ROW + 17, "start", "axis", SMALL))
    rows: list[tuple[Cell, ...]] = [(name, *counts[at], sum(counts[at])) for at, name in _days()]
    header = ("day", *(f"{hour:02}" for hour in range(HOURS)), "in all")
    height = _TOP + len(DAYS) * _ROW + 26
    return picture("hours", _finding(counts, most), height, _squares(counts, most), labels, (header, rows))


def _days() -> Iterator[tuple[int, str]]:
    return iter(enumerate(DAYS))


def _squares(counts: Sequence[Sequence[int]], most: int) -> Iterator[Element]:
    for at, name in _days():
        for hour, n in enumerate(counts[at]):
            share = n / most if most else 0.0
            edge = max(_SMALLEST, _LARGEST * math.sqrt(share)) if n else _NONE
            x = _LEFT + (hour + 0.5) * _CELL - edge / 2
            y = _TOP + (at + 0.5) * _ROW - edge / 2
            heat = "busiest" if n and n == most else f"heat{math.ceil(share * _HEATS)}"
            yield rect(x, y, edge, edge, heat, f"{name} {hour:02}:00: {n:,}")


def _finding(counts: Sequence[Sequence[int]], most: int) -> str:
    total = sum(map(sum, counts))
    if not total:
        return "Nothing came in these hours"
    at, hour = next((at, day.index(most)) for at, day in enumerate(counts) if most in day)
    share = percent(most, total)
    return f"Busiest on {DAYS[at]} from {hour:02}:00 UTC: {most:,} of {total:,} ({share})"
