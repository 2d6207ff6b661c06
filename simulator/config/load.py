"""YAML -> checked named tuples. Every number of a configuration has its source beside it, or it is refused."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from operator import index
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from pydantic import ValidationError

from simulator.config.schema import ConfigFile
from simulator.core.registry import Accelerator, accelerators
from simulator.core.sourced import LEAST, MOST, SourcedAmount
from simulator.hardware.dram.presets import load_dram, presets
from simulator.hardware.dram.spec import Dram
from simulator.pricing.scaling.sets import check_reach
from simulator.pricing.schema import SourcedPricing, TechnologyFile
from simulator.pricing.technology import DATA_SHEET, FLAT, Technology, build_technology, check_names
from workloads.errors import InputError
from workloads.yaml_files import parse_yaml, read_text, shorten, validation_sentence

USER = "set by the user"
NO_MEMORY = "none"
"""For a machine's `dram`: time of memory is left out, or as simple as the machine's own numbers have it."""
PS_PER_US = 1_000_000
CHANGEABLE = ("clock_mhz", "node_nm", "dram_energy")
"""Keys of the technology that may be changed, besides all keys of the architecture.

`node_nm` asks for the results at that node too (see `Result.at_node`); the technology stays that of the file.
"""


class Config(NamedTuple):
    """A machine's configuration, ready to run."""

    machine: str
    name: str
    about: str
    arch: Any  # the machine's `Arch`
    told: dict[str, float | str]  # the same as it is written: memories by name
    technology: Technology
    changes: dict[str, float | str]  # what the user set
    notes: tuple[str, ...]  # what is worth knowing of its prices
    sources: dict[str, str]  # of the architecture's numbers, and of CHANGEABLE

    def tell_sources(self) -> dict[str, dict[str, Any]]:
        """Every number of the configuration with its source, as JSON can hold it.

        Keys are those of `arch`, CHANGEABLE, `static_mw.X`, `energy_pj.X` and `area_um2.X`. A price that
        depends on the architecture is told as it is for this one.
        """
        technology = self.technology
        plain = {**self.told, **{key: getattr(technology, key) for key in CHANGEABLE}}
        told: dict[str, dict[str, Any]] = {key: {"value": plain[key], "source": self.sources[key]} for key in plain}
        for key in ("static_mw", "area_um2"):
            for share in getattr(technology, key):
                told[f"{key}.{share.component}"] = {"value": share.value, "per": share.per, "source": share.source}
        for price in technology.energy_pj:
            told[f"energy_pj.{price.event}"] = {"value": price.pj, "per": price.component, "source": price.source}
        return told


def load_arch(name: str | PathLike[str], /, **changes: float | str) -> Config:
    """Load a configuration and change some of its numbers.

    name: a machine (its default configuration), a shipped configuration, or a .yaml file. changes: keys of `arch`,
    or CHANGEABLE. InputError names file, key, value, and what was expected.
    """
    source, text = _find(fspath(name))
    file = _parse(source, text)
    machines = accelerators()
    if file.machine not in machines:
        raise InputError(f"{source}: machine is {file.machine!r}; expected one of {', '.join(machines)}")
    part = machines[file.machine].part("arch")
    hints = _hints(part.Arch)
    memories = [key for key in part.Arch._fields if hints[key] == Dram | None]
    numbers = [key for key in part.Arch._fields if key not in memories]
    check_names(f"{source}: arch", file.arch, numbers, "key", "a number with its source")
    check_names(f"{source}: memory", file.memory, memories, "memory", "its name with a source")
    _check_changes(changes, (*part.Arch._fields, *CHANGEABLE))
    priced = _change_technology(file.technology, changes)
    told = {**{key: item.value for kind in (file.arch, file.memory) for key, item in kind.items()}, **changes}
    arch = _build_arch(source, part, told, changes, round(PS_PER_US / priced.clock_mhz.value))
    if priced.dram_energy.value == DATA_SHEET:
        _check_data_sheet(source, machines[file.machine], arch)
    technology, notes = build_technology(source, priced, part, arch)
    if "node_nm" in changes:
        check_reach(float(changes["node_nm"]), technology.energy_node_nm, technology.node_nm)
    told = {key: value if isinstance(value, int) else told[key] for key, value in arch._asdict().items()}
    name, sources = Path(source).stem, _sources(file, changes)
    return Config(file.machine, name, file.about, arch, told, technology, dict(changes), notes, sources)


@lru_cache(maxsize=64)
def _parse(source: str, text: str) -> ConfigFile:
    """The file's content; a sweep asks for the same one again and again."""
    try:
        return ConfigFile.model_validate(parse_yaml(source, text))
    except ValidationError as error:
        raise InputError(validation_sentence(source, ConfigFile, error)) from None


@cache
def _hints(arch: Any) -> dict[str, Any]:
    """What the fields of an architecture may be."""
    return get_type_hints(arch, include_extras=True)


@cache
def shipped() -> dict[str, str]:
    """The configurations that come with the simulator: name -> text."""
    found = [item for item in files("arch_configs").iterdir() if item.name.endswith(".yaml")]
    return {item.name.removesuffix(".yaml"): item.read_text("utf-8") for item in sorted(found, key=lambda i: i.name)}


