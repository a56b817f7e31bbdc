"""What every command is given: the instance, its settings, and how to tell things. Light until asked."""

from __future__ import annotations

import dataclasses
import json as jsonlib
import shutil
import time
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from winnowd.cli.faults import Exit, Fault, Stop, fault_from_line, stop
from winnowd.layout import SETTINGS, STATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.settings import Loaded
    from winnowd.views.lines import Line

SYSTEM_HOME: Final = Path("/var/lib/winnowd")


def is_instance(folder: Path) -> bool:
    """Whether a folder is an instance: it has a state (its configuration may lie in /etc), or a configuration."""
    return (folder / STATE).is_dir() or has_settings(folder)


def has_settings(folder: Path) -> bool:
    """Whether a folder has a configuration; not where we may not look: a command may be started anywhere."""
    try:
        return (folder / SETTINGS).is_file()
    except PermissionError:
        return False


@dataclasses.dataclass
class Context:
    """The global options, and what follows from them.

    ``home_option``, ``config``: as given; ``json``: data as JSON Lines; ``quiet``: no words but faults; ``verbose``:
    traces too; ``color``: True or False if told, else None.
    """

    environ: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    home_option: Path | None = None
    config: Path | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool | None = None
    command: str = ""
    _counts: Counter[str] = dataclasses.field(default_factory=Counter)
    _begun: float = dataclasses.field(default_factory=time.monotonic)

    def find_home(self) -> Path | None:
        """The instance folder, or None: ``--instance_dir``, WINNOWD_HOME, the nearest parent that is one, the system's.

        A folder that was named is taken at its word.
        """
        if self.home_option is not None:
            return self.home_option
        if named := self.environ.get("WINNOWD_HOME"):
            return Path(named)
        here = Path.cwd()
        for folder in (here, *here.parents):
            if has_settings(folder):
                return folder
        return SYSTEM_HOME if is_instance(SYSTEM_HOME) else None

    @cached_property
    def instance_dir(self) -> Path:
        """The instance folder, absolute; stops with exit 10 if there is none."""
        instance_dir = self.find_home()
        if instance_dir is None:
            advice = 'make one with "winnowd init DIR", or name one with --home DIR'
            raise stop(self.command, "no instance here, above, or at /var/lib/winnowd", advice, exit=Exit.NO_INSTANCE)
        if not is_instance(instance_dir):
            what = "is no instance: it has neither config/winnowd.toml nor state/"
            raise stop(
                str(instance_dir), what, f'make it one with "winnowd init {instance_dir}"', exit=Exit.NO_INSTANCE
            )
        return instance_dir.resolve()

    @cached_property
    def loaded(self) -> Loaded:
        """The settings in force, for a command that works without an instance too; stops with exit 78 at faults."""
        from winnowd import settings

        instance_dir = self.find_home()
        try:
            return settings.load(instance_dir.resolve() if instance_dir else None, self.config, self.environ)
        except settings.SettingsError as error:
            raise Stop(map(fault_from_line, error.faults), Exit.CONFIG) from error

    @cached_property
    def width(self) -> int:
        """The width to lay out for."""
        from winnowd.views.lines import width_for

        return width_for(shutil.get_terminal_size().columns if self.stdout.isatty() else None)

    def show(self, lines: Iterable[Line]) -> None:
        """Write data for people: painted on a terminal, else the same bytes without colours."""
        from winnowd.cli.paint import painted

        self.stdout.writelines(painted(lines, self.stdout, self.in_colour))

    def emit(self, kind: str, /, **fields: object) -> None:
        """Write one line of JSON: its type, then the fields that are not None."""
        row = {"type": kind} | {name: value for name, value in fields.items() if value is not None}
        self.stdout.write(jsonlib.dumps(row, ensure_ascii=True, allow_nan=False) + "\n")
        self._counts[kind] += 1

    def say(self, words: str) -> None:
        """Write lines of words to stderr, unless ``-q``."""
        if not self.quiet:
            self.warn(words)

    def warn(self, words: str) -> None:
        """Write lines of words to stderr, ``-q`` or not; what does not print is named."""
        from winnowd.views.escape import printable

        self.stderr.writelines(f"{printable(line)}\n" for line in words.split("\n"))

    def tell(self, fault: Fault) -> None:
        """Write a fault to stderr, and with ``--json`` as data too."""
        from winnowd.views.escape import printable

        where, what, advice = (printable(text) for text in fault[:3])
        self.stderr.write(f"winnowd: {where}: {what}{'; ' if advice else ''}{advice}\n")
        if self.json:
            self.emit("error", code=fault.code or None, message=f"{where}: {what}", help=advice or None)

    def summarise(self, exit: int, counts: Mapping[str, int] | None = None) -> None:  # noqa: A002 - the field's name
        """Write the summary with ``--json``: what was emitted, how long it took, how it ends."""
        if self.json:
            shown = dict(self._counts) if counts is None else dict(counts)
            seconds = round(time.monotonic() - self._begun, 3)
            self.emit("summary", command=self.command, counts=shown, seconds=seconds, exit=int(exit))

    @cached_property
    def in_colour(self) -> bool:
        """Whether stdout is painted: as told, else on a terminal, unless NO_COLOR is set."""
        if self.color is not None:
            return self.color
        return self.stdout.isatty() and not self.environ.get("NO_COLOR") and self.environ.get("TERM") != "dumb"
