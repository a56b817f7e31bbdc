"""Two texts cut down to what they share: no run is lost, nothing is shown twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.event.stand import ORIGINAL, REWRITE

from winnowd.event.evidence import band
from winnowd.gates.originality.evidence import SideBySide
from winnowd.originality.article_text import ArticleText
from winnowd.views.aligned import aligned, every_window
from winnowd.views.lines import line_cells, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = st.lists(st.sampled_from(["the", "tide", "mill", "ground", "corn", "until", "last", "miller", "left", "by"]))


def passages_of(texts: Mapping[str, str], *, any_order: bool = False) -> list[dict[str, Any]]:
    """The runs that two texts share, as evidence has them."""
    return [
        {
            "words": run["words"],
            "band": band(run["words"]),
            **{side: {"start": run[side][0], "end": run[side][1]} for side in ("item", "twin")},
        }
        for run in SideBySide(ArticleText(texts["item"]), ArticleText(texts["twin"])).passages(any_order=any_order)
    ]


@settings(deadline=None)
@given(item=WORDS, twin=WORDS, any_order=st.booleans())
def test_every_run_stands_whole_in_one_window(item: list[str], twin: list[str], *, any_order: bool) -> None:
    """In both texts, in the order of the item; windows of the item do not overlap but for their surroundings."""
    texts = {"item": " ".join(item * 4), "twin": " ".join(twin * 4)}
    passages = passages_of(texts, any_order=any_order)

    windows = every_window(texts, passages)

    shown = [(one, other) for window in windows for one, other in zip(window.item_runs, window.twin_runs, strict=True)]
    assert [one[:2] for one, _ in shown] == [(run["item"]["start"], run["item"]["end"]) for run in passages]
    assert sorted(two[:2] for _, two in shown) == sorted((run["twin"]["start"], run["twin"]["end"]) for run in passages)
    for window in windows:
        for excerpt, runs, side in ((window.item, window.item_runs, "item"), (window.twin, window.twin_runs, "twin")):
            assert excerpt.text == texts[side][excerpt.start : excerpt.start + len(excerpt.text)]
            assert all(excerpt.start <= run[0] and run[1] <= excerpt.start + len(excerpt.text) for run in runs)


def test_both_columns_show_each_shared_run_in_brackets() -> None:
    """Side by side where there is room, one above the other below 90 cells; no line is too wide."""
    texts = {"item": REWRITE, "twin": ORIGINAL}
    passages = passages_of(texts)
    windows = every_window(texts, passages)

    for width in (118, 90, 89, 60):
        lines = aligned(windows, ("the file", "the twin"), width)

        assert max(map(line_cells, lines)) <= width
        assert plain(lines).count("[") == 2 * len(passages)
        assert plain(lines).count("the twin") == (1 if width >= 90 else len(windows))
