"""``keep = "best"``: a better version takes the place of the article that came first, once, and it can be undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import ordered

if TYPE_CHECKING:
    from pathlib import Path

COPY = json.dumps({"text": TEXTS["A"]})
BETTER = json.dumps({
    "text": TEXTS["A"].replace("Wednesday", "Wednesday itself"),
    "title": "Ferry runs aground",
    "author": "A. Writer",
    "publisher": "The Selwick Journal",
})  # fmt: skip


@pytest.mark.parametrize("at_once", [True, False], ids=["in-one-batch", "one-by-one"])
def test_the_better_version_takes_the_place_of_the_first(tmp_path: Path, *, at_once: bool) -> None:
    """Both decisions are told, the corpus has one of them, and the first is known as a copy of the second."""
    instance = Instance(tmp_path, gates__originality__keep="best")
    instance.drop({"a-first.json": COPY})
    if not at_once:
        instance.pass_over()
    instance.drop({"b-better.json": BETTER})
    instance.pass_over()
    instance.drop({"c-again.json": COPY + "\n"})

    instance.pass_over()

    told = [
        (event["event"]["action"], event["winnowd"]["outcome"])
        for event in instance.events()
        if "outcome" in event["winnowd"]
    ]
    assert told == [("admit", "admitted"), ("admit", "admitted"), ("supersede", "rejected"), ("reject", "rejected")]
    assert len(instance.articles()) == 1
    tombstone = json.loads((tmp_path / "seeds" / "index" / "tombstones.jsonl").read_text(encoding="utf-8"))
    assert tombstone["action"] == "DUP610"
    assert faults(tmp_path, sent=3) == []


def test_a_superseded_article_can_be_brought_back(tmp_path: Path) -> None:
    """Not beside the one that took its place; but in its place, if a person says so."""
    instance = Instance(tmp_path, gates__originality__keep="best")
    for name, content in (("a-first.json", COPY), ("b-better.json", BETTER)):
        instance.drop({name: content})
        instance.pass_over()

    refused = ordered(instance, "restore", "a-first")
    done = ordered(instance, "restore", "a-first", replace=True)

    assert refused[0]["state"] == "refused"
    assert [one["outcome"] for one in done] == ["retracted", "admitted"]
    assert faults(tmp_path) == []


def test_by_default_the_first_stays(tmp_path: Path) -> None:
    """A corpus does not change under its readers unless it was asked to."""
    instance = Instance(tmp_path)
    for name, content in (("a-first.json", COPY), ("b-better.json", BETTER)):
        instance.drop({name: content})
        instance.pass_over()

    assert instance.outcomes() == {"a-first.json": "admitted", "b-better.json": "rejected"}


def test_the_very_same_text_takes_no_place_however_much_is_known_about_it(tmp_path: Path) -> None:
    """One text is one file of the corpus; the second is turned away as its copy."""
    instance = Instance(tmp_path, gates__originality__keep="best")
    told = {"text": TEXTS["A"], "title": "Ferry runs aground"}
    for name, more in (("a-first.json", {}), ("b-more.json", {"author": "A. Writer", "publisher": "The Journal"})):
        instance.drop({name: json.dumps(told | more)})
        instance.pass_over()

    assert instance.outcomes() == {"a-first.json": "admitted", "b-more.json": "rejected"}
    assert faults(tmp_path, sent=2) == []
