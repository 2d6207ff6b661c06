"""Random architectures: of the strategies that the tests of a machine have, and of any machine's declared limits."""

from functools import lru_cache

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from support import (
    bev_poolings,
    cambricon_machines,
    dense_machines,
    eyeriss,
    gamma_machines,
    gradients,
    gru_layers,
    layers,
    lstm_layers,
    points_machines,
    products,
    scnn_layers,
    sigma_machines,
)

from simulator.config.architecture import limits_of
from simulator.config.load import load_arch
from simulator.core.registry import find
from simulator.hardware.component import Component
from simulator.hardware.dram.spec import problem as dram_problem

STRATEGIES = {
    "eie": layers.machines,
    "ese": lstm_layers.machines(),
    "scnn": scnn_layers.machines,
    "dcnn": dense_machines.machines,
    "tensor": products.machines,
    "eyeriss_v2": eyeriss.machines,
    "sigma": sigma_machines.machines,
    "cambricon": cambricon_machines.machines,
    "edgedrnn": gru_layers.machines,
    "selection": gradients.machines,
    "gamma": gamma_machines.machines,
    "points": points_machines.machines,
    "bevpool": bev_poolings.machines,
}
"""Machines with a strategy of their own; all are drawn from their declared limits too."""
BLOCK = 64
"""Architectures of a strategy that are drawn together."""
MOST_PARTS = 120
"""Of a machine, multipliers among them, so that its model runs in a moment."""
SMALL, LARGE = 9, 4096
"""What is added to the least value of a number at most: mostly, and sometimes."""
ROUNDS = 40
CORES_PS = 300, 1250, 1700, 5000


def draw_arch(machine, rng, seed, case):
    """An architecture of this machine that is possible and has few parts."""
    if machine.name in STRATEGIES and rng.random() < 0.5:
        drawn = _block(machine.name, seed, case // BLOCK)
        return drawn[case % len(drawn)]
    return within_limits(machine, rng)


@lru_cache(16)
def _block(name, seed, block):
    """Examples of a machine's strategy, the same for the same numbers."""
    strategy, found, machine = STRATEGIES[name], [], find(name)

    @hypothesis.seed(seed * 1_000_003 + block)
    @settings(max_examples=BLOCK, database=None, phases=[Phase.generate], deadline=None, derandomize=False,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @hypothesis.given(strategy)
    def collect(arch):
        if machine.problem(arch) is None and is_declared(machine, arch):
            found.append(arch)

    collect()
    return found


def is_declared(machine, arch):
    """Whether every number is within its declared limits."""
    limits = limits_of(machine)
    numbers = {key: limit for key, limit in limits.items() if not isinstance(limit, Component)}
    return all(least <= getattr(arch, key) <= most for key, (least, most) in numbers.items())


def within_limits(machine, rng):
    """The default architecture with new numbers, some at a time, as long as they are possible together."""
    limits = limits_of(machine)
    least = arch = load_arch(machine.name).arch
    for _ in range(ROUNDS):
        for key in rng.permutation(list(limits)).tolist():
            arch = _changed(machine, arch, {key: _draw(key, limits[key], rng)})
        together = rng.choice(list(limits), min(3, len(limits)), replace=False).tolist()
        arch = _changed(machine, arch, {key: _draw(key, limits[key], rng, arch) for key in together})
        least = min(least, arch, key=lambda one: parts(machine, one))
        if parts(machine, arch) <= MOST_PARTS:
            return arch
    return least


def parts(machine, arch):
    """How many parts of all kinds a machine has."""
    return sum(machine.units(arch).values())


def _changed(machine, arch, values):
    changed = arch._replace(**values)
    return arch if machine.problem(changed) is not None else changed


def _draw(key, limit, rng, arch=()):
    """A number of this key; of what is counted in a thousand cycles, a thousand times as many and a few more."""
    value = draw_value(limit, rng, arch)
    return min(limit[1], 1000 * value + int(rng.integers(0, 1000))) if key.endswith("_per_kcycle") else value


def draw_value(limit, rng, arch=()):
    """A number within its limits, mostly small, or as large as a sum of two others; or a component."""
    if isinstance(limit, Component):
        return _component(limit, rng)
    least, most = limit
    chance = rng.random()
    numbers = [value for value in arch if isinstance(value, int)]
    if numbers and chance < 0.3:
        value = sum(rng.choice(numbers, 2).tolist()) * int(rng.integers(1, 5))
    elif chance < 0.7:
        value = least + int(rng.integers(0, SMALL))
    elif chance < 0.8:
        value = least
    elif chance < 0.9:
        value = 1 << int(rng.integers(0, 12))
    else:
        value = least + int(LARGE ** rng.random())
    return max(least, min(most, value))


def _component(declared, rng):
    """None, or a part that comes with the simulator; a DRAM with a shorter queue, fewer rows and frequent refreshes."""
    if declared.optional and rng.random() < 0.5:
        return None
    found = declared.load(str(rng.choice(list(declared.names()))), int(rng.choice(CORES_PS)))
    if not {"queue", "refi"} <= set(getattr(found, "_fields", ())):
        return found
    changed = found._replace(queue=int(rng.integers(1, 6)), row_lines=int(rng.choice([1, 3, 8, found.row_lines])))
    return changed if dram_problem(changed) is None else found
