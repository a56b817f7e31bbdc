"""A diagnosis: each thing that an instance needs, well or not, and what mends it."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.test_check import snapshot
from tests.e2e.instance import TEXTS, Instance

from winnowd.daemon.child import confined_by
from winnowd.daemon.confinement import Confined, Confinement
from winnowd.operations.advice import Advice
from winnowd.operations.doctor import World, diagnose
from winnowd.operations.lay_out import lay_out
from winnowd.requirements import locked
from winnowd.settings import load
from winnowd.storage.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units
Max open files            {most}                 1048576              files
"""
MOUNTS = "22 1 0:20 / / rw - ext4 /dev/root rw\n23 22 0:21 / {point} rw shared:1 - {kind} server:/x rw\n"

WELL = Confined(7, seccomp=True, limits=True)
PARTLY = Confined(0, seccomp=True, limits=True, lacks=("no Landlock",))


def elsewhere(source: Path, goal: Path) -> None:
    """A rename into another mount."""
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source), None, str(goal))


@pytest.fixture
def instance_dir(tmp_path: Path) -> Path:
    """An instance that has decided one article."""
    lay_out(tmp_path / "home")
    made = Instance(tmp_path / "home")
    made.drop({"a.txt": TEXTS["A"]})
    made.pass_over()
    return made.instance_dir


def world(tmp_path: Path, **changed: Any) -> World:
    """A machine on which all is well, but for what is changed."""
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True, exist_ok=True)
    (proc / "sys/fs/inotify").mkdir(parents=True, exist_ok=True)
    (proc / "self" / "limits").write_text(LIMITS.format(most=4_096))
    (proc / "self" / "mountinfo").write_text(MOUNTS.format(point="/mnt", kind="nfs4"))
    (proc / "sys/fs/inotify/max_user_watches").write_text("65536\n")
    made = World(
        proc=proc,
        systemd=tmp_path / "none",
        units=(),
        synchronised=lambda: True,
        sqlite="3.51.3",
        installed=locked().get,
        confined=lambda _: WELL,
    )
    return dataclasses.replace(made, **changed)


def told(instance_dir: Path, machine: World, **settings: object) -> dict[str, Advice]:
    """What is told, by its name."""
    overrides = [f"{name.replace('__', '.')}={value}" for name, value in settings.items()]
    loaded = load(instance_dir, environ={}, overrides=overrides, system=None)
    return {advice.what: advice for advice in diagnose(instance_dir, loaded.settings, machine)}


def test_an_instance_that_is_well_is_told_so(instance_dir: Path, tmp_path: Path) -> None:
    """Everything is looked at; nothing is left behind, nothing changed."""
    before = snapshot(instance_dir)

    found = told(instance_dir, world(tmp_path))

    assert {advice.state for advice in found.values()} == {"ok"}
    assert list(found) == [
        "folders", "rights", "mount", "inbox", "inotify", "disk", "clock", "open files", "workers", "lock", "ledger",
        "anchors", "sqlite", "packages", "languages", "unit",
    ]  # fmt: skip
    assert snapshot(instance_dir) == before
    assert found["languages"].said == "en: all is asked"


def test_a_language_without_a_list_of_phrases_is_worth_knowing(instance_dir: Path, tmp_path: Path) -> None:
    """Its articles are judged, yet what stands around them stays."""
    found = told(instance_dir, world(tmp_path), gates__language__accepted='["sv"]')["languages"]

    assert found.state == "note"
    assert found.said.startswith("sv: not asked: lines around articles (CLN313 to CLN330, QUA450 to QUA455), ")


def few_watches(_: Path, tmp: Path) -> World:
    """The kernel has three for everybody."""
    made = world(tmp)
    (made.proc / "sys/fs/inotify/max_user_watches").write_text("3\n")
    return made


def network_folder(instance_dir: Path, tmp: Path) -> World:
    """The inbox is mounted from a server."""
    made = world(tmp)
    (made.proc / "self/mountinfo").write_text(MOUNTS.format(point=instance_dir / "inbox", kind="nfs4"))
    return made


def few_open_files(_: Path, tmp: Path) -> World:
    """Sixty-four."""
    made = world(tmp)
    (made.proc / "self/limits").write_text(LIMITS.format(most=64))
    return made


def no_ledger(instance_dir: Path, tmp: Path) -> World:
    """It was deleted."""
    for path in instance_dir.glob("state/winnowd.db*"):
        path.unlink()
    return world(tmp)


def damaged_ledger(instance_dir: Path, tmp: Path) -> World:
    """It was overwritten."""
    (instance_dir / "state/winnowd.db").write_bytes(b"no ledger" * 99)
    return world(tmp)


def missing_folder(instance_dir: Path, tmp: Path) -> World:
    """Somebody tidied up."""
    (instance_dir / "quarantine").rmdir()
    return world(tmp)


def other_owner(instance_dir: Path, tmp: Path) -> World:
    """A folder was made by another user."""
    os.chown(instance_dir / "seeds", 12_345, -1)
    return world(tmp)


