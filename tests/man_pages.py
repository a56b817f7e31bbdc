"""The man pages, from what the commands say of themselves: ``python -m tests.man_pages DIR`` (``make man``)."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.reference import EXITS, all_commands, options, paragraphs, usage

from winnowd import __version__
from winnowd.cli.group import winnowd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click


def man_pages() -> dict[str, str]:
    """Each page by its name: one of the program, and one a command (``winnowd-config-show.1``)."""
    pages = {"winnowd.1": "\n".join((*_program(), ""))}
    for name, command in all_commands():
        pages[f"winnowd-{name.replace(' ', '-')}.1"] = "\n".join((*_command(name, command), ""))
    return pages


def write(folder: Path) -> None:
    """Write all pages, packed as man reads them; the same program gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in man_pages().items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode("ascii"), mtime=0))


def _program() -> Iterator[str]:
    yield from _head("winnowd", paragraphs(winnowd)[0])
    yield from (".SH SYNOPSIS", roff("winnowd [OPTIONS] COMMAND [ARGS]..."))
    yield from (".SH DESCRIPTION", *_paragraphs(paragraphs(winnowd)))
    yield from (".SH OPTIONS", "These may stand before or after a command.", *_list(options(winnowd)))
    yield ".SH COMMANDS"
    yield from _list((f"winnowd-{name.replace(' ', '-')}(1)", paragraphs(each)[0]) for name, each in all_commands())
    yield from (".SH EXIT STATUS", *_list((f"{code:d}", meaning) for code, meaning in EXITS.items()))


def _command(name: str, command: click.Command) -> Iterator[str]:
    told = paragraphs(command)
    yield from _head(f"winnowd-{name.replace(' ', '-')}", told[0])
    yield from (".SH SYNOPSIS", roff(usage(name, command)))
    yield from (".SH DESCRIPTION", *_paragraphs(told))
    if rows := list(options(command)):
        yield from (".SH OPTIONS", *_list(rows))
    yield from (".SH SEE ALSO", ".BR winnowd (1)")


def _head(name: str, said: str) -> Iterator[str]:
    yield from (f'.TH "{name.upper()}" "1" "" "winnowd {__version__}"', ".ad l", ".nh")
    yield from (".SH NAME", rf"{roff(name)} \- {roff(said.rstrip('.'))}")


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (".PP", roff(text))


def _list(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", rf"\fB{roff(term)}\fR", roff(text))


def roff(text: str) -> str:
    """A line of text as roff reads it: hyphens one can type, breaks between choices, no request at its beginning."""
    escaped = " ".join(text.split()).replace("\\", r"\e").replace("-", r"\-").replace("|", r"|\:")
    line = "".join(each if each.isascii() else rf"\[u{ord(each):04X}]" for each in escaped)
    return rf"\&{line}" if line.startswith((".", "'")) else line


if __name__ == "__main__":
    write(Path(sys.argv[1]))
