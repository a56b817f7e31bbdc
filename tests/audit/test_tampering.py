"""Whatever is changed behind the service's back is found by ``verify``, each kind by a sentence of its own.

One instance is made, and copied for each deed. The one thing that nothing inside can find is named as such.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.test_check import FILES
from tests.e2e.instance import Instance
from tests.e2e.test_orders import ordered
from tests.instances.make import ARTICLES, cut

from winnowd import event
from winnowd.operations.rebuild import rebuild_ledger
from winnowd.operations.verify import verify
from winnowd.settings import load
from winnowd.storage.paths import arrival_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.test_orders import Action

    from winnowd.audit.verify import Verified

    Deed: TypeAlias = str | Callable[[Path], object]

HELD_ONES = [cut(text) for text in ARTICLES[:2]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """Every outcome, records of many, and after that every order."""
    instance = Instance(tmp_path_factory.mktemp("made"))
    instance.drop(FILES)
    instance.pass_over()
    instance.drop({"k-held.txt": HELD_ONES[0], "l-confirmed.txt": HELD_ONES[1], "m-more.txt": ARTICLES[2]})
    instance.pass_over()
    assert instance.outcomes()["k-held.txt"] == instance.outcomes()["l-confirmed.txt"] == "quarantined"
    ordered(instance, "release", "d-list")
    ordered(instance, "erase", "e-short", yes=True)
    ordered(instance, "confirm", "l-confirmed")
    ordered(instance, "retract", "m-more")
    return instance


@pytest.fixture
def home(made: Instance, tmp_path: Path) -> Path:
    """A copy, to be tampered with."""
    shutil.copytree(made.instance_dir, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


def looked_at(home: Path, *, deep: bool = False) -> Verified:
    """What ``winnowd verify`` finds."""
    return verify(home, lambda: load(home, environ={}, overrides=(), system=None), deep=deep)


def one(home: Path, pattern: str) -> Path:
    """The first file of a pattern."""
    return min(path for path in home.glob(pattern) if path.is_file())


def added(pattern: str) -> Callable[[Path], object]:
    """A file has some bytes more."""

    def deed(home: Path) -> None:
        path = one(home, pattern)
        path.write_bytes(path.read_bytes() + b"and more\n")

    return deed


def gone(pattern: str) -> Callable[[Path], object]:
    """A file is no more."""
    return lambda home: one(home, pattern).unlink()


def beside(pattern: str, name: str) -> Callable[[Path], object]:
    """A file of nobody lies beside another."""

    def deed(home: Path) -> None:
        path = one(home, pattern).parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of nobody")

    return deed


def linked_folder(home: Path) -> None:
    """A folder of the corpus leads out of it."""
    (home.parent / "elsewhere").mkdir()
    (one(home, "seeds/2*/*/*.txt").parent / "more").symlink_to(home.parent / "elsewhere")


def named_twice(home: Path) -> None:
    """A seed is the same, and somebody else's, too."""
    path = one(home, "seeds/2*/*/*.txt")
    shutil.copy(path, home.parent / "mine")
    path.unlink()
    os.link(home.parent / "mine", path)


def no_archive(home: Path) -> None:
    """All originals of the archive are gone."""
    shutil.rmtree(home / "archive")
    (home / "archive").mkdir()


def sql(home: Path, *statements: str, values: tuple[object, ...] = ()) -> int:
    """Change the ledger; gives how many rows that met."""
    connection = sqlite3.connect(home / "state" / "winnowd.db")
    connection.create_function("packed", 1, lambda text: zlib.compress(text.encode(), 1))
    connection.create_function("unpacked", 1, lambda blob: zlib.decompress(blob).decode())
    met = sum(connection.execute(statement, values).rowcount for statement in statements)
    connection.commit()
    connection.close()
    return met


