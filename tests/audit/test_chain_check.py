"""Reading the audit log: a tamper table, torn tails, sealed days, anchors, and finding a record by any piece of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.event.stand import EVENT_ID, NOW, ORIGINAL, REWRITE, TEXTS, arrival, context, judged_of, unreadable

from winnowd import event
from winnowd.audit.chain_check import Anchor, Fault, anchors, check, index_anchor
from winnowd.audit.find import find
from winnowd.audit.reader import Log
from winnowd.event import Operator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.model import Judged

MONDAY, TUESDAY = "audit/2026/11/22.jsonl", "audit/2026/11/23.jsonl"
Lines = list[bytes]


def on(judged: Judged, days: int) -> Judged:
    """The same decision so many days later."""
    return dataclasses.replace(judged, decided_at=NOW + dt.timedelta(days=days))


def chained(made: list[Callable[[event.Context], dict[str, Any]]], prev: str = event.FIRST, first: int = 1) -> Lines:
    """Events as lines, numbered and chained, as the route makes them."""
    lines = []
    for at, make in enumerate(made):
        lines.append(event.render(make(context(first + at)), prev))
        prev = event.digest(lines[-1])
    return lines


def decisions(count: int, days: int = 0) -> list[Callable[[event.Context], dict[str, Any]]]:
    """So many decisions, of one day."""
    judged = [
        on(judged_of(arrival=arrival(f"story-{at}.txt".encode(), id=f"{at + 1:016x}")), days) for at in range(count)
    ]
    return [lambda told, one=one: event.decided(one, told) for one in judged]  # type: ignore[misc]


def write(instance_dir: Path, file: str, lines: Lines, tail: bytes = b"\n") -> None:
    """A day's file; its last line ends in ``tail``."""
    path = instance_dir / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines) + tail)


def head(instance_dir: Path, lines: Lines, sequence: int) -> None:
    """HEAD.json as ``publish`` leaves it."""
    said = {"sequence": sequence, "sha256": event.digest(lines[-1]), "file": MONDAY, "offset": 0, "at": "now"}
    (instance_dir / "audit" / "HEAD.json").write_text(json.dumps(said), encoding="ascii")


def seal(instance_dir: Path, file: str, previous: str | None = None) -> str:
    """Pack a day as the service does; gives the digest's hash."""
    content = (instance_dir / file).read_bytes()
    packed = gzip.compress(content, mtime=0)
    lines = content.splitlines()
    numbers = [json.loads(line)["event"]["sequence"] for line in lines]
    said = {
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "packed_sha256": hashlib.sha256(packed).hexdigest(),
        "first_sequence": numbers[0],
        "last_sequence": numbers[-1],
        "last_line_sha256": event.digest(lines[-1]),
        "events": len(lines),
        "previous_digest_sha256": previous,
    }
    (instance_dir / f"{file}.gz").write_bytes(packed)
    (instance_dir / file).unlink()
    digest = json.dumps(said).encode()
    (instance_dir / f"{file.removesuffix('.jsonl')}.digest.json").write_bytes(digest)
    return hashlib.sha256(digest).hexdigest()


@pytest.fixture(scope="module")
def six() -> Lines:
    """Six lines of one day."""
    return chained(decisions(6))


def two_days(instance_dir: Path) -> Lines:
    """Four lines of a sealed day, three of the next; HEAD.json names the last."""
    first = chained(decisions(4))
    second = chained(decisions(3, days=1), prev=event.digest(first[-1]), first=5)
    write(instance_dir, MONDAY, first)
    write(instance_dir, TUESDAY, second)
    head(instance_dir, second, 7)
    seal(instance_dir, MONDAY)
    return [*first, *second]


def kinds(faults: tuple[Fault, ...]) -> list[str]:
    """Place and kind of each fault."""
    return [f"{fault.position.rpartition('/')[2]} {fault.kind}" for fault in faults]


def test_an_untouched_log_has_no_fault(tmp_path: Path) -> None:
    """Packed and plain days, one chain, all anchors met."""
    lines = two_days(tmp_path)

    checked = check(tmp_path, [Anchor(3, event.digest(lines[2]), "the ledger")])

    assert checked.faults == ()
    assert (checked.lines, checked.last_sequence, checked.last_sha256) == (7, 7, event.digest(lines[-1]))


