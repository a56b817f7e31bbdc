"""What lies in the folders of an instance and is nobody's; and the originals that must lie there.

The folders are walked, and each file is asked for in the ledger, so that nothing is remembered of a million files. What
the ledger says of them is held to the log elsewhere.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import stat
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.expected import UNOPENED, Damage
from winnowd.layout import (
    ARCHIVE,
    AUDIT,
    CARD,
    EVIDENCE,
    HEAD,
    INDEX,
    INDEX_PAGES,
    ORIGINALS,
    PACKED,
    SEEDS,
    TEMPORARY,
    TOMBSTONES,
    TORN,
    WHY,
    WHY_MD,
)
from winnowd.storage import packed
from winnowd.storage.paths import arrival_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from winnowd.storage.ledger.audited import Audited

_GIT: Final = frozenset({f"{SEEDS}/.git", f"{SEEDS}/.gitignore", f"{SEEDS}/.gitattributes"})
_EXCUSING: Final = frozenset({"changed-after", "failure"})
_PUT_AWAY: Final = "SYS953"
"""A failure that left the original where it belongs."""
_SEEDS: Final = frozenset({INDEX, CARD, TOMBSTONES})
_PAGE: Final = re.compile(rf"{INDEX_PAGES}/\d{{4}}-\d\d/\d{{3,}}\.(jsonl|md)")
_OF_A_DAY: Final = re.compile(rf"{AUDIT}/\d{{4}}/\d\d/\d\d(\.jsonl|\.jsonl\.gz|\.digest\.json|\.rollup)")
_OF_A_BATCH: Final = re.compile(
    rf"{EVIDENCE}/\d{{4}}/\d\d/\d\d/([^/]+{re.escape(PACKED)}/)?[0-9a-f]{{16}}-\d+\.json(l)?"
)
_MARKED: Final = re.compile(r"~([0-9a-f]{8})(?:-(\d+))?(?:~[0-9a-f]{16,32})?(?:\.[A-Za-z0-9]{1,8}){0,2}\Z")
_DAY: Final = re.compile(r"/(\d{4})/(\d\d)/(\d\d)/")
_JSON: Final = ".why.json"


@dataclasses.dataclass(slots=True)
class LoggedFiles:
    """What the log tells of files beside the decisions on them; ``tell`` each event.

    ``evidence``: the files of it; ``many``: arrivals of which no event has the hash of the whole file; ``excused``:
    arrivals whose original is elsewhere, or lost, as the log tells; ``erased``: files that orders have taken away;
    ``before``: the day before which retention has deleted; ``older``: the highest number of an arrival that was
    decided without digests, by a version that may have left a why.json.
    """

    evidence: set[str] = dataclasses.field(default_factory=set)
    many: set[str] = dataclasses.field(default_factory=set)
    excused: set[str] = dataclasses.field(default_factory=set)
    erased: set[str] = dataclasses.field(default_factory=set)
    before: str = ""
    older: int = 0

    def tell(self, event: Mapping[str, Any]) -> None:
        """The next event."""
        ours = event["winnowd"]
        if "evidence" in ours:
            self.evidence.add(ours["evidence"]["path"])
        arrival = ours.get("arrival")
        if "measured" in ours and arrival is not None:
            if arrival.get("records") != 1:
                self.many.add(arrival["id"])
            if "kept" not in ours:
                self.older = max(self.older, arrival_number(arrival["id"]))
        elif arrival is not None and event["event"]["action"] in _EXCUSING and event["event"].get("code") != _PUT_AWAY:
            self.excused.add(arrival["id"])
        self.erased.update(one["path"] for one in ours.get("erased", ()) if "offset" not in one)
        if "retention" in ours:
            self.before = max(self.before, ours["retention"]["before"])


@dataclasses.dataclass(slots=True)
class Strangers:
    """One walk; ``is_seed``: whether a path is that of an article of the corpus; ``since``: the first event looked at.

    Without a ledger (``audited``) nobody can say whose the originals are. ``is_ahead``: it knows events that the log
    does not tell yet, and files of theirs that are still to be written.

    ``unfinished`` collects what was being written when somebody was killed; ``step`` is called for each file.
    """

    instance_dir: Path
    audited: Audited | None
    logged_files: LoggedFiles
    is_seed: Callable[[str], bool]
    since: int = 0
    step: Callable[[], None] = lambda: None
    is_ahead: bool = False
    files: int = 0
    originals: int = 0
    unfinished: list[str] = dataclasses.field(default_factory=list)

    def check(self) -> Iterator[Damage]:
        """What is nobody's; then the originals that are gone."""
        for top in (SEEDS, AUDIT, *(() if self.audited is None else ORIGINALS)):
            for path in self._below(top):
                if isinstance(path, Damage):
                    yield path
                else:
                    self.files += 1
                    self.step()
                    yield from self._found(top, path)
        if self.audited is not None:
            for path in () if self.is_ahead else self.audited.effects():
                if not self._is_ours(path.partition("/")[0], path):
                    yield Damage(
                        "ledger", path, "would be written at the next start, and the log tells of no such file"
                    )
            yield from self._gone(self.audited)

    def _is_ours(self, top: str, path: str) -> bool:
        rules: dict[str, Callable[[str], bool]] = {SEEDS: self._of_seeds, AUDIT: self._of_audit}
        return rules.get(top, self._of_originals)(path)

    def _found(self, top: str, path: str) -> Iterator[Damage]:
        if path.rpartition("/")[2].startswith(TEMPORARY):
            self.unfinished.append(f"{path} was being written; it is no part of what is kept")
        elif self._is_ours(top, path):
            yield from self._changed(path) if top in ORIGINALS else ()
        elif self.is_ahead and self.audited is not None and path in self.audited.effects():
            self.unfinished.append(f"{path} belongs to an event that the log does not tell yet")
        else:
            is_link = top == AUDIT and os.path.islink(self.instance_dir / path)
            yield Damage("stranger", path, "is a link, and no file of the log") if is_link else _nobodys(path)

    def _below(self, top: str) -> Iterator[str | Damage]:
        faults: list[Damage] = []

        def unopened(fault: OSError) -> None:
            faults.append(Damage(UNOPENED, str(fault.filename), f"cannot be looked into ({fault.strerror})"))

        for folder, folders, names in os.walk(self.instance_dir / top, onerror=unopened):
            below = os.path.relpath(folder, self.instance_dir)
            if below == SEEDS and ".git" in folders:
                folders.remove(".git")
            links = [name for name in folders if os.path.islink(f"{folder}/{name}")]
            for name in sorted((*names, *links)):
                yield from self._in_block(f"{below}/{name}") if name.endswith(PACKED) else (f"{below}/{name}",)
        yield from faults

    def _in_block(self, block: str) -> Iterator[str | Damage]:
        """The files of a packed block; of none that is no block, or damaged."""
        try:
            names = packed.names_in(self.instance_dir / block)
        except OSError as fault:
            kind = "seed" if block.startswith(f"{SEEDS}/") else "stranger"
            is_damaged = fault.errno == errno.EBADMSG
            yield Damage(kind if is_damaged else UNOPENED, block, f"cannot be read ({fault.strerror})")
            return
        yield from (f"{block}/{name}" for name in names)

    def _of_seeds(self, path: str) -> bool:
        return path in _SEEDS or path in _GIT or _PAGE.fullmatch(path) is not None or self.is_seed(path)

    def _of_audit(self, path: str) -> bool:
        if path.startswith(f"{EVIDENCE}/"):
            is_named = _OF_A_BATCH.fullmatch(path) is not None
            return is_named if self.since else path in self.logged_files.evidence
        if not stat.S_ISREG(os.lstat(self.instance_dir / path).st_mode):
            return False
        return path == HEAD or path.startswith(f"{TORN}/") or _OF_A_DAY.fullmatch(path) is not None

    def _of_originals(self, path: str) -> bool:
        """Whether a file is an original, one of its records, or a page beside one."""
        ending = next((one for one in WHY if path.endswith(one)), "")
        base = path.removesuffix(ending)
        found = _MARKED.search(base.rpartition("/")[2])
        if found is None or self.audited is None:
            return False
        number = arrival_number(found[1] + "0" * 8)
        if ending == _JSON and number > self.logged_files.older and not self.since:
            return False
        return self.audited.lies_at(base) or self._is_left(self.audited, base, ending, number, found[2])

    def _is_left(self, audited: Audited, base: str, ending: str, number: int, record: str | None) -> bool:
        """Whether it is what an arrival leaves beside the homes of its records."""
        arrival = audited.arrival(number)
        if arrival is None or arrival["home"] is None:
            return False
        if not arrival["records"] and arrival["id"] not in self.logged_files.excused:
            return False
        if record is not None:  # one of many records, released: what was held lies in the archive
            return base.startswith(f"{ARCHIVE}/") and audited.was_ordered(number, int(record))
        name_of_it = arrival["home"].rpartition("/")[2]
        is_page_of_many = ending == WHY_MD and base.rpartition("/")[2] == name_of_it
        return bool(arrival["home"] == base or is_page_of_many)

    def _changed(self, path: str) -> Iterator[Damage]:
        """Whether an original is the file that came; what is held was looked at with the log."""
        found = _MARKED.search(path.rpartition("/")[2])
        if not path.startswith(f"{ARCHIVE}/") or path.endswith(WHY) or found is None or found[2] is not None:
            return
        if self.audited is None:
            return
        arrival = self.audited.arrival(arrival_number(found[1] + "0" * 8), self.since)
        if arrival is None or not arrival["is_recent"]:
            return
        self.originals += 1
        try:
            if arrival["raw_digest"] is None:
                return
            if os.path.islink(self.instance_dir / path):
                yield Damage("original", path, "is a link, and not the file that came")
                return
            size = os.lstat(self.instance_dir / path).st_size
            is_one = arrival["id"] not in self.logged_files.many and arrival["records"] == 1
            if size != arrival["size"]:
                yield Damage("original", path, "is not the file that came: it has another size")
            elif is_one and bytes.fromhex(packed.sha256_of(self.instance_dir / path)) != arrival["raw_digest"]:
                yield Damage("original", path, "is not the file that was judged: its bytes were changed")
        except OSError as fault:
            yield Damage(UNOPENED, path, f"cannot be read ({fault.strerror})")

    def _gone(self, audited: Audited) -> Iterator[Damage]:
        for path, arrival in audited.originals(ARCHIVE, self.since):
            day = _DAY.search(path)
            is_deleted = day is not None and "-".join(day.groups()) < self.logged_files.before
            is_told = is_deleted or arrival in self.logged_files.excused or path in self.logged_files.erased
            if not is_told and not os.path.lexists(self.instance_dir / path):
                yield Damage("original", path, "is gone: neither retention nor an order took it away")


def _nobodys(path: str) -> Damage:
    if path.startswith(f"{SEEDS}/"):
        return Damage("seed", path, "is in seeds/, but the log tells of no such article")
    return Damage("stranger", path, "is nobody's: the log tells of no such file")
