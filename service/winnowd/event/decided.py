"""The event of one decision: what was decided on which record, by which rules, against which corpus. Pure."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from winnowd.event.context import (
    DATASET,
    LONGEST_SENTENCE,
    SCHEMA,
    header,
    instant,
    instant_of_ns,
    measured,
    number,
    path_text,
    shown,
    visible,
)
from winnowd.layout import INBOX, evidence_file
from winnowd.model import Grade, Origin, Outcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from winnowd.article import Article
    from winnowd.event.context import Context
    from winnowd.model import EvidenceLine, Finding, Judged, Nearest, Note, Prepared

_ACTIONS: Final[dict[Outcome, tuple[str, tuple[str, ...]]]] = {
    Outcome.ADMITTED: ("admit", ("creation", "allowed")),
    Outcome.QUARANTINED: ("quarantine", ("info",)),
    Outcome.REJECTED: ("reject", ("info", "denied")),
}
_LONGEST_LICENCE: Final = 120


def decided(judged: Judged, context: Context, evidence: EvidenceLine | None = None) -> dict[str, Any]:
    """The event of a decision; ``evidence``: where its evidence stands, if it has some.

    One whose place is not known yet has no path, offset 0 and no hash, until it is ``addressed``. Keys stand in the
    order in which the log has them; the line adds the chain.
    """
    not_passed = judged.decision.not_passed
    worst = not_passed[0] if not_passed else None
    name = path_text(judged.arrival.path)[0].rpartition("/")[2]
    event = header(context, judged.decided_at, _message(judged, worst, name, context))
    event["event"] |= _event_block(judged, worst, context)
    event["trace"] = {"id": judged.arrival.id}
    event["file"] = _file(judged, name)
    if worst is not None:
        event["rule"] = _rule(worst, context)
    event["winnowd"] = _winnowd(judged, not_passed, context, evidence)
    return event


def evidence_path(judged: Judged) -> str:
    """Where the evidence of a batch lies in which this record is the first that has some, below the instance folder."""
    record = judged.prepared.provenance.record
    return evidence_file(judged.decided_at, judged.arrival.id, record)


def _message(judged: Judged, worst: Finding | None, name: str, context: Context) -> str:
    """One line without a word of the article; of outside text only the file's name, made visible."""
    provenance = judged.prepared.provenance
    what = visible(name) + (f" record {provenance.record}" if judged.prepared.raw is not None else "")
    if worst is None:
        return f"admitted {what} as {judged.name}"
    said = f"{judged.decision.outcome.value} {what}: {worst.code} {context.catalogue[worst.code].slug}"
    if worst.gate == "originality" and judged.nearest is not None and judged.nearest.twin:
        said += f" of {judged.nearest.id}"
    return said + (f" ({_figures(worst)})" if worst.measured is not None else "")


def _figures(worst: Finding) -> str:
    """``1.88, limit 1.30``: the measure and the limit that it has passed."""
    if worst.measured is None:
        return ""
    limit = None
    if worst.limit is not None:
        limit = worst.limit.fail if worst.grade is Grade.FAIL else worst.limit.doubt
    if limit is None:
        return shown(worst.measured)
    figure = shown(worst.measured, limit)
    decimals = len(figure.partition(".")[2])
    return f"{figure}, limit {limit:.{decimals}f}" if decimals else f"{figure}, limit {shown(limit)}"


def _event_block(judged: Judged, worst: Finding | None, context: Context) -> dict[str, Any]:
    action, types = _ACTIONS[judged.decision.outcome]
    block: dict[str, Any] = {"category": ["file"], "type": list(types), "action": action, "outcome": "success"}
    if worst is not None:
        block["code"] = worst.code
        figures = _figures(worst)
        begin = context.catalogue[worst.code].slug + (f" {figures}" if figures else "")
        block["reason"] = "; ".join(part for part in (begin, worst.because[:LONGEST_SENTENCE]) if part)
    block |= DATASET
    block["created"] = instant(judged.arrival.claimed_at)
    block["start"] = instant(judged.begun_at)
    block["end"] = instant(judged.decided_at)
    block["duration"] = _ns(judged.begun_at, judged.decided_at)
    return block


