"""CLN301 to CLN309: what is wrong with the characters of a text, put right before anything reads it. Pure.

The repair of the encoding comes first, since the later steps would change what it needs to see; entities come before
blanks, since ``&nbsp;`` is one.
"""

from __future__ import annotations

import functools
import html
import operator
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from winnowd.model import Note
from winnowd.text import FAR, TO_SPACES, Kind, Tokens, kind_of
from winnowd.text.folding import IGNORABLE, VARIATIONS, stream_safe

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

_CP1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MISREAD = re.compile(f"[ÂÃâÅÐÑ][\u0080-\u00bf{_CP1252}]|ï»¿")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_ENTITY = re.compile(r"&(?:amp;)?(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_LINE_END = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_INVISIBLE = re.compile(f"(?:(?![{VARIATIONS}])[{IGNORABLE}])+")
_NO_JOINER = re.compile("[^\u200c\u200d\u180e\u17b4\u17b5]")
_FIRST_OTHER = "\u0590"
"""From here on joiners are the business of letters, and of emoji."""
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001eeff]")
_INVISIBLE_BUT_DIRECTIONS = re.compile(f"(?:(?!{_DIRECTIONS.pattern}|[{VARIATIONS}])[{IGNORABLE}])+")
"""Where a text has letters that run from right to left, marks of direction are as much its own as its blanks."""
_BLACK_FLAG, _LAST_TAG = "\U0001f3f4", "\U000e007f"
_TO_SPACE = re.compile(f"[{TO_SPACES}]")
_WINDOWS = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_WINDOWS_ONES = re.compile(f"[{''.join(map(chr, _WINDOWS))}]")
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_LIGATURE = re.compile("[\ufb00-\ufb06]")


class Repaired(NamedTuple):
    """A text after all repairs, what was done, and what no repair could undo; its ``tokens``, if it had to be cut."""

    text: str
    notes: list[Note]
    measures: dict[str, float]
    tokens: Tokens | None = None


def repair(text: str) -> Repaired:
    """Repair the characters of a text; one note for each kind of repair that changed it, with what was replaced."""
    if text.isascii() and not text.encode("ascii").translate(None, _SOUND):
        return Repaired(text, [], {"mojibake": 0.0, "lost_chars": 0.0, "control_chars": 0.0})
    tokens = Tokens(text)
    notes: list[Note] = []
    for step in _STEPS if any(_mended_in(tokens.census)) else ():
        made = step(tokens)
        if made is not None:
            mended, note = made
            tokens = Tokens(mended)
            notes.append(note)
    measures = {
        "mojibake": float(is_misread(tokens)),
        "lost_chars": float(tokens.census[Kind.LOST]),
        "control_chars": float(tokens.number_of(Kind.CONTROL, Kind.CONTROL_BLANK)),
    }
    return Repaired(tokens.text, notes, measures, tokens)


def is_misread(tokens: Tokens) -> bool:
    """Whether a text looks like UTF-8 read in a one-byte encoding: CLN303 repairs it, TXT502 says it stayed so."""
    if not tokens.number_of(Kind.LEAD_LOWER, Kind.LEAD_UPPER) or _MISREAD.search(tokens.text) is None:
        return False
    from ftfy.badness import badness

    return bool(badness(tokens.text) > 0)


@functools.cache
def _encoding_only() -> TextFixerConfig:
    """Settings of ftfy with all switched off but the repair of the encoding."""
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        fix_c1_controls=False,
        normalization=None,
        explain=False,
    )


Step = tuple[str, Note] | None


def _encoding(tokens: Tokens) -> Step:
    if not is_misread(tokens):
        return None
    from ftfy import fix_text

    mended = str(fix_text(tokens.text, _encoding_only()))
    misread = [line for line in tokens.text.split("\n") if _MISREAD.search(line)]
    return None if mended == tokens.text else (mended, Note("CLN303", 0, len(misread), "\n".join(misread)))


