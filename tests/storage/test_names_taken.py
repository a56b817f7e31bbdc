"""What the ledger says of all names of a batch at once."""

from __future__ import annotations

from tests.storage.test_bindings import FILED, TEXT, change, ledger

from winnowd.storage.ledger.decisions import Decisions


def test_each_name_has_the_text_that_took_it_or_none() -> None:
    """A name that is taken, however often, and one that is free; of a record without a text no name is taken."""
    connection = ledger()
    for number, name, text in ((2, FILED.name, TEXT), (3, "without", None)):
        connection.execute(
            "INSERT INTO decision VALUES (?, ?, 1, ?, ?, 'rejected', NULL, NULL, '', ?, ?, '')",
            (number, name, number, text, str(number), number),
        )

    found = Decisions(connection).names_taken([FILED.name, "free", "without", '"'])

    assert found == {FILED.name: TEXT, "free": None, "without": None, '"': None}
    assert Decisions(connection).names_taken([]) == {}


def test_a_person_who_has_decided_about_a_text_is_known_of_even_when_that_was_lifted() -> None:
    """Only where nobody ever has need no text be asked about."""
    connection = ledger()
    decisions = Decisions(connection)
    assert not decisions.binds()

    decisions._bindings.apply(change("confirm", 10))
    assert decisions.binds()
    decisions._bindings.apply(change("release", 11, listed=True))

    assert decisions.binds()
