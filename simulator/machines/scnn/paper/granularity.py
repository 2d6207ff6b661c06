"""The effect of the granularity of pruning on SCNN: memory references, cycles and storage (Mao et al., 1705.08922).

A reference is a word that a memory of the machine reads or writes: an element of a vector with its zero count, or a
sum.

* weights: F for each vector written to a PE's FIFO, and F for each vector read from it for a step;
* activations: I for each vector read from an IARAM;
* sums: two for each addition to an accumulator, which is read and written. Unmerged, every product is added separately,
  as in SCNN; merged, products of one step with the same output address are one addition (see `merging`);
* outputs: one for each sum that the PPU drains, one for each that it sends to a neighbour, one for each stored output.

References to DRAM are not counted. Cycles are those of the machine as built; merging does not change them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.machines.scnn.layout.streams import layout
from simulator.machines.scnn.paper.merging import merged_accumulations
from simulator.run.simulate import simulate
from workloads.compression.group_storage import store_groups
from workloads.document_types import Document
from workloads.kinds.convolution.recipe import ConvolutionRecipe
from workloads.model import load_workload
from workloads.sources.zoo.networks import layer_names
from workloads.sources.zoo.recipes import zoo

CONFIG = "scnn_8x8"
NAMES = ("0-D weights", "1-D rows", "2-D kernels", "3-D filters")
OWN, EQUAL = "own densities", "equal accuracy"
NETWORKS = {"vgg16": (0.270, 0.307, 0.444), "alexnet": (0.221, 0.299, 0.378)}
"""Densities of 0-D, 1-D and 2-D pruning with the same accuracy (Mao et al., recalled, not confirmed; 3-D unknown)."""


class GranularityPoint(NamedTuple):
    """Results of the convolutions of a network, pruned at one granularity."""

    network: str
    densities: str  # OWN or EQUAL
    granularity: str
    density: float  # share of all weights that are not zero
    weight_words: int  # references, as are the next four
    activation_words: int
    sum_words: int
    merged_sum_words: int
    output_words: int
    cycles: int
    value_bits: int  # storage in groups: see `workloads.compression.group_storage`
    index_bits: int

    @property
    def references(self) -> int:
        """All references, each product added separately."""
        return self.weight_words + self.activation_words + self.sum_words + self.output_words

    @property
    def merged_references(self) -> int:
        """All references, products of a step with the same output address added together."""
        return self.references - self.sum_words + self.merged_sum_words

    @property
    def storage_bits(self) -> int:
        """Bits of values and indices."""
        return self.value_bits + self.index_bits


def points(seed: int, networks: Sequence[str] = tuple(NETWORKS), scale: float = 1.0) -> Iterator[GranularityPoint]:
    """Every network at its layers' densities, equal for every granularity, then at the densities of equal accuracy."""
    for network in networks:
        own = _own_densities(network)
        for dimensions in range(4):
            yield point(network, OWN, dimensions, own, seed, scale)
        for dimensions, share in enumerate(NETWORKS[network]):
            yield point(network, EQUAL, dimensions, scaled_to(network, share), seed, scale)


def point(
    network: str, kind: str, dimensions: int, densities: dict[str, float], seed: int, scale: float = 1.0
) -> GranularityPoint:
    """All convolutions of a network, pruned in groups of `dimensions` dimensions. densities: layer -> density."""
    config = load_arch(CONFIG)
    layers = [_layer(config, name, dimensions, share, seed, scale) for name, share in densities.items()]
    weights, kept, *totals = (sum(column) for column in zip(*layers, strict=True))
    return GranularityPoint(network, kind, NAMES[dimensions], kept / weights, *totals)


def scaled_to(network: str, share: float) -> dict[str, float]:
    """The layers' densities times one factor, none above 1, so that the network keeps `share` of its weights."""
    own, sizes = _own_densities(network), {name: _size(_recipe(name)) for name in layer_names(network, "convolution")}
    low, high = 0.0, 1 / min(own.values())
    for _ in range(50):
        factor = (low + high) / 2
        kept = sum(min(1.0, factor * own[name]) * size for name, size in sizes.items())
        low, high = (low, factor) if kept > share * sum(sizes.values()) else (factor, high)
    return {name: min(1.0, low * density) for name, density in own.items()}


