"""The shipped page: off until it is switched on, then for this machine, and its user gives orders (P10, P11)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.instance import TEXTS
from tests.needs import needs
from tests.system.machine import HOME, MACHINE, until
from tests.system.test_unit import other

from winnowd.web.guard import HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.machine import Machine

UNIT = "winnowd-web.service"
TOKEN = f"{HOME}/state/web-token"
SHORT = " ".join(TEXTS["B"].split()[60:120])
LOW = """[orders]
group = "winnowd-admin"
[gates.length]
words.min.fail = 5
"""
ASK = """
import json, sys, urllib.error, urllib.parse, urllib.request
address, token, form = json.load(sys.stdin)
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_): return None
asked = urllib.request.Request(address, urllib.parse.urlencode(form).encode() if form else None)
if token: asked.add_header("Authorization", "Bearer " + token)
try: answer = urllib.request.build_opener(Stay).open(asked, timeout=30)
except urllib.error.HTTPError as told: answer = told
print(json.dumps([answer.status, {name.lower(): value for name, value in answer.headers.items()}]))
"""


@pytest.fixture
def page(machine: Machine) -> Iterator[Machine]:
    """The machine with the page switched on, and off again."""
    machine.run("systemctl", "enable", "--now", UNIT)
    yield machine
    machine.run("systemctl", "disable", "--now", UNIT)
    machine.shell(f"rm -rf /etc/systemd/system/{UNIT}.d; systemctl daemon-reload")


def ask(machine: Machine, path: str, token: str = "", **form: str) -> tuple[int, dict[str, str]]:
    """Ask as carol, who is anybody on this machine; gives status and headers."""
    asked = json.dumps([f"http://127.0.0.1:8737{path}", token, form])
    status, headers = json.loads(machine.run("python3", "-c", ASK, user="carol", text=asked))
    return int(status), dict(headers)


def queued(machine: Machine, name: str) -> str:
    """The record of a file that waits for a person, "" while there is none."""
    found: list[dict[str, Any]] = [
        json.loads(line) for line in machine.run("winnowd", "--json", "queue", user="bob").splitlines()
    ]
    return next((one["record"] for one in found if name in json.dumps(one) and "record" in one), "")


@needs("P11", *MACHINE)
def test_it_is_off_until_somebody_switches_it_on(machine: Machine) -> None:
    """Installed beside a service that runs, it neither runs nor would after the next boot."""
    assert machine.run("systemctl", "is-enabled", UNIT, check=False).strip() == "disabled"
    assert machine.show("ActiveState", UNIT) == "inactive"
    assert machine.shell(f"test -f {TOKEN}; stat --format='%s %a %U:%G' {TOKEN}") == "0 600 winnowd-web:winnowd-web\n"


@needs("P11", *MACHINE)
def test_it_answers_this_machine_with_every_header_and_shows_nothing_to_whom_it_does_not_know(page: Machine) -> None:
    """The login is all that carol gets; the token she may not read; it listens at no other address."""
    status, headers = ask(page, "/login")
    shown, led = ask(page, "/quarantine")
    page.run("cat", TOKEN, user="carol", check=False)

    assert status == 200
    assert {name: headers.get(name) for name in HEADERS} == dict(HEADERS)
    assert "server" not in headers
    assert (shown, led["location"].partition("?")[0]) == (303, "/login")
    assert page.status != 0
    listening = page.shell("cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" {print $2}'").split()
    assert [one for one in listening if one.endswith(":2221")] == ["0100007F:2221"]  # 127.0.0.1:8737


@needs("P11", *MACHINE)
def test_who_has_its_token_decides_and_the_log_names_the_page(page: Machine) -> None:
    """The order's file is of winnowd-web; the service carries it out, as of one who may."""
    mark = page.now()
    page.configure(LOW)
    page.run("systemctl", "reload", "winnowd")
    page.until_said("configuration changed", mark)
    page.drop({"doubted.txt": f"{SHORT} Nobody had told them that the boat was late."})
    assert page.until_decided("doubted.txt") == "quarantined"
    record = until(lambda: queued(page, "doubted.txt"), "it waits")
    token = page.run("cat", TOKEN).strip()

    status, led = ask(page, f"/a/{record}/decide", token, action="release", reason="wanted on the page")

    assert (status, "order=" in led["location"]) == (303, True)
    (event,) = until(
        lambda: [one for one in page.events() if "wanted on the page" in json.dumps(one)], "it is carried out"
    )
    assert event["event"]["action"] == "release"
    assert event["user"]["name"] == "winnowd-web"
    assert len(page.shell(f"grep -rl --include=*.txt 'the boat was late' {HOME}/seeds").splitlines()) == 1


SENDING = """
import json, sys, urllib.request
address, token, text = json.load(sys.stdin)
headers = {"Authorization": "Bearer " + token, "Content-Type": "text/plain"}
print(urllib.request.urlopen(urllib.request.Request(address, text.encode(), headers), timeout=30).read().decode())
"""
MAY_SEND = "[Service]\nSupplementaryGroups=winnowd-drop\nReadWritePaths=/var/lib/winnowd/inbox\n"


@needs("P11", *MACHINE)
def test_given_that_right_it_takes_files_for_who_has_a_senders_token(page: Machine) -> None:
    """The drop-in of docs/how-to/send.md, a sender added by root; the file is decided as any other of its feed."""
    folder = page.path(f"/etc/systemd/system/{UNIT}.d")
    folder.mkdir()
    (folder / "send.conf").write_text(MAY_SEND, encoding="utf-8")
    page.shell(f"systemctl daemon-reload; systemctl restart {UNIT}")
    token = page.shell(f"winnowd --home {HOME} sender add press 2>/dev/null").strip()

    asked = json.dumps(["http://127.0.0.1:8737/inbox", token, other(4_712)])
    (receipt,) = json.loads(page.run("python3", "-c", SENDING, user="carol", text=asked))["receipts"]

    assert receipt["feed"] == "press"
    assert page.until_decided(receipt["name"]) == "rejected"


@needs("P10", *MACHINE)
def test_killed_it_comes_back_and_a_stop_ends_it_well(page: Machine) -> None:
    """Another process answers with the same token; stopped it ended by itself, in time."""
    before, token = page.until_active(UNIT), page.run("cat", TOKEN)

    page.run("kill", "-9", str(before))
    until(lambda: page.show("MainPID", UNIT) not in {"0", str(before)}, "it was started again")
    page.until_active(UNIT)

    assert ask(page, "/login")[0] == 200
    assert page.show("StatusText", UNIT) == "the page is at http://127.0.0.1:8737/"
    assert page.run("cat", TOKEN) == token
    page.run("systemctl", "stop", UNIT)
    assert (page.show("Result", UNIT), page.show("ExecMainStatus", UNIT)) == ("success", "0")
