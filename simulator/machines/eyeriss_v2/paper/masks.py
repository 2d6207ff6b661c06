"""One PE on the masks of real layers: `zeroskip validate eyeriss_v2 --data FILE`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.config.load import Config, load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.eyeriss_v2.paper.validation import PACKAGE
from simulator.run.simulate import simulate
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.sources.npz import load_arrays
from workloads.workload import Workload

EXPECTED = "an .npz of packed masks, LNN_weight uint8 [outputs, inputs / 8] and LNN_input uint8 [places, inputs / 8]"
TILE_OUTPUTS = 16


def rows(file: Path) -> Iterator[PublishedFigure]:
    """Each figure of each layer of the file, published or not. InputError where the file is another one."""
    masks, published = read_masks(file), read_published(PACKAGE)["one_pe"]
    for table in published["tables"]:
        for name, (weight, active) in masks.items():
            outputs = published["tiles"].get(name, TILE_OUTPUTS)
            found = run(configuration(table, outputs), name, weight, active)
            value, known = table["rows"].get(name), standing(table, name)
            simulated = found[table["quantity"]]
            yield compare_figure(
                published["paper"], table["table"], name, table["quantity"], value, simulated, table["mark"], known
            )


def configuration(table: Document, tile_outputs: int) -> Config:
    """The machine of a table; tile_outputs: output channels of a tile."""
    return load_arch(table["configuration"], **table["set"], tile_outputs=tile_outputs)


def read_masks(file: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Masks of weights, bool [outputs, inputs], and of inputs, bool [places, inputs], by layer.

    InputError where the file has other arrays.
    """
    packed = load_arrays(file)
    names = [name.removesuffix("_weight") for name in packed if name.endswith("_weight")]
    found = {name: (packed[f"{name}_weight"], packed.get(f"{name}_input")) for name in names}
    if not found or not all(_fits(*pair) for pair in found.values()):
        refuse(str(file), "its arrays are no packed masks", EXPECTED)
    return {name: (_unpack(weight), _unpack(active)) for name, (weight, active) in found.items()}


def _fits(weight: np.ndarray, active: np.ndarray | None) -> bool:
    """Whether two arrays are masks of the same inputs."""
    both = active is not None and weight.ndim == active.ndim == 2 and weight.shape[1] == active.shape[1]
    return both and active is not None and weight.dtype == active.dtype == np.uint8 and weight.size * active.size > 0


def _unpack(mask: np.ndarray | None) -> np.ndarray:
    """Eight bits of each byte, the highest first: bool [rows, 8 x columns]."""
    return np.unpackbits(np.asarray(mask, np.uint8), axis=1).astype(bool)


def run(config: Config, name: str, weight: np.ndarray, active: np.ndarray) -> Document:
    """Cycles and events of a 1 x 1 convolution; weight bool [outputs, inputs], active bool [places, inputs]."""
    layer = CompressedConvolution(
        name=name,
        weight=weight.astype(np.int16)[:, :, None, None],
        bias=None,
        activation=np.ascontiguousarray(active.T.astype(np.int16))[:, :, None],
        relu=False,
        stride=(1, 1),
        padding=(0, 0, 0, 0),
        groups=1,
        weight_fraction_bits=0,
        activation_fraction_bits=0,
        shift=0,
    )
    result = simulate(config, Workload(name, "masks", None, layer, kind="convolution"), output=False)
    return {"cycles": result.run.cycles, **result.counts}
