"""Which formats there are, and writing one: a stream of text, a file, or a folder; whole in its place, or not there."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.operations.corpus import Extract


class Format(NamedTuple):
    """The module that writes a format, and what it makes."""

    module: str
    makes: Literal["text", "file", "folder"]


FORMATS: Final = {
    "jsonl": Format("json_lines", "text"),
    "csv": Format("comma_separated", "text"),
    "parquet": Format("parquet", "file"),
    "sqlite": Format("database", "file"),
    "hf": Format("hugging_face", "folder"),
    "croissant": Format("croissant", "text"),
    "minhash": Format("signatures", "folder"),
}


class NotInstalledError(Exception):
    """A format is written by what is not installed; the text is the command that installs it."""


class OccupiedError(Exception):
    """Where a folder is to be made something is already."""


def stream(name: str, extract: Extract) -> Iterator[str]:
    """The lines of a format that is text."""
    lines: Iterator[str] = _module(name).lines(extract)
    return lines


def write(name: str, extract: Extract, out: Path) -> None:
    """Write a format to ``out``: a file takes the place of the one that is there, a folder must be new or empty.

    Raises:
        NotInstalledError: what writes it is not installed.
        OccupiedError: there is something in that folder.
        OSError: it cannot be written.
    """
    made = FORMATS[name].makes
    if made == "folder" and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OccupiedError(str(out))
    with _temp_path(out) as temp:
        if made == "text":
            with temp.open("w", encoding="utf-8", newline="") as file:
                file.writelines(stream(name, extract))
        else:
            _module(name).write(extract, temp)


def _module(name: str) -> Any:  # noqa: ANN401 - a module has the functions of what it makes
    return importlib.import_module(f"winnowd.operations.export.{FORMATS[name].module}")


@contextlib.contextmanager
def _temp_path(out: Path) -> Iterator[Path]:
    """A path beside ``out`` for what is written, renamed at its end; gone if that fails."""
    temp = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield temp
        temp.replace(out)
    except BaseException:
        if temp.is_dir():
            shutil.rmtree(temp, ignore_errors=True)
        else:
            temp.unlink(missing_ok=True)
        raise
