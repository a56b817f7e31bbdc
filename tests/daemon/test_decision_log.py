"""The service's own log of decisions: a line for each file, whatever it holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.daemon.stand import standing
from tests.e2e.instance import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.daemon.stand import Stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that nobody runs."""
    with standing(tmp_path / "home") as made:
        made.loop.doorbell.start()
        yield made


def test_a_file_of_many_records_is_one_line(stand: Stand) -> None:
    """With the sum of what became of them, once all are decided; a file of one record names the article."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in (TEXTS["A"], "Too short.", TEXTS["C"]))

    stand.decided({"many.jsonl": lines, "one.txt": TEXTS["D"]})

    said = stand.logged()
    of_many = [one for one in said if one.get("file", "").endswith("many.jsonl")]
    of_one = [one for one in said if one.get("file", "").endswith("one.txt")]
    assert [(one["event"], one["records"]) for one in of_many] == [("decided", 3)]
    assert sum(of_many[0].get(outcome, 0) for outcome in ("admitted", "quarantined", "rejected")) == 3
    assert [len(one["id"]) for one in of_one] == [16]
