"""An instance to test: a folder, files dropped into its inbox, passes over it in this process or in a child's."""

from __future__ import annotations

import io
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from winnowd.daemon.serve import decide_once
from winnowd.settings import load
from winnowd.storage.disk import no_hook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
TEXTS: dict[str, str] = json.loads((ROOT / "tests" / "originality" / "golden.json").read_text(encoding="utf-8"))[
    "texts"
]


def silent_log() -> Any:
    """A service log that nobody reads; plainly written: structlog's own way draws all local variables of a fault."""
    return structlog.wrap_logger(
        structlog.WriteLogger(io.StringIO()),
        processors=[structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(20),
    )


class Instance:
    """One instance folder; files settle at once unless told otherwise."""

    def __init__(self, instance_dir: Path, **settings: object) -> None:
        self.instance_dir = instance_dir
        (instance_dir / "inbox").mkdir(parents=True, exist_ok=True)
        given = {"inbox.settle": 0, "disk.floor_bytes": 0, "disk.floor_inodes": 0} | {
            name.replace("__", "."): value for name, value in settings.items()
        }
        self.overrides = tuple(f"{name}={json.dumps(value)}" for name, value in given.items())

    def drop(self, files: Mapping[str, str | bytes]) -> None:
        """Put files into the inbox, sub-folders made as needed."""
        for name, content in files.items():
            path = self.instance_dir / "inbox" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def pass_over(self, on_effect: Callable[[str], None] | None = None, processes: int = 0) -> int:
        """Decide all that lies there; gives how many records that were."""
        loaded = load(self.instance_dir, environ={}, overrides=self.overrides, system=None)
        return decide_once(
            self.instance_dir, loaded, log=silent_log(), on_effect=on_effect or no_hook, processes=processes
        )

    def events(self) -> list[dict[str, Any]]:
        """All events of the audit log, in order."""
        files = sorted((self.instance_dir / "audit").glob("[0-9]*/*/*.jsonl"))
        return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]

    def decisions(self) -> list[dict[str, Any]]:
        """The events of decisions."""
        return [event for event in self.events() if event["event"]["action"] in {"admit", "quarantine", "reject"}]

    def evidence(self) -> list[dict[str, Any]]:
        """What stands in the files of evidence, record by record; what was erased is blank."""
        files = sorted((self.instance_dir / "audit" / "evidence").glob("*/*/*/*.jsonl"))
        return [json.loads(line) for path in files for line in path.read_bytes().splitlines() if line.strip()]

    def outcomes(self) -> dict[str, str]:
        """File name to outcome; of several records of one file the last."""
        return {event["file"]["name"]: event["winnowd"]["outcome"] for event in self.decisions()}

    def files(self, folder: str) -> list[str]:
        """The files below a folder, relative to it."""
        top = self.instance_dir / folder
        return sorted(
            path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_symlink() or path.is_file()
        )

    def articles(self) -> list[str]:
        """The articles of the corpus, relative to ``seeds/``, whatever the year."""
        return [path for path in self.files("seeds") if path[:1].isdigit()]


def in_child(deed: Callable[[], object]) -> int:
    """Do something in a forked child and wait for it; gives its exit status, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            deed()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(number: int, name: str = "") -> Callable[[str], None]:
    """An announcement that kills the process just before its effect of this number (from 1), of all or of one name."""
    count = 0

    def on_effect(effect: str) -> None:
        nonlocal count
        count += name in {"", effect}
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_effect
