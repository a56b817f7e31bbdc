"""What a record's text shares with that of the article it was most like: both texts, wherever they still are."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

from winnowd.audit.history import History
from winnowd.event.evidence import band
from winnowd.gates.originality.evidence import SideBySide
from winnowd.operations.reread import reread_text
from winnowd.originality import new_recipe
from winnowd.originality.article_text import ArticleText
from winnowd.storage.originals import originals_of
from winnowd.views.aligned import every_window
from winnowd.views.side_by_side import SIDES
from winnowd.wiring.preparer import preparer
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from winnowd.settings import Settings
    from winnowd.views.account import Account
    from winnowd.views.passages import Window


class NoNearestError(Exception):
    """A record has no nearest article: none was similar."""


class TextGoneError(Exception):
    """A text is nowhere any more; the text is the beginning of its SHA-256."""


class NothingSharedError(Exception):
    """A record and its nearest share no run of words."""


def shared_windows(instance_dir: Path, settings: Settings, account: Account) -> list[Window]:
    """What a record and its nearest share, with what surrounds it: windows into both texts, in the record's order.

    Raises:
        NoNearestError: it was like no known article.
        TextGoneError: one of the texts is gone.
        NothingSharedError: they share no run of words.
    """
    texts = both_texts(instance_dir, settings, account)
    windows = every_window(texts, account.evidence.get("passages") or list(_runs(texts)))
    if not windows:
        raise NothingSharedError
    return windows


def both_texts(instance_dir: Path, settings: Settings, account: Account) -> dict[str, str]:
    """The text of a record ("item") and that of its nearest ("twin"), as they were compared.

    Raises:
        NoNearestError: it was like no known article.
        TextGoneError: one of the texts is gone.
    """
    nearest = account.decision["winnowd"].get("nearest")
    if nearest is None:
        raise NoNearestError
    with contextlib.closing(History(instance_dir)) as history:
        sought = Texts(instance_dir, settings, history)
        item = sought.text(account.events, account.decision["winnowd"]["article"]["text_sha256"])
        twin_events = [line.event() for line in history.find(nearest["id"]).get(nearest["id"], ())]
        return {"item": item, "twin": sought.text(twin_events, nearest["text_sha256"])}


def own_text(instance_dir: Path, settings: Settings, account: Account) -> str:
    """The cleaned text of a record.

    Raises:
        TextGoneError: it is gone, or there never was one.
    """
    article = account.decision["winnowd"].get("article")
    if article is None:
        raise TextGoneError("")
    with contextlib.closing(History(instance_dir)) as history:
        return Texts(instance_dir, settings, history).text(account.events, article["text_sha256"])


def _runs(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The runs of words that two texts share, as evidence names them."""
    laid = SideBySide(ArticleText(texts["item"]), ArticleText(texts["twin"]))
    return as_evidence(laid.passages(any_order=False))


def as_evidence(passages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Passages, as they were found, in the form that evidence has."""
    return [
        {
            "words": one["words"],
            "band": band(one["words"]),
            **{side: {"start": one[side][0], "end": one[side][1]} for side in SIDES},
        }
        for one in passages
    ]


class Texts:
    """The texts of records, wherever one still is."""

    def __init__(self, instance_dir: Path, settings: Settings, history: History) -> None:
        self._instance_dir, self._settings, self._history = instance_dir, settings, history

    def text(self, events: Sequence[Mapping[str, Any]], sha256: str) -> str:
        """The text of that digest of a record: from the corpus, the ledger, or a kept original, cleaned once more.

        Raises:
            TextGoneError: it is in none of them.
        """
        locations = [event["winnowd"]["destination"]["path"] for event in events if "destination" in event["winnowd"]]
        text = self._history.text(sha256, locations) or self._reread(events, sha256)
        if text is None:
            raise TextGoneError(sha256[:16])
        return text

    def _reread(self, events: Sequence[Mapping[str, Any]], sha256: str) -> str | None:
        made = None
        for event in (one for one in events if "file" in one):
            arrival = event["winnowd"]["arrival"]
            file = event["file"]["name"], dt.datetime.fromisoformat(event["event"]["created"]), arrival.get("feed", "")
            for path in originals_of(self._instance_dir, event):
                made = made or preparer(self._settings, new_recipe(lexicon().sha256))
                found = reread_text(made, path, file, arrival["record"])
                if found is not None and found[0] == sha256:
                    return found[1]
        return None
