"""The configurations of a log: whole where a start tells them, or a change tells what is new in one that is whole."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from winnowd.audit.configurations import configurations
from winnowd.audit.reader import Logged


def sha256_of(settings: dict[str, Any]) -> str:
    """As the service names a configuration."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def line(action: str, sequence: int, sha256: str, outcome: str = "success", **carries: Any) -> Logged:
    """One event of the service."""
    event = {
        "@timestamp": f"2026-11-22T00:00:0{sequence}.000000Z",
        "event": {"sequence": sequence, "action": action, "outcome": outcome},
        "winnowd": {**carries, "config": {"sha256": sha256}},
    }
    return Logged("audit/2026/11/22.jsonl", sequence, 0, json.dumps(event, separators=(",", ":")).encode())


ONE: dict[str, Any] = {"profile": "balanced", "gates.length.words.min.fail": 80.0}
OTHER = {**ONE, "profile": "strict"}
CHANGED = {"profile": {"old": "balanced", "new": "strict"}}


def test_a_change_is_told_by_what_is_new() -> None:
    """The rest is that of the configuration before."""
    change = line("config-change", 2, sha256_of(OTHER), changed=CHANGED, config_before={"sha256": sha256_of(ONE)})

    found = configurations([line("startup", 1, sha256_of(ONE), settings=ONE, limits={"QUA401": {}}), change])

    assert [(one.sequence, one.settings) for one in found.values()] == [(1, ONE), (2, OTHER)]
    assert found[sha256_of(ONE)].limits == {"QUA401": {}}


def test_what_is_not_whole_by_its_hash_is_not_believed() -> None:
    """An event may have been cut, or come after one that nobody has; a later start may tell all of it."""
    change = line("config-change", 2, sha256_of(OTHER), changed=CHANGED, config_before={"sha256": sha256_of(ONE)})
    cut = line("startup", 1, sha256_of(ONE), settings={"profile": "balanced"})

    assert [one.settings for one in configurations([cut, change]).values()] == [None, None]
    whole = line("startup", 3, sha256_of(OTHER), settings=OTHER)
    assert [(one.sequence, one.settings) for one in configurations([change, whole]).values()] == [(2, OTHER)]


def test_what_was_refused_or_is_no_event_puts_nothing_in_force() -> None:
    """A reload with faults leaves the old configuration."""
    refused = line("config-change", 1, sha256_of(OTHER), outcome="failure", settings=OTHER)
    broken = Logged("audit/2026/11/22.jsonl", 2, 0, b'{"action":"startup"')

    assert configurations([refused, broken]) == {}
