"""Networks over voxels as a source: `zeroskip run points bevfusion-encoder --input scan.npz`."""

from collections.abc import Iterator, Mapping
from os import fspath
from pathlib import Path

import numpy as np

from workloads.document_types import Fields
from workloads.errors import refuse
from workloads.kinds.drawing import Density, generator
from workloads.kinds.kind import AnyRecipe
from workloads.kinds.sparse_convolution.recipe import draw_scan
from workloads.kinds.sparse_convolution.scan import KEYS, Scan, scan_of_arrays
from workloads.options import WorkloadOptions
from workloads.sources.npz import load_arrays
from workloads.sources.source import Listed, Source, choose
from workloads.sources.voxels.layers import Making, make_layer
from workloads.sources.voxels.maps import Maps
from workloads.sources.voxels.network import VoxelNetwork, voxel_networks
from workloads.words import counted
from workloads.workload import Layer, Model

UNUSED = ("sample", "computed", "input_shape", "granularity", "steps", "prune", "stride", "padding", "tokens", "recipe")
"""Options without a meaning for layers over voxels."""


class VoxelNetworkSource(Source):
    """Networks over the voxels of a scan: of a file (`--input`), or drawn after a LiDAR's rings."""

    name = "a network over voxels of the zoo"

    def recognises(self, text: str) -> bool:
        """By its name."""
        return text in voxel_networks()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """All layers, or the one that is chosen. InputError where the scan is wrong, or an option does not fit."""
        network, given = voxel_networks()[text], options.given()
        for key in UNUSED:
            if key in given:
                refuse(text, f"{key} is {given[key]}", "none, as its voxels and kernels are known")
        if options.activation_density is not None:
            density = Density(value=options.activation_density, source="given")
            changed = network.activations.model_copy(update={"density": density})
            network = network.model_copy(update={"activations": changed})
        scan, note = _scan(text, network, options)
        making = Making(text, network, scan, Maps(network, scan), options)
        notes = (note, *scan.notes, _features(network, scan))
        if options.layer is not None:
            names = [step.name for step in network.layers]
            number = choose(text, names, options.layer)
            one: list[Layer] = [make_layer(making, number, alone=True)]
            return Model(one[0].name, one, False, "drawn", notes=notes, among=len(names))
        layers = [make_layer(making, number) for number in range(len(network.layers))]
        return Model(text, layers, True, "drawn", notes=notes)

    def identity(self, text: str, options: Fields) -> object:
        """The name, and all sizes."""
        return [text, options.get("layer"), voxel_networks()[text].model_dump(mode="json")]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, AnyRecipe]:  # noqa: ARG002
        """None: layers are drawn over the same scan, and not each after a recipe."""
        return {}

    def layer_names(self, text: str, layer: str | None) -> tuple[str, ...] | None:
        """All layers; None where one is chosen."""
        return None if layer else tuple(step.name for step in voxel_networks()[text].layers)

    def weights(self, text: str) -> float:
        """As many as it has, for each of ten thousand voxels: a guess of what it costs."""
        network, inputs, found = voxel_networks()[text], 5, 0
        for step in network.layers:
            found += int(np.prod(network.kernels[step.kernel].kernel)) * inputs * step.outputs
            inputs = step.outputs
        return 10.0 * found

    def listed(self) -> Iterator[Listed]:
        """The networks."""
        for name, network in voxel_networks().items():
            yield Listed("networks", name, str(len(network.layers)), about=network.about)


def _scan(name: str, network: VoxelNetwork, options: WorkloadOptions) -> tuple[Scan, str]:
    """The scan that is given, or one that is drawn, and a sentence about it. InputError where it is wrong."""
    given = options.activation
    if given is None:
        scan = draw_scan(name, network.rings, network.grid, options.scale, generator(f"{name} scan", options.seed))
        found = (
            f"its scan is drawn: {counted(len(scan.places), 'voxel')} of a turn of {network.rings.beams.value} beams"
        )
        return scan, found
    if isinstance(given, np.ndarray):
        refuse(name, "one array is given as its scan", f"arrays by name: {', '.join(KEYS)}")
    source = "input" if isinstance(given, Mapping) else Path(fspath(given))
    arrays = given if isinstance(given, Mapping) else load_arrays(Path(fspath(given)))
    scan = scan_of_arrays(source, arrays, network.grid.box, network.grid.cap)
    wanted = network.features.value
    if scan.features is not None and scan.features.shape[1] != wanted and "points" in arrays:
        drawn = f"its points have {scan.features.shape[1]} numbers each, {name} reads {wanted}: features are drawn"
        scan = scan._replace(features=None, notes=(*scan.notes, drawn))
    if scan.features is not None and scan.features.shape[1] != wanted:
        refuse(source, f"feature has {scan.features.shape[1]} numbers of a voxel", f"{wanted}, which {name} reads")
    cells = " x ".join(map(str, scan.grid))
    where = "arrays" if isinstance(given, Mapping) else Path(fspath(given)).name
    return scan, f"its scan is given ({where}): {counted(len(scan.places), 'voxel')} of {cells} cells"


def _features(network: VoxelNetwork, scan: Scan) -> str:
    density = network.activations.density.value
    first = "features of its voxels are those of the scan, and " if scan.features is not None else ""
    return f"{first}features of layers are drawn, {density:.0%} of them not zero: times of pairs do not depend on them"
