"""Findings a line each: for a terminal or an editor, and as GitHub's workflow commands beside a change. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.views.tally import Shown

_LEVELS: Final = {"fail": "error", "doubt": "warning"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def concise_lines(shown: Sequence[Shown]) -> Iterator[str]:
    """A line for each doubt and fail: ``a.txt: DUP606 rewrite fail: because``."""
    for one in shown:
        for finding in one.event["winnowd"].get("findings", ()):
            head = f"{one.name}: {finding['code']} {finding['rule']} {finding['grade']}"
            yield printable(f"{head}: {_because(finding)}")


def annotation_lines(shown: Sequence[Shown]) -> Iterator[str]:
    """A line for each doubt and fail: ``::error file=a.txt,title=DUP606 rewrite::because``.

    They name no line: those of evidence are of the cleaned text, not of the file.
    """
    for one in shown:
        for finding in one.event["winnowd"].get("findings", ()):
            yield _annotation(finding, one)


def _annotation(finding: Mapping[str, Any], one: Shown) -> str:
    properties = {"file": one.name, "title": f"{finding['code']} {finding['rule']}"}
    said = ",".join(f"{name}={printable(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{_LEVELS[finding['grade']]} {said}::{printable(_because(finding)).translate(_DATA)}"


def _because(finding: Mapping[str, Any]) -> str:
    return finding.get("because") or str(finding.get("measured", finding["grade"]))
