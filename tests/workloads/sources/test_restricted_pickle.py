"""Pickles made by hand, hostile ones, damaged ones."""

import gzip
import pickle
import re
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.torch_files import named, number, torch_file

from workloads.errors import InputError
from workloads.sources.pretrained.restricted_pickle import GLOBALS, read_pickle, read_torch

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)


def write(path, content):
    path.write_bytes(content)
    return path


GOOD = {
    "array": ARRAY,
    "fortran": np.asfortranarray(ARRAY),
    "big-endian": ARRAY.astype(">f8"),
    "integers": np.arange(5),
    "empty": np.zeros((0, 3)),
    "containers": [(1, 2.5, "text", None, True), {"a": ARRAY, 3: b"raw"}],
}


@pytest.mark.parametrize("case", GOOD)
@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_plain_pickles_are_read(case, protocol, pack, tmp_path):
    found = read_pickle(write(tmp_path / "data.pkl", pack(pickle.dumps(GOOD[case], protocol))))
    assert repr(found) == repr(GOOD[case])


def test_numpy_1_wrote_other_names(tmp_path):
    content = pickle.dumps(ARRAY, 2).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    np.testing.assert_array_equal(read_pickle(write(tmp_path / "data.pkl", content)), ARRAY)


def test_what_stands_twice_is_read_once(tmp_path):
    value = ARRAY
    for _ in range(100):  # 2**100 arrays, if each were read for itself
        value = [value, value]
    found = read_pickle(write(tmp_path / "data.pkl", pickle.dumps(value)))
    assert found[0] is found[1]


class Calls:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


