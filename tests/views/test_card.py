"""Dataset cards: front matter that YAML reads, columns declared, sizes in the hubs' words."""

from __future__ import annotations

import pytest
import yaml
from tests.views.test_index import for_programs, row_of, state

from winnowd.views.card import ROW, seeds_card, size


def test_the_card_of_the_corpus_declares_every_column_of_a_row() -> None:
    """In the order of the rows, so that nothing is guessed from the first of them."""
    front = yaml.safe_load(seeds_card(state(2_691, name='Say "herring"\n')).decode().split("---\n")[1])

    (columns,) = front["dataset_info"]
    assert [one["name"] for one in columns["features"]] == list(ROW) == list(for_programs(row_of()))
    assert front["configs"] == [{"config_name": "default", "data_files": "index/*/*.jsonl"}]
    assert (front["pretty_name"], front["size_categories"], front["language"]) == (
        'Say "herring"',
        ["1K<n<10K"],
        ["en"],
    )


def test_a_card_changes_with_its_size_alone() -> None:
    """Each article would else be a commit of it, and a write."""
    assert seeds_card(state(1_000)) == seeds_card(state(9_999))
    assert seeds_card(state(999)) != seeds_card(state(1_000))


@pytest.mark.parametrize(
    ("articles", "named"),
    [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**7, "n>10M")],
)
def test_sizes_have_the_hubs_words(articles: int, named: str) -> None:
    """As the dataset cards of hubs name them."""
    assert size(articles) == named
