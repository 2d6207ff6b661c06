"""The study `dgc-links`: sizes and times of gradient messages without any training, over closed forms and links."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.system.collectives import make_schedule
from simulator.system.engine import run_engine
from simulator.system.link import PS_PER_S
from simulator.system.network import Network
from simulator.system.system_file import load_system
from workloads.compression.gradients.warm_up import EPOCHS, density_in
from workloads.document_types import Document
from workloads.experiments.dgc_tables import message_tables
from workloads.study import Progress
from workloads.training.gradient_compression import exchange_times
from workloads.training.gradient_compression.message_sizes import MessageSize, alexnet, message_size

SYSTEM = "ethernet_1g_64"
NODES = 4, 8, 16, 32, 64
GATHER, REDUCE = "ring all-gather", "ring all-reduce"


class Exchange(NamedTuple):
    """A step's exchange of AlexNet's gradient on simulated links. Times in seconds."""

    nodes: int
    density: float
    sparse: float  # pairs in an all-gather, then 1-D tensors in an all-reduce
    dense: float
    off: float  # the largest share by which one of both differs from the closed form, which knows no additions

    @property
    def ratio(self) -> float:
        """Of the sparse exchange over the dense one; above 1 it loses."""
        return self.sparse / self.dense


def study(seed: int, progress: Progress) -> Document:
    """Nothing is drawn: the seed does not matter."""
    rows = list(exchanges(progress))
    shown = []
    for density in sorted({row.density for row in rows}, reverse=True):
        ratios = [f"{row.ratio:.3f}" for row in rows if row.density == density]
        shown.append((f"{100 * density:.3g}", *ratios))
    columns = ("sent, %", *(f"{nodes} nodes" for nodes in NODES))
    title = f"time of a sparse exchange over that of a dense one, AlexNet on {SYSTEM}: above 1 it loses"
    return {
        "study": "gradient messages: sizes, and times over links",
        "tables": [*message_tables(), {"title": title, "columns": columns, "rows": shown}],
        "points": [{**row._asdict(), "ratio": row.ratio} for row in rows],
        "seed": seed,
    }


def exchanges(progress: Progress) -> Iterator[Exchange]:
    """Each density of the warm-up and after it, on each number of nodes."""
    system, tensors = load_system(SYSTEM), alexnet()
    for nodes in NODES:
        network = system.network._replace(chips=nodes)
        for epoch in range(EPOCHS + 1):
            density = density_in(epoch)
            progress(f"{nodes} nodes, {100 * density:.3g} % sent")
            yield _exchange(network, density, message_size(tensors, density))


def _exchange(network: Network, density: float, size: MessageSize) -> Exchange:
    nodes, link = network.chips, network.link
    dense = _seconds(network, REDUCE, size.dense)
    sparse = _seconds(network, GATHER, nodes * size.sparse) + _seconds(network, REDUCE, size.whole)
    closed = exchange_times.Network(nodes, link.bytes_per_s, 2 * link.latency_ps / PS_PER_S)
    expected = exchange_times.dense_exchange(closed, size), exchange_times.sparse_exchange(closed, size)
    off = max(abs(found / wanted - 1) for found, wanted in zip((dense, sparse), expected, strict=True))
    return Exchange(nodes, density, sparse, dense, off)


def _seconds(network: Network, collective: str, size: int) -> float:
    """Of a collective, its bytes rounded up to as many for each node."""
    whole = -(-size // network.chips) * network.chips
    return run_engine(make_schedule(collective, network.chips, whole), network).time_ps / PS_PER_S
