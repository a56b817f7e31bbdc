"""People's orders: each carried out once, told in the log, undone if wanted; none lets a copy in by the back door."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pytest
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance, silent_log

from winnowd.daemon.serve import apply_orders_once
from winnowd.settings import load
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import no_hook
from winnowd.storage.orderbook import OrderFile, give, results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.settings import Loaded

Action = Literal["release", "confirm", "retract", "restore", "erase"]
DOUBTED = TEXTS["C"].replace("\n\n", "\n\n• ", 1) + "\n" + "\n".join(f"• item {number}" for number in range(60))


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """The original, its rewrite (rejected as a copy), and a list of bullets (held)."""
    made = Instance(tmp_path)
    made.drop({"a-original.txt": TEXTS["A"], "b-rewrite.txt": TEXTS["B"], "c-list.txt": DOUBTED})
    made.pass_over()
    assert list(made.outcomes().values()) == ["admitted", "rejected", "quarantined"]
    return made


def ordered(instance: Instance, action: Action, target: str, **flags: bool) -> list[dict[str, Any]]:
    """Give an order, let an owner carry it out, and say what became of it."""
    found = results(instance.instance_dir, given(instance, action, target, **flags))
    assert found is not None
    return found


def given(instance: Instance, action: Action, *targets: str, obeyed: bool = True, **flags: bool) -> str:
    """Give an order for several targets, and let an owner carry it out unless it shall wait; gives its id."""
    order = SystemClock().uuid7()
    content = OrderFile(
        at="2026-11-22T12:00:00Z", user="editor", via="cli", action=action, targets=list(targets), reason="a test",
    ).model_copy(update=flags)  # fmt: skip
    give(instance.instance_dir, order, content)
    if obeyed:
        apply_waiting_orders(instance)
    return order


def configured(instance: Instance) -> Loaded:
    """What the instance is set to."""
    return load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)


def apply_waiting_orders(instance: Instance, on_effect: Callable[[str], None] | None = None) -> None:
    """Be the owner for a moment."""
    apply_orders_once(instance.instance_dir, configured(instance), log=silent_log(), on_effect=on_effect or no_hook)


def person(instance: Instance) -> str:
    """Who gave the last order: the owner of its file."""
    return str([event["user"]["name"] for event in instance.events() if "user" in event][-1])


def rows(instance: Instance) -> list[dict[str, Any]]:
    """The rows of the index, for programs."""
    pages = sorted((instance.instance_dir / "seeds" / "index").glob("[0-9]*/*.jsonl"))
    return [json.loads(line) for page in pages for line in page.read_text(encoding="utf-8").splitlines()]


def states(instance: Instance) -> dict[str, str]:
    """File name to where its record lies now: the first folder of its home."""
    folders = ("quarantine", "rejected", "archive")
    return {path.split("~")[0].rpartition("/")[2]: folder for folder in folders for path in instance.files(folder)}


def test_a_copy_is_not_released_beside_its_original(instance: Instance) -> None:
    """Originality is asked again, and names what stands in the way."""
    (refused,) = ordered(instance, "release", "b-rewrite")

    assert refused["state"] == "refused"
    assert "DUP606" in refused["because"]
    assert "--replace" in refused["because"]
    assert faults(instance.instance_dir) == []


def test_a_copy_may_take_the_place_of_its_original(instance: Instance) -> None:
    """With --replace the original is retracted in the same breath; both are told in the log."""
    done = ordered(instance, "release", "b-rewrite", replace=True)

    assert [one["outcome"] for one in done] == ["retracted", "admitted"]
    assert [event["event"]["action"] for event in instance.events()][-4:-1] == [
        "retract",
        "release",
        "index-written",
    ]
    assert faults(instance.instance_dir) == []


def test_what_was_held_can_be_released_and_put_back(instance: Instance) -> None:
    """Released, it is a corpus article like any other; restored, it lies where it lay, with its reasons beside it."""
    before = instance.files("quarantine")

    released = ordered(instance, "release", "c-list")
    in_corpus = len(instance.articles())
    restored = ordered(instance, "restore", "c-list")

    assert released[0]["outcome"] == "admitted"
    assert in_corpus == 2
    assert restored[0]["outcome"] == "quarantined"
    assert [path for path in instance.files("quarantine") if not path.endswith(".order.md")] == before
    assert len(instance.articles()) == 1
    assert faults(instance.instance_dir) == []


def test_a_confirmed_doubt_moves_to_the_rejected(instance: Instance) -> None:
    """With its why-files; the corpus stays as it was."""
    ordered(instance, "confirm", "c-list")

    assert states(instance)["c-list"] == "rejected"
    assert instance.files("quarantine") == []
    assert faults(instance.instance_dir) == []


def test_the_page_beside_a_file_tells_of_the_last_order(instance: Instance) -> None:
    """Who confirmed it and why; after a restore that; what said why it was held stays, byte for byte."""

    def pages(folder: str) -> dict[str, bytes]:
        found = [path for path in (instance.instance_dir / folder).rglob("c-list*") if path.suffix == ".md"]
        return {"".join(path.suffixes[-2:]): path.read_bytes() for path in found}

    (why,) = pages("quarantine").values()
    ordered(instance, "confirm", "c-list")
    confirmed = pages("rejected")
    ordered(instance, "restore", "c-list")
    restored = pages("quarantine")
    ordered(instance, "release", "c-list")
    released = pages("archive")
    last = instance.decisions()[-1]["winnowd"]["article"]["id"]

    assert confirmed.keys() == restored.keys() == released.keys() == {".why.md", ".order.md"}
    assert {one[".why.md"] for one in (confirmed, restored, released)} == {why}
    assert f"confirmed by {person(instance)}\n".encode() in confirmed[".order.md"]
    assert b"- why: a test\n" in confirmed[".order.md"]
    assert b"It was rejected, and is quarantined." in restored[".order.md"]
    assert f"winnowd restore {last}".encode() in released[".order.md"]
    assert pages("quarantine") == pages("rejected") == {}
    assert faults(instance.instance_dir) == []


def test_a_retracted_text_keeps_its_name_and_says_why_it_left(instance: Instance) -> None:
    """Both are gone when it is restored; and erased, they hold no word of it."""
    ordered(instance, "retract", "a-original")
    retracted = sorted((instance.instance_dir / "rejected").rglob("a-original~*"))
    page = retracted[1].read_text(encoding="utf-8")
    ordered(instance, "restore", "a-original")
    restored = list((instance.instance_dir / "rejected").rglob("a-original~*"))
    ordered(instance, "retract", "a-original")
    ordered(instance, "erase", "a-original", yes=True)

    assert [path.suffix for path in retracted] == [".txt", ".md"]
    assert retracted[1].name == f"{retracted[0].name}.why.md"
    assert page.startswith(f"# a-original.txt: retracted by {person(instance)}\n")
    assert "It was admitted, and is retracted." in page
    assert restored == []
    assert not list(instance.instance_dir.rglob("a-original*"))
    assert faults(instance.instance_dir) == []


def test_a_record_of_many_that_was_released_is_erased_with_its_own_bytes(tmp_path: Path) -> None:
    """They lie in archive/ since its release, beside the file of all; of its pages none is left either."""
    made = Instance(tmp_path)
    made.drop({"two.jsonl": "".join(json.dumps({"text": one}) + "\n" for one in (TEXTS["A"], DOUBTED))})
    made.pass_over()
    doubted = made.decisions()[1]["winnowd"]["article"]["id"]
    ordered(made, "release", doubted)
    own = [path for path in made.files("archive") if "-1.txt" in path]

    (erased,) = ordered(made, "erase", doubted, yes=True)

    assert sorted(path.partition("-1.txt")[2] for path in own) == ["", ".order.md", ".why.md"]
    assert [path.partition("~")[2][8:] for path in made.files("archive")] == [".jsonl"]
    assert len(erased["left"]) == 1
    assert faults(made.instance_dir) == []


def test_a_retracted_article_leaves_the_index_and_its_copies_stay_out(instance: Instance) -> None:
    """A tombstone tells of it; the same text does not come back by itself; restore brings it back."""
    ordered(instance, "retract", "a-original")
    instance.drop({"again.txt": TEXTS["A"] + " "})
    instance.pass_over()
    again = instance.outcomes()["again.txt"]
    tombstones = instance.instance_dir / "seeds" / "index" / "tombstones.jsonl"
    tombstone = json.loads(tombstones.read_text(encoding="utf-8"))
    restored = ordered(instance, "restore", "a-original")

    (row,) = rows(instance)
    assert tombstone["action"] == "retract"
    assert again == "rejected"
    assert restored[0]["outcome"] == "admitted"
    assert not tombstones.exists()
    assert (row["id"], row["sequence"] > tombstone["sequence"]) == (tombstone["id"], True)
    assert faults(instance.instance_dir) == []


def test_an_erased_article_leaves_no_word_behind(instance: Instance) -> None:
    """No file of the instance holds a rare word of it; its digests still tell a copy, unless they go, too."""
    refused = ordered(instance, "erase", "c-list")
    ordered(instance, "erase", "c-list", yes=True)
    instance.drop({"copy-of-list.txt": DOUBTED})
    instance.pass_over()

    assert refused[0]["state"] == "refused"
    copy = instance.decisions()[-1]
    assert "DUP601" in copy["winnowd"]["measured"]
    ordered(instance, "erase", "copy-of-list", yes=True, forget=True)
    holding = [
        path.relative_to(instance.instance_dir).as_posix()
        for path in instance.instance_dir.rglob("*")
        if path.is_file() and not path.name.startswith("winnowd.db") and b"item 31" in path.read_bytes()
    ]
    assert holding == []
    assert faults(instance.instance_dir) == []


def test_erasing_tells_what_still_holds_something_of_it(instance: Instance) -> None:
    """The evidence of what resembles it, and git's history."""
    (instance.instance_dir / ".git").mkdir()
    (instance_dir,) = (path for path in instance.files("seeds") if path.endswith(".txt"))

    (erased,) = ordered(instance, "erase", "a-original", yes=True)

    rewrite = instance.decisions()[1]["winnowd"]["article"]["id"]
    evidence, history = erased["left"]
    assert rewrite in evidence
    assert history.endswith(f"--path seeds/{instance_dir}")


