"""Files -> LSTM layers that stand one above the other, with the sequences that enter the lowest."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from workloads.arrays import float32, shaped
from workloads.documents import LONGEST_SHOWN, shorten
from workloads.errors import refuse
from workloads.layers import Lstm
from workloads.lstm_tensors import Stack, read_stack
from workloads.network_file import KEY
from workloads.onnx_reader import read_onnx
from workloads.readers import array_names, load_arrays
from workloads.stored import pick
from workloads.tensor_file import read_metadata

NEEDED = ("weight_input", "weight_hidden")
KEYS = (*NEEDED, "bias", "peephole", "projection", "cell_gate", "activation")
CELL_GATES = ("tanh", "sigmoid")
SEQUENCES = "[steps, inputs] or [voices, steps, inputs]"


def is_lstm_file(path: Path) -> bool:
    """Whether a file is to be read as an LSTM: an ONNX model, or named arrays among which are an LSTM's weights."""
    if path.suffix == ".onnx":
        return True
    if not path.is_file():
        return False
    if path.suffix == ".npz":
        return bool(set(NEEDED) & array_names(path))
    return path.suffix == ".safetensors" and KEY not in read_metadata(path)


def read_lstms(path: Path, given: np.ndarray | Path | None, layer: str | None) -> list[Lstm]:
    """Read the layers of one stack, the lowest first; that one has its activation, the others have none.

    By the file's ending: .npz (one layer, see `from_lstm_arrays`), .safetensors (see `lstm_tensors.read_stack`), or
    .onnx (one layer; its input is what the model computes from its own, the first batch element). given: the input,
    numbers [steps, inputs] or [voices, steps, inputs], or an .npz that holds it under the stack's name or as
    `activation`; it replaces the file's own, and for a backward stack it is reversed in time. For .onnx: the model's
    input, arrays by name in the .npz, or only one. layer: which stack of several. InputError where the file is damaged
    or what is needed is not there.
    """
    if path.suffix == ".onnx":
        return [_from_onnx(path, given, layer)]
    if path.suffix == ".npz":
        pick(path, [path.stem], layer)
        stack = Stack(path.stem, [from_lstm_arrays(path, path.stem, load_arrays(path))], reverse=False)
    elif path.suffix == ".safetensors":
        stack = read_stack(path, layer)
    else:
        refuse(path, f"it ends with {path.suffix!r}", "an LSTM in a file .npz, .safetensors or .onnx")
    lowest, *above = stack.layers
    activation = lowest.activation
    if given is not None:
        source, array = _given(given, stack.name)
        activation = _sequences(source, f"the input of {stack.name}", array, lowest.weight_input.shape[2])
    if activation is None:
        what = f"an input {SEQUENCES} (--input FILE.npz, with an array called after the LSTM or `activation`)"
        refuse(path, f"{stack.name} has no input", what)
    if stack.reverse:
        activation = np.ascontiguousarray(activation[..., ::-1, :])
    return [lowest._replace(activation=activation), *above]


