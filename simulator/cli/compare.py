"""The command `compare`: one workload on several machines, or language models over contexts."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, put_out
from simulator.cli.progress import progress
from simulator.cli.workload_options import SOURCES, takes_workload
from workloads.errors import refuse
from workloads.options import WorkloadOptions
from workloads.regular_files import is_file

if TYPE_CHECKING:
    from simulator.config.load import Config
    from simulator.run.compare import Comparison
    from simulator.run.contexts import Contexts


@partial(takes_workload, without=("layer", "context"))
def compare(
    workload: Annotated[str, typer.Argument(help=f"{SOURCES[0].upper()}{SOURCES[1:]}; language models: a,b,c.")],
    machines: Annotated[str, typer.Option(help="Machines, configurations or .yaml files: eie,scnn,own.yaml.")],
    options: WorkloadOptions,
    layers: Annotated[
        list[str] | None, typer.Option("--layer", help="Only this layer of a network or file; repeatable.")
    ] = None,
    context: Annotated[
        str | None,
        typer.Option(help="Language models: tokens with the new ones, 8192, 1024,8192 or 1024:32768:6 (doubling)."),
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
    clock: Annotated[
        float | None, typer.Option(metavar="MHZ", help="The clock of all machines; default: each its own.")
    ] = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Run a workload on several machines: time, energy, EDP and DRAM traffic, by layer and in total.

    Several language models, or one with several contexts: tokens a second, joules and bytes of each.
    """
    one_format(as_json, as_csv)
    models = [workload] if is_file(workload) else [one.strip() for one in workload.split(",")]
    if "" in models:
        refuse("compare", f"workload is {workload!r:.60}", "a name before and after each comma")
    contexts = _contexts(context)
    if len(models) > 1 or len(contexts) > 1:
        _refuse_unused(baseline, layers or ())
        configs = _load(machines, formats, common_prices, clock, 1)
        found = _over_contexts(configs, models, contexts, options, machines)
        put_out(as_json, as_csv, found.to_dict, found.to_frame, lambda: _show_contexts(found), found.notes)
        right = found.output_matches_reference
    else:
        configs = _load(machines, formats, common_prices, clock, 2)
        options = options._replace(context=contexts[0] if contexts else None)
        comparison = _compare(configs, workload, options, baseline, layers or (), machines)
        document, frame = comparison.to_dict, comparison.to_frame
        put_out(as_json, as_csv, document, frame, lambda: _show(comparison), comparison.notes)
        right = all(result.total().output_matches_reference for result in comparison.results.values())
    if not right:
        raise typer.Exit(1)


def _refuse_unused(baseline: str | None, layers: Sequence[str]) -> None:
    """Refuse options of a comparison by layers (InputError), as ratios over contexts are to the first model."""
    from workloads.errors import refuse

    for key, value in (("--baseline", baseline), ("--layer", next(iter(layers), None))):
        if value is not None:
            refuse("compare", f"{key} {value:.60} is given", "none with several models or contexts")


def _contexts(text: str | None) -> list[int]:
    from simulator.run.contexts import parse_contexts

    return [] if text is None else parse_contexts(text)


def _load(
    machines: str, formats: str | None, common_prices: bool, clock: float | None, least: int
) -> "dict[str, Config]":
    """The machines by name, perhaps at one clock and at common prices."""
    from simulator.run.machines import load_machines, on_terms

    return on_terms(load_machines(machines, formats, least), clock, common_prices)


def _compare(
    configs: "dict[str, Config]",
    workload: str,
    options: WorkloadOptions,
    baseline: str | None,
    layers: Sequence[str],
    machines: str,
) -> "Comparison":
    from simulator.run.compare import compare_on
    from simulator.run.executor import Execution

    with progress(f"comparing on {machines}") as watch:
        return compare_on(configs, workload, options, baseline, layers, Execution(progress=watch.step))


def _over_contexts(
    configs: "dict[str, Config]", models: list[str], contexts: list[int], options: WorkloadOptions, machines: str
) -> "Contexts":
    from simulator.run.contexts import compare_contexts_on
    from simulator.run.executor import Execution

    with progress(f"comparing on {machines}") as watch:
        return compare_contexts_on(configs, models, contexts, options, Execution(progress=watch.step))


def _show(comparison: "Comparison") -> None:
    from simulator.cli.tables.model import print_comparison

    print_comparison(console(), comparison)


def _show_contexts(found: "Contexts") -> None:
    from simulator.cli.tables.contexts import print_contexts

    print_contexts(console(), found)
