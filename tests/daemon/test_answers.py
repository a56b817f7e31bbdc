"""What a worker answers crosses as plain data: all of it, nothing else, and with its deadline."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
import json
import os
import signal
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.e2e.hostile import deposit_all
from tests.e2e.instance import TEXTS

from winnowd.article import Article, Tdm
from winnowd.daemon import answers, wire
from winnowd.daemon.answers import decoded, encoded
from winnowd.daemon.frames import LONGEST, Frames, framed, write
from winnowd.daemon.workers import Workers
from winnowd.model import (
    Finding,
    Fingerprint,
    Grade,
    Job,
    Limit,
    Note,
    Prepared,
    Provenance,
    Sketch,
    Slice,
    Source,
    Stopped,
)
from winnowd.originality import new_recipe
from winnowd.settings import load
from winnowd.wiring.preparer import preparer
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.prepare import Preparer

GIB = 1 << 30
DATES = ("2026-11-22", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.123456+05:30", "2026-11-22T10:00:00", "yesterday")
DOCUMENTS: dict[str, bytes] = {
    **{f"{name}.txt": text.encode() for name, text in TEXTS.items()},
    **{
        f"{at}.json": json.dumps({"text": TEXTS["A"], "published_at": date, "modified_at": date}).encode()
        for at, date in enumerate(DATES)
    },
    "all.json": json.dumps({
        "text": TEXTS["B"], "title": "A title", "authors": ["A", "B"], "tags": ["t"], "url": "https://a.example/b",
        "language": "en", "synthetic": False, "isAccessibleForFree": True, "licence": "CC-BY-4.0", "foo": 12,
        "big": 10**30, "share": 0.25, "none": None, "nested": {"a": [1]}, "odd": "\ud800", "publisher": "The Journal",
        "tdm": {"reservation": 1, "policy": "https://a.example/tdm"},
    }).encode(),
    "page.html": (
        "<html lang=en><head><title>T</title><meta name='tdm-reservation' content='1'>"
        "<meta property='article:published_time' content='2026-11-20T08:00:00+01:00'></head><body><article>"
        + "".join(f"<p>{part}</p>" for part in TEXTS["C"].split("\n\n")) + "</article></body></html>"
    ).encode(),
    "many.jsonl": b'{"text": "short"}\n{"no": 1}\n{broken\n' + json.dumps({"text": TEXTS["D"]}).encode() + b"\n[]\n",
    "list.txt": (TEXTS["C"] + "\n" + "\n".join(f"• item {number}" for number in range(60))).encode(),
    "broken.json": b"{",
    "binary.txt": bytes(range(256)) * 20,
    "empty.txt": b"",
}  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Preparer:
    """The preparer that an instance has whose owner has set nothing."""
    defaults = load(home_of_nobody(), environ={}, system=None).settings
    return preparer(defaults, new_recipe(lexicon().sha256))


def home_of_nobody() -> Path:
    """A folder that is not there."""
    return Path("/nonexistent/winnowd")


def prepared(made: Preparer, name: str, content: bytes) -> Slice:
    """What a worker would answer."""
    source = Source(name, len(content), dt.datetime(2026, 11, 22, tzinfo=dt.UTC), lambda: iter([content]))
    return Slice(tuple(made.prepare(source)), last=True)


def fields_of(kind: Any) -> tuple[str, ...]:
    """The names of a value's fields, in order."""
    if kind in {Article, Tdm}:
        return tuple(kind.model_fields)
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return tuple(getattr(kind, "_fields", ()))


def plain(value: Any) -> Any:
    """A value to compare: arrays by type and content, objects by their fields and type."""
    if isinstance(value, np.ndarray):
        return ("array", value.dtype.newbyteorder("=").name, value.shape, value.tolist())
    if names := fields_of(type(value)):
        return (type(value), {name: plain(getattr(value, name)) for name in names})
    if isinstance(value, tuple | list):
        return ("sequence", [plain(one) for one in value])
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, np.generic):
        return plain(value.item())
    return (type(value), value)


NOTHING: tuple[Any, ...] = (*map(plain, (None, 0, "", b"", {})), ("sequence", []))