def test_no_log_is_no_fault(tmp_path: Path) -> None:
    """A new instance."""
    assert check(tmp_path).lines == 0


def rechained(lines: Lines, at: int, old: bytes, new: bytes) -> Lines:
    """A forged line and the whole chain after it made to fit, as one would who has the program."""
    forged = lines[:at]
    for line in [lines[at].replace(old, new), *lines[at + 1 :]]:
        parsed = json.loads(line)
        forged.append(event.render(parsed, event.digest(forged[-1]) if forged else event.FIRST))
    return forged


TAMPERED: dict[str, tuple[Callable[[Lines], Lines], list[str]]] = {
    "edited": (
        lambda lines: [*lines[:2], lines[2].replace(b"admitted", b"rejected"), *lines[3:]],
        ["22.jsonl:4 chain"],
    ),
    "deleted": (lambda lines: [*lines[:2], *lines[3:]], ["22.jsonl:3 sequence"]),
    "several deleted": (lambda lines: [lines[0], *lines[4:]], ["22.jsonl:2 sequence"]),
    "swapped": (
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        ["22.jsonl:2 sequence", "22.jsonl:3 sequence", "22.jsonl:4 sequence"],
    ),
    "first line lost": (lambda lines: lines[1:], ["22.jsonl:1 sequence"]),
    "repeated": (lambda lines: [*lines[:3], lines[2], *lines[3:]], ["22.jsonl:4 sequence"]),
    "rubbish between": (lambda lines: [*lines[:3], b"rubbish", *lines[3:]], ["22.jsonl:4 line", "22.jsonl:5 chain"]),
    "cut": (lambda lines: lines[:4], ["HEAD.json anchor"]),
    "rechained": (lambda lines: rechained(lines, 2, b"admitted", b"rejected"), ["22.jsonl:6 anchor"]),
    "last line edited": (
        lambda lines: [*lines[:5], lines[5].replace(b"admitted", b"rejected")],
        ["22.jsonl:6 anchor"],
    ),
    "emptied": (lambda _: [], ["HEAD.json anchor"]),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found_and_named(tmp_path: Path, six: Lines, name: str) -> None:
    """The tamper table: each fault with its line, and no fault where none is."""
    tamper, expected = TAMPERED[name]
    lines = tamper(six)
    write(tmp_path, MONDAY, lines, b"\n" if lines else b"")
    head(tmp_path, six, 6)

    assert kinds(check(tmp_path).faults) == expected


def test_a_full_rewrite_with_its_head_is_found_by_any_other_anchor(tmp_path: Path, six: Lines) -> None:
    """Who rewrites the log and HEAD.json, too, meets what the ledger, INDEX.md or a git commit remembers."""
    forged = rechained(six, 0, b"admitted", b"rejected")
    write(tmp_path, MONDAY, forged)
    head(tmp_path, forged, 6)

    assert check(tmp_path).faults == ()
    assert kinds(check(tmp_path, [Anchor(3, event.digest(six[2]), "seeds/INDEX.md")]).faults) == ["22.jsonl:3 anchor"]


def test_every_fault_is_listed(tmp_path: Path, six: Lines) -> None:
    """One forged line hides no other."""
    lines = [six[0].replace(b"press-1", b"press-2"), *six[1:4], six[5]]
    write(tmp_path, MONDAY, lines)

    assert kinds(check(tmp_path).faults) == ["22.jsonl:2 chain", "22.jsonl:5 sequence"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_found(tmp_path: Path, six: Lines, data: st.DataObject) -> None:
    """Whatever byte of whatever line becomes whatever else."""
    content = bytearray(b"\n".join(six) + b"\n")
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[position]))
    write(tmp_path, MONDAY, [bytes(content)], b"")
    head(tmp_path, six, 6)

    assert check(tmp_path).faults != ()


@pytest.mark.parametrize("kept", [1, 100, -1])
def test_a_torn_tail_is_told_apart_from_damage(tmp_path: Path, six: Lines, kept: int) -> None:
    """A line that a crash left unfinished is no tampering: the next start mends it."""
    write(tmp_path, MONDAY, [*six[:5], six[5][:kept]], b"")
    head(tmp_path, six[:5], 5)

    checked = check(tmp_path)

    assert kinds(checked.faults) == ["22.jsonl:6 torn"]
    assert (checked.lines, checked.last_sequence) == (5, 5)


