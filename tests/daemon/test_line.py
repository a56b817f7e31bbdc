"""What waits in the line is told: in health.json for programs, by ``winnowd status`` for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.stand import Stand, standing
from tests.e2e.instance import TEXTS

from winnowd.cli import context, main
from winnowd.model import Slice, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from winnowd.model import Arrival, Portion
    from winnowd.pipeline.ports import Preparation

NOTHING = json.dumps({"text": "a"}) + "\n"
HOSTILE = "\x1b[31m\n  corpus      9 articles"


class Overfilled:
    """Prepares as another does, but for files called vast: these need more memory than there is."""

    def __init__(self, inner: Preparation) -> None:
        self._inner = inner

    def keep_busy(self) -> None:
        """Nothing goes on beside."""

    def prepare(
        self, arrivals: Sequence[Arrival], portion: Portion, *, alone: bool = False
    ) -> Iterator[Slice | Stopped | None]:
        """Each in its turn."""
        for arrival in arrivals:
            if b"vast" in arrival.path:
                yield Stopped("SYS904", "it took more than it may")
            else:
                yield from self._inner.prepare([arrival], portion, alone=alone)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service whose turns are of a hundred records."""
    with standing(tmp_path / "home", batch__records=100, batch__limit=1) as made:
        made.work.instance.route.preparation = Overfilled(made.work.instance.route.preparation)
        yield made


def told(stand: Stand, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a person is told now."""
    stand.loop._tell_health("idle")
    capsys.readouterr()
    assert main(["--home", str(stand.folder.instance_dir), "status", *arguments]) == 0
    return capsys.readouterr().out


def line(stand: Stand, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What programs are told now."""
    found: dict[str, Any] = json.loads(told(stand, capsys, "--json").splitlines()[0])["line"]
    return found


def test_an_empty_line_is_told_of_in_no_words(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """But for programs, in zeros."""
    nothing = {"count": 0, "first": []}
    assert line(stand, capsys) == {"files": 0, "long": nothing, "suspected": nothing, "late": nothing}
    assert not {"in line", " long", " suspected", " late"} & {
        row[:12].rstrip() for row in told(stand, capsys).split("\n")
    }


def test_files_that_wait_and_those_under_way_are_told(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """How many wait; of a file of many records how far it is, and that its rest is only counted."""
    stand.folder.drop({f"{feed}/{HOSTILE}.jsonl": NOTHING * 900 for feed in "ab"} | {"c/1.txt": "x", "c/2.txt": "y"})

    stand.work.line_up(stand.work.instance.inbox.sweep(0.0))
    waiting = line(stand, capsys)
    stand.work.step()
    begun = line(stand, capsys)
    while stand.work.busy and [one.records_done for one in stand.work.in_line().long] != [500, 500]:
        stand.work.step()
    later, said = line(stand, capsys), told(stand, capsys)

    shown = "<U+001B>[31m<U+000A>  corpus      9 articles.jsonl"
    assert waiting["files"] == 4
    assert begun["files"] == 3
    assert begun["long"] == {"count": 1, "first": [{"path": f"a/{shown}", "feed": "a", "records": 100}]}
    assert later["files"] == 0
    assert [(one["feed"], one["records"], one["counting"]) for one in later["long"]["first"]] == [
        ("a", 500, True), ("b", 500, True),
    ]  # fmt: skip
    assert f"\n long       a/{shown}: 500 records so far; nothing to judge in it, its rest is only counted\n" in said
    assert len([row for row in said.splitlines() if row.startswith("corpus ")]) == 1


def test_a_file_in_hand_is_among_those_under_way(stand: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    """Health is told between two records, too."""
    seen: list[dict[str, Any]] = []
    stand.folder.drop({"many.jsonl": "".join(json.dumps({"text": f"{TEXTS['C']} {at}"}) + "\n" for at in range(150))})
    stand.work.line_up(stand.work.instance.inbox.sweep(0.0))
    stand.work.step()
    while stand.work._in_hand is not None:  # a slow machine commits before the slice is at its end
        stand.work.step()
    stand.work.instance.route.observer.alive = lambda: seen.append(line(stand, capsys)) if not seen else None

    while stand.work.step():
        pass

    assert seen[0]["long"]["first"] == [{"path": "many.jsonl", "feed": "", "records": 100}]
    assert not stand.work.busy


def test_suspects_and_late_feeds_are_named_five_of_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And how many more there are; once they are held, nobody is late any more."""
    with standing(tmp_path / "home") as stand:
        stand.work.instance.route.preparation = Overfilled(stand.work.instance.route.preparation)
        stand.folder.drop({f"{feed}/vast\u202e.txt": "x" for feed in "abcdefg"})
        stand.work.line_up(stand.work.instance.inbox.sweep(0.0))
        stand.work.step()

        now, said = line(stand, capsys), told(stand, capsys)
        stand.work.consume([])
        after = stand.work.in_line()

    assert now["suspected"]["count"] == now["late"]["count"] == 7
    assert now["suspected"]["first"] == [f"{feed}/vast<U+202E>.txt" for feed in "abcde"]
    assert now["late"]["first"] == list("abcde")
    assert "\n suspected  a/vast<U+202E>.txt: crashed or blocked its worker; it will be retried alone" in said
    assert (
        "\n late       e: a file took too long, so its files are taken one at a time\n late       and 2 more\n" in said
    )
    assert (after.suspected, after.late) == ((), ())


def test_nothing_is_told_of_the_line_of_a_service_that_has_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote last is not true any more."""
    monkeypatch.setattr(context, "SYSTEM_HOME", tmp_path / "nowhere")
    with standing(tmp_path / "home") as made:
        made.folder.drop({"a.txt": TEXTS["A"]})
        made.work.line_up(made.work.instance.inbox.sweep(0.0))
        assert "\nin line     1 file waits for its turn\n" in told(made, capsys)

    assert main(["--home", str(tmp_path / "home"), "status"]) == 0
    assert "in line" not in capsys.readouterr().out
