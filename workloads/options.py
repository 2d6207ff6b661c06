"""How a workload is loaded: all that a user can choose, and what a machine wants its layers compressed to."""

from collections.abc import Mapping
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from workloads.document_types import Document, Fields
from workloads.errors import InputError

if TYPE_CHECKING:  # the command line's help needs no numpy
    import numpy as np

Input: TypeAlias = "str | PathLike[str] | np.ndarray | Mapping[str, np.ndarray] | None"
"""The input of a layer or a network: numbers, arrays by name, or an .npz file of them.

A layer's array has its name or is called `activation`; a network's have the names of its inputs, or of its layers.
"""
InputShape: TypeAlias = "str | tuple[int, ...] | Mapping[str, tuple[int, ...]] | None"
"""`1,3,224,224`, or by the names of a network's inputs: `x=1,3,224,224;state=2,1,64`."""
Formats = Mapping[str, Any]
"""What a machine wants layers compressed to: kind -> format, a named tuple of that kind; others get the default."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


class WorkloadOptions(NamedTuple):
    """The options of workloads. A kind of layer understands all of the first group, and of the second those it names.

    A number that is None leaves the choice to the recipe, the file or the kind.
    """

    seed: int = 0  # of all that is drawn
    scale: float = 1.0  # both sides of a matrix, or channels and plane of a convolution, times this; 0 < scale <= 1
    density: float | None = None  # share of the weights to keep, by magnitude
    layer: str | None = None  # which of several
    activation: Input = None  # instead of the source's own input
    sample: int = 0  # which input of a pretrained network
    computed: bool = False  # a network: each layer's input is the output of the layer before it
    recipe: Fields = NOTHING  # numbers of a recipe to draw with instead of the recipe's, by key or path
    activation_density: float | None = None  # share of non-zero values of an input that is drawn
    input_shape: InputShape = None  # of an input that is drawn, where its source leaves sizes open

    granularity: int = 0  # prune a convolution's weights (0), kernel rows (1), kernels (2) or filters (3)
    steps: int | None = None  # of a recurrent layer
    prune: str | None = None  # of a recurrent layer: balanced or plain
    stride: int | None = None  # of a convolution whose source has its weights only
    padding: int | None = None  # of zeros on each side, likewise

    formats: Formats = NOTHING

    def check(self) -> "WorkloadOptions":
        """These options; InputError where one is out of its range."""
        if not 0 < self.scale <= 1:
            raise InputError(f"scale is {self.scale}; expected a number above 0 and at most 1")
        for name in ("density", "activation_density"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise InputError(f"{name} is {share}; expected a number from 0 to 1")
        if self.seed < 0:
            raise InputError(f"seed is {self.seed}; expected 0 or more")
        if self.granularity not in range(4):
            expected = "0 (weights), 1 (rows), 2 (kernels) or 3 (filters)"
            raise InputError(f"granularity is {self.granularity}; expected {expected}")
        if self.prune not in (None, "balanced", "plain"):
            raise InputError(f"prune is {self.prune!r}; expected balanced or plain")
        return self

    def with_formats(self, formats: Formats) -> "WorkloadOptions":
        """These options, with a machine's formats in place of formats of the same kinds."""
        return self._replace(formats={**self.formats, **formats})

    def given(self) -> Document:
        """The options that differ from their defaults, by name; formats left out."""
        found = {name: value for name, value in self._asdict().items() if name != "formats"}
        return {name: value for name, value in found.items() if not _same(value, self._field_defaults[name])}


SPECIAL = ("granularity", "steps", "prune", "stride", "padding")
"""Options that only some kinds understand."""


def _same(value: object, default: object) -> bool:
    return value is None if default is None else bool(value == default)
