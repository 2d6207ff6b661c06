"""Texts of `--set KEY=VALUE`."""

from pathlib import Path
from random import Random

from ..commands import as_argument
from ..harness import Harness
from ..mutators.values import TEXTS, TOKENS

KEYS = [b"pes", b"queue_depth", b"clock_mhz", b"node_nm", b"dram", b"dram_energy", b"weight_bits", b"index_bits"]
KEYS += [
    b"scan_fill",
    b"spmat_bytes",
    b"batching",
    b"preload_bias",
    b"weight_format",
    b"scale_across",
    b"scale_bytes",
    b"scale_width_bits",
    b"activation_registers",
    b"x",
    b"",
    b"rows",
    b"columns",
]
VALUES = [
    *TOKENS,
    *(text.encode("utf-8", "surrogatepass") for text in TEXTS),
    b"none",
    b"hbm2",
    b"nvfp4",
    b"int4-g16",
    b"fp8",
    b"sheet",
    b"flat",
    b"7",
    b"28",
]


def setting(_data: bytes, rng: Random) -> bytes:
    """Some of the keys, with odd values."""
    return b"\n".join(rng.choice(KEYS) + b"=" + rng.choice(VALUES) for _ in range(rng.choice([1, 1, 2])))


def seeds() -> list[bytes]:
    return [
        b"pes=4",
        b"clock_mhz=400.5",
        b"dram=hbm2",
        b"node_nm=28\nqueue_depth=2",
        b"preload_bias=1",
        b"weight_format=nvfp4",
    ]


def read(data: bytes, folder: Path) -> None:  # noqa: ARG001
    """As `zeroskip run eie alexnet-fc8 --scale 0.005 --set A --set B`, a line each."""
    from simulator.cli.console import load_config
    from simulator.run.executor import run
    from workloads.model import make_options

    config = load_config("eie", [as_argument(line) for line in data.split(b"\n")])
    if config.arch.pes <= 1 << 12 and config.arch.queue_depth < 1 << 20:
        (result,) = run([config], "alexnet-fc8", make_options(scale=0.005))
        result.to_dict()


HARNESS = Harness("settings", read, seeds, [setting])
