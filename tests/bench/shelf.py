"""Development texts on their shelf, each prepared once. The folder with them is no part of the project."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

from tests.originality.stand import lexicon, prepared_of, recipe

from winnowd.originality import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from winnowd.model import Fingerprint, Prepared


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, packed or not."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def day_of(row: Mapping[str, Any]) -> int | None:
    """The day number of a row's date (YYYYMMDD)."""
    date = row.get("date")
    return dt.datetime.strptime(str(date), "%Y%m%d").replace(tzinfo=dt.UTC).toordinal() if date else None


def made_of(name: str, row: Mapping[str, Any]) -> Fingerprint:
    """The fingerprint of a row."""
    return fingerprint(
        row["text"],
        raw_digest=hashlib.sha256(name.encode() + row["text"].encode()).digest(),
        language="en",
        publisher="",  # what these rows call their source is a collection
        published=day_of(row),
        recipe=recipe(),
        lexicon=lexicon(),
    )


class Shelf:
    """The development texts, each prepared once."""

    def __init__(self, data: Path) -> None:
        paths = [path for path in sorted(data.glob("*.jsonl*")) if not path.name.startswith("pairs")]
        self.rows = {row["id"]: row for path in paths for row in read_lines(path)}
        self.pairs = list(read_lines(data / "pairs.jsonl.gz"))
        self._prepared: dict[str, Prepared] = {}

    def prepared(self, name: str) -> Prepared:
        """A text with its fingerprint; its record's bytes are its own, since exact copies are not what is measured."""
        if name not in self._prepared:
            self._prepared[name] = self.prepare(name, self.rows[name])
        return self._prepared[name]

    def prepare(self, name: str, row: Mapping[str, Any]) -> Prepared:
        """A text that need not be one of the shelf's."""
        return prepared_of(row["text"], made_of(name, row), url=row.get("url"))

    def fingerprint_anew(self, name: str) -> Fingerprint:
        """The fingerprint of a text, made again."""
        return made_of(name, self.rows[name])

    def fingerprint(self, name: str) -> Fingerprint:
        """The fingerprint of a text."""
        made = self.prepared(name).fingerprint
        assert made is not None
        return made
