"""What two texts share, side by side: windows around the longest runs, or the most similar sentences. Pure.

Shared words stand in brackets, so that plain text shows them too; their colour tells how long the run is.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from winnowd.views.escape import printable
from winnowd.views.lines import Line, Span, in_two_columns, two_texts, wrapped, wrapped_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHOWN: Final = 3
APART: Final = 260
"""Characters between the begins of two windows of one text."""
LONGEST_SHOWN: Final = 320
TELLING: Final = 7
"""Words from which a run shows a copy by itself; with shorter ones only, similar sentences tell more."""
STACKED_BELOW: Final = 90

SIDES: Final = ("item", "twin")
SHORT: Final = 3
"""Letters of a word that alone says nothing of a sentence."""

_WORD: Final = re.compile(r"\w+(?:['’-]\w+)*")
_BLANKS: Final = re.compile(r"\s+")
BESIDE: Final = "beside"
"""Said instead of a standing: a file that a dry run was given, too."""
_STANDING: Final = {
    "admitted": "in the corpus",
    "quarantined": "in quarantine",
    "rejected": "rejected before",
    "copy": "turned away before, as a copy",
    "retracted": "retracted",
    "erased": "erased",
    BESIDE: "given beside",
}


Run: TypeAlias = tuple[int, int, int]


class Excerpt(NamedTuple):
    """A piece of one text: where it begins there, its characters, whether the text goes on before and after it."""

    start: int
    text: str
    cut_before: bool
    cut_after: bool


class Window(NamedTuple):
    """Two excerpts that belong together, and the runs (start, end, band) in each that stand in the other."""

    caption: str
    item: Excerpt
    twin: Excerpt
    item_runs: Sequence[Run]
    twin_runs: Sequence[Run]


def standing_words(standing: str) -> str:
    """Where a twin is, in words."""
    return _STANDING.get(standing, standing)


def windows(evidence: Mapping[str, Any], most: int = SHOWN) -> list[Window]:
    """The longest shared runs that lie apart, in the order of the text; similar sentences where no run is telling.

    Empty where the twin's text was gone.
    """
    every = evidence.get("passages", ())
    passages, sentences = _quoted(every), _quoted(evidence.get("sentences", ()))
    longest = max((one["words"] for one in passages), default=0)
    if sentences and longest < TELLING:
        return [_of_sentences(one) for one in sentences[:most]]
    runs = [[(one[side]["start"], one[side]["end"], one["band"]) for one in every] for side in SIDES]
    return [_of_run(one, *runs) for one in sorted(_longest_apart(passages, most), key=_start)]


def _quoted(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that are quoted from both texts."""
    return [one for one in entries if len(one.get("quote", ())) == 2]


