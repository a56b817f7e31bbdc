"""An instance whose records lie in packed blocks: decided as ever, each pass in blocks of its own name."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from winnowd.layout import PACKED
from winnowd.pipeline.batch_evidence import BatchEvidence
from winnowd.pipeline.decision_writer import DecisionWriter
from winnowd.storage import packed
from winnowd.storage.paths import Paths, Seeds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

_WIRING: Final = "winnowd.wiring.instance"


def lay_in_blocks(patch: pytest.MonkeyPatch, block: Callable[[], str]) -> None:
    """From now on what an instance writes of records goes into the packed blocks of a name, "" for none."""

    def writer(*parts: object) -> DecisionWriter:
        made = DecisionWriter(*parts)  # type: ignore[arg-type]
        return dataclasses.replace(made, batch_evidence=BatchEvidence(block=block()))

    patch.setattr(f"{_WIRING}.Seeds", lambda placed: Seeds(placed, block()))
    patch.setattr(f"{_WIRING}.Paths", lambda: Paths(block()))
    patch.setattr(f"{_WIRING}.DecisionWriter", writer)


def be_patient(patch: pytest.MonkeyPatch) -> None:
    """No batch ends sooner on a slow machine."""
    patch.setattr("winnowd.pipeline.route.SOON_NS", 10**12)
    patch.setattr("winnowd.pipeline.route.TURN_NS", 10**12)
    patch.setattr("winnowd.pipeline.deciding.JUDGING_NS", 10**12)


def files_of(top: Path) -> dict[str, bytes]:
    """All files below a folder that are not hidden, those in packed blocks by their names there."""
    files: dict[str, bytes] = {}
    for path in (path for path in top.rglob("[!.]*") if path.is_file()):
        names = [path / name for name in packed.names_in(path)] if path.name.endswith(PACKED) else [path]
        files |= {one.relative_to(top).as_posix(): packed.read(one) for one in names}
    return files
