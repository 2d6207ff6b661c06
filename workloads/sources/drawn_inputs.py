"""Inputs that are drawn, as their source has none: after the options, else after the input of the compressed layer."""

from typing import Any

from workloads.compression.stored import KnownInput
from workloads.errors import InputError
from workloads.kinds.drawing import generator
from workloads.kinds.kind import AnyKind
from workloads.options import WorkloadOptions


def draw_missing(
    place: str, name: str, kind: AnyKind, layer: Any, options: WorkloadOptions, known: KnownInput | None
) -> tuple[Any, str]:
    """A layer in floating point with a drawn input, and a sentence: its sizes and its density, and whose they are.

    known: of the input with which the layer was compressed; options come first. InputError where sizes do not fit.
    """
    chosen = options if known is None else _after(options, known)
    if known is not None and chosen.input_shape != options.input_shape:
        kind.check_stated_input(f"{place}: {name}", known.shape)
    rng = generator(name, options.seed)
    try:
        ready, shape = kind.draw_input(layer, chosen, rng)
    except InputError as error:
        if chosen.input_shape == options.input_shape:
            raise
        raise InputError(f"{place}: the input that it states does not fit: {error}") from None
    share, ways = chosen.activation_density, "--activation-density"
    much = "all" if share in (None, 1) else f"{100 * share:.4g} %"
    taken = [
        what
        for what, key in (("size", "input_shape"), ("density", "activation_density"))
        if getattr(chosen, key) != getattr(options, key)
    ]
    after = f", with the {' and the '.join(taken)} of the input that it was compressed with" if taken else ""
    ways = f"{ways}, --input-shape" if known is not None else ways
    return ready, f"its input {shape} is drawn, {much} of it non-zero{after} ({ways})"


def _after(options: WorkloadOptions, known: KnownInput) -> WorkloadOptions:
    """The options with sizes and density of the known input where they state none; steps are sizes, too."""
    if options.activation_density is None:
        options = options._replace(activation_density=known.density)
    if options.input_shape is None and options.steps is None:
        options = options._replace(input_shape=known.shape)
    return options
