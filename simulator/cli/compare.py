"""The command `compare`: one workload on several machines."""

from functools import partial
from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, put_out
from simulator.cli.progress import progress
from simulator.cli.workload_options import WorkloadName, takes_workload
from workloads.options import WorkloadOptions


@partial(takes_workload, without=("layer",))
def compare(
    workload: WorkloadName,
    machines: Annotated[str, typer.Option(help="Machines, configurations or .yaml files: eie,scnn,own.yaml.")],
    options: WorkloadOptions,
    layers: Annotated[
        list[str] | None, typer.Option("--layer", help="Only this layer of a network or file; repeatable.")
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(help="Each machine with each of these number formats of the weights: codebook4,nvfp4,mxfp4."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="Which machine ratios refer to (dcnn where it is present, else the last that ran a layer)."),
    ] = None,
    common_prices: Annotated[
        bool, typer.Option("--common-prices", help="Price the events of all machines by one list at 45 nm.")
    ] = False,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Run a workload on several machines: time, energy, EDP and DRAM traffic, by layer and in total."""
    from simulator.cli.tables.model import print_comparison
    from simulator.run.compare import compare_on
    from simulator.run.executor import Execution
    from simulator.run.machines import load_machines

    one_format(as_json, as_csv)
    configs = load_machines(machines, formats)
    if common_prices:
        from simulator.pricing.common.prices import with_common_prices

        configs = {name: with_common_prices(config) for name, config in configs.items()}
    with progress(f"comparing on {machines}") as watch:
        how = Execution(progress=watch.step)
        comparison = compare_on(configs, workload, options, baseline, layers or (), how)
    put_out(
        as_json,
        as_csv,
        comparison.to_dict,
        comparison.to_frame,
        lambda: print_comparison(console(), comparison),
        comparison.notes,
    )
    if not all(result.total().output_matches_reference for result in comparison.results.values()):
        raise typer.Exit(1)
