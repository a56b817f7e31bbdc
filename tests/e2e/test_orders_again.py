"""Feeds deliver the same file again: several records have one text, and what a person decided of it binds them all."""

from __future__ import annotations

import io
import itertools
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance, silent_log
from tests.e2e.test_orders import DOUBTED, apply_waiting_orders, configured, given, ordered

from winnowd.daemon.serve import apply_orders_once, owned
from winnowd.daemon.work import Work
from winnowd.gates.originality import Originality
from winnowd.layout import LEDGER
from winnowd.operations.dry_run import Candidate, rehearsal
from winnowd.pipeline.order_planner import OrderPlanner
from winnowd.storage.ledger import Ledger
from winnowd.storage.orderbook import results

if TYPE_CHECKING:
    from pathlib import Path

GATES = {"asked": True, "off": False}


@pytest.fixture(params=GATES)
def instance(tmp_path: Path, request: pytest.FixtureRequest) -> Instance:
    """An instance whose gate of originality is asked, or switched off: what people decide holds in both."""
    return Instance(tmp_path / "here", gates__originality__enabled=GATES[request.param])


def sent(instance: Instance, name: str, text: str) -> dict[str, Any]:
    """Deliver a file, and give the event of its decision."""
    instance.drop({name: text})
    instance.pass_over()
    return instance.decisions()[-1]


def outcome(event: dict[str, Any]) -> tuple[str, str]:
    """What was decided, and by which code first."""
    return event["winnowd"]["outcome"], event["event"].get("code", "")


def id_of(event: dict[str, Any]) -> str:
    """What orders call a record's text."""
    return str(event["winnowd"]["article"]["id"])


def record_of(event: dict[str, Any]) -> str:
    """What orders call a record."""
    return f"{event['winnowd']['arrival']['id']}-{event['winnowd']['arrival']['record']}"


def holding(instance: Instance, words: str) -> list[str]:
    """The files of an instance, the ledger's too, that hold some words of a text as they stand in it."""
    paths = (path for path in instance.instance_dir.rglob("*") if path.is_file())
    return [path.relative_to(instance.instance_dir).as_posix() for path in paths if words.encode() in path.read_bytes()]


def test_erase_takes_every_record_of_a_text(instance: Instance) -> None:
    """Whatever became of each, by the id or by any of them; a second order finds nothing left, and is told so."""
    admitted = sent(instance, "first.txt", TEXTS["A"])
    copies = [sent(instance, name, TEXTS["A"]) for name in ("again.txt", "once-more.txt")]
    words = TEXTS["A"].split("\n")[0][:60]
    assert holding(instance, words)

    done = ordered(instance, "erase", record_of(copies[0]), yes=True)
    (again,) = ordered(instance, "erase", id_of(admitted), yes=True)

    assert [(one["record"], one["outcome"]) for one in done] == [
        (record_of(event), "erased") for event in (admitted, *copies)
    ]
    assert "left" not in done[-1]
    assert holding(instance, words) == []
    assert (again["state"], again["code"]) == ("refused", "SYS933")
    assert faults(instance.instance_dir) == []


def test_what_an_earlier_erase_has_left_goes_with_the_next(instance: Instance) -> None:
    """A text that came again after it was erased, and lies among the rejected, can be erased, too."""
    sent(instance, "first.txt", TEXTS["A"])
    ordered(instance, "erase", "first", yes=True)
    again = sent(instance, "again.txt", TEXTS["A"])

    (done,) = ordered(instance, "erase", id_of(again), yes=True)

    assert done["record"] == record_of(again)
    assert holding(instance, TEXTS["A"].split("\n")[0][:60]) == []
    assert faults(instance.instance_dir) == []


def test_a_file_that_holds_a_text_twice_goes_with_it(tmp_path: Path) -> None:
    """Neither record holds the other back: nothing else is in that file."""
    made = Instance(tmp_path)
    made.drop({"twice.jsonl": "".join(json.dumps({"text": TEXTS["A"]}) + "\n" for _ in range(2))})
    made.pass_over()

    done = ordered(made, "erase", id_of(made.decisions()[0]), yes=True)

    assert len(done) == 2
    assert "left" not in done[-1]
    assert made.files("archive") == []
    assert faults(made.instance_dir) == []


def test_of_two_held_records_of_a_text_the_order_asks_which(tmp_path: Path) -> None:
    """It lists both, with the name by which each can be given."""
    made = Instance(tmp_path)
    first, second = (sent(made, name, DOUBTED) for name in ("one.txt", "other.txt"))

    (asked,) = ordered(made, "release", id_of(first))
    (done,) = ordered(made, "release", record_of(second))

    assert asked["state"] == "refused"
    assert all(f"{record_of(event)} (" in asked["because"] for event in (first, second))
    assert (done["record"], done["outcome"]) == (record_of(second), "admitted")
    assert faults(made.instance_dir) == []


