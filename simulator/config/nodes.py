"""The technology nodes of a file: what its prices are of, and that copied prices are not relabelled."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulator.config.schema import ConfigFile
from simulator.pricing.energy import DRAM
from simulator.pricing.schema import SourcedPrice, SourcedShare, TechnologyFile
from workloads.document_types import Document
from workloads.errors import refuse

OLD, OLD_PRICES = "node_nm", "energy_node_nm"
"""Keys that prices_nm and area_nm replaced: of everything, and of the prices where they were of another node."""


class Copied(NamedTuple):
    """A price or an area that a file has, number and source, as another one has it."""

    section: str
    entry: str
    file: str  # the other one's name
    node: float  # of the entry in the other file


def read_old_keys(source: str, content: Document) -> tuple[str, ...]:
    """Replace the old keys of the nodes in a file's `content` by the new ones; a note about it where there are any.

    InputError where a file has both.
    """
    technology = content.get("technology")
    if not isinstance(technology, dict):
        return ()
    old = [key for key in (OLD, OLD_PRICES) if key in technology]
    new = [key for key in ("prices_nm", "area_nm") if key in technology]
    if not old:
        return ()
    if new:
        refuse(
            f"{source}: technology.{old[0]}", f"it is given with {new[0]}", "prices_nm, and area_nm where it differs"
        )
    whole, prices = technology.pop(OLD, None), technology.pop(OLD_PRICES, None)
    technology["prices_nm"] = whole if prices is None else prices
    if prices is not None and whole is not None:
        technology["area_nm"] = whole
    meaning = "prices_nm (of the prices) and area_nm (of the areas)" if prices is not None else "prices_nm"
    return (f"{source}: technology.{' and '.join(old)} is read as {meaning}, which replaced it",)


def check_copies(source: str, file: ConfigFile, others: Mapping[str, ConfigFile]) -> None:
    """InputError where a price or an area is copied from a file whose node is another one.

    others: files of the same machine by name.
    """
    for copied in copies(file.technology, others):
        areas = copied.section == "area_um2"
        key, given = ("area_nm", file.technology.areas_of) if areas else ("prices_nm", file.technology.prices_nm)
        if given.value != copied.node:
            what = f"{copied.section}.{copied.entry} is that of {copied.file}, at {copied.node:g} nm"
            expected = f"{key} {copied.node:g}, or numbers of {given.value:g} nm, each with its source"
            refuse(f"{source}: technology", f"{key} is {given.value:g}, and {what}", expected)


def copies(technology: TechnologyFile, others: Mapping[str, ConfigFile]) -> Iterator[Copied]:
    """The prices and areas that another file has too, number and source; DRAM does not have the chip's node."""
    for name, other in others.items():
        for section in ("static_mw", "energy_pj", "area_um2"):
            node = other.technology.areas_of if section == "area_um2" else other.technology.prices_nm
            theirs: Mapping[str, SourcedPrice | SourcedShare] = getattr(other.technology, section)
            mine: Mapping[str, SourcedPrice | SourcedShare] = getattr(technology, section)
            for entry, item in mine.items():
                if entry in theirs and _is_copy(entry, item, theirs[entry]):
                    yield Copied(section, entry, name, node.value)


def _is_copy(entry: str, item: SourcedPrice | SourcedShare, other: SourcedPrice | SourcedShare) -> bool:
    table = item.table if isinstance(item, SourcedPrice) else None
    if (not item.value and table is None) or (item.component or entry).partition("_")[0] == DRAM:
        return False
    numbers = item.value, table, item.source
    return numbers == (other.value, other.table if isinstance(other, SourcedPrice) else None, other.source)
