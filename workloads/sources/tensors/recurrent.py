"""LSTMs under the names of PyTorch's nn.LSTM and LSTMCell: `PREFIX.weight_ih_l0` and `PREFIX.weight_ih`, and so on."""

import re
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from workloads.array_checks import float32
from workloads.errors import InputError, refuse
from workloads.kinds import kind_of
from workloads.kinds.lstm.layer import Lstm, LstmStack
from workloads.sources.loading import Found, Read
from workloads.sources.tensors.found import FoundTensors, reason_of
from workloads.sources.tensors.tensor import Tensor, natural

PYTORCH_GATES = [0, 3, 1, 2]
"""The positions of our gates (input, output, forget, cell) in PyTorch's order: input, forget, cell, output."""
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
NAME = re.compile(r"(?:(.*)\.)?([^.]+)_l(0|[1-9][0-9]{0,3})(_reverse)?")
"""A tensor's name: prefix, kind, number of the layer, direction."""
CELL = re.compile(r"(?:(.*)\.)?(weight_ih|weight_hh|bias_ih|bias_hh)")
OTHERS = {3: "a GRU", 1: "a plain recurrent layer"}
"""What has other than four gates."""
ELSEWHERE = {3: "a GRU is read from ONNX or .npz", 1: "no machine runs a plain recurrent layer"}


class _StackKey(NamedTuple):
    """The stack that a tensor belongs to."""

    prefix: str
    cell: bool  # of LSTMCell, without the number of a layer
    reverse: bool


Stack = dict[int, dict[str, Tensor]]
"""Number of the layer -> kind -> tensor."""


def find_recurrent(source: object, stem: str, tensors: Mapping[str, Tensor]) -> FoundTensors:
    """The LSTMs among tensors; each is called as its PREFIX, or `stem` where there is none.

    Layer k has the floating-point tensors `weight_ih_lk` [4 x cells, inputs] and `weight_hh_lk` [4 x cells, outputs],
    gates in the order input, forget, cell, output. Optional are `bias_ih_lk` and `bias_hh_lk` [4 x cells], which are
    added, and `weight_hr_lk` [outputs, cells], the projection of nn.LSTM's proj_size. A name that ends with `_reverse`
    belongs to the backward direction, a separate stack called NAME.reverse. Left out, with a reason: what has three
    gates or one, stacks with a tensor that is missing, unknown or misshapen, and several layers in both directions:
    each would need the outputs of both directions below it.
    """
    stacks = _stacks(tensors)
    found, refused, used = list[Found](), list[InputError](), set[str]()
    for key in sorted(stacks, key=lambda one: (natural(one.prefix), one.cell, one.reverse)):
        name = f"{key.prefix or stem}{'.reverse' if key.reverse else ''}"
        used |= {
            part for layer in stacks[key].values() for tensor in layer.values() for part in (tensor.name, *tensor.parts)
        }
        try:
            _check(source, name, key, stacks)
        except InputError as error:
            refused.append(error)
            continue
        read = partial(_read, source, name, key, stacks[key])
        found.append(Found(name, kind_of(LstmStack(name, ())), read))
    return FoundTensors(found, refused, [reason_of(source, error) for error in refused], used)


def _stacks(tensors: Mapping[str, Tensor]) -> dict[_StackKey, Stack]:
    """The tensors with names of nn.LSTM and LSTMCell; only stacks with one of its kinds of tensors."""
    found: dict[_StackKey, Stack] = {}
    for name, tensor in tensors.items():
        match, cell = NAME.fullmatch(name), CELL.fullmatch(name)
        if match:
            prefix, kind, layer, reverse = match.groups()
            key = _StackKey(prefix or "", False, reverse is not None)
            found.setdefault(key, {}).setdefault(int(layer), {})[kind] = tensor
        elif cell:
            found.setdefault(_StackKey(cell[1] or "", True, False), {}).setdefault(0, {})[cell[2]] = tensor
    return {key: stack for key, stack in found.items() if {kind for one in stack.values() for kind in one} & set(KINDS)}


