"""What enters an ONNX model: arrays that a user gives, or ones drawn after the shapes that the model declares."""

import math
from collections.abc import Mapping
from os import fspath
from pathlib import Path

import numpy as np

from workloads.array_checks import refuse_lost
from workloads.errors import refuse
from workloads.file_names import stem_text
from workloads.kinds.drawing import generator, parse_shape, shapes_by_name
from workloads.options import Input, WorkloadOptions
from workloads.sources.npz import load_arrays
from workloads.sources.onnx.graph import OnnxGraph, dtype_of

OPEN_SIZE = 64
"""Of an axis whose size a model leaves open, other than the first, which is the batch, of size 1."""
MOST_DRAWN = 1 << 24
"""Elements of an input whose sizes nobody asked for; a small file may declare any number."""
FORM = "the sizes of the input"


def model_inputs(graph: OnnxGraph, options: WorkloadOptions) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """What numbers enter a model by input name, [declared shapes] of declared dtypes, and a note for each drawn one.

    InputError where given arrays are not the model's, or where `options.input_shape` does not fit.
    """
    if options.activation is not None:
        if options.input_shape is not None:
            refuse(graph.path, f"input_shape is {options.input_shape}", "none, as the input is given")
        return _match(graph, read_arrays(options.activation)), ()
    asked = _asked_shapes(graph, options)
    rng = generator(stem_text(graph.path), options.seed)
    found, notes = dict[str, np.ndarray](), []
    for name in graph.inputs:
        shape = _shape(graph, name, asked.get(name))
        found[name] = _draw(dtype_of(graph, name), shape, rng)
        notes.append(f"the input {name} {list(shape)} is drawn (--input FILE.npz gives one, --input-shape its sizes)")
    return found, tuple(notes)


def read_arrays(given: Input) -> Mapping[str, np.ndarray] | np.ndarray:
    """Arrays of numbers by name, or the only one of a file, [any shape]. InputError where a file cannot be read."""
    if isinstance(given, np.ndarray):
        return given
    assert given is not None
    if isinstance(given, Mapping):
        return given
    arrays = load_arrays(Path(fspath(given)))
    return next(iter(arrays.values())) if len(arrays) == 1 else arrays


def _match(graph: OnnxGraph, given: Mapping[str, np.ndarray] | np.ndarray) -> dict[str, np.ndarray]:
    """The arrays by the names of the model's inputs; floating point is converted to the dtype that it declares."""
    expected = f"arrays for {', '.join(graph.inputs) or 'no input'}"
    if isinstance(given, np.ndarray):
        if len(graph.inputs) != 1:
            refuse(graph.path, "one array is given", expected)
        given = {next(iter(graph.inputs)): given}
    if set(given) != set(graph.inputs):
        refuse(graph.path, f"the input is given for {', '.join(given) or 'nothing'}", expected)
    return {name: _converted(graph, name, array) for name, array in given.items()}


def _converted(graph: OnnxGraph, name: str, array: np.ndarray) -> np.ndarray:
    """An array, numbers [any shape], in the declared dtype if both are floating point; InputError where it is lost."""
    wanted = dtype_of(graph, name)
    if array.dtype.kind != "f" or wanted.kind != "f":
        return array
    with np.errstate(over="ignore"):
        found = array.astype(wanted)
    beyond = np.isfinite(array) & ~np.isfinite(found)
    if beyond.any():
        what = f"input {name} holds {array[beyond][0]:g}, which {wanted} does not hold"
        refuse(graph.path, what, f"values of {wanted}")
    refuse_lost(graph.path, f"input {name}", array, found)
    return found


def _asked_shapes(graph: OnnxGraph, options: WorkloadOptions) -> dict[str, object]:
    """What `options.input_shape` asks for, by input. InputError where an input is unknown or not named."""
    asked = options.input_shape
    if asked is None:
        return {}
    named = shapes_by_name(asked)
    if named is None:
        if len(graph.inputs) != 1:
            expected = f"NAME=SIZES for some of {', '.join(graph.inputs)}, with ; between them"
            refuse(graph.path, f"input_shape is {asked!r:.60}", expected)
        return {next(iter(graph.inputs)): asked}
    for name in named:
        if name not in graph.inputs:
            refuse(graph.path, f"input_shape names {name}", f"one of {', '.join(graph.inputs)}")
    return dict(named)


def _shape(graph: OnnxGraph, name: str, asked: object) -> tuple[int, ...]:
    """The shape of a drawn input: as asked for, or as declared, with a size for each open axis."""
    declared = graph.sizes.get(name, ())
    if asked is None:
        shape = tuple(size or (1 if axis == 0 else OPEN_SIZE) for axis, size in enumerate(declared))
        if math.prod(shape) > MOST_DRAWN:
            what = f"its input {name} {list(shape)} is too large to draw"
            refuse(graph.path, what, f"at most {MOST_DRAWN:,} elements, or the input itself (--input FILE.npz)")
        return shape
    shape = parse_shape(str(graph.path), asked, len(declared), FORM)
    if any(size not in (0, given) for size, given in zip(declared, shape, strict=True)):
        form = ", ".join(str(size or "any") for size in declared)
        refuse(graph.path, f"input_shape of {name} is {list(shape)}", f"[{form}], as the model declares")
    return shape


def _draw(dtype: np.dtype, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Normal numbers; integers and truth values are 0 and 1, which are an index of nearly any table."""
    if dtype.kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    return rng.integers(0, 2, shape).astype(dtype)