def shorter(home: Path) -> None:
    """The log lacks its last two lines; HEAD.json stays."""
    path = one(home, "audit/2*/*/*.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def schema(*statements: str) -> Callable[[Path], object]:
    """The tables of the ledger are not as they were made."""
    return lambda home: sql(home, *statements)


def planted_arrival(home: Path) -> None:
    """A row says of a file in the archive that it came."""
    path = one(home, "archive/*/*/*/a-*.txt").with_name("planted~ffffffff.txt")
    path.write_text("of nobody")
    number = arrival_number("f" * 8 + "0" * 8)
    added = "SELECT ?, 'f', feed, path, dev, ino, size, mtime_ns, seen_at, claimed_at, state, 1, 1, ?, NULL, 0, 0, NULL"
    sql(
        home, f"INSERT INTO arrival {added} FROM arrival WHERE number = 1",
        values=(number, path.relative_to(home).as_posix()),
    )  # fmt: skip


def instead(pattern: str, make: Callable[[Path], None]) -> Callable[[Path], object]:
    """Something else lies where a file lay."""

    def deed(home: Path) -> None:
        path = one(home, pattern)
        path.unlink()
        make(path)

    return deed


def linked(pattern: str) -> Callable[[Path], object]:
    """A file lies elsewhere, where others may write, and a link in its place."""

    def deed(home: Path) -> None:
        path = one(home, pattern)
        shutil.move(path, home.parent / "mine")
        path.symlink_to(home.parent / "mine")

    return deed


def nested(pattern: str) -> Callable[[Path], object]:
    """A line more than any parser goes down into."""

    def deed(home: Path) -> None:
        path = one(home, pattern)
        path.write_bytes(path.read_bytes() + b"[" * 200_000 + b"\n")

    return deed


ROW = "UPDATE page_row SET line = json_set(line, '$.title', 'Forged', '$.licence', 'CC0-1.0')"
HELD = "quarantine/*/*/*/*.txt"
REJECTED = "rejected/*/*/*/b-rewrite*.txt"
DEEDS: dict[str, tuple[Deed, str]] = {
    # of the archive, of what is held, and of the pages beside
    "original-changed": (added("archive/*/*/*/a-*.txt"), "is not the file that came"),
    "original-of-many-longer": (added("archive/*/*/*/g-*.jsonl"), "is not the file that came"),
    "originals-gone": (no_archive, "neither retention nor an order took it away"),
    "held-original-changed": (added(REJECTED), "is not the file that was judged"),
    "why-changed": (added("rejected/*/*/*/b-*.why.md"), "does not say what audit/"),
    "why-gone": (gone("rejected/*/*/*/b-*.why.md"), "is gone, and what it tells of is there"),
    "why-json-planted": (beside(REJECTED, "b-rewrite.why.json"), "is nobody's"),
    "order-page-changed": (added("archive/*/*/*/d-*.order.md"), "does not say what audit/"),
    "page-of-a-retraction-changed": (added("rejected/*/*/*/m-*.why.md"), "does not say what audit/"),
    # of nobody
    "planted-in-rejected": (beside(REJECTED, "planted.txt"), "is nobody's"),
    "planted-like-ours": (beside(REJECTED, "planted~00000000.txt"), "is nobody's"),
    "planted-in-quarantine": (beside(HELD, ".hidden"), "is nobody's"),
    "planted-in-archive": (beside("archive/*/*/*/*.txt", "planted.txt"), "is nobody's"),
    "planted-evidence": (beside("audit/evidence/*/*/*/*.jsonl", f"{'0' * 16}-0.jsonl"), "is nobody's"),
    "planted-in-audit": (beside("audit/HEAD.json", "notes.txt"), "is nobody's"),
    "planted-seed": (beside("seeds/INDEX.md", "extra/evil.txt"), "the log tells of no such article"),
    "planted-at-the-top": (beside("seeds/INDEX.md", "evil.txt"), "the log tells of no such article"),
    "planted-hidden": (beside("seeds/2*/*/*.txt", ".evil.txt"), "the log tells of no such article"),
    "planted-link": (linked_folder, "the log tells of no such article"),
    "planted-page": (beside("seeds/index/2*/001.jsonl", "x.jsonl"), "the log tells of no such article"),
    "seed-has-another-name": (named_twice, "has another name elsewhere"),
    # anchors
    "head-gone": (gone("audit/HEAD.json"), "nothing here remembers where the log ended"),
    "end-cut": (shorter, "which the log does not have"),
    # fingerprints
    "minima": ("UPDATE signature SET minima = zeroblob(512)", "its fingerprint is not as audit/"),
    "keys": ("UPDATE signature SET keys = zeroblob(length(keys))", "its fingerprint is not as audit/"),
    "digests": ("UPDATE signature SET raw_digest = randomblob(32)", "its fingerprint is not as audit/"),
    "shingles": ("UPDATE body SET shingles = zeroblob(length(shingles))", "its fingerprint is not as audit/"),
    "sketch": ("UPDATE body SET sketch = NULL", "its fingerprint is not as audit/"),
    "language": ("UPDATE signature SET language = 'de' WHERE words > 0", "its fingerprint is not as audit/"),
    "lexicon": ("UPDATE signature SET lexicon = 'letters' WHERE words > 0", "its fingerprint is not as audit/"),
    "published": ("UPDATE signature SET published = 1 WHERE words > 0", "its fingerprint is not as audit/"),
    "better-metadata": ("UPDATE signature SET stated = 7 WHERE words > 0", "its fingerprint is not as audit/"),
    "paragraphs": ("DELETE FROM paragraph", "its paragraphs are not as audit/"),
    "no-fingerprint": ("DELETE FROM signature", "its fingerprint is gone"),
    "seeded": ("UPDATE signature SET seeded = 1 - seeded", "whether it was ever admitted is not as audit/"),
    "recipe-of-a-fingerprint": ("UPDATE signature SET recipe = 'mine'", "which is not its own"),
    "permutations": ("UPDATE recipe SET permutations = randomblob(1024)", "has a recipe whose permutations"),
    "recipe": ("UPDATE recipe SET bands = 1", "has another recipe of fingerprints"),
    # how records stand
    "held-text": (
        "UPDATE held_text SET text = packed(replace(unpacked(text), ' the ', ' no '))",
        "the text that is kept of it is not as audit/",
    ),
    "held-text-gone": ("DELETE FROM held_text", "the text that is kept of it is gone"),
    "held-row": ("UPDATE held_text SET line = json_set(line, '$.title', 'Forged')", "its row of the index is not as"),
    "page-row": (ROW, "its row of the index is not as audit/"),
    "standing": (
        "UPDATE decision SET standing = 'erased' WHERE outcome = 'rejected'",
        "how it stands is not as audit/",
    ),
    "codes": ("UPDATE decision SET codes = '' WHERE outcome = 'rejected'", "how it stands is not as audit/"),
    "outcome": ("UPDATE decision SET outcome = 'quarantined' WHERE outcome = 'rejected'", "how it stands is not as"),
    "of-what-it-is-a-copy": ("UPDATE decision SET root = 3 WHERE root IS NOT NULL", "how it stands is not as audit/"),
    "home": ("UPDATE decision SET home = home || 'x' WHERE outcome = 'rejected'", "how it stands is not as audit/"),
    "after-an-order": ("UPDATE decision SET codes = 'QUA456' WHERE outcome = 'retracted'", "how it stands is not as"),
    "name": ("UPDATE decision SET name = '0123456789abcdef' WHERE record = 1", "its name is not as audit/"),
    "moment": ("UPDATE decision SET decided_at = '2001-01-01T00:00:00+00:00'", "when it was decided is not as audit/"),
    "why-it-is-held": ("UPDATE held_reason SET reason = '{}'", "why it is held is not as audit/"),
    "relations-gone": ("DELETE FROM relation", "what it resembles is not as audit/"),
    "relation-changed": ("UPDATE relation SET value = 0.1", "what it resembles is not as audit/"),
    "relation-added": (
        "INSERT INTO relation VALUES (1, 2, 'DUP603', 'fail', 1, 'admitted', '')",
        "what it resembles is not as audit/",
    ),
    # what came, what was ordered, what is remembered and added up
    "arrival": ("UPDATE arrival SET path = x'666f72676564'", "how its file lay in the inbox is not as audit/"),
    "feed": ("UPDATE arrival SET feed = 'forged'", "its feed is not as audit/"),
    "of-another-file": ("UPDATE decision SET arrival = 1, record = 9 WHERE number = 4", "of which file it came"),
    "decision-gone": ("DELETE FROM decision WHERE number = 2", "has no decision of audit/"),
    "order-gone": ("DELETE FROM done_order WHERE action = 'confirm'", "is not there, or is another"),
    "order-added": (
        "INSERT INTO done_order SELECT 2, 'x', 'release', 1, before, at FROM done_order LIMIT 1",
        "has an order of event 2, of which the log does not tell",
    ),
    "before-an-order": (
        "UPDATE done_order SET before = json_set(before, '$.outcome', 'admitted')",
        "how it stood before an order is not as audit/",
    ),
    "binding-gone": ("DELETE FROM binding WHERE action = 'confirm'", "binds is not as the log tells"),
    "binding-lifted": ("UPDATE binding SET lifted = 1", "binds is not as the log tells"),
    "tombstone-gone": ("DELETE FROM tombstone", "does not know that"),
    "tombstone-added": ("INSERT INTO tombstone VALUES (1, 'x', 'erase', '')", "of which the log does not tell"),
    "totals": ("UPDATE total SET n = n + 1000", "decisions as admitted, the log"),
    "refused": ("UPDATE refused SET articles = articles + 50", "turned away by"),
    "sums-of-a-page": ("UPDATE page SET words = words + 1", "what its rows do not add up to"),
    "places-of-a-month": ("UPDATE page SET placed = placed + 1000", "has placed"),
    "configuration": ("UPDATE config SET settings = '{}'", "that is another"),
    "configuration-gone": ("DELETE FROM config", "does not know the configuration"),
    "line-of-the-log": ("UPDATE outbox SET start = start + 1 WHERE sequence = 3", "knows another line than audit/"),
    "hash-of-a-line": ("UPDATE outbox SET sha256 = 'x' WHERE sequence = 3", "knows another line than audit/"),
    "of-another-kind": ("UPDATE relation SET value = 'high'", "what it resembles is not as audit/"),
    "no-language": ("UPDATE signature SET language = x'00', words = 'many'", "its fingerprint is not as audit/"),
    "no-number": (
        "UPDATE paragraph SET hash = 'x' WHERE hash = (SELECT max(hash) FROM paragraph)",
        "its paragraphs are",
    ),
    "row-of-nobody": ("INSERT INTO body VALUES (999, x'', NULL)", "has rows of no decision in its table body"),
    # rows of events that there are not, of another kind, and what does more than a row
    "decision-of-the-future": ("UPDATE decision SET sequence = 999999 WHERE number = 3", "of events that nobody has"),
    "decision-of-before": (
        "INSERT INTO decision SELECT 99, '', arrival, 99, NULL, '', NULL, NULL, '', 'x', -4, '' FROM decision LIMIT 1",
        "table decision of events that nobody has told of",
    ),
    "binding-of-the-future": (
        "INSERT INTO binding VALUES (999999, 1, 'confirm', 'somebody', 'x', NULL, NULL, NULL, NULL)",
        "table binding of events that nobody has told of",
    ),
    "order-of-before": (
        "INSERT INTO done_order SELECT -1, 'x', 'release', number, before, at FROM done_order LIMIT 1",
        "table done_order of events that nobody has told of",
    ),
    "seeded-twice": ("UPDATE signature SET seeded = 256 WHERE seeded = 1", "whether it was ever admitted is not as"),
    "size-of-a-line": ("UPDATE outbox SET size = size + 1 WHERE sequence = 3", "knows another line than audit/"),
    "published-lines": ("UPDATE meta SET value = 'x' WHERE key = 'published'", "has more events than there are"),
    "sum-that-is-no-number": ("UPDATE total SET n = 'x'", "another kind in its table total, column 'n'"),
    "place-that-is-no-text": ("UPDATE arrival SET home = x'ff' WHERE number = 1", "another kind in its table arrival"),
    "hash-that-is-none": ("UPDATE decision SET text_sha256 = 'zz' WHERE number = 1", "to its end, because of that"),
    "page-that-is-none": ("UPDATE page SET page = page || 'x'", "to its end, because of that"),
    "trigger": (
        schema("CREATE TRIGGER t AFTER INSERT ON binding BEGIN DELETE FROM binding; END"),
        "has the trigger 't', which is not ours",
    ),
    "view": (
        schema("ALTER TABLE tombstone RENAME TO other", "CREATE VIEW tombstone AS SELECT * FROM other"),
        "has the view 'tombstone', which is not ours",
    ),
    "index-gone": (schema("DROP INDEX decision_admitted"), "has no index decision_admitted any more"),
    "another-table": (schema("ALTER TABLE binding ADD COLUMN x TEXT"), "has another table binding than winnowd makes"),
    "arrival-planted": (planted_arrival, "is nobody's"),
    # something else in the place of a file
    "original-is-a-link": (linked("archive/*/*/*/a-*.txt"), "is a link, and not the file that came"),
    "held-original-is-a-link": (linked(REJECTED), "is not the file that was judged"),
    "held-original-is-a-fifo": (instead(REJECTED, os.mkfifo), "is not the file that was judged"),
    "log-is-a-link": (linked("audit/2*/*/*.jsonl"), "is a link, and no file of the log"),
    "log-is-a-fifo": (instead("audit/2*/*/*.jsonl", os.mkfifo), "is nobody's"),
    "head-is-a-link": (linked("audit/HEAD.json"), "is a link, and no file of the log"),
    "head-is-a-folder": (instead("audit/HEAD.json", os.mkdir), "names event 0, which the log does not have"),
    "head-is-a-fifo": (instead("audit/HEAD.json", os.mkfifo), "names event 0, which the log does not have"),
    "page-is-a-folder": (instead("seeds/index/2*/*.jsonl", os.mkdir), "is no page of the index, but something else"),
    "page-is-a-fifo": (instead("seeds/index/2*/*.jsonl", os.mkfifo), "is no page of the index, but something else"),
    "index-is-a-fifo": (instead("seeds/INDEX.md", os.mkfifo), "is not as the ledger has it"),
    # what nobody can take apart
    "deep-line": (nested("audit/2*/*/*.jsonl"), "is no event of the audit log"),
    "deep-row": (nested("seeds/index/2*/*.jsonl"), "is no row of the index"),
    "effect-planted": (
        "INSERT INTO effect VALUES ('seeds/evil.txt', x'00', NULL)",
        "would be written at the next start",
    ),
}


def test_untouched_it_is_as_it_was_written(home: Path) -> None:
    """Deep, too."""
    found = looked_at(home, deep=True)

    assert (found.damage, found.unfinished, found.unseen) == ((), (), ())


@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_is_found_by_its_sentence(home: Path, deed: str) -> None:
    """A deed that met nothing would prove nothing."""
    do, sentence = DEEDS[deed]
    if isinstance(do, str):
        assert sql(home, do), "no row was met"
    else:
        do(home)

    found = looked_at(home)

    assert any(sentence in one.what for one in found.changed), found.changed


def test_an_index_that_was_forged_with_the_ledger_is_found(home: Path) -> None:
    """Files that agree with a forged ledger agree with no event."""
    sql(home, ROW)
    for path in home.glob("seeds/index/2*/*.jsonl"):
        rows = [json.loads(line) | {"title": "Forged", "licence": "CC0-1.0"} for line in path.read_bytes().splitlines()]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    assert any("its row of the index is not as" in one.what for one in looked_at(home).changed)


def test_whatever_its_name_a_file_of_nobody_is_shown_on_one_line(home: Path) -> None:
    """Bytes that are no text, and signs that would write into the terminal, are named and not written."""
    folder = os.fsencode(one(home, REJECTED).parent)
    for name in (b"no\xfftext.txt", b"two\nlines\x1b[31m.txt"):
        (home / os.fsdecode(folder) / os.fsdecode(name)).write_text("of nobody")

    said = subprocess.run(
        [sys.executable, "-c", "import sys; from winnowd.cli import main; sys.exit(main())", "--home", home, "verify"],
        capture_output=True, check=False,
    )  # fmt: skip

    assert said.returncode == 1
    assert b"\x1b" not in said.stdout
    assert [b"is nobody's" in line for line in said.stdout.splitlines()[:3]] == [True, True, False]


def test_what_digests_cannot_show_a_deep_look_does(home: Path) -> None:
    """A fingerprint that was forged together with the line that vouches for it is not the one that its text has."""
    sql(home, "UPDATE signature SET minima = zeroblob(512) WHERE number = 1")

    assert any(one.kind == "deep" for one in looked_at(home, deep=True).changed)


def test_a_record_of_many_that_was_changed_in_the_archive_is_found_by_a_deep_look(home: Path) -> None:
    """No line has the hash of the whole file, but each that of its record."""
    path = one(home, "archive/*/*/*/g-*.jsonl")
    path.write_bytes(path.read_bytes().replace(b"Short.", b"Sharp."))

    assert looked_at(home).changed == ()
    assert [one.what for one in looked_at(home, deep=True).changed] == [
        "its record 1 is not the one that was judged",
    ]


def test_from_an_event_on_what_is_older_is_left_out_and_said_to_be(home: Path, made: Instance) -> None:
    """The nightly look: what was decided and ordered since; what is nobody's everywhere."""
    from winnowd.operations.verify import Start

    last = made.events()[-1]["event"]["sequence"]
    sql(home, "UPDATE signature SET minima = zeroblob(512) WHERE number = 1")
    (home / "rejected" / "planted.txt").write_text("of nobody")

    def since(number: int) -> list[str]:
        day = made.events()[-1]["@timestamp"][:10]
        found = verify(home, lambda: load(home, environ={}, overrides=(), system=None), since=Start(day, number))
        assert found.unseen[-1] == f"only what was decided or ordered since {number} was looked at"
        return [one.what for one in found.changed]

    assert since(last - 3) == ["is nobody's: the log tells of no such file"]
    assert any("its fingerprint is not" in what for what in since(1))


ORDERS = st.tuples(
    st.sampled_from(["release", "confirm", "retract", "restore", "erase"]),
    st.sampled_from(["a-original", "d-list", "k-held", "l-confirmed", "m-more", "g-many", "b-rewrite"]),
)


@settings(max_examples=8, deadline=None)
@given(orders=st.lists(ORDERS, min_size=3, max_size=6))
def test_whatever_is_ordered_the_ledger_is_what_the_log_tells(
    made: Instance, tmp_path_factory: pytest.TempPathFactory, orders: list[tuple[Action, str]]
) -> None:
    """A law: what no stranger has changed is never called damage, and a ledger made anew of the log is no other."""
    home = tmp_path_factory.mktemp("ordered") / "home"
    shutil.copytree(made.instance_dir, home, symlinks=True)
    loaded = load(home, environ={}, overrides=("inbox.settle=0", "disk.floor_bytes=0"), system=None)
    for action, target in orders:
        ordered(Instance(home), action, target, yes=True)

    before = looked_at(home).damage
    rebuild_ledger(home, loaded)

    assert (before, looked_at(home).damage) == ((), ())


def test_a_ledger_made_anew_tells_what_it_has_otherwise(home: Path) -> None:
    """Of a text whose original is gone not all comes back: the log says so, and holds the new rows from then on."""
    one(home, "quarantine/*/*/*/k-*.txt").unlink()
    one(home, "archive/*/*/*/d-*.txt").unlink()
    loaded = load(home, environ={}, overrides=("inbox.settle=0", "disk.floor_bytes=0"), system=None)

    rebuild_ledger(home, loaded)

    (gone,) = (one.position for one in looked_at(home).changed)
    assert gone.startswith("archive/")
    told = [one for one in Instance(home).events() if one["event"]["action"] == "recovered"][-1]
    assert any(one.get("without_text") for one in told["winnowd"]["remade"])
    assert sql(home, "UPDATE signature SET minima = zeroblob(512)")
    assert any("its fingerprint is not as audit/" in one.what for one in looked_at(home).changed)


def test_no_text_is_released_that_the_log_does_not_tell_of(home: Path) -> None:
    """Who changes a held text in the ledger, and its hash beside it, has it refused, not published."""
    other = "The council denied that the bridge would ever be built again, and said no more about it."
    sha256 = hashlib.sha256(other.encode()).hexdigest()
    number = "SELECT number FROM decision WHERE outcome = 'quarantined' AND text_sha256 IS NOT NULL"
    assert sql(home, f"UPDATE held_text SET text = packed(?) WHERE number IN ({number})", values=(other,))  # noqa: S608
    assert sql(home, f"UPDATE decision SET text_sha256 = ? WHERE number IN ({number})", values=(sha256,))  # noqa: S608

    (refused,) = ordered(Instance(home), "release", "k-held")

    assert (refused["code"], refused["state"]) == ("SYS948", "refused")
    assert "is not the one that the log tells of" in refused["because"]
    assert not any(other in path.read_text(encoding="utf-8") for path in home.glob("seeds/2*/*/*.txt"))


def test_who_owns_every_anchor_can_write_all_of_it_anew(home: Path) -> None:
    """The one deed that nothing inside shows, and why an anchor is to be kept elsewhere."""
    path = one(home, "audit/2*/*/*.jsonl")
    kept = (home / "audit" / "HEAD.json").read_bytes()
    forged, prev = list[bytes](), event.FIRST
    for line in path.read_bytes().splitlines():
        told = json.loads(line)
        told["winnowd"].pop("chain")
        if told["event"]["action"] == "confirm":
            break
        forged.append(event.render(told, prev))
        prev = event.digest(forged[-1])
    path.write_bytes(b"".join(line + b"\n" for line in forged))
    for anchor in ("audit/HEAD.json", "seeds/INDEX.md", "state/winnowd.db"):
        (home / anchor).unlink()
    rebuild_ledger(home, load(home, environ={}, overrides=("inbox.settle=0", "disk.floor_bytes=0"), system=None))

    assert json.loads(kept)["sequence"] > len(forged)
