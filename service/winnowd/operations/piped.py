"""What is piped in, as a file for as long as it is judged."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

_PIECE: Final = 1 << 20


class TooLittleSpaceError(Exception):
    """More was piped in than there is space for; says how much there is."""


def spool(stream: BinaryIO, folder: Path, most: int) -> Path:
    """Copy a stream into ``folder``, up to ``most`` bytes, and give the path of the file.

    It takes no more than half of what is free there: others need it, too, and it may be memory.

    Raises:
        TooLittleSpaceError: that was not enough.
    """
    space = shutil.disk_usage(folder).free // 2
    path = folder / "stdin"
    size = 0
    with path.open("wb") as file:
        while size < most and (piece := stream.read(min(_PIECE, most - size))):
            size += len(piece)
            if size > space:
                raise TooLittleSpaceError(
                    f"more than {space:,} bytes, which is half of what is free in {folder.parent}"
                )
            file.write(piece)
    return path
