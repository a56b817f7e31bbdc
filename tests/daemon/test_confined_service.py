"""The service confines its workers, tells how far, and does not do with less than it must."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.stand import Stand, standing
from tests.daemon.test_renderer import decided
from tests.e2e.instance import TEXTS

from winnowd.daemon.confinement import Confined, landlock
from winnowd.daemon.renderer import RendererProcess
from winnowd.daemon.supervisor import confinement_for
from winnowd.settings import SettingsError, load

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service with a worker, and what renders beside it."""
    with standing(tmp_path / "home", processes=1) as made:
        yield made


def told(stand: Stand) -> list[dict[str, Any]]:
    """What the service's log says of confinement."""
    return [line for line in stand.logged() if "confined" in line["event"]]


def health(stand: Stand) -> dict[str, Any]:
    """What health.json says, written anew."""
    stand.loop._tell_health()
    found: dict[str, Any] = json.loads((stand.folder.instance_dir / "state" / "health.json").read_bytes())
    return found


def limits(pid: int) -> dict[str, str]:
    """Hard limits of a process, by name."""
    rows = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()[1:]
    return {row[:26].strip(): row[47:68].strip() for row in rows}


def test_worker_and_renderer_are_confined_and_it_is_told_once(stand: Stand) -> None:
    """In health.json as the worker said it, in the log by one line, however often signs are given."""
    outcomes = decided(stand, {"a.txt": TEXTS["A"]})
    confined = Confined.of([health(stand), health(stand)][1]["workers"]["confined"])
    renderer = stand.work.instance.renderer
    assert isinstance(renderer, RendererProcess)
    renderer.warm()
    assert renderer._child is not None
    while not renderer._child.ready:
        renderer._exchange(1.0)

    assert outcomes == {"a.txt": "admitted"}
    assert confined.landlock == landlock.version()
    (line,) = told(stand)
    assert line["by"] == str(confined)
    assert {
        name: limits(renderer._child.process.pid)[name]
        for name in ("Max file size", "Max open files", "Max core file size")
    } == {
        "Max file size": "0",
        "Max open files": "64",
        "Max core file size": "0",
    }


def test_workers_go_on_in_a_folder_that_was_made_anew(stand: Stand) -> None:
    """The kernel lets one read below the folder that was there when it began: others are begun for another."""
    decided(stand, {"a.txt": TEXTS["A"]})
    work = stand.folder.instance_dir / "state" / "work"
    before = work.stat().st_ino
    work.rename(work.with_name("old"))
    work.mkdir()

    assert work.stat().st_ino != before
    assert decided(stand, {"b.txt": TEXTS["C"]}) == {"a.txt": "admitted", "b.txt": "admitted"}


def test_a_reload_that_asks_for_what_cannot_be_had_is_refused(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was offered is told with what to do; a start under it ends as one under a faulty configuration."""
    monkeypatch.setattr(landlock, "version", lambda: 0)
    stand.configure('workers.confine = "require"\n')

    stand.reload()

    (line,) = [line for line in stand.logged() if line["event"] == "reload refused"]
    assert line["faults"].startswith('workers.confine: is "require", but the kernel has no Landlock')
    with (
        pytest.raises(SettingsError, match="no Landlock"),
        standing(stand.folder.instance_dir.with_name("other"), 'workers.confine = "require"\n', processes=1),
    ):
        pass


def test_reading_in_the_service_itself_is_not_confined() -> None:
    """So that no workers are as little as confined ones that cannot be."""
    settings = load(None, environ={}, overrides=["workers.confine=require", "workers.count=0"], system=None).settings

    with pytest.raises(SettingsError, match="read in the service itself"):
        confinement_for(settings, "/")


def test_workers_that_are_not_confined_are_told_as_that(tmp_path: Path) -> None:
    """One who looks for a fault in a reader wants its errors on stderr."""
    with standing(tmp_path / "home", 'workers.confine = "off"\n', processes=1) as stand:
        decided(stand, {"a.txt": TEXTS["A"]})

        assert health(stand)["workers"]["confined"]["limits"] is False
        (line,) = told(stand)
        assert (line["level"], line["because"]) == ("warning", 'workers.confine is "off"')
