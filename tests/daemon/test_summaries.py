"""What people should be told of is written once for each time that it happens, and nothing of it comes from outside."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.daemon.stand import Stand, standing
from tests.e2e.instance import TEXTS

from winnowd.daemon.pause import Pause
from winnowd.daemon.summaries import QUIET, Summaries
from winnowd.daemon.vitals import Vitals, measure
from winnowd.storage.clock import SystemClock
from winnowd.storage.verified import leave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TELLING = 'notify.command = ["true"]\nnotify.quarantine_articles = 5\nnotify.quarantine_days = 2\n'


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that has somebody to tell."""
    with standing(tmp_path / "home", TELLING) as made:
        made.loop.doorbell.start()
        yield made


def turn(stand: Stand, seconds: float = 20) -> list[str]:
    """Take a turn some seconds later, and what lies there then away; gives its names."""
    stand.now += seconds
    stand.loop.turn()
    return sorted(fetched(stand))


def fetched(stand: Stand) -> dict[str, dict[str, Any]]:
    """All summaries, fetched as who tells people does it."""
    found = {}
    for path in (stand.folder.instance_dir / "state" / "notify").glob("*.json"):
        found[path.stem] = json.loads(path.read_bytes())
        path.unlink()
    return found


def vitals(stand: Stand, articles: int = 0, days: float = 0) -> Vitals:
    """What would be measured with so many in quarantine, the oldest for so long."""
    made = measure(stand.work, stand.now)
    since = made.at - dt.timedelta(days=days) if articles else None
    fields = {name: getattr(made, name) for name in Vitals.__dataclass_fields__}
    return Vitals(**{**fields, "quarantine": articles, "quarantine_since": since})


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.one_of(st.integers(0, 10), st.just("restart")), max_size=20))
def test_any_sequence_of_sizes_gives_one_summary_for_each_crossing(stand: Stand, sizes: list[Any]) -> None:
    """From well below the limit to it: one; hovering about it: none; a restart in between: none."""
    (stand.folder.instance_dir / "state" / "raised.json").unlink(missing_ok=True)
    summaries, pause = Summaries(stand.work), Pause(stand.work, lambda: stand.now)
    told, expected, is_low = 0, 0, True
    for size in sizes:
        if size == "restart":
            summaries = Summaries(stand.work)
            continue
        summaries(vitals(stand, size), pause)
        told += len(fetched(stand))
        expected += size >= 5 and is_low
        is_low = size < 4 or (is_low and size < 5)

    assert told == expected


def test_a_full_quarantine_and_an_old_one_are_two_things(stand: Stand) -> None:
    """Each says how much it is, and which setting it has passed; numbers tell whether one was missed."""
    summaries, pause = Summaries(stand.work), Pause(stand.work, lambda: stand.now)

    summaries(vitals(stand, 6, days=3.5), pause)

    found = fetched(stand)
    assert {name: (one["measured"], one["limit"]) for name, one in found.items()} == {
        "quarantine-articles": (6, 5),
        "quarantine-days": (3.5, 2),
    }
    assert {one["number"] for one in found.values()} == {1, 2}
    assert "notify.quarantine_days is 2" in found["quarantine-days"]["because"]
    assert found["quarantine-articles"]["quarantine"] == {"articles": 6, "oldest_seconds": 302_400}


def test_a_pause_is_told_once_with_its_code(stand: Stand) -> None:
    """However often it is tried; one that comes again within ten minutes belongs to it, a later one does not."""
    stand.broken.append("append")
    stand.folder.drop({"a.txt": TEXTS["A"]})
    names = [turn(stand) for _ in range(4)]
    stand.broken.clear()
    names.append(turn(stand))
    stand.broken.append("append")
    stand.folder.drop({"b.txt": TEXTS["B"]})
    names += [turn(stand), turn(stand)]
    stand.broken.clear()
    names += [turn(stand), turn(stand, QUIET)]
    stand.broken.append("append")
    stand.folder.drop({"c.txt": TEXTS["C"]})
    names += [turn(stand)]

    assert [name for name in names if name] == [["paused-SYS911"], ["paused-SYS911"]]
    assert names[-1]


