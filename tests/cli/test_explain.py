"""``winnowd explain``: a record's whole story, from the log alone, found by any piece of what one knows of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.test_check import FILES
from tests.e2e.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

ODD = "right\u202eto-left.txt"


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance with an original, its rewrite and its exact copy, a doubted list, a broken file, an odd name."""
    made = Instance(tmp_path_factory.mktemp("decided"))
    made.drop(FILES)
    made.pass_over()
    made.drop({ODD: "Short, and of an odd name.", "feed-a/other.txt": "Another one, and short."})
    (made.instance_dir / "inbox").joinpath("b\udcffd.txt").write_bytes(b"Short.")
    made.pass_over()
    return made


@pytest.fixture
def instance(decided: Instance, tmp_path: Path) -> Instance:
    """A copy of it, to be changed."""
    shutil.copytree(decided.instance_dir, tmp_path / "home")
    return Instance(tmp_path / "home")


@pytest.fixture
def explain(run: Callable[..., Ran], instance: Instance) -> Callable[..., Ran]:
    """Run ``winnowd explain`` on the copy."""
    return lambda *arguments: run("--home", str(instance.instance_dir), "explain", *arguments)


def event_of(instance: Instance, name: str) -> dict[str, Any]:
    """The decision on a file."""
    return next(event for event in instance.decisions() if event["file"]["name"] == name)


def test_a_refused_article_is_told_with_twin_and_passages(explain: Callable[..., Ran], instance: Instance) -> None:
    """What happened, where it lies, its twin, the shared passages, every measure with its limits, what can be done."""
    ours = event_of(instance, "b-rewrite.txt")["winnowd"]

    ran = explain("b-rewrite")

    assert ran.code == 0
    assert ran.out.startswith(f"b-rewrite.txt  rejected  {ours['article']['id']}\n")
    for told in (
        f"  twin        {ours['nearest']['id']} {ours['nearest']['path']}; ",
        f"  lies in     {ours['destination']['path']}\n",
        "as they are today",
        "DUP606 rewrite fail  b-rewrite.txt",
        "two sentences, ",
        f"winnowd explain {ours['article']['id']} --side-by-side",
        f"winnowd release {ours['article']['id']} --reason",
    ):
        assert told in ran.out
    assert all(f"  {code}  " in ran.out for code in ours["measured"])
    assert max(map(len, ran.out.splitlines())) <= 100


def test_an_admitted_article_names_the_one_most_like_it(explain: Callable[..., Ran], instance: Instance) -> None:
    """Or says that there is none."""
    ours = event_of(instance, "d-list.txt")["winnowd"]

    like_none = explain("a-original.txt").out
    quarantined = explain("d-list.txt").out

    assert "a-original.txt  admitted  " in like_none
    assert "  nearest     no known article is anything like it\n" in like_none
    assert "winnowd retract" in like_none
    assert f"winnowd confirm {ours['article']['id']}" in quarantined


@pytest.mark.parametrize("key", ["id", "arrival", "other.t", "feed-a/other.txt", "inbox/feed-a/other.txt", "record"])
def test_any_unique_piece_finds_it(explain: Callable[..., Ran], instance: Instance, key: str) -> None:
    """Id or arrival or the beginning of one, a piece of the file's name."""
    ours = event_of(instance, "other.txt")["winnowd"]
    keys = {
        "id": ours["article"]["id"][:9],
        "arrival": ours["arrival"]["id"],
        "record": f"{ours['arrival']['id']}-0",
    }

    assert explain(keys.get(key, key)).out.startswith("other.txt  ")


def test_what_fits_nothing_or_several_is_told(explain: Callable[..., Ran]) -> None:
    """Exit 12; those that fit are listed."""
    nothing, several = explain("zzzz"), explain(".txt")

    assert (nothing.code, several.code) == (12, 12)
    assert 'no record "zzzz"' in nothing.err
    assert '".txt" fits ' in several.err
    assert several.err.endswith("give an id, or more characters\n")
    assert "a-original.txt" in several.out


def test_what_fits_several_can_be_typed_again(explain: Callable[..., Ran]) -> None:
    """Each row of the table has a name by which its record alone is explained, and its record and outcome."""
    rows = [row for row in explain(".txt", "--json").rows if row["type"] == "record"]

    assert rows
    for row in rows:
        alone = [one for one in explain(row["id"], "--json").rows if one["type"] == "event"]
        assert {one["winnowd"]["arrival"]["id"] for one in alone} >= {row["arrival"]}
    assert {row["outcome"] for row in rows} <= {"admitted", "quarantined", "rejected"}


@pytest.mark.parametrize("option", [(), ("--json",), ("--md",), ("--side-by-side",)])
@pytest.mark.parametrize("key", ["b-rewrite", "h-again.txt", "g-many", "f-empty"])
def test_without_the_ledger_the_answer_is_the_same(
    explain: Callable[..., Ran], instance: Instance, key: str, option: tuple[str, ...]
) -> None:
    """It is only a shortcut; even the text of a refused article is cleaned again from its original."""
    before = explain(key, *option)
    for path in (instance.instance_dir / "state").glob("winnowd.db*"):
        path.unlink()

    after = explain(key, *option)

    def told(ran: Ran) -> tuple[int, str, str]:
        return (ran.code, ran.out.partition('{"type": "summary"')[0], ran.err)

    assert told(after) == told(before)


def test_of_several_with_one_text_the_one_asked_for_is_explained(explain: Callable[..., Ran]) -> None:
    """The copy by its file; by the id of the text the one that was admitted. Both tell all that happened to it."""
    copy, original = explain("h-again.txt").out, explain("a-original.txt").out

    assert copy.startswith("h-again.txt  rejected  ")
    assert original.startswith("a-original.txt  admitted  ")
    assert explain(original.split()[2]).out == original
    assert all("inbox/a-original.txt: all " in out and "inbox/h-again.txt: DUP60" in out for out in (copy, original))


