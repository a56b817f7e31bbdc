"""The measures of the gates in plain Python, word by word and slowly: the twin that the fast ones are held to."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORD = re.compile(r"\w+(?:['’-]\w+)*")
LINE_MARKS = (".", "!", "?", '"', "”", "’", "'", "…", ")", ":")
SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]{0,2}$")
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
        "hashes": (text.count("#") - sum(map(len, re.findall(r"(?m)^(#{1,6}) ", text)))) / count,
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
    bullets = [line for line in lines if line.startswith(("•", "·", "-", "*", "–"))]
    prose = _unlisted(lines, words)
    units = [one for line in prose for one in _sentences(line)] if len(prose) < 5 else prose
    unit_words, prose_words = (sum(len(WORD.findall(one)) for one in ones) or 1 for ones in (units, prose))
    marked = [unit for unit in units if unit.endswith(LINE_MARKS)]
    return {
        "line_marks": len(marked) / len(units) if words else 0.0,
        "marked_words": sum(len(WORD.findall(unit)) for unit in marked) / unit_words,
        "long_line_words": sum(len(WORD.findall(line)) for line in prose if _is_long(line)) / prose_words,
        "short_lines": sum(len(line) <= 30 for line in prose) / len(prose) if words else 1.0,
        "newlines": text.count("\n") / (words or 1),
        "bullet_lines": min(len(bullets) / count, sum(len(WORD.findall(line)) for line in bullets) / (words or 1)),
        "ellipsis_lines": _teasers(lines),
    }


def _unlisted(lines: Sequence[str], words: int) -> list[str]:
    """The lines without lists: three or more after a colon, each of at most 15 words and no sentence."""
    kept: list[str] = []
    listed: list[str] = []
    at = 0
    while at < len(lines):
        kept.append(lines[at])
        at += 1
        if kept[-1].endswith(":"):
            end = at
            while end < len(lines) and _is_item(lines[end]):
                end += 1
            if end - at >= 3:
                listed += lines[at:end]
                at = end
    inside = sum(len(WORD.findall(line)) for line in listed)
    return kept if listed and words - inside >= max(60, inside) else list(lines)


def _is_item(line: str) -> bool:
    return len(WORD.findall(line)) <= 15 and not line.endswith(":") and SENTENCE_END.search(line) is None


def _is_long(line: str) -> bool:
    words = len(WORD.findall(line))
    return words >= 20 or (words >= 5 and not line[0].islower() and SENTENCE_END.search(line) is not None)


def _sentences(line: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?…]) +|(?<=[.!?…][\"'”’)\]]) +", line) if one]


def _teasers(lines: Sequence[str]) -> float:
    share = sum(line.endswith(("...", "…")) for line in lines) / (len(lines) or 1)
    if len(lines) >= 5 or not share:
        return share
    units = [one for line in lines for one in _sentences(line)]
    return min(share, sum(unit.endswith(("...", "…")) for unit in units) / len(units))


def _of_copies(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, between in (("line", "\n"), ("paragraph", r"\n{2,}")):
        pieces = [piece for piece in re.split(between, text.strip("\n")) if piece]
        again = [piece for place, piece in enumerate(pieces) if piece in pieces[:place] and _says_something(piece)]
        found[f"repeated_{name}s"] = len(again) / (len(pieces) or 1)
        found[f"repeated_{name}_chars"] = sum(map(len, again)) / (len(text) or 1)
    return found


def _says_something(piece: str) -> bool:
    bracketed = re.fullmatch(r"\([^()\n]*\)|\[[^\[\]\n]*\]", piece) is not None
    return any(map(str.isalpha, piece)) and not bracketed


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
