"""A record is explained to any program that asks; why it cannot be is an error of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import FILES
from tests.e2e.instance import Instance

from winnowd.audit.history import History
from winnowd.operations.explain import AmbiguousKeyError, NoSuchRecordError, explain, explain_by_ledger
from winnowd.operations.shared_windows import NoNearestError, TextGoneError, shared_windows
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from winnowd.settings import Settings


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance with an original, its rewrite and what else there is."""
    made = Instance(tmp_path_factory.mktemp("decided"))
    made.drop(FILES)
    made.pass_over()
    return made


@pytest.fixture
def settings(instance: Instance) -> Settings:
    """Those in force."""
    return load(instance.instance_dir, environ={}, system=None).settings


def test_a_key_that_fits_none_or_several_is_an_error(instance: Instance, settings: Settings) -> None:
    """With the names of those that it fits."""
    with pytest.raises(NoSuchRecordError, match="zzzz"):
        explain(instance.instance_dir, settings, "zzzz")
    with pytest.raises(AmbiguousKeyError) as told:
        explain(instance.instance_dir, settings, ".txt")

    assert len(told.value.names) > 1


def test_a_rewrite_stands_beside_its_original(instance: Instance, settings: Settings) -> None:
    """Each window has a run in both texts; an original was like nothing."""
    rewrite = explain(instance.instance_dir, settings, "b-rewrite")
    original = explain(instance.instance_dir, settings, "a-original")

    assert rewrite.outcome == "rejected"
    assert shared_windows(instance.instance_dir, settings, rewrite)
    with pytest.raises(NoNearestError):
        shared_windows(instance.instance_dir, settings, original)


def test_a_text_that_is_nowhere_is_gone(instance: Instance, settings: Settings) -> None:
    """With ledger, seeds and originals gone there is nothing to lay beside it; its story is told all the same."""
    for folder in ("state", "seeds", "archive", "rejected"):
        for path in (instance.instance_dir / folder).rglob("*"):
            if path.is_file():
                path.unlink()

    account = explain(instance.instance_dir, settings, "b-rewrite")

    with pytest.raises(TextGoneError):
        shared_windows(instance.instance_dir, settings, account)


def test_who_asks_often_gets_the_same_and_reads_limits_once(
    held_once: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, by record and by a piece of a file's name; what the ledger does not know is not looked for."""
    loaded = load(held_once.instance_dir, environ={}, system=None)
    event = next(one for one in held_once.decisions() if one["file"]["name"] == "rewrite.txt")
    arrival = event["winnowd"]["arrival"]
    keys = [event["winnowd"]["article"]["id"], f"{arrival['id']}-{arrival['record']}", "rewri"]
    limits: dict[str, Mapping[str, Any]] = {}

    for key in keys:
        quick = explain_by_ledger(held_once.instance_dir, loaded.settings, key, limits)
        assert quick == explain(held_once.instance_dir, loaded.settings, key)

    assert list(limits) == [event["winnowd"]["config"]["sha256"]]
    monkeypatch.setattr("winnowd.audit.history.find", pytest.fail)
    monkeypatch.setattr(History, "limits", pytest.fail)
    explain_by_ledger(held_once.instance_dir, loaded.settings, keys[0], limits)
    for unknown in ("zzz", "", "0" * 16 + "-0", "x-" + "9" * 40):
        with pytest.raises(NoSuchRecordError):
            explain_by_ledger(held_once.instance_dir, loaded.settings, unknown, limits)
