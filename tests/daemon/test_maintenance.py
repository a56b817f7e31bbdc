"""The calendar's work, each piece done by the loop on a real instance: what it must do, tell, and leave alone."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import events, faults
from tests.daemon.stand import Stand, standing
from tests.e2e.instance import Instance
from tests.instances.make import ARTICLES, cut

from winnowd.cli import main
from winnowd.daemon import maintenance
from winnowd.daemon.recovery import finish
from winnowd.daemon.schedule import RETENTION, SEAL, SELF_CHECK, UPKEEP
from winnowd.layout import LEDGER
from winnowd.storage.clock import SystemClock
from winnowd.storage.verified import last_verification

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from winnowd.daemon.recovery import Finished
    from winnowd.wiring.instance import Instance as Opened

TODAY = dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)
PAGE = "seeds/index/2026-11/001.md"


class Calendar:
    """The time of day, as the test has it."""

    def __init__(self) -> None:
        self.at = TODAY

    def day(self, ago: int, instance_dir: Path, files: Mapping[str, str]) -> None:
        """Let an instance decide these files so many days ago."""
        self.at = TODAY - dt.timedelta(days=ago)
        instance = Instance(instance_dir)
        instance.drop(files)
        instance.pass_over()
        self.at = TODAY


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """The clock of the service."""
    made = Calendar()
    monkeypatch.setattr(SystemClock, "now", lambda _: made.at)
    return made


@pytest.fixture
def instance_dir(tmp_path: Path, calendar: Calendar) -> Path:
    """An instance of three days: an article each, the first day one in quarantine and one rejected, too."""
    held = {"held.txt": cut(ARTICLES[3]), "short.txt": "Too short to be an article."}
    for ago, files in ((2, {"a.txt": ARTICLES[0], **held}), (1, {"b.txt": ARTICLES[1]}), (0, {"c.txt": ARTICLES[2]})):
        calendar.day(ago, tmp_path / "home", files)
    return tmp_path / "home"


@contextlib.contextmanager
def serving(instance_dir: Path, **settings: Any) -> Iterator[Stand]:
    """A service that has begun; the days that ended while nobody served are sealed by its first turn."""
    with standing(instance_dir, **settings) as stand:
        stand.loop.doorbell.start()
        stand.loop.turn()
        yield stand


def done(stand: Stand, task: str) -> list[dict[str, Any]]:
    """Let a chore come due and the loop take a turn; gives what the audit log got of it."""
    before = len(events(stand.folder.instance_dir))
    stand.loop.schedule.ring(task)
    stand.loop.turn()
    return events(stand.folder.instance_dir)[before:]


def last_words(stand: Stand) -> dict[str, Any]:
    """The last line of the service's log, without what each line has."""
    return {name: said for name, said in stand.logged()[-1].items() if name not in {"timestamp", "level"}}


def sound(instance_dir: Path) -> bool:
    """Whether ``winnowd verify`` finds all of it as it was written."""
    return main(["--home", str(instance_dir), "verify"]) == 0


def days(instance_dir: Path, folder: str) -> dict[str, list[str]]:
    """The names below a folder of days, by day, each up to its arrival."""
    found: dict[str, list[str]] = {}
    for path in sorted((instance_dir / folder).rglob("*~*")):
        found.setdefault("-".join(path.relative_to(instance_dir / folder).parts[:3]), []).append(
            path.name.partition("~")[0]
        )
    return found


def sealed(instance_dir: Path) -> list[dict[str, Any]]:
    """What the audit log tells of sealed days."""
    return [event["winnowd"]["sealed"] for event in events(instance_dir) if event["event"]["action"] == "day-sealed"]


def test_finished_days_are_sealed_once(instance_dir: Path, calendar: Calendar) -> None:
    """Packed, each digest naming the one before; told with it; today's file stays open, and nothing is sealed twice."""
    with serving(instance_dir) as stand:
        before = sealed(instance_dir)
        calendar.at += dt.timedelta(days=1)

        told = done(stand, SEAL)

        new_try = done(stand, SEAL)
        stand.work.shut_down("the test ends")

    of_days = sealed(instance_dir)
    assert [one["file"] for one in of_days] == [f"audit/2026/11/{day}.jsonl" for day in (20, 21, 22)]
    assert before == of_days[:2]
    assert [event["event"]["action"] for event in told] == ["day-sealed"]
    assert new_try == []
    assert "previous_digest_sha256" not in of_days[0]
    for one, following in itertools.pairwise(of_days):
        digest = (instance_dir / one["file"]).with_suffix(".digest.json").read_bytes()
        assert following["previous_digest_sha256"] == hashlib.sha256(digest).hexdigest()
        assert following["first_sequence"] == one["last_sequence"] + 1
    names = [*(f"{day}.{kind}" for day in (20, 21, 22) for kind in ("digest.json", "jsonl.gz", "rollup")), "23.jsonl"]
    assert sorted(path.name for path in (instance_dir / "audit" / "2026" / "11").iterdir()) == names
    assert faults(instance_dir) == []
    assert sound(instance_dir)


