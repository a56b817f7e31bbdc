"""Looking at a page as people with eyes, with keys or with a reader of screens do; each says what is amiss."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 AA, by the tags of axe, and what axe advises beyond."""
WATCH: Final = """
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  console.error(`policy: ${violatedDirective} ${blockedURI}`);
});
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => console.error("ran");
"""
"""Put before each page's own script: what a hostile text could do there becomes an error in the console."""
WIDTHS: Final = (1600, 1360, 1024, 760, 420, 320)
HEIGHT: Final = 900
ALL: Final = tuple((width, scheme) for width in (1360, 420) for scheme in ("light", "dark"))
FEW: Final = ((1360, "light"), (420, "dark"))
"""Widths and schemes to look at by axe, which takes longer than all the rest."""
_MOST_STOPS: Final = 400
_FOCUSED: Final = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const name = `${one.tagName} ${(one.innerText || one.name || one.id || "").trim().slice(0, 30)}`;
  const seen = [one, ...one.querySelectorAll("rect")].some((part) => {
    const style = getComputedStyle(part);
    const line = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return line || (part !== one && style.stroke !== "none" && parseFloat(style.strokeWidth) >= 2);
  });
  const shown = [box.top + 3, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2].some((y) => {
    const found = document.elementFromPoint(box.left + Math.min(box.width / 2, 12), y);
    return found && (one.contains(found) || found.contains(one));
  });
  const first = !one.dataset.wasFocused;
  one.dataset.wasFocused = "yes";
  return { name, seen, shown, first };
}"""


@functools.cache
def _axe() -> str:
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0], "axe.min.js").read_text(encoding="utf-8")


@functools.cache
def _look() -> str:
    return Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def by_eye(page: Page) -> list[str]:
    """Text that lies on text, stands out of its box or is cut off; a page that scrolls sideways."""
    return list(page.evaluate(_look()))


def by_axe(page: Page) -> list[str]:
    """What axe-core finds; the page's script must run, or axe would wait for ever."""
    page.evaluate(_axe())
    options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}  # it would fetch the style sheet
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


def by_keys(page: Page) -> list[str]:
    """What Tab comes to that does not show it, or that something else hides; a page that it does not lead out of."""
    found: list[str] = []
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUSED)
        if stop is None or not stop["first"]:
            page.evaluate("document.activeElement.blur()")
            return found
        found += [f"{stop['name']} has the focus and does not show it"] * (not stop["seen"])
        found += [f"{stop['name']} has the focus and is hidden"] * (not stop["shown"])
    return [*found, "Tab leads nowhere"]


def in_each_way(page: Page, by_axe_at: Sequence[tuple[int, str]]) -> Iterator[str]:
    """By eye in each width, with all that opens closed and open; by axe in some widths and schemes; by keys."""
    yield from by_eye(page)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield from (f"{width}: {one}" for one in by_eye(page))
        for scheme in (scheme for at, scheme in by_axe_at if at == width):
            page.emulate_media(color_scheme=scheme)
            yield from (f"{width} {scheme}: {one}" for one in by_axe(page))
    yield from by_keys(page)


class Console:
    """All that a page complains of, from now on: errors, refusals of its policy, exceptions, questions."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.said.append(f"exception: {error}"))
        page.on("dialog", self._asked)
        page.on("requestfailed", self._failed)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(f"{message.type}: {message.text}")

    def _asked(self, dialog: Dialog) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _failed(self, request: Request) -> None:
        if "ERR_ABORTED" not in str(request.failure):  # what another page made needless
            self.said.append(f"failed: {request.url} {request.failure}")

    def take(self) -> Iterator[str]:
        """What was said until now."""
        while self.said:
            yield self.said.pop(0)
