"""What a name in the inbox says of a file: an upload under way, one being edited, a marker, or one to take. Pure."""

from __future__ import annotations

import fnmatch
import re
from enum import Enum
from typing import TYPE_CHECKING, Final

from winnowd.reading.kinds import is_read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_ENDINGS: Final = (
    ".partial", ".aria2", ".download", ".opdownload", "_.gstmp", ".!sync", ".bts", ".upload", ".uploading",
    ".inprogress", ".unconfirmed", ".lock", ".writing", ".filepart",
)  # fmt: skip
"""How names end under which common tools write what they rename in the end: rclone, aria2, Safari, Opera, gsutil,
Resilio Sync, and others."""
_AROUND: Final = (("~$", ""), ("#", "#"))
"""How they begin and end: of an office's and Emacs' own files."""
_LOCKS: Final = (".{}.swp", ".{}.swo", ".{}.kate-swp", ".#{}", ".~lock.{}#")
"""What lies beside a file that somebody has open in an editor: vim and nano, Kate, Emacs, LibreOffice."""
_RANDOM: Final = re.compile(r".+\.([A-Za-z0-9]{1,10})\.([A-Za-z0-9_]{6,10})|tmp[a-z0-9_]{8}", re.DOTALL)
"""``<name>.<ext>.<random>``: rsync and aws-cli write so; or as Python's tempfile names what it makes."""
PLACE: Final = "{name}"


class Says(Enum):
    """What a name says of a file."""

    NOTHING = ""
    IGNORED = "ignored"
    TEMPORARY = "temporary"
    EDITED = "edited"
    MARKED = "marked"
    UNMARKED = "unmarked"
    MARKER = "marker"
    LONELY = "markers"


class Names:
    """Reads names by the patterns of those that are never taken, and by how a sender's marker is called, if any."""

    def __init__(self, ignored: Sequence[str], done: str | None = None) -> None:
        self._ignored = re.compile(_any_of(ignored))
        self._begin, _, self._end = (done or "").partition(PLACE)
        self.uses_markers = bool(done)

    def ignores(self, name: str) -> bool:
        """Whether a name is one of those that are never taken, nor entered."""
        return self._ignored.match(name) is not None

    def marker_names(self, names: Iterable[str]) -> Collection[str]:
        """Of the names in a folder those that say something of another: hidden ones; with markers, all."""
        return set(names) if self.uses_markers else {name for name in names if name.startswith(".")}

    def marker(self, name: str) -> str:
        """How the marker of a file is called, "" without markers."""
        return f"{self._begin}{name}{self._end}" if self.uses_markers else ""

    def says(self, name: str, marker_names: Collection[str]) -> Says:
        """What a name says, in the company of those ``marker_names``."""
        if self.uses_markers and (owner := self._owner(name)):
            return Says.MARKER if owner in marker_names else Says.LONELY
        if self.ignores(name):
            return Says.IGNORED
        if self.uses_markers:
            return Says.MARKED if self.marker(name) in marker_names else Says.UNMARKED
        if _is_temporary(name):
            return Says.TEMPORARY
        return (
            Says.EDITED if marker_names and any(lock.format(name) in marker_names for lock in _LOCKS) else Says.NOTHING
        )

    def _owner(self, name: str) -> str:
        """Whose marker a name is, "" if it is none."""
        if not name.startswith(self._begin) or not name.endswith(self._end):
            return ""
        return name[len(self._begin) : len(name) - len(self._end)]


def _is_temporary(name: str) -> bool:
    if name.endswith(_ENDINGS) or any(name.startswith(begin) and name.endswith(end) for begin, end in _AROUND):
        return len(name) > 1
    found = _RANDOM.fullmatch(name)
    return found is not None and (found[1] is None or (is_read(found[1]) and not is_read(found[2])))


def _any_of(patterns: Sequence[str]) -> str:
    return "|".join(fnmatch.translate(one) for one in patterns) or r"(?!)"
