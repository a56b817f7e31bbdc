"""The measures of the gates in plain Python, word by word and slowly: the twin that the fast ones are held to."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORD = re.compile(r"\w+(?:['’-]\w+)*")
LINE_MARKS = (".", "!", "?", '"', "”", "’", "'", "…", ")", ":")
STOP_WORDS = frozenset(["the", "be", "to", "of", "and", "that", "have", "with"])


def lower(word: str) -> str:
    """A word in lower case, character by character: one character stays one."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in word)


def measures(text: str) -> dict[str, float]:
    """All measures that a cleaned text alone has, by their names in the catalogue."""
    words = WORD.findall(text)
    return {
        **_of_words(text, words),
        **_of_characters(text),
        **_of_lines(text, len(words)),
        **_of_copies(text),
        **_of_grams(text, [lower(word) for word in words]),
    }


def _of_words(text: str, words: Sequence[str]) -> dict[str, float]:
    count = len(words) or 1
    return {
        "words": len(words),
        "mean_word_length": sum(map(len, words)) / count,
        "longest_word": max(map(len, words), default=0),
        "hashes": text.count("#") / count,
        "ellipses": (text.count("...") + text.count("…")) / count,
        "letter_words": sum(any(map(str.isalpha, word)) for word in words) / count,
        "stop_words": len(STOP_WORDS & set(map(lower, words))),
        "capital_words": sum(len(word) >= 3 and word.isupper() for word in words) / count,
        "addresses": len(re.findall(r"(?i)\bhttps?://|\bwww\.", text)) / count,
    }


def _share(text: str, holds: Callable[[str], bool]) -> float:
    return sum(map(holds, text)) / (len(text) or 1)


def _of_characters(text: str) -> dict[str, float]:
    return {
        "symbol_chars": 1 - _share(text, lambda one: one.isalpha() or one.isdigit() or one in "\n?!,."),
        "digit_chars": _share(text, str.isdigit),
        "blank_chars": _share(text, str.isspace),
        "bracket_chars": _share(text, lambda one: one in "{}[]()"),
    }


def _of_lines(text: str, words: int) -> dict[str, float]:
    lines = [line for line in text.split("\n") if line]
    count = len(lines) or 1
    sizes = [len(WORD.findall(line)) for line in lines]
    marked = [line.endswith(LINE_MARKS) for line in lines]
    return {
        "line_marks": sum(marked) / count if words else 0.0,
        "marked_words": sum(size for size, ends in zip(sizes, marked, strict=True) if ends) / (words or 1),
        "long_line_words": sum(size for size in sizes if size >= 20) / (words or 1),
        "short_lines": sum(len(line) <= 30 for line in lines) / count if words else 1.0,
        "newlines": text.count("\n") / (words or 1),
        "bullet_lines": sum(line.startswith(("•", "·", "-", "*", "–")) for line in lines) / count,
        "ellipsis_lines": sum(line.endswith(("...", "…")) for line in lines) / count,
    }


def _of_copies(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, between in (("line", "\n"), ("paragraph", r"\n{2,}")):
        pieces = [piece for piece in re.split(between, text.strip("\n")) if piece]
        again = [piece for place, piece in enumerate(pieces) if piece in pieces[:place]]
        found[f"repeated_{name}s"] = len(again) / (len(pieces) or 1)
        found[f"repeated_{name}_chars"] = sum(map(len, again)) / (len(text) or 1)
    return found


def _of_grams(text: str, words: Sequence[str]) -> dict[str, float]:
    size = len(text) or 1
    found = {f"top_{length}_gram": top_gram(words, length) / size for length in (2, 3, 4)}
    return found | {f"repeated_{length}_grams": covered(words, length) / size for length in range(5, 11)}


def top_gram(words: Sequence[str], length: int) -> int:
    """Characters of the commonest run, blanks between words, times its count; the longest of equally frequent ones."""
    counts = Counter(" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
    most = max(counts.values(), default=0)
    return max(len(gram) for gram, count in counts.items() if count == most) * most if most > 1 else 0


def covered(words: Sequence[str], length: int) -> int:
    """Letters of the words that a second or later occurrence of any run covers, each word once."""
    any_classes: set[tuple[str, ...]] = set()
    places: set[int] = set()
    for at in range(len(words) - length + 1):
        gram = tuple(words[at : at + length])
        if gram in any_classes:
            places.update(range(at, at + length))
        any_classes.add(gram)
    return sum(len(words[place]) for place in places)