HOSTILE = {
    "call": (pickle.dumps(Calls(pytest.fail, "it was called")), "it asks for _pytest.outcomes._Fail, which is never"),
    "eval": (pickle.dumps(Calls(eval, "1 / 0")), "it asks for builtins.eval, which is never called"),
    "system": (named("os", "system") + b"(S'true'\ntR.", "it asks for os.system"),
    "dotted": (pickle.dumps(Calls(OrderedDict.fromkeys, [1])), "it asks for builtins.getattr"),
    "deep name": (b"\x80\x04\x8c\x05numpy\x8c\x0bndarray.dot\x93.", "it asks for numpy.ndarray.dot"),
    "instance": (b"(ios\nsystem\n.", "it asks for os.system"),
    "new": (pickle.dumps(object(), 2), "it asks for "),
    "copyreg": (b"\x82\x01.", "it cannot be read ("),
    "set": (pickle.dumps({1, 2}, 4), "it holds something that is no array"),
    "function": (named("numpy", "dtype") + b".", "it holds something that is no array"),
    "patched class": (named("collections", "OrderedDict") + b"N}S'update'\nNs\x86b.", "it cannot be read ("),
    "patched word": (named("numpy", "dtype") + b"N}S'__call__'\nNs\x86b.", "it cannot be read ("),
    "objects": (pickle.dumps(np.array([{}], object)), "it has an array of dtype O8"),
    "structured": (pickle.dumps(np.zeros(2, "f4,i4")), "it has an array of dtype V8"),
    "text array": (pickle.dumps(np.array(["a"])), "it has an array of dtype U1"),
    "persistent": (b"S'name'\nQ.", "it refers to something outside of it"),
    "loop": (b"(lp0\ng0\na.", "it cannot be read (maximum recursion depth"),
    "deep": (b"(l" * 100_000 + b"a" * 99_999 + b".", "it cannot be read (maximum recursion depth"),
    "tuple keys": (pickle.dumps({(1, 2): 3}), "it holds something that is no array"),
    "long": (b"\x8e" + (2**62).to_bytes(8, "little") + b"abc.", "it cannot be read ("),
    "far place": (b"N" + b"r" + (2**31).to_bytes(4, "little") + b".", "it keeps a value at place 2147483648"),
    "long bytearray": (b"\x96" + (2**34).to_bytes(8, "little") + b"abc.", "it cannot be read ("),
    "empty": (b"", "it cannot be read ("),
    "text": (b"some text", "it cannot be read ("),
    "no gzip": (b"\x1f\x8b\x08 no gzip", "it cannot be read ("),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("read", [read_pickle, read_torch])
def test_nothing_hostile_happens(case, read, tmp_path):
    content, sentence = HOSTILE[case]
    before = repr(sorted(GLOBALS.items()))
    path = write(tmp_path / "data.pkl", content)
    with pytest.raises(InputError) as error:
        read(path)
    assert repr(sorted(GLOBALS.items())) == before
    assert OrderedDict(a=1) == {"a": 1}
    assert str(error.value).endswith("; expected arrays or tensors in plain containers")
    if read is read_pickle:
        assert str(error.value).startswith(f"{path}: {sentence}")


NUMBERS = {"7": np.arange(12, dtype=np.float32), "3": np.array([5.0, -1])}
TENSORS = {
    "w": ("7", 0, (3, 4), (4, 1)),
    "t": ("7", 1, (4, 2), (1, 4)),
    "b": ("3", 0, (2,), (1,)),
    "s": ("3", 1, (), ()),
}
TORCH = torch_file(NUMBERS, TENSORS)


def test_torch_files_are_read(tmp_path):
    found = read_torch(write(tmp_path / "net.pkl", TORCH))
    w = NUMBERS["7"].reshape(3, 4)
    expected = {"w": w, "t": NUMBERS["7"][1:9].reshape(2, 4).T, "b": [5, -1], "s": -1}
    assert list(found) == list(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == np.float32


BAD_TORCH = {
    "magic": (torch_file(NUMBERS, TENSORS, magic=7), "it does not begin as torch files before 1.6 do"),
    "protocol": (torch_file(NUMBERS, TENSORS, protocol=1002), "it has an unknown protocol or byte order"),
    "big-endian": (torch_file(NUMBERS, TENSORS, little_endian=False), "it has an unknown protocol or byte order"),
    "too large": (
        torch_file(NUMBERS, {**TENSORS, "x": ("7", 0, (3, 5), (5, 1))}),
        "it has a tensor of shape [3, 5]",
    ),
    "too far": (
        torch_file(NUMBERS, {**TENSORS, "x": ("7", 1, (3, 4), (4, 1))}),
        "it has a tensor of shape [3, 4]",
    ),
    "negative": (torch_file(NUMBERS, {**TENSORS, "x": ("7", -1, (3,), (1,))}), "it has a tensor of an unknown form"),
    "bomb": (torch_file(NUMBERS, {**TENSORS, "x": ("7", 0, (99999, 99999), (0, 0))}), "it has a tensor of shape"),
    "short": (TORCH[:-1], "its storage 7 does not hold its 12 numbers"),
    "unused storage": (torch_file({**NUMBERS, "9": NUMBERS["3"]}, TENSORS), "its list of storages is not that of"),
    "other length": (TORCH.replace(number(12), number(13)), "its storage 7 does not hold its 13 numbers"),
    "huge": (TORCH.replace(number(12), number(2**40)), f"it has a storage of {2**40} numbers"),
    "call": (
        TORCH.replace(b"_rebuild_tensor_v2", b"_rebuild_parameter"),
        "it asks for torch._utils._rebuild_par",
    ),
}


@pytest.mark.parametrize("case", BAD_TORCH)
def test_bad_torch_files(case, tmp_path):
    content, sentence = BAD_TORCH[case]
    path = write(tmp_path / "net.pkl", content)
    with pytest.raises(InputError) as error:
        read_torch(path)
    assert str(error.value).startswith(f"{path}: {sentence}")


def test_no_file_and_no_tensors(tmp_path):
    for read in (read_pickle, read_torch):
        with pytest.raises(InputError, match="there is no such file; expected arrays or tensors"):
            read(tmp_path / "none.pkl")
    empty = torch_file({}, {}).replace(b")R(u.", b")R0].")
    with pytest.raises(InputError, match="it holds list; expected tensors by name"):
        read_torch(write(tmp_path / "net.pkl", empty))


@given(st.data())
def test_a_damaged_file_is_refused_in_a_sentence_or_still_read(tmp_path_factory, data):
    read, content = data.draw(st.sampled_from([(read_torch, TORCH), (read_pickle, pickle.dumps(GOOD["containers"]))]))
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path_factory.mktemp("damaged") / "data.pkl", damaged[: data.draw(st.integers(0, len(damaged)))])
    try:
        read(path)
    except InputError as error:
        assert re.fullmatch(r".*data\.pkl: .*; expected .*", str(error), re.DOTALL)
