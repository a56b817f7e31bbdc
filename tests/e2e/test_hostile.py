"""Whatever a sender drops, the service goes on: one decision a file, and none is opened that must not be (P8).

Which attack is tried where (a test below holds this list to what there is):

| attack | tried by |
|---|---|
| link to a secret, to nothing, to itself, to a device; FIFO, socket, device | e2e/test_hostile.py::test_nothing_behind_a_link_is_read |
| swapped for a link between seeing, taking and opening; all the time | e2e/test_changing.py::test_a_file_swapped_for_a_link_is_not_followed, e2e/test_changing.py::test_what_is_swapped_at_the_last_moment_is_not_opened, e2e/test_changing.py::test_one_that_swaps_all_the_time_is_taken_as_what_it_is_then |
| hard link to a foreign file | e2e/test_changing.py::test_a_secret_with_a_second_name_is_held_unread_after_a_minute, storage/test_inbox.py::test_a_file_with_a_second_name_is_left_to_its_sender_for_a_minute |
| sparse terabyte | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_streams.py::test_what_is_too_large_for_anything_is_never_opened |
| grows while it is read, or before it is | e2e/test_changing.py::test_a_file_that_grows_while_it_is_read_is_read_again_when_it_is_still, e2e/test_service.py::test_a_file_that_is_still_written_is_not_taken |
| empty, NULs, a program, UTF-16 without a mark, mixed encodings | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_cases.py::test_a_file_gives_the_records_that_its_case_tells |
| packed bombs, packed twice, cut, rubbish behind | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_streams.py::test_a_bomb_is_stopped_before_it_fills_the_memory |
| JSON: depth, digits, NaN, lone surrogates, a key twice | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_laws.py::test_a_setting_cannot_make_nesting_dangerous |
| JSON Lines: a line without end, a million records, a bad line | reading/test_streams.py::test_a_line_beyond_the_longest_is_skipped_in_little_memory, reading/test_streams.py::test_json_lines_of_any_length_are_read_in_little_memory, reading/test_laws.py::test_each_line_is_decided_as_if_it_stood_alone |
| HTML: a million tags, one endless tag, entities, comments | e2e/test_hostile.py::test_every_file_is_decided_once_and_kept_in_one_place, reading/test_pages.py::test_a_page_that_is_one_endless_tag_is_not_given_to_any_parser |
| tables: one huge field, no header; feeds: entities, outside, depth | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_cases.py::test_a_file_gives_the_records_that_its_case_tells |
| archives: bombs, archives in archives, files over each other, paths, links, passwords | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_archives.py::test_a_zip_bomb_is_stopped_as_a_whole, reading/test_archives.py::test_files_that_lie_over_each_other_cost_no_more_than_a_bomb, reading/test_archives.py::test_a_path_is_a_name_that_is_shown_and_nothing_else, reading/test_archives.py::test_what_is_no_file_in_a_tar_archive_is_told |
| names of files in archives, for a path, a terminal, a line, a page | e2e/test_hostile.py::test_no_name_or_text_from_outside_does_harm, e2e/test_hostile.py::test_names_in_archives_stand_in_the_evidence_alone |
| documents: bombs, entities, what lies outside, mail of many parts, tables that lie | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_hostile_documents.py::test_what_was_made_to_harm_is_refused_with_its_reason |
| JSON: records without text, texts under names without end | e2e/test_barren.py::test_after_five_hundred_the_rest_is_one_decision_with_its_count, reading/test_streams.py::test_eight_times_the_bytes_take_about_eight_times_the_time |
| text against patterns, a line of megabytes, one endless word | gates/test_linear.py::test_the_whole_way_takes_time_as_the_text_grows, reading/test_streams.py::test_eight_times_the_bytes_take_about_eight_times_the_time |
| kills, hangs or overfills its worker | e2e/test_poison.py::test_it_is_tried_in_its_batch_then_alone_then_held, daemon/test_workers.py::test_the_guilty_is_stopped_and_its_neighbours_are_not |
| kills the service | e2e/test_poison.py::test_one_that_kills_the_service_three_times_is_held_unopened |
| names for a shell, a terminal, a path, a page | e2e/test_hostile.py::test_no_name_from_outside_is_part_of_a_path, e2e/test_hostile.py::test_no_name_or_text_from_outside_does_harm, event/test_decided.py::test_a_hostile_name_forges_nothing |
| titles for a page, a terminal, a log | e2e/test_titles.py::test_in_markdown_they_are_text, e2e/test_titles.py::test_in_json_each_is_one_value_in_one_line, e2e/test_titles.py::test_on_a_terminal_they_print_and_do_nothing, views/test_index.py::test_any_title_gives_seven_cells_and_one_link_ours |
| front matter with objects or aliases; a forged id | e2e/test_hostile.py::test_every_fault_has_its_code, reading/test_cases.py::test_an_article_has_the_fields_that_its_case_tells |
| a file that only its sender may read | e2e/test_hostile.py::test_a_file_that_only_its_sender_may_read_is_held, daemon/test_unreadable.py::test_a_file_that_cannot_be_opened_is_held_for_that_after_three_tries |
| a flood of files, of folders; one file a hundred times | e2e/test_flood.py::test_a_hundred_thousand_at_once_are_decided_once_each_though_most_events_are_lost, storage/test_inbox.py::test_many_folders_need_few_descriptors, e2e/test_hostile.py::test_one_file_a_hundred_times_is_one_seed |
| orders: forged, endless, links, no JSON | e2e/test_orders_forged.py::test_what_is_no_order_is_set_aside, e2e/test_orders_forged.py::test_an_order_of_somebody_who_may_give_none_is_set_aside, storage/test_orderbook.py::test_whatever_lies_in_an_order_s_place_is_set_aside |
| ledger, log or seeds tampered with | cli/test_verify.py::test_tampering_is_found_and_named |
"""  # noqa: E501 - a row of a table is one line

