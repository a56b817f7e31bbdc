"""What ``check`` prints: golden pages, widths, order, and nothing hostile in it."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.event.stand import ADVERT, ORIGINAL, REWRITE, arrival, judged_of, limits
from tests.views.golden import FOLDER, five, made, printed, shown, why
from tests.views.test_escape import HOSTILE

from winnowd.model import Finding, Grade, Limit, Note
from winnowd.views.bars import WIDTH, bar
from winnowd.views.findings import finding_lines
from winnowd.views.lines import line_cells, plain
from winnowd.views.tally import Frame, Tally, codes_of, count_line, table_lines

GOLDEN = made()


@pytest.mark.parametrize("name", GOLDEN)
def test_pages_are_as_agreed(name: str) -> None:
    """Byte for byte; after a wanted change ``python -m tests.views.golden`` writes them, and the diff is read."""
    assert GOLDEN[name] == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("width", [50, 60, 70, 89, 90, 100, 118])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Stacked or in columns; file names are cut in their middle, and the table has the columns that it has room for."""
    assert [line for line in printed(width) if line_cells(line) > width] == []


def test_of_a_family_the_first_is_shown_and_the_others_are_told() -> None:
    """Three more of one gate have a line each, the rest is counted by code; ``--all`` tells of every one."""
    codes = ("QUA420", "QUA421", "QUA422", "QUA423", "QUA424", "QUA425")
    many = [Finding(code, "prose", Grade.DOUBT, 0.5, because=f"because of {code}") for code in codes]
    record = shown(judged_of(findings=many), "many.txt")

    folded = plain(finding_lines([record], Frame(limits(), 100)))
    everything = plain(finding_lines([record], Frame(limits(), 100, everything=True)))

    assert folded.count("= rule:") == 1
    assert [code for code in codes if f"because of {code}" in folded] == list(codes[:4])
    assert "and 2 more of its family: QUA424 QUA425" in folded
    assert [code for code in codes if f"because of {code}" in everything] == list(codes)


def test_the_worst_file_comes_first_and_its_copies_are_told_once() -> None:
    """Fails before doubts; the second finding of originality has a line, not a page."""
    text = plain(printed(118))

    assert text.index("DUP606 rewrite fail  rewrite.txt") < text.index("QUA401 too-few-words doubt  short.txt")
    assert "| also DUP607 rewrite-reordered fail" in text
    assert text.count("in the corpus\n") == 2


def test_a_dry_run_says_so_and_offers_no_order() -> None:
    """``check`` changed nothing, so there is nothing to release."""
    dry, real = plain(printed(118)), plain(printed(118, dry=False))

    assert "nothing was changed" in " ".join(dry.split())
    assert "winnowd release" not in dry
    assert "nothing was changed" not in real
    assert 'winnowd release e68e06e5aa34586f --reason "..."' in real


def test_a_finding_names_the_lines_it_speaks_of() -> None:
    """From its evidence: the first four places."""
    marks = [{"line": line, "code": "TXT511"} for line in (7, 3, 3, 9, 12, 40)]
    damage = Finding("TXT501", "integrity", Grade.FAIL, 7.0, evidence={"marks": marks})
    record = shown(judged_of(findings=[damage]), "damaged.txt")

    assert "  --> lines 3, 7, 9, 12, and 1 more\n" in plain(finding_lines([record], Frame(limits(), 100)))


def test_a_finding_without_lines_quotes_what_it_saw() -> None:
    """Marks of damage are shown in their own words, on the terminal and in the why-file."""
    marks = [{"code": "TXT511", "start": 9, "end": 15, "text": "the 's"}, {"code": "TXT512", "text": "The\x1b has"}]
    damage = Finding("TXT501", "integrity", Grade.FAIL, 7.0, evidence={"marks": marks})
    judged = judged_of(findings=[damage])

    assert "  --> 'the 's', 'The has'\n" in plain(finding_lines([shown(judged, "x")], Frame(limits(), 100)))
    assert "```text\nTXT501: 'the 's', 'The has'\n```" in why(judged).decode()