def test_an_unfinished_line_of_a_former_day_is_damage(tmp_path: Path) -> None:
    """Nobody was writing there any more."""
    first = chained(decisions(2))
    second = chained(decisions(2, days=1), prev=event.digest(first[-1]), first=3)
    write(tmp_path, MONDAY, first, b"")
    write(tmp_path, TUESDAY, second)

    assert kinds(check(tmp_path).faults) == ["22.jsonl:2 line", "23.jsonl:1 sequence"]


def test_a_sealed_day_is_held_to_its_digest(tmp_path: Path) -> None:
    """A packed file that was unpacked, forged, packed again: hash, sums and the chain tell."""
    two_days(tmp_path)
    packed = tmp_path / f"{MONDAY}.gz"
    packed.write_bytes(gzip.compress(gzip.decompress(packed.read_bytes()).replace(b"press-1", b"press-2"), mtime=0))

    found = check(tmp_path).faults

    assert {fault.kind for fault in found} == {"chain", "digest"}
    assert sum("digest.json says" in f"{fault.position} {fault.what}" for fault in found) == 3


def test_a_broken_packed_file_is_named(tmp_path: Path) -> None:
    """Cut in its middle: what can be read is read, and the file is named."""
    two_days(tmp_path)
    packed = tmp_path / f"{MONDAY}.gz"
    packed.write_bytes(packed.read_bytes()[:-20])

    assert "22.jsonl.gz packed" in kinds(check(tmp_path).faults)


def test_a_lost_day_is_found(tmp_path: Path) -> None:
    """File and digest gone: numbers are missing, and the next line follows from nothing."""
    two_days(tmp_path)
    for path in (tmp_path / "audit" / "2026" / "11").glob("22.*"):
        path.unlink()

    (fault,) = check(tmp_path).faults

    assert fault.position == f"{TUESDAY}:1"
    assert "events 1 to 4 should stand before it" in fault.what


def test_digests_name_each_other(tmp_path: Path) -> None:
    """A day replaced with its digest breaks the digest of the day after."""
    two_days(tmp_path)
    seal(tmp_path, TUESDAY, "f" * 64)

    assert "23.digest.json digest" in kinds(check(tmp_path).faults)


def test_a_line_in_the_file_of_an_earlier_day_is_found(tmp_path: Path) -> None:
    """A clock may step back, never forward into a former day's file."""
    write(tmp_path, MONDAY, chained(decisions(2, days=3)))

    assert kinds(check(tmp_path).faults) == ["22.jsonl:1 day", "22.jsonl:2 day"]


def test_anchors_are_read_from_head_and_index(tmp_path: Path, six: Lines) -> None:
    """Both name a line by number and hash; an index before the first event names none."""
    write(tmp_path, MONDAY, six)
    head(tmp_path, six, 6)
    (tmp_path / "seeds").mkdir()
    front = f'---\nwinnowd:\n  audit_sequence: 4\n  audit_sha256: "{event.digest(six[3])}"\n---\n'
    (tmp_path / "seeds" / "INDEX.md").write_text(front, encoding="utf-8")

    assert [(one.sequence, one.where) for one in anchors(tmp_path)] == [(6, "audit/HEAD.json"), (4, "seeds/INDEX.md")]
    assert check(tmp_path).faults == ()
    assert index_anchor('  audit_sequence: 0\n  audit_sha256: ""\n', "x") == []


def test_a_broken_head_is_a_fault(tmp_path: Path, six: Lines) -> None:
    """An anchor that cannot be read is not taken for a met one."""
    write(tmp_path, MONDAY, six)
    (tmp_path / "audit" / "HEAD.json").write_bytes(b"{")

    assert kinds(check(tmp_path).faults) == ["HEAD.json anchor"]


def test_the_newest_lines_need_no_older_day(tmp_path: Path) -> None:
    """Across days, oldest first; a broken older file is not even opened."""
    lines = two_days(tmp_path)

    assert [one.line for one in Log(tmp_path).newest(5)] == lines[2:]
    (tmp_path / f"{MONDAY}.gz").write_bytes(b"broken")
    assert [one.line for one in Log(tmp_path).newest(3)] == lines[4:]


