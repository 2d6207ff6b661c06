"""Files as old versions of torch.save write them, made by hand."""

import io
import pickle

from workloads.sources.pretrained.restricted_pickle import TORCH_MAGIC


def named(module, name):
    """A pickle's global: module and name in text, as protocol 0 has it."""
    return f"c{module}\n{name}\n".encode()


def torch_file(storages, tensors, **changes):
    """tensors: name -> (storage key, offset, size, stride)."""
    file = io.BytesIO()
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}, **changes}
    for part in (changes.get("magic", TORCH_MAGIC), changes.get("protocol", 1001), system):
        pickle.dump(part, file, 2)
    body = b"\x80\x02" + named("collections", "OrderedDict") + b")R("
    for name, (key, offset, size, stride) in tensors.items():
        storage = named("torch", "FloatStorage")
        body += text(name) + named("torch._utils", "_rebuild_tensor_v2") + b"((" + text("storage") + storage
        body += text(key) + text("cpu") + number(len(storages[key])) + b"NtQ" + number(offset)
        body += b"(" + b"".join(map(number, size)) + b"t(" + b"".join(map(number, stride)) + b"t\x89"
        body += named("collections", "OrderedDict") + b")RtR"
    file.write(body + b"u.")
    pickle.dump(sorted(storages), file, 2)
    for key in sorted(storages):
        file.write(len(storages[key]).to_bytes(8, "little") + storages[key].astype("<f4").tobytes())
    return file.getvalue()


def text(value):
    return b"X" + len(value).to_bytes(4, "little") + value.encode()


def number(value):
    return f"I{value}\n".encode()
