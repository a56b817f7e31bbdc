"""What an instance may read and not write: it is left where it lies, and holds up nothing else."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS, Instance, in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65_534


@pytest.fixture
def instance() -> Iterator[Instance]:
    """An instance that another user than root can reach, and that is that user's if we are root."""
    instance_dir = Path(tempfile.mkdtemp(prefix="winnowd-"))
    instance_dir.chmod(0o755)
    yield Instance(instance_dir)
    (instance_dir / "inbox/feed").chmod(0o755)
    shutil.rmtree(instance_dir)


def passing(instance: Instance) -> Callable[[], None]:
    """One pass over the inbox, to be done in a child."""

    def deed() -> None:
        instance.pass_over()

    return deed


def test_a_feed_that_may_not_be_written_holds_up_no_other_file(instance: Instance) -> None:
    """Its file cannot be taken; the service takes the others, and starts again as if nothing had been."""
    instance.drop({"first.txt": TEXTS["C"]})
    instance.pass_over()  # what is imported late is imported now: the other user may not reach it
    instance.drop({"feed/held.txt": TEXTS["A"], "free.txt": TEXTS["C"]})
    (instance.instance_dir / "inbox/feed").chmod(0o555)
    if not os.geteuid():
        for path in (instance.instance_dir, *instance.instance_dir.rglob("*")):
            os.chown(path, NOBODY, NOBODY)

    ends = [in_child(passing(instance)) for _ in range(2)]

    assert ends == [0, 0]
    assert instance.outcomes() == {"first.txt": "admitted", "free.txt": "rejected"}
    assert instance.files("inbox") == ["feed/held.txt"]
