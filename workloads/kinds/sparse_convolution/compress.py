"""From a sparse convolution in floating point to 16-bit words and its pairs."""

import math

import numpy as np

from kernels_ref.fixed_point import WORD_BITS, to_fixed, to_float
from workloads.compression.masks import keep_largest
from workloads.errors import refuse
from workloads.kinds.sparse_convolution.layer import CompressedSparseConvolution, SparseConvolution
from workloads.kinds.sparse_convolution.rulebook import MOST_CELLS, Rulebook, make_rulebook, number_of
from workloads.number_formats.fixed_point import Fixed, quantise

MOST_INPUTS = 1 << 22
"""Products of an output, whose sum then is below 2**52."""
LARGEST_BIAS = 2.0**50
"""In steps of the products' format."""
MOST_FEATURES = 1 << 26
"""Of all voxels, and of all outputs: a detector's encoder has 20 millions."""
MOST_READ = 1 << 22
"""Features of sampled outputs that are read at once."""
SAMPLED = 256
"""Outputs whose sums decide the output's format, spread evenly; with fewer, all of them do."""
HEADROOM_BITS = 1
"""The largest of these sums stays this far below saturation."""


def compress_sparse(
    layer: SparseConvolution, density: float | None = None, activation_fraction_bits: int | None = None
) -> CompressedSparseConvolution:
    """Prune, choose the finest formats of 16 bits for weights and input, and one for the output.

    density: the share of weights to keep, by magnitude; None keeps every non-zero. activation_fraction_bits: the
    input's format where it is given, as that of another layer's output is. The output's format is that of the largest
    sum of `SAMPLED` outputs with a bit of headroom. InputError where there is no input, or parts do not fit each other.
    """
    check_layer(layer)
    assert layer.activation is not None
    kept = layer.weight if density is None else layer.weight * keep_largest(np.abs(layer.weight), density)
    weight = quantise(kept, WORD_BITS)
    if activation_fraction_bits is None:
        image = quantise(layer.activation, WORD_BITS)
    else:
        image = Fixed(to_fixed(layer.activation, activation_fraction_bits), WORD_BITS, activation_fraction_bits)
    book = make_rulebook(layer.places, layer.geometry) if layer.book is None else layer.book
    if not book.pairs:
        refuse(layer.name, "its kernel reaches no voxel", "a layer with an output")
    bias, cut = _fixed_bias(layer.bias, weight.fraction_bits + image.fraction_bits)
    check_features(layer.name, len(book.places), len(kept), "outputs")
    largest = _largest_sum(weight.word, image.word, bias, book)
    return CompressedSparseConvolution(
        name=layer.name,
        places=layer.places,
        geometry=layer.geometry,
        weight=weight.word,
        bias=bias,
        activation=image.word,
        relu=layer.relu,
        weight_fraction_bits=weight.fraction_bits,
        activation_fraction_bits=image.fraction_bits,
        shift=max(0, largest.bit_length() - (WORD_BITS - 1 - HEADROOM_BITS)),
        book=book,
        shares_map=layer.shares_map,
        notes=(*_lost("weights", kept, weight), *_lost("features", layer.activation, image), *cut),
    )


