"""Sending files: who has a sender's token may, within bounds; nobody else, and nobody while it is off."""

from __future__ import annotations

import datetime as dt
import errno
import json
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import Instance
from tests.instances.make import ARTICLES

from winnowd.layout import INBOX, SENDERS
from winnowd.operations.lay_out import lay_out
from winnowd.operations.receive import Bounds
from winnowd.operations.senders import add_sender
from winnowd.settings import load
from winnowd.web.pages import ingest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.web.client import Answer, Client

BOUNDARY = "----cut"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """One in which nobody works."""
    lay_out(tmp_path / "home")
    return Instance(tmp_path / "home")


@pytest.fixture
def token(instance: Instance) -> str:
    """That of a sender."""
    return add(instance, "agency")


@pytest.fixture
def outsider(visit: Callable[..., Client], instance: Instance) -> Client:
    """Somebody without a login."""
    return visit(instance, token="")


def add(instance: Instance, feed: str) -> str:
    """The token of a new sender into a feed."""
    settings = load(instance.instance_dir, environ={}, system=None).settings
    return add_sender(instance.instance_dir, settings, feed, NOW)[1]


def multipart(files: list[tuple[str, bytes]], fields: Mapping[str, str] | None = None) -> bytes:
    """A form as a browser sends it."""
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in (fields or {}).items()
    ]
    parts += [
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content
        for name, content in files
    ]
    begin = f"--{BOUNDARY}\r\n".encode()
    return b"".join(begin + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()


def send(client: Client, token: str, body: bytes, media_type: str = MULTIPART, **headers: str) -> Answer:
    """Send it as a program does: no page of ours before it."""
    bearer = {"authorization": f"Bearer {token}"} if token else {}
    return client.post("/inbox", body, content_type=media_type, origin="", **bearer, **headers)


def in_inbox(instance: Instance) -> list[bytes]:
    """What lies there."""
    return sorted(path.read_bytes() for path in (instance.instance_dir / INBOX).rglob("*") if path.is_file())


def test_what_is_sent_gets_a_receipt_that_tells_what_became_of_it(
    outsider: Client, instance: Instance, token: str
) -> None:
    """To the one who sent it, and to nobody else."""
    answer = send(outsider, token, multipart([("../../a.txt", ARTICLES[0].encode()), ("b.txt", b"Hm.")]))

    assert answer.status == 201
    receipts = json.loads(answer.body)["receipts"]
    assert in_inbox(instance) == sorted([ARTICLES[0].encode(), b"Hm."])
    instance.pass_over()
    told = [json.loads(outsider.get(one["at"], authorization=f"Bearer {token}").body) for one in receipts]
    assert [one["state"] for one in told] == ["decided", "decided"]
    assert told[0]["decisions"][0]["outcome"] == "admitted"
    assert told[1]["decisions"][0]["codes"]
    other = add(instance, "agency")
    assert outsider.get(receipts[0]["at"], authorization=f"Bearer {other}").status == 404
    assert outsider.get(receipts[0]["at"]).status == 401


@pytest.mark.parametrize(
    ("media_type", "ending"), [("application/json", ".json"), ("application/x-ndjson; charset=utf-8", ".jsonl")]
)
def test_json_may_be_sent_by_itself(
    outsider: Client, instance: Instance, token: str, media_type: str, ending: str
) -> None:
    """It is one file, as it came."""
    answer = send(outsider, token, b'{"text": "a"}\n', media_type)

    assert answer.status == 201
    assert answer.location.endswith(ending)
    assert in_inbox(instance) == [b'{"text": "a"}\n']


def test_by_the_form_the_token_comes_with_the_files(outsider: Client, instance: Instance, token: str) -> None:
    """A browser gets a page with the receipt, and may ask by hand what became of it."""
    page = outsider.get("/inbox")
    assert "Send files" in page.words()

    answer = send(outsider, "", multipart([("a.txt", b"Hm.")], {"token": token}), accept="text/html")

    assert answer.status == 201
    (file,) = (instance.instance_dir / INBOX / "agency").iterdir()
    assert file.name in answer.words()
    asked = outsider.post("/receipts", {"token": token, "name": file.name}, origin="", accept="text/html")
    assert "It waits in the inbox" in asked.words()
    wrong = outsider.post("/receipts", {"token": "no", "name": file.name}, origin="", accept="text/html")
    assert (wrong.status, token in wrong.text) == (401, False)
    assert outsider.post("/receipts", b"name=" + b"x" * 9_000, origin="").status == 413


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"", MULTIPART, 400),
        (multipart([]), MULTIPART, 400),
        (multipart([("a.txt", b"")]), MULTIPART, 400),
        (b"not a form", MULTIPART, 400),
        (b"x", "multipart/form-data", 400),
        (multipart([("a.txt", b"Hm.")] * 101), MULTIPART, 400),
        (multipart([], {"a": "x" * 2_000}), MULTIPART, 400),
        (b"", "application/json", 400),
        (b"x", "application/zip", 415),
        (b"x", "", 415),
        (b"x" * 3_000, "text/plain", 413),
        (multipart([("a.txt", b"x" * 1_500), ("b.txt", b"x" * 1_500)]), MULTIPART, 413),
        (multipart([("a.txt", b"x" * 90_000)]), MULTIPART, 413),
    ],
)
def test_what_cannot_be_taken_is_said_and_leaves_nothing(
    outsider: Client, instance: Instance, token: str, monkeypatch: pytest.MonkeyPatch, body: bytes, media_type: str,
    status: int,
) -> None:  # fmt: skip
    """A form that is none, nothing in it, too much of it: a status, and words for programs."""
    bounds = Bounds(request_bytes=2_048)
    monkeypatch.setattr(ingest.Intake, "bounds", property(lambda _: bounds))

    answer = send(outsider, token, body, media_type)

    assert answer.status == status
    assert json.loads(answer.body)["error"]
    assert in_inbox(instance) == []


