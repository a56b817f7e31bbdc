"""Records of the log prepared once more, from the originals that were kept, or from the texts of the corpus."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import sys
from typing import TYPE_CHECKING, Any, Final

from winnowd.article import Article
from winnowd.layout import INDEX_PAGES, WORK
from winnowd.model import Finding, Grade, Portion, Prepared, Slice
from winnowd.operations.dry_run import Candidate, candidates_for
from winnowd.originality import digests_only, fingerprint
from winnowd.pipeline.from_events import (
    arrival_from_event,
    is_decision,
    is_order,
    provenance_from_event,
    record_from_event,
)
from winnowd.storage import packed
from winnowd.storage.originals import all_originals
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from winnowd.originality import Recipe
    from winnowd.settings import Loaded

Record = tuple[str, int]
GONE: Final = "\n"
"""What stands for a text that nobody has any more, while its story is told."""
_NO_DIGEST: Final = hashlib.sha256(b"").digest()
_STATED: Final = ("title", "url", "licence")


@dataclasses.dataclass(slots=True)
class ForwardScan:
    """What only later events tell of a record: where its text lies now, by what an erased one is still known."""

    locations: dict[Record, str] = dataclasses.field(default_factory=dict)
    remembered: dict[Record, tuple[bytes, bytes]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]]) -> ForwardScan:
        """Read all events once."""
        scan = cls()
        for event in events:
            if is_decision(event) or is_order(event):
                scan.add(event)
        return scan

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in the next decision or order."""
        ours, record = event["winnowd"], record_from_event(event)
        if ours["outcome"] == "admitted" or record in self.locations:
            self.locations[record] = str(ours.get("destination", {}).get("path", ""))
        if digests := ours.get("remembered"):
            raw, words = (bytes.fromhex(digests[name]) for name in ("raw_sha256", "words_sha256"))
            self.remembered[record] = (raw, words)


@dataclasses.dataclass(slots=True)
class Counts:
    """How the texts of articles came back: made again as they were; from the corpus; with another text; not at all."""

    made_again: int = 0
    from_corpus: int = 0
    otherwise: int = 0
    gone: int = 0


