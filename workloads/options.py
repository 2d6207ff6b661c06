"""How a workload is loaded: all that a user can choose, and what a machine wants its layers compressed to."""

from collections.abc import Mapping
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from workloads.document_types import Document, Fields
from workloads.field_docs import describe_fields

if TYPE_CHECKING:  # the command line's help needs no numpy
    import numpy as np

Input: TypeAlias = "str | PathLike[str] | np.ndarray | Mapping[str, np.ndarray] | None"
"""The input of a layer or a network: numbers (also as lists), arrays by name, or an .npz file of them.

A layer's array has its name or is called `activation`; a network's have the names of its inputs, or of its layers.
"""
InputShape: TypeAlias = "str | tuple[int, ...] | Mapping[str, tuple[int, ...]] | None"
"""`1,3,224,224`, or by the names of a network's inputs, of layers where each draws its own: `a=3,32,32;b=64`."""
Formats = Mapping[str, Any]
"""What a machine wants layers compressed to: kind -> format, a named tuple of that kind; others get the default."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@describe_fields(
    seed="Seed of all that is drawn.",
    scale="Both sides of a matrix, or channels and plane of a convolution, times this; 0 < scale <= 1.",
    density="Share of the weights to keep, by magnitude.",
    layer="Which of several layers.",
    activation="The input, instead of the source's own input.",
    sample="Which input of a pretrained network.",
    computed="A network: each layer's input is the output of the layer before it.",
    recipe="Numbers of a recipe to draw with instead of the recipe's, by key or path.",
    activation_density="Share of non-zero values of an input that is drawn.",
    input_shape="Shape of an input that is drawn, where its source leaves sizes open.",
    granularity="Prune a convolution's weights (0), kernel rows (1), kernels (2), filters (3) or 16 outputs (4).",
    steps="Time steps of a recurrent layer.",
    prune="How a recurrent layer is pruned: balanced or plain.",
    stride="Stride of a convolution whose source has its weights only.",
    padding="Zeros on each side of the plane, likewise.",
    tokens="Vectors of a drawn input: a fully connected layer becomes a matrix product.",
    step="Of a language model: decode (the next tokens) or prefill (a whole prompt).",
    batch="Of a language model: sequences that run together.",
    context="Of a language model: tokens of each sequence, those of the step included, or of the prompt.",
    drafts="Of a language model: tokens that are drafted for each sequence and verified in one step.",
    lora="Of a language model: rank of a side path in 16 bits next to each projection; 0: there is none.",
    formats="What layers are compressed to, by kind: `machine.formats(arch)`.",
)
class WorkloadOptions(NamedTuple):
    """The options of workloads. A kind of layer understands all of the first group, and of the second those it names.

    The third group is understood by some sources, see `Source.options`.

    A number that is None leaves the choice to the recipe, the file or the kind.
    """

    seed: int = 0
    scale: float = 1.0
    density: float | None = None
    layer: str | None = None
    activation: Input = None
    sample: int = 0
    computed: bool = False
    recipe: Fields = NOTHING
    activation_density: float | None = None
    input_shape: InputShape = None

    granularity: int = 0
    steps: int | None = None
    prune: str | None = None
    stride: int | None = None
    padding: int | None = None
    tokens: int | None = None

    step: str | None = None
    batch: int | None = None
    context: int | None = None
    drafts: int = 0
    lora: int = 0

    formats: Formats = NOTHING

    def check(self) -> "WorkloadOptions":
        """These options, whole numbers as int and arrays as numpy's; InputError where one is of a wrong type or range.

        See `workloads.option_checks`.
        """
        from workloads.option_checks import check_options

        return check_options(self)

    def with_formats(self, formats: Formats) -> "WorkloadOptions":
        """These options, with a machine's formats in place of formats of the same kinds."""
        return self._replace(formats={**self.formats, **formats})

    def given(self) -> Document:
        """The options that differ from their defaults, by name; formats left out."""
        found = {name: value for name, value in self._asdict().items() if name != "formats"}
        return {name: value for name, value in found.items() if not _same(value, self._field_defaults[name])}


SPECIAL = ("granularity", "steps", "prune", "stride", "padding", "tokens")
"""Options that only some kinds understand."""
OF_SOURCES = ("step", "batch", "context", "drafts", "lora")
"""Options that only some sources understand."""


def _same(value: object, default: object) -> bool:
    return value is None if default is None else bool(value == default)
