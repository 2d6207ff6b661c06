"""The command `requests`: what a machine asks of its DRAM, as traces for other simulators."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import console, load_config, progress
from simulator.cli.workload_options import MachineName, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions


@takes_workload
def requests(
    machine: MachineName,
    workload: WorkloadName,
    output: Annotated[Path, typer.Option("--output", "-o", help="A directory; traces of the same names are replaced.")],
    options: WorkloadOptions,
    settings: Settings = None,
) -> None:
    """Write what a machine asks of each DRAM channel: addresses for Ramulator 2, with clocks for DRAMsim3."""
    from simulator.core.registry import find, machines
    from simulator.export.dram_traces import write_dramsim3, write_ramulator
    from simulator.hardware.dram.spec import to_clock
    from simulator.run.executor import load_one
    from workloads.errors import InputError

    config = load_config(machine, settings)
    found = find(config.machine)
    if not found.dram_events:
        known = ", ".join(name for name, one in machines().items() if one.dram_events)
        raise InputError(f"machine {config.machine}: it reports no requests; expected a machine that does ({known})")
    with progress(f"simulating {workload} on {config.name}"):
        chosen = load_one(config, workload, options)
        channels = found.dram_requests(config.arch, found.layout(config.arch, chosen.layer))
    if not any(channel.line.size for channel in channels):
        raise InputError(f"{chosen.name} on {config.name}: nothing is asked of a DRAM; expected a layer that needs one")
    output.mkdir(parents=True, exist_ok=True)
    for number, channel in enumerate(channels):
        arrival = to_clock(channel.dram, channel.cycle)
        write_ramulator(output / f"channel_{number}.ramulator.trace", channel.dram, channel.line, channel.write)
        write_dramsim3(output / f"channel_{number}.dramsim3.trace", channel.dram, channel.line, channel.write, arrival)
        sentence = f"channel {number}: {channel.line.size:,} requests of {channel.dram.line_bytes} bytes"
        console().print(f" {sentence}, the last in memory clock {int(arrival.max(initial=0)):,}", highlight=False)
