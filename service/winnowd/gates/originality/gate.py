"""The gate itself: candidates, exact measures, grades, the twin and the evidence of one newcomer. Pure but for ports.

Owned by one thread; articles come one by one, in claim order: ``examine``, then ``remember`` with what became of it.
"""

from __future__ import annotations

import functools
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd.gates.originality import evidence, wording
from winnowd.gates.originality.collection import collection
from winnowd.gates.originality.demotions import RELATED, SAME_BYTES, SAME_TEXT, UNADMITTED, PairContext
from winnowd.gates.originality.grading import PairFinding, findings, notable, noted, worst_of_each
from winnowd.gates.originality.preferred_version import (
    SUPERSEDED,
    as_superseded,
    host_of,
    only_rival,
    preferred_version,
    superseding,
)
from winnowd.gates.originality.presenting import presentation_of
from winnowd.gates.originality.set_aside import is_settled, set_aside_note, stopped
from winnowd.gates.originality.skipped import skipped
from winnowd.gates.originality.standing import GATE
from winnowd.model import Examination, Finding, Grade, Nearest, Relation, Standing
from winnowd.originality.article_text import ArticleText
from winnowd.originality.cascade import measure
from winnowd.originality.weighing import Scales

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from winnowd.gates.limits import OriginalityLimits
    from winnowd.gates.originality.library_port import LibraryPort
    from winnowd.model import Fingerprint, IndexedArticle, Limit, Prepared
    from winnowd.originality.cascade import Pair
    from winnowd.originality.lexicon import Lexicon

MOST_ALSO = 3


class _Compared(NamedTuple):
    """A newcomer beside its candidates; ``exact_only``: beside those alone whose bytes or words it repeats."""

    candidates: int
    pairs: list[Pair]
    findings: list[PairFinding]
    exact_only: bool


