"""A compressed layer and where it comes from; a model: layers that are loaded when a machine asks for them."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from workloads.field_docs import describe_fields
from workloads.options import Formats, WorkloadOptions

if TYPE_CHECKING:
    import numpy as np

    from workloads.distance import NetworkDistance
    from workloads.division import Divide


OutputDistance = Callable[[Mapping[str, Mapping[str, "np.ndarray"]]], "NetworkDistance"]
"""Of weights and biases by layer, as `Kind.float_arrays` names them: how far they move the network's own output."""


@describe_fields(
    name="What results call it.",
    source="A zoo file or a path.",
    seed="Of what was drawn; None: nothing was.",
    layer="A `CompressedLayer` of one of the kinds.",
    kind="Its kind in the source: a machine may ask for a fully connected layer as a convolution.",
    notes="What its source leaves out of it or assumes, a sentence each.",
    among="How many layers its file has, where it was chosen of several; else 1.",
    only="Its own name, where it is the only layer that is read of a file with more in it; else none.",
    sample="Where the layer has shapes and no values: a smaller layer of its kind and format that has; else None.",
)
class Workload(NamedTuple):
    """A compressed layer and where it comes from."""

    name: str
    source: str
    seed: int | None
    layer: Any
    kind: str = ""
    notes: tuple[str, ...] = ()
    among: int = 1
    only: str = ""
    sample: Any = None

    @property
    def title(self) -> str:
        """Its name; of a layer that was chosen of several, with its file: `net.onnx, conv1 (1 of 3 layers)`.

        Of the only layer that is read of a file with more in it: `net.onnx, fc (1 of 1 layers read)`.
        """
        file = PurePath(self.source).name
        if self.only:
            return f"{file}, {self.only} (1 of 1 layers read)"
        if self.among == 1:
            return self.name
        return f"{file}, {self.name.removeprefix(f'{file}/')} (1 of {self.among} layers)"


@describe_fields(
    name="What results call it.",
    kind="Its kind; None: known when it is loaded.",
    load="Compresses it in the formats that a machine wants, by kind.",
    group="What layers of its sort are called, where a table shows a row for each sort; else none.",
    like="Layers of one model with this text in common are equal but for their names, and run once; else none.",
)
class Layer(NamedTuple):
    """A layer of a model: nothing of it is drawn, read or compressed before `load` is called."""

    name: str
    kind: str | None
    load: Callable[[Formats], Workload]
    group: str = ""
    like: str = ""

    def one_of(self, among: int, only: str = "") -> "Layer":
        """The same layer, chosen of `among` layers of its file; only: see `Workload`."""

        def load(formats: Formats) -> Workload:
            return self.load(formats)._replace(among=among, only=only)

        return self._replace(load=load)


@describe_fields(
    name="What results call it.",
    layers="In running order; a computed network makes one after the other, once.",
    network="Whether it is one; False: one layer, chosen or alone.",
    inputs='"drawn", "given", "given or drawn", "computed" (layer by layer), "captured" (by running it in floating '
    'point) or "captured from a drawn NAME".',
    left_out="What is in the source and not among the layers, a sentence each.",
    notes="Of the whole model, such as where its input comes from, a sentence each.",
    origin="What it was opened from, to open it with other options; None: it cannot be.",
    options="Those with which it was opened.",
    output_distance="How far other weights move its output; None: it cannot be run in floating point.",
    others="What else is in the file of a single layer that nothing was chosen of, a sentence each.",
    among="How many layers its source has, where some of them were chosen; else 1.",
    tokens="How many tokens of a language model one run of all layers gives; 0: it is none.",
    divide="Divides it over several chips; None: it cannot be divided.",
    matrix="Of a language model: how a user names one of its matrices, which machines without its kinds run.",
)
class Model(NamedTuple):
    """What every source opens to: layers in running order. A single layer is a model of one."""

    name: str
    layers: Iterable[Layer]
    network: bool
    inputs: str
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    origin: Any = None
    options: WorkloadOptions = WorkloadOptions()
    output_distance: "OutputDistance | None" = None
    others: tuple[str, ...] = ()
    among: int = 1
    tokens: float = 0
    matrix: str = ""
    divide: "Divide | None" = None
