"""Scripts without blanks between words, from ``scripts.toml``, which is read once: what a letter counts. Pure.

Counted in thousandths of an English word, so that lines add up to their text to the last digit.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE: Final[Mapping[str, Any]] = tomllib.loads(
    importlib.resources.files(__package__).joinpath("scripts.toml").read_text(encoding="utf-8")
)
WORD: Final = 1_000
"""What a word of a script with blanks counts."""
LEAST_KANA: Final[float] = _TABLE["kana"]["least_kana"]
HAN, KANA, SOUTHEAST = (re.compile(f"[{_TABLE[name]['ranges']}]") for name in ("han", "kana", "southeast"))
STOPLESS: Final = re.compile(f"[{_TABLE['stopless']['ranges']}]")
ALONE: Final = "".join(_TABLE[name]["ranges"] for name in ("han", "kana", "southeast"))
"""The inside of a class of an expression: all of them."""


class Worth(NamedTuple):
    """What one letter of each script counts, in thousandths of an English word."""

    han: int
    kana: int
    southeast: int


def _worth(han: str) -> Worth:
    return Worth(*(round(WORD / _TABLE[name]["letters"]) for name in (han, "kana", "southeast")))


_CHINESE, _JAPANESE = _worth("han"), _worth("kana")


def worth(han: int, kana: int) -> Worth:
    """What letters count in a text with so many of Han and of kana."""
    return _JAPANESE if kana and kana >= LEAST_KANA * (han + kana) else _CHINESE


@functools.cache
def holds_alone(character: str) -> bool:
    """Whether a character is of one of these scripts."""
    return any(script.match(character) for script in (HAN, KANA, SOUTHEAST))
