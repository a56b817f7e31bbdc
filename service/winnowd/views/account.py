"""All that is known of one record: its events, what was measured, its twin, where it lies, what can be done. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from winnowd.views.escape import cell, flat, printable
from winnowd.views.findings import finding_lines
from winnowd.views.lines import Line, Span, cut, table, wrapped
from winnowd.views.measured import SIGNS
from winnowd.views.tally import Frame, Shown
from winnowd.views.why import all_records, is_rest, name_of, why_md

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.views.why import Rules

DECISIONS: Final = frozenset({"admit", "quarantine", "reject"})
_STYLES: Final = {"admitted": "good", "quarantined": "doubt", "rejected": "bad", "retracted": "bad", "erased": "bad"}
_LABEL: Final = 12
_SHORT: Final = 8  # signs of an id that name it to a command
_NAME: Final = 10  # cells for such a name
_BESIDE_TITLE: Final = 34  # cells of a table of records beside its first and its last column
_EVENT: Final = 46  # cells before what an event says


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """What ``explain`` tells of.

    ``events``: all of the record, oldest first; ``decision``: the one of them that is explained, with its evidence (or
    why that is not there); ``then`` and ``now``: the rules by code with the limits it was decided by, and those of
    today. ``then`` None: the log does not tell. ``now`` None: there is but a copy of the log. ``described``: the rules
    by code without limits.
    """

    events: Sequence[Mapping[str, Any]]
    decision: Mapping[str, Any]
    evidence: Mapping[str, Any]
    no_evidence: str
    then: Rules | None
    now: Rules | None
    described: Rules

    @property
    def rules(self) -> Rules:
        """The rules by code, as they were when it was decided if that is known."""
        return self.then or self.now or self.described

    @property
    def outcome(self) -> str:
        """How the record stands after its last event."""
        return str(_outcome(self._mine()[-1]))

    @property
    def location(self) -> str:
        """Where it lies now; "" if it was erased."""
        last = self._mine()[-1]
        return str(last["winnowd"].get("destination", {}).get("path", ""))

    def _mine(self) -> list[Mapping[str, Any]]:
        """The decision and the orders on this very record: of several with one text each has its own."""
        arrival = _record(self.decision)
        return [one for one in self.events if _record(one) == arrival]


def _record(event: Mapping[str, Any]) -> tuple[object, object]:
    arrival = event["winnowd"].get("arrival", {})
    return arrival.get("id"), arrival.get("record")


def _outcome(event: Mapping[str, Any]) -> str:
    return str(event["winnowd"]["outcome"])


def account_lines(account: Account, width: int) -> list[Line]:
    """All of it as lines: what happened, the facts, what was found, every measure, limits that have changed."""
    file, name = account.decision["file"], name_of(account.decision)
    style = _STYLES.get(account.outcome, "")
    lines: list[Line] = [
        (Span(printable(file["name"]), "bold"), Span("  "), Span(account.outcome, style), Span(f"  {name}", "dim")),
        (),
    ]
    for event in account.events:
        lines += _event(event, account, width)
    lines.append(())
    for label, said in _facts(account):
        rows = wrapped(said, width - _LABEL - 2)
        lines += [(Span(f"  {label if not at else '':<{_LABEL}}", "dim"), *row) for at, row in enumerate(rows)]
    lines.append(())
    shown = Shown(account.decision, account.evidence, file["name"])
    lines += finding_lines([shown], Frame(account.rules, width, everything=True, dry=True))
    lines += _changed(account)
    for command, why in steps(account):
        lines.append((Span(f"  {command:<48}", "bold"), Span(f" {why}", "dim")))
    return lines


def steps(account: Account) -> Iterator[tuple[str, str]]:
    """What can be done with the record as it stands now; of a copy of the log only asked."""
    name, ours = name_of(account.decision), account.decision["winnowd"]
    if "nearest" in ours and account.now is not None:
        yield f"winnowd explain {name} --side-by-side", "both texts, every run they share"
    if "code" in account.decision["event"]:
        yield f"winnowd rule {account.decision['event']['code']}", "what the rule measures, and what moves it"
    if is_rest(account.decision) and account.now is not None:
        yield all_records(account.decision), "what became of the records of its file"
    for order, why in orders_of(account).items() if account.now is not None else ():
        yield f'winnowd {order} {name} --reason "..."', why


_ORDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "quarantined": {"release": "admit it", "confirm": "turn it away for good"},
    "rejected": {"release": "admit it"},
    "admitted": {"retract": "take it out of the corpus"},
    "retracted": {"restore": "put it back"},
}
"""The orders that an outcome allows, and what each is for."""


def orders_of(account: Account) -> dict[str, str]:
    """Those that can be given now: a rest is judged if it is released, and what has no article is never released."""
    orders = dict(_ORDERS.get(account.outcome, {}))
    if "release" in orders and is_rest(account.decision):
        orders["release"] = "have it judged, record by record"
    elif "article" not in account.decision["winnowd"]:
        orders.pop("release", None)
    return orders


def _event(event: Mapping[str, Any], account: Account, width: int) -> Iterator[Line]:
    """When, which, what, and why; the explained one stands out."""
    happened = event["event"]
    head = f"  {when(event)}  {happened['sequence']:>8,}  {happened['action']:<10}  "
    is_explained = event is account.decision
    for at, row in enumerate(wrapped((Span(said_of(event)),), max(30, width - _EVENT))):
        yield (Span(head if not at else " " * _EVENT, "bold" if is_explained else ""), *row)


def when(event: Mapping[str, Any]) -> str:
    """``2026-11-22 03:47:12Z``."""
    return str(event["@timestamp"])[:19].replace("T", " ") + "Z"


def said_of(event: Mapping[str, Any]) -> str:
    """What an event says, in a sentence that may be shown."""
    ours, happened = event["winnowd"], event["event"]
    if "operator" in ours:
        operator = ours["operator"]
        said = f'by {event["user"]["name"]} ({operator["via"]}): "{operator["reason"]}"; {ours["outcome"]}'
        if "was" in ours:
            said += f", was {ours['was']}"
        return printable(said)
    if happened["action"] not in DECISIONS:
        return printable(str(event["message"]))
    arrival = ours["arrival"]
    file = event["file"]["path"] + ("" if arrival.get("records") == 1 else f"#{arrival['record']}") + ": "
    if "reason" in happened:
        return printable(f"{file}{happened['code']} {happened['reason']}")
    return printable(f"{file}all {len(ours.get('measured', {}))} measures passed")


def event_line(event: Mapping[str, Any]) -> Line:
    """An event in one line: when, its number, what was done, what is said of it."""
    happened = event["event"]
    outcome = event["winnowd"].get("outcome", "")
    style = "bad" if happened["outcome"] == "failure" else _STYLES.get(outcome, "dim")
    head = Span(f"{when(event)} {happened['sequence']:>9,}  ", "dim")
    is_of_record = "operator" in event["winnowd"] or happened["action"] in DECISIONS
    whose = (Span(f"{short_name(event):<{_NAME}} ", "bold"),) if is_of_record else ()
    return (head, Span(f"{happened['action']:<13} ", style), *whose, Span(said_of(event)))


def short_name(event: Mapping[str, Any]) -> str:
    """Enough of what commands call the record of an event to name it to one: ``493aad45``, ``7d0c51e2-3``."""
    begun, dash, record = name_of(event).partition("-")
    return f"{begun[:_SHORT]}{dash}{record}"


def record_fields(decision: Mapping[str, Any], title: str) -> dict[str, Any]:
    """A record that a key fits, for programs."""
    ours = decision["winnowd"]
    return {
        "id": name_of(decision),
        "arrival": ours["arrival"]["id"],
        "record": ours["arrival"]["record"],
        "file": decision["file"]["path"],
        "outcome": _outcome(decision),
        "title": title or None,
    }


def records_table(examples: Sequence[tuple[Mapping[str, Any], str]], count: int, width: int) -> list[Line]:
    """Records that a key fits, a row each, and how many more there are; the file where no title is known."""
    rows = []
    for decision, title in examples:
        outcome, path = _outcome(decision), str(decision["file"]["path"])
        record = decision["winnowd"]["arrival"]["record"]
        known_by = printable(flat(title) or path)
        rows.append((short_name(decision), str(record), Span(outcome, _STYLES.get(outcome, "")), known_by))
    room = max(12, width - max((len(row[0]) for row in rows), default=0) - _BESIDE_TITLE)
    cells_of = [
        (Span(name, "bold"), Span(record), said, Span(cut(known_by, room))) for name, record, said, known_by in rows
    ]
    lines = table(("id", "record", "outcome", "title or file"), cells_of, (False, True, False, False))
    return [*lines, (Span(f"   and {count - len(rows):,} more", "dim"),)] if count > len(rows) else lines


def _facts(account: Account) -> Iterator[tuple[str, Line]]:
    ours = account.decision["winnowd"]
    yield "file", (Span(_file(account.decision["file"], ours["arrival"])),)
    if account.outcome == "reopened":
        yield "lies in", (Span("state/work until each of its records is decided, in archive/ from then on"),)
    else:
        yield "lies in", (Span(account.location or "nowhere: it was erased", "path" if account.location else ""),)
    if title := account.evidence.get("title"):
        yield "title", (Span(printable(title)),)
    if "article" in ours:
        yield "article", (Span(_article(ours["article"])),)
    yield from _nearest(ours)
    yield "against", (Span(_corpus(ours["corpus"])),)
    if account.no_evidence:
        yield "evidence", (Span(_no_evidence(account), "doubt"),)
    elif "evidence" in ours:
        yield "evidence", (Span(ours["evidence"]["path"], "path"), Span(_part(ours["evidence"])))
    yield "limits", (Span(_limits(account)),)


def _part(evidence: Mapping[str, Any]) -> str:
    """Which bytes of the file of a batch are the record's; "" of a file of its own."""
    return f", {evidence['bytes']:,} bytes from byte {evidence['offset']:,}" if "offset" in evidence else ""


