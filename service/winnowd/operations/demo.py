"""Five packaged articles through the whole route, in an instance of their own."""

from __future__ import annotations

import importlib.resources
from typing import TYPE_CHECKING, NamedTuple

from winnowd.daemon.serve import decide_once
from winnowd.daemon.servicelog import service_log
from winnowd.layout import INBOX
from winnowd.operations.lay_out import lay_out
from winnowd.settings import Loaded, load
from winnowd.views.tally import Shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.model import DecisionRecord


class Played(NamedTuple):
    """What was decided, in order, and under which settings."""

    shown: list[Shown]
    loaded: Loaded


def play(instance_dir: Path) -> Played:
    """Make the instance, drop the articles into its inbox, and decide them as the service does."""
    lay_out(instance_dir)
    loaded = load(instance_dir, environ={}, overrides=["inbox.settle=0"], system=None)
    for name, content in articles():
        (instance_dir / INBOX / name).write_bytes(content)
    shown: list[Shown] = []

    def decided(entry: DecisionRecord) -> None:
        event = entry.event
        shown.append(Shown(event, entry.evidence, event["file"]["name"]))

    decide_once(instance_dir, loaded, log=service_log(least="warning"), decided=decided)
    return Played(shown, loaded)


def articles() -> Iterator[tuple[str, bytes]]:
    """The packaged articles by name, in their order."""
    packaged = importlib.resources.files("winnowd").joinpath("demo")
    for one in sorted(packaged.iterdir(), key=lambda one: one.name):
        if one.name.endswith(".txt"):
            yield one.name, one.read_bytes()
