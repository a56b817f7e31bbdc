"""Reading the configuration anew while serving (SIGHUP): all of it holds from the next batch on, or none of it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from winnowd.daemon.supervisor import confinement_for
from winnowd.layout import INBOX, ORDERS
from winnowd.settings import SettingsError
from winnowd.wiring.instance import assemble, free_space_of
from winnowd.wiring.kept import inbox_under, originality_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from winnowd.daemon.loop import Loop
    from winnowd.daemon.supervisor import WorkerSupervisor
    from winnowd.daemon.work import Work
    from winnowd.gates.originality import Originality
    from winnowd.settings import Loaded, Settings
    from winnowd.storage.free_space import FreeSpace
    from winnowd.wiring.instance import Instance


@dataclasses.dataclass(frozen=True, slots=True)
class Reload:
    """What a loop calls between two batches; ``load`` reads the configuration, ``reopen`` opens the service log anew.

    Raises, when called, what the disk raises; then nothing has changed, and it may be called again.
    """

    load: Callable[[], Loaded]
    supervisor: WorkerSupervisor
    reopen: Callable[[], None] = lambda: None

    def __call__(self, loop: Loop) -> str:
        """Go on under the configuration as it is now; gives why not, "" if it holds."""
        work = loop.work
        self._reopen_log(work)
        try:
            loaded = self.load()
            confinement_for(loaded.settings, "")
        except SettingsError as fault:
            return _refused(work, fault.faults)
        before = work.instance.loaded
        if loaded.sha256 == before.sha256:
            work.log.info("configuration unchanged", sha256=loaded.sha256)
            return ""
        work.instance.route.acknowledge_applied()
        work.instance.disk.sync()
        fresh = renewed(work.instance, loaded, self.supervisor)
        changed = differences(before, loaded)
        _tell(fresh, before, changed)
        _put_in_force(fresh)
        self.supervisor.change()
        loop.go_on_with(fresh, free_space_for(fresh), listened(fresh))
        work.log.info("configuration changed", settings=" ".join(changed), sha256=loaded.sha256)
        return ""

    def _reopen_log(self, work: Work) -> None:
        try:
            self.reopen()
        except OSError as fault:
            work.log.warning("the service log cannot be opened anew; it goes on in the old file", error=str(fault))


def renewed(instance: Instance, loaded: Loaded, supervisor: WorkerSupervisor) -> Instance:
    """The instance under other settings, every part made; the one given stays as it is.

    Ledger, chain, disk, what the inbox has seen and the index of originality are the same in both.
    """
    settings, kept = loaded.settings, instance.kept
    originality = None
    if settings.originality is not None:
        originality = kept.originality or _built(instance, settings)
    inbox = inbox_under(kept.inbox, settings)
    return assemble(dataclasses.replace(kept, inbox=inbox, originality=originality), loaded, supervisor)


def _built(instance: Instance, settings: Settings) -> Originality | None:
    """The gate, with its index, for an instance that did not ask it before."""
    made = originality_of(instance.disk, instance.ledger, settings)
    if made is not None:
        made.build(instance.ledger.articles.signatures())
    return made


def _put_in_force(fresh: Instance) -> None:
    """What cannot be made beside, since it is one and the same before and after: no more than three values."""
    loaded, chain = fresh.loaded, fresh.route.chain
    fresh.disk.sync_by(loaded.settings.storage.sync)
    if fresh.originality is not None and loaded.settings.originality is not None:
        fresh.originality.grade_by(loaded.settings.originality)
    chain.context = dataclasses.replace(chain.context, config=loaded.sha256, ruleset=loaded.settings.profile)


def free_space_for(instance: Instance) -> FreeSpace:
    """The space that must stay free, as the settings have it."""
    return free_space_of(instance.instance_dir, instance.loaded.settings)


def listened(instance: Instance) -> tuple[Path, ...]:
    """The folders whose events ring; of a network folder the kernel tells nothing, so that it is only swept."""
    orders = instance.instance_dir / ORDERS
    return (orders,) if instance.loaded.settings.inbox.poll else (instance.instance_dir / INBOX, orders)


def differences(before: Loaded, after: Loaded) -> dict[str, dict[str, Any]]:
    """The settings that differ, each ``{"old": .., "new": ..}`` as a file would have them."""
    old, new = json.loads(before.canonical()), json.loads(after.canonical())
    return {name: {"old": old[name], "new": new[name]} for name in old if old[name] != new[name]}


def _tell(fresh: Instance, before: Loaded, changed: dict[str, dict[str, Any]]) -> None:
    """Keep the configuration, and make the change an event: with these it is true."""
    ledger, loaded = fresh.ledger, fresh.loaded
    with ledger.transaction():
        ledger.note_config(loaded.sha256, loaded.canonical(), fresh.clock.now())
    carries = {
        "config_before": {"sha256": before.sha256},
        "changed": changed,
        "limits": dict(fresh.limits),
        "config": {"sha256": loaded.sha256},
    }
    fresh.route.events.tell("config-change", f"the configuration changed in {_counted(changed)}", carries=carries)


def _refused(work: Work, faults: Sequence[str]) -> str:
    """Keep what holds, and say everything that is wrong with what was offered (SYS931)."""
    because = f"the configuration offered has {_faults(faults)}"
    error = {"type": "SettingsError", "message": " | ".join(faults), "code": "SYS931"}
    work.instance.route.events.tell("config-change", f"{because}; the old one holds", error=error)
    work.log.error("reload refused", code="SYS931", faults=" | ".join(faults))
    return f"SYS931: {because}: {faults[0]}"


def _counted(changed: dict[str, dict[str, Any]]) -> str:
    return "1 setting" if len(changed) == 1 else f"{len(changed)} settings"


def _faults(faults: Sequence[str]) -> str:
    return "a fault" if len(faults) == 1 else f"{len(faults)} faults"
