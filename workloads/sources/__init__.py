"""Sources of workloads: the one table.

Another source is a file here and a line in `OURS`, or an entry point of the group `zeroskip.sources` in another
package.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import NamedTuple

from workloads.errors import InputError
from workloads.plugins import has_plugins, with_plugins
from workloads.regular_files import is_file
from workloads.sources.source import Source

ENTRY_POINTS = "zeroskip.sources"
SHARED_ENDING = ".yaml"
"""Of recipes, configurations and sweeps."""
NOT_READ = (".pt", ".pth", ".bin", ".ckpt", ".h5", ".hdf5", ".keras", ".tflite", ".pb", ".mlmodel", ".gguf")
"""Endings of other programs' networks: none of a name or of a source here."""
NEAREST = 8
"""How many known names are shown to who asks for an unknown one."""


class Row(NamedTuple):
    """A source of ours: where it is defined, which costs time to import, and what is known of it without that."""

    place: str  # a module and a class
    ending: str = ""  # as `Source.ending`
    takes_layer: bool = False  # as `Source.takes_layer`


OURS = (
    Row("workloads.sources.zoo.network_source:ZooNetworkSource"),
    Row("workloads.sources.zoo.source:ZooSource"),
    Row("workloads.sources.compressed.layers:TrainedSource"),
    Row("workloads.sources.pretrained.source:PretrainedSource"),
    Row("workloads.sources.language.source:LanguageSource"),
    Row("workloads.sources.voxels.source:VoxelNetworkSource"),
    Row("workloads.sources.named_arrays:NpzSource", ".npz", True),
    Row("workloads.sources.language.source:LanguageFileSource", ".yaml", True),
    Row("workloads.sources.zoo.source:RecipeFileSource", ".yaml", True),
    Row("workloads.sources.compressed.layers:CompressedSource", ".safetensors", True),
    Row("workloads.sources.safetensors_source:SafetensorsSource", ".safetensors", True),
    Row("workloads.sources.onnx.source:OnnxSource", ".onnx", True),
    Row("workloads.sources.sparse_pair:SparsePairSource", ".mtx"),
    Row("workloads.sources.matrix_files:MatrixMarketSource", ".mtx"),
    Row("workloads.sources.matrix_files:SmtxSource", ".smtx"),
)
"""In the order in which they are asked, those of files before those of names."""


@cache
def sources() -> tuple[Source, ...]:
    """All sources; those of other packages first."""
    ours = tuple(_load(row) for row in OURS)
    every = tuple(with_plugins(ours, ENTRY_POINTS, Source).values())
    return every[len(ours) :] + ours


def find_source(text: str) -> Source:
    """The first source that recognises a name or a file. InputError where none does."""
    for source in _asked(text):
        if source.recognises(text):
            return source
    _refuse_other_files(text)
    _refuse_slash(text)
    endings = [source.ending for source in sources() if source.ending]
    names = [one.name for source in sources() for one in source.listed()]
    near = ", ".join(get_close_matches(text, names, NEAREST, 0))
    known = f"a file ({', '.join(dict.fromkeys(endings))}) or one of {near} and {len(names) - NEAREST} more (`list`)"
    raise InputError(f"{text}: there is no such workload; expected {known}")


def _refuse_other_files(text: str) -> None:
    """Refuse a network of another program by its ending, `:LAYER` apart (InputError)."""
    for ending in NOT_READ:
        if text.lower().endswith(ending) or f"{ending}:" in text.lower():
            ways = "the network exported to .onnx, or its tensors saved as .safetensors"
            raise InputError(f"{text}: a file that ends with {ending} is not read; expected {ways}")


def _refuse_slash(text: str) -> None:
    """Refuse FILE/LAYER, where FILE is one whose layers follow a colon (InputError)."""
    for ending in {row.ending for row in OURS if row.takes_layer}:
        file, found, layer = text.partition(f"{ending}/")
        if found and is_file(f"{file}{ending}"):
            raise InputError(f"{text}: it is a file and no folder; expected {file}{ending}:{layer}")


def names_workload(text: str) -> bool:
    """Whether a name is a workload's, or ends as the files of one do (.yaml apart); nothing is read."""
    file, _ = split_layer(text, None)
    if file.endswith(SHARED_ENDING):
        return False
    if any(source.ending and file.endswith(source.ending) for source in sources()):
        return True
    return any(one.name == file for source in sources() for one in source.listed())


def split_layer(text: str, layer: str | None) -> tuple[str, str | None]:
    """`FILE:LAYER` -> file and layer; a layer that is given apart is the one that counts."""
    endings = [row.ending for row in OURS if row.takes_layer]
    for ending in dict.fromkeys([*endings, *(one.ending for one in _others() if one.takes_layer)]):
        file, found, name = text.rpartition(f"{ending}:")
        if found:
            return f"{file}{ending}", name if layer is None else layer
    return text, layer


def _asked(text: str) -> Iterator[Source]:
    """Sources that may recognise a text, each imported when its turn comes: of other packages, of files, of names."""
    yield from _others()
    yield from (_load(row) for row in OURS if row.ending and text.endswith(row.ending))
    yield from (_load(row) for row in OURS if not row.ending)


@cache
def _others() -> tuple[Source, ...]:
    """The sources of other packages."""
    return sources()[: -len(OURS)] if has_plugins(ENTRY_POINTS) else ()


@cache
def _load(row: Row) -> Source:
    module, _, name = row.place.partition(":")
    found: Source = getattr(import_module(module), name)()
    return found
