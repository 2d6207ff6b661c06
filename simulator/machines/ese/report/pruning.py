"""Layers with fewer weights on ESE: in no matrix a PE has more than the mean of all."""

from simulator.core.mechanisms import Repruning
from simulator.machines.ese.arch import Arch
from workloads.compression.excess import ABOUT, NAME, without_excess
from workloads.kinds import expect
from workloads.kinds.kind import CompressedLayer
from workloads.kinds.lstm.layer import CompressedLstm, CompressedLstmLayer, SparseMatrix


def reprune(arch: Arch, given: CompressedLayer) -> list[Repruning]:
    """The layers without the smallest weights of the fuller PEs of each matrix; none where nothing goes."""
    stack = expect(given, CompressedLstm, "ESE")
    pruned = stack._replace(layers=tuple(_prune(one, arch.pes) for one in stack.layers))
    before, after = _weights(stack), _weights(pruned)
    return [Repruning(NAME, ABOUT, pruned, before - after, before)] if after < before else []


def _prune(layer: CompressedLstmLayer, pes: int) -> CompressedLstmLayer:
    def prune(matrix: SparseMatrix) -> SparseMatrix:
        columns = matrix.columns
        kept = without_excess(columns.row, columns.code, min(pes, matrix.outputs))
        return matrix._replace(columns=columns.only(kept))

    return layer._replace(matrices={name: prune(matrix) for name, matrix in layer.matrices.items()})


def _weights(stack: CompressedLstm) -> int:
    """Stored weights of all matrices."""
    return sum(one.columns.row.size for layer in stack.layers for one in layer.matrices.values())
