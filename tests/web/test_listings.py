"""Corpus, decisions, log and limits on the page: for people, for programs and for spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.bench.decisions import UNTIL
from tests.e2e.instance import TEXTS, Instance

from winnowd.audit.reader import Log
from winnowd.layout import HEALTH, METRICS
from winnowd.operations.lay_out import lay_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.web.client import Answer, Client

LISTS = ("/decisions", "/corpus", "/audit")


@pytest.fixture
def reader(visit: Callable[..., Client], decided: Path) -> Client:
    """The page of 500 decisions on the day of the last one, for somebody who has logged in."""
    return visit(Instance(decided), at=UNTIL)


def links(answer: Answer) -> dict[str, str]:
    """Where the page leads on to: older, newer."""
    found = re.findall(r'<a href="([^"]*)" rel="(next|prev)">', answer.text)
    return {rel: html.unescape(address) for address, rel in found}


@pytest.mark.parametrize(
    "address",
    [
        *LISTS,
        "/decisions?text=%3Cscript%3E&outcome=x%22&day=2026-11-20",
        "/corpus?feed=agency&least=.2&most_shared=0.9",
        "/audit?action=admit&code=dup606&text=%22",
        "/tune/DUP606",
        "/tune/dup606?fail=2&doubt=0.4",
        "/tune/QUA401?fail=%3Cb%3E",
    ],
)
def test_a_page_is_sound(reader: Client, address: str) -> None:
    """One heading, every field with a name, no script or style within it, nothing typed that is more than text."""
    answer = reader.get(address)

    assert answer.status == 200
    assert len(re.findall("<h1", answer.text)) == 1
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?! src)|<b>", answer.text)
    fields = re.findall(r"<(?:input|select)\b[^>]*>", answer.text)
    labels = "".join(re.findall(r"<label[^>]*>.*?</label>", answer.text, re.DOTALL))
    unnamed = [one for one in fields if not re.search('type="hidden"|id="q"|aria-label', one) and one not in labels]
    assert unnamed == []


@pytest.mark.parametrize("path", LISTS)
def test_its_links_lead_through_the_whole_list(reader: Client, decided: Path, path: str) -> None:
    """From the newest to the oldest, as a person goes who has no JavaScript, and as a program does."""
    shown, page = 0, reader.get(path)
    while True:
        shown += page.text.count('<div class="what">')
        if "next" not in links(page):
            break
        page = reader.get(links(page)["next"])
    items, address = [], f"{path}.json"
    while address:
        told = json.loads(reader.get(address).body)
        items += told.get("items") or told.get("events")
        address = told["older"]

    every = sum(1 for _ in Log(decided)) if path == "/audit" else 500
    assert len(items) == shown
    assert shown == every or (path == "/corpus" and 0 < shown < every)
    assert len({json.dumps(one) for one in items}) == len(items)


@pytest.mark.parametrize("wanted", ["file", "title"])
def test_what_is_known_of_many_is_not_said_to_be_unknown(
    reader: Client, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    """A piece of more names than are looked up one by one, or a word of a title, leads to the list of what it fits."""
    monkeypatch.setattr("winnowd.audit.history._MOST", 20)
    (newest, *_) = json.loads(reader.get("/decisions.json").body)["items"]
    word = re.findall("[a-z]{5,}", newest[wanted])[-1]

    answer = reader.get(f"/find?q={word}")

    assert (answer.status, answer.location) == (303, f"/decisions?text={word}")
    assert f"/a/{newest['record']}" in reader.get(answer.location).text


def test_newer_leads_back(reader: Client) -> None:
    """To the page from which older had led."""
    newest = reader.get("/decisions")
    older = reader.get(links(newest)["next"])

    back = reader.get(links(older)["prev"])

    records = re.compile(r'href="(/a/[^"]*)"')
    assert records.findall(back.text) == records.findall(newest.text) != records.findall(older.text)


@pytest.mark.parametrize("path", LISTS)
def test_for_spreadsheets_no_cell_is_a_formula(reader: Client, path: str) -> None:
    """Each row has the columns of the first; whatever begins as a formula has an apostrophe before it."""
    answer = reader.get(f"{path}.csv?most=70")

    header, *rows = csv.reader(io.StringIO(answer.text))
    assert answer.headers["content-type"].startswith("text/csv")
    assert f"before={rows[-1][0] if path == '/audit' else ''}" in answer.headers["link"]
    assert len(rows) == 70
    assert {len(row) for row in rows} == {len(header)}
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]


def test_a_title_that_is_a_formula_is_text(visit: Callable[..., Client], tmp_path: Path) -> None:
    """What a stranger called an article cannot calculate, nor turn a line around, nor be markup."""
    instance = Instance(tmp_path / "home")
    title = "=HYPERLINK(1)<i>\u202egnorts"
    instance.drop({"a.json": json.dumps({"title": title, "text": next(iter(TEXTS.values()))})})
    instance.pass_over()
    client = visit(instance)

    (row,) = list(csv.DictReader(io.StringIO(client.get("/decisions.csv").text)))
    assert row["title"].startswith("'=HYPERLINK")
    page = client.get("/decisions").text
    assert "<i>" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize(
    "address",
    ["/decisions?before=x", "/decisions?after=-1", "/decisions?day=1", "/corpus?least=2", "/audit?day=2026-13-01",
     "/decisions?before=" + "9" * 30, "/decisions.csv?most=%D9%A1", "/audit.json?before=1.5"],
)  # fmt: skip
def test_what_means_nothing_is_said(reader: Client, address: str) -> None:
    """With the status of a wrong question, not of a fault of ours."""
    assert reader.get(address).status == 400


@pytest.mark.parametrize("address", ["/tune/SYS901", "/tune/none", "/tune/%3Cb%3E"])
def test_a_code_without_limits_cannot_be_tuned(reader: Client, address: str) -> None:
    """There is no such page."""
    assert reader.get(address).status == 404


def test_a_limit_that_is_tried_changes_only_the_page(reader: Client) -> None:
    """It says what would be, and what is no limit; as the command would. The list of a rule leads there."""
    assert 'href="/tune/DUP606"' in reader.get("/decisions?code=DUP606").text
    assert "/tune/" not in reader.get("/decisions?code=SCH201").text
    assert "would be" in reader.get("/tune/DUP606?fail=1.1").words()
    assert "must lie beyond doubt" in reader.get("/tune/DUP606?fail=0.01").words()


def test_limits_that_no_late_decision_was_held_to_are_named_as_that(
    reader: Client, visit: Callable[..., Client], decided: Path
) -> None:
    """An instance that was idle for long, or a rule without limits."""
    idle = visit(Instance(decided), at=UNTIL + dt.timedelta(days=31))

    for answer in (idle.get("/tune/DUP606"), reader.get("/tune/SCH201"), reader.get("/tune/%3Cb%3E")):
        assert answer.status == 404
        assert "None of the newest" in answer.words()


@pytest.mark.parametrize(
    "address", [*LISTS, "/decisions.json", "/corpus.csv", "/audit.json", "/tune/DUP606", "/metrics"]
)
def test_nobody_sees_it_who_has_not_logged_in(stranger: Client, address: str) -> None:
    """Lists for programs no more than pages."""
    assert stranger.get(address).status == 303


def test_lists_of_nothing_say_so(visit: Callable[..., Client], tmp_path: Path) -> None:
    """Before the first decision there are pages, too."""
    lay_out(tmp_path / "home")
    client = visit(Instance(tmp_path / "home"))

    assert "Nothing has been decided yet" in client.get("/decisions").words()
    assert client.get("/audit").status == 200
    assert json.loads(client.get("/corpus.json").body) == {"items": [], "older": None}


def test_probes_are_answered_from_the_services_own_files(visit: Callable[..., Client], tmp_path: Path) -> None:
    """Where nobody serves, or nothing was written, that is said; health anybody may ask, metrics not."""
    home = tmp_path / "home"
    lay_out(home)
    stranger, client = visit(Instance(home), token=""), visit(Instance(home))

    assert client.get("/metrics").status == 503
    assert json.loads(stranger.get("/healthz").body) == {"well": False, "state": "stopped", "code": None, "at": None}
    (home / METRICS).write_text("winnowd_corpus_articles 3\n", encoding="utf-8")
    (home / HEALTH).write_text('{"state": "idle"}', encoding="utf-8")

    assert client.get("/metrics").text == "winnowd_corpus_articles 3\n"
    assert stranger.get("/healthz").status == 503
