"""What a source of workloads is: something that recognises what a user typed, and opens it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from workloads.compression.stored import KnownInput, Rest
from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.kinds.kind import AnyRecipe, Matrix
from workloads.options import WorkloadOptions
from workloads.regular_files import is_file
from workloads.sources.file_hash import file_hash
from workloads.workload import Model, OutputDistance

if TYPE_CHECKING:
    import numpy as np


class LayerParts(NamedTuple):
    """A layer whose weights are some of the matrices, and what they do not hold of it."""

    name: str
    kind: str
    matrices: int  # how many
    rest: Rest
    input: KnownInput | None = None  # the one that its source has for it


class Matrices(NamedTuple):
    """The weights of a network as matrices to compress, and a sentence for each part that was left out."""

    name: str
    matrices: tuple[Matrix, ...]
    left_out: tuple[str, ...]
    layers: tuple[LayerParts, ...] = ()  # in the order of their matrices; (): each matrix is a layer
    notes: tuple[str, ...] = ()  # what is assumed of layers, or how they were made, a sentence each


class FloatNetwork(NamedTuple):
    """A network that runs in floating point, with the weights of its layers or with others."""

    output_distance: OutputDistance
    write: Callable[[Path, Mapping[str, Mapping[str, "np.ndarray"]]], None]  # the network with other weights, to a file
    layer_errors: Callable[[], Mapping[str, float | None]]  # how far imported layers are from the network's own tensors
    notes: tuple[str, ...] = ()  # where its input comes from, a sentence each
    inputs: Mapping[str, KnownInput] = MappingProxyType({})  # what enters its layers, by their names


class Listed(NamedTuple):
    """A workload that is known by name, as `zeroskip list` shows it."""

    section: str
    name: str
    inputs: str = ""
    outputs: str = ""
    weights: str = ""
    activations: str = ""
    about: str = ""


class Source:
    """A source of workloads. Whatever it cannot use it refuses in one sentence (InputError)."""

    name: ClassVar[str]
    ending: ClassVar[str] = ""  # of its files; "": it is known by names
    holds: ClassVar[str] = ""  # what its files may hold, where the name leaves that open
    takes_layer: ClassVar[bool] = False  # whether FILE:LAYER chooses one of several
    takes_sample: ClassVar[bool] = False  # whether it has inputs to choose from
    options: ClassVar[frozenset[str]] = frozenset()  # of OF_SOURCES options, those that it understands

    def recognises(self, text: str) -> bool:
        """Whether a name or a file is this source's: by its ending. Reads no more of a file than is needed to know."""
        return bool(self.ending) and text.endswith(self.ending)

    def files(self, text: str) -> tuple[Path, ...]:
        """The files that a text with this source's ending names; none where it has another one."""
        return (Path(text),) if self.ending and text.endswith(self.ending) else ()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The model. InputError where it is damaged, or where the options do not fit it.

        NotImplementedError in this base class.
        """
        raise NotImplementedError

    def matrices(self, text: str) -> Matrices:
        """The weights, for compression. InputError where there are none in floating point."""
        refuse(text, f"it is {self.name}", "a source of weights in floating point")

    def float_network(self, text: str, options: WorkloadOptions) -> FloatNetwork | None:
        """The network, to run it with other weights on the input that the options give; None: it cannot be run.

        InputError where it does not run on that input.
        """
        return None

    def identity(self, text: str, options: Fields) -> object:
        """All that decides the layers before options do, as JSON can hold it: recipes, or the file's name and hash.

        InputError where the file cannot be read.
        """
        return [Path(text).name, options.get("layer"), file_hash(Path(text))]

    def recipes(self, text: str, layer: str | None) -> Mapping[str, AnyRecipe]:
        """The recipes that layers are drawn after, by the layers' names; none where nothing is drawn."""
        return {}

    def layer_names(self, text: str, layer: str | None) -> tuple[str, ...] | None:
        """The layers of a network that runs whole, or the one chosen; None: it is a single layer."""
        return None

    def weights(self, text: str) -> float:
        """About how many weights there are: a guess of what it costs."""
        path = Path(text)
        return path.stat().st_size / 4 if is_file(path) else 1e6

    def listed(self) -> Iterator[Listed]:
        """What is known by name."""
        return iter(())


def refuse_layer(source: object, name: str | None) -> None:
    """Refuse the choice of a layer where there is only one, which is known by its own name (InputError)."""
    if name is not None:
        refuse(source, f"layer is {name!r}", "none, as it is one layer")


def choose(source: object, known: list[str], name: str | None) -> int:
    """The place of the layer called `name`, or of the only one. InputError where there is none."""
    if name is None and len(known) == 1:
        return 0
    if name not in known:
        chosen = "no layer is chosen" if name is None else f"layer is {name!r}"
        raise InputError(f"{source}: {chosen}; expected {source}:LAYER with one of {', '.join(known)}")
    return known.index(name)
