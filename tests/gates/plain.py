"""The measures of the gates in plain Python, word by word and slowly: the twin that the fast ones are held to."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from winnowd.text.folding import IGNORABLE
from winnowd.text.scripts import HAN, KANA, SOUTHEAST
from winnowd.text.stops import BRACKETS, CLOSING, FAR_COMMAS, FAR_QUOTES, FAR_STOPS, WIDE_STOPS, WORD_BLANKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WORD = re.compile(r"\w+(?:['’-]\w+)*")
"""A word of a text without marks, joiners and letters that stand alone."""
COLONS = (":", "：", "፦", "៖")
LINE_MARKS = (".", "!", "?", '"', "”", "’", "'", "…", ")", *COLONS, *FAR_STOPS, *CLOSING)
SENTENCE_END = re.compile(rf"[.!?…{FAR_STOPS}][\"'”’)\]{CLOSING}]{{0,2}}$")
STOP_WORDS = frozenset(["the", "be", "to", "of", "and", "that", "have", "with"])


_NO_MARK = re.compile(f"[{IGNORABLE}\u20d0-\u20ff]")
_JOINERS = "'’-\u200c\u200d"
LETTERS = {"han": 1.5, "kana": 2.3, "southeast": 4.0}


def is_mark(character: str) -> bool:
    """Whether a character belongs to the letter before it."""
    return unicodedata.category(character)[0] == "M" and _NO_MARK.match(character) is None


def script(character: str) -> str:
    """The script without blanks that a letter or mark is of, "" for none."""
    if not (character.isalpha() or is_mark(character)) or character.islower() or character.isupper():
        return ""
    return next(
        (name for name, one in (("han", HAN), ("kana", KANA), ("southeast", SOUTHEAST)) if one.match(character)), ""
    )


def parts(text: str) -> list[tuple[int, int]]:
    """Where the runs of letters, marks and digits stand; a letter of a script without blanks is one with its marks."""
    found: list[list[int]] = []
    alone = is_alone(text)
    for at, one in enumerate(text):
        mark = is_mark(one)
        if not (one.isalnum() or one == "_" or mark):
            continue
        goes_on = bool(found) and found[-1][1] == at
        if goes_on and alone and ((script(one) and not mark) or (script(text[at - 1]) and not (mark and script(one)))):
            goes_on = False
        if goes_on:
            found[-1][1] = at + 1
        else:
            found.append([at, at + 1])
    return [(start, end) for start, end in found]


def spans(text: str) -> list[tuple[int, int]]:
    """Where the words stand: parts that one apostrophe, hyphen or zero width joiner parts are one."""
    found: list[tuple[int, int]] = []
    for start, end in parts(text):
        if found and found[-1][1] == start - 1 and text[start - 1] in _JOINERS:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def words_of(text: str) -> list[str]:
    """The words."""
    return [text[start:end] for start, end in spans(text)]


def is_alone(text: str) -> bool:
    """Whether letters are words: those of scripts without blanks are a tenth of all characters of words."""
    letters = sum(bool(script(one)) and not is_mark(one) for one in text)
    return 0 < letters >= 0.1 * sum(one.isalnum() or one == "_" or is_mark(one) for one in text)


def counts(text: str) -> list[int]:
    """How many words each line has: where letters stand alone, as many as an English text that says as much."""
    if not is_alone(text):
        starts = [start for start, _ in spans(text)]
        bounds = [*itertools.accumulate((len(line) + 1 for line in text.split("\n")), initial=0)]
        return [sum(first <= start < end for start in starts) for first, end in itertools.pairwise(bounds)]
    of = Counter(script(text[start]) for start, _ in parts(text) if not is_mark(text[start]))
    letters = LETTERS | (
        {"han": LETTERS["kana"]} if of["kana"] and of["kana"] >= 0.1 * (of["han"] + of["kana"]) else {}
    )
    found = [(start, "" if is_mark(text[start]) else script(text[start])) for start, _ in spans(text)]
    sums, end = [0], 0
    for line in text.split("\n"):
        end += len(line) + 1
        total = sum(round(1_000 / letters[name]) if name else 1_000 for start, name in found if start < end)
        sums.append(total // 1_000)
    return [after - before for before, after in itertools.pairwise(sums)]


def count(text: str) -> int:
    """How many words a text has."""
    return sum(counts(text))


def lower(word: str) -> str:
    """A word in lower case, character by character: one character stays one."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in word)


def measures(text: str) -> dict[str, float]:
    """All measures that a cleaned text alone has, by their names in the catalogue."""
    words = words_of(text)
    return {
        **_of_words(text, words),
        **_of_characters(text),
        **_of_lines(text, count(text)),
        **_of_copies(text),
        **_of_grams(text, [lower(word) for word in words]),
    }


def _of_words(text: str, words: Sequence[str]) -> dict[str, float]:
    number = count(text)
    shares = number or 1
    return {
        "words": number,
        "mean_word_length": sum(map(len, words)) / (len(words) or 1),
        "longest_word": max(map(len, words), default=0),
        "hashes": (text.count("#") - sum(map(len, re.findall(r"(?m)^(#{1,6}) ", text)))) / shares,
        "ellipses": (text.count("...") + text.count("…")) / shares,
        "letter_words": (number - sum(not any(map(str.isalpha, word)) for word in words)) / shares,
        "stop_words": len(STOP_WORDS & set(map(lower, words))),
        "capital_words": sum(len(word) >= 3 and word.isupper() for word in words) / shares,
        "addresses": len(re.findall(r"(?i)\bhttps?://|\bwww\.", text)) / shares,
        "blank_chars": sum(map(_is_blank, text)) / shares,
    }


