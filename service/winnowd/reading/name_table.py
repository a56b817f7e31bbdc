"""The fields' own and other names, and the paths by which such a name leads into a record.

Pure, but for ``shapes.toml`` of this package, which is read once. What a record brings is read elsewhere, so that
settings can check a feed's paths without it.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLE: Final[Mapping[str, Any]] = tomllib.loads(
    importlib.resources.files(__package__).joinpath("shapes.toml").read_text(encoding="utf-8")
)
"""``shapes.toml``."""

NAMES: Final[Mapping[str, tuple[str, ...]]] = {owner: tuple(rows) for owner, rows in TABLE["names"].items()}
"""Each field's own name and its other names, in the order in which the first that is present wins."""

_STEP: Final = re.compile(r"\[(\d{0,4})\]|\.?([^.\[\]]+)|(.)", re.DOTALL)
Step: TypeAlias = "str | int | None"
"""A key, the place of an element, or None for each of them."""

EACH_MEMBER: Final = "{}"
"""The key that stands for each member of an object."""


@functools.lru_cache(maxsize=1_024)
def steps_of(path: str) -> tuple[Step, ...] | None:
    """The steps of a path as ``a.b[0].c`` or ``a[].b``; None if it is none."""
    steps: list[Step] = []
    for number, key, wrong in _STEP.findall(path):
        if wrong:
            return None
        steps.append(key or (int(number) if number else None))
    return tuple(steps) or None


def value_at(value: object, steps: Iterable[Step]) -> Any:  # noqa: ANN401 - whatever a record has there
    """What a path reaches in a value; a list if it goes through each of several, None if it leads nowhere."""
    for number, step in enumerate(rest := tuple(steps)):
        if step == EACH_MEMBER and isinstance(value, dict):
            return value_at(list(value.values()), (None, *rest[number + 1 :]))
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        elif not isinstance(value, list):
            return None
        elif step is None:
            if not all(isinstance(one, dict | list) for one in value):
                return None  # of things and words mixed the field itself makes what it can
            found = [value_at(one, rest[number + 1 :]) for one in value]
            return [one for one in found if one is not None]
        else:
            value = value[step] if step < len(value) else None
    return value
