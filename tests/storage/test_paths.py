"""Nothing from outside enters a path of ours but letters, digits and ``._-``."""

from __future__ import annotations

import datetime as dt
import re

from hypothesis import given
from hypothesis import strategies as st

from winnowd.storage.paths import Seeds, arrival_id, split_name

DAY = dt.date(2026, 11, 22)


@given(st.binary(min_size=1, max_size=300))
def test_any_name_gives_a_stem_and_an_ending_that_are_safe(name: bytes) -> None:
    """Short, without a leading dot, without a slash: with 32 characters of ours it fits any file system."""
    stem, ending = split_name(name)

    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}", stem)
    assert re.fullmatch(r"(?:\.[A-Za-z0-9]{1,8}){0,2}", ending)


def test_a_plain_name_stays_as_it_is() -> None:
    """A person finds the file again by its name."""
    assert split_name(b"feed/harvest-2026.jsonl.gz") == ("harvest-2026", ".jsonl.gz")
    assert split_name("Ärger.txt".encode()) == ("__rger", ".txt")


@given(st.lists(st.integers(0, 2**33), min_size=2, max_size=50, unique=True))
def test_the_first_half_of_an_arrival_id_is_never_given_twice(numbers: list[int]) -> None:
    """Held files are named by it: four thousand million arrivals have names of their own."""
    apart = {number & 0xFFFFFFFF for number in numbers}

    assert len({arrival_id(number, 7)[:8] for number in numbers}) == len(apart)


def test_a_full_month_goes_on_by_days_and_a_full_day_by_hex_pairs() -> None:
    """No folder grows without bound: 5,000 in a month, 10,000 in a day, then 256 folders."""
    seeds = Seeds(lambda month: {"2026-11": 4_999}[month])

    first, second = seeds.path_for("ab12", DAY), seeds.path_for("cd34", DAY)
    for number in range(9_999):
        seeds.path_for(f"{number:04x}", DAY)

    assert first == "seeds/2026/11/ab12.txt"
    assert second == "seeds/2026/11/22/cd34.txt"
    assert seeds.path_for("ef56", DAY) == "seeds/2026/11/22/ef/ef56.txt"
