"""What is asked of the inputs of a model's layers is refused where it can have no effect."""

from collections.abc import Mapping, Sequence
from os import fspath
from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.options import WorkloadOptions
from workloads.sources.npz import array_names, load_arrays
from workloads.yaml_files import LONGEST_SHOWN, shorten

CAPTURED = "inputs are captured as the network runs; the network's own input is given by --input"
"""Why no layer's input is drawn in a network that runs in floating point."""


def refuse_drawing(place: str, options: WorkloadOptions, why: str) -> None:
    """Refuse what is given of inputs to draw where none is drawn (InputError)."""
    for key in ("activation_density", "input_shape", "tokens"):
        if key in options.given():
            refuse(place, f"{key} is {getattr(options, key)}", f"none, as {why}")


def layer_inputs(place: str, options: WorkloadOptions, names: Sequence[str]) -> Mapping[str, np.ndarray] | None:
    """The inputs of a network by its layers' names, numbers [the layer's input], if they are given.

    InputError where they are no arrays by the layers' names, or have one for no layer.
    """
    given = options.activation
    if given is None:
        return None
    if isinstance(given, np.ndarray):
        refuse(place, "one array is the input of a network", "arrays by the layers' names")
    source = "input" if isinstance(given, Mapping) else Path(fspath(given))
    held = given if isinstance(given, Mapping) else sorted(array_names(Path(fspath(given))))
    for name in held:
        if name not in names:
            known = shorten(", ".join(names), 4 * LONGEST_SHOWN)
            refuse(source, f"it has {shorten(name, LONGEST_SHOWN)}, which is no layer", f"arrays called {known}")
    return given if isinstance(given, Mapping) else load_arrays(Path(fspath(given)))
