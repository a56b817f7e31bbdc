"""From files, environment and flags to the settings in force, each with its origin; or to all faults at once.

Stronger sources first: flag, environment, the instance's ``config/winnowd.toml`` (or the file of ``--config``),
``/etc/winnowd/winnowd.toml``, default. The result depends on these and on nothing else.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from winnowd.layout import SETTINGS
from winnowd.settings import derived
from winnowd.settings.feeds import feeds_judged, feeds_of, is_of_feed
from winnowd.settings.judging import DEFAULT, Held, judged, languages_known, limits_in_order, shown
from winnowd.settings.layers import Given, Layer, environment_layer, file_layer, flag_layer
from winnowd.settings.options import OFF, all_settings
from winnowd.settings.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from winnowd.decision import Profile
    from winnowd.gates.limits import OriginalityLimits
    from winnowd.reading import ReadingLimits, SchemaPolicy
    from winnowd.settings.options import Value
    from winnowd.settings.sections import (
        Archive,
        Audit,
        Batch,
        Disk,
        Inbox,
        Index,
        Metrics,
        Notify,
        Orders,
        Storage,
        Web,
        Workers,
    )

SYSTEM: Final = Path("/etc/winnowd/winnowd.toml")


class SettingsError(Exception):
    """A configuration that cannot be used; ``faults`` are all that is wrong with it, one line each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force.

    ``gates`` holds the limits of each gate that is asked, by its name, but for originality's own; ``feeds`` the mapping
    of each feed that has one, field to path.
    """

    profile: Profile
    inbox: Inbox
    batch: Batch
    workers: Workers
    storage: Storage
    index: Index
    archive: Archive
    audit: Audit
    disk: Disk
    orders: Orders
    metrics: Metrics
    notify: Notify
    web: Web
    reading: ReadingLimits
    schema: SchemaPolicy
    gates: Mapping[str, Any]
    originality: OriginalityLimits | None
    feeds: Mapping[str, Mapping[str, str]]


@dataclasses.dataclass(frozen=True)
class Loaded:
    """Settings with what they were made from: each setting's value by its full name, and where it was said."""

    settings: Settings
    values: Mapping[str, Value]
    origins: Mapping[str, str]

    def canonical(self) -> str:
        """All values as one line of JSON, by name; equal for equal settings, whatever said them."""
        plain = {name: OFF if value is None else value for name, value in self.values.items()}
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @functools.cached_property
    def sha256(self) -> str:
        """The SHA-256 of ``canonical``, which every decision names."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def load(
    instance_dir: Path | None,
    config: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    overrides: Iterable[str] = (),
    *,
    system: Path | None = SYSTEM,
) -> Loaded:
    """Load the configuration of an instance; raises SettingsError with every fault in it.

    ``config`` is read in the place of the instance's own file and must exist; ``overrides`` are ``name=value``.
    """
    return _loaded(_layers(instance_dir, config, environ, overrides, system))


def load_logged(settings: Mapping[str, Any], changes: Mapping[str, Value]) -> Loaded:
    """The configuration that an event of the log tells whole, with some settings changed; the rest is default.

    Raises:
        SettingsError: it was that of another version, or the changes do not go with it.
    """
    logged = Layer(tuple(Given(name, value, "the log") for name, value in settings.items()))
    changed = (Given(name, OFF if value is None else value, "--set") for name, value in changes.items())
    return _loaded([logged, Layer(tuple(changed))])


def override_values(overrides: Iterable[str], where: str) -> dict[str, Value]:
    """The values of ``name=value``, each checked for itself; ``where``: the flag that they are given by.

    Raises:
        SettingsError: a name is no setting, or a value is not one that it may have.
    """
    layer = flag_layer(overrides, where)
    held, faults = judged(layer.given)
    if layer.faults or faults:
        raise SettingsError([*layer.faults, *faults])
    return {name: one.value for name, one in held.items()}


def _loaded(layers: Iterable[Layer]) -> Loaded:
    """The settings that these sources give, the weakest first."""
    faults: list[str] = []
    held = {name: Held(setting.default, DEFAULT, shown(setting.default)) for name, setting in all_settings().items()}
    for layer in layers:
        good, wrong = judged(item for item in layer.given if not is_of_feed(item))
        mapped, astray = feeds_judged(item for item in layer.given if is_of_feed(item))
        faults += [*layer.faults, *wrong, *astray]
        held |= good | mapped
    faults += limits_in_order(held)
    faults += languages_known(held)
    if faults:
        raise SettingsError(faults)
    values = {name: one.value for name, one in held.items()}
    return Loaded(_settings(values), values, {name: one.where for name, one in held.items()})


def _layers(
    instance_dir: Path | None,
    config: Path | None,
    environ: Mapping[str, str],
    overrides: Iterable[str],
    system: Path | None,
) -> list[Layer]:
    """The sources, weakest first."""
    top_level = [name for name in all_settings() if "." not in name]
    return [*_file_layers(instance_dir, config, system), environment_layer(environ, top_level), flag_layer(overrides)]


def _file_layers(instance_dir: Path | None, config: Path | None, system: Path | None) -> Iterator[Layer]:
    """The system's and the instance's file, where they are there; read once if they are one and the same."""
    own = config or (instance_dir / SETTINGS if instance_dir else None)
    if system is not None and system.is_file() and not _is_same_file(own, system):
        yield file_layer(system, str(system))
    if own is not None and (config or own.exists()):
        yield file_layer(own, _name_of(own, instance_dir))


def _is_same_file(own: Path | None, system: Path) -> bool:
    return own is not None and own.exists() and own.samefile(system)


def _name_of(path: Path, instance_dir: Path | None) -> str:
    inside = instance_dir is not None and path.is_relative_to(instance_dir)
    name = str(path.relative_to(instance_dir) if inside and instance_dir else path)
    return name if name.isprintable() else json.dumps(name)


def _settings(values: Mapping[str, Any]) -> Settings:
    sections: dict[str, Any] = {
        table: made_of(**{field: values[f"{table}.{field}"] for field in made_of.__dataclass_fields__})
        for table, made_of in SECTIONS
    }
    rooms = {room: derived.built(room, made_of, values) for room, made_of in derived.ROOMS}
    gates = {
        gate: derived.built(f"gates.{gate}", made_of, values)
        for gate, made_of in derived.LIMITS
        if values[f"gates.{gate}.enabled"]
    }
    originality = gates.pop(derived.ORIGINALITY, None)
    feeds = feeds_of(values)
    return Settings(profile=values["profile"], gates=gates, originality=originality, feeds=feeds, **sections, **rooms)
