"""The packages winnowd was tested with, as ``requirements.lock`` pins them, beside those that are installed."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.resources
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_LOCK: Final = "requirements.lock"
_PIN: Final = re.compile(r"^([a-z0-9-]+)==([^\s;]+)", re.MULTILINE)


class Difference(NamedTuple):
    """A package that is installed in another version than the lock has."""

    name: str
    installed: str
    locked: str


def locked() -> dict[str, str]:
    """The version of each package in the lock that came with this winnowd, by its normalised name."""
    return dict(_PIN.findall(importlib.resources.files("winnowd").joinpath(_LOCK).read_text(encoding="utf-8")))


def installed(name: str) -> str | None:
    """The version of a package that is installed, None if it is not."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version(name)
    return None


def differences(have: Callable[[str], str | None] = installed) -> list[Difference]:
    """What is installed otherwise than locked, in order of names; ``have`` gives the version of a package.

    A package that is missing makes no difference: this system does not need it, or its first import says so.
    """
    pairs = ((name, have(name), version) for name, version in locked().items())
    return [Difference(name, here, version) for name, here, version in pairs if here not in {None, version}]
