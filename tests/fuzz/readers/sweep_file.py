"""Sweeps in YAML: read, the first of their points resolved, and the store opened, as a sweep does."""

from itertools import islice
from pathlib import Path
from random import Random

from ..harness import Harness
from ..mutators.trees import change_yaml, fill_json, insert_yaml
from .models import write

SMALL = b"""about: a sweep
machines: [eie, scnn]
workloads: [alexnet-fc8, nt-we]
set: {scale: 0.01, dram: none}
over:
  pes: [1, 2, 4]
  density: "0.1:0.5:3"
zip:
  - {queue_depth: "1,2", seed: [3, 4]}
repeats: 2
engine: numba
store: out.db
figures:
  - {title: t, rows: workload, columns: pes, value: cycles, times: 100, where: {seed: 0}, over: {pes: 1}}
"""


def seeds() -> list[bytes]:
    from simulator.sweeps.sweep_file import named_sweeps

    small = SMALL.replace(b"repeats: 2\n", b"").replace(b"[3, 4]", b"[3, 4]")
    other = b"about: x\nmachines: [eie]\nworkloads: [nt-we]\nover: {weight_density: '0.1,0.2'}\nseeds: [0, 1]\n"
    return [small, SMALL.replace(b", seed: [3, 4]", b""), other, *(text.encode() for text in named_sweeps().values())]


def many_axes(data: bytes, rng: Random) -> bytes:
    """More axes, in few inputs as long as they may be."""
    values = b"1:1000000:1000000" if rng.random() < 0.03 else b"1:9:9"
    names = [b"key_%d: '%s'" % (number, values) for number in range(rng.choice([1, 2, 60]))]
    if rng.random() < 0.5:
        return data.replace(b"over:\n", b"over:\n" + b"".join(b"  %s\n" % name for name in names), 1)
    return data.replace(b"zip:\n", b"zip:\n  - {%s}\n" % b", ".join(names), 1)


def read(data: bytes, folder: Path) -> None:
    from simulator.results.store import Store
    from simulator.sweeps.identity import Resolver
    from simulator.sweeps.points import points
    from simulator.sweeps.sweep_file import load_sweep
    from workloads.errors import InputError

    sweep = load_sweep(str(write(folder, "in.yaml", data)))
    resolver, refused = Resolver(), list[InputError]()
    for point in islice(points(sweep.space), 20):
        try:
            resolver.resolve(point)
        except InputError as error:  # a point that the store keeps as an error
            refused.append(error)
    if "/" not in sweep.store:  # else it may be outside of the folder
        with Store(folder / sweep.store):
            pass


HARNESS = Harness("sweep_file", read, seeds, [change_yaml, change_yaml, insert_yaml, many_axes, fill_json])