def crossed(answer: Slice | Stopped) -> Slice | Stopped:
    """The answer as it comes out of a pipe."""
    frames = Frames()
    read, write = os.pipe()
    frame = encoded(answer)
    for at in range(0, len(frame), 60_000):
        os.write(write, frame[at : at + 60_000])
        assert frames.read(read)
    os.close(write)
    assert not frames.read(read)
    os.close(read)
    whole = frames.next()
    assert whole is not None
    assert frames.next() is None
    return decoded(whole)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_prepared_comes_out_as_it_went_in(made: Preparer, name: str) -> None:
    """Articles, pages, many records, what cannot be read: every field, every array, every type."""
    answer = prepared(made, name, DOCUMENTS[name])

    assert answer.prepared
    assert plain(crossed(answer)) == plain(answer)


def test_the_documents_have_all_that_there_is_to_cross(made: Preparer) -> None:
    """Else the test before would say little: each field of each value is something else than nothing in one of them."""
    seen: set[str] = set()
    for name, content in DOCUMENTS.items():
        for one in prepared(made, name, content).prepared:
            parts = (one, one.provenance, one.article, one.fingerprint, one.article and one.article.tdm, *one.findings)
            for part in (*parts, *one.notes, *(finding.limit for finding in one.findings)):
                seen |= {
                    f"{type(part).__name__}.{field}"
                    for field in fields_of(type(part))
                    if plain(getattr(part, field, None)) not in NOTHING
                }
    rare = {
        "Article.subtitle", "Article.description", "Article.canonical_url", "Article.section", "Article.usage_terms",
        "Article.copyright_holder", "Article.synthetic", "Article.kind", "Fingerprint.published", "Tdm.content_usage",
        "Tdm.robots_meta", "Note.kinds", "Limit.reached", "Fingerprint.publisher",
    }  # fmt: skip
    wanted = {
        f"{kind.__name__}.{field}"
        for kind in (Prepared, Provenance, Article, Fingerprint, Tdm, Finding, Note, Limit)
        for field in fields_of(kind)
    }

    assert wanted - seen <= rare