def test_a_file_of_many_records_goes_with_the_last_of_them(tmp_path: Path) -> None:
    """Until then the order says that it still holds the text."""
    made = Instance(tmp_path)
    made.drop({"two.jsonl": "".join(json.dumps({"text": TEXTS[one]}) + "\n" for one in "AC")})
    made.pass_over()
    first, second = (event["winnowd"]["article"]["id"] for event in made.decisions())
    (original,) = made.files("archive")

    (once,) = ordered(made, "erase", first, yes=True)
    still = made.files("archive")
    (last,) = ordered(made, "erase", second, yes=True)

    assert original in once["left"][0]
    assert still == [original]
    assert "left" not in last
    assert made.files("archive") == []
    assert faults(made.instance_dir) == []


def test_an_order_for_what_it_is_not_for_says_so(instance: Instance) -> None:
    """The state, and what the order is for; an unknown or ambiguous target is told as such."""
    wrong = ordered(instance, "confirm", "b-rewrite")[0]["because"]
    unknown = ordered(instance, "release", "zzzz")[0]["because"]

    assert "is rejected; confirm is for what is quarantined" in wrong
    assert "nothing is known" in unknown


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"action": "release"}', b"x" * 100_000, b'{"targets": ["\\ud800"]}']
)
def test_what_is_no_order_is_set_aside_and_told(instance: Instance, content: bytes) -> None:
    """Nothing is carried out of it; the service goes on."""
    order = SystemClock().uuid7()
    (instance.instance_dir / "state" / "orders" / f"{order}.json").write_bytes(content)

    apply_waiting_orders(instance)

    assert len(instance.files("state/orders/refused")) == 1
    assert [one["state"] for one in results(instance.instance_dir, order) or []] == ["refused"]
    told = [event["event"].get("code") for event in instance.events() if event["event"]["action"] == "failure"]
    assert told == ["SYS932"]


