"""GAMMA's published figures of named matrices, where a user has their files."""

from collections.abc import Container, Iterator
from pathlib import Path

from simulator.config.load import load_arch
from simulator.core.published import PublishedFigure, compare_figure, read_published, standing
from simulator.machines.gamma.paper.runs import Measured, measure
from workloads.errors import refuse
from workloads.kinds.sparse_product.compress import compress_sparse
from workloads.kinds.sparse_product.layer import SparseProduct
from workloads.regular_files import is_file
from workloads.sources.sparse_pair import read_matrix

PACKAGE = "simulator.machines.gamma.paper"


def names() -> tuple[str, ...]:
    """Of the matrices."""
    return tuple(read_published(PACKAGE)["tables"][0]["rows"])


def without_files(seed: int, draws: int, quantities: Container[str] | None = None) -> Iterator[PublishedFigure]:  # noqa: ARG001
    """No figures: nothing of these matrices is drawn. InputError says which files are needed, if they are asked for."""
    tables = read_published(PACKAGE)["tables"]
    if quantities is None or any(table["quantity"] in quantities for table in tables):
        files = ", ".join(f"{name}.mtx" for name in names())
        refuse(
            "validate gamma", "its figures are of matrices that are not part of zeroskip", f"--data FOLDER of {files}"
        )
    return iter(())


def rows(folder: Path) -> Iterator[PublishedFigure]:
    """The figures of those matrices whose files are in a folder. InputError where there are none, or one is damaged."""
    files = {name: folder / f"{name}.mtx" for name in names()}
    found = {name: file for name, file in files.items() if is_file(file)}
    if not found:
        refuse(folder, "none of the named matrices is there", f"{', '.join(file.name for file in files.values())}")
    published = read_published(PACKAGE)
    measured = {name: _measure(file) for name, file in found.items()}
    for table in published["tables"]:
        for name, one in measured.items():
            known, value = standing(table, name), table["rows"][name]
            yield compare_figure(
                published["paper"], table["table"], name, table["quantity"], value,
                float(getattr(one, table["quantity"])), table["mark"], known,
            )  # fmt: skip


def _measure(file: Path) -> Measured:
    matrix = read_matrix(file)
    return measure(load_arch("gamma"), compress_sparse(SparseProduct(file.stem, matrix, matrix), None))
