"""Matrices in text as sources: Matrix Market files, and those of the Deep Learning Matrix Collection."""

from pathlib import Path

from workloads.file_names import stem_text
from workloads.options import WorkloadOptions
from workloads.sources.loading import Read, given_model
from workloads.sources.matrix_market import read_matrix_market
from workloads.sources.network import layer_matrices
from workloads.sources.smtx import read_smtx
from workloads.sources.source import Matrices, Source
from workloads.workload import Model


class MatrixMarketSource(Source):
    """A sparse or dense matrix in text, without an input."""

    name = "a Matrix Market file"
    ending = ".mtx"

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The matrix as a fully connected layer. InputError where it is damaged."""
        layer = read_matrix_market(Path(text))
        return given_model(layer.name, text, [Read(layer)], options, "given")

    def matrices(self, text: str) -> Matrices:
        """The matrix."""
        layer = read_matrix_market(Path(text))
        return layer_matrices(Path(text), layer.name, [Read(layer)])


class SmtxSource(Source):
    """The places of a sparse matrix's non-zeros in text; its values are drawn."""

    name = "a matrix of the Deep Learning Matrix Collection"
    ending = ".smtx"

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The matrix as a fully connected layer, drawn with the seed of the options. InputError where it is damaged."""
        path = Path(text)
        return given_model(stem_text(path), text, [read_smtx(path, options.seed)], options, "given")

    def matrices(self, text: str) -> Matrices:
        """The matrix, drawn with seed 0."""
        path = Path(text)
        return layer_matrices(path, stem_text(path), [read_smtx(path, 0)])
