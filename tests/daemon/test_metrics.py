"""What the service tells of itself in ``state/metrics.prom`` is what has happened."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.stand import Stand, standing
from tests.e2e.instance import TEXTS

from winnowd import __version__
from winnowd.catalogue import catalogue
from winnowd.daemon.metrics import Histogram, Metrics, stage_of
from winnowd.storage.verified import leave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LENGTH = "[gates.length]\nwords.min.doubt = 100\nwords.min.fail = 5\n"
SHORT = " ".join(TEXTS["A"].split()[:60])


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that holds what is short."""
    with standing(tmp_path / "home", LENGTH) as made:
        made.loop.doorbell.start()
        yield made


def metrics(stand: Stand) -> dict[str, float]:
    """All samples as they stand after the next sign: name and labels to value."""
    stand.now += 20
    stand.loop.turn()
    text = (stand.folder.instance_dir / "state" / "metrics.prom").read_text(encoding="utf-8")
    samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


def health(stand: Stand) -> dict[str, Any]:
    """What probes read."""
    read: dict[str, Any] = json.loads((stand.folder.instance_dir / "state" / "health.json").read_bytes())
    return read


def test_decisions_are_counted_by_outcome_and_first_code(stand: Stand) -> None:
    """Three records in one batch: an article, its copy, a short one; and how long each part took."""
    stand.decided({"a.txt": TEXTS["A"], "b.txt": TEXTS["A"], "c.txt": SHORT})

    found = metrics(stand)

    assert {name: value for name, value in found.items() if name.startswith("winnowd_articles_total")} == {
        'winnowd_articles_total{outcome="admitted",code=""}': 1,
        'winnowd_articles_total{outcome="quarantined",code="QUA401"}': 1,
        'winnowd_articles_total{outcome="rejected",code="DUP601"}': 1,
    }
    assert found["winnowd_article_duration_seconds_count"] == 3
    assert found['winnowd_stage_duration_seconds_count{stage="gates"}'] == 3
    assert (found["winnowd_batch_articles_sum"], found["winnowd_batch_articles_count"]) == (3, 1)
    assert found["winnowd_commit_seconds_count"] == 1
    assert found["winnowd_article_duration_seconds_sum"] > 0
    stages = [found[f'winnowd_stage_duration_seconds_sum{{stage="{stage}"}}'] for stage in ("read", "clean", "gates")]
    assert sum(stages) < found["winnowd_article_duration_seconds_sum"]


def test_what_waits_and_what_is_kept_are_gauges(stand: Stand) -> None:
    """They agree with ledger, log and disk."""
    stand.decided({"a.txt": TEXTS["A"], "c.txt": SHORT})

    found = metrics(stand)

    assert found["winnowd_quarantine_articles"] == found["winnowd_corpus_articles"] == 1
    (seed,) = stand.folder.instance_dir.glob("seeds/[0-9]*/*/*.txt")
    assert found["winnowd_corpus_bytes"] == seed.stat().st_size
    assert found["winnowd_audit_sequence"] == stand.folder.events()[-1]["event"]["sequence"]
    assert found["winnowd_inbox_files"] == found["winnowd_inbox_oldest_seconds"] == found["winnowd_orders_pending"] == 0
    assert found['winnowd_disk_free_bytes{folder="seeds"}'] > 0
    assert any(name.startswith(f'winnowd_build_info{{version="{__version__}",') for name in found)
    assert "winnowd_audit_verified_timestamp_seconds" not in found


def test_a_file_that_cannot_be_taken_grows_old(stand: Stand) -> None:
    """During a pause nothing is taken: what waits for the service is told, and for how long."""
    stand.broken.append("commit")
    stand.decided({"a.txt": TEXTS["A"]})

    first, second = metrics(stand), metrics(stand)

    assert first["winnowd_inbox_files"] == 1
    assert second["winnowd_inbox_oldest_seconds"] == first["winnowd_inbox_oldest_seconds"] + 20
    stand.broken.clear()
    stand.now += 60
    assert metrics(stand)["winnowd_inbox_oldest_seconds"] == 0


def test_a_file_that_is_still_written_makes_its_sender_late_and_not_us(stand: Stand) -> None:
    """It waits, and is counted, but the service has nothing to hurry with."""
    path = stand.folder.instance_dir / "inbox" / "a.txt.partial"
    path.write_text(TEXTS["A"], encoding="utf-8")

    metrics(stand)
    found = metrics(stand)

    assert (found["winnowd_inbox_files"], found["winnowd_inbox_oldest_seconds"]) == (1, 0)


def test_failures_are_there_from_the_beginning_and_counted_once(stand: Stand) -> None:
    """A counter that begins at one never rises; a pause is one failure however often it is tried."""
    before = metrics(stand)
    failure = 'winnowd_failures_total{stage="machine",code="SYS911"}'

    stand.broken.append("append")
    stand.decided({"a.txt": TEXTS["A"]})
    metrics(stand)
    stand.broken.clear()
    stand.now += 60
    stand.loop.turn()

    codes = set(re.findall(r'code="(SYS\d+)"', " ".join(before)))
    assert codes == {code for code in catalogue() if code.startswith("SYS")}
    assert (before[failure], metrics(stand)[failure]) == (0, 1)
    assert {stage_of(code) for code in codes} == {
        "files", "machine", "watching", "configuration", "orders", "ledger",
    }  # fmt: skip


