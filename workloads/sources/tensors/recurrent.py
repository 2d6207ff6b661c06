"""LSTMs and GRUs under the names of PyTorch: `PREFIX.weight_ih_l0`, of its cells `PREFIX.weight_ih`, and so on."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from workloads.errors import InputError, refuse
from workloads.kinds import kind_of
from workloads.sources.loading import Found, Read
from workloads.sources.tensors.found import FoundTensors, reason_of
from workloads.sources.tensors.recurrent_layers import GRU_GATES, Recurrent, as_gru, as_lstm
from workloads.sources.tensors.tensor import Tensor, natural

GRU, LSTM = Recurrent("a GRU", GRU_GATES, as_gru), Recurrent("an LSTM", 4, as_lstm)
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
NAME = re.compile(r"(?:(.*)\.)?([^.]+)_l(0|[1-9][0-9]{0,3})(_reverse)?")
"""A tensor's name: prefix, kind, number of the layer, direction."""
CELL = re.compile(r"(?:(.*)\.)?(weight_ih|weight_hh|bias_ih|bias_hh)")


class _StackKey(NamedTuple):
    """The stack that a tensor belongs to."""

    prefix: str
    cell: bool  # of LSTMCell, without the number of a layer
    reverse: bool


Stack = dict[int, dict[str, Tensor]]
"""Number of the layer -> kind -> tensor."""


def find_recurrent(source: object, stem: str, tensors: Mapping[str, Tensor]) -> FoundTensors:
    """The LSTMs and GRUs among tensors; each is called as its PREFIX, or `stem` where there is none.

    Layer k has the floating-point tensors `weight_ih_lk` [gates x cells, inputs] and `weight_hh_lk` [gates x cells,
    outputs]: of an LSTM the gates input, forget, cell, output, of a GRU reset, update, candidate. Optional are
    `bias_ih_lk` and `bias_hh_lk` [gates x cells], which are added, but for a GRU's candidate, and of an LSTM
    `weight_hr_lk` [outputs, cells], the projection of nn.LSTM's proj_size. A name that ends with `_reverse` belongs to
    the backward direction, a separate stack called NAME.reverse. Left out, with a reason: what has one gate, stacks
    with a tensor that is missing, unknown or misshapen, and several layers in both directions: each would need the
    outputs of both directions below it.
    """
    stacks = _stacks(tensors)
    found, refused, used = list[Found](), list[InputError](), set[str]()
    for key in sorted(stacks, key=lambda one: (natural(one.prefix), one.cell, one.reverse)):
        name = f"{key.prefix or stem}{'.reverse' if key.reverse else ''}"
        used |= {
            part for layer in stacks[key].values() for tensor in layer.values() for part in (tensor.name, *tensor.parts)
        }
        form = _form(stacks[key])
        try:
            _check(source, name, key, stacks, form)
        except InputError as error:
            refused.append(error)
            continue
        read = partial(_read, source, name, key, stacks[key], form)
        found.append(Found(name, kind_of(form.make(source, name, (), key.reverse)), read))
    return FoundTensors(found, refused, [reason_of(source, error) for error in refused], used)


def _stacks(tensors: Mapping[str, Tensor]) -> dict[_StackKey, Stack]:
    """The tensors with names of recurrent layers and cells; only stacks with one of its kinds of tensors."""
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


def _form(stack: Stack) -> Recurrent:
    """A GRU where the lowest layer's weights have three gates, else an LSTM."""
    lowest = stack.get(0, {})
    shapes = [lowest[kind].shape for kind in KINDS[:2] if kind in lowest]
    return GRU if "weight_hr" not in lowest and _gates_are(GRU_GATES, shapes) else LSTM


def _gates_are(gates: int, shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether the shapes of both weights are those of a layer with as many gates and no projection."""
    if len(shapes) != 2 or any(len(one) != 2 for one in shapes):
        return False
    (rows, _), (hidden_rows, cells) = shapes
    return rows == hidden_rows == gates * cells > 0


def _check(source: object, name: str, key: _StackKey, stacks: Mapping[_StackKey, Stack], form: Recurrent) -> None:
    """InputError where the stack is not one that is read."""
    depth = 1 + max(stacks[key])
    if depth > 1 and key._replace(reverse=not key.reverse) in stacks:
        what = f"{name.removesuffix('.reverse')} has {depth} layers in both directions"
        refuse(source, what, "one direction or one layer, as layer 1 needs the outputs of both directions of layer 0")
    below = None
    for k in range(depth):
        below = _check_layer(source, name, key, k, stacks[key].get(k, {}), below, form)


def _check_layer(
    source: object,
    name: str,
    key: _StackKey,
    k: int,
    tensors: Mapping[str, Tensor],
    below: int | None,
    form: Recurrent,
) -> int:
    """How many outputs the layer has. below: those of the layer below it, None for the lowest. InputError else."""
    full = {kind: _full_name(key, k, kind) for kind in (*KINDS, *tensors)}
    for kind in KINDS[:2]:
        if kind not in tensors:
            refuse(source, f"it has no {full[kind]}", "weight_ih and weight_hh of every layer from l0 on")
    for kind in tensors:
        if kind not in KINDS:
            refuse(source, f"it has an unknown {full[kind]}", f"only {', '.join(KINDS)} in {name}")
    first, hidden, gates = tensors["weight_ih"], tensors["weight_hh"], form.gates
    if _gates_are(1, [first.shape, hidden.shape]):
        sizes = f"a plain recurrent layer of {first.shape[1]} inputs and {hidden.shape[1]} cells"
        refuse(source, f"{name} is {sizes}", "an LSTM or a GRU, as no machine runs a plain recurrent layer")
    inputs = {"inputs": None} if below is None else {"inputs, the outputs of the layer below": below}
    first.check(source, {f"{gates} x cells": None, **inputs})
    if first.shape[0] % gates:
        what = f"as many for each of the {gates} gates of {form.phrase}"
        refuse(source, f"{full['weight_ih']} has {first.shape[0]} rows", what)
    cells, rows = first.shape[0] // gates, {"rows as in weight_ih": first.shape[0]}
    outputs = {"outputs, as many as cells": cells}
    if "weight_hr" in tensors:
        tensors["weight_hr"].check(source, {"outputs": None, "cells of weight_ih": cells})
        outputs = {"outputs of weight_hr": tensors["weight_hr"].shape[0]}
    hidden.check(source, {**rows, **outputs})
    for kind in tensors.keys() & {"bias_ih", "bias_hh"}:
        tensors[kind].check(source, rows)
    return hidden.shape[1]


def _full_name(key: _StackKey, k: int, kind: str) -> str:
    dot = f"{key.prefix}." if key.prefix else ""
    return f"{dot}{kind}" if key.cell else f"{dot}{kind}_l{k}{'_reverse' * key.reverse}"


def _read(source: object, name: str, key: _StackKey, stack: Stack, form: Recurrent) -> Read:
    """The stack, whose shapes have been checked."""
    depth = len(stack)
    named = [(f"{name}.l{k}" if depth > 1 else name, stack[k]) for k in range(depth)]
    notes = tuple(note for k in range(depth) for tensor in stack[k].values() for note in tensor.notes)
    return Read(form.make(source, name, named, key.reverse), notes)
