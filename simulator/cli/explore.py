"""The command `explore`: a search for the best configurations in several figures, with few simulations."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, put_out
from simulator.cli.interruption import INTERRUPTED, interrupted_with
from simulator.cli.sweep import fixed_settings
from simulator.cli.sweep_progress import stopping, watching
from simulator.cli.worker_options import ClusterOption, FixedOption, JobsOption, SecurityOption
from simulator.cli.workload_options import MachineName, WorkloadName, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.sweeps.explore.exploration import Exploration

MOST_NOTES = 5
"""Printed sentences about points."""
Less = Annotated[str | None, typer.Option(metavar="A,B", help="Figures: less is better.")]
More = Annotated[str | None, typer.Option(metavar="A,B", help="Figures: more is better.")]
Over = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUES,...",
        help="Keys of the machine that vary: a,b,c; start:stop, each whole number; start:stop:x2, each twice the one "
        "before; start:stop:count as in `sweep`.",
    ),
]
Limits = Annotated[
    list[str] | None, typer.Option("--limit", metavar="BOUND", help='A bound, "area_mm2<=40" or >=; repeatable.')
]
Fits = Annotated[
    bool, typer.Option("--all/--fits", help="Also points that do not fit their machine, or none of them (default).")
]


@partial(takes_workload, without=("computed", "seed"))
def explore(
    machine: MachineName,
    workload: WorkloadName,
    over: Over = None,
    minimise: Less = None,
    maximise: More = None,
    limits: Limits = None,
    *,
    options: WorkloadOptions,
    every: Fits = False,
    trials: Annotated[int, typer.Option(min=1, help="Different points to try, those in the store among them.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Of the search; --set seed=N is that of drawn layers.")] = 0,
    settings: FixedOption = None,
    store: Annotated[
        Path | None,
        typer.Option(help="The store, a file, which sweeps may share (else MACHINE-WORKLOAD.db here)."),
    ] = None,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    cluster_security: SecurityOption = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    r"""Search a machine's keys for configurations that none beats: NSGA-II, points run and kept as those of a sweep.

    The seed decides the result, the number of workers does not. --csv prints all trials. The exit code is 1 where none
    takes part. Needs pip install 'zeroskip\[search]'.
    """
    from simulator.sweeps.explore.api import explore as search
    from simulator.sweeps.explore.keys import parse_keys

    one_format(as_json, as_csv)
    keys, fixed = parse_keys(over or []), fixed_settings(settings or [], options)
    name = f"{Path(machine).stem}-{Path(workload).stem}"
    path = Path(f"{name}.db") if store is None else store
    with interrupted_with(f"what is stored in {path} stays"), stopping() as stopped, watching(name) as watch:
        found = search(
            machine, workload, keys, minimise=minimise or "", maximise=maximise or "", limits=limits or [],
            fits=not every, fixed=fixed, trials=trials, seed=seed, store=path, jobs=jobs, cluster=cluster,
            cluster_security=cluster_security, watch=watch, stop=stopped,
        )  # fmt: skip
    put_out(as_json, as_csv, found.to_dict, found.to_frame, lambda: _print(found, path), lambda: found.sentences)
    if found.stopped:
        raise typer.Exit(INTERRUPTED)
    if not found.front:
        raise typer.Exit(1)


def _print(found: "Exploration", path: Path) -> None:
    """The front as a table, then what was tried."""
    from rich.markup import escape

    from simulator.cli.tables.sweep import print_frame

    screen = console()
    if found.front:
        print_frame(screen, found.distinct())
    for sentence in found.sentences:
        screen.print(f" {escape(sentence)}", highlight=False)
    screen.print(f" {escape(str(path))}: {found.run:,} of them run, the others were in the store", highlight=False)
    for note, count in list(found.notes.items())[:MOST_NOTES]:
        screen.print(f" [yellow]note[/]  {count:,} of the points run: {escape(note)}", highlight=False)
    if found.stopped:
        screen.print(" stopped; the same command goes on from here", highlight=False)