from __future__ import annotations

import collections
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.e2e.hostile import MEMBERS, SECRET, Deposit, deposit_all
from tests.e2e.instance import ROOT, TEXTS, Instance, in_child
from tests.needs import needs, root

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVANT, SENDER = 4_711, 4_712
"""Users that the machine need not know."""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Instance, list[Deposit]]:
    """An instance after it took two hundred hostile files, all at once, with one worker."""
    instance_dir = tmp_path_factory.mktemp("hostile")
    instance = Instance(instance_dir / "instance", workers__seconds=3.0)
    deposits = deposit_all(instance.instance_dir / "inbox", instance_dir / "outside")
    instance.pass_over(processes=1)
    return instance, deposits


def test_every_file_is_decided_once_and_kept_in_one_place(judged: tuple[Instance, list[Deposit]]) -> None:
    """Arrivals and decisions add up; log, ledger, folders and index agree; hidden and temporary names wait."""
    instance, deposits = judged

    assert len(deposits) == 200
    assert faults(instance.instance_dir, sent=len(deposits)) == []


def test_every_fault_has_its_code(judged: tuple[Instance, list[Deposit]]) -> None:
    """A clear reason for each of the files that has only one; others may be decided either way."""
    instance, deposits = judged
    found = collections.defaultdict(set)
    for event in instance.decisions():
        name = event["winnowd"]["arrival"].get("name_hex", event["file"]["name"])
        found[name].update(event["winnowd"]["codes"])

    wrong = {
        deposit.name: found[deposit.name.decode()]
        for deposit in deposits
        if deposit.code is not None and deposit.code not in found[deposit.name.decode()]
    }

    assert wrong == {}


def test_nothing_behind_a_link_is_read(judged: tuple[Instance, list[Deposit]]) -> None:
    """Not a byte of the secret is anywhere in the instance; links, FIFOs, sockets and devices are moved as they are."""
    instance, deposits = judged
    special = {deposit.name.decode() for deposit in deposits if deposit.special}
    moved = [
        path for path in (instance.instance_dir / "rejected").rglob("*") if not path.is_file() or path.is_symlink()
    ]

    leaks = [
        path
        for path in instance.instance_dir.rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_blocks < 1 << 20 and _holds(path, SECRET)
    ]

    assert leaks == []
    assert len([path for path in moved if not path.is_dir() or path.is_symlink()]) == len(special)


def _holds(path: Path, secret: bytes) -> bool:
    """Whether a file's first 64 MiB hold these bytes; the sparse one has a tebibyte of nothing."""
    with path.open("rb") as file:
        return secret in file.read(1 << 26)


def test_no_name_from_outside_is_part_of_a_path(judged: tuple[Instance, list[Deposit]]) -> None:
    """Every path that was made is of letters, digits and ``._~-``, and inside the instance; no shell has run."""
    instance, _ = judged
    folders = ("seeds", "quarantine", "rejected", "archive", "audit", "state")
    parts = {part for folder in folders for path in instance.files(folder) for part in path.split("/")}

    odd = {part for part in parts if not re.fullmatch(r"[A-Za-z0-9._~-]{1,200}", part)}

    assert len(parts) > 200
    assert odd == set()
    assert sorted(path.name for path in instance.instance_dir.parent.iterdir()) == ["instance", "outside"]
    assert [path.name for path in (instance.instance_dir.parent / "outside").iterdir()] == ["secret.txt"]
    assert not [path for path in (instance.instance_dir, Path.cwd()) if (path / "pwned").exists()]


