"""The options of a machine and its workload, which several commands share."""

from typing import Annotated

import typer

MachineName = Annotated[
    str, typer.Argument(help="A machine (eie, scnn), a shipped configuration (eie_64pe) or a .yaml file.")
]
LayerName = Annotated[
    str, typer.Argument(help="A zoo layer or network, or a file: .npz, .yaml (recipes), .safetensors (compressed).")
]
Settings = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a number; repeatable.")]
SeedOption = Annotated[int, typer.Option(help="Seed of drawn layers.")]
ScaleOption = Annotated[
    float, typer.Option(help="Both sides of the matrix (channels and plane) times this, above 0 and at most 1.")
]
InputOption = Annotated[
    str | None, typer.Option("--input", help="An .npz file with the input of a compressed network's layer.")
]
PickOption = Annotated[str | None, typer.Option("--layer", help="Which layer of a file (or FILE:LAYER).")]
SampleOption = Annotated[int, typer.Option(min=0, help="Which input of a real network.")]
DensityOption = Annotated[float | None, typer.Option(help="Keep this share of the weights, by magnitude.")]
StepsOption = Annotated[int | None, typer.Option(min=1, help="LSTM: so many time steps.")]
PruneOption = Annotated[
    str | None, typer.Option(help="LSTM: balanced (the same share in each PE, the default) or plain magnitude pruning.")
]
ActiveOption = Annotated[
    float | None, typer.Option("--activation-density", help="Share of non-zero inputs of a drawn layer.")
]
GranularityOption = Annotated[
    int, typer.Option(help="Prune a convolution's weights (0), kernel rows (1), kernels (2) or filters (3).")
]
ComputedFlag = Annotated[
    bool, typer.Option("--computed", help="A network: each layer sees what the one before it puts out.")
]
EngineOption = Annotated[str, typer.Option(help="numba (compiled) or simpy (the readable model).")]
