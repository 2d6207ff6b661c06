"""The arithmetic of a channel of ESE for its voice, operation by operation, in integers.

Sums of products are exact and rounded once; results beyond 16 bits saturate (formats: see `CompressedLstmLayer`).
"""

import numpy as np

from workloads.kinds.lstm.layer import CompressedLstmLayer

LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
UNIT_BITS = 15
"""Fraction bits of gates, tanh and m."""
GATES = "iof"
"""The gates with a peephole, in the order of the layer's arrays; the cell gate, g, comes after them."""
PEEPHOLES = {"Wic c": 0, "Woc c": 1, "Wfc c": 2}


class Voice:
    """The state of one voice: the sums of the matrices, gates, c, m; and its outputs so far."""

    def __init__(self, layer: CompressedLstmLayer, sequence: np.ndarray):
        self.layer, self.sequence = layer, sequence.tolist()
        self.sums = {name: [0] * matrix.outputs for name, matrix in layer.matrices.items()}
        self.words: dict[str, list[int]] = {name: [0] * layer.cells for name in ("c", "m", *PEEPHOLES)}
        self.outputs: list[list[int]] = []

    def vector(self, product: str, step: int) -> list[int]:
        """The vector that a matrix is multiplied with in a time step: 16-bit words."""
        if product[2] == "x":
            return self.sequence[step]
        if product[2] == "m" or "Wym" not in self.sums:
            return self.words["m"]
        return self._results("Wym")

    def begin(self, product: str) -> None:
        """Begin a product: set its sums to zero. The sums of the projection were the output of the step before."""
        if product == "Wym":
            self.outputs.append(self._results(product))
        self.sums[product] = [0] * len(self.sums[product])

    def add(self, product: str, row: int, value: int) -> None:
        """Add a product of two words to the sum of a row."""
        self.sums[product][row] += value

    def compute(self, element: str) -> None:
        """Perform an element-wise operation for every cell."""
        self.words[element] = self._operate(element)
        if element == "m" and "Wym" not in self.sums:
            self.outputs.append(self.words["m"])

    def output(self) -> np.ndarray:
        """The outputs of all time steps, int16 [steps, outputs]."""
        found = [*self.outputs[1:], self._results("Wym")] if "Wym" in self.sums else self.outputs
        return np.array(found, np.int16)

    def _operate(self, element: str) -> list[int]:
        """The results of an operation, one word for each cell."""
        layer, words, cells = self.layer, self.words, range(self.layer.cells)
        if element in PEEPHOLES:
            assert layer.peephole is not None
            weights = layer.peephole[PEEPHOLES[element]].tolist()
            return [rescale(weights[j] * words["c"][j], layer.peephole_shift) for j in cells]
        if element == "c":
            kept = [rescale(words["f"][j] * words["c"][j], UNIT_BITS) for j in cells]
            added = [rescale(words["i"][j] * words["g"][j], 2 * UNIT_BITS - layer.cell_bits) for j in cells]
            return [saturate(kept[j] + added[j]) for j in cells]
        if element == "h":
            return [look_up(layer.tanh, rescale(words["c"][j], layer.cell_bits - layer.tanh_bits)) for j in cells]
        if element == "m":
            return [rescale(words["o"][j] * words["h"][j], UNIT_BITS) for j in cells]
        return self._gate(element)

    def _gate(self, gate: str) -> list[int]:
        """The values of a gate: sigmoid or tanh of the sum of two products, a bias and a peephole."""
        layer, name = self.layer, "c" if gate == "g" else gate
        from_input, from_output = self._results(f"W{name}x"), self._results(f"W{name}r")
        bias = layer.bias[3 if gate == "g" else GATES.index(gate)].tolist()
        peephole = [0] * layer.cells if gate == "g" else self.words[f"W{gate}c c"]
        table = layer.tanh if gate == "g" and layer.cell_gate == "tanh" else layer.sigmoid
        terms = zip(from_input, from_output, bias, peephole, strict=True)
        return [look_up(table, sum(term)) for term in terms]

    def _results(self, product: str) -> list[int]:
        """The sums of a matrix as the assembler outputs them: rounded 16-bit words."""
        return [rescale(total, self.layer.matrices[product].shift) for total in self.sums[product]]


def saturate(value: int) -> int:
    """The nearest 16-bit word."""
    return max(LOWEST, min(HIGHEST, value))


def rescale(value: int, shift: int) -> int:
    """`value / 2**shift`, halves up, saturated."""
    return saturate((value + ((1 << shift) >> 1)) >> shift if shift >= 0 else value << -shift)


def look_up(table: np.ndarray, argument: int) -> int:
    """The value of a table, int16 [points], at the point nearest to an argument; point 0 is the lowest word."""
    point = ((saturate(argument) - LOWEST) * table.size + (1 << 15)) >> 16
    return int(table[min(point, table.size - 1)])
