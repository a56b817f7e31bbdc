"""What ``check``, ``run --once`` and ``explain`` print: findings as a linter shows them, a table, the count. Pure.

Made from plain values: events, evidence, and the rules by code (slug, help, limits in force). Worst comes first. Every
colour stands for a word that is there too; the terminal only paints.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from winnowd.views.bars import DOUBT, FAIL, bar
from winnowd.views.escape import flat, printable
from winnowd.views.lines import Line, Span, cut, line_cells, table, wrapped
from winnowd.views.passages import side_by_side, standing_words
from winnowd.views.why import Rules, measures, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_PLACES: Final = 4
LONGEST_QUOTE: Final = 40

_STYLES: Final = {
    "pass": "good", "doubt": "doubt", "fail": "bad", "admitted": "good", "quarantined": "doubt", "rejected": "bad",
}  # fmt: skip
_RANK: Final = {"fail": 0, "doubt": 1}
_BEYOND: Final = {("max", False): ">", ("max", True): "≥", ("min", False): "<", ("min", True): "≤"}


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """One decision to show: its event, its evidence, and the name to show it by."""

    event: Mapping[str, Any]
    evidence: Mapping[str, Any]
    name: str

    @property
    def outcome(self) -> str:
        """The outcome's word."""
        return str(self.event["winnowd"]["outcome"])


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """How to show: rules by code, cells a line, whether passing measures are shown, whether nothing took effect."""

    rules: Rules
    width: int
    everything: bool = False
    dry: bool = True


def finding_lines(shown: Sequence[Shown], frame: Frame) -> list[Line]:
    """All doubts and fails, worst first, then in catalogue order; then what cleaning did, file by file."""
    stated = [(finding, one) for one in shown for finding in one.event["winnowd"].get("findings", ())]
    stated.sort(key=lambda pair: (_RANK[pair[0]["grade"]], pair[0]["code"][3:]))
    told: set[int] = set()
    lines: list[Line] = []
    for finding, one in stated:
        copy = finding["code"].startswith("DUP") and id(one) not in told
        if copy:
            told.add(id(one))
        lines += [*_finding(finding, one, frame, passages=copy), ()]
    for one in shown:
        for note in one.event["winnowd"].get("notes", ()):
            lines += [*_note(note, one, frame), ()]
    if frame.everything:
        for one in shown:
            lines += [*_measures(one, frame), ()]
    return lines


def _header(code: str, slug: str, grade: str, name: str, frame: Frame) -> Line:
    style = _STYLES.get(grade, "dim")
    taken = len(code) + len(slug) + len(grade) + 4
    shown = cut(printable(name), max(12, frame.width - taken))
    return (Span(code, style), Span(" "), Span(slug, "bold"), Span(" "), Span(grade, style), Span("  "), Span(shown))


def _finding(finding: Mapping[str, Any], one: Shown, frame: Frame, *, passages: bool) -> Iterator[Line]:
    yield _header(finding["code"], finding["rule"], finding["grade"], one.name, frame)
    is_copy = finding["code"].startswith("DUP")
    if place := (is_copy and _twin(finding, one)) or _place(finding["code"], one):
        yield place
    yield from _measure(finding, frame)
    if because := finding.get("because"):
        yield from _barred((Span(printable(because)),), frame)
    if is_copy and passages:
        yield from _shared(one, frame)
    yield from _advice(finding, one, frame)


def _twin(finding: Mapping[str, Any], one: Shown) -> Line:
    nearest = one.event["winnowd"].get("nearest")
    if nearest is None or not nearest["twin"]:
        return ()
    standing = one.evidence.get("twin", {}).get("standing", "admitted")
    where = f" ({standing_words(standing)})"
    verb = "copies " if finding["grade"] == "fail" else "resembles "
    return (Span("  --> ", "sign"), Span(verb), Span(nearest["path"], "path"), Span(where))


def _place(code: str, one: Shown) -> Line:
    """The first lines that a finding speaks of, where its evidence names some."""
    lines = [
        entry["line"]
        for stated in one.evidence.get("findings", ())
        if stated["code"] == code
        for entry in _entries(stated)
        if entry.get("line")
    ]
    if not lines:
        return ()
    distinct = sorted(set(lines))
    more = ", ..." if len(distinct) > MOST_PLACES else ""
    word = "line" if len(distinct) == 1 else "lines"
    return (Span("  --> ", "sign"), Span(f"{word} {', '.join(map(str, distinct[:MOST_PLACES]))}{more}"))


