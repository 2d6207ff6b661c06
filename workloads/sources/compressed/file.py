"""A compressed network as one safetensors file: small, checked, and readable without us.

Tensors of a layer called NAME: `NAME.code` and `NAME.zeros`, the Huffman streams of its entries (uint8, first bit
first), `NAME.code_length` and `NAME.zeros_length`, the word lengths of both canonical codes (uint8, a length for each
symbol), `NAME.codebook` (float32) and, where there is one, `NAME.bias` (float32). The metadata hold `zeroskip`, a JSON
text: version, method, checksum (SHA-256 of all tensors in the order of their names), and for each layer its name,
inputs, outputs, shape of the weight before it became a matrix [outputs, inputs] (two dimensions: fully connected),
entries, index_bits and relu. Column by column, each weight comes its zero count plus one places after the one
before it; code 0 is padding.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field, ValidationError

from workloads.compression.columns import Columns
from workloads.compression.huffman import code_lengths, count_symbols, decode, encode
from workloads.compression.shared import SharedFullyConnected
from workloads.compression.storage import list_entries
from workloads.errors import InputError
from workloads.number_formats.codebook import nearest
from workloads.sources.safetensors import read_tensors
from workloads.yaml_files import Strict, Text, validation_sentence

VERSION = 1
KEY = "zeroskip"
Size = Annotated[int, Field(ge=1, le=1 << 31)]


class LayerEntry(Strict):
    """What the metadata say of a layer."""

    name: Text
    inputs: Size
    outputs: Size
    shape: Annotated[list[Size], Field(min_length=2, max_length=4)]
    entries: Annotated[int, Field(ge=0, le=1 << 33)]
    index_bits: Annotated[int, Field(ge=1, le=8)]
    relu: bool


class Metadata(Strict):
    """The JSON text of a file."""

    version: int
    method: str
    checksum: Text
    layers: list[LayerEntry]


class StoredNetwork(NamedTuple):
    """A compressed network and how it came about."""

    method: str
    layers: tuple[SharedFullyConnected, ...]
    index_bits: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]


def write_network(
    path: Path,
    layers: Sequence[SharedFullyConnected],
    index_bits: Sequence[int],
    method: str,
    shapes: Sequence[tuple[int, ...]] | None = None,
) -> None:
    """Write layers with zero counts of `index_bits` each; the file appears whole or not at all.

    shapes: of the weights before they became matrices; None: all are fully connected. InputError where the file cannot
    be written.
    """
    from safetensors.numpy import save

    tensors: dict[str, np.ndarray] = {}
    entries = []
    if shapes is None:
        shapes = [(layer.outputs, layer.inputs) for layer in layers]
    for layer, bits, shape in zip(layers, index_bits, shapes, strict=True):
        listed = list_entries(layer, bits)
        for key, symbols, size in (("code", listed.code, layer.codebook.size), ("zeros", listed.zeros, 1 << bits)):
            length = code_lengths(count_symbols(symbols, size))
            tensors[f"{layer.name}.{key}"] = encode(symbols, length)
            tensors[f"{layer.name}.{key}_length"] = length
        tensors[f"{layer.name}.codebook"] = layer.codebook.astype(np.float32)
        if layer.bias is not None:
            tensors[f"{layer.name}.bias"] = layer.bias.astype(np.float32)
        entry = {"name": layer.name, "inputs": layer.inputs, "outputs": layer.outputs, "shape": list(shape)}
        entries.append({**entry, "entries": int(listed.code.size), "index_bits": bits, "relu": layer.relu})
    metadata = {"version": VERSION, "method": method, "checksum": _checksum(tensors), "layers": entries}
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(save(tensors, {KEY: json.dumps(metadata, separators=(",", ":"))}))
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"{path}: it cannot be written ({error}); expected a place to write to") from None


def read_network(path: Path) -> StoredNetwork:
    """Read a file back; InputError says what is wrong with it."""
    tensors, metadata = _open(path)
    if metadata.version != VERSION:
        raise InputError(f"{path}: version is {metadata.version}; expected {VERSION}")
    if _checksum(tensors) != metadata.checksum:
        raise InputError(f"{path}: its tensors do not match their checksum; expected an undamaged file")
    layers = tuple(_layer(path, entry, tensors) for entry in metadata.layers)
    index_bits = tuple(entry.index_bits for entry in metadata.layers)
    return StoredNetwork(metadata.method, layers, index_bits, tuple(tuple(entry.shape) for entry in metadata.layers))


def _open(path: Path) -> tuple[dict[str, np.ndarray], Metadata]:
    tensors, metadata = read_tensors(path)
    if KEY not in metadata:
        raise InputError(f"{path}: its metadata have no {KEY}; expected a network that `zeroskip compress` wrote")
    try:
        return tensors, Metadata.model_validate_json(metadata[KEY])
    except ValidationError as error:
        raise InputError(validation_sentence(f"{path}: {KEY}", Metadata, error)) from None


def _checksum(tensors: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype.str} {list(tensors[name].shape)}\n".encode())
        digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()


def _layer(path: Path, entry: LayerEntry, tensors: Mapping[str, np.ndarray]) -> SharedFullyConnected:
    """Decode a layer and check that it is one: a checksum says who wrote a file, not that he wrote sense."""
    name, where = entry.name, f"{path}: {entry.name}"
    if math.prod(entry.shape) != entry.inputs * entry.outputs:
        raise InputError(f"{where}: its shape is {entry.shape}; expected {entry.outputs} x {entry.inputs} weights")
    parts = {
        key: _tensor(where, tensors, f"{name}.{key}", dtype)
        for key, dtype in (
            ("code", np.uint8),
            ("code_length", np.uint8),
            ("zeros", np.uint8),
            ("zeros_length", np.uint8),
            ("codebook", np.float32),
        )
    }
    bias = _tensor(where, tensors, f"{name}.bias", np.float32) if f"{name}.bias" in tensors else None
    codebook = parts["codebook"]
    if codebook.size > 256 or parts["code_length"].size != codebook.size or parts["zeros_length"].size > 256:
        raise InputError(f"{where}: its codebook has {codebook.size} levels; expected one for each code, at most 256")
    if codebook.size == 0 or codebook[0] != 0 or not np.isfinite(codebook).all():
        raise InputError(f"{where}: its codebook is {codebook[:3]}...; expected finite levels, the first 0")
    if bias is not None and (bias.size != entry.outputs or not np.isfinite(bias).all()):
        raise InputError(f"{where}: its bias has {bias.size} values; expected {entry.outputs} finite ones")
    if entry.entries > 8 * min(parts["code"].size, parts["zeros"].size):
        raise InputError(f"{where}: it has {entry.entries} entries in too few bytes; expected a bit for each at least")
    code = decode(parts["code"], entry.entries, parts["code_length"])
    zeros = decode(parts["zeros"], entry.entries, parts["zeros_length"])
    columns = _unflatten(where, code, zeros, entry)
    return SharedFullyConnected(
        name=name,
        inputs=entry.inputs,
        outputs=entry.outputs,
        columns=columns,
        codebook=codebook,
        bias=bias,
        bias_code=None if bias is None else nearest(codebook, bias),
        relu=entry.relu,
    )


def _tensor(where: str, tensors: Mapping[str, np.ndarray], name: str, dtype: type) -> np.ndarray:
    if name not in tensors or tensors[name].dtype != dtype or tensors[name].ndim != 1:
        raise InputError(f"{where}: its tensor {name} is missing or of another type; expected {dtype.__name__} [n]")
    return tensors[name]


def _unflatten(where: str, code: np.ndarray, zeros: np.ndarray, entry: LayerEntry) -> Columns:
    """The list of entries as columns."""
    place = np.cumsum(zeros.astype(np.int64) + 1) - 1
    if place.size and place[-1] >= entry.inputs * entry.outputs:
        raise InputError(f"{where}: an entry is at {place[-1]}; expected {entry.inputs} x {entry.outputs} places")
    kept = code > 0
    column, row = np.divmod(place[kept], entry.outputs)
    start = np.searchsorted(column, np.arange(entry.inputs + 1)).astype(np.int64)
    return Columns(start, row.astype(np.uint32), code[kept].astype(np.uint8))
