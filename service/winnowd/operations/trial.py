"""One decision after the other made anew, beside the instance: in a ledger of its own that is told what was decided.

Before each decision is told it is made once more, against all that was told before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.event import measures
from winnowd.gates.originality import Originality, OriginalityLimits
from winnowd.layout import SEEDS
from winnowd.model import Grade, Line, Standing
from winnowd.operations.replay_log import Replayer
from winnowd.operations.replayed import ALWAYS, Difference, Missing
from winnowd.operations.reprepare import Repreparer
from winnowd.originality import new_recipe
from winnowd.originality.library import Library
from winnowd.pipeline.from_events import is_decision, record_from_event
from winnowd.pipeline.judge import Judge
from winnowd.pipeline.order import RefusedError
from winnowd.pipeline.order_planner import OrderPlanner
from winnowd.settings import load_logged
from winnowd.storage.disk import Disk
from winnowd.storage.paths import Paths, Seeds
from winnowd.storage.texts import StoredTexts
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.audit.reader import Logged
    from winnowd.model import Arrival, Finding, Judged, Prepared, StateChange
    from winnowd.operations.replayed import Grades, Period, Record, Replayed, Would
    from winnowd.operations.reprepare import ForwardScan
    from winnowd.settings import Loaded, Settings
    from winnowd.storage.ledger import Ledger

_OWN_FAULT: Final = "SYS"
"""How codes begin by which the service holds what it failed at itself, or has only counted."""


class Preparing:
    """What prepares the decisions of one configuration after the other."""

    def __init__(self, instance_dir: Path, loaded: Mapping[str, Loaded], forward_scan: ForwardScan, lines: int) -> None:
        self._instance_dir, self._loaded, self._forward_scan, self._lines = instance_dir, loaded, forward_scan, lines
        self.recipe = new_recipe(lexicon().sha256)
        self._default = load_logged({}, {})
        self._sha256 = ""
        self.repreparer = self._made()

    def _made(self) -> Repreparer:
        return Repreparer(self._instance_dir, self.loaded, self.recipe, self._forward_scan, self._lines)

    @property
    def loaded(self) -> Loaded:
        """The configuration now; one that nobody tells whole is default, and nothing is judged by it."""
        return self._loaded.get(self._sha256, self._default)

    @property
    def is_whole(self) -> bool:
        """Whether the configuration now is told whole."""
        return self._sha256 in self._loaded

    def under(self, sha256: str) -> bool:
        """Prepare by another configuration from now on, unless it is the same; whether it is another."""
        if sha256 == self._sha256:
            return False
        self._sha256 = sha256
        self.repreparer.close()
        self.repreparer = self._made()
        return True

    def end(self) -> None:
        """End what prepares."""
        self.repreparer.close()


class Sought(NamedTuple):
    """Which decisions are made anew, and whether the corpus follows them."""

    period: Period
    follows: bool


class Trial(Replayer):
    """Tells events to a ledger of its own; each decision is made anew before, and counted."""

    def __init__(self, folder: Path, ledger: Ledger, preparing: Preparing, found: Replayed, sought: Sought) -> None:
        super().__init__(folder, preparing.loaded, ledger, preparing.repreparer)
        self._disk, self._found, self._preparing, self._sought = Disk(folder), found, preparing, sought
        self.would_be: dict[Record, Would] = {}
        self._gone: set[str] = set()
        self.among: set[Record] | None = None if sought.period == ALWAYS else set()
        library = Library(ledger.articles, StoredTexts(self._disk, ledger.articles))
        self._originality = Originality(OriginalityLimits(), lexicon(), library)
        seeds = Seeds(ledger.pages.placed)
        self._judge = Judge(self._originality, ledger.decisions, seeds, self._clock, "balanced", Paths())
        if sought.follows:
            self._planner = OrderPlanner(self._files, self._originality, self._chain, self._clock, seeds)

    def tell_batch(self, batch: Sequence[tuple[Logged, Mapping[str, Any]]]) -> None:
        """Tell these events, whose decisions are of one configuration."""
        events = [event for _, event in batch if is_decision(event)]
        if events and self._preparing.under(events[0]["winnowd"]["config"]["sha256"]):
            self._grade_by(self._preparing.loaded.settings)
        self._repreparer = self._files.repreparer = self._preparing.repreparer
        prepared = self._repreparer.prepared(events, unreadable=True)
        with self._ledger.transaction():
            self._originality.expect(list(self._repreparer.reread.values()))
            for logged, event in batch:
                self._logged = logged
                self.tell(logged, event, prepared)

    def _grade_by(self, settings: Settings) -> None:
        self._judge.profile = settings.profile
        self._judge.originality = None if settings.originality is None else self._originality
        if settings.originality is not None:
            self._originality.grade_by(settings.originality)

    def _judged(self, event: Mapping[str, Any], arrival: Arrival, prepared: Prepared) -> Judged:
        """The decision that was, or the one that would be where the corpus follows these."""
        logged = super()._judged(event, arrival, prepared)
        if not self._sought.period.has(event["@timestamp"]):
            return logged
        self._found.decisions += 1
        if self.among is not None:
            self.among.add(record_from_event(event))
        reread = self._repreparer.reread.get(record_from_event(event))
        if not self._preparing.is_whole:
            self._found.unknown += 1
        elif any(code.startswith(_OWN_FAULT) for code in event["winnowd"]["codes"]):
            self._found.not_judged += 1
        elif reread is None:
            self._miss(logged, event, "its original is gone")
        else:
            self._judge.begin()  # each is a batch of its own: all before it is in the ledger
            made = self._judge.judge(arrival, reread, sequence=0, articles=0)
            self._judge.undo()
            self._compare(logged, event, made)
            return made if self._sought.follows else logged
        return logged

    def _miss(self, logged: Judged, event: Mapping[str, Any], because: str) -> None:
        self._gone.add(logged.name)
        self._found.missing.append(Missing(logged.name, str(event["file"]["name"]), because))

    def _compare(self, logged: Judged, event: Mapping[str, Any], made: Judged) -> None:
        """Count what was made, and what of it differs; unless what it was most like is not there to be compared."""
        ours, decision, follows = event["winnowd"], made.decision, self._sought.follows
        would_be, grades = (decision.outcome.value,), _differing(ours, decision.findings)
        fields = () if follows else tuple(_fields(ours, made))
        is_other = would_be != (ours["outcome"],)
        twin = ours.get("nearest", {}).get("id")
        if twin in self._gone and (is_other or grades or fields):
            self._miss(logged, event, f"the original of {twin} is gone, which it was most like")
            return
        self._found.count(event, would_be, grades)
        if is_other:
            self.would_be[record_from_event(event)] = (ours["outcome"], would_be)
        if is_other or (not follows and (grades or fields)):
            self._found.differences.append(Difference.of(self._logged, event, would_be, grades, fields))

    def _recorded(self, judged: Judged) -> None:
        """Let those that come after know of it, and lay its text where they look."""
        article = judged.prepared.article
        if article is not None and judged.standing is Standing.ADMITTED:
            self._write(judged.location, article.text.encode())
        self._learn([judged.number])
        if judged.supersedes is not None:
            self._supersede(judged, judged.supersedes)

    def _supersede(self, judged: Judged, number: int) -> None:
        """Let the article give way whose place a decision takes; such an event has no line in this log."""
        stored = self._files.stored(number)
        if stored is None:
            raise ValueError(f"{judged.name} supersedes what nobody has decided")
        self._clock.order = f"supersede-{judged.number}"
        self._chain.line = Line(-judged.number, self._clock.at.date().isoformat(), 0, b"", "")
        due = self._planner.supersession(stored, judged)
        change = self._planner.supersede(due, self._files.text(number))
        self._records.change([change])
        self._changed([change])

    def _order(self, event: Mapping[str, Any], line: Line) -> None:
        """Let a person's order change what it still can; the places that were taken are not those that would be."""
        if not self._sought.follows:
            super()._order(event, line)
        elif event["event"]["action"] != "supersede":
            try:
                super()._order(event, line)
            except RefusedError:
                self._found.idle_orders += 1

    def _changed(self, changes: Sequence[StateChange]) -> None:
        for effect in (effect for change in changes for effect in change.effects):
            if effect.content is not None and effect.path.startswith(f"{SEEDS}/"):
                self._write(effect.path, effect.content)
        self._learn([change.stored.number for change in changes])

    def _learn(self, numbers: Sequence[int]) -> None:
        self._originality.forget(numbers)
        for indexed in self._ledger.articles.of(numbers).values():
            self._originality.remember(indexed)
        self._originality.committed()

    def _write(self, path: str, content: bytes) -> None:
        location = self._disk.path(path)
        location.parent.mkdir(parents=True, exist_ok=True)
        location.write_bytes(content)


def _differing(ours: Mapping[str, Any], findings: Sequence[Finding]) -> dict[str, Grades]:
    """By code the grades that differ, in the order of the codes."""
    was = {one["code"]: str(one["grade"]) for one in reversed(ours.get("findings", ()))}
    now = {one.code: one.grade.value for one in reversed(findings) if one.grade is not Grade.PASS}
    passed = Grade.PASS.value
    pairs = {code: (was.get(code, passed), now.get(code, passed)) for code in sorted(was.keys() | now.keys())}
    return {code: (before, after, after) for code, (before, after) in pairs.items() if before != after}


def _fields(ours: Mapping[str, Any], made: Judged) -> Iterator[str]:
    """What else differs of a decision."""
    if ours.get("article", {}).get("text_sha256", "") != made.prepared.text_sha256:
        yield "text"
    now = measures(made.decision.findings)
    if any(
        now.get(code) != value for code, value in ours["measured"].items()
    ):  # of rules that were not there yet, none
        yield "measured"
