"""``winnowd config``: what is in force and why, what is wrong with a file, and the shape of what is written."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from winnowd import settings
from winnowd.settings.layers import flattened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


def test_show_is_a_configuration_that_gives_the_same(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown can be saved and used: all settings, in TOML."""
    monkeypatch.setenv("WINNOWD_INBOX__SETTLE", "9")

    ran = run("config", "show", "--origin")

    saved = tmp_path / "saved.toml"
    saved.write_text(ran.out)
    assert dict(flattened(tomllib.loads(ran.out))).keys() == settings.all_settings().keys()
    assert "inbox.settle = 9  # WINNOWD_INBOX__SETTLE\n" in ran.out
    assert "inbox.sweep = 5  # default\n" in ran.out
    same = settings.load(None, saved, {}, system=None)
    assert same.sha256 == settings.load(None, None, {"WINNOWD_INBOX__SETTLE": "9"}, system=None).sha256


def test_show_as_json_names_value_and_origin_of_each(run: Callable[..., Ran]) -> None:
    """One row a setting; what is off says "off"."""
    rows = run("config", "show", "--json").rows

    assert [row["name"] for row in rows[:-1]] == list(settings.all_settings())
    assert {"type": "setting", "name": "archive.keep_days", "value": "off", "origin": "default"} in rows


def test_check_names_all_faults_of_a_file(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Exit 78; the environment and the instance have no part in it."""
    (tmp_path / "new.toml").write_text("inbox.settle = -1\n[gates.length]\nwords.min.fail = 600\n")

    ran = run("config", "check", "new.toml")

    assert (ran.code, ran.out) == (78, "")
    assert ran.err.splitlines() == [
        "winnowd: new.toml:1: inbox.settle is -1; give a number of seconds >= 0",
        (
            "winnowd: new.toml:3: fail (600) must lie beyond doubt (100) for QUA401; "
            'give a fail below 100, or set doubt to "off"'
        ),
    ]


def test_check_of_a_good_file_shows_what_it_sets(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 0, whatever the environment says."""
    monkeypatch.setenv("WINNOWD_INBOX__SETTLE", "-9")
    (tmp_path / "new.toml").write_text("inbox.settle = 1\n")

    ran = run("config", "check", "new.toml")

    assert (ran.code, ran.out) == (0, "inbox.settle = 1  # new.toml:1\n")
    assert ran.err.startswith("new.toml: no fault; it sets 1 of ")


def test_check_tells_for_each_accepted_language_what_is_asked(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Whoever accepts a language reads which rules need a list or a table that it does not have."""
    (tmp_path / "new.toml").write_text('gates.language.accepted = ["en", "de-AT", "sv"]\n')

    said = run("config", "check", "new.toml").err.splitlines()[1:]
    rows = run("config", "check", "new.toml", "--json").rows

    assert said[0] == "en: all is asked"
    assert said[1].startswith("de: not asked: ")
    assert not {"CLN313", "QUA403"} & {*re.findall(r"[A-Z]{3}\d{3}", said[1])}
    assert said[2].startswith("sv: not asked: lines around articles (CLN313 to CLN330, QUA450 to QUA455)")
    assert "mean length of words (QUA403, QUA404)" in said[2]
    languages = [row for row in rows if row["type"] == "language"]
    assert [(row["what"], bool(row["skipped"])) for row in languages] == [("en", False), ("de", True), ("sv", True)]


def test_check_of_no_file_is_a_fault(run: Callable[..., Ran]) -> None:
    """It cannot be good."""
    ran = run("config", "check", "absent.toml")

    assert ran.code == 78
    assert ran.err.startswith("winnowd: absent.toml: cannot be read")


@pytest.mark.parametrize("name", ["settings", "event", "record"])
def test_schemas_are_json(run: Callable[..., Ran], name: str) -> None:
    """Each that is listed can be had, and describes an object."""
    listed = [line.split()[0] for line in run("config", "schema").out.splitlines()]

    schema = json.loads(run("config", "schema", name).out)

    assert name in listed
    assert schema["type"] == "object"
    assert schema["properties"]


def test_an_unknown_schema_is_answered_with_the_names(run: Callable[..., Ran]) -> None:
    """Exit 12."""
    ran = run("config", "schema", "sittings")

    assert ran.code == 12
    assert "settings" in ran.err
