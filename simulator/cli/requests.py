"""The command `requests`: what a machine asks of its DRAM, as traces for other simulators."""

from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.loading import load_config, load_layer
from simulator.cli.options import DensityOption, LayerName, MachineName, ScaleOption, SeedOption, Settings, StepsOption
from simulator.cli.parts import console, progress


def requests(
    machine: MachineName,
    workload: LayerName,
    output: Annotated[Path, typer.Option("--output", "-o", help="A directory; traces of the same names are replaced.")],
    settings: Settings = None,
    seed: SeedOption = 0,
    scale: ScaleOption = 1.0,
    density: DensityOption = None,
    steps: StepsOption = None,
) -> None:
    """Write what a machine asks of each DRAM channel: addresses for Ramulator 2, with clocks for DRAMsim3."""
    from simulator.core.registry import accelerators, find
    from simulator.export.dram_traces import write_dramsim3, write_ramulator
    from simulator.hardware.dram.spec import to_clock
    from workloads.errors import InputError

    config = load_config(machine, settings, "numba")
    found = find(config.machine)
    if not found.has("traffic"):
        told = ", ".join(name for name, machine in accelerators().items() if machine.has("traffic"))
        raise InputError(f"machine {config.machine}: it tells no requests; expected a machine that does ({told})")
    drawn: dict[str, Any] = {"seed": seed, "scale": scale, "density": density, "steps": steps, "layer": None}
    chosen = load_layer(config, workload, prune=None, **drawn)
    with progress(f"simulating {chosen.name} on {config.name}"):
        passes = found.part("streams").layout(config.arch, chosen.layer)
        channels = found.part("traffic").requests(config.arch, passes)
    if not any(asked.line.size for asked in channels):
        raise InputError(f"{chosen.name} on {config.name}: nothing is asked of a DRAM; expected a layer that needs one")
    output.mkdir(parents=True, exist_ok=True)
    for number, asked in enumerate(channels):
        arrival = to_clock(asked.dram, asked.cycle)
        write_ramulator(output / f"channel_{number}.ramulator.trace", asked.dram, asked.line, asked.write)
        write_dramsim3(output / f"channel_{number}.dramsim3.trace", asked.dram, asked.line, asked.write, arrival)
        told = f"channel {number}: {asked.line.size:,} requests of {asked.dram.line_bytes} bytes"
        console().print(f" {told}, the last in memory clock {int(arrival.max(initial=0)):,}", highlight=False)
