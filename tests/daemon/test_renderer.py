"""The renderer beside the workers: whatever becomes of its process, every record is rendered, to the same bytes."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.daemon.stand import standing
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.processes import descendants
from tests.e2e.test_determinism import KEEP, STREAM, findings
from tests.event.stand import arrival, context, judged_of

from winnowd import settings
from winnowd.daemon import renderer as module
from winnowd.daemon.child import begin
from winnowd.daemon.renderer import CHUNK, LARGEST, UNSENT, RendererProcess
from winnowd.daemon.supervisor import WorkerSupervisor
from winnowd.daemon.workers import Workers
from winnowd.originality import new_recipe
from winnowd.pipeline.judge import Judge
from winnowd.pipeline.rendering import InProcessRenderer, Numbered, RecordRenderer, no_text
from winnowd.wiring.preparer import PreparerConfig
from winnowd.wiring.rules import lexicon, rules_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.daemon.stand import Stand

    from winnowd.model import Arrival, Judged, Prepared
    from winnowd.pipeline.rendering import Rendered, Subject

GIB = 1 << 30
RENDERER = RecordRenderer(lexicon, rules_with({}))


@dataclasses.dataclass(frozen=True, slots=True)
class Scripted:
    """A renderer that does what a file's name says, there alone: die, hang, dawdle, overfill, raise, or render."""

    lexicon: Callable[[], Any] = lexicon

    def render(self, one: Subject) -> Any:
        """Render, or misbehave."""
        name = one.judged.arrival.path
        if name == b"die":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == b"hang":
            signal.pause()
        if name == b"dawdle":
            signal.sigtimedwait({signal.SIGUSR1}, 0.5)
        if name == b"overfill":
            bytearray(8 * GIB)
        if name == b"raise":
            raise ArithmeticError
        return (1, 2, 3, 4) if name == b"garbage" else RENDERER.render(one)


def unable() -> RecordRenderer:
    """One that cannot come to be."""
    os.kill(os.getpid(), signal.SIGKILL)
    return RENDERER


class Here(InProcessRenderer):
    """Renders here, and names what."""

    def render(self, batch: Sequence[Numbered]) -> Iterator[Rendered]:
        """Each of these."""
        for one in batch:
            COUNTED.append(one.judged.arrival.path.decode())
            yield from super().render([one])


COUNTED: list[str] = []


def batch_of(names: Sequence[str], first: int = 1) -> list[Numbered]:
    """Decided records of files of these names, their events numbered from ``first`` on."""
    return [
        Numbered(judged_of(arrival=arrival(name.encode())), context().numbered(f"{first}-{at}", first + at))
        for at, name in enumerate(names)
    ]


