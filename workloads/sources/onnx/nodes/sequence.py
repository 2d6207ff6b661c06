"""What recurrent ONNX nodes share: weights and directions, the first sequence, its length, initial states."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from workloads.kinds.gru.layer import Gru
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.onnx.messages import OnnxNode
from workloads.sources.onnx.nodes.node import (
    FoundLayers,
    OnnxLayer,
    OnnxModel,
    UnsupportedError,
    attribute,
    captured,
    complain,
    constant,
    first_of,
    has_input,
)

LENGTHS = 4
"""The place of the sequences' lengths among the inputs."""
STATES = ((5, "hidden state"), (6, "cell state"))
"""The places of the initial states."""
DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}


class RecurrentWeights(NamedTuple):
    """What a node has of each direction."""

    weight: np.ndarray  # float32 [directions, gates x cells, inputs]
    hidden: np.ndarray  # float32 [directions, gates x cells, cells]
    backward: tuple[bool, ...]  # whether the direction runs backward

    @property
    def cells(self) -> int:
        """Of a direction."""
        return self.hidden.shape[2]


class Direction(NamedTuple):
    """What the layer of a direction is made of."""

    place: int  # among the directions of the node
    name: str
    weight: np.ndarray  # float32 [gates, cells, inputs]
    hidden: np.ndarray  # float32 [gates, cells, cells]
    activation: np.ndarray | None  # float32 [steps, inputs], in the order in which it runs; None: not known


def read_layers(
    model: OnnxModel, node: OnnxNode, weights: RecurrentWeights, gates: int, make: Callable[[Direction], Gru | Lstm]
) -> FoundLayers:
    """A layer for each direction; backward ones have their input reversed in time, and run forward.

    gates: of a cell, as `check_weights` found them. InputError where the input has another shape.
    """
    cells = weights.cells
    activation, notes = read_sequence(model, node, weights.weight.shape[2])
    layers = []
    for d, reverse in enumerate(weights.backward):
        layer = make(
            Direction(
                place=d,
                name=f"{node.name}.{'backward' if reverse else 'forward'}" if len(weights.backward) == 2 else node.name,
                weight=weights.weight[d].reshape(gates, cells, -1),
                hidden=weights.hidden[d].reshape(gates, cells, cells),
                activation=None if activation is None else activation[:: -1 if reverse else 1].copy(),
            )
        )
        known = (*notes, *read_state(model, node, d, cells))
        own = node.inputs[3] if has_input(node, 3) else None
        output = node.outputs[0] if node.outputs else ""
        layers.append(OnnxLayer(layer, node, node.inputs[1], own, output, (), known, d))
    return tuple(layers)


def read_weights(model: OnnxModel, node: OnnxNode) -> RecurrentWeights:
    """Weights and directions of a node. InputError where weights are no constants, or the direction is another."""
    weight, hidden = constant(model, node, 1, "weight", 3), constant(model, node, 2, "recurrent weight", 3)
    return RecurrentWeights(weight, hidden, read_directions(model, node))


def check_weights(model: OnnxModel, node: OnnxNode, weights: RecurrentWeights, gates: int) -> None:
    """InputError where weights do not have this number of gates in each direction."""
    expected = (len(weights.backward), gates * weights.cells)
    if weights.weight.shape[:2] != expected or weights.hidden.shape[:2] != expected:
        shapes = f"{list(weights.weight.shape)} and {list(weights.hidden.shape)}"
        complain(model, node, f"its weights have shapes {shapes}", f"{list(expected)} first in both")


def read_names(model: OnnxModel, node: OnnxNode) -> list[str]:
    """The activations that a node names, as they are written. InputError where these are no names."""
    chosen = node.attributes.get("activations", ())
    if not isinstance(chosen, tuple):
        complain(model, node, f"activations is {chosen!r}", "names")
    return [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in chosen]


def read_directions(model: OnnxModel, node: OnnxNode) -> tuple[bool, ...]:
    """For each direction, whether it runs backward. InputError where the node names another."""
    direction = attribute(model, node, "direction", "forward")
    if direction not in DIRECTIONS:
        complain(model, node, f"direction is {direction!r}", f"one of {', '.join(DIRECTIONS)}")
    return DIRECTIONS[direction]


def read_sequence(model: OnnxModel, node: OnnxNode, inputs: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The first sequence of the batch, float32 [steps, inputs], cut to its length; None where the model was not run.

    With a note where it is cut or one of several. InputError where its shape is wrong; UnsupportedError where it is
    empty.
    """
    activation = captured(model, node)
    if activation is None:
        return None, ()
    if activation.ndim != 3 or activation.shape[2] != inputs:
        complain(model, node, f"its input has shape {list(activation.shape)}", f"[steps, batch, {inputs}]")
    batch_first = bool(attribute(model, node, "layout", 0))
    sequence, batch = activation[0 if batch_first else slice(None)], activation.shape[0 if batch_first else 1]
    sequence = sequence if batch_first else sequence[:, 0]
    notes = first_of(batch, f"its batch has {batch} sequences")
    steps = _first_length(model, node, batch, len(sequence))
    if steps < len(sequence):
        notes = (*notes, f"its sequence has {steps} of {len(sequence)} steps, by its lengths of sequences")
    return sequence[:steps], notes


def _first_length(model: OnnxModel, node: OnnxNode, batch: int, steps: int) -> int:
    """The length of the first sequence."""
    lengths = model.tensors.get(node.inputs[LENGTHS]) if has_input(node, LENGTHS) else None
    if lengths is None:
        return steps
    if lengths.shape != (batch,) or lengths.dtype.kind not in "iu" or not 0 <= lengths[0] <= steps:
        form = f"{batch} integers from 0 to {steps}"
        complain(model, node, f"its lengths of sequences are {lengths.dtype} {list(lengths.shape)}", form)
    if lengths[0] == 0:
        raise UnsupportedError("its first sequence has no steps")
    return int(lengths[0])


def read_state(model: OnnxModel, node: OnnxNode, direction: int, cells: int) -> Iterator[str]:
    """A sentence for each initial state of a direction that is not zero for the first of the batch, or not known."""
    for index, what in STATES:
        if not has_input(node, index):
            continue
        name = node.inputs[index]
        state = model.tensors.get(name, model.graph.constants.get(name))
        if state is None:
            yield f"its initial {what} is not read; it is taken to be zero"
        elif state.ndim != 3 or state.shape[2] != cells:
            complain(model, node, f"its initial {what} has shape {list(state.shape)}", f"3 dimensions, {cells} last")
        elif np.any(_first(state, direction, bool(attribute(model, node, "layout", 0)))):
            yield f"its initial {what} is not zero, and it is run from zero"


def _first(state: np.ndarray, direction: int, batch_first: bool) -> np.ndarray:
    """The state of the first of the batch, [cells], of [directions, batch, cells] or with the batch first."""
    return state[0, direction] if batch_first else state[direction, 0]
