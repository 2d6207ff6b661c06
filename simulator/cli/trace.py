"""The command `trace`: the timeline of a run for the public viewer."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.loading import load_config, load_layer
from simulator.cli.options import (
    ActiveOption,
    DensityOption,
    GranularityOption,
    InputOption,
    LayerName,
    MachineName,
    PickOption,
    PruneOption,
    SampleOption,
    ScaleOption,
    SeedOption,
    Settings,
    StepsOption,
)
from simulator.cli.parts import console, progress


def trace(
    machine: MachineName,
    workload: LayerName,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .json file to write.")],
    window: Annotated[
        str | None, typer.Option(metavar="FIRST:LAST", help="Only these cycles, LAST not included; default: the run.")
    ] = None,
    events: Annotated[
        int, typer.Option(min=1, help="Most spans and counter values; where there are more, cycles share bins.")
    ] = 100_000,
    settings: Settings = None,
    seed: SeedOption = 0,
    scale: ScaleOption = 1.0,
    density: DensityOption = None,
    activation_density: ActiveOption = None,
    granularity: GranularityOption = 0,
    layer: PickOption = None,
    activation: InputOption = None,
    sample: SampleOption = 0,
    steps: StepsOption = None,
    prune: PruneOption = None,
) -> None:
    """Write what each unit did when: open the file in ui.perfetto.dev, or draw it with `plot`."""
    from simulator import timeline
    from workloads.errors import InputError

    if output.suffix != ".json":
        raise InputError(f"{output}: it ends with {output.suffix!r}; expected a name that ends with .json")
    chosen_window = None if window is None else _parse_window(window)
    config = load_config(machine, settings, "numba")
    drawn: dict[str, Any] = {"seed": seed, "scale": scale, "activation_density": activation_density, "steps": steps}
    given: dict[str, Any] = {"layer": layer, "activation": activation, "sample": sample}
    pruned: dict[str, Any] = {"density": density, "granularity": granularity, "prune": prune}
    chosen = load_layer(config, workload, **drawn, **given, **pruned)
    with progress(f"simulating {chosen.name} on {config.name}"):
        recorded = timeline.record(config, chosen, window=chosen_window, most_events=events)
        told = timeline.tell(recorded)
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in told.pop("traceEvents"))
    facts = json.dumps(told, indent=1, allow_nan=False).removeprefix("{")
    output.write_text(f'{{"traceEvents":[\n{lines}\n],{facts}\n', "utf-8")
    console().print(
        f" {len(recorded.tracks):,} tracks and {recorded.events:,} events written to {output}: {recorded.note()}",
        highlight=False,
        markup=False,
    )


def _parse_window(text: str) -> tuple[int, int]:
    """`FIRST:LAST` -> both."""
    from workloads.errors import InputError

    first, _, last = text.partition(":")
    try:
        return int(first), int(last)
    except ValueError:
        raise InputError(f"--window is {text!r}; expected FIRST:LAST, cycles") from None
