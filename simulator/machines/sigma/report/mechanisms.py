"""Why SIGMA takes longer than its pairs of non-zeros over all multipliers: formulas, as its engine is one."""

import numpy as np

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.sigma.engine import Columns, columns_of, times_of
from simulator.machines.sigma.layout import Streams


def _streams(case: Case) -> Streams:
    """The one pass."""
    (streams,) = case.passes
    return streams


def _columns(case: Case) -> Columns:
    if "columns" not in case.shared:
        case.shared["columns"] = columns_of(case.arch, _streams(case))
    found: Columns = case.shared["columns"]
    return found


def _with(case: Case, streams: Streams) -> Case:
    cycles = times_of(case.arch, streams, _columns(case)).cycles
    return case._replace(passes=(streams,), cycles=cycles)


def _memory(case: Case) -> Case:
    streams = _streams(case)
    return _with(case, streams._replace(arrival=np.zeros_like(streams.arrival), fetched=0, write_cycles=0))


def _loads(case: Case) -> Case:
    streams = _streams(case)
    return _with(case, streams._replace(load_cycles=np.zeros_like(streams.load_cycles)))


def _drain(case: Case) -> Case:
    return case._replace(cycles=int(_columns(case).cycles[_streams(case).slab].sum()))


def _port(case: Case) -> Case:
    """A cycle for each column that takes any."""
    streams, columns = _streams(case), _columns(case)
    each = columns.sent if case.arch.skip_empty_columns else np.full(columns.sent.shape, streams.columns)
    return case._replace(cycles=int(each[streams.slab].sum()))


def _empty(case: Case) -> Case:
    return case._replace(cycles=int(_columns(case).sent[_streams(case).slab].sum()))


def _fragments(case: Case) -> Case:
    return _spread(case, int(case.counts.multiplies.sum() + case.counts.gated.sum()))


def _zeros(case: Case) -> Case:
    counts = case.counts._replace(gated=np.zeros_like(case.counts.gated))
    return _spread(case._replace(counts=counts), int(counts.multiplies.sum()))


def _spread(case: Case, pairs: int) -> Case:
    return case._replace(cycles=-(-pairs // case.arch.size))


MECHANISMS = (
    Mechanism("memory", "values are not in SRAM when the fold before ends, or outputs go to DRAM", "operands in SRAM",
              SIMULATED, _memory, True),
    Mechanism("loads", "nothing is multiplied while stationary values are loaded", "loads in no time", SIMULATED,
              _loads),
    Mechanism("drain", "the last sums leave the adder trees", "adders in no time", COUNTED, _drain),
    Mechanism("port", "a column has more bits than the port sends in a cycle", "a cycle a column", COUNTED, _port),
    Mechanism("empty columns", "columns without a value in a slab are sent", "no cycle for them", COUNTED, _empty),
    Mechanism("fragmentation", "the last fold of a slab leaves multipliers without a value",
              "full folds, rounded up", COUNTED, _fragments),
    Mechanism("zeros", "stationary values that meet a zero", "products of two non-zeros only, rounded up", COUNTED,
              _zeros),
)  # fmt: skip
"""In the order in which they are made ideal."""