def _file(file: Mapping[str, Any], arrival: Mapping[str, Any]) -> str:
    feed = f", feed {printable(arrival['feed'])}" if arrival.get("feed") else ""
    record = "" if arrival.get("records") == 1 else f", record {arrival['record']}"
    return f"{printable(file['path'])}, {file['size']:,} bytes{feed}{record}, arrival {arrival['id']}"


def _corpus(corpus: Mapping[str, Any]) -> str:
    noun = "article" if corpus["articles"] == 1 else "articles"
    return f"{corpus['articles']:,} {noun} in the corpus, after event {corpus['sequence']:,}"


def _article(article: Mapping[str, Any]) -> str:
    source = article.get("source", {})
    parts = [f"{article['words']:,} words", article.get("language", ""), source.get("domain", "")]
    if "published" in article:
        parts.append(f"published {article['published']}")
    parts += [f"licence {source.get('licence', 'unknown')}"]
    return printable(", ".join(one for one in parts if one))


def _nearest(ours: Mapping[str, Any]) -> Iterator[tuple[str, Line]]:
    """The twin, or the known article that an admitted one is most like."""
    nearest = ours.get("nearest")
    if nearest is None:
        if "article" in ours:
            yield "nearest", (Span("no known article is anything like it"),)
        return
    figures = []
    if "shared_runs" in nearest:
        shared = f"{100 * nearest['shared_runs']:.0f} % of its words in {nearest['runs']} shared runs"
        figures += [shared, f"the longest of {nearest['longest_run_words']} words"]
    if "resemblance" in nearest:
        figures.append(f"5-gram resemblance {nearest['resemblance']:.2f}")
    compared = "; " + "; ".join([*([", ".join(figures)] if figures else []), f"{nearest['candidates']} compared"])
    label = "twin" if nearest["twin"] else "nearest"
    yield label, (Span(nearest["id"], "bold"), Span(" "), Span(nearest["path"], "path"), Span(compared))


