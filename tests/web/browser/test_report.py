"""The report, opened as files: the same looks as the page gets, no script, the same bytes again."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import ROOT
from tests.web.browser.look import ALL, FEW, HEIGHT, WIDTHS, Console, in_each_way

from winnowd.cli.commands import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser
    from tests.web.browser.stand import Stand

pytestmark = pytest.mark.skipif("report" not in COMMANDS, reason="needs winnowd report")


@pytest.fixture(scope="module")
def report(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the furnished instance."""
    folder = tmp_path_factory.mktemp("report") / "pages"
    write(stand, folder)
    return folder


def write(stand: Stand, folder: Path) -> None:
    """Have it written, as a user would."""
    command = [sys.executable, "-m", "winnowd", "-q", "--home", str(stand.made.instance_dir), "report", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT)


def test_nothing_is_amiss_in_a_file(report: Path, browser: Browser) -> None:
    """Each page is all there without a server, and each of its ways leads to another."""
    page = browser.new_page(viewport={"width": max(WIDTHS), "height": HEIGHT})
    console, found = Console(page), []

    for at, path in enumerate(sorted(report.rglob("*.html"), key=lambda path: (path.name != "index.html", path))):
        page.goto(path.as_uri())
        found += [f"{path.name}: {one}" for one in [*in_each_way(page, FEW if at else ALL), *console.take()]]
        ways = page.eval_on_selector_all(
            "a[href]:not([href^='#'])", "found => found.map((one) => one.getAttribute('href'))"
        )
        found += [
            f"{path.name}: {way} leads nowhere" for way in ways if not (path.parent / way.partition("#")[0]).exists()
        ]
        assert page.locator("script, form, button").count() == 0
        assert page.evaluate("getComputedStyle(document.body).fontFamily") != "Times"
    page.close()

    assert not found, "\n".join(found)


def test_the_same_log_gives_the_same_bytes(report: Path, stand: Stand, tmp_path: Path) -> None:
    """Anew and elsewhere."""
    write(stand, tmp_path / "again")

    first, again = (
        {path.name: path.read_bytes() for path in folder.rglob("*.*")} for folder in (report, tmp_path / "again")
    )
    assert first == again
    assert re.search(rb"Content-Security-Policy", first["index.html"], re.IGNORECASE)
