"""A worker that was taken over holds next to nothing, and one that was not reads every kind of file as ever (P11)."""

from __future__ import annotations

import ctypes
import dataclasses
import datetime as dt
import errno
import fcntl
import functools
import json
import os
import platform
import re
import resource
import socket
import struct
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import pytest
from tests.e2e.instance import TEXTS, Instance
from tests.needs import needs
from tests.reading.one_of_each import SAMPLES
from tests.samples.stand import OWN

from winnowd.daemon import answers
from winnowd.daemon.confinement import Confined, Confinement, calls, confining, landlock, seccomp
from winnowd.daemon.confinement.syscalls import CHECKED, DENIED, NEWEST
from winnowd.daemon.preparation import InLoop
from winnowd.daemon.preparer import PortionPreparer
from winnowd.daemon.workers import Workers
from winnowd.model import Job, Prepared, Provenance, Slice
from winnowd.operations.lay_out import lay_out
from winnowd.originality import new_recipe
from winnowd.settings import load
from winnowd.wiring.preparer import PreparerConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.model import Stopped

GIB: Final = 1 << 30
AT: Final = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
LIBC: Final = ctypes.CDLL(None, use_errno=True)
TYPE_INTO_TERMINAL: Final = 0x5412
SECOND_OF_32: Final = 0x40000000 + 39
"""getpid as a process with short pointers calls it: numbers from here on are another table."""


def has_landlock() -> str:
    """The kernel, and whatever confines this run, let a process give up files."""
    return "" if landlock.version() else "needs Landlock"


def has_filter() -> str:
    """There is a table of this machine's calls."""
    return "" if seccomp.is_known_here() else f"needs a table of the calls of {platform.machine()}"


CONFINES: Final = (has_landlock, has_filter)


def called(result: int) -> None:
    """Raise what a call of the C library has left."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "")


def instance_of(job: Job) -> Path:
    """Where the instance of a claimed file lies."""
    return Path(job.path).parents[2]


def service(job: Job) -> int:
    """Who began the worker: its number, and then an article of the corpus, are in the name."""
    return int(job.name.partition(" ")[0])


def read(path: str, job: Job) -> object:
    """Of the instance, or of the machine."""
    return (instance_of(job) / path).read_bytes()


def listed(path: str, job: Job) -> object:
    """A folder's names."""
    return list((instance_of(job) / path).iterdir())


def begin_thread(_: Job) -> None:
    """As a library does that computes with several."""
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def connect_by_name(job: Job) -> None:
    """To a socket that somebody else has open in a folder of the instance."""
    speaking = socket.socket(socket.AF_UNIX)
    speaking.connect(str(instance_of(job) / "state" / "socket"))


def say(descriptor: int, _: Job) -> object:
    """Write into what a process has from its parents."""
    if os.path.samestat(os.fstat(descriptor), Path(os.devnull).stat()):
        raise OSError(errno.EBADF, "it leads nowhere")
    return os.write(descriptor, b"forged\n")


def limit_service(job: Job) -> object:
    """Let the service open no file any more."""
    return resource.prlimit(service(job), resource.RLIMIT_NOFILE, (0, 0))


def outlive(_: Job) -> None:
    """Go on when the service has ended."""
    called(LIBC.prctl(1, 0, 0, 0, 0))


def attach(job: Job) -> None:
    """Look into the service, and change it."""
    called(LIBC.ptrace(16, service(job), None, None))


def change_mode(job: Job) -> None:
    """Of the file that it reads: no right of Landlock's, a call like others."""
    Path(job.path).chmod(0o777)


def open_by_other_table(_: Job) -> None:
    """A call by a number of another table."""
    called(LIBC.syscall(SECOND_OF_32))


def queue_in_kernel(_: Job) -> None:
    """Have the kernel open files for it, by a queue that no filter sees."""
    called(LIBC.syscall(425, 1, ctypes.create_string_buffer(256)))


def type_into_terminal(_: Job) -> object:
    """As if whoever sits there had."""
    return fcntl.ioctl(0, TYPE_INTO_TERMINAL, b"x")


