"""What a batch of effects makes of packed blocks: each is written anew once, however many of its files are meant."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from winnowd.layout import split_block
from winnowd.model import Effect
from winnowd.storage import packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from winnowd.storage.disk import Disk


class BlockChanges:
    """``outside`` first; then ``anew`` gives the blocks with their changes, and ``emptied`` those that have no file."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._changes: dict[str, dict[str, bytes | None]] = {}
        self.emptied: list[str] = []

    def outside(self, effects: Iterable[Effect]) -> Iterator[Effect]:
        """What is to be done with plain files: what moves out of a block is written there, unless it is gone already.

        In whatever order they come, files are written before they move on.

        Raises:
            OSError: a block cannot be read.
        """
        for effect in sorted(effects, key=lambda effect: effect.content is None):
            if effect.source is not None and self._in_block(effect.source):
                content = self._content_of(effect.source)
                if content is not None:
                    self._change(effect.source, None)
                    yield Effect(effect.path, content)
            elif self._in_block(effect.path):
                if effect.content is not None or self._content_of(effect.path) is not None:
                    self._change(effect.path, effect.content)
            else:
                yield effect

    def anew(self) -> Iterator[tuple[str, bytes]]:
        """The blocks that change, and what each is then; a damaged one stays as it is, and ``verify`` tells of it."""
        for block, changes in self._changes.items():
            try:
                content = packed.repacked(self._disk.name(block), changes)
            except packed.DamagedBlockError:
                continue
            if content:
                yield block, content
            else:
                self.emptied.append(block)

    def _content_of(self, path: str) -> bytes | None:
        """What a file in a block is, or is to be; None if there is none that can be read."""
        block, name = split_block(path)
        if name in (changes := self._changes.get(block, {})):
            return changes[name]
        try:
            return packed.read(self._disk.name(path))
        except (FileNotFoundError, packed.DamagedBlockError):
            return None

    def _in_block(self, path: str) -> bool:
        """Whether a path means a file in a block; somebody may have unpacked that into a folder of its name."""
        block, _ = split_block(path)
        return bool(block) and not os.path.isdir(self._disk.name(block))

    def _change(self, path: str, content: bytes | None) -> None:
        block, name = split_block(path)
        self._changes.setdefault(block, {})[name] = content
