"""The limits of all gates, with their defaults and where those come from (docs/design/gates.md). Pure.

They stand apart from what measures, so that whoever only asks for limits, as settings do, imports neither numpy nor a
pattern.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from winnowd.gates.measures.languages import ENGLISH, OVERALL_SHARE, SURE
from winnowd.model import Grade, Limit


@dataclass(frozen=True, slots=True)
class LengthLimits:
    """Gopher's limits (Rae et al. 2021), but 80 words, not 50: under 80 only stubs were met; C4's giant word."""

    too_few_words: Limit = Limit("QUA401", "words", "min", 100, 80)
    too_many_words: Limit = Limit("QUA402", "words", "max", 25_000, 100_000)
    words_too_short: Limit = Limit("QUA403", "mean_word_length", "min", 3.3, 3.0)
    words_too_long: Limit = Limit("QUA404", "mean_word_length", "max", 7.0, 10.0)
    giant_word: Limit = Limit("QUA405", "longest_word", "max", 100, 1_000)


@dataclass(frozen=True, slots=True)
class CharactersLimits:
    """Gopher's (406, 407, 409), NeMo Curator's (412, 414) and our own limits, set on 2,055 known-good texts.

    411 and 413 are NeMo Curator's questions asked so that they hold in every script: symbols without blanks, and blanks
    per word. Their limits are where English texts come out as by the shares of characters that were asked before.
    408 is Gopher's 0.80 as a doubt, with words instead of tokens: counted with punctuation, 8 % of good texts fail. 410
    is a signal of RedPajama-V2, which gives no limit.
    """

    hash_signs: Limit = Limit("QUA406", "hashes", "max", 0.03, 0.1)
    ellipses: Limit = Limit("QUA407", "ellipses", "max", 0.03, 0.1)
    letter_words: Limit = Limit("QUA408", "letter_words", "min", 0.80, 0.75)
    stop_words: Limit = Limit("QUA409", "stop_words", "min", 4, 2)
    capital_words: Limit = Limit("QUA410", "capital_words", "max", 0.15, 0.40)
    symbol_characters: Limit = Limit("QUA411", "symbol_chars", "max", 0.055, 0.085)
    digit_characters: Limit = Limit("QUA412", "digit_chars", "max", 0.08, 0.15)
    blank_characters: Limit = Limit("QUA413", "blank_chars", "max", 1.35, 1.65)
    bracket_characters: Limit = Limit("QUA414", "bracket_chars", "max", 0.05, 0.10)
    web_addresses: Limit = Limit("QUA415", "addresses", "max", 0.015, 0.03)


@dataclass(frozen=True, slots=True)
class Genres:
    """What becomes of a text that is no prose but of another genre."""

    verse: Grade = Grade.DOUBT
    recipe: Grade = Grade.DOUBT
    results: Grade = Grade.DOUBT


@dataclass(frozen=True, slots=True)
class ProseLimits:
    """FineWeb's limits for lines (420, 423, 424), Gopher's (425, 426), and our own by words (421, 422).

    C4's rule to drop lines without a mark would drop 14 to 19 % of news, mC4's three lines of 200 characters fail 35 %.
    """

    line_marks: Limit = Limit("QUA420", "line_marks", "min", 0.40, 0.12)
    marked_words: Limit = Limit("QUA421", "marked_words", "min", 0.60, 0.40)
    long_line_words: Limit = Limit("QUA422", "long_line_words", "min", 0.50, 0.40)
    short_lines: Limit = Limit("QUA423", "short_lines", "max", 0.67, 0.85)
    newlines: Limit = Limit("QUA424", "newlines", "max", 0.20, 0.30)
    bullet_lines: Limit = Limit("QUA425", "bullet_lines", "max", 0.60, 0.90)
    ellipsis_lines: Limit = Limit("QUA426", "ellipsis_lines", "max", 0.15, 0.30)
    genres: Genres = field(default_factory=Genres)


@dataclass(frozen=True, slots=True)
class RepetitionLimits:
    """Gopher's limits (Rae et al. 2021, table A1) as fails; half of them doubted, 0.8 of those for runs of 5 to 10."""

    repeated_lines: Limit = Limit("QUA430", "repeated_lines", "max", 0.15, 0.30)
    repeated_line_characters: Limit = Limit("QUA431", "repeated_line_chars", "max", 0.10, 0.20)
    repeated_paragraphs: Limit = Limit("QUA432", "repeated_paragraphs", "max", 0.15, 0.30)
    repeated_paragraph_characters: Limit = Limit("QUA433", "repeated_paragraph_chars", "max", 0.10, 0.20)
    top_2_gram: Limit = Limit("QUA434", "top_2_gram", "max", 0.10, 0.20)
    top_3_gram: Limit = Limit("QUA435", "top_3_gram", "max", 0.09, 0.18)
    top_4_gram: Limit = Limit("QUA436", "top_4_gram", "max", 0.08, 0.16)
    repeated_5_grams: Limit = Limit("QUA437", "repeated_5_grams", "max", 0.120, 0.15)
    repeated_6_grams: Limit = Limit("QUA438", "repeated_6_grams", "max", 0.112, 0.14)
    repeated_7_grams: Limit = Limit("QUA439", "repeated_7_grams", "max", 0.104, 0.13)
    repeated_8_grams: Limit = Limit("QUA440", "repeated_8_grams", "max", 0.096, 0.12)
    repeated_9_grams: Limit = Limit("QUA441", "repeated_9_grams", "max", 0.088, 0.11)
    repeated_10_grams: Limit = Limit("QUA442", "repeated_10_grams", "max", 0.080, 0.10)


