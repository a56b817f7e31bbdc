"""Every command line of the pages that people follow runs as it stands there, and gives what they show.

A block marked ``console`` has lines that begin with ``$``, each followed by what it prints; ``...`` is anything. A line
that ends otherwise than well says so: ``# exit 1``. The lines of a page run one after the other in one shell, in an
empty home with the checkout in ``winnowd``. Days, times, spans and what is made by chance may be others.
"""

from __future__ import annotations

import functools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from tests.needs import needs, tool

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = [
    "README.md",
    "docs/tutorial.md",
    "docs/audit.md",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/how-to/*.md")),
]
TOOLS: Final = ("jq", "duckdb", "lnav")
BLOCK: Final = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
INDENTED: Final = re.compile(r"(?m)^ {4}(?=\S)(.*)$")
OURS: Final = re.compile(r"(?:\S*/)?winnowd\s")
VARYING: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?"), "DAY"),
    (re.compile(r"\b\d{4}[/-]\d\d(?:/\d\d)?\b"), "MONTH"),
    (re.compile(r"\b\d[\d.]* (?:us|ms|s|min|h)(?!\w)"), "SPAN"),
    (re.compile(r"(?<=~)[0-9a-f]{8}\b"), "ARRIVAL"),
    (re.compile(r"[ \t]+|[─-]{3,}"), " "),
)


class Step(NamedTuple):
    """A command line, how it ends, and the lines that the page shows below it."""

    line: str
    exit: int
    shown: list[str]

    def uses(self, name: str) -> bool:
        """Whether the line calls this program."""
        return re.search(rf"(?:^|[|;&(]\s*){name}\s", self.line) is not None


def steps_of(text: str) -> list[Step]:
    """The command lines of a page, in order."""
    steps: list[Step] = []
    for kind, body in BLOCK.findall(text):
        for line in body.splitlines() if kind == "console" else ():
            if line.startswith("$ "):
                ends = re.search(r"\s+# exit (\d+)$", line)
                steps.append(Step(line.removeprefix("$ "), int(ends[1]) if ends else 0, []))
            else:
                steps[-1].shown.append(line)
    return steps


def levelled(line: str) -> str:
    """A line without what differs from run to run, and without the width of columns."""
    for pattern, name in VARYING:
        line = pattern.sub(name, line)
    return line.strip()


def pattern_of(shown: list[str]) -> re.Pattern[str]:
    """What the lines of a page stand for."""
    made = [
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(levelled(line)).replace(r"\.\.\.", ".*") + r"\n"
        for line in shown
    ]
    return re.compile("".join(made))


def given(steps: list[Step], folder: Path) -> list[tuple[int, str]]:
    """Run the lines in one shell; the exit code and the output of each, stdout and stderr together."""
    home, programs, out = folder / "home", folder / "programs", folder / "out"
    for made in (home, programs, out):
        made.mkdir()
    (home / "winnowd").symlink_to(ROOT)
    program = programs / "winnowd"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m winnowd "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WINNOWD_", "JOURNAL_"))}
    paths = f"{programs}:{kept.get('PATH', '')}"
    environment = {**kept, "HOME": str(home), "PATH": paths, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    script = "".join(f"{{ {one.line}\n}} >{out}/{n} 2>&1; echo $? >{out}/{n}.exit\n" for n, one in enumerate(steps))
    subprocess.run(["bash", "-c", script], stdin=subprocess.DEVNULL, cwd=home, env=environment, check=True, timeout=300)
    return [(int((out / f"{n}.exit").read_text()), (out / str(n)).read_text()) for n in range(len(steps))]


def hold(steps: list[Step], results: list[tuple[int, str]]) -> None:
    """Each line ends as the page says, and gives what it shows."""
    for step, (code, output) in zip(steps, results, strict=True):
        printed = "".join(f"{levelled(line)}\n" for line in output.splitlines())
        is_as_shown = not step.shown or pattern_of(step.shown).fullmatch(printed) is not None
        assert (code, is_as_shown) == (step.exit, True), f"$ {step.line}\n{output}"


def read(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hold_page(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Step], bool]], None]:
    """Hold those steps of a page that are chosen; all of it runs, once."""

    @functools.cache
    def results(page: str) -> list[tuple[int, str]]:
        return given(steps_of(read(page)), tmp_path_factory.mktemp("walk"))

    def hold_chosen(page: str, is_chosen: Callable[[Step], bool]) -> None:
        pairs = [pair for pair in zip(steps_of(read(page)), results(page), strict=True) if is_chosen(pair[0])]
        hold([step for step, _ in pairs], [result for _, result in pairs])

    return hold_chosen


@pytest.mark.parametrize("page", [page for page in PAGES if steps_of(read(page))])
def test_a_page_can_be_followed_line_by_line(page: str, hold_page: Callable[..., None]) -> None:
    """Those lines that need no program but winnowd and what every system has."""
    hold_page(page, lambda step: not any(step.uses(name) for name in TOOLS))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs(f"docs/audit.md by {name}", tool(name))) for name in TOOLS]
)
def test_an_auditor_can_ask_by_other_programs(name: str, hold_page: Callable[..., None]) -> None:
    """Each line for jq, DuckDB and lnav."""
    assert sum(step.uses(name) for step in steps_of(read("docs/audit.md"))) >= (2 if name == "lnav" else 10)

    hold_page("docs/audit.md", lambda step: step.uses(name))


@pytest.mark.parametrize("page", PAGES[1:])
def test_no_line_of_ours_stands_where_it_is_not_run(page: str) -> None:
    """In a block of another kind only what needs a whole machine, like git or systemctl."""
    text = read(page)
    others = [line for kind, body in BLOCK.findall(text) if kind == "sh" for line in body.splitlines()]
    indented = INDENTED.findall(BLOCK.sub("", text))

    assert [line for line in (*others, *indented) if OURS.match(line)] == []
    assert steps_of(text)


def test_a_page_that_is_not_true_is_found(tmp_path: Path) -> None:
    """Another exit code, and another output."""
    wrong_end, wrong_words = Step("false", 0, []), Step("echo one; echo two", 0, ["one", "three"])
    right = Step(
        "echo a 2026-11-22 b; echo; echo c; exit_code() { return 3; }; exit_code", 3, ["a 2024-01-01 ...", "..."]
    )

    results = given([right, wrong_end, wrong_words], tmp_path)

    hold([right], results[:1])
    for n, wrong in enumerate((wrong_end, wrong_words), start=1):
        with pytest.raises(AssertionError):
            hold([wrong], results[n : n + 1])
