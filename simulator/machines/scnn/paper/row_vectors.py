"""What merging needs to halve the memory references: vectors of weights by kernel row, and neighbouring activations.

Mao et al. (arXiv 1705.08922, the abstract alone could be read) name about half of the references for coarse pruning. A
row of 3 weights times 4 neighbouring activations has 12 products of 6 sums, so that half of the additions is the limit
of merging within a step. Compared are single weights and kernel rows, both pruned to one density, with vectors of
weights as SCNN stores them and with vectors that hold one kernel row (`merging.count_steps`), on drawn inputs and on
the maps that a trained network reads. References are those of `granularity`; outputs and activations keep theirs.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.core.registry import find
from simulator.machines.scnn.layout.streams import layout
from simulator.machines.scnn.paper.merging import Steps, count_steps
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.kinds.convolution.places import Places
from workloads.kinds.convolution.recipe import ConvolutionRecipe
from workloads.model import load_network
from workloads.options import WorkloadOptions
from workloads.sources.zoo.drawn import drawn_layer
from workloads.sources.zoo.recipes import zoo
from workloads.workload import Workload

CONFIG, LAYER, NETWORK = "scnn_8x8", "vgg16-conv4_2", "opennsfw"
DENSITY = 0.3
"""Of the weights of every layer compared."""
NAMES = ("0-D weights", "1-D rows")
VECTORS = (4, 3)
"""Weights in a vector: SCNN's, and a whole kernel row."""


class Counts(NamedTuple):
    """Of layers together: references that merging and vectors do not change, and those that they do."""

    other: int  # activations read, outputs
    products: int
    reads: int  # weights written to FIFOs and read from them, with vectors as stored
    by_row: int  # the same with vectors by kernel row
    merged: int  # additions, products of a step with one address added up first
    merged_by_row: int

    @property
    def references(self) -> tuple[int, int, int]:
        """Of the machine as built; merged; merged with vectors by kernel row."""
        return (
            self.other + self.reads + 2 * self.products,
            self.other + self.reads + 2 * self.merged,
            self.other + self.by_row + 2 * self.merged_by_row,
        )


def study(seed: int, say: Callable[[str], object]) -> Document:
    """A table for each number of weights in a vector, and records."""
    tables, records = [], []
    for width in VECTORS:
        config = load_arch(CONFIG, weights_per_vector=width)
        rows = []
        for inputs, layers in _inputs(config, seed):
            fine = None
            for dimensions, name in enumerate(NAMES):
                say(f"vectors of {width}, {inputs}, {name}")
                one = _add([_count(config, layer) for layer in layers(dimensions)])
                fine = one if fine is None else fine
                rows.append([inputs, name, *_ratios(one, fine)])
                records.append({"weights_per_vector": width, "inputs": inputs, "pruned": name, **one._asdict()})
        columns = ["inputs", "pruned", "merged additions", "by row", "references", "merged", "merged, by row"]
        columns += ["merged of merged", "by row of merged"]
        title = f"{width} weights in a vector, density {DENSITY}; additions over products, references over those of 0-D"
        tables.append({"title": title, "columns": columns, "rows": rows})
    return {"study": "Merging with vectors of weights by kernel row", "tables": tables, "points": records}


Layers = Callable[[int], Iterator[Workload]]
"""Layers by the number of dimensions in which they are pruned together."""


def _inputs(config: Config, seed: int) -> Iterator[tuple[str, Layers]]:
    """What the inputs are, and the layers that read them."""
    formats, recipe = find(config.machine).formats(config.arch), zoo()[LAYER]
    anywhere = recipe.model_copy(update={"activations": recipe.activations.model_copy(update={"places": Places()})})

    def drawn(chosen: ConvolutionRecipe, density: float | None, dimensions: int) -> Iterator[Workload]:
        options = WorkloadOptions(seed=seed, density=DENSITY, granularity=dimensions, activation_density=density)
        yield drawn_layer(LAYER, chosen, LAYER, options).load(formats)

    def real(dimensions: int) -> Iterator[Workload]:
        for workload in load_network(NETWORK, "convolution", density=DENSITY, granularity=dimensions, formats=formats):
            if workload.layer.weight.shape[2:] == (3, 3) and workload.layer.stride == (1, 1):
                yield workload

    yield f"{LAYER}, zeros anywhere", partial(drawn, anywhere, None)
    yield f"{LAYER}, zeros in patches", partial(drawn, recipe, None)
    yield f"{LAYER}, no zeros", partial(drawn, recipe, 1.0)
    yield f"{NETWORK}'s 3 x 3 convolutions, their own maps", real


def _count(config: Config, workload: Workload) -> Counts:
    arch, passes = config.arch, layout(config.arch, workload.layer)
    counts = simulate(config, workload, output=False, passes=passes).run.counts
    stored, by_row = (_total([count_steps(arch, streams, way) for streams in passes]) for way in (False, True))
    width, writes, reads = arch.weights_per_vector, int(counts.fifo_writes.sum()), int(counts.fifo_reads.sum())
    return Counts(
        arch.activations_per_vector * int(counts.iaram_reads.sum())
        + int(counts.ppu_reads.sum() + counts.halo_sums.sum() + counts.oaram_writes.sum()),
        int(counts.accumulations.sum()),
        width * (writes + reads),
        width * (round(writes * by_row.vectors / stored.vectors) + round(reads * by_row.steps / stored.steps)),
        stored.additions,
        by_row.additions,
    )


def _total(parts: list[Steps]) -> Steps:
    return Steps(*(sum(part) for part in zip(*parts, strict=True)))


def _add(parts: list[Counts]) -> Counts:
    return Counts(*(sum(part) for part in zip(*parts, strict=True)))


def _ratios(one: Counts, fine: Counts) -> list[str]:
    plain, merged = fine.references[:2]
    ratios = (
        one.merged / one.products,
        one.merged_by_row / one.products,
        *(value / plain for value in one.references),
        *(value / merged for value in one.references[1:]),
    )
    return [f"{ratio:.3f}" for ratio in ratios]
