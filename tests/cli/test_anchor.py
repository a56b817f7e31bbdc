"""What is kept of the log elsewhere, a line or the folder of ``audit.anchor_dir``; and ``verify`` holds it to that."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.test_verify import instance_dir, kept
from tests.e2e.instance import Instance

from winnowd.audit.chain_check import Anchor
from winnowd.audit.head_line import Head, anchors_told
from winnowd.audit.links import FIRST
from winnowd.audit.reader import Log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

__all__ = ["instance_dir", "kept"]  # fixtures: two days, the first sealed


def truncated(instance_dir: Path) -> None:
    """Cut the last event from the log, and have all that the instance remembers agree."""
    file = Log(instance_dir).path(Log(instance_dir).days()[-1])
    *rest, _ = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(rest))
    end = json.loads(rest[-1])["event"]["sequence"], hashlib.sha256(rest[-1].rstrip(b"\n")).hexdigest()
    head = json.loads((instance_dir / "audit" / "HEAD.json").read_bytes())
    forged = {**head, "sequence": end[0], "sha256": end[1], "offset": len(b"".join(rest))}
    (instance_dir / "audit" / "HEAD.json").write_text(json.dumps(forged))
    (instance_dir / "seeds" / "INDEX.md").unlink()
    shutil.rmtree(instance_dir / "state")
    (instance_dir / "state").mkdir()


@pytest.fixture
def head(run: Callable[..., Ran], instance_dir: Path) -> str:
    """The line of the log as it is."""
    return run("--home", str(instance_dir), "log", "--head").out


def test_the_head_is_one_line_of_a_form_that_stays(head: str, instance_dir: Path) -> None:
    """What a script, a journal or a tag may rely on; its number and hash are those of the last event."""
    last = Log(instance_dir).newest(1)[0]
    event = last.event()

    assert head == (
        f"winnowd-head 1 sequence={event['event']['sequence']} sha256={last.sha256} day={event['@timestamp'][:10]} "
        f"at={event['@timestamp']} instance={event['host']['name']}:{instance_dir}\n"
    )


def test_as_data_it_has_the_same(run: Callable[..., Ran], head: str, instance_dir: Path) -> None:
    """Each field by its name."""
    told = json.loads(run("--home", str(instance_dir), "--json", "log", "--head").out.splitlines()[0])

    assert told.pop("type") == "head"
    assert f"{Head(**told).line()}\n" == head


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text(max_size=80), st.text(max_size=80))
def test_a_head_is_found_whatever_stands_around_it_and_whatever_an_instance_is_called(
    host: str, before: str, after: str
) -> None:
    """What a journal puts before a line, a signature after it, is no part of it; a name cannot forge another head."""
    import urllib.parse

    line = Head(7, "ab" * 32, "2026-11-30", "2026-11-30T13:00:00Z", urllib.parse.quote(host, safe="")).line()

    assert list(anchors_told(f"{before} {line}\n{after}", "kept")) == [Anchor(7, "ab" * 32, "kept")]
    assert len(line.split()) == 7


@pytest.mark.parametrize("form", ["line", "file", "journal"])
def test_a_log_whose_end_was_cut_is_not_the_one_of_which_the_line_was_kept(
    run: Callable[..., Ran], instance_dir: Path, tmp_path: Path, head: str, form: str
) -> None:
    """The chain alone is whole; whatever the instance itself remembers was changed with it."""
    (tmp_path / "kept").write_text(head if form != "journal" else f"Nov 30 13:00:02 host winnowd-anchor[12]: {head}\n")
    anchor = head.strip() if form == "line" else str(tmp_path / "kept")
    check = ("--home", str(instance_dir), "verify", "--chain-only")

    whole = run(*check, "--anchor", anchor)
    truncated(instance_dir)
    unseen = run(*check)
    seen = run(*check, "--anchor", anchor)

    assert (whole.code, unseen.code, seen.code) == (0, 0, 1)
    assert "which the log does not have; its end, or all of it, was replaced" in seen.out


def test_another_hash_is_no_head_of_this_log(run: Callable[..., Ran], instance_dir: Path, head: str) -> None:
    """The event is there, and is another: all of it was written anew."""
    other = head.replace(head.partition("sha256=")[2][:64], FIRST)

    ran = run("--home", str(instance_dir), "verify", "--chain-only", "--anchor", other.strip())

    assert (ran.code, "that the line given remembers" in ran.out) == (1, True)


@pytest.mark.parametrize("words", [("--head", "-n", "3"), ("--head", "--since", "today"), ("--head", "--follow")])
def test_a_head_is_of_the_whole_log(run: Callable[..., Ran], instance_dir: Path, words: tuple[str, ...]) -> None:
    """No filter goes with it, and none is silently left out."""
    ran = run("--home", str(instance_dir), "log", *words)

    assert (ran.code, ran.out) == (2, "")


def test_a_log_without_an_event_has_no_head(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A script that keeps heads is told so, and keeps nothing."""
    made = Instance(tmp_path / "new")
    (made.instance_dir / "state").mkdir()

    ran = run("--home", str(made.instance_dir), "log", "--head")

    assert (ran.code, ran.out, "has no event yet" in ran.err) == (12, "", True)


def test_a_line_that_is_no_anchor_and_no_file_is_said_to_be_none(run: Callable[..., Ran], instance_dir: Path) -> None:
    """However long it is."""
    for given_anchor in ("winnowd-head 2 sequence=1", "x" * 5_000):
        assert run("--home", str(instance_dir), "verify", "--anchor", given_anchor).code == 3