def test_orders_change_what_waits(stand: Stand) -> None:
    """A released article leaves the quarantine, one that is restored comes back, and is the oldest again."""
    stand.decided({"c.txt": SHORT})
    stand.decided({"d.txt": " ".join(TEXTS["B"].split()[:60])})
    metrics(stand)
    first = health(stand)["quarantine"]["since"]
    events = {event["file"]["name"]: event for event in stand.folder.decisions()}

    counts = []
    for action, name in (("release", "c.txt"), ("restore", "c.txt"), ("release", "d.txt"), ("release", "c.txt")):
        ordered(stand, action, events[name]["winnowd"]["article"]["id"])
        counts.append((metrics(stand)["winnowd_quarantine_articles"], health(stand)["quarantine"].get("since")))

    second = counts[0][1]
    assert counts == [(1, second), (2, first), (1, first), (0, None)]
    assert first <= second
    assert stand.work.instance.ledger.decisions.quarantined() == 0


def ordered(stand: Stand, action: Any, target: str) -> None:
    """Give an order, and take the turn that carries it out."""
    from winnowd.operations.orders import give_order

    give_order(stand.folder.instance_dir, action, [target], reason="wanted")
    stand.loop.turn()


def test_health_tells_the_same_with_versions(stand: Stand) -> None:
    """The fields of before stay; what waits for people, orders, disk and versions came to them."""
    stand.decided({"c.txt": SHORT})
    metrics(stand)

    told = health(stand)

    assert {"at", "state", "last_batch", "pid", "inbox", "line", "unreadable"} <= told.keys()
    assert told["quarantine"]["articles"] == 1
    assert told["pending"] == {"files": 0, "oldest_seconds": 0, "orders": 0, "index": 0}
    assert told["versions"]["winnowd"] == __version__
    assert set(told["disk"]) == {"inbox", "seeds", "quarantine", "rejected", "archive", "audit", "state"}
    assert told["config"] == stand.work.instance.loaded.sha256


def test_a_verification_is_told_with_the_last_that_found_all_well(stand: Stand) -> None:
    """One that finds damage does not count as verified; that it found some is in health.json."""
    whole = stand.work.instance.clock.now().replace(microsecond=0)
    leave(stand.folder.instance_dir, at=whole, events=3, damage=0)
    leave(stand.folder.instance_dir, at=stand.work.instance.clock.now(), events=3, damage=2)

    assert metrics(stand)["winnowd_audit_verified_timestamp_seconds"] == whole.timestamp()
    assert health(stand)["verified"]["damage"] == 2


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"at": 1}', '{"at": "then", "events": 1, "damage": 0}'])
def test_a_result_of_a_verification_that_is_none_holds_up_nothing(stand: Stand, damaged: str) -> None:
    """Whatever lies in its place."""
    (stand.folder.instance_dir / "state" / "verified.json").write_text(damaged, encoding="utf-8")

    found = metrics(stand)

    assert "winnowd_heartbeat_timestamp_seconds" in found
    assert "winnowd_audit_verified_timestamp_seconds" not in found


def test_a_ledger_that_cannot_be_asked_leaves_the_heartbeat(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters and signs of life go on; what could not be measured is absent, and never an old value."""

    def fail(_: object) -> tuple[int, int]:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(stand.work.instance.ledger.pages), "sums", fail)

    found = metrics(stand)

    assert "winnowd_corpus_articles" not in found
    assert found["winnowd_heartbeat_timestamp_seconds"] > 0
    assert "corpus" not in health(stand)


def test_node_exporters_folder_gets_them_too(tmp_path: Path) -> None:
    """Under a name that it reads, for all to read; a folder that is not there is told once, and stops nothing."""
    folder = tmp_path / "textfiles"
    with standing(tmp_path / "home", f'metrics.textfile = "{folder}"\n') as stand:
        stand.loop.doorbell.start()
        metrics(stand)
        metrics(stand)
        folder.mkdir()
        found = metrics(stand)

        warned = [line for line in stand.logged() if line["event"] == "metrics cannot be written"]

    assert [line["because"] for line in warned] == ["No such file or directory"]
    assert [path.name for path in folder.iterdir()] == ["winnowd.prom"]
    assert (folder / "winnowd.prom").stat().st_mode & 0o777 == 0o644
    assert f"winnowd_audit_sequence {found['winnowd_audit_sequence']:.0f}\n" in (folder / "winnowd.prom").read_text()


def test_a_link_in_node_exporters_folder_is_not_followed(tmp_path: Path) -> None:
    """Others may write there: what they lay in the way is replaced, and what it points to stays."""
    folder, treasure = tmp_path / "textfiles", tmp_path / "treasure"
    folder.mkdir()
    treasure.write_text("gold", encoding="utf-8")
    for name in ("winnowd.prom", ".tmp-winnowd.prom"):
        (folder / name).symlink_to(treasure)
    with standing(tmp_path / "home", f'metrics.textfile = "{folder}"\n') as stand:
        metrics(stand)

    assert treasure.read_text(encoding="utf-8") == "gold"
    assert not (folder / "winnowd.prom").is_symlink()


def test_an_observation_lies_in_the_first_bucket_that_reaches_it() -> None:
    """A bound belongs to its bucket; beyond the last is the one without a bound."""
    histogram = Histogram((10, 100), 10)

    for value in (1, 10, 11, 100, 101):
        histogram.observe(value)

    buckets = [(sample.labels.get("le"), sample.value) for sample in histogram.samples()]
    assert buckets == [("1", 2), ("10", 4), ("+Inf", 5), (None, 22.3), (None, 5)]


def test_counters_begin_at_zero_with_the_process() -> None:
    """Prometheus knows a restart by that."""
    families = {family.name: family for family in Metrics(["SYS901"]).families(0)}

    assert [sample.value for sample in families["winnowd_failures_total"].samples] == [0]
    assert [sample.value for sample in families["winnowd_articles_total"].samples] == [0]