def test_what_has_no_text_is_explained_too(explain: Callable[..., Ran], instance: Instance) -> None:
    """By its arrival; nothing is offered that cannot be done."""
    arrival = event_of(instance, "f-empty.txt")["winnowd"]["arrival"]["id"]

    ran = explain(f"{arrival}-0")

    assert ran.out.startswith(f"f-empty.txt  rejected  {arrival}-0\n")
    assert "winnowd release" not in ran.out
    assert explain(arrival, "--side-by-side").code == 1


def test_orders_are_part_of_the_story(run: Callable[..., Ran], explain: Callable[..., Ran], instance: Instance) -> None:
    """Who, why, what became of it; where it lies now and what can be done now."""
    instance_dir = str(instance.instance_dir)
    ordered = run("--home", instance_dir, "release", "d-list.txt", "--reason", "a list is what \x1b[31mwe want")
    assert ordered.code == 0, ordered.out

    ran = explain("d-list.txt")

    assert ran.out.startswith("d-list.txt  admitted  ")
    assert '(cli): "a list is what <U+001B>[31mwe want"; admitted, was quarantined' in " ".join(ran.out.split())
    assert "  lies in     seeds/" in ran.out
    assert "winnowd retract" in ran.out
    assert "winnowd release" not in ran.out


def test_limits_are_told_as_they_were_and_as_they_are(explain: Callable[..., Ran], instance: Instance) -> None:
    """Those that have changed stand side by side; a measure is never graded anew here."""
    (instance.instance_dir / "config").mkdir(exist_ok=True)
    (instance.instance_dir / "config" / "winnowd.toml").write_text("[gates.originality]\nrewrite.fail = 9.5\n")

    ran = explain("b-rewrite")
    rows = {row["code"]: row for row in explain("b-rewrite", "--json").rows if row["type"] == "limit"}

    assert "1 has changed since, see below" in ran.out
    assert "  DUP606 rewrite                  then doubt ≥ 1, fail ≥ 1.3   now doubt ≥ 1, fail ≥ 9.5\n" in ran.out
    assert (rows["DUP606"]["then"]["fail"], rows["DUP606"]["now"]["fail"]) == (1.3, 9.5)
    assert "DUP606 rewrite fail  b-rewrite.txt" in ran.out
    assert "## Limits that have changed since" in explain("b-rewrite", "--md").out


def test_evidence_that_is_gone_or_changed_is_told(
    run: Callable[..., Ran], explain: Callable[..., Ran], instance: Instance
) -> None:
    """Erased by which event, or not what was written; what was measured is told all the same."""
    path = instance.instance_dir / event_of(instance, "b-rewrite.txt")["winnowd"]["evidence"]["path"]
    path.write_bytes(path.read_bytes().replace(b"passages", b"passagez"))
    run("--home", str(instance.instance_dir), "erase", "d-list.txt", "--yes", "--reason", "asked to")
    erased = next(event for event in instance.events() if event["event"]["action"] == "erase")

    changed, gone = explain("b-rewrite").out, explain("d-list.txt").out

    assert "is not what was written; see winnowd verify" in " ".join(changed.split())
    assert f"was erased by event {erased['event']['sequence']}" in " ".join(gone.split())
    assert "  lies in     nowhere: it was erased\n" in gone
    assert "DUP606 rewrite fail" in changed


def test_side_by_side_shows_every_shared_run(explain: Callable[..., Ran], instance: Instance) -> None:
    """As many brackets in each column as the evidence has passages; for an admitted text those found now."""
    arrival = event_of(instance, "b-rewrite.txt")["winnowd"]["arrival"]["id"]
    (passages,) = (one["passages"] for one in instance.evidence() if one["arrival"] == arrival)

    ran = explain("b-rewrite", "--side-by-side")

    assert ran.code == 0
    assert ran.out.count("[") == 2 * len(passages)
    assert explain("a-original", "--side-by-side").code == 1


def test_as_json_it_gives_the_log_s_own_events(explain: Callable[..., Ran], instance: Instance) -> None:
    """Each with its type before it, then evidence, limits then and now, every measure, and what can be done."""
    rows = explain("b-rewrite", "--json").rows

    events = [{name: row[name] for name in row if name != "type"} for row in rows if row["type"] == "event"]
    name = event_of(instance, "b-rewrite.txt")["winnowd"]["article"]["id"]
    assert events == [one for one in instance.decisions() if one["winnowd"].get("article", {}).get("id") == name]
    types = ["event", "evidence", "limit", "measure", "next", "summary"]
    assert list(dict.fromkeys(row["type"] for row in rows)) == types
    worst = next(row for row in rows if row["type"] == "measure")
    assert (worst["code"], worst["grade"], worst["fail"], worst["reached"]) == ("DUP606", "fail", 1.3, True)
    assert worst["setting"] == "gates.originality.rewrite"
    assert any(row["command"].startswith(f"winnowd release {name} ") for row in rows if row["type"] == "next")


def test_odd_names_are_shown_harmlessly_and_can_be_asked_for(explain: Callable[..., Ran]) -> None:
    """As they were typed; bytes that are no UTF-8 too."""
    odd, broken = explain(ODD), explain("b\udcffd.txt")

    assert odd.out.startswith("right<U+202E>to-left.txt  rejected  ")
    assert broken.out.startswith("b\\xffd.txt  rejected  ")
    assert "\u202e" not in odd.out + explain(ODD, "--md").out