def _entries(stated: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A finding's evidence itself, and each entry of its lists that is a mapping."""
    yield stated
    for value in stated.values():
        if isinstance(value, list):
            yield from (entry for entry in value if isinstance(entry, dict))


def _barred(line: Line, frame: Frame) -> Iterator[Line]:
    room = frame.width - 5
    for row in [line] if line_cells(line) <= room else wrapped(line, room):
        yield (Span("   | ", "sign"), *row)


def _measure(row: Mapping[str, Any], frame: Frame) -> Iterator[Line]:
    """``score 1.88   doubt ┆ ≥ 1   fail ┃ ≥ 1.3   bar``."""
    value = row.get("measured")
    if value is None:
        return
    limit = row.get("limit", {})
    unit = row.get("unit", "")
    said = printable(f"{_figure(value)} {unit}".strip())
    spans: list[Span] = [Span(said, "bold")]
    reached = bool(frame.rules.get(row["code"], {}).get("reached"))
    for grade, sign in (("doubt", DOUBT), ("fail", FAIL)):
        if grade in limit:
            beyond = _BEYOND[limit["side"], reached]
            spans.append(Span(f"   {grade} {sign} {beyond} {_figure(limit[grade])}", "dim"))
    if isinstance(value, int | float) and (drawn := bar(value, limit, row["grade"])):
        if line_cells(spans) + line_cells(drawn) + 8 <= frame.width:
            spans += [Span("   "), *drawn]
        else:
            yield from _barred(tuple(spans), frame)
            spans = list(drawn)
    yield from _barred(tuple(spans), frame)


def _figure(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")


def _shared(one: Shown, frame: Frame) -> Iterator[Line]:
    """The twin's figures and the passages."""
    nearest = one.event["winnowd"].get("nearest")
    if nearest is None:
        return
    figures = [f"longest run {nearest['longest_run_words']} words", f"{nearest['runs']} runs"]
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
    if not frame.dry:
        yield from _sentence("help", _keeping(one), frame)
    elif "help" in rule:
        yield from _sentence("help", (Span(rule["help"]),), frame)
    said: list[Span] = [Span(f"winnowd rule {finding['code']}", "bold"), Span(" tells what it measures")]
    if "setting" in rule:
        said += [Span("; "), Span(f"{rule['setting']}.{finding['grade']}", "bold"), Span(" moves its limit")]
    yield from _sentence("rule", tuple(said), frame)


def _keeping(one: Shown) -> Line:
    name = name_of(one.event)
    explain = (Span(f"winnowd explain {name}", "bold"), Span(" shows all of it"))
    if "article" not in one.event["winnowd"]:
        return explain
    return (*explain, Span("; to keep it: "), Span(f'winnowd release {name} --reason "..."', "bold"))


def _sentence(word: str, line: Line, frame: Frame) -> Iterator[Line]:
    first, *rest = wrapped(line, frame.width - 11)
    yield (Span(f"   = {word}: ", "sign"), *first)
    for row in rest:
        yield (Span(" " * 11), *row)


def _note(note: Mapping[str, Any], one: Shown, frame: Frame) -> Iterator[Line]:
    """What cleaning or reading did, with the lines it took."""
    slug = str(frame.rules.get(note["code"], {}).get("slug", ""))
    yield _header(note["code"], slug, "note", one.name, frame)
    taken = [line for line in one.evidence.get("removed_lines", ()) if line["code"] == note["code"]]
    places = [f"line {line['line']}: '{printable(flat(line['text'], LONGEST_QUOTE))}'" for line in taken[:MOST_PLACES]]
    if len(taken) > MOST_PLACES:
        places.append(f"and {len(taken) - MOST_PLACES} more")
    text = ", ".join(places) or f"{note['count']:,} x in the text"
    first, *rest = wrapped((Span(text),), frame.width - 6)
    yield (Span("  --> ", "sign"), *first)
    for row in rest:
        yield (Span(" " * 6), *row)


def _measures(one: Shown, frame: Frame) -> Iterator[Line]:
    """Every rule asked, for ``--all``."""
    yield (Span(printable(one.name), "bold"), Span("  every measure"))
    for row in measures(one.event, frame.rules):
        limit = {key: row[key] for key in ("side", "doubt", "fail") if key in row}
        head = (
            Span(row["code"], _STYLES[row["grade"]]),
            Span(f" {row.get('slug', '')} "),
            Span(row["grade"], _STYLES[row["grade"]]),
        )
        yield (Span("  "), *head)
        yield from _measure({**row, "limit": limit}, frame)


def table_lines(shown: Sequence[Shown], frame: Frame) -> list[Line]:
    """The table: file, outcome, code, words, nearest, shared (share of its words in runs that both share in order)."""
    head = ("file", "outcome", "code", "words", "nearest", "shared")
    rows = [_row(one) for one in shown]
    others = (
        sum(max(len(name), *(len(row[at].text) for row in rows)) + 3 for at, name in enumerate(head) if at)
        if rows
        else 0
    )
    room = max(12, frame.width - others - 3)
    rows = [(Span(cut(row[0].text, room), row[0].style), *row[1:]) for row in rows]
    return table(head, rows, (False, False, False, True, False, True))


def _row(one: Shown) -> tuple[Span, ...]:
    ours = one.event["winnowd"]
    nearest = ours.get("nearest")
    words = ours.get("article", {}).get("words")
    style = _STYLES.get(one.outcome, "")
    return (
        Span(printable(one.name)),
        Span(one.outcome, style),
        Span(one.event["event"].get("code", ""), style),
        Span("-" if words is None else f"{words:,}"),
        Span("-" if nearest is None else nearest["id"][:8]),
        Span("-" if nearest is None else f"{nearest['shared_runs']:.2f}"),
    )


def count_line(shown: Sequence[Shown], seconds: float, frame: Frame) -> list[Line]:
    """``5 records: 3 would be admitted, 2 rejected, 0 quarantined (2 DUP606)``, the time, whether anything changed."""
    counts = Counter(one.outcome for one in shown)
    codes = Counter(one.event["event"]["code"] for one in shown if "code" in one.event["event"])
    what = ", ".join(f"{count} {code}" for code, count in codes.most_common())
    would = "would be " if frame.dry else ""
    spans = [
        Span(f"{len(shown)} {'record' if len(shown) == 1 else 'records'}: "),
        Span(f"{counts['admitted']} {would}admitted", "good"),
        Span(", "),
        Span(f"{counts['rejected']} rejected", "bad"),
        Span(", "),
        Span(f"{counts['quarantined']} quarantined", "doubt"),
        Span(f" ({what})" if what else ""),
        Span(f" · {seconds:.2f} s"),
    ]
    if frame.dry:
        spans += [Span(" · nothing was changed ("), Span("winnowd check", "bold"), Span(" is a dry run)")]
    return wrapped(spans, frame.width)
