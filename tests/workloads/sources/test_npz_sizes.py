"""Archives that unpack to far more than their bytes, or claim to: refused before anything is allocated."""

import io
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save_file

from workloads.errors import InputError
from workloads.model import open_model
from workloads.sources.named_arrays import read_npz
from workloads.sources.npz import array_names, load_arrays
from workloads.sources.npz_sizes import BYTES_A_BYTE, FREE_BYTES, most_bytes
from workloads.sources.safetensors import list_tensors, read_tensors

MIB = 1 << 20


def header(shape, dtype="<f4"):
    held = io.BytesIO()
    np.lib.format.write_array_header_2_0(held, {"descr": dtype, "fortran_order": False, "shape": shape})
    return held.getvalue()


def zeros(path, megabytes, method=zipfile.ZIP_DEFLATED, names=("weight",)):
    """Packed arrays of zeros, float32 [1024, 256 * megabytes] each, written piece by piece."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name in names:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                file.write(header((1024, 256 * megabytes)))
                for _ in range(megabytes):
                    file.write(bytes(MIB))
    return path


def refused(path, *words, most=8 * MIB):
    """The sentence, and that reading took little memory until it was said."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as error:
            load_arrays(path)
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()
    sentence = str(error.value)
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    for word in (*words, "; expected "):
        assert word in sentence, sentence
    return sentence


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_packed_zeros_beyond_the_bound_are_refused(method, tmp_path):
    path = zeros(tmp_path / "bomb.npz", 150, method)
    size = path.stat().st_size
    assert size < MIB
    refused(
        path, f"it has {size:,} bytes and unpacks to 157,286,5", "expected at most 134,217,728 (128 MiB, or 128 times"
    )


@pytest.mark.parametrize("dtype", ["i1", "f2", "?"])
def test_narrow_values_count_as_the_float32_that_they_become(dtype, tmp_path):
    path = tmp_path / "narrow.npz"
    values = FREE_BYTES // 4 + 1
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("weight.npy", "w") as file:
        file.write(header((values,), dtype) + bytes(values * np.dtype(dtype).itemsize))
    refused(path, f"unpacks to {4 * values:,}", "4 bytes a value or more")
    np.savez(tmp_path / "plain.npz", weight=np.zeros(values, dtype))
    assert load_arrays(tmp_path / "plain.npz")["weight"].dtype == dtype


def test_the_bound_is_for_all_arrays_together(tmp_path):
    refused(zeros(tmp_path / "bomb.npz", 50, names=("a", "b", "c")), "unpacks to 157,2")


def test_entries_that_share_their_bytes_are_counted_each(tmp_path):
    path = zeros(tmp_path / "bomb.npz", 10)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(20):
            twin = zipfile.ZipInfo(f"w{number}.npy")
            held = archive.getinfo("weight.npy")
            for key in ("compress_type", "compress_size", "file_size", "CRC", "header_offset"):
                setattr(twin, key, getattr(held, key))
            archive.filelist.append(twin)
        archive._didModify = True
    refused(path, "and unpacks to 220,2")


@pytest.mark.parametrize("packed", [False, True])
def test_an_array_that_claims_more_than_its_bytes_is_refused(packed, tmp_path):
    path = tmp_path / "claim.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        archive.writestr("weight.npy", header((50_000, 50_000)) + bytes(1000))
    refused(
        path, "weight is float32 [50000, 50000], 10,000,000,000 bytes, and has 1,000", "expected 10,000,000,000 bytes"
    )
    assert array_names(path) == {"weight"}


@pytest.mark.parametrize("form", ["csr", "coo", "dia"])
def test_scipys_archives_are_bounded_too(form, tmp_path):
    path = tmp_path / "m.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in {"csr": ("indices", "indptr"), "coo": ("row", "col"), "dia": ("offsets",)}[form]:
            archive.writestr(f"{name}.npy", header((10**10,), "<i4") + bytes(100))
        for name, array in (("format", np.array(form)), ("shape", np.array([9, 9])), ("data", np.ones(1))):
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array)
    refused(path, "int32 [10000000000], 40,000,000,000 bytes, and has 100")


def test_a_single_array_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "a.npz").write_bytes(header((50_000, 50_000)))
    refused(tmp_path / "a.npz", "it holds a single array; expected an .npz archive of named arrays")


def test_object_arrays_stay_refused(tmp_path):
    np.savez(tmp_path / "o.npz", weight=np.array([{}], dtype=object))
    refused(tmp_path / "o.npz", "weight cannot be read", "pickled objects are never loaded")


def test_a_sparse_layer_of_moderate_size_opens(tmp_path):
    """All zeros but one weight: 1,000 times smaller as a file, and 16 MiB unpacked; and one of 64 MiB."""
    path = tmp_path / "sparse.npz"
    weight = np.zeros((2048, 2048), np.float32)
    weight[3, 4] = 1.5
    np.savez_compressed(path, weight=weight)
    assert weight.nbytes > 900 * path.stat().st_size
    (found,) = read_npz(path).layers
    np.testing.assert_array_equal(found.read().layer.weight, weight)
    assert open_model(path, activation=np.ones(2048)).layers[0].load({}).layer.weight_density == 1 / weight.size
    assert load_arrays(zeros(tmp_path / "zeros.npz", 64))["weight"].shape == (1024, 256 * 64)


def test_one_weight_in_a_hundred_is_within_the_bound(tmp_path):
    """Of float32 and float64: the ratio that packing reaches at this density does not depend on the size."""
    rng = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        weight = np.where(rng.random((2048, 2048)) < 1e-2, rng.standard_normal((2048, 2048)), 0).astype(dtype)
        np.savez_compressed(tmp_path / "w.npz", weight=weight)
        assert weight.nbytes < BYTES_A_BYTE * (tmp_path / "w.npz").stat().st_size
    assert most_bytes(0) == FREE_BYTES
    assert most_bytes(FREE_BYTES) == BYTES_A_BYTE * FREE_BYTES


def test_an_archive_that_packs_nothing_is_never_too_large(tmp_path):
    np.savez(tmp_path / "w.npz", weight=np.zeros((4, 4)))
    whole = sum(one.file_size for one in zipfile.ZipFile(tmp_path / "w.npz").infolist())
    assert whole < (tmp_path / "w.npz").stat().st_size


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [50_000, 50_000]},
        {"shape": [50_000, 50_000], "data_offsets": [0, 10_000_000_000]},
        {"shape": [1 << 40, 1 << 40]},
        {"data_offsets": [0, 1 << 62]},
        {"data_offsets": [64, 128]},
    ],
)
def test_safetensors_that_claim_more_than_their_bytes(change, tmp_path):
    path = tmp_path / "t.safetensors"
    save_file({"fc.weight": np.ones((4, 4), np.float32)}, path)
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    head = json.loads(content[8 : 8 + size])
    head["fc.weight"].update(change)
    text = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size :])
    tracemalloc.start()
    try:
        for read in (read_tensors, list_tensors, lambda path: open_model(str(path))):
            with pytest.raises(InputError, match=r"t\.safetensors: .*; expected a \.safetensors file"):
                read(path)
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()


def test_a_safetensors_header_that_claims_more_than_the_file(tmp_path):
    for claim in (1 << 62, 50_000_000, 100):
        (tmp_path / "t.safetensors").write_bytes(struct.pack("<Q", claim) + b"{}")
        with pytest.raises(InputError, match=r"t\.safetensors: .*; expected a \.safetensors file"):
            list_tensors(tmp_path / "t.safetensors")
