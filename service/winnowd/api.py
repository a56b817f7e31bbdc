"""winnowd for Python: judge a text or a file, and read the corpus of an instance and what was decided there.

All of it reads; who changes an instance does it by the command line. Names and fields are added to, never renamed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from winnowd.model.corpus import Article
from winnowd.model.waiting import Waiting

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from datasketch import LeanMinHash, MinHashLSH

    from winnowd.views.tally import Shown

__all__ = ["Article", "Corpus", "Decision", "ManyRecordsError", "Report", "Waiting", "check", "check_records"]

_PAGE: Final = 500


class ManyRecordsError(ValueError):
    """A file has not one record but several, or none: ``check_records`` gives a report of each."""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What would become of one record.

    ``outcome``: ``admitted``, ``quarantined`` or ``rejected``; ``codes``: the rules that doubt or stop it, worst first;
    ``measured``: the measure of each rule that was asked, by code; ``findings``: of each rule that it did not pass its
    code, grade, measure, limit and a sentence; ``notes``: what cleaning did; ``nearest``: the known article most like
    it, with ``twin``: whether it is a copy of that. ``id`` is None where nothing could be read as an article.
    """

    file: str
    record: int
    id: str | None
    outcome: str
    codes: tuple[str, ...]
    measured: Mapping[str, Any]
    findings: Sequence[Mapping[str, Any]]
    notes: Sequence[Mapping[str, Any]]
    nearest: Mapping[str, Any] | None

    @property
    def admitted(self) -> bool:
        """Whether it would come into the corpus."""
        return self.outcome == "admitted"


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of one record: the fields of a Report, and when, of what, by which event.

    ``arrival``: the id of the file that it came in, ``feed``: the folder of the inbox that it lay in; ``event``: the
    line of the audit log. What people ordered later is not in it.
    """

    sequence: int
    at: dt.datetime
    file: str
    feed: str
    arrival: str
    record: int
    id: str | None
    outcome: str
    codes: tuple[str, ...]
    measured: Mapping[str, Any]
    nearest: Mapping[str, Any] | None
    event: Mapping[str, Any] = dataclasses.field(repr=False)


def check(source: str | Path, against: str | os.PathLike[str] | None = None) -> Report:
    """Judge a text (``str``) or a file (``Path``) as the service would, and change nothing.

    ``against``: an instance, whose settings and corpus it is compared by; without one by the settings that are in force
    everywhere, and with no corpus. It is what ``winnowd check`` says of the same file.

    Raises:
        FileNotFoundError: there is no such file, or no such instance.
        OSError: the file cannot be read.
        ManyRecordsError: the file has several records, or none.
    """
    reports = list(check_records(source, against))
    if len(reports) != 1:
        raise ManyRecordsError(f"{len(reports)} records are in it: see check_records")
    return reports[0]


def check_records(source: str | Path, against: str | os.PathLike[str] | None = None) -> Iterator[Report]:
    """The same for each record of a file, one after the other; each is compared with those before it, too."""
    from winnowd.operations.corpus import must_be_instance
    from winnowd.operations.judging import judged

    instance_dir = None if against is None else Path(against).resolve()
    if instance_dir is not None:
        must_be_instance(instance_dir)
    return map(_report, judged(source, instance_dir))


def _report(one: Shown) -> Report:
    said: dict[str, Any] = one.fields()
    return Report(
        file=one.name,
        record=said["record"],
        id=said["id"],
        outcome=said["outcome"],
        codes=tuple(said["codes"]),
        measured=said["measured"],
        findings=said["findings"],
        notes=said["notes"],
        nearest=said["nearest"],
    )


class Corpus:
    """The corpus of the instance in a folder, beside a service or without one.

    Each call reads anew: what came since is in it.
    """

    def __init__(self, instance_dir: str | os.PathLike[str]) -> None:
        """Take a folder.

        Raises:
            NoInstanceError: it is no instance.
        """
        from winnowd.operations.corpus import must_be_instance

        self._instance_dir = Path(instance_dir).resolve()
        must_be_instance(self._instance_dir)

    def articles(self, since: int = 0) -> Iterator[Article]:
        """The articles, oldest first, with their texts; or only those let in after the event ``since``.

        None where nothing was decided yet; an article whose text is lost is left out (``winnowd verify`` names it).

        Raises:
            NotYetError: the log ends before ``since``.
            LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
        """
        from winnowd.operations.corpus import NoLedgerError, extract

        with contextlib.suppress(NoLedgerError), extract(self._instance_dir, since) as found:
            yield from found.articles()

    def decisions(self, since: int = 0) -> Iterator[Decision]:
        """What was decided, oldest first, as the audit log has it; or only after the event ``since``."""
        from winnowd.operations.decisions import decisions

        return map(_decision, decisions(self._instance_dir, since))

    def queue(self, *, feed: str = "", codes: Sequence[str] = ()) -> Iterator[Waiting]:
        """What waits for a person, oldest first; of a feed and its sub-folders alone, or of one of these codes.

        None where nothing was decided yet.

        Raises:
            LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
        """
        from winnowd.model.waiting import Selection
        from winnowd.operations.queue import queue

        chosen, after = Selection(feed=feed, codes=tuple(codes)), 0
        while items := queue(self._instance_dir, chosen, most=_PAGE, after=after).items:
            yield from items
            after = items[-1].number

    def lsh(self, threshold: float = 0.5) -> MinHashLSH:
        """An ordinary ``datasketch.MinHashLSH`` of the corpus's own signatures by id; ask it with ``minhash``.

        Raises:
            NoLedgerError: nothing was decided yet, so there are none.
        """
        from winnowd.operations.corpus import extract
        from winnowd.operations.signatures import lsh_of

        with extract(self._instance_dir) as found:
            return lsh_of(found, threshold)

    def minhash(self, text: str) -> LeanMinHash:
        """The signature of a text as those of the corpus are made.

        Raises:
            ValueError: it has no words.
            NoLedgerError: nothing was decided yet, so nobody knows how they are made.
        """
        from winnowd.operations.corpus import extract
        from winnowd.operations.signatures import signature_of

        with extract(self._instance_dir) as found:
            return signature_of(text, found)


def _decision(event: Mapping[str, Any]) -> Decision:
    ours, arrival = event["winnowd"], event["winnowd"]["arrival"]
    return Decision(
        sequence=event["event"]["sequence"],
        at=dt.datetime.fromisoformat(event["@timestamp"]),
        file=event["file"]["path"],
        feed=arrival.get("feed", ""),
        arrival=arrival["id"],
        record=arrival["record"],
        id=ours.get("article", {}).get("id"),
        outcome=ours["outcome"],
        codes=tuple(ours["codes"]),
        measured=ours["measured"],
        nearest=ours.get("nearest"),
        event=event,
    )
