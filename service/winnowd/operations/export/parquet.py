"""Parquet, by pyarrow: typed columns, zstd, a row group for each thousand articles."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from winnowd.operations.export.formats import NotInstalledError
from winnowd.views.card import ARTICLE

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.model.corpus import Article
    from winnowd.operations.corpus import Extract

_ROWS: Final = 1_000
_DAYS: Final = tuple(name for name, kind in ARTICLE.items() if kind == "date32")


def write(extract: Extract, out: Path) -> None:
    """Write a file of the articles; of an increment what has left follows, with a word in the last column, ``left``.

    The sequence from which the next increment goes on is in the file's metadata, ``winnowd.until``.

    Raises:
        NotInstalledError: pyarrow is not there.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet as pq
    except ModuleNotFoundError:
        raise NotInstalledError("pip install 'winnowd[parquet]'") from None
    schema = _schema(pa, extract)
    rows = itertools.chain(
        (_row(article) for article in extract.articles()),
        ({"id": one.id, "sequence": one.sequence, "left": one.left} for one in extract.departures),
    )
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := list(itertools.islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _row(article: Article) -> dict[str, Any]:
    return article.fields() | {name: getattr(article, name) for name in _DAYS}


def _schema(pa: Any, extract: Extract) -> Any:  # noqa: ANN401 - pyarrow has no types
    types = {
        "string": pa.string(),
        "strings": pa.list_(pa.string()),
        "date32": pa.date32(),
        "int64": pa.int64(),
        "float64": pa.float64(),
    }
    fields = [(name, types[kind]) for name, kind in ARTICLE.items()]
    if extract.is_increment:
        fields.append(("left", pa.string()))
    return pa.schema(fields, metadata={"winnowd.since": str(extract.since), "winnowd.until": str(extract.until)})