def test_hostile_files_come_out_as_they_went_in(made: Preparer, tmp_path: Path) -> None:
    """Whatever hostile bytes have a preparer say can be said."""
    (tmp_path / "in").mkdir()
    deposit_all(tmp_path / "in", tmp_path / "out", count=60)
    for path in sorted((tmp_path / "in").rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 20:
            answer = prepared(made, "a.txt", path.read_bytes())
            assert plain(crossed(answer)) == plain(answer)


@given(st.text(max_size=50), st.text(max_size=50))
def test_why_an_arrival_gave_nothing_crosses(code: str, because: str) -> None:
    """Any words."""
    assert crossed(Stopped(code, because)) == Stopped(code, because)


MEASURED = (
    st.none() | st.text(max_size=9) | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
    | st.builds(np.float64, st.floats(allow_nan=False)) | st.builds(np.int64, st.integers(-(2**63), 2**63 - 1))
    | st.builds(np.float32, st.floats(allow_nan=False, width=32))
)  # fmt: skip
EVIDENCE = st.dictionaries(
    st.text(max_size=5), st.recursive(MEASURED, lambda one: st.lists(one, max_size=3), max_leaves=5), max_size=3
)


@given(MEASURED, EVIDENCE, st.sampled_from(Grade), st.none() | st.builds(
    Limit, st.just("QUA401"), st.text(max_size=5), st.sampled_from(["min", "max"]), st.none() | st.integers(0, 99),
    st.none() | st.floats(0, 1),
))  # fmt: skip
def test_whatever_a_gate_has_measured_crosses(
    measured: float | str | None, evidence: dict[str, Any], grade: Grade, limit: Limit | None
) -> None:
    """Numbers of numpy's come out as Python's own."""
    finding = Finding("QUA401", "length", grade, measured, limit, "because", evidence)
    answer = Slice((Prepared(Provenance(0, "", 0, ""), None, (), (finding,)),), last=False, read_over=3)

    assert plain(crossed(answer)) == plain(answer)


def test_each_record_has_its_own_limits_however_like_those_before_they_are() -> None:
    """What was packed for one record serves the next only if its limits are the same."""
    limits = [Limit("QUA401", "words", "min", bound, None) for bound in (1, 2, 2, 1)]
    findings = [(Finding("QUA401", "length", Grade.PASS, 9, limit),) for limit in limits]
    answer = Slice(
        tuple(Prepared(Provenance(at, "", 0, ""), None, (), one) for at, one in enumerate(findings)),
        last=True,
        read_over=0,
    )

    assert plain(crossed(answer)) == plain(answer)


@pytest.mark.parametrize("kind", [
    Provenance, Tdm, Article, Limit, Finding, Note, Fingerprint, Prepared, Slice, Stopped
])  # fmt: skip
def test_no_field_of_a_value_is_forgotten_on_the_way(kind: Any) -> None:
    """A field that somebody adds is added here, or this fails; of a sketch, too."""
    crossing = getattr(wire, "Findings" if kind is Finding else kind.__name__)

    assert crossing.__struct_fields__ == fields_of(kind)
    assert tuple(answers._SKETCH) == fields_of(Sketch)


LIMIT = {"code": "QUA401", "measure": "words", "side": "min", "doubt": 1, "fail": 0.5, "reached": False}


@pytest.mark.parametrize(("field", "value"), [
    ("code", []), ("gate", ["g", "g"]), ("grade", ["worse"]), ("measured", [[1]]), ("because", [None]),
    ("evidence", [[]]), ("limit", b""), ("limit", b"\xdd\xff\xff\xff\xff"), ("limit", b"\x91" * 200_000),
    ("limit", msgspec.msgpack.encode([])), ("limit", msgspec.msgpack.encode([LIMIT, None])),
    *(("limit", msgspec.msgpack.encode([LIMIT | change])) for change in (
        {"side": "both"}, {"doubt": "1"}, {"fail": True}, {"reached": 0}, {"code": None}, {"more": 1}
    )),
    ("limit", msgspec.msgpack.encode([{"code": "QUA401"}])), ("limit", msgspec.msgpack.encode([list(LIMIT.values())])),
])  # fmt: skip
def test_findings_that_are_not_of_their_types_are_no_answer(field: str, value: Any) -> None:
    """Of each field one for a finding, and of a limit all that it has and no more."""
    limit = Limit("QUA401", "words", "min", 1, 0.5)
    finding = Finding("QUA401", "length", Grade.PASS, 2, limit, "", {})
    answer = Slice((Prepared(Provenance(0, "", 0, ""), None, (), (finding,)),), last=True)
    plain = msgspec.msgpack.decode(encoded(answer)[4:])
    assert decoded(msgspec.msgpack.encode(plain)) == answer
    assert plain[1][0][3][4] == msgspec.msgpack.encode([LIMIT])
    plain[1][0][3][wire.Findings.__struct_fields__.index(field)] = value

    with pytest.raises(ValueError, match="no answer"):
        decoded(msgspec.msgpack.encode(plain))


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_other_bytes_are_no_answer(data: bytes) -> None:
    """ValueError, and nothing else."""
    with pytest.raises(ValueError, match="no answer"):
        decoded(data)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=8)
    | st.binary(max_size=8) | st.datetimes(timezones=st.just(dt.UTC)),
    lambda one: st.lists(one, max_size=10) | st.dictionaries(st.text(max_size=4), one, max_size=4),
    max_leaves=30,
)  # fmt: skip


@given(PLAIN)
def test_other_values_are_no_answer(value: Any) -> None:
    """Whatever MessagePack can say."""
    for data in (msgspec.msgpack.encode(value), msgspec.msgpack.encode(["slice", value, True, 0])):
        try:
            answer = decoded(data)
        except ValueError:
            continue
        assert answer == Slice((), last=True)


@given(st.data())
def test_a_damaged_answer_is_an_answer_or_none(made: Preparer, data: st.DataObject) -> None:
    """One byte is another, some are gone: ValueError, or values of the same types."""
    (first, *_), *_ = (prepared(made, "many.jsonl", DOCUMENTS["many.jsonl"]).prepared,)
    frame = encoded(Slice((dataclasses.replace(first, timings={}),), last=True))[4:]
    at = data.draw(st.integers(0, len(frame) - 1))
    damaged = frame[:at] + data.draw(st.binary(max_size=3)) + frame[at + data.draw(st.integers(0, 4)) :]
    try:
        answer = decoded(damaged)
    except ValueError:
        return
    assert isinstance(answer, Slice | Stopped)


