"""Decisions made anew: nothing differs unless something is set; what does is listed, beside what people made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.test_check import FILES, snapshot
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_changing import HALF, REST, judged_again
from tests.e2e.test_determinism import STREAM
from tests.e2e.test_orders import ordered
from tests.gates.stand import PROSE

from winnowd.audit.reader import Log
from winnowd.operations.changes import changes_from, untold
from winnowd.operations.replay import replay
from winnowd.operations.replay_originals import replay_originals
from winnowd.operations.replayed import Period, title_of
from winnowd.settings import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

SHORT = "\n\n".join(PROSE[:3]) + "\n"
"""Some sixty words: an article that fails by its length, and by nothing else."""
EDITED = SHORT.replace("a single umbrella", "one umbrella")
ALL_CHANGES = ("QUA401.doubt=60", "QUA401.fail=50")


@pytest.fixture(scope="module", params=["first", "best"])
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """Every kind of record, two configurations, and orders; either version of a pair may be kept."""
    made = Instance(tmp_path_factory.mktemp("judged"), gates__originality__keep=request.param)
    made.drop({**STREAM, **FILES})
    made.pass_over()
    ordered(made, "release", "d-list")
    ordered(made, "retract", "a-original" if request.param == "first" else "2-1-tide-mill")
    other = Instance(made.instance_dir, gates__originality__keep=request.param, gates__length__words__min__doubt=150)
    other.drop({"y-copy.txt": TEXTS["A"], "z-short.txt": SHORT, "z-edited.txt": EDITED})
    other.pass_over()
    ordered(other, "erase", "z-edited", yes=True)
    return other


@pytest.fixture(scope="module")
def shorts(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An article that was rejected for its length, the same with one word changed, and an original with its rewrite."""
    made = Instance(tmp_path_factory.mktemp("shorts"))
    made.drop({"a-short.txt": SHORT, "b-edited.txt": EDITED, "c-original.txt": TEXTS["A"], "d-rewrite.txt": TEXTS["B"]})
    made.pass_over()
    return made


def test_each_decision_follows_from_its_own_measures(judged: Instance) -> None:
    """By the log alone, under the limits of its configuration."""
    found = replay(Log(judged.instance_dir), {})

    assert found.decisions == len(judged.decisions())
    assert found.differences == []
    assert (found.unknown, found.broken) == (0, 0)


def test_each_decision_is_made_anew_from_its_original(judged: Instance) -> None:
    """Against the corpus as it was then; but for one that was erased, and its copy. Nothing is changed."""
    before = snapshot(judged.instance_dir)

    found = replay_originals(judged.instance_dir, {})

    assert found.decisions == len(judged.decisions())
    assert found.differences == []
    assert [one.name for one in found.missing] == ["z-edited.txt", "z-short.txt"]
    assert "its original is gone" in found.missing[0].because
    assert "which it was most like" in found.missing[1].because
    assert snapshot(judged.instance_dir) == before


def test_other_limits_change_what_they_must(shorts: Instance) -> None:
    """Each decision under the limits then, but for those that are set; what does not change is counted alone."""
    found = replay(Log(shorts.instance_dir), changes_from(ALL_CHANGES))

    assert [(one.name, one.was, one.would_be) for one in found.differences] == [
        ("a-short.txt", "rejected", ("admitted",)),
        ("b-edited.txt", "rejected", ("admitted",)),
    ]
    assert found.differences[0].grades == {"QUA401": ("fail", "pass", "pass")}
    assert found.codes == {"QUA401": {("fail", "pass", "pass"): 2}}
    assert sum(found.outcomes.values()) == 4


def test_what_would_be_let_in_is_known_to_those_that_come_after(shorts: Instance) -> None:
    """Which the log alone cannot tell: the second is a copy of the first, once that is in the corpus."""
    found = replay_originals(shorts.instance_dir, changes_from(ALL_CHANGES))

    assert [(one.name, one.was, one.would_be) for one in found.differences] == [
        ("a-short.txt", "rejected", ("admitted",))
    ]


@pytest.mark.parametrize(
    "changes", [("DUP606.fail=off", "DUP606.doubt=off"), ("profile=lenient",), ("DUP603.fail=0.9",)]
)
def test_what_the_log_tells_holds_where_all_is_made_anew(shorts: Instance, changes: tuple[str, ...]) -> None:
    """A decision that the corpus has no part in is one of those that the log says there may be."""
    by_log = replay(Log(shorts.instance_dir), changes_from(changes))
    anew = replay_originals(shorts.instance_dir, changes_from(changes))

    may_be = {one.sequence: one.would_be for one in by_log.differences}
    assert all(one.would_be[0] in may_be.get(one.sequence, (one.was,)) for one in anew.differences)
    sure = {sequence for sequence, outcomes in may_be.items() if len(outcomes) == 1}
    assert sure <= {one.sequence for one in anew.differences}


