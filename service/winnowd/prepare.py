"""All that can be said of one file without the corpus: read, clean, judge, fingerprint. Pure; runs in a worker."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
from typing import TYPE_CHECKING

from winnowd.cleaning import clean
from winnowd.gates.measures.subject import Subject
from winnowd.model import Prepared, Provenance, Read, Unreadable
from winnowd.originality import fingerprint, without_passages
from winnowd.reading import read
from winnowd.reading.reader import counted, own_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from winnowd.cleaning import Phrasebook
    from winnowd.gates.panel import Panel
    from winnowd.model import Source
    from winnowd.originality import Lexicon, Recipe
    from winnowd.reading import ReadingLimits, SchemaPolicy
    from winnowd.reading.names import Fields


@dataclasses.dataclass(frozen=True, slots=True)
class Preparer:
    """Everything that judging one article needs; ``clock`` gives nanoseconds, for the timings only.

    Of a text of more than ``most_words`` only digests and bands are kept: it is rejected as it is, and laying it beside
    others like it would cost seconds each. ``feeds`` are the mappings of feeds, by the folders of the inbox.
    """

    reading: ReadingLimits
    schema: SchemaPolicy
    phrases: Phrasebook
    panel: Panel
    recipe: Recipe
    lexicon: Lexicon
    clock: Callable[[], int]
    most_words: float = math.inf
    feeds: Mapping[str, Fields] = dataclasses.field(default_factory=dict)

    def prepare(self, source: Source, first: int = 0) -> Iterator[Prepared]:
        """Prepare each record of one arrival, in order; a record that cannot be read is prepared as unreadable.

        Records before ``first`` are only read over.
        """
        begun = self.clock()
        records = read(source, self.reading, self.schema, own_of(self.feeds, source.feed))
        for item in itertools.islice(records, first, None):
            timings = {"read": self.clock() - begun}
            if isinstance(item, Unreadable):
                yield Prepared(item.provenance, None, item.notes, item.findings, raw=item.raw, timings=timings)
            else:
                yield self._judged(item, timings)
            begun = self.clock()

    def read_over(self, source: Source, first: int = 0) -> Iterator[Prepared]:
        """The records from ``first`` on, read and not judged: to know how many there are."""
        for number in itertools.islice(counted(source, self.reading, own_of(self.feeds, source.feed)), first, None):
            yield Prepared(Provenance(number, "", 0, ""), None, (), ())

    def _judged(self, item: Read, timings: dict[str, int]) -> Prepared:
        begun = self.clock()
        cleaned = clean(item, self.phrases)
        subject = Subject.of(cleaned, self.panel.accepted)
        timings["clean"] = (now := self.clock()) - begun
        findings = self.panel.examine(subject)
        timings["gates"] = (done := self.clock()) - now
        article = cleaned.article
        made = fingerprint(
            article.text,
            raw_digest=bytes.fromhex(item.provenance.raw_sha256),
            language=subject.language,
            publisher=article.publisher or "",
            published=article.published_day,
            recipe=self.recipe,
            lexicon=self.lexicon,
        )
        if subject.tokens.count > self.most_words:
            made = without_passages(made)
        timings["fingerprint"] = self.clock() - done
        return Prepared(
            item.provenance,
            article,
            cleaned.notes,
            item.findings + findings,
            fingerprint=made,
            text_sha256=hashlib.sha256(article.text.encode()).hexdigest(),
            words=subject.tokens.count,
            language=subject.language,
            raw=item.raw,
            timings=timings,
        )
