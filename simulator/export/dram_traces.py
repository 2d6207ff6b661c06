"""Traces of DRAM requests for other simulators. Both formats hold one request per line of text.

Ramulator 2's LoadStoreTrace: `LD` or `ST`, then the byte address in decimal. It has no times.
DRAMsim3's trace-driven CPU: the byte address in hexadecimal, `READ` or `WRITE`, and the memory clock of its arrival.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.hardware.dram.spec import Dram


def write_ramulator(path: Path, dram: Dram, line: np.ndarray, write: np.ndarray) -> None:
    """Write a trace for Ramulator 2, which sends one request per clock if it can, whatever the arrival times.

    line: int64 [requests], addresses in lines of the DRAM. write: int64 [requests], 1 for a write.
    """
    path.write_text(
        "".join(f"{'ST' if store else 'LD'} {address}\n" for address, store in _requests(dram, line, write))
    )


def write_dramsim3(path: Path, dram: Dram, line: np.ndarray, write: np.ndarray, arrival: np.ndarray) -> None:
    """Write a trace for DRAMsim3.

    line: int64 [requests], addresses in lines of the DRAM. write: int64 [requests], 1 for a write. arrival: int64
    [requests], ascending memory clocks.
    """
    requests = zip(_requests(dram, line, write), arrival.tolist(), strict=True)
    path.write_text("".join(f"0x{at:X} {'WRITE' if store else 'READ'} {clock}\n" for (at, store), clock in requests))


def _requests(dram: Dram, line: np.ndarray, write: np.ndarray) -> Iterator[tuple[int, bool]]:
    """Byte address of each request, and whether it is a write."""
    return zip((line.astype(np.int64) * dram.line_bytes).tolist(), write.astype(bool).tolist(), strict=True)