class Repreparer:
    """Prepares decisions of the log; ``close`` it."""

    def __init__(
        self, instance_dir: Path, loaded: Loaded, recipe: Recipe, forward_scan: ForwardScan, count: int
    ) -> None:
        """Take how many decisions there are in all, too."""
        self._instance_dir = instance_dir
        self._recipe = recipe
        self._forward_scan = forward_scan
        self.originals = all_originals(instance_dir)
        self._candidates = candidates_for(loaded, recipe, count)
        self._rows: dict[str, Mapping[str, Any]] | None = None
        self.reread: dict[Record, Prepared] = {}
        """What the originals of those prepared last gave, whatever text that was."""
        self.counts = Counts()
        self.without_text: set[Record] = set()

    def close(self) -> None:
        """End what prepares them."""
        self._candidates.close()

    def prepared(self, events: Sequence[Mapping[str, Any]], *, unreadable: bool = False) -> dict[Record, Prepared]:
        """The records of these decisions, whose arrivals are together; each is there.

        ``unreadable``: read also those that gave no article, to know whether they still give none.
        """
        self.reread = self._reprepared(events, unreadable=unreadable)
        return {
            record: self._as_decided(event, self.reread.get(record))
            for event in events
            for record in (record_from_event(event),)
        }

    def _reprepared(self, events: Sequence[Mapping[str, Any]], *, unreadable: bool = False) -> dict[Record, Prepared]:
        """What the originals that are still there give."""
        arrivals, first, most = [], dict[str, int](), 1
        for event in events:
            arrival, number = record_from_event(event)
            if not (unreadable or "article" in event["winnowd"]):
                continue
            most = max(most, number + 1 - first.get(arrival, number))
            if arrival in first:
                continue
            first[arrival] = number
            path = self._original(arrival)
            if path is not None:
                arrival_then = dataclasses.replace(arrival_from_event(event, 0), records_done=number)
                self._candidates.paths[arrival] = Candidate(str(path), str(event["file"]["name"]))
                arrivals.append(arrival_then)
        found: dict[Record, Prepared] = {}
        for arrival_then, answer in zip(
            arrivals, self._candidates.prepare(arrivals, Portion(most, sys.maxsize, math.inf)), strict=True
        ):
            if isinstance(answer, Slice):
                found |= {(arrival_then.id, one.provenance.record): one for one in answer.prepared}
        self._candidates.paths.clear()
        return found

    def _original(self, arrival: str) -> Path | None:
        waiting = self._instance_dir / WORK / arrival
        if waiting.exists():
            return waiting
        kept = self.originals.get(arrival[:8])
        return None if kept is None else self._instance_dir / kept

    def _as_decided(self, event: Mapping[str, Any], reprepared: Prepared | None) -> Prepared:
        """A record with the text that was decided on, or with as much of it as there still is."""
        article, provenance = event["winnowd"].get("article"), provenance_from_event(event)
        if article is None:
            return Prepared(provenance, None, (), ())
        record = record_from_event(event)
        sha256 = str(article["text_sha256"])
        if reprepared is not None and reprepared.text_sha256 == sha256:
            self.counts.made_again += 1
            return reprepared
        text = self._text(record, sha256)
        if text is not None:
            self.counts.from_corpus += 1
            made = (
                self._article(event, text) if reprepared is None or reprepared.article is None else reprepared.article
            )
            return self._fingerprinted(event, made.model_copy(update={"text": text}))
        self.without_text.add(record)
        if reprepared is not None and reprepared.article is not None:
            self.counts.otherwise += 1
            return dataclasses.replace(reprepared, text_sha256=sha256)
        self.counts.gone += 1
        raw, words = self._forward_scan.remembered.get(record) or (_digest(provenance.raw_sha256), _NO_DIGEST)
        nothing = Article(text=GONE)
        return Prepared(provenance, nothing, (), (), digests_only(raw, words), sha256, language="")

    def text(self, record: Record, sha256: str, event: Mapping[str, Any]) -> str | None:
        """A text that is asked for once more: as it lies now, or made again."""
        text = self._text(record, sha256)
        if text is not None:
            return text
        reprepared = self._reprepared([event]).get(record)
        is_it = reprepared is not None and reprepared.article is not None and reprepared.text_sha256 == sha256
        return reprepared.article.text if reprepared is not None and reprepared.article is not None and is_it else None

    def _text(self, record: Record, sha256: str) -> str | None:
        """The text as it lies in the corpus, or where it was moved to when it left."""
        location = self._forward_scan.locations.get(record)
        if not location:
            return None
        with contextlib.suppress(OSError):
            content = packed.read(self._instance_dir / location)
            if hashlib.sha256(content).hexdigest() == sha256:
                return content.decode()
        return None

    def _article(self, event: Mapping[str, Any], text: str) -> Article:
        """An article whose original is gone: what its event and its row in the index tell of it."""
        article_then = event["winnowd"]["article"]
        row = self._row(article_then["id"])
        fields = {name: row[name] for name in _STATED if row.get(name) not in {None, "unknown"}}
        if not row.get("url") and row.get("source"):
            fields["publisher"] = row["source"]
        if "published" in article_then:
            fields["published_at"] = article_then["published"]
        if row.get("authors"):
            fields["authors"] = tuple(row["authors"])
        if article_then.get("language"):
            fields["language"] = article_then["language"]
        return Article.model_validate_json(json.dumps({"text": text, **fields}))

    def _row(self, name: str) -> Mapping[str, Any]:
        if self._rows is None:
            pages = sorted((self._instance_dir / INDEX_PAGES).glob("[0-9]*/*.jsonl"))
            rows = [json.loads(line) for page in pages for line in page.read_bytes().splitlines()]
            self._rows = {row["id"]: row for row in rows}
        return self._rows.get(name, {})

    def _fingerprinted(self, event: Mapping[str, Any], article: Article) -> Prepared:
        article_then, provenance = event["winnowd"]["article"], provenance_from_event(event)
        language = str(article_then.get("language", ""))
        made = fingerprint(
            article.text,
            raw_digest=_digest(provenance.raw_sha256),
            language=language,
            publisher=article.publisher or "",
            published=article.published_day,
            recipe=self._recipe,
            lexicon=lexicon(),
        )
        damage = event["winnowd"].get("measured", {}).get("TXT501", 0)
        findings = (Finding("TXT501", "integrity", Grade.PASS, damage),)
        return Prepared(
            provenance,
            article,
            (),
            findings,
            made,
            article_then["text_sha256"],
            words=article_then["words"],
            language=language,
        )


def _digest(sha256: str) -> bytes:
    return bytes.fromhex(sha256) if sha256 else _NO_DIGEST