def _check(source: object, name: str, key: _StackKey, stacks: Mapping[_StackKey, Stack]) -> None:
    """InputError where the stack is not one that is read."""
    depth = 1 + max(stacks[key])
    if depth > 1 and key._replace(reverse=not key.reverse) in stacks:
        what = f"{name.removesuffix('.reverse')} has {depth} layers in both directions"
        refuse(source, what, "one direction or one layer, as layer 1 needs the outputs of both directions of layer 0")
    below = None
    for k in range(depth):
        below = _check_layer(source, name, key, k, stacks[key].get(k, {}), below)


def _check_layer(
    source: object, name: str, key: _StackKey, k: int, tensors: Mapping[str, Tensor], below: int | None
) -> int:
    """How many outputs the layer has. below: those of the layer below it, None for the lowest. InputError else."""
    full = {kind: _full_name(key, k, kind) for kind in (*KINDS, *tensors)}
    for kind in KINDS[:2]:
        if kind not in tensors:
            refuse(source, f"it has no {full[kind]}", "weight_ih and weight_hh of every layer from l0 on")
    for kind in tensors:
        if kind not in KINDS:
            refuse(source, f"it has an unknown {full[kind]}", f"only {', '.join(KINDS)} in {name}")
    first, hidden = tensors["weight_ih"], tensors["weight_hh"]
    _refuse_others(source, name, first.shape, hidden.shape)
    inputs = {"inputs": None} if below is None else {"inputs, the outputs of the layer below": below}
    first.check(source, {"4 x cells": None, **inputs})
    if first.shape[0] % 4:
        refuse(source, f"{full['weight_ih']} has {first.shape[0]} rows", "as many for each of the 4 gates of an LSTM")
    cells, rows = first.shape[0] // 4, {"rows as in weight_ih": first.shape[0]}
    outputs = {"outputs, as many as cells": cells}
    if "weight_hr" in tensors:
        tensors["weight_hr"].check(source, {"outputs": None, "cells of weight_ih": cells})
        outputs = {"outputs of weight_hr": tensors["weight_hr"].shape[0]}
    hidden.check(source, {**rows, **outputs})
    for kind in tensors.keys() & {"bias_ih", "bias_hh"}:
        tensors[kind].check(source, rows)
    return hidden.shape[1]


def _refuse_others(source: object, name: str, first: tuple[int, ...], hidden: tuple[int, ...]) -> None:
    """InputError where the shapes of the two weights are those of a layer with another number of gates."""
    for gates, what in OTHERS.items():
        if len(first) == len(hidden) == 2 and first[0] == hidden[0] == gates * hidden[1] > 0:
            sizes = f"{what} of {first[1]} inputs and {hidden[1]} cells"
            refuse(source, f"{name} is {sizes}", f"an LSTM, as {ELSEWHERE[gates]}")


def _full_name(key: _StackKey, k: int, kind: str) -> str:
    dot = f"{key.prefix}." if key.prefix else ""
    return f"{dot}{kind}" if key.cell else f"{dot}{kind}_l{k}{'_reverse' * key.reverse}"


def _read(source: object, name: str, key: _StackKey, stack: Stack) -> Read:
    """The stack, whose shapes have been checked."""
    depth = len(stack)
    named = [f"{name}.l{k}" if depth > 1 else name for k in range(depth)]
    layers = tuple(_layer(source, named[k], stack[k]) for k in range(depth))
    notes = tuple(note for k in range(depth) for tensor in stack[k].values() for note in tensor.notes)
    return Read(LstmStack(name, layers, key.reverse), notes)


def _layer(source: object, name: str, tensors: Mapping[str, Tensor]) -> Lstm:
    arrays = {kind: tensor.values(source) for kind, tensor in tensors.items()}
    biases = {tensors[kind].name: arrays[kind] for kind in ("bias_ih", "bias_hh") if kind in tensors}
    bias = None
    if biases:
        total = np.stack(list(biases.values())).sum(axis=0, dtype=np.float64)
        bias = _gates(float32(source, " + ".join(biases), total))
    return Lstm(
        name=name,
        weight_input=_gates(arrays["weight_ih"]),
        weight_hidden=_gates(arrays["weight_hh"]),
        bias=bias,
        activation=None,
        projection=arrays.get("weight_hr"),
    )


def _gates(stacked: np.ndarray) -> np.ndarray:
    """Rows in PyTorch's order of gates, float32 [4 x cells, ...] -> float32 [4, cells, ...] in our order."""
    return np.ascontiguousarray(stacked.reshape(4, -1, *stacked.shape[1:])[PYTORCH_GATES])
