"""Who gets in, and what stands on every answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import TOKEN

from winnowd.layout import ORDERS
from winnowd.web.access import LASTS, Access
from winnowd.web.guard import HEADERS, LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.instance import Instance
    from tests.web.client import Client

PAGES = [
    "/",
    "/quarantine",
    "/quarantine/all",
    "/help",
    "/find?q=rewrite",
    "/a/nothing",
    "/nothing",
    "/static/winnowd.css",
]
COOKIE = Access(TOKEN).cookie
FORMS = ["/undo", "/quarantine/decide", "/quarantine/all", "/a/30f4c306b06f2719-0/decide", "/logout"]


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_carries_the_policy(client: Client, address: str) -> None:
    """Also one that finds nothing; only our own files may be kept."""
    headers = client.get(address).headers

    assert {name: headers[name] for name in HEADERS if name != "cache-control"}.items() <= HEADERS.items()
    assert headers["cache-control"] == ("public, max-age=31536000, immutable" if "static" in address else "no-store")
    assert "script-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("address", [one for one in PAGES if "static" not in one])
def test_a_stranger_is_led_to_the_form(stranger: Client, address: str) -> None:
    """Nothing else is said, not even what there is."""
    answer = stranger.get(address)

    assert answer.status == 303
    assert answer.location.startswith("/login")
    assert answer.body == b""


@pytest.mark.parametrize("address", FORMS)
def test_a_stranger_decides_nothing(stranger: Client, address: str) -> None:
    """Whatever is sent, it is refused."""
    assert stranger.post(address, {"action": "confirm"}).status == 401


def test_the_token_opens_the_page_by_the_form(stranger: Client) -> None:
    """The cookie is out of reach of scripts and of other sites, and leads to where one wanted to go."""
    led = stranger.get("/quarantine?code=QUA401")

    entered = stranger.send(stranger.get(led.location), "/login", token=TOKEN)

    assert (entered.status, entered.location) == (303, "/quarantine?code=QUA401")
    assert re.fullmatch(
        rf"{COOKIE}=[0-9a-f.]+; HttpOnly; Max-Age=604800; Path=/; SameSite=strict", entered.headers["set-cookie"]
    )
    assert stranger.get(entered.location).status == 200


def test_a_wrong_token_opens_nothing(stranger: Client) -> None:
    """It is said in words, and no cookie is given."""
    answer = stranger.post("/login", {"token": f"{TOKEN}!", "next": "/"})

    assert (answer.status, stranger.cookie) == (403, "")
    assert "That is not the token." in answer.words()


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"]
)
def test_logging_in_leads_nowhere_else(stranger: Client, elsewhere: str) -> None:
    """An address that somebody was sent does not take them to another site."""
    assert stranger.post("/login", {"token": TOKEN, "next": elsewhere}).location == "/"


def test_a_token_does_not_stay_in_the_address(stranger: Client) -> None:
    """It is taken out, whether it is right or not."""
    right = stranger.get(f"/quarantine?token={TOKEN.replace(' ', '+')}&code=QUA401")
    wrong = stranger.get("/quarantine?token=guessed")

    assert (right.location, wrong.location) == ("/quarantine?code=QUA401", "/login")
    assert "set-cookie" in right.headers
    assert "set-cookie" not in wrong.headers


def test_a_login_ends(held_once: Instance, visit: Callable[..., Client]) -> None:
    """After a week, or when one logs out; a made-up cookie never began."""
    now = [1_000_000.0]
    client = visit(held_once, now=lambda: now[0])
    assert client.get("/").status == 200

    now[0] += LASTS + 1
    assert client.get("/").status == 303

    for made_up in ("", "1.2.3", f"00.{int(now[0])}.{'0' * 64}", "..", "é"):
        client.cookie = f"{COOKIE}={made_up}"
        assert client.get("/").status == 303


def test_logging_out_forgets_the_cookie(client: Client) -> None:
    """By a form, so that no address does it."""
    gone = client.send(client.get("/"), "/logout")

    assert f'{COOKIE}=""' in gone.headers["set-cookie"]
    assert client.get("/logout").status in {303, 405}


def test_logging_out_ends_the_session_wherever_its_cookie_was_copied_to(
    visit: Callable[..., Client], held_once: Instance
) -> None:
    """It is none from then on; another login of the same person, and a later one, are."""
    now = [1_800_000_000.0]
    client = visit(held_once, now=lambda: now[0])
    copied = client.cookie
    client.get(f"/?token={TOKEN.replace(' ', '+')}")
    other = client.cookie
    client.cookie = copied

    client.send(client.get("/"), "/logout")

    client.cookie = copied
    assert client.get("/").status == 303
    client.cookie = other
    assert client.get("/").status == 200
    now[0] += LASTS
    client.send(client.get("/"), "/logout")
    for cookie in (copied, other):
        client.cookie = cookie
        assert client.get("/").status == 303


def test_sessions_that_were_ended_are_forgotten_once_they_would_be_over() -> None:
    """What is kept does not grow for ever; whatever is no session is not kept at all."""
    now = [0.0]
    access = Access(TOKEN, now=lambda: now[0])
    for _ in range(9):
        session = access.new_session()
        for ended in (session, session, "", "bearer", "user anna", "1.2.3"):
            access.end_session(ended)
        assert len(access._ended) == 1
        now[0] += LASTS + 1


def test_no_session_outlives_the_process_that_made_it() -> None:
    """Else one that was ended would be one again after a restart."""
    first, second = Access(TOKEN), Access(TOKEN)

    assert first.is_session(first.new_session())
    assert not second.is_session(first.new_session())


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8737", "", "127.0.0.1.evil.example"])
def test_a_page_elsewhere_cannot_be_this_one(client: Client, host: str) -> None:
    """A name that is not ours is refused, whoever it leads to us (DNS rebinding)."""
    assert client.get("/", host=host).status == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8737", "[::1]:8737", "LOCALHOST:1", "corpus.example"])
def test_our_own_names_are_taken(held_once: Instance, visit: Callable[..., Client], host: str) -> None:
    """With any port or none; another name if it was set."""
    client = visit(held_once, hosts=frozenset({"localhost", "127.0.0.1", "[::1]", "corpus.example"}))

    assert client.get("/", host=host).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "null", "sec_fetch_site": "cross-site"},
        {"origin": "", "sec_fetch_site": "same-site"},
        {"origin": "http://localhost:1"},
    ],
)
def test_a_form_of_another_site_is_refused(client: Client, headers: dict[str, str]) -> None:
    """Even one that knows our secret."""
    fields = client.get("/quarantine").fields("/quarantine/decide") | {"action": "confirm", "record": "0" * 16 + "-0"}

    assert client.post("/quarantine/decide", fields, **headers).status == 403


def test_a_browser_that_names_no_origin_is_told_by_the_site(client: Client) -> None:
    """Under our own policy it sends ``null``, and ``Sec-Fetch-Site`` beside it."""
    fields = client.get("/quarantine").fields("/quarantine/decide") | {"action": "confirm"}

    assert client.post("/quarantine/decide", fields, origin="null", sec_fetch_site="same-origin").status == 303


@pytest.mark.parametrize("secret", ["", "0" * 64])
def test_a_form_needs_the_secret_of_its_session(client: Client, secret: str) -> None:
    """A form that was not made for whoever sends it is refused."""
    fields = client.get("/quarantine").fields("/quarantine/decide") | {"action": "confirm", "form": secret}

    assert client.post("/quarantine/decide", fields).status == 403


def test_a_form_of_another_session_is_refused(
    client: Client, held_once: Instance, visit: Callable[..., Client]
) -> None:
    """Two who have logged in do not share it."""
    theirs = visit(held_once).get("/quarantine").fields("/quarantine/decide")

    assert client.post("/quarantine/decide", theirs | {"action": "confirm"}).status == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * LARGEST, "application/x-www-form-urlencoded", 413),
        (b"&".join([b"a=1"] * 1_001), "application/x-www-form-urlencoded", 400),
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"a=\xff", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"", "multipart/form-data; boundary=x", 415),
        (b"", "", 415),
    ],
)
def test_only_forms_are_taken_and_no_large_ones(client: Client, body: bytes, kind: str, status: int) -> None:
    """What else is sent is refused before anything is done."""
    assert client.post("/quarantine/decide", body, content_type=kind).status == status


@pytest.mark.parametrize("address", FORMS)
def test_a_page_to_read_takes_no_orders(held_once: Instance, visit: Callable[..., Client], address: str) -> None:
    """It has no forms, and refuses what is sent all the same."""
    client = visit(held_once, read_only=True)

    assert client.post(address, {"action": "confirm"}).status == 403
    assert 'action="/quarantine/decide"' not in client.get("/quarantine").text
    assert list((held_once.instance_dir / ORDERS).glob("*.json")) == []


def test_a_program_brings_the_token_in_a_header(stranger: Client) -> None:
    """It has no cookie that a browser would send on its own, so it needs no form of ours."""
    assert stranger.get("/quarantine", authorization=f"Bearer {TOKEN}").status == 200
    assert stranger.get("/quarantine", authorization="Bearer guessed").status == 401
    sent = stranger.post("/quarantine/decide", {"action": "confirm"}, origin="", authorization=f"Bearer {TOKEN}")
    assert sent.status == 303


def test_a_proxy_names_who_asks(held_once: Instance, visit: Callable[..., Client]) -> None:
    """Then no token is asked for; without a name nobody gets in, and the token does not help."""
    client = visit(held_once, token="", user_header="x-remote-user")

    assert "those of berta" in client.get("/", x_remote_user="berta").words()
    assert client.get("/").status == 401
    assert client.get("/", x_remote_user="a\x07b").status == 401
    assert client.get("/", authorization=f"Bearer {TOKEN}").status == 401


def test_a_fault_of_ours_says_nothing_of_the_inside(
    held_once: Instance, visit: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is one of ours, with the headers of all others."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    client = visit(held_once)
    monkeypatch.setattr("winnowd.web.pages.overview.status", broken)

    with pytest.raises(RuntimeError):  # what serves it writes the trace
        client.get("/")


def test_tokens_are_compared_whole() -> None:
    """Neither a beginning nor nothing is the token."""
    access = Access("0123456789abcdef")

    assert access.is_token("0123456789abcdef")
    assert not any(map(access.is_token, ("", "0123456789abcde", "0123456789abcdefg", "é")))


@pytest.mark.parametrize(
    "origin", ["http://[x", "http://[localhost:8737", "x", "http://", "http://localhost:8737@evil"]
)
def test_an_origin_that_is_none_is_refused(client: Client, origin: str) -> None:
    """As that of any other site."""
    assert client.post("/undo", {}, origin=origin).status == 403


def test_who_may_only_look_can_log_out(held_once: Instance, visit: Callable[..., Client]) -> None:
    """The button is there, and works."""
    client = visit(held_once, read_only=True)

    assert client.send(client.get("/"), "/logout").location == "/login"


def test_of_two_names_none_is_believed(held_once: Instance, visit: Callable[..., Client]) -> None:
    """A proxy that adds its header to one that a browser sent would let anybody choose who they are."""
    client = visit(held_once, token="", user_header="X-Remote-User")

    assert client.get("/", x_remote_user="berta").status == 200
    assert client.get("/", x_remote_user=["mallory", "berta"]).status == 401


def test_half_a_form_is_none(held_copy: Instance, visit: Callable[..., Client]) -> None:
    """Whoever is cut off while they send has decided nothing: what is missing may have been what they chose last."""
    client = visit(held_copy)
    fields = client.get("/quarantine").fields("/quarantine/decide") | {"action": "confirm"}

    client.is_cut_off = True
    answer = client.post("/quarantine/decide", [*fields.items(), ("record", "30f4c306b06f2719-0")])

    assert answer.status == 400
    assert list((held_copy.instance_dir / ORDERS).glob("*.json")) == []


@pytest.mark.parametrize("others", ['{"a": "b"}', 'theme={"a": 1, "b": [2]}', "=;;", "a b", "é=1", f"x{COOKIE}=x"])
def test_cookies_of_others_are_let_be(client: Client, others: str) -> None:
    """A browser sends those of every program on this machine, whatever its port."""
    client.cookie = f"{others}; {client.cookie}"

    assert client.get("/").status == 200


def test_pages_of_two_instances_have_a_cookie_each() -> None:
    """Else whoever works with both, on one machine, would be logged out of one by the other."""
    one, same, other = (Access(token).cookie for token in ("0123456789abcdef", "0123456789abcdef", "fedcba9876543210"))

    assert one == same != other