def _windows(tokens: Tokens) -> Step:
    """Controls of ISO 8859-1 are what Windows-1252 has its dashes and quotes at; U+0085 alone is a line end."""
    if not tokens.census[Kind.CONTROL]:
        return None
    removed = _WINDOWS_ONES.findall(tokens.text)
    if not removed or set(removed) == {"\u0085"}:
        return None
    return tokens.text.translate(_WINDOWS), Note("CLN308", 0, len(removed), "")


def _ligatures(tokens: Tokens) -> Step:
    if not any(_far_in(tokens.census)):
        return None
    removed = _LIGATURE.findall(tokens.text)
    return (tokens.text.translate(_LIGATURES), Note("CLN309", 0, len(removed), " ".join(removed))) if removed else None


def _entities(tokens: Tokens) -> Step:
    if not tokens.census[Kind.AMPERSAND] or TAG.search(tokens.text):
        return None
    removed = [entity for entity in _ENTITY.findall(tokens.text) if html.unescape(entity) != entity]
    if not removed:
        return None
    mended = _ENTITY.sub(lambda match: html.unescape(html.unescape(match[0])), tokens.text)
    return mended, Note("CLN306", 0, len(removed), " ".join(removed))


def _line_ends(tokens: Tokens) -> Step:
    if not tokens.census[Kind.LINE_END]:
        return None
    removed = _LINE_END.findall(tokens.text)
    mended = _LINE_END.sub("\n", tokens.text.replace("\u2029", "\n\n"))
    return mended, Note("CLN301", 0, len(removed), "")


def _invisible(tokens: Tokens) -> Step:
    if not (tokens.census[Kind.INVISIBLE] or any(_far_in(tokens.census))):
        return None
    text = tokens.text
    removed: list[str] = []

    def needed(run: re.Match[str]) -> str:
        kept = _needed(run)
        removed.extend(character for character in run[0] if character not in kept)
        return kept

    has_directions = _DIRECTIONS.search(text) is not None and _RIGHT_TO_LEFT.search(text) is not None
    mended = (_INVISIBLE_BUT_DIRECTIONS if has_directions else _INVISIBLE).sub(needed, text)
    return (mended, Note("CLN304", 0, len(removed), "".join(removed))) if removed else None


def _needed(run: re.Match[str]) -> str:
    """What of a run of invisible characters stays: joiners between other scripts' letters, and the tags of a flag."""
    text, start, end = run.string, *run.span()
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == _BLACK_FLAG and run[0].endswith(_LAST_TAG):
        return run[0]
    is_between = before >= _FIRST_OTHER and not (after < _FIRST_OTHER and after.isalnum())
    return _NO_JOINER.sub("", run[0]) if is_between else ""


def _blanks(tokens: Tokens) -> Step:
    count = tokens.census[Kind.TO_SPACE]
    return (_TO_SPACE.sub(" ", tokens.text), Note("CLN305", 0, count, "")) if count else None


def _composed(tokens: Tokens) -> Step:
    if not (tokens.census[Kind.OTHER_BLANK] or any(_far_in(tokens.census))):
        return None
    safe = stream_safe(tokens.text)
    mended = unicodedata.normalize("NFC", safe)
    cut = len(tokens.text) - len(safe)
    return None if mended == tokens.text else (mended, Note("CLN307", 0, cut or 1, ""))


_STEPS = (_encoding, _windows, _entities, _line_ends, _invisible, _blanks, _ligatures, _composed)
_MENDED = (
    *(Kind.LEAD_LOWER, Kind.LEAD_UPPER, Kind.CONTROL, Kind.AMPERSAND, Kind.LINE_END, Kind.INVISIBLE, Kind.TO_SPACE),
    *(Kind.OTHER_BLANK, *FAR),
)
"""The kinds of characters that the steps ask for: a text with none of these is as each step would have it."""
_far_in, _mended_in = operator.itemgetter(*FAR), operator.itemgetter(*_MENDED)
"""Of a census the counts of these kinds."""
_SOUND = bytes(code for code in range(0x80) if kind_of(chr(code)) not in {*_MENDED, Kind.CONTROL_BLANK})
"""The ASCII characters that no step asks for and no measure counts."""