def test_a_link_in_the_place_of_an_order_is_not_followed(instance: Instance, tmp_path: Path) -> None:
    """It is set aside as it is."""
    secret = tmp_path / "secret"
    secret.write_text('{"action": "erase"}')
    order = SystemClock().uuid7()
    (instance.instance_dir / "state" / "orders" / f"{order}.json").symlink_to(secret)

    apply_waiting_orders(instance)

    (aside,) = (instance.instance_dir / "state" / "orders" / "refused").iterdir()
    assert aside.is_symlink()


def test_an_exact_copy_takes_nobody_s_place(instance: Instance) -> None:
    """The same text is the same file: replacing it would leave none."""
    instance.drop({"same.txt": TEXTS["A"] + "\n"})
    instance.pass_over()

    refused = ordered(instance, "release", "same.txt", replace=True)

    assert "the very same text" in refused[0]["because"]
    assert faults(instance.instance_dir) == []


def test_a_copy_of_two_articles_takes_the_place_of_neither(instance: Instance) -> None:
    """One of them would stay beside it."""
    instance.drop({"other.txt": TEXTS["C"]})
    instance.pass_over()
    instance.drop({"both.txt": f"{TEXTS['A']}\n\n{TEXTS['C']}"})
    instance.pass_over()

    refused = ordered(instance, "release", "both.txt", replace=True)

    assert "too; retract that one first" in refused[0]["because"]
    assert faults(instance.instance_dir) == []


def test_what_was_brought_back_can_be_taken_out_again_by_undoing(instance: Instance) -> None:
    """Retract, restore, restore: the last undoes the one before, and the text lies in rejected/ again."""
    ordered(instance, "retract", "a-original")
    ordered(instance, "restore", "a-original")

    undone = ordered(instance, "restore", "a-original")

    assert undone[0]["outcome"] == "retracted"
    assert len(instance.articles()) == 0
    assert faults(instance.instance_dir) == []