def from_lstm_arrays(source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Lstm:
    """Check arrays and make a layer of them; what is wrong is said of `source`.

    `weight_input` float [4, cells, inputs] and `weight_hidden` float [4, cells, outputs], gates in the order input,
    output, forget, cell. Optional: `bias` [4, cells], `peephole` [3, cells] of the input, the output and the forget
    gate, `projection` [outputs, cells] (without one, every cell is an output), `cell_gate`, the string tanh (if absent)
    or sigmoid, and `activation`, numbers [steps, inputs] or [voices, steps, inputs].
    """
    _check_keys(source, arrays)
    weight_input = shaped(source, "weight_input", arrays["weight_input"], {"gates": 4, "cells": None, "inputs": None})
    _, cells, inputs = weight_input.shape
    rows, outputs, projection = {"cells of weight_input": cells}, {"outputs, as many as cells": cells}, None
    if "projection" in arrays:
        projection = shaped(source, "projection", arrays["projection"], {"outputs": None, **rows})
        outputs = {"outputs of projection": len(projection)}
    optional = {"bias": {"gates": 4, **rows}, "peephole": {"gates": 3, **rows}}
    found = {key: shaped(source, key, arrays[key], sizes) for key, sizes in optional.items() if key in arrays}
    return Lstm(
        name=name,
        weight_input=weight_input,
        weight_hidden=shaped(source, "weight_hidden", arrays["weight_hidden"], {"gates": 4, **rows, **outputs}),
        bias=found.get("bias"),
        activation=_sequences(source, "activation", arrays["activation"], inputs) if "activation" in arrays else None,
        peephole=found.get("peephole"),
        projection=projection,
        cell_gate=_cell_gate(source, arrays["cell_gate"]) if "cell_gate" in arrays else "tanh",
    )


def _check_keys(source: object, arrays: Mapping[str, np.ndarray]) -> None:
    for key in NEEDED:
        if key not in arrays:
            held = shorten(", ".join(arrays) or "nothing", 4 * LONGEST_SHOWN)
            refuse(source, f"it has no {key} (it has {held})", f"the keys {', '.join(KEYS)}")
    for key in arrays:
        if key not in KEYS:
            refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")


def _cell_gate(source: object, array: np.ndarray) -> str:
    """The one string of the array; damaged text may be no Unicode, which numpy does not check."""
    if array.dtype.kind != "U" or array.size != 1:
        refuse(source, f"cell_gate has dtype {array.dtype} and shape {list(array.shape)}", "one string")
    text = array.astype(array.dtype.newbyteorder("<")).tobytes().decode("utf-32-le", "replace").rstrip("\0")
    if text not in CELL_GATES:
        refuse(source, f"cell_gate is {shorten(repr(text), LONGEST_SHOWN)}", " or ".join(CELL_GATES))
    return text


def _sequences(source: object, key: str, array: np.ndarray, inputs: int) -> np.ndarray:
    """The array as float32 [steps, inputs] or [voices, steps, inputs]; integers are numbers too."""
    if array.dtype.kind not in "fui":
        refuse(source, f"{key} has dtype {array.dtype}", "numbers")
    if array.ndim not in (2, 3) or array.shape[-1] != inputs:
        refuse(source, f"{key} has shape {list(array.shape)}", f"{SEQUENCES} with {inputs} inputs")
    return float32(source, key, array if array.dtype.kind == "f" else array.astype(np.float32))


def _given(given: np.ndarray | Path, name: str) -> tuple[object, np.ndarray]:
    """Where the input comes from, and the array."""
    if isinstance(given, np.ndarray):
        return "input", given
    arrays = load_arrays(given)
    key = name if name in arrays else "activation"
    if key not in arrays:
        held = shorten(", ".join(arrays) or "nothing", 4 * LONGEST_SHOWN)
        refuse(given, f"it has {held}", f"an array called {name} or activation")
    return given, arrays[key]


def _from_onnx(path: Path, given: np.ndarray | Path | None, layer: str | None) -> Lstm:
    """An LSTM layer of a model, with what enters it as the model runs on its input."""
    if given is None:
        refuse(path, "it has no input", "the model's input (--input FILE.npz, with arrays by name, or only one)")
    arrays: Mapping[str, np.ndarray] | np.ndarray = load_arrays(given) if isinstance(given, Path) else given
    if isinstance(arrays, dict) and len(arrays) == 1:
        (arrays,) = arrays.values()
    network = read_onnx(path, arrays)
    found = {one.name: one for one in network.layers if isinstance(one, Lstm)}
    if not found:
        why = "; ".join(told for told in network.skipped if told.startswith("LSTM "))
        refuse(path, f"it has no LSTM layer that is read ({why or 'no LSTM node'})", "an ONNX model with an LSTM")
    names = list(found)
    return found[names[pick(path, names, layer)]]
