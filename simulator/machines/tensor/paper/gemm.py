"""Matrix products of several sizes in several formats: time, utilisation, and whether products or bytes decide."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.machines.tensor.layout.storage import peak_bytes
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.kinds.matrix_product.shapes import product_of_shape
from workloads.study import Progress
from workloads.workload import Workload

CONFIGURATIONS = ("tensor", "tensor_b200")
FORMATS = ("fp8", "nvfp4", "mxfp4", "mxfp8", "int8", "int4-g128", "bf16")
BASE = "fp8"
TOKENS = (1, 16, 256, 4096)
SIDE = 4096
"""Inputs and outputs of the products: a layer of a language model."""
SHAPES = (1, 32, 64, 65, 96, 128)
"""Tokens and outputs, for the utilisation by the shape of tiles."""


class GemmRow(NamedTuple):
    """A product on a configuration in a format."""

    configuration: str
    tokens: int
    format: str
    cycles: int
    microseconds: float
    utilisation: float  # of what the array could multiply in these cycles
    product_cycles: int  # in which the array multiplies
    byte_cycles: float  # in which all channels could move the bytes
    operations_per_byte: float
    tops: float  # achieved, of multiplies and adds
    terabytes: float  # of DRAM, a second

    @property
    def bound(self) -> str:
        """What decides the time: products, tiles that are not full included, or the bytes of DRAM."""
        return "products" if self.product_cycles > self.byte_cycles else "bytes"


def run_product(config: Config, tokens: int, inputs: int, outputs: int) -> GemmRow:
    """Time a product on a configuration, in its format."""
    form, arch = config.arch.weight_format.name, config.arch
    name = f"{tokens} x {inputs} x {outputs}"
    layer = product_of_shape(name, form, tokens, inputs, outputs, bool(arch.two_of_four))
    result = simulate(config, Workload(layer.name, "given", None, layer, "matrix product"), output=False)
    microseconds = result.run.cycles / config.technology.clock_mhz
    operations = int(result.roofline["operations"])
    return GemmRow(
        configuration=config.name,
        tokens=tokens,
        format=form,
        cycles=result.run.cycles,
        microseconds=microseconds,
        utilisation=float(result.figures["utilisation"]),
        product_cycles=result.reasons["PE"]["compute"],
        byte_cycles=0.0 if arch.dram is None else result.dram_bytes / peak_bytes(arch),
        operations_per_byte=operations / max(1, result.dram_bytes),
        tops=operations / microseconds / 1e6,
        terabytes=result.dram_bytes / microseconds / 1e6,
    )


def rows(progress: Progress) -> Iterator[GemmRow]:
    """All configurations, numbers of tokens and formats."""
    for name in CONFIGURATIONS:
        for tokens in TOKENS:
            for form in FORMATS:
                yield run_product(load_arch(name, weight_format=form), tokens, SIDE, SIDE)
            progress(f"{name}, {tokens} tokens")


def study(seed: int, progress: Progress) -> Document:  # noqa: ARG001 - nothing is drawn
    """The products, and the utilisation by the shape of tiles, as two tables."""
    found = list(rows(progress))
    base = {(row.configuration, row.tokens): row for row in found if row.format == BASE}
    return {
        "study": "Matrix products on the tensor engine",
        "tables": [_products(found, base), _shapes()],
        "points": [row._asdict() for row in found],
    }


def _products(found: list[GemmRow], base: dict[tuple[str, int], GemmRow]) -> Document:
    lines = []
    for row in found:
        ratio = base[row.configuration, row.tokens].cycles / row.cycles
        figures = (
            f"{row.microseconds:,.4g}",
            f"{100 * row.utilisation:.3g}",
            row.bound,
            f"{row.operations_per_byte:,.3g}",
            f"{row.tops:,.4g}",
            f"{row.terabytes:.3g}",
            f"{ratio:.2f}",
        )
        lines.append([row.configuration, str(row.tokens), row.format, *figures])
    columns = ["configuration", "tokens", "format", "time us", "utilisation %", "bound by"]
    columns += ["operations a byte", "TOPS", "TB/s", f"speed-up over {BASE}"]
    return {"title": f"tokens x {SIDE:,} x {SIDE:,}, outputs in FP32", "columns": columns, "rows": lines}


def _shapes() -> Document:
    """Utilisation by tokens and outputs, without a memory: tiles that are not full, and drains."""
    config = load_arch("tensor", dram="none")
    lines = [
        [str(tokens), *(f"{100 * run_product(config, tokens, SIDE, outputs).utilisation:.3g}" for outputs in SHAPES)]
        for tokens in SHAPES
    ]
    tile = f"{config.arch.rows} x {config.arch.columns}"
    columns = ["tokens", *(f"{outputs} outputs" for outputs in SHAPES)]
    title = f"utilisation in % by the shape of the output, tiles of {tile}, {SIDE:,} inputs, NVFP4, without a memory"
    return {"title": title, "columns": columns, "rows": lines}
