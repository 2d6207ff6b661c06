"""The model's log of attention: which events happened, and which keys and values are in the SRAM."""

from simulator.machines.tensor.arch import Arch
from simulator.machines.tensor.layout.attention import WORD, AttentionStreams, Block, Tile
from simulator.machines.tensor.layout.streams import Transfer, all_lines
from simulator.machines.tensor.model.ledger import Ledger

STEP = 16
"""Products that the dot unit of 16 bits adds to an accumulator at once."""


class AttentionLedger:
    """Events of a run."""

    def __init__(self, ledger: Ledger, streams: AttentionStreams):
        self.ledger, self.streams = ledger, streams
        self._loaded = set[tuple[str, int]]()

    @property
    def _arch(self) -> Arch:
        return self.ledger.arch

    def log_keys(self, block: Block, tile: Tile | None) -> tuple[Transfer, ...]:
        """What is loaded of the keys of a block, and of the queries of a tile, if it is given."""
        found = [] if tile is None else [self._load("dram_activation_bytes", tile.query)]
        return (*found, *self._load_once("dram_key_bytes", block.place, self.streams.keys[block.place]))

    def log_values(self, block: Block) -> tuple[Transfer, ...]:
        """What is loaded of the values of a block."""
        return self._load_once("dram_value_bytes", block.place, self.streams.values[block.place])

    def log_scores(self, tile: Tile, block: Block) -> None:
        """Queries meet the keys of a block."""
        rows, keys, width = len(tile.rows), len(block.keys), self.streams.layer.width
        self._multiply(rows * keys, width, block.score_cycles)
        self._decode(keys * width)
        events = self.ledger.events
        events["output_multiplies"] += rows * keys
        events["operand_reads"] += WORD * rows * width + self.streams.keys[block.place].part.bytes

    def log_decision(self, tile: Tile, block: Block, kept: bool) -> None:
        """The vector unit finds the greatest scores; where the block is kept, it computes the weights."""
        rows, keys, events = len(tile.rows), len(block.keys), self.ledger.events
        events["blocks"] += 1
        events["maxima"] += rows * keys
        if not kept:
            events["blocks_skipped"] += 1
            return
        events["exponentials"] += rows * keys + rows  # of weights, and of what earlier sums are multiplied with
        events["weight_additions"] += rows * keys + rows
        events["rescales"] += rows + rows * self.streams.layer.width

    def log_outputs(self, tile: Tile, block: Block) -> None:
        """Weights meet the values of a block, and the sums are added to those of earlier blocks."""
        rows, keys, width = len(tile.rows), len(block.keys), self.streams.layer.width
        self._multiply(rows * width, keys, block.value_cycles)
        self._decode(keys * width)
        events = self.ledger.events
        events["accumulations"] += rows * width
        events["operand_reads"] += WORD * rows * keys + self.streams.values[block.place].part.bytes

    def log_output(self, tile: Tile) -> None:
        """The outputs of a tile are divided by the sums of weights and go to DRAM."""
        events = self.ledger.events
        events["divisions"] += len(tile.rows) * self.streams.layer.width
        events["dram_output_bytes"] += tile.output.part.bytes
        events["dram_lines"] += all_lines(self._arch, tile.output.part)

    def _multiply(self, sums: int, depth: int, cycles: int) -> None:
        events = self.ledger.events
        events["products_16bit"] += sums * depth
        events["accumulations"] += sums * len(range(0, depth, STEP))
        events["array_cycles"] += cycles

    def _decode(self, numbers: int) -> None:
        form = self.streams.form
        if form.name != "bf16":
            self.ledger.events["decodes"] += numbers
            self.ledger.events["scale_multiplies"] += numbers if form.scale_bits else 0

    def _load_once(self, event: str, place: int, transfer: Transfer) -> tuple[Transfer, ...]:
        """A stored block, unless it is in the SRAM and stays there."""
        if self.streams.stay and (event, place) in self._loaded:
            return ()
        self._loaded.add((event, place))
        return (self._load(event, transfer),)

    def _load(self, event: str, transfer: Transfer) -> Transfer:
        events = self.ledger.events
        events[event] += transfer.part.bytes
        events["operand_writes"] += transfer.part.bytes
        events["dram_lines"] += all_lines(self._arch, transfer.part)
        return transfer
