"""What ESE's ideas save: every weight, pruned weights, then pruning that keeps the PEs' loads equal; each simulated."""

from collections.abc import Iterator

from simulator.config.load import load_arch
from simulator.core.savings import Draw, Savings, SavingStep
from simulator.machines.ese import MACHINE
from simulator.run.simulate import simulate
from simulator.studies.steps import make_step

STEPS = (("dense", True, True), ("pruned", False, False), ("pruned with balance", False, True))
FETCHES = ("weight_reads", "buffer_lines", "pointer_reads", "dram_weight_lines")
NOTES = ("the paper, on 32 PEs at density 0.1: plain pruning is about 5.5 and balanced 6.2 times as fast as dense",)


def steps(machine: str, draw: Draw) -> Iterator[SavingStep]:
    """Dense is every weight, stored as the pruned ones are."""
    config = load_arch(machine)
    for place, (name, dense, balanced) in enumerate(STEPS):
        formats = {kind: wanted._replace(balanced=balanced) for kind, wanted in MACHINE.formats(config.arch).items()}
        workload = draw(formats=formats, **({"density": 1.0} if dense else {}))
        result = simulate(config, workload, output=False)
        stored = (
            f"{config.arch.weight_bits} + {config.arch.index_bits} bits in lines of {config.arch.line_bits}, in DRAM"
        )
        yield make_step(result, FETCHES, name, stored, f"prices of {config.name}", 0 if place else None)


SAVINGS = Savings(steps, None, NOTES)
