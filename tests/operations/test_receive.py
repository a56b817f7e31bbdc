"""Files over the network: they lie in the inbox whole, within bounds; only their sender is told of them."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.e2e.instance import Instance
from tests.instances.make import ARTICLES

from winnowd.layout import INBOX, SENDERS
from winnowd.operations.lay_out import lay_out
from winnowd.operations.receive import (
    Bounds,
    Meter,
    NoRoomError,
    NoSuchReceiptError,
    NothingSentError,
    Receipt,
    Sent,
    TooLargeError,
    TooOftenError,
    ending,
    receive,
    received,
)
from winnowd.operations.senders import (
    FeedNameError,
    NoSuchSenderError,
    SendersDamagedError,
    add_sender,
    remove_sender,
    sender_of,
    senders,
)
from winnowd.reading.kinds import is_read
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.operations.senders import Sender
    from winnowd.settings import Settings

NOW = dt.datetime(2026, 11, 30, 18, 30, tzinfo=dt.UTC)
TEXT = b"The harbour was closed on Monday, and nobody could say for how long it would stay so.\n"


class Time:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        """The seconds."""
        return self.at


@pytest.fixture
def instance_dir(tmp_path: Path) -> Path:
    """An instance in which nobody works."""
    lay_out(tmp_path / "home")
    return tmp_path / "home"


def settings_of(instance_dir: Path, *overrides: str) -> Settings:
    """Its settings."""
    return load(instance_dir, environ={}, overrides=overrides, system=None).settings


@pytest.fixture
def sender(instance_dir: Path) -> Sender:
    """One who may send into a feed."""
    return add_sender(instance_dir, settings_of(instance_dir), "agency/city", NOW)[0]


def sent(name: str = "story.txt", content: bytes = TEXT) -> Sent:
    """A file that is sent."""
    return Sent(name, len(content), io.BytesIO(content))


@pytest.fixture
def send(instance_dir: Path, sender: Sender) -> Callable[..., list[Receipt]]:
    """What sends files of the sender into the instance."""

    def send(*files: Sent, meter: Meter | None = None, settings: Settings | None = None) -> list[Receipt]:
        return receive(
            instance_dir,
            settings or settings_of(instance_dir),
            sender,
            files,
            meter=meter or Meter(Bounds(), Time()),
            now=NOW,
        )

    return send


def in_inbox(instance_dir: Path) -> dict[str, bytes]:
    """All files below the inbox."""
    inbox = instance_dir / INBOX
    return {path.relative_to(inbox).as_posix(): path.read_bytes() for path in inbox.rglob("*") if path.is_file()}


def test_what_is_sent_lies_in_the_folder_of_its_sender(
    instance_dir: Path, sender: Sender, send: Callable[..., list[Receipt]]
) -> None:
    """Each file whole and by itself, under the name that its receipt tells; nothing else is left there."""
    receipts = send(sent(), sent("more.jsonl.gz", b"\x1f\x8b..."))

    assert in_inbox(instance_dir) == {
        f"agency/city/{receipts[0].name}": TEXT,
        f"agency/city/{receipts[1].name}": b"\x1f\x8b...",
    }
    assert [one.name[:26] for one in receipts] == [f"20261130T183000Z-{sender.id}-"] * 2
    assert receipts[1].name.endswith(".jsonl.gz")


@given(name=st.text(max_size=80) | st.from_regex(r"[./\\a-z\0]{0,30}\.(txt|JSONL|php|gz)\Z"))
def test_of_a_senders_name_nothing_is_kept_but_a_known_ending(name: str) -> None:
    """Whatever it holds: no step, no control, nothing long, no kind of file that is not read."""
    kept = ending(name)

    assert all(part == "" or (is_read(part) and part.isalnum() and part.isascii()) for part in kept.split("."))
    assert kept.count(".") <= 2
    assert name.lower().endswith(kept)


@pytest.mark.parametrize("linked", ["agency", "agency/city"])
def test_a_link_in_the_inbox_leads_nowhere(
    instance_dir: Path, tmp_path: Path, send: Callable[..., list[Receipt]], linked: str
) -> None:
    """Where another sender has laid a link for a feed's folder, nothing is written behind it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (instance_dir / INBOX / linked).parent.mkdir(parents=True, exist_ok=True)
    (instance_dir / INBOX / linked).symlink_to(outside)

    with pytest.raises(OSError, match=r"directory|links"):
        send(sent())

    assert not list(outside.iterdir())


def test_all_or_none(instance_dir: Path, send: Callable[..., list[Receipt]]) -> None:
    """Where one file cannot be read to its end, none of them is there."""

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            del size
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input"):
        send(sent(), Sent("b.txt", 4, Failing()))

    assert in_inbox(instance_dir) == {}


def test_a_senders_marker_is_laid_where_files_need_one(instance_dir: Path, send: Callable[..., list[Receipt]]) -> None:
    """Under ``inbox.done`` the service takes nothing without it."""
    (one,) = send(sent(), settings=settings_of(instance_dir, "inbox.done={name}.done"))

    assert in_inbox(instance_dir) == {f"agency/city/{one.name}": TEXT, f"agency/city/{one.name}.done": b""}


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ([], NothingSentError),
        ([sent(content=b"")], NothingSentError),
        ([sent()] * 4, TooLargeError),
        ([sent(content=b"x" * 1_001)], TooLargeError),
        ([sent(content=b"x" * 400)] * 3, TooLargeError),
    ],
)
def test_what_is_too_much_at_once_is_not_taken(
    instance_dir: Path, send: Callable[..., list[Receipt]], files: list[Sent], fault: type[Exception]
) -> None:
    """Nothing of it is written, and it does not count for the rate."""
    meter = Meter(Bounds(request_bytes=1_000, request_files=3, files_a_minute=3), Time())

    with pytest.raises(fault):
        send(*files, meter=meter)

    assert in_inbox(instance_dir) == {}
    send(sent(), sent(), sent(), meter=meter)


