"""A compressed network as one safetensors file: small, checked, and readable without us.

Tensors of a matrix called NAME: `NAME.code` and `NAME.zeros`, the Huffman streams of its entries (uint8, first bit
first), `NAME.code_length` and `NAME.zeros_length`, the word lengths of both canonical codes (uint8, a length for each
symbol), `NAME.codebook` (float32) and, where there is one, `NAME.bias` (float32). A matrix in another number format
has `NAME.shared.KEY` in place of a codebook, what its codes share by name (scales of blocks, fraction bits), and its
entry the format and these names. The metadata hold `zeroskip`, a JSON
text: version, method, checksum (SHA-256 of all tensors in the order of their names); for each matrix its name, inputs,
outputs, shape of the weight before it became a matrix [outputs, inputs], entries, index_bits and relu; and for each
layer its name, its kind, how many of the matrices it has (they come in the layers' order), values that its kind needs
(stride, padding ...), the names of float32 tensors that are not compressed (peepholes), and input: null, or the shape
and the density (share of non-zero values) of the input that the layer had when it was compressed. Column by column,
each weight comes its zero count plus one places after the one before it; code 0 is padding. Version 3 has no formats,
version 2 no input either. In version 1 each matrix is a layer, whose kind is known by the dimensions of its shape.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workloads.compression.columns import Columns
from workloads.compression.huffman import code_lengths, count_symbols, decode, encode
from workloads.compression.shared import CODEBOOK, SharedFullyConnected
from workloads.compression.storage import list_entries
from workloads.compression.stored import KnownInput, Rest, StoredLayer
from workloads.document_types import Document
from workloads.errors import InputError, refuse
from workloads.kinds.fully_connected.encode import encode_bias, stored_levels
from workloads.number_formats import find_format
from workloads.sources.compressed.metadata import (
    KEY,
    VERSION,
    MatrixEntry,
    Metadata,
    check_claims,
    default_entry,
    parse_metadata,
)
from workloads.sources.safetensors import read_tensors
from workloads.sources.source import LayerParts
from workloads.whole_files import write_whole

SHARED = "shared"
"""Between the name of a matrix and that of an array which its codes share."""


class StoredNetwork(NamedTuple):
    """A compressed network and how it came about."""

    method: str
    matrices: tuple[SharedFullyConnected, ...]
    index_bits: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    layers: tuple[StoredLayer, ...]
    version: int = VERSION


def write_network(
    path: Path,
    matrices: Sequence[SharedFullyConnected],
    index_bits: Sequence[int],
    method: str,
    shapes: Sequence[tuple[int, ...]] | None = None,
    layers: Sequence[LayerParts] = (),
) -> None:
    """Write matrices with zero counts of `index_bits` each; the file appears whole or not at all.

    shapes: of the weights before they became matrices; None: all are fully connected. layers: what the matrices make
    up; (): each is a layer. InputError where the file cannot be written.
    """
    from safetensors.numpy import save

    tensors: dict[str, np.ndarray] = {}
    if shapes is None:
        shapes = [(matrix.outputs, matrix.inputs) for matrix in matrices]
    entries = []
    for matrix, bits, shape in zip(matrices, index_bits, shapes, strict=True):
        entries.append(_add_matrix(tensors, matrix, bits, shape))
    parts = []
    for layer in layers:
        tensors |= {name: np.asarray(array, np.float32) for name, array in layer.rest.arrays.items()}
        entry = {"name": layer.name, "kind": layer.kind, "matrices": layer.matrices, "values": layer.rest.values}
        known = None if layer.input is None else {"shape": list(layer.input.shape), "density": layer.input.density}
        parts.append({**entry, "arrays": list(layer.rest.arrays), "input": known})
    if not layers:
        plain = zip(matrices, shapes, strict=True)
        parts = [default_entry(matrix.name, list(shape)).model_dump() for matrix, shape in plain]
    metadata = {"version": VERSION, "method": method, "checksum": _checksum(tensors), "matrices": entries}
    text = json.dumps({**metadata, "layers": parts}, separators=(",", ":"))
    write_whole(path, save(tensors, {KEY: text}))


def _add_matrix(
    tensors: dict[str, np.ndarray], matrix: SharedFullyConnected, bits: int, shape: Sequence[int]
) -> Document:
    """Add a matrix to the tensors; what the metadata say of it."""
    listed = list_entries(matrix, bits)
    for key, symbols, size in (("code", listed.code, matrix.codebook.size), ("zeros", listed.zeros, 1 << bits)):
        length = code_lengths(count_symbols(symbols, size))
        tensors[f"{matrix.name}.{key}"] = encode(symbols, length)
        tensors[f"{matrix.name}.{key}_length"] = length
    if matrix.form == CODEBOOK:
        tensors[f"{matrix.name}.codebook"] = matrix.codebook.astype(np.float32)
    tensors |= {f"{matrix.name}.{SHARED}.{key}": array for key, array in matrix.shared.items()}
    if matrix.bias is not None:
        tensors[f"{matrix.name}.bias"] = matrix.bias.astype(np.float32)
    entry = {"name": matrix.name, "inputs": matrix.inputs, "outputs": matrix.outputs, "shape": list(shape)}
    form = {} if matrix.form == CODEBOOK else {"format": matrix.form, "shared": list(matrix.shared)}
    return {**entry, "entries": int(listed.code.size), "index_bits": bits, "relu": matrix.relu, **form}


def read_network(path: Path) -> StoredNetwork:
    """Read a file back; InputError says what is wrong with it."""
    tensors, found = _open(path)
    if _checksum(tensors) != found.checksum:
        raise InputError(f"{path}: its tensors do not match their checksum; expected an undamaged file")
    check_claims(path, found, sum(tensor.nbytes for tensor in tensors.values()))
    matrices = tuple(_matrix(path, entry, tensors) for entry in found.matrices)
    index_bits = tuple(entry.index_bits for entry in found.matrices)
    shapes = tuple(tuple(entry.shape) for entry in found.matrices)
    layers, place = [], 0
    for entry in found.layers:
        own = slice(place, place + entry.matrices)
        arrays = {name: _array(path, entry.name, name, tensors) for name in entry.arrays}
        rest, known = Rest(entry.values, arrays), entry.input
        had = None if known is None else KnownInput(tuple(known.shape), known.density)
        layers.append(StoredLayer(entry.name, entry.kind, matrices[own], shapes[own], rest, had))
        place += entry.matrices
    return StoredNetwork(found.method, matrices, index_bits, shapes, tuple(layers), found.version)


def _open(path: Path) -> tuple[dict[str, np.ndarray], Metadata]:
    tensors, metadata = read_tensors(path)
    if KEY not in metadata:
        raise InputError(f"{path}: its metadata have no {KEY}; expected a network that `zeroskip compress` wrote")
    return tensors, parse_metadata(path, metadata[KEY])


def _array(path: Path, layer: str, name: str, tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """A tensor of a layer that is not compressed."""
    if name not in tensors or tensors[name].dtype != np.float32:
        raise InputError(f"{path}: {layer}: its tensor {name} is missing or of another type; expected float32")
    return tensors[name]


def _checksum(tensors: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype.str} {list(tensors[name].shape)}\n".encode())
        digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()


def _matrix(path: Path, entry: MatrixEntry, tensors: Mapping[str, np.ndarray]) -> SharedFullyConnected:
    """Decode a matrix and check that it is one: a checksum says who wrote a file, not that he wrote sense."""
    name, where = entry.name, f"{path}: {entry.name}"
    if math.prod(entry.shape) != entry.inputs * entry.outputs:
        raise InputError(f"{where}: its shape is {entry.shape}; expected {entry.outputs} x {entry.inputs} weights")
    streams = "code", "code_length", "zeros", "zeros_length"
    parts = {key: _tensor(where, tensors, f"{name}.{key}", np.uint8) for key in streams}
    bias = _tensor(where, tensors, f"{name}.bias", np.float32) if f"{name}.bias" in tensors else None
    shared = {key: _shared(where, name, key, tensors) for key in entry.shared}
    codebook = _levels(where, entry, tensors, shared)
    if parts["code_length"].size != codebook.size or parts["zeros_length"].size > 256:
        raise InputError(f"{where}: its codebook has {codebook.size} levels; expected one for each code, at most 256")
    if bias is not None and (bias.size != entry.outputs or not np.isfinite(bias).all()):
        raise InputError(f"{where}: its bias has {bias.size} values; expected {entry.outputs} finite ones")
    if entry.entries > 8 * min(parts["code"].size, parts["zeros"].size):
        raise InputError(f"{where}: it has {entry.entries} entries in too few bytes; expected a bit for each at least")
    code = decode(parts["code"], entry.entries, parts["code_length"])
    zeros = decode(parts["zeros"], entry.entries, parts["zeros_length"])
    columns = _unflatten(where, code, zeros, entry)
    form = entry.format or CODEBOOK
    bias_code, bias_scale = encode_bias(bias, codebook, form, shared, 0)
    return SharedFullyConnected(
        name=name,
        inputs=entry.inputs,
        outputs=entry.outputs,
        columns=columns._replace(code=columns.code.astype(np.uint8 if codebook.size <= 256 else np.uint16)),
        codebook=codebook,
        bias=bias,
        bias_code=bias_code,
        relu=entry.relu,
        form=form,
        shared=shared,
        bias_scale=bias_scale,
    )


def _levels(
    where: str, entry: MatrixEntry, tensors: Mapping[str, np.ndarray], shared: Mapping[str, np.ndarray]
) -> np.ndarray:
    """What codes mean, float32 [levels]: the codebook of the file, or what the matrix' number format says."""
    if entry.format is None:
        codebook = _tensor(where, tensors, f"{entry.name}.codebook", np.float32)
        if codebook.size > 256:
            refuse(where, f"its codebook has {codebook.size} levels", "one for each code, at most 256")
        if codebook.size == 0 or codebook[0] != 0 or not np.isfinite(codebook).all():
            refuse(where, f"its codebook is {codebook[:3]}...", "finite levels, the first 0")
        return codebook
    try:
        form = find_format(entry.format)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    problem = form.problem(shared, (entry.outputs, entry.inputs))
    if problem is not None:
        refuse(where, problem, f"what a matrix of {entry.outputs} x {entry.inputs} in {form.name} shares")
    return stored_levels(form, shared)


