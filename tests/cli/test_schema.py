"""``winnowd schema map``: how a file would be read, before it is sent."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

NEWS = {
    "status": "ok",
    "articles": [
        {"title": "Mill opens", "publishedAt": "2026-03-14", "content": "The mill opened.", "rank": 1},
        {"title": "Mill \u202eshuts", "publishedAt": "sometime", "content": "It closed."},
        {"title": "Not a word"},
    ],
}


def test_the_wrapper_the_fields_and_what_is_left_are_told(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Each field with its path, in how many records it stands, and an example; then what nobody takes, and faults."""
    (tmp_path / "a.json").write_text(json.dumps(NEWS))

    ran = run("schema", "map", "a.json", "--json")

    rows = [row for row in ran.rows if row["type"] != "summary"]
    assert ran.code == 0
    assert rows[0] == {
        "type": "format",
        "file": "a.json",
        "media_type": "application/json",
        "wrappers": ["articles[]"],
        "records": 3,
        "more": False,
    }
    assert {(row["field"], row["path"], row["records"], row["example"]) for row in rows if row["type"] == "field"} == {
        ("title", "title", 3, "Mill opens"),
        ("published_at", "publishedAt", 2, "2026-03-14"),
        ("text", "content", 2, "The mill opened."),
    }
    assert [(row["path"], row["example"]) for row in rows if row["type"] == "left"] == [("rank", "1")]
    assert {row["code"] for row in rows if row["type"] == "finding"} >= {"SCH201"}


def test_what_comes_from_a_file_is_harmless_on_a_terminal(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Names are escaped and examples flat."""
    (tmp_path / "a.json").write_text(json.dumps({"text": "\x1b[31mThe mill", "k\u202ee\x1by": "\u202e\nx"}))

    ran = run("schema", "map", "a.json")

    assert ran.out.replace("\n", "").isprintable()
    assert "text" in ran.out


def test_a_feeds_own_mapping_is_tried_out(run: Callable[..., Ran], tmp_path: Path) -> None:
    """By --feed; without it the file has no text, and the command ends with 1."""
    (tmp_path / "a.json").write_text('{"payload": {"story": "The mill opened."}, "rank": 1}')
    config = tmp_path / "w.toml"
    config.write_text('[feeds.gazette.fields]\ntext = "payload.story"\n')

    ran = run("--config", str(config), "schema", "map", "a.json", "--feed", "gazette")

    assert ran.code == 0
    assert ran.out.splitlines()[1].split()[:2] == ["text", "payload.story"]
    assert run("--config", str(config), "schema", "map", "a.json").code == 1


def test_of_a_long_file_the_first_thousand_records_are_looked_at(run: Callable[..., Ran], tmp_path: Path) -> None:
    """And it says so."""
    (tmp_path / "a.jsonl").write_text('{"text": "The mill opened."}\n' * 1_001)

    assert "the first 1,000 records" in run("schema", "map", "a.jsonl").out


def test_what_cannot_be_opened_is_told(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Exit 3, for what is not there and for what is no file."""
    os.mkfifo(tmp_path / "pipe")

    assert [run("schema", "map", name).code for name in ("none.json", "pipe", ".")] == [3, 3, 3]
