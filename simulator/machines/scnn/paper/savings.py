"""What SCNN's ideas save: the dense machines, one kind of zero skipped, then both; each step simulated."""

from collections.abc import Iterator

from simulator.config.load import load_arch
from simulator.core.registry import find
from simulator.core.savings import Draw, Savings, SavingStep
from simulator.run.simulate import simulate
from simulator.studies.steps import make_step

STEPS = (
    ("dense", "dcnn", "all weights, all activations"),
    ("dense and gated", "dcnn_opt", "all weights; zeros are not multiplied, nor moved to or from DRAM"),
    ("weights only", "scnn_sparse_weights", "non-zero weights, all activations"),
    ("activations only", "scnn_sparse_activations", "all weights, non-zero activations"),
    ("both", "scnn_8x8", "non-zero weights, non-zero activations"),
)
FETCHES = ("fifo_writes", "fifo_reads", "weight_reads", "dram_weight_bytes")
NOTES = ("the paper, mean of three networks: DCNN-opt needs 2.0 and SCNN 2.3 times less energy than DCNN (summary)",)


def steps(machine: str, draw: Draw) -> Iterator[SavingStep]:
    """The shipped machines, and the one that was asked for in the last place."""
    for place, (name, shipped, stored) in enumerate(STEPS):
        config = load_arch(machine if place == len(STEPS) - 1 else shipped)
        workload = draw(formats=find(config.machine).formats(config.arch))
        result = simulate(config, workload, output=False)
        yield make_step(result, FETCHES, name, stored, f"prices of {config.name}", 0 if place else None)


SAVINGS = Savings(steps, None, NOTES)