def made_by(build: Any, seconds: float = 60.0) -> RendererProcess:
    """One beside this process, its counter set to nought."""
    COUNTED.clear()
    return RendererProcess(build, Here(RENDERER, no_text), seconds=seconds, memory=2 * GIB)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send each record by itself, and none before the process is ready."""
    send = RendererProcess._send

    def sent(self: RendererProcess, chunk: list[Numbered]) -> None:
        self.warm()
        while self._child is not None and not self._child.ready:
            self._exchange(1.0)
        send(self, chunk)

    monkeypatch.setattr(module, "CHUNK", 1)
    monkeypatch.setattr(RendererProcess, "_send", sent)


def rendered(renderer: RendererProcess, batch: Sequence[Numbered]) -> list[Rendered]:
    """What is said of a batch, each record added as soon as it is decided."""
    renderer.begin()
    for one in batch:
        renderer.add(one)
    return list(renderer.render(batch))


def expected(batch: Sequence[Numbered]) -> list[Rendered]:
    """The same, here."""
    return list(InProcessRenderer(RENDERER, no_text).render(batch))


@pytest.mark.usefixtures("patient")
def test_a_batch_is_rendered_over_there_in_its_order() -> None:
    """More of it than a pipe holds, and nothing of it here."""
    renderer, batch = made_by(Scripted), batch_of([f"{at}.txt" for at in range(200)])
    try:
        assert rendered(renderer, batch) == expected(batch)
        assert (COUNTED, renderer.fault()) == ([], "")
    finally:
        renderer.close()


def test_of_a_frame_of_many_each_gets_its_own() -> None:
    """In frames as they are sent while serving; what is left over is rendered here."""
    renderer, batch = made_by(Scripted), batch_of([f"{at}.txt" for at in range(2 * CHUNK + 3)])
    try:
        renderer.warm()
        assert renderer._child is not None
        while not renderer._child.ready:
            renderer._exchange(1.0)
        assert rendered(renderer, batch) == expected(batch)
        assert (COUNTED, renderer.fault()) == ([f"{2 * CHUNK + at}.txt" for at in range(3)], "")
    finally:
        renderer.close()


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("deed", ["die", "hang", "garbage"])
def test_what_a_process_does_not_answer_is_rendered_here(deed: str) -> None:
    """It falls in the middle of a batch: nothing is lost or changed, it is told once, and the next has another."""
    renderer, batch = made_by(Scripted, seconds=1.0), batch_of(["a", "b", deed, "c", "d"])
    following = batch_of(["e", "f"], first=100)
    try:
        assert rendered(renderer, batch) == expected(batch)
        assert deed in COUNTED
        assert (bool(renderer.fault()), renderer.fault()) == (True, "")
        COUNTED.clear()
        assert rendered(renderer, following) == expected(following)
        assert (COUNTED, renderer.fault()) == ([], "")
    finally:
        renderer.close()


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("deed", ["raise", "overfill"])
def test_what_cannot_be_said_over_there_is_tried_here_alone(deed: str) -> None:
    """If it is the record's fault it raises here, as it would have without a process; the others are not held up."""
    renderer, batch = made_by(Scripted), batch_of(["a", deed, "b"])
    try:
        assert rendered(renderer, batch) == expected(batch)
        assert (COUNTED, renderer.fault()) == ([deed], "")
    finally:
        renderer.close()