def test_what_the_disk_does_not_take_is_written_when_it_does(stand: Stand) -> None:
    """A full disk is told of, as soon as there is room to say so."""
    stand.broken += ["append", "write"]
    stand.folder.drop({"a.txt": TEXTS["A"]})

    during = [turn(stand) for _ in range(3)]
    stand.broken.clear()
    after = turn(stand)

    assert (during, after) == ([[], [], []], ["paused-SYS911"])


def test_a_red_verification_is_told_once_until_one_is_green(stand: Stand) -> None:
    """Whoever ran it: its result lies where the service looks."""
    names = []
    for damage in (0, 3, 2, 0, 1):
        leave(stand.folder.instance_dir, at=SystemClock().now(), events=9, damage=damage)
        names += [turn(stand), turn(stand)]

    assert [number for number, name in enumerate(names) if name] == [2, 8]
    assert names[2] == ["audit-damaged"]


def test_without_a_command_nothing_is_written(tmp_path: Path) -> None:
    """Nobody would fetch it."""
    with standing(tmp_path / "home") as stand:
        leave(stand.folder.instance_dir, at=SystemClock().now(), events=9, damage=1)

        assert turn(stand) == []
        assert not (stand.folder.instance_dir / "state" / "notify").exists()


def test_nothing_of_a_sender_stands_in_it(tmp_path: Path) -> None:
    """A name with escapes and Markdown is in quarantine, and is what cannot be taken: only numbers tell of it."""
    evil = "<!channel> [x](http:evil.example) \x1b[31m"
    text = 'notify.command = ["true"]\nnotify.quarantine_articles = 1\n[gates.length]\nwords.min.doubt = 100\n'
    with standing(tmp_path / "home", text + "words.min.fail = 5\n") as stand:
        stand.loop.doorbell.start()
        stand.decided({f"{evil}.txt": f"{evil} " + " ".join(TEXTS["A"].split()[:60])})
        stand.broken.append("append")
        stand.folder.drop({f"{evil}2.txt": TEXTS["B"]})
        stand.now += 20
        stand.loop.turn()

        found = json.dumps(fetched(stand))

    assert {"quarantine-articles", "paused-SYS911"} <= json.loads(found).keys()
    assert not any(word in found for word in ("evil", "channel", "31m"))


def test_nobody_who_fetches_makes_one_file_for_each_kind(stand: Stand) -> None:
    """A thousand crossings pile up to one."""
    summaries, pause = Summaries(stand.work), Pause(stand.work, lambda: stand.now)

    for size in (6, 0) * 500:
        summaries(vitals(stand, size), pause)

    found = fetched(stand)
    assert list(found) == ["quarantine-articles"]
    assert found["quarantine-articles"]["number"] == 500


@pytest.mark.parametrize("content", ["", "[]", '{"raised": 1}', '{"raised": {"a": []}, "number": 1}'])
def test_a_memory_that_is_spoilt_is_begun_anew(stand: Stand, content: str) -> None:
    """Something is told twice then, and the service goes on."""
    (stand.folder.instance_dir / "state" / "raised.json").write_text(content, encoding="utf-8")

    Summaries(stand.work)(vitals(stand, 6), Pause(stand.work, lambda: stand.now))

    assert list(fetched(stand)) == ["quarantine-articles"]


def test_a_folder_in_the_way_stops_no_other_sign(stand: Stand) -> None:
    """Who tells people may write there, and is trusted with nothing else."""
    (stand.folder.instance_dir / "state" / "notify" / "audit-damaged.json").mkdir(parents=True)
    leave(stand.folder.instance_dir, at=SystemClock().now(), events=9, damage=1)

    with contextlib.suppress(IsADirectoryError):
        turn(stand)

    assert (stand.folder.instance_dir / "state" / "metrics.prom").exists()
    assert stand.decided({"a.txt": TEXTS["A"]}) == {"a.txt": "admitted"}