DENIED_DEEDS: Final[dict[str, Callable[[Job], object]]] = {
    "read the ledger": functools.partial(read, "state/winnowd.db"),
    "read an article": lambda job: Path(job.name.partition(" ")[2]).read_bytes(),
    "list the articles": functools.partial(listed, "seeds"),
    "read the audit log": functools.partial(listed, "audit"),
    "list the inbox": functools.partial(listed, "inbox"),
    "read the users": functools.partial(read, "/etc/passwd"),
    "read another process": lambda job: Path(f"/proc/{service(job)}/environ").read_bytes(),
    "write a file": lambda job: (instance_of(job) / "state" / "new").write_bytes(b"x"),
    "write a file where it reads": lambda job: Path(f"{job.path}.new").write_bytes(b"x"),
    "write what it reads": lambda job: Path(job.path).write_bytes(b"x"),
    "write a temporary file": lambda _: Path("/tmp/winnowd-taken-over").write_bytes(b"x"),  # noqa: S108 - a try
    "cut what it reads": lambda job: os.truncate(job.path, 0),
    "remove what it reads": lambda job: Path(job.path).unlink(),
    "rename what it reads": lambda job: Path(job.path).rename(f"{job.path}.new"),
    "link what it reads": lambda job: os.link(job.path, f"{job.path}.new"),
    "change a mode": change_mode,
    "change a time": lambda job: os.utime(job.path, (0, 0)),
    "make a folder": lambda job: Path(f"{job.path}.new").mkdir(),
    "make a link": lambda job: Path(f"{job.path}.new").symlink_to("/etc/passwd"),
    "make a pipe": lambda job: os.mkfifo(f"{job.path}.new"),
    "keep a file in memory": lambda _: os.memfd_create("x"),
    "start a program": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606 - a try
    "start a program beside": lambda _: os.posix_spawn("/bin/true", ["true"], {}),
    "fork": lambda _: os.fork(),
    "speak IPv4": lambda _: socket.socket(socket.AF_INET),
    "speak IPv6": lambda _: socket.socket(socket.AF_INET6),
    "speak to this machine": lambda _: socket.socket(socket.AF_UNIX),
    "connect by name": connect_by_name,
    "connect to the forkserver": lambda _: socket.socketpair(),
    "trace the service": attach,
    "signal the service": lambda job: os.kill(service(job), 0),
    "signal the forkserver": lambda _: os.kill(os.getppid(), 0),
    "signal its group": lambda _: os.kill(0, 0),
    "hold the service by a descriptor": lambda job: os.pidfd_open(service(job)),
    "limit the service": limit_service,
    "slow the service down": lambda job: os.setpriority(os.PRIO_PROCESS, service(job), 19),
    "outlive the service": outlive,
    "allow itself larger files": lambda _: resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1)),
    "write into the service's log": functools.partial(say, 2),
    "write into the service's output": functools.partial(say, 1),
    "type into the terminal": type_into_terminal,
    "give the kernel a queue": queue_in_kernel,
    "call by another table": open_by_other_table,
}
ALLOWED_DEEDS: Final[dict[str, Callable[[Job], object]]] = {
    "read what it was given": lambda job: Path(job.path).read_bytes(),
    "begin a thread": begin_thread,
    "signal itself": lambda _: os.kill(os.getpid(), 0),
    "load a module": lambda _: __import__("xmlrpc.client"),
    "ask for its limits": lambda _: resource.getrlimit(resource.RLIMIT_AS),
    "keep what a library lays by": lambda _: tempfile.TemporaryFile().write(b"in memory"),  # noqa: SIM115 - no file
}
LANGUAGES: Final = OWN / "languages"
REFUSALS: Final = frozenset({"EPERM", "EACCES", "ENOSYS", "EBADF", "ENOTTY", "not allowed to raise maximum limit"})


