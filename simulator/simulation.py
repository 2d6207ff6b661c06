"""One workload on one configuration, from beginning to end."""

from time import perf_counter

from simulator.accelerator import Run, chain, totals
from simulator.config import Config
from simulator.energy import area_mm2, price
from simulator.registry import find
from simulator.report import Result
from workloads.catalogue import Workload


def simulate(config: Config, workload: Workload, *, engine: str = "numba", trace_cycles: int = 0) -> Result:
    """Run `workload` on `config`.

    engine: `numba` (compiled, for use) or `simpy` (the model, to be read); both give the same result, and either may
    be asked for the trace of the first `trace_cycles` cycles.
    """
    machine = find(config.machine)
    runner, streams, arch = machine.engine(engine), machine.part("streams"), machine.part("arch")
    began = perf_counter()
    passes = streams.layout(config.arch, workload.layer)
    run: Run = chain([runner.run(config.arch, one, trace_cycles) for one in passes])
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
        energy=price(totals(run.counts), run.cycles, units, config.technology),
        area_mm2=area_mm2(units, config.technology),
        violations=streams.violations(config.arch, passes),
        elapsed_s=elapsed,
    )
