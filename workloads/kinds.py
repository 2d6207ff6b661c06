"""The kinds of layers, in the words that machines and tables use."""

from typing import Any, Literal, get_args

from workloads.convolution_recipe import ConvolutionRecipe
from workloads.layers import CompressedConvolution, CompressedFullyConnected
from workloads.lstm_layers import CompressedLstm
from workloads.lstm_recipe import LstmRecipe

Kind = Literal["convolution", "fully connected", "LSTM"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def kind_of(layer: Any) -> Kind:
    """The kind of a compressed layer."""
    return _OF[type(layer)]


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
