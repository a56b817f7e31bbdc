"""What a copy is of its twin, in a reader's words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_COPY: Final = {
    "DUP601": "has the very bytes of {twin}",
    "DUP602": "has the very words of {twin}",
    "DUP603": "{be} a near copy of {twin}",
    "DUP604": "{be} an excerpt of {twin}",
    "DUP605": "{be} {twin} with more around it",
    "DUP606": "{be} a rewrite of {twin}",
    "DUP607": "{be} a rewrite of {twin} in another order",
    "DUP609": "is much like {twin}, which waits, too",
}


def copied(code: str, grade: str, twin: str, nearest: Mapping[str, Any]) -> str:
    """A sentence without its subject: ``is a rewrite of TWIN: 68 % of its words in shared runs``.

    ``twin``: what is called so, escaped; ``nearest``: its measures, as in the event. "" for a code that names no twin.
    """
    if code not in _COPY:
        return ""
    said = _COPY[code].format(be="is" if grade == "fail" else "may be", twin=twin)
    share = nearest.get("shared_runs")
    return said + (f": {100 * share:.0f} % of its words in shared runs" if share else "")
