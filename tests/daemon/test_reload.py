"""SIGHUP: the configuration is read anew, all of it or nothing, between two batches (P10)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.stand import Stand, configured, standing
from tests.e2e.instance import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHORT = " ".join(TEXTS["A"].split()[:60])
LOW = "[gates.length]\nwords.min.doubt = 10\nwords.min.fail = 5\n"
BAD = "[gates.length]\nwords.min.fail = -5\n[inbox]\nsetle = 1\n"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that has started."""
    with standing(tmp_path / "home") as made:
        yield made


def changes(stand: Stand) -> list[dict[str, Any]]:
    """The events of changed configurations."""
    return [event for event in stand.folder.events() if event["event"]["action"] == "config-change"]


def test_new_limits_hold_from_the_next_batch_on(stand: Stand) -> None:
    """What was too short before is long enough after; each decision names the configuration it was made under."""
    stand.decided({"before.txt": SHORT})
    stand.configure(LOW)
    stand.reload()

    outcomes = stand.decided({"after.txt": SHORT.upper().lower() + " and so it went on"})

    assert outcomes["before.txt"] == "rejected"
    codes = {event["file"]["name"]: event["winnowd"]["codes"] for event in stand.folder.decisions()}
    assert ("QUA401" in codes["before.txt"], "QUA401" in codes["after.txt"]) == (True, False)
    first, second = (event["winnowd"]["config"]["sha256"] for event in stand.folder.decisions())
    assert first != second == configured(stand.folder).sha256


def test_a_change_is_an_event_with_both_hashes_and_each_setting(stand: Stand) -> None:
    """Old and new value of what changed, the limits in force; the ledger keeps the configuration whole."""
    before = configured(stand.folder)
    stand.configure(LOW)

    stand.reload()

    (event,) = changes(stand)
    after = configured(stand.folder)
    assert event["event"]["outcome"] == "success"
    ours = event["winnowd"]
    assert (ours["config_before"], ours["config"]) == ({"sha256": before.sha256}, {"sha256": after.sha256})
    assert ours["changed"] == {
        "gates.length.words.min.doubt": {"old": 100.0, "new": 10.0},
        "gates.length.words.min.fail": {"old": 80.0, "new": 5.0},
    }
    assert ours["limits"]["QUA401"]["fail"] == 5
    rows = stand.work.instance.ledger._connection.execute("SELECT sha256, settings FROM config").fetchall()
    assert json.loads({row["sha256"]: row["settings"] for row in rows}[after.sha256]) == json.loads(after.canonical())


def test_a_configuration_with_faults_changes_nothing_and_all_faults_are_named(stand: Stand) -> None:
    """SYS931: event with outcome failure, one line of the log, the status; and the old limits hold."""
    stand.configure(BAD + "[index]\ninline_max = 0\n")

    stand.reload()
    outcomes = stand.decided({"short.txt": SHORT})

    (event,) = changes(stand)
    assert (event["event"]["outcome"], event["event"]["code"]) == ("failure", "SYS931")
    (line,) = [line for line in stand.logged() if line["event"] == "reload refused"]
    for told in (event["error"]["message"], line["faults"]):
        assert "gates.length.words.min.fail is -5" in told
        assert "inbox.setle is unknown" in told
    assert outcomes["short.txt"] == "rejected"
    assert stand.work.instance.loaded.settings.index.inline_max == 300
    assert "SYS931" in str([said["STATUS"] for said in stand.notify.said if "STATUS" in said][-1])


def test_the_service_manager_is_told_of_the_beginning_and_the_end(stand: Stand) -> None:
    """RELOADING with the monotonic time, then READY, taken or refused; a mended configuration clears the status."""
    stand.configure(BAD)
    stand.reload()
    stand.configure(LOW)

    stand.reload()

    told = [said for said in stand.notify.said if said.keys() & {"RELOADING", "READY"}]
    assert [sorted(said) for said in told] == [["MONOTONIC_USEC", "RELOADING"], ["READY", "STATUS"]] * 2
    assert told[-1]["STATUS"] == "waiting for files"


def test_a_file_that_says_the_same_is_no_change(stand: Stand) -> None:
    """No event: its hash, and so every decision, is the same."""
    stand.configure("# a remark\n[gates.length]\nwords.min.fail = 80\n")

    stand.reload()

    assert changes(stand) == []
    assert stand.logged()[-1]["event"] == "configuration unchanged"