def test_an_order_acts_on_the_record_that_is_in_the_state_it_asks_for(tmp_path: Path) -> None:
    """Of an admitted text and its rejected copies retract means the admitted one, whichever came last."""
    made = Instance(tmp_path)
    admitted = sent(made, "first.txt", TEXTS["A"])
    sent(made, "again.txt", TEXTS["A"])

    (done,) = ordered(made, "retract", id_of(admitted))

    assert (done["record"], done["outcome"]) == (record_of(admitted), "retracted")


def test_what_was_confirmed_stays_out(instance: Instance) -> None:
    """The next delivery is rejected at once; it names the person and the event."""
    sent(instance, "list.txt", DOUBTED)
    ordered(instance, "confirm", "list")
    confirmed = next(event for event in instance.events() if event["event"]["action"] == "confirm")

    again = sent(instance, "again.txt", DOUBTED)

    assert outcome(again) == ("rejected", "ORD701")
    assert again["rule"]["name"] == "decided-by-person"
    assert confirmed["user"]["name"] in again["event"]["reason"]
    assert f"event {confirmed['event']['sequence']};" in again["event"]["reason"]
    assert faults(instance.instance_dir) == []


@pytest.mark.parametrize("action", ["retract", "erase"])
def test_what_a_person_took_out_stays_out(instance: Instance, action: Any) -> None:
    """By the text itself, and of an erased one by its words, all that is still known of it."""
    sent(instance, "a.txt", TEXTS["A"])
    ordered(instance, action, "a.txt", yes=True)

    same = sent(instance, "again.txt", TEXTS["A"])
    louder = sent(instance, "louder.txt", TEXTS["A"].replace(".\n", "!\n"))

    assert outcome(same) == ("rejected", "ORD701")
    assert outcome(louder)[0] == ("admitted" if action == "retract" and instance_is_off(instance) else "rejected")
    assert faults(instance.instance_dir) == []


def test_a_dry_run_knows_it(instance: Instance, tmp_path: Path) -> None:
    """``check`` says of a file what would become of it."""
    sent(instance, "list.txt", DOUBTED)
    ordered(instance, "confirm", "list")
    (tmp_path / "again.txt").write_text(DOUBTED, encoding="utf-8")

    with rehearsal(configured(instance), instance.instance_dir, 1) as dry:
        ((_, entry),) = dry.judge([Candidate(str(tmp_path / "again.txt"), "again.txt")])

    assert not isinstance(entry, str)
    assert entry.judged.decision.codes[0] == "ORD701"


def instance_is_off(instance: Instance) -> bool:
    """Whether its gate of originality is switched off."""
    return "gates.originality.enabled=false" in instance.overrides


def test_what_was_forgotten_may_come_again(instance: Instance) -> None:
    """Erased with --forget nothing is known of it; afterwards, too, of one that was erased without."""
    sent(instance, "a.txt", TEXTS["A"])
    ordered(instance, "erase", "a.txt", yes=True)
    stays_out = sent(instance, "again.txt", TEXTS["A"])
    ordered(instance, "erase", id_of(stays_out), yes=True, forget=True)

    again = sent(instance, "and-again.txt", TEXTS["A"])

    assert outcome(stays_out) == ("rejected", "ORD701")
    assert outcome(again) == ("admitted", "")
    assert faults(instance.instance_dir) == []


@pytest.mark.parametrize("action", ["confirm", "retract", "erase"])
def test_a_release_lifts_it(instance: Instance, action: Any) -> None:
    """A person who releases a later delivery has decided anew: it is admitted, and what follows is its copy."""
    sent(instance, "list.txt", DOUBTED)
    if action != "confirm":
        ordered(instance, "release", "list")
    ordered(instance, action, "list", yes=True)
    again = sent(instance, "again.txt", DOUBTED)

    (released,) = ordered(instance, "release", record_of(again))
    third = sent(instance, "third.txt", DOUBTED)

    assert outcome(again) == ("rejected", "ORD701")
    assert released["outcome"] == "admitted"
    assert outcome(third)[1].startswith("DUP")
    assert faults(instance.instance_dir) == []


def test_undoing_a_confirm_lifts_it_and_undoing_that_binds_again(instance: Instance) -> None:
    """Restore takes back what an order bound, and what it lifted."""
    sent(instance, "list.txt", DOUBTED)
    ordered(instance, "confirm", "list")
    ordered(instance, "restore", "list")
    lifted = sent(instance, "b.txt", DOUBTED)
    ordered(instance, "restore", "list")
    bound = sent(instance, "c.txt", DOUBTED)

    assert outcome(lifted)[1] != "ORD701"
    assert outcome(bound) == ("rejected", "ORD701")


