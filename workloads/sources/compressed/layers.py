"""Layers of compressed networks: which one, and with which input."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from workloads.compression.shared import SharedFullyConnected
from workloads.document_types import Fields
from workloads.errors import InputError, refuse
from workloads.kinds import find_kind
from workloads.kinds.fully_connected import FullyConnectedKind, check_input
from workloads.kinds.fully_connected.as_convolution import as_convolution
from workloads.kinds.fully_connected.compress import give_input
from workloads.kinds.fully_connected.format import FullyConnectedFormat
from workloads.options import Formats, WorkloadOptions
from workloads.sources.compressed.file import KEY, read_network
from workloads.sources.file_hash import file_hash
from workloads.sources.loading import read_input, refuse_changes
from workloads.sources.safetensors import read_metadata
from workloads.sources.source import Listed, Source, choose, refuse_layer
from workloads.sources.zoo.recipes import zoo_folder
from workloads.workload import Layer, Model, Workload

KIND = FullyConnectedKind.name


class CompressedSource(Source):
    """A network that `zeroskip compress` wrote."""

    name = "a compressed network"
    ending = ".safetensors"
    takes_layer = True

    def recognises(self, text: str) -> bool:
        """By its ending and its metadata."""
        path = Path(text)
        return text.endswith(self.ending) and path.is_file() and KEY in read_metadata(path)

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layer that is chosen, or the only one. InputError where it is no matrix, or has no input."""
        path = Path(text)
        network = read_network(path)
        place = choose(path, [one.name for one in network.layers], options.layer)
        chosen, shape = network.layers[place], network.shapes[place]
        if len(shape) != 2:
            raise InputError(f"{path}: {chosen.name} has a weight {list(shape)}; expected a fully connected layer")
        if options.activation is None:
            refuse(path, f"{chosen.name} has no input", "an input [inputs] (--input FILE.npz)")
        layer = _layer(text, f"{path.stem}-{chosen.name}", path, chosen, options)
        return Model(layer.name, [layer], False, "given")


class TrainedSource(Source):
    """The trained layers that come with the simulator, by name, each with its own input."""

    name = "a trained layer"

    def recognises(self, text: str) -> bool:
        """By its name."""
        return text in trained()

    def open(self, text: str, options: WorkloadOptions) -> Model:
        """The layer with its own input, or with another. InputError where an option does not fit."""
        refuse_layer(text, options.layer)
        file, stored = trained()[text]
        given = file.with_suffix(".npz") if options.activation is None else options.activation
        layer = _layer(text, text, file, stored, options._replace(activation=given))
        return Model(text, [layer], False, "given")

    def identity(self, text: str, options: Fields) -> object:  # noqa: ARG002
        """The layer's name and its files' content."""
        file, stored = trained()[text]
        return [text, stored.name, file_hash(file), file_hash(file.with_suffix(".npz"))]

    def listed(self) -> Iterator[Listed]:
        """The layers."""
        for name, (_, layer) in trained().items():
            sizes = str(layer.inputs), str(layer.outputs), f"{layer.density:.1%}"
            yield Listed("workloads", name, *sizes, "", "trained and compressed")


@cache
def trained() -> dict[str, tuple[Path, SharedFullyConnected]]:
    """The trained layers that come with the simulator: name -> compressed network and the layer in it.

    Next to each network NAME.safetensors is NAME.npz with an input for each layer.
    """
    found = {}
    for file in sorted(Path(str(zoo_folder())).glob("*.safetensors")):
        for layer in read_network(file).layers:
            found[f"{file.stem}-{layer.name}"] = file, layer
    return found


def _layer(text: str, name: str, path: Path, stored: SharedFullyConnected, options: WorkloadOptions) -> Layer:
    """A stored layer, called `name`, with the input that the options give."""
    refuse_changes(text, options)
    if options.given().keys() & {"density", "activation_density", "granularity", "scale"}:
        raise InputError(f"{text}: it is compressed already; expected neither density, granularity nor scale")
    find_kind(KIND).check_options(name, options)

    def load(formats: Formats) -> Workload:
        wanted: FullyConnectedFormat = options.with_formats(formats).formats.get(KIND, FullyConnectedFormat())
        source, array = read_input(options.activation, stored.name)
        layer = give_input(stored, check_input(source, stored.name, array, stored.inputs))
        return Workload(name, str(path), None, as_convolution(layer) if wanted.as_convolution else layer, KIND)

    return Layer(name, KIND, load)
