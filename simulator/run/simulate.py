"""One workload on one configuration, from beginning to end."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from simulator.config.load import Config
from simulator.core.registry import find
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
    passes: Sequence[Any] | None = None,
) -> Result:
    """Run `workload` on `config`.

    engine: `numba` (compiled, for use) or `simpy` (the model, to be read); both give the same result, and either may
    be asked for the trace of the first `trace_cycles` cycles. output: False leaves the output out (length 0) where the
    engine can save the work. passes: what the machine's `streams.layout` made of the workload for this architecture,
    to use it again.
    """
    if trace_cycles < 0:
        raise InputError(f"trace_cycles is {trace_cycles}; expected 0 or more")
    machine = find(config.machine)
    runner, streams, arch = machine.engine(engine), machine.part("streams"), machine.part("arch")
    began = perf_counter()
    if passes is None:
        passes = streams.layout(config.arch, workload.layer)
    run_one = runner.run if output else getattr(runner, "run_without_output", runner.run)
    run = _run_passes(run_one, streams, config.arch, passes, trace_cycles)
    run = run._replace(trace=run.trace[:, :trace_cycles])
    elapsed = perf_counter() - began
    units, spent = arch.units(config.arch), totals(run.reasons)
    return Result(
        config=config,
        workload=workload,
        engine=engine,
        run=run,
        reasons={kind: {name: spent[name] for name in names} for kind, names in arch.REASON_UNITS.items()},
        figures=arch.figures(config.arch, run.cycles, run.counts),
        energy=_energy(config, passes, run, units),
        area_mm2=area_mm2(units, config.technology),
        dram_bytes=arch.dram_bytes(config.arch, run.counts),
        roofline=arch.roofline(config.arch, run.counts),
        units=units,
        violations=streams.violations(config.arch, passes),
        elapsed_s=elapsed,
        tables=machine.part("tables").tables(config.arch, passes) if machine.has("tables") else [],
    )


def _energy(config: Config, passes: Sequence[Any], run: Run, units: Mapping[str, int]) -> list[Line]:
    """What the run costs; DRAM by its data sheet, where the configuration says so."""
    lines = price(totals(run.counts), run.cycles, units, config.technology)
    if config.technology.dram_energy == FLAT:
        return lines
    from simulator.pricing.dram_billing import by_data_sheet

    traffic = find(config.machine).part("traffic")
    asked = traffic.requests(config.arch, passes)
    return by_data_sheet(lines, str(config.told["dram"]), asked, traffic.ASKED, run.cycles)


def _run_passes(run_one: Any, streams: Any, arch: Any, passes: Sequence[Any], trace_cycles: int) -> Run:
    """Run pass after pass; where the machine's streams say how, each is fed with what the one before put out."""
    runs: list[Run] = []
    for one in passes:
        fed = streams.feed(one, runs[-1].output) if runs and hasattr(streams, "feed") else one
        runs.append(run_one(arch, fed, trace_cycles))
    return chain(runs)
