"""Changes of .safetensors files: of the header's JSON, of the tensors; with the right checksum where there is one."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from .plain import flip_bits, set_bytes
from .trees import change_tree


def change_header(data: bytes, rng: Random) -> bytes:
    """Names, types, shapes, places, metadata."""
    found = split(data)
    if found is None:
        return flip_bits(data, rng)
    return join(change_tree(found[0], rng), found[1])


def change_tensors(data: bytes, rng: Random) -> bytes:
    """The bytes after the header."""
    found = split(data)
    if found is None:
        return flip_bits(data, rng)
    return join(found[0], rng.choice([flip_bits, set_bytes, _wild])(found[1], rng))


def drop_tensor(data: bytes, rng: Random) -> bytes:
    """Of the others, none changes its place: the library refuses a hole, so the last one is dropped."""
    found = split(data)
    names = [] if found is None else [name for name in found[0] if name != "__metadata__"]
    if found is None or not names:
        return flip_bits(data, rng)
    header, body = found
    try:
        last = max(names, key=lambda name: header[name]["data_offsets"][1])
        end = header.pop(last)["data_offsets"][0]
    except (TypeError, KeyError, IndexError):
        return data
    return join(header, body[:end]) if isinstance(end, int) else data


def rename_tensors(data: bytes, rng: Random) -> bytes:
    """Two tensors exchange their names, or one gets a name that a reader looks for."""
    found = split(data)
    names = [] if found is None else [name for name in found[0] if name != "__metadata__"]
    if found is None or not names:
        return flip_bits(data, rng)
    header, one = found[0], rng.choice(names)
    ends = ["weight", "bias", "weight_ih_l0", "weight_hh_l0", "weight_orig", "weight_mask", "weight_g", "weight_v"]
    other = rng.choice([*names, *ends, f"{one}.weight", "fc.running_mean", "fc.running_var", f"{one}_l1"])
    header[one], header[other] = header.get(other, header[one]), header[one]
    return join(header, found[1])


def change_metadata(key: str, checksum: Callable[[dict[str, np.ndarray]], str]) -> Callable[[bytes, Random], bytes]:
    """Changes of the JSON text `key` of the metadata, with the checksum of the tensors as they are."""

    def change(data: bytes, rng: Random) -> bytes:
        from safetensors.numpy import load, save

        found = split(data)
        try:
            assert found is not None
            said = json.loads(found[0]["__metadata__"][key])
            tensors = load(data)
        except Exception:  # of a damaged file
            return flip_bits(data, rng)
        if rng.random() < 0.5 and tensors:
            _change_one(tensors, rng)
        else:
            said = change_tree(said, rng)
        if isinstance(said, dict) and "checksum" in said:
            said["checksum"] = checksum(tensors)
        return bytes(save(tensors, {key: json.dumps(said)}))

    return change


def _change_one(tensors: dict[str, np.ndarray], rng: Random) -> None:
    """A tensor: its values, its type, its size, or its place."""
    name = rng.choice(sorted(tensors))
    array = tensors[name]
    kind = rng.randrange(5)
    if kind == 0:
        del tensors[name]
    elif kind == 1:
        tensors[name] = np.ascontiguousarray(array.reshape(-1)[: rng.randrange(array.size + 1)])
    elif kind == 2:
        with np.errstate(all="ignore"):
            tensors[name] = array.astype(rng.choice(["f4", "u1", "i8", "f2"]))
    elif array.size:
        changed = array.copy().reshape(-1)
        extreme = [np.nan, np.inf, 1e38, 0.0] if array.dtype.kind == "f" else [0, 1, 16, 255]
        changed[rng.randrange(changed.size)] = np.asarray(rng.choice(extreme)).astype(array.dtype)
        tensors[name] = changed.reshape(array.shape)


def split(data: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Header and tensors; None where there is no header."""
    size = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + size])
    except ValueError:
        return None
    return (header, data[8 + size :]) if isinstance(header, dict) else None


def join(header: Any, body: bytes) -> bytes:
    """A file; sizes of the header as the library wants them."""
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    return len(text).to_bytes(8, "little") + text + body


def _wild(body: bytes, rng: Random) -> bytes:
    place = 4 * rng.randrange(len(body) // 4 + 1)
    value = np.float32(rng.choice([np.nan, np.inf, 3.4e38, 1e-45, 0.0])).tobytes()
    return body[:place] + value + body[place + 4 :] if place + 4 <= len(body) else body