class Originality:
    """Knows all articles met before, and tells of a newcomer whether it is a copy of one, of which, and why."""

    def __init__(self, limits: OriginalityLimits, lexicon: Lexicon, library: LibraryPort) -> None:
        self._limits = limits
        self._lexicon = lexicon
        self._library = library
        self._examined = ("", ArticleText(""))

    def grade_by(self, limits: OriginalityLimits) -> None:
        """Grade by other limits from now on; the index stays as it is, since no limit is in it."""
        self._limits = limits

    @property
    def nbytes(self) -> int:
        """The memory that the index takes."""
        return self._library.nbytes

    def expect(self, batch: Sequence[Prepared]) -> None:
        """These are about to be examined: what is known of what they resemble is asked for once for all of them.

        No answer depends on it: what is remembered between two of them counts for the second all the same.
        """
        self._library.expect([one.fingerprint for one in batch if one.fingerprint is not None])

    def examine(self, prepared: Prepared, without: frozenset[int] = frozenset()) -> Examination:
        """Compare a newcomer with all it may resemble; no findings for a record without an article.

        An article that is known itself is asked about ``without`` its own number.

        The index stays as it is: an article that was examined is not known until it is remembered. Its text is kept for
        ``remember``, until the next one is examined.
        """
        fingerprint, article = prepared.fingerprint, prepared.article
        if fingerprint is None or article is None:
            return Examination(())
        self._examined = (prepared.text_sha256, ArticleText(article.text))
        compared = self._compared(prepared, fingerprint, without)
        notable_pairs = notable(compared.findings)
        main_finding = notable_pairs[0] if notable_pairs else None
        pair = _most_alike(compared.pairs) if main_finding is None else main_finding.pair
        nearest = None if pair is None else _nearest(pair, main_finding, compared.candidates)
        findings = self._findings(fingerprint, compared, notable_pairs)
        if main_finding is not None:
            extra = {"candidates": compared.candidates, "also": _also(main_finding, notable_pairs)}
            findings = _with_evidence(findings, main_finding, extra)
        relations = _relations(compared.findings) if notable_pairs else ()
        shown = None if pair is None else presentation_of(pair, main_finding, compared.findings, notable_pairs)
        return Examination(tuple(findings), nearest, relations, presentation=shown)

    def _text_of(self, prepared: Prepared) -> ArticleText:
        """The text of a newcomer; of the one examined last with all that was derived from it."""
        sha256, examined = self._examined
        text = prepared.article.text if prepared.article else ""
        return examined if sha256 == prepared.text_sha256 and examined.text == text else ArticleText(text)

    def prefer_better(self, prepared: Prepared, examination: Examination) -> Examination:
        """The examination, or under ``keep = "best"`` that of a newcomer which takes the place of its twin.

        Then ``supersedes`` is the twin's number, nothing stops the newcomer, and DUP610 says why; once it has been
        remembered, ``supersede`` is due.
        """
        if self._limits.keep != "best" or all(one.grade is not Grade.FAIL for one in examination.relations):
            return examination
        indexed = self._library.indexed({one.number for one in examination.relations})
        rival = only_rival(prepared, examination, indexed)
        found = None if rival is None else preferred_version(prepared, examination, rival, self._limits)
        return examination if rival is None or found is None else superseding(examination, found, rival)

    def supersede(self, number: int, by: int, path: str, code: str = SUPERSEDED) -> IndexedArticle | None:
        """Know an article from now on as a copy of the one that took its place, lying at ``path``, and why.

        None if it is not there.
        """
        rival = self._library.indexed([number]).get(number)
        if rival is None:
            return None
        gone = as_superseded(rival, by, path, code)
        self._library.remember(gone)
        return gone

    def _compared(self, prepared: Prepared, fingerprint: Fingerprint, without: frozenset[int]) -> _Compared:
        """All candidates measured and graded; where some are equal, these alone, and nothing is asked of rewriting."""
        candidates = [indexed for indexed in self._library.candidates(fingerprint) if indexed.number not in without]
        exact = [indexed for indexed in candidates if _is_exact(fingerprint, indexed)]
        limits = self._limits
        languages = () if exact else limits.languages
        pairs = measure(fingerprint, exact or candidates, languages, limits.corroborated, self._library.side)
        host = host_of(prepared.article) if prepared.article else ""
        findings_of = functools.partial(self._pair_findings, fingerprint, host, without)
        found = findings_of(pairs)
        if exact:
            found = [[one for one in of_pair if one.code in {SAME_BYTES, SAME_TEXT}] for of_pair in found]
            return _Compared(len(candidates), pairs, [*chain.from_iterable(found)], exact_only=True)
        at = {pair.indexed.number: number for number, pair in enumerate(pairs)}
        for number in map(at.__getitem__, stopped(chain.from_iterable(found))):
            pairs[number] = weighed = self._weighed(pairs[number], self._text_of(prepared))
            if weighed.remainder is not None:
                found[number] = findings_of([weighed])[0]
            if is_settled(weighed, found[number]):
                break
        return _Compared(len(candidates), pairs, [*chain.from_iterable(found)], exact_only=False)

    def _weighed(self, pair: Pair, text: ArticleText) -> Pair:
        """A pair that would be stopped, by what counts of both texts; as it is, if the known one is gone."""
        number = pair.indexed.number
        other = self._library.text(number)
        if other is None:
            return pair
        scales = Scales(self._lexicon, self._limits.corroborated)
        return scales.weigh(pair, (text, other), functools.partial(self._library.standing, indexed=number))

    def _findings(
        self,
        fingerprint: Fingerprint,
        compared: _Compared,
        notable_pairs: Sequence[PairFinding],
    ) -> list[Finding]:
        """What was asked, what is noted, and what could not be asked."""
        graded = self._graded(fingerprint, compared.findings, exact_only=compared.exact_only)
        left_out = None if compared.exact_only else skipped(fingerprint, compared.pairs, self._limits)
        aside, held = set_aside_note(compared.pairs), collection(compared.pairs, self._limits)
        notes = (one for one in (left_out, aside, held) if one is not None)
        return [*graded, *_notes(notable_pairs), *notes]

    def _pair_findings(
        self, fingerprint: Fingerprint, host: str, without: frozenset[int], pairs: Sequence[Pair]
    ) -> list[list[PairFinding]]:
        """What the rules say of each of these pairs; a copy of what is left out is a copy of nothing in the corpus."""
        in_corpus = functools.partial(self._in_corpus, without)
        return [list(findings(PairContext(fingerprint, pair, self._limits, in_corpus, host))) for pair in pairs]

    def _in_corpus(self, without: frozenset[int], number: int | None) -> bool:
        if number is None or number in without:
            return False
        indexed = self._library.indexed([number]).get(number)
        return indexed is not None and indexed.standing is Standing.ADMITTED

    def _graded(self, fingerprint: Fingerprint, found: Sequence[PairFinding], *, exact_only: bool) -> list[Finding]:
        """One finding for each of DUP601 to DUP607 that was asked, with the pair that counts."""
        worst = worst_of_each(found)
        findings = []
        for code in self._codes(fingerprint, worst, exact_only=exact_only):
            finding = worst.get(code)
            if finding is None:
                findings.append(Finding(code, GATE, Grade.PASS, 0, limit=self._limit(code)))
                continue
            passed = finding.grade is Grade.PASS
            because = wording.passed(finding) if passed else wording.because(finding)
            extra = {} if passed else evidence.summary(finding)
            findings.append(Finding(code, GATE, finding.grade, finding.value, finding.limit, because, extra))
        return findings

    def _codes(self, fingerprint: Fingerprint, worst: Mapping[str, PairFinding], *, exact_only: bool) -> list[str]:
        """The rules that were asked: DUP606 and DUP607 only if some pair was aligned."""
        applicable = {SAME_BYTES: True, SAME_TEXT: fingerprint.words > 0}
        if not exact_only:
            applicable["DUP603"] = len(fingerprint.shingles) >= self._limits.least_shingles
            applicable["DUP604"] = len(fingerprint.shingles) >= self._limits.least_contained
            applicable["DUP605"] = fingerprint.words > 0
            applicable["DUP606"], applicable["DUP607"] = "DUP606" in worst, "DUP607" in worst
        return [code for code, is_applicable in applicable.items() if is_applicable]

    def _limit(self, code: str) -> Limit | None:
        return next((limit for limit in self._limits.by_measure if limit.code == code), None)

    def text(self, number: int) -> ArticleText | None:
        """The cleaned text of a known article, committed or not; None if it is gone."""
        return self._library.text(number)

    def remember(self, indexed: IndexedArticle, text: str | None = None) -> None:
        """Take in an article that was decided, whatever the outcome, or one whose standing has changed.

        Its text, until ``committed``, is that of the last ``examine`` if it is the same article and none is given.
        """
        sha256, examined = self._examined
        own = examined if sha256 == indexed.text_sha256 else None
        self._library.remember(indexed, own if text is None else ArticleText(text))

    def forget(self, numbers: Iterable[int] | None) -> None:
        """Ask the ports anew for these articles, or for all: they have changed."""
        self._library.forget(numbers)

    def savepoint(self) -> Any:  # noqa: ANN401 - the library's own secret
        """A point to roll back to, until ``committed``."""
        return self._library.savepoint()

    def rollback(self, savepoint: Any) -> None:  # noqa: ANN401 - the library's own secret
        """Forget all that was remembered since the savepoint: its commit failed."""
        self._library.rollback(savepoint)

    def committed(self) -> None:
        """All that was remembered is committed: the ports know it now."""
        self._library.committed()

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index from the ledger's rows (number, packed columns and standing); give their number."""
        return self._library.build(rows)