def _longest_apart(passages: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """The longest first, each if it lies apart from those before; at most so many."""
    chosen: list[Mapping[str, Any]] = []
    for one in sorted(passages, key=lambda one: (-one["words"], _start(one))):
        if len(chosen) < most and all(_apart(one, other) for other in chosen):
            chosen.append(one)
    return chosen


def _start(passage: Mapping[str, Any]) -> int:
    return int(passage["item"]["start"])


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return abs(_start(one) - _start(other)) >= APART


def _of_sentences(pair: Mapping[str, Any]) -> Window:
    caption = f"two sentences, {100 * pair['similarity']:.0f} % alike in rare words"
    item, twin = (Excerpt(0, pair["quote"][side]["exact"], cut_before=False, cut_after=False) for side in SIDES)
    return Window(caption, item, twin, _common(item.text, twin.text), _common(twin.text, item.text))


def _common(text: str, other: str) -> list[Run]:
    """Runs of words of a sentence that the other has too, in any order; at least one of a run is no short word."""
    there = {found[0].lower() for found in _WORD.finditer(other)}
    runs = []
    for shared, group in itertools.groupby(_WORD.finditer(text), key=lambda found: found[0].lower() in there):
        words = list(group)
        if shared and any(len(found[0]) > SHORT for found in words):
            runs.append((words[0].start(), words[-1].end(), 1))
    return runs


def _of_run(passage: Mapping[str, Any], item_runs: list[Run], twin_runs: list[Run]) -> Window:
    caption = f"{passage['words']} words in a row"
    item, twin = (_excerpt(passage[side]["start"], passage["quote"][side]) for side in SIDES)
    return Window(caption, item, twin, item_runs, twin_runs)


def _excerpt(start: int, quote: Mapping[str, str]) -> Excerpt:
    """A quote with its surroundings, cut at words."""
    prefix, exact, suffix = quote["prefix"], quote["exact"], quote["suffix"]
    cut_before = len(prefix) < start
    if cut_before:
        prefix = prefix[len(prefix) - len(prefix.partition(" ")[2]) :] if " " in prefix else ""
    if len(exact) > LONGEST_SHOWN:
        exact, suffix = exact[:LONGEST_SHOWN].rpartition(" ")[0] or exact[:LONGEST_SHOWN], ""
        return Excerpt(start - len(prefix), prefix + exact, cut_before, cut_after=True)
    cut_after = len(suffix) > 0
    kept = suffix.rpartition(" ")[0] if " " in suffix else ""
    return Excerpt(start - len(prefix), prefix + exact + kept, cut_before, cut_after)


def marked(excerpt: Excerpt, runs: Sequence[Run]) -> Line:
    """An excerpt as spans: runs (start, end, band; offsets in the whole text) in brackets, the rest plain.

    Where runs overlap, the later one counts.
    """
    spans: list[Span] = [Span("… ", "dim")] if excerpt.cut_before else []
    for run, start, end in _parts(excerpt, runs):
        text = printable(_BLANKS.sub(" ", excerpt.text[start:end]))
        if run is None:
            spans.append(Span(text))
        else:
            spans += [Span("[", "dim"), Span(text, f"band{run[2]}"), Span("]", "dim")]
    return (*spans, Span(" …", "dim")) if excerpt.cut_after else tuple(spans)


def _parts(excerpt: Excerpt, runs: Sequence[Run]) -> list[tuple[Run | None, int, int]]:
    """The excerpt cut where another run begins or none does: the run, and its begin and end in the excerpt."""
    begin, size = excerpt.start, len(excerpt.text)
    inside = [
        (run, max(0, run[0] - begin), min(size, run[1] - begin))
        for run in runs
        if run[0] - begin < size and run[1] > max(begin, run[0])
    ]
    cuts = sorted({0, size, *(start for _, start, _ in inside), *(end for _, _, end in inside)})
    parts: list[tuple[Run | None, int, int]] = []
    for start, end in itertools.pairwise(cuts):
        run = next((run for run, first, last in reversed(inside) if first <= start and end <= last), None)
        if parts and parts[-1][0] is run:
            parts[-1] = (run, parts[-1][1], end)
        else:
            parts.append((run, start, end))
    return parts


def side_by_side(
    evidence: Mapping[str, Any], width: int, *, most: int = SHOWN, heads: Sequence[str] = ()
) -> list[Line]:
    """The windows as lines of at most ``width`` cells: two columns, or one above the other below 90 cells."""
    found = windows(evidence, most)
    if not found:
        return []
    heads = heads or _heads(evidence)
    stacked = width < STACKED_BELOW
    column = width if stacked else (width - 3) // 2
    lines: list[Line] = [] if stacked else _headed(heads, column)
    for window in found:
        left = wrapped(marked(window.item, window.item_runs), column)
        right = wrapped(marked(window.twin, window.twin_runs), column)
        lines.append((Span(window.caption, "dim"),))
        if stacked:
            lines += [(Span(heads[0], "bold"),), *left, (Span(heads[1], "bold"),), *right]
        else:
            lines += in_two_columns(left, right, column)
        lines.append(())
    return lines[:-1]


def as_text(evidence: Mapping[str, Any], width: int, *, most: int = SHOWN) -> list[str]:
    """The same in two columns of rows without styles: a file that is read as it is has none."""
    found = windows(evidence, most)
    if not found:
        return []
    column = (width - 3) // 2
    rule = "─" * column
    left_head, right_head = _heads(evidence)
    lines = two_texts([left_head, rule], [right_head, rule], column)
    for window in found:
        texts = (marked(window.item, window.item_runs), marked(window.twin, window.twin_runs))
        left, right = (wrapped_text("".join(span.text for span in one), column) for one in texts)
        lines += [window.caption, *two_texts(left, right, column), ""]
    return lines[:-1]


def _heads(evidence: Mapping[str, Any]) -> tuple[str, str]:
    return "this file", standing_words(evidence.get("twin", {}).get("standing", "admitted"))


def _headed(heads: Sequence[str], column: int) -> list[Line]:
    names = in_two_columns([(Span(heads[0], "bold"),)], [(Span(heads[1], "bold"),)], column)
    rule = Span("─" * column, "dim")
    return [*names, *in_two_columns([(rule,)], [(rule,)], column)]
