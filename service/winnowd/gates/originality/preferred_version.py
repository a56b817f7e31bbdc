"""Which of two versions is kept: ``keep = "best"`` (docs/design/originality.md, "Which version is kept"). Pure.

A pair changes places at most once: what was superseded is a copy from then on, and a text that is known as a copy
supersedes nothing.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from winnowd.gates.originality.demotions import SAME_BYTES, SAME_TEXT
from winnowd.gates.originality.standing import GATE
from winnowd.model import Finding, Grade, IndexedArticle, QualityKey, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from winnowd.article import Article
    from winnowd.gates.limits import OriginalityLimits
    from winnowd.model import Examination, Fingerprint, Prepared, Relation

SUPERSEDED = "DUP610"
INTEGRITY = "TXT501"
LOWER = 1.0
LONGER = 1.10
_LITERAL = frozenset({"DUP603", "DUP604", "DUP605"})
_REPLACEABLE = _LITERAL | {SAME_TEXT, "DUP606", "DUP607"}
_EXACT = frozenset({SAME_BYTES, SAME_TEXT})


class PreferredVersion(NamedTuple):
    """By which rule the newcomer is a copy of the article that gives way to it, and what decided."""

    code: str
    because: str


def quality_key(prepared: Prepared) -> QualityKey:
    """What is kept of a newcomer for the day when a better version comes, or to replace a worse one now."""
    article = prepared.article
    sums = (finding.measured for finding in prepared.findings if finding.code == INTEGRITY)
    damage = next((float(value) for value in sums if isinstance(value, int | float)), 0.0)
    return QualityKey(damage, *(("", 0) if article is None else (host_of(article), _metadata_count(article))))


def host_of(article: Article) -> str:
    """The host of its address, or ""."""
    if not article.url:
        return ""
    try:
        return urlsplit(article.url).hostname or ""
    except ValueError:  # a bracket without its pair: an address to the schema, no host to anyone
        return ""


def _metadata_count(article: Article) -> int:
    """How many it states of title, authors, publisher, url, published_at, language, licence."""
    metadata_count = (
        article.title, article.authors, article.publisher, article.url, article.published_at, article.language,
        article.licence,
    )  # fmt: skip
    return sum(1 for value in metadata_count if value)


def only_rival(
    prepared: Prepared, examination: Examination, indexed: Mapping[int, IndexedArticle]
) -> IndexedArticle | None:
    """The one admitted article because of which alone a newcomer fails; None if there is more to it.

    ``indexed``: the articles it has a relation to. No other gate doubts or fails it; it fails by DUP602 to DUP607 only,
    and against one; whatever else stops it is a copy of that one; and its own text is not known from elsewhere.
    """
    if not _is_only_a_copy(prepared, examination):
        return None
    failed = {one.number for one in examination.relations if one.grade is Grade.FAIL}
    rival = indexed.get(failed.pop()) if len(failed) == 1 else None
    if rival is None or not _may_give_way(rival, prepared):
        return None
    return rival if all(_allows(indexed, one, rival) for one in examination.relations) else None


def _is_only_a_copy(prepared: Prepared, examination: Examination) -> bool:
    """Whether no other gate stops it, and originality only by rules under which a better version takes a place."""
    return not _stopping(prepared.findings) and _stopping(examination.findings) <= _REPLACEABLE


def _stopping(findings: Iterable[Finding]) -> set[str]:
    return {finding.code for finding in findings if finding.grade is not Grade.PASS}


def _may_give_way(rival: IndexedArticle, prepared: Prepared) -> bool:
    """Whether it is in the corpus with another text: one text is one file there, and cannot take its own place."""
    return rival.standing is Standing.ADMITTED and rival.text_sha256 != prepared.text_sha256


def _allows(indexed: Mapping[int, IndexedArticle], relation: Relation, rival: IndexedArticle) -> bool:
    """Whether it is one to the rival; or to another text, which stops nothing unless it is a copy of the rival."""
    if relation.number == rival.number:
        return True
    return relation.code not in _EXACT and (relation.grade is Grade.PASS or _is_copy(indexed, relation, rival))


def _is_copy(indexed: Mapping[int, IndexedArticle], relation: Relation, rival: IndexedArticle) -> bool:
    other = indexed.get(relation.number)
    return other is not None and other.standing is Standing.COPY and other.root == rival.number


def preferred_version(
    prepared: Prepared, examination: Examination, rival: IndexedArticle, limits: OriginalityLimits
) -> PreferredVersion | None:
    """Whether the newcomer is the better version, and why: the first difference decides, a tie keeps the known one.

    Length counts only for a copy that the shared text proves (DUP603 to DUP605): who retells an article also pads it.
    """
    made = prepared.fingerprint
    if made is None or rival.quality_key is None:
        return None
    failing = sorted({one.code for one in examination.relations if one.grade is Grade.FAIL})
    new, old = _Version(made, quality_key(prepared)), _Version(rival.fingerprint, rival.quality_key)
    for sign, because in _differences(new, old, limits, literal=failing[0] in _LITERAL):
        if sign:
            return PreferredVersion(failing[0], because) if sign > 0 else None
    return None


class _Version(NamedTuple):
    made: Fingerprint
    quality_key: QualityKey


def _differences(
    new: _Version, old: _Version, limits: OriginalityLimits, *, literal: bool
) -> Iterator[tuple[int, str]]:
    """Each thing compared, in order: 1 if it speaks for the newcomer, -1 if against; and how the winner is told."""
    yield _sign(old.quality_key.integrity - new.quality_key.integrity, LOWER), "its text is less damaged"
    if new.made.published is not None and old.made.published is not None:
        yield _sign(old.made.published - new.made.published, 1), "it was published earlier"
    yield _sign(_rank(old, limits.sources) - _rank(new, limits.sources), 1), "its source is preferred"
    words, before = new.made.words, old.made.words
    if literal and words <= limits.extended * before:
        yield (words >= LONGER * before) - (before >= LONGER * words), "it is more complete"
    yield _sign(new.quality_key.metadata_count - old.quality_key.metadata_count, 1), "more is known about it"


def _sign(difference: float, least: float) -> int:
    return (difference >= least) - (difference <= -least)


def _rank(version: _Version, sources: tuple[str, ...]) -> int:
    """The place of its host or publisher among the preferred ones, best first; behind all of them if not named."""
    named = [source.casefold() for source in sources]
    mine = {version.quality_key.host.casefold(), version.made.publisher.casefold()} - {""}
    return min((named.index(name) for name in mine if name in named), default=len(named))


def superseding(examination: Examination, gone: PreferredVersion, rival: IndexedArticle) -> Examination:
    """The examination of a newcomer that replaces its twin: what failed it is told and passes, DUP610 says why."""
    passed = tuple(
        finding
        if finding.grade is Grade.PASS
        else finding._replace(grade=Grade.PASS, because=f"{finding.because}; yet it takes its place")
        for finding in examination.findings
    )
    because = f"takes the place of {rival.id}: {gone.because}"
    evidence = {"old": rival.id, "path": rival.path, "code": gone.code, "because": gone.because}
    note = Finding(SUPERSEDED, GATE, Grade.PASS, rival.id, because=because, evidence=evidence)
    relations = tuple(
        one if one.grade is Grade.PASS else dataclasses.replace(one, grade=Grade.PASS, note=SUPERSEDED)
        for one in examination.relations
    )
    nearest = None if examination.nearest is None else dataclasses.replace(examination.nearest, twin=False)
    return dataclasses.replace(
        examination, findings=(*passed, note), nearest=nearest, relations=relations, supersedes=rival.number
    )


def as_superseded(rival: IndexedArticle, number: int, path: str, code: str) -> IndexedArticle:
    """How the article that gave way is known from now on: a copy of that in its place, lying at ``path``, and why."""
    return dataclasses.replace(rival, path=path, standing=Standing.COPY, root=number, codes=(code,))
