"""Dataset cards: what hubs and ``datasets.load_dataset`` read of a folder, in its README.md. Pure.

Columns are declared, and not left to be guessed: a first file without a nearest article, or without authors, would be
taken for one in which nothing else can come. Days are dates: readers of JSON
take them for that anyway, and a string made of it again would have a midnight.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from winnowd.views.escape import cell, yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.views.index import IndexState

MOST_LANGUAGES: Final = 20
_SIZES: Final = ((1_000, "1K"), (10_000, "10K"), (100_000, "100K"), (1_000_000, "1M"), (10_000_000, "10M"))
_KINDS: Final = {
    "strings": "list: string",
    "instant": 'dtype: "timestamp[s]"',
    "nearest": "struct: [{name: id, dtype: string}, {name: shared_runs, dtype: float64}]",
}

ROW: Final = {
    "id": "string",
    "path": "string",
    "text_sha256": "string",
    "title": "string",
    "authors": "strings",
    "source": "string",
    "url": "string",
    "published": "date32",
    "admitted": "date32",
    "language": "string",
    "words": "int64",
    "bytes": "int64",
    "licence": "string",
    "tdm_opt_out": "string",
    "feed": "string",
    "flags": "strings",
    "nearest": "nearest",
    "sequence": "int64",
}
"""The columns of an index row, in its order, and what is in each."""

_AS_IN_ROW: Final = [name for name in ROW if name not in {"id", "path", "text_sha256", "nearest", "sequence"}]
ARTICLE: Final = {
    "id": "string",
    "text": "string",
    **{name: ROW[name] for name in _AS_IN_ROW},
    "nearest": "string",
    "nearest_shared_runs": "float64",
    "path": "string",
    "text_sha256": "string",
    "sequence": "int64",
}
"""The columns of an exported article, in their order."""

DEPARTURE: Final = {"id": "string", "left": "string", "at": "instant", "sequence": "int64"}
"""The columns of what has left the corpus."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subset:
    """A set of rows of a folder by one name: in which files (a glob pattern), and the columns."""

    name: str
    files: str
    columns: dict[str, str]


def card(name: str, languages: Sequence[str], articles: int, subsets: Sequence[Subset]) -> Iterator[str]:
    """The front matter of a card, with its fences."""
    yield "---\n"
    yield f"pretty_name: {yaml(name)}\n"
    yield f"language: [{', '.join(yaml(one) for one in languages[:MOST_LANGUAGES])}]\n"
    yield 'license: "other"\n'
    yield f'size_categories: ["{size(articles)}"]\n'
    yield "configs:\n"
    for one in subsets:
        yield f"- {{config_name: {one.name}, data_files: {yaml(one.files)}}}\n"
    yield "dataset_info:\n"
    for one in subsets:
        yield f"- config_name: {one.name}\n  features:\n"
        yield from (f"  - {{name: {column}, {_kind(kind)}}}\n" for column, kind in one.columns.items())
    yield "---\n\n"


def _kind(kind: str) -> str:
    return _KINDS.get(kind, f"dtype: {kind}")


def size(articles: int) -> str:
    """The hubs' word for a number of rows."""
    below = "n"
    for most, name in _SIZES:
        if articles < most:
            return f"n<{name}" if below == "n" else f"{below}<n<{name}"
        below = name
    return f"n>{below}"


def seeds_card(state: IndexState) -> bytes:
    """README.md of ``seeds/``: its rows are those of the index. It says no number that each article changes."""
    rows = Subset("default", "index/*/*.jsonl", ROW)
    text = f"""# {cell(state.name)}

Articles that winnowd has admitted, each with a row in `index/` and its text in the file that the row names by `path`.
`datasets` reads the rows of this folder: `load_dataset("seeds/")`. `winnowd export hf --out DIR` makes a folder of
articles with their texts.

- Counts, months and the newest articles: [INDEX.md](INDEX.md).
- `published` and `admitted` are days; `licence` and `tdm_opt_out` are what the article said of its terms, and what
  nobody said is `unknown`, never free; `flags` are codes of what was doubted or seen, and admitted all the same;
  `nearest` is the article most like it when it came, and the share of its words that stand there too.
- What was taken out is in no row; `index/tombstones.jsonl` names it.

winnowd keeps this file; `winnowd index rebuild` writes it anew.
"""
    return ("".join(card(state.name, state.languages, state.articles, [rows])) + text).encode()