SICK: dict[str, tuple[Callable[[Path, Path], World], str, str]] = {
    "few watches": (few_watches, "inotify", "max_user_watches"),
    "a network folder": (network_folder, "inbox", "inbox.poll = true"),
    "few open files": (few_open_files, "open files", "LimitNOFILE"),
    "a clock behind": (lambda _, tmp: world(tmp, now=lambda: 1_000_000_000.0), "clock", "set the clock"),
    "an old sqlite": (lambda _, tmp: world(tmp, sqlite="3.31.1"), "sqlite", "newer"),
    "no ledger": (no_ledger, "ledger", "winnowd ledger rebuild"),
    "a damaged ledger": (damaged_ledger, "ledger", "winnowd ledger rebuild"),
    "a folder missing": (missing_folder, "folders", "winnowd init"),
    "another owner": (other_owner, "rights", "chown -R"),
}


@pytest.mark.parametrize("name", SICK)
def test_what_is_bad_is_told_with_what_mends_it(instance_dir: Path, tmp_path: Path, name: str) -> None:
    """And nothing else is called bad for it."""
    if name == "another owner" and os.geteuid():
        pytest.skip("only root can give a folder away")
    sicken, what, cure = SICK[name]
    machine = sicken(instance_dir, tmp_path)

    found = told(instance_dir, machine)

    assert {advice.what for advice in found.values() if advice.state == "bad"} == {what}
    assert cure in found[what].do


def test_a_full_disk_is_bad(instance_dir: Path, tmp_path: Path) -> None:
    """Measured against the settings' own floor."""
    found = told(instance_dir, world(tmp_path), disk__floor_bytes=1 << 60)

    assert found["disk"].state == "bad"
    assert "disk.floor_bytes" in found["disk"].do


def test_a_polled_network_folder_is_well(instance_dir: Path, tmp_path: Path) -> None:
    """The setting that it asks for is the cure."""
    made = network_folder(instance_dir, tmp_path)

    assert told(instance_dir, made, inbox__poll="true")["inbox"] == Advice("ok", "inbox", "it lies on nfs4, polled")


def test_what_is_only_worth_knowing_is_a_note(instance_dir: Path, tmp_path: Path) -> None:
    """A clock that nobody keeps, systemd without the unit, files that wait: no reason to fail."""
    (instance_dir / "state" / "work" / "0123456789abcdef").write_text("Taken.")
    (instance_dir / "state" / "work").chmod(0o755)
    (tmp_path / "systemd").mkdir()

    found = told(instance_dir, world(tmp_path, synchronised=lambda: False, systemd=tmp_path / "systemd"))

    assert {name for name, advice in found.items() if advice.state == "note"} == {"rights", "clock", "lock", "unit"}
    assert all(advice.do for advice in found.values() if advice.state == "note")


def test_packages_that_were_not_tested_are_told_with_the_version_that_was(instance_dir: Path, tmp_path: Path) -> None:
    """One newer, one missing: only what is installed otherwise is a difference, and no reason to fail."""
    have = {**locked(), "ftfy": "6.0.1"}
    del have["tqdm"]

    packages = told(instance_dir, world(tmp_path, installed=have.get))["packages"]

    assert (packages.state, packages.said) == ("note", f"ftfy 6.0.1 (locked {locked()['ftfy']})")
    assert "requirements.lock" in packages.do


def test_files_that_must_be_copied_between_mounts_are_only_noted(instance_dir: Path, tmp_path: Path) -> None:
    """It works, at some cost: a container's inbox is often a mount of its own."""
    found = told(instance_dir, world(tmp_path, rename=elsewhere))

    assert (found["mount"].state, "one mount" in found["mount"].do) == ("note", True)


@pytest.mark.parametrize(
    ("setting", "confined", "state", "said"),
    [
        ("auto", WELL, "ok", "confined by Landlock ABI 7, seccomp, limits, one begun here says"),
        ("auto", PARTLY, "note", "confined by seccomp, limits alone, one begun here says; no Landlock"),
        ("off", WELL, "note", "not confined: they may do what the service may"),
    ],
)
def test_how_far_workers_are_confined_is_told(
    instance_dir: Path, tmp_path: Path, setting: str, confined: Confined, state: str, said: str
) -> None:
    """Where nobody serves, by one that is begun for it."""
    machine = world(tmp_path, confined=lambda _: confined)

    workers = told(instance_dir, machine, workers__confine=setting)["workers"]

    assert (workers.state, workers.said, bool(workers.do)) == (state, said, state != "ok")


def test_where_somebody_serves_it_is_told_as_one_of_the_workers_said(instance_dir: Path, tmp_path: Path) -> None:
    """Read from health.json, into which the service puts it: the sandbox around it is not around who asks."""
    health = instance_dir / "state" / "health.json"
    lock = Lock(instance_dir / "state" / "lock")
    lock.acquire()
    found = []
    for content in ({}, {"workers": {"confined": PARTLY.fields()}}, {"workers": {"confined": WELL.fields()}}):
        health.write_text(json.dumps(content))
        found.append(told(instance_dir, world(tmp_path))["workers"])
    lock.release()

    assert [one.state for one in found] == ["note", "note", "ok"]
    assert found[2].said == "confined by Landlock ABI 7, seccomp, limits, one of the running service says"


def test_one_that_is_begun_to_be_asked_says_what_it_gave_up() -> None:
    """Whatever this machine has: with the limits at least."""
    assert confined_by(Confinement("auto")).limits
    assert confined_by(Confinement("off")) == Confined()
