"""How much of an article is left of its page, and how much beside it: by the whole-page step, and by an extractor.

    python -m tests.bench.pages DATA [--worst N]

DATA is a folder with development data (cleanportaleval with its pages, fundus, bbc400), no part of the project.
Scores are of words as bags, means over pages; N pages of the lowest F1 are listed for each way.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.quality import rows, say
from tests.gates.plain import WORD
from tests.gates.stand import phrasebook, read_of

from winnowd.cleaning import clean
from winnowd.reading.limits import ReadingLimits
from winnowd.reading.pages import page
from winnowd.reading.records import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NO_ARTICLE = 20
"""Words of the reference below which the page is none of an article: two lists of a section's news."""
OWN_LETTERS = 40
NEAREST = 70
SHIFT = 17
"""Each article is put into the page that stands so many rows further: never into its own."""
_NOT_LETTERS = re.compile(r"[\W_]+")


class Score(NamedTuple):
    """Precision, recall and F1 of a text's words; ``name`` is the page's."""

    name: str
    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, name: str, text: str, gold: str) -> Score:
        """Compare a text with the article that it should be."""
        words, wanted = Counter(WORD.findall(text)), Counter(WORD.findall(gold))
        shared, found, all_wanted = (words & wanted).total(), words.total(), wanted.total()
        return cls(name, shared / (found or 1), shared / (all_wanted or 1), 2 * shared / (found + all_wanted or 1))


class Source(NamedTuple):
    """A page, all its visible text, and the article that is on it."""

    name: str
    gold: str
    html: bytes
    text: str


def sources(data: Path) -> list[Source]:
    """The pages of cleanportaleval."""
    from resiliparse.extract.html2text import extract_plain_text

    found = []
    for row in rows(data / "cleanportaleval.jsonl"):
        html = (data / row["html"]).read_bytes()
        text = extract_plain_text(html.decode("utf-8", "replace"), main_content=False)
        found.append(Source(row["id"], row["text"], html, text))
    return found


def told(way: str, scores: Sequence[Score], worst: int) -> None:
    """One line of the table, then the pages of the lowest F1."""
    sides = zip(*[(one.precision, one.recall, one.f1) for one in scores], strict=True)
    means = [statistics.mean(side) for side in sides]
    say(f"{way:<44} {len(scores):>4}  " + "  ".join(f"{mean:.3f}" for mean in means))
    for one in sorted(scores, key=lambda one: one.f1)[:worst]:
        say(f"    {one.name:<40} {one.precision:>8.3f}  {one.recall:.3f}  {one.f1:.3f}")


def by_the_cut(pages: Sequence[Source]) -> list[Score]:
    """All visible text, cleaned; of the pages that CLN332 cut."""
    cleaned = [(one, clean(read_of(one.text), phrasebook())) for one in pages]
    return [Score.of(one.name, it.article.text, one.gold) for one, it in cleaned if it.measures["outside_lines"] > 0]


def best_run(one: Source) -> Score:
    """What the best of all runs of a page's lines would score: no cut of this kind gets further."""
    lines = [WORD.findall(line) for line in one.text.split("\n") if line.strip()]
    wanted = Counter(WORD.findall(one.gold))
    best, most = Score(one.name, 0.0, 0.0, 0.0), wanted.total()
    for begin in range(len(lines)):
        left, found, shared = wanted.copy(), 0, 0
        for line in lines[begin:]:
            for word in line:
                if left[word] > 0:
                    left[word] -= 1
                    shared += 1
            found += len(line)
            f1 = 2 * shared / (found + most)
            if f1 > best.f1:
                best = Score(one.name, shared / found, shared / most, f1)
    return best


def by_extractor(pages: Sequence[Source]) -> tuple[list[Score], list[Score]]:
    """What reading makes of a page, before and after cleaning; the title is a field and not counted."""
    before, after = [], []
    for one in pages:
        try:
            record = page(one.html, ReadingLimits(), NOW)
        except RefusedError:
            before.append(Score(one.name, 0.0, 0.0, 0.0))
            after.append(before[-1])
            continue
        fields = record.fields or {}
        text, title = str(fields["text"]), fields.get("title")
        cleaned = clean(read_of(text, title=title, extractor=record.extractor), phrasebook())
        before.append(Score.of(one.name, text, one.gold))
        after.append(Score.of(one.name, cleaned.article.text, one.gold))
    return before, after


def frames(pages: Sequence[Source]) -> list[tuple[list[str], list[str]]]:
    """What stands around each page's article: the nearest lines above its first and below its last long line."""
    found = []
    for one in pages:
        gold = _NOT_LETTERS.sub("", one.gold)
        lines = [line for line in one.text.split("\n") if line.strip()]
        letters = [_NOT_LETTERS.sub("", line) for line in lines]
        own = [index for index, key in enumerate(letters) if len(key) >= OWN_LETTERS and key in gold]
        if own:
            found.append((lines[: own[0]][-NEAREST:], lines[own[-1] + 1 :][:NEAREST]))
    return found


def put_in(path: Path, around: Sequence[tuple[list[str], list[str]]]) -> list[Score]:
    """Articles of another set between the lines of these pages, cleaned."""
    scores = []
    for number, row in enumerate(rows(path)):
        above, below = around[(number + SHIFT) % len(around)]
        text = "\n\n".join([*above, row["text"], *below])
        scores.append(Score.of(row["id"], clean(read_of(text), phrasebook()).article.text, row["text"]))
    return scores


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description="Articles taken out of pages.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--worst", type=int, default=0, metavar="N")
    options = parser.parse_args()
    pages = sources(options.data)
    articles = [one for one in pages if len(one.gold.split()) >= NO_ARTICLE]
    say(f"{'':<44} pages  precision, recall, F1")
    told("all visible text, as it came", [Score.of(one.name, one.text, one.gold) for one in pages], 0)
    told("cut by CLN332", by_the_cut(pages), options.worst)
    told("    of pages with an article", by_the_cut(articles), 0)
    told("    the best run of lines there is", [best_run(one) for one in articles], 0)
    for name in ("fundus", "bbc400", "cleanportaleval"):
        told(f"{name} put in", put_in(options.data / f"{name}.jsonl", frames(pages)), options.worst)
    for way, some, worst in (("all", pages, options.worst), ("with an article", articles, 0)):
        before, after = by_extractor(some)
        told(f"pages by the extractor, {way}", before, 0)
        told("    cleaned", after, worst)
    return 0


if __name__ == "__main__":
    sys.exit(main())
