"""Why SCNN takes as long as it does: simulated steps are runs of changed machines, others formulas of the layout."""

import numpy as np
from hypothesis import given
from support.scnn_layers import drawn_layers, machines, useful_pairs

from simulator.core.mechanisms import Case
from simulator.machines.scnn import MACHINE
from simulator.machines.scnn.engine import run as engine
from simulator.machines.scnn.layout.ideal import any_fifo, wide_post_processing, without_memory
from simulator.machines.scnn.layout.streams import layout
from simulator.machines.scnn.model import units as model
from simulator.run.stacks import cases


def steps_of(arch, streams):
    """Steps of each PE in each round, a vector of weights times a vector of activations: int [rounds, pes]."""
    found = np.zeros((len(streams.rounds), arch.pes), int)
    weights, inputs = np.diff(streams.weights.start), np.diff(streams.activations.start)
    for number in range(len(streams.rounds)):
        for phase in range(len(streams.phases)):
            for pe in range(arch.pes):
                pairs = zip(
                    streams.weight_blocks(phase, number), streams.activation_blocks(phase, number, pe), strict=True
                )
                found[number, pe] += sum(
                    -(-weights[one] // arch.weights_per_vector) * -(-inputs[other] // arch.activations_per_vector)
                    for one, other in pairs
                )
    return found


@given(machines, drawn_layers)
def test_steps_are_runs_of_changed_machines_and_formulas_of_the_layout(arch, layer):
    (streams,) = layout(arch, layer)
    run = engine.run_without_output(arch, streams)
    mechanisms = MACHINE.mechanisms(arch)
    found = cases(mechanisms, Case(arch, layer, (streams,), run.cycles, run.counts, {}))
    named = dict(zip((one.name for one in mechanisms), found[1:], strict=True))
    cycles = {name: case.cycles for name, case in named.items()}
    free, bare = without_memory(arch, streams)
    for name in ("memory", "post-processing", "weight FIFO"):
        free = {"memory": free, "post-processing": wide_post_processing(free)}.get(name, any_fifo(free, streams))
        again = (model if name == "memory" else engine).run(free, bare)
        assert (again.cycles, again.counts.iaram_reads.sum()) == (cycles[name], named[name].counts.iaram_reads.sum())
    steps = steps_of(arch, streams)
    assert cycles["start and drain"] == steps.max(axis=1).sum()
    assert cycles["barriers"] == steps.sum(axis=0).max()
    assert cycles["unevenness"] == -(-steps.sum() // arch.pes)
    each = arch.pes * arch.multipliers
    assert cycles["fragmentation"] == -(-run.counts.entries.sum() // each)
    assert cycles["stored zeros"] == -(-useful_pairs(layer) // each)
    assert cycles["weight FIFO"] >= cycles["bank conflicts"] >= cycles["start and drain"]


@given(machines, drawn_layers)
def test_the_path_names_the_pe_that_ends_last_in_each_round(arch, layer):
    (streams,) = layout(arch, layer)
    run = engine.run(arch, streams, 10**6)
    path = MACHINE.critical_path(arch, (streams,))
    assert sum(span.cycles for span in path.spans) == run.cycles
    for span in path.spans:
        letters = run.trace[:-2, span.begin : span.begin + span.cycles]
        if span.what == "round":
            assert ord("b") not in letters[int(span.unit.removeprefix("PE "))]
        else:
            assert set(letters.ravel().tolist()) <= {ord(one) for one in "pt."}
