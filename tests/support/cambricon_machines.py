"""Small Cambricons for tests: one written down, and those drawn at random."""

from hypothesis import strategies as st

from simulator.machines.cambricon import MACHINE
from simulator.machines.cambricon.arch import Arch
from support.dram.memories import memories

PLAIN = Arch(
    pes=2,
    multipliers=2,
    shared_selector=1,
    neuron_window=8,
    synapse_window=4,
    skip_weights=1,
    skip_activations=1,
    prune_blocks=1,
    step_bits=2,
    step_rows=3,
    weight_bits=16,
    activation_bits=16,
    sum_bits=24,
    nbin_bytes=128,
    nbout_bytes=128,
    sb_bytes=64,
    sb_slots=2,
    index_bytes=32,
    loop_order=0,
    piece_rows=0,
    chunk_bytes=8,
    chunks_per_cycle=1,
    dram_channels=1,
    dram=None,
)
OWN = PLAIN._replace(shared_selector=0, skip_activations=0, sb_slots=1)
"""The same with a selector for each PE."""

machines = st.builds(
    Arch,
    pes=st.integers(1, 4),
    multipliers=st.one_of(st.integers(1, 5), st.just(40)),
    shared_selector=st.integers(0, 1),
    neuron_window=st.integers(1, 20),
    synapse_window=st.integers(1, 9),
    skip_weights=st.integers(0, 1),
    skip_activations=st.integers(0, 1),
    prune_blocks=st.integers(0, 1),
    step_bits=st.integers(1, 4),
    step_rows=st.integers(0, 9),
    weight_bits=st.sampled_from([4, 8, 16]),
    activation_bits=st.just(16),
    sum_bits=st.just(24),
    nbin_bytes=st.sampled_from([32, 70, 400]),
    nbout_bytes=st.sampled_from([32, 50, 300]),
    sb_bytes=st.sampled_from([32, 50, 200]),
    sb_slots=st.integers(1, 2),
    index_bytes=st.sampled_from([32, 40]),
    loop_order=st.integers(0, 2),
    piece_rows=st.integers(0, 3),
    chunk_bytes=st.sampled_from([1, 3, 8, 32]),
    chunks_per_cycle=st.sampled_from([1, 2, 3, 8]),
    dram_channels=st.integers(1, 3),
    dram=st.none() | memories(),
).filter(lambda arch: MACHINE.problem(arch) is None)
