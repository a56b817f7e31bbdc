"""Packed blocks: an instance whose records lie in them is asked, ordered and proved as one whose files lie apart."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from tests.e2e.in_blocks import be_patient, files_of, lay_in_blocks
from tests.e2e.instance import ROOT, TEXTS, Instance
from tests.e2e.test_orders import DOUBTED, ordered, rows

from winnowd.cli import main
from winnowd.layout import PACKED, split_block
from winnowd.model import Portion
from winnowd.storage import packed
from winnowd.storage.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

BLOCK: Final = "b0001"
IN_BLOCK: Final = re.compile(rf"{BLOCK}{re.escape(PACKED)}/")
PASSING: Final = re.compile(
    r"\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+\b|[0-9.,]+ [mu]?s\b"
    r"|[0-9,]+ bytes from byte [0-9,]+"
)
"""Times, what took how long, ids of events, and where evidence stands in a file."""
UP: Final = re.compile(r"(\.\./)+")
"""A link from a page in a block goes up one more: it is a page in a folder of that name to who unpacks it."""
DEMO: Final = ROOT / "service/winnowd/demo"
LIBRARY, LAMP = ((DEMO / name).read_text(encoding="utf-8") for name in ("4-night-library.txt", "5-harbour-lamp.txt"))
ARRIVAL: Final = "514e28b700000007"
KEYS: Final = [f"{ARRIVAL}-{number}" for number in range(6)]
RECORDS: Final = (TEXTS["A"], TEXTS["B"], DOUBTED, LIBRARY, "Too short to be an article.", LIBRARY + " ")


def decided(instance_dir: Path, block: str) -> Instance:
    """An instance with a file of six records, and one of one; its records lie in a packed block, if one is named."""
    instance = Instance(instance_dir)
    instance.drop({"many.jsonl": "".join(json.dumps({"text": text, "title": text[:9]}) + "\n" for text in RECORDS)})
    with pytest.MonkeyPatch.context() as patch:
        be_patient(patch)
        lay_in_blocks(patch, lambda: block)
        patch.setattr("winnowd.wiring.instance.Portion", lambda records: Portion(records, sys.maxsize, math.inf))
        patch.setattr(SystemClock, "salt", lambda _: 7)
        instance.pass_over()
        instance.drop({"lamp.txt": LAMP})
        instance.pass_over()
    return instance


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """One whose files lie apart; nobody changes it."""
    return decided(tmp_path_factory.mktemp("plain") / "home", "")


@pytest.fixture(scope="module")
def in_block(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """The same in packed blocks; nobody changes it."""
    return decided(tmp_path_factory.mktemp("packed") / "home", BLOCK)


def block_in(instance: Instance, folder: str) -> Path:
    """The packed block of one of its folders, on whatever day it was made."""
    (found,) = (instance.instance_dir / folder).rglob(f"{BLOCK}{PACKED}")
    return found


@pytest.fixture
def copy(in_block: Instance, tmp_path: Path) -> Instance:
    """A copy of it, to be changed."""
    shutil.copytree(in_block.instance_dir, tmp_path / "home")
    return Instance(tmp_path / "home")


def blocks(instance: Instance) -> dict[str, list[str]]:
    """The packed blocks, and the names of what they hold."""
    found = sorted(instance.instance_dir.rglob(f"*{PACKED}"))
    return {path.relative_to(instance.instance_dir).as_posix(): packed.names_in(path) for path in found}


def bare(text: str) -> str:
    """A text without times, and with addresses as they are apart."""
    return UP.sub("../", PASSING.sub("", IN_BLOCK.sub("", text)))


def contents(instance: Instance) -> dict[str, str]:
    """What an instance keeps of its records, by the path that it has apart."""
    return {
        bare(f"{folder}/{name}"): bare(content.decode())
        for folder in ("seeds", "quarantine", "rejected", "archive", "audit/evidence")
        for name, content in files_of(instance.instance_dir / folder).items()
        if folder != "seeds" or name[:1].isdigit()  # an article, no page of the index
    }


def said(instance: Instance, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command says, but for times and where files lie; it ends well."""
    capsys.readouterr()
    assert main(["--home", str(instance.instance_dir), *words]) == 0, capsys.readouterr()
    return bare(" ".join(capsys.readouterr().out.split()))


