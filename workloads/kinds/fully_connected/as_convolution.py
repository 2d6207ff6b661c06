"""A fully connected layer as a convolution whose kernel covers the whole input, for machines that know no other."""

import math

import numpy as np

from kernels_ref.fixed_point import round_shift, to_float
from workloads.compression.shared import CODEBOOK
from workloads.errors import refuse
from workloads.kinds.convolution.compress import compress_convolution
from workloads.kinds.convolution.layer import CompressedConvolution, Convolution
from workloads.kinds.fully_connected.layer import CompressedFullyConnected


def as_convolution(layer: CompressedFullyConnected, plane: tuple[int, int] = (1, 1)) -> CompressedConvolution:
    """The same weights and words with the inputs as channels of a plane, channel by channel, row by row.

    The output is the same to the last bit as long as no partial sum of the fully connected layer saturates (see
    `kernels_ref.fully_connected`); layers that `compress` gave their format do not. plane: height and width; InputError
    where their product does not divide the inputs. The bias, a column of levels there, becomes one number for each
    output. Weights with block scales become words of 16 bits, and sums get a format of their own.
    """
    size = math.prod(plane)
    if min(plane) < 1 or layer.inputs % size:
        refuse(layer.name, f"its {layer.inputs} inputs make no planes of {plane[0]} x {plane[1]}", "a divisor")
    shape = layer.inputs // size, *plane
    if layer.scales is not None:
        return _from_numbers(layer, shape)
    matrix = dense_words(layer)
    bias = None if layer.initial is None else layer.initial.astype(np.int32)
    if layer.has_bias:
        products = matrix[:, layer.inputs].astype(np.int32) * np.int32(layer.activation[-1])
        bias = round_shift(products, layer.shift).astype(np.int32)
    return CompressedConvolution(
        name=layer.name,
        weight=np.ascontiguousarray(matrix[:, : layer.inputs]).reshape(layer.outputs, *shape),
        bias=bias,
        activation=layer.activation[: layer.inputs].reshape(shape),
        relu=layer.relu,
        stride=(1, 1),
        padding=(0, 0, 0, 0),
        groups=1,
        weight_fraction_bits=layer.weight_fraction_bits,
        activation_fraction_bits=layer.activation_fraction_bits,
        shift=layer.shift,
        notes=(*layer.notes, _origin(layer)),
    )


def _origin(layer: CompressedFullyConnected) -> str:
    """What the weights were before they became words."""
    if layer.form == CODEBOOK:
        return f"its weights share {layer.codebook.size} levels, as on EIE, in words of 16 bits"
    return f"its weights are those of {layer.form} in words of 16 bits"


def _from_numbers(layer: CompressedFullyConnected, shape: tuple[int, ...]) -> CompressedConvolution:
    """The convolution of the numbers that the layer computes with; shape: channels, height and width."""
    bias = layer.biases()
    image = to_float(layer.activation[: layer.inputs], layer.activation_fraction_bits)
    given = Convolution(
        name=layer.name,
        weight=layer.weights()[:, : layer.inputs].astype(np.float32).reshape(layer.outputs, *shape),
        bias=None if bias is None else bias.astype(np.float32),
        activation=image.astype(np.float32).reshape(shape),
        relu=layer.relu,
        stride=(1, 1),
        padding=(0, 0, 0, 0),
        groups=1,
    )
    done = compress_convolution(given, activation_fraction_bits=layer.activation_fraction_bits)
    return done._replace(notes=(*layer.notes, _origin(layer)))


def dense_words(layer: CompressedFullyConnected) -> np.ndarray:
    """The weights with the bias' column, if there is one, as words: int16 [outputs, inputs + has_bias]."""
    start, row, code = layer.columns
    dense = np.zeros((layer.outputs, start.size - 1), np.int16)
    dense[row, np.repeat(np.arange(start.size - 1), np.diff(start))] = layer.codebook[code]
    return dense
