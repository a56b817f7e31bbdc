"""What is kept at hand is bounded by its bytes."""

from __future__ import annotations

from winnowd.originality.article_text import PER_CHARACTER, ArticleText
from winnowd.originality.bounded import Bounded


def test_what_was_asked_for_longest_ago_goes_first_and_what_is_too_large_is_not_kept() -> None:
    """Three texts have room: the fourth drives out the one that nobody asked for; a giant drives out none."""
    kept: Bounded[ArticleText] = Bounded(PER_CHARACTER * 30)
    for number in range(3):
        kept.put(number, ArticleText("x" * 10))
    assert kept.get(0) is not None

    kept.put(3, ArticleText("x" * 10))

    assert [number for number in range(4) if kept.get(number) is None] == [1]
    kept.put(4, ArticleText("x" * 31))
    assert [number for number in range(5) if kept.get(number) is None] == [1, 4]
    assert kept.nbytes <= PER_CHARACTER * 30
