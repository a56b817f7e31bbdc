"""The corpus read by what is outside: its articles with their texts, what came since an event, and what has left."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from typing import TYPE_CHECKING

from winnowd.audit.behind import ledger_to_ask
from winnowd.layout import SETTINGS, STATE
from winnowd.model.corpus import Article, Departure
from winnowd.storage import packed
from winnowd.storage.packed import DamagedBlockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from winnowd.originality import Recipe
    from winnowd.storage.ledger import Ledger
    from winnowd.storage.ledger.corpus import ListedArticle, StoredSignature


class NoInstanceError(FileNotFoundError):
    """A folder is no instance; the text names it."""


class NoLedgerError(Exception):
    """There is no ledger yet: nothing was ever decided."""


class NotYetError(Exception):
    """An event is asked about that the log has not come to; the text says where it ends."""


def nothing() -> None:
    """Count for nobody."""


@dataclasses.dataclass(slots=True)
class Extract:
    """What is in the corpus by the event ``until``, and came in after ``since`` (0: all of it).

    ``count``: how many articles there are; ``departures``: what left after ``since``, in order; ``step`` is called for
    each article that was read. Who puts the articles of
    an extract into those of the one before, by id, and takes the departed out, has what the corpus had at ``until``: so
    what comes or goes while an extract is read is left to the next one. ``missing``: ids whose text is not there or not
    the one that was admitted; whole once ``articles`` has ended.
    """

    since: int
    until: int
    count: int
    departures: tuple[Departure, ...]
    instance_dir: Path
    ledger: Ledger
    step: Callable[[], None]
    missing: list[str] = dataclasses.field(default_factory=list)

    @property
    def is_increment(self) -> bool:
        """Whether it tells only what has changed."""
        return self.since > 0

    @property
    def recipe(self) -> Recipe | None:
        """By what the signatures were made; None before the first run."""
        return self.ledger.articles.recipe()

    def articles(self) -> Iterator[Article]:
        """The articles, oldest first; read as they are asked for."""
        for listed in self.ledger.corpus.articles(self.since, self.until):
            text = self._text(listed)
            if text is not None:
                yield Article.of(listed.row, text)
                self.step()
            elif self.ledger.corpus.contains(listed.number):  # it has not left just now
                self.missing.append(listed.row["id"])

    def signatures(self) -> Iterator[StoredSignature]:
        """The signatures of the same articles, in the same order."""
        for signature in self.ledger.corpus.signatures(self.since, self.until):
            yield signature
            self.step()

    def _text(self, listed: ListedArticle) -> str | None:
        """From its file; of one just admitted from where it comes from, until it lies there."""
        content = self._file(listed.location) or self._awaited(listed.location) or self._file(listed.location)
        if content is None or hashlib.sha256(content).hexdigest() != listed.row["text_sha256"]:
            return None
        return content.decode()

    def _awaited(self, location: str) -> bytes | None:
        effect = self.ledger.corpus.awaited(location)
        if effect is None or effect.content is not None or effect.source is None:
            return None if effect is None else effect.content
        return self._file(effect.source)

    def _file(self, location: str) -> bytes | None:
        try:
            return packed.read(self.instance_dir / location)
        except (FileNotFoundError, DamagedBlockError):
            return None


def must_be_instance(instance_dir: Path) -> None:
    """See that a folder is an instance.

    Raises:
        NoInstanceError: it has neither a configuration nor a state.
    """
    if not (instance_dir / STATE).is_dir() and not (instance_dir / SETTINGS).is_file():
        raise NoInstanceError(f"{instance_dir} is no instance: it has neither {SETTINGS} nor {STATE}/")


@contextlib.contextmanager
def extract(instance_dir: Path, since: int = 0, step: Callable[[], None] = nothing) -> Iterator[Extract]:
    """What the corpus holds, or what has changed after the event ``since``; ``step``: one more was read.

    Raises:
        NoLedgerError: nothing was ever decided there.
        NotYetError: the log ends before ``since``.
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    try:
        ledger = ledger_to_ask(instance_dir)
    except FileNotFoundError:
        raise NoLedgerError from None
    with contextlib.closing(ledger):
        until = ledger.outbox.end().sequence
        if since > until:
            raise NotYetError(f"the log ends with event {until:,}, and event {since:,} is not there yet")
        left = [one for one in ledger.pages.tombstones() if since < one["sequence"] <= until]
        departures = tuple(Departure(one["id"], one["action"], one["at"], one["sequence"]) for one in left)
        count = ledger.corpus.count(since, until)
        yield Extract(since, until, count, departures if since else (), instance_dir, ledger, step)
