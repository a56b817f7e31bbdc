"""The sections of the configuration that belong to no gate: what each setting means, its unit, default and bounds.

Reading, schema and gates keep their limits in their own files; ``all_settings`` puts all of them together.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

MIB: Final = 1024 * 1024
MOST_WORKERS: Final = 8


def setting(
    default: Any,  # noqa: ANN401 - of the field's type
    meaning: str,
    *,
    unit: str = "",
    codes: tuple[str, ...] = (),
    **bounds: Any,  # noqa: ANN401 - as pydantic has them
) -> Any:  # noqa: ANN401 - what a field is set to stands for a value of the field's type
    """A field with what a reader of the configuration wants to know; ``bounds`` as pydantic names them (ge, gt, le)."""
    extra: Any = {"x-unit": unit, "x-codes": list(codes)}
    return Field(default, description=meaning, json_schema_extra=extra, **bounds)


class Section(BaseModel):
    """One table of the configuration; frozen, and without a name that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Inbox(Section):
    """When a file in the inbox is taken (docs/design/storage.md, "The inbox")."""

    settle: float = setting(2.0, "A file is taken once it has lain unchanged for so long.", unit="seconds", ge=0)
    closed_settles: bool = setting(
        default=True,
        meaning="A file just closed or renamed in is taken at once; false where senders open it again to append.",
    )
    sweep: float = setting(
        5.0, "The inbox is looked through so often, whatever the kernel's events tell.", unit="seconds", gt=0
    )
    idle: float = setting(
        60.0, "The inbox is looked through so often once nothing has come for a while.", unit="seconds", gt=0
    )
    poll: bool = setting(
        default=False, meaning="Ask the kernel for no events: for network folders, of whose changes it does not tell."
    )
    ignore: tuple[str, ...] = setting(
        (".*", "*~", "*.part", "*.tmp", "*.crdownload", "*.filepart", "@eaDir", "Thumbs.db", "desktop.ini"),
        "Names that are never taken: uploads under way and what desktops leave behind. Shell patterns.",
    )
    temporary: float = setting(
        900.0,
        "A file under a name that tools use while they write (*.partial, x.txt.Ab12Cd), or open in an editor, is taken "
        "once it has lain unchanged for so long.",
        unit="seconds",
        ge=0,
    )
    done: str | None = setting(
        None,
        'A file is taken only once a marker of this name lies beside it, as "{name}.done", and the marker goes with '
        "it: for senders that can neither rename nor close in time; off: no markers.",
        pattern=r"^([^/{}]+\{name\}[^/{}]*|\{name\}[^/{}]+)$",
    )
    candidates: int = setting(100_000, "One look at the inbox lines up at most so many files.", unit="files", ge=1)


class Batch(Section):
    """How many arrivals share one transaction and its syncs (docs/design/pipeline.md, "Batches")."""

    limit: int = setting(256, "A batch closes when it holds so many arrivals.", unit="arrivals", ge=1, le=10_000)
    records: int = setting(
        256,
        "A file of many records gives so many at a time, then it is the turn of other files.",
        unit="records",
        ge=1,
        le=10_000,
    )
    window: float = setting(0.05, "A batch closes so long after its first arrival.", unit="seconds", ge=0, le=60)
    bytes: int = setting(16 * MIB, "Files of at most so much in all are in work at once.", unit="bytes", ge=MIB)


class Workers(Section):
    """The processes that prepare arrivals (docs/design/daemon.md, "Workers")."""

    count: Annotated[int, Field(ge=0, le=64)] | Literal["auto"] = setting(
        "auto",
        f"Processes that read and judge files; auto: one less than there are cores, at most {MOST_WORKERS}; "
        "0: none, so that a hostile file can hold up the service itself.",
        unit="processes",
    )
    seconds: float = setting(10.0, "Preparing one file may take so long.", unit="seconds", codes=("SYS902",), gt=0)
    memory: int = setting(
        1024 * MIB, "A worker may take so much address space.", unit="bytes", codes=("SYS904",), ge=256 * MIB
    )

    @property
    def processes(self) -> int:
        """``count`` as a number on this machine: from 1 to 8 for ``auto``."""
        if isinstance(self.count, int):
            return self.count
        return min(MOST_WORKERS, max(1, len(os.sched_getaffinity(0)) - 1))


class Storage(Section):
    """How what is written becomes durable (docs/design/storage.md, "Durability")."""

    sync: Literal["syncfs", "fsync"] = setting(
        "syncfs",
        "One sync of the file system a batch, or one of each file: slower by far, unless others write much to "
        "the same disk.",
    )
    read_back: Literal["sample", "all", "off"] = setting(
        "sample",
        "Read what was written once more and compare it: one file of a hundred, all, or none.",
        codes=("SYS908",),
    )


class Index(Section):
    """The pages of the corpus and INDEX.md (docs/design/storage.md, "The corpus index")."""

    inline_max: int = setting(
        300, "Up to so many articles INDEX.md lists them all, beyond only the newest.", unit="articles", ge=0
    )
    every: float = setting(2.0, "The pages are written again so long after a decision, at most.", unit="seconds", gt=0)
    articles: int = setting(
        100, "The pages are written again after so many admissions, at most.", unit="articles", ge=1
    )


class Archive(Section):
    """The originals of what was admitted."""

    keep_days: int | None = setting(
        None, "Originals in archive/ are deleted after so long; off: never.", unit="days", ge=1
    )


class Disk(Section):
    """When the service stops taking files because a disk runs full (docs/design/daemon.md, "Pauses")."""

    floor_bytes: int = setting(
        512 * MIB,
        "So much must stay free on each disk, else nothing is taken from the inbox.",
        unit="bytes",
        codes=("SYS917",),
        ge=0,
    )
    floor_inodes: int = setting(
        10_000,
        "So many must stay free on each disk, else nothing is taken from the inbox.",
        unit="inodes",
        codes=("SYS917",),
        ge=0,
    )


class Orders(Section):
    """Who may give orders by a file in state/orders (docs/design/pipeline.md, "Orders")."""

    group: str | None = setting(
        None,
        "Members of this group may give orders; off: only root and the service's own user.",
        codes=("SYS932",),
    )


SECTIONS: Final[tuple[tuple[str, type[Section]], ...]] = (
    ("inbox", Inbox),
    ("batch", Batch),
    ("workers", Workers),
    ("storage", Storage),
    ("index", Index),
    ("archive", Archive),
    ("disk", Disk),
    ("orders", Orders),
)
