"""The options of workloads on the command line, stated once: a command that takes them has a parameter `options`."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from simulator.cli.command import Command
from workloads.options import WorkloadOptions

MachineName = Annotated[
    str, typer.Argument(help="A machine (eie, scnn), a shipped configuration (eie_64pe) or a .yaml file.")
]
SOURCES = (
    "a layer or network that `list` shows, or a file: .onnx, .safetensors (tensors, or what `compress` wrote), .npz, "
    ".mtx, .smtx, .yaml (recipes); FILE:LAYER for one of its layers"
)
"""What a workload's name can be. Static, so that the help needs no source to be imported."""
WorkloadName = Annotated[str, typer.Argument(help=f"{SOURCES[0].upper()}{SOURCES[1:]}.")]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a number; repeatable.")]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", help="Number format of the weights, where the machine has a choice: nvfp4, int4-g128 ..."),
]
EngineOption = Annotated[str, typer.Option(help="numba (compiled) or simpy (the readable model).")]

OPTIONS: dict[str, tuple[object, object]] = {
    "seed": (int, typer.Option(help="Seed of drawn layers.")),
    "scale": (
        float,
        typer.Option(help="Both sides of the matrix (channels and plane) times this, above 0 and at most 1."),
    ),
    "density": (float | None, typer.Option(help="Keep this share of the weights, by magnitude.")),
    "activation_density": (float | None, typer.Option(help="Share of non-zero values of a drawn input.")),
    "input_shape": (
        str | None,
        typer.Option(help="Sizes of a drawn input: 1,3,224,224; by name, of inputs (.onnx) or layers: a=3,32,32;b=64."),
    ),
    "granularity": (
        int,
        typer.Option(
            help="Prune a convolution's weights (0), kernel rows (1), kernels (2), filters (3) or 16 outputs (4)."
        ),
    ),
    "layer": (str | None, typer.Option(help="Which layer of a network or a file, in place of all (or FILE:LAYER).")),
    "activation": (
        str | None,
        typer.Option("--input", help="An .npz file with the input of a layer or network."),
    ),
    "stride": (int | None, typer.Option(min=1, help="Of a convolution whose file holds only weights.")),
    "padding": (int | None, typer.Option(min=0, help="Zeros on each side, of a convolution likewise.")),
    "tokens": (int | None, typer.Option(min=1, help="A fully connected layer: draw this many input vectors.")),
    "sample": (int, typer.Option(min=0, help="Which input of a pretrained network.")),
    "steps": (int | None, typer.Option(min=1, help="LSTM, GRU: this many time steps.")),
    "prune": (
        str | None,
        typer.Option(help="LSTM, GRU: balanced (the same share in each PE, the default) or plain magnitude pruning."),
    ),
    "step": (str | None, typer.Option(help="A language model: decode (the default) or prefill.")),
    "batch": (int | None, typer.Option(min=1, help="A language model: sequences that run together.")),
    "context": (int | None, typer.Option(min=1, help="A language model: tokens with the new one, or prompt.")),
    "drafts": (int, typer.Option(min=0, help="A language model: drafted tokens, verified in one step.")),
    "lora": (int, typer.Option(min=0, help="A language model: rank of a side path next to each projection.")),
    "computed": (bool, typer.Option("--computed", help="A network: each layer reads what the one before it puts out.")),
}
"""Field of `WorkloadOptions` -> type and help of its option."""


class MachineFirst(Command):
    """A command of a machine and a workload; with the machine forgotten it says so in a sentence (InputError)."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is left of the arguments. InputError where something is missing and the machine is a workload."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter:
            from simulator.config.machine_first import check_machine_first

            check_machine_first(ctx.params.get("machine"))
            raise


def takes_workload(command: Callable[..., None], without: tuple[str, ...] = ()) -> Callable[..., None]:
    """Replace the parameter `options` of a command by the options of workloads, but for those that it has otherwise."""
    names = [name for name in OPTIONS if name not in without]
    signature = inspect.signature(command)
    stated = {
        name: inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=WorkloadOptions._field_defaults[name],
            annotation=Annotated[form, option],
        )
        for name, (form, option) in OPTIONS.items()
        if name in names
    }
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.name == "options":
            parameters += stated.values()
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    def stating(**given: Any) -> None:
        command(options=WorkloadOptions(**{name: given.pop(name) for name in names}).check(), **given)

    stating.__name__, stating.__doc__ = command.__name__, command.__doc__
    stating.__annotations__ = {one.name: one.annotation for one in parameters}
    stating.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return stating
