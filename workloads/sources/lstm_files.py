"""Files -> LSTM layers that stand one above the other, with the sequences that enter the lowest."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.kinds.lstm.arrays import NEEDED, SEQUENCES, _sequences, from_lstm_arrays
from workloads.kinds.lstm.layer import Lstm
from workloads.sources.compressed.file import KEY
from workloads.sources.compressed.layers import pick
from workloads.sources.npz import array_names, load_arrays
from workloads.sources.onnx.reader import read_onnx
from workloads.sources.pytorch_lstm import Stack, read_stack
from workloads.sources.safetensors import read_metadata
from workloads.yaml_files import LONGEST_SHOWN, shorten


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
