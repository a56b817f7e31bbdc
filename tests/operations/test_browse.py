"""Lists of decisions: pages joined are the whole, whatever is sought; what a stranger typed is only ever text."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.e2e.test_orders import ordered

from winnowd.layout import LEDGER
from winnowd.model.browsing import INBOX_ITSELF, Sought
from winnowd.operations.browse import FACETS, SoughtError, browse, facets, sought_from
from winnowd.storage.ledger import Ledger
from winnowd.storage.ledger import browse as asking

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.instance import Instance

    from winnowd.model.browsing import Listed

ANY = Sought()


def all_of(instance_dir: Path, sought: Sought, most: int) -> list[Listed]:
    """What the pages have that lead from the newest to the oldest, joined."""
    page = browse(instance_dir, sought, most=most)
    items = list(page.items)
    while page.older is not None:
        page = browse(instance_dir, sought, before=page.older, most=most)
        items += page.items
    return items


def back_from_the_oldest(instance_dir: Path, sought: Sought, most: int) -> list[Listed]:
    """What the pages have that lead from the oldest to the newest, newest first."""
    page = browse(instance_dir, sought, after=0, most=most)
    items = list(page.items)
    while page.newer is not None:
        page = browse(instance_dir, sought, after=page.newer, most=most)
        items = [*page.items, *items]
    return items


def as_sent(file: str) -> str:
    r"""A file's name without what stands for bytes that are no UTF-8: no one finds it by ``\xNN``."""
    return re.sub(r"\\x[0-9a-f]{2}", "", file)


def fits(item: Listed, sought: Sought) -> bool:
    """The same as the ledger is asked, said in Python."""
    feed = "" if sought.feed == INBOX_ITSELF else sought.feed
    has_share = item.shared is not None
    return all((
        sought.outcome in {"", item.outcome},
        not sought.code or sought.code in item.codes,
        not sought.feed or item.feed == feed or (feed != "" and item.feed.startswith(f"{feed}/")),
        sought.source in {"", item.source},
        not sought.day or item.decided_at.date().isoformat() == sought.day,
        sought.least is None or (has_share and item.shared >= sought.least),  # type: ignore[operator]
        sought.most is None or (has_share and item.shared <= sought.most),  # type: ignore[operator]
        all(word.lower() in f"{item.title}\n{as_sent(item.file)}".lower() for word in sought.text.split()),
        not sought.in_corpus or item.outcome == "admitted",
    ))  # fmt: skip


class Records(list["Listed"]):
    """Of few words when a test tells what it was given."""

    def __repr__(self) -> str:
        return f"{len(self)} records"


@pytest.fixture(scope="module")
def everything(decided: Path) -> Records:
    """All records of the instance, newest first."""
    return Records(all_of(decided, ANY, 1_000))


def one_of(values: list[Any]) -> st.SearchStrategy[Any]:
    """A value that there is, or no condition; the more often, the more records have it."""
    return st.just("") | st.sampled_from(values)


@pytest.mark.parametrize("window", [20_000, 90])
@given(data=st.data())
@settings(max_examples=12)
def test_pages_joined_are_what_fits_each_once(
    decided: Path, everything: Records, window: int, data: st.DataObject
) -> None:
    """Under any condition, with pages of any length, forwards and backwards, however few records a page looks at."""
    sought = Sought(
        outcome=data.draw(one_of([one.outcome for one in everything])),
        code=data.draw(one_of([code for one in everything for code in one.codes])),
        feed=data.draw(one_of(["agency", "regional", "regional/north", "region", INBOX_ITSELF])),
        source=data.draw(one_of([one.source for one in everything])),
        day=data.draw(one_of([one.decided_at.date().isoformat() for one in everything])),
        least=data.draw(st.none() | st.floats(0, 1)),
        text=data.draw(st.sampled_from(["", "story", "STORY-0001 html", "a", ".jsonl", "%", "_", "\\"])),
        in_corpus=data.draw(st.booleans()),
    )
    most = data.draw(st.sampled_from([11, 60]))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(asking, "WINDOW", window)
        forwards, backwards = all_of(decided, sought, most), back_from_the_oldest(decided, sought, most)

    assert forwards == [one for one in everything if fits(one, sought)]
    assert backwards == forwards


