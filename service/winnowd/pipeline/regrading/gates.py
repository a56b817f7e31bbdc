"""The grades of what needs no corpus, under other limits: by the gates' own arithmetic. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.gates.characters import stop_words_limit
from winnowd.gates.integrity import damage_grade
from winnowd.gates.length import word_length_limit
from winnowd.model import Grade
from winnowd.pipeline.regrading.rules import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from winnowd.model import Limit
    from winnowd.pipeline.regrading.rules import Decided, Rules

TOO_LONG: Final = "QUA402"
GENRE: Final = "QUA462"
LINES: Final = ("QUA420", "QUA421", "QUA422", "QUA423", "QUA424", "QUA425", "QUA426")
_OWN_LINES: Final = LINES[:4]
"""Of these a list beside prose that stands in one run makes a doubt at most."""
_SKIPPING: Final = ("verse", "recipe")
_GENRES: Final = (*_SKIPPING, "results")
_ROUNDED: Final = 1e-6
"""Measures are written with six decimals: one so close to a limit may have lain on its other side."""


class Regrading(NamedTuple):
    """A decision, the rules that it was made by, and those that it is graded by now."""

    decided: Decided
    then: Rules
    now: Rules


def bounds_of_measure(one: Regrading, code: str) -> Bounds:
    """The grade by a code whose measure and limit are all that it hangs on; as it was if nothing was measured."""
    limits, value, was = one.now.limits.get(code), one.decided.value(code), one.decided.grade(code)
    if not limits or value is None:
        return Bounds.sure(was)
    then = one.then.limits.get(code)
    if (limits == then and _is_rounded(limits[0], value)) or _is_measured_otherwise(code, then):
        return Bounds.sure(was)
    return Bounds.sure(_BY_CODE.get(code, _plain)(limits, value, one.decided))


def _is_rounded(limit: Limit, value: float) -> bool:
    return any(end is not None and abs(value - end) < _ROUNDED and value != int(value) for end in _ends(limit))


def _ends(limit: Limit) -> tuple[float | None, float | None]:
    return limit.doubt, limit.fail


def _is_measured_otherwise(code: str, then: tuple[Limit, ...] | None) -> bool:
    """Whether the log tells a share of all characters, blanks with them, as QUA411 and QUA413 measured it in 0.1.

    Nothing names the recipe of a measure: the limits by which it was graded do, if they are those of that version.
    """
    return then is not None and (then[0].doubt, then[0].fail) == _EARLIER.get(code)


_EARLIER: Final = {"QUA411": (0.23, 0.25), "QUA413": (0.24, 0.25)}


def _plain(limits: tuple[Limit, ...], value: float, decided: Decided) -> Grade:
    del decided
    return limits[0].grade(value)


def _stop_words(limits: tuple[Limit, ...], value: float, decided: Decided) -> Grade:
    return stop_words_limit(limits[0], decided.words).grade(value)


def _word_length(limits: tuple[Limit, ...], value: float, decided: Decided) -> Grade:
    return word_length_limit(limits[0], decided.language).grade(value)


def _damage(limits: tuple[Limit, ...], value: float, decided: Decided) -> Grade:
    return damage_grade(limits[0], limits[-1], value, decided.words)


_BY_CODE: Final[Mapping[str, Callable[[tuple[Limit, ...], float, Decided], Grade]]] = {
    "QUA403": _word_length,
    "QUA404": _word_length,
    "QUA409": _stop_words,
    "TXT501": _damage,
}


def bounds_of_lines(one: Regrading) -> dict[str, Bounds]:
    """The grades by the shares of lines, and by the genre that is asked for only where one of these does not pass."""
    decided, genre = one.decided, one.decided.measured.get(GENRE)
    plain = {code: bounds_of_measure(one, code).most for code in LINES if decided.value(code) is not None}
    if genre in _SKIPPING:  # and so no share of its lines was written
        loosened = any(_may_pass(one, code) for code in LINES)
        grade = one.now.genre(str(genre))
        return {GENRE: Bounds.of(Grade.PASS, grade) if loosened else Bounds.sure(grade)}
    found = {code: _beside_a_list(one, code, grade) for code, grade in plain.items()}
    if all(bounds.most is Grade.PASS for bounds in found.values()):
        return found | ({} if genre is None else {GENRE: Bounds.sure(Grade.PASS)})
    if genre == "results":
        least = all(bounds.least is Grade.PASS for bounds in found.values())
        grade = one.now.genre("results")
        return found | {GENRE: Bounds.of(Grade.PASS, grade) if least else Bounds.sure(grade)}
    if genre != "prose":  # its genre was asked for, and not recognised; or the gate was off
        return found
    by_genre = [one.now.genre(name) for name in _GENRES]
    mildest = Bounds.of(*by_genre).least
    return {code: Bounds.of(Bounds.of(bounds.least, mildest).least, bounds.most) for code, bounds in found.items()} | {
        GENRE: Bounds.of(Grade.PASS, *by_genre)
    }


def _may_pass(one: Regrading, code: str) -> bool:
    """Whether a limit is wider now, or was moved to where nobody can compare."""
    then, now = one.then.one(code), one.now.one(code)
    return then is not None and now is not None and then != now and is_wider(then, now)


def is_wider(then: Limit, now: Limit) -> bool:
    """Whether something that was doubted or failed may get a milder grade than before."""
    return any(_lies_further(before, after, now.side) for before, after in zip(_ends(then), _ends(now), strict=True))


def _lies_further(before: float | None, after: float | None, side: str) -> bool:
    if before is None or after is None:
        return before is not None and after is None
    return after < before if side == "min" else after > before


def _beside_a_list(one: Regrading, code: str, plain: Grade) -> Bounds:
    """A share of lines beside a list of the text's own, as far as the log shows that it has one."""
    if plain is not Grade.FAIL or code not in _OWN_LINES:
        return Bounds.sure(plain)
    decided, then = one.decided, one.then
    for other in _OWN_LINES:
        limit, value = then.one(other), decided.value(other)
        if limit is not None and value is not None and limit.grade(value) is Grade.FAIL:
            return Bounds.sure(decided.grade(other))
    return Bounds(Grade.DOUBT, Grade.FAIL)


def bounds_of_the_long(one: Regrading) -> Grade:
    """The worst that originality may say of a text which it was not asked about for its length, and would be now."""
    then, now, words = one.then.one(TOO_LONG), one.now.one(TOO_LONG), one.decided.words
    if then is None or then.fail is None or words <= then.fail:
        return Grade.PASS
    return Grade.PASS if now is not None and now.fail is not None and words > now.fail else Grade.FAIL
