"""Fully connected layers and convolutions among tensors: `NAME.weight`, with or without `NAME.bias`."""

import re
from collections.abc import Mapping
from functools import partial

import numpy as np

from workloads.errors import InputError, refuse
from workloads.kinds import kind_of_arrays
from workloads.kinds.kind import AnyKind
from workloads.sources.loading import Found, Read
from workloads.sources.tensors.found import FoundTensors, reason_of
from workloads.sources.tensors.tensor import FLOATS, Tensor, natural

SCALES = re.compile(r"weight_scale(_inv)?|weight_scale_2|scale|SCB|zero_point|weight_zero_point")
"""The last parts of the names of what weights of few bits are multiplied with."""
CONV1D = re.compile(r"(.*\.)?(c_attn|q_attn|c_proj|c_fc)")
"""The names of layers that GPT-2 stores as [inputs, outputs] (its Conv1D)."""
EMBEDDING = re.compile(r"(.*[._])?(wte|wpe|\w*embed\w*)")
"""The names of tables that are looked up in."""


def find_weights(source: object, stem: str, tensors: Mapping[str, Tensor]) -> FoundTensors:
    """The layers of `NAME.weight` [outputs, inputs], [outputs, inputs / groups, height, width] or [.., length].

    A layer is called NAME, or `stem` where there is none. Left out, with a reason: weights that are not floating point,
    and those that the bias does not fit, such as a transposed convolution's.
    """
    found, refused, used = list[Found](), list[InputError](), set[str]()
    for name in sorted(tensors, key=natural):
        base = name.removesuffix("weight").removesuffix(".")
        if name not in ("weight", f"{base}.weight") or len(tensors[name].shape) not in (2, 3, 4):
            continue
        weight, bias = tensors[name], tensors.get(f"{base}.bias" if base else "bias")
        used |= {part for one in (weight, bias) if one is not None for part in (one.name, *one.parts)}
        title = base or stem
        try:
            _check(source, title, weight, bias)
        except InputError as error:
            refused.append(error)
            continue
        turned, notes = _turn(title, weight, bias, tensors)
        scales = [one for one in tensors if one.startswith(f"{base}.") and SCALES.fullmatch(one[len(base) + 1 :])]
        used |= set(scales)
        notes += [f"{one} is not read: the weights are taken as they are stored" for one in scales]
        outline = {"weight": weight.outline().T if turned else weight.outline()}
        kind = kind_of_arrays(outline)
        read = partial(_read, source, title, kind, weight, bias, turned, (*weight.notes, *notes))
        found.append(Found(title, kind, read, missing=kind.missing(outline)))
    return FoundTensors(found, refused, [reason_of(source, error) for error in refused], used)


def _check(source: object, name: str, weight: Tensor, bias: Tensor | None) -> None:
    """InputError where the weight is no floating point, or the bias does not fit it."""
    if weight.dtype not in FLOATS:
        refuse(source, f"{weight.name} has dtype {weight.dtype}", "floating point")
    if 0 in weight.shape:
        refuse(source, f"{weight.name} has shape {list(weight.shape)}", "an array that is not empty")
    if bias is None:
        return
    outputs, inputs, *plane = weight.shape
    if not plane and _is_turned(name, weight, bias) and bias.shape == (inputs,):
        return
    if bias.shape != (outputs,):
        what = f"{weight.name} has shape {list(weight.shape)} and {bias.name} {list(bias.shape)}"
        if plane and len(bias.shape) == 1 and bias.shape[0] % inputs == 0:
            refuse(source, f"{what}, as a transposed convolution, which is not read", f"a bias [{outputs}]")
        refuse(source, what, f"a bias [{outputs}], one for each output")
    bias.check(source, {"outputs of weight": outputs})


def _is_turned(name: str, weight: Tensor, bias: Tensor) -> bool:
    """Whether a weight is said to be [inputs, outputs]: by GPT-2's names and the length of the bias."""
    return CONV1D.fullmatch(name) is not None and bias.shape != weight.shape[:1]


def _turn(name: str, weight: Tensor, bias: Tensor | None, tensors: Mapping[str, Tensor]) -> tuple[bool, list[str]]:
    """Whether a weight has to be transposed, and what is assumed, a sentence each."""
    notes = []
    if EMBEDDING.fullmatch(name):
        notes.append("its name is that of an embedding, a table to look up in; it is read as a matrix to multiply with")
    if CONV1D.fullmatch(name) is None or len(weight.shape) != 2:
        return False, notes
    if bias is not None and weight.shape[0] != weight.shape[1]:
        turned = _is_turned(name, weight, bias)
        return turned, [
            *notes,
            *(["its weight is [inputs, outputs], as the length of its bias says"] if turned else []),
        ]
    turned = any(_says_turned(one, tensors) for one in tensors)
    order = "[inputs, outputs], as other weights of its file are" if turned else "[outputs, inputs]"
    return turned, [*notes, f"its weight {list(weight.shape)} is taken to be {order}"]


def _says_turned(name: str, tensors: Mapping[str, Tensor]) -> bool:
    """Whether a tensor is a weight with one of GPT-2's names that only its bias' length makes [inputs, outputs]."""
    base, bias = name.removesuffix(".weight"), tensors.get(f"{name.removesuffix('.weight')}.bias")
    weight = tensors[name]
    if base == name or bias is None or len(weight.shape) != 2:
        return False
    return _is_turned(base, weight, bias) and bias.shape == weight.shape[1:]


def _read(
    source: object, name: str, kind: AnyKind, weight: Tensor, bias: Tensor | None, turned: bool, notes: tuple[str, ...]
) -> Read:
    """The layer, whose shapes have been checked."""
    values = weight.values(source)
    arrays = {"weight": np.ascontiguousarray(values.T) if turned else values}
    if bias is not None:
        arrays["bias"] = bias.values(source)
    return Read(kind.from_arrays(f"{source}: {name}", name, arrays), notes)
