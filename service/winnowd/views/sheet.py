"""Rows for spreadsheets (CSV, RFC 4180): no cell is a formula, whatever a stranger wrote into it. Pure."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, as OWASP lists it ("CSV Injection")."""
_BETWEEN: Final = "; "


class Sheet:
    """Gives back each line that ``csv`` writes."""

    def __init__(self) -> None:
        self._writer = csv.writer(self)
        self._written = ""

    def write(self, line: str) -> None:
        """Keep a line."""
        self._written = line

    def line(self, values: Iterable[Any]) -> str:
        """The line of these values: several texts with semicolons between, none as an empty cell.

        Text that could be a formula has an apostrophe before it, which spreadsheets do not show.
        """
        self._writer.writerow([_cell(value) for value in values])
        return self._written


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever a field holds
    if isinstance(value, list | tuple):
        value = _BETWEEN.join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
