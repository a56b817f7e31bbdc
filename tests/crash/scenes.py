"""What is going on when the service is killed, its power is cut or its disk fails: one scene for each kind of work."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import changed, events, faults, rows
from tests.e2e.in_blocks import be_patient
from tests.e2e.instance import TEXTS, Instance, silent_log

from winnowd.daemon.maintenance import do_maintenance
from winnowd.daemon.schedule import RETENTION, SEAL
from winnowd.daemon.serve import apply_orders_once, owned
from winnowd.daemon.work import Work
from winnowd.settings import load
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import no_hook
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from winnowd.settings import Loaded

    Announce = Callable[[str], None]
    Files = Mapping[str, str | bytes]

FOREIGN = b"a line that winnowd has not written\n"
DOUBTED = TEXTS["C"].replace("\n\n", "\n\n• ", 1) + "\n" + "\n".join(f"• item {number}" for number in range(60))
HALF = TEXTS["A"][: TEXTS["A"].rindex("\n\n") + 2]
SHORT = "Too short to be an article."
BETTER = json.dumps({
    "text": TEXTS["A"].replace("Wednesday", "Wednesday itself"),
    "title": "Ferry runs aground",
    "author": "A. Writer",
    "publisher": "The Selwick Journal",
})  # fmt: skip


def _give(instance_dir: Path, **order: Any) -> None:
    target = {"at": "", "user": "", "via": "cli", "reason": "a test", **order}
    give(instance_dir, SystemClock().uuid7(), OrderFile(**target))


def lines(*texts: str) -> str:
    """A file of JSON Lines."""
    return "\n".join(json.dumps({"text": text}) for text in texts)


@dataclasses.dataclass(frozen=True, eq=False)
class Scene:
    """``before`` is decided in peace; ``files`` are dropped; then comes the work that is disturbed.

    That is a pass over the inbox, or the carrying out of ``order``, or ``act``.

    ``before`` happened ``days_ago``; ``prepare`` adds what no file is. ``meddle`` is told of each effect of the work,
    as a sender who changes the inbox under the service's hands. ``patches`` hold while it works, before and then.
    """

    name: str
    files: Files = dataclasses.field(default_factory=dict)
    before: Files = dataclasses.field(default_factory=dict)
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    order: Mapping[str, Any] | None = None
    days_ago: int = 0
    act: Callable[[Instance, Announce], None] | None = None
    prepare: Callable[[Instance], None] = lambda instance: None  # noqa: ARG005 - nothing more
    meddle: Callable[[Path, str], None] = lambda instance_dir, effect: None  # noqa: ARG005 - nobody meddles
    patches: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def set_up(self, instance_dir: Path) -> Instance:
        """Make the instance as it is when the work begins."""
        instance = Instance(instance_dir, **self.settings)
        if self.before:
            instance.drop(self.before)
            with self.patched() as patch:
                patch.setattr(SystemClock, "now", lambda _: dt.datetime.now(dt.UTC) - dt.timedelta(days=self.days_ago))
                instance.pass_over()
        instance.drop(self.files)
        self.prepare(instance)
        if self.order is not None:
            _give(instance_dir, **self.order)
        return instance

    def work(self, instance: Instance, on_effect: Announce = no_hook) -> None:
        """The work that is disturbed, and done again afterwards."""

        def told(effect: str) -> None:
            self.meddle(instance.instance_dir, effect)
            on_effect(effect)

        with self.patched():
            if self.act is not None:
                self.act(instance, told)
            elif self.order is None:
                instance.pass_over(told)
            else:
                apply_orders_once(instance.instance_dir, configured(instance), log=silent_log(), on_effect=told)

    @contextlib.contextmanager
    def patched(self) -> Iterator[pytest.MonkeyPatch]:
        """Have the service as the scene needs it, and batches that no slow machine ends sooner."""
        with pytest.MonkeyPatch.context() as patch:
            be_patient(patch)
            for name, value in self.patches.items():
                patch.setattr(name, value)
            yield patch

    def sent(self) -> list[bytes] | None:
        """The bytes of every file ever dropped; None if one of them is to be erased, or changes under way."""
        if self.name in {"erase", "erase-all", "changed", "vanished", "retention", *AGAIN}:
            return None
        contents = [*self.before.values(), *self.files.values()]
        return [one.encode() if isinstance(one, str) else one for one in contents] + EXTRA.get(self.name, [])

    def wrong(self, instance: Instance) -> list[str]:
        """What is wrong after the work was done, however often it was disturbed."""
        found = faults(instance.instance_dir, self.sent())
        told = Counter(event["event"].get("code", event["event"]["action"]) for event in events(instance.instance_dir))
        found += [f"{what} was not told" for what in TOLD.get(self.name, ()) if not told[what]]
        if told["SYS942"] and self.name != "foreign":
            found.append("what we have not written yet passes for cut out of the log by a stranger")
        if self.name in AGAIN:
            found += [*changed(instance.instance_dir), *_not_continued(instance)]
        if self.name == "foreign" and [
            path.read_bytes() for path in (instance.instance_dir / "audit" / "torn").iterdir()
        ] != [FOREIGN]:
            found.append("what a stranger wrote into the log is not kept, once, in audit/torn")
        return found


def configured(instance: Instance) -> Loaded:
    """What the instance is set to."""
    return load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)


def _without_salt(name: str) -> str:
    """What a record is called, without what differs from instance to instance in the id of its arrival."""
    arrival, dash, record = name.partition("-")
    return f"{arrival[:8]}{dash}{record}" if dash else name


def decided(instance: Instance) -> list[tuple[str, str, str]]:
    """What was decided, in order, as it must be however often the work was disturbed: action, file or id, outcome."""
    found = []
    for event in events(instance.instance_dir):
        ours = event["winnowd"]
        if "outcome" in ours:
            name = event.get("file", {}).get("name") or _without_salt(ours["article"]["id"])
            found.append((event["event"]["action"], name, " ".join([ours["outcome"], *ours.get("codes", ())])))
    return found


def _link(instance: Instance) -> None:
    (instance.instance_dir / "inbox" / "link.txt").symlink_to("/etc/hostname")


def _foreign(instance: Instance) -> None:
    """Somebody has written into the audit log."""
    (day,) = (instance.instance_dir / "audit").glob("[0-9]*/*/*.jsonl")
    with day.open("ab") as file:
        file.write(FOREIGN)


def _orphan(instance: Instance) -> None:
    """Somebody has put a file into the folder of claimed ones."""
    (instance.instance_dir / "state" / "work").mkdir(parents=True, exist_ok=True)
    (instance.instance_dir / "state" / "work" / "stranger.txt").write_text(TEXTS["A"])


def _markers(instance: Instance) -> None:
    """Beside each file its marker, which goes with it."""
    for path in list((instance.instance_dir / "inbox").iterdir()):
        path.with_name(f"{path.name}.done").touch()


def _no_order(instance: Instance) -> None:
    """Somebody has left something in the folder of orders that is none."""
    (instance.instance_dir / "state" / "orders").mkdir(parents=True, exist_ok=True)
    (instance.instance_dir / "state" / "orders" / f"{SystemClock().uuid7()}.json").write_text(
        '{"action": "erase everything"}'
    )


def _replaced(instance: Instance) -> None:
    """A person has released a copy in the place of its original."""
    _give(instance.instance_dir, action="release", targets=["b.txt"], replace=True)
    apply_orders_once(instance.instance_dir, configured(instance), log=silent_log())


def _seal(instance: Instance, on_effect: Announce) -> None:
    """What the calendar does after midnight."""
    _chore(instance, on_effect, SEAL)


def _retention(instance: Instance, on_effect: Announce) -> None:
    """What the calendar does before dawn."""
    _chore(instance, on_effect, RETENTION)


def _chore(instance: Instance, on_effect: Announce, task: str) -> None:
    with owned(instance.instance_dir, configured(instance), on_effect, processes=0) as opened:
        work = Work(opened, silent_log())
        work.start()
        do_maintenance(opened, silent_log(), [task])
        work.shut_down("a test")


def _grown(instance_dir: Path, effect: str) -> None:
    """The sender writes on after the file was claimed, and before it is moved."""
    path = instance_dir / "inbox" / "growing.txt"
    if effect == "rename" and path.exists() and path.stat().st_size == len(TEXTS["A"].encode()):
        with path.open("a", encoding="utf-8") as file:
            file.write(" One more line.")


def _written_on(instance_dir: Path, effect: str) -> None:
    """The sender, who has it open all the time, writes on after the file was judged, and before it is put away."""
    for row in rows(instance_dir, "SELECT id FROM arrival WHERE state = 'recorded'") if effect == "committed" else ():
        path = instance_dir / "state" / "work" / row["id"]
        if path.exists() and path.read_text(encoding="utf-8") == HALF:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
            os.write(descriptor, TEXTS["A"].removeprefix(HALF).encode())
            os.fsync(descriptor)  # what he has not synced himself a power cut may take from him
            os.close(descriptor)


def _taken_back(instance_dir: Path, effect: str) -> None:
    """The sender takes a file back after it was claimed, and before it is moved."""
    if effect == "rename":
        (instance_dir / "inbox" / "b-gone.txt").unlink(missing_ok=True)


def _not_continued(instance: Instance) -> list[str]:
    """What is wrong with a file that was judged again: told once, and only its whole text is in the corpus."""
    happened = [event["event"]["action"] for event in events(instance.instance_dir) if event["event"]["action"] in ONCE]
    texts = [path.read_text(encoding="utf-8") for path in (instance.instance_dir / "seeds").rglob("*.txt")]
    whole = [TEXTS["A"].removeprefix(HALF).strip() in text for text in texts if HALF.split("\n\n")[1] in text]
    found = [] if sorted(happened) == sorted(ONCE) else [f"told {happened}"]
    return found if whole == [True] else [*found, "the whole text is not in the corpus alone"]


def _released(instance: Instance, on_effect: Announce) -> None:
    """The rest of the file is released, and judged."""
    apply_orders_once(instance.instance_dir, configured(instance), log=silent_log(), on_effect=on_effect)
    instance.pass_over(on_effect)


FEW = 3
"""Records in a row with nothing to judge in the scenes of the rest of a file, instead of five hundred."""
FEW_BARREN = {f"winnowd.{module}.MOST_BARREN": FEW for module in ("pipeline.barren", "daemon.preparation")}
BARREN = lines(TEXTS["C"], *(f"a{number}" for number in range(FEW)), SHORT, TEXTS["A"], "b", "c", "d", "e")
HELD = {"a.txt": TEXTS["A"], "b.txt": TEXTS["B"], "c.txt": DOUBTED}
ONCE = ["changed-after", "supersede"]
AGAIN = ("judged-again", "marked-judged-again")
TOLD = {
    "no-order": ["SYS932"], "seal": ["day-sealed"], "foreign": ["SYS942"], "retention": ["retention"],
    "judged-again": ["SYS951"], "marked-judged-again": ["SYS951"],
}  # fmt: skip
EXTRA: dict[str, list[bytes]] = {
    "mixed": [b"a link to /etc/hostname"],
    "orphan": [TEXTS["A"].encode()],
}
SCENES = [
    Scene(
        "mixed",
        {
            "original.txt": TEXTS["A"],
            "feed/rewrite.txt": TEXTS["B"],
            "other.txt": TEXTS["C"],
            "listed.txt": DOUBTED,
            "many.jsonl": lines(TEXTS["D"], TEXTS["C"] + " Again.", "short"),
            "broken.json": "{",
        },
        prepare=_link,
    ),
    Scene("admitted", {"a.txt": TEXTS["A"]}),
    Scene("quarantined", {"c.txt": DOUBTED}),
    Scene("rejected", {"short.txt": SHORT}),
    Scene("copy", {"b.txt": TEXTS["B"], "again.txt": TEXTS["A"]}, before={"a.txt": TEXTS["A"]}),
    Scene(
        "slices",
        {
            "many.jsonl": lines(TEXTS["A"], SHORT, TEXTS["B"], TEXTS["D"], SHORT + " 2", DOUBTED, TEXTS["D"] + " 2"),
            "one.txt": TEXTS["C"],
        },
        settings={"batch.records": 2},
    ),
    Scene(
        "batches",
        {f"{name}.txt": text for name, text in zip("abcdef", [*TEXTS.values(), *TEXTS.values()], strict=False)},
        settings={"batch.limit": 2, "index.articles": 1},
    ),
    Scene("fsync", {"a.txt": TEXTS["A"], "b.txt": TEXTS["B"], "c.txt": DOUBTED}, settings={"storage.sync": "fsync"}),
    Scene(
        "better",
        {"b.json": BETTER},
        before={"a.json": lines(TEXTS["A"])},
        settings={"gates.originality.keep": "best"},
    ),
    Scene(
        "better-at-once", {"a.json": lines(TEXTS["A"]), "b.json": BETTER}, settings={"gates.originality.keep": "best"}
    ),
    Scene("release", before=HELD, order={"action": "release", "targets": ["b"], "replace": True}),
    Scene("release-held", before=HELD, order={"action": "release", "targets": ["c"]}),
    Scene("confirm", before=HELD, order={"action": "confirm", "targets": ["c"]}),
    Scene("retract", before=HELD, order={"action": "retract", "targets": ["a", "b", "nothing"]}),
    Scene("erase", before=HELD, order={"action": "erase", "targets": ["a", "c"], "yes": True, "forget": True}),
    Scene(
        "erase-all",
        before={
            "a.txt": TEXTS["A"],
            "again.txt": TEXTS["A"],
            "b.txt": TEXTS["B"],
            "two.jsonl": lines(TEXTS["A"], SHORT),
        },
        order={"action": "erase", "targets": ["a.txt"], "yes": True},
    ),
    Scene(
        "rest-held", {"many.jsonl": BARREN, "one.txt": TEXTS["D"]}, settings={"batch.records": 2}, patches=FEW_BARREN
    ),
    Scene(
        "rest-released",
        before={"many.jsonl": BARREN},
        settings={"batch.records": 2},
        order={"action": "release", "targets": ["many.jsonl"]},
        act=_released,
        patches=FEW_BARREN,
    ),
    Scene("restore", before=HELD, prepare=_replaced, order={"action": "restore", "targets": ["a.txt"]}),
    Scene("changed", {"growing.txt": TEXTS["A"], "other.txt": TEXTS["D"]}, meddle=_grown),
    Scene("judged-again", {"a.txt": HALF, "other.txt": TEXTS["D"]}, meddle=_written_on),
    Scene(
        "marked",
        {"a.txt": TEXTS["A"], "b.txt": TEXTS["D"]},
        settings={"inbox.done": "{name}.done"},
        prepare=_markers,
    ),
    Scene(
        "marked-judged-again",
        {"a.txt": HALF, "other.txt": TEXTS["D"]},
        settings={"inbox.done": "{name}.done"},
        prepare=_markers,
        meddle=_written_on,
    ),
    Scene("vanished", {"a.txt": TEXTS["A"], "b-gone.txt": TEXTS["D"]}, meddle=_taken_back),
    Scene("foreign", {"b.txt": TEXTS["B"]}, before={"a.txt": TEXTS["A"]}, prepare=_foreign),
    Scene("orphan", {"b.txt": TEXTS["B"]}, prepare=_orphan),
    Scene("no-order", {"b.txt": TEXTS["B"]}, prepare=_no_order),
    Scene("seal", before=HELD, days_ago=1, act=_seal),
    Scene("retention", before=HELD, days_ago=40, settings={"archive.keep_days": 30}, act=_retention),
]
