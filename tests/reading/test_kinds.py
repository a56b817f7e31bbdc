"""One table says what is read: what documents, rules, fuzzers and hostile senders have of it is held to that here."""

from __future__ import annotations

import importlib.util
import os
import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from tests.e2e.hostile import deposit_all
from tests.reading.one_of_each import SAMPLES
from tests.reading.stand import ROOT, read_all

from winnowd.model import Read
from winnowd.reading import reader
from winnowd.reading.kinds import KINDS, Kind, extension, may_hold_many, recognise
from winnowd.reading.limits import ReadingLimits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.reading.content import Content, Context
    from winnowd.reading.records import Record

NAMES = [kind.name for kind in KINDS]
SENTENCE = f"Read are {', '.join(NAMES[:-1])} and {NAMES[-1]}"
by_name = pytest.mark.parametrize("kind", KINDS, ids=NAMES)


@by_name
def test_each_kind_has_a_sample_that_is_read_as_it(kind: Kind) -> None:
    """By its name, and where its bytes tell it, under any name; it gives an article, and others if it may hold many."""
    name, data = SAMPLES[kind.media_type]
    wrong = [name] if kind.magic is None and kind.looks is None else [name, "story.txt", "story", "story.pdf"]

    items = read_all(data, name)

    assert {recognise(data[:4_096], one) for one in wrong} == {kind}
    assert isinstance(items[0], Read)
    assert kind.many or len(items) == 1


@by_name
def test_each_kind_stands_in_the_design_with_its_names(kind: Kind) -> None:
    """Its row, or that which it shares, has all its extensions and what bounds it."""
    table = (ROOT / "docs" / "design" / "reading.md").read_text(encoding="utf-8")
    (row,) = [
        line
        for line in table.splitlines()
        if re.match(rf"\| (?:[^|]*, )?{re.escape(kind.name)}(?: \||,| around)", line)
    ]

    assert {f".{ending}" for ending in kind.endings if ending} <= set(re.findall(r"\.[a-z0-9]+", row))
    assert not kind.limit or f"{getattr(ReadingLimits(), kind.limit) >> 20} MiB" in row


def test_what_is_read_is_said_where_people_look() -> None:
    """In one sentence: in the README, and by the rule that turns other kinds away."""
    rules = tomllib.loads((ROOT / "service" / "winnowd" / "rules.toml").read_text(encoding="utf-8"))
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())

    assert SENTENCE in readme
    assert SENTENCE in rules["INP102"]["help"]


def test_a_hostile_sender_tries_each_kind(tmp_path: Path) -> None:
    """Of the hostile files that must end with a code of theirs, one at least has the name of each kind."""
    (tmp_path / "inbox").mkdir()

    coded = [one for one in deposit_all(tmp_path / "inbox", tmp_path / "outside") if one.code and not one.special]

    endings = {extension(os.fsdecode(one.name)) for one in coded}
    assert [kind.name for kind in KINDS if not endings & set(kind.endings)] == []


def test_no_two_kinds_have_a_name_or_an_extension() -> None:
    """Or a file would be read as the one that stands last."""
    endings = [ending for kind in KINDS for ending in kind.endings]

    assert len(set(endings)) == len(endings)
    assert len({kind.media_type for kind in KINDS}) == len(KINDS) == len(SAMPLES)


@pytest.mark.parametrize(
    ("name", "many"), [("a.txt", False), ("a.csv", True), ("a.txt.gz", True), ("a.html", False), ("a", False)]
)
def test_which_files_may_hold_many_records_is_known_by_name(name: str, many: bool) -> None:  # noqa: FBT001 - a value
    """A dry run prepares those apart."""
    assert may_hold_many(name) is many


def test_what_needs_an_extra_says_how_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind whose library is not there is told by name, with the command."""

    def missing(_content: Content, _context: Context) -> Iterator[Record]:
        raise ModuleNotFoundError(name="nothing")
        yield

    assert importlib.util.find_spec("nothing") is None
    kind = Kind("application/x-slate", "Slate", missing, ("slate",), extra="slate")
    monkeypatch.setattr(reader, "recognise", lambda _head, _name: kind)

    (item,) = read_all(b"chalk", "story.slate")

    assert item.findings[0].code == "INP102"
    assert item.findings[0].because == "Slate is read by what is not installed: pip install 'winnowd[slate]'"
    assert item.provenance.media_type == "application/x-slate"
