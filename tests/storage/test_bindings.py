"""What people decided about a text: the last word counts, and undoing it brings back the one before."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib.resources
import sqlite3
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from winnowd.model import Line, Standing, StateChange, StoredDecision
from winnowd.storage.ledger.bindings import Bindings
from winnowd.storage.ledger.schema import VERSION

TEXT, RAW, WORDS = "a" * 64, b"r" * 32, b"w" * 32
FILED: Final = StoredDecision(
    1, TEXT[:16], "0" * 16, 0, b"a.txt", TEXT, "quarantined", Standing.QUARANTINED, None, (), "quarantine/a.txt",
    dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)  # fmt: skip
BINDING: Final = {"confirm": "rejected", "retract": "retracted", "erase": "erased"}


def ledger() -> sqlite3.Connection:
    """A ledger with one record."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    for number in range(1, VERSION + 1):
        script = importlib.resources.files("winnowd.storage.ledger").joinpath(f"{number:04d}.sql")
        connection.executescript(script.read_text(encoding="utf-8"))
    connection.execute(
        "INSERT INTO decision VALUES (1, ?, 1, 0, ?, 'quarantined', 'quarantined', NULL, '', 'home', 1, '')",
        (FILED.name, TEXT),
    )
    connection.execute(
        "INSERT INTO signature VALUES (1, '', ?, ?, NULL, x'', 9, '', '', NULL, 0, 0, '', 0, '')", (RAW, WORDS)
    )
    return connection


def change(action: str, sequence: int, *, listed: bool = False, restores: int | None = None) -> StateChange:
    """What an order makes of the record, as far as it binds."""
    line = Line(sequence, "2026-11-22", 0, b"", "")
    made = StateChange(FILED, action, f"{sequence}", line, BINDING.get(action, ""), None, None, "", person="maria")
    return dataclasses.replace(made, listed={} if listed else None, restores=restores)


@given(st.lists(st.sampled_from(["confirm", "retract", "release", "restore"]), max_size=30))
def test_the_last_word_binds_and_undoing_it_brings_back_the_one_before(orders: list[str]) -> None:
    """Whether a text is bound, after any orders on it and any undoing of the last one, and by which event."""
    connection = ledger()
    bindings = Bindings(connection)
    standing: int | None = None  # the event that binds, or None
    admitted = False
    last: tuple[int, int | None, bool] | None = None  # the last order: its event, what bound before, whether admitted

    for sequence, action in enumerate(orders, 10):
        before = (standing, admitted)
        if action != "restore":
            admitted = action == "release"
            bindings.apply(change(action, sequence, listed=admitted))
            standing = None if admitted else sequence
        elif last is not None:
            undone, standing, admitted = last
            bindings.apply(change(action, sequence, listed=admitted, restores=undone))
        else:
            continue
        last = (sequence, *before)

    found = bindings.of(TEXT, b"", b"")
    assert (None if found is None else found.sequence) == standing


@given(st.sampled_from(["confirm", "retract", "erase"]))
def test_only_what_was_erased_is_known_by_its_digests(action: str) -> None:
    """Other texts than that of the record are bound by what can no longer be compared, and by nothing else."""
    bindings = Bindings(ledger())
    bindings.apply(change(action, 10))

    known = [bindings.of(*asked) is not None for asked in (("b", RAW, b""), ("b", b"", WORDS), (TEXT, b"", b""))]

    assert known == [action == "erase", action == "erase", True]
    assert bindings.of("b", b"", b"") is None


def test_texts_without_words_are_not_one_text() -> None:
    """The digest of no words binds nothing."""
    connection = ledger()
    connection.execute("UPDATE signature SET word_digest = ?", (bytes.fromhex(NO_WORDS),))
    bindings = Bindings(connection)
    bindings.apply(change("erase", 10))

    assert bindings.of("b", b"", bytes.fromhex(NO_WORDS)) is None


NO_WORDS: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
