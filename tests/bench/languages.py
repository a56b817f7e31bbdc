"""Whether every language is judged as English is: good texts admitted, rewrites stopped, distinct articles let pass.

    python -m tests.bench.languages [DATA] [--only de,zh] [--refused] [--table admitted|rewrites|distinct]

DATA is a folder with ``good_LANG.jsonl.gz`` and ``rewrites_LANG.jsonl.gz``, by default ``../shared/data/languages``
beside this project; it is no part of the project. ``--refused`` lists each good text that is not admitted, with why.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.bench.shelf import read_lines
from tests.gates.stand import panel_of, phrasebook, read_of
from tests.originality.stand import Stand, known_of, lexicon, prepared_of, recipe

from winnowd.cleaning import clean
from winnowd.decision import decide
from winnowd.gates.limits import LanguageLimits
from winnowd.gates.measures.subject import Subject
from winnowd.gates.originality import OriginalityLimits
from winnowd.gates.originality.demotions import PairContext
from winnowd.gates.originality.grading import findings
from winnowd.model import Grade, Outcome, Standing
from winnowd.originality import fingerprint
from winnowd.originality.cascade import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from winnowd.gates.panel import Panel
    from winnowd.model import Decision, Prepared

_DATA: Final = Path(__file__).parents[2].parent / "shared" / "data" / "languages"
SHARES: Final = (0.1, 0.2, 0.3)
LEAST_WORDS: Final = 100
LAST_BY_SHARED_TEXT: Final = "DUP605"
_WORD: Final = re.compile(r"[^\W\d_]{1,2}|[^\w\s]+|\d+|\s+")
"""Of a script without blanks two letters are taken for a word: to replace them, nothing is measured by it."""
_FROM_SAKHA: Final = "sah"
"""Machines hardly know Sakha: what they make of it are no two versions of one text, and so counted by themselves."""
_WITHOUT_BLANKS: Final = frozenset({"zh", "ja", "th", "lo", "km", "my"})


class Text(NamedTuple):
    """A text of the development data, judged by the gates alone with its language accepted."""

    id: str
    text: str
    decision: Decision
    prepared: Prepared


@functools.cache
def panel(language: str) -> Panel:
    """All gates, with this language accepted."""
    return panel_of(language=LanguageLimits(accepted=(language,)))


def text_of(name: str, text: str, language: str) -> Text:
    """Clean, judge and fingerprint a text, as a worker does."""
    cleaned = clean(read_of(text), phrasebook())
    subject = Subject.of(cleaned, (language,))
    decision = decide(panel(language).examine(subject))
    made = fingerprint(
        cleaned.article.text,
        raw_digest=name.encode(),
        language=subject.language,
        publisher="",
        published=None,
        recipe=recipe(),
        lexicon=lexicon(),
    )
    return Text(name, cleaned.article.text, decision, prepared_of(cleaned.article.text, made))


def stops(first: Text, second: Text) -> bool:
    """Whether the whole gate of originality stops the second with the first in the corpus."""
    stand = Stand()
    stand.take(first.prepared, Standing.ADMITTED)
    return decide(stand.gate.examine(second.prepared).findings).outcome is not Outcome.ADMITTED


def meets(first: Text, second: Text) -> str:
    """The first code by which originality stops the second beside the first, though nobody proposed that one; or "".

    Those by shared text (DUP603 to DUP605) are of texts that quote one source, or describe one product.
    """
    limits = OriginalityLimits()
    new = second.prepared.fingerprint
    assert new is not None
    pairs = measure(new, [known_of(1, first.prepared)], limits.languages, limits.corroborated)
    cases = (PairContext(new, pair, limits, lambda _: True) for pair in pairs)
    codes = sorted(one.code for case in cases for one in findings(case) if one.grade is not Grade.PASS)
    return codes[0] if codes else ""


def pieces(text: str, language: str) -> list[str]:
    """A text as words and what stands between them."""
    return _WORD.findall(text) if language in _WITHOUT_BLANKS else re.split(r"(\s+)", text)


def replaced(text: str, pool: Sequence[str], share: float, language: str, rng: random.Random) -> str:
    """A text with this share of its words replaced by words of other texts."""
    made = pieces(text, language)
    words = [at for at, piece in enumerate(made) if any(map(str.isalpha, piece))]
    for at in rng.sample(words, round(share * len(words))):
        made[at] = rng.choice(pool)
    return "".join(made)


def admitted(data: Path, languages: Iterable[str], *, refused: bool) -> None:
    """The share of good texts that the gates admit, and what held or refused the others."""
    say(f"{'good texts':<12}{'texts':>6}{'admitted':>10}{'rejected':>10}   codes of the others, each text once a code")
    for language in languages:
        texts = goods(data, language)
        outcomes = Counter(one.decision.outcome for one in texts)
        codes = Counter(code for one in texts for code in dict.fromkeys(one.decision.codes))
        told = "  ".join(f"{code} {count}" for code, count in codes.most_common(8))
        share, rejected = (
            f"{outcomes[one] / len(texts):.3f}".lstrip("0") for one in (Outcome.ADMITTED, Outcome.REJECTED)
        )
        say(f"{language:<12}{len(texts):>6}{share:>10}{rejected:>10}   {told}")
        for one in texts if refused else ():
            if one.decision.outcome is not Outcome.ADMITTED:
                whys = (
                    f"{found.code} {found.because}" for found in one.decision.findings if found.grade is not Grade.PASS
                )
                say(f"    {one.id}: {'; '.join(whys)}")


@functools.cache
def goods(data: Path, language: str) -> list[Text]:
    """The good texts of a language, in the order of the file."""
    return [text_of(row["id"], row["text"], language) for row in read_lines(data / f"good_{language}.jsonl.gz")]


def rewrites(data: Path, languages: Iterable[str], *, refused: bool) -> None:
    """The shares of texts with words replaced, and of two versions of one document, that originality stops."""
    head = "".join(f"{f'{share:.0%} changed':>14}" for share in SHARES)
    say(f"\n{'stopped':<12}{'texts':>6}{head}   two versions of one document, of at least {LEAST_WORDS} words")
    for language in languages:
        texts = goods(data, language)
        pool = [word for one in texts for word in pieces(one.text, language) if any(map(str.isalpha, word))]
        cells = []
        for share in SHARES:
            rng = random.Random(17)  # noqa: S311 - which words are replaced is no secret
            changed = [
                text_of(f"{one.id} {share}", replaced(one.text, pool, share, language, rng), language) for one in texts
            ]
            cells.append(_share([stops(*pair) for pair in zip(texts, changed, strict=True)]))
        told = "  ".join(_by_kind(data, language, refused=refused))
        say(f"{language:<12}{len(texts):>6}{''.join(f'{cell:>14}' for cell in cells)}   {told}")


def _by_kind(data: Path, language: str, *, refused: bool) -> Iterator[str]:
    path = data / f"rewrites_{language}.jsonl.gz"
    found: dict[str, list[bool]] = {}
    for row in read_lines(path) if path.exists() else ():
        first, second = (text_of(f"{row['id']} {side}", row[side], language) for side in "ab")
        if min(first.prepared.words, second.prepared.words) < LEAST_WORDS:
            continue
        is_stopped = stops(first, second)
        kind = f"{row['kind']} (from {_FROM_SAKHA})" if _FROM_SAKHA in row["src"] else row["kind"]
        found.setdefault(kind, []).append(is_stopped)
        if refused and not is_stopped:
            say(f"    not stopped: {row['id']} ({row['kind']})")
    for kind, answers in sorted(found.items()):
        yield f"{kind} {_share(answers)} of {len(answers)}"


def _share(answers: Sequence[bool]) -> str:
    return f"{sum(answers) / len(answers):.3f}" if answers else "-"


def of_one_document(one: Text, other: Text) -> bool:
    """Whether two texts are translations of one document: their names differ in the last part, the translator."""
    return one.id.startswith("wmtref/") and one.id.rpartition("/")[0] == other.id.rpartition("/")[0]


def different(data: Path, languages: Iterable[str], *, refused: bool) -> None:
    """Of texts that are no versions of each other how many a rule stops: each other text, and the next passage."""
    head = f"{'pairs':>8}{'by shared text':>16}{'as rewrites':>14}"
    say(f"\n{'distinct':<12}{head}{'next passages':>15}{'stopped':>9}")
    total = Counter[str]()
    for language in languages:
        texts = goods(data, language)
        distinct = [pair for pair in itertools.permutations(texts, 2) if not of_one_document(*pair)]
        following = [pair for pair in itertools.pairwise(texts) if not of_one_document(*pair)]
        met = [(*pair, code) for pair in distinct if (code := meets(*pair))]
        pairs = [(one, other) for one, other, code in met if code > LAST_BY_SHARED_TEXT]
        after = [pair for pair in following if stops(*pair)]
        counts = f"{len(distinct):>8}{len(met) - len(pairs):>16}{len(pairs):>14}"
        say(f"{language:<12}{counts}{len(following):>15}{len(after):>9}")
        total.update({"pairs": len(distinct), "shared": len(met) - len(pairs), "stopped": len(pairs)})
        total.update({"next": len(following), "next stopped": len(after)})
        for one, other in (*[pair[:2] for pair in met], *after) if refused else ():
            say(f"    {one.id} stops {other.id}")
    counts = f"{total['pairs']:>8}{total['shared']:>16}{total['stopped']:>14}"
    say(f"{'all':<12}{counts}{total['next']:>15}{total['next stopped']:>9}")


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


TABLES: Final[dict[str, Callable[..., None]]] = {"admitted": admitted, "rewrites": rewrites, "distinct": different}


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=_DATA)
    parser.add_argument("--only", default="")
    parser.add_argument("--refused", action="store_true")
    parser.add_argument("--table", choices=tuple(TABLES))
    given = parser.parse_args()
    found = sorted(path.name.removeprefix("good_").partition(".")[0] for path in given.data.glob("good_*.jsonl.gz"))
    languages = [one for one in found if not given.only or one in given.only.split(",")]
    for name, table in TABLES.items():
        if given.table in {None, name}:
            table(given.data, languages, refused=given.refused)


if __name__ == "__main__":
    main()
