"""The published rules that docs/design/gates.md starts from, as described, to compare with: Gopher, C4, FineWeb.

Written from the papers, with the words of these gates; no part of the service. Each gives the names of the rules that
would drop a text, empty if none would.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.gates.plain import WORD, measures

if TYPE_CHECKING:
    from collections.abc import Callable

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_C4_MARKS = (".", "!", "?", '"')
_C4_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
_GOPHER_MOST = {
    "hashes": 0.1, "ellipses": 0.1, "bullet_lines": 0.9, "ellipsis_lines": 0.3, "repeated_lines": 0.3,
    "repeated_line_chars": 0.2, "repeated_paragraphs": 0.3, "repeated_paragraph_chars": 0.2, "top_2_gram": 0.2,
    "top_3_gram": 0.18, "top_4_gram": 0.16, "repeated_5_grams": 0.15, "repeated_6_grams": 0.14,
    "repeated_7_grams": 0.13, "repeated_8_grams": 0.12, "repeated_9_grams": 0.11, "repeated_10_grams": 0.10,
}  # fmt: skip


def gopher(text: str) -> list[str]:
    """Rae et al. 2021, table A1 and section A.1: words, symbols, lines, repetition."""
    found = measures(text)
    broken = [name for name, most in _GOPHER_MOST.items() if found[name] > most]
    if not 50 <= found["words"] <= 100_000:
        broken.append("words")
    if not 3 <= found["mean_word_length"] <= 10:
        broken.append("mean_word_length")
    tokens = re.findall(r"\w+(?:['’-]\w+)*|[^\w\s]", text)
    if sum(any(map(str.isalpha, token)) for token in tokens) < 0.8 * len(tokens):
        broken.append("letter_words")
    return broken + (["stop_words"] if found["stop_words"] < 2 else [])


def c4(text: str) -> list[str]:
    """Raffel et al. 2020: lines that end in a mark and have 5 words are kept; a page needs 3 sentences in them."""
    broken = [name for name, sign in (("brace", "{"), ("lorem ipsum", "lorem ipsum")) if sign in text.lower()]
    kept = [
        line
        for line in map(str.strip, text.split("\n"))
        if line.endswith(_C4_MARKS)
        and len(WORD.findall(line)) >= 5
        and "javascript" not in line.lower()
        and not any(policy in line.lower() for policy in _C4_POLICY)
    ]
    sentences = sum(max(1, len(_SENTENCE_END.findall(line))) for line in kept)
    return broken + (["sentences"] if sentences < 3 else [])


def fineweb(text: str) -> list[str]:
    """Penedo et al. 2024: lines with a mark, repeated and short lines, line ends; the limits of their code."""
    found = measures(text)
    lines = [line for line in text.split("\n") if line.strip()]
    ends = sum(line.rstrip().endswith((".", "?", "!", "。", "…", '"', "”")) for line in lines)
    broken = ["line_marks"] if ends < 0.12 * len(lines) else []
    for name, most in (("repeated_line_chars", 0.01), ("short_lines", 0.67), ("newlines", 0.3)):
        if found[name] > most:
            broken.append(name)
    return broken


RULES: dict[str, Callable[[str], list[str]]] = {"Gopher": gopher, "C4": c4, "FineWeb": fineweb}
