"""A collection as a backfill meets it, of any size: one file of JSON Lines, the same for the same seed.

    python -m tests.bench.made_collection COUNT FILE [--seed 7]

Of a hundred records 60 are new, 12 are the text of an earlier one to the byte, 22 one with up to nine of its words
changed (J >= .8), 2 too short, 2 without a text, 2 no JSON. A tenth of the texts end in one of three notes that are the
same in all, as an agency's do: under what those say very many stand.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench.texts import made

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS: Final = {"new": 60, "same": 12, "near": 22, "short": 2, "no text": 2, "no JSON": 2}
"""How many of a hundred records."""
MOST_CHANGED: Final = 9
"""Words, of some 424: each takes five runs of five words with it."""
_NOTED: Final = 0.1
_REMEMBERED: Final = 5_000
"""Texts from among which copies are made: the last ones."""


def records(count: int, seed: int) -> Iterator[str]:
    """So many lines, without their ends."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    notes = [made(number, seed + 1).split("\n", 1)[0] for number in range(3)]
    before: deque[str] = deque([made(count, seed)], maxlen=_REMEMBERED)
    for number, kind in enumerate(chance.choices([*KINDS], [*KINDS.values()], k=count)):
        if kind == "new":
            text = made(number, seed) + (f"\n{chance.choice(notes)}\n" if chance.random() < _NOTED else "")
            before.append(text)
        else:
            text = chance.choice(before)
        yield _line(number, kind, text, chance)


def _line(number: int, kind: str, text: str, chance: random.Random) -> str:
    if kind == "no JSON":
        return json.dumps({"text": text})[: len(text) // 2]
    if kind == "near":
        text = _changed(text, chance)
    elif kind == "short":
        text = text[:200]
    given = {"url": f"https://tide-gazette.example/{number}"} | ({} if kind == "no text" else {"text": text})
    return json.dumps(given)


def _changed(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    for at in chance.sample(range(len(words)), chance.randint(1, MOST_CHANGED)):
        words[at] = f"w{chance.randrange(10**6)}"
    return " ".join(words)


def write(path: Path, count: int, seed: int) -> None:
    """Write so many records to a file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in records(count, seed))


def main() -> None:
    """Write it, and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    write(given.file, given.count, given.seed)
    sys.stdout.write(f"{given.count} records, {given.file.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
