"""CLN313 to CLN330: which lines are header or residue, and which of them may be taken. Pure.

Near an edge of the text, within 8 lines, a line that looks like residue is residue. Inside the article the same words
may be the author's own, so more is asked of them there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.cleaning.phrases import BYLINE, CREDIT, DATE, ERROR, LEGAL, NAVIGATION, OUTLET, RESIDUE, SOCIAL, SUBSCRIBE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.cleaning.line_rules import LineRules
    from winnowd.cleaning.page import Page

EDGE = 8
NEAR = 2
MOST_WORDS_INSIDE = 12
FEW_WORDS = 2
BULLETS = ("•", "·", "-", "*", "–")
_LISTED = frozenset({SOCIAL, SUBSCRIBE, NAVIGATION})
_WORDY = frozenset({SOCIAL, SUBSCRIBE, LEGAL})
_OUTLET = re.compile(r"[A-Z][\w&’'-]*(?:\.[\w&’'-]+)*(?: (?:of|the|and|[A-Z][\w&’'-]*(?:\.[\w&’'-]+)*)){0,4}")


def remove_residue(page: Page, rules: LineRules, masks: Sequence[int]) -> None:
    """Take the lines that are residue, and the byline, date and caption lines near an edge.

    ``masks`` are those that ``rules`` gives for the lines of the page.
    """
    full, lines = page.full, page.lines
    codes = [rules.code_of(lines[index], masks[index]) for index in full]
    if not any(codes):
        return
    for rank, (index, code) in enumerate(zip(full, codes, strict=True)):
        at_edge = rank < EDGE or rank >= len(full) - EDGE
        if code and code != CREDIT and (at_edge or (code in RESIDUE and _is_residue_inside(lines[index], rank, codes))):
            page.remove((index,), code)
    _remove_credits(page, codes)
    if rules.listing is None:  # below a byline in other languages stands a town as often
        _remove_outlet(page)


def _is_residue_inside(line: str, rank: int, codes: Sequence[str]) -> bool:
    code = codes[rank]
    if code == ERROR or (code in _LISTED and line.startswith(BULLETS)):
        return False
    words = len(line.split())
    if code in _WORDY:
        return words <= MOST_WORDS_INSIDE
    if code == NAVIGATION and words <= FEW_WORDS:
        around = [*codes[max(0, rank - NEAR) : rank], *codes[rank + 1 : rank + 1 + NEAR]]
        return sum(other in RESIDUE for other in around) >= NEAR
    return True


def _remove_credits(page: Page, codes: Sequence[str]) -> None:
    """Take the lines below the last paragraph that say who wrote the article, or where more is; never all there are."""
    kept = page.kept
    below: list[int] = []
    code_of = dict(zip(page.full, codes, strict=True))
    while kept and code_of[kept[-1]] == CREDIT:
        below.append(kept.pop())
    if kept:
        page.remove(below, CREDIT)


def _remove_outlet(page: Page) -> None:
    """Take the name of the outlet: 1 to 5 capitalised words below a byline or a date line, at the beginning."""
    for above, index in zip(page.full[: EDGE - 1], page.full[1:EDGE], strict=False):
        if page.fate.get(above) in {BYLINE, DATE} and index not in page.fate and _OUTLET.fullmatch(page.lines[index]):
            page.remove((index,), OUTLET)
