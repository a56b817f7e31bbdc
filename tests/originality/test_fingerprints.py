"""Fingerprints: packed and unpacked, of odd texts, of other languages; the recipe; the lexicon."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.originality.stand import TABLE, fingerprint_of, lexicon, recipe

from winnowd import kernels
from winnowd.originality import Lexicon, Recipe, pack, unpack
from winnowd.originality.article_text import ArticleText
from winnowd.originality.sketch import gram_keys, lay_out, number_texts, sentence_ends
from winnowd.text.folding import fold2

TEXTS: dict[str, str] = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))["texts"]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(texts, st.sampled_from(["en", "de", ""]))
def test_a_fingerprint_survives_packing(text: str, language: str) -> None:
    """What the ledger stores is what a comparison gets, to the last bit, for any text and language."""
    made = fingerprint_of(text, language=language, published=738_000)

    stored = pack(made)

    assert pack(unpack(stored)) == stored
    assert all(value is None or isinstance(value, bytes | int | str) for value in stored.values())
    assert (made.lexicon == lexicon().name) == (language == "en")
    assert (made.minima is None) == (len(made.shingles) == 0)


@given(texts)
def test_words_are_the_same_with_and_without_sentences(text: str) -> None:
    """Marking the ends of sentences parts no word and joins none."""
    marked, plain = lay_out(text).words, kernels.words(fold2(text))

    assert marked.hashes.tolist() == plain.hashes.tolist()


def test_one_word_more_or_another_case_is_seen_by_the_right_digest() -> None:
    """Case, punctuation and spaces leave the words' digest alone; a word does not."""
    made = fingerprint_of("The mill opened, at six.")

    assert made.word_digest == fingerprint_of("the  MILL opened\nat six").word_digest
    assert made.word_digest != fingerprint_of("The mill opened at six today.").word_digest


def test_a_language_without_a_table_is_also_asked_by_what_earlier_versions_kept_of_it() -> None:
    """At most 96 keys are kept, of other pairs than in English; those of word-3-grams are asked for, too."""
    german, english = (fingerprint_of(TEXTS["A"], language=language) for language in ("de", "en"))
    grams = gram_keys(lay_out(TEXTS["A"]).words)

    assert german.query_keys is not None
    assert len(german.keys) == 96
    assert german.keys.tolist() != english.keys.tolist()
    assert set(german.query_keys.tolist()) > set(grams.tolist())
    assert german.shingles.tolist() == english.shingles.tolist()


def test_a_recipe_survives_its_row_and_tells_a_foreign_one() -> None:
    """All that fixes a fingerprint is compared; the version of datasketch is not."""
    stored = {**recipe().to_row(), "made_at": "2026-11-22"}

    again = Recipe.from_row(stored)

    assert again == recipe()
    assert again.same_as(dataclasses.replace(again, datasketch="3.0"))
    assert not again.same_as(dataclasses.replace(again, table="0" * 64))
    assert again.id == "fold2/word64/w5/affine32-1-128/25x5/b340ed1360c7f813"
    assert again.factors().shape == (2, 128)


def test_only_recipes_of_earlier_versions_are_brought_up_to_date() -> None:
    """One of a later winnowd is foreign: nobody here can say what its fingerprints are."""
    assert dataclasses.replace(recipe(), fold="fold1").renewed() == recipe()
    with pytest.raises(ValueError, match="fold3"):
        dataclasses.replace(recipe(), fold="fold3").renewed()


def test_a_long_text_keeps_keys_by_its_length() -> None:
    """96 of one of 1,000 words or less; of a long one as many per 1,000, whatever its language."""
    words = [f"{one}{two}ton" for one in "bcdfghklmnprstvw" for two in ("al", "en", "ir", "os", "um")]
    text = " ".join(Random(7).choices(words, k=5_000))  # noqa: S311 - a text, no secret

    assert [len(fingerprint_of(text, language=language).keys) for language in ("en", "de")] == [480, 480]


def test_the_shipped_table_is_the_one_of_the_recipe() -> None:
    """28,147 words; its licence lies beside it."""
    assert lexicon().sha256.startswith("b340ed1360c7f813")
    assert len(lexicon().word_set) == 28_147
    assert "wordfreq" in TABLE.with_name("words_en.LICENSE.txt").read_text(encoding="utf-8")


