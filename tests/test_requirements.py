"""The locks: each package once, with hashes, as pyproject.toml asks, and what this was installed with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from winnowd.daemon.versions import versions
from winnowd.requirements import differences, locked

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"]
ASKED = {
    ("requirements.lock",): PROJECT["project"]["dependencies"],
    ("requirements.lock", "requirements-dev.lock"): [
        asked for name, extra in EXTRAS.items() for asked in extra if name != "ray"
    ],
    ("requirements.lock", "requirements-ray.lock"): EXTRAS["ray"],
    ("requirements.lock", "requirements-web.lock"): EXTRAS["web"],
    ("requirements-build.lock",): PROJECT["build-system"]["requires"],
}
READ_BY_EXTRAS = {Requirement(asked).name for extra in ("parquet", "pdf") for asked in EXTRAS[extra]}
IDLE = {
    "annotated-types", "apscheduler", "certifi", "click", "colorama", "markdown-it-py", "mdurl", "pygments", "rich",
    "structlog", "tqdm", "typing-extensions", "typing-inspection", "urllib3", "watchdog", "wcwidth",
}  # fmt: skip
"""Packages that show, wait, log or describe: an article is decided the same with any version of them."""
PINNED = re.compile(r"(?P<pin>[a-z0-9-]+==\S+(?: ; [^\n\\]+?)?)(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n")


def pins(lock: str) -> list[Requirement]:
    """The packages of a lock; it holds nothing else: no address, no option, nothing without a hash."""
    text = re.sub(r"^#.*\n", "", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert PINNED.sub("", text) == ""
    return [Requirement(found["pin"]) for found in PINNED.finditer(text)]


def versions_in(locks: Iterable[str]) -> dict[str, str]:
    """What they pin, by name."""
    return {pin.name: str(pin.specifier).removeprefix("==") for lock in locks for pin in pins(lock)}


@pytest.mark.parametrize("locks", ASKED, ids=" ".join)
def test_what_the_project_asks_for_is_pinned(locks: tuple[str, ...]) -> None:
    """In a version that pyproject.toml allows."""
    pinned = versions_in(locks)

    for asked in map(Requirement, ASKED[locks]):
        assert asked.specifier.contains(pinned[canonicalize_name(asked.name)]), asked


def test_each_package_is_pinned_once() -> None:
    """The locks cannot disagree, and each Python decides by the same versions."""
    names = [pin.name for lock in LOCKS for pin in pins(lock)]

    assert len(names) == len(set(names))


def test_what_the_page_is_installed_with_is_what_it_was_tested_with() -> None:
    """Its own lock, for machines that serve it, repeats that of the tests."""
    assert versions_in(["requirements-web.lock"]).items() <= versions_in(["requirements-dev.lock"]).items()


def test_the_lock_that_the_program_reads_is_the_one_that_make_installs() -> None:
    """One file, packed with the program: and this environment was made from it."""
    assert locked() == versions_in(["requirements.lock"])
    assert differences() == []


def test_every_locked_package_is_told_at_the_start_or_decides_nothing() -> None:
    """Whoever adds a package says which of the two it is."""
    told = {canonicalize_name(name) for name in versions()} - {"winnowd", "python", "sqlite"}

    assert told | IDLE == locked().keys() | READ_BY_EXTRAS
    assert told.isdisjoint(IDLE)
