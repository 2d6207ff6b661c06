"""Two Matrix Market files as a sparse product: `A.mtx@B.mtx`, or the same file twice, `A.mtx@A.mtx`."""

from pathlib import Path

from workloads.document_types import Fields
from workloads.errors import refuse
from workloads.file_names import stem_text
from workloads.kinds.sparse_product.layer import SparseMatrix, SparseProduct, by_rows, check_product
from workloads.options import WorkloadOptions
from workloads.regular_files import is_file
from workloads.sources.file_hash import file_hash
from workloads.sources.loading import Read, given_model
from workloads.sources.matrix_market import read_entries
from workloads.sources.network import layer_matrices
from workloads.sources.source import Matrices, Source
from workloads.workload import Model

BETWEEN = ".mtx@"


class SparsePairSource(Source):
    """A product of two sparse matrices in text."""

    name = "two Matrix Market files, A.mtx@B.mtx"
    ending = ".mtx"

    def recognises(self, text: str) -> bool:
        """By the sign between the files."""
        return text.endswith(self.ending) and BETWEEN in text

    def files(self, text: str) -> tuple[Path, ...]:
        """Both; none where the text names no pair."""
        return paths_of(text) if self.recognises(text) else ()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The product as a layer. InputError where a file is damaged, or the matrices do not fit each other."""
        layer = read_product(text)
        return given_model(layer.name, text, [Read(layer)], options, "given")

    def matrices(self, text: str) -> Matrices:
        """There are none: the matrices are no weights."""
        layer = read_product(text)
        return layer_matrices(text, layer.name, [Read(layer)])

    def identity(self, text: str, options: Fields) -> object:
        """Names and hashes of both files."""
        return [[one.name, file_hash(one)] for one in paths_of(text)] + [options.get("layer")]

    def weights(self, text: str) -> float:
        """From the sizes of the files: about 12 bytes of text for an entry."""
        return sum(one.stat().st_size / 12 if is_file(one) else 1e6 for one in paths_of(text))


def paths_of(text: str) -> tuple[Path, Path]:
    """The files of A and B. InputError where there are more than two."""
    first, _, second = text.partition(BETWEEN)
    if BETWEEN in second:
        refuse(text, "it names more than two files", "A.mtx@B.mtx")
    return Path(f"{first}.mtx"), Path(second)


def read_matrix(path: Path) -> SparseMatrix:
    """A Matrix Market file as a matrix by rows. InputError where it is damaged or too large."""
    return by_rows(path, *read_entries(path))


def read_product(text: str) -> SparseProduct:
    """Both files; the same file is read once. InputError where one is damaged or they do not fit each other."""
    first, second = paths_of(text)
    left = read_matrix(first)
    right = left if second == first else read_matrix(second)
    check_product(text, left, right)
    names = dict.fromkeys((stem_text(first), stem_text(second)))
    return SparseProduct("-times-".join(names) if len(names) > 1 else f"{next(iter(names))}-squared", left, right)
