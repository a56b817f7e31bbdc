"""A small corpus in which something of each kind has happened, and what an export of it gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import ordered
from tests.test_demo import content_of

from winnowd.operations.corpus import extract
from winnowd.operations.export.formats import stream, write

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '=HYPERLINK("https://example.org", "</script>|") \u202e\u2028\' OR 1=1; --'
FIELDS = {"author": "O'Neill, Ada", "published": "2024-03-26", "url": "https://www.example.org/a?b=1", "license": "CC0"}


def record(text: str, **fields: str) -> str:
    """A file of one record, with a title and fields."""
    return json.dumps({"text": text, **FIELDS, **fields})


def corpus(instance_dir: Path) -> Instance:
    """Three articles, one of them with a hostile title and one retracted since; a copy that was turned away."""
    made = Instance(instance_dir)
    gone = content_of("4-night-library.txt")
    made.drop({"a.json": record(TEXTS["A"], title=HOSTILE), "b.txt": TEXTS["C"], "feed/gone.txt": gone})
    made.pass_over()
    made.drop({"d.txt": TEXTS["A"].replace("Wednesday", "Friday")})
    made.pass_over()
    ordered(made, "retract", "gone.txt")
    return made


def lines(instance_dir: Path, since: int = 0, name: str = "jsonl") -> list[str]:
    """The lines of an export."""
    with extract(instance_dir, since) as found:
        return list(stream(name, found))


def rows(instance_dir: Path, since: int = 0) -> list[dict[str, Any]]:
    """The rows of an export to JSON Lines."""
    return [json.loads(line) for line in lines(instance_dir, since)]


def written(instance_dir: Path, name: str, out: Path, since: int = 0) -> Path:
    """An export to a file or a folder."""
    with extract(instance_dir, since) as found:
        write(name, found, out)
    return out


def end(instance_dir: Path) -> int:
    """The event up to which an export knows."""
    with extract(instance_dir) as found:
        return found.until