class TakenOver:
    """A preparer whose code is the intruder's: tries all, and answers what came of it."""

    def __call__(self, job: Job) -> Slice:
        """Try each deed; the answer is JSON."""
        outcomes = {name: outcome(deed, job) for name, deed in {**DENIED_DEEDS, **ALLOWED_DEEDS}.items()}
        provenance = Provenance(0, json.dumps(outcomes), 0, "text/plain")
        return Slice((Prepared(provenance, None, (), ()),), last=True)


def without_times(answer: Slice | Stopped | None) -> bytes:
    """What an answer says, but for how long it took."""
    assert isinstance(answer, Slice)
    untimed = tuple(dataclasses.replace(one, timings={}) for one in answer.prepared)
    return answers.encoded(dataclasses.replace(answer, prepared=untimed))


def outcome(deed: Callable[[Job], object], job: Job) -> str:
    """The name of the error, "done" if there was none."""
    try:
        deed(job)
    except OSError as fault:
        return errno.errorcode.get(fault.errno or 0, "error")
    except ValueError as fault:
        return str(fault)
    return "done"


def job_at(path: Path, name: str) -> Job:
    """To prepare the file that lies there."""
    return Job("0", str(path), name, AT, size=path.stat().st_size)


@pytest.fixture(scope="module")
def instance_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with an article, a claimed file, and a socket that somebody listens on."""
    made = tmp_path_factory.mktemp("confined") / "home"
    lay_out(made)
    folder = Instance(made)
    folder.drop({"a.txt": TEXTS["A"]})
    folder.pass_over()
    (made / "state" / "work" / "0").write_text(TEXTS["C"])
    return made


@pytest.fixture(scope="module")
def outcomes(instance_dir: Path) -> dict[str, str]:
    """What came of each deed in a worker of this instance, all tried in one."""
    work = instance_dir / "state" / "work"
    workers = Workers(TakenOver, count=1, seconds=60.0, memory=GIB, confinement=Confinement("require", (str(work),)))
    article = next(path for path in (instance_dir / "seeds").rglob("*") if path.is_file())
    job = job_at(work / "0", f"{os.getpid()} {article}")
    (answer,) = [one for one in workers.prepare([job]) if one is not None]
    workers.close()
    assert isinstance(answer, Slice), answer
    found: dict[str, str] = json.loads(answer.prepared[0].provenance.raw_sha256)
    return found


@needs("P11", *CONFINES)
@pytest.mark.parametrize("deed", DENIED_DEEDS)
def test_a_worker_that_was_taken_over_cannot(deed: str, outcomes: dict[str, str]) -> None:
    """The kernel refuses, whoever it runs as: this is tried as root where tests are."""
    assert outcomes[deed] in REFUSALS


@needs("P11", *CONFINES)
@pytest.mark.parametrize("deed", ALLOWED_DEEDS)
def test_what_its_work_needs_it_can(deed: str, outcomes: dict[str, str]) -> None:
    """So that the refusals above are no accident."""
    assert outcomes[deed] == "done"


@needs("P11", *CONFINES)
def test_nothing_has_come_of_it(instance_dir: Path, outcomes: dict[str, str]) -> None:
    """The file that it was given lies there as it was, and nothing beside it."""
    work = instance_dir / "state" / "work"

    assert len(outcomes) == len(DENIED_DEEDS) + len(ALLOWED_DEEDS)
    assert [path.name for path in work.iterdir()] == ["0"]
    assert (work / "0").read_text() == TEXTS["C"]


@needs("P11", *CONFINES)
def test_every_kind_of_file_is_read_as_by_a_process_that_may_do_all(tmp_path: Path) -> None:
    """What is loaded when first needed can be (modules, tables, zones, fonts, a model of languages): in one worker."""
    samples = [*SAMPLES.values(), *((path.name, path.read_bytes()) for path in sorted(LANGUAGES.iterdir()))]
    files = [tmp_path / f"{number}" for number in range(len(samples))]
    for path, (_, content) in zip(files, samples, strict=True):
        path.write_bytes(content)
    jobs = [
        dataclasses.replace(job_at(path, name), arrival=path.name)
        for path, (name, _) in zip(files, samples, strict=True)
    ]
    build = PortionPreparer(PreparerConfig(load(None, environ={}, system=None).settings, new_recipe("")))
    workers = Workers(
        build, count=1, seconds=60.0, memory=2 * GIB, confinement=Confinement("require", (str(tmp_path),))
    )

    confined = [one for one in workers.prepare(jobs) if one is not None]
    workers.close()

    for job, found, expected in zip(jobs, confined, InLoop(build).prepare(jobs), strict=True):
        assert without_times(found) == without_times(expected), job.name


def in_fork(do: Callable[[int], object]) -> str:
    """What a process like this one, given its end of a pipe, says of it: words, or the error it met."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            said = str(do(writing))
        except OSError as fault:
            said = str(fault)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123 - a descriptor
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said


