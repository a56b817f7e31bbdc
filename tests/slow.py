"""The tests that ``make test-quick`` leaves out: each row is a file, a test in one, or that with certain samples.

Where workers share the tests these come first, so that no long one is left alone at the end.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
SLOW: Final = frozenset(
    {
        "audit/test_tampering.py::test_whatever_is_ordered_the_ledger_is_what_the_log_tells",
        "bench/test_commands.py",
        "bench/test_decisions.py::test_the_same_seed_makes_the_same_log",
        "bulk/test_engines.py::test_no_process_outlives_the_one_that_asked",
        "bulk/test_packed_kills.py",
        "cleaning/test_phrases.py::test_no_line_of_a_pattern_escapes_the_look_up",
        "cli/test_held_rest.py",
        "cli/test_ledger.py::test_a_ledger_of_hostile_files_is_made_anew",
        "cli/test_notify.py::test_it_does_not_outlive_a_service_that_is_killed",
        "cli/test_notify.py::test_run_has_people_told_by_a_process_of_its_own_which_ends_with_it",
        "cli/test_order_all.py::test_beside_a_service_it_is_the_service_that_carries_it_out",
        "cli/test_review.py::test_without_a_terminal_a_line_is_a_key",
        "cli/test_run.py::test_what_is_left_is_named_with_its_reason",
        "cli/test_run_once.py::test_a_reader_that_leaves_stops_no_work",
        "clients/test_datasets.py",
        "clients/test_scrapy.py",
        "crash/test_faults.py",
        "crash/test_full_disk.py",
        "crash/test_kill_load.py",
        "crash/test_kill_sweep.py",
        "crash/test_lossy_disk.py",
        "crash/test_mounted_apart.py",
        "crash/test_mutants.py",
        "crash/test_power_sweep.py",
        "crash/test_readers.py",
        "crash/test_system_calls.py",
        "daemon/test_answers.py::test_a_worker_that_sends_what_is_no_answer_is_named_and_replaced[long]",
        "daemon/test_answers.py::test_a_worker_that_sends_what_is_no_answer_is_named_and_replaced[pickle]",
        "daemon/test_answers.py::test_a_worker_that_stops_in_the_middle_of_its_answer_is_named_at_its_deadline",
        "daemon/test_answers.py::test_hostile_files_come_out_as_they_went_in",
        "daemon/test_doorbell.py::test_our_own_claim_does_not_ring",
        "daemon/test_line.py::test_a_file_in_hand_is_among_those_under_way",
        "daemon/test_line.py::test_files_that_wait_and_those_under_way_are_told",
        "daemon/test_memory.py",
        "daemon/test_start.py",
        "daemon/test_workers.py::test_the_guilty_is_stopped_and_its_neighbours_are_not",
        "daemon/test_workers.py::test_waiting_for_files_that_hang_the_loop_shows_that_it_lives",
        "e2e/test_barren.py",
        "e2e/test_changing.py::test_one_that_swaps_all_the_time_is_taken_as_what_it_is_then",
        "e2e/test_determinism.py",
        "e2e/test_flood.py",
        "e2e/test_hostile.py",
        "e2e/test_many_records.py::test_a_killed_file_goes_on_at_the_record_it_had_come_to",
        "e2e/test_open_files.py",
        "e2e/test_orders_again.py",
        "e2e/test_orders_refused.py::test_a_fault_of_ours_refuses_one_target_and_no_other",
        "e2e/test_poison.py",
        "e2e/test_reload.py",
        "e2e/test_samples.py",
        "e2e/test_service.py",
        "gates/test_linear.py",
        "gates/test_reference.py::test_all_texts_come_out_as_in_the_reference[shared]",
        "operations/test_export.py::test_an_export_is_the_corpus_and_increments_add_up_to_it",
        "operations/test_replay.py::test_each_decision_is_made_anew_from_its_original",
        "originality/test_injected.py",
        "originality/test_laws.py::test_a_recorded_stream_is_judged_alike_to_the_byte",
        "originality/test_samples.py",
        "pipeline/test_regrading.py::test_originality_grades_within_the_bounds",
        "pipeline/test_regrading.py::test_the_gates_grade_within_the_bounds",
        "reading/test_gold.py::test_the_bodies_of_known_pages_are_found[shared]",
        "reading/test_kinds.py::test_a_hostile_sender_tries_each_kind",
        "reading/test_laws.py::test_any_bytes_under_any_name_give_records_and_never_raise",
        "reading/test_streams.py::test_eight_times_the_bytes_take_about_eight_times_the_time",
        "reading/test_streams.py::test_json_lines_of_any_length_are_read_in_little_memory",
        "reading/test_streams.py::test_whatever_is_streamed_is_read_in_little_memory",
        "reading/test_yaml_text.py::test_yaml_is_read_as_it_was_written",
        "system/test_anchor.py",
        "system/test_exposure.py",
        "system/test_notify.py",
        "system/test_package.py",
        "system/test_page.py",
        "system/test_rotate.py",
        "system/test_sandbox.py",
        "system/test_unit.py",
        "test_deploy.py::test_the_head_as_a_signed_tag_is_an_anchor_wherever_it_was_pushed",
        "test_monitoring.py::test_a_blunt_alert_is_found",
        "test_monitoring.py::test_each_alert_fires_by_its_cause_and_only_then",
        "test_walkthroughs.py::test_a_page_can_be_followed_line_by_line",
        "test_walkthroughs.py::test_an_auditor_can_ask_by_other_programs",
        "views/test_index.py::test_index_md_stays_below_64_kib_for_ever",
    }
)


def names_of(nodeid: str) -> Iterator[str]:
    """What a row may say of a test: its file, its function, all; ``nodeid`` is pytest's, from the project's root."""
    path, _, name = nodeid.removeprefix("tests/").partition("::")
    yield path
    yield f"{path}::{name.partition('[')[0]}"
    yield f"{path}::{name}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what the table names, before anything is chosen by ``-m``."""
    if not SLOW.isdisjoint(names_of(item.nodeid)):
        item.add_marker(pytest.mark.slow)


def slow_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests as ``--dist worksteal`` should cut them, evenly: each worker's share begins with slow ones.

    They are dealt file by file: what a file's tests share is made once.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = iter([item for item in items if not item.get_closest_marker("slow")])
    piles: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for number, (_, tests) in enumerate(itertools.groupby(slow, key=lambda item: item.path)):
        piles[number % workers] += tests
    for pile in piles:
        pile.extend(itertools.islice(quick, max(0, len(items) // workers - len(pile))))
    return [*itertools.chain.from_iterable(piles), *quick]
