"""Takes the screenshots of docs/pictures: the demo's articles on the page, light and dark.

    make pictures

A rewrite waits for a person there, as in ``stand.CONFIGURATION``. What hangs on hour and machine is written over, so
that the same page gives the same picture.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.web.browser.stand import PROGRAM, standing, told

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from tests.web.browser.stand import Stand

WIDTH: Final = 1200
LEAST, MOST = 300, 1160
COLOURS: Final = 128
SCHEMES: Final = ("light", "dark")
LARGEST: Final = 150_000  # bytes of a picture: whoever clones it has all of them
WRITTEN_OVER: Final = """() => {
  const over = [
    [/^\\d+ (s|min|h|d)$/, "2 min"], [/\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d)?Z?/g, "2026-11-29 09:41Z"],
    [/\\d{4}\\/\\d\\d\\/\\d\\d/g, "2026/11/29"], [/~[0-9a-f]{8}/g, "~30f4c306"], [/^[\\d,]+ GB$/, "64 GB"],
    [/(decisions are those of) .*/, "$1 editor"], [/^[\\d.,]+ m?s$/, "31 ms"],
  ];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(".text") || !node.data.trim()) continue;
    node.data = over.reduce((data, [what, by]) => data.replace(what, by), node.data);
  }
}"""


def take(stand: Stand, folder: Path) -> None:
    """All of them.

    Raises:
        ValueError: one is too large.
    """
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        for scheme in SCHEMES:
            page = browser.new_page(
                viewport={"width": WIDTH, "height": MOST}, color_scheme=scheme, reduced_motion="reduce"
            )
            page.goto(f"{stand.address}/?token={stand.token}")
            for name, address in pages(stand).items():
                page.goto(stand.address + address)
                _taken(page, folder / f"{name}-{scheme}.png")
        browser.close()


def pages(stand: Stand) -> dict[str, str]:
    """The addresses of what is shown, by the name of the picture."""
    rewrite = stand.record("2-tide-mill-reworded.txt")
    return {"overview": "/", "quarantine": "/quarantine", "record": f"/a/{rewrite}"}


def _taken(page: Page, path: Path) -> None:
    from PIL import Image

    page.evaluate(WRITTEN_OVER)
    page.set_viewport_size({"width": WIDTH, "height": LEAST})
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": WIDTH, "height": min(whole, MOST)})
    taken = Image.open(io.BytesIO(page.screenshot()))
    taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    if (size := path.stat().st_size) > LARGEST:
        raise ValueError(path, size)


def main() -> None:
    """Take them into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory(prefix="winnowd-") as home, standing(told(Path(home, "home"))) as stand:
        take(stand, folder)


if __name__ == "__main__":
    main()
