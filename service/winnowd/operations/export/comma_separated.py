"""CSV for spreadsheets: a row an article. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.model.corpus import COLUMNS
from winnowd.views.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.operations.corpus import Extract


def lines(extract: Extract) -> Iterator[str]:
    """A row of names, the articles, then what has left: its rows have a word in the last column, ``left``.

    Text that could be a formula has an apostrophe before it (``views/sheet.py``): who needs each character as it is
    reads another format.
    """
    sheet = Sheet()
    yield sheet.line([*COLUMNS, *(["left"] if extract.is_increment else ())])
    for article in extract.articles():
        yield sheet.line([*article.fields().values(), *([""] if extract.is_increment else ())])
    for one in extract.departures:
        cells_of = {"id": one.id, "sequence": one.sequence}
        yield sheet.line([*(cells_of.get(name, "") for name in COLUMNS), one.left])