@given(st.lists(st.tuples(st.floats(0, 90), st.integers(1, 6), st.integers(1, 700)), max_size=40))
def test_nobody_sends_more_than_the_bounds(steps: list[tuple[float, int, int]]) -> None:
    """In a minute at most twice the files of a minute, however it is tried; the wait told is long enough."""
    time = Time()
    meter = Meter(Bounds(files_a_minute=6, bytes_an_hour=3_600), time)
    taken: list[tuple[float, int]] = []
    for pause, files, size in steps:
        time.at += pause
        try:
            meter.add("a", files, size)
        except TooOftenError as fault:
            time.at += fault.wait
            meter.add("a", files, size)
        taken.append((time.at, files))
        meter.add(f"other {len(taken)}", 6, 700)  # whom it does not concern

    for at, _ in taken:
        assert sum(files for then, files in taken if at <= then < at + 60) <= 12


def test_a_full_disk_takes_nothing(instance_dir: Path, send: Callable[..., list[Receipt]]) -> None:
    """Below the floor at which the service itself stops."""
    with pytest.raises(NoRoomError, match=r"disk\.floor_bytes"):
        send(sent(), settings=settings_of(instance_dir, f"disk.floor_bytes={shutil.disk_usage('/').total * 2}"))

    assert in_inbox(instance_dir) == {}


def test_a_receipt_tells_what_became_of_a_file_to_its_sender_alone(
    instance_dir: Path, sender: Sender, send: Callable[..., list[Receipt]]
) -> None:
    """Waiting, then decided, with outcome and codes; for another sender, even of the same feed, it is not there."""
    settings = settings_of(instance_dir)
    stranger, _ = add_sender(instance_dir, settings, "agency/city", NOW)
    good, bad = send(sent("good.txt", ARTICLES[0].encode()), sent("bad.txt", b"Hm."))
    assert received(instance_dir, sender, good.name).state == "waiting"

    Instance(instance_dir).pass_over()

    told = received(instance_dir, sender, good.name).fields()
    assert (told["state"], [one["outcome"] for one in told["decisions"]]) == ("decided", ["admitted"])
    (of_bad,) = received(instance_dir, sender, bad.name).decisions
    assert of_bad.outcome != "admitted"
    assert of_bad.codes
    for name in (good.name, bad.name):
        with pytest.raises(NoSuchReceiptError):
            received(instance_dir, stranger, name)


@pytest.mark.parametrize(
    "name", ["", "..", "../../state/winnowd.db", "20261130T183000Z-{id}-0123456789abcdef", "%", "\0"]
)
def test_a_name_that_was_never_given_is_no_receipt(instance_dir: Path, sender: Sender, name: str) -> None:
    """Whatever it names: nothing outside is looked at, and what is not there is said in the same words."""
    with pytest.raises(NoSuchReceiptError):
        received(instance_dir, sender, name.replace("{id}", sender.id))


def test_a_token_is_told_once_and_opens_its_feed_until_it_is_removed(instance_dir: Path) -> None:
    """What is kept has no token in it, and nobody else may read it."""
    settings = settings_of(instance_dir)
    made, token = add_sender(instance_dir, settings, "agency", NOW)
    other, other_token = add_sender(instance_dir, settings, "wire", NOW)

    kept = (instance_dir / SENDERS).read_text(encoding="utf-8")
    assert token not in kept
    assert token.rpartition("_")[2] not in kept
    assert stat.S_IMODE((instance_dir / SENDERS).stat().st_mode) == 0o600
    assert sender_of(instance_dir, token) == made
    assert sender_of(instance_dir, f"{token}x") is None
    assert sender_of(instance_dir, "") is None

    assert remove_sender(instance_dir, made.id) == made

    assert sender_of(instance_dir, token) is None
    assert sender_of(instance_dir, other_token) == other
    assert senders(instance_dir) == [other]
    with pytest.raises(NoSuchSenderError):
        remove_sender(instance_dir, made.id)


@pytest.mark.parametrize(
    "feed", ["", "/", "..", "a/../b", "a//b", ".hidden", "a/", "ä", "a b", "x" * 101, "up.part", "a\n"]
)
def test_what_cannot_be_a_feeds_folder_is_refused(instance_dir: Path, feed: str) -> None:
    """What leads elsewhere, and what the inbox passes over."""
    with pytest.raises(FeedNameError):
        add_sender(instance_dir, settings_of(instance_dir), feed, NOW)

    assert not (instance_dir / SENDERS).exists()


@pytest.mark.parametrize("content", [b" ", b"{", b'{"senders": [{"id": 1}]}', b"\xff"])
def test_damaged_senders_let_nobody_in(instance_dir: Path, content: bytes) -> None:
    """It is said, and not taken for an instance without any."""
    (instance_dir / SENDERS).write_bytes(content)

    with pytest.raises(SendersDamagedError, match="senders"):
        sender_of(instance_dir, "wns_x")
