"""The command `sweep`: many points, in parallel, kept in a store."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import JsonFlag, console
from simulator.cli.interruption import INTERRUPTED, interrupted_with
from simulator.cli.sweep_progress import rate_in_words, stopping, watching
from simulator.cli.worker_options import ClusterOption, FixedOption, JobsOption, SecurityOption
from simulator.cli.workload_options import SOURCES, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.sweeps.axes import Value
    from simulator.sweeps.run import Progress
    from simulator.sweeps.sweep_file import NamedSweep
    from workloads.document_types import Document

MOST_NOTES = 5
"""Printed sentences about points."""


@partial(takes_workload, without=("computed",))
def sweep(
    what: Annotated[str, typer.Argument(help="A sweep (a name or a .yaml file), or a machine with a workload.")],
    workload: Annotated[str | None, typer.Argument(help=f"After a machine: {SOURCES}.")] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUES", help="What varies: a,b,c or start:stop:count, both ends included."),
    ] = None,
    *,
    options: WorkloadOptions,
    together: Annotated[bool, typer.Option("--zip", help="The axes move together instead of being combined.")] = False,
    settings: FixedOption = None,
    store: Annotated[
        Path | None,
        typer.Option(help="The store, a file (else MACHINE-WORKLOAD.db here); the same one goes on where it was."),
    ] = None,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    cluster_security: SecurityOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Simulate every point of a sweep; what the store holds already is not run again."""
    from simulator.sweeps.api import run_sweep

    sweep = _find_sweep(what, workload, over or [], together, settings or [], options)
    path = Path(sweep.store) if store is None else store
    with interrupted_with(f"what is stored in {path} stays"), stopping() as stopped, watching(sweep.name) as watch:
        done = run_sweep(
            sweep,
            store=path,
            jobs=jobs,
            cluster=cluster,
            cluster_security=cluster_security,
            watch=watch,
            stop=stopped,
        )
    if as_json:
        print(json.dumps(_to_dict(done, path), indent=2))
    else:
        _print(sweep, done, path)
    if done.stopped and done.left:
        raise typer.Exit(INTERRUPTED)
    if done.failed:
        raise typer.Exit(1)


def _find_sweep(
    what: str, workload: str | None, over: list[str], together: bool, settings: list[str], options: WorkloadOptions
) -> "NamedSweep":
    """A sweep by name or file; or one of a machine, a workload and axes. options: the same at all points."""
    from simulator.config.machine_first import check_machine_first
    from simulator.sweeps.axes import parse_axis, take_groups
    from simulator.sweeps.sweep_file import NamedSweep, load_sweep, make_space, named_sweeps
    from workloads.errors import refuse

    if what not in named_sweeps():
        check_machine_first(what)
    if workload is None:
        if over or settings or together or options.given():
            refuse(what, "axes are given without a workload", "a machine and a workload, or a sweep alone")
        return load_sweep(what)
    axes = (parse_axis(text) for text in over)
    groups = take_groups("sweep", [axes] if together and over else ([axis] for axis in axes))
    fixed = fixed_settings(settings, options)
    name = f"{Path(what).stem}-{Path(workload).stem}"
    return NamedSweep(name, make_space("sweep", [what], [workload], groups, fixed), f"{name}.db")


def fixed_settings(settings: list[str], options: WorkloadOptions) -> "dict[str, Value]":
    """What is the same at all points, out of `--set` and the options of workloads. InputError where both give a key."""
    from simulator.sweeps.axes import parse_axis
    from workloads.errors import refuse

    fixed: dict[str, Value] = {}
    for text in settings:
        name, values = parse_axis(text, "--set")
        if len(values) > 1 or name in fixed:
            refuse(f"--set {text}", f"{name} has more than one value", "one, or --over for several")
        fixed[name] = values[0]
    for option, value in options.given().items():
        key = "input" if option == "activation" else option
        if key in fixed:
            refuse(f"--set {key}", f"--{key.replace('_', '-')} is given, too", "one of them")
        fixed[key] = value
    return fixed


def _to_dict(done: "Progress", path: Path) -> "Document":
    counts = {"store": str(path), "points": done.points, "in_store_before": done.known, "run": done.run}
    counts |= {"failed": done.failed, "left": done.left}
    return {**counts, "seconds": done.seconds, "errors": done.errors, "notes": done.notes}


def _print(sweep: "NamedSweep", done: "Progress", path: Path) -> None:
    """What was done, and what is to do."""
    from rich.markup import escape

    from simulator.results.text import counted

    screen = console()
    if sweep.figures and not done.left:
        from simulator.cli.tables.sweep import print_figures

        print_figures(screen, sweep, path)
    rate = f" in {done.seconds:.1f} s ({rate_in_words(done.rate)})" if done.run else ""
    before = f"{done.known:,} {'was' if done.known == 1 else 'were'} in the store"
    summary = f"{counted(done.points, 'point')}, {before}, {done.run:,} run{rate}, {done.failed:,} failed"
    screen.print(f" {escape(str(path))}: {summary}", highlight=False)
    for error, count in list(done.errors.items())[:3]:
        screen.print(f" [red]failed[/]  {counted(count, 'point')}: {escape(error)}", highlight=False)
    if done.failed:
        screen.print(f" zeroskip results {escape(str(path))} --where 'error != None' shows them", highlight=False)
    for note, count in list(done.notes.items())[:MOST_NOTES]:
        screen.print(f" [yellow]note[/]  {counted(count, 'point')}: {escape(note)}", highlight=False)
    if len(done.notes) > MOST_NOTES or done.more_notes:
        screen.print(f" zeroskip results {escape(str(path))} --columns id,notes shows all notes", highlight=False)
    if done.left:
        left = f"{counted(done.left, 'point')} {'is' if done.left == 1 else 'are'} left"
        screen.print(f" {left}; the same command goes on from here", highlight=False)
