"""``winnowd stats``: what decisions add up to, for people and programs."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.e2e.instance import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

TODAY = "2026-11-22"
"""The last day of the instance that is counted."""


@pytest.fixture
def stats(run: Callable[..., Ran], decided: Path) -> Callable[..., Ran]:
    """Run ``winnowd stats`` on it."""
    return lambda *arguments: run("--home", str(decided), "stats", *arguments)


def of(ran: Ran, kind: str) -> list[dict[str, Any]]:
    """Its rows of one type."""
    return [row for row in ran.rows if row["type"] == kind]


@pytest.mark.parametrize("by", ["day", "code", "feed", "source", "hour"])
def test_as_json_every_count_has_its_key_and_the_summary_ends_it(stats: Callable[..., Ran], by: str) -> None:
    """All counts make the total, whatever they are by."""
    ran = stats("--by", by, "--json")

    (total,) = of(ran, "total")
    counts = of(ran, "count")
    assert ran.code == 0
    assert total["n"] == 500
    assert total["acceptance"] == pytest.approx(total["admitted"] / 500)
    for name in ("n", "admitted", "quarantined", "rejected"):
        assert sum(one[name] for one in counts) == total[name]
    assert {one["by"] for one in counts} == {by}
    assert ran.rows[-1]["type"] == "summary"
    assert ran.rows[-1]["counts"]["count"] == len(counts)


def test_as_json_reasons_orders_and_times_are_told(stats: Callable[..., Ran]) -> None:
    """Policy apart from defects; times in seconds."""
    ran = stats("--json")

    refused = of(ran, "refused")
    assert {one["kind"] for one in refused} >= {"copies", "defects", "policy"}
    assert {one["code"]: one["slug"] for one in refused}["DUP606"] == "rewrite"
    assert {one["action"] for one in of(ran, "ordered")} >= {"confirm", "release"}
    times = {one["of"]: one for one in of(ran, "time")}
    assert times["arrival to decision"]["n"] == 500
    assert 0 < times["clean"]["median"] < times["clean"]["p90"] < times["clean"]["p99"] < 1


def test_a_measure_comes_with_its_limits_and_bins(stats: Callable[..., Ran]) -> None:
    """Its code in whatever case."""
    ran = stats("--measure", "dup606", "--json")

    (measure,) = of(ran, "measure")
    assert (measure["code"], measure["doubt"], measure["fail"]) == ("DUP606", 1.0, 1.3)
    assert sum(one["n"] for one in of(ran, "bin")) == measure["n"]
    assert measure["n"] > measure["doubted"] >= measure["failed"] > 0


def test_a_measure_that_nothing_has_is_no_bug(stats: Callable[..., Ran]) -> None:
    """Exit 12 with what to do."""
    ran = stats("--measure", "SYS901")

    assert ran.code == 12
    assert 'nothing was measured by "SYS901"; see "winnowd rule"' in ran.err


def test_people_see_a_table_or_bars_and_a_histogram(stats: Callable[..., Ran]) -> None:
    """Days in order, each with its share that was accepted."""
    shown, drawn = stats("--measure", "DUP606").out, stats("--plot", "--by", "code").out

    days = [line.split()[0] for line in shown.splitlines() if line.startswith("   2026-")]
    assert days == [f"2026-11-{day}" for day in range(17, 23)]
    assert "┆ doubt 1 ╌" in shown
    assert "┃ fail 1.3 ╌" in shown
    assert "DUP606 rewrite" in drawn
    assert "(no code)" in drawn


def test_a_time_without_decisions_is_said(stats: Callable[..., Ran]) -> None:
    """It is no fault."""
    ran = stats("--until", "2026-01-01")

    assert (ran.code, ran.out) == (0, "no decisions in this time\n")


def test_what_cannot_be_read_is_named_and_ends_with_3(run: Callable[..., Ran], decided: Path, tmp_path: Path) -> None:
    """The rest is counted; lines that are no events are said."""
    shutil.copytree(decided / "audit", tmp_path / "audit", ignore=shutil.ignore_patterns("evidence"))
    (tmp_path / "audit/2026/11/18.jsonl.gz").write_bytes(b"rubbish")
    with (tmp_path / "audit/2026/11/22.jsonl").open("ab") as file:
        file.write(b"{}\n")

    ran = run("stats", "--audit", "audit")

    assert ran.code == 3
    assert "winnowd: audit/2026/11/18.jsonl.gz: cannot be read to its end (error); see winnowd verify" in ran.err
    assert "1 lines are no events" in ran.err
    assert "2026-11-19" in ran.out


def test_every_field_is_documented(stats: Callable[..., Ran]) -> None:
    """By the page that names the lines of ``--json``; no line has another."""
    page = (ROOT / "docs" / "design" / "cli-and-views.md").read_text(encoding="utf-8")
    part = page.partition("## The lines of `stats --json`")[2].partition("\n## ")[0]
    documented = {name: set(re.findall(r"\w+", fields)) for name, fields in re.findall(r"`(\w+)` \{([^}]+)\}", part)}
    documented["total"] = documented["count"] - {"by", "key"} | {"first", "last"}

    ran = stats("--measure", "DUP606", "--json")

    rows = [row for row in ran.rows if row["type"] != "summary"]
    assert {row["type"] for row in rows} == set(documented)
    for row in rows:
        assert set(row) - {"type"} == documented[row["type"]], row
