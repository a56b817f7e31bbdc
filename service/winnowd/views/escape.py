"""Text from outside made harmless where it is shown: terminal, Markdown, YAML. Pure.

Nothing here trusts its input: titles and names are written by strangers.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Final

LONGEST_CELL: Final = 120
ELLIPSIS: Final = "…"

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_WRITTEN: Final = {sign: f"\\{sign}" for sign in "\\|[]*_~`$"} | {
    sign: f"&{name};"
    for sign, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ("@", "#64"), (":", "#58"), (".", "#46"))
}
_MEANING: Final = re.compile(r"[&<>@\\|\[\]*_~`$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What Markdown takes for more than itself; a colon and a full stop only in an address."""
_TICKS: Final = re.compile(r"`+")
_SHORTEST_FENCE: Final = 3


def printable(text: str) -> str:
    """Text for a terminal or a sentence: what is control, escape, bidi, zero-width or private is named ``<U+202E>``.

    Line breaks are named too: who has lines splits them before. Blanks of any width stay.
    """
    if text.isprintable():
        return text
    return "".join(f"<U+{ord(sign):04X}>" if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def flat(text: str, most: int = LONGEST_CELL) -> str:
    """One line, composed: each run of blanks one space, what does not print dropped, with an ellipsis at ``most``."""
    text = " ".join(unicodedata.normalize("NFC", text[: 8 * most]).split())
    if not text.isprintable():
        text = " ".join("".join(sign for sign in text if unicodedata.category(sign) not in _HIDDEN).split())
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def cell(text: str, *, most: int = LONGEST_CELL, empty: str = "") -> str:
    """Text for a cell of a Markdown table or a line of it: as GFM it is plain text again, without link, mark or tag."""
    return _MEANING.sub(_written, flat(text, most)) or empty


def _written(found: re.Match[str]) -> str:
    return _WRITTEN[found[0]]


def fenced(lines: list[str], info: str = "text") -> list[str]:
    """Lines as a code block: its fence is longer than any run of backticks in them."""
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return [f"{fence}{info}", *lines, fence]


def yaml(text: str) -> str:
    """Text as a YAML scalar in JSON's quotes; what does not print is dropped."""
    kept = "".join(sign for sign in text if unicodedata.category(sign) not in _HIDDEN)
    return json.dumps(kept, ensure_ascii=False)
