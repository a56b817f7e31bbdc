"""Files that change between being seen and being read: swapped for a link, with a second name, growing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.conftest import run
from tests.crash.check import changed, faults, rows
from tests.daemon.stand import standing
from tests.e2e.hostile import SECRET
from tests.e2e.instance import TEXTS, Instance, silent_log
from tests.e2e.test_orders import DOUBTED, ordered
from tests.unprivileged import unprivileged

from winnowd.daemon.preparation import InLoop, Preparation
from winnowd.daemon.preparer import FilePreparer
from winnowd.daemon.serve import apply_orders_once
from winnowd.settings import load
from winnowd.storage import originals
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give
from winnowd.wiring.preparer import PreparerConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.conftest import Ran
    from tests.daemon.stand import Stand

    from winnowd.model import Prepared, Source
    from winnowd.prepare import Preparer

__all__ = ["run"]
SWAPS = 3_000
WHERE = {"between claim and move": "commit", "at the move": "rename", "after the move": "sync"}
"""Just before which effect of the service it is swapped, of those after it was seen."""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is nobody's business."""
    path = tmp_path / "secret.txt"
    path.write_bytes(SECRET * 100)
    return path


def leaks(instance_dir: Path) -> list[Path]:
    """The files of an instance that hold something of the secret."""
    files = [path for path in instance_dir.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if SECRET in path.read_bytes()]


def swapped(path: Path, make: Callable[[Path], object]) -> None:
    """Put something else in a file's place, in one step."""
    beside = path.with_name(".beside")
    make(beside)
    beside.replace(path)


def linked(secret: Path) -> Callable[[Path], object]:
    """Makes a link to it."""
    return lambda path: path.symlink_to(secret)