def test_a_line_is_read_where_the_ledger_says(tmp_path: Path) -> None:
    """By file and offset, packed or not; an offset inside a line is none."""
    lines = two_days(tmp_path)
    log = Log(tmp_path)

    for one in log:
        at = log.at(one.file.removesuffix(".gz"), one.offset)
        assert at is not None
        assert at.line == one.line
    assert log.at(TUESDAY, 5) is None
    assert log.at(TUESDAY, 10**6) is None
    assert [one.line for one in log.between("2026-11-23", "2026-11-30")] == lines[4:]


COPY = arrival(b"feed-b/copy.txt", id="bbbb51e2a94b3f60")


def history(instance_dir: Path) -> dict[str, Judged]:
    """An original, its exact copy, a rewrite that is released later, an unreadable file, a start."""
    original = judged_of(ORIGINAL, arrival=arrival(b"feed-a/original.txt", id="aaaa51e2a94b3f60"))
    records = {
        "original": original,
        "copy": judged_of(ORIGINAL, twin=ORIGINAL, arrival=COPY),
        "rewrite": judged_of(REWRITE, twin=ORIGINAL, arrival=arrival(b"feed-a/orchard.txt", id="cccc51e2a94b3f60")),
        "other": judged_of(TEXTS["C"], arrival=arrival("naïve \N{SNOWMAN}.txt".encode(), id="dddd51e2a94b3f60")),
        "unreadable": unreadable(arrival=arrival(b"dump.bin", id="eeee51e2a94b3f60")),
    }
    operator = Operator("maria", "a follow-up", "cli", EVENT_ID)
    made: list[Callable[[event.Context], dict[str, Any]]] = [
        lambda told: event.service("startup", told, NOW, "started"),
        *(lambda told, one=one: event.decided(one, told) for one in records.values()),
        lambda told: event.ordered("release", told, NOW, operator, article={"id": records["rewrite"].name}),
    ]
    write(instance_dir, MONDAY, chained(made))
    return records


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("e68e06e5", "rewrite"),
        ("e68e06e5aa34586f", "rewrite"),
        ("cccc", "rewrite"),
        ("cccc51e2a94b3f60-0", "rewrite"),
        ("orchard.txt", "rewrite"),
        ("inbox/feed-a/orchard.txt", "rewrite"),
        ("feed-a/orch", "rewrite"),
        ("rchar", "rewrite"),
        ("naïve \N{SNOWMAN}", "other"),
        ("eeee51e2a94b3f60-0", "unreadable"),
        ("dump.bin", "unreadable"),
        ("aaaa", "original"),
        ("copy", "original"),
    ],
)
def test_a_record_is_found_by_any_unique_piece(tmp_path: Path, key: str, name: str) -> None:
    """Id, arrival, its record, file name, path, the beginning of each, else a piece of the path; from the log alone."""
    records = history(tmp_path)
    judged = records[name]

    found = find(Log(tmp_path), key)

    expected = judged.name if name != "unreadable" else f"{judged.arrival.id}-0"
    assert list(found) == [expected]


def test_a_records_history_has_orders_and_other_arrivals_of_its_text(tmp_path: Path) -> None:
    """The release stands with the rewrite, the refused copy with the original."""
    records = history(tmp_path)
    log = Log(tmp_path)

    rewrite = find(log, "orchard")[records["rewrite"].name]
    original = find(log, "original.txt")[records["original"].name]

    assert [one.event()["event"]["action"] for one in rewrite] == ["reject", "release"]
    assert [one.event()["event"]["action"] for one in original] == ["admit", "reject"]


def test_a_key_that_fits_several_gives_all_of_them(tmp_path: Path) -> None:
    """They are listed for the one who asked; a whole name is never ambiguous for being a beginning of another."""
    history(tmp_path)

    assert len(find(Log(tmp_path), "feed-a/or")) == 2
    assert find(Log(tmp_path), "zzz") == {}
    assert find(Log(tmp_path), "") == {}


def test_a_broken_line_hides_no_record(tmp_path: Path) -> None:
    """Finding goes on where checking complains."""
    records = history(tmp_path)
    path = tmp_path / MONDAY
    path.write_bytes(b'{"orchard.txt\n' + path.read_bytes())

    assert list(find(Log(tmp_path), "orchard.txt")) == [records["rewrite"].name]
