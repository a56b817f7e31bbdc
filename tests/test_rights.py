"""The folders of an instance as the package lays them: who may do what there, tried by each (deploy/README.md).

Tried on this machine, with users that exist only by number: ``systemd-tmpfiles`` makes the folders below another root,
and each deed is a process of its own.
"""

from __future__ import annotations

import errno
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from tests.e2e.instance import TEXTS, Instance
from tests.needs import needs, root, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEPLOY: Final = Path(__file__).parents[1] / "deploy"
SERVICE, NOTIFY, DROP, ADMIN, WEB = 61_001, 61_002, 61_003, 61_004, 61_005
OWN: Final = {"root": 0, "winnowd": SERVICE, "winnowd-notify": NOTIFY, "winnowd-web": WEB}
GROUPS: Final = OWN | {"winnowd-drop": DROP, "winnowd-admin": ADMIN}
SHORT: Final = " ".join(TEXTS["B"].split()[:60])


class User(NamedTuple):
    """Who tries: number and groups."""

    uid: int
    groups: tuple[int, ...]


SENDER, OTHER_SENDER = User(61_010, (DROP,)), User(61_011, (DROP,))
OPERATOR, ANYBODY = User(61_020, (ADMIN,)), User(61_030, ())


def as_user(user: User, do: Callable[[], Any], *, mask: int = 0o022) -> str:
    """The name of the error that a deed meets when somebody tries it, "done" if none."""
    pid = os.fork()
    if not pid:
        status = 0
        try:
            os.setgroups(user.groups)
            os.setgid(user.uid)
            os.setuid(user.uid)
            os.umask(mask)
            do()
        except OSError as fault:
            status = fault.errno or 255
        os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return errno.errorcode.get(status, str(status)) if status else "done"


@pytest.fixture(scope="module")
def instance_dir() -> Iterator[Path]:
    """What the package lays, and in it what the service has decided, under the unit's user and mask."""
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    folder.chmod(0o755)
    (folder / "etc").mkdir()
    (folder / "etc" / "passwd").write_text("".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in OWN.items()))
    (folder / "etc" / "group").write_text("".join(f"{name}:x:{gid}:\n" for name, gid in GROUPS.items()))
    command = ["systemd-tmpfiles", "--create", f"--root={folder}", str(DEPLOY / "winnowd.tmpfiles")]
    subprocess.run(command, check=True, capture_output=True)
    made = folder / "var" / "lib" / "winnowd"
    texts = {"a.txt": TEXTS["A"], "b.txt": SHORT, "c.txt": TEXTS["A"]}
    loaded = Instance(folder / "loaded")
    loaded.drop(texts)
    loaded.pass_over()  # all modules that it takes: the user's may not read this Python
    instance = Instance(made)
    for user, (name, text) in zip((SENDER, SENDER, OTHER_SENDER), texts.items(), strict=True):
        assert as_user(user, functools.partial((made / "inbox" / name).write_text, text)) == "done"
    assert as_user(User(SERVICE, (DROP,)), instance.pass_over, mask=0o027) == "done"
    assert as_user(SENDER, functools.partial((made / "inbox" / "waits.txt").write_text, TEXTS["C"])) == "done"
    yield made
    shutil.rmtree(folder)


def first(instance_dir: Path, pattern: str) -> Path:
    """A file of the instance."""
    return next(path for path in sorted(instance_dir.glob(pattern)) if path.is_file())


DEEDS: Final[dict[str, tuple[str, str]]] = {
    "a seed": ("read", "seeds/**/*.md"),
    "the index": ("read", "seeds/INDEX.md"),
    "the log": ("read", "audit/2*/**/*.jsonl"),
    "the head": ("read", "audit/HEAD.json"),
    "evidence": ("read", "audit/evidence/**/*.jsonl"),
    "a why-file": ("read", "[qr]*/**/*.why.md"),
    "the ledger": ("read", "state/winnowd.db"),
    "health": ("read", "state/lock"),
    "write a seed": ("write", "seeds/INDEX.md"),
    "write the log": ("write", "audit/HEAD.json"),
    "write the ledger": ("write", "state/winnowd.db"),
    "remove a sender's file": ("remove", "inbox/waits.txt"),
    "drop a file": ("drop", "inbox"),
    "order": ("drop", "state/orders"),
    "give work": ("drop", "state/work"),
    "plant a seed": ("drop", "seeds"),
}
MAY: Final = {
    ANYBODY: {"a seed", "the index", "the log", "the head"},
    OTHER_SENDER: {"a seed", "the index", "the log", "the head", "drop a file"},
    OPERATOR: {
        "a seed", "the index", "the log", "the head", "evidence", "a why-file", "the ledger", "health", "order",
    },
}  # fmt: skip


def deed(kind: str, path: Path) -> None:
    """Do it."""
    if kind == "read":
        path.read_bytes()
    elif kind == "write":
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
    elif kind == "remove":
        path.rename(path.with_name("gone"))
    else:
        (path / f"mine-{os.getuid()}").write_text("x")


@needs("P10", root, tool("systemd-tmpfiles", "systemd"))
@pytest.mark.parametrize("user", MAY, ids=["anybody", "a sender", "an operator"])
def test_each_may_do_what_is_theirs_and_nothing_else(user: User, instance_dir: Path) -> None:
    """Corpus and log are everybody's, the inbox the senders', what was turned away and orders the operators'."""
    paths = {
        name: instance_dir / pattern if kind == "drop" else first(instance_dir, pattern)
        for name, (kind, pattern) in DEEDS.items()
    }

    outcomes = {name: as_user(user, functools.partial(deed, DEEDS[name][0], paths[name])) for name in DEEDS}

    assert {name for name, outcome in outcomes.items() if outcome == "done"} == MAY[user]
    assert set(outcomes.values()) <= {"done", "EACCES", "EPERM"}
