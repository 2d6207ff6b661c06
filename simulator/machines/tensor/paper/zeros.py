"""What skipping the second matrix's weights of zero inputs saves, in bytes and in time of the memory, by tokens.

The down matrix of an expert of Nemotron 3 Nano follows a squared ReLU. A row of its weights is not read when no token
has the input of it. With inputs of density d that are independent, B tokens use 1 - (1 - d)^B of the rows: nothing is
left of the saving when tokens are many. Densities are drawn, as no published one of these layers was found.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.config.load import load_arch
from simulator.machines.tensor.engine.counts import busy_spans
from simulator.machines.tensor.engine.gathered_timing import plan_of, time_plan
from simulator.machines.tensor.engine.timing import Times, time_steps
from simulator.machines.tensor.layout.product import layout_product
from simulator.machines.tensor.layout.streams import Streams, Transfer
from simulator.machines.tensor.paper.zeros_elsewhere import (
    EIE,
    EieRow,
    ExpertRow,
    RealRow,
    real_rows,
    run_eie,
    run_experts,
)
from workloads.document_types import Document
from workloads.kinds.matrix_product.shapes import product_of_shape
from workloads.study import Progress

CONFIGURATIONS, FORMATS = ("tensor_h200", "tensor_orin"), ("fp8", "nvfp4")
INPUTS, OUTPUTS = 1856, 2688
"""Of the down matrix of an expert of Nemotron 3 Nano."""
TOKENS, DENSITIES = (1, 4, 16, 64), (0.1, 0.15, 0.25, 0.5)


class ZeroRow(NamedTuple):
    """A product whose inputs have zeros, against the same machine that reads all weights."""

    configuration: str
    format: str
    density: float  # of a token's inputs, as drawn
    tokens: int
    union: float  # share of inputs that any token uses
    formula: float  # 1 - (1 - density)^tokens
    bytes_gain: float  # bytes of weights and scales: all over those that are read
    memory_gain: float  # cycles in which the memory reads: likewise
    cycles_gain: float  # cycles of the run: likewise
    line_bytes: float  # bytes of whole lines over bytes of weights and scales that are read
    hits: float  # share of reads for which no row of the DRAM had to be opened
    uneven: float  # reads of the busiest channel over the mean


def draw_active(tokens: int, inputs: int, density: float, rng: np.random.Generator) -> np.ndarray:
    """Inputs that are not zero, bool [tokens, inputs]: of each token that share, rounded, wherever it is drawn."""
    count = round(density * inputs)
    return np.stack([rng.permutation(inputs) < count for _ in range(tokens)])


def weight_loads(streams: Streams) -> list[Transfer]:
    """Everything of weights that is read."""
    return [load for tile in streams.tiles for step in tile.steps for load in step.loads if load.weights]


def measure(name: str, form: str, active: np.ndarray, density: float, outputs: int = OUTPUTS) -> ZeroRow:
    """Time a product of zeros and others; active: bool [tokens, inputs]."""
    tokens, inputs = active.shape
    config, dense = load_arch(name, weight_format=form, skip_zero_inputs=1), load_arch(name, weight_format=form)
    layer = product_of_shape("down", form, tokens, inputs, outputs, active=active)
    (streams,), (whole,) = layout_product(config.arch, layer), layout_product(dense.arch, layer)
    (times, channels), before = time_plan(config.arch, plan_of(streams)), time_steps(dense.arch, whole)
    assert channels is not None
    loads = weight_loads(streams)
    read, every = (sum(load.part.bytes for load in one) for one in (loads, weight_loads(whole)))
    lines = sum(load.lines for load in loads)
    return ZeroRow(
        configuration=name,
        format=form,
        density=density,
        tokens=tokens,
        union=float(active.any(axis=0).mean()),
        formula=1 - (1 - density) ** tokens,
        bytes_gain=every / read,
        memory_gain=_reading(before) / _reading(times),
        cycles_gain=before.cycles / times.cycles,
        line_bytes=lines * config.arch.line_bytes / read,
        hits=float(channels.row_hits.sum() / (channels.reads.sum() + channels.writes.sum())),
        uneven=float(channels.reads.max() / channels.reads.mean()),
    )


def _reading(times: Times) -> int:
    spans = busy_spans(times.asked, times.arrived)
    return int((spans[:, 1] - spans[:, 0]).sum())


def rows(seed: int, progress: Progress) -> Iterator[ZeroRow]:
    """All configurations, formats, densities and numbers of tokens; the same zeros for all of a density and number."""
    for name in CONFIGURATIONS:
        for form in FORMATS:
            rng = np.random.default_rng(seed)
            for density in (*DENSITIES, 1.0):
                for tokens in TOKENS if density < 1 else TOKENS[:1]:
                    yield measure(name, form, draw_active(tokens, INPUTS, density, rng), density)
            progress(f"{name}, {form}")


def study(seed: int, progress: Progress) -> Document:
    """All as tables, and as points. InputError where rxnmapper's wheel cannot be had."""
    found = list(rows(seed, progress))
    progress("layers of experts")
    experts = [run_experts(CONFIGURATIONS[0], density, tokens, seed) for density in DENSITIES for tokens in TOKENS]
    progress(EIE)
    eie = run_eie(DENSITIES, seed)
    progress("rxnmapper")
    real = real_rows(TOKENS)
    return {
        "study": "Skipping the weights of zero inputs",
        "tables": [_products(found), _experts(experts), _eie(eie), _real(real)],
        "points": [
            *({"case": "product", **row._asdict()} for row in found),
            *({"case": "experts", **row._asdict()} for row in experts),
            *({"case": EIE, **row._asdict()} for row in eie),
            *(
                {"case": "rxnmapper", "layer": row.layer, "density": row.density, "tokens": tokens, "union": union}
                for row in real
                for tokens, union in zip(TOKENS, row.unions, strict=True)
            ),
        ],
    }


