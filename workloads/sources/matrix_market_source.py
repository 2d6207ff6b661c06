"""Matrix Market files as a source: a matrix to compress, or to run with an input."""

from pathlib import Path

from workloads.kinds import kind_of
from workloads.options import WorkloadOptions
from workloads.sources.matrix_market import read_matrix_market
from workloads.sources.named_arrays import single
from workloads.sources.source import Matrices, Source
from workloads.workload import Model


class MatrixMarketSource(Source):
    """A sparse or dense matrix in text, without an input."""

    name = "a Matrix Market file"
    ending = ".mtx"

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The matrix as a fully connected layer. InputError where it is damaged or no input is given."""
        layer = read_matrix_market(Path(text))
        return single(layer.name, text, layer, options)

    def matrices(self, text: str) -> Matrices:
        """The matrix."""
        layer = read_matrix_market(Path(text))
        return Matrices(layer.name, tuple(kind_of(layer).matrices(layer)), ())
