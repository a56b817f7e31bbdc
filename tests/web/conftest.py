"""The page of instances in which records wait: one that all tests share, and a copy to decide on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from tests.web.client import Client

from winnowd.settings import load
from winnowd.web.access import Access
from winnowd.web.app import make_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.instance import Instance

TOKEN = "a token of nobody, for tests"  # noqa: S105 - of tests


@pytest.fixture
def visit() -> Callable[..., Client]:
    """Open the page of an instance: logged in, unless ``token`` is ""; today, unless ``at`` is another time."""

    def visited(instance: Instance, *, token: str = TOKEN, at: dt.datetime | None = None, **access: Any) -> Client:
        loaded = load(instance.instance_dir, environ={}, system=None)
        given = Access(TOKEN, user="anna", **access)
        client = Client(make_app(instance.instance_dir, lambda: loaded, given, lambda: at or dt.datetime.now(dt.UTC)))
        if token:
            client.get(f"/?token={token.replace(' ', '+')}")
        return client

    return visited


@pytest.fixture
def client(visit: Callable[..., Client], held_once: Instance) -> Client:
    """The page of the shared instance, for somebody who has logged in."""
    return visit(held_once)


@pytest.fixture
def stranger(visit: Callable[..., Client], held_once: Instance) -> Client:
    """The same for somebody who has not."""
    return visit(held_once, token="")
