"""Whatever a sender drops, the service goes on: one decision a file, and none is opened that must not be (P8)."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.hostile import SECRET, Deposit, deposit_all
from tests.e2e.instance import Instance

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Instance, list[Deposit]]:
    """An instance after it took two hundred hostile files, all at once, with one worker."""
    home = tmp_path_factory.mktemp("hostile")
    instance = Instance(home / "instance", workers__seconds=3.0)
    deposits = deposit_all(instance.home / "inbox", home / "outside")
    instance.pass_over(processes=1)
    return instance, deposits


def test_every_file_is_decided_once_and_kept_in_one_place(judged: tuple[Instance, list[Deposit]]) -> None:
    """Arrivals and decisions add up; log, ledger, folders and index agree; hidden and temporary names wait."""
    instance, deposits = judged

    assert len(deposits) == 200
    assert faults(instance.home, sent=len(deposits)) == []


def test_every_fault_has_its_code(judged: tuple[Instance, list[Deposit]]) -> None:
    """A clear reason for each of the files that has only one; others may be decided either way."""
    instance, deposits = judged
    found = collections.defaultdict(set)
    for event in instance.decisions():
        name = event["winnowd"]["arrival"].get("name_hex", event["file"]["name"])
        found[name].update(event["winnowd"]["codes"])

    wrong = {
        deposit.name: found[deposit.name.decode()]
        for deposit in deposits
        if deposit.code is not None and deposit.code not in found[deposit.name.decode()]
    }

    assert wrong == {}


def test_nothing_behind_a_link_is_read(judged: tuple[Instance, list[Deposit]]) -> None:
    """Not a byte of the secret is anywhere in the instance; links, FIFOs, sockets and devices are moved as they are."""
    instance, deposits = judged
    special = {deposit.name.decode() for deposit in deposits if deposit.special}
    moved = [path for path in (instance.home / "rejected").rglob("*") if not path.is_file() or path.is_symlink()]

    leaks = [
        path
        for path in instance.home.rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_blocks < 1 << 20 and _holds(path, SECRET)
    ]

    assert leaks == []
    assert len([path for path in moved if not path.is_dir() or path.is_symlink()]) == len(special)


def _holds(path: Path, secret: bytes) -> bool:
    """Whether a file's first 64 MiB hold these bytes; the sparse one has a tebibyte of nothing."""
    with path.open("rb") as file:
        return secret in file.read(1 << 26)


def test_no_name_or_text_from_outside_does_harm(judged: tuple[Instance, list[Deposit]]) -> None:
    """What is written for people and programs holds no control, escape or direction character, whatever came in."""
    instance, _ = judged
    written = [
        path
        for folder in ("seeds", "quarantine", "rejected", "audit")
        for path in (instance.home / folder).rglob("*")
        if path.suffix in {".md", ".json", ".jsonl"} and "~" not in path.name.removesuffix(".why.md")
    ]
    forbidden = [chr(code) for code in (*range(9), *range(11, 32), 0x7F, 0x202E, 0x2066)]

    harmful = [path for path in written if any(sign in path.read_text(encoding="utf-8") for sign in forbidden)]

    assert written
    assert harmful == []
