"""Recurrent layers in the files of compressed networks: which matrices each has, and what else is said of it."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import numpy as np
from pydantic import Field, ValidationError

from workloads.compression.stored import StoredLayer
from workloads.errors import InputError, refuse
from workloads.yaml_files import Strict, Text, validation_sentence

L = TypeVar("L", bound="NamedValues")


class NamedValues(Strict):
    """What is said of a layer of a stack."""

    name: Text


class StackValues(Strict, Generic[L]):
    """What is said of a stack."""

    reverse: bool
    layers: Annotated[list[L], Field(min_length=1)]


class LayerParts(NamedTuple):
    """A layer of a stack as it is stored."""

    values: Any  # what is said of it: a `NamedValues`
    arrays: dict[str, np.ndarray]  # float32 [shapes], its matrices and, where there is one, `bias` [gates, cells]
    where: str  # for messages


def read_stack(
    source: object, stored: StoredLayer, form: type[StackValues[L]], gates: int
) -> tuple[bool, Iterator[LayerParts]]:
    """Whether a stored stack runs from the end of its sequence, and its layers, the lowest first.

    InputError says what of `source` does not fit: what is said of the layers, or how many matrices there are.
    """
    where = f"{source}: {stored.name}"
    try:
        values = form.model_validate(stored.rest.values)
    except ValidationError as error:
        raise InputError(validation_sentence(where, form, error)) from None
    parts = [_matrices(one) for one in values.layers]
    needed = sum(map(len, parts))
    if len(stored.matrices) != needed:
        refuse(where, f"it has {len(stored.matrices)} matrices", f"{needed}, as its layers say")
    return values.reverse, _layers(where, stored, values.layers, parts, gates)


def _matrices(values: Any) -> list[str]:
    """The arrays that a layer's matrices are, in their order."""
    return ["weight_input", "weight_hidden", *(["projection"] if getattr(values, "projection", False) else [])]


def _layers(
    where: str, stored: StoredLayer, layers: Sequence[Any], parts: list[list[str]], gates: int
) -> Iterator[LayerParts]:
    place = 0
    for values, names in zip(layers, parts, strict=True):
        arrays = {name: stored.weights(place + i) for i, name in enumerate(names)}
        bias = stored.matrices[place].bias
        if bias is not None:
            arrays["bias"] = bias.reshape(gates, -1) if bias.size % gates == 0 else bias
        place += len(names)
        yield LayerParts(values, arrays, f"{where}: {values.name}")
