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
        for number, (data, form) in enumerate([*((one, "codebook") for one in archives()[:5]), *_in_formats()]):
            (Path(folder) / f"n{number}.npz").write_bytes(data)
            options = ["--density", "0.5", "--format", form, "-o", f"n{number}.safetensors"]
            call(["compress", f"n{number}.npz", *options], Path(folder))
            found.append((Path(folder) / f"n{number}.safetensors").read_bytes())
    return found


def _in_formats() -> list[tuple[bytes, str]]:
    """A fully connected layer in formats that share scales, levels and fraction bits."""
    return [(archives()[0], form) for form in ("nvfp4", "int4-g16", "mxfp8", "fp8", "ternary", "linear12", "bf16")]


def read(data: bytes, folder: Path) -> None:
    path = str(write(folder, "in.safetensors", data))
    try_all(
        lambda: run("scnn", path), lambda: run("ese", path), lambda: call(["inspect", "in.safetensors"], folder),
        lambda: run("eie_nvfp4", path),
    )  # fmt: skip


OWN = change_metadata("zeroskip", _checksum)
HARNESS = Harness("compressed", read, seeds, [OWN, OWN, OWN, change_header, change_tensors])
