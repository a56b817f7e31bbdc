"""The text of config/winnowd.toml: every setting with its default, meaning, unit and the rules it moves."""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING, Final

from winnowd.settings.feeds import TEMPLATE as FEEDS
from winnowd.settings.judging import form, shown
from winnowd.settings.options import PROFILE, Setting, all_settings, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.decision import Profile

_WIDTH: Final = 115
_HEAD: Final = (
    'winnowd\'s configuration. A line of "#" and a name is a setting at its default; take the "#" away to change it.',
    "In force is what a command's flag says, else the environment (as WINNOWD_GATES__LENGTH__WORDS__MIN__FAIL=60),",
    "else this file, else /etc/winnowd/winnowd.toml, else the default.",
    'A value past "doubt" marks an article doubted, a value past "fail" rejects it; "off" disables that limit.',
    '"winnowd config check FILE" names all faults of a file, "winnowd config show --origin" what is in force and why,',
    '"winnowd rule CODE" what a rule measures.',
)
_PROFILES: Final = {
    "strict": "Profile strict, for a corpus that would rather lose an article than hold a bad one: nothing waits.",
    "balanced": "Profile balanced, for a corpus that people look after: what is doubted waits for them in quarantine.",
    "lenient": "Profile lenient, for a corpus that is sifted again later: only what fails is kept out.",
}


def template(profile: Profile | None = None) -> str:
    """The commented file; with a profile, that one is set in it and told of at its head."""
    head = [f"# {line}" for line in _HEAD] + ([f"#\n# {_PROFILES[profile]}"] if profile else [])
    body = [
        "",
        *_comment(f"{PROFILE} [{form(all_settings()['profile'])}]"),
        f'{"" if profile else "#"}profile = "{profile or all_settings()["profile"].default}"',
    ]
    for table, settings in itertools.groupby(list(all_settings().values())[1:], _table_of):
        body += ["", f"[{table}]", *_table(table, list(settings))]
    body += ["", *(f"# {line}".rstrip() for line in FEEDS)]
    return "\n".join([*head, *body, ""])


def _table_of(setting: Setting) -> str:
    """``inbox``, ``gates.length``: the table under whose head a setting stands."""
    steps = setting.name.split(".")
    return ".".join(steps[:2] if steps[0] == "gates" else steps[:1])


def _table(table: str, settings: list[Setting]) -> Iterator[str]:
    for said, group in itertools.groupby(settings, _said):
        yield from _comment(said)
        for setting in group:
            yield f"#{setting.name.removeprefix(table + '.')} = {shown(setting.default)}"


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