def test_days_that_an_earlier_version_sealed_get_their_rollups(instance_dir: Path) -> None:
    """With the next seal, without a word in the log."""
    with serving(instance_dir) as stand:
        folder = instance_dir / "audit" / "2026" / "11"
        made = {path: path.read_bytes() for path in folder.glob("*.rollup")}
        for path in made:
            path.unlink()

        assert done(stand, SEAL) == []

    assert len(made) == 2
    assert {path: path.read_bytes() for path in folder.glob("*.rollup")} == made


def test_a_day_that_is_not_what_was_written_is_not_sealed(instance_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk gives other bytes than it was given: that day stays as it is and is told of, the next one is sealed."""
    file = instance_dir / "audit" / "2026" / "11" / "20.jsonl"
    content = file.read_bytes()

    def mended(instance: Opened) -> Finished:
        finished = finish(instance)
        file.write_bytes(content.replace(b"winnowd", b"winnowt", 1))
        return finished

    monkeypatch.setattr(maintenance, "finish", mended)
    with serving(instance_dir) as stand:
        critical = [line for line in stand.logged() if line["level"] == "critical"]

    (failure,) = (event for event in events(instance_dir) if event["event"]["action"] == "failure")
    assert failure["event"]["code"] == "SYS942"
    assert "2026-11-20" in failure["message"]
    assert [line["day"] for line in critical] == ["2026-11-20"]
    assert [one["file"] for one in sealed(instance_dir)] == ["audit/2026/11/21.jsonl"]
    assert not file.with_suffix(".jsonl.gz").exists()


def test_a_self_check_of_a_sound_instance_changes_and_tells_nothing(instance_dir: Path) -> None:
    """But that it was made, in the service's own log."""
    with serving(instance_dir) as stand:
        before = {path: path.read_bytes() for path in (instance_dir / "seeds").rglob("*") if path.is_file()}

        told = done(stand, SELF_CHECK)

        assert told == []
        assert last_words(stand) == {"event": "self-check", "ledger_faults": 0, "index_drift": 0, "log_faults": 0}
        assert {path: path.read_bytes() for path in (instance_dir / "seeds").rglob("*") if path.is_file()} == before


def test_an_index_of_weeks_ago_is_what_the_ledger_says(instance_dir: Path, calendar: Calendar) -> None:
    """What was turned away in the 30 days before it was written stands in INDEX.md, not in those before today."""
    with serving(instance_dir) as stand:
        calendar.at += dt.timedelta(days=40)

        told = [event["event"]["action"] for event in done(stand, SELF_CHECK)]

        assert last_words(stand) == {"event": "self-check", "ledger_faults": 0, "index_drift": 0, "log_faults": 0}
        assert "failure" not in told
        assert sound(instance_dir)


def test_a_self_check_writes_an_index_anew_that_somebody_changed(instance_dir: Path) -> None:
    """A page with other words, and one that is gone, are what the ledger says again; told once, with their number."""
    with serving(instance_dir) as stand:
        page, rows = instance_dir / PAGE, (instance_dir / PAGE).with_suffix(".jsonl")
        before = page.read_bytes(), rows.read_bytes()
        page.write_bytes(before[0] + b"A line of somebody's.\n")
        rows.unlink()

        told = done(stand, SELF_CHECK)
        new_try = done(stand, SELF_CHECK)
        stand.work.shut_down("the test ends")

    assert [(event["event"]["action"], event["event"]["code"]) for event in told] == [("failure", "SYS943")]
    assert "2 files of the index" in told[0]["error"]["message"]
    assert (page.read_bytes(), rows.read_bytes()) == before
    assert new_try == []
    assert faults(instance_dir) == []
    assert sound(instance_dir)


def test_a_self_check_tells_of_a_damaged_ledger(instance_dir: Path) -> None:
    """What SQLite finds stands in the audit log; nothing is made up to mend it."""
    with serving(instance_dir) as stand:
        damage(instance_dir / LEDGER)

        told = done(stand, SELF_CHECK)

        assert [(event["event"]["action"], event["event"]["code"]) for event in told] == [("failure", "SYS944")]
        assert "decision_name" in told[0]["error"]["message"]
        assert last_words(stand)["ledger_faults"] > 0


def damage(ledger: Path) -> None:
    """Let one index of the ledger say it stands where another one is."""
    other = sqlite3.connect(ledger, isolation_level=None)
    (version,) = other.execute("PRAGMA schema_version").fetchone()
    other.execute("PRAGMA writable_schema = ON")
    wrong = "SELECT rootpage FROM sqlite_schema WHERE name = 'page_row_page'"
    other.execute(f"UPDATE sqlite_schema SET rootpage = ({wrong}) WHERE name = 'decision_name'")  # noqa: S608 - ours
    other.execute(f"PRAGMA schema_version = {version + 1}")
    other.close()


def test_upkeep_folds_the_write_ahead_log_into_the_ledger(instance_dir: Path) -> None:
    """It is empty afterwards, and the ledger as it was."""
    with serving(instance_dir) as stand:
        log = instance_dir / f"{LEDGER}-wal"
        before = log.stat().st_size

        told = done(stand, UPKEEP)

        assert before > 0
        assert log.stat().st_size == 0
        assert told == []
        assert last_words(stand) == {"event": "upkeep done"}
        stand.work.shut_down("the test ends")
    assert faults(instance_dir) == []


def test_originals_older_than_the_days_to_keep_go_and_no_others(instance_dir: Path, calendar: Calendar) -> None:
    """One of exactly so many days stays; so does all that was held, the corpus, and what the log tells of it."""
    before = {folder: days(instance_dir, folder) for folder in ("quarantine", "rejected")}
    corpus = sorted((instance_dir / "seeds" / "2026").rglob("*.txt"))
    with serving(instance_dir, archive__keep_days=1) as stand:
        kept = days(instance_dir, "archive")

        done(stand, RETENTION)

        words = last_words(stand)
        left = days(instance_dir, "archive")
        calendar.at += dt.timedelta(days=1)
        done(stand, RETENTION)
        stand.work.shut_down("the test ends")

    assert kept == {"2026-11-20": ["a"], "2026-11-21": ["b"], "2026-11-22": ["c"]}
    assert left == {"2026-11-21": ["b"], "2026-11-22": ["c"]}
    assert (words["event"], words["removed"]) == ("retention done", 1)
    assert days(instance_dir, "archive") == {"2026-11-22": ["c"]}
    assert {folder: days(instance_dir, folder) for folder in before} == before
    assert sorted((instance_dir / "seeds" / "2026").rglob("*.txt")) == corpus
    assert sound(instance_dir)


def test_without_days_to_keep_no_original_goes(instance_dir: Path, calendar: Calendar) -> None:
    """Not in a hundred years."""
    before = days(instance_dir, "archive")
    with serving(instance_dir) as stand:
        calendar.at += dt.timedelta(days=36_500)

        assert done(stand, RETENTION) == []

    assert days(instance_dir, "archive") == before


def test_each_night_reads_the_log_from_where_it_was_last_found_whole(instance_dir: Path, calendar: Calendar) -> None:
    """All of it once, then what came since; also after weeks in which nothing was written."""
    with serving(instance_dir) as stand:
        done(stand, SELF_CHECK)
        first = last_verification(instance_dir)
        calendar.at += dt.timedelta(days=1)
        done(stand, SELF_CHECK)
        second = last_verification(instance_dir)
        calendar.at += dt.timedelta(days=40)
        done(stand, SELF_CHECK)
        third = last_verification(instance_dir)

    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.events, first.damage, first.whole_at) == (len(events(instance_dir)), 0, TODAY)
    assert 0 < second.events < first.events
    assert (third.damage, third.whole_at) == (0, calendar.at)


def test_a_line_that_somebody_changed_is_found_in_the_night(instance_dir: Path, calendar: Calendar) -> None:
    """It is told in the log, as a failure, and in the metrics; the time when all was well stays what it was."""
    with serving(instance_dir) as stand:
        done(stand, SELF_CHECK)
        path = instance_dir / "audit" / "2026" / "11" / "22.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"admit"', b'"ADMIT"', 1))
        calendar.at += dt.timedelta(hours=1)

        told = [event["event"].get("code") for event in done(stand, SELF_CHECK)]

        words = last_words(stand)
    found = last_verification(instance_dir)

    assert "SYS942" in told
    assert words["log_faults"] == 1
    assert found is not None
    assert (found.damage, found.whole_at) == (1, TODAY)
