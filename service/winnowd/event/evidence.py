"""The evidence of one decision: what it shares with its twin, and all that cleaning took. Pure; this may quote.

It is a line in a file of its batch, of which the log holds only place and hash, so that ``erase`` can blank it.
Passages are Web Annotations in both texts: positions in code points of the texts with the stated hashes, for the
longest ones quotes with so much around them that the passage can be shown without either text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.event.context import SCHEMA, ascii_json
from winnowd.model import Grade

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.model import Finding, Judged, Note

LONGEST: Final = 1 << 20
"""Bytes of one record's evidence."""
AROUND: Final = 70
"""Characters quoted before and after a passage."""
MOST_QUOTED: Final = 12
"""Passages that are quoted, the longest; a rewrite has dozens, and three to five are shown."""
LONGEST_QUOTE: Final = 1_000
BANDS: Final = (5, 7, 12)
"""Words from which a shared run belongs to band 2, 3, 4; shorter ones to band 1."""

_REMOVING: Final = range(311, 341)
"""CLN codes that lift or remove whole lines; the others mend characters."""
_TITLE: Final = "CLN312"
_NOTED: Final = frozenset({"DUP608", "DUP609", "DUP612", "SCH205", "SCH206", "SCH207", "SCH208", "SCH210"})
"""What has evidence though it stops nothing: relatives, and fields that were set aside."""


def evidence(judged: Judged, twin_text: str | None = None) -> dict[str, Any] | None:
    """All that a person needs to see why; None if there is nothing to show that its event has not.

    ``twin_text`` is the text of ``judged.nearest``, None if it is gone: then passages have positions only. An admitted
    article has evidence if lines were taken from it, a relative or a faulty field was noted; a title stands as it was
    in its index row and needs no file of its own.
    """
    found = _telling(judged.decision.findings)
    removed = [_removed(note) for note in judged.prepared.notes if _takes_lines(note)]
    if not (found or judged.decision.not_passed or _more_than_title(removed)):
        return None
    twin = _twin(judged, found)
    parts = {"twin": twin, "findings": [_with_twin(finding, twin) for finding in found], "removed_lines": removed}
    if not (any(parts.values()) or _fields(judged)):
        return None
    return {
        "schema": SCHEMA,
        "arrival": judged.arrival.id,
        "record": judged.prepared.provenance.record,
        **_article(judged),
        **{name: part for name, part in parts.items() if part},
        **_shared(judged, found, twin_text),
    }


def _telling(findings: Sequence[Finding]) -> list[Finding]:
    """Those with evidence that doubt, fail, note a relative or a field that was set aside."""
    return [one for one in findings if one.evidence and (one.grade is not Grade.PASS or one.code in _NOTED)]


def _more_than_title(removed: Sequence[Mapping[str, Any]]) -> bool:
    return any(line["code"] != _TITLE for line in removed)


def encoded(block: Mapping[str, Any]) -> bytes:
    """One line without its LF, at most 1 MiB: the shortest passages go first, then the last removed lines."""
    data = _bytes(block)
    if len(data) <= LONGEST:
        return data
    cut = {**block, "cut": {}}
    for name in ("passages", "removed_lines", "findings"):
        kept = list(cut.get(name, ()))
        while kept and len(data := _bytes(cut)) > LONGEST:
            kept = _lighter(kept, by_words=name == "passages")
            cut[name] = kept
            cut["cut"][name] = len(block[name]) - len(kept)
    return data if len(data) <= LONGEST else _bytes(cut)


def _lighter(entries: list[dict[str, Any]], *, by_words: bool) -> list[dict[str, Any]]:
    """The better half, in the order in which all stood."""
    half = len(entries) // 2
    if not by_words:
        return entries[:half]
    best = sorted(range(len(entries)), key=lambda at: (-entries[at]["words"], at))[:half]
    return [entries[at] for at in sorted(best)]


def _bytes(block: Mapping[str, Any]) -> bytes:
    return ascii_json(block)


def _article(judged: Judged) -> dict[str, Any]:
    article = judged.prepared.article
    if article is None:
        return {}
    return {"article": {"id": judged.name, "text_sha256": judged.prepared.text_sha256}} | _fields(judged)


