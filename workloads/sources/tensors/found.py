"""What a search for layers among tensors gives."""

from typing import NamedTuple

from workloads.errors import InputError
from workloads.sources.loading import Found


class FoundTensors(NamedTuple):
    """Layers, and what was left out."""

    layers: list[Found]
    refused: list[InputError]  # why layers are left out
    left_out: list[str]  # the same as sentences of the source
    used: set[str]  # the names of the tensors of layers, and of those that are left out


def reason_of(source: object, error: InputError) -> str:
    """The sentence of an error without the name of the source."""
    return str(error).removeprefix(f"{source}: ")
