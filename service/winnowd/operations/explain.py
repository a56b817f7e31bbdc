"""All that is known of one record, from the log."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.find import fit_of
from winnowd.audit.history import History, normalise_key
from winnowd.views.account import DECISIONS, Account
from winnowd.wiring.rules import rules_in_force, rules_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.audit.reader import Logged
    from winnowd.settings import Settings
    from winnowd.views.why import Rules

_LISTED: Final = 10  # records that a key fits, of which more than the name is told


class NoSuchRecordError(Exception):
    """A key fits no record; the text is the key, as it stands in events."""


class AmbiguousKeyError(Exception):
    """A key fits several records; the text is the key, ``names`` are theirs.

    ``examples``: of the first ones the decision, and the title as far as evidence tells it.
    """

    def __init__(self, key: str, names: Sequence[str], examples: Sequence[tuple[Mapping[str, Any], str]]) -> None:
        super().__init__(key)
        self.names, self.examples = names, examples


class NoDecisionError(Exception):
    """The log tells of orders on a record, but of no decision; the text is the key."""


def explain(instance_dir: Path, settings: Settings, key: str) -> Account:
    """What is known of the one record that a key fits: an id, an arrival, a file's name, or a piece of any of these.

    Raises:
        NoSuchRecordError, AmbiguousKeyError: it fits none, or several.
        NoDecisionError: the log has no decision on it.
    """
    return _account(History(instance_dir), key, rules_in_force(settings))


def explain_by_ledger(
    instance_dir: Path, settings: Settings, key: str, limits: dict[str, Mapping[str, Any]]
) -> Account:
    """The same for who asks often: the log is never read whole, and limits are not read twice.

    ``limits``: those of configurations that were asked for before, by hash; what is read is put in.

    Raises:
        NoSuchRecordError, AmbiguousKeyError, NoDecisionError: as above; also where the ledger does not know of it.
    """
    return _account(History(instance_dir), key, rules_in_force(settings), limits)


def explain_copy(audit_dir: Path, key: str) -> Account:
    """The same by a copy of the audit folder alone: what log and evidence hold; no limits of today, and no texts.

    Raises:
        NoSuchRecordError, AmbiguousKeyError, NoDecisionError: as above.
    """
    return _account(History(audit_dir, audit_dir), key, None)


def _account(
    opened: History, key: str, now: Rules | None, asked_before: dict[str, Mapping[str, Any]] | None = None
) -> Account:
    key = normalise_key(key)
    with contextlib.closing(opened) as history:
        found = history.find(key) if asked_before is None else history.find_by_ledger(key)
        if not found:
            raise NoSuchRecordError(key)
        if len(found) > 1:
            raise AmbiguousKeyError(key, list(found), list(_examples(history, found, key)))
        (lines,) = found.values()
        events = [line.event() for line in lines]
        decision = _decision(events, key)
        evidence, missing = history.evidence(decision)
        config = decision["winnowd"]["config"]["sha256"]
        limits = (asked_before or {}).get(config) or history.limits(config, decision["@timestamp"][:10])
    if asked_before is not None and limits is not None:
        asked_before[config] = limits
    return Account(
        events=events,
        decision=decision,
        evidence=evidence,
        no_evidence=missing,
        then=None if limits is None else rules_with(limits),
        now=now,
        described=rules_with({}),
    )


def _examples(
    history: History, found: Mapping[str, Sequence[Logged]], key: str
) -> Iterator[tuple[Mapping[str, Any], str]]:
    for lines in itertools.islice(found.values(), _LISTED):
        with contextlib.suppress(NoDecisionError):
            decision = _decision([line.event() for line in lines], key)
            yield decision, str(history.evidence(decision)[0].get("title", ""))


def _decision(events: Sequence[Mapping[str, Any]], key: str) -> Mapping[str, Any]:
    """The decision that a key fits best; of several with one text the one that admitted it."""
    decisions = [event for event in events if event["event"]["action"] in DECISIONS]
    if not decisions:
        raise NoDecisionError(key)
    return min(decisions, key=lambda event: (fit_of(event, key), event["event"]["action"] != "admit"))
