"""A held rewrite beside its original, whole and marked, as the page shows it."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

import pytest

from winnowd.operations.explain import explain
from winnowd.operations.shared_windows import NoNearestError, both_texts
from winnowd.operations.side_by_side import side_by_side
from winnowd.originality.spans import word_spans
from winnowd.settings import load
from winnowd.views.pictures import dot_map

if TYPE_CHECKING:
    from tests.e2e.instance import Instance

    from winnowd.settings import Settings
    from winnowd.views.account import Account


@pytest.fixture(scope="module")
def settings(held_once: Instance) -> Settings:
    """Those in force."""
    return load(held_once.instance_dir, environ={}, system=None).settings


@pytest.fixture(scope="module")
def rewrite(held_once: Instance, settings: Settings) -> Account:
    """The rewrite that waits."""
    return explain(held_once.instance_dir, settings, "rewrite.txt")


def test_both_texts_are_whole_and_their_runs_are_linked(
    held_once: Instance, settings: Settings, rewrite: Account
) -> None:
    """What is marked at one side is marked at the other, and it is the same words."""
    found = side_by_side(held_once.instance_dir, settings, rewrite)

    texts = ["".join(segment.text for segment in side) for side in (found.item, found.twin)]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    ours = rewrite.decision["winnowd"]
    assert digests == [ours["article"]["text_sha256"], ours["nearest"]["text_sha256"]]
    item, twin = ({one.run: one.text for one in side if one.run} for side in (found.item, found.twin))
    assert len(item) == len(rewrite.evidence["passages"])
    assert {number: words(text) for number, text in item.items()} == {
        number: words(text) for number, text in twin.items()
    }


def words(text: str) -> list[int]:
    """The words of a piece, as they are compared."""
    return [int(word) for word in word_spans(text).hashes]


def test_its_dot_map_shows_every_run_of_the_passages(held_once: Instance, settings: Settings, rewrite: Account) -> None:
    """And each dot is a run of the same words in both."""
    found = side_by_side(held_once.instance_dir, settings, rewrite)
    texts = both_texts(held_once.instance_dir, settings, rewrite)

    item, twin = (words(texts[side]) for side in ("item", "twin"))
    assert (len(item), len(twin)) == (found.item_words, found.twin_words)
    assert all(item[new : new + n] == twin[old : old + n] for old, new, n in found.runs)
    marked = sum(one["words"] for one in rewrite.evidence["passages"])
    assert sum(n for _, _, n in found.runs) >= marked
    assert len(dot_map(found.runs, len(twin), len(item), "original", "this").rows) == len(found.runs)


def test_without_passages_in_the_evidence_they_are_looked_for_anew(
    held_once: Instance, settings: Settings, rewrite: Account
) -> None:
    """Where evidence is gone, or too long to hold them all, both texts are marked all the same."""
    kept = side_by_side(held_once.instance_dir, settings, rewrite)
    evidence = dict(rewrite.evidence)
    gone = _with(rewrite, {})
    cut = _with(rewrite, {**evidence, "passages": evidence["passages"][:1], "cut": {"passages": 9}})

    assert side_by_side(held_once.instance_dir, settings, gone) == kept
    assert side_by_side(held_once.instance_dir, settings, cut) == kept


def _with(account: Account, evidence: dict[str, object]) -> Account:
    return dataclasses.replace(account, evidence=evidence)


def test_what_is_like_nothing_has_nothing_beside_it(held_once: Instance, settings: Settings) -> None:
    """The original was the first of all."""
    with pytest.raises(NoNearestError):
        side_by_side(held_once.instance_dir, settings, explain(held_once.instance_dir, settings, "original.txt"))
