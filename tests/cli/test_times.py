"""Moments of the command line: days, times, and spans before now; the clock is passed in."""

from __future__ import annotations

import datetime as dt

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnowd.cli.times import Day, Moment

NOW = dt.datetime(2026, 3, 1, 0, 30, tzinfo=dt.UTC)
MOMENTS = {
    "today": "2026-03-01T00:00",
    "yesterday": "2026-02-28T00:00",
    "2026-02-03": "2026-02-03T00:00",
    "2026-02-03T04:05": "2026-02-03T04:05",
    "2026-02-03T04:05:06+02:00": "2026-02-03T02:05:06",
    "90m": "2026-02-28T23:00",
    "24h": "2026-02-28T00:30",
    "1w": "2026-02-22T00:30",
}


@pytest.mark.parametrize("given_as", MOMENTS)
def test_a_moment_is_the_one_that_was_meant(given_as: str) -> None:
    """UTC, whatever month or zone; a day begins at midnight."""
    meant = dt.datetime.fromisoformat(MOMENTS[given_as]).replace(tzinfo=dt.UTC)

    assert Moment(now=lambda: NOW).convert(given_as, None, None) == meant


@given(st.datetimes(min_value=dt.datetime(1, 1, 2), max_value=dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC)))  # noqa: DTZ001
def test_a_day_that_ends_holds_all_of_it(now: dt.datetime) -> None:
    """From its first microsecond to its last, on every day there is."""
    begin = Moment(now=lambda: now).convert("today", None, None)
    end = Moment(ends=True, now=lambda: now).convert("today", None, None)

    assert begin <= now <= end
    assert end - begin == dt.timedelta(days=1) - dt.timedelta(microseconds=1)
    assert Day(now=lambda: now).convert("yesterday", None, None) == begin.date() - dt.timedelta(days=1)


@pytest.mark.parametrize(
    "given_as", ["tomorrow", "2026-02-30", "24", "7 d", "", "-1h", "999999w", "0001-01-01T00:00+09:00"]
)
def test_what_is_no_time_is_answered_with_what_is(given_as: str) -> None:
    """Wrong usage, with examples."""
    with pytest.raises(click.BadParameter, match="is no time; give 2026-11-22"):
        Moment(now=lambda: NOW).convert(given_as, None, None)
