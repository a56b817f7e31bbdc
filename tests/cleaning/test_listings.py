"""The lists of other languages: each phrase finds its line, and nothing that stands in an article."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from tests.gates.stand import SERVICE, listing

from winnowd.cleaning import LISTED
from winnowd.cleaning.listing import SECTIONS, listed

FOLDER = SERVICE / "cleaning" / "phrases"
OTHERS = sorted(LISTED - {"en"})


def tables(language: str) -> dict[str, Any]:
    """A list as it is written."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def test_each_listed_language_has_its_file() -> None:
    """And no file lies there that is never asked."""
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(LISTED)


@pytest.mark.parametrize("language", OTHERS)
def test_each_phrase_finds_its_line(language: str) -> None:
    """Each line is found as what it was listed for, however it is written and whatever marks stand around it."""
    phrases = list(listed(tables(language)))
    missed = []
    for section, phrase, line in phrases:
        for written in (line, f"» {line} «", f"- {line}:"):
            found = listing(language).find(written)
            if found is None or found.code != SECTIONS[section]:
                missed.append((section, phrase, written, found))

    assert missed == []
    assert {section for section, _, _ in phrases} == set(SECTIONS)


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_of_an_article_is_on_a_list(language: str) -> None:
    """Sentences with the words of the phrases, written as an article would have them."""
    keep = tables(language)["keep"]["lines"]

    assert [(line, found) for line in keep if (found := listing(language).find(line)) is not None] == []
    assert len(keep) >= 10
