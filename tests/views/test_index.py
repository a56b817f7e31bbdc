"""The corpus index: rows, pages, INDEX.md; what a hostile title cannot do, and how large it may grow."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.event.stand import ADVERT, NOW, ORIGINAL, REWRITE, judged_of, unreadable
from tests.views.test_escape import HOSTILE

from winnowd.model import Finding, Grade, Note
from winnowd.views.escape import flat
from winnowd.views.index import LONGEST, IndexState, Month, index_md, page_of, row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def row_of(**fields: Any) -> dict[str, Any]:
    """The row of an admitted article with these fields."""
    return row(judged_of(fields=fields), 4_711)


def for_programs(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a page for programs has it."""
    return {name: value for name, value in row.items() if name != "opening"}


def cells_of(page: bytes) -> list[list[list[tuple[str, str]]]]:
    """The body rows of all tables of a page: cells, each a list of (kind, text) of its inline tokens."""
    rows: list[list[list[tuple[str, str]]]] = []
    tokens = GFM.parse(page.decode())
    inside = False
    for token in tokens:
        if token.type in {"tbody_open", "tbody_close"}:
            inside = token.type == "tbody_open"
        elif inside and token.type == "tr_open":
            rows.append([])
        elif inside and token.type == "inline":
            rows[-1].append(
                [(child.type, str(child.attrGet("href") or child.content)) for child in token.children or ()]
            )
    return rows


def text_of(inline: list[tuple[str, str]]) -> str:
    """The text of a cell as a reader sees it."""
    return "".join(text for kind, text in inline if kind in {"text", "code_inline", "text_special"})


def test_a_row_tells_what_a_program_needs() -> None:
    """Every key is there in every row; null is what nobody knows."""
    made = row_of(published_at=dt.date(2024, 3, 26), authors=("Ada Byrne",), licence="CC-BY-4.0")

    assert made["path"] == f"2026/11/{made['id']}.txt"
    assert made["text_sha256"].startswith(made["id"])
    assert made["bytes"] == len(ORIGINAL.encode())
    assert (made["published"], made["admitted"], made["sequence"]) == ("2024-03-26", "2026-11-22", 4_711)
    assert (made["source"], made["licence"], made["tdm_opt_out"]) == ("example.org", "CC-BY-4.0", "unknown")
    assert set(made) == set(row_of(title=None, url=None))
    assert row_of(title=None)["title"] is None
    assert row_of(url="https://example.org/a?from=mail", canonical_url="https://example.org/a")["url"].endswith("org/a")


def test_flags_name_what_was_seen_and_admitted_all_the_same() -> None:
    """A doubt under a lenient profile, a cut end, a relative: for who wants a stricter corpus."""
    doubt = Finding("QUA402", "length", Grade.DOUBT, 26_000)
    judged = judged_of(findings=[doubt], notes=[ADVERT, Note("CLN352", 0, 1, "")])

    assert row(judged, 1)["flags"] == ["CLN352", "QUA402"]


def test_the_nearest_article_is_named_in_the_row() -> None:
    """Also of an admitted one."""
    made = row(judged_of(REWRITE, twin=ORIGINAL), 1)

    assert made["nearest"] == {"id": "5512adcf1f510a1f", "shared_runs": 0.1747}


def test_a_record_without_text_has_no_row() -> None:
    """It can never be admitted."""
    with pytest.raises(ValueError, match="has no text"):
        row(unreadable(), 1)


def test_a_text_without_a_title_shows_its_first_words() -> None:
    """In italics, on people's pages; programs get the keys that there always were, and rows without the key go on."""
    made = row_of(title=None)
    blank = row_of(title=" \u200b")
    older = for_programs(made)

    lines, table = page([made, blank, older])

    assert row_of()["opening"] is None
    assert made["opening"] == blank["opening"] == flat(ORIGINAL, 60)
    kinds = [[kind for kind, _ in cells[1]] for cells in cells_of(table)]
    assert kinds[0] == kinds[1] == ["link_open", "em_open", "text", "em_close", "link_close"]
    assert text_of(cells_of(table)[0][1]) == flat(ORIGINAL, 60)
    assert text_of(cells_of(table)[2][1]) == "(no title)"
    assert all(set(json.loads(line)) == set(older) for line in lines.splitlines())


@given(HOSTILE)
def test_any_first_words_are_text_in_italics(opening: str) -> None:
    """As titles are: nothing in them is a mark, a link or another cell."""
    ((_, title, *rest),) = cells_of(page([{**row_of(), "title": None, "opening": opening}])[1])

    assert len(rest) == 5
    assert text_of(title) == (flat(opening) or "(no title)")
    assert [kind for kind, _ in title if kind.endswith("_open")] == ["link_open", "em_open"][
        : 2 if flat(opening) else 1
    ]


