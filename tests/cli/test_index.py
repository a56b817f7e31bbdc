"""``winnowd index``: drift is named, and written away."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import snapshot
from tests.cli.test_verify import changed, instance_dir, kept, one
from tests.crash.check import events

from winnowd import __version__
from winnowd.daemon.serve import decide_once, owned
from winnowd.settings import load
from winnowd.storage.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ran

__all__ = ["instance_dir", "kept"]  # fixtures: two days, orders, a sealed day


@pytest.fixture
def index(run: Callable[..., Ran], instance_dir: Path) -> Callable[..., Ran]:
    """Run ``winnowd index`` on the copy."""
    return lambda *arguments: run("--home", str(instance_dir), "index", *arguments)


def stray(instance_dir: Path) -> None:
    """A page that the ledger does not know."""
    one(instance_dir, "seeds/index/2*/001.jsonl").with_name("002.jsonl").write_text("{}\n")


def first_year(instance_dir: Path) -> None:
    """INDEX.md says that it was written when nothing can have been turned away in the 30 days before."""
    path = instance_dir / "seeds" / "INDEX.md"
    path.write_bytes(re.sub(rb"  updated: [0-9]{4}-", b"  updated: 0001-", path.read_bytes()))


DRIFTED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a page for programs": (
        lambda instance_dir: changed(one(instance_dir, "seeds/index/2*/*.jsonl"), b'"title": "', b'"title": "No '),
        "001.jsonl",
    ),
    "a page for people": (lambda instance_dir: one(instance_dir, "seeds/index/2*/*.md").unlink(), "001.md"),
    "INDEX.md": (
        lambda instance_dir: changed(instance_dir / "seeds" / "INDEX.md", b"# Seeds", b"# My seeds"),
        "seeds/INDEX.md",
    ),
    "the card": (
        lambda instance_dir: changed(instance_dir / "seeds" / "README.md", b"list: string", b"dtype: string"),
        "seeds/README.md",
    ),
    "no card": (lambda instance_dir: (instance_dir / "seeds" / "README.md").unlink(), "seeds/README.md"),
    "when INDEX.md was written": (
        lambda instance_dir: changed(instance_dir / "seeds" / "INDEX.md", b"  updated: 2", b"  updated: in 2"),
        "seeds/INDEX.md",
    ),
    "INDEX.md before all times": (first_year, "seeds/INDEX.md"),
    "tombstones": (
        lambda instance_dir: (instance_dir / "seeds/index/tombstones.jsonl").unlink(),
        "seeds/index/tombstones.jsonl",
    ),
    "a stray page": (stray, "002.jsonl"),
}


def test_an_index_as_the_ledger_has_it_is_well(index: Callable[..., Ran], instance_dir: Path) -> None:
    """Nothing is changed by looking."""
    before = snapshot(instance_dir)

    ran = index("check")

    assert (ran.code, ran.out) == (0, "ok 1 page, README.md and INDEX.md are as the ledger has them\n")
    assert snapshot(instance_dir) == before


def test_an_index_that_another_version_wrote_has_not_drifted(index: Callable[..., Ran], instance_dir: Path) -> None:
    """Between an upgrade and the first start nobody has changed anything."""
    changed(
        instance_dir / "seeds" / "INDEX.md", f"# made by winnowd {__version__} ".encode(), b"# made by winnowd 0.0.1 "
    )

    assert index("check").code == 0


def test_an_index_from_before_there_was_a_card_has_not_drifted(index: Callable[..., Ran], instance_dir: Path) -> None:
    """INDEX.md said then what hubs read; the next start writes both anew."""
    (instance_dir / "seeds" / "README.md").unlink()
    said = b'pretty_name: "Seeds"\nlanguage: ["en"]\nlicense: "other"\nsize_categories: ["n<1K"]\n'
    said += b'configs: [{config_name: default, data_files: "index/*/*.jsonl"}]\nwinnowd:\n'
    changed(instance_dir / "seeds" / "INDEX.md", b"winnowd:\n", said)

    assert index("check").code == 0


@pytest.mark.parametrize("name", DRIFTED)
def test_drift_is_named_and_written_away(index: Callable[..., Ran], instance_dir: Path, name: str) -> None:
    """Exit 1 until it is rebuilt; then every file is as it was before, byte for byte but for the time of INDEX.md."""
    drift, position = DRIFTED[name]
    before = {path: path.read_bytes() for path in (instance_dir / "seeds").rglob("*") if path.is_file()}
    drift(instance_dir)

    found = index("check", "--json")
    rebuilt = index("rebuild")
    after = index("check")

    assert found.code == 1
    assert [row["place"].endswith(position) for row in found.rows if row["type"] == "damage"] == [True]
    assert (rebuilt.code, after.code) == (0, 0)
    assert "1 of the files were not as they must be" in rebuilt.err
    now = {path: path.read_bytes() for path in (instance_dir / "seeds").rglob("*") if path.is_file()}
    assert {path.name for path in before | now if before.get(path) != now.get(path)} <= {"INDEX.md"}


def test_a_rebuilt_index_is_told_in_the_log(
    index: Callable[..., Ran], run: Callable[..., Ran], instance_dir: Path
) -> None:
    """The log witnesses what INDEX.md vouches for, and everything still agrees."""
    changed(instance_dir / "seeds" / "INDEX.md", b"# Seeds", b"# My seeds")

    index("rebuild")

    assert events(instance_dir)[-1]["event"]["action"] == "index-written"
    assert run("--home", str(instance_dir), "verify").code == 0


def test_while_a_service_works_it_is_not_rebuilt(index: Callable[..., Ran], instance_dir: Path) -> None:
    """Exit 75; it can be checked all the same."""
    lock = Lock(instance_dir / "state" / "lock")
    lock.acquire()

    rebuilt, checked = index("rebuild"), index("check")
    lock.release()

    assert (rebuilt.code, checked.code) == (75, 0)
    assert "works on this instance" in rebuilt.err


@pytest.mark.parametrize(("writes", "code"), [(True, 0), (False, 1)])
def test_a_page_that_a_service_is_writing_has_not_drifted(
    index: Callable[..., Ran], instance_dir: Path, monkeypatch: pytest.MonkeyPatch, *, writes: bool, code: int
) -> None:
    """Under load a page is always a little behind: only one that lies untouched from look to look is wrong."""
    page = one(instance_dir, "seeds/index/2*/*.jsonl")
    changed(page, b'"title": "', b'"title": "No ')

    def meanwhile(_: float) -> None:
        if writes:
            page.write_bytes(page.read_bytes() + b"{}\n")

    monkeypatch.setattr(time, "sleep", meanwhile)
    lock = Lock(instance_dir / "state" / "lock")
    lock.acquire()

    ran = index("check")
    lock.release()

    assert ran.code == code


def test_without_a_ledger_there_is_nothing_to_compare_with(run: Callable[..., Ran]) -> None:
    """Exit 74, with what makes one."""
    run("init", "new")

    ran = run("--home", "new", "index", "check")

    assert ran.code == 74
    assert '"winnowd run" makes it' in ran.err


def test_a_start_that_is_ended_before_it_has_written_anything_verifies(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Ctrl-C while a first start still loads: all is as it was written."""
    with pytest.raises(KeyboardInterrupt), owned(tmp_path, load(tmp_path, environ={}, system=None), processes=0):
        raise KeyboardInterrupt

    assert run("--home", str(tmp_path), "verify").code == 0
    assert run("--home", str(tmp_path), "index", "check").code == 0


def test_a_first_start_that_is_killed_anywhere_is_no_drift(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Before, between and after the first card and INDEX.md of an empty corpus: neither is behind."""
    kills = 0
    for most in itertools.count():
        home = tmp_path / str(most)
        effects = iter(range(most))

        def ends_here(_: str, left: Iterator[int] = effects) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        with contextlib.suppress(KeyboardInterrupt):
            decide_once(home, load(home, environ={}, system=None), on_effect=ends_here, processes=0)
        assert run("--home", str(home), "index", "check").code == 0
        if (home / "seeds" / "INDEX.md").exists():
            break
        kills += 1

    assert kills > 3


def test_an_empty_index_that_was_written_is_held(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Nothing was admitted yet: INDEX.md and the card are held to that all the same."""
    home = tmp_path / "empty"
    decide_once(home, load(home, environ={}, system=None), processes=0)
    changed(home / "seeds" / "README.md", b"list: string", b"dtype: string")

    assert "seeds/README.md" in run("--home", str(home), "index", "check").out

    (home / "seeds" / "INDEX.md").unlink()

    assert "seeds/README.md" in run("--home", str(home), "index", "check").out
