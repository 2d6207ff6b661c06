"""Outer products of what is not zero, as the model counts them: block after block, place after place of K."""

from typing import NamedTuple

from simulator.machines.tensor.arch import BLOCK, GROUP_COLUMNS, GROUP_ROWS, Arch
from simulator.machines.tensor.layout.streams import Step, Tile, split
from simulator.machines.tensor.model.numbers import Operands


class Work(NamedTuple):
    """Of a tile in a step."""

    cycles: int  # until its slowest block is done
    pairs: int  # products of two numbers that are not zero


def work_of(arch: Arch, tile: Tile, step: Step, operands: Operands, depth: int) -> Work:
    """arch: with its array folded as the layer sees it; depth: products of a dot unit in a cycle."""
    tokens, outputs = (one.element.significand != 0 for one in (operands.activation, operands.weight))
    cycles, pairs = 1, 0
    for rows, row_units in zip(split(len(tile.rows), BLOCK), split(arch.rows, BLOCK), strict=False):
        for columns, column_units in zip(split(len(tile.columns), BLOCK), split(arch.columns, BLOCK), strict=False):
            products = 0
            for place in step.places:
                a = sum(bool(tokens[tile.rows[i], place]) for i in rows)
                w = sum(bool(outputs[tile.columns[j], place]) for j in columns)
                products += GROUP_ROWS * GROUP_COLUMNS * -(-a // GROUP_ROWS) * -(-w // GROUP_COLUMNS)
                pairs += a * w
            cycles = max(cycles, -(-products // (len(row_units) * len(column_units) * depth)))
    return Work(cycles, pairs)
