"""What ``check``, ``run --once`` and ``explain`` print: findings as a linter shows them. Pure.

Made from plain values: events, evidence, and the rules by code (slug, help, limits in force). Worst comes first. Every
colour stands for a word that is there too; the terminal only paints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.model import REST
from winnowd.views.bars import DOUBT, FAIL, bar
from winnowd.views.escape import printable
from winnowd.views.lines import Line, Span, cut, line_cells, padded, wrapped
from winnowd.views.measured import SIGNS, STYLES, figure, measure_table
from winnowd.views.passages import side_by_side, standing_words
from winnowd.views.tally import badness
from winnowd.views.where import removed_part, where
from winnowd.views.why import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from winnowd.views.tally import Frame, Shown

_COPIES: Final = "originality"
_ALSO: Final = 3  # findings of a gate beside its first that have a line each; with --all every one
_NOTED: Final = 32  # cells for code and slug of a note; the longest slug is mojibake-repaired


def finding_lines(shown: Sequence[Shown], frame: Frame) -> list[Line]:
    """What was found, worst file first: doubts and fails in full, worst first, then what cleaning did."""
    lines: list[Line] = []
    for one in sorted(shown, key=badness):
        for first, *others in _families(one):
            lines += [*_finding(first, one, frame, others), ()]
        if one.event["winnowd"].get("notes"):
            lines += [*_cleaned(one, frame), ()]
        if frame.everything:
            lines += [*_measures(one, frame), ()]
    return lines


def _families(one: Shown) -> Iterable[list[Mapping[str, Any]]]:
    """The findings of each gate, worst first: what one says beside its first is told shorter."""
    families: dict[str, list[Mapping[str, Any]]] = {}
    for finding in one.event["winnowd"].get("findings", ()):
        families.setdefault(finding["gate"], []).append(finding)
    return families.values()


def _header(code: str, slug: str, grade: str, name: str, frame: Frame) -> Line:
    style = STYLES.get(grade, "dim")
    used = len(code) + len(slug) + len(grade) + 4
    shown = cut(printable(name), max(12, frame.width - used))
    return (Span(code, style), Span(" "), Span(slug, "bold"), Span(" "), Span(grade, style), Span("  "), Span(shown))


def _finding(
    finding: Mapping[str, Any], one: Shown, frame: Frame, others: Sequence[Mapping[str, Any]] = ()
) -> Iterator[Line]:
    """One finding in full; ``others`` of the same gate, in a line each, or counted where they are many."""
    yield _header(finding["code"], finding["rule"], finding["grade"], one.name, frame)
    is_copy = finding["gate"] == _COPIES
    position = where(finding["code"], one.evidence)
    yield from _arrow((is_copy and _twin(finding, one)) or ((Span(position),) if position else ()), frame)
    yield from _measure(finding, frame)
    if because := finding.get("because"):
        yield from _barred((Span(printable(because)),), frame)
    yield from _also(others, frame)
    if is_copy:
        yield from _shared(one, frame)
    yield from _advice(finding, one, frame)


def _also(others: Sequence[Mapping[str, Any]], frame: Frame) -> Iterator[Line]:
    shown = others if frame.everything or len(others) <= _ALSO + 1 else others[:_ALSO]
    for other in shown:
        head = (Span("also "), Span(other["code"], STYLES[other["grade"]]), Span(f" {other['rule']} "))
        said = f" {figure(other['measured'])}" if "measured" in other else ""
        because = f": {printable(other['because'])}" if "because" in other else ""
        yield from _barred((*head, Span(other["grade"], STYLES[other["grade"]]), Span(said + because)), frame)
    if left := others[len(shown) :]:
        codes = " ".join(other["code"] for other in left)
        yield from _barred((Span(f"and {len(left)} more of its family: {codes}"),), frame)


def _twin(finding: Mapping[str, Any], one: Shown) -> Line:
    nearest = one.event["winnowd"].get("nearest")
    if nearest is None or not nearest["twin"]:
        return ()
    standing = one.evidence.get("twin", {}).get("standing", "admitted")
    where = f" ({standing_words(standing)})"
    verb = "copies " if finding["grade"] == "fail" else "resembles "
    return (Span(verb), Span(nearest["path"], "path"), Span(where))


def _arrow(line: Line, frame: Frame) -> Iterator[Line]:
    for at, row in enumerate(wrapped(line, frame.width - 6) if line else ()):
        yield (Span("      " if at else "  --> ", "sign"), *row)


def _barred(line: Line, frame: Frame) -> Iterator[Line]:
    room = frame.width - 5
    for row in [line] if line_cells(line) <= room else wrapped(line, room):
        yield (Span("   | ", "sign"), *row)


def _measure(row: Mapping[str, Any], frame: Frame) -> Iterator[Line]:
    """``score 1.88   doubt ┆ ≥ 1   fail ┃ ≥ 1.3   bar``."""
    spans, drawn = _value(row, frame), _bar(row)
    if not spans:
        return
    if drawn and line_cells(spans) + line_cells(drawn) + 8 > frame.width:
        yield from _barred(spans, frame)
        yield from _barred(drawn, frame)
    else:
        yield from _barred((*spans, *((Span("   "), *drawn) if drawn else ())), frame)


def _value(row: Mapping[str, Any], frame: Frame) -> Line:
    """The measure, and where its limits are."""
    if "measured" not in row:
        return ()
    limit = row.get("limit", {})
    spans = [Span(printable(f"{figure(row['measured'])} {row.get('unit', '')}".strip()), "bold")]
    reached = bool(frame.rules.get(row["code"], {}).get("reached"))
    for grade, sign in (("doubt", DOUBT), ("fail", FAIL)):
        if grade in limit:
            spans.append(Span(f"   {grade} {sign} {SIGNS[limit['side'], reached]} {figure(limit[grade])}", "dim"))
    return tuple(spans)


def _bar(row: Mapping[str, Any]) -> Line:
    value = row.get("measured")
    return bar(value, row.get("limit", {}), row["grade"]) if isinstance(value, int | float) else ()


def _shared(one: Shown, frame: Frame) -> Iterator[Line]:
    """The twin's figures and the passages."""
    nearest = one.event["winnowd"].get("nearest")
    if nearest is None:
        return
    figures = []
    if "runs" in nearest:
        figures += [f"longest run {nearest['longest_run_words']} words", f"{nearest['runs']} runs"]
    if "resemblance" in nearest:
        figures.append(f"5-gram resemblance {nearest['resemblance']:.2f}")
    yield from _barred((Span(" · ".join(figures), "dim"),), frame)
    lines = side_by_side(one.evidence, frame.width - 5)
    if lines:
        yield (Span("   |", "sign"),)
        for line in lines:
            yield (Span("   | ", "sign"), *line)
        yield (Span("   |", "sign"),)