def confined_try(mode: Literal["auto", "require"], deed: Callable[[], object], pipe: int) -> str:
    """How a process is confined, and what came of a deed in it."""
    how = Confinement(mode).confine(keeps=pipe)
    try:
        deed()
    except OSError as fault:
        return f"{how}; {'; '.join(how.lacks)}; {errno.errorcode[fault.errno or 0]}"
    return f"{how}; {'; '.join(how.lacks)}; done"


def refuses(*_: object) -> None:
    """A kernel that was built without, or a sandbox around us that allows nothing of the kind."""
    raise OSError(errno.EPERM, "Operation not permitted")


@needs("P11", has_filter)
def test_without_landlock_the_filter_still_keeps_it_from_writing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And it says what is missing."""
    monkeypatch.setattr(landlock, "version", lambda: 0)

    said = in_fork(functools.partial(confined_try, "auto", lambda: (tmp_path / "new").write_bytes(b"x")))

    assert said == f"seccomp, limits; {confining.NO_LANDLOCK}; EPERM"


@needs("P11", has_landlock)
def test_without_a_filter_landlock_still_keeps_it_from_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it says what is missing."""
    monkeypatch.setattr(seccomp, "restrict", refuses)

    said = in_fork(functools.partial(confined_try, "auto", Path("/etc/passwd").read_bytes))

    assert said == f"Landlock ABI {landlock.version()}, limits; {confining.NO_FILTER}; EACCES"


@pytest.mark.parametrize("version", range(1, 7))
@needs("P11", has_landlock)
def test_the_rules_of_an_older_kernel_are_taken(version: int) -> None:
    """Each version has its own attributes, and their own size."""
    if version > landlock.version():
        pytest.skip(f"the kernel has version {landlock.version()}")

    def confined(_: int) -> object:
        calls.gain_nothing_by_programs()
        landlock.restrict(["/usr"], version)
        list(Path("/usr").iterdir())
        return Path("/etc/passwd").read_bytes()

    assert in_fork(confined) == "[Errno 13] Permission denied: '/etc/passwd'"