def _is_letter(one: str) -> bool:
    return one.isalpha() or is_mark(one)


def _is_blank(one: str) -> bool:
    return one.isspace() or one in WORD_BLANKS


def _share(text: str, holds: Callable[[str], bool]) -> float:
    return sum(map(holds, text)) / (len(text) or 1)


def _of_characters(text: str) -> dict[str, float]:
    plain = f"?!,.\u200c\u200d{FAR_STOPS}{FAR_COMMAS}{FAR_QUOTES}"
    return {
        "symbol_chars": _share(
            text, lambda one: not (_is_letter(one) or one.isdigit() or _is_blank(one) or one in plain)
        ),
        "digit_chars": _share(text, str.isdigit),
        "bracket_chars": _share(text, lambda one: one in f"{{}}[](){BRACKETS}"),
    }


def _of_lines(text: str, words: int) -> dict[str, float]:
    rows = [(line, number) for line, number in zip(text.split("\n"), counts(text), strict=True) if line]
    lines = [line for line, _ in rows]
    number = len(lines) or 1
    bullets = [number for line, number in rows if line.startswith(("•", "·", "-", "*", "–"))]
    prose = _unlisted(rows, words)
    total = sum(number for _, number in prose) or 1
    units = [(one, count(one)) for line, _ in prose for one in _sentences(line)] if len(prose) < 5 else prose
    unmarked = [number for unit, number in units if not unit.endswith(LINE_MARKS)]
    return {
        "line_marks": (len(units) - len(unmarked)) / len(units) if words else 0.0,
        "marked_words": max(0, total - sum(unmarked)) / total if words else 0.0,
        "long_line_words": sum(number for line, number in prose if _is_long(line, number)) / total,
        "short_lines": sum(len(line) <= 30 for line, _ in prose) / len(prose) if words else 1.0,
        "newlines": text.count("\n") / (words or 1),
        "bullet_lines": min(len(bullets) / number, sum(bullets) / (words or 1)),
        "ellipsis_lines": _teasers(lines),
    }


def _unlisted(rows: list[tuple[str, int]], words: int) -> list[tuple[str, int]]:
    """The lines without lists: three or more after a colon, each of at most 15 words and no sentence."""
    kept: list[tuple[str, int]] = []
    listed: list[int] = []
    at = 0
    while at < len(rows):
        kept.append(rows[at])
        at += 1
        if kept[-1][0].endswith(COLONS):
            end = at
            while end < len(rows) and _is_item(*rows[end]):
                end += 1
            if end - at >= 3:
                listed += [number for _, number in rows[at:end]]
                at = end
    inside = sum(listed)
    return kept if listed and words - inside >= max(60, inside) else rows


def _is_item(line: str, words: int) -> bool:
    return words <= 15 and not line.endswith(COLONS) and SENTENCE_END.search(line) is None


def _is_long(line: str, words: int) -> bool:
    return words >= 20 or (words >= 5 and not line[0].islower() and SENTENCE_END.search(line) is not None)


def _sentences(line: str) -> list[str]:
    ends, closers = f"[.!?…{FAR_STOPS}]", f"[\"'”’)\\]{CLOSING}]"
    gaps = re.finditer(rf"({ends}{closers}?) +|([{WIDE_STOPS}]{closers}{{0,2}}) *", line)
    bounds = [(gap.end(1) if gap[1] else gap.end(2), gap.end()) for gap in gaps]
    begins = [0, *(after for _, after in bounds)]
    ends_at = [*(end for end, _ in bounds), len(line)]
    return [line[begin:end] for begin, end in zip(begins, ends_at, strict=True) if line[begin:end]]


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
    per = letters_a_word(text)
    blank = " " if per == 1 else ""
    found = {f"top_{length}_gram": top_gram(words, int(length * per + 0.5), blank) / size for length in (2, 3, 4)}
    longer = range(5, 11)
    return found | {f"repeated_{length}_grams": covered(words, int(length * per + 0.5)) / size for length in longer}


def letters_a_word(text: str) -> float:
    """How many letters are a word, in a text whose words are most of them single letters; else 1."""
    begins = [text[start] for start, _ in parts(text)]
    alone = Counter(script(one) for one in begins if script(one) and not is_mark(one))
    if not is_alone(text) or 2 * alone.total() <= len(begins):
        return 1.0
    letters = LETTERS | (
        {"han": LETTERS["kana"]} if alone["kana"] and alone["kana"] >= 0.1 * (alone["han"] + alone["kana"]) else {}
    )
    return round(1_000 * alone.total() / sum(round(1_000 / letters[name]) * many for name, many in alone.items()), 2)


def top_gram(words: Sequence[str], length: int, blank: str = " ") -> int:
    """Characters of the commonest run, blanks between words, times its count; the longest of equally frequent ones."""
    runs = [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]
    met = Counter(runs)
    most = max(met.values(), default=0)
    return max(len(blank.join(run)) for run, many in met.items() if many == most) * most if most > 1 else 0


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
