"""A record's whole text beside that of the article it was most like, what they share marked in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.gates.originality import evidence
from winnowd.operations.shared_windows import as_evidence, both_texts
from winnowd.originality.article_text import ArticleText
from winnowd.views.side_by_side import MarkedTexts, segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from winnowd.settings import Settings
    from winnowd.views.account import Account


def side_by_side(instance_dir: Path, settings: Settings, account: Account) -> MarkedTexts:
    """Both texts, with the passages on which the decision's evidence rests, or else every run that keeps its order.

    The dot map's runs are those of three and more words wherever they stand, so that it shows what was moved, too.

    Raises:
        NoNearestError: it was like no known article.
        TextGoneError: one of the texts is gone.
    """
    texts = both_texts(instance_dir, settings, account)
    laid = evidence.SideBySide(ArticleText(texts["item"]), ArticleText(texts["twin"]))
    passages = _evident(account.evidence) or as_evidence(laid.passages(any_order=False))
    return MarkedTexts(
        item=segments(texts["item"], "item", passages),
        twin=segments(texts["twin"], "twin", passages),
        item_words=len(laid.new.words.hashes),
        twin_words=len(laid.indexed.words.hashes),
        runs=tuple((run.indexed, run.new, run.words) for run in laid.anywhere),
    )


def _evident(found: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The passages of the evidence; none where some of them were left out of it for their number."""
    return () if "passages" in found.get("cut", {}) else found.get("passages", ())
