"""What the metadata of a compressed network's file say: versions 1 to 4 of the JSON text."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, ValidationError

from workloads.compression.stored import MOST_INPUT
from workloads.errors import InputError, refuse
from workloads.kinds import kind_of_arrays
from workloads.kinds.drawing import Fraction
from workloads.yaml_files import Strict, Text, validation_sentence

VERSION = 4
KEY = "zeroskip"
MOST_COLUMNS, MOST_WEIGHTS = 1 << 24, 1 << 27
"""What a file of no more than a few bytes may claim: 128 MiB of column starts, 512 MiB of dense weights."""
COLUMNS_A_BYTE, WEIGHTS_A_BYTE = 1 << 4, 1 << 10
"""What each byte of tensors allows more. An entry takes two bits at least and reaches 256 places at most."""
Size = Annotated[int, Field(ge=1, le=1 << 31)]


class MatrixEntry(Strict):
    """What is said of a matrix."""

    name: Text
    inputs: Size
    outputs: Size
    shape: Annotated[list[Size], Field(min_length=2, max_length=4)]
    entries: Annotated[int, Field(ge=0, le=1 << 33)]
    index_bits: Annotated[int, Field(ge=1, le=8)]
    relu: bool
    format: Text | None = None  # a number format, of version 4; None: a codebook
    shared: Annotated[tuple[Text, ...], Field(max_length=16)] = ()  # names of the arrays that its codes share


class InputEntry(Strict):
    """What is said of the input that a layer was compressed with."""

    shape: Annotated[list[Size], Field(min_length=1, max_length=3)]
    density: Fraction


class LayerEntry(Strict):
    """What is said of a layer, which has the next of the matrices."""

    name: Text
    kind: Text
    matrices: Annotated[int, Field(ge=1)]
    values: dict[str, Any]
    arrays: list[Text]  # names of float32 tensors
    input: InputEntry | None = None  # from version 3 on


class Metadata(Strict):
    """The JSON text of a file."""

    version: int
    method: str
    checksum: Text
    matrices: list[MatrixEntry]
    layers: list[LayerEntry]


class FirstMetadata(Strict):
    """The JSON text of a file of version 1, whose layers are matrices."""

    version: int
    method: str
    checksum: Text
    layers: list[MatrixEntry]


def parse_metadata(path: Path, text: str) -> Metadata:
    """The metadata of a file. InputError where they are not those of a compressed network, of any version."""
    try:
        version = json.loads(text).get("version")
    except (ValueError, AttributeError, RecursionError):
        version = VERSION
    form = FirstMetadata if version == 1 else Metadata
    if type(version) is int and not 1 <= version <= VERSION:
        refuse(path, f"version is {version}", f"one from 1 to {VERSION}")
    try:
        found = form.model_validate_json(text)
    except ValidationError as error:
        raise InputError(validation_sentence(f"{path}: {KEY}", form, error)) from None
    if isinstance(found, FirstMetadata):
        layers = [default_entry(entry.name, entry.shape) for entry in found.layers]
        return Metadata(version=1, method=found.method, checksum=found.checksum, matrices=found.layers, layers=layers)
    assert isinstance(found, Metadata)
    return found


def default_entry(name: str, shape: list[int]) -> LayerEntry:
    """A matrix as a layer, no more known of it than the shape of its weight."""
    outline = np.broadcast_to(np.float32(0), shape)
    return LayerEntry(name=name, kind=kind_of_arrays({"weight": outline}).name, matrices=1, values={}, arrays=[])


def check_claims(path: Path, found: Metadata, size: int) -> None:
    """InputError where names occur twice, layers lack matrices, or more is claimed than `size` bytes hold.

    An input, which is drawn, may have `MOST_INPUT` values.
    """
    for entries in (found.matrices, found.layers):
        names = [entry.name for entry in entries]
        if len(set(names)) != len(names):
            refuse(path, "two of its layers have the same name", "a name for each")
    counted = sum(entry.matrices for entry in found.layers)
    if counted != len(found.matrices):
        refuse(path, f"it has {len(found.matrices)} matrices", f"{counted}, as its layers say")
    for entry in found.layers:
        if entry.input is not None and math.prod(entry.input.shape) > MOST_INPUT:
            what = f"{entry.name} had an input {entry.input.shape}"
            refuse(path, what, f"one of at most {MOST_INPUT:,} values")
    columns = sum(entry.inputs for entry in found.matrices)
    weights = sum(entry.inputs * entry.outputs for entry in found.matrices)
    most = MOST_COLUMNS + size * COLUMNS_A_BYTE, MOST_WEIGHTS + size * WEIGHTS_A_BYTE
    if columns > most[0] or weights > most[1]:
        claims = f"it claims {weights} weights for {columns} inputs in {size} bytes of tensors"
        refuse(path, claims, f"at most {most[1]} for {most[0]}")