SENT = [(multipart([("a.txt", b"a" * 100_000)]), MULTIPART), (b"a" * 100_000, "text/plain")]
"""The same text as a form and by itself, longer than one piece that comes over the network."""


@pytest.mark.parametrize(("body", "media_type"), SENT, ids=["form", "itself"])
def test_what_is_cut_off_is_not_taken(
    outsider: Client, instance: Instance, token: str, body: bytes, media_type: str
) -> None:
    """Nor is it a fault of ours."""
    outsider.is_cut_off = True

    assert send(outsider, token, body, media_type).status == 400
    assert outsider.post("/receipts", b"name=").status == 400
    assert in_inbox(instance) == []


@pytest.mark.parametrize(("body", "media_type"), SENT, ids=["form", "itself"])
def test_a_full_disk_is_said(
    outsider: Client, instance: Instance, token: str, monkeypatch: pytest.MonkeyPatch, body: bytes, media_type: str
) -> None:
    """Where what is being sent is kept meanwhile, too."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.SpooledTemporaryFile.write", full)

    answer = send(outsider, token, body, media_type)

    assert answer.status == 503
    assert json.loads(answer.body) == {"error": "It could not be written: No space left on device."}
    assert in_inbox(instance) == []


@pytest.mark.parametrize("given", ["", "wns_00000000_0", "a token of nobody, for tests"])
def test_who_has_no_token_of_a_sender_sends_nothing(
    outsider: Client, instance: Instance, token: str, given: str
) -> None:
    """Not even by the token of the page; a stranger's body is not read."""
    del token
    answer = send(outsider, given, multipart([("a.txt", b"Hm.")]))

    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert in_inbox(instance) == []


def test_it_is_off_without_senders_and_where_nothing_is_decided(
    visit: Callable[..., Client], instance: Instance
) -> None:
    """No form, no way in."""
    off = visit(instance)
    assert [off.get("/inbox").status, send(off, "wns_x", b"x").status, off.get("/receipts/x").status] == [404] * 3
    token = add(instance, "agency")

    read_only = visit(instance, read_only=True)

    assert send(read_only, token, multipart([("a.txt", b"Hm.")])).status == 403
    assert in_inbox(instance) == []


@pytest.mark.parametrize("accept", ["text/html", ""])
def test_why_there_is_no_form_is_said(
    visit: Callable[..., Client], instance: Instance, token: str, accept: str
) -> None:
    """To people as a page, to programs as theirs."""
    assert visit(instance, token="", read_only=True).get("/inbox", accept=accept).status == 403
    (instance.instance_dir / SENDERS).write_bytes(b"{")
    answer = visit(instance, token="").get("/inbox", accept=accept)
    assert answer.status == 503
    assert "state/senders.json is damaged" in answer.text
    assert token not in answer.text


def test_too_much_in_a_time_is_told_when_it_may_come(
    outsider: Client, instance: Instance, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the seconds to wait; another sender is not held up."""
    bounds = Bounds(files_a_minute=2)
    monkeypatch.setattr(ingest.Intake, "bounds", property(lambda _: bounds))
    body = multipart([("a.txt", b"Hm.")])

    statuses = [send(outsider, token, body).status for _ in range(2)]
    answer = send(outsider, token, body)

    assert statuses == [201, 201]
    assert answer.status == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert send(outsider, add(instance, "wire"), body).status == 201


def test_strangers_cannot_have_forms_read_without_end(outsider: Client, token: str) -> None:
    """After so many in a minute none is read, whoever sends them; who sends by a token of theirs still can."""
    body = multipart([("a.txt", b"Hm.")], {"token": "wrong"})

    statuses = {send(outsider, "", body).status for _ in range(40)}

    assert statuses == {401, 429}
    assert send(outsider, token, multipart([("a.txt", b"Hm.")])).status == 201
