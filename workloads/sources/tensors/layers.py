"""All layers among tensors, and what is none."""

from collections.abc import Mapping
from typing import NamedTuple

from workloads.errors import refuse
from workloads.sources.loading import Found
from workloads.sources.tensors.derived import derive
from workloads.sources.tensors.normalisations import name_unused
from workloads.sources.tensors.recurrent import find_recurrent
from workloads.sources.tensors.tensor import Tensor
from workloads.sources.tensors.weights import find_weights
from workloads.yaml_files import LONGEST_SHOWN, shorten

EXPECTED = "NAME.weight of two to four dimensions, or PREFIX.weight_ih_l0 and its like, as PyTorch has them"


class TensorLayers(NamedTuple):
    """Layers in the order of their names, recurrent layers first, and what was left out, a sentence each."""

    layers: tuple[Found, ...]
    left_out: tuple[str, ...]


def find_layers(source: object, stem: str, tensors: Mapping[str, Tensor]) -> TensorLayers:
    """The layers among the tensors of `source`; one without a name is called `stem`.

    InputError where there is none: the reason why one was left out, if one was.
    """
    whole, misfits = derive(source, tensors)
    recurrent = find_recurrent(source, stem, whole)
    weights = find_weights(source, stem, {name: one for name, one in whole.items() if name not in recurrent.used})
    names = {one.name for one in recurrent.layers}
    layers = [*recurrent.layers, *(one for one in weights.layers if one.name not in names)]
    twice = [f"{one.name}: a recurrent layer has this name, too" for one in weights.layers if one.name in names]
    used = recurrent.used | weights.used
    if not layers:
        for error in (*recurrent.refused, *weights.refused):
            raise error
        held = shorten(", ".join(sorted(tensors)) or "nothing", 4 * LONGEST_SHOWN)
        refuse(source, f"it has {held}", EXPECTED)
    left_out = (*misfits, *recurrent.left_out, *weights.left_out, *twice, *name_unused(whole, used))
    return TensorLayers(tuple(layers), left_out)
