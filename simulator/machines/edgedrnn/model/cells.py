"""The sums and states of a layer in EdgeDRNN's model, in Python's integers."""

from simulator.machines.edgedrnn.layout.streams import LayerStream, Streams

ONE = 256
LOWEST, HIGHEST = -(1 << 15), (1 << 15) - 1
HALF = 1 << 23


class LayerState:
    """What the memories hold of a layer: values that were sent, sums, states."""

    def __init__(self, streams: Streams, layer: LayerStream):
        self.layer, self.sigmoid, self.tanh = layer, streams.sigmoid.tolist(), streams.tanh.tolist()
        self.weight = layer.weight.tolist()
        self.sent = [0] * len(self.weight)
        self.state = [0] * layer.cells
        self.sums = [[0] * layer.cells for _ in range(3)] + [layer.first.tolist()]

    def change(self, column: int, value: int, threshold: int) -> int:
        """By how much an element changed since it was sent; 0 where that is less than the threshold."""
        found = value - self.sent[column]
        if abs(found) < threshold or found == 0:
            return 0
        self.sent[column] = value
        return found

    def add(self, column: int, change: int) -> None:
        """Add a column times a change to the sums."""
        of_state = column > self.layer.inputs
        for gate, weights in enumerate(self.weight[column]):
            into = self.sums[3] if gate == 2 and of_state else self.sums[gate]
            for cell, weight in enumerate(weights):
                into[cell] += weight * change

    def update(self) -> None:
        """Compute all new states."""
        bits = self.layer.fraction_bits
        for k, old in enumerate(self.state):
            r = look_up(self.sigmoid, to_word(self.sums[0][k], bits))
            u = look_up(self.sigmoid, to_word(self.sums[1][k], bits))
            inside = wrap(self.sums[2][k]) * (ONE >> bits) + r * to_word(self.sums[3][k], bits)
            c = look_up(self.tanh, saturate(divide(inside, ONE)))
            self.state[k] = saturate(divide((ONE - u) * c, ONE) + divide(u * old, ONE))


def to_word(total: int, fraction_bits: int) -> int:
    """A sum as a 16-bit word with 8 fraction bits."""
    return saturate(divide(wrap(total), 1 << fraction_bits))


def wrap(total: int) -> int:
    """The value of a 24-bit accumulator."""
    return (total + HALF) % (2 * HALF) - HALF


def saturate(value: int) -> int:
    """The nearest 16-bit word."""
    return max(LOWEST, min(HIGHEST, value))


def divide(value: int, unit: int) -> int:
    """`value / unit`, to nearest, halfway cases to even."""
    whole, rest = divmod(value, unit)
    return whole + (2 * rest > unit or (2 * rest == unit and whole % 2 == 1))


def look_up(table: list[int], word: int) -> int:
    """The value of a table of 4,096 points, of arguments from -2,048 on."""
    return table[max(0, min(len(table) - 1, word + len(table) // 2))]
