"""What the pages show, and that nothing which came from outside is more than text on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS

from winnowd.model import Selection
from winnowd.operations.queue import queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.instance import Instance
    from tests.web.client import Client

HOSTILE = "<script>alert(1)</script>"
TURNED = "\u202egnorts"


def first(instance: Instance) -> str:
    """The record that waits longest: a rewrite."""
    return queue(instance.instance_dir, Selection(), most=1).items[0].record


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/quarantine",
        "/quarantine?code=QUA401&feed=feed-a",
        "/quarantine/all",
        "/help",
        "/login",
        "/find?q=zz",
        "RECORD",
        "RECORD/erase",
    ],
)
def test_a_page_is_sound(client: Client, held_once: Instance, address: str) -> None:
    """One heading, a main part, a language, every field with a name; no script or style within it."""
    answer = client.get(address.replace("RECORD", f"/a/{first(held_once)}"))

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert len(re.findall("<h1", answer.text)) == 1
    assert len(re.findall("<main", answer.text)) == 1
    assert '<html lang="en">' in answer.text
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?! src)", answer.text)
    fields = re.findall(r"<(?:input|select)\b[^>]*>", answer.text)
    unnamed = [one for one in fields if 'type="hidden"' not in one and "aria-label" not in one and 'id="q"' not in one]
    labels = "".join(re.findall(r"<label[^>]*>.*?</label>", answer.text, re.DOTALL))
    assert [one for one in unnamed if one not in labels] == []


def test_the_first_page_says_what_waits(client: Client) -> None:
    """Before all else, and where to begin."""
    answer = client.get("/")

    assert "5 records wait for you" in answer.words()
    assert "Begin to review" in answer.words()


def test_the_list_has_each_with_its_reason(client: Client) -> None:
    """Oldest first, the copy by the title of what it copies."""
    words = client.get("/quarantine").words()

    assert "may be a rewrite of “Ferry crew rescue" in words
    assert words.count("words, below 100") == 4
    assert words.index("ferry") < words.index("Clockmaker")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("code=QUA401", 4),
        ("code=qua401&feed=feed-a", 2),
        ("feed=feed-b", 1),
        ("older=30d", 0),
        ("older=never", 5),
        ("after=x", 5),
        ("code=NON999", 0),
        ("after=" + "9" * 30, 5),
    ],
)
def test_the_list_is_narrowed(client: Client, query: str, count: int) -> None:
    """By rule, feed and age; what is none of these narrows nothing."""
    assert client.get(f"/quarantine?{query}").text.count("<li data-row>") == count


def test_a_long_list_goes_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page, by the last record of the one before, and back to its beginning."""
    monkeypatch.setattr("winnowd.web.pages.quarantine.PAGE", 2)
    seen, address = [], "/quarantine"

    while address:
        answer = client.get(address)
        seen += re.findall(r'name="record" value="([^"]+)"', answer.text)
        found = re.search(r'<a href="([^"]+)" rel="next">', answer.text)
        address = found[1].replace("&amp;", "&") if found else ""

    assert len(seen) == len(set(seen)) == 5


def test_a_record_is_told_whole(client: Client, held_once: Instance) -> None:
    """Why, its place, both texts with what they share, where that lies, measures and limits, history."""
    answer = client.get(f"/a/{first(held_once)}")
    words = answer.words()

    assert "Item 1 of 5" in words
    assert "It may be a rewrite of “Ferry crew rescue eleven" in words
    assert "≥ 9 doubt" in words
    marked = [re.findall(r'<mark class="band\d" data-run="(\d+)">', side) for side in answer.text.split('id="there"')]
    assert marked[0]
    assert sorted(marked[0]) == sorted(marked[1])
    assert "<svg" in answer.text
    assert "event" in words
    assert "quarantine" in words


def test_one_goes_from_record_to_record(client: Client, held_once: Instance) -> None:
    """Within what was chosen, both ways; the last has no next."""
    items = queue(held_once.instance_dir, Selection(codes=("QUA401",))).items

    second = client.get(f"/a/{items[1].record}?code=QUA401").text
    last = client.get(f"/a/{items[-1].record}?code=QUA401").text

    assert "Item 2 of 4" in second
    assert f'href="/a/{items[0].record}?code=QUA401" rel="prev" data-key="k"' in second
    assert f'href="/a/{items[2].record}?code=QUA401" rel="next" data-key="j"' in second
    assert 'rel="next"' not in last


def test_an_admitted_article_has_a_page_too(client: Client, held_once: Instance) -> None:
    """It waits for nobody; it can be retracted."""
    (admitted,) = [one for one in held_once.decisions() if one["winnowd"]["outcome"] == "admitted"]

    answer = client.get(f"/a/{admitted['winnowd']['article']['id']}")

    assert "Not waiting" in answer.words()
    assert 'value="retract"' in answer.text
    assert 'value="confirm"' not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/a/nothing",
        "/a/nothing/text",
        "/a/nothing/erase",
        "/a/%2e%2e%2fetc",
        "/no",
        "/static/../app.py",
        "/static/no.css",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    """In words, with the frame of every page."""
    assert client.get(address).status == 404


def test_a_record_is_found_by_a_piece_of_its_name(client: Client, held_once: Instance) -> None:
    """By one that fits it alone at once; else there is a table, or words."""
    assert client.get("/find?q=rewrite").location == f"/a/{first(held_once)}"
    several = client.get("/find?q=feed-a")
    assert several.status == 300
    assert several.text.count('class="title"') == 2
    assert "Nothing is known by “<U+202E>x<b>”" in client.get("/find?q=%E2%80%AEx%3Cb%3E").words()


def test_a_text_is_a_file_and_nothing_else(client: Client, held_once: Instance) -> None:
    """Plain text, to be kept, under a name of ours."""
    record = first(held_once)

    answer = client.get(f"/a/{record}/text")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{record}.txt"'
    assert answer.text.startswith("A nighttime ferry")


def test_a_hostile_article_is_text(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """Its markup is shown, its turned words are named, its address is no link, its length is no matter."""
    unbroken = "x" * 20_000
    text = f"{HOSTILE}{TURNED}\n\n{TEXTS['A']}\n\n{unbroken}\n\n<img src=x onerror=alert(2)> {TURNED}"
    held_copy.drop({f"feed-<b>/{TURNED}.txt": text})
    held_copy.pass_over()
    name = held_copy.decisions()[-1]["winnowd"]["arrival"]["id"]
    client = visit(held_copy)

    answer = client.get(f"/a/{name}-0")

    assert answer.status == 200
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "&lt;img src=x onerror=alert(2)&gt;" in answer.text
    assert "\u202e" not in answer.text + client.get("/quarantine").text + client.get("/").text
    assert answer.words().count("<U+202E>gnorts") >= 2  # in the title, and in the text
    assert unbroken in answer.text
    assert re.findall(r'href="(?![/#])', answer.text) == []