def _shared(where: str, name: str, key: str, tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """What codes of a matrix share, of any dtype and shape."""
    full = f"{name}.{SHARED}.{key}"
    if full not in tensors:
        raise InputError(f"{where}: its tensor {full} is missing; expected it, as its metadata name it")
    return tensors[full]


def _tensor(where: str, tensors: Mapping[str, np.ndarray], name: str, dtype: type) -> np.ndarray:
    if name not in tensors or tensors[name].dtype != dtype or tensors[name].ndim != 1:
        raise InputError(f"{where}: its tensor {name} is missing or of another type; expected {dtype.__name__} [n]")
    return tensors[name]


def _unflatten(where: str, code: np.ndarray, zeros: np.ndarray, entry: MatrixEntry) -> Columns:
    """The list of entries as columns."""
    place = np.cumsum(zeros.astype(np.int64) + 1) - 1
    if place.size and place[-1] >= entry.inputs * entry.outputs:
        raise InputError(f"{where}: an entry is at {place[-1]}; expected {entry.inputs} x {entry.outputs} places")
    kept = code > 0
    column, row = np.divmod(place[kept], entry.outputs)
    start = np.searchsorted(column, np.arange(entry.inputs + 1)).astype(np.int64)
    return Columns(start, row.astype(np.uint32), code[kept])
