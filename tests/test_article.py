"""The article's own promises: frozen, bounded, strict, and the same after any journey."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from winnowd.article import Article, Tdm

lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).map(str.strip).filter(bool)
moments = st.dates(min_value=dt.date(1600, 1, 1)) | st.datetimes(
    min_value=dt.datetime(1600, 1, 2),  # noqa: DTZ001 - the strategy adds the zones
    timezones=st.just(dt.UTC) | st.just(dt.timezone(dt.timedelta(hours=-9))),
)
articles = st.builds(
    Article,
    text=lines,
    title=st.none() | lines,
    authors=st.lists(lines, max_size=3).map(tuple),
    published_at=st.none() | moments,
    tags=st.lists(lines, max_size=3).map(tuple),
    kind=st.sampled_from([None, "news", "other"]),
    tdm=st.none() | st.builds(Tdm, reservation=st.sampled_from([None, 0, 1])),
    extra=st.dictionaries(lines, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | lines, max_size=3),
)


@given(articles)
def test_an_article_is_the_same_after_any_journey(article: Article) -> None:
    """Between processes as a pickle, on disk as JSON."""
    assert pickle.loads(pickle.dumps(article)) == article  # noqa: S301 - our own bytes
    assert Article.model_validate_json(article.model_dump_json()) == article


def test_an_article_cannot_be_changed_only_copied() -> None:
    """Cleaning lifts a title into a copy; the article that was read stays as it was."""
    article = Article(text="The mill opened.")

    lifted = article.model_copy(update={"title": "Mill opens", "authors": ("A. Clerk",)})

    with pytest.raises(ValidationError, match="frozen"):
        article.title = "Mill opens"
    assert (article.title, lifted.title, lifted.authors) == (None, "Mill opens", ("A. Clerk",))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": ""},
        {"text": b"bytes"},
        {"text": "x" * 2_000_001},
        {"text": "x", "title": " "},
        {"text": "x", "title": 5},
        {"text": "x", "authors": ["a list"]},
        {"text": "x", "url": "javascript:alert(1)"},
        {"text": "x", "url": "https://example.org/a b"},
        {"text": "x", "url": "https://me:secret@example.org/"},
        {"text": "x", "published_at": 1_711_180_800},
        {"text": "x", "published_at": "2024-03-23"},
        {"text": "x", "published_at": dt.date(1599, 12, 31)},
        {"text": "x", "language": "en_US"},
        {"text": "x", "kind": "poem"},
        {"text": "x", "tdm": Tdm, "synthetic": "true"},
        {"text": "x", "id": "0123456789abcdef"},
    ],
)
def test_what_does_not_meet_the_schema_is_no_article(fields: dict[str, Any]) -> None:
    """Nothing is coerced, nothing unknown is taken: bringing it into shape is the work of reading."""
    with pytest.raises(ValidationError):
        Article.model_validate(fields)


def test_a_date_may_not_lie_after_the_latest_day_that_the_context_names() -> None:
    """The core has no clock, so whoever reads tells the day."""
    fields = {"text": "x", "published_at": dt.datetime(2024, 3, 23, 1, tzinfo=dt.UTC)}

    assert Article.model_validate(fields, context={"latest": dt.date(2024, 3, 23)}).published_at is not None
    with pytest.raises(ValidationError, match="after it arrived"):
        Article.model_validate(fields, context={"latest": dt.date(2024, 3, 22)})


@pytest.mark.parametrize(
    ("published", "day"),
    [
        (None, None),
        (dt.date(2024, 3, 23), 738_968),
        (dt.datetime(2024, 3, 23, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5))), 738_968),
    ],
)
def test_the_day_of_publication_is_that_of_its_own_zone(published: dt.date | None, day: int | None) -> None:
    """Late in the evening of its own place it is already tomorrow elsewhere: the paper's date counts."""
    assert Article(text="x", published_at=published).published_day == day
