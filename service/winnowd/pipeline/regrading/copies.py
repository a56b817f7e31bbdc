"""The grades of copies under other limits: bounded, since what moderated a grade is not all in the log. Pure.

Laws that the bounds rest on (``gates.originality``): what moderates a pair never makes a milder grade worse than a
worse one; of several pairs the worst grade counts, then the highest value; of a pair that failed nothing moderates a
doubt either. That each pair is measured on the same words as then is taken for granted.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from winnowd.gates.originality.demotions import REORDERED
from winnowd.gates.originality.grading import DECIMALS, REWRITE, SHORTER
from winnowd.model import Grade
from winnowd.pipeline.regrading.rules import Bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from winnowd.model import Limit
    from winnowd.pipeline.regrading.gates import Regrading
    from winnowd.pipeline.regrading.rules import Decided, Rules

COPIES: Final = ("DUP603", "DUP604", "DUP605", "DUP606", "DUP607")
WAITING: Final = "DUP609"
REPLACING: Final = "DUP610"
_EARLIEST: Final = max(less for _, less in SHORTER)
PASS, DOUBT, FAIL = Grade.PASS, Grade.DOUBT, Grade.FAIL


def copies_moved_by(moved: AbstractSet[str]) -> tuple[str, ...]:
    """The codes of copies whose grades may differ if the limits of these codes do."""
    return tuple(code for code in COPIES if code in moved or (code == REWRITE and REORDERED in moved))


def bounds_of_copies(one: Regrading, codes: Sequence[str]) -> dict[str, Bounds]:
    """The grades by these measures of copies, and by waiting with a copy that waits."""
    if is_replacing(one.decided) and one.then != one.now:
        return {code: Bounds.of(PASS, *_plain_grades(one, code)) for code in COPIES if _is_graded(one, code)}
    found = {code: _bounds(one, code) for code in codes if _is_graded(one, code)}
    literal = any(_is_moved(one, code) for code in COPIES[:3])
    may_wait = any(code in found and found[code].most is FAIL for code in COPIES[:3])
    if literal and (may_wait or WAITING in one.decided.grades):
        found[WAITING] = Bounds(PASS, DOUBT)
    return found


def is_replacing(decided: Decided) -> bool:
    """Whether it took the place of its twin: then what would have stopped it passes."""
    return REPLACING in decided.measured


def _is_graded(one: Regrading, code: str) -> bool:
    return one.decided.value(code) is not None and one.now.one(code) is not None and one.then.one(code) is not None


def _plain_grades(one: Regrading, code: str) -> list[Grade]:
    """What measure and limit alone give, now; of the order close by in texts of whatever lengths."""
    value, limit = one.decided.value(code), one.now.one(code)
    return [] if value is None or limit is None else [each.grade(value) for each in _for_any_length(limit)]


def _for_any_length(limit: Limit) -> list[Limit]:
    if limit.code != REORDERED or limit.doubt is None:
        return [limit]
    return [limit, _earlier(limit, _EARLIEST)]


def strictest(now: Rules, code: str) -> Limit | None:
    """A limit by which all passes that passes now for sure, whatever else an article is; None if there is none."""
    limit = now.one(code)
    if limit is None or code != REORDERED or limit.doubt is None:
        return limit
    return dataclasses.replace(limit, doubt=min(limit.doubt - _EARLIEST, now.corroborated))


def _earlier(limit: Limit, less: float) -> Limit:
    return limit if limit.doubt is None else dataclasses.replace(limit, doubt=round(limit.doubt - less, DECIMALS))


def _bounds(one: Regrading, code: str) -> Bounds:
    """The grade by one of them, of whichever known article."""
    then, now, was = one.then.one(code), one.now.one(code), one.decided.grade(code)
    value = one.decided.value(code)
    if then is None or now is None or value is None:
        return Bounds.sure(was)
    if not _may_come_of(one, was, value, then):
        return Bounds.sure(_was_plain(one, then, value))
    if then == now:
        return _raised_otherwise(one, was, value, now) if code == REWRITE else Bounds.sure(was)
    bounds = _of_grade[was](one, value, then, now)
    return bounds if _may_be_worse(one, then, now) else Bounds.of(bounds.least, was)


def _may_be_worse(one: Regrading, then: Limit, now: Limit) -> bool:
    """Whether some limit has come nearer that the grade hangs on: else no pair is graded worse than then."""
    near = one.then.one(REORDERED), one.now.one(REORDERED)
    nearer_by = (
        then.code == REWRITE and near[0] is not None and near[1] is not None and not _is_looser(near[0], near[1])
    )
    return nearer_by or not _is_looser(then, now)


def _may_come_of(one: Regrading, was: Grade, value: float, then: Limit) -> bool:
    """Whether a value could be graded so by the limits then: moderated as it may be, raised only by what raises."""
    plain = _was_plain(one, then, value)
    if was.rank <= plain.rank:
        return True
    if then.code == REWRITE:
        return plain is DOUBT
    return then.code == REORDERED and was is DOUBT and value >= one.then.corroborated


def _raised_otherwise(one: Regrading, was: Grade, value: float, limit: Limit) -> Bounds:
    """A rewrite whose limits stand, where those of the order close by do not: a doubt fails if that doubts, too."""
    plain, nearby = limit.grade(value), _may_be_doubted_nearby(one, one.now)
    if not _is_moved(one, REORDERED) or limit.fail is None or plain is PASS or (was is FAIL and plain is FAIL):
        return Bounds.sure(was)
    if was is FAIL:
        return Bounds(DOUBT, FAIL) if nearby or not _is_only(one.decided) else Bounds.sure(DOUBT)
    most = was
    if nearby and (plain is DOUBT or not _is_only(one.decided)):
        most = DOUBT if was is PASS else FAIL
    was_raised = plain is DOUBT and _may_be_doubted_nearby(one, one.then)
    return Bounds(PASS if was_raised else was, most)


def _is_moved(one: Regrading, code: str) -> bool:
    return one.then.one(code) != one.now.one(code)


def _may_be_doubted_nearby(one: Regrading, rules: Rules) -> bool:
    """Whether by some rules the order close by may be doubted with the article that it is a rewrite of."""
    value, limit = one.decided.value(REORDERED), rules.one(REORDERED)
    if value is None or limit is None:
        return False
    doubted_then = rules is one.then and one.decided.grade(REORDERED) is not PASS
    return doubted_then or any(each.grade(value) is not PASS for each in _for_any_length(limit))


def _is_only(decided: Decided) -> bool:
    """Whether it was compared with one article alone."""
    return int(decided.ours.get("nearest", {}).get("candidates", 0)) == 1


def _now(one: Regrading, then: Limit, now: Limit) -> list[Limit]:
    """The limit now, for a text of this length where a finding tells by how much it was doubted earlier."""
    limit = one.decided.limits.get(then.code)
    if then.code != REORDERED or limit is None:
        return _for_any_length(now)
    less = 0.0 if then.doubt is None or "doubt" not in limit else round(then.doubt - limit["doubt"], DECIMALS)
    return [_earlier(now, less)]


def _was_plain(one: Regrading, then: Limit, value: float) -> Grade:
    """What measure and limit alone gave."""
    limit = one.decided.limits.get(then.code, {})
    return dataclasses.replace(then, doubt=limit.get("doubt", then.doubt)).grade(value)


def _may_be_raised(one: Regrading, value: float, now: Limit) -> bool:
    """Whether a re-ordering below doubt is doubted if all numbers agree, which the log does not tell."""
    return now.code == REORDERED and now.doubt is not None and value >= one.now.corroborated


def _of_pass(one: Regrading, value: float, then: Limit, now: Limit) -> Bounds:
    """What passed with all: the value is the highest of any, and is moderated no less than then."""
    worst = Bounds.of(*(limit.grade(value) for limit in _for_any_length(now))).most
    if worst is PASS:
        was_off = then.doubt is None and _may_be_raised(one, value, now)
        return Bounds(PASS, DOUBT) if was_off else Bounds.sure(PASS)
    was = _was_plain(one, then, value)
    if now.code == REORDERED or (now.code == REWRITE and _is_moved(one, REORDERED)):
        return Bounds(PASS, FAIL if now.code == REWRITE else worst)
    if _is_looser(then, now) or (worst is was and _is_only(one.decided)):
        return Bounds.sure(PASS)
    raised = now.code == REWRITE and worst is DOUBT and now.fail is not None and _may_be_doubted_nearby(one, one.now)
    return Bounds(PASS, FAIL if raised else worst)


def _of_doubt(one: Regrading, value: float, then: Limit, now: Limit) -> Bounds:
    """What was doubted, of its own or since a fail was moderated, or raised by numbers that agree."""
    was, plain = _was_plain(one, then, value), Bounds.of(*(limit.grade(value) for limit in _now(one, then, now)))
    if was is PASS:  # raised
        return Bounds.sure(DOUBT if plain.most is not PASS or now.doubt is not None else PASS)
    if plain.most is PASS:
        others = not _is_only(one.decided) and Bounds.of(*_plain_grades(one, now.code)).most is not PASS
        return Bounds(PASS, DOUBT) if others or _may_be_raised(one, value, now) else Bounds.sure(PASS)
    falls = plain.most is DOUBT and (was is FAIL or _is_raised_no_more(one, then, now))
    fails = plain.most is FAIL and (was is DOUBT or not _is_only(one.decided))
    return Bounds(PASS if falls else DOUBT, FAIL if fails or _is_raised_now(one, then, now) else DOUBT)


def _is_raised_no_more(one: Regrading, then: Limit, now: Limit) -> bool:
    """Whether a doubted rewrite may have failed by its neighbours and been moderated, and does not fail so now."""
    if then.code != REWRITE or then.fail is None or not _may_be_doubted_nearby(one, one.then):
        return False
    return now.fail is None or _is_moved(one, REORDERED)


def _is_raised_now(one: Regrading, then: Limit, now: Limit) -> bool:
    """Whether a doubted rewrite may fail by its neighbours, which it did not then."""
    if now.code != REWRITE or now.fail is None or not _may_be_doubted_nearby(one, one.now):
        return False
    more_doubted = not _is_only(one.decided) and _lies_nearer(then.doubt, now.doubt)
    return more_doubted or then.fail is None or _is_moved(one, REORDERED)


def _of_fail(one: Regrading, value: float, then: Limit, now: Limit) -> Bounds:
    """What failed, so that nothing moderated it; or was raised since two measures doubt."""
    was, plain = _was_plain(one, then, value), Bounds.of(*(limit.grade(value) for limit in _now(one, then, now)))
    if plain.most is FAIL:
        return Bounds.sure(FAIL)
    if plain.most is PASS:
        others = not _is_only(one.decided) or _may_be_raised(one, value, now)
        return Bounds(PASS, DOUBT) if others and now.doubt is not None else Bounds.sure(PASS)
    near_too = now.code == REWRITE and now.fail is not None and _may_be_doubted_nearby(one, one.now)
    if was is DOUBT and not _is_moved(one, REORDERED):
        return Bounds.sure(FAIL if now.fail is not None else DOUBT)
    return Bounds(DOUBT, FAIL if near_too else DOUBT)


def _is_looser(then: Limit, now: Limit) -> bool:
    """Whether neither limit has come nearer."""
    return not (_lies_nearer(then.doubt, now.doubt) or _lies_nearer(then.fail, now.fail))


def _lies_nearer(before: float | None, after: float | None) -> bool:
    """Whether an end has come nearer; all of these measures are worse the higher they are."""
    return after is not None and (before is None or after < before)


_of_grade: Final = {PASS: _of_pass, DOUBT: _of_doubt, FAIL: _of_fail}