def test_limits_of_originality_change_and_its_index_goes_on(tmp_path: Path) -> None:
    """The gate is the same object and knows what was admitted before; only its grades differ."""
    off = "".join(
        f'{name}.doubt = "off"\n{name}.fail = "off"\n'
        for name in ("resemblance", "excerpt", "wrapped", "rewrite", "reordered")
    )
    with standing(tmp_path / "home") as stand:
        gate = stand.work.instance.originality
        stand.decided({"a.txt": TEXTS["A"]})
        assert stand.decided({"b.txt": TEXTS["B"]})["b.txt"] == "rejected"
        stand.configure(f"[gates.originality]\n{off}")
        stand.reload()

        outcomes = stand.decided(
            {"b-again.txt": TEXTS["B"] + "\n\nOne more sentence stands here.", "a-again.txt": TEXTS["A"]}
        )

        assert stand.work.instance.originality is gate
        assert (outcomes["b-again.txt"], outcomes["a-again.txt"]) == ("admitted", "rejected")


def test_originality_switched_on_knows_what_was_admitted_without_it(tmp_path: Path) -> None:
    """Its index is built from the ledger, where the fingerprints of all articles are, asked or not."""
    with standing(tmp_path / "home", "[gates.originality]\nenabled = false\n") as stand:
        assert stand.decided({"a.txt": TEXTS["A"]})["a.txt"] == "admitted"
        stand.configure("")
        stand.reload()

        outcomes = stand.decided({"b.txt": TEXTS["B"]})

        assert outcomes["b.txt"] == "rejected"


def test_a_disk_that_fails_meanwhile_leaves_the_old_one_in_force_and_it_is_tried_again(stand: Stand) -> None:
    """The event could not be committed: nothing has changed, the service pauses; when the disk is well, all has."""
    before = stand.work.instance.loaded.sha256
    stand.configure(LOW)
    stand.broken.append("commit")
    stand.reload()
    during = stand.work.instance.loaded.sha256, stand.work.instance.route.chain.context.config
    stand.broken.clear()
    stand.now += 60.0

    stand.loop.turn()

    assert during == (before, before)
    assert stand.work.instance.loaded.sha256 == configured(stand.folder).sha256 != before
    assert len(changes(stand)) == 1


def test_a_pause_is_over_when_its_cause_is_taken_out_of_the_configuration(stand: Stand) -> None:
    """A floor that no disk has pauses the service; a lower one lets it go on at once, not after the pause."""
    stand.configure(f"[disk]\nfloor_bytes = {10**18}\n")
    stand.reload()
    stand.decided({"a.txt": TEXTS["A"]})
    assert str([said["STATUS"] for said in stand.notify.said if "STATUS" in said][-1]).startswith("paused: ")
    stand.configure("[disk]\nfloor_bytes = 0\nfloor_inodes = 0\n")

    stand.reload()

    assert stand.folder.outcomes() == {"a.txt": "admitted"}
    assert stand.loop._status() == "waiting for files"


def test_polling_stops_the_listening_to_the_inbox(stand: Stand) -> None:
    """What is listened to follows the settings."""
    stand.configure("[inbox]\npoll = true\n")

    stand.reload()

    assert [folder.name for folder in stand.loop.doorbell.folders] == ["orders"]
    assert stand.loop.doorbell.is_watching()


def test_a_reload_does_not_start_the_settling_of_files_anew(tmp_path: Path) -> None:
    """What the inbox has seen goes on: a file is taken ten seconds after it was first seen, reload or not."""
    with standing(tmp_path / "home", inbox__settle=10) as stand:
        stand.decided({"one.txt": TEXTS["A"]})
        stand.now += 6.0
        stand.configure(LOW)
        stand.reload()
        early = stand.folder.outcomes()
        stand.now += 5.0

        stand.loop.turn()

        assert (early, stand.folder.outcomes()) == ({}, {"one.txt": "admitted"})


def test_a_stop_between_two_slices_is_heard_after_a_reload_too(tmp_path: Path) -> None:
    """A file of many records ends with the slice in hand; and each file that was prepared is a sign of life."""
    with standing(tmp_path / "home", batch__records=2) as stand:
        signs: list[int] = []
        stand.work.instance.route.observer.alive = lambda: signs.append(1)
        stand.configure(LOW)
        stand.reload()
        stand.work.on_decided = lambda _: setattr(stand.work, "stopping", True)
        stand.folder.drop({"many.jsonl": "\n".join(json.dumps({"text": f"{TEXTS['A']} {n}"}) for n in range(6))})

        stand.work.consume(stand.work.instance.inbox.sweep(stand.now))

        assert len(stand.folder.decisions()) == 2
        assert signs