def page(rows: Sequence[Mapping[str, Any]]) -> tuple[bytes, bytes]:
    """A page of rows, for programs and for people."""
    return page_of("2026-11", [json.dumps(one, ensure_ascii=False) for one in rows])


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=4))
def test_any_title_gives_seven_cells_and_one_link_ours(titles: list[tuple[str, str]]) -> None:
    """Parsed as GFM: a row for each article, seven cells, one link in each, to our file; the title is text again."""
    rows = [{**row_of(), "title": title, "source": source} for title, source in titles]

    parsed = cells_of(page(rows)[1])

    assert len(parsed) == len(rows)
    for cells, one in zip(parsed, rows, strict=True):
        links = [text for cell in cells for kind, text in cell if kind == "link_open"]
        kinds = {kind for cell in cells for kind, _ in cell}
        assert len(cells) == 7
        assert links == [f"../../{one['path']}"]
        assert kinds <= {"text", "text_special", "link_open", "link_close", "code_inline"}
        assert text_of(cells[1]) == (flat(one["title"]) or "(no title)")
        assert text_of(cells[2]) == flat(one["source"], 60)


@given(HOSTILE)
def test_a_page_for_programs_has_one_line_a_row(title: str) -> None:
    """Also by readers that split at U+2028 or U+0085."""
    rows = [{**row_of(), "title": title}, row_of()]

    lines = page(rows)[0].decode().splitlines()

    assert [json.loads(line) for line in lines] == [for_programs(one) for one in rows]


def test_a_page_grows_at_its_end() -> None:
    """A new row changes no byte before it: small commits stay small."""
    first, second = row_of(), {**row_of(), "title": "Counting herring"}

    assert all(after.startswith(before) for after, before in zip(page([first, second]), page([first]), strict=True))


def state(articles: int, **changed: Any) -> IndexState:
    """A corpus of so many articles, 1,000 a month."""
    months = tuple(
        Month(f"{2000 + at // 12}-{at % 12 + 1:02d}", 1_000, 600_000, ("001",))
        for at in range((articles + 999) // 1_000)
    )
    made = IndexState(
        articles=articles,
        words=600 * articles,
        bytes=3_600 * articles,
        updated=NOW,
        version="0.1.0",
        audit_sequence=4_711,
        audit_sha256="6c" * 32,
        index_sha256="0" * 64,
        months=months,
        newest=tuple({**row_of(), "title": f"Article {at}"} for at in range(min(articles, 300))),
        refused=(("DUP606", "rewrite", 2),),
        first_published="2024-03-23",
        last_published="2026-11-22",
        last_admitted="2026-11-22",
    )
    return dataclasses.replace(made, **changed)


def test_a_small_corpus_is_listed_whole() -> None:
    """All articles, and why others were turned away."""
    page = index_md(state(30))

    assert b"## Articles" in page
    assert page.count(b"`5512adcf`") == 30
    assert b"| DUP606 rewrite | 2 |" in page
    assert b"30 articles, 18,000 words, published 2024-03-23 to 2026-11-22, last admitted 2026-11-22" in page


def test_a_large_corpus_lists_its_newest() -> None:
    """300 rows of long titles do not fit in 64 KiB: then the newest 20."""
    long = tuple({**row_of(), "title": "<&>" * 40} for _ in range(300))

    page = index_md(state(5_000, newest=long))

    assert b"## Newest" in page
    assert page.count(b"`5512adcf`") == 20


def test_index_md_stays_below_64_kib_for_ever() -> None:
    """A million articles in 83 years of hostile titles: months have folded into years."""
    months = tuple(
        Month(f"{2000 + at // 12}-{at % 12 + 1:02d}", 10**6, 10**9, tuple(f"{page:03d}" for page in range(1, 1_001)))
        for at in range(1_000)
    )
    hostile = tuple({**row_of(), "title": "&|" * 200, "source": "&" * 400} for _ in range(300))
    refused = tuple((f"QUA{code}", "w" * 40, 10**6) for code in range(400, 500))

    page = index_md(state(10**9, months=months, newest=hostile, refused=refused))

    assert len(page) <= LONGEST
    assert b"| 2000 | 12,000,000 |" in page
    assert page.count(b"| [20") == 60


def test_the_front_matter_is_what_the_page_vouches_for() -> None:
    """Each entry in its own line; a hash of digits only is text. What hubs read is in the card beside it."""
    page = index_md(state(2_691, index_sha256="1" * 64)).decode()

    lines = page.split("---\n")[1].splitlines()

    assert lines[1] == "winnowd:"
    assert "  articles: 2691" in lines
    assert "  updated: 2026-11-22T03:47:12Z" in lines
    assert f'  index_sha256: "{"1" * 64}"' in lines


def test_equal_state_gives_equal_bytes() -> None:
    """INDEX.md depends on its state alone, so ``index check`` can compare it."""
    assert index_md(state(40)) == index_md(state(40))