def test_all_of_a_block_is_the_same_bytes(plain: Instance, in_block: Instance) -> None:
    """Texts, records, why-files and evidence; an original that is a file of its own stays one."""
    assert contents(in_block) == contents(plain)
    held = {name.split("/")[0]: len(names) for name, names in blocks(in_block).items()}
    assert set(held) == {"seeds", "quarantine", "rejected", "audit"}
    assert held["seeds"] == len(rows(in_block))


def test_events_and_rows_name_the_same_but_for_where_it_lies(plain: Instance, in_block: Instance) -> None:
    """Each address is that of a file that is there, and holds what is told of it."""
    told = [json.loads(IN_BLOCK.sub("", json.dumps(rows(one)))) for one in (plain, in_block)]
    assert told[0] == told[1]
    assert plain.outcomes() == in_block.outcomes()
    for event in in_block.decisions():
        named = event["winnowd"].get("evidence")
        if named is not None:
            assert split_block(named["path"])[0] or event["file"]["name"] == "lamp.txt"
            content = packed.part(in_block.instance_dir / named["path"], named["offset"], named["bytes"])
            assert json.loads(content)


@pytest.mark.parametrize(
    "words",
    [("verify",), ("stats", "--by", "code"), ("queue",), *(("explain", key) for key in KEYS), ("export", "jsonl")],
    ids="-".join,
)
def test_a_command_says_the_same(
    plain: Instance, in_block: Instance, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """Word for word, but for times and addresses."""
    assert said(in_block, capsys, *words) == said(plain, capsys, *words)


def outcome(instance: Instance, record: int) -> str:
    """What the last event says of a record of the file of many."""
    found = (event["winnowd"] for event in instance.events() if "outcome" in event["winnowd"])
    of_file = [one for one in found if one["arrival"]["id"] == ARRIVAL and one["arrival"]["record"] == record]
    return str(of_file[-1]["outcome"])


def test_orders_bring_records_out_of_their_blocks(copy: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """Where each goes nothing else lies; whatever is undone comes back beside the block; the proof holds throughout."""
    given = [
        ("retract", 0, "retracted"),
        ("restore", 0, "admitted"),
        ("release", 2, "admitted"),
        ("restore", 2, "quarantined"),
        ("confirm", 2, "rejected"),
        ("restore", 2, "quarantined"),
        ("retract", 3, "retracted"),
        ("release", 1, "rejected"),  # it is a copy of the first, and refused
        ("release", 4, "admitted"),
    ]
    for action, record, became in given:
        ordered(copy, action, KEYS[record])  # type: ignore[arg-type]

        assert outcome(copy, record) == became, (action, record)
        assert main(["--home", str(copy.instance_dir), "verify"]) == 0, (action, record, capsys.readouterr().out)

    left = {name.partition("/20")[0] for name in blocks(copy)}
    assert left == {"audit/evidence", "rejected"}, "a block that has nothing left is gone"
    assert main(["--home", str(copy.instance_dir), "ledger", "rebuild"]) == 0, capsys.readouterr().out
    assert main(["--home", str(copy.instance_dir), "verify"]) == 0, capsys.readouterr().out
    assert {row["path"].count("/") for row in rows(copy)} == {2}, "beside the block, in the month"


def test_what_is_erased_is_in_no_block(copy: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """Text, record, page and the line of evidence; of the others nothing moves, and a new ledger knows the same."""
    before = contents(copy)
    for record in (0, 1):
        ordered(copy, "erase", KEYS[record], yes=True)

    after = contents(copy)
    gone = {name for name in before if "-1.txt" in name or name.endswith("db7d3a05a8ba4a3b.txt")}
    assert before.keys() - after.keys() == gone
    assert len(gone) == 3
    changed = {name for name in after if name in before and after[name] != before[name]}
    (evidence,) = changed
    assert not any(word in after[evidence] for word in ("rewrite", "DUP606"))
    home = ["--home", str(copy.instance_dir)]
    assert main([*home, "verify"]) == 0, capsys.readouterr().out
    assert main([*home, "ledger", "rebuild"]) == 0, capsys.readouterr().out
    assert main([*home, "verify"]) == 0, capsys.readouterr().out


def test_a_ledger_is_made_anew_from_blocks_alone(copy: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    """The original is gone: texts come from where they lie."""
    gone = list((copy.instance_dir / "archive").rglob("*~*"))
    for path in gone:
        path.unlink()
    before = rows(copy)

    assert main(["--home", str(copy.instance_dir), "ledger", "rebuild"]) == 0, capsys.readouterr().out

    capsys.readouterr()
    assert main(["--home", str(copy.instance_dir), "verify"]) == 1
    assert capsys.readouterr().out.count(" is gone: ") == len(gone) == 1, "nothing but the original"
    assert rows(copy) == before


@pytest.mark.parametrize("folder", ["seeds", "audit/evidence", "rejected"])
@pytest.mark.parametrize("harm", ["gone", "cut", "changed", "index"])
def test_whatever_is_done_to_a_block_is_found(
    copy: Instance, folder: str, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``verify`` names it; no reader takes other bytes for those that were written, and none falls over them."""
    path = block_in(copy, folder)
    content = path.read_bytes()
    first = packed.names_in(path)[0]
    harmed = {
        "gone": None,
        "cut": content[:-9],
        "changed": packed.repacked(path, {first: b"another text"}),
        "index": content[:-40] + bytes(40),
    }[harm]
    path.unlink()
    if harmed is not None:
        path.write_bytes(harmed)

    code = main(["--home", str(copy.instance_dir), "verify"])

    out = capsys.readouterr().out
    of_the_operator = folder.startswith("rejected") and harm in {"gone", "changed"}  # as where its files lie apart
    assert code == int(not of_the_operator)
    assert of_the_operator or f"{BLOCK}{PACKED}" in out
    for key in KEYS[:2]:
        assert main(["--home", str(copy.instance_dir), "explain", key]) in {0, 1}
    assert main(["--home", str(copy.instance_dir), "export", "jsonl"]) == int(folder.startswith("seeds"))


def test_a_damaged_block_holds_up_no_order_and_is_not_called_erased(
    copy: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can be done without it is done; what cannot be taken out of it is refused; ``verify`` goes on telling."""
    path = block_in(copy, "seeds")
    path.write_bytes(bytes(9) + path.read_bytes()[9:])

    (erased,) = ordered(copy, "erase", KEYS[0], yes=True)
    ordered(copy, "retract", KEYS[0])

    assert erased["state"] == "refused"
    assert outcome(copy, 0) == "retracted"
    assert main(["--home", str(copy.instance_dir), "verify"]) == 1
    assert f"{BLOCK}{PACKED}" in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("zstd") is None, reason="tar unpacks a block with zstd")
def test_any_tar_unpacks_a_block_and_what_is_unpacked_is_read(copy: Instance, tmp_path: Path) -> None:
    """Also in its place, where a folder of its name takes it."""
    for block, names in blocks(copy).items():
        path = copy.instance_dir / block
        goal = tmp_path / "unpacked" / block
        goal.mkdir(parents=True)
        subprocess.run(["tar", "--zstd", "-xf", path, "-C", goal], check=True)
        assert {one.name: one.read_bytes() for one in goal.iterdir()} == {
            name: packed.read(path / name) for name in names
        }
        path.unlink()
        shutil.copytree(goal, path)

    assert main(["--home", str(copy.instance_dir), "verify"]) == 0
