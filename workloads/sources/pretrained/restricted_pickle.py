"""Pickles of numbers, read without running their code: numpy arrays, and torch files as torch before 1.6 wrote them.

Unpickling makes data only: a global name becomes an immutable `PickledName`, a call the `PickledCall` that records it.
Arrays are then made from the few calls that are known. A pickle imports no module and calls no function.

A torch file is five pickles (magic number, protocol, sizes of C's types, the object, the keys of its storages) and then
the storages in the order of those keys: their length as int64, then their numbers, all little-endian.
"""

import gzip
import io
import math
import pickle
import pickletools
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.regular_files import check_regular
from workloads.yaml_files import shorten

TORCH_MAGIC, TORCH_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
STORAGES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "|i1",
    "ByteStorage": "|u1",
}
"""The numpy dtypes of torch's storages."""
MOST_BYTES = 2**31  # of an unpacked file
EXPECTED = "arrays or tensors in plain containers"


class RefusedError(pickle.UnpicklingError):
    """A pickle asks for something that is not allowed."""


class PickledName(NamedTuple):
    """A global name of a pickle. It is a tuple, so that a pickle cannot change it."""

    meaning: str

    def __call__(self, *arguments: object) -> "PickledCall":
        """Record that the name was called; nothing else happens."""
        return PickledCall(self, arguments)


class PickledCall:
    """A call that a pickle asks for, and the state that it gives to the result."""

    __slots__ = ("arguments", "name", "state")

    def __init__(self, name: PickledName, arguments: tuple[Any, ...]) -> None:
        self.name, self.arguments = name, arguments
        self.state: Any = None

    def __setstate__(self, state: object) -> None:
        """Keep the state; unpickling calls this."""
        self.state = state


class TorchStorage(NamedTuple):
    """A block of numbers in a torch file; tensors are views of it."""

    key: str
    form: str  # a numpy dtype
    length: int  # numbers


GLOBALS: Mapping[tuple[str, str], object] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("numpy.core.multiarray", "_reconstruct"): PickledName("array"),
    ("numpy._core.multiarray", "_reconstruct"): PickledName("array"),
    ("numpy", "ndarray"): PickledName("ndarray"),
    ("numpy", "dtype"): PickledName("dtype"),
    ("_codecs", "encode"): PickledName("bytes"),
    ("__builtin__", "bytes"): PickledName("bytes"),
    ("torch._utils", "_rebuild_tensor"): PickledName("tensor"),
    ("torch._utils", "_rebuild_tensor_v2"): PickledName("tensor"),
    **{("torch", name): PickledName(form) for name, form in STORAGES.items()},
}
"""The global names that a pickle may use, by module and name."""


def read_pickle(path: str | PathLike[str]) -> Any:
    """Read a pickle, plain or gzipped, of numbers, text, numpy arrays, and lists, tuples and mappings of them.

    Arrays keep their shapes and dtypes. InputError where the file is missing, damaged or holds more (a RefusedError).
    """
    return _attempt(Path(path), lambda content: _Resolver({}).resolve(_load(io.BytesIO(content))))


def read_torch(path: str | PathLike[str]) -> dict[str, np.ndarray]:
    """Read a state (tensors by name) that torch before 1.6 saved, as arrays [shapes of the tensors] of their dtypes.

    The dtypes are those of `STORAGES`: float16 to float64, int8 to int64, uint8. InputError where the file is missing,
    damaged or of another form, or holds anything but tensors.
    """
    state = _attempt(Path(path), _load_torch)
    if not isinstance(state, dict) or not all(isinstance(value, np.ndarray) for value in state.values()):
        refuse(path, f"it holds {type(state).__name__}", "tensors by name")
    return dict(state)


def _attempt(path: Path, load: Callable[[bytes], object]) -> object:
    """Read a file. Damaged bytes raise nearly any exception in pickle, gzip and numpy: all become an InputError."""
    check_regular(path, EXPECTED)
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RefusedError(f"it has more than {MOST_BYTES} bytes")
        return load(content)
    except RefusedError as error:
        refuse(path, str(error), EXPECTED)
    except Exception as error:
        reason = shorten(" ".join(str(error).split()) or type(error).__name__, 200)
        refuse(path, f"it cannot be read ({reason})", EXPECTED)


class _Unpickler(pickle.Unpickler):
    """Unpickles data only, and collects the storages of a torch file."""

    def __init__(self, file: io.BytesIO, storages: dict[str, TorchStorage]) -> None:
        super().__init__(file, encoding="latin1")  # Python 2 wrote numpy's bytes as text
        self.storages = storages

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in GLOBALS:
            raise RefusedError(f"it asks for {shorten(f'{module}.{name}', 100)}, which is never called")
        return GLOBALS[module, name]

    def persistent_load(self, pid: object) -> TorchStorage:
        """The storage that a torch file refers to by ('storage', type, key, device, length, view)."""
        if type(pid) is not tuple or len(pid) not in (5, 6) or pid[0] != "storage" or any(pid[5:]):
            raise RefusedError("it refers to something outside of it")
        _, kind, key, _, length = pid[:5]
        if type(kind) is not PickledName or kind.meaning not in STORAGES.values() or type(key) is not str:
            raise RefusedError("it has a storage of an unknown form")
        if type(length) is not int or not 0 <= length <= MOST_BYTES:
            raise RefusedError(f"it has a storage of {length!r} numbers")
        return self.storages.setdefault(key, TorchStorage(key, kind.meaning, length))


