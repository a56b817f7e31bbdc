"""A folder that ``datasets.load_dataset`` reads and a hub shows: a card, and shards of articles with their texts."""

from __future__ import annotations

import gzip
import itertools
import math
from typing import TYPE_CHECKING, Final

from winnowd.operations.export.json_lines import article_line, departure_line
from winnowd.views.card import ARTICLE, DEPARTURE, Subset, card

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from winnowd.model.corpus import Article
    from winnowd.operations.corpus import Extract

SHARD: Final = 10_000
"""Articles: some 20 MB packed, and a hundred files for a million."""
_LEVEL: Final = 6
_NAME: Final = "Seeds"


def write(extract: Extract, out: Path) -> None:
    """Write ``data/articles-NNNNN.jsonl.gz``, of an increment ``left.jsonl`` too, and ``README.md``, last."""
    (out / "data").mkdir(parents=True)
    articles = extract.articles()
    languages: set[str] = set()
    for number in range(max(1, math.ceil(extract.count / SHARD))):
        shard = out / "data" / f"articles-{number:05d}.jsonl.gz"
        _write_shard(shard, itertools.islice(articles, SHARD), languages)
    subsets = [Subset("default", "data/*.jsonl.gz", ARTICLE)]
    if extract.is_increment:
        (out / "left.jsonl").write_text("".join(map(departure_line, extract.departures)), encoding="ascii")
        subsets.append(Subset("left", "left.jsonl", DEPARTURE))
    text = "".join((*card(_NAME, sorted(languages), extract.count, subsets), *_about(extract)))
    (out / "README.md").write_text(text, encoding="utf-8")


def _write_shard(path: Path, articles: Iterable[Article], languages: set[str]) -> None:
    """Articles, the same ones always as the same bytes; ``languages`` gets theirs."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed:
        for article in articles:
            packed.write(article_line(article).encode("ascii"))
            languages |= {article.language} if article.language else set()


def _about(extract: Extract) -> Iterator[str]:
    yield f"# {_NAME}\n\n"
    if extract.is_increment:
        yield f"What has changed in a corpus of winnowd after event {extract.since} of its audit log, up to event "
        yield f"{extract.until}.\n{extract.count:,} articles came, {len(extract.departures):,} left (subset `left`).\n"
    else:
        yield f"The {extract.count:,} articles of a corpus of winnowd, as of event {extract.until} of its audit log.\n"
    yield "\nEach has its text and what is known of it; null is what nobody knows. `licence` and `tdm_opt_out` are\n"
    yield "what an article said of its terms: `unknown` is not free. What changes from here on:\n"
    yield f"`winnowd export hf --out DIR --since {extract.until}`.\n"
