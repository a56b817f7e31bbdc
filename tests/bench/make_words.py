"""Make originality's table of English words from wordfreq's small list; run by hand, once per table.

    python -m venv /tmp/words && /tmp/words/bin/pip install wordfreq==3.1.1 numpy
    PYTHONPATH=service /tmp/words/bin/python tests/bench/make_words.py service/winnowd/originality/words_en.tsv.gz

Each entry of the list that is one word of the recipe, small and composed and not begun by a digit, becomes a line
``word TAB Z LF``, Z = round(100 x Zipf value), by code point. wordfreq (58 MB) is no dependency of winnowd.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import unicodedata
from pathlib import Path

from winnowd import kernels

EXPECTED = "b340ed1360c7f813"


def is_entry(word: str) -> bool:
    """Whether a word is composed and small, and cutting finds just this one word, not begun by a digit."""
    folded = unicodedata.normalize("NFC", word).casefold().encode()
    cut = kernels.words(folded)
    whole = len(cut.hashes) == 1 and (cut.starts[0], cut.ends[0]) == (0, len(folded))
    spelt = all(character.isascii() or character.isalnum() for character in word)
    return whole and spelt and folded == word.encode() and not word[0].isdigit()


def table() -> bytes:
    """The unpacked table."""
    import wordfreq  # type: ignore[import-not-found, unused-ignore]

    entries = wordfreq.get_frequency_dict("en", wordlist="small")
    kept = sorted(word for word in entries if is_entry(word))
    return "".join(f"{word}\t{round(100 * wordfreq.zipf_frequency(word, 'en', 'small'))}\n" for word in kept).encode()


def main() -> int:
    """Write the packed table to the path given; 1 if it is not the table that the recipe knows."""
    made = table()
    digest = hashlib.sha256(made).hexdigest()
    Path(sys.argv[1]).write_bytes(gzip.compress(made, 9, mtime=0))
    sys.stdout.write(f"{len(made.splitlines())} words, sha256 {digest}\n")
    return 0 if digest.startswith(EXPECTED) else 1


if __name__ == "__main__":
    sys.exit(main())
