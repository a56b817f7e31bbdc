"""The text of config/winnowd.toml, which has what a newcomer needs, and of the reference, which has every setting.

Both tell of a setting its default, meaning, unit and the rules it moves.
"""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING, Final

from winnowd.catalogue import catalogue
from winnowd.settings.feeds import TEMPLATE as FEEDS
from winnowd.settings.judging import form, shown
from winnowd.settings.options import Setting, all_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from winnowd.decision import Profile

_WIDTH: Final = 115
_FIRST_NEEDED: Final = (
    "profile",
    "inbox.settle",
    "archive.keep_days",
    "disk.floor_bytes",
    "metrics.textfile",
    "notify.command",
    "notify.quarantine_articles",
    "gates.language.accepted",
    "gates.originality.keep",
)
_HEAD: Final = (
    'What most instances set. A line of "#" and a name is a setting at its default; take the "#" away to change it.',
    'All others: "winnowd config show --origin", or docs/reference/settings.md; any of them can stand here.',
    '"winnowd config check FILE" names all faults of a file.',
)
_REFERENCE_HEAD: Final = """\
# Settings

Every setting at its default, as it can stand in `config/winnowd.toml` (or `/etc/winnowd/winnowd.toml`): without the `#`
it is in force. In force is what a command's flag says, else the environment
(`WINNOWD_GATES__LENGTH__WORDS__MIN__FAIL=60`), else the instance's file, else the machine's, else the default. A value
past `doubt` marks an article doubted, a value past `fail` rejects it; `"off"` disables that limit.
`winnowd config show --origin` tells what is in force and who said so, `winnowd rule CODE` what a rule measures.

Generated, like [the configuration file](../../config/winnowd.toml), by `make reference`.
"""
_PROFILES: Final = {
    "strict": "Profile strict, for a corpus that would rather lose an article than hold a bad one: nothing waits.",
    "balanced": "Profile balanced, for a corpus that people look after: what is doubted waits for them in quarantine.",
    "lenient": "Profile lenient, for a corpus that is sifted again later: only what fails is kept out.",
}


def template(profile: Profile | None = None) -> str:
    """The file that ``init`` writes; with a profile, that one is set in it and told of at its head."""
    head = [f"# {line}" for line in _HEAD] + ([f"# {_PROFILES[profile]}"] if profile else [])
    first_needed = [setting for name, setting in all_settings().items() if name in _FIRST_NEEDED]
    lines = [line for table, body in _tables(first_needed) for line in (*_heading(table), *body)]
    if profile:
        lines = [f'profile = "{profile}"' if line.startswith("#profile = ") else line for line in lines]
    return "\n".join([*head, *lines, ""])


def reference() -> str:
    """Every setting, table by table, as a page of Markdown."""
    parts = [_REFERENCE_HEAD]
    for table, body in _tables(all_settings().values()):
        parts += [f"## {table or 'profile'}", "", "```toml", *([f"[{table}]"] if table else []), *body, "```", ""]
    parts += ["## feeds", "", "```toml", *(f"# {line}".rstrip() for line in FEEDS), "```", ""]
    return "\n".join(parts)


def _tables(settings: Iterable[Setting]) -> Iterator[tuple[str, list[str]]]:
    """The lines of each table, by its name; the profile stands in none."""
    for table, group in itertools.groupby(settings, _table_of):
        yield table, list(_table(table, list(group)))


def _heading(table: str) -> list[str]:
    return ["", f"[{table}]"] if table else [""]


def _table_of(setting: Setting) -> str:
    """``inbox``, ``gates.length``: the table under whose head a setting stands, "" for what stands in none."""
    steps = setting.name.split(".")
    if len(steps) == 1:
        return ""
    return ".".join(steps[:2] if steps[0] == "gates" else steps[:1])


def _table(table: str, settings: list[Setting]) -> Iterator[str]:
    for said, group in itertools.groupby(settings, _said):
        yield from _comment(said)
        for setting in group:
            yield f"#{setting.name.removeprefix(f'{table}.')} = {shown(setting.default)}"


def _said(setting: Setting) -> str:
    """What stands above a setting; equal for both ends of a limit."""
    if setting.name.endswith((".doubt", ".fail")):
        rule = catalogue()[setting.codes[0]]
        side = "too little" if rule.side == "min" else "too much"
        return f"{rule.code} {rule.slug}: {rule.help} [{rule.unit}; {side} is worse]"
    if setting.name.endswith(".enabled"):
        return setting.meaning
    return f"{setting.meaning} [{'; '.join((form(setting), *setting.codes))}]"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False)]
