"""What this service is made of, for the event of its start: an auditor can set up the same again."""

from __future__ import annotations

import functools
import hashlib
import platform
from typing import TYPE_CHECKING, Final

from winnowd import __version__
from winnowd.requirements import installed
from winnowd.storage.ledger.faults import SQLITE_VERSION
from winnowd.wiring.rules import packaged

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECIDING: Final = (
    "numpy", "pydantic", "datasketch", "ftfy", "py3langid", "PyStemmer", "resiliparse", "fastwarc", "trafilatura",
    "PyYAML", "webencodings", "zstandard", "defusedxml",
    # by extras
    "pyarrow", "pypdfium2",
    # what these in turn read, date and measure with
    "babel", "brotli", "charset-normalizer", "courlan", "dateparser", "htmldate", "justext", "lxml", "lxml-html-clean",
    "msgspec", "pydantic-core", "python-dateutil", "pytz", "regex", "scipy", "tld", "tzdata", "tzlocal",
)  # fmt: skip
"""The packages of which another version may decide otherwise; watcher, calendar and log decide nothing."""


@functools.cache
def versions() -> Mapping[str, str]:
    """The versions of the program, of Python and SQLite, and of each package that takes part in a decision.

    Looked up once: a process goes on with what it has loaded, whatever is installed meanwhile.
    """
    ours = {"winnowd": __version__, "python": platform.python_version(), "sqlite": SQLITE_VERSION}
    return ours | {name: version for name in _DECIDING if (version := installed(name)) is not None}


def system() -> str:
    """The machine and its system, as one line."""
    return platform.platform()


def catalogue_sha256() -> str:
    """The SHA-256 of the catalogue of rules, byte for byte."""
    return hashlib.sha256(packaged("rules.toml")).hexdigest()
