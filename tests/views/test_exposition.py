"""Metrics in Prometheus's text format: what is written is what a scraper reads."""

from __future__ import annotations

import math
import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.needs import tool

from winnowd.views.exposition import Family, Sample, bucketed, exposition

LINE = re.compile(r'(?P<name>\w+)(?:\{(?P<labels>(?:\w+="(?:[^"\\\n]|\\.)*",?)*)\})? (?P<value>\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\\n]|\\.)*)"')
ESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def unescaped(text: str) -> str:
    """A label's value as its writer meant it."""
    return re.sub(r"\\.", lambda found: ESCAPED[found[0]], text)


def test_a_family_is_its_help_its_type_and_its_samples() -> None:
    """One without samples is left out, since a type without samples says nothing."""
    said = Family("winnowd_x_total", "counter", "What is\ncounted.", [Sample({"code": "A"}, 3), Sample({}, 0.5)])
    empty = Family("winnowd_y", "gauge", "Nothing.", [])

    assert exposition([said, empty]).splitlines() == [
        "# HELP winnowd_x_total What is\\ncounted.",
        "# TYPE winnowd_x_total counter",
        'winnowd_x_total{code="A"} 3',
        "winnowd_x_total 0.5",
    ]


@given(st.dictionaries(st.sampled_from("abc"), st.text(st.characters(exclude_categories=["Cs"]))), st.floats())
def test_any_label_and_any_number_are_read_as_they_were(labels: dict[str, str], value: float) -> None:
    """Quotes, backslashes and line breaks in a label end neither it nor the line; no number is rounded."""
    text = exposition([Family("x", "gauge", "X.", [Sample(labels, value)])])
    lines = text.split("\n")
    found = LINE.fullmatch(lines[2])

    assert found is not None
    assert lines[3:] == [""]
    assert {name: unescaped(said) for name, said in LABEL.findall(found["labels"] or "")} == labels
    read = float(found["value"])
    assert read == value or (math.isnan(read) and math.isnan(value))


@given(st.lists(st.integers(0, 1_000), min_size=4, max_size=4), st.integers(0, 10**9))
def test_buckets_only_grow_and_end_at_the_count(counts: list[int], total: int) -> None:
    """Each holds all below its bound, the last all there are."""
    *buckets, summed, counted = bucketed({"stage": "read"}, (0.5, 1, 4), counts, total)

    values = [sample.value for sample in buckets]
    assert values == sorted(values)
    assert [sample.labels["le"] for sample in buckets] == ["0.5", "1", "4", "+Inf"]
    assert (values[-1], summed.value, counted.value) == (sum(counts), total, sum(counts))


@pytest.mark.skipif(bool(tool("promtool", "prometheus")()), reason=tool("promtool", "prometheus")() or "there")
def test_prometheus_itself_finds_nothing_to_mend() -> None:
    """``promtool check metrics`` reads it, and lints it."""
    families = [
        Family("winnowd_x_total", "counter", "X.", [Sample({"code": 'a"\\\nb'}, 1)]),
        Family("winnowd_y_seconds", "histogram", "Y.", list(bucketed({}, (0.001, 10), (1, 2, 3), 1.5))),
    ]

    done = subprocess.run(
        ["promtool", "check", "metrics"], input=exposition(families), capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, "")
