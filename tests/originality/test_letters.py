"""Languages without a table: what their letters weigh, held to plain Python; rewrites are doubted, none is failed."""

from __future__ import annotations

import itertools
import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gates.plain import is_alone, parts
from tests.originality.stand import Stand, fingerprint_of, lexicon, prepared_of
from tests.samples.stand import OWN

from winnowd import kernels
from winnowd.gates.originality import OriginalityLimits
from winnowd.model import Grade, Outcome, Standing
from winnowd.originality.cascade import EVERY, comparable
from winnowd.originality.letters import PAIRS, SOUTHEAST_RUNS, WORDS, lexicon_for, lexicon_named
from winnowd.originality.sketch import lay_out, sentence_ends
from winnowd.text.folding import fold2

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((OWN / "languages").glob("*.txt"))}
LONG = [name for name in TEXTS if fingerprint_of(TEXTS[name], language=name).words >= 100]
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
MIXED = st.lists(
    st.sampled_from(
        [
            *"中文日本語かなカナภาษาไทย",
            *("ก็", "ที่", " ", "。", "abc", "42", "7", "é", "한국어", "경찰관이", "ꯃꯤꯇꯩ", "слово", "हिन्दी"),
        ]
    )
).map("".join)


def letters_each(word: str) -> int:
    """How many letters each of a word counts as: two in Hangul, where one is a syllable."""
    return 2 if "\uac00" <= word[0] <= "\udfff" else 1


def weight(word: str) -> int:
    """What a folded word weighs, letter by letter."""
    if word[0] in "0123456789":
        return 300 if len(word) <= 2 else 550
    letters = len(word) * letters_each(word)
    return 0 if letters < 4 else min(517, 70 * letters - 115)


