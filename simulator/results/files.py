"""The one place that recognises and reads what commands wrote: JSON, CSV, stores, arrays."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from simulator.results.stored_json import ESCAPE, parse_json, plain_texts
from workloads.document_types import Document
from workloads.errors import InputError, refuse
from workloads.yaml_files import read_text, shorten

if TYPE_CHECKING:
    import pandas as pd

STANDARD_INPUT = "-"
WRITTEN = "what a command wrote"
MOST_COLUMNS = 10_000
"""Of a CSV file: a page of 195,000 took 12 s."""

DOCUMENTS = (
    ("system timeline", ("traceEvents", "system")),
    ("timeline", ("traceEvents", "otherData")),
    ("comparison", ("machines", "common_layers")),
    ("study", ("study",)),
    ("why", ("stack", "layers", "what_if")),
    ("contexts", ("contexts", "notes")),
    ("exploration", ("exploration", "trials", "reference")),
    ("system", ("points", "layers_of_system")),
    ("camera", ("points", "stages", "latency_ms")),
    ("network", ("layers", "total", "machine")),
    ("stages", ("layers", "skipped")),
    ("compressed", ("layers", "method")),
    ("steps", ("steps",)),
    ("layer", ("machine", "config", "cycles")),
)
"""What a command's JSON is, and the keys by which it is known, the first that fits.

In this order: of `system --trace`, `trace`, `compare`, `study`, `why`, `compare` over contexts, `explore`, `system`,
`camera`, `run` of a network, `compress`, `inspect`, `ablate`, `run` of a layer.
"""


class StoredFile(NamedTuple):
    """What a file holds.

    kind: of DOCUMENTS, whose content is a dictionary; `rows`, a DataFrame; `weights`, arrays by name; or `unknown`.
    """

    path: Path
    kind: str
    content: Any


def read_file(path: Path, expected: str = WRITTEN) -> StoredFile:
    """Read a file by its ending: .csv, .db (a store), .npz, else JSON. InputError where it is none of them."""
    if path.suffix == ".db":
        return StoredFile(path, "rows", read_store(path, expected))
    if path.suffix == ".csv":
        return StoredFile(path, "rows", read_csv(path, expected))
    if path.suffix == ".npz":
        from workloads.sources.npz import load_arrays

        return StoredFile(path, "weights", load_arrays(path))
    document = read_document(str(path), expected)
    return StoredFile(path, kind_of_document(document), document)


def kind_of_document(document: Document) -> str:
    """What a command's JSON is: a name of DOCUMENTS, or `unknown`."""
    return next((kind for kind, keys in DOCUMENTS if all(key in document for key in keys)), "unknown")


def read_document(name: str, expected: str = WRITTEN) -> Document:
    """The mapping in a JSON file, or on standard input where the name is `-`.

    InputError where it cannot be read or is none: NaN and infinities, which are no JSON, and halves of characters are
    refused.
    """
    where = "standard input" if name == STANDARD_INPUT else name
    text = _read_input(where, expected) if name == STANDARD_INPUT else read_text(Path(name), expected)
    try:
        document = parse_json(text, _refuse_constant)
        json.dumps(document, ensure_ascii=False).encode(errors="surrogateescape")  # bytes of names that are no UTF-8
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: it is no JSON ({shorten(str(error), 100)}); expected {expected}") from None
    if not isinstance(document, dict):
        refuse(where, f"it holds a {type(document).__name__}", expected)
    return plain_texts(document) if ESCAPE in text else document


def read_csv(path: Path, expected: str = WRITTEN) -> pd.DataFrame:
    """The rows of a CSV file. InputError where it is no table, has no rows or more columns than MOST_COLUMNS."""
    import pandas as pd

    commas = max(line.count(",") for line in read_text(path, expected).split("\n"))
    if commas >= MOST_COLUMNS:
        refuse(path, f"a line of it has {commas:,} commas", f"at most {MOST_COLUMNS:,} columns")
    try:
        frame = pd.read_csv(path, low_memory=False)  # in parts, columns could have a type for each part
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: it is no table ({str(error).strip()}); expected {expected}") from None
    if frame.empty:
        refuse(path, "it has no rows", expected)
    return frame


def read_store(path: Path, expected: str = WRITTEN) -> pd.DataFrame:
    """The points of a sweep's store, with the columns of results that a store does not keep.

    InputError where it is no store or holds no point.
    """
    from simulator.results.store_reader import open_store
    from simulator.results.store_rows import as_results

    frame = open_store(path).frame()
    if frame.empty:
        refuse(path, "no point is in the store", expected)
    return as_results(frame)


def _read_input(where: str, expected: str) -> str:
    if sys.stdin is None:  # closed by whoever started the command
        refuse(where, "it is closed", expected)
    try:
        return sys.stdin.read()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: it cannot be read ({error}); expected {expected}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
