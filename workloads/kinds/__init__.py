"""The kinds of layers, in the words that machines and tables use."""

from typing import Any, Literal, get_args

import numpy as np

from workloads.kinds.convolution.layer import CompressedConvolution
from workloads.kinds.convolution.recipe import ConvolutionRecipe
from workloads.kinds.fully_connected.layer import CompressedFullyConnected
from workloads.kinds.lstm.layer import CompressedLstm
from workloads.kinds.lstm.recipe import LstmRecipe

Kind = Literal["convolution", "fully connected", "LSTM"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def kind_of(layer: Any) -> Kind:
    """The kind of a compressed layer."""
    return _OF[type(layer)]


def reference_output(layer: Any) -> np.ndarray:
    """What the output of a compressed layer must be, int16, as the reference kernel of its kind computes it."""
    if isinstance(layer, CompressedFullyConnected):
        from workloads.kinds.fully_connected.reference import reference as multiply

        return multiply(layer)
    if isinstance(layer, CompressedConvolution):
        from workloads.kinds.convolution.reference import reference as convolve

        return convolve(layer)
    from workloads.kinds.lstm.reference import reference as run

    return run(layer)


def kind_of_recipe(recipe: Any) -> Kind:
    """The kind of the layer that is drawn after a recipe."""
    if isinstance(recipe, ConvolutionRecipe):
        return "convolution"
    return "LSTM" if isinstance(recipe, LstmRecipe) else "fully connected"


_OF: dict[type, Kind] = {
    CompressedConvolution: "convolution",
    CompressedFullyConnected: "fully connected",
    CompressedLstm: "LSTM",
}
