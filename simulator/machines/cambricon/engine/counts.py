"""How often each event of a run happens, by formulas."""

import numpy as np

from simulator.machines.cambricon.arch import Arch, Counts
from simulator.machines.cambricon.engine.selection import JobCycles, active_plane
from simulator.machines.cambricon.layout.streams import Streams
from simulator.machines.cambricon.layout.tiles import areas


def counts_of(arch: Arch, streams: Streams, cycles: JobCycles, granted: int) -> Counts:
    """The counts of a run. cycles: of each job; granted: chunks of the port."""
    jobs, stored, layer = streams.jobs, streams.stored, streams.layer
    by_selector, step_reads = np.zeros((2, arch.selectors), np.int64)
    np.add.at(by_selector, stored.owners[jobs.owner, 2], cycles.selections)
    np.add.at(step_reads, stored.owners[jobs.owner, 2], cycles.step_reads)
    area = areas(streams.tiles)[jobs.tile]
    spent, read, written = (_by_pe(arch, streams, one) for one in (cycles.selections, area * (jobs.piece > 0), area))
    multiplies, pairs = _pairs(arch, streams)
    outputs = layer.outputs * int(np.prod(layer.output_plane))
    return Counts(
        neuron_reads=by_selector,
        selections=by_selector * (arch.skip_weights | arch.skip_activations),
        index_reads=by_selector * (arch.skip_weights & arch.shared_selector),
        step_reads=step_reads,
        weight_reads=spent,
        synapse_selections=spent * arch.skip_activations,
        decodes=spent * int(arch.weight_bits < arch.activation_bits),
        multiplies=multiplies,
        padding=pairs - multiplies,
        sum_reads=read,
        sum_writes=written,
        port_chunks=np.array([granted], np.int64),
        dram_weight_bytes=jobs.load_bytes[:, :1].sum(axis=0),
        dram_index_bytes=jobs.load_bytes[:, 1:].sum(axis=0),
        dram_input_bytes=np.array([streams.content_bytes.sum()], np.int64),
        dram_output_bytes=np.array([outputs * arch.activation_bits // 8], np.int64),
    )


def _by_pe(arch: Arch, streams: Streams, what: np.ndarray) -> np.ndarray:
    """Sums of `what`, int64 [jobs], over the jobs that each PE takes part in: int64 [pes]."""
    owners, owner = streams.stored.owners, streams.jobs.owner
    found = np.zeros(arch.pes + 1, np.int64)
    if not arch.shared_selector:
        np.add.at(found, owners[owner, 2], what)
        return found[:-1]
    np.add.at(found, (owners[:, 1] - owners[:, 0])[owner] - 1, what)  # by the last PE
    return found[:-1][::-1].cumsum()[::-1]


def _pairs(arch: Arch, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Pairs without a zero, and all pairs that are multiplied, of each PE: int64 [pes] each."""
    layer, stored = streams.layer, streams.stored
    active = _active_outputs(streams)
    each, plane = layer.outputs // layer.groups, int(np.prod(layer.output_plane))
    useful, pairs = (np.zeros(arch.pes, np.int64) for _ in range(2))
    parts = len(streams.pieces)
    for number, (first, end, selector) in enumerate(stored.owners.tolist()):
        places = stored.place[stored.start[number * parts] : stored.start[(number + 1) * parts]]
        seen = active[first // each]
        selected = int(seen[places].sum()) if arch.skip_activations else places.size * plane
        for output in range(first, end):
            pe = output - first if arch.shared_selector else selector
            useful[pe] += int(seen[layer.kernel[output].ravel() != 0].sum())
            pairs[pe] += selected
    return useful, pairs


def _active_outputs(streams: Streams) -> np.ndarray:
    """For how many outputs of a channel each input of an output is not zero, int64 [groups, inputs of an output]."""
    layer, (high, wide) = streams.layer, streams.layer.output_plane
    active, offset, step = active_plane(streams)
    found = np.zeros((layer.groups, offset.size), np.int64)
    first = (np.arange(high)[:, None] * step[0] + np.arange(wide) * step[1]).ravel()
    for group, plane in enumerate(active.reshape(layer.groups, -1)):
        for place, start in enumerate(offset.tolist()):
            found[group, place] = int(np.count_nonzero(plane[start + first]))
    return found