def _is_exact(fingerprint: Fingerprint, indexed: IndexedArticle) -> bool:
    """Equal bytes or equal words, and in the corpus: then nothing more is asked."""
    if indexed.standing is not Standing.ADMITTED:
        return False
    same_words = fingerprint.words > 0 and fingerprint.word_digest == indexed.fingerprint.word_digest
    return same_words or fingerprint.raw_digest == indexed.fingerprint.raw_digest


def _most_alike(pairs: Sequence[Pair]) -> Pair | None:
    return max(pairs, key=lambda one: (one.likeness, -one.indexed.number), default=None)


def _nearest(pair: Pair, main_finding: PairFinding | None, candidates: int) -> Nearest:
    """The twin, or else the candidate most like the newcomer."""
    indexed = pair.indexed
    return Nearest(
        id=indexed.id,
        number=indexed.number,
        path=indexed.path,
        text_sha256=indexed.text_sha256,
        standing=indexed.standing,
        twin=main_finding is not None and main_finding.grade is not Grade.PASS,
        measures=pair.figures,
        candidates=candidates,
        root=indexed.root,
    )


def _also(main_finding: PairFinding, notable_pairs: Sequence[PairFinding]) -> list[dict[str, Any]]:
    """Up to 3 other articles that are doubted or noted, each with its worst finding."""
    others: dict[int, PairFinding] = {}
    for one in notable_pairs:
        if one.indexed.number != main_finding.indexed.number:
            others.setdefault(one.indexed.number, one)
    return [evidence.summary(one) for one in list(others.values())[:MOST_ALSO]]


def _notes(notable_pairs: Sequence[PairFinding]) -> list[Finding]:
    """DUP608 and DUP609, one each, for the worst pair that is noted."""
    findings = []
    for code in (RELATED, UNADMITTED) if notable_pairs else ():
        one = noted(notable_pairs, code)
        if one is not None:
            because = wording.unadmitted(one) if code == UNADMITTED else wording.because(one)
            grade = Grade.DOUBT if one.waits else Grade.PASS
            findings.append(Finding(code, GATE, grade, one.value, because=because, evidence=evidence.summary(one)))
    return findings


def _with_evidence(findings: Iterable[Finding], main_finding: PairFinding, extra: Mapping[str, Any]) -> list[Finding]:
    """The findings, with all that is known of others put into the main one."""
    code = main_finding.note or main_finding.code
    return [one._replace(evidence={**one.evidence, **extra}) if one.code == code else one for one in findings]


def _relations(found: Sequence[PairFinding]) -> tuple[Relation, ...]:
    return tuple(
        Relation(one.indexed.number, one.code, one.grade, one.value, one.indexed.standing, one.note)
        for one in found
        if one.grade is not Grade.PASS or one.note
    )
