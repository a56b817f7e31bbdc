"""What is packaged and read once, and the rules in force with some settings."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
from typing import TYPE_CHECKING, Any

from winnowd import event
from winnowd.catalogue import catalogue
from winnowd.model import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.originality import Lexicon
    from winnowd.settings import Settings


def packaged(*steps: str) -> bytes:
    """A data file of the package."""
    return importlib.resources.files("winnowd").joinpath(*steps).read_bytes()


@functools.cache
def lexicon() -> Lexicon:
    """The table of words."""
    from winnowd.originality import Lexicon  # numpy comes with it, which rules alone do not need

    return Lexicon.parse(packaged("originality", "words_en.tsv.gz"))


def limits_in_force(settings: Settings) -> dict[str, dict[str, Any]]:
    """All limits by code, as events and why-files name them."""
    groups = [*settings.gates.values(), *([settings.originality] if settings.originality else [])]
    return event.in_force((limit for group in groups for limit in _limits(group)), catalogue())


def rules_in_force(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every rule by code, as why-files and terminal lines want it: slug, help, unit, limits in force, setting."""
    return rules_with(limits_in_force(settings))


def rules_with(limits: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same with these limits by code, as an event of the log tells of them."""
    return {
        code: {
            "slug": rule.slug,
            "help": rule.help,
            "unit": rule.unit,
            "reached": rule.reached,
            **limits.get(code, {}),
        }
        for code, rule in catalogue().items()
    }


def _limits(group: Any) -> Iterator[Limit]:  # noqa: ANN401 - any gate's limits
    for field in dataclasses.fields(group):
        value = getattr(group, field.name)
        if isinstance(value, Limit):
            yield value