def test_a_process_that_cannot_be_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and another is not begun for each batch: a minute later."""
    monkeypatch.setattr(module, "CHUNK", 1)
    renderer, batch = made_by(unable), batch_of(["a", "b"])
    begun: list[float] = []

    def counted(*given: Any, **named: Any) -> Any:
        begun.append(time.monotonic())
        return begin(*given, **named)

    monkeypatch.setattr(module, "begin", counted)
    renderer.warm()
    assert renderer._child is not None
    renderer._child.process.join()
    for first in (1, 100, 200):
        batch = batch_of(["a", "b"], first)
        assert rendered(renderer, batch) == expected(batch)
    assert (len(begun), renderer.fault()) == (1, "it was not ready for work")

    monkeypatch.setattr(module.time, "monotonic", lambda: begun[0] + 120.0)  # type: ignore[attr-defined] # its own import
    renderer.warm()
    assert len(begun) == 2
    renderer.close()


@pytest.mark.usefixtures("patient")
def test_what_was_added_in_vain_is_nobodys_answer() -> None:
    """A batch that could not be decided to its end leaves records in hand; the next one gets its own."""
    renderer, batch = made_by(Scripted), batch_of(["c", "d"], first=1)
    try:
        for one in batch_of(["a", "b"], first=1):
            renderer.add(one)
        other = [
            one._replace(context=context(one.context.sequence).numbered(f"x{at}", at + 1))
            for at, one in enumerate(batch)
        ]
        assert rendered(renderer, other) == expected(other)
        assert (COUNTED, renderer.fault()) == ([], "")
        assert (renderer._rendered, renderer._in_hand) == ({}, set())
    finally:
        renderer.close()


@pytest.mark.usefixtures("patient")
def test_a_batch_tried_over_and_over_leaves_no_trail() -> None:
    """As on a disk that is full for a day: what each try has added is forgotten with the next."""
    renderer = made_by(Scripted)
    try:
        for _ in range(9):
            renderer.begin()
            for one in batch_of(["a", "b"]):
                renderer.add(one._replace(context=context().numbered(str(id(one)), one.context.sequence)))
            renderer._exchange(0.1)
        assert len(renderer._rendered) + len(renderer._in_hand) == 2
    finally:
        renderer.close()


@pytest.mark.usefixtures("patient")
def test_the_time_between_two_tries_is_not_that_of_the_process() -> None:
    """A pause is longer than its deadline; it falls for none of it."""
    renderer, batch = made_by(Scripted, seconds=30.0), batch_of(["a", "b"], first=100)
    try:
        for one in batch_of(["dawdle"]):
            renderer.add(one)
        assert renderer._child is not None
        renderer._child.since -= 3_600.0
        assert rendered(renderer, batch) == expected(batch)
        assert (COUNTED, renderer.fault()) == ([], "")
    finally:
        renderer.close()


def large(batch: Sequence[Numbered], characters: int) -> list[Numbered]:
    """The same, each with a text of so many characters."""
    text = "word " * (characters // 5)

    def grown(judged: Judged) -> Judged:
        assert judged.prepared.article is not None
        article = judged.prepared.article.model_copy(update={"text": text})
        return dataclasses.replace(judged, prepared=dataclasses.replace(judged.prepared, article=article))

    return [one._replace(judged=grown(one.judged)) for one in batch]


@pytest.mark.usefixtures("patient")
def test_what_is_too_large_for_the_way_is_rendered_here() -> None:
    """A long text is cut into words here already; over there it would be for each record that is laid beside it."""
    renderer, (first, second, third) = made_by(Scripted), batch_of(["a", "large", "b"])
    batch = [first, *large([second], LARGEST + 5), third]
    try:
        assert rendered(renderer, batch) == expected(batch)
        assert (COUNTED, renderer.fault()) == (["large"], "")
    finally:
        renderer.close()


@pytest.mark.usefixtures("patient")
def test_what_waits_for_a_slow_process_is_bounded() -> None:
    """It reads nothing for a while: no more than so much is kept for it, and the rest of the batch is rendered here."""
    renderer, batch = made_by(Scripted), large(batch_of([str(at) for at in range(60)]), LARGEST // 2)
    try:
        renderer._send([])
        assert renderer._child is not None
        os.kill(renderer._child.process.pid, signal.SIGSTOP)
        renderer.begin()
        for one in batch:
            renderer.add(one)
        assert UNSENT <= len(renderer._unsent) < UNSENT + LARGEST
        os.kill(renderer._child.process.pid, signal.SIGCONT)
        assert list(renderer.render(batch)) == expected(batch)
        assert 0 < len(COUNTED) < len(batch)
        assert renderer.fault() == ""
    finally:
        renderer.close()


def test_one_that_cannot_be_started_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the system has no process left: the start of the service does not hang on it, and it is told."""
    tries: list[int] = []

    def failing(*_: Any, **__: Any) -> Any:
        tries.append(1)
        raise BlockingIOError(errno.EAGAIN, "no process left")

    monkeypatch.setattr(module, "begin", failing)
    renderer, batch = made_by(Scripted), batch_of([str(at) for at in range(20)])
    renderer.warm()

    assert rendered(renderer, batch) == expected(batch)
    assert (len(tries), renderer.fault()) == (1, "it could not be started (BlockingIOError)")


def test_the_last_few_of_a_batch_are_rendered_here() -> None:
    """Less than a chunk of them is not worth the way."""
    renderer, batch = made_by(Scripted), batch_of(["a", "b"])

    assert rendered(renderer, batch) == expected(batch)
    assert (COUNTED, renderer._child) == (["a", "b"], None)


def refused(_: InProcessRenderer, batch: Sequence[Numbered]) -> Iterator[Rendered]:
    """Nothing may be rendered here."""
    raise AssertionError(batch)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("keep", KEEP)
@pytest.mark.parametrize("processes", [1, 2])
def test_findings_do_not_depend_on_where_they_are_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str, processes: int
) -> None:
    """A stream of all kinds beside one worker or two, all of it over there; as many files of each kind."""
    here, there = (Instance(tmp_path / name, gates__originality__keep=keep) for name in ("here", "there"))
    for instance in (here, there):
        instance.drop(STREAM)
    here.pass_over()
    monkeypatch.setattr(InProcessRenderer, "render", refused)
    there.pass_over(processes=processes)

    assert findings(there) == findings(here)
    assert [len(there.files(folder)) for folder in ("seeds", "quarantine", "rejected")] == [
        len(here.files(folder)) for folder in ("seeds", "quarantine", "rejected")
    ]


