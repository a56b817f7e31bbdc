"""Lines of the audit log that somebody else remembers: in files that were copied away, in the commits of ``seeds/``."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.chain_check import Anchor, index_anchor
from winnowd.audit.head_line import anchors_told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST: Final = 1 << 20
_FRONT: Final = 8_192
_INDEX: Final = "INDEX.md"


class NoAnchorError(Exception):
    """A file that names no line of a log; the text says which, and why."""


class GitError(Exception):
    """The history of ``seeds/`` cannot be read; the text is what git says of it."""


def anchors_of(path: Path) -> list[Anchor]:
    """What a copy of HEAD.json, of a day's digest or of INDEX.md remembers; or a file with lines of ``log --head``.

    Raises:
        OSError: it cannot be read.
        NoAnchorError: it is none of these.
    """
    content = path.read_bytes()[:LONGEST]
    if found := index_anchor(content[:_FRONT].decode("utf-8", "replace"), str(path)):
        return found
    if found := list(_heads(path)):
        return found
    try:
        said: Any = json.loads(content)
    except ValueError:
        forms = "no line of winnowd log --head, no HEAD.json, no digest of a day and no INDEX.md"
        raise NoAnchorError(f"{path}: it has {forms}") from None
    for sequence, sha256 in (("sequence", "sha256"), ("last_sequence", "last_line_sha256")):
        if isinstance(said, dict) and isinstance(said.get(sequence), int) and isinstance(said.get(sha256), str):
            return [Anchor(said[sequence], said[sha256], str(path))]
    raise NoAnchorError(f"{path}: it names no event by number and hash")


def _heads(path: Path) -> Iterator[Anchor]:
    """Those of a file, a journal's say, however long it is."""
    with path.open(encoding="ascii", errors="replace") as content:
        for number, line in enumerate(iter(lambda: content.readline(LONGEST), ""), 1):
            yield from anchors_told(line, f"{path}:{number}")


def anchors_of_git(seeds: Path) -> Iterator[Anchor]:
    """What INDEX.md remembered in each commit of the repository that ``seeds/`` is, or lies in.

    Raises:
        GitError: there is none, or git cannot read it.
    """
    commits = _git(seeds, "rev-list", "HEAD", "--", _INDEX).split()
    names = "".join(f"{commit.decode()}:./{_INDEX}\n" for commit in commits)
    given = _git(seeds, "cat-file", "--batch", content=names.encode())
    for commit in commits:
        head, _, given = given.partition(b"\n")
        if head.endswith(b" missing"):
            continue  # this commit took it away
        size = int(head.split()[2])
        front, given = given[: min(size, _FRONT)].decode("utf-8", "replace"), given[size + 1 :]
        yield from index_anchor(front, f"{_INDEX} of commit {commit[:12].decode()}")


def _git(folder: Path, *arguments: str, content: bytes = b"") -> bytes:
    """What git answers; no hook, no prompt, no pager is started."""
    environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        ran = subprocess.run(  # noqa: S603 - our own words, and hashes that git gave
            ["git", "-C", str(folder), "--no-pager", *arguments],  # noqa: S607 - the operator's own git
            input=content, capture_output=True, check=False, env=environ,
        )  # fmt: skip
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(said[-1] if said else f"git ended with {ran.returncode}")
    return ran.stdout