@pytest.mark.parametrize("where", WHERE)
def test_a_file_swapped_for_a_link_is_not_followed(tmp_path: Path, secret: Path, where: str) -> None:
    """Whenever it happens: what was seen is gone, the link is taken as one, unopened (INP101)."""
    instance = Instance(tmp_path / "home")
    instance.drop({"a.txt": TEXTS["A"], "b.txt": TEXTS["C"]})
    todo = [secret]

    def swap(effect: str) -> None:
        claimed = list((tmp_path / "home/state/work").glob("*")) or [tmp_path / "home/inbox/a.txt"]
        if effect == WHERE[where] and todo and (where != "after the move" or len(claimed) > 1):
            swapped(min(claimed, key=lambda path: path.stat().st_size), linked(todo.pop()))

    instance.pass_over(swap)

    assert not todo
    assert leaks(instance.instance_dir) == []
    assert sorted(" ".join(one["winnowd"]["codes"]) for one in instance.decisions()) == ["", "INP101"]
    assert faults(instance.instance_dir) == []


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_swapped_at_the_last_moment_is_not_opened(
    tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Between the last look and the opening: no link is followed, no pipe waited at; then it is seen for what it is."""
    instance = Instance(tmp_path / "home")
    instance.drop({"a.txt": TEXTS["A"]})
    make, looked, todo = linked(secret) if kind == "link" else os.mkfifo, originals.what_it_is, [1]

    def stat_key(path: str) -> str:
        found = looked(path)
        if todo:
            swapped(Path(path), make)
            todo.clear()
        return found

    monkeypatch.setattr(originals, "what_it_is", stat_key)
    instance.pass_over()

    assert leaks(instance.instance_dir) == []
    assert [one["winnowd"]["codes"] for one in instance.decisions()] == [["INP101"]]


def restless(path: Path, secret: Path) -> int:
    """A child that makes a path a link and a file by turns, as fast as it can; gives its pid."""
    child = os.fork()
    if child == 0:
        try:
            for _ in range(SWAPS):
                swapped(path, linked(secret))
                swapped(path, lambda beside: beside.write_text(TEXTS["A"]))
        finally:
            os._exit(0)
    return child


def test_one_that_swaps_all_the_time_is_taken_as_what_it_is_then(tmp_path: Path, secret: Path) -> None:
    """File, link, file, link, thousands of times while the inbox is worked on: nothing behind the link comes in."""
    instance = Instance(tmp_path / "home")
    child = restless(instance.instance_dir / "inbox" / "a.txt", secret)

    while os.waitpid(child, os.WNOHANG)[0] == 0:
        instance.pass_over()
    instance.pass_over()

    assert leaks(instance.instance_dir) == []
    codes = {code for one in instance.decisions() for code in one["winnowd"]["codes"] or ["admitted"]}
    assert {"admitted"} <= codes <= {"admitted", "INP101", "DUP601", "DUP602"}
    assert faults(instance.instance_dir) == []


def test_a_secret_with_a_second_name_is_held_unread_after_a_minute(tmp_path: Path, secret: Path) -> None:
    """A link to a file of ours would bring in what its sender may not read; both names stay, no byte is read."""
    secret.chmod(0o600)
    with standing(tmp_path / "home") as stand:
        (stand.folder.instance_dir / "inbox").chmod(0o1777)
        os.link(secret, stand.folder.instance_dir / "inbox" / "in.txt")
        stand.loop.turn()
        stand.now += 58
        early = stand.decided({"good.txt": TEXTS["A"]})
        stand.now += 4
        stand.loop.turn()

        event = stand.folder.decisions()[-1]
        assert early == {"good.txt": "admitted"}
        assert (event["file"]["name"], event["winnowd"]["codes"]) == ("in.txt", ["INP101"])
        assert "hash" not in event["file"]
        assert [path.stat().st_ino for path in leaks(stand.folder.instance_dir)] == [secret.stat().st_ino]
        assert secret.read_bytes() == SECRET * 100


class Growing:
    """A desk at which the first file grows when it has been read: its sender writes on."""

    def __init__(self, preparer: Preparer, work: Path) -> None:
        self._preparer = preparer
        self._work = work
        self.grown = 0

    def prepare(self, source: Source, first: int = 0) -> Iterator[Prepared]:
        """Read, and write."""
        yield from self._preparer.prepare(source, first)
        if not self.grown:
            (path,) = self._work.iterdir()
            with path.open("a", encoding="utf-8") as file:
                self.grown = file.write(TEXTS["C"])


def growing(stand: Stand) -> Growing:
    """Let a stand's files be prepared at such a desk."""
    instance = stand.work.instance
    work = instance.instance_dir / "state" / "work"
    preparer = Growing(PreparerConfig(instance.loaded.settings, instance.kept.recipe)(), work)
    prepares: Any = FilePreparer(preparer)  # type: ignore[arg-type] # it has what a preparer asks of a desk
    instance.route.preparation = Preparation(InLoop(lambda: prepares), work)
    return preparer


def test_a_file_that_grows_while_it_is_read_is_read_again_when_it_is_still(tmp_path: Path) -> None:
    """What was read is not what it is: it goes back (SYS905), waits until it has settled, and is judged once, whole."""
    with standing(tmp_path / "home", inbox__settle=2.0) as stand:
        preparer = growing(stand)
        seen = []
        stand.folder.drop({"a.txt": TEXTS["A"]})
        for _ in range(4):
            stand.loop.turn()
            seen.append(stand.folder.outcomes())
            stand.now += 2.5

        (event,) = stand.folder.decisions()
        assert preparer.grown
        assert seen == [{}, {}, {}, {"a.txt": "admitted"}]
        assert event["file"]["size"] == len((TEXTS["A"] + TEXTS["C"]).encode())


WHOLE = TEXTS["A"]
HALF = WHOLE[: WHOLE.rindex("\n\n") + 2]
REST = WHOLE.removeprefix(HALF)


def judged_again(
    instance_dir: Path, first: str, *rests: str, name: str = "a.txt", **settings: object
) -> tuple[Instance, list[dict[str, Any]]]:
    """An instance with a file that is written to after each time it was judged, and its decisions."""
    instance = Instance(instance_dir, **settings)
    instance.drop({name: first})
    todo, written = list(rests), set()

    def write(effect: str) -> None:
        recorded = (
            rows(instance_dir, "SELECT id FROM arrival WHERE state = 'recorded'") if effect == "committed" else []
        )
        for path in (instance_dir / "state" / "work" / row["id"] for row in recorded):
            if todo and path.exists() and path not in written:
                written.add(path)
                with path.open("a", encoding="utf-8") as file:
                    file.write(todo.pop(0))

    instance.pass_over(write)
    return instance, instance.decisions()


def superseded(instance: Instance) -> list[dict[str, Any]]:
    """The events that tell of an article whose place another took."""
    return [event for event in instance.events() if event["event"]["action"] == "supersede"]


@pytest.mark.parametrize("originality", [True, False])
def test_a_file_written_on_after_it_was_judged_is_judged_again_whole(tmp_path: Path, *, originality: bool) -> None:
    """Its first half was admitted; the whole takes that one's place, not compared with it, and the log tells both."""
    instance, (half, whole) = judged_again(tmp_path, HALF, REST, gates__originality__enabled=originality)

    (told,) = [event for event in instance.events() if event["event"]["action"] == "changed-after"]
    (gone,) = superseded(instance)
    assert [half["winnowd"]["outcome"], whole["winnowd"]["outcome"]] == ["admitted", "admitted"]
    assert (told["event"]["code"], told["winnowd"]["arrival"]["id"]) == ("SYS951", half["trace"]["id"])
    assert whole["winnowd"]["arrival"]["continues"] == half["trace"]["id"]
    assert (gone["winnowd"]["codes"], gone["winnowd"]["article"]["id"]) == (
        ["SYS952"],
        half["winnowd"]["article"]["id"],
    )
    (seed,) = [name for name in instance.files("seeds") if name.endswith(".txt")]
    assert seed.endswith(f"{whole['winnowd']['article']['id']}.txt")
    assert [changed(tmp_path), faults(tmp_path)] == [[], []]


def test_of_what_is_judged_again_the_bytes_judged_before_are_kept(tmp_path: Path) -> None:
    """The decision stands for these; the archive has both."""
    instance, _ = judged_again(tmp_path, HALF, REST)

    kept = sorted((tmp_path / "archive" / name).read_text(encoding="utf-8") for name in instance.files("archive"))
    assert kept == sorted([HALF, WHOLE])


def test_one_that_was_turned_away_too_early_is_admitted_when_it_is_whole(tmp_path: Path) -> None:
    """What was judged first stays beside its reasons, as it was then; nothing is superseded."""
    start = WHOLE[:60]
    instance, (early, whole) = judged_again(tmp_path, start, WHOLE.removeprefix(start))

    held = early["winnowd"]["destination"]["path"]
    assert [early["winnowd"]["outcome"], whole["winnowd"]["outcome"]] == ["rejected", "admitted"]
    assert (tmp_path / held).read_text(encoding="utf-8") == start
    assert superseded(instance) == []
    assert [changed(tmp_path), faults(tmp_path)] == [[], []]


def test_a_file_of_the_same_name_that_is_another_continues_nothing(tmp_path: Path) -> None:
    """The sender took his own away and sent another: that one is judged as any newcomer."""
    instance, _ = judged_again(tmp_path, HALF, REST)
    instance.drop({"a.txt": TEXTS["C"]})
    instance.pass_over()

    other = instance.decisions()[-1]
    assert other["winnowd"]["outcome"] == "admitted"
    assert "continues" not in other["winnowd"]["arrival"]
    assert len(superseded(instance)) == 1


def test_a_file_may_be_judged_again_and_again(tmp_path: Path) -> None:
    """Each takes the place of the one before; in the end the corpus has the last."""
    instance, decisions = judged_again(tmp_path, HALF, REST[:80] + "\n\n", REST)

    assert [one["winnowd"]["outcome"] for one in decisions] == ["admitted"] * 3
    assert [event["winnowd"]["codes"] for event in superseded(instance)] == [["SYS952"]] * 2
    assert sum(name.endswith(".txt") for name in instance.files("seeds")) == 1
    assert [changed(tmp_path), faults(tmp_path)] == [[], []]


def test_one_that_is_doubted_when_it_is_whole_leaves_the_corpus_as_it_is(tmp_path: Path) -> None:
    """What was admitted stays until something is admitted in its place."""
    most = len(HALF.split())
    instance, decisions = judged_again(tmp_path, HALF, REST, gates__length__words__max__doubt=most)

    assert [one["winnowd"]["outcome"] for one in decisions] == ["admitted", "quarantined"]
    assert superseded(instance) == []
    assert faults(tmp_path) == []


def test_one_that_has_the_same_text_after_all_is_its_own_copy(tmp_path: Path) -> None:
    """Blanks were added at the end: one text is one file of the corpus, and stays."""
    instance, (first, again) = judged_again(tmp_path, WHOLE, "\n\n")

    assert [first["winnowd"]["outcome"], again["winnowd"]["outcome"]] == ["admitted", "rejected"]
    assert again["winnowd"]["codes"] == ["DUP602"]
    assert superseded(instance) == []
    assert faults(tmp_path) == []


def test_a_restore_brings_back_what_was_superseded_by_its_own_file(tmp_path: Path) -> None:
    """As after any supersede: once the whole is retracted."""
    instance, (half, whole) = judged_again(tmp_path, HALF, REST)
    for action, one in (("retract", whole), ("restore", half)):
        order = {"action": action, "targets": [one["winnowd"]["article"]["id"]], "reason": "a test", "via": "cli"}
        give(tmp_path, SystemClock().uuid7(), OrderFile.model_validate({"at": "", "user": "", **order}))
        apply_orders_once(
            tmp_path, load(tmp_path, environ={}, overrides=instance.overrides, system=None), log=silent_log()
        )

    (seed,) = [name for name in instance.files("seeds") if name.endswith(".txt")]
    assert seed.endswith(f"{half['winnowd']['article']['id']}.txt")
    assert faults(tmp_path) == []


@pytest.mark.parametrize("originality", [True, False])
def test_the_records_that_a_changed_file_had_before_have_no_files_of_their_own(
    run: Callable[..., Ran], tmp_path: Path, *, originality: bool
) -> None:
    """Each is decided, and none stands in the corpus twice; only what is new has why-files, a page counts them."""
    texts = (TEXTS["A"], "Too short to be an article. " * 5, TEXTS["C"])
    first = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    more = json.dumps({"text": "Another that is too short. " * 6}) + "\n"
    instance_dir = tmp_path / "home"
    instance, decisions = judged_again(
        instance_dir, first, more, name="a.jsonl", gates__originality__enabled=originality
    )

    again = decisions[3:]
    assert [one["winnowd"]["outcome"] for one in decisions] == ["admitted", "rejected", "admitted"] + ["rejected"] * 4
    assert not any("evidence" in one["winnowd"] for one in again)
    pages = {path.removesuffix(".why.md") for path in instance.files("rejected") if path.endswith(".why.md")}
    of_records = {path for path in pages if not path.endswith(".jsonl")}
    assert of_records == {decisions[at]["winnowd"]["destination"]["path"].removeprefix("rejected/") for at in (1, 6)}
    assert len(pages - of_records) == 2
    ran = run("--home", str(instance_dir), "explain", f"{again[0]['winnowd']['arrival']['id']}-0")
    assert (ran.code, "DUP602" in ran.out or "DUP601" in ran.out) == (0, True)
    assert run("--home", str(instance_dir), "verify").code == 0
    assert faults(instance_dir) == []


def test_a_record_that_a_person_took_out_meanwhile_says_so(tmp_path: Path) -> None:
    """It has its why-files like any that a person's decision keeps out."""
    first = "".join(json.dumps({"text": TEXTS[one]}) + "\n" for one in "AC")
    instance, aside = grown(tmp_path, first, json.dumps({"text": "Too short. " * 9}) + "\n", name="a.jsonl")
    ordered(instance, "retract", f"{instance.decisions()[0]['winnowd']['arrival']['id']}-0")
    aside.rename(tmp_path / "inbox" / "a.jsonl")
    instance.pass_over()

    out = instance.decisions()[2]["winnowd"]
    assert out["codes"][0] == "ORD701"
    assert (tmp_path / f"{out['destination']['path']}.why.md").exists()
    assert faults(tmp_path) == []


def grown(
    instance_dir: Path, first: str, rest: str, instead: str | None = None, name: str = "a.txt"
) -> tuple[Instance, Path]:
    """An instance with a file that was changed after it was judged, and that one, put aside before it is judged again.

    ``instead`` is what its sender has put in its place by then, in one step.
    """
    instance, aside, todo = Instance(instance_dir), instance_dir / "aside", [1]
    instance.drop({name: first})

    def write(effect: str) -> None:
        there = instance_dir / "inbox" / name
        if effect == "committed" and todo and rows(instance_dir, "SELECT id FROM arrival WHERE state = 'recorded'"):
            todo.clear()
            (work,) = (instance_dir / "state" / "work").iterdir()
            with work.open("a", encoding="utf-8") as file:
                file.write(rest)
        elif not aside.exists() and there.exists() and rows(instance_dir, "SELECT 1 FROM arrival WHERE changed = 1"):
            there.rename(aside)
            if instead is not None:
                there.write_text(instead, encoding="utf-8")

    instance.pass_over(write)
    instance.pass_over()
    assert aside.read_text(encoding="utf-8").endswith(rest)
    return instance, aside


@pytest.mark.parametrize("name", ["a.txt", "b.txt"])
def test_what_a_person_took_out_meanwhile_does_not_come_back_with_its_file(tmp_path: Path, name: str) -> None:
    """The whole is judged as the same text under another name would be: it is too near to what was retracted."""
    instance, aside = grown(tmp_path, HALF, REST)
    ordered(instance, "retract", "a.txt")
    aside.rename(tmp_path / "inbox" / name)
    instance.pass_over()

    first, whole = instance.decisions()
    assert ("continues" in whole["winnowd"]["arrival"]) == (name == "a.txt")
    assert whole["winnowd"]["outcome"] == "quarantined"
    assert whole["winnowd"]["nearest"]["id"] == first["winnowd"]["article"]["id"]
    assert not [path for path in instance.files("seeds") if path.endswith(".txt")]
    assert faults(tmp_path) == []


@pytest.mark.parametrize("name", ["a.txt", "b.txt"])
def test_what_a_person_confirmed_meanwhile_is_compared_with_its_file(tmp_path: Path, name: str) -> None:
    """A held text of which a person has confirmed that it stays out; its file has some words more by now."""
    instance, aside = grown(tmp_path, DOUBTED, "\nAnd that is all.\n")
    ordered(instance, "confirm", "a.txt")
    aside.rename(tmp_path / "inbox" / name)
    instance.pass_over()

    first, whole = instance.decisions()
    assert whole["winnowd"]["nearest"]["id"] == first["winnowd"]["article"]["id"]


def test_one_that_another_file_has_replaced_is_not_waited_for_any_more(tmp_path: Path) -> None:
    """A later file of that name may get the inode that has become free: it goes on with nothing."""
    instance, aside = grown(tmp_path, HALF, REST, instead=TEXTS["C"])
    aside.write_text(TEXTS["D"], encoding="utf-8")
    aside.rename(tmp_path / "inbox" / "a.txt")
    instance.pass_over()

    assert len(instance.decisions()) == 3
    assert all("continues" not in one["winnowd"]["arrival"] for one in instance.decisions())
    assert superseded(instance) == []
    assert rows(tmp_path, "SELECT id FROM arrival WHERE changed = 1") == []


def written_on(instance_dir: Path, deed: Callable[[Path], object], **settings: object) -> Instance:
    """An instance with a file that is written to after it was judged, and to which its sender does something then."""
    instance = Instance(instance_dir, **settings)
    instance.drop({"feed/a.txt": HALF, "feed/a.txt.done": ""})
    todo = [deed]

    def write(effect: str) -> None:
        recorded = (
            rows(instance_dir, "SELECT id FROM arrival WHERE state = 'recorded'") if effect == "committed" else []
        )
        for row in recorded if todo else []:
            path = instance_dir / "state" / "work" / row["id"]
            with path.open("a", encoding="utf-8") as file:
                file.write(REST)
            todo.pop()(path)

    instance.pass_over(write)
    assert not todo
    return instance


def test_one_that_nobody_but_its_sender_may_read_any_more_is_put_away_as_it_is(tmp_path: Path) -> None:
    """It cannot be judged again: what was decided stands, nothing is lost, the log tells, and the service goes on."""
    with unprivileged():
        instance = written_on(tmp_path, lambda path: path.chmod(0), inbox__ignore=["*.done"])

    (kept,) = instance.files("archive")
    assert instance.outcomes() == {"a.txt": "admitted"}
    assert "changed-after" not in [event["event"]["action"] for event in instance.events()]
    assert (tmp_path / "archive" / kept).read_text(encoding="utf-8") == WHOLE
    assert instance.files("state/work") == []
    (told,) = [event for event in instance.events() if event["event"]["action"] == "failure"]
    assert (told["event"]["code"], told["winnowd"]["arrival"]["id"]) == (
        "SYS953",
        instance.decisions()[0]["trace"]["id"],
    )
    assert told["error"]["message"] == f"archive/{kept} is not what was judged"
    assert told["message"].startswith("a.txt was written to after it was judged, and may not be read any more")


@pytest.mark.parametrize("deed", [Path.unlink, lambda path: path.write_text("other")], ids=["gone", "other"])
def test_that_one_was_put_away_unread_excuses_nothing_that_is_done_to_it_later(
    tmp_path: Path, run: Callable[..., Ran], deed: Callable[[Path], object]
) -> None:
    """What lies there is not the file that came, and is missed when it goes."""
    instance_dir = tmp_path / "home"
    with unprivileged():
        instance = written_on(instance_dir, lambda path: path.chmod(0), inbox__ignore=["*.done"])
    (kept,) = instance.files("archive")

    before = run("--home", str(instance_dir), "verify")
    deed(instance_dir / "archive" / kept)
    after = run("--home", str(instance_dir), "verify")

    assert (before.code, after.code) == (1, 1)
    assert all(f"archive/{kept} is " in verified.out for verified in (before, after))


def test_one_that_was_only_made_unreadable_is_put_away_without_a_word(tmp_path: Path) -> None:
    """It is what was judged."""
    instance = Instance(tmp_path)
    instance.drop({"a.txt": WHOLE})

    def lock(effect: str) -> None:
        if effect == "committed" and rows(tmp_path, "SELECT id FROM arrival WHERE state = 'recorded'"):
            for path in (tmp_path / "state" / "work").iterdir():
                path.chmod(0)

    with unprivileged():
        instance.pass_over(lock)

    assert instance.outcomes() == {"a.txt": "admitted"}
    assert [event for event in instance.events() if event["event"]["action"] == "failure"] == []


def test_one_whose_feed_does_not_take_it_back_is_judged_again_all_the_same(tmp_path: Path) -> None:
    """From the inbox itself: one folder of a sender stops nobody."""
    with unprivileged():
        feed = tmp_path / "inbox" / "feed"
        instance = written_on(tmp_path, lambda _: feed.chmod(0o555), inbox__ignore=["*.done"])

    assert [one["file"]["size"] for one in instance.decisions()] == [len(HALF.encode()), len(WHOLE.encode())]
    assert instance.files("state/work") == []
    assert [changed(tmp_path), faults(tmp_path)] == [[], []]


def test_one_that_came_with_a_marker_is_judged_again_too(tmp_path: Path) -> None:
    """The marker went when it was taken; it has one again when it goes back, and that one goes as well."""
    instance = written_on(tmp_path, bool, inbox__done="{name}.done")

    assert [one["file"]["size"] for one in instance.decisions()] == [len(HALF.encode()), len(WHOLE.encode())]
    assert len(superseded(instance)) == 1
    assert instance.files("inbox") == []
    assert [changed(tmp_path), faults(tmp_path)] == [[], []]
