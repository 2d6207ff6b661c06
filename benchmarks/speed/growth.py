"""How the cost of a simulation grows: with PEs, the size of a layer, queue depths and densities."""

from collections.abc import Iterator

from benchmarks.speed.pairs import Figure, compare, within
from zeroskip import load_arch, load_workload, simulate

MACHINES = (
    ("eie", "alexnet-fc7", ("pes", (16, 64, 256, 1024)), ("queue_depth", (1, 8, 64))),
    ("scnn", "vgg16-conv4_2", ("queue_depth", (1, 8, 64)), ("banks", (16, 32, 64))),
    ("ese", "google-lstm", ("channels", (8, 32)), ("fifo_lines", (1, 8))),
)
"""A machine, a layer, and settings to go through."""


def figures(rounds: int) -> Iterator[Figure]:
    """Each next to the same simulation as configured, of the whole layer."""
    for machine, name, *axes in MACHINES:
        small = {"scale": 0.5} if machine == "scnn" else {}
        whole = load_workload(name, **small)
        base = within(simulate, load_arch(machine), whole)
        reference = f"{name} on {machine} as configured"
        for key, values in axes:
            for value in values:
                act = within(simulate, load_arch(machine, **{key: value}), whole)
                yield compare("growth", f"{machine}, {name}: {key} = {value}", act, reference, base, rounds)
        for key, value in (("scale", 0.25), ("scale", 0.5), ("density", 0.02), ("density", 0.4)):
            layer = load_workload(name, **{**small, key: value * (small.get(key, 1.0))})
            act = within(simulate, load_arch(machine), layer)
            yield compare("growth", f"{machine}, {name}: {key} = {value:g}", act, reference, base, rounds)
