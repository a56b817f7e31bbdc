"""One browser for all, one furnished instance that nobody changes, and pages of it as people have them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.web.browser.look import WATCH
from tests.web.browser.stand import PROGRAM, browser_run, evening, furnished, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page
    from tests.e2e.instance import Instance
    from tests.web.browser.stand import Stand

HERE = __file__.rpartition("/")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what stands in this folder where there is no browser."""
    if why := browser_run():
        for item in items:
            if str(item.path).startswith(HERE):
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The furnished instance, served."""
    with standing(furnished(tmp_path_factory.mktemp("stand") / "home")) as found:
        yield found


@pytest.fixture(scope="session")
def evening_once(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance in which twenty-two wait, decided once for all."""
    return evening(tmp_path_factory.mktemp("evening") / "home")


@pytest.fixture
def waiting(evening_once: Instance, tmp_path: Path) -> Iterator[Stand]:
    """A copy of it, served, to be decided on."""
    shutil.copytree(evening_once.instance_dir, tmp_path / "home")
    with standing(type(evening_once)(tmp_path / "home")) as found:
        yield found


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Gives a page of a stand to somebody who has logged in; ``script=False`` to one whose browser runs none."""
    contexts: list[BrowserContext] = []

    def opened_for(at: Stand, *, script: bool = True, **choices: object) -> Page:
        context = browser.new_context(java_script_enabled=script, **choices)
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"{at.address}/?token={at.token}")
        return page

    yield opened_for
    for context in contexts:
        context.close()