def _fields(judged: Judged) -> dict[str, Any]:
    """What names the article to a person; the event has none of it."""
    article = judged.prepared.article
    if article is None:
        return {}
    fields = {"title": article.title, "url": article.url, "authors": list(article.authors or ())}
    return {name: value if isinstance(value, list) else str(value) for name, value in fields.items() if value}


def _twin(judged: Judged, found: Sequence[Finding]) -> dict[str, Any]:
    """The known article as the gate named it; without such a finding as the nearest one says."""
    for finding in found:
        if "passages" in finding.evidence or "twin" in finding.evidence:
            return dict(finding.evidence["twin"])
    nearest = judged.nearest
    if nearest is None or not nearest.twin:
        return {}
    return {
        "id": nearest.id,
        "path": nearest.path,
        "text_sha256": nearest.text_sha256,
        "standing": nearest.standing.value,
    }


def _shared(judged: Judged, found: Sequence[Finding], twin_text: str | None) -> dict[str, Any]:
    """Sentences and passages of the finding that laid both texts side by side; {} if none did."""
    shared = next((finding.evidence for finding in found if "passages" in finding.evidence), None)
    article = judged.prepared.article
    if shared is None or article is None:
        return {}
    texts = {"item": article.text, "twin": twin_text}
    return {
        "sentences": [_sentence_pair(pair, texts) for pair in shared.get("pairs", ())],
        "passages": _passages(shared["passages"], texts),
    }


def _with_twin(finding: Finding, twin: Mapping[str, Any]) -> dict[str, Any]:
    """A finding's evidence, without what stands by itself."""
    apart = {"passages", "pairs", "code", "grade"}
    rest = {name: value for name, value in finding.evidence.items() if name not in apart}
    if rest.get("twin") == twin:
        del rest["twin"]
    return {"code": finding.code, "grade": finding.grade.value, **rest}


def _takes_lines(note: Note) -> bool:
    return bool(note.text) and (not note.code.startswith("CLN") or int(note.code[3:]) in _REMOVING)


def _removed(note: Note) -> dict[str, Any]:
    return {"code": note.code, "line": note.line, "count": note.count, "text": note.text}


def band(words: int) -> int:
    """The band of a shared run, 1 to 4: runs of 3-4, 5-6, 7-11, 12 and more words."""
    return 1 + sum(words >= least for least in BANDS)


def _sentence_pair(pair: Mapping[str, Any], texts: Mapping[str, str | None]) -> dict[str, Any]:
    entry: dict[str, Any] = {"similarity": pair["similarity"]}
    for side, text in texts.items():
        start, end = pair[side]
        entry[side] = _position(start, end)
        if text is not None:
            quote = {"type": "TextQuoteSelector", "exact": text[start:end]}
            entry["quote"] = entry.get("quote", {}) | {side: quote}
    return entry


def _position(start: int, end: int) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": start, "end": end}


def _passages(passages: Sequence[Mapping[str, Any]], texts: Mapping[str, str | None]) -> list[dict[str, Any]]:
    longest = sorted(range(len(passages)), key=lambda at: (-passages[at]["words"], at))
    quoted = set(longest[:MOST_QUOTED])
    entries = []
    for at, passage in enumerate(passages):
        entry: dict[str, Any] = {"words": passage["words"], "band": band(passage["words"])}
        for side, text in texts.items():
            start, end = passage[side]
            entry[side] = _position(start, end)
            if at in quoted and text is not None:
                entry["quote"] = entry.get("quote", {}) | {side: _quote(text, start, end)}
        entries.append(entry)
    return entries


def _quote(text: str, start: int, end: int) -> dict[str, Any]:
    """A quote with what stands around it; of a longer passage its beginning, and then ``suffix`` is what follows."""
    stop = min(end, start + LONGEST_QUOTE)
    return {
        "type": "TextQuoteSelector",
        "exact": text[start:stop],
        "prefix": text[max(0, start - AROUND) : start],
        "suffix": text[stop : stop + AROUND],
    }
