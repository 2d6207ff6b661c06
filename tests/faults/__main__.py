"""Runs the faults, the slow ones too, and writes what came of each: `python -m tests.faults --json FILE`."""

import argparse
import json
import os
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "faults"
OPTIONS = ["-q", "-m", "slow or not slow", "-p", "no:cacheprovider"]
FAULTS = {
    "test_kills_of_the_client": "SIGKILL of the client of a sweep",
    "test_kills_of_local_workers": "SIGKILL of a local worker",
    "test_kills_of_dask_workers": "SIGKILL of a Dask worker",
    "test_kills_of_the_dask_scheduler": "SIGKILL of the Dask scheduler",
    "test_the_older_file_stays": "full disk under a file that a command writes",
    "test_one_onnx_network": "full disk under a compressed ONNX network",
    "test_what_is_printed_to_a_full_device": "full device under standard output",
    "test_a_store_on_a_disk_that_becomes_full_keeps_what_is_stored": "full disk under the store of a sweep",
    "test_a_full_disk_costs_the_time_of_compiling_and_nothing_else": "full disk under the compile cache",
    "test_damaged_entries_are_compiled_anew": "damaged entries of the compile cache",
    "test_an_entry_of_another_signature_is_not_taken": "an entry of the compile cache of another signature",
    "test_two_processes_fill_a_cold_cache_at_once": "two processes fill a cold compile cache",
    "test_a_folder_without_rights_is_replaced_by_one_of_the_users_own": "compile cache without rights",
    "test_a_place_that_is_no_folder_is_replaced_too": "compile cache where no folder can be",
    "test_without_a_home": "no home folder",
    "test_a_constant_of_another_file_is_part_of_the_hash": "stale compiled constants",
    "test_a_changed_table_is_another_version": "stale results after a change of a table of data",
    "test_a_store_that_may_only_be_read": "read-only store",
    "test_a_store_that_another_program_holds": "locked store",
    "test_a_store_of_another_version": "store of another version",
    "test_two_sweeps_into_one_new_store_at_once": "two sweeps into one new store at once",
    "test_nothing_can_be_printed": "closed standard output",
    "test_streams_that_are_not_needed_may_be_closed": "closed standard input or error",
    "test_without_any_stream_a_sweep_fills_its_store_and_nothing_else": "all standard streams closed",
    "test_a_document_on_a_closed_input": "a document from a closed standard input",
    "test_a_layer_its_result_and_all_that_is_made_of_it": "file names that are no UTF-8",
    "test_a_store_of_it_and_all_that_is_read_of_that": "names of stores that are no UTF-8",
    "test_in_ascii_a_name_of_other_letters_gives_the_same": "other letters in the ASCII locale: same figures",
    "test_every_command_in_ascii": "ASCII locale, names of other letters and of no UTF-8",
    "test_deep_and_long_documents": "deep and long JSON",
    "test_integers_beyond_any_number": "integers of 400 digits and more in JSON",
    "test_integers_beyond_any_number_in_a_store": "integers of 400 digits in a store",
    "test_archives_that_end_early": "truncated .npz",
    "test_conditions_that_would_take_all_memory": "conditions that would take all memory",
    "test_a_column_of_numbers_and_texts_is_never_repeated_or_formatted": "the same on columns of numbers and texts",
    "test_a_condition_that_no_point_meets_is_said": "a condition that no point meets",
    "test_a_sweep_that_waits_for_workers_says_so": "a cluster without workers",
}
"""What each test does, in words; how often it tries is the number of its cases, or `kills`, or `times`."""


class Recorder:
    """Collects the outcomes of tests."""

    def __init__(self):
        self.tries, self.failed, self.skipped = defaultdict(int), defaultdict(int), defaultdict(int)

    def pytest_runtest_logreport(self, report):
        """Count a test that ran, with the number of its tries."""
        name = report.nodeid.rpartition("::")[2].partition("[")[0]
        if report.when == "call" or report.failed:
            tries = dict(report.user_properties).get("tries", 1)
            self.tries[name] += tries if report.when == "call" else 0
            self.failed[name] += report.failed
        elif report.skipped:
            self.skipped[name] += 1


class Tries:
    """Notes how often a test tries its fault."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item):
        """`kills` and `times` are the tries of one test."""
        given = getattr(item, "callspec", None)
        values = {} if given is None else given.params
        item.user_properties.append(("tries", values.get("kills", values.get("times", 1))))


NO_SENTENCE = {
    "test_kills_of_the_client",
    "test_kills_of_local_workers",
    "test_kills_of_dask_workers",
    "test_a_full_disk_costs_the_time_of_compiling_and_nothing_else",
    "test_damaged_entries_are_compiled_anew",
    "test_an_entry_of_another_signature_is_not_taken",
    "test_two_processes_fill_a_cold_cache_at_once",
    "test_a_folder_without_rights_is_replaced_by_one_of_the_users_own",
    "test_a_place_that_is_no_folder_is_replaced_too",
    "test_without_a_home",
    "test_a_constant_of_another_file_is_part_of_the_hash",
    "test_a_changed_table_is_another_version",
    "test_two_sweeps_into_one_new_store_at_once",
    "test_streams_that_are_not_needed_may_be_closed",
    "test_without_any_stream_a_sweep_fills_its_store_and_nothing_else",
    "test_a_layer_its_result_and_all_that_is_made_of_it",
    "test_a_store_of_it_and_all_that_is_read_of_that",
    "test_in_ascii_a_name_of_other_letters_gives_the_same",
    "test_every_command_in_ascii",
    "test_a_column_of_numbers_and_texts_is_never_repeated_or_formatted",
}
"""Faults that stop nothing: the work goes on, and there is nothing to say."""


def rows_of(recorder):
    """A row for each fault that was tried."""
    for name, fault in FAULTS.items():
        if recorder.tries[name]:
            failed = recorder.failed[name]
            row = {"fault": fault, "tries": recorder.tries[name], "lost": failed}
            yield {**row, "sentence": name not in NO_SENTENCE, "passed": not failed}


def main():
    """Run all tests of this folder and write the summary; a summary that is there keeps what is not run again."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--json", type=Path, help="the summary")
    parser.add_argument("-k", default="", help="only these tests, as pytest chooses them")
    given, recorder = parser.parse_args(), Recorder()
    if given.json and not given.json.parent.is_dir():
        parser.error(f"--json {given.json}: there is no folder {given.json.parent}")
    os.chdir(ROOT)
    code = pytest.main([str(FOLDER), *OPTIONS, *(["-k", given.k] if given.k else [])], [recorder, Tries()])
    if given.json is not None:
        old = json.loads(given.json.read_text()) if given.k and given.json.exists() else []
        rows = {row["fault"]: row for row in (*old, *rows_of(recorder))}
        ordered = [rows[fault] for fault in FAULTS.values() if fault in rows]
        given.json.write_text(json.dumps(ordered, indent=1) + "\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
