"""Deciding in a browser: by keys, quickly; by forms, where no script runs. Each is an order, and a line of the log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.web.browser.look import Console
from tests.web.browser.stand import until

from winnowd.layout import ORDERS
from winnowd.storage.orderbook import DONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.web.browser.stand import Stand

MANY = 20


class Done(NamedTuple):
    """An order: what was done by it, and to which records, by the audit log."""

    action: str
    reason: str
    via: str
    records: list[str]


def orders(stand: Stand, count: int) -> list[Done]:
    """What has become of each order file, in the order in which they were given, once there are as many receipts."""
    folder = stand.made.instance_dir / ORDERS / DONE
    receipts = until(lambda: found if len(found := sorted(folder.glob("*.json"))) == count else None)
    events = [one for one in stand.made.events() if "operator" in one["winnowd"]]
    return [_done([one for one in events if one["winnowd"]["operator"]["order"] == path.stem]) for path in receipts]


def _done(events: list[dict[str, Any]]) -> Done:
    first, arrivals = events[0], [one["winnowd"]["arrival"] for one in events]
    operator = first["winnowd"]["operator"]
    records = [f"{one['id']}-{one['record']}" for one in arrivals]
    return Done(str(first["event"]["action"]), str(operator["reason"]), str(operator["via"]), records)


def press(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait for that."""
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press(key)


def click(page: Page, what: str) -> None:
    """Click on what leads to another page, and wait for that."""
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.click(what)


def test_twenty_are_decided_by_keys_in_under_a_minute(waiting: Stand, opened: Callable[..., Page]) -> None:
    """From the list on, a key each; each is one order and one line of the audit log, by whoever sits there."""
    page = opened(waiting)
    console = Console(page)
    keys = ["c", "r", "r", "c"] * (MANY // 4)
    page.goto(f"{waiting.address}/quarantine")
    begun = time.monotonic()

    click(page, "text=Review one by one")
    for key in keys:
        press(page, key)
    lasted = time.monotonic() - begun

    wanted = ["confirm" if key == "c" else "release" for key in keys]
    given = orders(waiting, MANY)
    assert lasted < 60
    assert [one.action for one in given] == wanted
    assert len({record for one in given for record in one.records}) == MANY
    assert {one.via for one in given} == {"web"}
    assert list(console.take()) == []


def test_a_slip_is_taken_back_by_a_key(waiting: Stand, opened: Callable[..., Page]) -> None:
    """What was decided waits again."""
    page = opened(waiting)
    page.goto(f"{waiting.address}/quarantine")
    click(page, "text=Review one by one")
    slipped = page.url.partition("?")[0]

    press(page, "c")
    press(page, "u")

    assert [one.action for one in orders(waiting, 2)] == ["confirm", "restore"]
    page.goto(slipped)
    assert page.locator(".pill").first.inner_text() == "quarantined"


def test_keys_are_letters_in_a_field_and_can_be_switched_off(waiting: Stand, opened: Callable[..., Page]) -> None:
    """A note may have any letter; who uses dictation or another's hands switches keys off, for good (WCAG 2.1.4)."""
    page = opened(waiting)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{waiting.address}/quarantine")
    click(page, "text=Review one by one")

    page.click("[data-keys]")
    page.reload()
    page.keyboard.type("cru")
    page.click("[data-keys]")
    page.keyboard.press("n")
    page.keyboard.type("curious?")
    page.keyboard.press("Escape")
    press(page, "r")

    assert len(sent) == 1
    assert [(one.action, one.reason) for one in orders(waiting, 1)] == [("release", "curious?")]


def test_a_list_is_walked_and_decided_by_keys(waiting: Stand, opened: Callable[..., Page]) -> None:
    """Those that were selected, and no other."""
    page = opened(waiting)
    page.goto(f"{waiting.address}/quarantine")
    titles = page.locator("[data-row] a.title")
    second, third = titles.nth(1).get_attribute("href"), titles.nth(2).get_attribute("href")

    for key in "jjxjxkjj":
        page.keyboard.press(key)
    press(page, "c")

    (given,) = orders(waiting, 1)
    assert [f"/a/{one}" for one in given.records] == [second, third]


def test_all_of_it_works_without_script(waiting: Stand, opened: Callable[..., Page]) -> None:
    """One, some, all like this; and each taken back."""
    page = opened(waiting, script=False)
    page.goto(f"{waiting.address}/quarantine")
    assert not page.locator("kbd").first.is_visible()

    click(page, "text=Review one by one")
    page.fill("#main [name=reason]", "by hand")
    click(page, "button:text('Release')")
    click(page, "button:text('Undo')")
    page.goto(f"{waiting.address}/quarantine")
    page.locator("[data-select]").nth(3).check()
    page.locator("[data-select]").nth(5).check()
    click(page, "text=Confirm selected")
    click(page, "text=Decide on all")
    click(page, "#main button.reject")

    one, back, some, every = orders(waiting, 4)
    assert (one.action, one.reason, back.action, back.records) == ("release", "by hand", "restore", one.records)
    assert (some.action, len(some.records)) == ("confirm", 2)
    assert (every.action, len(every.records)) == ("confirm", 20)
