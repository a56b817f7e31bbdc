"""All of a batch is decided before any of it is rendered; what fails there holds its own record, and no other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_determinism import BETTER, FIRST, PART, findings

from winnowd import event

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.event import Context
    from winnowd.model import EvidenceLine, Judged

STREAM = {
    "1-first.txt": FIRST,
    "2-other.txt": TEXTS["A"],
    "3-better.txt": BETTER,
    "4-part.txt": PART,
    "5-copy.txt": TEXTS["A"] + " \n",
    "6-more.txt": TEXTS["C"],
}
DECIDED = event.decided
FAULTY = [("1-first.txt",), ("3-better.txt",), ("2-other.txt", "5-copy.txt"), tuple(STREAM)]


def batches_of(instance_dir: Path, limit: int) -> tuple[bytes, list[str]]:
    """What becomes of the stream in batches of so many, and the names of those that a fault holds."""
    instance = Instance(instance_dir, batch__limit=limit, gates__originality__keep="best")
    instance.drop(STREAM)
    instance.pass_over()
    assert faults(instance.instance_dir) == []
    held = [one["file"]["name"] for one in instance.decisions() if "SYS903" in one["winnowd"]["codes"]]
    return findings(instance), held


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda names: f"{len(names)}-from-{names[0]}")
@pytest.mark.parametrize("fault", ["raises", "has-no-line"])
def test_a_fault_in_rendering_holds_that_record_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faulty: tuple[str, ...], fault: str
) -> None:
    """Those after it are judged as if it had been held before they came: as they are in a batch of their own."""

    def failing(judged: Judged, context: Context, evidence: EvidenceLine | None = None) -> dict[str, Any]:
        said = DECIDED(judged, context, evidence)
        if said["file"]["name"] not in faulty or judged.prepared.article is None:
            return said
        if fault == "raises":
            raise ArithmeticError
        return {**said, "message": math.nan}

    monkeypatch.setattr(event, "decided", failing)

    alone, together = batches_of(tmp_path / "alone", 1), batches_of(tmp_path / "together", 256)

    assert together == alone
    assert together[1] == list(faulty)