def _products(found: list[ZeroRow]) -> Document:
    lines = []
    for row in found:
        gains = (f"{one:.2f}" for one in (1 / row.union, row.bytes_gain, row.memory_gain, row.cycles_gain))
        rest = f"{row.line_bytes:.2f}", f"{100 * row.hits:.1f}", f"{row.uneven:.2f}"
        shares = f"{row.union:.3f}", f"{row.formula:.3f}"
        lines.append([row.configuration, row.format, f"{row.density:g}", str(row.tokens), *shares, *gains, *rest])
    columns = ["configuration", "format", "density", "tokens", "union", "1-(1-d)^B", "1 / union"]
    columns += ["gain, bytes", "gain, memory", "gain, cycles", "lines / bytes", "row hits %", "busiest channel"]
    return {"title": f"tokens x {INPUTS:,} x {OUTPUTS:,}, gains over all weights", "columns": columns, "rows": lines}


def _experts(found: list[ExpertRow]) -> Document:
    lines = [
        [f"{row.density:g}", str(row.tokens), f"{row.cycles:,}", f"{row.bytes_gain:.2f}", f"{row.cycles_gain:.2f}"]
        for row in found
    ]
    columns = ["density", "tokens", "cycles", "gain, bytes", "gain, cycles"]
    title = f"a layer of experts of Nemotron 3 Nano in FP8, both matrices, {CONFIGURATIONS[0]}"
    return {"title": title, "columns": columns, "rows": lines}


def _eie(found: list[EieRow]) -> Document:
    lines = [[f"{row.density:g}", f"{row.cycles:,}", f"{row.gain:.2f}", f"{1 / row.density:.2f}"] for row in found]
    title = f"{INPUTS:,} x {OUTPUTS:,} on {EIE}, one token"
    return {"title": title, "columns": ["density", "cycles", "gain, cycles", "1 / density"], "rows": lines}


def _real(found: list[RealRow]) -> Document:
    lines = [
        [
            row.layer,
            f"{row.density:.3f}",
            *(f"{union:.3f}" for union in row.unions[1:]),
            *(f"{1 - (1 - row.density) ** tokens:.3f}" for tokens in TOKENS[1:]),
            *(f"{1 / union:.2f}" for union in row.unions),
        ]
        for row in found
    ]
    columns = ["layer", "density", *(f"union of {tokens}" for tokens in TOKENS[1:])]
    columns += [f"independent {tokens}" for tokens in TOKENS[1:]] + [f"1 / union, {tokens}" for tokens in TOKENS]
    title = "positive values before the activation function, rxnmapper, all reactions"
    return {"title": title, "columns": columns, "rows": lines}