def _no_evidence(account: Account) -> str:
    named = account.decision["winnowd"]["evidence"]
    path, offset = named["path"], named.get("offset")
    for event in account.events:
        if any((gone["path"], gone.get("offset")) == (path, offset) for gone in event["winnowd"].get("erased", ())):
            what = path if offset is None else f"its line in {path}"
            return f"{what} was erased by event {event['event']['sequence']:,}"
    return account.no_evidence


def _limits(account: Account) -> str:
    config = account.decision["winnowd"]["config"]["sha256"][:12]
    if account.then is None:
        return f"those of configuration {config}; the log does not tell them"
    if account.now is None:
        return f"those of configuration {config}"
    changed = sum(1 for _ in _differing(account))
    if not changed:
        return f"those of configuration {config}, as they are today"
    return f"those of configuration {config}; {changed} {'has' if changed == 1 else 'have'} changed since, see below"


def _differing(account: Account) -> Iterator[tuple[str, str, str]]:
    """Each rule that was asked and has other limits today: code and slug, then, now; none where one is not known."""
    if account.then is None or account.now is None:
        return
    measured = account.decision["winnowd"].get("measured", {})
    not_passed = [finding["code"] for finding in account.decision["winnowd"].get("findings", ())]
    for code in dict.fromkeys((*not_passed, *measured)):
        then, now = account.then.get(code, {}), account.now.get(code, {})
        if _said(then) != _said(now):
            yield f"{code} {now.get('slug', '')}", _said(then), _said(now)


def _said(rule: Mapping[str, Any]) -> str:
    sign = SIGNS[rule.get("side", "max"), bool(rule.get("reached"))]
    parts = [f"{grade} {sign} {rule[grade]:g}" for grade in ("doubt", "fail") if grade in rule]
    return ", ".join(parts) or "off"


def _changed(account: Account) -> list[Line]:
    rows = list(_differing(account))
    if not rows:
        return []
    lines: list[Line] = [(Span("limits that have changed since", "bold"),)]
    lines += [(Span(f"  {name:<32}"), Span(f"then {then}", "dim"), Span(f"   now {now}")) for name, then, now in rows]
    return [*lines, ()]


def account_md(account: Account) -> str:
    """The same as Markdown: the page that stands beside a held original, and what happened since."""
    page = why_md(account.decision, account.evidence, account.rules).decode("utf-8", "replace")
    lines = ["", "## What happened", "", "| when | event | action | what |", "|---|--:|---|---|"]
    for event in account.events:
        happened = event["event"]
        said = cell(said_of(event), most=1_000)
        lines.append(f"| {when(event)} | {happened['sequence']} | {happened['action']} | {said} |")
    differing = list(_differing(account))
    if differing:
        lines += ["", "## Limits that have changed since", "", "| rule | then | now |", "|---|---|---|"]
        lines += [f"| {cell(name)} | {cell(then)} | {cell(now)} |" for name, then, now in differing]
    return page + "\n".join(lines) + "\n"
