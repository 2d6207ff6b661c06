"""The kinds of layers: the one table, and the only place that switches on a kind.

Another kind is a folder here and a line in `OURS`, or an entry point of the group `zeroskip.kinds` in another package.
"""

from collections.abc import Mapping
from functools import cache
from typing import TypeVar

import numpy as np

from workloads.errors import InputError
from workloads.kinds.attention import AttentionKind
from workloads.kinds.bev_pooling import BevPoolingKind
from workloads.kinds.convolution import ConvolutionKind
from workloads.kinds.experts import ExpertsKind
from workloads.kinds.fully_connected import FullyConnectedKind
from workloads.kinds.gradient import GradientKind
from workloads.kinds.gru import GruKind
from workloads.kinds.kind import AnyKind, CompressedLayer, Kind
from workloads.kinds.lstm import LstmKind
from workloads.kinds.matrix_product import MatrixProductKind
from workloads.kinds.sparse_convolution import SparseConvolutionKind
from workloads.kinds.sparse_product import SparseProductKind
from workloads.kinds.state_space import StateSpaceKind
from workloads.plugins import with_plugins

OURS: tuple[AnyKind, ...] = (
    FullyConnectedKind(), ConvolutionKind(), LstmKind(), MatrixProductKind(), AttentionKind(),
    ExpertsKind(), StateSpaceKind(), GruKind(), GradientKind(), SparseProductKind(), SparseConvolutionKind(),
    BevPoolingKind(),
)  # fmt: skip
ENTRY_POINTS = "zeroskip.kinds"
L = TypeVar("L")


@cache
def kinds() -> dict[str, AnyKind]:
    """All kinds by name."""
    return with_plugins(OURS, ENTRY_POINTS, Kind)


def find_kind(name: str) -> AnyKind:
    """The kind called `name`. InputError where there is none."""
    if name not in kinds():
        raise InputError(f"kind is {name!r}; expected one of {', '.join(kinds())}")
    return kinds()[name]


def kind_of(layer: object) -> AnyKind:
    """The kind of a layer, in floating point or compressed. InputError where it is of no kind."""
    for kind in kinds().values():
        if isinstance(layer, (kind.compressed_type, *kind.float_types)):
            return kind
    raise InputError(f"{layer!r:.60} is a {type(layer).__name__}; expected a layer: {', '.join(kinds())}")


def kind_of_recipe(recipe: object) -> AnyKind:
    """The kind of the layer that is drawn after a recipe. InputError where there is none."""
    for kind in kinds().values():
        if kind.recipe_type is not None and isinstance(recipe, kind.recipe_type):
            return kind
    raise InputError(f"a {type(recipe).__name__} is no recipe; expected one of a layer: {', '.join(kinds())}")


def kind_of_content(content: object) -> AnyKind:
    """The kind whose recipe a YAML mapping is: the one whose key it has, else the one that needs no key."""
    keys = content if isinstance(content, dict) else {}
    drawn = [kind for kind in kinds().values() if kind.recipe_type is not None]
    plain = next(kind for kind in drawn if kind.recipe_key is None)
    return next((kind for kind in drawn if kind.recipe_key in keys), plain)


def kind_of_arrays(arrays: Mapping[str, np.ndarray]) -> AnyKind:
    """The kind that has most of these arrays, numbers [any shape] by name.

    The first kind where none has: it says what it expects.
    """
    return max(kinds().values(), key=lambda kind: kind.count_arrays(arrays))


def reference_output(layer: object) -> np.ndarray:
    """What a machine must put out for a compressed layer, int16 or float32 [outputs of the run], by its kernel."""
    return kind_of(layer).reference(layer)


def expect(layer: CompressedLayer, wanted: type[L], machine: str) -> L:
    """The layer, for a machine's layout. InputError where it is of another type than the machine reads."""
    if not isinstance(layer, wanted):
        name = next(kind.name for kind in kinds().values() if kind.compressed_type is wanted)
        raise InputError(f"{layer.name}: its kind is {kind_of(layer).name}; expected {name} on {machine}")
    return layer
