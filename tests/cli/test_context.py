"""Which instance a command works on, where its options may stand, and how it writes."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unprivileged import unprivileged

from winnowd.cli import context as context_module
from winnowd.cli.context import Context
from winnowd.cli.faults import Stop
from winnowd.views.lines import Span, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

STYLES = ["", "bad", "doubt", "good", "dim", "bold", "sign", "path", "band1", "band2", "band3", "band4", "unheard-of"]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def context_of(stdout: io.StringIO | None = None, **options: Any) -> Context:
    """A context with these options and no environment."""
    given: dict[str, Any] = {"environ": {}, "stdout": stdout or io.StringIO(), "stderr": io.StringIO()} | options
    return Context(**given)


def instance(folder: Path) -> Path:
    """A folder that is an instance."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "winnowd.toml").touch()
    return folder


def test_the_instance_is_the_named_one_then_the_variables_then_the_nearest_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--instance_dir`` before WINNOWD_HOME before where we are before the system's."""
    named, variable, above, system = (instance(tmp_path / name) for name in ("named", "variable", "above", "system"))
    (above / "inbox" / "feed").mkdir(parents=True)
    monkeypatch.chdir(above / "inbox" / "feed")
    monkeypatch.setattr(context_module, "SYSTEM_HOME", system)

    assert context_of(home_option=named, environ={"WINNOWD_HOME": str(variable)}).instance_dir == named
    assert context_of(environ={"WINNOWD_HOME": str(variable)}).instance_dir == variable
    assert context_of().instance_dir == above
    monkeypatch.chdir(tmp_path)
    assert context_of().instance_dir == system


def test_a_state_without_configuration_is_an_instance_if_it_is_named(tmp_path: Path) -> None:
    """With systemd the configuration lies in /etc."""
    (tmp_path / "state").mkdir()

    assert context_of(home_option=tmp_path).instance_dir == tmp_path


def test_a_configuration_that_one_may_not_see_keeps_nobody_from_naming_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An instance whose ``config`` is closed to us, and a command started in a folder that is."""
    for name in ("state", "config", "home/config"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setattr(context_module, "SYSTEM_HOME", tmp_path)
    for closed in ("home", "config"):
        (tmp_path / closed).chmod(0o600)

    with unprivileged():
        named, found = context_of(home_option=tmp_path).instance_dir, context_of().instance_dir

    assert named == found == tmp_path
    for closed in ("home", "config"):
        (tmp_path / closed).chmod(0o700)


@pytest.mark.parametrize("named", ["absent", None])
def test_without_an_instance_a_command_that_needs_one_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    """Exit 10, with the way to make one; it is not made by accident."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(context_module, "SYSTEM_HOME", tmp_path / "nowhere")

    with pytest.raises(Stop) as stopped:
        _ = context_of(home_option=tmp_path / named if named else None).instance_dir

    assert stopped.value.exit == 10
    assert "winnowd init" in stopped.value.faults[0].advice
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--home", "inst", "--json", "rule", "QUA401"],
        ["rule", "--home", "inst", "QUA401", "--json"],
        ["--json", "rule", "QUA401", "--home", "inst"],
    ],
    ids=" ".join,
)
def test_global_options_stand_before_or_after_the_command(
    run: Callable[..., Ran], tmp_path: Path, arguments: list[str]
) -> None:
    """The instance's limit is told as JSON either way."""
    (instance(tmp_path / "inst") / "config" / "winnowd.toml").write_text("gates.length.words.min.fail = 60\n")

    ran = run(*arguments)

    assert ran.code == 0
    assert {"name": "gates.length.words.min.fail", "value": 60.0, "origin": "config/winnowd.toml:1"} in ran.rows[0][
        "settings"
    ]


def test_a_faulty_configuration_stops_every_command_that_needs_it(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Exit 78, each fault on its line."""
    (instance(tmp_path) / "config" / "winnowd.toml").write_text("inbox.settle = -1\nprofil = 1\n")

    ran = run("rule")

    assert (ran.code, ran.out) == (78, "")
    assert ran.err.splitlines() == [
        "winnowd: config/winnowd.toml:1: inbox.settle is -1; give a number of seconds >= 0",
        "winnowd: config/winnowd.toml:2: profil is unknown; did you mean profile?",
    ]


@given(lines=st.lists(st.lists(st.builds(Span, st.text(st.characters(min_codepoint=32)), st.sampled_from(STYLES)))))
def test_painted_lines_without_their_colours_are_the_plain_ones(lines: list[list[Span]]) -> None:
    """Colour lays nothing out: byte for byte the same text, however long a line."""
    printable = [tuple(span for span in line if span.text.isprintable()) for line in lines]
    coloured, bare = io.StringIO(), io.StringIO()

    context_of(coloured, color=True).show(printable)
    context_of(bare).show(printable)

    assert COLOUR.sub("", coloured.getvalue()) == bare.getvalue() == plain(printable)


@pytest.mark.parametrize(
    ("stream", "options", "painted"),
    [
        (Terminal(), {}, ["\x1b["]),
        (io.StringIO(), {}, []),
        (Terminal(), {"environ": {"NO_COLOR": "1"}}, []),
        (Terminal(), {"environ": {"TERM": "dumb"}}, []),
        (Terminal(), {"color": False}, []),
        (io.StringIO(), {"color": True, "environ": {"NO_COLOR": "1"}}, ["\x1b["]),
    ],
)
def test_colour_is_for_terminals_unless_told(stream: io.StringIO, options: dict[str, Any], painted: list[str]) -> None:
    """NO_COLOR is obeyed, ``--color`` and ``--no-color`` have the last word."""
    context_of(stream, **options).show([(Span("bad", "bad"),)])

    assert re.findall(r"\x1b\[", stream.getvalue())[:1] == painted


def test_lines_are_laid_out_for_the_terminal_or_for_a_hundred_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most 118."""
    monkeypatch.setenv("COLUMNS", "90")

    assert context_of(Terminal()).width == 90
    assert context_of().width == 100
    monkeypatch.setenv("COLUMNS", "300")
    assert context_of(Terminal()).width == 118


def test_quiet_keeps_faults_and_warnings_only() -> None:
    """``-q`` silences what only accompanies."""
    context = context_of(quiet=True)

    context.say("made it")
    context.warn("mind the gap\x07")

    assert context.stderr.getvalue() == "mind the gap<U+0007>\n"  # type: ignore[attr-defined] # a StringIO
