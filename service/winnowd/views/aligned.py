"""Two texts side by side, cut down to what they share: every shared run, with its surroundings. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.views.lines import Line, Span, in_two_columns, wrapped
from winnowd.views.passages import STACKED_BELOW, Excerpt, Window, marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AROUND: Final = 70
"""Characters shown before the first and after the last run of a window; closer runs share one."""
SIDES: Final = ("item", "twin")


def every_window(texts: Mapping[str, str], passages: Sequence[Mapping[str, Any]]) -> list[Window]:
    """Windows that hold every run, in the order of the item.

    ``passages``: {words, band, item and twin {start, end}}.
    """
    groups: list[list[Mapping[str, Any]]] = []
    for passage in sorted(passages, key=lambda one: one["item"]["start"]):
        if groups and _is_near(groups[-1][-1], passage):
            groups[-1].append(passage)
        else:
            groups.append([passage])
    return [_window(texts, group) for group in groups]


def _is_near(one: Mapping[str, Any], following: Mapping[str, Any]) -> bool:
    """Whether a run follows another so soon, in both texts, that their surroundings would meet."""
    return all(0 <= following[side]["start"] - one[side]["end"] <= 2 * AROUND for side in SIDES)


def _window(texts: Mapping[str, str], group: Sequence[Mapping[str, Any]]) -> Window:
    runs = {side: [(one[side]["start"], one[side]["end"], one["band"]) for one in group] for side in SIDES}
    words = sum(one["words"] for one in group)
    caption = f"{words} words in {len(group)} {'run' if len(group) == 1 else 'runs'}"
    item, twin = (_excerpt(texts[side], runs[side][0][0], runs[side][-1][1]) for side in SIDES)
    return Window(caption, item, twin, runs["item"], runs["twin"])


def _excerpt(text: str, start: int, end: int) -> Excerpt:
    """A piece of a text with its surroundings, cut at blanks."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    if first:
        first = text.find(" ", first, start) + 1 or start
    if last < len(text):
        cut = text.rfind(" ", end, last)
        last = end if cut < 0 else cut
    return Excerpt(first, text[first:last], cut_before=first > 0, cut_after=last < len(text))


def aligned(windows: Sequence[Window], heads: Sequence[str], width: int) -> list[Line]:
    """The windows in two columns, one above the other below 90 cells; shared words stand in brackets."""
    stacked = width < STACKED_BELOW
    column = width if stacked else (width - 3) // 2
    lines: list[Line] = []
    if not stacked:
        rule = (Span("─" * column, "dim"),)
        lines += in_two_columns(
            wrapped((Span(heads[0], "bold"),), column), wrapped((Span(heads[1], "bold"),), column), column
        )
        lines += in_two_columns([rule], [rule], column)
    for window in windows:
        left = wrapped(marked(window.item, window.item_runs), column)
        right = wrapped(marked(window.twin, window.twin_runs), column)
        lines.append((Span(window.caption, "dim"),))
        if stacked:
            lines += [(Span(heads[0], "bold"),), *left, (Span(heads[1], "bold"),), *right]
        else:
            lines += in_two_columns(left, right, column)
        lines.append(())
    return lines[:-1]
