"""Layers whose inputs are split over chips: what each chip holds, and how the chips' sums become the output."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from workloads.errors import refuse
from workloads.kinds import kind_of
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.split import Split


def split_of(layer: CompressedLayer) -> Split[Any]:
    """How its kind is split. InputError where it is not."""
    kind = kind_of(layer)
    if kind.split is None:
        refuse(layer.name, f"it is {kind.phrase}", "a kind whose inputs can be split over chips")
    return kind.split


def split_inputs(layer: CompressedLayer, parts: int) -> list[CompressedLayer]:
    """Each chip's part of a layer, of as many inputs, in the formats of the whole; see `workloads.kinds.split`.

    InputError where the inputs are no multiple of the parts, or the layer is of a kind that is not split.
    """
    if parts < 1 or layer.inputs % parts:
        refuse(layer.name, f"{layer.inputs} inputs are split over {parts} chips", "as many for each")
    size, split = layer.inputs // parts, split_of(layer)
    return [split.part(layer, slice(part * size, (part + 1) * size)) for part in range(parts)]


def adds_exactly(layer: CompressedLayer) -> bool:
    """Whether a machine adds the products of a layer in whole numbers. InputError where its kind is not split."""
    return split_of(layer).adds_exactly(layer)


def add_words(layer: CompressedLayer, parts: Sequence[np.ndarray]) -> np.ndarray:
    """The output of a layer out of whole numbers, int16 or float32 [outputs of the run] each: the same dtype and shape.

    Whole numbers are added exactly in any order; 16-bit words saturate once. InputError where its kind is not split.
    """
    return finish_sums(layer, np.sum([part.astype(np.int64) for part in parts], axis=0))


def finish_sums(layer: CompressedLayer, total: np.ndarray) -> np.ndarray:
    """The output, int16 or float32 [outputs of the run], of the sums of all parts, numbers of that shape.

    InputError where the kind of the layer is not split.
    """
    return split_of(layer).finish(layer, total)