def test_undoing_a_release_binds_again(instance: Instance) -> None:
    """Confirmed, released, put back: it is as confirmed as before."""
    sent(instance, "list.txt", DOUBTED)
    ordered(instance, "confirm", "list")
    ordered(instance, "release", "list")
    ordered(instance, "restore", "list")

    assert outcome(sent(instance, "again.txt", DOUBTED)) == ("rejected", "ORD701")


def test_restore_undoes_the_whole_order(tmp_path: Path) -> None:
    """Released in the place of another: one order undoes both, in one transaction; and undoes that as well."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"], "b.txt": TEXTS["B"]})
    made.pass_over()
    first, second = (id_of(event) for event in made.decisions())
    ordered(made, "release", "b.txt", replace=True)

    undone = ordered(made, "restore", "a.txt")
    again = ordered(made, "restore", "b.txt")

    assert {one["id"]: one["outcome"] for one in undone} == {first: "admitted", second: "rejected"}
    assert {one["id"]: one["outcome"] for one in again} == {first: "retracted", second: "admitted"}
    told = [event["winnowd"]["operator"]["order"] for event in made.events() if event["event"]["action"] == "restore"]
    assert len(set(told)) == 2
    assert faults(made.instance_dir) == []


def test_an_order_of_several_targets_is_undone_with_all_of_them(tmp_path: Path) -> None:
    """By any of them; not while one was changed again since, whose own order comes first."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"], "c.txt": TEXTS["C"]})
    made.pass_over()
    given(made, "retract", "a.txt", "c.txt")

    undone = ordered(made, "restore", "c.txt")

    assert [one["outcome"] for one in undone] == ["admitted", "admitted"]
    assert len(made.articles()) == 2
    assert faults(made.instance_dir) == []


def test_what_came_after_an_order_is_undone_before_it(tmp_path: Path) -> None:
    """The order is refused as a whole, and says which to undo first."""
    made = Instance(tmp_path)
    made.drop({"c.txt": DOUBTED, "d.txt": TEXTS["D"].replace("\n\n", "\n\n• ", 1) + "\n• item" * 60})
    made.pass_over()
    given(made, "release", "c.txt", "d.txt")
    ordered(made, "retract", "c.txt")

    (refused,) = ordered(made, "restore", "d.txt")
    ordered(made, "restore", "c.txt")
    undone = ordered(made, "restore", "d.txt")

    assert "restore" in refused["because"]
    assert "first" in refused["because"]
    assert undone[0]["state"] in {"done", "refused"}
    assert faults(made.instance_dir) == []


def test_what_was_erased_since_cannot_come_back(tmp_path: Path) -> None:
    """The rest of its order is undone, and the order is not told as done."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"], "c.txt": TEXTS["C"]})
    made.pass_over()
    given(made, "retract", "a.txt", "c.txt")
    ordered(made, "erase", "a.txt", yes=True)

    done, refused = ordered(made, "restore", "c.txt")
    (erased,) = ordered(made, "restore", "a.txt")

    assert (done["outcome"], refused["state"]) == ("admitted", "refused")
    assert "was erased since" in refused["because"]
    assert "is erased" in erased["because"]
    assert faults(made.instance_dir) == []


def test_what_was_refused_is_told_as_refused(tmp_path: Path) -> None:
    """In the audit log by its code, in the service's own as a warning; an order refused in part as such."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"]})
    made.pass_over()
    written = io.StringIO()
    log = structlog.wrap_logger(
        structlog.WriteLogger(written), wrapper_class=structlog.make_filtering_bound_logger(20)
    )  # fmt: skip

    def obeyed(*targets: str) -> str:
        order = given(made, "retract", *targets, obeyed=False)
        written.seek(0)
        written.truncate()
        apply_orders_once(made.instance_dir, configured(made), log=log)
        assert [one["target"] for one in results(made.instance_dir, order) or []] == list(targets)
        return written.getvalue()

    in_part, whole = obeyed("a.txt", "nothing"), obeyed("nothing")

    refused = [event for event in made.events() if "error" in event]
    assert [(event["message"], event["error"]["code"]) for event in refused] == [
        ("an order was refused in part", "SYS933"),
        ("an order was refused", "SYS933"),
    ]
    assert all("nothing is known of 'nothing'" in event["error"]["message"] for event in refused)
    assert "order refused in part" in in_part
    assert "order refused" in whole
    assert "order carried out" not in in_part + whole


