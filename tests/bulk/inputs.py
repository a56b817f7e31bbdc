"""Inputs of a backfill, made: records as they come, better versions of earlier ones, and lines that are hostile."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING, Final

from tests.bench.made_collection import records
from tests.bench.texts import made

if TYPE_CHECKING:
    from pathlib import Path

_ENDING: Final = (
    "\nA last paragraph tells a little more of what was said in the town hall by all who came there on that day, of "
    "the weather and the harvest, and of how the people went home again late in the evening, some of them on foot."
)
HOSTILE: Final = (
    "",
    "   ",
    '{"text": ',
    "[1, 2, 3]",
    "null",
    '{"text": 7}',
    json.dumps({"text": "\x1b[2J\u202e" + "of the town " * 60, "title": "../../etc/passwd\n# x <script>"}),
    json.dumps({"text": "\ud800 lone".encode("utf-8", "surrogatepass").decode("latin-1") * 20}),
    '{"text": "' + "deep " * 30 + '", "extra": ' + "[" * 300 + "]" * 300 + "}",
    "{" + '"a":1,' * 2_000 + '"text":""}',
)
MTIME_NS: Final = 1_790_000_000_000_000_000


def write(path: Path, count: int, seed: int) -> Path:
    """A file of about so many records, the same for the same seed, and as old."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(count, seed)) + "\n", encoding="utf-8")
    os.utime(path, ns=(MTIME_NS, MTIME_NS))
    return path


def _lines(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    lines: list[str] = []
    for number, line in enumerate(records(count, seed)):
        lines.append(line)
        if number % 12 == 5:  # the better version comes right behind, or long after
            text = made(number, seed + 2)
            lines.append(json.dumps({"text": text, "url": f"https://first.example/{number}"}))
            better = {"text": text + _ENDING, "title": f"T {number}", "author": "A. Writer"}
            lines.append(json.dumps(better))
        if number % 40 == 17:
            lines.append(chance.choice(HOSTILE))
    late = [line for line in lines[: len(lines) // 3] if chance.random() < 0.2]
    return [*lines, *late]
