"""LSTM layers of a paper: recipe and seed -> a layer with drawn weights and drawn sequences."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from workloads.compression.packing import count_lines
from workloads.compression.relative_index import count_entries
from workloads.kinds.drawing import Density, Size, Weights, check_bytes, scales
from workloads.kinds.lstm.compress import GATES, columns_of, keep, parts
from workloads.kinds.lstm.format import LstmFormat
from workloads.kinds.lstm.layer import Lstm
from workloads.yaml_files import Strict, Text

LINE_BYTES = 64
ENTRY_BITS, INDEX_BITS, UNIT_BITS, LINE_BITS, PES = 16, 4, 128, 512, 32
"""How ESE stores the matrices whose bytes are published (section 3.3): 12 + 4 bits, 32 PEs."""
JUMPS = 4
WEIGHT_BYTES, VALUE_BYTES = 40, 64
"""Of memory that a weight, and an input and an output of a time step, take while a layer is drawn and compressed."""
MATRICES = (*(f"W{gate}{end}" for end in "xr" for gate in GATES), "Wym")


class Bytes(Strict):
    """The published size of a pruned and packed matrix."""

    value: Annotated[int, Field(ge=LINE_BYTES, multiple_of=LINE_BYTES)]
    source: Text


class Width(Strict):
    """A Gaussian's standard deviation with where it comes from."""

    value: Annotated[float, Field(ge=0, le=1e3, allow_inf_nan=False)]
    source: Text


class LstmRecipe(Strict):
    """An LSTM layer: shape, packed sizes, and how to draw what is not published.

    Weights are drawn as the named distribution says, over the square root of the matrix' inputs; biases and peepholes
    are Gaussian; inputs are Gaussian of deviation 1, none of them zero.
    """

    about: Text
    inputs: Size
    cells: Size
    outputs: Size
    cell_gate: Literal["tanh", "sigmoid"]
    packed_bytes: dict[str, Bytes]
    weights: Weights
    bias_width: Width
    peephole_width: Width
    stored: None = None  # no published storage by stage

    @model_validator(mode="after")
    def _names_matrices(self) -> Self:
        if set(self.packed_bytes) != set(MATRICES):
            raise ValueError(f"packed_bytes of {', '.join(MATRICES)}")
        for name, packed in self.packed_bytes.items():
            if packed.value * 8 // ENTRY_BITS > _size(self, name) + PES * UNIT_BITS // ENTRY_BITS:
                raise ValueError(f"at most the bytes of {_size(self, name):,} weights as packed_bytes.{name}")
        return self

    @property
    def weight_density(self) -> Density:
        """Entries of all matrices, padding included, over their weights."""
        size = sum(_size(self, name) for name in self.packed_bytes)
        entries = sum(packed.value * 8 // ENTRY_BITS for packed in self.packed_bytes.values())
        return Density(value=entries / size, source="its packed bytes")


def draw_lstm(recipe: LstmRecipe, name: str, scale: float, voices: int, steps: int, rng: np.random.Generator) -> Lstm:
    """Draw a layer, not yet pruned, with all sizes multiplied by `scale` (at least 1 remains), and its sequences.

    InputError where it takes more than 2 GiB.
    """
    inputs, cells, outputs = (max(1, round(n.value * scale)) for n in (recipe.inputs, recipe.cells, recipe.outputs))
    weights = 4 * cells * (inputs + outputs) + cells * outputs
    values = voices * steps * (inputs + outputs)
    what = f"{inputs:,} inputs, {cells:,} cells and {outputs:,} outputs in {steps:,} steps"
    check_bytes(name, what, WEIGHT_BYTES * weights + VALUE_BYTES * values)
    weight_input = [_matrix(recipe.weights, cells, inputs, rng) for _ in GATES]
    weight_hidden = [_matrix(recipe.weights, cells, outputs, rng) for _ in GATES]
    return Lstm(
        name=name,
        weight_input=np.stack(weight_input),
        weight_hidden=np.stack(weight_hidden),
        projection=_matrix(recipe.weights, outputs, cells, rng),
        bias=rng.standard_normal((4, cells), np.float32) * np.float32(recipe.bias_width.value),
        peephole=rng.standard_normal((3, cells), np.float32) * np.float32(recipe.peephole_width.value),
        cell_gate=recipe.cell_gate,
        activation=rng.standard_normal((voices, steps, inputs), np.float32),
    )


def densities(recipe: LstmRecipe, lstm: Lstm) -> Mapping[str, float]:
    """The share of each matrix' weights with which it fills its published lines.

    Of a layer at another scale: stored entries over weights, padding included.
    """
    named = parts(lstm)
    whole = named["Wix"].shape == (recipe.cells.value, recipe.inputs.value)
    return {
        name: _density(weight, recipe.packed_bytes[name].value // LINE_BYTES)
        if whole
        else recipe.packed_bytes[name].value * 8 / ENTRY_BITS / _size(recipe, name)
        for name, weight in named.items()
    }


def _size(recipe: LstmRecipe, name: str) -> int:
    cells, inputs, outputs = recipe.cells.value, recipe.inputs.value, recipe.outputs.value
    return cells * (inputs if name[2] == "x" else outputs)


def _density(weight: np.ndarray, lines: int) -> float:
    """The least density, in steps of a weight for each PE, that fills the lines."""
    each = weight.size / PES
    kept = round(lines * LINE_BITS / ENTRY_BITS / PES)
    for _ in range(JUMPS):  # a weight more for each PE is about a line more
        kept += lines - _lines(weight, kept / each)
    while _lines(weight, kept / each) < lines:
        kept += 1
    while _lines(weight, (kept - 1) / each) >= lines:
        kept -= 1
    return kept / each


def _lines(weight: np.ndarray, density: float) -> int:
    mask = keep(weight, density, LstmFormat(pes=PES))
    entries = count_entries(columns_of(mask), PES, INDEX_BITS)
    return count_lines(entries, ENTRY_BITS, UNIT_BITS, LINE_BITS)


def _matrix(weights: Weights, outputs: int, inputs: int, rng: np.random.Generator) -> np.ndarray:
    """A drawn matrix, float32 [outputs, inputs]."""
    rows, columns = scales(weights, outputs, inputs, rng)
    drawn = rng.standard_normal((outputs, inputs), np.float32) * rows[:, None] * columns[None, :]
    return drawn / np.float32(np.sqrt(inputs))
