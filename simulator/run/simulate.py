"""One workload on one configuration, from beginning to end."""

from collections.abc import Mapping, Sequence
from time import perf_counter

from simulator.config.load import Config
from simulator.core.machine import A, AnyMachine, Machine, S
from simulator.core.registry import check_engine, find
from simulator.core.run import Run, chain, totals
from simulator.pricing.energy import Line, area_mm2, price
from simulator.pricing.technology import FLAT
from simulator.results.result import Result
from workloads.errors import InputError
from workloads.workload import Workload


def simulate(
    config: Config,
    workload: Workload,
    *,
    engine: str = "numba",
    output: bool = True,
    trace_cycles: int = 0,
    passes: Sequence[object] | None = None,
) -> Result:
    """Run a layer on a configuration.

    >>> from simulator.config.load import load_arch
    >>> from workloads.model import load_workload
    >>> result = simulate(load_arch("eie", pes=4), load_workload("alexnet-fc8", scale=0.01))
    >>> result.run.cycles, result.run.output.shape
    (34, (10,))

    engine: `numba` (compiled, for use) or `simpy` (the model, to be read); both give the same result, and either may
    be asked for the trace of the first `trace_cycles` cycles. output: False leaves the output out (length 0) where the
    engine can save the work; a layer of shapes without values has none. passes: what `Machine.layout` made of the
    workload for this architecture, to use it again.
    InputError where the machine cannot run the layer.
    """
    if trace_cycles < 0:
        raise InputError(f"trace_cycles is {trace_cycles}; expected 0 or more")
    check_engine(engine)
    machine, arch = find(config.machine), config.arch
    began = perf_counter()
    if passes is None:
        passes = machine.layout(arch, workload.layer)
    run = _run_passes(machine, arch, passes, engine, trace_cycles, output and workload.sample is None)
    run = run._replace(trace=run.trace[:, :trace_cycles])
    elapsed = perf_counter() - began
    units, spent, counts = machine.units(arch), totals(run.reasons), totals(run.counts)
    return Result(
        config=config,
        workload=workload,
        engine=engine,
        run=run,
        counts=counts,
        reasons={kind: {name: spent[name] for name in names} for kind, names in machine.reason_units.items()},
        figures=machine.figures(arch, run.cycles, run.counts).to_dict(),
        energy=_energy(config, machine, passes, run.cycles, counts, units),
        area_mm2=area_mm2(units, config.technology),
        dram_bytes=machine.dram_bytes(arch, run.counts),
        roofline=machine.roofline(arch, run.counts)._asdict(),
        units=units,
        violations=machine.violations(arch, passes),
        elapsed_s=elapsed,
        tables=list(machine.tables(arch, passes)),
    )


def _energy(
    config: Config,
    machine: AnyMachine,
    passes: Sequence[object],
    cycles: int,
    counts: Mapping[str, int],
    units: Mapping[str, int],
) -> list[Line]:
    """What the run costs; DRAM by its data sheet, where the configuration says so."""
    lines = price(counts, cycles, units, config.technology)
    if config.technology.dram_energy == FLAT:
        return lines
    from simulator.pricing.dram_billing import by_data_sheet

    requests = machine.dram_requests(config.arch, passes)
    return by_data_sheet(lines, str(config.written["dram"]), requests, machine.dram_events, cycles)


def _run_passes(
    machine: Machine[A, S], arch: A, passes: Sequence[S], engine: str, trace_cycles: int, output: bool
) -> Run:
    """Run pass after pass; each may read what the one before it gave, if that was computed."""
    runs: list[Run] = []
    for one in passes:
        streams = machine.feed(one, runs[-1].output) if runs and runs[-1].output.size else one
        if engine == "simpy":
            runs.append(machine.run_model(arch, streams, trace_cycles))
        else:
            runs.append(machine.run_engine(arch, streams, trace_cycles, output))
    return chain(runs)