def test_a_list_has_each_decision_of_the_log(decided: Path, everything: Records) -> None:
    """As many as the ledger has decided, numbered downwards without a gap."""
    with contextlib.closing(Ledger.read(decided / LEDGER)) as ledger:
        last = ledger.decisions.next_number() - 1

    assert [one.number for one in everything] == list(range(last, 0, -1))


@pytest.mark.parametrize("in_corpus", [False, True])
def test_a_count_is_what_choosing_that_value_gives(decided: Path, everything: Records, *, in_corpus: bool) -> None:
    """Each number beside a value is the length of the list that it leads to, the other choices kept."""
    sought = Sought(outcome="" if in_corpus else "rejected", feed="regional", text="html", in_corpus=in_corpus)

    found = facets(decided, sought)

    assert found.among == found.total == len(everything)
    assert any(found.counts.values())
    for facet in FACETS:
        for value, count in found.counts[facet].items():
            chosen = dataclasses.replace(sought, **{facet: value})  # type: ignore[arg-type] # none of them is a number
            assert count == sum(fits(one, chosen) for one in everything), (facet, value)


@given(text=st.text(max_size=300) | st.text("%_\\'\"; \0*?[]-", max_size=30))
@settings(max_examples=40)
def test_whatever_is_sought_is_only_text(decided: Path, everything: Records, text: str) -> None:
    """No sign of a stranger's has a meaning: what is found holds it, and the ledger is as it was."""
    found = browse(decided, Sought(text=text), most=1_000)

    words = text[:200].replace("\0", " ").encode(errors="replace").decode().split()[:8]
    for item in found.items:
        named = f"{item.title}\n{item.file}".lower()
        assert all(word in named or not word.isascii() for word in (one.lower() for one in words))
    assert len(found.items) == len(everything) or words


@pytest.mark.parametrize("name", [lambda one: one.id[:8], lambda one: one.id.upper(), lambda one: one.record])
def test_a_record_is_found_by_its_id_however_old(
    decided: Path, everything: Records, monkeypatch: pytest.MonkeyPatch, name: Callable[[Listed], str]
) -> None:
    """By the beginning of its id, or by the name that it has where there is no article, beyond what a page looks at."""
    monkeypatch.setattr(asking, "WINDOW", 5)
    oldest = everything[-1]

    assert oldest in browse(decided, Sought(text=name(oldest))).items


def test_an_erased_title_is_in_no_list(held_copy: Instance) -> None:
    """What was erased keeps its row, and neither its title nor a word of it leads there."""
    (before,) = [one for one in browse(held_copy.instance_dir, ANY).items if "bakers" in one.file]
    assert before.title

    ordered(held_copy, "erase", "bakers", yes=True)

    (after,) = [one for one in browse(held_copy.instance_dir, ANY).items if one.number == before.number]
    assert (after.outcome, after.title, after.source) == ("erased", "", "")
    found = browse(held_copy.instance_dir, Sought(text=before.title.split()[-1])).items
    assert after.number not in [one.number for one in found]


@pytest.mark.parametrize(
    "field", [{"day": "2026-11-31"}, {"day": "9999-12-31"}, {"day": "20261122"}, {"least": "2"}, {"most": "nan"}]
)
def test_what_is_no_day_or_share_is_said(field: dict[str, str]) -> None:
    """Nothing is guessed; the words name what was given."""
    with pytest.raises(SoughtError, match=next(iter(field.values()))):
        sought_from(field, in_corpus=False)


def test_where_nothing_was_ever_decided_the_list_is_empty(tmp_path: Path) -> None:
    """Before there is a ledger, too."""
    assert not browse(tmp_path, ANY).items
    assert facets(tmp_path, ANY).total == 0
