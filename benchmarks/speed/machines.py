"""Every machine's layout and engine on a layer of each kind that it runs, next to the reference kernel."""

from collections.abc import Iterator

from benchmarks.speed.pairs import Figure, compare, within
from simulator.core.registry import machines
from workloads.errors import InputError
from workloads.kinds import reference_output
from zeroskip import load_arch, load_workload

LAYERS = {
    "fully connected": ("alexnet-fc7", None),
    "convolution": ("alexnet-conv3", None),
    "LSTM": ("google-lstm", None),
    "GRU": ("edgedrnn-256", None),
    "gradient": ("resnet50-gradient", None),
    "sparse product": ("power-law-gnutella", None),
    "sparse convolution": ("bevfusion-encoder", "3a"),
    "BEV pooling": ("bevfusion-pooling", None),
}
"""Of each kind a name in the zoo, and which of its layers; kinds that are not here are timed by tables of their own."""
KERNEL = "kernels_ref on the same compressed layer"


def figures(rounds: int) -> Iterator[Figure]:
    """Layout and engine with output, for each machine's default configuration."""
    for name, machine in machines().items():
        arch = load_arch(machine.default).arch
        for kind in machine.kinds:
            if kind not in LAYERS:
                continue
            source, part = LAYERS[kind]
            layer = load_workload(source, layer=part, formats=machine.formats(arch)).layer

            def ours(machine=machine, arch=arch, layer=layer):  # type: ignore[no-untyped-def]
                for streams in machine.layout(arch, layer):
                    machine.run_engine(arch, streams, 0, True)

            what = f"{name}, {source}{f', {part}' if part else ''}, layout, timing and output"
            try:
                yield compare("machine", what, within(ours), KERNEL, within(reference_output, layer), rounds)
            except InputError as error:
                print(f"{what}: not run: {error}")