def _advice(finding: Mapping[str, Any], one: Shown, frame: Frame) -> Iterator[Line]:
    rule = frame.rules.get(finding["code"], {})
    if "help" in rule:
        yield from _sentence("help", (Span(rule["help"]),), frame)
    said: list[Span] = [Span(f"winnowd rule {finding['code']}", "bold"), Span(" tells what it measures")]
    if "setting" in rule:
        said += [Span("; "), Span(f"{rule['setting']}.{finding['grade']}", "bold"), Span(" moves its limit")]
    yield from _sentence("rule", tuple(said), frame)
    if frame.dry:
        return
    name = name_of(one.event)
    yield from _sentence("more", (Span(f"winnowd explain {name}", "bold"),), frame)
    if finding["code"] == REST:
        release = Span(f'winnowd release {name} --reason "..."', "bold")
        yield from _sentence("rest", (release, Span(" has it judged, record by record")), frame)
    if "article" in one.event["winnowd"]:
        yield from _sentence("keep", (Span(f'winnowd release {name} --reason "..."', "bold"),), frame)


def _sentence(word: str, line: Line, frame: Frame) -> Iterator[Line]:
    first, *rest = wrapped(line, frame.width - 11)
    yield (Span(f"   = {word}: ", "sign"), *first)
    for row in rest:
        yield (Span(" " * 11), *row)


def _cleaned(one: Shown, frame: Frame) -> Iterator[Line]:
    """What reading and cleaning did, a line for each code, with the lines that were taken."""
    yield (Span("cleaned", "dim"), Span("  "), Span(cut(printable(one.name), max(12, frame.width - 9))))
    for note in one.event["winnowd"]["notes"]:
        slug = str(frame.rules.get(note["code"], {}).get("slug", ""))
        first, *rest = wrapped((Span(removed_part(note, one.evidence)),), frame.width - _NOTED)
        head = padded((Span("   | ", "sign"), Span(note["code"], "dim"), Span(f" {slug} ")), _NOTED)
        yield (*head, *first) if line_cells(head) <= _NOTED else (*head, Span(" "), *first)
        for row in rest:
            yield (Span("   | ", "sign"), Span(" " * (_NOTED - 5)), *row)


def _measures(one: Shown, frame: Frame) -> Iterator[Line]:
    """Every rule asked, a line each, for ``--all``."""
    yield (Span(cut(printable(one.name), max(12, frame.width - 15)), "bold"), Span("  every measure"))
    yield from measure_table(one.event, frame.rules, frame.width)
