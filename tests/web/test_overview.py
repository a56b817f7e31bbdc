"""The first page: what needs somebody, how the service is, what the days came to; read again where it may differ."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.instance import Instance

from winnowd.operations.overview import KEPT, Overviews
from winnowd.operations.status import Status, status
from winnowd.web.standing import Sign, signs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.web.client import Client

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def test_an_instance_that_has_decided_nothing_says_what_to_do(visit: Callable[..., Client], tmp_path: Path) -> None:
    """No picture of nothing, no table of nothing."""
    answer = visit(Instance(tmp_path / "home")).get("/")

    assert answer.status == 200
    assert "Nothing waits for you" in answer.words()
    assert "Put files into inbox/" in answer.words()
    assert "<svg" not in answer.text
    assert "The latest" not in answer.words()


def test_what_waits_comes_before_how_all_is(client: Client) -> None:
    """How many, since when, the oldest and where to begin; then the service; then figures, pictures, the latest."""
    words = client.get("/").words()

    order = ["5 records wait for you", "the oldest for", "Begin to review", "All 5", "How it is", "service stopped"]
    order += ["not verified yet", "in the corpus", "17 % admitted", "What was decided, by day", "Most often QUA401"]
    order += [
        "How like the nearest article: DUP606 rewrite",
        "The originals with most copies",
        "When it comes",
        "The latest",
    ]
    at = [words.index(one) for one in order]
    assert at == sorted(at)


def test_each_picture_has_its_table_and_leads_where_it_can(client: Client) -> None:
    """Its finding is its heading; a cause leads to its decisions, an original and the latest to their pages."""
    text = client.get("/").text

    pictures = re.findall(r'<figure class="drawn">.*?</figure>', text, re.DOTALL)
    assert len(pictures) == 5
    assert all("<h2>" in one and "<svg" in one and "<table>" in one for one in pictures)
    assert 'href="/decisions?code=QUA401"' in text
    (original,) = re.findall(r'href="/a/([0-9a-f]{16})">Ferry crew rescue eleven', text)
    assert client.get(f"/a/{original}").status == 200


class Clock:
    """A time of day and a clock that are moved by hand."""

    def __init__(self) -> None:
        self.seconds, self.day = 0.0, NOW

    def overviews(self, instance_dir: Path) -> Overviews:
        """The overview by it."""
        return Overviews(instance_dir, lambda: self.day, lambda: self.seconds)


def test_an_overview_is_kept_while_the_log_stands_still(held_once: Instance) -> None:
    """And for some seconds while it goes on; another day is another overview."""
    clock = Clock()
    overviews = clock.overviews(held_once.instance_dir)
    first = overviews.overview(15)

    clock.seconds = 1_000.0
    assert overviews.overview(15) is first
    assert overviews.overview(16) is not first

    second = overviews.overview(16)
    clock.seconds += KEPT - 0.1
    assert overviews.overview(17) is second
    clock.seconds += 0.1
    assert overviews.overview(17) is not second

    third = overviews.overview(17)
    clock.day += dt.timedelta(days=1)
    assert overviews.overview(17) is not third


@pytest.fixture(scope="module")
def stopped(held_once: Instance) -> Status:
    """How an instance is that nobody serves."""
    return status(held_once.instance_dir)


WELL = {"running": True, "state": "idle", "well": True, "free_bytes": 10**11}
YESTERDAY = {"at": "2026-11-21T03:00:00Z", "damage": 0}


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, Sign("service", "stopped", "bad")),
        (WELL, Sign("service", "idle", "good")),
        (WELL | {"well": False}, Sign("service", "silent for a while; it may hang", "bad")),
        (
            WELL | {"state": "degraded", "code": "SYS917", "because": "disk \u202efull"},
            Sign("service", "degraded: SYS917 disk <U+202E>full", "bad"),
        ),
        ({"watcher_down": "no inotify"}, Sign("inbox watch", "no events (no inotify); it is swept", "doubt")),
        ({"verified": YESTERDAY}, Sign("log", "verified whole 33 h ago", "good")),
        ({"verified": YESTERDAY | {"at": "2026-11-19T03:00:00Z"}}, Sign("log", "verified whole 3 d ago", "doubt")),
        (
            {"verified": YESTERDAY | {"damage": 2}},
            Sign("log", "2 things not as written, found 33 h ago; see “winnowd verify”", "bad"),
        ),
        ({"verified": {"at": "then"}}, Sign("log", "not verified yet; “winnowd verify” does", "doubt")),
        ({"free_bytes": 10**11}, Sign("disk", "100 GB free", "good")),
        ({"free_bytes": 1_500_000_000}, Sign("disk", "1.5 GB free", "doubt")),
        ({"free_bytes": 500_000_000}, Sign("disk", "0.5 GB free", "bad")),
        ({"orders": 1}, Sign("orders", "1 order to be carried out", "doubt")),
        (
            {"inbox": {"files": 3, "refused": [{"path": "a"}]}},
            Sign("left alone", "1 file that cannot be moved; see “winnowd status”", "doubt"),
        ),
    ],
)
def test_what_needs_somebody_is_said_and_marked(stopped: Status, changes: dict[str, Any], sign: Sign) -> None:
    """Of each of them in a line; the disk by what the service itself asks of it."""
    assert sign in list(signs(dataclasses.replace(stopped, **changes), 10**9, NOW))