@pytest.mark.parametrize("data", [
    b"\x94\xa5slice\xdd\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\x91" * 200_000,
    b"\x93\xa7stopped\xdb\xff\xff\xff\xff",
])  # fmt: skip
def test_lengths_that_are_not_there_take_no_memory(data: bytes) -> None:
    """Nor do a hundred thousand lists in each other take the stack."""
    with pytest.raises(ValueError, match="no answer"):
        decoded(data)


@given(st.lists(st.binary(max_size=30), max_size=6), st.data())
def test_frames_come_whole_and_in_order_however_they_are_cut(contents: list[bytes], data: st.DataObject) -> None:
    """Half of one is none yet."""
    stream = b"".join(map(framed, contents))
    frames, found = Frames(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        read, write = os.pipe()
        os.write(write, stream[:cut])
        frames.read(read)
        os.close(read)
        os.close(write)
        stream = stream[cut:]
        while (whole := frames.next()) is not None:
            found.append(whole)

    assert found == contents


def test_a_frame_that_is_too_long_is_none() -> None:
    """It is refused by its length, before any of it has come."""
    read, write = os.pipe()
    os.write(write, struct.pack("!I", LONGEST + 1))
    frames = Frames()
    frames.read(read)
    os.close(read)
    os.close(write)

    with pytest.raises(ValueError, match="no answer"):
        frames.next()


def sent(data: bytes) -> None:
    """Write into the pipe of this worker, behind the back of what serves it."""
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if int(path.name) > 2 and str(path.readlink()).startswith("socket:"):
                write(int(path.name), data)


class Scripted:
    """A preparer that says what it must not, by a job's name."""

    def __call__(self, job: Job) -> Slice:
        """Answer with the job's own name, or send bytes that are no answer."""
        if job.name == "half":
            sent(struct.pack("!I", 1_000) + b"half of an answer")
            os.kill(os.getpid(), signal.SIGSTOP)
        if job.name == "long":
            sent(struct.pack("!I", (1 << 32) - 1))
        if job.name == "garbage":
            sent(framed(b"garbage"))
        if job.name == "pickle":
            sent(framed(b"cos\nsystem\n(S'true'\ntR."))
        return Slice((Prepared(Provenance(0, job.name, 0, "text/plain"), None, (), ()),), last=True)


def jobs(names: list[str]) -> list[Job]:
    """One job a name."""
    return [Job(str(number), "", name, dt.datetime(2026, 11, 22, tzinfo=dt.UTC)) for number, name in enumerate(names)]


@pytest.fixture
def workers() -> Iterator[Workers]:
    """One worker with a short deadline."""
    made = Workers(Scripted, count=1, seconds=1.5, memory=2 * GIB)
    yield made
    made.close()


def told(answers: Iterator[Slice | Stopped | None]) -> list[str]:
    """What each answer says, without the seconds in which there was none."""
    return [_told(answer) for answer in answers if answer is not None]


def _told(answer: Slice | Stopped) -> str:
    """Make an answer comparable: the code of a stop, the name an answer carries."""
    return answer.code if isinstance(answer, Stopped) else answer.prepared[0].provenance.raw_sha256


@pytest.mark.parametrize("deed", ["garbage", "pickle", "long"])
def test_a_worker_that_sends_what_is_no_answer_is_named_and_replaced(workers: Workers, deed: str) -> None:
    """SYS901, in company and alone; its neighbours get their answers."""
    names = ["a", "b", deed, "c", "d"]

    assert told(workers.prepare(jobs(names))) == ["a", "b", "SYS901", "c", "d"]
    assert told(workers.prepare(jobs([deed]), alone=True)) == ["SYS901"]
    assert told(workers.prepare(jobs(["e"]))) == ["e"]


def test_a_worker_that_stops_in_the_middle_of_its_answer_is_named_at_its_deadline(workers: Workers) -> None:
    """SYS902 for whoever sends half of one; the loop shows that it lives meanwhile, and ends on time."""
    signs: list[float] = []
    workers.alive = lambda: signs.append(time.monotonic())
    workers.warm()
    list(workers.prepare(jobs(["first"])))
    begun = time.monotonic()

    found = told(workers.prepare(jobs(["a", "half", "b"])))

    assert found == ["a", "SYS902", "b"]
    moments = [begun, *(sign for sign in signs if sign >= begun), time.monotonic()]
    assert max(later - earlier for earlier, later in itertools.pairwise(moments)) < 10.0
    assert moments[-1] - begun >= 1.5
