"""What moves in a pass, PE by PE and stream by stream, and how many cycles it takes."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from simulator.machines.eyeriss_v2.arch import Arch
from simulator.machines.eyeriss_v2.layout.columns import read_columns
from simulator.machines.eyeriss_v2.layout.streams import Pass
from simulator.machines.eyeriss_v2.model.ledger import Ledger
from simulator.machines.eyeriss_v2.model.pe import window

Place = tuple[int, int, int]


def ceil(dividend: int, divisor: int) -> int:
    """The quotient, rounded up."""
    return -(-dividend // divisor)


class Transfers:
    """Cycles of transfers; each method counts the events of what it moves."""

    def __init__(self, arch: Arch, ledger: Ledger):
        self.arch, self.ledger, self.streams = arch, ledger, ledger.streams
        self._new, self._words = cache(self._count_new), cache(self._count_words)

    def load(self, order: list[Pass], number: int, outputs: int) -> int:
        """Cycles until a pass's tiles are in the PEs; outputs: bytes that leave meanwhile.

        Tiles pass by the global buffer: a router for each row of PEs of a cluster. What is there already is not loaded.
        """
        doing, machine = order[number], self.ledger.machine
        before = order[number - 1] if number else None
        there = before is not None and (before.row_step, before.step) == (doing.row_step, doing.step)
        routers: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for pe, row, part, _ in () if there else self._working(doing):
            routers[pe // self.arch.pe_columns].add((row, part))
            self.ledger.events[pe]["weight_writes"] += self._words(row, part)
        busiest = max((sum(self._tile_bits(*tile) for tile in tiles) for tiles in routers.values()), default=0)
        weights = ceil(sum(self._tile_bits(*tile) for tile in set().union(*routers.values())), 8)
        inputs = self._input_bytes(doing, number)
        machine["dram_weight_bytes"] += weights
        machine["dram_input_bytes"] += inputs
        return self._time(max(ceil(busiest, self.arch.weight_port_bits), self._dram(weights + inputs + outputs)))

    def store(self, outputs: int) -> int:
        """Cycles until these bytes of outputs have left."""
        return self._time(self._dram(outputs))

    def outputs(self, doing: Pass) -> int:
        """Bytes of the outputs that a pass finishes."""
        if doing.step + 1 < self.streams.steps(self.arch):
            return 0
        count = sum(outputs * places for outputs, places in self._lanes(doing))
        found = ceil(count * self.arch.activation_bits, 8)
        self.ledger.machine["dram_output_bytes"] += found
        return found

    def inputs(self, doing: Pass) -> int:
        """Cycles until the cluster that needs most inputs has them; a stream that several PEs need comes once."""
        clusters: dict[int, set[tuple[int, int, range]]] = defaultdict(set)
        pes = self.arch.pe_rows * self.arch.pe_columns
        for pe, row, part, places in self._working(doing):
            clusters[pe // pes].add((int(self.streams.tiles.first_input[row]), part, places))
            self.ledger.events[pe]["input_writes"] += len(self._new(row, part, places))
        needed = [sum(self._stream(*stream) for stream in streams) for streams in clusters.values()]
        self.ledger.machine["input_deliveries"] += sum(needed)
        for stream in set().union(*clusters.values()):
            words = ceil(self._stream(*stream) * self.arch.input_bits, self.arch.input_port_bits)
            self.ledger.machine["global_input_reads"] += words
            self.ledger.machine["global_input_writes"] += 0 if self.streams.fits else words
        ports = self.arch.input_ports * self.arch.input_port_bits
        return self._time(ceil(max(needed, default=0) * self.arch.input_bits, ports))

    def sums(self, doing: Pass) -> int:
        """Cycles until the lane with most sums has moved them, out, and in at the same time."""
        lanes = [outputs * places for outputs, places in self._lanes(doing)]
        for event in ("global_sum_reads", "global_sum_writes"):
            self.ledger.machine[event] += sum(lanes)
        return self._time(ceil(max(lanes) * self.arch.sum_bits, self.arch.sum_port_bits))

    def _working(self, doing: Pass) -> Iterator[tuple[int, int, int, range]]:
        """PE, row of tiles, part and places of all PEs that work in a pass."""
        for pe in range(self.arch.pes):
            found = self.streams.work(self.arch, doing, pe)
            if found is not None:
                yield pe, found[0], found[1], self.streams.chunk(doing.block, found[2])

    def _lanes(self, doing: Pass) -> Iterator[tuple[int, int]]:
        """Output channels and places of each lane of a pass."""
        first = doing.step * self.streams.mapping.chain * self.arch.pe_rows
        for _, row, part, places in self._working(doing):
            if part == first:
                begin, end = self.streams.tiles.outputs[row].tolist()
                yield end - begin, len(places)

    def _tile_bits(self, row: int, part: int) -> int:
        """Bits of a tile's words and addresses."""
        channels, _, columns = self.streams.tiles.part(part)
        addresses = len(channels) * len(columns) * self.arch.weight_address_bits
        return self._words(row, part) * self.arch.weight_word_bits + addresses

    def _count_words(self, row: int, part: int) -> int:
        return len(read_columns(self.streams, self.arch.simd, row, part).weight)

    def _stream(self, first_input: int, part: int, places: range) -> int:
        """Inputs of a stream of windows."""
        row = self.streams.tiles.first_input.tolist().index(first_input)
        return len(self._new(row, part, places))

    def _count_new(self, row: int, part: int, places: range) -> list[Place]:
        """The inputs that the windows of these places get, one after the other; a row's first window is new."""
        found: list[Place] = []
        held: set[Place] = set()
        wide = self.streams.layer.output_plane[1]
        for place in places:
            seen = {one.place for one in window(self.streams, row, part, place)}
            found += sorted(seen - (held if place % wide else set()))
            held = seen
        return found

    def _input_bytes(self, doing: Pass, number: int) -> int:
        """Bytes of inputs that come from DRAM for a pass: all at once for the first, or what the pass delivers."""
        if self.streams.fits:
            if not number:
                words = ceil(self.streams.input_bits, self.arch.input_port_bits)
                self.ledger.machine["global_input_writes"] += words
            return 0 if number else ceil(self.streams.input_bits, 8)
        working = self._working(doing)
        streams = {(int(self.streams.tiles.first_input[row]), part, places) for _, row, part, places in working}
        return ceil(sum(self._stream(*stream) for stream in streams) * self.arch.input_bits, 8)

    def _dram(self, moved: int) -> int:
        """Cycles that DRAM needs for these bytes."""
        return ceil(1000 * moved, self.arch.dram_bytes_per_kcycle)

    def _time(self, cycles: int) -> int:
        return 0 if self.arch.ideal_mesh else cycles
