"""What decisions would be, laid out: outcomes and codes counted, what differs, what people made of it. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from winnowd.views.escape import printable
from winnowd.views.lines import Span, cut, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.views.lines import Line

Would = tuple[str, tuple[str, ...]]
Grades = tuple[str, str, str]
OUTCOMES: Final = ("admitted", "quarantined", "rejected")
_STYLES: Final = {"admitted": "good", "quarantined": "doubt", "rejected": "bad"}
_LONGEST_NAME: Final = 28
_SENTENCES: Final = {
    "release": ("that people released", "admitted", "would be admitted"),
    "confirm": ("that they confirmed", "admitted", "would be let in"),
    "retract": ("that they took out of the corpus", "held", "would not have been let in"),
}


def between(least: int, most: int) -> str:
    """``41``, or ``37 to 41`` where it is not sure."""
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def outcome_lines(outcomes: Mapping[Would, int]) -> list[Line]:
    """How many had each outcome, and would have it."""
    rows = []
    for outcome in OUTCOMES:
        was = sum(count for (then, _), count in outcomes.items() if then == outcome)
        sure = sum(count for (_, would_be), count in outcomes.items() if would_be == (outcome,))
        may = sum(count for (_, would_be), count in outcomes.items() if outcome in would_be)
        rows.append((Span(outcome, _STYLES[outcome]), Span(f"{was:,}"), Span(between(sure, may))))
    return table(("outcome", "was", "would be"), rows, (False, True, True))


def code_lines(codes: Mapping[str, Mapping[Grades, int]], slugs: Mapping[str, str]) -> list[Line]:
    """How many each changed code doubted and failed, and would."""
    rows = []
    for code, counts in codes.items():
        for grade in ("doubt", "fail"):
            was = sum(count for (then, _, _), count in counts.items() if then == grade)
            sure = sum(count for (_, least, most), count in counts.items() if least == most == grade)
            may = sum(count for (_, *now), count in counts.items() if _lies_between(grade, *now))
            rows.append((
                Span(f"{code} {slugs.get(code, '')}"), Span(grade), Span(f"{was:,}"), Span(between(sure, may)),
            ))  # fmt: skip
    return table(("code", "grade", "was", "would be"), rows, (False, False, True, True))


_RANKS: Final = {"pass": 0, "doubt": 1, "fail": 2}


def _lies_between(grade: str, least: str, most: str) -> bool:
    return _RANKS[least] <= _RANKS[grade] <= _RANKS[most]


def would_be_text(would_be: Sequence[str]) -> str:
    """``admitted``, or ``admitted or quarantined`` where it is not sure."""
    return " or ".join(would_be)


def difference_lines(differences: Sequence[tuple[str, str, str, tuple[str, ...], str]], width: int) -> list[Line]:
    """A row each: id, the file's name or the title, the outcome then, those now, and why."""
    names = max(12, min(_LONGEST_NAME, width - 80))
    rows = [
        (
            Span(printable(name)),
            Span(cut(printable(title), names)),
            Span(was, _STYLES.get(was, "")),
            Span(would_be_text(would_be), _STYLES.get(would_be[0], "") if len(would_be) == 1 else "doubt"),
            Span(why),
        )
        for name, title, was, would_be, why in differences
    ]
    return table(("id", "what", "was", "would be", "by"), rows, (False,) * 5)


def people_said(people: Mapping[str, Mapping[Would, int]]) -> Iterator[str]:
    """``of 41 that people released 37 would be admitted, 2 more may be``: for each order that tells of a limit."""
    for action, (which, goal, would) in _SENTENCES.items():
        counts = Counter(people.get(action, {}))
        total = sum(counts.values())
        if not total:
            continue
        sure = sum(count for (_, now), count in counts.items() if _is(goal, now, every=True))
        may = sum(count for (_, now), count in counts.items() if _is(goal, now, every=False)) - sure
        yield f"of {total:,} {which} {sure:,} {would}" + (f", {may:,} more may be" if may else "")


def _is(goal: str, would_be: Sequence[str], *, every: bool) -> bool:
    found = [(one == OUTCOMES[0]) == (goal == OUTCOMES[0]) for one in would_be]
    return all(found) if every else any(found)
