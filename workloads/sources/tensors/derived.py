"""Weights that a file holds in two parts: pruned (`NAME_orig` x `NAME_mask`) or normalised (`NAME_g`, `NAME_v`)."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from workloads.errors import refuse
from workloads.sources.tensors.tensor import Tensor

MASKED, NORMALISED = ("_orig", "_mask"), ("_v", "_g")
PARAMETRISED = "parametrizations."
"""In the names of torch.nn.utils.parametrizations: `P.parametrizations.weight.original1` is v, `original0` is g."""


def derive(source: object, tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The tensors with those that parts make up in place of the parts; parts that do not fit are left out.

    source: what sentences name. Also returned: what was left out, a sentence each.
    """
    found, left_out = dict(tensors), list[str]()
    for name, first in tensors.items():
        second, whole, make = _partner(name, tensors)
        if second is None or whole in found:
            continue
        del found[name], found[second.name]
        reason = _misfit(first, second, make)
        if reason:
            left_out.append(f"{whole}: {reason}")
            continue
        load = partial(make, source, first, second)
        note = f"{whole} is made of {name} and {second.name}"
        found[whole] = Tensor(whole, first.shape, first.dtype, load, (note,), (name, second.name))
    return found, tuple(left_out)


def _partner(name: str, tensors: Mapping[str, Tensor]):  # type: ignore[no-untyped-def]
    """The other part of a tensor, the name of the whole, and what makes it: None where there is none."""
    for (end, other), make in ((MASKED, _masked), (NORMALISED, _normalised)):
        whole = name.removesuffix(end)
        if whole != name and f"{whole}{other}" in tensors:
            return tensors[f"{whole}{other}"], whole, make
    if PARAMETRISED in name and name.endswith(".original1"):
        base = name.removesuffix(".original1")
        if f"{base}.original0" in tensors:
            return tensors[f"{base}.original0"], base.replace(PARAMETRISED, ""), _normalised
    return None, name, _masked


def _misfit(first: Tensor, second: Tensor, make: object) -> str:
    """What is wrong with the shapes of the parts; "" where they fit."""
    shapes = f"{first.name} has shape {list(first.shape)} and {second.name} {list(second.shape)}"
    if make is _masked:
        return "" if first.shape == second.shape else f"{shapes}; expected the same of both"
    fits = len(first.shape) == len(second.shape) and all(
        size in (1, whole) for size, whole in zip(second.shape, first.shape, strict=True)
    )
    return "" if fits else f"{shapes}; expected a norm for each index of some dimensions"


def _masked(source: object, first: Tensor, second: Tensor) -> np.ndarray:
    """The weights times their mask, float32 [shape]."""
    mask = second.load()
    if not ((mask == 0) | (mask == 1)).all():
        refuse(source, f"{second.name} has other values than 0 and 1", "a mask")
    product: np.ndarray = first.values(source) * mask.astype(np.float32)
    return product


def _normalised(source: object, first: Tensor, second: Tensor) -> np.ndarray:
    """The direction v [shape] over its norm, times the norm g [1 where it is common] (weight normalisation)."""
    direction, norm = first.values(source).astype(np.float64), second.values(source).astype(np.float64)
    common = tuple(axis for axis, size in enumerate(norm.shape) if size == 1)
    length = np.sqrt((direction**2).sum(axis=common, keepdims=True))
    if (length == 0).any():
        refuse(source, f"{first.name} has a direction of length 0", "directions that can be normalised")
    return direction / length * norm
