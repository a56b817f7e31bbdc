"""Reading in a browser: two texts that go together, hostile ones that do nothing, limits that are only tried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.web.browser.look import Console

from winnowd.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.web.browser.stand import Stand

_TOGETHER = """() => {
  const [one, other] = document.querySelectorAll("[data-linked]");
  const height = (mark, pane) => mark.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  const first = [...one.querySelectorAll("mark")].find((mark) => height(mark, one) > 60);
  const twin = other.querySelector(`mark[data-run="${first.dataset.run}"]`);
  const apart = height(first, one) - height(twin, other);
  return one.scrollTop > 100 && other.scrollTop > 50 && Math.abs(apart) < 120;
}"""


def test_the_other_text_follows(stand: Stand, opened: Callable[..., Page]) -> None:
    """What is shared stands side by side, however long what stands between is in either."""
    page = opened(stand, viewport={"width": 1360, "height": 800})
    page.goto(f"{stand.address}/a/{stand.record('2-tide-mill-reworded.txt')}")

    page.locator("[data-linked]").first.scroll_into_view_if_needed()
    page.locator("[data-linked]").first.hover(position={"x": 200, "y": 60})
    page.mouse.wheel(0, 300)

    page.wait_for_function(_TOGETHER)


def test_hostile_texts_are_only_text(stand: Stand, opened: Callable[..., Page]) -> None:
    """Markup in title, feed, name and text is shown as it was written; what turns or hides letters is named."""
    page = opened(stand)
    console = Console(page)

    page.goto(f"{stand.address}/a/{stand.record('hostile-copy.txt')}")

    main = page.locator("#main")
    assert "<script>console.error('ran')</script>" in main.inner_text()
    assert main.locator("script, img, style, textarea, [onerror]").count() == 0
    assert "\u202e" not in main.inner_text()
    assert page.locator("[data-linked] mark").count() > 5
    assert list(console.take()) == []


def test_a_limit_is_tried_out_and_nothing_is_changed(stand: Stand, opened: Callable[..., Page]) -> None:
    """The decisions that would be others are named, with a way to each; settings and log are what they were."""
    page = opened(stand)
    settings, events = (stand.made.instance_dir / SETTINGS).read_bytes(), len(stand.made.events())
    page.goto(f"{stand.address}/tune/QUA401")

    page.locator("[data-slides=fail]").fill("62.5")
    with page.expect_navigation():
        page.click("text=Try")

    assert page.input_value("[name=fail]") == "62.5"
    assert "would be" in page.locator("#tried").inner_text()
    assert page.locator("td:text('rejected'), td:text('would be rejected')").count() > 0
    assert page.locator("#main table a[href^='/a/']").count() > 0
    assert ((stand.made.instance_dir / SETTINGS).read_bytes(), len(stand.made.events())) == (settings, events)
