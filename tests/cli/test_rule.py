"""``winnowd rule``: every rule can be asked for, with the limits in force and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from winnowd.settings import all_settings, catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


def test_a_rule_is_told_with_its_limits_in_force(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Measure, unit, both limits, settings with origin, source, what good texts it hits, an example."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "winnowd.toml").write_text("[gates.length]\nwords.min.fail = 60\n")

    ran = run("rule", "too-few-words")

    assert ran.code == 0
    assert ran.out.startswith("QUA401 too-few-words  length\n")
    for told in (
        "gives        doubt < 100, fail < 60 words\n",
        "measure      words, in words\n",
        "gates.length.words.min.doubt = 100 (default)\n",
        "gates.length.words.min.fail = 60 (config/winnowd.toml:2)\n",
        "source       Gopher",
        "false alarms of 2,055 known-good texts",
        "example      a headline",
    ):
        assert told in ran.out


@pytest.mark.parametrize("code", catalogue())
def test_every_rule_can_be_asked_for(run: Callable[..., Ran], code: str) -> None:
    """Its help stands in the answer, which fits the width; as JSON it has the same."""
    words = run("rule", code)
    row = run("rule", code, "--json").rows[0]

    assert catalogue()[code].help.split(maxsplit=1)[0] in words.out
    assert max(map(len, words.out.splitlines())) <= 100
    assert (row["type"], row["code"], row["help"]) == ("rule", code, catalogue()[code].help)
    assert None not in row.values()


def test_without_a_name_all_rules_are_listed(run: Callable[..., Ran]) -> None:
    """One line each, in catalogue order; as JSON one row each, then the summary."""
    lines = run("rule").out.splitlines()
    rows = run("rule", "--json").rows

    assert [line.split()[0] for line in lines[2:]] == list(catalogue())
    assert [row.get("code") for row in rows[:-1]] == list(catalogue())
    assert rows[-1]["counts"] == {"rule": len(catalogue())}


def test_an_unknown_rule_is_answered_by_what_is_written_like_it(run: Callable[..., Ran]) -> None:
    """Exit 12."""
    ran = run("rule", "rewrit")

    assert (ran.code, ran.out) == (12, "")
    assert ran.err == 'winnowd: rule: no rule "rewrit"; did you mean rewrite?\n'


def test_a_limit_that_is_off_is_not_told_as_a_limit(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment switches the doubt off: only the fail is given, the setting is shown as off."""
    monkeypatch.setenv("WINNOWD_GATES__LENGTH__WORDS__MIN__DOUBT", "off")

    ran = run("rule", "QUA401")

    assert "gives        fail < 80 words\n" in ran.out
    assert 'gates.length.words.min.doubt = "off" (WINNOWD_GATES__LENGTH__WORDS__MIN__DOUBT)' in ran.out


def test_every_limit_is_found_at_its_rule(run: Callable[..., Ran]) -> None:
    """``rule`` names the setting that moves a limit, for each there is."""
    told = {one["name"] for row in run("rule", "--json").rows[:-1] for one in row["settings"]}

    assert {name for name in all_settings() if name.startswith("gates.")} == {
        name for name in told if name.startswith("gates.")
    }