@dataclass(frozen=True, slots=True)
class ClutterLimits:
    """Our own limits but for 452 (C4's ``lorem ipsum``); RefinedWeb's 5 % for removed lines is too strict for news."""

    removed_share: Limit = Limit("QUA450", "removed_share", "max", 0.30, 0.50)
    html_leftover: Limit = Limit("QUA451", "tags", "max", 3, 20)
    placeholder_text: Limit = Limit("QUA452", "placeholder", "max", None, 0)
    error_page: Limit = Limit("QUA453", "error_lines", "max", None, 0)
    consent_wall: Limit = Limit("QUA454", "consent_share", "max", 0.10, 0.25)
    paywall_stub: Limit = Limit("QUA455", "raw_words", "min", 300, 150)
    cut_off: Limit = Limit("QUA456", "cut_off", "max", 0, None)
    whole_page: Limit = Limit("QUA457", "outside_lines", "max", 0, None)
    said_twice: Limit = Limit("QUA458", "repeated_share", "max", 0.40, None)


@dataclass(frozen=True, slots=True)
class LanguageLimits:
    """``accepted`` languages; the confidence from which the model is believed; the share of English marker words.

    ``floor`` 0.65 is FineWeb's and DCLM's. ``english``: from this share of marker words on a text holds English,
    whatever the model says. ``detected``: fail what is in no accepted language. ``declared``: doubt what is in another
    language than it declares.
    """

    accepted: tuple[str, ...] = (ENGLISH,)
    floor: float = SURE
    english: float = OVERALL_SHARE
    detected: bool = True
    declared: bool = True


@dataclass(frozen=True, slots=True)
class IntegrityLimits:
    """TXT501 needs both: the weight of the damage, and that per 1,000 words; its grade is the milder of the two.

    Set on 2,055 known-good texts, of which 3 are truly damaged, and on two damaged ones.
    """

    corrupted_text: Limit = Limit("TXT501", "integrity", "max", 3, 5, reached=True)
    corrupted_per_1000: Limit = Limit("TXT501", "integrity_per_1000", "max", 2, 5, reached=True)
    mojibake: Limit = Limit("TXT502", "mojibake", "max", None, 0)
    lost_characters: Limit = Limit("TXT503", "lost_chars", "max", 0, 2)
    control_characters: Limit = Limit("TXT504", "control_chars", "max", 0, 9)
    lookalikes: Limit = Limit("TXT505", "lookalike_words", "max", 0.01, 0.10)


RESEMBLANCE = Limit("DUP603", "resemblance", "max", 0.30, 0.50, reached=True)
EXCERPT = Limit("DUP604", "excerpt", "max", 0.40, 0.70, reached=True)
WRAPPED = Limit("DUP605", "wrapped", "max", 0.40, 0.70, reached=True)
REWRITE = Limit("DUP606", "rewrite", "max", 1.00, 1.30, reached=True)
REORDERED = Limit("DUP607", "reordered", "max", 0.48, 0.60, reached=True)


@dataclass(frozen=True, slots=True)
class OriginalityLimits:
    """Where a resemblance begins to be doubted and where it fails, and what moderates it.

    Distinct articles on one event were measured to reach at most .20 (resemblance), .34 (excerpt, wrapped), .98
    (rewrite), .46 (reordered: R, the order close by); the limits stand above these. ``corroborated``: of articles with
    at least this in reordered it is asked whether they are a rewrite (so it takes both to tell one), and reordered is
    doubted from here on if all numbers agree, and there are at least ``numbers_agree`` (with 3 a distinct pair of court
    reports was doubted, with 5 none). ``related``: rewrite values from here on are noted as follow-ups.
    ``few_sentences``, ``extended``, ``numbers_differ``, ``numbers_share``, ``follow_up_days``: caps
    (docs/design/originality.md, "What moderates a grade"). ``languages``: those asked for rewriting, "*" all;
    ``doubt_only``: those of them that may only doubt, as all but English do. ``keep``: the first article of a pair, or
    the better one, by ``sources`` (hosts or publishers, best first) among other things.
    """

    resemblance: Limit = RESEMBLANCE
    excerpt: Limit = EXCERPT
    wrapped: Limit = WRAPPED
    rewrite: Limit = REWRITE
    reordered: Limit = REORDERED
    related: float = 0.60
    corroborated: float = 0.40
    least_shingles: int = 30
    least_contained: int = 60
    few_sentences: int = 4
    extended: float = 2.5
    numbers_differ: int = 3
    numbers_share: float = 0.5
    numbers_agree: int = 5
    follow_up_days: int = 3
    challenge_days: int = 1
    keep: Literal["first", "best"] = "first"
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("*",)
    doubt_only: tuple[str, ...] = ()

    @property
    def by_measure(self) -> tuple[Limit, ...]:
        """The limits of DUP603 to DUP607, in this order."""
        return (self.resemblance, self.excerpt, self.wrapped, self.rewrite, self.reordered)


GATES: tuple[tuple[str, type[object]], ...] = (
    ("length", LengthLimits),
    ("characters", CharactersLimits),
    ("prose", ProseLimits),
    ("repetition", RepetitionLimits),
    ("clutter", ClutterLimits),
    ("language", LanguageLimits),
    ("integrity", IntegrityLimits),
)
"""The gates that need no corpus, in the order in which they are asked, each with the class of its limits."""
