"""The catalogue: complete, equal to what it was made from, and strict with a rule that is not well made."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.samples.stand import OWN, QUALITY, both

from winnowd.catalogue import Catalogue

ROOT = Path(__file__).parents[1]
OURS = (ROOT / "service" / "winnowd" / "rules.toml").read_text(encoding="utf-8")
SINCE = {
    "QUA403": {"doubt": 3.3},
    "QUA411": {"doubt": 0.055, "fail": 0.085},
    "QUA413": {"doubt": 1.35, "fail": 1.65},
    "QUA451": {"doubt": 3},
}
"""Limits that were changed since the rules were developed, for good articles that they held."""
ADDED = {"INP139", "INP140", "CLN308", "CLN309", "CLN330", "CLN342", "CLN343", "QUA458", "QUA462"}
EARLIER = both(OWN / "codes.toml", QUALITY / "rules.toml")
MARKS = tomllib.loads(
    (ROOT / "service" / "winnowd" / "gates" / "measures" / "damage_patterns.toml").read_text(encoding="utf-8")
)
CATALOGUE = Catalogue.parse(OURS)
NOTED_SINCE = ("SCH205", "SCH206", "SCH207", "SCH208", "SCH210")
"""Doubts when they were developed: since then an optional field holds no article."""
ADDED_SINCE = {"SCH214"}

WELL_MADE: dict[str, Any] = {"slug": "odd-ink", "gate": "prose", "grade": "fail", "help": "Odd ink.", "example": "x"}


def as_toml(row: dict[str, Any]) -> str:
    """One rule's table, as the file would have it."""
    return "[QUA499]\n" + "\n".join(f"{name} = {value!r}" for name, value in row.items())


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_rule_says_what_it_is_and_what_to_do(code: str) -> None:
    """A stranger who meets a code can read its name, a sentence or two, and an example."""
    rule = CATALOGUE[code]

    assert rule.slug
    assert rule.help.endswith(".")
    assert rule.example


def test_every_measured_rule_tells_its_unit_and_source() -> None:
    """A number without a unit, or a limit from nowhere, cannot be argued with."""
    measured = [rule for rule in CATALOGUE.values() if rule.measure]

    bare = [rule.code for rule in measured if not (rule.unit and rule.source and (rule.side or rule.parameters))]

    assert bare == []


def test_no_two_rules_share_a_slug() -> None:
    """A slug names one rule, as its code does."""
    slugs = [rule.slug for rule in CATALOGUE.values()]

    assert sorted(set(slugs)) == sorted(slugs)


def test_rules_stand_in_the_order_of_the_route() -> None:
    """Codes rise by their number from reading (1xx) to the service (9xx); none stands twice."""
    numbers = [int(code[3:]) for code in CATALOGUE]

    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("samples", EARLIER)
def test_the_catalogue_keeps_what_was_there_before(samples: str) -> None:
    """Codes, slugs and measures that users have met; and grades, sides and limits as they were developed."""
    ours = tomllib.loads(OURS)
    earlier = tomllib.loads(EARLIER[samples].read_text(encoding="utf-8"))

    for code in NOTED_SINCE:
        earlier[code] |= {"grade": "pass"} if "grade" in earlier[code] else {}
    kept = {code: {name: ours.get(code, {}).get(name) for name in row} for code, row in earlier.items()}

    since = SINCE if samples == "shared" else {}
    assert kept == {code: row | since.get(code, {}) for code, row in earlier.items()}
    others = {code for code in ours if code not in earlier} - ADDED_SINCE - ADDED
    assert {code[:4] for code in others} == ({"INP1", "TXT5", "DUP6", "SYS9", "ORD7"} if samples == "shared" else set())


def test_marks_are_those_that_the_integrity_gate_searches() -> None:
    """Name, weight, cap and example of TXT511 to TXT523 are those of marks.toml, and none is missing."""
    searched = {
        row["code"]: (slug, row["weight"], row.get("at_most"), row["example"])
        for slug, row in MARKS.items()
        if "code" in row
    }

    told = {
        rule.code: (rule.slug, rule.weight, rule.at_most, rule.example)
        for rule in CATALOGUE.values()
        if rule.kind == "mark"
    }

    assert told == searched


@pytest.mark.parametrize("name", ["QUA401", "qua401", "too-few-words", "Too-Few-Words"])
def test_a_rule_is_found_by_code_or_slug(name: str) -> None:
    """People type either, in any case."""
    rule = CATALOGUE.named(name)

    assert rule is CATALOGUE["QUA401"]


def test_an_unknown_name_gets_what_is_written_like_it() -> None:
    """A slip of the finger is answered by what was meant."""
    assert CATALOGUE.named("too-few-wrods") is None
    assert CATALOGUE.similar_to("too-few-wrods")[0] == "too-few-words"
    assert "DUP606" in CATALOGUE.similar_to("DUP66")
    assert CATALOGUE.similar_to("zzzz") == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"help": None}, "help"),
        ({"example": None}, "example"),
        ({"gate": None}, "gate"),
        ({"grade": None}, "one of grade"),
        ({"note": 1}, "one of grade"),
        ({"hlep": "Odd ink."}, "hlep"),
    ],
    ids=str,
)
def test_a_rule_that_is_not_well_made_is_refused(change: dict[str, Any], named: str) -> None:
    """A slip in the catalogue ends at once and names its code and field; it never hides a rule."""
    row = {name: value for name, value in (WELL_MADE | change).items() if value is not None}

    with pytest.raises(ValueError, match=f"QUA499 .*{named}"):
        Catalogue.parse(as_toml(row))


def test_a_well_made_rule_is_read_with_its_parameters() -> None:
    """Numbers under names of their own belong to the rule."""
    rule = Catalogue.parse(as_toml(WELL_MADE | {"window": 40}))["QUA499"]

    assert rule.kind == "finding"
    assert rule.parameters == {"window": 40}


def test_a_code_has_three_capitals_and_three_digits() -> None:
    """Anything else is a slip."""
    with pytest.raises(ValueError, match="qua4 is no code"):
        Catalogue.parse("[qua4]\n")
