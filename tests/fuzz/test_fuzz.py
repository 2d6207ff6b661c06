"""Every reader on inputs that once failed, and for a short time on changed ones, with the same seed each time.

More: `.venv/bin/python -m tests.fuzz READER --seconds 600 --seed 2`.
"""

import os
from pathlib import Path
from random import Random
from time import process_time

import pytest

from fuzz.driver import READERS, find_harness
from fuzz.harness import BYTES, attempt
from fuzz.limits import forget_peak, held_bytes, peak_bytes, time_limit
from fuzz.mutate import Pool

SEED = 1
MOST_INPUTS, SECONDS = 400, float(os.environ.get("ZEROSKIP_FUZZ_SECONDS", "0.6"))
"""Limits of each reader: inputs, and processor time."""
CORPUS = Path(__file__).parent / "corpus"
ONCE_FAILED = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


def harness_or_skip(name):
    """The harness of a reader; the test is skipped where a library that it needs is missing."""
    harness = find_harness(name)
    for module in harness.needs:
        pytest.importorskip(module)
    return harness


@pytest.mark.parametrize("path", ONCE_FAILED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_inputs_that_once_failed(path, tmp_path):
    held = held_bytes()
    forget_peak()
    with time_limit(60):  # where nothing is compiled yet
        attempt(harness_or_skip(path.parent.name), path.read_bytes(), tmp_path)
    assert peak_bytes() - held < BYTES


@pytest.mark.parametrize("name", READERS)
def test_changed_inputs(name, tmp_path, tmp_path_factory):
    harness = harness_or_skip(name)
    pool, tried = Pool(harness, Random(f"{name} {SEED} 0")), 0
    for data in pool.first():
        harness.read(data, tmp_path_factory.mktemp("seed"))  # it is accepted
    end = process_time() + SECONDS
    while tried < MOST_INPUTS and process_time() < end:
        data = pool.next()
        with time_limit(60):
            if attempt(harness, data, tmp_path):
                pool.keep(data)
        tried += 1
    print(f"{name}: seed {SEED}, {tried} inputs")
