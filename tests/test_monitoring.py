"""What is watched, shown and documented is what the service writes: metrics, alerts, board; each alert by its cause."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.needs import needs, tool

from winnowd.catalogue import catalogue
from winnowd.daemon.gauges import gauges, heartbeat
from winnowd.daemon.metrics import Metrics
from winnowd.daemon.vitals import Vitals
from winnowd.storage.verified import Verification

ROOT = Path(__file__).parents[1]
RULES = ROOT / "deploy" / "prometheus" / "winnowd.rules.yml"
CASES = ROOT / "deploy" / "prometheus" / "winnowd.rules.test.yml"
BOARD = ROOT / "deploy" / "grafana" / "winnowd.json"
PAGE = ROOT / "docs" / "metrics.md"
NAME = re.compile(r"\bwinnowd_[a-z0-9_]+\b")
NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
VITALS = Vitals(
    at=NOW, inbox_files=1, inbox_oldest=1, orders=1, quarantine=1, quarantine_since=NOW, corpus_articles=1,
    corpus_bytes=1, sequence=1, verified=Verification(NOW, 1, 0, NOW), index_lag=1, free={"seeds": 1},
)  # fmt: skip
PROMTOOL = tool("promtool", "prometheus")


def families() -> dict[str, Any]:
    """All that the service writes, by name."""
    made = [*Metrics(["SYS901"]).families(0), *gauges(VITALS), *heartbeat(NOW, "0" * 64)]
    return {family.name: family for family in made}


def family_of(sample: str) -> str:
    """The name of the family that a sample of this name belongs to."""
    histograms = {name for name, family in families().items() if family.kind == "histogram"}
    shorter = re.sub(r"_(bucket|sum|count)$", "", sample)
    return shorter if shorter in histograms else sample


def named_in(text: str) -> set[str]:
    """The families that a text names."""
    return {family_of(name) for name in NAME.findall(text)}


def alerts() -> list[dict[str, Any]]:
    """The alerts that are shipped."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"] if "alert" in rule]


def expressions() -> dict[str, list[str]]:
    """The panels of the board by title, each with what it asks."""
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    return {one["title"]: [target["expr"] for target in one["targets"]] for one in panels if one["type"] != "row"}


def test_the_page_lists_every_metric_as_it_is_and_no_other() -> None:
    """Name, kind and labels."""
    rows = re.findall(r"^\| `(winnowd_\w+)` \| (\w+) \|([^|]*)\|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    listed = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}

    assert listed == {
        name: (family.kind, {label for sample in family.samples for label in sample.labels} - {"le"})
        for name, family in families().items()
    }


def test_rules_and_board_ask_only_for_what_there_is_and_the_board_for_all() -> None:
    """A panel or alert that asks for what nobody writes shows nothing, for ever."""
    asked = named_in(" ".join(expression for asked in expressions().values() for expression in asked))

    assert asked == set(families())
    assert named_in(RULES.read_text(encoding="utf-8")) <= set(families())


def test_every_panel_asks_for_something_and_says_what_it_shows() -> None:
    """By a title of its own, and a sentence."""
    panels = [one for one in json.loads(BOARD.read_text(encoding="utf-8"))["panels"] if one["type"] != "row"]

    assert len({one["title"] for one in panels}) == len(panels)
    for panel in panels:
        assert panel["description"].endswith("."), panel["title"]
        assert all(NAME.search(expression) or "winnowd:" in expression for expression in expressions()[panel["title"]])


def test_no_two_panels_lie_in_one_place() -> None:
    """The board has 24 columns."""
    cells = [
        (x, y)
        for panel in json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]

    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


def test_what_is_turned_away_is_shown_once_defects_apart_from_policy() -> None:
    """The codes of the one panel are those that the other leaves out, and each is a rule about language or rights."""
    asked = expressions()
    (without,) = re.findall(r'code!~"([^"]+)"', asked["Turned away for what is wrong with it"][0])
    (only,) = re.findall(r'code=~"([^"]+)"', asked["Turned away by policy"][0])

    assert without == only
    assert {catalogue()[code].slug for code in only.split("|")} == {
        "language", "language-declared", "rights-reserved", "synthetic-declared",
    }  # fmt: skip


def test_every_alert_is_in_the_page_and_is_tested_firing_and_not() -> None:
    """By its cause: a case in which it fires, and one in which it must not."""
    cases = [case for test in yaml.safe_load(CASES.read_text())["tests"] for case in test["alert_rule_test"]]
    page = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    names = [alert["alert"] for alert in alerts()]

    assert [name for name in page if not name.startswith("winnowd_")] == names
    for name in names:
        fires = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == name}
        assert fires == {True, False}, name


def test_every_alert_says_what_is_and_what_to_do() -> None:
    """In its annotations; and what an alert names of ours is there."""
    for alert in alerts():
        assert set(alert["annotations"]) == {"summary", "description"}
        assert alert["labels"]["severity"] in {"info", "warning", "critical"}


def promtool(*arguments: str | Path) -> str:
    """Run it beside the rules; what it says if it finds a fault, else ""."""
    done = subprocess.run(
        ["promtool", *arguments], cwd=RULES.parent, capture_output=True, text=True, check=False, timeout=600
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@needs("alerts", PROMTOOL)
def test_each_alert_fires_by_its_cause_and_only_then() -> None:
    """Prometheus itself evaluates the cases."""
    assert promtool("check", "rules", RULES.name) == ""
    assert promtool("test", "rules", CASES.name) == ""


@needs("alerts", PROMTOOL)
@pytest.mark.parametrize("name", [alert["alert"] for alert in alerts()])
def test_a_blunt_alert_is_found(tmp_path: Path, name: str) -> None:
    """The cases have teeth: one that never fires fails them."""
    rules = yaml.safe_load(RULES.read_text())
    for rule in rules["groups"][0]["rules"]:
        if rule.get("alert") == name:
            rule["expr"] = "vector(0) > 1"
    cases = yaml.safe_load(CASES.read_text())
    cases["tests"] = [
        test for test in cases["tests"] if any(case["alertname"] == name for case in test["alert_rule_test"])
    ]
    (tmp_path / RULES.name).write_text(yaml.safe_dump(rules), encoding="utf-8")
    (tmp_path / CASES.name).write_text(yaml.safe_dump(cases), encoding="utf-8")

    assert name in promtool("test", "rules", tmp_path / CASES.name)
