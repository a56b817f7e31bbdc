"""The sections of the configuration that belong to no gate: what each setting means, its unit, default and bounds.

Reading, schema and gates keep their limits in their own files; ``all_settings`` puts all of them together.
"""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Final, Literal

MIB: Final = 1024 * 1024
MOST_WORKERS: Final = 8


def setting(
    default: Any,  # noqa: ANN401 - of the field's type
    meaning: str,
    *,
    unit: str = "",
    codes: tuple[str, ...] = (),
    **bounds: Any,  # noqa: ANN401 - numbers, and a pattern
) -> Any:  # noqa: ANN401 - what a field is set to stands for a value of the field's type
    """A field with what a reader of the configuration wants to know.

    ``bounds``: ge, gt and le of a number; ``pattern``, which the whole of a text fits, and
    ``fitting``, the same in words.
    """
    words = {"meaning": meaning, "unit": unit, "codes": codes, "bounds": bounds}
    return dataclasses.field(default=default, metadata=words)


@dataclasses.dataclass(frozen=True, slots=True)
class Inbox:
    """When a file in the inbox is taken (docs/design/storage.md, "The inbox")."""

    settle: float = setting(2.0, "How long a file must lie unchanged before it is taken.", unit="seconds", ge=0)
    closed_settles: bool = setting(
        default=True,
        meaning="Take a file at once when it is closed or renamed in; false where senders open it again to append.",
    )
    sweep: float = setting(
        5.0, "Time between two scans of the inbox, whatever the kernel's events tell.", unit="seconds", gt=0
    )
    idle: float = setting(
        60.0, "Time between two scans of the inbox once nothing has come for a while.", unit="seconds", gt=0
    )
    poll: bool = setting(
        default=False,
        meaning="Only scan the inbox, without events of the kernel: for network folders, whose changes it cannot tell.",
    )
    ignore: tuple[str, ...] = setting(
        (".*", "*~", "*.part", "*.tmp", "*.crdownload", "*.filepart", "@eaDir", "Thumbs.db", "desktop.ini"),
        "Files that are never taken, as shell patterns of their names: uploads under way, what desktops leave.",
    )
    temporary: float = setting(
        900.0,
        "How long a file must lie unchanged if its name is one that tools use while they write (*.partial, "
        "x.txt.Ab12Cd), or if an editor has it open.",
        unit="seconds",
        ge=0,
    )
    done: str | None = setting(
        None,
        'Take a file only once a marker of this name lies beside it, as "{name}.done", and remove the marker too: for '
        "senders that can neither rename nor close in time; off: no markers.",
        pattern=r"^([^/{}]+\{name\}[^/{}]*|\{name\}[^/{}]+)$",
        fitting='with more than "{name}" in it',
    )
    candidates: int = setting(100_000, "Most files that one scan of the inbox puts into the queue.", unit="files", ge=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """How many arrivals share one transaction and its syncs (docs/design/pipeline.md, "Batches")."""

    limit: int = setting(
        256, "Most files or records that are committed together, as one batch.", unit="arrivals", ge=1, le=10_000
    )
    records: int = setting(
        256,
        "Most records that are taken from one file before it is the turn of other files.",
        unit="records",
        ge=1,
        le=10_000,
    )
    window: float = setting(
        0.05, "How long to wait after the first file for others that can share its batch.", unit="seconds", ge=0, le=60
    )
    bytes: int = setting(16 * MIB, "Largest total size of the files of one batch.", unit="bytes", ge=MIB)


@dataclasses.dataclass(frozen=True, slots=True)
class Workers:
    """The processes that prepare arrivals (docs/design/daemon.md, "Workers")."""

    count: int | Literal["auto"] = setting(
        "auto",
        "Processes that read files, with one more beside them that writes up decisions; auto: one fewer than there are "
        f"cores, at most {MOST_WORKERS}; 0: none at all, so that a hostile file can hold up the service itself.",
        unit="processes",
        ge=0,
        le=64,
    )
    seconds: float = setting(
        10.0,
        "Longest time to read and measure one file; then its worker is killed.",
        unit="seconds",
        codes=("SYS902",),
        gt=0,
    )
    memory: int = setting(
        1024 * MIB, "Largest address space of one worker.", unit="bytes", codes=("SYS904",), ge=256 * MIB
    )
    confine: Literal["auto", "require", "off"] = setting(
        "auto",
        "Whether these processes may do no more than read what waits, compute and answer; auto: as far as the kernel "
        "can hold them to it; require: wholly, or the service does not start; off: they may do what it may, and their "
        "errors show on its stderr.",
    )

    @property
    def processes(self) -> int:
        """``count`` as a number on this machine: from 1 to 8 for ``auto``."""
        if isinstance(self.count, int):
            return self.count
        return min(MOST_WORKERS, max(1, len(os.sched_getaffinity(0)) - 1))


@dataclasses.dataclass(frozen=True, slots=True)
class Storage:
    """How what is written becomes durable (docs/design/storage.md, "Durability")."""

    sync: Literal["syncfs", "fsync"] = setting(
        "syncfs",
        "Sync the whole file system once a batch, or each file by itself, which is far slower unless other programs "
        "write much to the same disk.",
    )
    read_back: Literal["sample", "all", "off"] = setting(
        "sample",
        "Which of the files written are read back and compared: one of a hundred, all, or none.",
        codes=("SYS908",),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Index:
    """The pages of the corpus and INDEX.md (docs/design/storage.md, "The corpus index")."""

    inline_max: int = setting(
        300, "Most articles that INDEX.md lists one by one; with more it lists the newest only.", unit="articles", ge=0
    )
    every: float = setting(2.0, "Longest time until index pages show a decision.", unit="seconds", gt=0)
    articles: int = setting(
        100,
        "Most articles admitted until index pages show them, even if index.every has not passed.",
        unit="articles",
        ge=1,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Archive:
    """The originals of what was admitted."""

    keep_days: int | None = setting(
        None, "Age at which originals in archive/ are deleted; off: never.", unit="days", ge=1
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Audit:
    """Who else remembers the audit log (docs/how-to/anchor.md)."""

    anchor_dir: str | None = setting(
        None,
        "Folder outside of the instance, best on another machine, in which the head of each day is left when the day "
        "is sealed, and which winnowd verify holds the log to; off: none.",
        codes=("SYS955",),
        pattern=r"^/.+$",
        fitting="that begins with /",
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Disk:
    """When the service stops taking files because a disk runs full (docs/design/daemon.md, "Pauses")."""

    floor_bytes: int = setting(
        512 * MIB,
        "Minimum free space on each disk; below it the service takes no new files.",
        unit="bytes",
        codes=("SYS917",),
        ge=0,
    )
    floor_inodes: int = setting(
        10_000,
        "Minimum free inodes on each disk; below it the service takes no new files.",
        unit="inodes",
        codes=("SYS917",),
        ge=0,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Orders:
    """Who may give orders by a file in state/orders (docs/design/pipeline.md, "Orders")."""

    group: str | None = setting(
        None,
        "Group whose members may give orders too; off: only root and the service's own user.",
        codes=("SYS932",),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Metrics:
    """Where else metrics are written (docs/metrics.md)."""

    textfile: str | None = setting(
        None,
        "Folder of node_exporter's textfile collector, into which winnowd.prom is written every 15 s, too; off: only "
        "state/metrics.prom.",
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Notify:
    """When people are told of what needs them, and by what (docs/notify.md)."""

    command: tuple[str, ...] = setting(
        (),
        "Program and arguments that get each notice on stdin, as JSON; empty: nobody is told. No shell reads them, and "
        "the audit log names them for all to read: keep passwords elsewhere.",
    )
    quarantine_articles: int | None = setting(
        500, "Articles in quarantine at which people are told; off: never.", unit="articles", ge=1
    )
    quarantine_days: float | None = setting(
        7.0, "Age of the oldest article in quarantine at which people are told; off: never.", unit="days", gt=0
    )
    seconds: float = setting(
        30.0, "Longest time that the command may take for one notice; then it is killed.", unit="seconds", gt=0
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Web:
    """Where the page is served, and to whom (docs/how-to/page.md)."""

    address: str = setting(
        "127.0.0.1:8737",
        "Where winnowd web listens: address and port, or unix: and the path of a socket.",
    )
    allow_remote: bool = setting(
        default=False,
        meaning="Let it listen on an address that other machines reach; without a proxy nothing is encrypted.",
    )
    hosts: tuple[str, ...] = setting(
        (), "Names, beside localhost, by which browsers may ask for it: that of a proxy before it, without a port."
    )
    user_header: str | None = setting(
        None,
        "Header in which a proxy on the socket names who has logged in; off: a token opens the page, and orders are "
        "those of the user who runs it.",
    )
    read_only: bool = setting(default=False, meaning="Show all of it, and take no orders and no files.")
    send_bytes: int = setting(
        64 * MIB,
        "Most bytes that a sender may post at once; senders are made by winnowd sender add.",
        unit="bytes",
        ge=1024,
        le=1024 * MIB,
    )
    send_files: int = setting(600, "Most files that a sender may post in a minute.", unit="files", ge=1)
    send_hourly: int = setting(2048 * MIB, "Most bytes that a sender may post in an hour.", unit="bytes", ge=1024)


SECTIONS: Final[tuple[tuple[str, type[Any]], ...]] = (
    ("inbox", Inbox),
    ("batch", Batch),
    ("workers", Workers),
    ("storage", Storage),
    ("index", Index),
    ("archive", Archive),
    ("audit", Audit),
    ("disk", Disk),
    ("orders", Orders),
    ("metrics", Metrics),
    ("notify", Notify),
    ("web", Web),
)