def test_names_in_archives_stand_in_the_evidence_alone(judged: tuple[Instance, list[Deposit]]) -> None:
    """Which file of an archive is at fault can be found out, and its name makes no path, line or link anywhere."""
    instance, _ = judged
    findings = [one for record in instance.evidence() for one in record.get("findings", ())]
    pages = [path.read_text(encoding="utf-8") for path in instance.instance_dir.rglob("*.why.md")]

    named = {one.get("archive_member") for one in findings}

    assert named >= set(MEMBERS)
    assert [page for page in pages if any(name in page for name in MEMBERS)] == []


def test_one_file_a_hundred_times_is_one_seed(tmp_path: Path) -> None:
    """The first goes in, all others are copies of it (DUP601), whatever their names; all are kept."""
    instance = Instance(tmp_path)
    instance.drop({f"{number % 7}/{number:02d}.txt": TEXTS["A"] for number in range(100)})

    instance.pass_over()

    codes = collections.Counter("DUP601" in event["winnowd"]["codes"] for event in instance.decisions())
    assert codes == {False: 1, True: 99}
    assert len(instance.articles()) == 1
    assert faults(tmp_path, sent=[TEXTS["A"].encode()] * 100) == []


@pytest.fixture
def of_a_servant() -> Iterator[Instance]:
    """An instance of a user who is not root, where that user may go."""
    folder = Path(tempfile.mkdtemp(prefix="winnowd-"))
    folder.chmod(0o755)
    instance = Instance(folder / "home")
    instance.drop({"first.txt": TEXTS["C"]})
    instance.pass_over()
    for path in (folder / "home", *(folder / "home").rglob("*")):
        os.chown(path, SERVANT, SERVANT, follow_symlinks=False)
    yield instance
    shutil.rmtree(folder)


@needs("P8", root)
def test_a_file_that_only_its_sender_may_read_is_held(of_a_servant: Instance) -> None:
    """The inbox is the service's, so it may take the file; that it may not read it is said (INP123)."""
    instance = of_a_servant
    instance.drop({"good.txt": TEXTS["A"], "mine.txt": TEXTS["D"] + SECRET.decode()})
    for name, mode in (("good.txt", 0o644), ("mine.txt", 0o600)):
        os.chown(instance.instance_dir / "inbox" / name, SENDER, SENDER)
        (instance.instance_dir / "inbox" / name).chmod(mode)

    ended = in_child(instance.pass_over)

    assert ended == 0
    assert {event["file"]["name"]: event["winnowd"]["codes"] for event in instance.decisions()} == {
        "first.txt": [],
        "good.txt": [],
        "mine.txt": ["INP123"],
    }
    holders = [path for path in instance.instance_dir.rglob("*") if path.is_file() and SECRET in path.read_bytes()]
    assert [path.relative_to(instance.instance_dir).parts[0] for path in holders] == ["quarantine"]
    assert holders[0].stat().st_uid == SENDER
    assert faults(instance.instance_dir, sent=3) == []


def test_the_list_of_attacks_names_tests_that_there_are() -> None:
    """Each row of this module's list, and each test in it."""
    rows = [line.split("|")[1:3] for line in (__doc__ or "").splitlines() if line.startswith("| ")][1:]
    named = [test.strip().partition("::") for _, tests in rows for test in tests.split(",")]

    missing = [
        f"{path}::{test}"
        for path, _, test in named
        if f"def {test}(" not in (ROOT / "tests" / path).read_text(encoding="utf-8")
    ]

    assert len(rows) == 25
    assert missing == []


def test_no_name_or_text_from_outside_does_harm(judged: tuple[Instance, list[Deposit]]) -> None:
    """What is written for people and programs holds no control, escape or direction character, whatever came in."""
    instance, _ = judged
    written = [
        path
        for folder in ("seeds", "quarantine", "rejected", "audit")
        for path in (instance.instance_dir / folder).rglob("*")
        if path.suffix in {".md", ".json", ".jsonl"} and "~" not in path.name.removesuffix(".why.md")
    ]
    forbidden = [chr(code) for code in (*range(9), *range(11, 32), 0x7F, 0x202E, 0x2066)]

    harmful = [path for path in written if any(sign in path.read_text(encoding="utf-8") for sign in forbidden)]

    assert written
    assert harmful == []
