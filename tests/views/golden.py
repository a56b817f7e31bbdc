"""What views are held to, byte for byte: pages in ``golden/``, made from the events and evidence kept beside them.

``python -m tests.views.golden`` writes the pages anew, with ``--inputs`` also what they are made from.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.event.stand import ADVERT, FEW_WORDS, ORIGINAL, REWRITE, TEXTS, context, judged_of, limits, unreadable

from winnowd import event
from winnowd.model import Finding, Grade, Note
from winnowd.views.findings import finding_lines
from winnowd.views.lines import Line, plain
from winnowd.views.tally import Frame, Shown, Tally, count_line, table_lines
from winnowd.views.why import why_md

if TYPE_CHECKING:
    from winnowd.model import Judged

FOLDER = Path(__file__).with_name("golden")
INPUTS = "inputs.json"
LONG_NAME = "feed-a/a-long-name-of-a-copy-in-another-order-from-the-agency.txt"


def shown(judged: Judged, name: str, twin: str | None = None) -> Shown:
    """One decision as ``check`` shows it."""
    found = event.evidence(judged, twin) or {}
    return Shown(event.decided(judged, context()), found, name)


def samples() -> dict[str, tuple[Judged, str | None]]:
    """An original, a rewrite, a re-ordered copy, a short one with an advert, one not to be read; with their twins."""
    short = Finding("QUA401", "length", Grade.DOUBT, 92.0, FEW_WORDS, because="92 words, at least 100 are asked for")
    return {
        "original.txt": (judged_of(ORIGINAL), None),
        "rewrite.txt": (judged_of(REWRITE, twin=ORIGINAL, notes=[ADVERT]), ORIGINAL),
        LONG_NAME: (judged_of(TEXTS["D"], twin=ORIGINAL), ORIGINAL),
        "short.txt": (
            judged_of(TEXTS["C"], findings=[short], notes=[ADVERT, Note("CLN304", 0, 2, "\u200b\u200b")]),
            None,
        ),
        "dump\u202etxt.bin": (unreadable(), None),
    }


def five() -> list[Shown]:
    """The samples as they once were, from ``inputs.json``: these pages do not move when a measure does."""
    return [Shown(one["event"], one["evidence"], one["name"]) for one in inputs()["records"]]


def inputs() -> Any:
    """What the pages are made from: records, and the rules with the limits that were then in force."""
    return json.loads((FOLDER / INPUTS).read_text(encoding="utf-8"))


def printed(width: int, **changed: Any) -> list[Line]:
    """All that ``check`` prints of the five."""
    frame = dataclasses.replace(Frame(inputs()["rules"], width), **changed)
    tally = Tally.of(five())
    return [*finding_lines(tally.in_full, frame), *table_lines(tally, frame), (), *count_line(tally, 0.21, frame)]


def why(judged: Judged, twin: str | None = None) -> bytes:
    """The page beside a held record."""
    one = shown(judged, "", twin)
    return why_md(one.event, one.evidence, limits())


def made() -> dict[str, bytes]:
    """Every golden page by name."""
    _, rewrite, _, _, unread = five()
    rules = inputs()["rules"]
    return {
        "check-118.txt": plain(printed(118)).encode(),
        "check-70.txt": plain(printed(70)).encode(),
        "run-once-100.txt": plain(printed(100, dry=False)).encode(),
        "check-all-118.txt": plain(printed(118, everything=True)).encode(),
        "why-rewrite.md": why_md(rewrite.event, rewrite.evidence, rules),
        "why-unreadable.md": why_md(unread.event, unread.evidence, rules),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    if "--inputs" in sys.argv:
        records = [shown(judged, name, twin) for name, (judged, twin) in samples().items()]
        kept = {"records": [dataclasses.asdict(one) for one in records], "rules": limits()}
        (FOLDER / INPUTS).write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    for page, content in made().items():
        (FOLDER / page).write_bytes(content)