def parse_changes(settings: list[str]) -> dict[str, float | str]:
    """`["pes=128", "clock_mhz=400.5", "dram=hbm2"]` -> numbers and names by key."""
    changes: dict[str, float | str] = {}
    for setting in settings:
        key, _, value = (part.strip() for part in setting.partition("="))
        where = f"--set {shorten(setting, 60)}"
        if not key or not value:
            raise InputError(f"{where}: it is no setting; expected KEY=VALUE")
        if key in changes:
            raise InputError(f"{where}: {key} is set twice; expected each key once")
        changes[key] = _value(value)
    return changes


def describe_changes(changes: Mapping[str, float | str]) -> str:
    """`pes = 128, dram = hbm2`."""
    shown = {key: value if isinstance(value, str) else f"{value:g}" for key, value in changes.items()}
    return ", ".join(f"{key} = {value}" for key, value in shown.items())


def _value(text: str) -> float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _find(name: str) -> tuple[str, str]:
    """Where a configuration stands, and its text."""
    if name.endswith(".yaml"):
        return name, read_text(Path(name), "a configuration in YAML")
    known, machines = shipped(), accelerators()
    if name in machines:
        name = machines[name].default
        if name.endswith(".yaml"):
            return name, read_text(Path(name), "the machine's default configuration")
    if name not in known:
        expected = f"a .yaml file, a machine ({', '.join(machines)}) or one of {', '.join(known)}"
        raise InputError(f"{name}: there is no such configuration; expected {expected}")
    return f"arch_configs/{name}.yaml", known[name]


def _sources(file: ConfigFile, changes: Mapping[str, float | str]) -> dict[str, str]:
    """Where each plain number and memory comes from: the file says so, or the user set it."""
    told = {**file.arch, **file.memory, **{key: getattr(file.technology, key) for key in CHANGEABLE}}
    return {key: USER if key in changes else number.source for key, number in told.items()}


def _check_changes(changes: Mapping[str, float | str], known: tuple[str, ...]) -> None:
    for key in changes:
        if key not in known:
            close = get_close_matches(key, known, 1) or known
            raise InputError(f"{shorten(key, 60)} is an unknown key ({USER}); expected {' or '.join(close)}")


def _build_arch(
    source: str, part: Any, told: Mapping[str, Any], changes: Mapping[str, float | str], core_ps: int
) -> Any:
    """The machine's named tuple of integers, each within the limits that it states, and together possible."""
    hints = _hints(part.Arch)
    values: dict[str, Any] = {}
    for key in part.Arch._fields:
        shown = shorten(str(told[key]), 60)
        where = f"{key} is {shown} ({USER})" if key in changes else f"{source}: arch.{key} is {shown}"
        if hints[key] == Dram | None:
            values[key] = _memory(where, told[key], core_ps)
        else:
            values[key] = _integer(where, told[key], hints[key].__metadata__[0])
    arch = part.Arch(**values)
    problem = part.problem(arch)
    if problem:
        raise InputError(f"{source}{' with changes' if changes else ''}: {problem}")
    return arch


def _check_data_sheet(source: str, machine: Accelerator, arch: Any) -> None:
    """Refuse data-sheet prices for a memory that is not simulated."""
    where = f"{source}: dram_energy is {DATA_SHEET}"
    if not machine.has("traffic"):
        raise InputError(f"{where}, but {machine.name} tells no requests to DRAM; expected {FLAT}")
    if arch.dram is None:
        raise InputError(f"{where}, but dram is {NO_MEMORY}; expected a memory ({', '.join(presets())}), or {FLAT}")


def _integer(where: str, value: Any, limits: Any) -> int:
    try:
        number = index(value)
    except TypeError:
        number = limits.ge - 1
    if not limits.ge <= number <= limits.le:
        expected = limits.ge if limits.ge == limits.le else f"an integer from {limits.ge} to {limits.le}"
        raise InputError(f"{where}; expected {expected}")
    return number


def _memory(where: str, name: Any, core_ps: int) -> Dram | None:
    """The memory of that name, seen from a core with that clock; None for `none`."""
    if name == NO_MEMORY:
        return None
    if name not in presets():
        raise InputError(f"{where}; expected one of {', '.join((*presets(), NO_MEMORY))}")
    return load_dram(name, core_ps)


def _change_technology(file: TechnologyFile, changes: Mapping[str, float | str]) -> TechnologyFile:
    """The file with the user's numbers and choice in place of its own."""
    update: dict[str, Any] = {}
    for key, form, convert in (("clock_mhz", SourcedAmount, float), ("dram_energy", SourcedPricing, str)):
        if key in changes:
            update[key] = _checked(key, changes[key], form, convert)
    if "node_nm" in changes:
        _checked("node_nm", changes["node_nm"], SourcedAmount, float)
    return file.model_copy(update=update)


def _checked(key: str, value: float | str, form: Any, convert: Callable[[Any], Any]) -> Any:
    """What the user set a key of the technology to."""
    try:
        return form.model_validate({"value": convert(value), "source": USER})
    except (ValidationError, OverflowError, TypeError, ValueError):
        expected = f"a number from {LEAST:g} to {MOST:g}" if form is SourcedAmount else f"{FLAT} or {DATA_SHEET}"
        raise InputError(f"{key} is {shorten(str(value), 60)} ({USER}); expected {expected}") from None
