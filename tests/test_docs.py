"""What is documented is there, and what is there is documented: settings, rule codes, commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from winnowd.cli.commands import COMMANDS
from winnowd.cli.group import winnowd
from winnowd.settings import all_settings, catalogue
from winnowd.settings.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "service" / "winnowd"
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    "README.md", "CONTRIBUTING.md", "SECURITY.md", "service/README.md", "deploy/README.md", "config/winnowd.toml",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md")),
]  # fmt: skip
CODE = re.compile(r"\b(?:INP|SCH|CLN|QUA|TXT|DUP|ORD|SYS)\d{3}\b")


def sources() -> str:
    """The text of the program and of its data, apart from what describes: the catalogue and the settings."""
    paths = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".toml"}]
    told = [path for path in paths if path.name != "rules.toml" and path.parent.name != "settings"]
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(told))


SOURCES = sources()
GIVEN = set(CODE.findall(SOURCES))


def tabled(name: str) -> Iterator[str]:
    """The first cells of the README's table whose first column is headed so."""
    inside = False
    for line in README.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.lstrip().startswith("|") else []
        if not cells:
            inside = False
        elif cells[0].lower() == name:
            inside = True
        elif inside and set(cells[0]) - set(":- "):
            yield cells[0]


def documented_commands() -> set[str]:
    """The commands of the README's command table: the leading words of each snippet in its first column."""
    snippets = [snippet for cell in tabled("command") for snippet in re.findall(r"`([^`]+)`", cell)]
    words = [re.match(r"(?:[a-z]+)(?: [a-z]+)?(?= |$)", snippet.removeprefix("winnowd ")) for snippet in snippets]
    return {found[0] for found in words if found}


def commands() -> set[str]:
    """Every command as it is typed; one of a group by both words."""
    found = set()
    for name in COMMANDS:
        command = winnowd.get_command(click.Context(winnowd), name)
        below = getattr(command, "commands", {})
        found |= {f"{name} {under}" for under in below} or {name}
    return found


def test_the_readme_lists_every_command_and_no_other() -> None:
    """Its table of commands is whole and true."""
    assert documented_commands() == commands()


def test_every_code_that_is_given_is_in_the_catalogue() -> None:
    """``winnowd rule`` can explain whatever an operator meets."""
    assert GIVEN - set(catalogue()) == set()


def test_every_rule_of_the_catalogue_is_asked() -> None:
    """The catalogue promises no rule that nothing gives; of the service's own troubles it may know more."""
    rules = {code for code, rule in catalogue().items() if rule.gate != "service"}

    assert rules - GIVEN == set()


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_name_only_codes_and_settings_that_exist(path: str) -> None:
    """A code or a gate's setting in a document can be looked up."""
    text = (ROOT / path).read_text(encoding="utf-8")

    settings = {name.rstrip(".") for name in re.findall(r"\bgates\.(?!md\b)[a-z0-9_.]+", text)}

    assert set(CODE.findall(text)) <= set(catalogue())
    assert [name for name in settings if not any(f"{one}.".startswith(f"{name}.") for one in all_settings())] == []


def test_every_setting_is_read_by_the_service() -> None:
    """A setting that nothing reads is a promise not kept."""
    names = {f"{table}.{field}" for table, made_of in SECTIONS for field in made_of.__dataclass_fields__}

    unread = {name for name in names if not re.search(_reading_of(name), SOURCES)}

    assert unread == set()


def _reading_of(name: str) -> str:
    """How a setting is read: as a field of its section, or of a section that is called settings where it is used."""
    table, field = name.replace("workers.count", "workers.processes").split(".")
    return rf"\b(?:{table}|settings)\.{field}\b"
