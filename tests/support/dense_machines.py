"""Small dense machines for tests: one written down, and those drawn at random."""

from hypothesis import strategies as st

from simulator.machines.dense.arch import Arch

PLAIN = Arch(
    rows=1,
    columns=2,
    multipliers=2,
    group_channels=1,
    sram_bytes=1024,
    weight_bits=16,
    activation_bits=16,
    sum_bits=24,
    index_bits=4,
    dram_bytes_per_kcycle=4000,
    gate_zeros=0,
    compress_traffic=0,
)

machines = st.builds(
    Arch,
    rows=st.integers(1, 3),
    columns=st.integers(1, 2),
    multipliers=st.integers(1, 5),
    group_channels=st.integers(1, 3),
    sram_bytes=st.sampled_from([64, 4096]),
    weight_bits=st.just(16),
    activation_bits=st.just(16),
    sum_bits=st.just(24),
    index_bits=st.integers(1, 4),
    dram_bytes_per_kcycle=st.sampled_from([300, 2000, 30000]),
    gate_zeros=st.integers(0, 1),
    compress_traffic=st.integers(0, 1),
)
