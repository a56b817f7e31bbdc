"""What is known of a record as plain values for its page; all that comes from outside may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.operations.shared_windows import NoNearestError, TextGoneError, compared_texts, own_text
from winnowd.views.account import orders_of, said_of, when
from winnowd.views.copies import copied
from winnowd.views.escape import flat, printable
from winnowd.views.measured import SIGNS, figure
from winnowd.views.passages import standing_words
from winnowd.views.where import where
from winnowd.views.why import measures, name_of
from winnowd.web.texts import BANDS, LONGEST, Piece, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from markupsafe import Markup

    from winnowd.operations.shared_windows import Compared
    from winnowd.settings import Settings
    from winnowd.views.account import Account

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
    """The text of a record, and that of the article it is most like; a side that is gone has no pieces.

    ``longest`` and ``shared``: words of the longest run, and how many runs; ``cut``: whether a text is shown in part.
    """

    item: Sequence[Piece]
    twin: Sequence[Piece]
    runs: int
    longest: int
    cut: bool
    picture: Markup | None


def record_context(instance_dir: Path, settings: Settings, account: Account) -> dict[str, Any]:
    """All of it by the names that the templates know."""
    decision, evidence = account.decision, account.evidence
    ours = decision["winnowd"]
    grades = list(_measures(account))
    return {
        "title": printable(flat(str(evidence.get("title", ""))) or decision["file"]["name"]),
        "name": name_of(decision),
        "outcome": account.outcome,
        "codes": _codes(decision),
        "sentence": _sentence(account),
        "help": str(account.rules.get(decision["event"].get("code", ""), {}).get("help", "")),
        "facts": list(_facts(account)),
        "twin": _twin(account),
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


def _codes(decision: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    findings = decision["winnowd"].get("findings", ())
    return [(str(one["code"]), str(one["rule"]), str(one["grade"])) for one in findings]


def _sentence(account: Account) -> str:
    """Why, in words; the twin is named beside it."""
    decision = account.decision
    ours, happened = decision["winnowd"], decision["event"]
    findings, nearest = ours.get("findings", ()), ours.get("nearest", {})
    if findings and nearest.get("twin"):
        said = copied(findings[0]["code"], findings[0]["grade"], "this article", nearest)
        if said:
            return f"It {said}."
    if "reason" in happened:
        return printable(str(happened["reason"])).strip(". ").capitalize() + "."
    return f"All {len(ours.get('measured', {}))} measures passed."


def _twin(account: Account) -> dict[str, str] | None:
    """The known article that it is most like: by what it can be found, where it stands, what was measured."""
    nearest = account.decision["winnowd"].get("nearest")
    if nearest is None:
        return None
    figures = []
    if "shared_runs" in nearest:
        figures.append(f"{100 * nearest['shared_runs']:.0f} % of its words in {nearest['runs']} shared runs")
        figures.append(f"longest run {nearest['longest_run_words']} words")
    if "resemblance" in nearest:
        figures.append(f"5-gram resemblance {nearest['resemblance']:.2f}")
    standing = account.evidence.get("twin", {}).get("standing", "admitted")
    return {
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
        compared = compared_texts(instance_dir, settings, account)
    except NoNearestError:
        return _own(instance_dir, settings, account)
    except TextGoneError:
        return _own(instance_dir, settings, account)
    passages = compared.passages
    longest = max((one["words"] for one in passages), default=0)
    is_cut = max(len(compared.item), len(compared.twin)) > LONGEST
    item, twin = pieces(compared.item, passages, "item"), pieces(compared.twin, passages, "twin")
    return Texts(item, twin, len(passages), longest, is_cut, _dot_map(account, compared))


def _own(instance_dir: Path, settings: Settings, account: Account) -> Texts | None:
    try:
        text = own_text(instance_dir, settings, account)
    except TextGoneError:
        return None
    return Texts(pieces(text, (), "item"), (), 0, 0, len(text) > LONGEST, None)


def _dot_map(account: Account, compared: Compared) -> Markup | None:
    """Where in both texts the shared runs lie."""
    del account, compared
    return None


def _removed(evidence: Mapping[str, Any]) -> list[tuple[str, int, int, str]]:
    """What cleaning took: code, line, how often, the text."""
    return [
        (one["code"], one["line"], one.get("count", 1), printable(flat(one["text"], _LONGEST_REMOVED)))
        for one in evidence.get("removed_lines", ())[:_MOST_REMOVED]
    ]