def test_two_gates_that_reject_are_both_named_in_the_table() -> None:
    """Neither leans on the other; further codes of one gate stand in the findings."""
    damage = Finding("TXT501", "integrity", Grade.FAIL, 7.0)
    doubt = Finding("QUA401", "length", Grade.DOUBT, 92.0)
    record = shown(judged_of(REWRITE, twin=ORIGINAL, findings=[damage, doubt]), "x.txt", ORIGINAL)

    assert codes_of(record) == ["DUP606", "TXT501"]
    assert "(1 DUP606, 1 TXT501)" in plain(count_line(Tally.of([record]), 0.1, Frame(limits(), 118)))


def test_removed_lines_are_quoted_harmlessly() -> None:
    """Escapes of a removed line do not reach the terminal; beyond four places only their number is told."""
    notes = [Note("CLN322", line, 1, f"AD \x1b[31m{line}") for line in range(6)]
    text = plain(finding_lines([shown(judged_of(notes=notes), "a.txt")], Frame(limits(), 118)))

    assert "line 0 'AD [31m0'" in text
    assert "and 2 more" in text
    assert "\x1b" not in text


@settings(deadline=None)
@given(name=HOSTILE, text=st.text(min_size=1, max_size=200).filter(str.strip), width=st.integers(60, 118))
def test_nothing_hostile_reaches_the_terminal(name: str, text: str, width: int) -> None:
    """Names, removed lines, reasons: no control, format or private character is printed, whatever they hold."""
    odd = Finding("SCH205", "schema", Grade.DOUBT, text, because=text)
    record = shown(judged_of(findings=[odd], notes=[Note("CLN322", 1, 1, text)], arrival=arrival(b"x")), name)
    frame = Frame(limits(), width, everything=True)

    tally = Tally.of([record])
    page = plain([*finding_lines([record], frame), *table_lines(tally, frame), *count_line(tally, 1.0, frame)])

    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co"} for sign in page.replace("\n", ""))


def test_the_count_agrees_with_the_table() -> None:
    """Numbers by outcome and by code."""
    text = plain(count_line(Tally.of(five()), 0.214, Frame(limits(), 118)))

    assert text.startswith("5 records: 1 would be admitted, 3 rejected, 1 quarantined")
    assert "0.21 s" in text


def test_a_bar_draws_value_and_both_limits_on_one_scale() -> None:
    """Full up to the value; doubt and fail where they stand, whichever side is worse."""
    high = plain([bar(1.88, {"doubt": 1.0, "fail": 1.3}, "fail")]).rstrip("\n")
    low = plain([bar(50, {"doubt": 100, "fail": 80}, "fail")]).rstrip("\n")

    assert len(high) == len(low) == WIDTH
    assert high.index("┆") < high.index("┃") < high.rindex("█") < high.index("░")
    assert low.rindex("█") < low.index("┃") < low.index("┆")


@given(st.floats(0, 1e12), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_bar_is_never_wider_than_it_may_be(value: float, doubt: float, fail: float) -> None:
    """Any value, any limits."""
    drawn = bar(value, {"doubt": doubt, "fail": fail}, "doubt")

    assert line_cells(drawn) in {0, WIDTH}


def test_a_limit_that_is_off_is_not_drawn() -> None:
    """Only a doubt: one sign; none: no bar."""
    assert "┃" not in plain([bar(5, {"doubt": 3}, "doubt")])
    assert bar(5, {}, "pass") == ()


def test_a_fixed_grade_shows_no_measure() -> None:
    """A rule without a limit has its reason, and no bar."""
    record = shown(judged_of(findings=[Finding("INP101", "reading", Grade.FAIL, because="a link")]), "x")
    text = plain(finding_lines([record], Frame(limits(), 100)))

    assert text.splitlines()[:2] == ["INP101 not-a-file fail  x", "   | a link"]


def test_an_article_that_fails_for_damage_and_as_a_copy_shows_both() -> None:
    """Neither hides the other."""
    damage = Finding("TXT501", "integrity", Grade.FAIL, 7.0, Limit("TXT501", "integrity", "max", 3, 5, reached=True))
    record = shown(judged_of(REWRITE, twin=ORIGINAL, findings=[damage], notes=[ADVERT]), "x.txt", ORIGINAL)
    text = plain(finding_lines([record], Frame(limits(), 118)))

    assert [line.split()[0] for line in text.splitlines() if line.endswith("x.txt")] == ["DUP606", "TXT501", "cleaned"]
    assert json.dumps(record.event)
