"""The rest of a file that was only counted (SYS949): how a person meets it, reads of it, and has it judged."""

from __future__ import annotations

import json
import shutil
import unicodedata
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.instance import Instance

from winnowd.audit.find import fit_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

NAME = "rows\u202e|*_[x](www.e.example)`<b>\x1b[31m.jsonl"


@pytest.fixture(scope="module")
def held_before(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance that holds the last hundred of 600 records, made once."""
    home = tmp_path_factory.mktemp("held-rest") / "home"
    instance = Instance(home)
    (home / "config").mkdir()
    (home / "config" / "winnowd.toml").write_text("[inbox]\nsettle = 0\n")
    instance.drop({NAME: (json.dumps({"text": "a"}) + "\n") * 600})
    instance.pass_over()
    return instance


@pytest.fixture
def held(held_before: Instance, tmp_path: Path) -> Instance:
    """A copy of it, to be changed."""
    shutil.copytree(held_before.instance_dir, tmp_path / "home")
    return Instance(tmp_path / "home")


def test_the_page_beside_it_names_every_command_that_helps(held: Instance) -> None:
    """Why it is held, what became of the records before, how to have it judged; the name is made harmless."""
    (path,) = (held.instance_dir / "quarantine").rglob("*.why.md")
    page = path.read_text(encoding="utf-8")
    arrival = held.decisions()[-1]["winnowd"]["arrival"]["id"]

    assert "## The 500 records before it" in page
    for command in (
        f"explain {arrival}-600", f"explain {arrival}-NUMBER", f"log --grep {arrival}", "rule SYS949",
        f'release {arrival}-600 --reason "..."', f'confirm {arrival}-600 --reason "..."',
    ):  # fmt: skip
        assert f"`winnowd {command}`" in page
    assert "| 500 | rejected | QUA401 |" in page
    assert not any(unicodedata.category(sign) in {"Cc", "Cf"} for sign in page.replace("\n", ""))
    assert page.startswith("# rows\\|\\*\\_\\[x\\](www&#46;e.example)\\`&lt;b&gt;\\[31m.jsonl: quarantined\n")


def test_it_is_shown_found_by_its_short_name_and_judged_when_released(run: Callable[..., Ran], held: Instance) -> None:
    """``explain``, ``release``, ``run --once``, ``explain``: what each says, and that all is decided at the end."""
    instance_dir, arrival = str(held.instance_dir), held.decisions()[-1]["winnowd"]["arrival"]["id"]
    short = f"{arrival[:8]}-600"

    several = run("--home", instance_dir, "explain", "rows")
    before = run("--home", instance_dir, "explain", short)
    refused = run("--home", instance_dir, "release", f"{arrival}-601", "--reason", "no such record")
    released = run("--home", instance_dir, "release", short, "--reason", "they are all of it")
    again = run("--home", instance_dir, "run", "--once")
    after = run("--home", instance_dir, "explain", short)

    assert short in several.out
    assert "winnowd release" in before.out
    assert "have it judged, record by record" in before.out
    assert f"winnowd log --grep {arrival}" in before.out
    assert refused.code == 12
    assert "is reopened\n  the rest is judged now, record by record" in released.out
    assert "\n100 records: 0 admitted, 100 rejected, 0 quarantined" in again.out
    assert (released.err, again.err) == ("", "")  # that it waited is no unfinished run
    assert "lies in     state/work until each of its records is decided, in archive/ from then on" in after.out
    assert "winnowd release" not in after.out.replace("`winnowd release`", "")
    assert not any(unicodedata.category(sign) in {"Cc", "Cf"} for sign in before.out.replace("\n", ""))
    assert [event["winnowd"]["arrival"]["record"] for event in held.decisions()][-100:] == list(range(500, 600))
    (page,) = (held.instance_dir / "rejected").rglob("*.why.md")
    assert ": 600 records\n" in page.read_text(encoding="utf-8")
    assert "reopened" not in page.read_text(encoding="utf-8")
    assert faults(held.instance_dir, sent=1) == []


def test_its_rule_says_why_and_what_to_do(run: Callable[..., Ran]) -> None:
    """Without an instance, too."""
    said = " ".join(run("rule", "SYS949").out.split())

    assert "one file must not fill ledger and log" in said
    assert "`winnowd release` has the rest judged, record by record, `winnowd confirm` turns it away" in said


@pytest.mark.parametrize(
    ("key", "fit"),
    [
        ("0123456789abcdef-60", 0), ("01234567-60", 1), ("0123-6", 3), ("01234567-600", 3), ("-60", 3), ("99-60", 3),
        ("0123456789abcdef-6", 1),
    ],
)  # fmt: skip
def test_the_beginning_of_an_arrival_with_a_whole_number_is_a_name(key: str, fit: int) -> None:
    """And nothing else of that kind."""
    event = {"winnowd": {"arrival": {"id": "0123456789abcdef", "record": 60}}, "file": {"name": "a", "path": "inbox/a"}}

    assert fit_of(event, key) == fit