def _load(file: io.BytesIO, storages: dict[str, TorchStorage] | None = None) -> object:
    """Load the file's next pickle. It is scanned first: unpickling would allocate any length or index it claims."""
    begin = file.tell()
    for operation, argument, _ in pickletools.genops(file):
        if "PUT" in operation.name and argument is not None and argument > file.getbuffer().nbytes:
            raise RefusedError(f"it keeps a value at place {argument}")
    file.seek(begin)
    return _Unpickler(file, {} if storages is None else storages).load()


def _load_torch(content: bytes) -> object:
    """The object of a torch file, with arrays for tensors."""
    file = io.BytesIO(content)
    if _load(file) != TORCH_MAGIC:
        raise RefusedError("it does not begin as torch files before 1.6 do")
    protocol, system = _load(file), _load(file)
    if protocol != TORCH_PROTOCOL or not isinstance(system, dict) or system.get("little_endian") is not True:
        raise RefusedError("it has an unknown protocol or byte order")
    storages: dict[str, TorchStorage] = {}
    state, keys = _load(file, storages), _load(file)
    if not isinstance(keys, list) or sorted(map(str, keys)) != sorted(storages):
        raise RefusedError("its list of storages is not that of its tensors")
    return _Resolver({key: _numbers(file, storages[key]) for key in keys}).resolve(state)


def _numbers(file: io.BytesIO, storage: TorchStorage) -> np.ndarray:
    """The next storage of a torch file, [length], of the storage's dtype."""
    length, size = int.from_bytes(file.read(8), "little"), np.dtype(storage.form).itemsize
    content = file.read(storage.length * size)
    if length != storage.length or len(content) != length * size:
        raise RefusedError(f"its storage {shorten(storage.key, 40)} does not hold its {storage.length} numbers")
    return np.frombuffer(content, storage.form)


class _Resolver:
    """Replaces the calls in plain containers by arrays; a value that occurs more than once is resolved once."""

    def __init__(self, storages: Mapping[str, np.ndarray]) -> None:
        self.storages = storages
        self.known: dict[int, object] = {}

    def resolve(self, value: object) -> object:
        if value is None or type(value) in (bool, int, float, str, bytes):
            return value
        if id(value) not in self.known:
            self.known[id(value)] = self._resolve(value)
        return self.known[id(value)]

    def _resolve(self, value: Any) -> object:
        if type(value) in (list, tuple):
            return type(value)(self.resolve(item) for item in value)
        if type(value) in (dict, OrderedDict) and all(type(key) in (str, int) for key in value):
            return {key: self.resolve(item) for key, item in value.items()}
        if type(value) is PickledCall and value.name.meaning == "array":
            return _array(value)
        if type(value) is PickledCall and value.name.meaning == "bytes":
            return _bytes(value)
        if type(value) is PickledCall and value.name.meaning == "tensor":
            return self._tensor(*value.arguments)
        raise RefusedError("it holds something that is no array, number, text, list, tuple or mapping")

    def _tensor(
        self, storage: TorchStorage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
    ) -> np.ndarray:
        """A copy of a view of a storage; the arguments after the strides (gradients, hooks) are not used."""
        numbers = self.storages[storage.key]
        if not all(type(number) is int and number >= 0 for number in (offset, *size, *stride)):
            raise RefusedError("it has a tensor of an unknown form")
        last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
        if math.prod(size) > numbers.size or (0 not in size and last >= numbers.size):
            raise RefusedError(f"it has a tensor of shape {list(size)} beyond its {numbers.size} numbers")
        if 0 in size:
            return np.zeros(size, numbers.dtype)
        steps = tuple(step * numbers.itemsize for step in stride)
        return np.lib.stride_tricks.as_strided(numbers[offset:], size, steps).copy()


def _array(call: PickledCall) -> np.ndarray:
    """The array of a numpy pickle, whose state is (version, shape, dtype, whether in Fortran's order, bytes)."""
    _, shape, form, fortran, content = call.state  # any other state raises here or below
    raw = content.encode("latin1") if isinstance(content, str) else _bytes(content)
    return np.frombuffer(raw, _dtype(form)).reshape(shape, order="F" if fortran else "C").copy()


def _bytes(content: Any) -> Any:
    """The bytes of a pickle; protocols 0 to 2 hold them as a call that encodes text."""
    if type(content) is not PickledCall or content.name.meaning != "bytes":
        return content
    text, coding = content.arguments or ("", "latin1")
    if type(text) is not str or coding != "latin1":
        raise RefusedError("it has bytes of an unknown form")
    return text.encode("latin1")


def _dtype(call: Any) -> np.dtype:
    """The dtype of a numpy pickle: kind and size, with the state (version, byte order, None, None, None, ...)."""
    if type(call) is not PickledCall or call.name.meaning != "dtype" or type(call.arguments[0]) is not str:
        raise RefusedError("it has an array of an unknown dtype")
    kind, state = call.arguments[0], call.state or (3, "|", None, None, None)
    plain = re.fullmatch("[biuf][1248]", kind) and all(part is None for part in state[2:5])
    if not plain or state[1] not in ("<", ">", "|", "="):
        raise RefusedError(f"it has an array of dtype {shorten(kind, 40)}")
    return np.dtype(kind if state[1] == "|" else state[1] + kind)
