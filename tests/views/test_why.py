"""The page beside a held record: what it says, and that no article can forge one."""

from __future__ import annotations

import re
import urllib.parse

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.event.stand import ORIGINAL, REWRITE, arrival, context, judged_of, limits, unreadable
from tests.views.golden import why
from tests.views.test_escape import HOSTILE, shows_nothing_hidden

from winnowd import event
from winnowd.model import Finding, Grade, Note
from winnowd.views.why import measures, name_of, next_commands, why_md

GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def test_measures_come_worst_first_then_by_catalogue() -> None:
    """Fails, doubts, passes."""
    doubt = Finding("QUA401", "length", Grade.DOUBT, 92)
    said = event.decided(judged_of(REWRITE, twin=ORIGINAL, findings=[doubt]), context())

    found = [(row["grade"], row["code"]) for row in measures(said, limits())]

    assert found[:3] == [("fail", "DUP606"), ("fail", "DUP607"), ("doubt", "QUA401")]
    assert [code for grade, code in found if grade == "pass"] == ["DUP601", "DUP602", "DUP603", "DUP604", "DUP605"]


def test_a_record_without_text_cannot_be_released() -> None:
    """There is nothing to admit; it is named by its arrival."""
    said = event.decided(unreadable(), context())

    assert name_of(said) == "7d0c51e2a94b3f60-0"
    assert [step["command"].split()[1] for step in next_commands(said)] == ["explain", "rule"]


def test_a_quarantined_article_can_be_released_or_confirmed() -> None:
    """Both orders are offered."""
    said = event.decided(judged_of(findings=[Finding("QUA401", "length", Grade.DOUBT, 92)]), context())

    assert [step["command"].split()[1] for step in next_commands(said)] == ["explain", "rule", "release", "confirm"]


def test_at_most_twenty_removed_lines_are_shown() -> None:
    """The rest is counted; all stand in the evidence."""
    notes = [Note("CLN322", line, 1, f"advert {line}") for line in range(30)]

    page = why(judged_of(notes=notes)).decode()

    assert page.count("CLN322 line ") == 20
    assert "... and 10 more" in page


@settings(deadline=None)
@given(
    title=HOSTILE.filter(lambda text: 0 < len(text.strip()) <= 500 and not re.search("[\x00\ud800-\udfff]", text)),
    line=HOSTILE,
    name=HOSTILE,
)
def test_no_article_can_forge_a_heading_link_or_tag(title: str, line: str, name: str) -> None:
    """Title, file name and removed lines are text: as GFM the page has our headings, the link to its twin, our tags."""
    path = name.encode("utf-8", "surrogatepass").replace(b"/", b"") or b"x"
    notes = [Note("CLN322", 1, 1, line)]
    judged = judged_of(REWRITE, twin=ORIGINAL, notes=notes, fields={"title": title}, arrival=arrival(path))

    page = why_md(event.decided(judged, context()), event.evidence(judged, ORIGINAL), limits()).decode()

    tokens = GFM.parse(page)
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    inline = [child for token in tokens for child in token.children or ()]
    links = [child.attrGet("href") for child in inline if child.type == "link_open"]
    tags = {re.sub(r"\d+", "N", token.content.strip()) for token in tokens if token.type == "html_block"}
    named = ["## Measures", "## What it shares", "## What cleaning took", "## What can be done"]
    shown = named if line else [one for one in named if one != "## What cleaning took"]
    assert [f"## {one}" for one in headings[1:]] == shown
    assert len(links) == 1
    assert re.fullmatch(r"(\.\./)+seeds/[0-9a-f]{16}\.txt", str(links[0]))
    assert not {child.type for child in inline} & {"image", "html_inline"}
    assert tags <= {"<details><summary>N rules passed</summary>", "</details>"}


MARKS = [
    "[a](b)",
    "![a](b)",
    "<b>",
    "</details>",
    "<http://w.h>",
    "http://w.h/",
    "\n# a\n",
    "\n\n```\n",
    "\n---\n",
    "`a`",
    "[a]: b",
]
FORGING = st.lists(st.one_of(HOSTILE, st.sampled_from(MARKS)), min_size=1, max_size=5).map("".join)


@settings(deadline=None)
@given(
    path=FORGING.filter(lambda text: bool(text) and not re.search("[\ud800-\udfff]", text)),
    title=FORGING,
    quote=st.tuples(FORGING, FORGING, FORGING),
)
def test_no_twin_can_forge_a_heading_link_or_tag(path: str, title: str, quote: tuple[str, str, str]) -> None:
    """Where it lies, what it is called, what is quoted of it: all are text, and the one link leads to where it lies."""
    judged = judged_of(REWRITE, twin=ORIGINAL)
    said, evidence = event.decided(judged, context()), event.evidence(judged, ORIGINAL)
    said["winnowd"]["nearest"]["path"] = path
    for finding in said["winnowd"]["findings"]:
        finding["because"] = f"as in {title}, {path}"
    assert evidence is not None
    said["event"]["reason"] = f"as in {title}, {path}"
    for passage in (*evidence["passages"], *evidence["sentences"]):
        passage["quote"]["twin"] = dict(zip(("prefix", "exact", "suffix"), quote, strict=True))
    evidence["twin"]["title"] = title

    page = why_md(said, evidence, limits()).decode()

    tokens = GFM.parse(page)
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    inline = [child for token in tokens for child in token.children or ()]
    (link,) = [str(child.attrGet("href")) for child in inline if child.type == "link_open"]
    tags = {re.sub(r"\d+", "N", token.content.strip()) for token in tokens if token.type == "html_block"}
    assert headings[1:] == ["Measures", "What it shares", "What can be done"]
    assert urllib.parse.unquote(re.sub(r"^(\.\./)+", "", link, count=1)) == re.sub(r"^(\.\./)+", "", path, count=1)
    assert not {child.type for child in inline} & {"image", "html_inline"}
    assert tags <= {"<details><summary>N rules passed</summary>", "</details>"}
    assert sum(token.type == "fence" for token in tokens) == 1
    assert shows_nothing_hidden(page.replace("\n", ""))


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_reason_leaves_the_table_whole(text: str) -> None:
    """A measure that is text keeps its row of six cells."""
    odd = Finding("SCH205", "schema", Grade.DOUBT, text, because=text)

    page = why(judged_of(findings=[odd])).decode("utf-8", "backslashreplace")

    tokens = GFM.parse(page)
    rows = sum(token.type == "tr_open" for token in tokens)
    assert sum(token.type in {"td_open", "th_open"} for token in tokens) == 6 * rows
