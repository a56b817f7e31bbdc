"""An instance in which records wait for a person, for other reasons and from other feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.e2e.instance import TEXTS, Instance
from tests.instances.make import ARTICLES, cut

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION: Final = """
[inbox]
settle = 0
[disk]
floor_bytes = 0
floor_inodes = 0
[gates.originality]
rewrite.fail = 9.0
reordered.doubt = 8.0
reordered.fail = 9.0
"""
"""A rewrite is only doubted."""
SHORT: Final = ("feed-a/bakers.txt", "feed-a/late/bridge.txt", "feed-b/orchestra.txt", "clockmaker.txt")


def with_usual_limits(instance_dir: Path) -> None:
    """From now on a rewrite is a copy, as it is where nobody has moved a limit."""
    path = instance_dir / "config" / "winnowd.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[gates.originality]")[0], encoding="utf-8")


def held(instance_dir: Path) -> Instance:
    """An article, a rewrite of it that waits, and four that wait since they are short."""
    (instance_dir / "config").mkdir(parents=True)
    (instance_dir / "config" / "winnowd.toml").write_text(CONFIGURATION, encoding="utf-8")
    made = Instance(instance_dir)
    made.drop({"original.txt": TEXTS["A"]})
    made.pass_over()
    made.drop({"rewrite.txt": TEXTS["B"]})
    made.pass_over()
    made.drop({name: cut(ARTICLES[at]) for at, name in enumerate(SHORT)})
    made.pass_over()
    assert [name for name, outcome in made.outcomes().items() if outcome != "quarantined"] == ["original.txt"]
    return made
