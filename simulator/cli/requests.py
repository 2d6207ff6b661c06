"""The command `requests`: what a machine asks of its DRAM, as traces for other simulators."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import console, load_config
from simulator.cli.interruption import whole_step
from simulator.cli.progress import progress
from simulator.cli.workload_options import FormatOption, MachineName, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.config.load import Config
    from simulator.hardware.dram.requests import Requests
    from workloads.workload import Layer

    Channels = Sequence[Requests]


@takes_workload
def requests(
    machine: MachineName,
    workload: WorkloadName,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="A directory, of a network with one for each layer; traces are replaced."),
    ],
    options: WorkloadOptions,
    settings: Settings = None,
    form: FormatOption = None,
) -> None:
    """Write what a machine asks of each DRAM channel: addresses for Ramulator 2, with clocks for DRAMsim3."""
    from simulator.core.registry import find, machines
    from simulator.results.model_result import LayerRow
    from simulator.run.executor import naming_file, open_for
    from simulator.run.layers import describe_notes, for_each_layer
    from workloads.errors import InputError

    config = load_config(machine, settings, form=form)
    if not find(config.machine).dram_events:
        known = ", ".join(name for name, one in machines().items() if one.dram_events)
        raise InputError(f"machine {config.machine}: it reports no requests; expected a machine that does ({known})")
    paths, lines, rows = list[Path](), list[str](), list[LayerRow]()
    with ExitStack() as partials:
        with progress(f"simulating {workload} on {config.name}") as watch, naming_file(workload, options.layer):
            model = open_for(config, workload, options)
            asked = for_each_layer(model, lambda layer: _requests(config, layer), watch.step)
            for number, done in enumerate(asked, 1):
                channels, notes = done.made or ((), ())
                rows.append(LayerRow(done.layer, done.kind, notes=notes, reason=done.reason))
                folder = output / _folder_name(number, done.layer) if model.network else output
                lines += [f"{done.layer}, {line}" if model.network else line for line in _describe(channels)]
                paths += _write(folder, channels, partials)
        with whole_step(*paths):
            partials.close()
    for line in (*lines, *(f"note  {note}" for note in describe_notes(config, model, rows))):
        console().print(f" {line}", highlight=False, markup=False)


def _requests(config: "Config", layer: "Layer") -> "tuple[Channels, tuple[str, ...]]":
    """What a layer asks of each channel, and what is noted of it. InputError where it asks nothing."""
    from simulator.core.registry import find
    from simulator.run.executor import load_for
    from workloads.errors import InputError

    workload, machine = load_for(config, layer), find(config.machine)
    channels = machine.dram_requests(config.arch, machine.layout(config.arch, workload.layer))
    if not any(channel.line.size for channel in channels):
        needed = "a layer that needs one" if config.arch.dram is not None else "a memory, as --set dram=hbm2"
        raise InputError(f"{workload.name}: nothing is asked of a DRAM on {config.name}; expected {needed}")
    return channels, (*workload.notes, *workload.layer.notes)


def _folder_name(number: int, layer: str) -> str:
    """`07_conv_1`: in running order, of characters that every file system takes."""
    return f"{number:02}_{re.sub(r'[^A-Za-z0-9._-]+', '_', layer)[:100]}"


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _describe(channels: "Channels") -> Iterator[str]:
    from simulator.hardware.dram.spec import to_clock

    for number, channel in enumerate(channels):
        last = int(to_clock(channel.dram, channel.cycle).max(initial=0))
        count = f"{channel.line.size:,} requests of {channel.dram.line_bytes} bytes"
        yield f"channel {number}: {count}, the last in memory clock {last:,}"


def _write(folder: Path, channels: "Channels", partials: ExitStack) -> Iterator[Path]:
    """Write both traces of each channel to files that become those of these names when `partials` is closed."""
    from simulator.export.dram_traces import write_dramsim3, write_ramulator
    from simulator.hardware.dram.spec import to_clock
    from workloads.whole_files import make_folder, whole_file

    for number, channel in enumerate(channels):
        for one in (folder.parent, folder):
            partials.callback(_remove_if_empty, one)
        make_folder(folder)
        ramulator, dramsim3 = (folder / f"channel_{number}.{name}.trace" for name in ("ramulator", "dramsim3"))
        arrival = to_clock(channel.dram, channel.cycle)
        write_ramulator(partials.enter_context(whole_file(ramulator)), channel.dram, channel.line, channel.write)
        partial = partials.enter_context(whole_file(dramsim3))
        write_dramsim3(partial, channel.dram, channel.line, channel.write, arrival)
        yield from (ramulator, dramsim3)