def test_people_s_outcomes_stand_beside(tmp_path: Path) -> None:
    """The last order of a person on each record; one that was undone is none."""
    instance = Instance(tmp_path, gates__length__words__min__fail=30)
    instance.drop({"a.txt": SHORT, "b.txt": " ".join(PROSE[3:6]), "c.txt": " ".join(PROSE[5:8])})
    instance.pass_over()
    assert set(instance.outcomes().values()) == {"quarantined"}
    ordered(instance, "release", "a.txt")
    ordered(instance, "confirm", "b.txt")
    ordered(instance, "confirm", "c.txt")
    ordered(instance, "restore", "c.txt")
    log, changes = Log(tmp_path), changes_from(["QUA401.doubt=55", "QUA401.fail=20"])

    found = replay(log, changes)

    would_be = {one.name: one.would_be for one in found.differences}
    assert found.people == {
        "release": {("quarantined", would_be["a.txt"]): 1},
        "confirm": {("quarantined", would_be.get("b.txt", ("quarantined",))): 1},
    }
    assert would_be["a.txt"] == ("admitted",)
    assert replay(log, changes, Period(until="2020-01-01T00:00:00.000000Z")).people == {}


@pytest.mark.parametrize("originality", [True, False])
def test_a_text_that_has_left_the_corpus_stands_there_no_more(tmp_path: Path, *, originality: bool) -> None:
    """Its file was changed after it was judged; the same text comes again, later."""
    instance, _ = judged_again(tmp_path, HALF, REST, gates__originality__enabled=originality)
    instance.drop({"many.jsonl": "\n".join(json.dumps({"text": text}) for text in (HALF, "x", HALF + REST))})
    instance.pass_over()

    found = replay_originals(tmp_path, {})

    assert (found.decisions, found.differences, found.missing) == (5, [], [])


def test_a_measure_that_was_changed_is_found(shorts: Instance, tmp_path: Path) -> None:
    """A decision that does not follow from what its event says."""
    (day,) = (shorts.instance_dir / "audit").glob("[0-9]*/*/*.jsonl")
    lines = b"".join(
        line.replace(b'"QUA405":', b'"QUA405":9999999') if b"a-short.txt" in line else line
        for line in day.read_bytes().splitlines(True)
    )
    copied = tmp_path / day.relative_to(shorts.instance_dir)
    copied.parent.mkdir(parents=True)
    copied.write_bytes(lines + b'{"action":"admit" no event\n')

    found = replay(Log(tmp_path), {})

    assert [(one.name, list(one.grades)) for one in found.differences] == [("a-short.txt", ["QUA405"])]
    assert found.broken == 1


def test_a_configuration_that_nobody_tells_whole_is_left_out(shorts: Instance, tmp_path: Path) -> None:
    """Without the event of its start no limit is known: its decisions are counted, and not graded."""
    (day,) = (shorts.instance_dir / "audit").glob("[0-9]*/*/*.jsonl")
    copied = tmp_path / day.relative_to(shorts.instance_dir)
    copied.parent.mkdir(parents=True)
    copied.write_bytes(b"".join(line for line in day.read_bytes().splitlines(True) if b'"startup"' not in line))

    found = replay(Log(tmp_path), changes_from(ALL_CHANGES))

    assert (found.decisions, found.unknown, found.differences) == (4, 4, [])


def test_limits_that_cross_are_refused(shorts: Instance) -> None:
    """Under the limits of the configuration that was in force, by either way."""
    for made_anew in (replay, replay_originals):
        target: Any = Log(shorts.instance_dir) if made_anew is replay else shorts.instance_dir
        with pytest.raises(SettingsError, match="must lie beyond doubt"):
            made_anew(target, changes_from(["DUP606.fail=0.5"]))


def test_a_title_is_found_in_the_evidence(tmp_path: Path) -> None:
    """The log has none; where there is no evidence there is none."""
    instance = Instance(tmp_path)
    instance.drop({"a.json": json.dumps({"title": "Umbrellas", "text": SHORT}), "b.txt": EDITED})
    instance.pass_over()

    one, other = replay(Log(tmp_path), changes_from(ALL_CHANGES)).differences

    assert (title_of(Log(tmp_path), one), title_of(Log(tmp_path), other)) == ("Umbrellas", "")
    for path in (tmp_path / "audit" / "evidence").rglob("*.jsonl"):
        path.unlink()
    assert title_of(Log(tmp_path), one) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DUP66.fail=1", "did you mean DUP606"),
        ("rewrit.fail=1", "did you mean rewrite"),
        ("DUP606.fial=1", "DUP606 has doubt and fail"),
        ("INP104.fail=1", "has no limits"),
        ("gates.length.words.min.fial=1", "did you mean gates.length.words.min.fail"),
        ("gates.lenght.words.min.fail=1", "did you mean gates.length.words.min.fail"),
        ("DUP606.fail=high", "give a score"),
        ("DUP606.fail", "has no value"),
        ("inbox.settle=3", "moves no decision"),
    ],
)
def test_what_is_no_setting_is_refused_with_what_is(text: str, said: str) -> None:
    """And all of it at once."""
    with pytest.raises(SettingsError, match=said) as refused:
        changes_from([text, "nonsense=1"])

    assert len(refused.value.faults) == 2


def test_a_limit_has_several_names() -> None:
    """Its code's, its slug's, its own; two limits of one measure are told apart by their codes."""
    assert changes_from(["DUP606.fail=1.5"]) == changes_from(["rewrite.fail=1.5"])
    assert changes_from(["DUP606.fail=1.5"]) == changes_from(["gates.originality.rewrite.fail=1.5"])
    assert list(changes_from(["QUA403.doubt=3", "QUA404.doubt=off"])) == [
        "gates.length.mean_word_length.min.doubt",
        "gates.length.mean_word_length.max.doubt",
    ]
    assert untold(changes_from(["profile=strict", "gates.originality.keep=best"])) == ["gates.originality.keep"]