def _fixed_bias(bias: np.ndarray | None, bits: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """A bias, float32 [outputs], in the format of the products: int64 [outputs]; and a sentence where it is cut."""
    if bias is None:
        return None, ()
    scaled = np.floor(np.ldexp(bias.astype(np.float64), bits) + 0.5)
    beyond = int(np.count_nonzero(np.abs(scaled) > LARGEST_BIAS))
    notes = (f"{beyond} of {scaled.size} biases are cut, as they are far beyond all products",) if beyond else ()
    return np.clip(scaled, -LARGEST_BIAS, LARGEST_BIAS).astype(np.int64), notes


def check_features(name: str, places: int, each: int, what: str) -> None:
    """InputError where places with their features, inputs or outputs, are too large for memory."""
    if places * each > MOST_FEATURES:
        refuse(name, f"it has {places:,} places with {each:,} {what} each", f"at most {MOST_FEATURES:,} {what} in all")


def check_layer(layer: SparseConvolution) -> None:
    """InputError where the parts of a layer do not fit each other, or where it has no input or no output."""
    geometry, outputs, inputs = layer.geometry, len(layer.weight), layer.weight.shape[1]
    if layer.activation is None:
        refuse(layer.name, "it has no features", f"an input [voxels, {inputs}]")
    if layer.activation.shape != (len(layer.places), inputs):
        refuse(
            layer.name, f"its features have shape {list(layer.activation.shape)}", f"[{len(layer.places)}, {inputs}]"
        )
    if layer.weight.shape[2:] != geometry.kernel or (layer.bias is not None and layer.bias.shape != (outputs,)):
        refuse(layer.name, f"its weight has shape {list(layer.weight.shape)}", f"kernels {list(geometry.kernel)}")
    if math.prod(geometry.grid) > MOST_CELLS or math.prod(geometry.output_grid) > MOST_CELLS:
        refuse(layer.name, f"its grid is {list(geometry.grid)}", f"at most {MOST_CELLS:,} cells")
    if min(geometry.output_grid) < 1:
        refuse(layer.name, f"its grid is {list(geometry.grid)}", f"one that a kernel {list(geometry.kernel)} fits")
    if geometry.offsets * inputs > MOST_INPUTS:
        refuse(layer.name, f"an output has {geometry.offsets * inputs:,} products", f"at most {MOST_INPUTS:,}")
    if geometry.submanifold and not _stays(layer):
        found = f"a submanifold kernel {list(geometry.kernel)} has stride {list(geometry.stride)}"
        refuse(
            layer.name, f"{found} and padding {list(geometry.padding)}", "odd sides, stride 1, half a kernel of padding"
        )
    number = number_of(layer.places, geometry.grid)
    inside = ((layer.places >= 0) & (layer.places < geometry.grid)).all()
    if not inside or (np.diff(number) <= 0).any():
        refuse(layer.name, "its voxels are outside the grid or in no order", "places in ascending order, each once")


def _stays(layer: SparseConvolution) -> bool:
    """Whether outputs have the places of inputs."""
    geometry = layer.geometry
    halves = all(2 * edge + 1 == size for size, edge in zip(geometry.kernel, geometry.padding, strict=True))
    return halves and geometry.stride == (1, 1, 1)


def _largest_sum(weight: np.ndarray, image: np.ndarray, bias: np.ndarray | None, book: Rulebook) -> int:
    """The greatest magnitude of a sum among evenly spread outputs.

    weight: int16 [outputs, inputs, kx, ky, kz]; image: int16 [voxels, inputs]; bias: int64 [outputs].
    """
    sites = len(book.places)
    chosen = np.unique(np.linspace(0, max(0, sites - 1), min(sites, SAMPLED)).astype(np.int64))
    step = max(1, MOST_READ // ((book.first.size - 1) * weight.shape[1]))
    parts = (chosen[begin : begin + step] for begin in range(0, chosen.size, step))
    return max((_largest_of(part, weight, image, bias, book) for part in parts), default=0)


def _largest_of(
    chosen: np.ndarray, weight: np.ndarray, image: np.ndarray, bias: np.ndarray | None, book: Rulebook
) -> int:
    """The same of chosen outputs, int64 [chosen]; the other arrays as above."""
    row = np.full(len(book.places), -1, np.int64)
    row[chosen] = np.arange(chosen.size)
    offsets, inputs = book.first.size - 1, weight.shape[1]
    offset = np.repeat(np.arange(offsets), np.diff(book.first))
    to = row[book.target]
    kept = to >= 0
    read = np.zeros((chosen.size, offsets, inputs))
    read[to[kept], offset[kept]] = image[book.source[kept]]
    kernels = weight.reshape(len(weight), inputs, offsets).transpose(2, 1, 0).reshape(offsets * inputs, len(weight))
    sums = read.reshape(chosen.size, offsets * inputs) @ kernels.astype(np.float64) + (0 if bias is None else bias)
    return int(np.abs(sums).max(initial=0))


def _lost(what: str, values: np.ndarray, fixed: Fixed) -> tuple[str, ...]:
    """A sentence where numbers, float32 [any shape], that were not zero became zero."""
    active = int(np.count_nonzero(values))
    lost = active - int(np.count_nonzero(fixed.word))
    return (f"{lost} of {active} non-zero {what} are rounded to zero in {fixed.bits} bits",) if lost else ()


def from_compressed(layer: CompressedSparseConvolution) -> SparseConvolution:
    """The numbers that the words of a compressed layer mean."""
    bits = layer.weight_fraction_bits + layer.activation_fraction_bits
    return SparseConvolution(
        name=layer.name,
        places=layer.places,
        geometry=layer.geometry,
        weight=to_float(layer.weight, layer.weight_fraction_bits).astype(np.float32),
        bias=None if layer.bias is None else to_float(layer.bias, bits).astype(np.float32),
        activation=to_float(layer.activation, layer.activation_fraction_bits).astype(np.float32),
        relu=layer.relu,
        shares_map=layer.shares_map,
        book=layer.book,
    )
