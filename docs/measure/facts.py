"""Figures in the text that no command makes: what papers print, settings, and arithmetic; each with its source.

By page, as they are written there. Pages of records (decisions, experiments, the changelog) are not checked.
"""

RECORDS = ("decisions.md", "experiments.md")
"""Pages about what was measured once, at the time of a decision."""
FACTS: dict[str, dict[str, str]] = {
    "../README.md": {"100 %": "what shares are compared with"},
    "attention.md": {"16 times": "FASTER in simulator/machines/tensor/paper/skipping.py"},
    "comparison.md": {
        "2,000 times": "Sparseloop's paper",
        "8 %": "Sparseloop's paper",
        "451,584 cycles": "462 M multiplies over 1,024 multipliers",
    },
    "circuit.md": {
        "7,959 cycles": "tests/machines/eie/test_verilator.py",
        "8,058 cycles": "tests/machines/eie/test_verilator.py",
        "+0.4 %": "7,959 over 7,926 cycles",
        "+1.7 %": "8,058 over 7,926 cycles",
        "20 s": "measured once with Verilator 5.006",
        "0.4 s": "measured once with Verilator 5.006",
    },
    "cambricon.md": {
        "16 times": "selectors of 16 of 256",
        "4 times": "synapse selectors of 16 of 64",
        "256 GB/s": "Cambricon-S, section on its memory",
        "7 %": "X weights in conv at 15 %, one draw, with loop_order 0",
        "768 GB/s": "chunks of arch_configs/cambricon_x.yaml at 1 GHz",
        "5 %": "a point of the curves",
        "15 %": "a point of the curves",
        "100 %": "a dense layer",
    },
    "concepts.md": {
        "41 W": "ESE, Table 9",
        "20 pJ": "the list of common prices: 640 pJ for 32 bits, EIE's Table I",
        "8 pJ": "arch_configs/scnn_8x8.yaml",
    },
    "dram.md": {
        "640 pJ": "EIE, Table I",
        "8 pJ": "arch_configs/scnn_8x8.yaml",
        "0 pJ": "what the data sheet prices is not priced twice",
    },
    "explore.md": {
        "2,000 points": "CASES in benchmarks/explore/cases.py",
        "15 %": "SHARE in benchmarks/explore/measure.py",
        "98 %": "GOAL in benchmarks/explore/measure.py",
    },
    "frames.md": {
        "0.1 ms": "TRACKER_S in simulator/studies/frames/catdet.py",
        "35 %": "densities in workloads/zoo/detectors.yaml, PRUNED in simulator/studies/frames/patchnet.py",
    },
    "eie.md": {
        "5 cycles": "the drawn timeline, and a test of it",
        "52 %": "EIE, Fig 8",
        "8 cycles": "EIE, section VI",
        "5 pJ": "EIE, Table I",
        "100 %": "EIE, Table III",
    },
    "language.md": {"90 %": "FITTING in simulator/machines/tensor/paper/decode.py"},
    "gradient_compression.md": {
        "8 pJ": "arch_configs/scnn_8x8.yaml",
        "0.8 times": "LEAST in workloads/compression/gradients/selection.py",
    },
    "same_bits.md": {"25 %": "TBIK's figures as others restate them: 2 to 25 %"},
    "edgedrnn.md": {
        "4,096 points": "POINTS in workloads/kinds/gru/compress.py",
        "110,098 cycles": "the RTL on its own network at threshold 128",
        "1,203 cycles": "run_overhead in arch_configs/edgedrnn.yaml",
        "32 cycles": "2 x (1 + 2 + 4 + 3 + 6): tests/machines/edgedrnn/test_validation.py",
        "0.5 ms": "EdgeDRNN's paper, two layers of 768",
        "6 %": "395,187 and 1,203 over 420,844 cycles: tests/machines/edgedrnn/test_validation.py",
    },
    "ese.md": {
        "1,072 cycles": "ESE, Table 8",
        "1,070 cycles": "ESE, Table 8",
        "12.8 GB/s": "DDR3-1600 with 64 bits",
        "2,048 points": "arch_configs/ese_32x32.yaml",
        "41 W": "ESE, Table 9",
        "10 %": "the density of the study",
        "20 %": "a point of DAC 2018, Fig 4",
        "90 %": "a point of DAC 2018, Fig 4",
        "13 %": "DAC 2018, Fig 4",
    },
    "sigma.md": {
        "960 GB/s": "TeAAL's artifact",
        "50 GB/s": "arch_configs/sigma.yaml",
        "13 cycles": "published cycles less N x folds and values / 115.2",
    },
    "gamma.md": {
        "128 GB/s": "arch_configs/gamma.yaml",
        "268,435,456 cycles": "the limit in simulator/machines/gamma",
        "80 cycles": "dram_latency in arch_configs/gamma.yaml",
        "2 %": "82,186 ns over 10,719,876 bytes at 128 GB/s",
    },
    "tensor.md": {
        "3 %": "the table of dual_side in docs/tensor.md",
        "14 %": "the table of dual_side in docs/tensor.md",
    },
    "scnn.md": {
        "50 GB/s": "SCNN, section 4",
        "4 GB/s": "SCNN, section 6",
        "8 GB/s": "a setting",
        "77 %": "49 of 64 PEs",
        "6 %": "arithmetic on Figs 9 and 10",
        "62 %": "SCNN, Fig 11",
    },
    "eyeriss_v2.md": {
        "71 %": "INPUTS in simulator/machines/eyeriss_v2/paper/networks.py",
        "59 %": "WEIGHTS in simulator/machines/eyeriss_v2/paper/networks.py",
        "85 %": "workloads/zoo/alexnet_convolutions.yaml",
        "10 times": "the table of rates: 4.5 to 9.3",
    },
    "start.md": {"30 %": "an option of the command"},
    "sweeps.md": {
        "30 s": "LEASE_SECONDS in simulator/results/store_claims.py",
        "15 s": "simulator/sweeps/workers/dask_cluster.py",
    },
}
