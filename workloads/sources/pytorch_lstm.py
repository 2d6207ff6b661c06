"""LSTMs in safetensors files under the names of PyTorch's nn.LSTM: `PREFIX.weight_ih_l0` and so on."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.array_checks import float32, shaped
from workloads.errors import refuse
from workloads.kinds.lstm.layer import Lstm, LstmStack
from workloads.sources.safetensors import read_tensors
from workloads.sources.source import choose
from workloads.yaml_files import LONGEST_SHOWN, shorten

PYTORCH_GATES = [0, 3, 1, 2]
"""The positions of our gates (input, output, forget, cell) in PyTorch's order: input, forget, cell, output."""
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
NAME = re.compile(r"(?:(.*)\.)?([^.]+)_l(0|[1-9][0-9]{0,3})(_reverse)?")
"""A tensor's name: prefix, kind, number of the layer, direction."""


class _LayerKey(NamedTuple):
    """The layer that a tensor belongs to."""

    prefix: str
    reverse: bool
    layer: int


def read_stack(path: Path, name: str | None) -> LstmStack:
    """Read the LSTM called `name` of a .safetensors file: its name is its PREFIX, or the file's where there is none.

    Layer k has the floating-point tensors `weight_ih_lk` [4 x cells, inputs] and `weight_hh_lk` [4 x cells, outputs],
    gates in the order input, forget, cell, output. Optional are `bias_ih_lk` and `bias_hh_lk` [4 x cells], which are
    added, and `weight_hr_lk` [outputs, cells], the projection of nn.LSTM's proj_size. A name that ends with `_reverse`
    belongs to the backward direction, a separate stack called NAME.reverse. Other tensors are ignored. `name` may be
    None where there is one stack only. InputError where the file is missing or damaged, there is no such stack, a
    tensor is missing, unknown or misshapen, or both directions have several layers: each layer would then need the
    outputs of both directions below it.
    """
    tensors, _ = read_tensors(path)
    found = _tensors_by_layer(tensors)
    stacks: dict[str, tuple[str, bool]] = {}
    for prefix, reverse, _ in sorted(one for one in found if found[one].keys() & set(KINDS)):
        stacks[f"{prefix or path.stem}{'.reverse' if reverse else ''}"] = prefix, reverse
    if not stacks:
        held = shorten(", ".join(sorted(tensors)) or "nothing", 4 * LONGEST_SHOWN)
        refuse(path, f"it has {held}", "PREFIX.weight_ih_l0 and its like, as nn.LSTM has them")
    names = list(stacks)
    chosen = names[choose(path, names, name)]
    prefix, reverse = stacks[chosen]
    depth = 1 + max(one.layer for one in found if one[:2] == (prefix, reverse))
    if depth > 1 and any(one[:2] == (prefix, not reverse) for one in found):
        what = f"{prefix or path.stem} has {depth} layers in both directions"
        refuse(path, what, "one direction or one layer, as layer 1 needs the outputs of both directions of layer 0")
    layers = list[Lstm]()
    for k in range(depth):
        below = layers[-1].weight_hidden.shape[2] if layers else None
        named = f"{chosen}.l{k}" if depth > 1 else chosen
        key = _LayerKey(prefix, reverse, k)
        layers.append(_layer(path, named, key, found.get(key, {}), below))
    return LstmStack(chosen, tuple(layers), reverse)


def _tensors_by_layer(tensors: Mapping[str, np.ndarray]) -> dict[_LayerKey, dict[str, np.ndarray]]:
    """The tensors with names of nn.LSTM, by layer and kind."""
    found: dict[_LayerKey, dict[str, np.ndarray]] = {}
    for name, tensor in tensors.items():
        match = NAME.fullmatch(name)
        if match:
            prefix, kind, layer, reverse = match.groups()
            found.setdefault(_LayerKey(prefix or "", reverse is not None, int(layer)), {})[kind] = tensor
    return found


def _layer(path: Path, name: str, key: _LayerKey, tensors: Mapping[str, np.ndarray], below: int | None) -> Lstm:
    """The layer with these tensors by kind; below: the number of outputs of the layer below it, None for the lowest."""
    dot = f"{key.prefix}." if key.prefix else ""
    full = {kind: f"{dot}{kind}_l{key.layer}{'_reverse' * key.reverse}" for kind in (*KINDS, *tensors)}
    for kind in KINDS[:2]:
        if kind not in tensors:
            refuse(path, f"it has no {full[kind]}", "weight_ih and weight_hh of every layer from l0 on")
    for kind in tensors:
        if kind not in KINDS:
            refuse(path, f"it has an unknown {full[kind]}", f"only {', '.join(KINDS)} in {name}")
    inputs = {"inputs": None} if below is None else {"inputs, the outputs of the layer below": below}
    weight_input = shaped(path, full["weight_ih"], tensors["weight_ih"], {"4 x cells": None, **inputs})
    if len(weight_input) % 4:
        refuse(path, f"{full['weight_ih']} has {len(weight_input)} rows", "as many for each of the 4 gates of an LSTM")
    cells, rows = len(weight_input) // 4, {"rows as in weight_ih": len(weight_input)}
    outputs, projection = {"outputs, as many as cells": cells}, None
    if "weight_hr" in tensors:
        sizes = {"outputs": None, "cells of weight_ih": cells}
        projection = shaped(path, full["weight_hr"], tensors["weight_hr"], sizes)
        outputs = {"outputs of weight_hr": len(projection)}
    return Lstm(
        name=name,
        weight_input=_gates(weight_input),
        weight_hidden=_gates(shaped(path, full["weight_hh"], tensors["weight_hh"], {**rows, **outputs})),
        bias=_bias(path, {full[kind]: tensors[kind] for kind in ("bias_ih", "bias_hh") if kind in tensors}, rows),
        activation=None,
        projection=projection,
    )


def _bias(path: Path, biases: Mapping[str, np.ndarray], rows: Mapping[str, int]) -> np.ndarray | None:
    """The sum of the biases, float32 [4, cells]."""
    checked = [shaped(path, key, array, rows) for key, array in biases.items()]
    if not checked:
        return None
    return _gates(float32(path, " + ".join(biases), np.stack(checked).sum(axis=0, dtype=np.float64)))


def _gates(stacked: np.ndarray) -> np.ndarray:
    """Rows in PyTorch's order of gates, float32 [4 x cells, ...] -> float32 [4, cells, ...] in our order."""
    return np.ascontiguousarray(stacked.reshape(4, -1, *stacked.shape[1:])[PYTORCH_GATES])