def study(seed: int, say: Callable[[str], object]) -> Document:
    """Both networks as tables and as points; relative figures are divided by those of 0-D in the same table."""
    found = []
    for one in points(seed):
        found.append(one)
        say(f"{one.network}, {one.densities}, {one.granularity}")
    return to_dict(found)


def to_dict(found: Sequence[GranularityPoint]) -> Document:
    """The points as a study: two tables for each network and kind of densities, and records, as JSON can hold it."""
    tables, records = [], []
    for network, kind in dict.fromkeys((one.network, one.densities) for one in found):
        these = [one for one in found if (one.network, one.densities) == (network, kind)]
        these_records = [_record(one, these[0]) for one in these]
        records += these_records
        for columns in (REFERENCES, COSTS):
            lines = [[form(one) for form in columns.values()] for one in these_records]
            tables.append({"title": _title(network, kind), "columns": list(columns), "rows": lines})
    return {"study": "Granularity of pruning on SCNN", "tables": tables, "points": records}


Column = Callable[[Document], str]
REFERENCES: dict[str, Column] = {
    "pruned": lambda one: one["granularity"],
    "density %": lambda one: f"{100 * one['density']:.1f}",
    "references M": lambda one: f"{one['references'] / 1e6:,.0f}",
    "to 0-D": lambda one: f"{one['relative_references']:.3f}",
    "merged M": lambda one: f"{one['merged_references'] / 1e6:,.0f}",
    "merged to 0-D": lambda one: f"{one['relative_merged_references']:.3f}",
}
COSTS: dict[str, Column] = {
    "pruned": lambda one: one["granularity"],
    "cycles": lambda one: f"{one['cycles']:,}",
    "speed-up": lambda one: f"{1 / one['relative_cycles']:.2f}",
    "values MB": lambda one: f"{one['value_bits'] / 8e6:.2f}",
    "indices MB": lambda one: f"{one['index_bits'] / 8e6:.3f}",
    "MB to 0-D": lambda one: f"{one['relative_storage_bits']:.3f}",
}


def _title(network: str, kind: str) -> str:
    if kind == OWN:
        return f"{network} at its layers' own densities"
    return f"{network} at equal accuracy (recalled; 3-D unknown)"


def _record(one: GranularityPoint, fine: GranularityPoint) -> Document:
    """A point as a record, with its totals and their ratios to the totals of 0-D."""
    totals = ("references", "merged_references", "cycles", "storage_bits")
    ratios = {f"relative_{name}": getattr(one, name) / getattr(fine, name) for name in totals}
    return {**one._asdict(), **{name: getattr(one, name) for name in totals}, **ratios}


def _layer(config: Config, name: str, dimensions: int, density: float, seed: int, scale: float) -> tuple[int, ...]:
    """Weights, non-zero weights, and the counts of `GranularityPoint` in its order, for one layer."""
    workload = load_workload(name, seed=seed, scale=scale, density=density, granularity=dimensions)
    arch, weight = config.arch, workload.layer.weight
    passes = layout(arch, workload.layer)
    run = simulate(config, workload, output=False, passes=passes).run
    counts = run.counts
    stored = store_groups(weight, dimensions, arch.weight_bits, arch.index_bits)
    return (
        weight.size,
        int((weight != 0).sum()),
        arch.weights_per_vector * int(counts.fifo_writes.sum() + counts.fifo_reads.sum()),
        arch.activations_per_vector * int(counts.iaram_reads.sum()),
        2 * int(counts.accumulations.sum()),
        2 * sum(merged_accumulations(arch, streams) for streams in passes),
        int(counts.ppu_reads.sum() + counts.halo_sums.sum() + counts.oaram_writes.sum()),
        run.cycles,
        stored.value_bits,
        stored.index_bits,
    )


def _own_densities(network: str) -> dict[str, float]:
    return {name: _recipe(name).weight_density.value for name in layer_names(network, "convolution")}


def _recipe(name: str) -> ConvolutionRecipe:
    found: ConvolutionRecipe = zoo()[name]
    return found


def _size(recipe: ConvolutionRecipe) -> int:
    """Weights of a convolution."""
    shape = recipe.shape
    return shape.outputs * shape.inputs // shape.groups * shape.kernel**2
