"""The command `system`: a step of a workload on several chips joined by links, or collectives alone."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, one_format
from simulator.cli.workload_options import OPTIONS, FormatOption, takes_workload
from workloads.division import TENSOR
from workloads.errors import refuse
from workloads.options import WorkloadOptions

SHARE = 0.001
"""Of a gradient that is sent, where nothing else is asked for."""
TAKEN = ("seed", "step", "batch", "context", "drafts", "lora")
ChipsOption = Annotated[
    str | None, typer.Option("--chips", help="How many chips, a row each: 1,2,4,8; default: one, and all.")
]
CollectiveOption = Annotated[
    str | None,
    typer.Option(help="One by name, for a step in place of the fastest; without a workload, or a kind: all-reduce ..."),
]
SystemSettings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A number of the system, as link.gb_per_s=50; repeatable."),
]


@partial(takes_workload, without=tuple(name for name in OPTIONS if name not in TAKEN))
def system(
    name: Annotated[str, typer.Argument(metavar="SYSTEM", help="A shipped system, or a .yaml file.")],
    options: WorkloadOptions,
    workload: Annotated[
        str | None,
        typer.Argument(
            metavar="WORKLOAD", help="A language model; with --train-step, a network in training: alexnet ..."
        ),
    ] = None,
    train: Annotated[bool, typer.Option("--train-step", help="A step of data-parallel training.")] = False,
    chips: ChipsOption = None,
    split: Annotated[
        str, typer.Option(help="How a model is split: tensor (matrices), or experts (experts and sequences).")
    ] = TENSOR,
    overlap: Annotated[bool, typer.Option("--overlap", help="Exchange while chips compute something else.")] = False,
    collective: CollectiveOption = None,
    share: Annotated[
        float, typer.Option(help="Training: share of a gradient that is sent where it is sparse.")
    ] = SHARE,
    machine: Annotated[str | None, typer.Option(help="The machine of each chip, in place of the system's.")] = None,
    form: FormatOption = None,
    settings: SystemSettings = None,
    size: Annotated[
        int | None,
        typer.Option("--bytes", help="Collectives alone: of each chip's operand, or an all-gather's result."),
    ] = None,
    trace: Annotated[Path | None, typer.Option(help="A .json file to write: the timeline of the last row.")] = None,
    engine: Annotated[str, typer.Option(help="numba, or simpy: the model of the system, which is slow.")] = "numba",
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Run a step of a workload on several chips joined by links: time, joules, speed-up; or collectives alone."""
    one_format(as_json, as_csv)
    from simulator.cli import system_collectives, system_step

    if workload is None:
        _refuse_given(
            name, {"train-step": train, "chips": chips, "overlap": overlap, "trace": trace, "machine": machine}
        )
        _refuse_given(name, {"format": form, "split": split != TENSOR, "share": share != SHARE, **options.given()})
        kind = "all-reduce" if collective is None else collective
        system_collectives.show(name, size, kind, engine, settings or [], as_json, as_csv)
        return
    if size is not None:
        refuse(f"system {name:.60}", "--bytes is given with a workload", "one of them")
    if share != SHARE and not train:
        refuse(f"--share {share:g}", "it is given without --train-step", "both, or neither")
    wanted = "fastest" if collective is None else collective
    asked = system_step.StepAsked(
        name, workload, train, chips, split, overlap, wanted, share, machine, form, settings or [], engine, trace
    )
    system_step.show(asked, options, as_json, as_csv)


def _refuse_given(name: str, given: Mapping[str, object]) -> None:
    """InputError where an option of steps is given for collectives alone."""
    for key, value in given.items():
        if value is not None and value is not False:
            refuse(f"system {name:.60}", f"--{key} is given without a workload", "SYSTEM WORKLOAD, or --bytes alone")
