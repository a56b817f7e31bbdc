"""The laws of dates: a day comes back from every spelling, what was read reads the same, nothing raises or is slow."""

from __future__ import annotations

import datetime as dt
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnowd.reading.calendar_words import everywhere
from winnowd.reading.dates import moment

NAMES = {
    "month": "January February March April May June July August September October November December",
    "german": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "french": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPELLINGS = [
    *(
        "{0:%Y-%m-%d}",
        "{0:%Y%m%d}",
        "{0:%Y/%m/%d}",
        "{0:%Y.%m.%d}",
        "{0.year}-{0.month}-{0.day}",
        "{0.year}. {0.month}. {0.day}.",
    ),
    *(
        "{0:%d.%m.%Y}",
        "{0.day}.{0.month}.{0.year}",
        "{0:%G-W%V-%u}",
        "{0:%GW%V%u}",
        "{0:%Y-%j}",
        "{0:%Y%m%d%H%M%S}",
        "{0:%Y%m%d%H%M}",
    ),
    *(
        "{0:%Y-%m-%dT%H:%M:%S}",
        "{0:%Y-%m-%dT%H:%M:%S}Z",
        "{0:%Y-%m-%d %H:%M}",
        "{0:%Y-%m-%d %H:%M:%S} UTC",
        "{0:%Y-%m-%d}Z",
    ),
    *(
        "{week:.3}, {0:%d} {month:.3} {0:%Y %H:%M:%S} +0000",
        "{week:.3}, {0.day} {month:.3} {0:%y %H:%M:%S} GMT",
        "{week}, {0:%d}-{month:.3}-{0:%y %H:%M:%S} GMT",
    ),
    *(
        "{week:.3} {month:.3} {0:%d %H:%M:%S %Y}",
        "{week:.3} {month:.3} {0:%d %H:%M:%S} UTC {0.year}",
        "{week:.3} {month:.3} {0:%d %Y %H:%M:%S} GMT+0100 (CET)",
    ),
    *(
        "{month} {0.day}, {0.year}",
        "{week}, {month} {0.day}, {0.year} at {0:%I:%M} PM EST",
        "{0.day} {month} {0.year}",
        "{0.day}th of {month} {0.year}",
    ),
    *(
        "{month:.3}. {0.day}, {0.year}",
        "{0:%d}-{month:.3}-{0.year}",
        "{0:%d}{month:.3}{0.year}",
        "{0.year} {month} {0.day}",
        "Updated: {month} {0.day}, {0.year}",
    ),
    *(
        "{0.day}. {german} {0.year}",
        "{0.day} {french} {0.year} à {0:%H}h{0:%M}",
        "{0.day} {russian} {0.year} г.",
        "{0.year}年{0.month}月{0.day}日",
    ),
]
days = st.dates(dt.date(1990, 1, 2), dt.date(2027, 1, 1))
times = st.builds(dt.datetime.combine, days, st.times())


def spelt(form: str, at: dt.datetime) -> str:
    """A day in one spelling, without the locale of this machine."""
    words = {language: months.split()[at.month - 1] for language, months in NAMES.items()}
    return form.format(at, week=WEEKDAYS[at.weekday()], **words)


@pytest.mark.parametrize("form", SPELLINGS)
@given(at=times)
def test_a_day_comes_back_from_every_spelling(form: str, at: dt.datetime) -> None:
    """From 1990 to tomorrow, whatever order, language and time it is written in."""
    read = moment(spelt(form, at))

    assert read is not None
    assert read.value.isoformat()[:10] == at.date().isoformat()


@given(days)
def test_two_numbers_are_a_day_where_only_one_order_gives_one(day: dt.date) -> None:
    """Day and month before a year, divided by strokes: read if one of them cannot be a month, or both are the same."""
    plain = day.day > 12 or day.day == day.month

    for text in (f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}", f"{day:%d-%m-%Y} {day:%H:%M}"):
        read = moment(text)
        assert (None if read is None else read.value) == (day if plain else None)


@given(days, st.times(timezones=st.just(dt.UTC)), st.integers(0, 3))
def test_what_was_counted_since_1970_is_a_moment(day: dt.date, time: dt.time, power: int) -> None:
    """Seconds, milli-, micro- and nanoseconds, as a number, as digits and as MongoDB has them."""
    at = dt.datetime.combine(day, time)
    counted = int(at.timestamp()) * 1_000**power

    for value in (counted, str(counted), {"$date": counted}, {"$date": {"$numberLong": str(counted)}}):
        read = moment(value)
        assert read is not None
        assert read.value == at.replace(microsecond=0)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text("0123456789 -/.:,TZ+", max_size=40),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.sampled_from(["$date", "value", "date"]), inner),
)


@given(values | times.flatmap(lambda at: st.sampled_from(SPELLINGS).map(lambda form: spelt(form, at))))
def test_any_value_is_a_moment_that_reads_the_same_again_or_none(value: object) -> None:
    """Nothing raises; and what was read, written in ISO 8601, is the same moment."""
    read = moment(value)

    if read is not None:
        assert moment(read.value.isoformat()) == read._replace(cut=False)


@pytest.mark.parametrize(
    "text", ["1" * 100, "1 " * 50, "12:30 " * 16, "march " * 16, "a1" * 50, "\ufdfa" * 100, "(" * 100, "1:1a.m." * 14]
)
def test_a_hostile_value_takes_no_time(text: str) -> None:
    """However it is made: the names of months in all languages are loaded once, before."""
    everywhere()
    begun = process_time()

    read = moment(text)

    assert read is None
    assert process_time() - begun < 0.01
