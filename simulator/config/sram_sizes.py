"""Sizes of memories that prices do not follow: a note for each, as published prices are of the published size."""

from collections.abc import Iterator, Mapping

from simulator.config.nodes import copies
from simulator.config.schema import ConfigFile

SIZES = ("_bytes", "_entries", "_registers", "_vectors", "_lines", "_width_bits")
"""Endings of the keys that are sizes of memories."""


def size_notes(
    file: ConfigFile, given: Mapping[str, float | str], changed: Mapping[str, object], others: Mapping[str, ConfigFile]
) -> Iterator[str]:
    """A note for each size that differs from the one that the prices are of.

    given: the architecture's numbers by key; changed: those that the user set; others: shipped files of the machine by
    name. A file's prices are of its own sizes, and those that it shares with a shipped file of that file's.
    """
    copied = next((others[one.file] for one in copies(file.technology, others) if others[one.file] is not file), None)
    for key in file.arch:
        if not key.endswith(SIZES) or follows(file, key):
            continue
        published = file.arch[key].value
        if key not in changed and copied is not None and key in copied.arch:
            published = copied.arch[key].value
        if given[key] != published:
            better = [name for name, other in others.items() if follows(other, key)]
            where = f"; those of {' and '.join(better)} do" if better else ""
            yield f"{key} is {given[key]}: energy and area are priced for {published} and do not follow it{where}"


def follows(file: ConfigFile, key: str) -> bool:
    """Whether a file's SRAM arrays are sized by a key of the architecture and looked up by their size."""
    for array in file.technology.srams.values():
        factors = (array.capacity, array.width, array.arrays)
        names = [name for one in factors for name in (one if isinstance(one, list) else [one])]
        if array.cell is not None and key in names:
            return True
    return any(price.by == key for price in file.technology.energy_pj.values())
