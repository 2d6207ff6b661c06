"""Systems as YAML: chips, topology, link. Every number needs a source, or it is refused."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, ValidationError

from simulator.system.link import Link
from simulator.system.network import Network, check_network
from workloads.errors import InputError, refuse
from workloads.path_texts import path_text
from workloads.regular_files import is_file
from workloads.sourced import Sourced, SourcedAmount, SourcedEnergy, SourcedName
from workloads.sources import names_workload
from workloads.yaml_files import Strict, Text, parse_yaml, read_text, shorten, validation_sentence

BYTES_PER_GB = 10**9
NO_SETTINGS: Mapping[str, float | str] = MappingProxyType({})
USER = "set by the user"
PS_PER_NS = 1000
PS_PER_MS = 10**9
LONGEST_NAME = 60
"""Characters of a switch's name."""


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


def _node(value: object) -> str:
    """A chip's number or a switch's name as text; ValueError where it is neither."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_NAME:
        raise ValueError(f"a chip's number, or a switch's name of 1 to {LONGEST_NAME} characters")
    return value


Node = Annotated[str, BeforeValidator(_node)]


class TreeFile(Strict):
    """The parent of each chip (by its number) and of each switch but the root."""

    value: dict[Node, Node]
    source: Text


class StepTime(Strict):
    """How long a chip computes in a step of training, forward and backward, in ms."""

    value: Annotated[float, Field(ge=1e-6, le=1e9)]
    source: Text


class SystemFile(Strict):
    """A system; reduce_gb_per_s: results that a chip makes when it adds what it received to what it has.

    chip: the configuration of each chip's machine; weight_format: the number format of its weights.
    """

    about: Text
    chips: Sourced
    topology: SourcedName
    tree: TreeFile | None = None
    reduce_gb_per_s: SourcedAmount
    link: LinkFile
    chip: SourcedName | None = None
    weight_format: SourcedName | None = None
    train_step_ms: StepTime | None = None


class System(NamedTuple):
    """A system, ready to run schedules on its network."""

    name: str
    about: str
    network: Network
    sources: dict[str, str]  # of each number, by its key in the file
    chip: str | None = None  # the configuration of each chip's machine
    weight_format: str | None = None
    train_step_ps: int | None = None  # how long a chip computes in a step of training


def load_system(name: str | PathLike[str], settings: Mapping[str, float | str] = NO_SETTINGS) -> System:
    """Load a shipped system or a .yaml file; a name in this folder that is no file may be that of a shipped one.

    >>> load_system("nvlink_switch_8").network.chips
    8

    settings: other values, by key (`chips`, `link.gb_per_s`). InputError names file, key, value, and what was expected.
    """
    given = path_text("system", name, "a name or the path of a .yaml file")
    known = shipped_systems()
    if given.removesuffix(".yaml") in known and not is_file(given):
        given = given.removesuffix(".yaml")
    if given.endswith(".yaml"):
        return make_system(
            given, _change(given, parse_yaml(given, read_text(Path(given), "a system in YAML")), settings)
        )
    if given not in known:
        what = "it is a workload" if names_workload(given) else "there is no such system"
        refuse(shorten(given, 60), what, f"a .yaml file or one of {', '.join(known)}")
    source = f"arch_configs/systems/{given}.yaml"
    return make_system(source, _change(source, parse_yaml(source, known[given]), settings))


def _change(source: str, content: Mapping[str, Any], settings: Mapping[str, float | str]) -> Mapping[str, Any]:
    """The content with the user's values. InputError where a key cannot be set."""
    known = [key for key, field in SystemFile.model_fields.items() if key not in ("about", "link", "tree")]
    known += [f"link.{key}" for key in LinkFile.model_fields]
    changed = {key: dict(value) if isinstance(value, Mapping) else value for key, value in content.items()}
    for key, value in settings.items():
        if key not in known:
            refuse(source, f"{shorten(str(key), 60)} is an unknown key ({USER})", f"one of {', '.join(known)}")
        part, _, own = key.rpartition(".")
        place = changed.setdefault(part, {}) if part else changed
        if isinstance(place, dict):
            place[own] = {"value": _flag(value) if key == "link.full_duplex" else value, "source": USER}
    return changed


def _flag(value: float | str) -> float | str | bool:
    """A truth value where a text is one, as YAML has it; anything else as it is."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def parse_system(source: str, text: str) -> System:
    """The system of a file's text. InputError names the wrong key of `source`."""
    return make_system(source, parse_yaml(source, text))


def make_system(source: str, content: Mapping[str, Any]) -> System:
    """The system of a file's content. InputError names the wrong key of `source`."""
    try:
        file = SystemFile.model_validate(content)
    except ValidationError as error:
        raise InputError(validation_sentence(source, SystemFile, error)) from None
    link = Link(
        round(file.link.gb_per_s.value * BYTES_PER_GB),
        round(file.link.latency_ns.value * PS_PER_NS),
        file.link.full_duplex.value,
        file.link.pj_per_bit.value,
    )
    reduce_rate = round(file.reduce_gb_per_s.value * BYTES_PER_GB)
    tree = () if file.tree is None else tuple(file.tree.value.items())
    network = Network(file.topology.value, file.chips.value, link, reduce_rate, tree)
    check_network(source, network)
    numbers = [(key, getattr(file, key)) for key in SystemFile.model_fields if key not in ("about", "link")]
    numbers += [(f"link.{key}", getattr(file.link, key)) for key in LinkFile.model_fields]
    sources = {key: one.source for key, one in numbers if one is not None}
    chip, form = (None if one is None else one.value for one in (file.chip, file.weight_format))
    step = None if file.train_step_ms is None else round(file.train_step_ms.value * PS_PER_MS)
    return System(Path(source).stem, file.about, network, sources, chip, form, step)


@cache
def shipped_systems() -> dict[str, str]:
    """The systems that come with the simulator: name -> text."""
    found = [item for item in files("arch_configs").joinpath("systems").iterdir() if item.name.endswith(".yaml")]
    return {item.name.removesuffix(".yaml"): item.read_text("utf-8") for item in sorted(found, key=lambda i: i.name)}