def decided(stand: Stand, files: dict[str, str]) -> dict[str, str]:
    """Drop files and take turns until none is in hand; gives what all files of the instance became."""
    stand.decided(files)
    while stand.work.busy:
        stand.loop.turn()
    return stand.folder.outcomes()


@pytest.mark.usefixtures("patient")
def test_a_process_that_falls_is_told_of_in_both_logs(tmp_path: Path) -> None:
    """SYS927: by an event behind the batch, and by a line; the batch is whole, and so is the log."""
    with standing(tmp_path / "home", processes=1) as stand:
        assert decided(stand, {"a.txt": TEXTS["A"]}) == {"a.txt": "admitted"}
        process = stand.work.instance.renderer
        assert isinstance(process, RendererProcess)
        assert process._child is not None
        os.kill(process._child.process.pid, signal.SIGKILL)
        process._child.process.join()

        outcomes = decided(stand, {"b.txt": TEXTS["C"]})

        assert outcomes == {"a.txt": "admitted", "b.txt": "admitted"}
        (told,) = [one for one in stand.folder.events() if one["event"].get("code") == "SYS927"]
        assert (told["event"]["action"], told["error"]["message"]) == ("failure", "it ended (exit -9)")
        assert [one for one in stand.logged() if one.get("code") == "SYS927"]


def test_while_it_is_waited_for_the_workers_beside_it_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of its own configuration, whatever is made in the meantime."""
    read: list[Workers] = []

    def keep_busy(self: Workers) -> None:
        read.append(self)

    monkeypatch.setattr(Workers, "keep_busy", keep_busy)
    supervisor = WorkerSupervisor(tmp_path, 1)
    plan = PreparerConfig(settings.load(tmp_path, environ={}, system=None).settings, new_recipe(""))
    (_, first), _ = (supervisor(plan, InProcessRenderer(RENDERER, no_text)) for _ in range(2))
    assert isinstance(first, RendererProcess)

    first.alive()

    assert read == [supervisor._made[0].workers]


@pytest.mark.usefixtures("patient")
def test_a_machine_that_fails_all_day_fills_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try of a batch that cannot be decided to its end forgets what the one before has had rendered."""
    judge = Judge.judge

    def failing(self: Judge, arrival: Arrival, prepared: Prepared, *, sequence: int, articles: int) -> Judged:
        if prepared.provenance.record == 1:
            raise OSError(errno.EIO, "Input/output error")
        return judge(self, arrival, prepared, sequence=sequence, articles=articles)

    with standing(tmp_path / "home", processes=1) as stand:
        stand.folder.drop({"two.jsonl": "".join(json.dumps({"text": TEXTS[name]}) + "\n" for name in "AC")})
        with monkeypatch.context() as broken:
            broken.setattr(Judge, "judge", failing)
            for _ in range(5):
                stand.loop.turn()
                stand.now += 31.0
        process = stand.work.instance.renderer
        assert isinstance(process, RendererProcess)
        assert len(process._rendered) + len(process._in_hand) == 1
        decided(stand, {})
        assert [one["winnowd"]["outcome"] for one in stand.folder.decisions()] == ["admitted", "admitted"]


LOW = "[gates.length]\nwords.min.fail = 7777\nwords.min.doubt = 8888\n"


@pytest.mark.usefixtures("patient")
def test_new_limits_are_told_of_from_the_next_batch_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why-files name the limits in force; the process of the old ones has ended, and with the service the new one."""
    with standing(tmp_path / "home", processes=1) as stand:
        monkeypatch.setattr(InProcessRenderer, "render", refused)
        decided(stand, {"a.txt": TEXTS["A"]})
        before = stand.work.instance.renderer
        stand.configure(LOW)
        stand.reload()
        decided(stand, {"b.txt": TEXTS["C"]})

        after = stand.work.instance.renderer
        assert isinstance(before, RendererProcess)
        assert isinstance(after, RendererProcess)
        assert (before is after, before._child) == (False, None)
        assert after._child is not None
        pid = after._child.process.pid
        (why,) = (stand.folder.instance_dir / "rejected").rglob("*.why.md")
        assert "7777" in why.read_text(encoding="utf-8")
        assert pid in descendants(os.getpid())
    assert pid not in descendants(os.getpid())