def stem(word: str) -> str:
    """What stands for its stem."""
    if word[0] in "0123456789":
        return word
    return word[: 5 // letters_each(word)]


def hash_of(piece: str) -> int:
    """The upper half of the hash of a piece."""
    return int(kernels.hash_each([piece.encode()])[0]) >> 32


@pytest.mark.parametrize("word", ["가수들", "경찰관", "깊어서", "나무들", "힘들다"])
def test_every_syllable_of_hangul_counts_alike(word: str) -> None:
    """From the first of them on: in UTF-8 those that begin with ㄱ have a lead byte of their own."""
    folded = fold2(word)

    found = WORDS.terms(folded, kernels.words(folded))

    assert found.weights.tolist() == [70 * 6 - 115]


@given(ANY | MIXED)
def test_words_weigh_what_plain_python_says(text: str) -> None:
    """By the number of their letters; the first of them are the term."""
    folded = fold2(text)
    words = kernels.words(folded)
    spelt = [folded[start:end].decode() for start, end in zip(words.starts.tolist(), words.ends.tolist(), strict=True)]

    found = WORDS.terms(folded, words)

    assert found.weights.tolist() == [weight(word) for word in spelt]
    assert found.ids.tolist() == [hash_of(stem(word)) for word in spelt]


@pytest.mark.parametrize("runs", [PAIRS, SOUTHEAST_RUNS], ids=["pairs", "runs"])
@given(text=ANY | MIXED)
def test_runs_of_letters_are_those_of_plain_python(runs: object, text: str) -> None:
    """Each letter with its marks begins one, up to what parts it from the next; a shorter stretch is one by itself."""
    assert runs in {PAIRS, SOUTHEAST_RUNS}
    kind = PAIRS if runs is PAIRS else SOUTHEAST_RUNS
    folded = fold2(text)
    plain = folded.decode()
    stretches: list[list[tuple[int, int]]] = []
    for part in parts(plain):
        if stretches and stretches[-1][-1][1] == part[0]:
            stretches[-1].append(part)
        else:
            stretches.append([part])
    expected = [
        plain[some[at][0] : some[min(at + kind.letters, len(some)) - 1][1]]
        for some in stretches
        for at in range(max(1, len(some) - kind.letters + 1))
    ]

    units, _ = kind.units(folded, kernels.words(folded))

    assert units.hashes.tolist() == [int(one) for one in kernels.hash_each([one.encode() for one in expected])]
    weights = [
        kind.hiragana_weight if kind.hiragana_weight and re.fullmatch("[\u3041-\u309f]+", one) else kind.weight
        for one in expected
    ]
    assert kind.terms(folded, units).weights.tolist() == weights


@given(ANY | MIXED, st.sampled_from(["en", "de", "zh", "th", ""]))
def test_a_text_has_the_same_words_by_whatever_lexicon(text: str, language: str) -> None:
    """The recipe's words, and so shingles and digests, do not hang on it: older fingerprints go on being compared."""
    by_letters = lay_out(text, lexicon_for(text, language, lexicon()))

    assert by_letters.words.hashes.tolist() == lay_out(text).words.hashes.tolist()


@pytest.mark.parametrize("language", TEXTS)
def test_a_fingerprint_names_the_lexicon_that_its_script_asks_for(language: str) -> None:
    """English alone is weighed by the table; a name that nobody knows is that of nothing."""
    name = fingerprint_of(TEXTS[language], language=language).lexicon

    assert name == {"zh": "pairs-1", "ja": "pairs-1", "th": "runs-1"}.get(language, "letters-1")
    assert lexicon_named(name, lexicon()).name == name
    assert fingerprint_of(TEXTS[language], language="en").lexicon == "en-table-1"
    assert is_alone(TEXTS[language]) == (name != "letters-1")


@pytest.mark.parametrize("language", LONG)
def test_a_text_with_a_fifth_of_its_words_replaced_is_doubted_and_never_failed(language: str) -> None:
    """In every script; the finding says why it is not more."""
    text = TEXTS[language]
    pieces = re.findall(r"[^\W\d_]{1,2}|[^\w\s]+|\s+", text) if is_alone(text) else re.split(r"(\s+)", text)
    words = [at for at, piece in enumerate(pieces) if any(map(str.isalpha, piece))]
    rng = random.Random(5)  # noqa: S311 - which words are replaced is no secret
    for at in rng.sample(words, len(words) // 5):
        pieces[at] = pieces[rng.choice(words)]
    stand = Stand()
    first, second = (prepared_of(one, fingerprint_of(one, language=language)) for one in (text, "".join(pieces)))
    stand.take(first, Standing.ADMITTED)

    decision, _ = stand.take(second)

    found = {one.code: one for one in decision.findings}
    assert decision.outcome is not Outcome.ADMITTED
    assert "DUP606" in found
    assert found["DUP606"].grade is Grade.DOUBT
    assert f"not measured enough for '{language}'" in str(found["DUP606"].evidence) + found["DUP606"].because


def test_one_story_in_many_languages_is_a_copy_of_none() -> None:
    """What is told again in another language has other words."""
    made = {name: prepared_of(text, fingerprint_of(text, language=name)) for name, text in TEXTS.items()}
    for one, other in itertools.permutations(made, 2):
        stand = Stand()
        stand.take(made[one], Standing.ADMITTED)

        assert stand.take(made[other])[0].outcome is Outcome.ADMITTED


def test_only_what_one_lexicon_weighs_is_compared() -> None:
    """A fingerprint of an earlier version has none but the table's; a language that is not named is not asked."""
    chinese, thai, english = (
        fingerprint_of(TEXTS["zh"], language="zh"),
        fingerprint_of(TEXTS["th"], language="th"),
        fingerprint_of(TEXTS["zh"], language="en"),
    )

    assert comparable(chinese, chinese, (EVERY,))
    assert comparable(chinese, chinese, ("zh",))
    assert not comparable(chinese, chinese, ("en",))
    assert not comparable(chinese, thai, (EVERY,))
    assert not comparable(chinese, english, (EVERY,))
    assert OriginalityLimits().languages == (EVERY,)


@pytest.mark.parametrize("language", ["zh", "ja", "hi", "bn", "ar", "ru"])
def test_sentences_end_at_the_stops_of_their_script(language: str) -> None:
    """As many as a reader counts: each stop is an end, and so is each line."""
    text = TEXTS[language].strip()
    stops = sum(unicodedata.category(one) == "Po" and one in "。।.؟" for one in text)

    layout = lay_out(text, lexicon_for(text, language, lexicon()))

    assert len(sentence_ends(layout.plain, layout.sentence_end)) >= stops - 1
