"""The file beside a held original that says why it is there; programs ask ``winnowd explain --json``. Pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

from winnowd.model import REST
from winnowd.views.copies import copied
from winnowd.views.escape import cell, fenced, flat, printable
from winnowd.views.lines import UNKNOWN_WIDTH
from winnowd.views.passages import as_text
from winnowd.views.where import where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_PASSAGES: Final = 5
MOST_REMOVED: Final = 20
LONGEST_REMOVED: Final = 300

_RANK: Final = {"fail": 0, "doubt": 1, "pass": 2}


Rules: TypeAlias = "Mapping[str, Mapping[str, Any]]"
"""The limits in force, by code, as events of a configuration name them; a rule's ``help`` is shown if it is there."""


def name_of(event: Mapping[str, Any]) -> str:
    """What commands call the record: the article's id, or ``<arrival>-<record>`` where there is no text."""
    ours = event["winnowd"]
    if "article" in ours:
        return str(ours["article"]["id"])
    return f"{ours['arrival']['id']}-{ours['arrival']['record']}"


def is_rest(event: Mapping[str, Any]) -> bool:
    """Whether a decision stands for the rest of a file, which was only counted."""
    return REST in event["winnowd"]["codes"]


def rest_commands(event: Mapping[str, Any]) -> list[dict[str, str]]:
    """What can be done with the rest of a file that is held."""
    return [
        {"command": all_records(event), "why": "for the records before it, one by one"},
        {"command": f'winnowd release {name_of(event)} --reason "..."', "why": "to have it judged, record by record"},
    ]


def all_records(event: Mapping[str, Any]) -> str:
    """The command that tells of all records of an event's file."""
    return f"winnowd log --grep {event['winnowd']['arrival']['id']}"


def next_commands(event: Mapping[str, Any]) -> list[dict[str, str]]:
    """What can be done now: {command, why}; a record without text cannot be released."""
    name, ours = name_of(event), event["winnowd"]
    commands = [{"command": f"winnowd explain {name}", "why": "to see all of it"}]
    if "code" in event["event"]:
        code = event["event"]["code"]
        commands.append({"command": f"winnowd rule {code}", "why": "for what the rule measures, and what moves it"})
    if is_rest(event):
        commands += rest_commands(event)
    elif "article" in ours and ours["outcome"] in {"rejected", "quarantined"}:
        commands.append({"command": f'winnowd release {name} --reason "..."', "why": "to keep it"})
    if ours["outcome"] == "quarantined":
        commands.append({"command": f'winnowd confirm {name} --reason "..."', "why": "to turn it away for good"})
    return commands


def measures(event: Mapping[str, Any], rules: Rules) -> list[dict[str, Any]]:
    """Every rule asked, worst first: {code, slug, grade, measured, unit, doubt, fail, side, setting, because}.

    ``rules``: the limits in force, by code. What an entry does not have is left out.
    """
    passed = [
        {"code": code, "grade": "pass", name: said, **_said(rules.get(code, {}), _LIMITS)}
        for code, name, said in _passed(event["winnowd"])
    ]
    return [*_not_passed(event["winnowd"], rules), *passed]


def _not_passed(ours: Mapping[str, Any], rules: Rules) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for finding in ours.get("findings", ()):
        limit = finding.get("limit", {})
        kept = ("grade", "measured", "unit", "because")
        row = {
            "code": finding["code"],
            "slug": finding["rule"],
            **{key: finding[key] for key in kept if key in finding},
        }
        rows.append({**row, **limit, **_said(rules.get(finding["code"], {}), _SETTING)})
    return sorted(rows, key=lambda row: _RANK[row["grade"]])


