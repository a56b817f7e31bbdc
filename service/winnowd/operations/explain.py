"""All that is known of one record, from the log; and what its text shares with the article it was most like."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

from winnowd.audit.find import fit_of
from winnowd.audit.history import History, normalise_key
from winnowd.event.evidence import band
from winnowd.gates.originality.evidence import SideBySide
from winnowd.operations.reread import reread_text
from winnowd.originality import new_recipe
from winnowd.originality.article_text import ArticleText
from winnowd.storage.originals import originals_of
from winnowd.views.account import DECISIONS, Account
from winnowd.views.aligned import every_window
from winnowd.wiring.preparer import preparer
from winnowd.wiring.rules import lexicon, rules_in_force, rules_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.settings import Settings
    from winnowd.views.passages import Window
    from winnowd.views.why import Rules


class NoSuchRecordError(Exception):
    """A key fits no record; the text is the key, as it stands in events."""


class AmbiguousKeyError(Exception):
    """A key fits several records; the text is the key, ``names`` are theirs."""

    def __init__(self, key: str, names: Sequence[str]) -> None:
        super().__init__(key)
        self.names = names


class NoDecisionError(Exception):
    """The log tells of orders on a record, but of no decision; the text is the key."""


class NoNearestError(Exception):
    """A record has no nearest article: none was similar."""


class TextGoneError(Exception):
    """A text is nowhere any more; the text is the beginning of its SHA-256."""


class NothingSharedError(Exception):
    """A record and its nearest share no run of words."""


def explain(instance_dir: Path, settings: Settings, key: str) -> Account:
    """What is known of the one record that a key fits: an id, an arrival, a file's name, or a piece of any of these.

    Raises:
        NoSuchRecordError, AmbiguousKeyError: it fits none, or several.
        NoDecisionError: the log has no decision on it.
    """
    return _account(History(instance_dir), key, rules_in_force(settings))


def explain_copy(audit_dir: Path, key: str) -> Account:
    """The same by a copy of the audit folder alone: what log and evidence hold; no limits of today, and no texts.

    Raises:
        NoSuchRecordError, AmbiguousKeyError, NoDecisionError: as above.
    """
    return _account(History(audit_dir, audit_dir), key, None)


def _account(opened: History, key: str, now: Rules | None) -> Account:
    key = normalise_key(key)
    with contextlib.closing(opened) as history:
        found = history.find(key)
        if not found:
            raise NoSuchRecordError(key)
        if len(found) > 1:
            raise AmbiguousKeyError(key, list(found))
        (lines,) = found.values()
        events = [line.event() for line in lines]
        decision = _decision(events, key)
        evidence, missing = history.evidence(decision)
        limits = history.limits(decision["winnowd"]["config"]["sha256"])
    return Account(
        events=events,
        decision=decision,
        evidence=evidence,
        no_evidence=missing,
        then=None if limits is None else rules_with(limits),
        now=now,
        described=rules_with({}),
    )


def _decision(events: Sequence[Mapping[str, Any]], key: str) -> Mapping[str, Any]:
    """The decision that a key fits best; of several with one text the one that admitted it."""
    decisions = [event for event in events if event["event"]["action"] in DECISIONS]
    if not decisions:
        raise NoDecisionError(key)
    return min(decisions, key=lambda event: (fit_of(event, key), event["event"]["action"] != "admit"))


def shared_windows(instance_dir: Path, settings: Settings, account: Account) -> list[Window]:
    """What a record and its nearest share, with what surrounds it: windows into both texts, in the record's order.

    Raises:
        NothingBesideError: it was like no known article.
        TextGoneError: one of the texts is gone.
        NothingSharedError: they share no run of words.
    """
    nearest = account.decision["winnowd"].get("nearest")
    if nearest is None:
        raise NoNearestError
    with contextlib.closing(History(instance_dir)) as history:
        sought = Texts(instance_dir, settings, history)
        texts = {"item": sought.text(account.events, account.decision["winnowd"]["article"]["text_sha256"])}
        twin_events = [line.event() for line in history.find(nearest["id"]).get(nearest["id"], ())]
        texts["twin"] = sought.text(twin_events, nearest["text_sha256"])
    windows = every_window(texts, account.evidence.get("passages") or list(_runs(texts)))
    if not windows:
        raise NothingSharedError
    return windows


def _runs(texts: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """The runs of words that two texts share, as evidence names them."""
    for run in SideBySide(ArticleText(texts["item"]), ArticleText(texts["twin"])).passages(any_order=False):
        sides = {side: {"start": run[side][0], "end": run[side][1]} for side in ("item", "twin")}
        yield {"words": run["words"], "band": band(run["words"]), **sides}


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
