"""Networks that `zeroskip compress` wrote, with damage that their checksum does not show."""

import tempfile
from pathlib import Path

from ..commands import call
from ..harness import Harness
from ..mutators.tensors import change_header, change_metadata, change_tensors
from .models import run, try_all, write
from .npz import seeds as archives


def _checksum(tensors: object) -> str:
    from workloads.sources.compressed import file

    return str(file._checksum(tensors))  # type: ignore[arg-type]


def seeds() -> list[bytes]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(archives()[:5]):
            (Path(folder) / f"n{number}.npz").write_bytes(data)
            call(["compress", f"n{number}.npz", "--density", "0.5", "-o", f"n{number}.safetensors"], Path(folder))
            found.append((Path(folder) / f"n{number}.safetensors").read_bytes())
    return found


def read(data: bytes, folder: Path) -> None:
    path = str(write(folder, "in.safetensors", data))
    try_all(
        lambda: run("scnn", path), lambda: run("ese", path), lambda: call(["inspect", "in.safetensors"], folder)
    )  # fmt: skip


OWN = change_metadata("zeroskip", _checksum)
HARNESS = Harness("compressed", read, seeds, [OWN, OWN, OWN, change_header, change_tensors])
