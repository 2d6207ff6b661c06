"""The weights of a product in DRAM: whole parts, or rows, gathered where their inputs are used."""

import numpy as np

from simulator.machines.tensor.layout.rows import Gather, Span, Table, spans_of
from simulator.machines.tensor.layout.storage import NOTHING, Part, Precision, compressed, weight_part
from simulator.machines.tensor.layout.streams import Memory, Step, Transfer
from workloads.kinds.matrix_product.operand import Operand, numbers_of


class Weights:
    """Of all column tiles, each the outputs of a range, at all steps, each the places of a range.

    held: bool [outputs, inputs], weights that are not zero, the only ones that are stored; None: all are.
    """

    def __init__(
        self,
        memory: Memory,
        precision: Precision,
        columns: list[range],
        depths: list[range],
        held: np.ndarray | None = None,
    ):
        self.tables = list[tuple[Table, ...]]()
        if memory.arch.skip_zero_inputs:
            inputs = depths[-1].stop
            self.tables = [memory.place_rows(precision, column, inputs) for column in columns]
            every = np.ones(inputs, np.bool_)
            self.parts = [[whole(spans_of(one, places, every)) for places in depths] for one in self.tables]
            return
        self.parts = [[weight_part(precision, column, places) for places in depths] for column in columns]
        if held is not None:
            self.parts = [
                [
                    compressed(part, held[column.start : column.stop, places.start : places.stop], precision.form.bits)
                    for part, places in zip(parts, depths, strict=True)
                ]
                for parts, column in zip(self.parts, columns, strict=True)
            ]
        self.lines = [memory.place(parts, weights=True) for parts in self.parts]

    def fill(
        self, step: Step, column: int, number: int, tokens: range, loaded: bool, used: np.ndarray | None = None
    ) -> Step:
        """The step with its weights: step `number` of the column tile `column`.

        tokens: of the stage, among which those decide that use an input; used: bool [inputs], by any of them, or None
        where that is not known yet; loaded: whether the weights are read with this step, or are there already.
        """
        if self.tables:
            step = step._replace(gather=Gather(self.tables[column], tokens, loaded))
            return step if used is None else resolve(step, used)
        loads = (self.lines[column][number],) if loaded else ()
        return step._replace(weights=self.parts[column][number], loads=(*loads, *step.loads))


def resolve(step: Step, used: np.ndarray) -> Step:
    """A step that reads those rows of its weights that have an input that is used; used: bool [inputs]."""
    assert step.gather is not None
    spans = spans_of(step.gather.tables, step.places, used)
    loads = tuple(Transfer(*span, weights=True) for span in spans) if step.gather.loaded else ()
    return step._replace(weights=whole(spans), loads=(*loads, *step.loads), gather=None)


def whole(spans: list[Span]) -> Part:
    """All bytes of spans."""
    return Part(*map(sum, zip(NOTHING, *(span.part for span in spans), strict=True)))


def any_of(active: np.ndarray, tokens: range) -> np.ndarray:
    """Inputs that any of these tokens uses, bool [inputs]; active: bool [all tokens, inputs]."""
    found: np.ndarray = np.any(active[tokens.start : tokens.stop], axis=0)
    return found


def nonzero(operand: Operand) -> np.ndarray:
    """Which codes are neither zero nor minus zero, bool [rows, K]."""
    found: np.ndarray = numbers_of(operand).element.significand != 0
    return found