@pytest.mark.parametrize("lacks", ["landlock", "table"])
def test_what_is_required_and_missing_is_a_fault_before_any_process_begins(
    lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With auto it is none."""
    monkeypatch.setattr(landlock, "version", lambda: 0 if lacks == "landlock" else 3)
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    assert Confinement("auto").fault() == ""
    assert Confinement("require").fault() == (confining.NO_LANDLOCK if lacks == "landlock" else confining.NO_TABLE)


@needs("P11", has_landlock)
def test_a_process_that_cannot_be_confined_as_it_must_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox around the service may forbid what the kernel could do: only the process itself finds that out."""
    monkeypatch.setattr(seccomp, "restrict", refuses)

    assert in_fork(functools.partial(confined_try, "require", int)) == confining.NO_FILTER


def test_how_far_a_process_is_confined_comes_through_its_pipe_unchanged() -> None:
    """Plain values; anything else is no answer."""
    said = Confined(6, seccomp=True, limits=True, lacks=("a", "b"))

    assert Confined.decoded(said.encoded()) == said
    assert [str(said), str(Confined(limits=True)), str(Confined())] == [
        "Landlock ABI 6, seccomp, limits",
        "limits",
        "not at all",
    ]
    for nothing in (b"[]", b"{}", b'{"lacks": 1}'):
        with pytest.raises(ValueError, match="no confinement"):
            Confined.decoded(nothing)


ALLOW, UNKNOWN, REFUSED, END = 0x7FFF0000, 0x50000 | errno.ENOSYS, 0x50000 | errno.EPERM, 0x80000000
MACHINES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
PID: Final = 4_242


def verdict(program: bytes, machine: int, number: int, *arguments: int) -> int:
    """What a filter says of a call, as the kernel would run it."""
    given = struct.pack("=IIQ6Q", number, machine, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", given, value)
            continue
        holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: accumulator & value != 0}[code]
        at += if_true if holds else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_decides_each_call_as_the_table_says(machine: str) -> None:
    """On each machine there is a table of, whatever this one is."""
    audit, column = MACHINES[machine]
    program = seccomp.assembled(audit, column, PID)
    say = functools.partial(verdict, program, audit)
    denied = {numbers[column] for numbers in DENIED.values()} - {None}
    checked = {numbers[column] for numbers in CHECKED.values()} - {None}

    assert {say(number) for number in denied if number is not None} == {REFUSED}
    assert {say(number) for number in range(NEWEST + 1) if number not in denied | checked} == {ALLOW}
    assert {say(number) for number in (NEWEST + 1, 999, SECOND_OF_32)} == {UNKNOWN}
    assert {verdict(program, other, number) for other in (0, audit ^ 1, 0x40000003) for number in (0, 63)} == {END}


CALLS: Final = [
    ("clone", (0x50F00,), ALLOW),
    ("clone", (17,), REFUSED),
    ("clone3", (), UNKNOWN),
    ("openat", (0, 0, os.O_RDONLY | os.O_CLOEXEC), ALLOW),
    ("openat", (0, 0, os.O_WRONLY), REFUSED),
    ("openat", (0, 0, os.O_RDWR), REFUSED),
    ("openat", (0, 0, os.O_CREAT), REFUSED),
    ("openat", (0, 0, os.O_TRUNC), REFUSED),
    ("openat2", (), UNKNOWN),
    ("kill", (PID, 9), ALLOW),
    ("kill", (0, 9), REFUSED),
    ("kill", (-1 & (1 << 64) - 1, 9), REFUSED),
    ("tgkill", (PID, PID, 6), ALLOW),
    ("tgkill", (PID + 1, PID + 1, 6), REFUSED),
    ("prlimit64", (0,), ALLOW),
    ("prlimit64", (PID + 1,), REFUSED),
    ("prctl", (15,), ALLOW),
    ("prctl", (1,), REFUSED),
    ("ioctl", (0, 0x5401), ALLOW),
    ("ioctl", (0, TYPE_INTO_TERMINAL), REFUSED),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("name", "arguments", "expected"), CALLS)
def test_the_filter_looks_at_what_some_calls_are_given(
    machine: str, name: str, arguments: tuple[int, ...], expected: int
) -> None:
    """Threads but no processes, reading but no writing, signals and limits for itself alone."""
    audit, column = MACHINES[machine]
    number = CHECKED[name][column]
    assert number is not None

    assert verdict(seccomp.assembled(audit, column, PID), audit, number, *arguments) == expected


HEADERS: Final = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def numbers_in(header: Path) -> Iterator[tuple[str, int]]:
    """The calls that a header of the kernel names, but for those that it names by others."""
    for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text(), re.MULTILINE):
        yield name, int(number)


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_those_of_the_headers_of_the_kernel(machine: str) -> None:
    """Where these are installed."""
    if not (header := HEADERS[machine]).exists():
        pytest.skip("needs the headers of the kernel (linux-libc-dev)")
    known, column = dict(numbers_in(header)), MACHINES[machine][1]
    ours = {name: numbers[column] for name, numbers in {**DENIED, **CHECKED}.items()}

    assert {name: number for name, number in ours.items() if number is not None and known[name] != number} == {}
    assert [name for name, number in ours.items() if number is None and name in known] == []
