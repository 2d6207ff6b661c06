"""A network over voxels as a YAML file states it: a sensor, a grid, kernels, and layers in running order."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from workloads.errors import InputError
from workloads.kinds.drawing import Activations, Size
from workloads.kinds.sparse_convolution.recipe import Grid, Kernel
from workloads.kinds.sparse_convolution.rings import Rings
from workloads.sources.zoo.parts import zoo_folder
from workloads.yaml_files import Strict, Text, parse_yaml, validation_sentence


class Step(Strict):
    """A layer, which reads what the one before it puts out."""

    name: Text
    kernel: Text
    outputs: Annotated[int, Field(ge=1, le=1 << 12)]


class VoxelNetwork(Strict):
    """Layers of sparse convolutions, each with ReLU."""

    about: Text
    rings: Rings  # of the scan that is drawn where none is given
    grid: Grid
    features: Size  # of a voxel
    activations: Activations  # of the features that are drawn
    kernels: dict[str, Kernel]
    layers: Annotated[list[Step], Field(min_length=1, max_length=1024)]

    @model_validator(mode="after")
    def _known(self) -> Self:
        for step in self.layers:
            if step.kernel not in self.kernels:
                raise ValueError(f"kernels with {step.kernel}, which {step.name} has")
        return self


@cache
def voxel_networks() -> Mapping[str, VoxelNetwork]:
    """The networks that come with the simulator, by name."""
    found: dict[str, VoxelNetwork] = {}
    for file in sorted((zoo_folder() / "voxels").iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml"):
            found.update(read_voxel_networks(file.name, file.read_text(encoding="utf-8")))
    return found


def read_voxel_networks(source: object, text: str) -> dict[str, VoxelNetwork]:
    """The networks of a YAML file by name. InputError says what is wrong."""
    found = {}
    for name, content in parse_yaml(source, text).items():
        try:
            found[name] = VoxelNetwork.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", VoxelNetwork, error)) from None
    return found
