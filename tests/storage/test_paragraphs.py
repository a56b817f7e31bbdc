"""The paragraphs of articles in the ledger: counted of the corpus alone, and gone with an erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import ordered

from winnowd.layout import LEDGER
from winnowd.originality.paragraphs import paragraphs
from winnowd.storage.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path


def holders(instance: Instance, text: str) -> set[int]:
    """The articles of the corpus that hold any paragraph of a text."""
    ledger = Ledger.read(instance.instance_dir / LEDGER)
    try:
        return {number for one in paragraphs(text) for number in ledger.articles.holders(one, 10)}
    finally:
        ledger.close()


def test_only_articles_of_the_corpus_hold_a_paragraph(tmp_path: Path) -> None:
    """A copy that was turned away does not count; what is retracted counts no more, and what is erased is not there."""
    instance = Instance(tmp_path)
    instance.drop({"a-first.txt": TEXTS["A"], "b.txt": TEXTS["A"].upper(), "c-list.txt": TEXTS["C"]})
    instance.pass_over()
    at_first = holders(instance, TEXTS["A"]), holders(instance, TEXTS["C"])

    ordered(instance, "retract", "a-first")
    ordered(instance, "erase", "c-list", yes=True)

    assert [len(one) for one in at_first] == [1, 1]
    assert (holders(instance, TEXTS["A"]), holders(instance, TEXTS["C"])) == (set(), set())
