"""What people who join the project rely on: make, its documents, its hooks and its CI say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from tests.slow import HERE, SLOW, names_of

from winnowd.settings import all_settings
from winnowd.settings.sections import Workers

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["CONTRIBUTING.md", "SECURITY.md"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):.*## \S", MAKEFILE, re.MULTILINE))
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")


def text_of(path: str) -> str:
    """A document of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def recipe_of(target: str) -> list[str]:
    """The commands of a target of the Makefile, with their place written out."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in found[1].splitlines()]


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    """Whoever opens the Makefile reads a sentence beside each name."""
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)

    assert set(phony.split()) == TARGETS


def test_contributing_names_every_target_of_the_makefile() -> None:
    """A newcomer finds each way to build, check, test and measure in one place."""
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", " ".join(re.findall(r"`[^`]+`", text_of("CONTRIBUTING.md")))))

    assert named == TARGETS


@pytest.mark.parametrize("path", DOCUMENTS)
def test_what_the_documents_for_contributors_name_is_there(path: str) -> None:
    """Each file and folder that they name exists, and each setting."""
    named = re.findall(r"`([^`\s]+)`", text_of(path))

    files = {
        name for name in named if "/" in name and re.match(r"(?:service|tests|deploy|config|\.github|\.ci)/", name)
    }
    settings = {name for name in named if re.fullmatch(r"(?:inbox|batch|workers|storage|disk|orders)\.[a-z_]+", name)}

    assert files
    assert [name for name in files if "NNNN" not in name and not (ROOT / name).exists()] == []
    assert settings <= set(all_settings())


def test_security_tells_the_limits_that_workers_and_unit_have() -> None:
    """What confines a worker is not told greater or smaller than it is."""
    told, unit = " ".join(text_of("SECURITY.md").split()), text_of("deploy/winnowd.service")
    workers = Workers()

    assert f"`workers.seconds`, {workers.seconds:g} s" in told
    assert f"`workers.memory`, {workers.memory >> 30} GiB" in told
    assert "at most 2 GiB and 64 tasks" in told
    assert {"MemoryMax=2G", "TasksMax=64", "PrivateNetwork=yes", "NoNewPrivileges=yes"} <= set(unit.splitlines())


def test_the_git_hook_runs_the_steps_of_the_check() -> None:
    """What passes the hook passes ``make check``: the same tools in the same order."""
    hooks = re.findall(r"^\s+entry: (.+)$", text_of(".pre-commit-config.yaml"), re.MULTILINE)

    assert hooks == recipe_of("check")


def test_ci_checks_first_and_then_tests() -> None:
    """The check takes seconds; both ways to run CI call the same targets, and those only."""
    by_hand = re.findall(r"^make (\S+)$", text_of(".ci/run"), re.MULTILINE)
    hosted = re.findall(r"- run: make (\S+)$", WORKFLOW, re.MULTILINE)

    assert by_hand == hosted == ["check", "test", "test-backfill"]
    assert WORKFLOW.count("run: ") == len(hosted)


def test_ci_runs_on_each_python_that_is_supported_and_trusts_nobody_new() -> None:
    """From the oldest that pyproject.toml allows on; no action but those that fetch the code and the Python."""
    (matrix,) = re.findall(r"python: \[(.+)\]", WORKFLOW)
    needed = tomllib.loads(text_of("pyproject.toml"))["project"]["requires-python"]

    versions = [tuple(map(int, version.split("."))) for version in re.findall(r'"([^"]+)"', matrix)]

    assert f">={'.'.join(map(str, versions[0]))}" == needed
    assert versions == [(3, minor) for minor in range(versions[0][1], versions[-1][1] + 1)]
    assert set(re.findall(r"uses: ([^@\s]+)@", WORKFLOW)) == {"actions/checkout", "actions/setup-python"}


@pytest.mark.parametrize("row", sorted(SLOW))
def test_every_slow_test_is_there(row: str) -> None:
    """A test that was renamed does not become a quick one unseen."""
    path, _, name = row.partition("[")[0].partition("::")

    assert (HERE / path).is_file()
    assert not name or re.search(rf"^ *def {name}\(", (HERE / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_what_the_table_names_is_marked_and_nothing_else(request: pytest.FixtureRequest) -> None:
    """``-m "not slow"`` leaves out what it should: in this run, each test has the mark if a row names it."""
    marked = {item.nodeid: item.get_closest_marker("slow") is not None for item in request.session.items}

    assert marked == {nodeid: not SLOW.isdisjoint(names_of(nodeid)) for nodeid in marked}
    assert [line for line in recipe_of("test-quick") if '-m "not slow"' in line]


def test_a_row_names_a_file_or_a_test_with_all_its_parameters_or_some() -> None:
    """As pytest tells a test: from the root, parameters behind."""
    assert list(names_of("tests/e2e/test_turns.py::test_it[a::b-1]")) == [
        "e2e/test_turns.py",
        "e2e/test_turns.py::test_it",
        "e2e/test_turns.py::test_it[a::b-1]",
    ]
