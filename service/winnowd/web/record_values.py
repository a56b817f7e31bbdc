"""What is known of a record as plain values for its page; all that comes from outside may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.operations.queue import titled
from winnowd.operations.shared_windows import NoNearestError, TextGoneError, own_text
from winnowd.operations.side_by_side import side_by_side
from winnowd.views.account import orders_of, said_of, when
from winnowd.views.copies import copied
from winnowd.views.escape import flat, printable
from winnowd.views.measured import SIGNS, figure
from winnowd.views.passages import standing_words
from winnowd.views.pictures import dot_map
from winnowd.views.side_by_side import Segment
from winnowd.views.where import where
from winnowd.views.why import measures, name_of
from winnowd.web.texts import BANDS, beginning, counted, is_longer, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.settings import Settings
    from winnowd.views.account import Account
    from winnowd.views.pictures import Picture
    from winnowd.views.side_by_side import MarkedTexts

_MOST_REMOVED: Final = 200
_LONGEST_REMOVED: Final = 300
_LONGEST_FACT: Final = 400


class Measure(NamedTuple):
    """A rule that was asked: what it gave, beside its two limits; ``because`` says more, where it says something."""

    code: str
    slug: str
    grade: str
    measured: str
    doubt: str
    fail: str
    because: str
    where: str


class Texts(NamedTuple):
    """The text of a record, and that of the article it is most like; a side that is gone has no segments.

    ``runs``: shared ones; ``is_cut``: a text is shown in part; ``dots``: where in
    both they lie.
    """

    item: Sequence[Segment]
    twin: Sequence[Segment]
    runs: int
    is_cut: bool
    dots: Picture | None


def record_context(instance_dir: Path, settings: Settings, account: Account) -> dict[str, Any]:
    """All of it by the names that the templates know."""
    decision, evidence = account.decision, account.evidence
    ours = decision["winnowd"]
    twin = _twin(instance_dir, account)
    grades = list(_measures(account))
    return {
        "title": _title(evidence) or printable(decision["file"]["name"]),
        "name": name_of(decision),
        "outcome": account.outcome,
        "codes": _codes(decision),
        "sentence": _sentence(account, twin),
        "help": str(account.rules.get(decision["event"].get("code", ""), {}).get("help", "")),
        "facts": list(_facts(account)),
        "twin": twin,
        "not_passed": [one for one in grades if one.grade != "pass"],
        "passed": [one for one in grades if one.grade == "pass"],
        "texts": _texts(instance_dir, settings, account),
        "bands": BANDS,
        "removed": _removed(evidence),
        "history": [
            (when(event), event["event"]["sequence"], event["event"]["action"], said_of(event))
            for event in account.events
        ],
        "actions": list(orders_of(account)),
        "can_replace": account.outcome == "quarantined" and bool(ours.get("nearest", {}).get("twin")),
        "has_text": "article" in ours,
        "text_id": name_of(decision),
    }


def _title(evidence: Mapping[str, Any]) -> str:
    """The title on one line, what hides in it named."""
    return printable(" ".join(str(evidence.get("title", "")).split())[:_LONGEST_FACT])


def _codes(decision: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    findings = decision["winnowd"].get("findings", ())
    return [(str(one["code"]), str(one["rule"]), str(one["grade"])) for one in findings]


def _sentence(account: Account, twin: Mapping[str, str] | None) -> str:
    """Why, in words; a copy by the title of what it copies."""
    decision = account.decision
    ours, happened = decision["winnowd"], decision["event"]
    findings, nearest = ours.get("findings", ()), ours.get("nearest", {})
    if findings and nearest.get("twin"):
        title = f"“{twin['title']}”" if twin and twin["title"] else "the article below"
        said = copied(findings[0]["code"], findings[0]["grade"], title, nearest)
        if said:
            return f"It {said}."
    said = str((findings[0].get("because") if findings else "") or happened.get("reason", ""))
    if said:
        said = printable(said).strip(". ")
        return f"{said[:1].upper()}{said[1:]}."
    return f"All {len(ours.get('measured', {}))} measures passed."


def _twin(instance_dir: Path, account: Account) -> dict[str, str] | None:
    """The known article that it is most like: by what it can be found, where it stands, what was measured."""
    nearest = account.decision["winnowd"].get("nearest")
    if nearest is None:
        return None
    figures = []
    if "shared_runs" in nearest:
        figures.append(f"{100 * nearest['shared_runs']:.0f} % of its words in {counted(nearest['runs'], 'shared run')}")
        figures.append(f"longest run {nearest['longest_run_words']} words")
    if "resemblance" in nearest:
        figures.append(f"5-gram resemblance {nearest['resemblance']:.2f}")
    article = titled(instance_dir, str(nearest["id"]))
    standing = article.outcome if article else account.evidence.get("twin", {}).get("standing", "admitted")
    return {
        "title": printable(flat(article.title)) if article else "",
        "id": str(nearest["id"]),
        "path": printable(str(nearest["path"])),
        "standing": standing_words(standing),
        "figures": " · ".join(figures),
        "is_twin": "yes" if nearest["twin"] else "",
    }


def _facts(account: Account) -> Iterator[tuple[str, str]]:
    """What is known beside the measures; addresses are text, no link leads to them."""
    decision, evidence = account.decision, account.evidence
    ours = decision["winnowd"]
    article = ours.get("article", {})
    facts = {
        "file": decision["file"]["path"],
        "lies in": account.location,
        "address": str(evidence.get("url", "")),
        "authors": ", ".join(map(str, evidence.get("authors", ()))),
        "source": article.get("source", {}).get("domain", ""),
        "language": article.get("language", ""),
        "published": article.get("published", ""),
        "licence": article.get("source", {}).get("licence", ""),
        "feed": ours["arrival"].get("feed", ""),
        "id": name_of(decision),
    }
    if "words" in article:
        yield "words", f"{article['words']:,}"
    for name, value in facts.items():
        if value:
            yield name, printable(flat(str(value), _LONGEST_FACT))


def _measures(account: Account) -> Iterator[Measure]:
    for row in measures(account.decision, account.rules):
        unit = row.get("unit", "")
        said = f"{figure(row['measured'])} {unit}".strip() if "measured" in row else ""
        yield Measure(
            row["code"],
            row.get("slug", ""),
            row["grade"],
            printable(flat(said)),
            _limit(row, "doubt"),
            _limit(row, "fail"),
            printable(str(row.get("because", ""))),
            "" if row["grade"] == "pass" else where(row["code"], account.evidence),
        )


def _limit(row: Mapping[str, Any], grade: str) -> str:
    if grade not in row:
        return ""
    return f"{SIGNS[row.get('side', 'max'), bool(row.get('reached'))]} {figure(row[grade])}"


def _texts(instance_dir: Path, settings: Settings, account: Account) -> Texts | None:
    """Both texts; the record's own where there is no other, or that is gone; None if neither is there."""
    try:
        both = side_by_side(instance_dir, settings, account)
    except (NoNearestError, TextGoneError):
        return _own(instance_dir, settings, account)
    runs = {one.run for one in both.item if one.run}
    is_cut = is_longer(both.item) or is_longer(both.twin)
    item, twin = list(beginning(both.item)), list(beginning(both.twin))
    return Texts(item, twin, len(runs), is_cut, _dot_map(both) if runs else None)


def _own(instance_dir: Path, settings: Settings, account: Account) -> Texts | None:
    try:
        segments = [Segment(visible(own_text(instance_dir, settings, account)))]
    except TextGoneError:
        return None
    return Texts(list(beginning(segments)), (), 0, is_longer(segments), None)


def _dot_map(both: MarkedTexts) -> Picture:
    return dot_map(both.runs, both.twin_words, both.item_words, "the other one", "this one")


def _removed(evidence: Mapping[str, Any]) -> list[tuple[str, int, int, str]]:
    """What cleaning took: code, line, how often, the text."""
    return [
        (one["code"], one["line"], one.get("count", 1), printable(flat(one["text"], _LONGEST_REMOVED)))
        for one in evidence.get("removed_lines", ())[:_MOST_REMOVED]
    ]
