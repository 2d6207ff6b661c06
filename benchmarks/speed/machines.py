"""Every machine's layout and engine on a layer of each kind that it runs, next to the reference kernel."""

from collections.abc import Iterator

from benchmarks.speed.pairs import Figure, compare, within
from simulator.core.registry import machines
from workloads.errors import InputError
from workloads.kinds import reference_output
from zeroskip import load_arch, load_workload

LAYERS = {
    "fully connected": "alexnet-fc7",
    "convolution": "alexnet-conv3",
    "LSTM": "google-lstm",
    "GRU": "edgedrnn-256",
}
"""A layer of each kind, as it is in the zoo; other kinds are large by nature and are timed by their own tables."""
KERNEL = "kernels_ref on the same compressed layer"


def figures(rounds: int) -> Iterator[Figure]:
    """Layout and engine with output, for each machine's default configuration."""
    for name, machine in machines().items():
        arch = load_arch(machine.default).arch
        for kind in machine.kinds:
            if kind not in LAYERS:
                continue
            layer = load_workload(LAYERS[kind], formats=machine.formats(arch)).layer

            def ours(machine=machine, arch=arch, layer=layer):  # type: ignore[no-untyped-def]
                for streams in machine.layout(arch, layer):
                    machine.run_engine(arch, streams, 0, True)

            what = f"{name}, {LAYERS[kind]}, layout, timing and output"
            try:
                yield compare("machine", what, within(ours), KERNEL, within(reference_output, layer), rounds)
            except InputError as error:
                print(f"{what}: not run: {error}")
