"""Events of the service and of people: categories, what they carry, that each is valid."""

from __future__ import annotations

from typing import Any

import pytest
from tests.event.stand import EVENT_ID, NOW, catalogue, context, limits, line_of

from winnowd import event
from winnowd.event import Operator
from winnowd.model import Limit

DIGEST = "a" * 64
ACTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "startup": (
        "process",
        "start",
        {"versions": {"winnowd": "0.1.0"}, "platform": "Linux", "catalogue": {"sha256": DIGEST}, "settings": {"a": 1}},
    ),
    "shutdown": ("process", "end", {"because": "SIGTERM", "counts": {"admitted": 3}}),
    "config-change": (
        "configuration",
        "change",
        {"config_before": {"sha256": DIGEST}, "changed": {"inbox.settle": {"old": 2, "new": 5}}},
    ),
    "recovered": ("process", "info", {"recovered": {"arrivals": 2, "torn": 17}}),
    "failure": ("file", "error", {"retry": {"attempt": 2, "next": "2026-11-22T03:47:14.000000Z"}}),
    "index-written": ("file", "change", {"index": {"sha256": DIGEST, "sequence": 4_711, "articles": 12}}),
    "changed-after": ("file", "change", {"arrival": {"id": "0123456789abcdef"}}),
    "day-sealed": (
        "file",
        "info",
        {
            "sealed": {
                "file": "audit/2026/11/21.jsonl", "sha256": DIGEST, "packed_sha256": DIGEST, "first_sequence": 1,
                "last_sequence": 9, "last_line_sha256": DIGEST, "events": 9,
            }
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("action", ACTS)
def test_an_act_of_the_service_has_its_category_and_carries_its_own(action: str) -> None:
    """The table of other actions, row by row; every line valid by the schema."""
    category, kind, carries = ACTS[action]

    said = line_of(event.service(action, context(), NOW, f"{action} came", carries=carries))

    assert (said["event"]["category"], said["event"]["type"]) == ([category], [kind])
    assert said["event"]["outcome"] == "success"
    assert {key: said["winnowd"][key] for key in carries} == carries
    assert said["winnowd"]["config"] == {"sha256": "c" * 64}


def test_that_a_file_was_changed_after_it_was_judged_has_its_code_and_is_no_failure() -> None:
    """Whoever looks for SYS951 finds it; a name in the message is a stranger's."""
    said = line_of(event.service("changed-after", context(), NOW, "a\x1b[31m.txt was written to"))

    assert (said["event"]["code"], said["event"]["outcome"], said["log"]["level"]) == ("SYS951", "success", "info")
    assert "\x1b" not in said["message"]


def test_a_start_names_every_limit_in_force() -> None:
    """Limits of passing rules stand once, here; the setting is named with each."""
    in_force = {
        code: {k: v for k, v in rule.items() if k != "help"} for code, rule in limits().items() if "side" in rule
    }

    said = line_of(event.service("startup", context(), NOW, "started", carries={"limits": in_force}))

    assert said["winnowd"]["limits"]["QUA401"] == {
        "slug": "too-few-words", "gate": "length", "unit": "words", "side": "min", "doubt": 100, "fail": 80,
        "setting": "gates.length.words.min",
    }  # fmt: skip
    assert said["winnowd"]["limits"]["DUP606"]["setting"] == "gates.originality.rewrite"


def test_a_rule_with_two_limits_names_both() -> None:
    """TXT501 needs both passed: the first is the rule's, the other stands under it."""
    both = [
        Limit("TXT501", "integrity", "max", 3, 5, reached=True),
        Limit("TXT501", "integrity_per_1000", "max", 2, 5, reached=True),
    ]

    block = event.in_force(both, catalogue())

    said = line_of(event.service("startup", context(), NOW, "started", carries={"limits": block}))
    stated = said["winnowd"]["limits"]["TXT501"]
    assert stated["setting"] == "gates.integrity.integrity"
    assert [other["setting"] for other in stated["also"]] == ["gates.integrity.integrity_per_1000"]


def test_a_failure_names_its_error_and_is_no_decision() -> None:
    """Outcome failure is our own failure; its text is made visible and cut."""
    error = {"type": "OSError", "message": "disk full\x1b[2J" + "x" * 5_000, "code": "SYS911"}

    said = line_of(event.service("failure", context(), NOW, "no space left", error=error))

    assert (said["event"]["outcome"], said["event"]["code"], said["log"]["level"]) == ("failure", "SYS911", "error")
    assert said["error"]["message"].startswith("disk full<U+001B>[2J")
    assert "outcome" not in said["winnowd"]


def test_a_refused_reload_is_a_change_that_failed() -> None:
    """SYS931: the old configuration stays, and the log says so."""
    error = {"message": "config/winnowd.toml:14: gates.x is unknown", "code": "SYS931"}

    said = line_of(event.service("config-change", context(), NOW, "reload refused", error=error))

    assert (said["event"]["action"], said["event"]["outcome"]) == ("config-change", "failure")


def test_a_first_day_has_no_digest_before_it() -> None:
    """What is None is left out, in blocks within blocks too: absent, never null."""
    sealed = {**ACTS["day-sealed"][2]["sealed"], "previous_digest_sha256": None}

    said = line_of(event.service("day-sealed", context(), NOW, "sealed", carries={"sealed": sealed}))

    assert "previous_digest_sha256" not in said["winnowd"]["sealed"]


def test_an_unknown_act_is_refused() -> None:
    """A typing error must not become an event of no category."""
    with pytest.raises(KeyError):
        event.service("start-up", context(), NOW, "")


ARTICLE = {"id": "c41f7a90d2b86e35", "text_sha256": DIGEST}
BECOMES = {
    "release": ("admitted", "creation"),
    "confirm": ("rejected", "info"),
    "retract": ("retracted", "deletion"),
    "erase": ("erased", "deletion"),
}


@pytest.mark.parametrize("action", BECOMES)
def test_an_order_names_who_why_and_what_became_of_it(action: str) -> None:
    """User, reason and order id; the proof of who is the owner of the order file."""
    operator = Operator("maria", "a follow-up, not a copy", "cli", EVENT_ID, uid=1000)

    said = line_of(event.ordered(action, context(), NOW, operator, article=ARTICLE, was="quarantined"))

    became, kind = BECOMES[action]
    assert said["event"]["type"] == [kind]
    assert said["user"] == {"id": "1000", "name": "maria"}
    assert said["winnowd"]["outcome"] == became
    assert said["winnowd"]["operator"] == {"reason": "a follow-up, not a copy", "via": "cli", "order": EVENT_ID}
    assert said["message"] == f"{action} of c41f7a90d2b86e35 by maria: {became}"


def test_a_supersede_is_one_event_with_both_ids() -> None:
    """The article that was kept goes, the better one comes: told once."""
    operator = Operator("winnowd", "the better article of the two is kept", "service", EVENT_ID)
    both = {"old": "5b1d0c7e9a42f386", "new": "c41f7a90d2b86e35", "code": "DUP610", "values": {"DUP603": 0.91}}

    said = line_of(
        event.ordered("supersede", context(), NOW, operator, article=ARTICLE, became="rejected", supersedes=both)
    )

    assert said["winnowd"]["operator"]["supersedes"] == both


def test_an_erasure_names_what_went_by_hash_only() -> None:
    """Paths, hashes and sizes stay; a name that only a web page knew is marked as claimed."""
    operator = Operator("maria", "court order", "web", EVENT_ID, uid=33, claimed=True)
    gone = [{"path": "seeds/2026/11/c41f7a90d2b86e35.txt", "sha256": DIGEST, "bytes": 3_601}]

    said = line_of(event.ordered("erase", context(), NOW, operator, article=ARTICLE, erased=gone))

    assert said["winnowd"]["erased"] == gone
    assert said["winnowd"]["operator"]["claimed"] is True


def test_an_order_tells_which_record_and_an_erasure_what_is_remembered() -> None:
    """Of several records with one text the log alone tells which, and how a copy of what is gone is still known."""
    operator = Operator("maria", "court order", "cli", EVENT_ID)
    which, digests = {"id": "7d0c51e2a94b3f60", "record": 2}, {"raw_sha256": DIGEST, "words_sha256": DIGEST}

    said = line_of(event.ordered("erase", context(), NOW, operator, article=ARTICLE, arrival=which, remembered=digests))
    forgotten = line_of(event.ordered("erase", context(), NOW, operator, article=ARTICLE, remembered=None))

    assert (said["winnowd"]["arrival"], said["winnowd"]["remembered"]) == (which, digests)
    assert forgotten["winnowd"].keys().isdisjoint({"arrival", "remembered"})
