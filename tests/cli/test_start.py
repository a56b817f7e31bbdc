"""How fast the command line starts, by what it imports; and that every command can be reached."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from winnowd.cli.commands import COMMANDS
from winnowd.cli.group import GLOBALS, winnowd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import click
    from tests.cli.conftest import Ran

HEAVY = ("numpy", "pydantic", "datasketch", "structlog", "rich", "difflib", "tomllib", "winnowd.model")
LIGHT = [["--help"], ["--version"], ["completion", "bash"], *([name, "--help"] for name in COMMANDS)]


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_help_and_completion_import_nothing_heavy(arguments: list[str]) -> None:
    """Asking how to ask costs no more than click: libraries are imported by the commands that need them."""
    code = (
        "import sys; from winnowd.cli import main; code = main(); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )

    ended = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)

    imported = set(ended.stderr.split())
    assert ended.stdout
    assert "click" in imported
    assert imported.isdisjoint(HEAVY)


def test_completing_a_code_imports_nothing_heavy() -> None:
    """A shell asks at each key: codes are found without reading the catalogue whole."""
    code = "import sys; from winnowd.cli import main; main(); print(*sys.modules, file=sys.stderr)"
    asked = {"_WINNOWD_COMPLETE": "bash_complete", "COMP_WORDS": "winnowd rule QUA40", "COMP_CWORD": "2"}

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=asked)

    assert ended.stdout.splitlines() == [f"plain,QUA40{digit}" for digit in range(1, 10)]
    assert set(ended.stderr.split()).isdisjoint(HEAVY)


MEASURES: tuple[str, ...] = (
    *(
        "numpy",
        "pydantic",
        "rich",
        "structlog",
        "apscheduler",
        "winnowd.kernels",
        "winnowd.text",
        "winnowd.originality",
    ),
    *("winnowd.gates.panel", "winnowd.gates.originality", "winnowd.reading.names", "winnowd.wiring.preparer"),
)
"""What reads and measures articles, and what it needs: no question about limits or what was decided does."""
IMPORTS: dict[str, tuple[str, ...]] = {
    "winnowd.operations.stats": HEAVY[:6],
    "winnowd.audit.search": HEAVY,
    **dict.fromkeys(("winnowd.settings", "winnowd.operations.rules", "winnowd.operations.queue"), MEASURES),
    "winnowd.operations.status": MEASURES,
    "winnowd.operations.explain": (*MEASURES, "winnowd.settings"),
}
"""What is imported to count, to search, to know the settings and to explain, and what must not come with it."""


@pytest.mark.parametrize("module", IMPORTS)
def test_a_question_imports_no_more_than_it_needs(module: str) -> None:
    """Most of what a short command takes is imports."""
    code = f"import sys, {module}; print(*sys.modules)"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(ended.stdout.split()).isdisjoint(IMPORTS[module])


@pytest.mark.parametrize("arguments", [["rule", "DUP606"], ["config", "show"], ["config", "schema"]], ids=" ".join)
def test_settings_are_told_without_what_measures(arguments: list[str], tmp_path: Path) -> None:
    """The limits stand apart from the gates that measure: numpy and the patterns of all languages stay on disk."""
    code = (
        "import sys; from winnowd.cli import main; code = main(); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    init = [sys.executable, "-m", "winnowd", "init", str(tmp_path / "here")]
    subprocess.run(init, capture_output=True, check=True)

    command = [sys.executable, "-c", code, "--home", str(tmp_path / "here"), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)

    assert ended.stdout
    assert set(ended.stderr.split()).isdisjoint(MEASURES)


@pytest.mark.parametrize(
    "arguments", [["-m", "winnowd"], ["-c", "from winnowd.cli import main; raise SystemExit(main())"]]
)
def test_the_module_and_the_script_are_one_command(arguments: list[str]) -> None:
    """``python -m winnowd`` is ``winnowd``."""
    ended = subprocess.run([sys.executable, *arguments, "--version"], capture_output=True, text=True, check=True)

    assert ended.stdout.startswith("winnowd ")


def all_commands() -> Iterator[click.Command]:
    """Every command, those below groups too."""
    for name in COMMANDS:
        command = winnowd.get_command(None, name)  # type: ignore[arg-type] # no context is needed
        assert command is not None
        yield command
        yield from getattr(command, "commands", {}).values()


def test_every_command_has_help_and_no_option_of_its_own_is_a_global_one() -> None:
    """Global options mean the same before and after each command."""
    global_names = {name for made in GLOBALS for name in (*made().opts, *made().secondary_opts)}

    for command in all_commands():
        own = [
            name for parameter in command.params if not getattr(parameter, "hidden", False) for name in parameter.opts
        ]
        assert command.get_short_help_str(), command.name
        assert global_names.isdisjoint(own), command.name


def test_help_lists_every_command_with_its_line(run: Callable[..., Ran]) -> None:
    """The table is the help."""
    ran = run("--help")

    assert ran.code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in ran.out
