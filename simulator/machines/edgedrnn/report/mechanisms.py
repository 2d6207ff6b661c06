"""Why EdgeDRNN takes longer than its products over all PEs: its mechanisms, each made ideal after those before it."""

from simulator.core.mechanisms import COUNTED, SIMULATED, Case, Mechanism
from simulator.machines.edgedrnn.arch import activation_cycles
from simulator.machines.edgedrnn.engine.run import run_without_output


def _list(case: Case) -> Case:
    """Every element of the largest layer has a place in the list."""
    most = max(len(layer.beats) for streams in case.passes for layer in streams.layers)
    arch = case.arch._replace(list_depth=max(case.arch.list_depth, most))
    return case._replace(arch=arch, cycles=sum(run_without_output(arch, streams).cycles for streams in case.passes))


def _start(case: Case) -> Case:
    """What is left: beats, and the steps of new states."""
    return case._replace(cycles=_beats(case) + _activation(case))


def _activate(case: Case) -> Case:
    return case._replace(cycles=_beats(case))


def _memory(case: Case) -> Case:
    return case._replace(cycles=int(case.counts.weight_beats.sum()))


def _padding(case: Case) -> Case:
    counts = case.counts
    useful = counts._replace(entries=counts.entries - counts.padding, padding=0 * counts.padding)
    return case._replace(cycles=-(-int(counts.multiplies.sum()) // case.arch.pes), counts=useful)


def _beats(case: Case) -> int:
    return int(case.counts.weight_beats.sum()) * case.arch.beat_cycles


def _activation(case: Case) -> int:
    """Cycles of all steps of all cells, without the pipeline's."""
    arch, found = case.arch._replace(activation_pipeline=0), 0
    for streams in case.passes:
        found += len(streams.activation) * sum(activation_cycles(arch, layer.cells) for layer in streams.layers)
    return found


MECHANISMS = (
    Mechanism("list", "a full list of changes stops the encoder", "a place for each element", SIMULATED, _list, True),
    Mechanism("scan and start", "PEs wait for the next change or for its column; pipelines fill and drain",
              "beats and new states only", COUNTED, _start),
    Mechanism("new states", "gates and states are computed when all sums are there", "in no time", COUNTED, _activate),
    Mechanism("memory", "a beat takes more than a cycle", "a beat a cycle", COUNTED, _memory),
    Mechanism("padding", "beats with weights of no cell, or with zeros that make the PEs' parts of a column equal",
              "products over all PEs, rounded up", COUNTED, _padding),
)  # fmt: skip
"""In the order in which they are made ideal."""
