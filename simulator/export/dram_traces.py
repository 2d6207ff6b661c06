"""Traces for other simulators: byte addresses from lines.

Ramulator 2's LoadStoreTrace: `LD` or `ST` and an address in decimal, one request a line, as fast as they are taken.
DRAMsim3's trace-driven CPU: a hexadecimal address, `READ` or `WRITE`, and the memory clock in which it is added.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.hardware.dram.spec import Dram


def write_ramulator(path: Path, dram: Dram, line: np.ndarray, write: np.ndarray) -> None:
    """Write a trace for Ramulator 2. It has no times: Ramulator sends a request in each of its clocks if it can."""
    path.write_text(
        "".join(f"{'ST' if store else 'LD'} {address}\n" for address, store in _requests(dram, line, write))
    )


def write_dramsim3(path: Path, dram: Dram, line: np.ndarray, write: np.ndarray, arrival: np.ndarray) -> None:
    """Write a trace for DRAMsim3; arrivals are memory clocks."""
    requests = zip(_requests(dram, line, write), arrival.tolist(), strict=True)
    path.write_text("".join(f"0x{at:X} {'WRITE' if store else 'READ'} {clock}\n" for (at, store), clock in requests))


def _requests(dram: Dram, line: np.ndarray, write: np.ndarray) -> Iterator[tuple[int, bool]]:
    """Byte address and kind of each request."""
    return zip((line.astype(np.int64) * dram.line_bytes).tolist(), write.astype(bool).tolist(), strict=True)