def test_a_damaged_table_is_refused() -> None:
    """A line without a frequency is told, not guessed."""
    with pytest.raises(ValueError, match="damaged"):
        Lexicon.parse(gzip.compress(b"alpha\t300\nbeta\n"))


@given(st.lists(st.sampled_from(["zorgled", "mill", "the", "12", "1999", "é", "upon", "x"]), max_size=30))
def test_a_text_is_weighed_word_by_word(words: list[str]) -> None:
    """Looking up a whole text, words met before or not, gives each word what it gets alone."""
    folded = fold2(" ".join(words))

    found = lexicon().terms(folded, kernels.words(folded))

    expected = [weight if (weight := lexicon().weight(word)) >= 180 and word != "upon" else 0 for word in words]
    assert found.weights.tolist() == expected
    stems = kernels.hash_each([lexicon().stem(word).encode() for word in words]) >> np.uint64(32)
    assert [int(one) for one, weight in zip(found.ids, expected, strict=True) if weight] == [
        int(one) for one, weight in zip(stems, expected, strict=True) if weight
    ]


def test_numbers_lose_their_commas_only() -> None:
    """A decimal point stays; a full stop at the end is none."""
    assert number_texts("It cost 1,250.50 in 1999. Then 70,000, not 7.") == {"1250.50", "1999", "70000", "7"}


@given(st.text("0129,.a -x\u0663€é\n", max_size=40))
def test_numbers_are_found_as_the_definition_says(text: str) -> None:
    """Looking at numerals only finds the same numbers as a search of the whole text, digits of other scripts too."""
    assert number_texts(text) == {number.replace(",", "") for number in re.findall(r"\d+(?:[.,]\d+)*", text)}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rained. Then it stopped.", ["It rained.", "Then it stopped."]),
        ("“It rained.” Then it stopped.", ["“It rained.", "Then it stopped."]),
        ("It rained.Then it stopped", ["It rained.", "Then it stopped"]),
        ("about 3.5 metres\nand more", ["about 3.5 metres", "and more"]),
        ("Mr. smith came! 12 left?", ["Mr. smith came!", "12 left?"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, sentences: list[str]) -> None:
    """The ends of docs/design/originality.md, "Words and sentences"."""
    ends = sentence_ends(text)

    starts, stops = [0, *(end for _, end in ends)], [*(start for start, _ in ends), len(text)]
    assert [text[start:stop] for start, stop in zip(starts, stops, strict=True)] == sentences


LITERAL_END = re.compile(r"""(?<=[.!?])["'’”)\]]*\s+(?=["'‘“(\[]?[A-Z0-9])|(?<=[a-z0-9][.!?])(?=[A-Z])|[\n\x1e]+""")


@given(st.text('aB1.!?"’)(“ \n\x1e', max_size=40))
def test_the_fast_search_for_ends_finds_those_of_the_definition(text: str) -> None:
    """Searching for the character before an end finds the same ends as the expression of the design does."""
    assert sentence_ends(text) == [end.span() for end in LITERAL_END.finditer(text)]


@pytest.mark.parametrize("piece", [".", ". ", ".)", ' "', "\n", "a.", "1,", "12.", ".\n ", "’ "])
def test_searching_for_ends_and_numbers_is_linear(piece: str) -> None:
    """Four times the text takes about four times as long, not sixteen."""
    seconds = []
    for size in (20_000, 80_000):
        text = piece * size
        begun = time.process_time()
        for _ in range(3):
            sentence_ends(text)
            number_texts(text)
        seconds.append(time.process_time() - begun)

    assert seconds[1] < 9 * seconds[0] + 0.05


def test_counted_sentences_are_where_the_sketch_counts_them() -> None:
    """As many spans as the sketch has sentences, each a piece of the text without its end."""
    made = fingerprint_of(TEXTS["B"]).sketch

    spans = ArticleText(TEXTS["B"]).sentences(lexicon()).spans

    assert made is not None
    assert len(spans) == len(made.sentence_bounds) - 1
    assert TEXTS["B"][slice(*spans[1])].startswith("A nighttime ferry")
    assert TEXTS["B"][slice(*spans[-1])].endswith("three weeks or more.")
