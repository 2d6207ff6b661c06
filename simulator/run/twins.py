"""A machine's two witnesses on a model: the SimPy model and the engine, layer by layer, and the reference kernel."""

import sys
from collections.abc import Iterator
from typing import NamedTuple

from simulator.config.load import Config
from simulator.core.registry import find
from simulator.core.run import first_difference
from simulator.results.result import Result
from simulator.run import verify
from simulator.run.executor import load_for, open_for
from simulator.run.simulate import simulate
from workloads.errors import refuse
from workloads.model import Origin
from workloads.options import WorkloadOptions


class Twins(NamedTuple):
    """A layer on both; `difference`: where they first differ, or None."""

    layer: str
    model: Result
    engine: Result
    difference: str | None


def check_twins(config: Config, source: Origin, options: WorkloadOptions) -> Iterator[Twins]:
    """Run both on every layer that the machine runs, with the trace of the whole run.

    InputError where there is none, or where the source cannot be opened.
    """
    kinds = find(config.machine).kinds
    model, ran = open_for(config, source, options), False
    for layer in model.layers:
        if model.network and layer.kind is not None and layer.kind not in kinds:
            continue
        ran = True
        workload = load_for(config, layer)
        engine = simulate(config, workload, engine="numba", trace_cycles=sys.maxsize)
        simpy = simulate(config, workload, engine="simpy", trace_cycles=sys.maxsize)
        reference = verify.reference_output(engine)
        engine, simpy = (verify.check_output(result, reference) for result in (engine, simpy))
        difference = first_difference(simpy.run, engine.run)
        if difference is None and not engine.output_matches_reference:
            difference = "output: model and engine agree, but not with the reference kernel"
        yield Twins(layer.name, simpy, engine, difference)
    if not ran:
        refuse(model.name, f"{config.name} runs none of its layers", "a machine that does")
