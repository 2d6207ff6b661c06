"""Sources of workloads: the one table.

Another source is a file here and a line in `_ours`, or an entry point of the group `zeroskip.sources` in another
package.
"""

from difflib import get_close_matches
from functools import cache

from workloads.errors import InputError
from workloads.plugins import with_plugins
from workloads.sources.source import Source

ENTRY_POINTS = "zeroskip.sources"
SHARED_ENDING = ".yaml"
"""Of recipes, configurations and sweeps."""
NOT_READ = (".pt", ".pth", ".bin", ".ckpt", ".h5", ".hdf5", ".keras", ".tflite", ".pb", ".mlmodel", ".gguf")
"""Endings of other programs' networks: none of a name or of a source here."""
NEAREST = 8
"""How many known names are shown to who asks for an unknown one."""


@cache
def sources() -> tuple[Source, ...]:
    """All sources, in the order in which they are asked; those of other packages first."""
    every, ours = tuple(with_plugins(_ours(), ENTRY_POINTS, Source).values()), len(_ours())
    return every[ours:] + every[:ours]


def find_source(text: str) -> Source:
    """The first source that recognises a name or a file. InputError where none does."""
    for source in sources():
        if source.recognises(text):
            return source
    _refuse_other_files(text)
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
    for ending in dict.fromkeys(source.ending for source in sources() if source.takes_layer):
        file, found, name = text.rpartition(f"{ending}:")
        if found:
            return f"{file}{ending}", name if layer is None else layer
    return text, layer


def _ours() -> tuple[Source, ...]:
    from workloads.sources.compressed.layers import CompressedSource, TrainedSource
    from workloads.sources.matrix_files import MatrixMarketSource, SmtxSource
    from workloads.sources.named_arrays import NpzSource
    from workloads.sources.onnx.source import OnnxSource
    from workloads.sources.pretrained.source import PretrainedSource
    from workloads.sources.safetensors_source import SafetensorsSource
    from workloads.sources.zoo.network_source import ZooNetworkSource
    from workloads.sources.zoo.source import RecipeFileSource, ZooSource

    return (
        ZooNetworkSource(),
        ZooSource(),
        TrainedSource(),
        PretrainedSource(),
        NpzSource(),
        RecipeFileSource(),
        CompressedSource(),
        SafetensorsSource(),
        OnnxSource(),
        MatrixMarketSource(),
        SmtxSource(),
    )