def _passed(ours: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """The codes of what passed, by their numbers; of each ``measured`` or ``because``, and what that is."""
    stopping = {finding["code"] for finding in ours.get("findings", ())}
    passed = [
        (code, name, said)
        for name, block in (("measured", "measured"), ("because", "unmeasured"))
        for code, said in ours.get(block, {}).items()
        if code not in stopping
    ]
    return sorted(passed, key=lambda one: one[0][3:])


_SETTING: Final = ("setting", "reached")
_LIMITS: Final = ("slug", "unit", "side", "doubt", "fail", *_SETTING)


def _said(rule: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: said for name in names if (said := rule.get(name)) is not None and said is not False and said != ""}


def why_md(event: Mapping[str, Any], evidence: Mapping[str, Any] | None, rules: Rules) -> bytes:
    """For people: one sentence, the measures worst first, passages side by side, removed lines, what to do."""
    evidence = evidence or {}
    parts = (
        *_head(event, evidence, rules),
        *_measures(event, rules),
        *_where(event, evidence),
        *_passages(evidence),
        *_removed(evidence),
        *_next(event),
    )
    return ("\n".join(parts) + "\n").encode("utf-8", "backslashreplace")


def _head(event: Mapping[str, Any], evidence: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    ours, happened = event["winnowd"], event["event"]
    yield f"# {cell(event['file']['name'])}: {ours['outcome']}"
    yield ""
    if copy := _copied(ours):
        yield f"It {copy}."
        yield ""
    code = f"**{happened['code']}** " if "code" in happened else ""
    yield f"{code}{cell(happened.get('reason', event['message']), most=1_000)}."
    yield ""
    if text := rules.get(happened.get("code", ""), {}).get("help"):
        yield cell(text, most=1_000)
        yield ""
    for finding in ours.get("findings", ())[1:]:
        yield f"- also **{finding['code']}** {finding['rule']} ({finding['grade']}): {_because(finding)}"
    facts = {
        "title": evidence.get("title", ""),
        "file": event["file"]["path"],
        "decided": event["@timestamp"],
        "id": name_of(event),
        "event": str(happened["sequence"]),
    }
    if "nearest" in ours:
        facts["twin" if ours["nearest"]["twin"] else "nearest"] = ours["nearest"]["path"]
    for name, value in facts.items():
        if value:
            yield f"- {name}: {cell(value, most=500)}"
    yield ""


def _copied(ours: Mapping[str, Any]) -> str:
    """What a copy is of its twin, with a link to that; "" of anything else."""
    findings, nearest = ours.get("findings", ()), ours.get("nearest", {})
    if not (findings and nearest.get("twin") and "destination" in ours):
        return ""
    up = "../" * ours["destination"]["path"].count("/")
    twin = f"[{cell(nearest['path'], most=500)}]({up}{quote(nearest['path'])})"
    return copied(findings[0]["code"], findings[0]["grade"], twin, nearest)


def _because(finding: Mapping[str, Any]) -> str:
    text = finding.get("because") or str(finding.get("measured", ""))
    return cell(text, most=1_000)


_TABLE: Final = ("| rule | measure | value | doubt | fail | grade |", "|---|---|--:|--:|--:|---|")


def _measures(event: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    """What was doubted or failed; below, folded away, what passed."""
    not_passed, passed = _not_passed(event["winnowd"], rules), _passed(event["winnowd"])
    yield "## Measures"
    yield ""
    yield from _TABLE
    for row in not_passed:
        yield _measure(row["code"], row["grade"], row, row.get("measured", ""))
    yield ""
    if passed:
        yield f"<details><summary>{len(passed)} rules passed</summary>"
        yield ""
        yield from _TABLE
        for code, name, said in passed:
            yield _measure(code, "pass", rules.get(code, {}), said if name == "measured" else "")
        yield ""
        yield "</details>"
        yield ""


def _measure(code: str, grade: str, rule: Mapping[str, Any], measured: float | str) -> str:
    """A row of the table; ``rule`` has what is known of the rule: slug, unit, side, limits."""
    said = rule.get
    limits = _limits(said("side"), said("doubt"), said("fail"), said("reached", False))
    return f"| {code} | {said('slug', '')} | {_value(measured, said('unit', ''))} | {limits} | {grade} |"


@functools.lru_cache(maxsize=1_024, typed=True)
def _value(measured: float | str, unit: str, *bounds: float | None) -> str:
    """The cell of a measure; two of three are nought, or what the last article had."""
    return cell(f"{_digits(measured, bounds)} {unit}")


def _digits(measured: float | str, bounds: tuple[float | None, ...]) -> float | str:
    """A measure with three digits, or with all where three would take it onto a limit."""
    if not isinstance(measured, float):
        return measured
    short = float(f"{measured:.3g}")
    return f"{measured:g}" if short in bounds else f"{short:,g}"


@functools.lru_cache(maxsize=1_024)
def _limits(side: str | None, doubt: float | None, fail: float | None, reached: bool) -> str:  # noqa: FBT001 - of a cache
    """The cells of a rule's limits, doubt and fail; few differ, and each why-file has them all."""
    sign = ("≤" if reached else "<") if side == "min" else ("≥" if reached else ">")
    return " | ".join("-" if bound is None else f"{sign} {bound:g}" for bound in (doubt, fail))


def _where(event: Mapping[str, Any], evidence: Mapping[str, Any]) -> Iterator[str]:
    codes = dict.fromkeys(finding["code"] for finding in event["winnowd"].get("findings", ()))
    positions = [f"{code}: {position}" for code in codes if (position := where(code, evidence))]
    if positions:
        yield "## Where"
        yield ""
        yield from fenced(positions)
        yield ""


def _passages(evidence: Mapping[str, Any]) -> Iterator[str]:
    lines = as_text(evidence, UNKNOWN_WIDTH, most=MOST_PASSAGES)
    if lines:
        yield "## What it shares"
        yield ""
        yield "Shared words stand in brackets."
        yield ""
        yield from fenced(lines)
        yield ""


def _removed(evidence: Mapping[str, Any]) -> Iterator[str]:
    removed = evidence.get("removed_lines", ())
    if not removed:
        return
    yield "## What cleaning took"
    yield ""
    shown = [
        f"{one['code']} line {one['line']}"
        + (f" x{one['count']}" if one["count"] > 1 else "")
        + f": {_short(one['text'])}"
        for one in removed[:MOST_REMOVED]
    ]
    if len(removed) > MOST_REMOVED:
        shown.append(f"... and {len(removed) - MOST_REMOVED} more")
    yield from fenced(shown)
    yield ""


def _short(text: str) -> str:
    return printable(flat(text, LONGEST_REMOVED))


def _next(event: Mapping[str, Any]) -> Iterator[str]:
    yield "## What can be done"
    yield ""
    for step in next_commands(event):
        yield f"- {step['why']}: `{step['command']}`"