@pytest.mark.parametrize("action", ["release", "restore"])
def test_a_kept_text_that_was_changed_is_not_published(instance: Instance, action: Any) -> None:
    """Its hash is not that of what was decided on: SYS948, and the corpus stays as it was."""
    sent(instance, "list.txt", DOUBTED)
    if action == "restore":
        ordered(instance, "release", "list")
        ordered(instance, "retract", "list")
    other = Instance(instance.instance_dir.parent / "there")
    sent(other, "list.txt", DOUBTED.replace(" the ", " some ", 1))
    with sqlite3.connect(other.instance_dir / LEDGER) as ledger:
        (text,) = ledger.execute("SELECT text FROM held_text").fetchone()
    ledger.close()
    with sqlite3.connect(instance.instance_dir / LEDGER) as ledger:
        ledger.execute("UPDATE held_text SET text = ?", (text,))
    ledger.close()

    (refused,) = ordered(instance, action, "list")

    assert (refused["state"], refused["code"]) == ("refused", "SYS948")
    assert instance.articles() == []
    assert "SYS948" in {event["event"].get("code") for event in instance.events()}


def test_a_ledger_of_the_first_version_knows_what_people_decided(tmp_path: Path) -> None:
    """Its orders bind from the next start on: persons and events are those of the log."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"], "c.txt": DOUBTED, "d.txt": TEXTS["D"]})
    made.pass_over()
    ordered(made, "retract", "a.txt")
    ordered(made, "confirm", "c.txt")
    ordered(made, "erase", "d.txt", yes=True)
    before = bindings(made.instance_dir)
    with sqlite3.connect(made.instance_dir / LEDGER) as ledger:
        ledger.executescript(
            "DROP TABLE binding; DROP INDEX tombstone_id; DROP INDEX relation_twin; DROP INDEX done_order_id;"
            "DROP INDEX arrival_changed; ALTER TABLE arrival DROP COLUMN changed;"
            "ALTER TABLE arrival DROP COLUMN continues; DROP TABLE paragraph;"
            "DROP INDEX decision_waiting; DROP TABLE held_reason; ALTER TABLE signature DROP COLUMN lexicon;"
            "PRAGMA user_version = 2;"
        )
    ledger.close()

    again = sent(made, "again.txt", DOUBTED)

    assert len(before) == 3
    assert bindings(made.instance_dir) == before
    assert outcome(again) == ("rejected", "ORD701")
    assert faults(made.instance_dir) == []


def test_an_order_of_many_targets_fills_the_index_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last of them, with a sign of life before each."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"], "c.txt": TEXTS["C"], "d.txt": TEXTS["D"]})
    made.pass_over()
    given(made, "erase", "a.txt", "c.txt", "d.txt", obeyed=False, yes=True)
    seen: list[str] = []
    build, plan = Originality.build, OrderPlanner.plan

    def built(gate: Originality, rows: Any) -> int:
        seen.append("build")
        return build(gate, list(rows))

    def applied(planner: OrderPlanner, *planned: Any) -> Any:
        seen.append("plan")
        return plan(planner, *planned)

    with owned(made.instance_dir, configured(made), processes=0) as opened:
        work = Work(opened, silent_log())
        work.start()
        monkeypatch.setattr(Originality, "build", built)
        monkeypatch.setattr(OrderPlanner, "plan", applied)
        opened.route.observer.alive = lambda: seen.append("alive")
        work.apply_waiting_orders()
        work.shut_down("a test")

    assert [what for what in seen if what != "alive"] == ["plan", "plan", "plan", "build"]
    assert all(before == "alive" for before, what in itertools.pairwise(seen) if what == "plan")


def bindings(instance_dir: Path) -> list[tuple[Any, ...]]:
    """What binds."""
    Ledger.open(instance_dir / LEDGER).close()
    with sqlite3.connect(instance_dir / LEDGER) as ledger:
        found = ledger.execute("SELECT * FROM binding ORDER BY sequence").fetchall()
    ledger.close()
    return found


def test_an_order_that_was_killed_half_way_goes_on(tmp_path: Path) -> None:
    """Of a text with several records the rest is erased by the next run; the results name all of them."""
    made = Instance(tmp_path)
    for name in ("a.txt", "b.txt", "c.txt"):
        sent(made, name, TEXTS["A"])
    order = given(made, "erase", "a.txt", obeyed=False, yes=True)
    seen: list[str] = []

    def interrupted(effect: str) -> None:
        seen.append(effect)
        if seen.count("committed") == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_waiting_orders(made, interrupted)
    apply_waiting_orders(made)

    assert [one["outcome"] for one in results(made.instance_dir, order) or []] == ["erased"] * 3
    assert [event["event"]["action"] for event in made.events()].count("erase") == 3
    assert faults(made.instance_dir) == []
