"""Systems as YAML: chips, topology, link. Every number needs a source, or it is refused."""

from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from simulator.system.link import Link
from simulator.system.network import Network, check_network
from workloads.errors import InputError, refuse
from workloads.path_texts import path_text
from workloads.sourced import Sourced, SourcedAmount, SourcedEnergy, SourcedName
from workloads.yaml_files import Strict, Text, parse_yaml, read_text, shorten, validation_sentence

BYTES_PER_GB = 10**9
PS_PER_NS = 1000


class SourcedFlag(Strict):
    """Yes or no."""

    value: bool
    source: Text


class LinkFile(Strict):
    """A link: bandwidth in each direction (in both together where it is not full duplex) in GB/s, latency in ns."""

    gb_per_s: SourcedAmount
    latency_ns: SourcedAmount
    full_duplex: SourcedFlag
    pj_per_bit: SourcedEnergy


class SystemFile(Strict):
    """A system; reduce_gb_per_s: results that a chip makes when it adds what it received to what it has."""

    about: Text
    chips: Sourced
    topology: SourcedName
    reduce_gb_per_s: SourcedAmount
    link: LinkFile


class System(NamedTuple):
    """A system, ready to run schedules on its network."""

    name: str
    about: str
    network: Network
    sources: dict[str, str]  # of each number, by its key in the file


def load_system(name: str | PathLike[str]) -> System:
    """Load a shipped system or a .yaml file.

    >>> load_system("nvlink_switch_8").network.chips
    8

    InputError names file, key, value, and what was expected.
    """
    given = path_text("system", name, "a name or the path of a .yaml file")
    known = shipped_systems()
    if given.endswith(".yaml"):
        return parse_system(given, read_text(Path(given), "a system in YAML"))
    if given not in known:
        refuse(shorten(given, 60), "there is no such system", f"a .yaml file or one of {', '.join(known)}")
    return parse_system(f"arch_configs/systems/{given}.yaml", known[given])


def parse_system(source: str, text: str) -> System:
    """The system of a file's text. InputError names the wrong key of `source`."""
    try:
        file = SystemFile.model_validate(parse_yaml(source, text))
    except ValidationError as error:
        raise InputError(validation_sentence(source, SystemFile, error)) from None
    link = Link(
        round(file.link.gb_per_s.value * BYTES_PER_GB),
        round(file.link.latency_ns.value * PS_PER_NS),
        file.link.full_duplex.value,
        file.link.pj_per_bit.value,
    )
    reduce_rate = round(file.reduce_gb_per_s.value * BYTES_PER_GB)
    network = Network(file.topology.value, file.chips.value, link, reduce_rate)
    check_network(source, network)
    parts = [("", file, ("chips", "topology", "reduce_gb_per_s")), ("link.", file.link, tuple(LinkFile.model_fields))]
    sources = {f"{prefix}{key}": getattr(part, key).source for prefix, part, keys in parts for key in keys}
    return System(Path(source).stem, file.about, network, sources)


@cache
def shipped_systems() -> dict[str, str]:
    """The systems that come with the simulator: name -> text."""
    found = [item for item in files("arch_configs").joinpath("systems").iterdir() if item.name.endswith(".yaml")]
    return {item.name.removesuffix(".yaml"): item.read_text("utf-8") for item in sorted(found, key=lambda i: i.name)}
