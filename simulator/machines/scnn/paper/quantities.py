"""The quantities of SCNN's published figures, each computed from the results of one draw of a network or its part."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from simulator.machines.scnn.paper.runs import COARSE, DENSE, FITTING, OPT, OURS, Runs, cycles, energy
from simulator.results.result import Result

WAITING = ("starved", "barrier", "ppu_wait", "dram_wait")
"""What the paper's idle cycles are made of."""


def part(runs: Runs, row: str) -> Runs:
    """The results of a layer, or of the layers of a module, whose names begin with its name."""
    return {
        machine: [one for one in results if one.workload.name == row or one.workload.name.startswith(f"{row}-")]
        for machine, results in runs.items()
    }


def _speed_up(machine: str) -> Callable[[Runs], float]:
    return lambda runs: cycles(runs[DENSE]) / cycles(runs[machine])


def _oracle(runs: Runs) -> float:
    """SCNN's oracle: useful products spread evenly over all multipliers."""
    ideal = math.fsum(result.figures["theoretical_cycles"] for result in runs[OURS])
    return cycles(runs[DENSE]) / ideal


def _utilisation(results: Sequence[Result]) -> float:
    """Percent of the multipliers that have a useful product, over all cycles that issue a step."""
    arch = results[0].config.arch
    products = sum(int(one.run.counts.multiplies.sum()) for one in results)
    steps = sum(int(one.run.counts.fifo_reads.sum()) for one in results)
    return 100 * products / (arch.multipliers * steps)


def _waiting(results: Sequence[Result], names: Sequence[str], idle_pes: bool | None = None) -> float:
    """Percent of all PEs' cycles for `names`; idle_pes: only those of PEs that never issue a step, or of the others."""
    spent = total = 0
    for one in results:
        by_pe = np.sum([getattr(one.run.reasons, name) for name in names], axis=0)
        idle = one.run.counts.fifo_reads == 0
        chosen = np.ones_like(idle) if idle_pes is None else idle == idle_pes
        spent += int(by_pe[chosen].sum())
        total += one.config.arch.pes * one.run.cycles
    return 100 * spent / total


Quantity = Callable[[Runs], float]
QUANTITIES: dict[str, Quantity] = {
    "speed_up_over_dcnn": _speed_up(OURS),
    "oracle_speed_up_over_dcnn": _oracle,
    "speed_up_of_64_pes": lambda runs: cycles(runs[COARSE]) / cycles(runs[OURS]),
    "utilisation_percent": lambda runs: _utilisation(runs[OURS]),
    "idle_percent": lambda runs: _waiting(runs[OURS], WAITING),
    "without_tile_percent": lambda runs: _waiting(runs[OURS], WAITING, idle_pes=True),
    "starved_percent": lambda runs: _waiting(runs[OURS], ("starved",), idle_pes=False),
    "energy_over_dcnn": lambda runs: energy(runs[OURS]) / energy(runs[DENSE]),
    "energy_of_dcnn_opt_over_dcnn": lambda runs: energy(runs[OPT]) / energy(runs[DENSE]),
    "energy_gain_over_dcnn": lambda runs: energy(runs[DENSE]) / energy(runs[OURS]),
    "energy_gain_of_dcnn_opt_over_dcnn": lambda runs: energy(runs[DENSE]) / energy(runs[OPT]),
    "weight_density": lambda runs: float(runs[DENSE][0].workload.layer["weight_density"]),
    "activation_density": lambda runs: float(runs[DENSE][0].workload.layer["activation_density"]),
}


def quantity_of(name: str, configuration: str | None) -> Quantity:
    """A quantity by its name, on the machine of the paper; the speed-up also on the one that fits its memories."""
    if configuration != FITTING:
        return QUANTITIES[name]
    assert name == "speed_up_over_dcnn", name
    return _speed_up(FITTING)
