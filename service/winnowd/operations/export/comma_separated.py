"""CSV for spreadsheets (RFC 4180): a row an article; no cell is a formula, whatever a stranger wrote into it. Pure."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final

from winnowd.model.corpus import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.operations.corpus import Extract

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, as OWASP lists it ("CSV Injection")."""
_BETWEEN: Final = "; "


def lines(extract: Extract) -> Iterator[str]:
    """A row of names, the articles, then what has left: its rows have a word in the last column, ``left``.

    Text that could be a formula has an apostrophe before it, which spreadsheets do not show: who needs each character
    as it is reads another format.
    """
    rows = _Rows()
    yield rows.line([*COLUMNS, *(["left"] if extract.is_increment else ())])
    for article in extract.articles():
        cells = [_cell(value) for value in article.fields().values()]
        yield rows.line([*cells, *([""] if extract.is_increment else ())])
    for one in extract.departures:
        cells_of = {"id": one.id, "sequence": one.sequence}
        yield rows.line([*(cells_of.get(name, "") for name in COLUMNS), one.left])


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    if isinstance(value, list):
        value = _BETWEEN.join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


class _Rows:
    """Gives back each line that ``csv`` writes."""

    def __init__(self) -> None:
        self._writer = csv.writer(self)
        self._written = ""

    def write(self, line: str) -> None:
        """Keep a line."""
        self._written = line

    def line(self, cells: list[Any]) -> str:
        """The line of these cells."""
        self._writer.writerow(cells)
        return self._written