def _ns(begin: dt.datetime, end: dt.datetime) -> int:
    """Nanoseconds from one moment to another, exact to the microsecond; 0 if the clock went back."""
    span = end - begin
    return max(0, ((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds) * 1_000)


def _file(judged: Judged, name: str) -> dict[str, Any]:
    arrival, provenance = judged.arrival, judged.prepared.provenance
    block: dict[str, Any] = {"path": f"{INBOX}/{path_text(arrival.path)[0]}", "name": name}
    stem, dot, extension = name.rpartition(".")
    if stem and dot and extension:
        block["extension"] = extension
    block["size"] = arrival.size
    if mtime := instant_of_ns(arrival.mtime_ns):
        block["mtime"] = mtime
    if provenance.media_type:
        block["mime_type"] = provenance.media_type
    if provenance.raw_sha256:
        block["hash"] = {"sha256": provenance.raw_sha256}
    return block


def _rule(worst: Finding, context: Context) -> dict[str, Any]:
    return {
        "id": worst.code,
        "name": context.catalogue[worst.code].slug,
        "category": worst.gate,
        "ruleset": context.ruleset,
        "version": context.rules_version,
    }


def _winnowd(
    judged: Judged, not_passed: Sequence[Finding], context: Context, evidence: EvidenceLine | None
) -> dict[str, Any]:
    block: dict[str, Any] = {"schema": SCHEMA, "run": {"id": context.run}, "arrival": _arrival(judged)}
    if judged.prepared.article is not None:
        block["article"] = _article(judged.prepared, judged.name, judged.prepared.article)
    block["outcome"] = judged.decision.outcome.value
    block["codes"] = list(dict.fromkeys(finding.code for finding in not_passed))
    if judged.prepared.notes:
        block["notes"] = _notes(judged.prepared.notes)
    block["measured"] = measures(judged.decision.findings)
    if unmeasured := _unmeasured(judged.decision.findings):
        block["unmeasured"] = unmeasured
    if not_passed:
        block["findings"] = [_finding(finding, context) for finding in not_passed]
    if judged.nearest is not None:
        block["nearest"] = _nearest(judged.nearest)
    if evidence is not None:
        block["evidence"] = {
            "path": evidence.path,
            "offset": evidence.start,
            "sha256": evidence.sha256,
            "bytes": len(evidence.line),
        }
    block["destination"] = {"path": judged.location}
    block["corpus"] = {"sequence": judged.corpus_sequence, "articles": judged.corpus_articles}
    block["config"] = {"sha256": context.config}
    block["timings_ns"] = _timings(judged)
    return block


def _arrival(judged: Judged) -> dict[str, Any]:
    """How the record came; how many records its file has is known only of a file that is one record."""
    arrival = judged.arrival
    block: dict[str, Any] = {"id": arrival.id, "feed": arrival.feed, "record": judged.prepared.provenance.record}
    if judged.prepared.raw is None and not judged.prepared.provenance.record:
        block["records"] = 1
    if arrival.continues is not None:
        block["continues"] = arrival.continues[1]
    if undecoded := path_text(arrival.path)[1]:
        block["name_hex"] = undecoded
    return block


def _article(prepared: Prepared, name: str, article: Article) -> dict[str, Any]:
    block: dict[str, Any] = {"id": name, "text_sha256": prepared.text_sha256, "words": prepared.words}
    if language := prepared.language or article.language:
        block["language"] = language
    if article.published_at is not None:
        block["published"] = article.published_at.isoformat()[:10]
    origin = Origin.of(article)
    source = {"domain": origin.domain} if origin.domain else {}
    source |= {"category": origin.category, "licence": visible(origin.licence)[:_LONGEST_LICENCE]}
    block["source"] = {**source, "tdm_opt_out": origin.tdm_opt_out}
    return block


def _notes(notes: Sequence[Note]) -> list[dict[str, Any]]:
    """What reading and cleaning did, in catalogue order: how often, how many characters that took, of which kinds."""
    sums: dict[str, dict[str, Any]] = {}
    for note in notes:
        total = sums.setdefault(note.code, {"code": note.code, "count": 0, "chars": 0})
        total["count"] += note.count
        total["chars"] += len(note.text)
        if note.kinds:
            total["kinds"] = dict(note.kinds)
    return [sums[code] for code in sorted(sums)]


def measures(findings: Sequence[Finding]) -> dict[str, float | str]:
    """Every rule that was asked and has a measure; of several findings by one rule the worst."""
    found = {finding.code: finding.measured for finding in reversed(findings) if finding.measured is not None}
    return {code: measured(found[code]) for code in sorted(found, key=_NUMBER)}


def _unmeasured(findings: Sequence[Finding]) -> dict[str, str]:
    """What is said of a record by rules that pass it without a measure; most of these were not asked, and say why."""
    passed = [one for one in findings if one.measured is None and one.because and one.grade is Grade.PASS]
    return {one.code: one.because[:LONGEST_SENTENCE] for one in sorted(passed, key=lambda one: _NUMBER(one.code))}


_NUMBER = operator.itemgetter(slice(3, None))


def _finding(finding: Finding, context: Context) -> dict[str, Any]:
    rule = context.catalogue[finding.code]
    block: dict[str, Any] = {
        "code": finding.code,
        "rule": rule.slug,
        "gate": finding.gate,
        "grade": finding.grade.value,
    }
    if finding.measured is not None:
        block["measured"] = measured(finding.measured)
        if rule.unit:
            block["unit"] = rule.unit
    if finding.limit is not None:
        block["limit"] = {"side": finding.limit.side}
        for grade in ("doubt", "fail"):
            limit = getattr(finding.limit, grade)
            if limit is not None:
                block["limit"][grade] = number(limit)
    if finding.because:
        block["because"] = finding.because[:LONGEST_SENTENCE]
    return block


def _nearest(nearest: Nearest) -> dict[str, Any]:
    block: dict[str, Any] = {
        "id": nearest.id,
        "path": nearest.path,
        "text_sha256": nearest.text_sha256,
        "twin": nearest.twin,
    }
    if nearest.shared_runs is not None:
        block["shared_runs"] = number(nearest.shared_runs)
        block |= {"runs": nearest.runs, "longest_run_words": nearest.longest_run_words}
    for name, measure in (("resemblance", "resemblance"), ("containment", "excerpt")):
        if (value := nearest.measures.get(measure)) is not None:
            block[name] = number(value)
    block["candidates"] = nearest.candidates
    return block


def _timings(judged: Judged) -> dict[str, int]:
    timings = {"settle": _ns(judged.arrival.seen_at, judged.arrival.claimed_at), **judged.prepared.timings}
    if judged.originality_ns:
        timings["originality"] = judged.originality_ns
    return timings
