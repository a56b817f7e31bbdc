"""``winnowd diff``: what changed between two points, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import ordered
from tests.gates.stand import PROSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

SHOWN = """\
settings
  profile  "balanced" > "strict"
decisions
          1  admitted
          2  rejected
not admitted, by what comes first
          1  DUP606 rewrite
          1  QUA401 too-few-words
orders
          1  retract by {user}
came into the corpus: 1
  {came}  b-new.txt
left the corpus: 1
  {left}
"""
NEW = "\n\n".join(PROSE) + "\n"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An article; then another profile, a rewrite, a new one, a short one; then the first is taken out."""
    made = Instance(tmp_path_factory.mktemp("two-runs"))
    made.drop({"a-original.txt": TEXTS["A"]})
    made.pass_over()
    other = Instance(made.instance_dir, profile="strict")
    other.drop({"a-rewrite.txt": TEXTS["B"], "b-new.txt": NEW, "c-short.txt": PROSE[0]})
    other.pass_over()
    ordered(other, "retract", "a-original")
    return other


def test_each_part_that_is_not_empty_is_shown(instance: Instance, run: Callable[..., Ran]) -> None:
    """Settings, decisions, codes, orders, what came and what left: exit 1."""
    events = instance.events()
    ids = {event["file"]["name"]: event["winnowd"]["article"]["id"] for event in instance.decisions()}
    user = next(event["user"]["name"] for event in events if "user" in event)

    ran = run("--home", str(instance.instance_dir), "diff", "#2", "HEAD")

    assert ran.out == SHOWN.format(user=user, came=ids["b-new.txt"], left=ids["a-original.txt"])
    assert ran.code == 1


def test_as_json_each_is_a_row(instance: Instance, run: Callable[..., Ran]) -> None:
    """Settings with both values, counts, articles."""
    rows = run("--home", str(instance.instance_dir), "--json", "diff", "#2", "HEAD").rows

    assert {"type": "setting", "name": "profile", "was": "balanced", "now": "strict"} in rows
    assert {"type": "count", "by": "outcome", "key": "rejected", "n": 2} in rows
    assert [row["change"] for row in rows if row["type"] == "article"] == ["came", "left"]
    assert rows[-1]["exit"] == 1


def test_nothing_changed_is_exit_0(instance: Instance, run: Callable[..., Ran]) -> None:
    """Between a point and itself."""
    ran = run("--home", str(instance.instance_dir), "diff", "HEAD", "HEAD")

    assert (ran.code, ran.out) == (0, "nothing changed\n")


def test_what_is_no_point_is_refused(instance: Instance, run: Callable[..., Ran]) -> None:
    """With what there is: exit 12."""
    ran = run("--home", str(instance.instance_dir), "diff", "#9999", "HEAD")

    assert ran.code == 12
    assert "the log has no event #9999; its last is #" in ran.err
