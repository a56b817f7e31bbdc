"""The sentences of originality's findings: numbers and ids of known articles, never a word of any article. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.model import Standing

if TYPE_CHECKING:
    from winnowd.gates.originality.grading import PairFinding
    from winnowd.model import Nearest


def percent(share: float) -> str:
    """A share as text: ``61 %``."""
    return f"{100 * share:.0f} %"


def because(finding: PairFinding) -> str:
    """Why a finding has its grade."""
    reasons = [finding.raised, *(reason for _, reason in finding.demoted)]
    return "; ".join((_plainly(finding), *filter(None, reasons)))


def by_shared_runs(because: str, nearest: Nearest) -> str:
    """Why a finding of a rewrite has its grade, told by the runs of words shared with that article, if there are any.

    These are known only once the texts lie side by side.
    """
    if not nearest.shared_runs:
        return because
    shared = f"{percent(nearest.shared_runs)} of its words in runs of 3+ words shared, in order, with {nearest.id}"
    return because.replace(_SENTENCES["DUP606"].format(indexed=nearest.id), shared, 1)


def _plainly(finding: PairFinding) -> str:
    measures = finding.pair.measures
    shares = measures.overlap
    placed = measures.position
    return _SENTENCES[finding.code].format(
        indexed=finding.indexed.id,
        value=finding.value,
        resemblance=percent(shares.resemblance),
        excerpt=percent(shares.excerpt),
        wrapped=percent(shares.wrapped),
        held=percent(placed.held if placed else 0.0),
        near=percent(placed.near if placed else 0.0),
    )


_SENTENCES = {
    "DUP601": "the same bytes as {indexed}",
    "DUP602": "the same words in the same order as {indexed}",
    "DUP603": "{resemblance} of all runs of five words stand in both it and {indexed}",
    "DUP604": "{excerpt} of its runs of five words stand in {indexed}",
    "DUP605": "it holds {wrapped} of the runs of five words of {indexed}",
    "DUP606": "its rare words and sentences come in the order of {indexed}",
    "DUP607": "{held} of the rare words are shared with {indexed}, and {near} of their neighbours, "
    "wherever these stand",
    "DUP608": "rewrite {value:.2f} with {indexed}: the same matter, told anew or continued",
}


_BECAME = {
    Standing.QUARANTINED: "waits in quarantine",
    Standing.REJECTED: "was rejected",
    Standing.COPY: "was turned away as a copy",
    Standing.RETRACTED: "was retracted",
    Standing.ERASED: "was erased",
    Standing.ADMITTED: "is in the corpus",
}


def unadmitted(finding: PairFinding) -> str:
    """Why DUP609 is noted: the rule and value it would have had, and what became of that article."""
    indexed = finding.indexed
    codes = f" ({', '.join(indexed.codes)})" if indexed.codes else ""
    waits = ": it waits with that one" if finding.waits else ""
    return f"{finding.code} {finding.value:g} with {indexed.id}, which {_BECAME[indexed.standing]}{codes}{waits}"


def passed(finding: PairFinding) -> str:
    """What a passing rule says: the highest value, and with which article."""
    return f"highest with {finding.indexed.id}" if finding.value else ""
